"""Idioms of finance models whose ranges an array computes, in workbooks that store no values.

Amounts 1 to 10, 2 to 20 and 3 to 30 on the sheets Jan, Feb and Mar, each with a key k1, k2 or
k0 beside it; a factor in Calc!A1, a blank in Calc!A2. Each answer is counted on the fingers.
"""

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.formula import ArrayFormula

import roi_xl
from roi_xl.cli import main
from roi_xl.errors import ExcelError, NotVerified, Status

SHEETS = ("Jan", "Feb", "Mar")
BY_SHEET = 'INDIRECT("\'"&{{"Jan","Feb","Mar"}}&"\'!{}")'
K1 = 1 + 4 + 7 + 10

IDIOMS = [
    ("INDEX(Jan!A1:A50,0)*A1", lambda x: "row"),
    ("INDEX(Jan!A1:B50,,1)*A1", lambda x: "row"),
    ("ABS(INDEX(Jan!A1:A50,A2))*A1", lambda x: "row"),
    ("FLOOR(Jan!A:A,1)*A1", lambda x: "row"),
    ("_xlfn.NORM.INV(0.5,Jan!A1:A50,1)*A1", lambda x: "row"),
    ("SUMPRODUCT(SUBTOTAL(9,OFFSET(Jan!A1,ROW(Jan!A1:A10)-1,0)))*A1", lambda x: 55 * x),
    ('SUMPRODUCT(SUBTOTAL(9,OFFSET(Jan!A1,ROW(Jan!A1:A10)-1,0)),--(Jan!B1:B10="k1"))*A1', lambda x: K1 * x),
    ('SUMPRODUCT(SUBTOTAL(3,OFFSET(Jan!B1,ROW(Jan!B1:B10)-ROW(Jan!B1),0,1))*(Jan!B1:B10="k1"))*A1', lambda x: 4 * x),
    ("SUMPRODUCT(N(OFFSET(Jan!A1,{0,1,2},0)))*A1", lambda x: 6 * x),
    ('SUMPRODUCT(SUMIF(OFFSET(Jan!A1,0,0,{1,2,3}),">0"))*A1', lambda x: (1 + 3 + 6) * x),
    (f'SUMPRODUCT(SUMIF({BY_SHEET.format("B1:B10")},"k1",{BY_SHEET.format("A1:A10")}))*A1', lambda x: 6 * K1 * x),
    (f'SUMPRODUCT(COUNTIF({BY_SHEET.format("A1:A10")},">9"))*A1', lambda x: (1 + 6 + 7) * x),
    (f'SUM(COUNTIF({BY_SHEET.format("B1:B10")},{{"k1";"k2"}}))*A1', lambda x: 3 * 7 * x),
    ('VLOOKUP("k1",CHOOSE({1,2},Jan!B1:B10,Jan!A1:A10),2,FALSE)*A1', lambda x: x),
    ('VLOOKUP("k2",IF({1,0},Jan!B1:B10,Jan!A1:A10),2,FALSE)*A1', lambda x: 2 * x),
    ("SUM(CHOOSE({1,2},Jan!A1,A1))", lambda x: 1 + x),
    ("NPV(0.1,CHOOSE({1,2},A1,5))", lambda x: x / 1.1 + 5 / 1.21),
    ("IF(ISFORMULA(Jan!D1),A1,0)", lambda x: x),
    ("IF(ISFORMULA(Jan!A1),A1,0)", lambda x: 0),
    ("FORMULATEXT(Jan!D1)&A1", lambda x: f"=Calc!A1*2{x}"),
    ("IFERROR(FORMULATEXT(Jan!A1),A1)", lambda x: x),
    ("AREAS((Jan!A1:A3,Jan!A5:A6))*A1", lambda x: 2 * x),
    ("INDEX(Jan!A1:A3,0)*A1", lambda x: ExcelError.VALUE),
    ('_xlfn.XLOOKUP("D",{"C","D"},Jan!C1:D50)*0+A1', lambda x: x),
    ("PERCENTILE(Jan!A1:A10,A2)*A1", lambda x: x),
    ("IFERROR(PERCENTILE(Jan!A1:A10,NA()),A1)", lambda x: x),
    ('IF(ERROR.TYPE(PERCENTILE(Jan!A1:A10,"k"))=3,A1)', lambda x: x),
    ("IFERROR(SUM(OFFSET(Jan!A1,0,0,A2,1)),A1)", lambda x: x),
    ("SUM(OFFSET(Jan!A1,0,0,,1))*A1", lambda x: x),
    ("SUM(OFFSET(Jan!A1,0,0,3,0.9))*A1", lambda x: 6 * x),
    ("SUMPRODUCT(A1:A1,Jan!A2:A2)", lambda x: 2 * x),
    ("SUMPRODUCT(A1:A1,Jan!B2:B2)", lambda x: ExcelError.VALUE),
    ("SUMPRODUCT(Jan!A1:B1*1,Jan!A1:B1)+A1", lambda x: ExcelError.VALUE),
    ("SUMPRODUCT(Jan!A1:B1,Jan!A1:B1)+A1", lambda x: 1 + x),
    ("INDEX((Jan!A1:A3,Jan!A5:A6),2,1,2)*A1", lambda x: 6 * x),
    ("SUM(INDEX((Jan!A1:A3,Jan!A5:A6),0,1,A1-1))", lambda x: 11 if x == 3 else 6),
    ("LARGE((Jan!A1:A3,Jan!A5:A6),2)*A1", lambda x: 5 * x),
    ("SMALL((Jan!A3,Jan!A5:A6),1)*A1", lambda x: 3 * x),
    ("LARGE(Jan:Mar!A1:A10,4)*A1", lambda x: 21 * x),
    ("RANK(3,(Jan!A1:A3,Jan!A5:A6))*A1", lambda x: 3 * x),
    ("_xlfn.RANK.AVG(3,Jan:Mar!A1:A3,1)*A1", lambda x: 4.5 * x),
    ("PERCENTILE((Jan!A1:A3,Jan!A5:A6),0.5)*A1", lambda x: 3 * x),
    ("_xlfn.QUARTILE.INC((Jan!A1:A3,Jan!A5:A6),4)*A1", lambda x: 6 * x),
    ("PERCENTRANK((Jan!A1:A3,Jan!A5:A6),3)*A1", lambda x: 0.5 * x),
    ("TRIMMEAN((Jan!A1:A3,Jan!A9:A10),0.4)*A1", lambda x: 14 / 3 * x),
    ("INDEX(FREQUENCY((Jan!A1:A3,Jan!A5:A6),4),2)*A1", lambda x: 2 * x),
    ("IRR((E1:E2,E4))*A1", lambda x: 0.1 * x),
    ("COUNTIF((Jan!A1:A3,Jan!A5:A6),3)", lambda x: ExcelError.VALUE),
    ('SUMIF(Jan!B1:B10,"k1",Jan!A1)*A1', lambda x: K1 * x),
    ('SUMIF(Jan!B1:B10,"k1",Jan!A2:B3)*A1', lambda x: (2 + 5 + 8) * x),
    ('SUMIF(Jan!B1:B3,"k1",Jan!A1:A10)*A1', lambda x: x),
    ('SUMIF(Jan!B:B,"k1",Jan!A1)*A1', lambda x: K1 * x),
    ('AVERAGEIF(Jan!B1:B10,"k1",Jan!A1)*A1', lambda x: K1 / 4 * x),
    ('SUMIF(INDIRECT("A1:A"&1048576+A1),3)', lambda x: ExcelError.REF),
    ('COUNTIF(INDIRECT("no such"),3)', lambda x: ExcelError.REF),
    ('COUNTBLANK(INDIRECT("no such"))', lambda x: ExcelError.REF),
    ('SUBTOTAL(3,INDIRECT("no such"))', lambda x: ExcelError.REF),
    ('AGGREGATE(9,6,INDIRECT("no such"))', lambda x: ExcelError.REF),
    ("IFERROR(SUM(INDEX(IF(A1>9,Jan!A1:B4,NA()),1,2)),A1)", lambda x: x),
    ("IFERROR(INDEX(CHOOSE(1,NA(),Jan!A1:B4),2,1),A1)", lambda x: x),
    ('SUMIFS(Jan!A1:A10,INDIRECT("no such"),3)', lambda x: ExcelError.REF),
    ('SUM(INDIRECT("Jan!$A$1:$A$"&1048576+A1))', lambda x: ExcelError.REF),
    ('SUM(INDIRECT(A1&":"&2000000))', lambda x: ExcelError.REF),
    ('ROWS(INDIRECT("A1:B1999999"))', lambda x: ExcelError.REF),
    ("SUM(A1:A1999999)", lambda x: ExcelError.NAME),
    ("no_such+A1", lambda x: ExcelError.NAME),
    ('_xlfn.LET(_xlpm.f,Jan!B1:B10,SUMIF(_xlpm.f,"k1",Jan!A1:A10))*A1', lambda x: K1 * x),
    ("_xlfn.LET(_xlpm.f,Jan!A1:A4,SUM(_xlpm.f)/ROWS(_xlpm.f))*A1", lambda x: 2.5 * x),
    ("_xlfn.LET(_xlpm.f,Jan!A4:B9,ROW(_xlpm.f)*COLUMNS(_xlpm.f))*A1", lambda x: 8 * x),
]
"""A formula, and its value for the factor; "row": that of Jan in the formula's own row, times the factor."""

