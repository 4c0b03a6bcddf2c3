"""The functions in a real LibreOffice Calc, with the extension that a user installs."""

import os
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
import zipfile
from pathlib import Path

import pytest
from calc_helpers import session
from case_table import CASES, by_function
from openpyxl import Workbook
from recalc_helpers import parts

import roi_xl
from roi_xl.addins import calc
from roi_xl.catalog import CATALOG
from roi_xl.cli import main
from roi_xl.describe import summary, takes
from roi_xl.engines import libreoffice
from roi_xl.errors import EXCEL_ERRORS, ExcelError
from roi_xl.quantities import MODEL_INPUTS
from roi_xl.xlsx.addresses import column_letters

ERRORS_OF_CALC = {"#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A"}
RESULTS = 2 * len(MODEL_INPUTS) + 6
REFERENCE = "2500;100;0.02;0.012;100000;12"
SHAPES = ("cell", "column", "row", "block")
pytestmark = pytest.mark.slow


@pytest.fixture(scope="session")
def extension(tmp_path_factory):
    path = tmp_path_factory.mktemp("extension") / calc.FILE_NAME
    calc.build(path)
    return path


def cell_value(value):
    """A cell of a session as the table of cases has it."""
    if isinstance(value, dict):
        return value["text"]
    return EXCEL_ERRORS.get(value, value) if isinstance(value, str) else value


# the shared table, in every shape of range


def is_calcs_own(case, shape):
    """Whether Calc decides a case before it asks us; the README says so.

    It lacks Excel's newest errors, passes on the last of two errors, takes a blank single
    cell for 0 and a blank in a range for empty text, and refuses a range that holds an error.
    """
    errors = [argument for argument in case.arguments if isinstance(argument, ExcelError)]
    if {str(error) for error in errors} - ERRORS_OF_CALC:
        return True
    if shape != "cell":
        return bool(errors) or "" in case.arguments or len(case.arguments) < longest(case.function)
    parameters = zip(case.arguments, takes(CATALOG[case.function]), strict=False)
    blank_options = [parameter for argument, parameter in parameters if argument is None and parameter.optional]
    return len(errors) > 1 or bool(blank_options)


def longest(function):
    """The most arguments that a case of a function has."""
    return max(len(case.arguments) for case in CASES if case.function == function)


def entered(argument):
    """An argument as it is put into a cell of Calc."""
    if isinstance(argument, ExcelError):
        return f"={argument}"
    return '=""' if argument == "" else argument


def place_of(number, argument, shape):
    """The column and row of an argument of one case among those of its function."""
    if shape in ("cell", "column"):
        return argument, number
    if shape == "row":
        return number, argument
    return argument * 2 + number % 2, number // 2


def address(column, row):
    return f"{column_letters(column + 1)}{row + 1}"


