// Uses calculator.html as a person does, in headless Chromium, and says what it shows; then calls functions.js
// beside Microsoft's own runtime of custom functions.
// node javascript_page.mjs PLAYWRIGHT CHROMIUM OFFICE FOLDER: FOLDER holds the page, functions.js, rows.json with
// rows of inputs, and page.json and office.json with [name, arguments] of the functions that each carries.
import fs from "fs";
import { pathToFileURL } from "url";

const [playwright, executablePath, office, folder] = process.argv.slice(2);
const { chromium } = (await import(pathToFileURL(`${playwright}/index.js`))).default;
const address = String(pathToFileURL(`${folder}/calculator.html`));
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
const page = await browser.newPage({ viewport: { width: 1200, height: 900 } });
const noise = [];
page.on("pageerror", (error) => noise.push(error.message));
page.on("console", (message) => noise.push(message.text()));
page.on("request", (request) => [address, "about:blank"].includes(request.url().split("#")[0]) || noise.push(request.url()));

const seen = () =>
  page.evaluate(() => ({
    sentence: document.getElementById("sentence").textContent,
    results: Object.fromEntries([...document.querySelectorAll("[data-result]")].map((at) => [at.dataset.result, at.textContent])),
    fields: Object.fromEntries([...document.querySelectorAll("input")].map((at) => [at.name, at.value])),
    problems: [...document.querySelectorAll(".problem:not([hidden])")].map((at) => at.textContent),
    invalid: [...document.querySelectorAll("[aria-invalid=true]")].map((at) => at.name),
    units: [...new Set([...document.querySelectorAll("[data-unit]")].map((at) => at.textContent))],
    chart: document.querySelector("#chart desc")?.textContent ?? null,
    curves: document.querySelectorAll("#chart polyline").length,
    months: document.querySelectorAll("#flow tbody tr").length,
    options: document.getElementById("options").open,
    hash: location.hash,
    focus: document.activeElement.id,
    overflow: document.documentElement.scrollWidth - window.innerWidth,
  }));
const open = async (link) => {
  await page.goto("about:blank");
  await page.goto(`${address}${link}`);
};
const said = {};
const look = async (name) => {
  said[name] = await seen();
};

await open("");
await look("first");
said.labels = await page.evaluate(() => [...document.querySelectorAll("input")].map((at) => [at.labels.length, at.id]));
said.ids = await page.evaluate(() => [...document.querySelectorAll("[id]")].map((at) => at.id));
said.spoken = await page.locator("body").ariaSnapshot();

// By keyboard alone: the link to the results, then each field in turn; typing replaces what a field holds.
await page.keyboard.press("Tab");
await look("skip");
for (let k = 0; k < 5; k++) await page.keyboard.press("Tab");
await page.keyboard.type("150,000");
await look("typed");
await page.keyboard.press("Tab");
await page.keyboard.type("-1");
await look("wrong");
await page.fill("#months", "twelve");
await look("noNumber");
await page.fill("#months", "24.5");
await page.click("summary");
await page.fill("#discount_rate", "12.5%");
await page.fill("#retraining_cost", "900");
await page.fill("#retraining_interval", "6");
await page.fill("#currency", "EUR");
await page.keyboard.press("Tab");
await look("options");

await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
await page.click("#copy");
await page.waitForFunction(() => document.getElementById("said").textContent);
said.copied = await page.evaluate(async () => [document.getElementById("said").textContent, await navigator.clipboard.readText()]);
await page.evaluate(() => (window.print = () => (document.title = "printed")));
await page.click("#print");
said.printed = await page.title();
const other = said.options.hash;
await page.click("button[type=reset]");
await look("reset");
await open(other);
await look("linked");
await open("#fine_tuned_cost_per_request=0.03");
await look("never");
said.tiles = await page.locator(".tiles").innerText();
await open("#months=many&training_cost=-5&currency=%3Cimg%20src%3Dx%3E");
await look("badLink");
await open("#monthly_requests=50000000&currency=US%24");
said.largeTiles = await page.locator(".tiles").innerText();
said.pasted = await page.evaluate(
  (texts) =>
    texts.map((text) =>
      ["training_cost", "monthly_requests", "discount_rate"].map((name) => {
        fields[name].value = text;
        return String(fieldValue(name));
      }),
    ),
  JSON.parse(fs.readFileSync(`${folder}/pasted.json`)),
);
await page.fill("#training_cost", " ");
await look("blank");
await open("#traffic_share=0.5&discount_rate=0.1");
await page.fill("#traffic_share", "");
await page.fill("#discount_rate", " ");
await page.keyboard.press("Tab");
await look("blankOptions");
await open("#currency=2");
await page.fill("#training_cost", "2,500");
await look("digitsOfACurrency");
await open("#monthly_requests=1e300&request_growth=10&months=1200");
await look("tooLarge");

await open("");
said.decisions = await page.evaluate(
  (rows) =>
    rows.map((row) => {
      const inputs = Object.fromEntries(roiXl.MODEL_INPUTS.map((name, k) => [name, row[k]]));
      const results = resultsOf(inputs, roiXl.rowsOf(inputs));
      const of = (name) => (typeof results[name] === "number" ? results[name] : String(results[name]));
      const sentence = decisionOf(inputs, results.ROI_NPV, results.ROI_PAYBACK);
      return [sentence, ...["peak_funding", "peak_month", "ledger_benefit", "ROI_ON_INVESTMENT"].map(of)];
    }),
  JSON.parse(fs.readFileSync(`${folder}/rows.json`)),
);
said.cases = await page.evaluate((calls) => {
  const given = (cell) => (cell !== null && typeof cell === "object" ? new roiXl.CellError(cell.error) : cell);
  const shown = (value) => (value instanceof roiXl.CellError ? value.code : value);
  return calls.map(([name, cells]) => shown(roiXl.call(name, cells.map(given))));
}, JSON.parse(fs.readFileSync(`${folder}/page.json`)));
const picture = (name) => page.screenshot({ path: `${folder}/${name}.png`, fullPage: true });
await picture("light");
await page.emulateMedia({ colorScheme: "dark" });
said.dark = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
await picture("dark");
await page.setViewportSize({ width: 360, height: 740 });
await look("phone");
await picture("phone");
await page.pdf({ path: `${folder}/printed.pdf`, format: "A4" });

const runtime = pathToFileURL(`${office}/dist/custom-functions-runtime.js`);
fs.writeFileSync(`${folder}/office.html`, `<script src="${runtime}"></script><script src="functions.js"></script>`);
const excel = await browser.newPage();
excel.on("pageerror", (error) => noise.push(error.message));
await excel.goto(String(pathToFileURL(`${folder}/office.html`)));
said.office = await excel.evaluate((calls) => {
  const given = (cell) => [[cell !== null && typeof cell === "object" ? new CustomFunctions.Error(cell.error) : cell]];
  const called = CustomFunctions._association.mappings;
  const answers = calls.map(([name, cells]) => called[name](...cells.map(given), { functionName: name }));
  return JSON.parse(JSON.stringify(answers));
}, JSON.parse(fs.readFileSync(`${folder}/office.json`)));
await browser.close();
console.log(JSON.stringify({ ...said, noise }));