FIRST = 4
"""The row of the first idiom."""


@pytest.fixture(scope="module")
def idioms(tmp_path_factory):
    """The workbook."""
    book = Workbook()
    calc = book.active
    calc.title = "Calc"
    calc["A1"], calc["E1"], calc["E2"], calc["E4"] = 3, -100, 60, 55
    for factor, name in enumerate(SHEETS, start=1):
        sheet = book.create_sheet(name)
        for row in range(1, 11):
            sheet[f"A{row}"], sheet[f"B{row}"] = row * factor, f"k{row % 3}"
    book["Jan"]["D1"] = "=Calc!A1*2"
    for row, (formula, _) in enumerate(IDIOMS, start=FIRST):
        text = formula.replace("ISFORMULA", "_xlfn.ISFORMULA").replace("FORMULATEXT", "_xlfn.FORMULATEXT")
        calc[f"F{row}"] = f"={text}"
    path = tmp_path_factory.mktemp("idioms") / "idioms.xlsx"
    book.save(path)
    return path


def answers(factor):
    """What the idioms give."""
    of_row = [float(row) if row <= 10 else 0.0 for row in range(FIRST, FIRST + len(IDIOMS))]
    given = [right(factor) for _, right in IDIOMS]
    return [of_row[place] * factor if value == "row" else value for place, value in enumerate(given)]


