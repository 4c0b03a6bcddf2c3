"""Sums that grow row by row over many rows: the engine adds up each row once, and no answer changes."""

from itertools import accumulate

import pytest
from openpyxl import Workbook
from recalc_helpers import SHEET, make, rewrite, values, with_stored

import roi_xl
from roi_xl.errors import ExcelError
from roi_xl.formula.running_sums import Totals

ROWS = 40
LAST = ROWS + 1


@pytest.fixture(autouse=True)
def short_blocks(monkeypatch):
    monkeypatch.setattr("roi_xl.formula.running_sums.BLOCK", 4)
    monkeypatch.setattr("roi_xl.formula.running_sums.LONG", 8)


def written(path, formula, other=None, title="Sheet"):
    """Numbers in column A from row 2 on with a text, a truth and a blank among them; ones in column B."""
    book = Workbook()
    sheet = book.active
    sheet.title = title
    book.create_sheet("Totals")
    for row in range(2, LAST + 1):
        sheet[f"A{row}"], sheet[f"B{row}"], sheet[f"C{row}"] = row, 1, "=" + formula.format(r=row, before=row - 1)
        if other:
            sheet[f"D{row}"] = "=" + other.format(r=row, before=row - 1)
    sheet["A6"], sheet["A7"], sheet["A8"] = "a text", True, None
    book.save(path)
    return path


def amounts(changed=()):
    """The numbers of column A, by row."""
    given = {row: 0 if row in (6, 7, 8) else row for row in range(2, LAST + 1)}
    return {**given, **dict(changed)}


def sums(changed=()):
    """The sum of column A up to each row."""
    given = amounts(changed)
    return dict(zip(given, accumulate(given.values()), strict=True))


SHAPES = [
    ("SUM(A$2:A{r})", lambda s, r: s[r]),
    ("SUM($A$2:$A{r})/B{r}", lambda s, r: s[r]),
    ("SUM(A$1:A{before})", lambda s, r: s.get(r - 1, 0)),
    ("SUM(A$9:A{r})", lambda s, r: s[r] - s[8] if r >= 9 else s[9] - s.get(r - 1, 0)),
    ("SUM(A$2:B{r})", lambda s, r: s[r] + r - 1),
    ("IF(SUM(A$2:A{r},B$2:B{r})>9,-SUM(Sheet!A$2:A{before},5)%,1)", lambda s, r: over_nine(s, r)),
    ("SUM(B{r}:B$41)", lambda s, r: 42 - r),
    ("SUM(A$1:A{r})*SHEETS()", lambda s, r: s[r] * 2),
]


def over_nine(s, r):
    return -(s.get(r - 1, 0) + 5) / 100 if s[r] + r - 1 > 9 else 1


@pytest.mark.parametrize(("formula", "right"), SHAPES, ids=[formula for formula, _ in SHAPES])
def test_a_column_is_right_before_and_after_a_change(tmp_path, formula, right):
    model = roi_xl.open_model(written(tmp_path / "m.xlsx", formula))
    for changed in ({}, {"Sheet!A3": 100, "Sheet!A30": -5.5}):
        model.calculate(changed)
        found = sums({int(name[7:]): value for name, value in changed.items()})
        for row in range(2, LAST + 1):
            assert model.value(model.find(f"Sheet!C{row}")) == pytest.approx(right(found, row), rel=1e-12), row
    assert model.verify().different == {}


def test_the_engine_reads_each_row_once(tmp_path):
    """Of the forty rows each sum reads a total and at most four rows; of 100,000 rows this takes a second."""
    model = roi_xl.open_model(written(tmp_path / "m.xlsx", "SUM(A$2:A{r})", title="It's"))
    place = model.find("'It''s'!C41")
    assert model.book.formula(place).replace(" ", "") == "SUM(Totals_!$A$10,A$41:A41)"
    assert model.book.formulas.text(place) == "SUM(A$2:A41)"


def test_what_is_sold_of_what_was_added_up_is_no_circle(tmp_path):
    """Each row's amount is a part of the sum of those above it."""
    path = make(
        tmp_path / "m.xlsx",
        {"A1": 100, "B1": "=SUM(A$1:A1)"}
        | {f"A{row}": f"=B{row - 1}*0.5" for row in range(2, LAST)}
        | {f"B{row}": f"=SUM(A$1:A{row})" for row in range(2, LAST)},
    )
    model = roi_xl.open_model(path)
    model.calculate({"Sheet!A1": 8})
    assert model.value(model.find("Sheet!B40")) == pytest.approx(8 * 1.5**39, rel=1e-12)
    swept = model.sweep({"Sheet!A1": [1.0, 2.0]}, read=["Sheet!B40"])
    assert swept["Sheet!B40"] == pytest.approx([1.5**39, 2 * 1.5**39], rel=1e-12)


def test_an_error_is_the_sum_from_its_row_on(tmp_path):
    path = make(
        tmp_path / "m.xlsx",
        {f"A{row}": "=1/0" if row == 10 else row for row in range(1, LAST)}
        | {f"B{row}": f"=SUM(A$1:A{row})" for row in range(1, LAST)},
    )
    model = roi_xl.open_model(path)
    assert model.value(model.find("Sheet!B9")) == 45
    assert model.value(model.find("Sheet!B40")) is ExcelError.DIV0


def test_a_stale_sum_at_the_end_of_a_block_leaves_the_others_right(tmp_path):
    path = written(tmp_path / "m.xlsx", "SUM(A$2:A{r})")
    roi_xl.open_model(path).save(path)
    rewrite(path, lambda contents: {**contents, SHEET: with_stored(contents[SHEET], "C12", 999)})
    model = roi_xl.open_model(path)
    assert {str(one.place) for one in model.differences} == {"Sheet!C12"}
    model.calculate({"Sheet!A39": 0})
    model.save(path)
    assert values(path)["Sheet", "C12"] == 999
    assert values(path)["Sheet", "C41"] == sums({39: 0})[41]


def test_more_columns_of_totals_than_a_sheet_has_are_not_begun(monkeypatch, tmp_path):
    monkeypatch.setattr("roi_xl.formula.running_sums.LAST_COLUMN", 1)
    path = written(tmp_path / "m.xlsx", "SUM(A$2:A{r})", other="SUM($B$2:$B{r})")
    model = roi_xl.open_model(path)
    assert "Totals_" in model.book.formula(model.find("Sheet!C41"))
    assert "Totals_" not in model.book.formula(model.find("Sheet!D41"))
    assert model.value(model.find("Sheet!D41")) == 40


def test_the_sheet_of_totals_has_a_name_of_its_own():
    assert Totals(["TOTALS", "totals_"]).sheet == "Totals__"
