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

// The newest price of our own table; the longest name that fits wins.
function ownPrice(name, kind, day) {
  const names = [name, name.replace(/^openai[/]/, "")];
  const isMeant = (model) => names.some((one) => isNamed(one, model));
  const fits = PRICES.filter(([model, of, , since]) => of === kind && isMeant(model) && beginsBy(since, day));
  const rank = ([model, , , since]) => String(model.length).padStart(6, "0") + (since ?? "");
  return fits.reduce((best, row) => (best === undefined || rank(row) > rank(best) ? row : best), undefined)?.[2];
}

// A price of the public book: by the whole name, else by the longest beginning that it knows.
function bookPrice(name, kind, day) {
  const begins = [...BEGINNINGS.keys()].filter((start) => name.startsWith(start));
  const longest = begins.reduce((best, start) => (start.length > best.length ? start : best), "");
  const rows = NAMES.get(name) ?? BEGINNINGS.get(longest) ?? [];
  const row = rows.find(([since]) => beginsBy(since, day));
  return row && row[1][kind];
}
