// What is on the page, and what does it come to?

const TOO_LARGE = "These inputs come to numbers that are too large.";
const A_MILLION = 1e6;
const MINUS = "\u2212";
const NUMBER = /^[+-]?(?:\d{1,3}(?:,\d{3})+|\d*)(?:\.\d*)?(?:e[+-]?\d+)?$/i;
const fields = Object.fromEntries(roiXl.MODEL_INPUTS.map((name) => [name, document.getElementById(name)]));
const isPercent = (field) => field.dataset.percent === "true";
const isMoney = (field) => field.labels[0].querySelector("[data-unit]").dataset.unit.includes("{currency}");
const isBlank = (name) => !fields[name].value.trim();

// A number as people write it, with as many decimals as it has.
function entered(name, value) {
  const scaled = isPercent(fields[name]) ? Number((value * 100).toPrecision(15)) : value;
  return scaled.toLocaleString("en-US", { maximumFractionDigits: 15, maximumSignificantDigits: 15 });
}

// What a field holds without what people put around a number; in parentheses, it is negative.
function bareText(name) {
  const text = fields[name].value.replace(/[\s_]/g, "").replace(MINUS, "-");
  const unit = isPercent(fields[name]) ? text.replace(/%(?=\)?$)/, "") : isMoney(fields[name]) ? withoutCurrency(text) : text;
  return unit.replace(/^\((.*)\)$/, "-$1");
}

// An amount without its currency, before it or after it: a sign such as $ or US$, or the letters of the field.
function withoutCurrency(text) {
  const own = /^\p{L}+$/u.test(currencyTyped()) ? `|${currencyTyped()}` : "";
  const signs = `(?:\\p{L}{0,3}\\p{Sc}${own})`;
  return text.replace(new RegExp(`^([-(]*)${signs}`, "iu"), "$1").replace(new RegExp(`${signs}(\\)?)$`, "iu"), "$1");
}

function currencyTyped() {
  return document.getElementById("currency").value.trim() || CURRENCY;
}

// What a field holds, as a fraction where it shows a percentage; NaN if it is no number. A blank option is as usual.
function fieldValue(name) {
  const text = bareText(name);
  if (isBlank(name) && OPTION_NAMES.includes(name)) return DEFAULTS[name];
  if (!/\d/.test(text) || !NUMBER.test(text)) return NaN;
  const value = Number(text.replace(/,/g, ""));
  return isPercent(fields[name]) ? value / 100 : value;
}

// What is wrong with a field, or nothing.
function problemOf(name, value) {
  const { label } = roiXl.QUANTITIES[name];
  const example = DEFAULTS[name] ? `, such as ${fields[name].defaultValue}` : "";
  if (Number.isNaN(value)) return `${label}${isBlank(name) ? " is blank: it" : ""} must be a number${example}.`;
  const { low, high } = name === "months" ? { low: 0, high: LONGEST_HORIZON } : roiXl.QUANTITIES[name];
  if (value < low) return `${label} must be at least ${entered(name, low)}${isPercent(fields[name]) ? " %" : ""}.`;
  if (value > high) return `${label} must be at most ${entered(name, high)}${isPercent(fields[name]) ? " %" : ""}.`;
  return "";
}

function showProblem(name, problem) {
  const place = document.getElementById(`${name}-problem`);
  if (place.textContent !== problem) place.textContent = problem;
  place.hidden = !problem;
  fields[name].setAttribute("aria-invalid", String(Boolean(problem)));
}

// Whether every month is like every other, and money has no price, so that the closed forms hold.
function everyMonthAlike(inputs) {
  const lost = (inputs.baseline_success_rate - inputs.fine_tuned_success_rate) * inputs.failure_cost;
  const changes = [
    inputs.discount_rate,
    inputs.request_growth,
    inputs.baseline_price_change,
    inputs.fine_tuned_price_change,
    inputs.monthly_hosting,
    inputs.retraining_cost * (inputs.retraining_interval + inputs.fine_tuned_life),
    inputs.migration_cost * inputs.baseline_life,
    lost,
  ];
  return changes.every((change) => change === 0) && inputs.traffic_share === 1 && inputs.ramp_months <= 1;
}

