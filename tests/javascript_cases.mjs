// Runs calls in each generated script, in a stand-in for the program that it is made for.
// node javascript_cases.mjs FOLDER: FOLDER holds the scripts and calls.json, a list of [name, arguments].
import fs from "fs";
import vm from "vm";

const folder = process.argv[2];
const calls = JSON.parse(fs.readFileSync(`${folder}/calls.json`));
const script = (name) => new vm.Script(fs.readFileSync(`${folder}/${name}`, "utf-8"), { filename: name });
const mapped = (value, change) => (Array.isArray(value) ? value.map((part) => mapped(part, change)) : change(value));
const isError = (value) => value !== null && typeof value === "object";

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
  const given = (cell) => (isError(cell) ? Object.assign(Object.create(CustomFunctionsError.prototype), { code: cell.error }) : cell);
  return calls.map(([name, cells]) => {
    const rows = cells.map((cell) => mapped(Array.isArray(cell) ? cell : [[cell]], given));
    while (rows.length < associated[name].length) rows.push(null);
    const shown = (value) => (value instanceof CustomFunctionsError ? { error: value.code, message: value.message } : value);
    return unpacked(mapped(associated[name](...rows, { functionName: name }), shown));
  });
}

// Google Sheets hands over a single cell as its value, ONLYOFFICE as rows; a blank is "", an error its text.
const asTexts = (cells) => cells.map((cell) => mapped(cell, (one) => (isError(one) ? one.error : one === null ? "" : one)));

function sheets() {
  const context = vm.createContext({});
  script("Code.gs").runInContext(context);
  return calls.map(([name, cells]) => context[name](...asTexts(cells)));
}

function onlyoffice() {
  const added = {};
  const Api = { AddCustomFunction: (called) => Object.assign(added, { [called.name]: called }) };
  script("onlyoffice.js").runInContext(vm.createContext({ Api }));
  const rows = (cell) => (Array.isArray(cell) ? cell : [[cell]]);
  return calls.map(([name, cells]) => unpacked(added[name](...asTexts(cells).map(rows))));
}

console.log(JSON.stringify({ office: office(), sheets: sheets(), onlyoffice: onlyoffice() }));
