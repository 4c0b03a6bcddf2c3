// Which positive numbers solve a polynomial? Between two neighboring roots lies one of a derivative that
// has a change of sign less (Descartes), so they are found from the inside out.

const SMALLEST = 2.2250738585072014e-308;

function positiveRoots(coefficients) {
  const used = [...coefficients.entries()].filter(([, value]) => value !== 0);
  const changes = used.slice(1).flatMap(([, value], k) => (value < 0 !== used[k][1] < 0 ? [used[k][0]] : []));
  if (!changes.length) return [];
  const middle = changes[Math.floor(changes.length / 2)] + 0.5;
  const turning = positiveRoots(coefficients.map((value, degree) => (degree - middle) * value));
  const values = used.map(([, value]) => value);
  const edges = [belowAll(values), ...turning, 1 / belowAll([...values].reverse())];
  const found = edges.slice(1).map((high, k) => rootBetween(coefficients, edges[k], high));
  return [...new Set(found.filter((root) => root !== null))].sort((one, other) => one - other);
}

// A number below every positive root (Cauchy's bound).
function belowAll(values) {
  const lowest = Math.abs(values[0]);
  const largest = values.reduce((most, value) => greatest(most, Math.abs(value)), 0);
  return greatest(lowest / (lowest + largest) / 2, SMALLEST);
}

// The root between two numbers by halving, if the signs differ there.
function rootBetween(coefficients, low, high) {
  const start = valueAt(coefficients, low);
  const end = valueAt(coefficients, high);
  if (start === 0 || end === 0) return start === 0 ? low : high;
  if (start < 0 === end < 0) return null;
  let middle = (low + high) / 2;
  while (low < middle && middle < high) {
    if (valueAt(coefficients, middle) < 0 === start < 0) low = middle;
    else high = middle;
    middle = (low + high) / 2;
  }
  return middle;
}

// The polynomial at one place; from the end where the powers shrink, so that it never overflows.
function valueAt(coefficients, x) {
  if (x <= 1) return coefficients.reduceRight((total, value) => total * x + value, 0);
  return coefficients.reduce((total, value) => total / x + value, 0);
}
