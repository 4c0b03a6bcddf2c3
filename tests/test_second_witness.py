"""A column of formulas of one shape: right after a change, and every cell of it verified a second time."""

import re
from dataclasses import replace

import pytest
from openpyxl import Workbook
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.filters import AutoFilter, FilterColumn
from openpyxl.worksheet.formula import ArrayFormula
from openpyxl.worksheet.table import Table
from recalc_helpers import SHEET, iterating, make, rewrite

import roi_xl
from roi_xl.errors import ExcelError, NotReproduced, NotSupported, RoiError
from roi_xl.excel.library import FUNCTIONS
from roi_xl.recalc.witness import ONE_ONLY

ROWS = range(2, 8)
DIV0 = ExcelError.DIV0


def totals(values):
    """The sums up to each value."""
    return [sum(values[: count + 1]) for count in range(len(values))]


SHAPES = [  # the formula of row {r}; what Excel shows in rows 2 to 7 for the amounts of column A
    ("SUM(A$2:A{r})", totals),
    ("SUM(A$2:A{r})-A{r}", lambda a: [total - one for total, one in zip(totals(a), a, strict=True)]),
    (
        "SUM(A$2:A{r})*2+SUM(B$2:B{r})",
        lambda a: [2 * t + sum(range(2, r + 1)) for t, r in zip(totals(a), ROWS, strict=True)],
    ),
    ("SUM($A{r}:B{r})", lambda a: [one + row for one, row in zip(a, ROWS, strict=True)]),
    ("SUM($A{r}:A{r})", lambda a: a),
    ("SUM(D$2:D{r})", lambda a: [1, 2, DIV0, DIV0, DIV0, DIV0]),
    ("A$2:A$7*2", lambda a: [2 * one for one in a]),
    ("_xlfn.SINGLE(A$2:A$7)+1", lambda a: [one + 1 for one in a]),
    ("Amounts*3", lambda a: [3 * one for one in a]),
    ("ROW()*10+COLUMN()", lambda a: [row * 10 + 5 for row in ROWS]),
    ("SUM(Sheet:Other!A{r})", lambda a: [one + 100 for one in a]),
    ("SUM((A{r},B{r}))", lambda a: [one + row for one, row in zip(a, ROWS, strict=True)]),
    ("SUM(A$2:INDEX(A$2:A$7,ROW()-1))", totals),
    ("ROW(INDEX(A$2:A$7,ROW()-1))", lambda a: list(ROWS)),
    ("SUM(INDEX(A{r}:B{r},0))", lambda a: [one + row for one, row in zip(a, ROWS, strict=True)]),
    ("SUM(INDEX(A$2:B$7,ROW()-1,0))", lambda a: [one + row for one, row in zip(a, ROWS, strict=True)]),
    ("COUNTA(_xlfn.UNIQUE(C$2:C{r}))", lambda a: [1, 2, 2, 2, 2, 2]),
    ("SUM(_xlfn.TAKE(A$2:A$7,B{r}-1))", totals),
    ("SUM(_xlfn.SEQUENCE(B{r}))", lambda a: [row * (row + 1) / 2 for row in ROWS]),
    ("SUM(INDEX(A$2:B$7,8,1):A{r})", lambda a: [ExcelError.REF] * 6),
    ("SUM(INDEX(A$2:A$7,-1):A{r})", lambda a: [ExcelError.VALUE] * 6),
    ("AVERAGE(A$2:A$4 A{r}:C{r})+0", lambda a: [*a[:3], *[ExcelError.NULL] * 3]),
    ("SUM(OFFSET(A$2,0,0,ROW()-1,1))", totals),
    ("MATCH(D{r},D$2:D$7,0)", lambda a: [1, 1, DIV0, 1, 1, 1]),
    ("MATCH(1,D{r}:D$7,0)", lambda a: [1, 1, 2, 1, 1, 1]),
    ("IFERROR(D{r},-1)", lambda a: [1, 1, -1, 1, 1, 1]),
    ('COUNTIF(A$2:A$7,">"&A{r})', lambda a: [sum(other > one for other in a) for one in a]),
    ("INDEX(A$2:A$7,MATCH(A{r},A$2:A$7,0))", lambda a: a),
    ('IF(C{r}="yes",A{r},0)', lambda a: [one if row % 2 else 0 for one, row in zip(a, ROWS, strict=True)]),
    ('LEN(C{r})&" "&UPPER(C{r})', lambda a: ["3 YES" if row % 2 else "2 NO" for row in ROWS]),
    ("SUMPRODUCT((C$2:C$7=C{r})*A$2:A$7)", lambda a: [sum(a[row % 2 :: 2]) for row in ROWS]),
    ("_xlfn.LET(_xlpm.x,A{r}*2,_xlpm.x+1)", lambda a: [2 * one + 1 for one in a]),
    ("Rate*A{r}", lambda a: [0.5 * one for one in a]),
    ("SUM(Costs)+A{r}", lambda a: [27 + one for one in a]),
    ("A{r}^2-A{r}%", lambda a: [one * one - one / 100 for one in a]),
    ("SUBTOTAL(9,A$2:A{r})", totals),
    ("ROWS(A$2:A{r})", lambda a: [1, 2, 3, 4, 5, 6]),
    ("XNPV(0.1,A$2:A$3,F$2:F$3)+0*A{r}", lambda a: [a[0] + a[1] / 1.1] * 6),
    ("+".join(["A{r}"] * 300), lambda a: [300 * one for one in a]),
]


