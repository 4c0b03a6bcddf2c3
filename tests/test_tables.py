"""The functions that give tables, the same in every host."""

import math
from pathlib import Path

import pandas as pd
import polars as pl
import pytest
from calc_helpers import session
from openpyxl import Workbook
from openpyxl.worksheet.formula import ArrayFormula
from table_cases import CALLS, DISTRIBUTIONS, REFERENCE

import roi_xl
from roi_xl import cells
from roi_xl.addins import calc
from roi_xl.catalog import CATALOG
from roi_xl.describe import is_table
from roi_xl.errors import EXCEL_ERRORS, ExcelError, NotANumber, WrongShape
from roi_xl.hosts import lite
from roi_xl.xlsx.addresses import Address, column_letters

every_call = pytest.mark.parametrize(("name", "arguments"), CALLS, ids=[f"{n}-{i}" for i, (n, _) in enumerate(CALLS)])
WIDE = 30


def same(got, expected):
    """The same rows of cells, numbers to twelve digits."""
    assert len(got) == len(expected)
    for row, wanted in zip(got, expected, strict=True):
        for cell, value in zip(row, wanted, strict=True):
            if isinstance(value, str | ExcelError):
                assert cell == value
            else:
                assert math.isclose(cell, value, rel_tol=1e-12, abs_tol=1e-9), (cell, value)


def placed(arguments, top):
    """Arguments as cells of a sheet from a row on: the cells by address, and the references to them."""
    found, references, row = {}, [], top
    for argument in arguments:
        rows = argument if isinstance(argument, list) else [[argument]]
        for line, values in enumerate(rows):
            found |= {f"{column_letters(c)}{row + line}": v for c, v in enumerate(values, start=1) if v is not None}
        last = f":{column_letters(len(rows[0]))}{row + len(rows) - 1}" if isinstance(argument, list) else ""
        references.append(f"A{row}{last}")
        row += len(rows)
    return found, references, row


def in_python(name, arguments):
    """The public function's own answer, as cells show it."""
    formula = CATALOG[name]
    return cells.shown(formula, getattr(roi_xl, formula.__name__)(*arguments))


def test_every_table_is_called():
    assert {name for name, _ in CALLS} == {name for name, formula in CATALOG.items() if is_table(formula)}


@every_call
def test_as_cells(name, arguments):
    same(cells.call(CATALOG[name], arguments), in_python(name, arguments))


@every_call
def test_in_lite(name, arguments):
    handed = [argument if isinstance(argument, list) else [[argument]] for argument in arguments]
    got = [[EXCEL_ERRORS.get(cell, cell) for cell in row] for row in rows_of(lite.answer(name, *handed))]
    same(got, in_python(name, arguments))


def rows_of(value):
    return value if isinstance(value, list) else [[value]]


@every_call
def test_through_xlwings(call, name, arguments):
    handed = [tuple(map(tuple, a)) if isinstance(a, list) else a for a in arguments]
    got = rows_of(call(name, *handed))
    rows = got if isinstance(got[0], list | tuple) else [got]
    same([[EXCEL_ERRORS.get(cell, cell) for cell in row] for row in rows], in_python(name, arguments))


@every_call
def test_headless(tmp_path, name, arguments):
    expected = in_python(name, arguments)
    book = Workbook()
    found, references, row = placed(arguments, 1)
    for address, value in found.items():
        book.active[address] = value
    target = f"A{row}:{column_letters(len(expected[0]))}{row + len(expected) - 1}"
    book.active[f"A{row}"] = ArrayFormula(target, f"={name}({','.join(references)})")
    book.save(tmp_path / "m.xlsx")
    model = roi_xl.open_model(tmp_path / "m.xlsx")
    rows = range(row, row + len(expected))
    columns = range(1, len(expected[0]) + 1)
    same([[model.value(Address("Sheet", r, c)) for c in columns] for r in rows], expected)


@pytest.fixture(scope="module")
def in_calc(uno_python, tmp_path_factory):
    """What Calc shows for every call; the simulations say #NAME? where its Python has no SciPy."""
    extension = tmp_path_factory.mktemp("extension") / Path(calc.FILE_NAME)
    calc.build(extension)
    steps = []
    for name, arguments in CALLS:
        expected = in_python(name, arguments)
        found, references, row = placed(arguments, 1)
        bottom, right = row + len(expected) - 1, len(expected[0])
        target = f"A{row}:{column_letters(right)}{bottom}"
        places = [f"{column_letters(c)}{r}" for r in range(row, bottom + 1) for c in range(1, right + 1)]
        steps.append({"cells": found, "arrays": {target: f"={name}({';'.join(references)})"}, "read": places})
    return [list(sheet["values"].values()) for sheet in session(extension, *steps)]