def test_every_idiom_is_right_and_verified(idioms):
    model = roi_xl.open_model(idioms, strict=True)
    for factor in (3, 2):
        model.calculate({"Calc!A1": factor})
        got = [model.value(model.find(f"Calc!F{row}")) for row in range(FIRST, FIRST + len(IDIOMS))]
        wanted = [pytest.approx(value) if isinstance(value, float | int) else value for value in answers(factor)]
        assert dict(zip([f for f, _ in IDIOMS], got, strict=True)) == dict(
            zip([f for f, _ in IDIOMS], wanted, strict=True)
        )


def test_what_was_written_is_reproduced_and_changed_again(idioms, tmp_path):
    book = load_workbook(idioms)
    book["Jan"]["F1"] = ArrayFormula("F1:F4", "=_xlfn._xlws.SORT(Jan!G1:G4)")
    book["Jan"]["F6"] = "=IRR(CHOOSE({1,2,3},-10,Calc!A1,12))"
    for row, text in enumerate(("b1", "b-a", "b_a", "bc"), start=1):
        book["Jan"][f"G{row}"] = text
    book.save(tmp_path / "case.xlsx")
    first = roi_xl.open_model(tmp_path / "case.xlsx", strict=True)
    first.calculate()
    first.save(tmp_path / "case.xlsx")
    again = roi_xl.open_model(tmp_path / "case.xlsx", strict=True)
    assert not again.differences
    again.calculate({"Jan!G1": "zz", "Calc!A1": 2})
    assert [again.value(again.find(f"Jan!F{row}")) for row in range(1, 5)] == ["b_a", "b-a", "bc", "zz"]
    assert again.value(again.find("Jan!F6")) == pytest.approx(0.2)


def test_a_sweep_of_every_idiom_is_right(idioms):
    names = [f"Calc!F{row}" for row in range(FIRST, FIRST + len(IDIOMS))]
    numbers = [name for name, value in zip(names, answers(3), strict=True) if isinstance(value, float | int)]
    found = roi_xl.open_model(idioms).sweep({"Calc!A1": [3, 2, 2.5]}, read=numbers)
    for name in numbers:
        place = names.index(name)
        assert found[name].tolist() == pytest.approx([answers(factor)[place] for factor in (3, 2, 2.5)]), IDIOMS[place]


def test_what_only_an_unreliable_evaluation_gives_is_not_written(tmp_path, capsys):
    book = Workbook()
    book.active["A1"], book.active["B1"] = 3, "=SUM(INDEX(A1:A3,{1,2}))*A1"
    book.save(tmp_path / "case.xlsx")
    with pytest.raises(NotVerified, match=r"nothing verifies Sheet!B1 =.*: the file stores no value"):
        roi_xl.open_model(tmp_path / "case.xlsx").calculate({"Sheet!A1": 2})
    assert main(["check", str(tmp_path / "case.xlsx")]) == Status.FINDINGS
    told = capsys.readouterr().out
    assert "Sheet!B1 is left without a value" in told
    assert "--accept-differences" not in told, "check has no such option"
    trusting = roi_xl.open_model(tmp_path / "case.xlsx", trust_engine=True)
    trusting.calculate({"Sheet!A1": 2})
    assert trusting.verify().unverified


@pytest.mark.parametrize(("text", "number"), [("1,000", 1000), ("$5", 5), ("(5)", -5), ("12%", 0.12), ("€5", 5)])
def test_a_text_that_says_a_number_is_one_under_every_operator(tmp_path, text, number):
    book = Workbook()
    book.active["A1"], book.active["A2"] = text, 3
    formulas = {"A1*A2": number * 3, "A1/A2": number / 3, "A1%": number / 100, "-A1": -number, "A1^A2": number**3}
    for row, formula in enumerate(formulas, 1):
        book.active[f"B{row}"], book.active[f"C{row}"] = f"={formula}", f"=B{row}+1"
    book.save(tmp_path / "case.xlsx")
    model = roi_xl.open_model(tmp_path / "case.xlsx", strict=True)
    model.calculate({"Sheet!D1": 1})
    for row, answer in enumerate(formulas.values(), 1):
        assert model.value(model.find(f"Sheet!B{row}")) == pytest.approx(answer)
        assert model.value(model.find(f"Sheet!C{row}")) == pytest.approx(answer + 1)
