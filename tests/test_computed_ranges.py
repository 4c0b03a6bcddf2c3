"""Does every range that a formula computes follow the cells that it reads?"""

import pytest
from openpyxl import Workbook
from openpyxl.workbook.defined_name import DefinedName

import roi_xl
from roi_xl.errors import NotSupported

LINE, TENS = list(range(1, 11)), list(range(10, 110, 10))
COMPUTED = [
    ("SUM(Dynamic)", lambda a, n, k: sum(a[:n])),
    ("SUM(Dynamic)*2", lambda a, n, k: 2 * sum(a[:n])),
    ("SUM(A1:OFFSET(A1,C1,0))", lambda a, n, k: sum(a[: n + 1])),
    ("SUM(A1:INDEX(A1:A10,C1))", lambda a, n, k: sum(a[:n])),
    ("SUM(A1:INDEX(B1:B10,C1))", lambda a, n, k: sum(a[:n]) + sum(TENS[:n])),
    ("SUM(INDEX(A1:A10,2):INDEX(A1:A10,C1))", lambda a, n, k: sum(a[1:n])),
    ("SUM(A1:CHOOSE(C2,B5,B9))", lambda a, n, k: sum(a[: (5, 9)[k - 1]]) + sum(TENS[: (5, 9)[k - 1]])),
    ("SUM(A1:IF(C2=1,B5,B9))", lambda a, n, k: sum(a[: (5, 9)[k - 1]]) + sum(TENS[: (5, 9)[k - 1]])),
    ("SUM(CHOOSE(C2,A1:A10,B1:B10))", lambda a, n, k: sum((a, TENS)[k - 1])),
    ("ROWS(IF(C2=1,A1:A10,B1:B5))", lambda a, n, k: (10, 5)[k - 1]),
    ("SUM(A1:_xlfn.XLOOKUP(55,B1:B10,A1:A10,,1))", lambda a, n, k: sum(a[:6])),
    ("SUM(_xlfn.XLOOKUP(20,B1:B10,A1:A10):_xlfn.XLOOKUP(C1*10,B1:B10,A1:A10))", lambda a, n, k: sum(a[1:n])),
    ("SUM(A1:_xlfn.XLOOKUP(7.7,A1:A10,B1:B10,B2))", lambda a, n, k: sum(a[:2]) + sum(TENS[:2])),
    ("SUM(OFFSET(A1:INDEX(A1:A10,3),0,1))", lambda a, n, k: sum(TENS[:3])),
    ('SUM(INDIRECT("A1:A"&C1))', lambda a, n, k: sum(a[:n])),
    ("Fourth(2)", lambda a, n, k: 2 * a[3]),
    ("SUM(_xlfn.MAP(B1:B2,Fourth))", lambda a, n, k: 30 * a[3]),
    ("_xlfn.LET(_xlpm.r,A3,SUM(_xlpm.r:A5))", lambda a, n, k: sum(a[2:5])),
    ("_xlfn.LET(_xlpm.f,Fourth,_xlpm.f(3))", lambda a, n, k: 3 * a[3]),
]
"""Ranges that are computed; the sums for the numbers in column A, a number of rows in C1 and a choice in C2."""


NAMES = {
    "Dynamic": "OFFSET(Sheet!$A$1,0,0,Sheet!$C$1,1)",
    "Fourth": "_xlfn.LAMBDA(_xlpm.x,_xlpm.x*Sheet!$A$4)",
}


@pytest.fixture(scope="module")
def computed_ranges(tmp_path_factory):
    """A workbook of ranges that are computed, with its values."""
    book = Workbook()
    sheet = book.active
    for row in range(1, 11):
        sheet[f"A{row}"], sheet[f"B{row}"] = LINE[row - 1], TENS[row - 1]
    sheet["C1"], sheet["C2"] = 6, 1
    for row, (formula, _) in enumerate(COMPUTED, start=1):
        sheet[f"D{row}"] = f"={formula}"
    for name, formula in NAMES.items():
        book.defined_names[name] = DefinedName(name, attr_text=formula)
    path = tmp_path_factory.mktemp("computed") / "case.xlsx"
    book.save(path)
    model = roi_xl.open_model(path)
    model.calculate()
    model.save(path)
    return path


