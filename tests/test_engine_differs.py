"""Each function over which ours may take the engine's place has an answer of Excel's that the engine does not give."""

import csv
import json
from pathlib import Path

import pytest
from formula_helpers import alike, answer_in, answers, evaluated
from openpyxl import Workbook
from openpyxl.worksheet.formula import ArrayFormula
from recalc_helpers import SHEET, rewrite

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
