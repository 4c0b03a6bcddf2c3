// What do Excel's words mean that the formulas are written in?

const NEVER = Infinity;
const UNDEFINED = NaN;

// An error as a cell shows it; thrown, it is the result.
class CellError {
  constructor(code) {
    this.code = code;
  }

  toString() {
    return this.code;
  }
}

function divided(one, other) {
  return other === 0 ? UNDEFINED : one / other;
}

function least(one, other) {
  return one < other ? one : other;
}

function greatest(one, other) {
  return one > other ? one : other;
}

// The remainder has the sign of the divisor.
function modulo(one, other) {
  const rest = one % other;
  return rest !== 0 && rest < 0 !== other < 0 ? rest + other : rest;
}

function power(base, exponent) {
  const result = base ** exponent;
  if (!Number.isFinite(result) && Number.isFinite(base) && Number.isFinite(exponent)) throw new CellError("#NUM!");
  return result;
}
