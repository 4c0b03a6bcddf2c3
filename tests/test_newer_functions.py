"""Functions that a file stores as Excel does not know them.

XlsxWriter, "Formulas added in Excel 2010 and later": they "must be prefixed with _xlfn."; "if the prefix isn't included
you will get an Excel function name error". openpyxl, "Using formulae": such formulas "must be prefixed with _xlfn. to
work".
"""

import json

import pytest
from openpyxl import Workbook
from openpyxl.utils import FORMULAE
from openpyxl.workbook.defined_name import DefinedName
from recalc_helpers import make, rewrite

import roi_xl
from roi_xl.cli import main
from roi_xl.excel.library import FUNCTIONS
from roi_xl.formula.newer_functions import NEWER

BARE = {
    "C1": "=XLOOKUP(A1,A1:A3,B1:B3)",
    "C2": "=xlookup(A1,A1:A3,B1:B3)",
    "C3": "=SUM(STDEV.S(A1:A3),1)",
    "C4": '=IF(TRUE,"IFS(",_xlfn.IFNA(B1,2))',
    "C5": "=SUM(A1:A3)",
    "C6": "=SUM(FILTER(B1:B3,A1:A3>1))",
    "C7": "=SUM('SORT(x)'!A1,A1)",
}
SAID = [
    "FILTER (Sheet!C6) is stored without its prefix _xlfn._xlws.: Excel shows #NAME? until it is edited",
    "STDEV.S (Sheet!C3) is stored without its prefix _xlfn.: Excel shows #NAME? until it is edited",
    "XLOOKUP (2 cells, the first is Sheet!C1) is stored without its prefix _xlfn.: Excel shows #NAME? until it is "
    "edited",
]


@pytest.fixture
def bare(tmp_path):
    """Functions with and without their prefixes, as openpyxl writes what it is given."""
    book = Workbook()
    book.create_sheet("SORT(x)")["A1"] = 5
    for row in (1, 2, 3):
        book.active[f"A{row}"], book.active[f"B{row}"] = row, row * 10
    for cell, formula in BARE.items():
        book.active[cell] = formula
    book.save(tmp_path / "m.xlsx")
    return tmp_path / "m.xlsx"


def test_check_lists_them_and_finds_fault(bare, capsys):
    assert main(["check", str(bare)]) == 1
    told = capsys.readouterr().out.splitlines()
    assert [line for line in told if "prefix" in line] == [f"{bare}: {line}" for line in SAID]
    assert main(["check", str(bare), "--json"]) == 1
    report = json.loads(capsys.readouterr().out)[str(bare)]
    assert report["without_prefix"]["XLOOKUP"] == {"prefix": "_xlfn.", "cells": 2, "first": "Sheet!C1"}
    assert set(report["without_prefix"]) == {"FILTER", "STDEV.S", "XLOOKUP"}


def test_recalc_gives_their_values_and_says_what_excel_will_show(bare, capsys):
    assert main(["recalc", str(bare), "--set", "Sheet!B1=70", "-o", str(bare.with_name("o.xlsx"))]) == 0
    told = capsys.readouterr().err.splitlines()
    assert [line for line in told if "prefix" in line] == SAID
    model = roi_xl.open_model(bare.with_name("o.xlsx"))
    assert [model.value(model.find(f"Sheet!C{row}")) for row in (1, 2, 3)] == [70, 70, 2]


def test_a_macro_or_a_name_of_the_workbook_may_be_meant(tmp_path, capsys):
    book = Workbook()
    book.active["A1"], book.active["A2"] = 1, "=TAKE(A1,1)"
    book.defined_names["TAKE"] = DefinedName("TAKE", attr_text="_xlfn.LAMBDA(_xlpm.x,_xlpm.y,_xlpm.x*_xlpm.y)")
    book.save(tmp_path / "m.xlsx")
    assert main(["check", str(tmp_path / "m.xlsx"), "--json"]) == 0
    assert '"without_prefix": {}' in capsys.readouterr().out
    path = make(tmp_path / "macros.xlsm", {"A1": 1, "A2": "=CONCAT(A1,2)"}, {"A2": "12"})
    rewrite(path, lambda contents: {**contents, "xl/vbaProject.bin": b""})
    assert main(["check", str(path), "--json"]) == 0
    assert '"without_prefix": {}' in capsys.readouterr().out


def test_what_excel_2007_knew_is_not_among_them_and_all_else_that_we_know_is():
    """openpyxl lists the functions of the first specification; some of Excel 2010's are stored without a prefix."""
    plain = {"AGGREGATE", "ISO.CEILING", "NETWORKDAYS.INTL", "WORKDAY.INTL"}
    assert not NEWER & FORMULAE
    known = {name for name in FUNCTIONS if "ROI" not in name and " " not in name}
    assert sorted(known - FORMULAE - NEWER - plain) == []
