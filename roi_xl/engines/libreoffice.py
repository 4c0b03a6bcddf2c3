"""What are the values of a workbook in LibreOffice?

LibreOffice runs without a window, with a profile of its own and macros off; it reads a
copy of the workbook and writes another one, of which only the values are taken.
"""

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from roi_xl.errors import FileProblem, NotSupported, RoiError
from roi_xl.excel.values import Array
from roi_xl.formula.formulas import formulas_of
from roi_xl.formula.rewrite import OUR_SPELLINGS
from roi_xl.hosts.headless import CALL_ON_NAMES, with_native_calls
from roi_xl.xlsx.addresses import Address, column_number
from roi_xl.xlsx.formula_cells import formula_cells
from roi_xl.xlsx.limits import limit
from roi_xl.xlsx.package import Package, read_package
from roi_xl.xlsx.sheet_cells import TYPE, Place, Value, decode, grammar_of, put_constants, stored_constant
from roi_xl.xlsx.workbook_part import children, local, parse_xml, read_workbook_part, related

PLACES = {
    "darwin": ["/Applications/LibreOffice.app/Contents/MacOS/soffice"],
    "win32": [r"C:\Program Files\LibreOffice\program\soffice.com"],
}
SHARED_STRINGS = "/sharedStrings"
RECALCULATE_ALWAYS = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry"><item oor:path="/org.openoffice.Office.Calc/Formula/Load">
<prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>{mode}</value></prop></item></oor:items>
"""


TEMPORARY = "roi-xl-"
"""How the names of our own temporary folders begin."""

GUARD = """folder=$1; shift; exec 3<&0
{ trap "" TERM; cat >/dev/null; kill -s TERM -- -$$; sleep 1; rm -rf -- "$folder"; kill -s KILL -- -$$; } <&3 &
"$@" </dev/null &
wait $!"""
"""A process of the shell hears the end of its stdin, which is the end of whoever started it, however that came."""


def soffice_path() -> str | None:
    """The LibreOffice program of this machine: on the PATH, or where it is usually installed."""
    return shutil.which("soffice") or next(filter(os.path.exists, PLACES.get(sys.platform, [])), None)


def has_office() -> bool:
    """Whether LibreOffice is installed."""
    return soffice_path() is not None


def find_soffice() -> str:
    """The LibreOffice program of this machine, or a clear answer."""
    found = soffice_path()
    if found is None:
        raise RoiError("LibreOffice is not installed: soffice is not on the PATH")
    return found


def convert(path: Path, target_format: str, folder: Path, *, recalculate: bool) -> Path:
    """A workbook in another format, or in the same one with LibreOffice's own values.

    Args:
        path: the file to read.
        target_format: such as `xlsx` or `pdf`.
        folder: where the result goes; a profile is made there too.
        recalculate: recompute every value, or keep the stored ones.
    """
    profile = folder / f"profile-{'new' if recalculate else 'kept'}"
    settings = profile / "user" / "registrymodifications.xcu"
    settings.parent.mkdir(parents=True, exist_ok=True)
    settings.write_text(RECALCULATE_ALWAYS.format(mode=0 if recalculate else 1))
    target = folder / "converted"
    command = [find_soffice(), "--headless", "--norestore", f"-env:UserInstallation={profile.as_uri()}"]
    run([*command, "--convert-to", target_format, "--outdir", str(target), str(path)], profile)
    result = target / f"{path.stem}.{target_format}"
    if not result.exists():
        raise FileProblem(f"{path.name} cannot be read by LibreOffice")
    return result


def run(command: list[str], home: Path) -> None:
    """Run LibreOffice to completion, isolated from this process's Python; it leaves nothing behind."""
    process = subprocess.Popen(
        [*guard(home), *command],
        env={**environment(), "HOME": str(home), "TMPDIR": str(home)},
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    seconds = limit("ROI_XL_MAX_SECONDS")
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        raise NotSupported(f"LibreOffice took longer than {seconds:,} seconds (ROI_XL_MAX_SECONDS)") from None
    finally:
        end(process)


def guard(home: Path) -> list[str]:
    """A command that runs another one, and ends it with all that it left once this process is gone."""
    if os.name != "posix":
        return []
    folder = home.parent if home.parent.name.startswith(TEMPORARY) else home
    return ["/bin/sh", "-c", GUARD, "guard", str(folder)]


def environment() -> dict[str, str]:
    """The environment without this process's Python, which would take precedence over LibreOffice's."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    before = ["/usr/bin", "/bin"] if os.name == "posix" else []
    return {**clean, "PATH": os.pathsep.join([*before, clean.get("PATH", "")])}


def end(process: "subprocess.Popen[bytes]") -> None:
    """Kill LibreOffice and the processes it started."""
    with contextlib.suppress(ProcessLookupError):
        if os.name == "posix":
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    if process.stdin is not None:
        process.stdin.close()
    process.wait()


class OfficeBook:
    """A workbook evaluated by LibreOffice, which runs again whenever a cell has been set."""

    def __init__(self, package: Package) -> None:
        self.contents = read_workbook_part(package)
        self.formulas = formulas_of(package, self.contents)
        self.package = self.formulas.package
        self.cells = {name: formula_cells(self.sheet(name)) for name in self.contents.sheets}
        if any(b"dataTable" in self.sheet(name) for name in self.contents.sheets):
            raise NotSupported(f"{package.path} has data tables, which are not supported with LibreOffice")
        self._set: dict[Address, Value] = {}
        self._values: dict[str, dict[Place, Value]] = {}
        self.readers = self.peekers = {name: self._reader(name) for name in self.contents.sheets}
        self.evaluate()

    @property
    def stores_values(self) -> bool:
        """Whether any formula cell stores a value."""
        return any(any(cells.stored) for cells in self.cells.values())

    def _reader(self, sheet: str) -> Callable[[int, int], Value]:
        return lambda row, column: self._values[sheet].get((row, column))

    def sheet(self, name: str) -> bytes:
        """The bytes of a sheet as the file has them."""
        return self.package.parts[self.contents.sheets[name]]

    def put(self, place: Address, value: Value) -> None:
        """Set a cell, in LibreOffice's copy only."""
        self._set[place] = value

    def value(self, place: Address) -> Value:
        """The current value of a cell."""
        return self._values[place.sheet].get(place.within)

    def numbers(self, sheet: str) -> Array:
        """The numbers that a sheet's formula cells have now; not a number where they have anything else."""
        cells, value_at = self.cells[sheet], self.readers[sheet]
        found = map(value_at, cells.rows, cells.columns)
        return np.array([value if isinstance(value, int | float) else np.nan for value in found], float)

    def evaluate(self) -> None:
        """Have LibreOffice recompute every value."""
        with tempfile.TemporaryDirectory(prefix=TEMPORARY, ignore_cleanup_errors=True) as name:
            copy = Path(name) / "model.xlsx"
            copy.write_bytes(self.package.with_parts(self._copied_sheets()).to_bytes())
            result = read_package(convert(copy, "xlsx", Path(name), recalculate=True))
        values = read_values(result)
        if missing := set(self.contents.sheets) - set(values):
            raise NotSupported(f"{self.package.path}: LibreOffice dropped sheet {min(missing)}")
        self._values = values

    def _copied_sheets(self) -> dict[str, bytes]:
        """The sheets for LibreOffice: the cells that were set, and our functions written out."""
        copied = {}
        for name, part in self.contents.sheets.items():
            constants = {place.within: value for place, value in self._set.items() if place.sheet == name}
            sheet = put_constants(self.sheet(name), constants) if constants else self.sheet(name)
            copied[part] = with_native_calls(OUR_SPELLINGS.sub(rb"\1", sheet), CALL_ON_NAMES)
        return copied


def read_values(package: Package) -> dict[str, dict[Place, Value]]:
    """Every value in a workbook written by LibreOffice, by sheet and cell."""
    contents = read_workbook_part(package)
    strings = shared_strings(package, contents.part)
    return {name: dict(cell_values(package.parts[part], strings)) for name, part in contents.sheets.items()}


def shared_strings(package: Package, workbook: str) -> list[str]:
    """The shared strings of a workbook."""
    part = next(iter(related(package, workbook, SHARED_STRINGS).values()), "")
    if part not in package.parts:
        return []
    items = children(parse_xml(package, part), "si")
    return ["".join(text.text or "" for text in item.iter() if local(text.tag) == "t") for item in items]


def cell_values(sheet: bytes, strings: list[str]) -> "Mapping[Place, Value]":
    """The value of every cell of a sheet."""
    shapes = grammar_of(sheet)
    found: dict[Place, Value] = {}
    for match in shapes.cell.finditer(sheet):
        if match[4] is None:
            continue
        place = int(match[3]), column_number(match[2])
        formula, kind = shapes.formula_cell.match(sheet, match.start()), TYPE.search(match[1])
        if kind and kind[1] == b"s":
            index = re.search(rb"<v>([0-9]+)</v>", match[4])
            found[place] = strings[int(index[1])] if index else None
        else:
            found[place] = decode(formula[2], formula[6]) if formula else stored_constant(match, shapes)
    return found