def sheet_of(function, shape):
    """One sheet: the arguments of every case of a function, the formula over them, and where each result is."""
    cases = [case for case in CASES if case.function == function and not is_calcs_own(case, shape)]
    cells = {
        address(*place_of(number, argument, shape)): entered(value)
        for number, case in enumerate(cases)
        for argument, value in enumerate(case.arguments)
    }
    if shape == "cell":
        results = {str(case): address(RESULTS, number) for number, case in enumerate(cases)}
        calls = [
            f"={function}({';'.join(address(place, number) for place in range(len(case.arguments)))})"
            for number, case in enumerate(cases)
        ]
        return results, {"cells": cells, "formulas": dict(zip(results.values(), calls, strict=True))}
    height, width = {"column": (len(cases), 1), "row": (1, len(cases)), "block": ((len(cases) + 1) // 2, 2)}[shape]
    left, top = (0, RESULTS) if shape == "row" else (RESULTS, 0)
    results = {}
    for number, case in enumerate(cases):
        column, row = place_of(number, 0, shape)
        results[str(case)] = address(left + column, top + row)
    arguments = ";".join(extent(place, shape, height, width) for place in range(longest(function)))
    target = f"{address(left, top)}:{address(left + width - 1, top + height - 1)}"
    return results, {"cells": cells, "arrays": {target: f"={function}({arguments})"}}


def extent(argument, shape, height, width):
    """The range that holds one argument of every case."""
    left, top = {"column": (argument, 0), "row": (0, argument), "block": (argument * 2, 0)}[shape]
    return f"{address(left, top)}:{address(left + width - 1, top + height - 1)}"


@pytest.fixture(scope="session")
def answers(extension, uno_python):
    """What Calc shows for every case in every shape, by shape and case."""
    functions = sorted({case.function for case in CASES})
    sheets = [(shape, *sheet_of(function, shape)) for shape in SHAPES for function in functions]
    shown = session(extension, *({**step, "read": list(results.values())} for _, results, step in sheets))
    return {
        (shape, case): cell_value(sheet["values"][place])
        for (shape, results, _), sheet in zip(sheets, shown, strict=True)
        for case, place in results.items()
    }


@pytest.mark.parametrize("shape", SHAPES)
@by_function(CASES)
def test_every_case_in_calc(check, answers, cases, shape):
    check([case for case in cases if not is_calcs_own(case, shape)], lambda case: answers[shape, str(case)])


# tables, arguments, the wizard


def test_tables_errors_and_arguments_that_are_left_out(extension, uno_python):
    step = {
        "cells": {"A1": 2500, "A2": "=1/0", "A3": "7", "A4": '=""'},
        "formulas": {
            "B1": f"=ROI_PERCENT({REFERENCE})",
            "B2": "=ROI_MONTHLY_REQUESTS(A1;2)",
            "B3": "=ROI_MONTHLY_REQUESTS(A2;2)",
            "B4": "=ROI_MONTHLY_REQUESTS(A1;2;20)",
            "B5": "=IFNA(ROI_BREAKEVEN_MONTHS(2500;100;0.02;0.012;1);-1)",
            "B6": "=ROI_PERCENT(1;2)",
            "B7": "=ROI_INVESTMENT(A3:A3;5;1)",
            "B8": "=ROI_INVESTMENT(A4;5;1)",
            "B9": "=SUM(ROI_MONTHLY_REQUESTS({1;2};2))",
        },
        "arrays": {"D1:E15": f"=ROI_REPORT({REFERENCE})"},
        "read": ["B1", "B2", "B3", "B4", "B5", "B6", "B7", "B8", "B9", "D1", "E1", "D4", "E4", "E15"],
    }
    (result,) = session(extension, step)
    shown = {place: cell_value(value) for place, value in result["values"].items()}
    assert shown["B1"] == pytest.approx(1.5945945946)
    assert (shown["B2"], shown["B3"], shown["B4"], shown["B5"]) == (150_000, ExcelError.DIV0, 100_000, -1)
    assert (shown["B6"], shown["B7"], shown["B8"], shown["B9"]) == ("error 504", 12, ExcelError.VALUE, 180)
    assert (shown["D1"], shown["E1"], shown["D4"]) == ("Saving per request", pytest.approx(0.008), "Break-even")
    assert shown["E4"] == pytest.approx(3.5714285714)
    assert shown["E15"].startswith("Positive projected ROI")


def test_the_wizard_explains_every_function(extension, uno_python):
    (known,) = session(extension, {"names": list(CATALOG)})
    assert set(known) == set(CATALOG)
    for name, formula in CATALOG.items():
        assert known[name]["description"] == summary(formula)
        assert [argument[0] for argument in known[name]["arguments"]] == [t.quantity.name for t in takes(formula)]
        assert [argument[1:] for argument in known[name]["arguments"]] == [
            [f"{taken.quantity.help()}{taken.note()}", taken.optional] for taken in takes(formula)
        ]


def test_an_ods_keeps_names_and_values(extension, uno_python, tmp_path):
    path = str(tmp_path / "case.ods")
    write = {
        "formulas": {"A1": f"=ROI_PERCENT({REFERENCE})"},
        "read": ["A1"],
        "save": path,
        "filter": "calc8",
    }
    reopen = {"open": path, "read": ["Sheet1!A1"]}
    _, result = session(extension, write, reopen)
    value, formula = result["values"]["Sheet1!A1"]
    assert (value, formula) == (pytest.approx(1.5945945946), f"=ROI_PERCENT({REFERENCE})".replace(";", ","))


def test_an_xlsx_is_recompiled_and_saved(extension, uno_python, tmp_path):
    book = Workbook()
    book.active.title = "Case"
    book.active["A1"] = "=ROI_PERCENT(2500,100,0.02,0.012,100000,12)"
    book.save(tmp_path / "case.xlsx")
    saved = str(tmp_path / "saved.xlsx")
    opened = {
        "open": str(tmp_path / "case.xlsx"),
        "recompile": True,
        "read": ["Case!A1"],
        "save": saved,
        "filter": "Calc MS Excel 2007 XML",
    }
    (result,) = session(extension, opened)
    assert result["values"]["Case!A1"][0] == pytest.approx(1.5945945946)
    assert b"ROI_PERCENT(2500,100,0.02,0.012,100000,12)" in parts(saved)["xl/worksheets/sheet1.xml"]


# the file, and putting it in and out


def test_the_extension_is_the_same_every_time(extension, tmp_path):
    calc.build(tmp_path / "again.oxt")
    assert (tmp_path / "again.oxt").read_bytes() == extension.read_bytes()


def test_the_extension_needs_the_standard_library_only(extension, tmp_path):
    with zipfile.ZipFile(extension) as archive:
        archive.extractall(tmp_path)
    code = "import sys; import roi_xl.cells, roi_xl.catalog; print('numpy' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-S", "-E", "-c", f"import sys; sys.path.insert(0, {str(tmp_path / 'pythonpath')!r}); {code}"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "False"


def test_without_libreoffice_there_is_one_line(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(libreoffice, "soffice_path", lambda: None)
    assert main(["calc-addin", "install"]) == 2
    assert "LibreOffice is not installed: soffice" in capsys.readouterr().err


COMPLAINTS = [
    ("ERROR: unopkg cannot be started. The lock file indicates it is already running.", "close it and try again"),
    ("ERROR: Cannot run unopkg as root without --shared or --bundled option.", "user root"),
    ("ERROR: There is no such extension deployed: org.roixl.functions", "not installed"),
    ("\nsomething else\n", "something else"),
    ("", "nothing"),
]


@pytest.mark.parametrize(("output", "meaning"), COMPLAINTS)
def test_complaints_of_the_extension_manager(output, meaning):
    assert meaning in calc.complaint(output)


@pytest.fixture
def profile(tmp_path, monkeypatch):
    """A profile to install into. LibreOffice's manager refuses the user root: there it runs as nobody."""
    if os.geteuid():
        yield tmp_path / "profile"
        return
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o777)
    manager = folder / "unopkg"
    as_nobody = "setpriv --reuid=65534 --regid=65534 --clear-groups"
    manager.write_text(f'#!/bin/sh\nHOME={folder} exec {as_nobody} {calc.extension_manager()} "$@"\n')
    manager.chmod(0o755)
    monkeypatch.setattr(calc, "extension_manager", lambda: str(manager))
    yield folder / "profile"
    shutil.rmtree(folder)


def test_install_and_remove_in_a_profile(soffice, uno_python, profile):
    copy = profile.parent / calc.FILE_NAME
    calc.build(copy)
    calc.install(copy, profile)
    step = {"formulas": {"A1": f"=ROI_PERCENT({REFERENCE})"}, "read": ["A1"]}
    assert session(None, step, profile=profile.as_uri())[0]["values"]["A1"] == pytest.approx(1.5945945946)
    if os.geteuid() == 0:
        subprocess.run(["chown", "-R", "65534:65534", str(profile)], check=True)
    calc.remove(profile)
    assert session(None, step, profile=profile.as_uri())[0]["values"]["A1"] == "#NAME?"


def test_the_command_builds_the_extension(tmp_path, monkeypatch, extension, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["calc-addin"]) == 0
    assert (tmp_path / calc.FILE_NAME).read_bytes() == extension.read_bytes()
    assert main(["calc-addin", "-o", "mine.oxt"]) == 0
    assert capsys.readouterr().out == "wrote roi-xl.oxt\nwrote mine.oxt\n"
    assert main(["calc-addin", "remove", "-o", "mine.oxt"]) == 2


MODELS_OF_THE_BOOK = [
    ("gpt-4o-mini", "input"),
    ("gpt-4o-mini", "output"),
    ("gpt-4o-mini", "cached"),
    ("openai/gpt-4o-mini", "input"),
    ("GPT-4o-mini", "input"),
    ("claude-2", "output"),
    ("ft:gpt-3.5-turbo-0125:acme::abc", "input"),
    ("ft:gpt-4o-mini-2024-07-18:acme::abc", "output"),
]
"""Prices that no table of ours has: by name, with a provider, by the beginning of a name."""


def test_calc_knows_the_public_book(extension, uno_python):
    formulas = [f'=ROI_MODEL_PRICE("{model}";"{kind}")' for model, kind in MODELS_OF_THE_BOOK]
    formulas.append('=ROI_MODEL_PRICE("no such model";"input")')
    cells = {f"A{row}": formula for row, formula in enumerate(formulas, start=1)}
    (shown,) = session(extension, {"formulas": cells, "read": list(cells)})
    got = [cell_value(shown["values"][place]) for place in cells]
    expected = [pytest.approx(roi_xl.model_price(model, kind)) for model, kind in MODELS_OF_THE_BOOK]
    assert got == [*expected, ExcelError.NA]


def test_the_extension_says_what_it_is_and_what_it_needs(extension):
    contents = parts(extension)
    root = ElementTree.fromstring(contents["description.xml"])
    space = "{http://openoffice.org/extensions/description/2006}"
    assert [child.tag.removeprefix(space) for child in root] == [
        "identifier",
        "version",
        "dependencies",
        "registration",
        "publisher",
        "display-name",
        "extension-description",
    ]
    assert root.find(f"{space}dependencies")[0].get("value") == "7.4"
    (source,) = root.iter(f"{space}src")
    assert contents[source.get("{http://www.w3.org/1999/xlink}href")]
    (license_of_it,) = root.iter(f"{space}license-text")
    shown = contents[license_of_it.get("{http://www.w3.org/1999/xlink}href")].decode()
    assert shown == (Path(__file__).parents[2] / "LICENSE").read_text("utf-8")
    assert "MIT License" in shown
