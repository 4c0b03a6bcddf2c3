"""Data tables of Excel's What-If Analysis: evaluated as Excel does, or kept and named."""

import pytest
from recalc_helpers import SHEET, make, parts, rewrite, values, with_stored

import roi_xl
from roi_xl.cli import main
from roi_xl.errors import NotReproduced


def with_data_table(path, table, cells, stored):
    """A workbook with a data table: its attributes, the cells around it, the values in it."""
    first = next(iter(stored))
    make(path, {**cells, **{place: value for place, value in stored.items() if place != first}, first: "=1+1"}, stored)
    table = b'<f t="dataTable" %b/>' % table
    rewrite(path, lambda p: {**p, SHEET: p[SHEET].replace(b"<f>1+1</f>", table)})
    return path


PRICE, VOLUME = {"A1": 3, "A2": 5, "A3": 2}, {"B9": "=A1*A2-A3"}
DATA_TABLES = [
    ("one column", b'ref="B10:B11" dt2D="0" dtr="0" r1="A1"', {**VOLUME, "A10": 1, "A11": 2}, {"B10": 3, "B11": 8}),
    (
        "one row",
        b'ref="B9:C9" dt2D="0" dtr="1" r1="A2"',
        {"A9": "=A1*A2-A3", "B8": 1, "C8": 2},
        {"B9": 1, "C9": 4},
    ),
    (
        "two ways",
        b'ref="C10:D11" dt2D="1" dtr="1" r1="A1" r2="A2"',
        {**VOLUME, "C9": 1, "D9": 2, "B10": 10, "B11": 20},
        {"C10": 8, "D10": 18, "C11": 18, "D11": 38},
    ),
]


@pytest.mark.parametrize(("kind", "table", "cells", "stored"), DATA_TABLES)
def test_data_tables_are_evaluated_as_excel_does(tmp_path, kind, table, cells, stored):
    total = {"F1": f"=SUM({','.join(stored)})"}
    path = with_data_table(tmp_path / "m.xlsx", table, {**PRICE, **cells, **total}, stored)
    rewrite(path, lambda p: {**p, SHEET: with_stored(p[SHEET], "F1", sum(stored.values()))})
    model = roi_xl.open_model(path)
    assert model.differences == ()
    assert model.replay.compared == len(stored) + 2  # its formula, and the sum
    model.calculate({"Sheet!A3": 12})
    model.save(tmp_path / "n.xlsx")
    found = values(tmp_path / "n.xlsx")
    assert {place: found["Sheet", place] for place in stored} == {place: value - 10 for place, value in stored.items()}
    assert found["Sheet", "F1"] == sum(stored.values()) - 10 * len(stored)
    assert b'<f t="dataTable" ' + table in parts(tmp_path / "n.xlsx")[SHEET]


def test_a_data_table_that_does_not_come_out_is_kept_and_named(tmp_path):
    _, table, cells, stored = DATA_TABLES[0]
    path = with_data_table(tmp_path / "m.xlsx", table, {**PRICE, **cells, "E1": 7, "E2": "=E1*2"}, {**stored, "B11": 9})
    model = roi_xl.open_model(path)
    assert [(str(d.place), d.cause, d.got) for d in model.differences] == [("Sheet!B11", "data table", 8.0)]
    model.calculate({"Sheet!E1": 8})
    with pytest.raises(NotReproduced, match="Sheet!B11"):
        model.calculate({"Sheet!A3": 12})


def test_a_data_table_of_random_numbers_is_left_out(tmp_path):
    table = b'ref="B10:B11" dt2D="0" dtr="0" r1="E1"'
    cells = {"B9": "=RAND()", "A10": 1, "A11": 2}
    model = roi_xl.open_model(with_data_table(tmp_path / "m.xlsx", table, cells, {"B10": 0.1, "B11": 0.2}))
    assert model.differences == ()
    assert {str(place) for place in model.replay.volatile} == {"Sheet!B10", "Sheet!B11"}


def test_data_tables_that_cannot_be_computed_keep_their_values(tmp_path, monkeypatch, capsys):
    path = with_data_table(
        tmp_path / "m.xlsx", b'ref="C1:C2" dt2D="0" dtr="0" r1="A1"', {"A1": 3, "B1": "=A1*2"}, {"C1": 2}
    )
    monkeypatch.chdir(tmp_path)
    assert main(["recalc", "m.xlsx", "--set", "Sheet!A1=4", "--in-place"]) == 0
    assert "kept as stored: data table, not recomputed (1): Sheet!C1" in capsys.readouterr().err
    assert values(path)["Sheet", "B1"] == 8
    assert values(path)["Sheet", "C1"] == 2
