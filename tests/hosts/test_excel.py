"""The functions in Excel: xlwings' real decorators, generator and conversion."""

import io
import types

import pytest
from case_table import CASES, every_case

from roi_xl.catalog import CATALOG
from roi_xl.describe import is_table, summary, takes
from roi_xl.errors import ExcelError
from roi_xl.hosts.excel import ERROR_CODES

MISSING = -2147352572


def from_com(result):
    """What xlwings returns, with error texts as the errors that VBA makes of them."""
    if isinstance(result, list | tuple):
        result = result[0][0] if isinstance(result[0], list | tuple) else result[0]
    return {str(error): error for error in ExcelError}.get(result, result)


@every_case
def test_every_case_through_xlwings(check, call, cases):
    check(cases, lambda case: from_com(call(case.function, *case.arguments)))


@pytest.mark.parametrize("error", list(ERROR_CODES))
def test_every_error_cell_is_passed_on(call, error):
    assert from_com(call("ROI_REQUEST_SAVINGS", error, 0.01)) is error


def test_left_out_options(call):
    assert from_com(call("ROI_MONTHLY_REQUESTS", 10.0, 2.0, MISSING)) == 600
    assert from_com(call("ROI_COST_PER_REQUEST", 4000.0, 1000.0, 2.5, 10.0, *[MISSING] * 6)) == 0.02


SHAPES = [
    ("a row", [[3.0, 4.0, 5.0]], [[2, 3, 4]]),
    ("a column", [[3.0], [4.0]], [[2], [3]]),
    ("a table", [[3.0, 4.0], [5.0, None]], [[2, 3], [4, -1]]),
    ("bad cells", [["x", ExcelError.NA], [-1.0, True]], [["#VALUE!", "#N/A"], ["#NUM!", 0]]),
]


@pytest.mark.parametrize(("about", "cells", "expected"), SHAPES, ids=[about for about, *_ in SHAPES])
def test_ranges_are_answered_in_one_call(call, about, cells, expected):
    got = call("ROI_REQUEST_SAVINGS", cells, 1.0)
    rows = got if isinstance(got[0], list | tuple) else [got]
    assert [list(row) for row in rows] == expected


@pytest.mark.slow
def test_a_hundred_thousand_rows(call):
    column = [[0.01 + row / 1e7] for row in range(100_000)]
    column[50_000] = ["dear"]
    got = call("ROI_REQUEST_SAVINGS", column, 0.01)
    assert len(got) == 100_000
    assert got[50_000][0] == "#VALUE!"
    assert got[99_999][0] == pytest.approx(0.0099999)


def test_a_table_spills(call):
    table = call("ROI_REPORT", 2500.0, 800.0, 0.02, 0.012, 100000.0, 12.0)
    assert list(table[0]) == ["Saving per request", 0.008]
    assert ["Break-even", "#N/A"] in [list(row) for row in table]


def test_every_function_is_described(udfs):
    for name, formula in CATALOG.items():
        exposed = getattr(udfs.module, name).__xlfunc__
        assert exposed["name"] == name
        assert exposed["category"] == "ROI"
        assert exposed["ret"]["doc"] == summary(formula)
        for described, parameter in zip(exposed["args"], takes(formula), strict=True):
            assert described["name"] == parameter.quantity.name
            assert parameter.quantity.meaning[:100] in described["doc"]
            assert len(described["doc"]) <= 255
            assert ("optional" in described) == parameter.optional
            assert described["options"] == {"convert": "raw"}


def test_xlwings_writes_its_own_vba_for_them(udfs):
    text = io.StringIO()
    book = types.SimpleNamespace(Name="book.xlsm")
    udfs.machinery.generate_vba_wrapper("roi_xl.udfs", udfs.module, text, book)
    for name, formula in CATALOG.items():
        optional = ["Optional " * parameter.optional + parameter.quantity.name for parameter in takes(formula)]
        assert f"Function {name}({', '.join(optional)})" in text.getvalue()


def test_help_is_not_cut_short():
    for formula in CATALOG.values():
        for parameter in takes(formula):
            assert len(parameter.quantity.help() + parameter.note()) <= 255


def test_the_table_covers_every_function():
    tables = {name for name, formula in CATALOG.items() if is_table(formula)}
    assert {case.function for case in CASES} == set(CATALOG) - tables
    assert len(CASES) >= 150


@pytest.mark.parametrize("name", CATALOG)
def test_the_trial_of_the_doctor_goes_through_xlwings_own_server(udfs, name):
    from roi_xl.hosts import excel

    assert excel.trial(name) == ""


def test_the_trial_says_what_is_wrong(udfs, monkeypatch):
    from roi_xl.hosts import excel

    monkeypatch.setattr(udfs.module, "ROI_PERCENT", udfs.module.ROI_NET_BENEFIT)
    assert excel.trial("ROI_PERCENT") == "gives [[5900.0]], and not 1.5945945945945945"
    monkeypatch.delattr(udfs.module, "ROI_NPV")
    assert "ROI_NPV" in excel.trial("ROI_NPV")
    monkeypatch.setattr(excel, "example", lambda name: [-1] * 6)
    assert excel.trial("ROI_MIRR") == "gives #NUM!"
