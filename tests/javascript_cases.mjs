// Runs calls in each generated script, in a stand-in for the program that it is made for.
// node javascript_cases.mjs FOLDER: FOLDER holds the scripts and calls.json, a list of [name, arguments].
import fs from "fs";
import vm from "vm";

const folder = process.argv[2];
const calls = JSON.parse(fs.readFileSync(`${folder}/calls.json`));
const script = (name) => new vm.Script(fs.readFileSync(`${folder}/${name}`, "utf-8"), { filename: name });
const mapped = (value, change) => (Array.isArray(value) ? value.map((part) => mapped(part, change)) : change(value));
const isError = (value) => value !== null && typeof value === "object" && "error" in value;
const isDate = (value) => value !== null && typeof value === "object" && "date" in value;
const serialOf = ([year, month, day]) => (Date.UTC(year, month - 1, day) - Date.UTC(1899, 11, 30)) / 86400000;

const unpacked = (rows) => (rows.length === 1 && rows[0].length === 1 ? rows[0][0] : rows);

// The codes that Microsoft documents.
const ErrorCode = {
  divisionByZero: "#DIV/0!",
  invalidName: "#NAME?",
  invalidNumber: "#NUM!",
  invalidReference: "#REF!",
  invalidValue: "#VALUE!",
  notAvailable: "#N/A",
  nullReference: "#NULL!",
};

class CustomFunctionsError {
  constructor(code, message) {
    if (!Object.values(ErrorCode).includes(code)) throw new TypeError(`no such code: ${code}`);
    Object.assign(this, { code, message });
  }
}

// Excel hands over rows even for one cell, null for what is left out, and what it knows of the call; an error
// is an object with its code.
function office() {
  const associated = {};
  const CustomFunctions = {
    Error: CustomFunctionsError,
    ErrorCode,
    associate: (id, called) => Object.assign(associated, { [id]: called }),
  };
  script("functions.js").runInContext(vm.createContext({ CustomFunctions }));
  const given = (cell) => {
    if (isError(cell)) return Object.assign(Object.create(CustomFunctionsError.prototype), { code: cell.error });
    return isDate(cell) ? { basicValue: serialOf(cell.date), numberFormat: "yyyy-mm-dd" } : cell;
  };
  return calls.map(([name, cells]) => {
    const rows = cells.map((cell) => mapped(Array.isArray(cell) ? cell : [[cell]], given));
    while (rows.length < associated[name].length) rows.push(null);
    const shown = (value) => (value instanceof CustomFunctionsError ? { error: value.code, message: value.message } : value);
    return unpacked(mapped(associated[name](...rows, { functionName: name }), shown));
  });
}

// Google Sheets hands over a single cell as its value, a blank as "", an error as its text, a date as such.
function asText(cell) {
  if (isError(cell)) return cell.error;
  if (isDate(cell)) return new Date(cell.date[0], cell.date[1] - 1, cell.date[2]);
  return cell === null ? "" : cell;
}

function sheets() {
  const context = vm.createContext({});
  script("Code.gs").runInContext(context);
  return calls.map(([name, cells]) => context[name](...cells.map((cell) => mapped(cell, asText))));
}

// ONLYOFFICE hands over rows, and a date as its serial.
function onlyoffice() {
  const added = {};
  const Api = { AddCustomFunction: (called) => Object.assign(added, { [called.name]: called }) };
  script("onlyoffice.js").runInContext(vm.createContext({ Api }));
  const given = (cell) => (isDate(cell) ? serialOf(cell.date) : asText(cell));
  const rows = (cell) => mapped(Array.isArray(cell) ? cell : [[cell]], given);
  return calls.map(([name, cells]) => unpacked(added[name](...cells.map(rows))));
}

console.log(JSON.stringify({ office: office(), sheets: sheets(), onlyoffice: onlyoffice() }));