def workbook(path, formula):
    """Amounts, marks, an error, two sheets, names and a table; the formula in column E."""
    book = Workbook()
    sheet = book.active
    other = book.create_sheet("Other")
    for row in ROWS:
        sheet[f"A{row}"], sheet[f"B{row}"], sheet[f"C{row}"] = 10 * row, row, ("no", "yes")[row % 2]
        sheet[f"D{row}"] = "=1/0" if row == 4 else "=1/1"
        sheet[f"E{row}"] = "=" + formula.format(r=row)
        other[f"A{row}"] = 100
    sheet["F2"], sheet["F3"] = 45_000, 45_365
    sheet["B1"] = "Costs"
    table = Table(displayName="Costs", ref="B1:B7")
    sheet.add_table(table)
    book.defined_names["Amounts"] = DefinedName("Amounts", attr_text="Sheet!$A$2:$A$7")
    book.defined_names["Rate"] = DefinedName("Rate", attr_text="Sheet!$B$3/6")
    book.save(path)


@pytest.mark.parametrize(("formula", "right"), SHAPES, ids=[formula[:40] for formula, _ in SHAPES])
def test_a_column_is_right_before_and_after_a_change(tmp_path, formula, right):
    path = tmp_path / "case.xlsx"
    workbook(path, formula)
    model = roi_xl.open_model(path)
    amounts = [10 * row for row in ROWS]
    model.calculate()
    assert shown(model) == [near(value) for value in right(amounts)]
    model.save(path)
    again = roi_xl.open_model(path)
    again.calculate({"Sheet!A3": 25, "Sheet!A6": -4})
    amounts[1], amounts[4] = 25, -4
    assert shown(again) == [near(value) for value in right(amounts)]
    found = again.verify()
    assert (found.verified, found.different, found.unverified) == (12, {}, {})


@pytest.mark.parametrize("trusting", [False, True])
def test_what_ours_took_over_and_cannot_evaluate_any_more_stops_a_change(tmp_path, trusting):
    book = Workbook()
    book.active["A1"], book.active["B1"] = 2, "=BESSELJ(A1,1)"
    book.save(tmp_path / "case.xlsx")
    model = roi_xl.open_model(tmp_path / "case.xlsx", trust_engine=trusting)
    assert model.book.route(model.find("Sheet!B1"))
    model.calculate({"Sheet!A1": 3})
    assert model.value(model.find("Sheet!B1")) == pytest.approx(0.33905896, rel=1e-7)
    said = "B1 =.* cannot be evaluated for these values" if trusting else "nothing verifies Sheet!B1"
    with pytest.raises(NotSupported if trusting else NotReproduced, match=said):
        model.calculate({"Sheet!A1": 9})


def test_where_the_file_speaks_against_ours_the_engine_stays_and_the_cell_is_named(tmp_path, monkeypatch):
    path = make(tmp_path / "case.xlsx", {"A1": 10, "A2": 4, "B1": "=GCD(A1,A2)"})
    wrong = replace(FUNCTIONS["GCD"], kernel=lambda *numbers: 99.0)
    monkeypatch.setitem(FUNCTIONS, "GCD", wrong)
    model = roi_xl.open_model(path)
    cell = model.find("Sheet!B1")
    model.calculate({})
    assert (model.value(cell), model.verification.unverified) == (2, {cell: ONE_ONLY})
    model.calculate({"Sheet!A1": 12})
    assert (model.value(cell), model.verification.unverified) == (4, {cell: ONE_ONLY})


