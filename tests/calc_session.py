"""A LibreOffice session for the tests, run by the system's own Python, which has `uno`.

Reads one JSON object: the extension to install, and steps to take. Each step gives one
JSON line: `fill` puts values and formulas into a new sheet and reads cells back; `file`
opens a workbook, reads cells, and may save it under another name; `timed` measures a formula.
"""

import contextlib
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import uuid

import uno
import unohelper
from com.sun.star.beans import PropertyValue
from com.sun.star.table import CellAddress
from com.sun.star.task import XInteractionHandler
from com.sun.star.ucb import XCommandEnvironment, XProgressHandler

ERRORS = {521: "#NULL!", 532: "#DIV/0!", 519: "#VALUE!", 524: "#REF!", 525: "#NAME?", 503: "#NUM!", 32767: "#N/A"}
SECONDS = 60


class Answers(unohelper.Base, XCommandEnvironment, XInteractionHandler, XProgressHandler):
    """Say yes to what the extension manager asks."""

    def getInteractionHandler(self):
        return self

    def getProgressHandler(self):
        return self

    def handle(self, request):
        for continuation in request.getContinuations():
            approve = continuation.queryInterface(uno.getTypeByName("com.sun.star.task.XInteractionApprove"))
            if approve:
                approve.select()

    def push(self, status):
        pass

    def update(self, status):
        pass

    def pop(self):
        pass