@pytest.mark.parametrize("number", range(len(CALLS)), ids=lambda number: f"{CALLS[number][0]}-{number}")
def test_in_calc(in_calc, number):
    name, arguments = CALLS[number]
    expected, got = in_python(name, arguments), in_calc[number]
    width = len(expected[0])
    values = [v["text"] if isinstance(v, dict) else EXCEL_ERRORS.get(v, v) for v in got]
    if name == "ROI_MONTE_CARLO" and values[0] is ExcelError.NAME:
        return
    same([values[start : start + width] for start in range(0, len(values), width)], expected)


BAD_TABLES = [
    ("ROI_COMPARE", [[["A", 1, 2]], 0.02, 100_000, 12], ExcelError.VALUE),
    ("ROI_COMPARE", [[["A", 1, 2, "cheap"]], 0.02, 100_000, 12], ExcelError.VALUE),
    ("ROI_COMPARE", [[["A", 1, 2, -0.01]], 0.02, 100_000, 12], ExcelError.NUM),
    ("ROI_COMPARE", [[["A", 1, 2, ExcelError.REF]], 0.02, 100_000, 12], ExcelError.REF),
    ("ROI_COMPARE", [[["A", 1, 2, 0.01]], [[0.02, 0.03]], 100_000, 12], ExcelError.VALUE),
    ("ROI_TORNADO", [[[1, 2]], [[1]], [[2]]], ExcelError.VALUE),
    ("ROI_TORNADO", [[[1] * 6], [[1]], [["much"]]], ExcelError.VALUE),
    ("ROI_TORNADO", [[[1] * 6], [[1]], [[2, 3]]], ExcelError.VALUE),
    ("ROI_TORNADO", [[[1] * 6], [[1]], [[2]], "profit"], ExcelError.NAME),
    ("ROI_TORNADO", [[[1] * 6], [[1]], [[2]], ExcelError.NA], ExcelError.NA),
    ("ROI_IRR_ALL", [[[1, 2]], 100, 0.02, 0.012, 100_000, 12], ExcelError.VALUE),
    ("ROI_MONTE_CARLO", [DISTRIBUTIONS, 8], ExcelError.NUM),
    ("ROI_MONTE_CARLO", [DISTRIBUTIONS[1:]], ExcelError.NAME),
    ("ROI_MONTE_CARLO", [5], ExcelError.NAME),
]


def test_rows_are_records_in_python_and_have_headings_in_cells():
    months = roi_xl.cash_flow(*REFERENCE)
    assert (months[12].month, months[12].cumulative) == (12, 5900)
    frame = pd.DataFrame(months)
    assert list(frame.columns[:3]) == ["month", "in_horizon", "requests"]
    assert pl.DataFrame(months)["net_cash_flow"].sum() == frame["net_cash_flow"].sum() == 5900
    top, first, *_ = cells.call(CATALOG["ROI_CASHFLOW"], REFERENCE)
    assert top[:3] == ["Month", "In horizon", "Requests"]
    assert first == list(months[0])


def test_no_rate_of_return_is_no_row_in_python_and_an_error_in_a_cell():
    never = (0, 100, 0.02, 0.012, 100_000, 12)
    assert roi_xl.irr_all(*never) == []
    assert cells.call(CATALOG["ROI_IRR_ALL"], never) == [[ExcelError.NUM]]


def test_ranges_in_python_must_be_ranges():
    with pytest.raises(WrongShape, match="options must be a range, a list or a data frame, got 5"):
        roi_xl.compare(5, 0.02, 100_000, 12)
    with pytest.raises(NotANumber, match="months must be a number"):
        roi_xl.compare([["A", 1, 2, 0.01]], 0.02, 100_000, "12")


@pytest.mark.parametrize(("name", "arguments", "error"), BAD_TABLES)
def test_bad_tables_are_one_error(name, arguments, error):
    got = cells.call(CATALOG[name], arguments)
    assert got in (error, [[error]])
