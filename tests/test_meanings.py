"""What Excel means by a formula, where the engine alone would take it otherwise."""

import pytest
from openpyxl import Workbook
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.formula import ArrayFormula

import roi_xl
from roi_xl.errors import ExcelError
from roi_xl.formula.semantics import as_excel_means

CELLS = {"A1": 1, "A2": 2, "A3": 3, "B1": 10, "B2": 20, "B3": 30, "C1": "x", "D1": 0.17, "D2": 0.16}


def filled():
    """A workbook of the cells that the formulas read."""
    book = Workbook()
    for address, value in CELLS.items():
        book.active[address] = value
    return book


EXCEL = [  # formula in E2, what Excel shows
    ("=100*1.1=110", True),
    ("=100*1.1<>110", False),
    ("=100*1.1>110", False),
    ("=100*1.1<=110", True),
    ("=A1+0.00000000000001=A1", False),
    ("=A1+0.000000000000001=A1", True),
    ("=0.1+0.2=0.3", True),
    ("=-0.1-0.2=-0.3", True),
    ("=A1=TRUE", False),
    ('=A1="1"', False),
    ('="a"="A"', True),
    ("=A2>A1", True),
    ("=E9=A9", True),
    ("=(A1=B1)=(A2=B2)", True),
    ('=IF(SUM(D1:D2)+0.67=1,"OK","ERROR")', "OK"),
    ("=A1:A3*10", 20),
    ("=A1:A3", 2),
    ("=figures+1", 3),
    ("=IF(A1:A3>1,B1:B3,0)", 20),
    ("=ROUND(B1:B3/3,1)", 6.7),
    ("=VLOOKUP(A1:A3,A1:B3,2,FALSE)", 20),
    ("=SUM(A1:A3*10)", 20),
    ("=SUMPRODUCT(A1:A3*10)", 60),
    ("=SUMPRODUCT((A1:A3=2)*B1:B3)", 20),
    ("=SUM(A1:A3)", 6),
    ("=INDEX(B1:B3*2,3)", 60),
    ("=A3:A3+1", 4),
    ("=ROI_REQUEST_SAVINGS(B1:B3,A1)", 9),
    ("=ROI_REQUEST_SAVINGS(B1:B3,A1)*2", 18),
    ("=SUM(ROI_REQUEST_SAVINGS(B1:B3,A1))", 57),
    ("=_xlfn.SINGLE(A1:A3)", 2),
    ("=WEEKNUM(45620,)", 48),
    ('=TEXT(C1,"")', "x"),
    ('=TEXT(A1,"")', ""),
    ('=COUNTIF(D1:D2,">16.5%")', 1),
    ('=SUMIFS(D1:D2,D1:D2,"=16%")', 0.16),
]


@pytest.mark.parametrize(("formula", "shown"), EXCEL)
def test_formulas_mean_what_excel_means(tmp_path, formula, shown):
    book = filled()
    book.active["E2"] = formula
    book.defined_names["Figures"] = DefinedName("Figures", attr_text="Sheet!$A$1:$A$3")
    book.save(tmp_path / "m.xlsx")
    model = roi_xl.open_model(tmp_path / "m.xlsx")
    got = model.value(model.find("Sheet!E2"))
    assert got == (pytest.approx(shown) if type(shown) in (int, float) else shown)
    assert isinstance(got, bool) == isinstance(shown, bool)


LEFT_ALONE = ["A1+B1", "SUM(A1:A3)", 'IF(A1="x",1,0)', "IF(A1>0,1,0)", '"#N/A"&A1:A3', "(A1,B1)", "(", "A1:A3 A2:B2"]


@pytest.mark.parametrize("formula", LEFT_ALONE)
def test_what_means_the_same_stays_as_it_is(formula):
    assert as_excel_means(formula, ()) == formula


EXTENTS = [  # what an array formula over E1:F2 gives, what Excel shows in its four cells
    ("=A1", [1, 1, 1, 1]),
    ("=A1:B1", [1, 10, 1, 10]),
    ("=A1:A2", [1, 1, 2, 2]),
    ("=A1:B3", [1, 10, 2, 20]),
    ("=TRANSPOSE(A1:A3)", [1, 2, 1, 2]),
    ("=A1:A3*2", [2, 2, 4, 4]),
]


@pytest.mark.parametrize(("formula", "shown"), EXTENTS)
def test_array_formulas_fill_just_their_range(tmp_path, formula, shown):
    book = filled()
    book.active["E1"] = ArrayFormula("E1:F2", formula)
    book.save(tmp_path / "m.xlsx")
    model = roi_xl.open_model(tmp_path / "m.xlsx")
    assert [model.value(model.find(f"Sheet!{cell}")) for cell in ("E1", "F1", "E2", "F2")] == shown


def test_array_formulas_show_na_where_nothing_is_left(tmp_path):
    book = Workbook()
    book.active["A1"], book.active["B1"], book.active["A2"], book.active["B2"] = 1, 2, 3, 4
    book.active["D1"] = ArrayFormula("D1:F3", "=A1:B2")
    book.save(tmp_path / "m.xlsx")
    model = roi_xl.open_model(tmp_path / "m.xlsx")
    shown = [[str(model.value(model.find(f"Sheet!{c}{r}"))) for c in "DEF"] for r in (1, 2, 3)]
    assert shown == [["1.0", "2.0", "#N/A"], ["3.0", "4.0", "#N/A"], ["#N/A"] * 3]


NAMED_FORMULAS = {
    "recent": "OFFSET(Sheet!$A$1,0,0,COUNT(Sheet!$A$1:$A$9),1)",
    "twice": "Sheet!$A$1*2",
    "payoff": "_xlfn.LAMBDA(_xlpm.x,_xlpm.x*3)",
    "below": "SUM(Sheet!A2)",
}
BY_NAME = [
    ("=SUM(recent)", 6),
    ("=Recent_not_this", ExcelError.NAME),
    ("=twice+1", 3),
    ("=payoff(A2)", 6),
    ("=payoff(A2)+PAYOFF(A3)", 15),
    ('=IFERROR(payoff(A1),"no")', 3),
    ('="recent"&COUNT(recent)', "recent3"),
]


@pytest.mark.parametrize(("formula", "shown"), BY_NAME)
def test_names_may_stand_for_formulas(tmp_path, formula, shown):
    book = filled()
    book.active["E2"] = formula
    for name, text in NAMED_FORMULAS.items():
        book.defined_names[name] = DefinedName(name, attr_text=text)
    book.save(tmp_path / "m.xlsx")
    model = roi_xl.open_model(tmp_path / "m.xlsx")
    assert model.value(model.find("Sheet!E2")) == shown
    model.save(tmp_path / "n.xlsx")
    again = roi_xl.open_model(tmp_path / "n.xlsx")
    assert (again.differences, again.replay.unknown) == ((), set())
    assert "below" not in model.book.contents.formula_names  # it means another cell in every cell
