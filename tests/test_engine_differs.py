"""Each function over which ours may take the engine's place has an answer of Excel's that the engine does not give."""

import csv
import json
from pathlib import Path

import pytest
from formula_helpers import alike, answer_in, answers, evaluated
from openpyxl import Workbook
from openpyxl.worksheet.formula import ArrayFormula
from recalc_helpers import SHEET, rewrite

from roi_xl import open_model
from roi_xl.engines.book import Book
from roi_xl.errors import EXCEL_ERRORS
from roi_xl.excel.known import ENGINE_DIFFERS
from roi_xl.formula.parser import parse
from roi_xl.formula.tokens import Unreadable
from roi_xl.formula.tree import functions_in
from roi_xl.xlsx.addresses import Address, parse_address
from roi_xl.xlsx.package import read_package

HERE = Path(__file__).parent
ELSEWHERE = {
    "ANCHORARRAY": "test_spills: the spilled range of one cell",
    "AREAS": "test_idioms: of several ranges",
    "CELL": "ours has none, and the engine's own answer is another than Excel's for most of what can be asked",
    "FORMULATEXT": "test_idioms: as it is written",
    "ISFORMULA": "test_idioms",
    "SUBTOTAL": "test_second_witness: what the filter of a table hides",
}
"""Functions whose reason needs more than a formula and a few cells."""

APART = 40
"""Rows between two formulas, which is room for what they spill."""


def table():
    """The rows of the table: function, formula, its cell, the cells that it reads, Excel's answer."""
    with (HERE / "engine_differs.csv").open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            cells = {
                name: EXCEL_ERRORS.get(value, value) if isinstance(value, str) else value
                for name, value in json.loads(row["cells"]).items()
            }
            yield row["function"], row["formula"], row["cell"], cells, answer_in(row["answer"])


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    """A workbook in the engine, with the formulas of all tables."""
    book = Workbook()
    sheet = book.active
    for place, (_, formula, _) in enumerate(answers(HERE / "excel"), start=1):
        sheet.cell(APART * place, 30).value = ArrayFormula(f"AD{APART * place}", f"={formula}")
    for place, (_, formula, cell, cells, _) in enumerate(table()):
        own = book.create_sheet(f"row {place}")
        for address, value in cells.items():
            own[address] = str(value) if value in EXCEL_ERRORS.values() else value
        own[cell] = f"={formula}"
    path = tmp_path_factory.mktemp("differs") / "case.xlsx"
    book.save(path)
    rewrite(path, lambda p: {**p, SHEET: p[SHEET].replace(b'><f t="array"', b' cm="1"><f t="array"')})
    return Book(read_package(path))


def test_every_row_of_the_table_is_ours_and_not_the_engines(engine):
    for place, (function, formula, cell, cells, answer) in enumerate(table()):
        within = parse_address(f"X!{cell}").within
        ours = evaluated(formula, {k: v for k, v in cells.items() if v is not None}, Address("S", *within), array=False)
        assert alike(ours, answer), (function, formula)
        assert not alike(engine.peekers[f"row {place}"](*within), answer), (function, formula)


def shown(engine, row, answer):
    """What the engine gives where a table has an answer."""
    if not isinstance(answer, list):
        return engine.peekers["Sheet"](row, 30)
    return [
        [engine.peekers["Sheet"](row + down, 30 + across) for across in range(len(answer[0]))]
        for down in range(len(answer))
    ]


def test_every_function_that_may_be_replaced_has_its_reason(engine):
    shown_wrong = {function for function, *_ in table()} | set(ELSEWHERE)
    for place, (_, formula, answer) in enumerate(answers(HERE / "excel"), start=1):
        try:
            called = functions_in(parse(formula, (1, 1)))
        except Unreadable:
            continue
        if not alike(shown(engine, APART * place, answer), answer):
            shown_wrong |= called
    assert sorted(ENGINE_DIFFERS - shown_wrong) == []


AS_TEXTS = {  # of 0.1+0.2 in A1, which is 0.30000000000000004 to a computer and 0.3 as a text in Excel
    "LEN(A1)": 3,
    "LENB(A1)": 3,
    "UPPER(A1)": "0.3",
    "LOWER(A1)": "0.3",
    "PROPER(A1)": "0.3",
    "TRIM(A1)": "0.3",
    "CLEAN(A1)": "0.3",
    "LEFT(A1,20)": "0.3",
    "LEFTB(A1,20)": "0.3",
    "RIGHT(A1)": "3",
    "RIGHTB(A1)": "3",
    "MID(A1,2,20)": ".3",
    "MIDB(A1,2,20)": ".3",
    "FIND(3,A1)": 3,
    "ISERROR(FIND(4,A1))": True,
    "ISERROR(FINDB(4,A1))": True,
    "ISERROR(SEARCH(4,A1))": True,
    "ISERROR(SEARCHB(4,A1))": True,
    "REPLACE(A1,1,1,7)": "7.3",
    "REPLACEB(A1,1,1,7)": "7.3",
    "SUBSTITUTE(A1,4,5)": "0.3",
    "REPT(A1,2)": "0.30.3",
    "CONCATENATE(A1,A1)": "0.30.3",
    "A1&A1": "0.30.3",
    "_xlfn.CONCAT(A1,A1)": "0.30.3",
    "_xlfn.TEXTJOIN(A1,TRUE,1,2)": "10.32",
    "_xlfn.TEXTAFTER(A1,0)": ".3",
    "FIXED(A1,20)": "0.30000000000000000000",
    "DOLLAR(A1*1000000000000000,0)": "$300,000,000,000,000",
    "IMREAL(A1)": 0.3,
    "HEX2OCT(A1*10)": "3",
    "OCT2DEC(A1*10)": 3,
}
HOLIDAYS = {  # G1 to G3 are 2024-01-01, 2024-07-01 and 2024-01-02, formatted as days
    "NETWORKDAYS(G1,G2,G3)": 130,
    "NETWORKDAYS.INTL(G1,G2,1,G3)": 130,
    "WORKDAY(G1,1,G3)": 45294,
    "WORKDAY.INTL(G1,1,1,G3)": 45294,
    "NETWORKDAYS(G1,G2,G3:G3)": 130,
}


def test_numbers_as_texts_and_one_day_as_holiday_come_out_right_without_stored_values(tmp_path):
    book = Workbook()
    sheet = book.active
    sheet["A1"], sheet["A2"] = "=A2+0.2", 0.1
    for row, day in enumerate((45292, 45474, 45293), start=1):
        sheet.cell(row, 7, day).number_format = "yyyy-mm-dd"
    formulas = {**AS_TEXTS, **HOLIDAYS}
    for row, formula in enumerate(formulas, start=1):
        sheet.cell(row, 3).value = f"={formula}"
    book.save(tmp_path / "m.xlsx")
    model = open_model(tmp_path / "m.xlsx")
    model.calculate({"Sheet!A2": 0.1})
    got = {formula: model.value(model.find(f"Sheet!C{row}")) for row, formula in enumerate(formulas, start=1)}
    assert {formula: value for formula, value in got.items() if not alike(value, formulas[formula])} == {}
    assert not model.verification.unverified
