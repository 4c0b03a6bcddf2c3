// What crosses a cell boundary? Numbers, booleans, texts, dates, null for a blank, a CellError for an error,
// an array of rows for a range.

const NUMERIC_TEXT = /^[ \t\n\r\f\v]*([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)[ \t\n\r\f\v]*(%?)[ \t\n\r\f\v]*$/i;

// What a cell shows for a function of cells: a value, or rows for a range or a table.
function call(name, given) {
  const entry = CATALOG[name];
  const cells = Array.from(given).slice(0, entry.takes.length).map(single);
  const wantsRanges = entry.takes.some((taken) => QUANTITIES[taken].kind === "range");
  return cells.some(Array.isArray) && !wantsRanges ? spread(entry, cells) : one(entry, cells);
}

// A range of one cell is that cell.
function single(cell) {
  return Array.isArray(cell) && cell.length === 1 && cell[0].length === 1 ? cell[0][0] : cell;
}

// Types first, then bounds, then the formula.
function one(entry, cells) {
  try {
    const values = entry.takes.map((name, k) => toArgument(name, cells[k] ?? null, entry.defaults));
    values.forEach((value, k) => value !== entry.defaults[entry.takes[k]] && within(entry.takes[k], value));
    return shown(entry, entry.formula(...values));
  } catch (error) {
    if (error instanceof CellError) return error;
    throw error;
  }
}

function toArgument(name, cell, defaults) {
  if (cell === null && name in defaults) return defaults[name];
  const { kind } = QUANTITIES[name];
  if (kind === "range") return toRange(cell);
  return kind === "text" ? toText(cell) : toNumber(cell);
}

function toRange(cells) {
  const rows = Array.isArray(cells) ? cells : [[cells]];
  return rows.map((row) => row.map((cell) => (cell === null || typeof cell === "string" ? cell : toNumber(cell))));
}

function toText(cell) {
  if (cell instanceof CellError) throw cell;
  return cell;
}

// A cell as Excel's arithmetic takes it: blank 0, TRUE 1, a date its serial, "12" 12.
function toNumber(cell) {
  if (typeof cell === "number") return cell;
  if (cell === null || typeof cell === "boolean") return Number(cell);
  if (cell instanceof CellError) throw cell;
  if (Object.prototype.toString.call(cell) === "[object Date]") return serial(cell);
  const match = typeof cell === "string" ? NUMERIC_TEXT.exec(cell) : null;
  if (match === null) throw new CellError("#VALUE!");
  return Number(match[1]) / (match[2] ? 100 : 1);
}

// Days since 1899-12-30 of a date, by the clock on the wall.
function serial(date) {
  const day = Date.UTC(date.getFullYear(), date.getMonth(), date.getDate());
  const time = Date.UTC(1970, 0, 1, date.getHours(), date.getMinutes(), date.getSeconds(), date.getMilliseconds());
  return (day + time - Date.UTC(1899, 11, 30)) / 86400000;
}

// A number within the bounds of its quantity.
function within(name, value) {
  const { kind, low, high } = QUANTITIES[name];
  if (kind === "number" && !(low <= value && value <= high)) throw new CellError("#NUM!");
  return value;
}

function shown(entry, result) {
  if (Array.isArray(result)) return result.map((row) => row.map((value) => shown(entry, value)));
  if (typeof result !== "number" || Number.isFinite(result)) return result;
  return new CellError(Number.isNaN(result) ? entry.undefined : entry.infinite);
}

// Element by element over ranges, as dynamic arrays do; a cell that no range reaches is #N/A.
function spread(entry, cells) {
  if (entry.table) return [[new CellError("#VALUE!")]];
  const ranges = cells.map((cell) => (Array.isArray(cell) ? cell : [[cell]]));
  const height = Math.max(...ranges.map((rows) => rows.length));
  const width = Math.max(...ranges.map((rows) => rows[0].length));
  return Array.from({ length: height }, (_, row) =>
    Array.from({ length: width }, (_, column) => one(entry, ranges.map((rows) => element(rows, row, column)))),
  );
}

function element(rows, row, column) {
  const line = rows[rows.length === 1 ? 0 : row];
  const cell = line && line[line.length === 1 ? 0 : column];
  return cell === undefined ? new CellError("#N/A") : cell;
}

function labelOf(name) {
  return QUANTITIES[name].label;
}

// A function of those inputs that it takes.
function applied(name, inputs) {
  const { formula, takes } = CATALOG[name];
  return formula(...takes.map((taken) => inputs[taken]));
}

// A function of the monthly model as one of its inputs, in their order.
function byMonth(measure) {
  return (...values) => measure(Object.fromEntries(values.map((value, k) => [MODEL_INPUTS[k], value])));
}
