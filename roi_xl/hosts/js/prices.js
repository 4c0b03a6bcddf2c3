// What does a model cost by the book that is carried here?

const DAY_ZERO = Date.UTC(1899, 11, 30);
const DAY = 86400000;

function modelPrice(model, kind, date) {
  const day = date === null ? null : new Date(DAY_ZERO + Math.floor(date) * DAY).toISOString().slice(0, 10);
  return priceOf(String(model).trim().toLowerCase(), oneOf(PRICE_KINDS, kind), day);
}

function priceOf(name, kind, day) {
  const found = ownPrice(name, kind, day) ?? bookPrice(name, kind, day);
  if (found !== undefined) return found;
  if (kind !== "cached") throw new CellError("#N/A");
  return priceOf(name, "input", day);
}

function beginsBy(since, day) {
  return since === null || day === null || since <= day;
}

function isNamed(name, pattern) {
  return pattern.endsWith("*") ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
}

// A price of our own table, whose longest names, and newest prices, come first.
function ownPrice(name, kind, day) {
  const fits = ([model, of, , since]) => of === kind && isNamed(name, model) && beginsBy(since, day);
  return PRICES.find(fits)?.[2];
}

// A price of the public book: by the whole name, else by the first beginning that fits; the longest come first.
function bookPrice(name, kind, day) {
  const beginning = [...BEGINNINGS.keys()].find((start) => name.startsWith(start));
  const rows = NAMES.get(name) ?? BEGINNINGS.get(beginning) ?? [];
  return rows.find(([since]) => beginsBy(since, day))?.[1][kind];
}