def test_an_array_formula_that_the_engine_gives_in_another_order_is_ours_and_stays_live(tmp_path):
    values = {f"A{row}": value for row, value in enumerate((2, 2, 1, 1, 3), start=1)}
    path = make(tmp_path / "case.xlsx", {**values, "B1": ArrayFormula("B1:B2", "=_xlfn.MODE.MULT(A1:A5)")}, {"B1": 2})
    member = re.compile(rb'(<c r="B2"[^>]*>)<v>[^<]*</v>')
    rewrite(path, lambda contents: {**contents, SHEET: member.sub(rb"\1<v>1</v>", contents[SHEET])})
    model = roi_xl.open_model(path)
    assert not model.differences
    assert [model.value(model.find(f"Sheet!B{row}")) for row in (1, 2)] == [2, 1]
    model.calculate({"Sheet!A1": 3})
    assert [model.value(model.find(f"Sheet!B{row}")) for row in (1, 2)] == [3, 1]


def test_texts_of_a_constant_array_are_its_own_whoever_evaluates_it(tmp_path):
    book = Workbook()
    book.active["A1"] = ArrayFormula("A1:B2", '=LOWER({"Hi","MAN";"YOU","Rock"})')
    book.active["D1"] = ArrayFormula("D1:E1", '=UPPER({"other","texts"})')
    book.save(tmp_path / "case.xlsx")
    model = roi_xl.open_model(tmp_path / "case.xlsx")
    model.calculate({})
    shown_texts = [model.value(model.find(f"Sheet!{cell}")) for cell in ("A1", "B1", "A2", "B2", "D1", "E1")]
    assert shown_texts == ["hi", "man", "you", "rock", "OTHER", "TEXTS"]


def test_a_whole_row_that_ours_count_goes_to_its_end(tmp_path):
    book = Workbook()
    sheet = book.active
    sheet["A1"], sheet["B1"], sheet["A3"] = 23, 5, '=COUNTIFS($1:$1,"<>"&B1)'
    book.save(tmp_path / "case.xlsx")
    model = roi_xl.open_model(tmp_path / "case.xlsx")
    for value, count in ((5, 16_383), (7, 16_383), (23, 16_382)):
        model.calculate({"Sheet!B1": value})
        assert model.value(model.find("Sheet!A3")) == count


def test_a_subtotal_leaves_out_what_the_filter_of_a_table_hides(tmp_path):
    book = Workbook()
    sheet = book.active
    for row, value in enumerate(("Sales", 1, 20, 300, 4000, 50000), start=1):
        sheet[f"A{row}"] = value
    table = Table(displayName="Sales", ref="A1:A5")
    table.autoFilter = AutoFilter(ref="A1:A5", filterColumn=[FilterColumn(colId=0)])
    sheet.add_table(table)
    for row in (3, 6):
        sheet.row_dimensions[row].hidden = True
    sheet["C8"], sheet["D8"], sheet["E8"] = "=SUBTOTAL(9,Sales[Sales])", "=SUBTOTAL(9,A2:A6)", "=SUBTOTAL(109,A2:A6)"
    book.save(tmp_path / "case.xlsx")
    model = roi_xl.open_model(tmp_path / "case.xlsx")
    model.calculate({"Sheet!A2": 2})
    got = [model.value(model.find(f"Sheet!{cell}")) for cell in ("C8", "D8", "E8")]
    assert got == [4302, 54302, 4302]


def near(value):
    """A number to twelve digits, anything else as it is."""
    return pytest.approx(value, rel=1e-12) if isinstance(value, int | float) else value


def shown(model):
    """The values of column E."""
    return [model.value(model.find(f"Sheet!E{row}")) for row in ROWS]


