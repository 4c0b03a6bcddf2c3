"""The functions in xlwings Lite: the very wheel, in Pyodide under node, without a network."""

import asyncio
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
import types
import zipfile
from pathlib import Path
from typing import get_args, get_type_hints

import pytest
import xlwings
from case_table import CASES, every_case
from xlwings.conversion import accessors

from roi_xl.addins.lite import REQUIREMENTS, main_text
from roi_xl.catalog import CATALOG
from roi_xl.cli import main
from roi_xl.errors import EXCEL_ERRORS, ExcelError
from roi_xl.hosts.lite import answer

ROOT = Path(__file__).parent.parent.parent
RUNNER = ROOT / "tests" / "pyodide_cases.mjs"
PYODIDE = Path(os.environ.get("ROI_XL_PYODIDE", ROOT / ".venv" / "node_modules" / "pyodide"))


def handed_over(argument):
    """An argument as xlwings Lite hands it over."""
    return [[str(argument) if isinstance(argument, ExcelError) else argument]]


def shown(value):
    return EXCEL_ERRORS.get(value, value) if isinstance(value, str) else value


@every_case
def test_every_case_as_lite_hands_it_over(check, cases):
    check(cases, lambda case: shown(answer(case.function, *map(handed_over, case.arguments))))


def xlwings_hands_over(function, place, rows):
    """What a pasted function gets for the rows that Excel sends: by xlwings' own conversion, with our options.

    Before it, xlwings' server takes one cell out of its rows, and a single row out of its list.
    The engine of its server is not asked for: it wants a license key.
    """
    about = get_type_hints(function, include_extras=True)
    base, options = get_args(list(about.values())[place])
    value = rows
    if len(rows) == 1:
        value = rows[0][0] if len(rows[0]) == 1 else rows[0]
    options = {"convert": base, **options}
    handed = types.SimpleNamespace(range=None, value=value)
    if value is not None:
        accessors[options["convert"]].reader(options)(handed)
    return handed.value


@pytest.fixture(scope="module")
def pasted():
    """The functions of main.py, as they are pasted."""
    namespace = {}
    exec(compile(main_text(), "main.py", "exec"), namespace)
    return namespace


@every_case
def test_every_case_through_xlwings_own_conversion(check, pasted, cases):
    def converted(case):
        function = pasted[case.function.lower()]
        given = map(handed_over, case.arguments)
        return shown(function(*(xlwings_hands_over(function, place, argument) for place, argument in enumerate(given))))

    check(cases, converted)


class JsNull:
    """What newer versions of Pyodide hand over for an empty cell within a range."""


SHAPES = [
    ([[2_500]], 2_600),
    ([[2_500, 5]], [[2_600, 105]]),
    ([[2_500], [5]], [[2_600], [105]]),
    ([[2_500, ""]], [[2_600, "#VALUE!"]]),
    ([[""]], "#VALUE!"),
    ([[None]], 100),
    ([[JsNull(), 5]], [[100, 105]]),
    ([["#N/A", None], ["x", 1]], [["#N/A", 100], ["#VALUE!", 101]]),
]


@pytest.mark.parametrize(("rows", "answers"), SHAPES)
def test_every_shape_through_xlwings_own_conversion(pasted, rows, answers):
    function = pasted["roi_investment"]
    arguments = [xlwings_hands_over(function, place, given) for place, given in enumerate((rows, [[100]], [[1]]))]
    assert function(*arguments) == answers


NO_LICENSE = "xlwings' server code wants a license key of the user's own (XLWINGS_LICENSE_KEY)"


@pytest.mark.skipif("XLWINGS_LICENSE_KEY" not in os.environ, reason=NO_LICENSE)
def test_every_case_through_xlwings_server(monkeypatch):
    import xlwings.server

    monkeypatch.setattr(xlwings, "func", xlwings.server.func)
    module = types.ModuleType("main")
    exec(compile(main_text(), "main.py", "exec"), module.__dict__)
    for case in CASES:
        data = {
            "func_name": case.function.lower(),
            "args": [handed_over(argument) for argument in case.arguments],
            "version": xlwings.__version__,
            "client": "Office.js",
        }
        (row,) = asyncio.run(xlwings.server.custom_functions_call(data, module))
        case.check(shown(row[0]))


def test_the_requirements_carry_what_the_functions_need():
    needed = {"prices": "genai-prices", "risk": "scipy"}
    extras = re.search(r"roi-xl\[([a-z,]+)\]==", REQUIREMENTS)[1].split(",")
    assert set(extras) == set(needed)
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    assert all(any(line.startswith(needed[extra]) for line in declared[extra]) for extra in extras)


def packed(package, target):
    """An installed package as a wheel that Pyodide unpacks."""
    with zipfile.ZipFile(target, "w") as archive:
        for path in package.rglob("*.py"):
            archive.write(path, path.relative_to(package.parent))


@pytest.fixture(scope="module")
def pyodide(tmp_path_factory):
    """What Pyodide gives for every case; its npm package is needed in CI, elsewhere the tests are skipped."""
    if shutil.which("node") is None or not PYODIDE.exists():
        if os.environ.get("CI"):
            pytest.fail(f"Pyodide is missing: `make test` installs it into {PYODIDE}")
        pytest.skip("node or Pyodide is not installed")
    folder = tmp_path_factory.mktemp("pyodide")
    command = [sys.executable, "-m", "build", "--quiet", "--wheel", "--outdir", str(folder), str(ROOT)]
    subprocess.run(command, check=True)
    packed(Path(xlwings.__file__).parent, folder / "xlwings.whl")
    (folder / "main.py").write_text(main_text())
    calls = [[case.function, [handed_over(argument) for argument in case.arguments]] for case in CASES]
    column = [[2_500], [0], ["#N/A"]]
    calls += [["ROI_TRAINING_COST", [column, [[1]], [[2]], [[3]], [[4]], [[5]], None]]]
    calls += [["ROI_REPORT", [[[value]] for value in (2_500, 100, 0.02, 0.012, 100_000, 12)]]]
    (folder / "calls.json").write_text(json.dumps(calls))
    node = [shutil.which("node"), str(RUNNER), str(PYODIDE), str(folder)]
    done = subprocess.run(node, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@every_case
def test_every_case_in_pyodide(check, pyodide, cases):
    check(cases, lambda case: shown(pyodide["answers"][case.number]))


def test_ranges_and_tables_in_pyodide(pyodide):
    column, table = pyodide["answers"][len(CASES) :]
    assert column == [[2_515], [15], ["#N/A"]]
    assert table[0] == ["Saving per request", 0.008]
    assert (pyodide["platform"], pyodide["numpy"]) == ("emscripten", False)


def test_the_command_prints_or_writes_what_is_pasted(tmp_path, capsys):
    assert main(["lite"]) == 0
    printed = capsys.readouterr().out
    assert main_text() in printed
    assert "# requirements.txt\nxlwings\nroi-xl[prices,risk]==" in printed
    assert main(["lite", "-o", str(tmp_path)]) == 0
    assert (tmp_path / "main.py").read_text() == main_text()
    assert all(f"def {name.lower()}(" in main_text() for name in CATALOG)