@contextlib.contextmanager
def office(profile=None):
    folder = tempfile.mkdtemp(prefix="office-")
    profile = profile or pathlib.Path(folder, "profile").as_uri()
    pipe = "roi" + uuid.uuid4().hex
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    command = ["soffice", "--headless", "--norestore", "--nologo", "--nodefault", "--nolockcheck"]
    process = subprocess.Popen(
        [*command, f"-env:UserInstallation={profile}", f"--accept=pipe,name={pipe};urp;"],
        env={**environment, "HOME": folder, "PATH": "/usr/bin:/bin"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        context = connected(pipe, process)
        yield context
        with contextlib.suppress(Exception):
            context.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", context).terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(10)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        shutil.rmtree(folder, ignore_errors=True)


def connected(pipe, process):
    local = uno.getComponentContext()
    resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
    end = time.monotonic() + SECONDS
    while True:
        try:
            return resolver.resolve(f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext")
        except Exception:
            if process.poll() is not None or time.monotonic() > end:
                raise
            time.sleep(0.05)


def properties(**values):
    return tuple(PropertyValue(Name=name, Value=value) for name, value in values.items())


def shown(cell):
    """A cell as a person sees it: an error by its name, text, a number, or nothing."""
    if cell.getError():
        return ERRORS.get(cell.getError(), f"error {cell.getError()}")
    if cell.FormulaResultType2 == 2 or cell.Type.value == "TEXT":
        return {"text": cell.String}
    return None if cell.Type.value == "EMPTY" else cell.Value


def fill(desktop, step):
    document = desktop.loadComponentFromURL("private:factory/scalc", "_blank", 0, properties(Hidden=True))
    sheet = document.Sheets[0]
    put_all(sheet, step.get("cells", {}))
    start = time.perf_counter()
    for address, formula in step.get("arrays", {}).items():
        sheet.getCellRangeByName(address).setArrayFormula(formula)
    for address, formula in step.get("formulas", {}).items():
        sheet.getCellRangeByName(address).setFormula(formula)
    document.calculateAll()
    seconds = time.perf_counter() - start
    values = read_all(sheet, step["read"])
    if "save" in step:
        document.storeToURL(url(step["save"]), properties(FilterName=step["filter"]))
    document.close(True)
    return {"values": values, "seconds": seconds}


def position(address):
    """The column and row of an address such as B7, from 0."""
    letters = address.rstrip("0123456789")
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter) - 64
    return column - 1, int(address[len(letters) :]) - 1


def around(sheet, places):
    """The range that holds some places, and its first column and row."""
    columns, rows = zip(*places, strict=True)
    left, top = min(columns), min(rows)
    return sheet.getCellRangeByPosition(left, top, max(columns), max(rows)), left, top


def put_all(sheet, cells):
    """Numbers and texts in one call; what only a formula gives, one by one."""
    formulas = {a: v for a, v in cells.items() if isinstance(v, bool) or (isinstance(v, str) and v.startswith("="))}
    values = {
        position(a): v if isinstance(v, str) else float(v)
        for a, v in cells.items()
        if v is not None and a not in formulas
    }
    if values:
        block, left, top = around(sheet, values)
        right, bottom = block.RangeAddress.EndColumn, block.RangeAddress.EndRow
        block.setDataArray(
            tuple(
                tuple(values.get((column, row), "") for column in range(left, right + 1))
                for row in range(top, bottom + 1)
            )
        )
    for address, value in formulas.items():
        put(sheet.getCellRangeByName(address), value)


def read_all(sheet, addresses):
    """What cells show: numbers and texts from one call; errors and what is empty, one by one."""
    if not addresses:
        return {}
    block, left, top = around(sheet, map(position, addresses))
    rows, found = block.getDataArray(), {}
    for address in addresses:
        column, row = position(address)
        value = rows[row - top][column - left]
        if isinstance(value, str) and value:
            found[address] = {"text": value}
        else:
            found[address] = value if isinstance(value, float) else shown(sheet.getCellByPosition(column, row))
    return found


def timed(desktop, step):
    """How long one formula takes over many rows; the fastest of some rounds, and the last value."""
    document = desktop.loadComponentFromURL("private:factory/scalc", "_blank", 0, properties(Hidden=True))
    sheet, count = document.Sheets[0], step["rows"]
    sheet.getCellRangeByPosition(0, 0, 0, count - 1).setDataArray(tuple((float(row),) for row in range(1, count + 1)))
    target = sheet.getCellRangeByPosition(1, 0, 1, count - 1)
    if step.get("array"):
        target.setArrayFormula(step["formula"].format(row=f"A1:A{count}"))
    else:
        target.setFormulaArray(tuple((step["formula"].format(row=f"A{row}"),) for row in range(1, count + 1)))
    seconds = []
    for _ in range(step["rounds"]):
        start = time.perf_counter()
        document.calculateAll()
        seconds.append(time.perf_counter() - start)
    value = shown(sheet.getCellByPosition(1, count - 1))
    document.close(True)
    return {"seconds": min(seconds), "value": value}


def put(cell, value):
    """A value as a person types it; text stays text, and empty text is a formula that gives it."""
    if isinstance(value, str):
        cell.setFormula(value) if value.startswith("=") else cell.setString(value)
    elif isinstance(value, bool):
        cell.setFormula(f"={str(value).upper()}()")
    elif value is not None:
        cell.setValue(value)


def url(path):
    return pathlib.Path(path).resolve().as_uri()


def file(desktop, step):
    document = desktop.loadComponentFromURL(url(step["open"]), "_blank", 0, properties(Hidden=True))
    if step.get("recompile"):
        document.NamedRanges.addNewByName("roi_xl_recompile", "$A$1", CellAddress(), 0)
        document.NamedRanges.removeByName("roi_xl_recompile")
        document.calculateAll()
    found = {}
    for place in step["read"]:
        sheet, _, address = place.rpartition("!")
        cell = document.Sheets.getByName(sheet).getCellRangeByName(address)
        found[place] = [shown(cell), cell.FormulaLocal]
    if "save" in step:
        document.storeToURL(url(step["save"]), properties(FilterName=step["filter"]))
    document.close(True)
    return {"values": found}


def basic(desktop, step):
    """What a function of a Basic module returns, where it is asked for with Excel's object model."""
    hidden = properties(Hidden=True, MacroExecutionMode=4)
    document = desktop.loadComponentFromURL("private:factory/scalc", "_blank", 0, hidden)
    libraries = document.BasicLibraries
    libraries.VBACompatibilityMode = step.get("excel", False)
    if not libraries.hasByName("Standard"):
        libraries.createLibrary("Standard")
    libraries.getByName("Standard").insertByName("Tested", step["basic"])
    place = f"vnd.sun.star.script:Standard.Tested.{step['function']}?language=Basic&location=document"
    result, _, _ = document.getScriptProvider().getScript(place).invoke((), (), ())
    document.close(True)
    return {"result": result}


def wizard(context, step):
    """What the function wizard knows of each function."""
    descriptions = context.ServiceManager.createInstanceWithContext("com.sun.star.sheet.FunctionDescriptions", context)
    found = {}
    for place in range(descriptions.Count):
        function = {value.Name: value.Value for value in descriptions.getByIndex(place)}
        if function["Name"] in step["names"]:
            arguments = [[a.Name, a.Description, a.IsOptional] for a in function["Arguments"]]
            found[function["Name"]] = {"description": function["Description"], "arguments": arguments}
    return found


def swept(desktop, step):
    """Scenarios of a workbook, one by one: inputs put, everything calculated, outputs read."""
    document = desktop.loadComponentFromURL(url(step["sweep"]), "_blank", 0, properties(Hidden=True))

    def cell(place):
        sheet, _, address = place.rpartition("!")
        return document.Sheets.getByName(sheet).getCellRangeByName(address)

    inputs, outputs = [cell(place) for place in step["inputs"]], [cell(place) for place in step["outputs"]]
    document.enableAutomaticCalculation(False)
    found = []
    start = time.perf_counter()
    for scenario in step["scenarios"]:
        for target, value in zip(inputs, scenario, strict=True):
            target.setValue(value)
        document.calculate()
        found.append([shown(output) for output in outputs])
    seconds = time.perf_counter() - start
    document.close(True)
    return {"seconds": seconds, "values": found}


def main():
    task = json.load(sys.stdin)
    with office(task.get("profile")) as context:
        if "extension" in task:
            manager = context.getValueByName("/singletons/com.sun.star.deployment.ExtensionManager")
            manager.addExtension(url(task["extension"]), (), "user", None, Answers())
        desktop = context.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", context)
        for step in task["steps"]:
            if "names" in step:
                print(json.dumps(wizard(context, step)), flush=True)
            else:
                kinds = {"open": file, "sweep": swept, "rows": timed, "basic": basic}
                kind = next((kinds[key] for key in kinds if key in step), fill)
                print(json.dumps(kind(desktop, step)), flush=True)


if __name__ == "__main__":
    main()