def test_sums_that_grow_in_a_block_have_each_cell_its_own(tmp_path):
    book = Workbook()
    sheet = book.active
    for row, amounts in enumerate(([1, 2, 3], [10, 20, 30], [100, 200, 300]), start=2):
        for column, amount in enumerate(amounts, start=1):
            sheet.cell(row, column).value = amount
            letter = "ABC"[column - 1]
            sheet.cell(row, column + 4).value = f"=SUM({letter}$2:{letter}{row})"
            sheet.cell(row, column + 8).value = f"=SUM($A{row}:{letter}{row})"
    sheet["B3"] = "=1/0"
    book.save(tmp_path / "case.xlsx")
    model = roi_xl.open_model(tmp_path / "case.xlsx")
    model.calculate({"Sheet!A2": 5})
    found = model.verify()
    assert (found.verified, found.different, found.unverified) == (19, {}, {})
    down = [[model.value(model.find(f"Sheet!{column}{row}")) for column in "EFG"] for row in (2, 3, 4)]
    across = [[model.value(model.find(f"Sheet!{column}{row}")) for column in "IJK"] for row in (2, 3, 4)]
    assert down == [[5, 2, 3], [15, DIV0, 33], [115, DIV0, 333]]
    assert across == [[5, 7, 10], [10, DIV0, DIV0], [100, 300, 600]]


def test_errors_in_one_scenario_leave_the_others_alone(tmp_path):
    book = Workbook()
    cells = {
        "A1": 1,
        "B1": "=1/A1",
        "B2": "=1/(A1-1)",
        "B3": "=10+0*A1",
        "C1": "=MIN(B1:B3)",
        "C2": "=MATCH(C1,B1:B3,0)",
    }
    cells |= {"C3": "=MATCH(10,B1:B3,0)", "C4": "=IFERROR(C2,-1)"}
    for address, value in cells.items():
        book.active[address] = value
    book.save(tmp_path / "case.xlsx")
    found = roi_xl.open_model(tmp_path / "case.xlsx").sweep(
        {"Sheet!A1": [0, 1, 2, 4]}, [f"Sheet!C{row}" for row in (2, 3, 4)]
    )
    assert found["Sheet!C2"].tolist() == pytest.approx([float("nan"), float("nan"), 1, 1], nan_ok=True)
    assert found["Sheet!C3"].tolist() == [3, 3, 3, 3]
    assert found["Sheet!C4"].tolist() == [-1, -1, 1, 1]


def test_what_the_engine_left_as_it_was_is_evaluated_again(tmp_path):
    """A sum of cells that read what an array formula fills, as in a schedule of depreciation by year of purchase."""
    cells = {"A1": 400, "B1": 404, "C1": 10, "E3": 0.2, "E4": ArrayFormula("E4:E6", "=TRANSPOSE(A1:C1)")}
    cells |= {f"H{row}": f"=MIN(E{row}*E$3,E{row})" for row in (4, 5, 6)}
    cells |= {
        "H7": "=SUM(H4:H6)",
        "H8": "=SUM(H4:H6)+TODAY()*0",
        "H9": "=SUM(H4:H6)+LEN(_xlfn.ARRAYTOTEXT(1))*0",
        "H10": "=H7*2",
    }
    model = roi_xl.open_model(make(tmp_path / "m.xlsx", cells))
    for bought in (440.0, 10.0, 404.0):
        model.calculate({"Sheet!B1": bought})
        total = 0.2 * (400 + bought + 10)
        got = [model.value(model.find(f"Sheet!H{row}")) for row in (7, 8, 9, 10)]
        assert got == pytest.approx([total, total, total, 2 * total])
    found = model.sweep({"Sheet!B1": [440.0, 10.0]}, ["Sheet!H10"])
    assert found["Sheet!H10"].tolist() == pytest.approx([340, 168])


def test_where_circles_are_iterated_new_values_are_verified_as_closely(tmp_path):
    """A sum that the engine leaves as it was, and a change that is small beside it."""
    cells = {"A1": 400, "B1": 404, "E4": ArrayFormula("E4:E5", "=TRANSPOSE(A1:B1)"), "H4": "=E4*2", "H5": "=E5*2"}
    path = make(
        tmp_path / "m.xlsx", {**cells, "H7": "=SUM(H4:H6)", "C1": "=C2*0.5+A1", "C2": "=C1*0.5"}, change=iterating
    )
    model = roi_xl.open_model(path)
    model.calculate({"Sheet!B1": 404.01})
    assert model.value(model.find("Sheet!H7")) == pytest.approx(1608.02, rel=1e-12)
    model.calculate({"Sheet!A1": 400.01})
    assert model.value(model.find("Sheet!C1")) == pytest.approx(400.01 / 0.75, rel=1e-12)
    assert model.verify().different == {}


