// Loads the wheels that are named into Pyodide, pastes main.py, and runs calls of it.
// node pyodide_cases.mjs PYODIDE FOLDER: FOLDER holds *.whl, main.py and calls.json.
import fs from "fs";
import { pathToFileURL } from "url";

const [pyodide, folder] = process.argv.slice(2);
const { loadPyodide } = await import(pathToFileURL(`${pyodide}/pyodide.mjs`));
const python = await loadPyodide();
for (const name of fs.readdirSync(folder).filter((name) => name.endsWith(".whl"))) {
  const wheel = fs.readFileSync(`${folder}/${name}`);
  python.unpackArchive(wheel.buffer.slice(wheel.byteOffset, wheel.byteOffset + wheel.length), "whl");
}
for (const name of ["main.py", "calls.json"]) {
  python.FS.writeFile(`/home/pyodide/${name}`, fs.readFileSync(`${folder}/${name}`));
}
console.log(
  python.runPython(`
import json, sys
import main
calls = json.load(open("/home/pyodide/calls.json"))
json.dumps({"platform": sys.platform, "numpy": "numpy" in sys.modules,
            "answers": [getattr(main, name.lower())(*arguments) for name, arguments in calls]})
`),
);