@pytest.mark.parametrize(("cell", "value"), [("A4", 1000), ("C1", 9), ("C2", 2)])
def test_a_range_that_is_computed_follows_every_cell_that_it_reads(computed_ranges, cell, value):
    line = [value if cell == f"A{row}" else number for row, number in enumerate(LINE, start=1)]
    rows, choice = value if cell == "C1" else 6, value if cell == "C2" else 1
    after = [right(line, rows, choice) for _, right in COMPUTED]
    names = [f"Sheet!D{row}" for row in range(1, len(COMPUTED) + 1)]
    model = roi_xl.open_model(computed_ranges, strict=True)
    model.calculate({f"Sheet!{cell}": value})
    assert [model.value(model.find(name)) for name in names] == after
    for name, (_, right), wanted in zip(names, COMPUTED, after, strict=True):
        before = {"A4": 4, "C1": 6, "C2": 1}[cell]
        found = roi_xl.open_model(computed_ranges).sweep({f"Sheet!{cell}": [before, value]}, read=[name])
        assert found[name].tolist() == [right(LINE, 6, 1), wanted], name


def test_a_name_that_the_engine_does_not_read_is_read_by_ours(tmp_path):
    """A name that stands for the cell above the one that uses it."""
    book = Workbook()
    sheet = book.active
    sheet["B1"], sheet["C1"] = 100, 0.1
    sheet["B2"] = sheet["B3"] = "=Above*(1+Growth)"
    book.defined_names["Above"] = DefinedName("Above", attr_text="Sheet!A1048576")
    book.defined_names["Growth"] = DefinedName("Growth", attr_text="Sheet!$C$1")
    book.save(tmp_path / "case.xlsx")
    model = roi_xl.open_model(tmp_path / "case.xlsx", strict=True)
    for growth in (0.1, 0.2):
        model.calculate({"Sheet!C1": growth})
        got = [model.value(model.find(f"Sheet!B{row}")) for row in (2, 3)]
        assert got == pytest.approx([100 * (1 + growth), 100 * (1 + growth) ** 2])


CIRCLES = {
    "a name of itself": {"Loop": "Loop+1"},
    "two of each other": {"Loop": "Other*2", "Other": "Loop+Sheet!$A$1"},
    "a name that is half of the one before": {
        "Loop": "Half0+Half0",
        **{f"Half{n}": f"Half{n + 1}+Half{n + 1}" for n in range(60)},
        "Half60": "Sheet!$A$1",
    },
}


@pytest.mark.parametrize("names", CIRCLES.values(), ids=CIRCLES)
def test_a_name_without_an_end_is_never_written_out(tmp_path, names):
    book = Workbook()
    sheet = book.active
    sheet["A1"], sheet["B1"], sheet["B2"], sheet["D1"] = 1, "=Loop", "=D1+1", 1
    for name, formula in names.items():
        book.defined_names[name] = DefinedName(name, attr_text=formula)
    book.save(tmp_path / "case.xlsx")
    model = roi_xl.open_model(tmp_path / "case.xlsx")
    model.calculate({"Sheet!D1": 2})
    assert model.value(model.find("Sheet!B2")) == 3
    assert model.value(model.find("Sheet!B1")) in (None, 2.0**61)
    (why,) = model.verification.unverified.values()
    assert "refers to itself or stands for too long a formula" in why


def test_what_cannot_be_verified_between_computed_references_stops_a_change(tmp_path):
    book = Workbook()
    sheet = book.active
    sheet["A1"], sheet["B1"], sheet["C1"] = 1, 2, "=SUM(A1:_xlfn.SWITCH(A1,1,B1,2,B1))"
    book.save(tmp_path / "case.xlsx")
    model = roi_xl.open_model(tmp_path / "case.xlsx")
    with pytest.raises(NotSupported, match=r"C1 .*reads a range between computed references"):
        model.calculate({"Sheet!B1": 5})