// The result in one sentence, from the cash flow.
function decisionOf(inputs, npv, payback) {
  if (everyMonthAlike(inputs)) return resultOf("ROI_VERDICT", inputs);
  const said = (text) =>
    text.replace("{npv}", written(npv, 2)).replace("{payback}", typeof payback === "number" ? written(payback, 1) : "");
  if (npv >= HALF_A_CENT) return said(SENTENCES.worth);
  if (npv > -HALF_A_CENT) return SENTENCES.even;
  return said(typeof payback === "number" ? SENTENCES.too_late : SENTENCES.not_recovered);
}

function resultOf(name, inputs) {
  return roiXl.call(name, roiXl.CATALOG[name].takes.map((taken) => inputs[taken]));
}

function written(value, decimals, percent = false, digits = 0) {
  const style = percent ? "percent" : "decimal";
  const most = decimals + digits;
  return value.toLocaleString("en-US", { style, minimumFractionDigits: decimals, maximumFractionDigits: most });
}

// A result as the page shows it.
function shownResult(value, { decimals, digits, percent, most }) {
  if (value instanceof roiXl.CellError) return WORDS[value.code] ?? value.code;
  if (typeof value !== "number") return value;
  const isPercentage = percent === "true";
  if (most && value > Number(most)) return `>${written(Number(most), 0, isPercentage)}`;
  return written(value, Number(decimals), isPercentage, Number(digits)).replace("-", MINUS);
}

// Every result by its name: those that a cell can call, and those of the whole cash flow.
function resultsOf(inputs, rows) {
  const together = rows.map((row) => row.cumulative);
  const lowest = Math.min(0, ...together);
  const benefit = together[together.length - 1];
  const results = {
    peak_funding: -lowest,
    peak_month: together.indexOf(Math.min(...together)),
    ledger_benefit: benefit,
  };
  for (const name of Object.keys(roiXl.CATALOG)) {
    if (roiXl.CATALOG[name].takes.every((taken) => taken in inputs)) results[name] = resultOf(name, inputs);
  }
  return results;
}

// In a tile, cents of millions are left out.
function showResults(results) {
  for (const place of document.querySelectorAll("[data-result]")) {
    const value = results ? results[place.dataset.result] : "\u2013";
    const isLarge = place.closest("dd") && Math.abs(value) >= A_MILLION;
    place.textContent = shownResult(value, isLarge ? { ...place.dataset, decimals: 0 } : place.dataset);
    place.style.setProperty("--characters", place.textContent.length);
    place.closest("dd, tr").classList.toggle("no-number", typeof value !== "number");
  }
}

// Round steps that cover a distance in at most so many.
function stepOf(distance, most) {
  const rough = distance / most || 1;
  const unit = 10 ** Math.floor(Math.log10(rough));
  return [1, 2, 5, 10].map((factor) => factor * unit).find((step) => step >= rough * (1 - 1e-9));
}

function ticks(low, high, most) {
  const step = stepOf(high - low, most);
  const first = Math.floor(low / step + 1e-9);
  const last = Math.ceil(high / step - 1e-9);
  return Array.from({ length: last - first + 1 }, (_, k) => (first + k) * step);
}

const WIDE = { width: 720, height: 300, left: 64, right: 16, top: 16, bottom: 40 };
const NARROW = { ...WIDE, width: 400 };
const narrow = window.matchMedia("(max-width: 40rem)");