def test_a_kept_cell_that_reads_what_the_engine_left_as_it_was_stops_the_change(tmp_path):
    cells = {"A1": 400, "B1": 404, "E4": ArrayFormula("E4:E5", "=TRANSPOSE(A1:B1)"), "H4": "=E4*2", "H5": "=E5*2"}
    cells |= {"H7": "=SUM(H4:H6)", "H8": "=NOSUCHFUNCTION(H7)"}
    model = roi_xl.open_model(make(tmp_path / "m.xlsx", cells, {"H8": 5}))
    with pytest.raises(NotReproduced, match="H8"):
        model.calculate({"Sheet!B1": 440.0})


LAST = [
    (33017453.33333332, 16698000.0, 16319453.333333343, -2.2351741790771484e-08),
    (31511638.055555545, 20038333.333333332, 11473304.722222231, -1.862645149230957e-08),
    (2.0**25 + 2.0**-24, 2.0**24, 2.0**24, 2.0**-24),
    (2.0**25 + 2.0**-25, 2.0**24, 2.0**24, 2.0**-25),
    (2.0**25 + 2.0**-26, 2.0**24, 2.0**24, 0.0),
]
"""Differences as balance checks have them; the first two from a workbook that Excel saved, 49 binary places below."""


@pytest.mark.parametrize(("assets", "debt", "equity", "left"), LAST)
def test_what_excel_leaves_of_a_last_difference(tmp_path, assets, debt, equity, left):
    book = Workbook()
    book.active.append([1, 2, 3, "=A1-B1-C1"])
    book.save(tmp_path / "m.xlsx")
    model = roi_xl.open_model(tmp_path / "m.xlsx")
    model.calculate({"Sheet!A1": assets, "Sheet!B1": debt, "Sheet!C1": equity})
    assert model.value(model.find("Sheet!D1")) == left


def test_what_changes_with_the_clock_has_a_second_evaluation_too(tmp_path):
    """The engine counts the working days of January 1900 from another weekday than Excel."""
    path = make(tmp_path / "m.xlsx", {"A1": "=TODAY()", "A2": "=A1+NETWORKDAYS(10,20)"}, {"A1": 45_000, "A2": 45_009})
    model = roi_xl.open_model(path)
    model.calculate()
    assert model.differences == ()
    assert model.value(model.find("Sheet!A2")) == model.value(model.find("Sheet!A1")) + 9


RECURSIVE = {
    "FACTR": "_xlfn.LAMBDA(_xlpm.n,IF(_xlpm.n<2,1,_xlpm.n*FACTR(_xlpm.n-1)))",
    "EVEN_": "_xlfn.LAMBDA(_xlpm.n,IF(_xlpm.n=0,TRUE,ODD_(_xlpm.n-1)))",
    "ODD_": "_xlfn.LAMBDA(_xlpm.n,IF(_xlpm.n=0,FALSE,EVEN_(_xlpm.n-1)))",
    "TWICE": "_xlfn.LAMBDA(_xlpm.n,_xlpm.n*2)",
}


def test_a_lambda_that_calls_itself_is_named_as_such(tmp_path):
    book = Workbook()
    sheet = book.active
    sheet.title = "S"
    for name, text in RECURSIVE.items():
        book.defined_names[name] = DefinedName(name, attr_text=text)
    sheet["A1"], sheet["A2"] = 5, 1
    sheet["B1"], sheet["B2"], sheet["B3"], sheet["B4"] = "=FACTR(A1)", "=EVEN_(A1)", "=TWICE(A2)", "=A2*3"
    book.save(tmp_path / "m.xlsx")
    model = roi_xl.open_model(tmp_path / "m.xlsx")
    model.calculate({"S!A2": 4})
    assert [model.value(model.find(f"S!B{row}")) for row in (3, 4)] == [8, 12]
    reasons = {str(place): why for place, why in model.left_open.items()}
    assert "calls FACTR, which calls itself" in reasons["S!B1"]
    assert "calls EVEN_, which calls itself" in reasons["S!B2"]
    with pytest.raises(RoiError, match="calls FACTR, which calls itself"):
        model.calculate({"S!A1": 4})
