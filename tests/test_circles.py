"""Circular references: iterated where the workbook allows it, else kept and named with their path."""

import pytest
from recalc_helpers import iterating, make, rewrite

import roi_xl
from roi_xl.errors import NotReproduced, NotSupported

INTEREST = {"A1": 100, "A2": "=A1+A4", "A3": "=(A1+A2)/2", "A4": "=A3*0.1"}


def test_interest_on_average_debt(tmp_path):
    path = make(tmp_path / "m.xlsx", INTEREST, change=iterating)
    model = roi_xl.open_model(path)
    assert model.value(model.find("Sheet!A4")) == pytest.approx(10.526315789)
    model.calculate({"Sheet!A1": 200})
    assert model.value(model.find("Sheet!A4")) == pytest.approx(21.052631579)


def test_a_circle_that_the_file_does_not_allow_is_kept_and_named(tmp_path):
    path = make(tmp_path / "m.xlsx", INTEREST, change=iterating)
    rewrite(path, lambda p: {**p, "xl/workbook.xml": p["xl/workbook.xml"].replace(b' iterate="1"', b"")})
    model = roi_xl.open_model(path)
    assert {d.got for d in model.differences} == {"a circular reference"}
    with pytest.raises(NotReproduced):
        model.calculate({"Sheet!A1": 200})


def test_of_a_circle_only_its_own_cells_are_kept_each_as_it_is_written(tmp_path):
    """What only reads the circle is evaluated, so that a change of something else reaches nothing that is kept."""
    readers = {f"{column}6": f"={column}5*A$4+A$7" for column in "ABC"} | {f"{column}5": 2 for column in "ABC"}
    path = make(tmp_path / "m.xlsx", {**INTEREST, **readers, "A7": 1, "A8": "=SUM(A6:C6)"}, change=iterating)
    rewrite(path, lambda p: {**p, "xl/workbook.xml": p["xl/workbook.xml"].replace(b' iterate="1"', b"")})
    model = roi_xl.open_model(path)
    way = "circular reference: Sheet!A2 → Sheet!A4 → Sheet!A3 → Sheet!A2"
    kept = [(str(one.place), one.formula, one.cause) for one in model.differences]
    assert sorted(kept) == [(f"Sheet!A{row}", INTEREST[f"A{row}"][1:], way) for row in (2, 3, 4)]
    model.calculate({"Sheet!A7": 2})
    assert model.value(model.find("Sheet!A8")) == pytest.approx(3 * (2 * 100 * 0.1 / 0.95 + 2))


def test_a_circle_beside_a_clock_is_kept_as_well(tmp_path):
    path = make(tmp_path / "m.xlsx", {**INTEREST, "B1": "=TODAY()"}, {"B1": 40_000}, change=iterating)
    rewrite(path, lambda p: {**p, "xl/workbook.xml": p["xl/workbook.xml"].replace(b' iterate="1"', b"")})
    model = roi_xl.open_model(path)
    assert {d.got for d in model.differences} == {"a circular reference"}
    assert {str(place) for place in model.replay.volatile} == {"Sheet!B1"}


def test_a_false_circle_is_none(tmp_path):
    model = roi_xl.open_model(make(tmp_path / "m.xlsx", {"A1": "=OFFSET(A1,1,0)", "A2": 7}))
    assert model.value(model.find("Sheet!A1")) == 7


def test_iteration_starts_from_the_stored_values_as_in_excel(tmp_path):
    path = make(tmp_path / "m.xlsx", {"A1": 4, "A2": "=A2*A2/A1"}, {"A2": 4}, change=iterating)
    model = roi_xl.open_model(path)
    assert model.differences == ()
    assert model.value(model.find("Sheet!A2")) == 4


def test_a_circle_is_named_with_its_path(tmp_path):
    path = make(tmp_path / "m.xlsx", INTEREST, change=iterating)
    rewrite(path, lambda p: {**p, "xl/workbook.xml": p["xl/workbook.xml"].replace(b' iterate="1"', b"")})
    causes = {d.cause for d in roi_xl.open_model(path).differences}
    assert "circular reference: Sheet!A2 → Sheet!A4 → Sheet!A3 → Sheet!A2" in causes


def test_a_workbook_that_is_circular_nearly_everywhere_is_refused(tmp_path):
    cells = {f"A{row}": f"=A{row % 1_200 + 1}+1" for row in range(1, 1_201)}
    path = make(tmp_path / "m.xlsx", cells, change=iterating)
    rewrite(path, lambda p: {**p, "xl/workbook.xml": p["xl/workbook.xml"].replace(b' iterate="1"', b"")})
    with pytest.raises(NotSupported, match="1,200 cells form circular references"):
        roi_xl.open_model(path)