// The cumulative cash flow as a picture; in words in its description, in numbers in the table of months.
function chartOf(rows, payback, discounted) {
  const size = narrow.matches ? NARROW : WIDE;
  const series = [["cumulative", ""], ...(discounted ? [["cumulative_discounted", " second"]] : [])];
  const values = series.flatMap(([name]) => rows.map((row) => row[name]));
  const months = rows[rows.length - 1].month || 1;
  const levels = ticks(Math.min(0, ...values), Math.max(0, ...values), 6);
  const [low, high] = [levels[0], levels[levels.length - 1] || 1];
  const x = (month) => size.left + (month / months) * (size.width - size.left - size.right);
  const y = (value) => size.top + ((high - value) / (high - low)) * (size.height - size.top - size.bottom);
  const across = (kind, value) =>
    `<line class="${kind}" x1="${size.left}" x2="${size.width - size.right}" y1="${y(value)}" y2="${y(value)}"/>`;
  const compact = { notation: "compact", maximumFractionDigits: 2 };
  const grid = levels.map((level) => {
    const text = level.toLocaleString("en-US", compact).replace("-", MINUS);
    return `${across("grid", level)}<text x="${size.left - 8}" y="${y(level) + 4}" text-anchor="end">${text}</text>`;
  });
  const places = ticks(0, months, size === NARROW ? 7 : 13).filter((month) => month <= months && Number.isInteger(month));
  const below = places.map((month) => `<text x="${x(month)}" y="${size.height - 20}" text-anchor="middle">${month}</text>`);
  const curves = series.map(([name, kind]) => {
    const points = rows.map((row) => `${x(row.month).toFixed(2)},${y(row[name]).toFixed(2)}`).join(" ");
    return `<polyline class="curve${kind}" points="${points}"/>`;
  });
  const dots = months > 60 ? [] : rows.map((row) => `<circle class="dot" cx="${x(row.month)}" cy="${y(row.cumulative)}" r="3"/>`);
  const comes = typeof payback === "number" && payback > 0;
  const side = comes && payback > months * 0.75 ? ["end", -6] : ["start", 6];
  const mark = comes
    ? `<line class="mark" x1="${x(payback)}" x2="${x(payback)}" y1="${size.top}" y2="${size.height - size.bottom}"/>` +
      `<text x="${x(payback) + side[1]}" y="${size.top + 12}" text-anchor="${side[0]}">Payback ${written(payback, 1)} months</text>`
    : "";
  const end = rows[rows.length - 1];
  const words =
    `From ${written(rows[0].cumulative, 2)} in month 0 to ${written(end.cumulative, 2)} in month ${end.month}. ` +
    (comes ? `Payback after ${written(payback, 1)} months.` : "It is not paid back after month 0.") +
    (discounted ? ` Discounted, dashed: ${written(end.cumulative_discounted, 2)}.` : "");
  return (
    `<svg viewBox="0 0 ${size.width} ${size.height}" role="img" aria-labelledby="chart-title chart-words">` +
    `<title id="chart-title">Cumulative net cash flow by month</title><desc id="chart-words">${words}</desc>` +
    [...grid, across("zero", 0), ...below, mark, ...curves, ...dots].join("") +
    `<text x="${(size.left + size.width) / 2}" y="${size.height - 4}" text-anchor="middle">Months since the training` +
    `${discounted ? "; dashed: discounted" : ""}</text></svg>`
  );
}

function flowTable([head, ...rows]) {
  const cells = (row) => row.map((value, k) => `<td>${written(value, ...FLOW_DECIMALS[k]).replace("-", MINUS)}</td>`).join("");
  const headings = head.map((label) => `<th scope="col">${label}</th>`).join("");
  return `<thead><tr>${headings}</tr></thead><tbody>${rows.map((row) => `<tr>${cells(row)}</tr>`).join("")}</tbody>`;
}

// The inputs as a link carries them, after the #, so that no server sees them; what is usual is left out.
function linkOf(inputs, currency) {
  const changed = roiXl.MODEL_INPUTS.filter((name) => inputs[name] !== DEFAULTS[name]);
  const parts = changed.map((name) => [name, String(inputs[name])]);
  if (currency !== CURRENCY) parts.push(["currency", currency]);
  return new URLSearchParams(parts).toString();
}

// The fields as a link says; what it does not say, or says wrongly, is as usual.
function readLink() {
  const said = new URLSearchParams(location.hash.slice(1));
  for (const name of roiXl.MODEL_INPUTS) {
    const value = said.get(name) ? Number(said.get(name)) : NaN;
    fields[name].value = entered(name, Number.isNaN(value) ? DEFAULTS[name] : value);
  }
  document.getElementById("currency").value = (said.get("currency") || CURRENCY).slice(0, 8);
  const isUsual = OPTION_NAMES.every((name) => fieldValue(name) === DEFAULTS[name]);
  if (!isUsual) document.getElementById("options").open = true;
}

function showUnits(currency) {
  for (const place of document.querySelectorAll("[data-unit]")) {
    place.textContent = place.dataset.unit.replace("{currency}", currency);
  }
}

function readFields() {
  const inputs = Object.fromEntries(roiXl.MODEL_INPUTS.map((name) => [name, fieldValue(name)]));
  const problems = roiXl.MODEL_INPUTS.map((name) => [name, problemOf(name, inputs[name])]);
  return { inputs, problems, currency: currencyTyped(), wrong: problems.map(([, problem]) => problem).filter(Boolean) };
}

function update() {
  const { inputs, problems, currency, wrong } = readFields();
  problems.forEach(([name, problem]) => showProblem(name, problem));
  showUnits(currency);
  return wrong.length ? showNothing(wrong.join(" ")) : show(inputs);
}

// The address becomes the link; when a field is left, since browsers count how often an address changes.
function remember() {
  const { inputs, currency, wrong } = readFields();
  if (!wrong.length) history.replaceState(null, "", `#${linkOf(inputs, currency)}`);
}

function showNothing(why) {
  setSentence(why);
  showResults(null);
  document.getElementById("chart").replaceChildren();
  document.getElementById("flow").replaceChildren();
}

function show(inputs) {
  const flow = resultOf("ROI_CASHFLOW", inputs);
  if ([flow].flat(2).some((cell) => cell instanceof roiXl.CellError)) return showNothing(TOO_LARGE);
  const rows = roiXl.rowsOf(inputs);
  const results = resultsOf(inputs, rows);
  setSentence(decisionOf(inputs, results.ROI_NPV, results.ROI_PAYBACK));
  showResults(results);
  document.getElementById("chart").innerHTML = chartOf(rows, results.ROI_PAYBACK, inputs.discount_rate !== 0);
  document.getElementById("flow").innerHTML = flowTable(flow);
  return undefined;
}

function setSentence(text) {
  const place = document.getElementById("sentence");
  if (place.textContent !== text) place.textContent = text;
}

async function copyLink() {
  remember();
  const said = document.getElementById("said");
  try {
    await navigator.clipboard.writeText(location.href);
    said.textContent = "Link copied.";
  } catch {
    said.textContent = "The link is in the address bar.";
  }
}

// A field is tidied when it is left; a number that is not one stays as it was typed.
function tidy(event) {
  const { name } = event.target;
  if (name in fields && !problemOf(name, fieldValue(name))) event.target.value = entered(name, fieldValue(name));
  remember();
}

function startOver(event) {
  event.preventDefault();
  history.replaceState(null, "", "#");
  readLink();
  update();
}

const form = document.getElementById("inputs");
form.addEventListener("input", update);
form.addEventListener("change", tidy);
form.addEventListener("submit", (event) => event.preventDefault());
form.addEventListener("reset", startOver);
document.getElementById("copy").addEventListener("click", copyLink);
document.getElementById("print").addEventListener("click", () => window.print());
window.addEventListener("hashchange", () => {
  readLink();
  update();
});
narrow.addEventListener("change", update);
readLink();
update();
