"""What the data validation of a workbook says holds for values from the command line and from Python."""

import datetime as dt
import re

import numpy as np
import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.cell_range import MultiCellRange
from openpyxl.worksheet.datavalidation import DataValidation
from recalc_helpers import SHEET, rewrite

import roi_xl
from roi_xl.cli import main
from roi_xl.errors import NotANumber, OutOfBounds
from roi_xl.sweeps.goal import goal_seek
from roi_xl.sweeps.swings import swings

RULES = [
    ("whole", "between", "1", "60", "a whole number from 1 to 60", [1, 60], [0, 61, 12.5]),
    ("decimal", "between", "-0.5", "1", "from -0.5 to 1", [-0.5, 0.25, 1], [-0.51, 1.01]),
    ("decimal", "notBetween", "0", "1", "below 0 or above 1", [-1, 2], [0, 0.5, 1]),
    ("decimal", "greaterThan", "0", None, "above 0", [0.1], [0, -1]),
    ("decimal", "lessThan", "5", None, "below 5", [4.9], [5]),
    ("decimal", "greaterThanOrEqual", "0", None, "at least 0", [0, 7], [-0.1]),
    ("whole", "lessThanOrEqual", "9", None, "a whole number at most 9", [9, -3], [10, 8.5]),
    ("decimal", "equal", "3", None, "3", [3], [4]),
    ("decimal", "notEqual", "3", None, "other than 3", [4], [3]),
]


def workbook(path, kind, operator, low, high, **more):
    book = Workbook()
    book.active.append([3, "=A1*2"])
    rule = DataValidation(kind, operator=operator, formula1=low, formula2=high, showErrorMessage=True, **more)
    rule.add("D4:E9")
    rule.add("A1")
    book.active.add_data_validation(rule)
    book.save(path)
    return path


@pytest.mark.parametrize(("kind", "operator", "low", "high", "words", "good", "bad"), RULES)
def test_numbers_that_a_cell_accepts(tmp_path, kind, operator, low, high, words, good, bad):
    model = roi_xl.open_model(workbook(tmp_path / "m.xlsx", kind, operator, low, high))
    for value in good:
        model.calculate({"Sheet!A1": value})
        assert model.value(model.find("Sheet!B1")) == 2 * value
    for value in bad:
        with pytest.raises(OutOfBounds) as refused:
            model.calculate({"Sheet!A1": value})
        assert f"Sheet!A1 must be {words} by the data validation of Sheet!A1, got {value:g}" in str(refused.value)


LISTS = [
    ('"TRUE,FALSE"', "one of TRUE, FALSE", [True, False], [1, "yes"]),
    ('"25%,50%"', "one of 25%, 50%", [0.25], [25, 0.3]),
    ('"Low,High, 3"', "one of Low, High, 3", ["Low", "High", 3, "3"], ["low", "Medium", 4, True]),
    ("$D$1:$D$3", "one of East, West, 7", ["East", "west", 7], ["North", 8]),
    ("Regions", "one of East, West, 7", ["West"], ["North"]),
]


def said(value):
    """A value as a formula that joins texts says it."""
    return "" if value is None else str(value).upper() if isinstance(value, bool) else str(value)


@pytest.mark.parametrize(("source", "words", "good", "bad"), LISTS)
def test_the_choices_that_a_cell_accepts(tmp_path, source, words, good, bad):
    book = Workbook()
    sheet = book.active
    sheet["B1"], sheet["D1"], sheet["D2"], sheet["D3"] = "=A1&A2", "East", "West", 7
    book.defined_names["Regions"] = DefinedName("Regions", attr_text="Sheet!$D$1:$D$3")
    rule = DataValidation("list", formula1=source, showErrorMessage=True)
    rule.add("A1")
    sheet.add_data_validation(rule)
    book.save(tmp_path / "m.xlsx")
    model = roi_xl.open_model(tmp_path / "m.xlsx")
    for value in [*good, None]:
        model.calculate({"Sheet!A1": value})
        assert model.value(model.find("Sheet!B1")) == said(value)
    for value in bad:
        with pytest.raises(OutOfBounds, match=f"Sheet!A1 must be {words} by the data validation of Sheet!A1, got"):
            model.calculate({"Sheet!A1": value})
    numbers = [value for value in good if type(value) is int]
    if numbers:
        model = roi_xl.open_model(tmp_path / "m.xlsx")
        model.sweep({"Sheet!A1": numbers}, ["Sheet!B1"])
        with pytest.raises(OutOfBounds, match=words):
            model.sweep({"Sheet!A1": [*numbers, 4.5]}, ["Sheet!B1"])


def test_a_day_that_a_cell_accepts(tmp_path):
    model = roi_xl.open_model(workbook(tmp_path / "m.xlsx", "date", "between", "45000", "46000"))
    model.calculate({"Sheet!A1": dt.date(2024, 1, 31)})
    assert model.value(model.find("Sheet!B1")) == 2 * 45_322
    for value in (dt.date(2027, 1, 31), "soon", 44_999, 1e9, -1e12):
        with pytest.raises(
            (OutOfBounds, NotANumber), match=r"Sheet!A1 must be a (day from 2023-03-15 to 2025-12-09|num)"
        ):
            model.calculate({"Sheet!A1": value})


@pytest.mark.parametrize("more", [{"errorStyle": "warning"}, {"errorStyle": "information"}])
def test_a_rule_that_only_warns_lets_through(tmp_path, more):
    model = roi_xl.open_model(workbook(tmp_path / "m.xlsx", "whole", "between", "1", "60", **more))
    model.calculate({"Sheet!A1": 61})
    assert model.value(model.find("Sheet!B1")) == 122


COMPUTED = [
    ("whole", "greaterThan", "C1", None, "a whole number above 5", [6], [5, 4]),
    ("decimal", "lessThan", "SUM(C1:C2)*10", None, "below 80", [79.5], [80]),
    ("decimal", "between", "Least", "$C$1", "from 3 to 5", [3, 5], [2.9, 5.1]),
    ("date", "greaterThan", "DATE(2024,1,1)", None, "a day above 2024-01-01", [45293], [45292, 45000]),
    (
        "textLength",
        "lessThanOrEqual",
        "3",
        None,
        "a text whose length is at most 3",
        ["abc", 123, True and 1],
        ["abcd"],
    ),
    ("textLength", "equal", "C1", None, "a text whose length is 5", ["abcde", 12345, 0.125, False], ["abcd", True]),
    ("custom", None, "AND(A1>0,A1<C1)", None, "what =AND(A1>0,A1<C1) accepts", [4.5], [5, -1]),
    ("custom", None, "=ISNUMBER(A1)", None, "what =ISNUMBER(A1) accepts", [4, -1], ["x"]),
    ("custom", None, "COUNTIF($A$1:$C$2,A1)=1", None, "what =COUNTIF($A$1:$C$2,A1)=1 accepts", [4], [5, 3]),
    ("whole", "greaterThan", "C1:C2", None, "a whole number above 5", [6], [5]),
    ("custom", None, "ROW()+COLUMN()<A1", None, "what =ROW()+COLUMN()<A1 accepts", [3], [2]),
    ("custom", None, "1/(A1-4)", None, "what =1/(A1-4) accepts", [5], [4]),
    ("list", None, 'INDIRECT("D1:D"&C2)', None, "one of East, West, 7", ["East", "west", 7], ["North"]),
    ("list", None, "OFFSET($D$1,0,0,C2-1,1)", None, "one of East, West", ["East"], [7]),
    ("list", None, "IF(C1>4,$D$1:$D$2,$D$3:$D$3)", None, "one of East, West", ["East"], [7]),
]


def computed(path, kind, operator, low, high, cells=(), **more):
    """A workbook whose cell A1 has a rule by formula, beside C1:C2 (5, 3) and D1:D3 (East, West, 7)."""
    workbook(path, kind, operator, low, high, **more)
    book = load_workbook(path)
    sheet = book.active
    sheet["B1"] = None
    given = {"A1": 4.5, "C1": 5, "C2": 3, "D1": "East", "D2": "West", "D3": 7, **dict(cells)}
    for address, value in given.items():
        sheet[address] = value
    sheet.data_validations.dataValidation[0].sqref = MultiCellRange("A1 A5:B9")
    book.defined_names["Least"] = DefinedName("Least", attr_text="Sheet!$C$2")
    book.save(path)
    return path


@pytest.mark.parametrize(("kind", "operator", "low", "high", "words", "good", "bad"), COMPUTED)
def test_a_rule_by_formula_is_obeyed_on_the_values_of_now(tmp_path, kind, operator, low, high, words, good, bad):
    cells = {} if kind in ("whole", "decimal", "date") else {"A1": None}
    model = roi_xl.open_model(computed(tmp_path / "m.xlsx", kind, operator, low, high, cells))
    for value in good:
        model.calculate({"Sheet!A1": value})
        assert model.value(model.find("Sheet!A1")) == value
    for value in bad:
        with pytest.raises(OutOfBounds, match=re.escape(f"Sheet!A1 must be {words} by the data validation")):
            model.calculate({"Sheet!A1": value})
    assert not model.not_validated


def test_a_rule_by_formula_moves_with_its_cell_and_sees_what_is_set_along(tmp_path):
    model = roi_xl.open_model(computed(tmp_path / "m.xlsx", "whole", "lessThan", "C1", None, {"D6": 9, "D7": 2}))
    model.calculate({"Sheet!B6": 8})
    for changes in ({"Sheet!B6": 9}, {"Sheet!B7": 2}, {"Sheet!D6": 3, "Sheet!B6": 8}):
        with pytest.raises(OutOfBounds, match="must be a whole number below"):
            model.calculate(changes)
    model.calculate({"Sheet!D7": 7, "Sheet!B7": 6})


@pytest.mark.parametrize(("ignores", "accepted"), [(True, True), (False, False)])
def test_a_blank_that_a_rule_refers_to_lets_anything_through_if_blanks_are_ignored(tmp_path, ignores, accepted):
    path = computed(tmp_path / "m.xlsx", "whole", "lessThan", "C9", None, allow_blank=ignores)
    model = roi_xl.open_model(path)
    if accepted:
        model.calculate({"Sheet!A1": 7})
        return
    with pytest.raises(OutOfBounds, match="a whole number below 0"):
        model.calculate({"Sheet!A1": 7})


NOT_OBEYED = [
    ("whole", "lessThan", "B1", "it reads what depends on the cell itself"),
    ("whole", "lessThan", "FOO(C1)", "FOO, which is not known over arrays"),
    ("whole", "lessThan", "D1", "=D1 is East"),
    ("custom", None, "SUM(A1", "=SUM(A1 cannot be read"),
    ("custom", None, "Gone!A1>A1", "it refers to 'Gone', which is not a sheet of the workbook"),
    ("custom", None, "IF(A1>6,FOO(A1),TRUE)", "FOO, which is not known over arrays"),
    ("list", None, 'INDIRECT("no range")', '=INDIRECT("no range") is not a range'),
    ("custom", None, "SUM(A1:Z50000)>0", "it reads too many cells"),
]


@pytest.mark.parametrize(("kind", "operator", "low", "why"), NOT_OBEYED)
def test_a_rule_that_cannot_be_told_is_named_in_one_note(tmp_path, capsys, kind, operator, low, why):
    cells = {"B1": "=A1*2", "Z50000": 1 if "Z50000" in low else None}
    path = computed(tmp_path / "m.xlsx", kind, operator, low, None, cells)
    assert main(["recalc", str(path), "--set", "Sheet!A1=61"]) == 0
    assert f"the data validation of Sheet!A1 is not enforced: {why}" in capsys.readouterr().err


def test_a_rule_that_refers_to_another_sheet_is_read_where_excel_keeps_it(tmp_path):
    path = computed(tmp_path / "m.xlsx", "whole", "lessThan", "C1", None)

    def apart(contents):
        sheet = contents[SHEET]
        start, end = sheet.index(b"<dataValidations"), sheet.index(b"</dataValidations>") + len(b"</dataValidations>")
        rule = (
            b'<extLst><ext xmlns:x14="http://schemas.microsoft.com/office/spreadsheetml/2009/9/main" '
            b'uri="{CCE6A557-97BC-4b89-ADB6-D9C93CAAB3DF}"><x14:dataValidations count="1" '
            b'xmlns:xm="http://schemas.microsoft.com/office/excel/2006/main"><x14:dataValidation type="list" '
            b'allowBlank="1" showErrorMessage="1"><x14:formula1><xm:f>Other!$A$1:$A$2</xm:f></x14:formula1>'
            b"<xm:sqref>A1 A9</xm:sqref></x14:dataValidation></x14:dataValidations></ext></extLst>"
        )
        return {**contents, SHEET: sheet[:start] + sheet[end:].replace(b"</worksheet>", rule + b"</worksheet>")}

    book = load_workbook(path)
    book.create_sheet("Other")
    book["Other"]["A1"], book["Other"]["A2"] = 4, 6
    book.save(path)
    rewrite(path, apart)
    model = roi_xl.open_model(path)
    model.calculate({"Sheet!A1": 6})
    with pytest.raises(OutOfBounds, match="Sheet!A9 must be one of 4, 6"):
        model.calculate({"Sheet!A9": 5})


def test_the_command_refuses_and_goes_on_when_told(tmp_path, capsys, templates):
    target = tmp_path / "new.xlsx"
    change = ["recalc", str(templates["native"]), "--set", "months=120", "-o", str(target)]
    assert main(change) == 2
    assert "months must be a whole number from 1 to 60 by the data validation of Inputs!C12" in capsys.readouterr().err
    assert not target.exists()
    assert main([*change, "--ignore-validation", "--json"]) == 0
    assert roi_xl.open_model(target).outputs["model_checks"] == "REVIEW"


TOO_LONG = "months must be a whole number from 1 to 60 by the data validation of Inputs!C12, got 120"


@pytest.mark.slow
def test_a_sweep_refuses_what_a_cell_does_not_accept(tmp_path, capsys, templates):
    path, rows, target = str(templates["native"]), tmp_path / "rows.csv", tmp_path / "all.csv"
    rows.write_text("months,monthly_requests\n12,5\n120,5\n")
    for asked in (["--grid", "months=12,60,120"], [str(rows)]):
        assert main(["sweep", path, *asked, "-o", str(target)]) == 2
        assert capsys.readouterr().err.strip().splitlines()[-1].startswith(f"roi-xl: {TOO_LONG}")
        assert not target.exists()
    assert main(["sweep", path, "--grid", "months=12,60", "--read", "model_checks", "-o", str(target)]) == 0
    assert target.read_text().splitlines()[1:] == ["12,OK,", "60,OK,"]
    wide = ["sweep", path, "--grid", "months=12,120", "--read", "model_checks", "--ignore-validation"]
    assert main([*wide, "-o", str(target)]) == 0
    assert target.read_text().splitlines()[1:] == ["12,OK,", "120,REVIEW,"]


def test_a_sweep_from_python_refuses_the_first_number_that_does_not_fit(templates):
    model = roi_xl.open_model(templates["native"])
    with pytest.raises(OutOfBounds, match=TOO_LONG):
        model.sweep({"months": [12, 120, 240]}, ["net_benefit"])
    with pytest.raises(OutOfBounds, match=r"got 12\.5"):
        model.sweep({"months": [12, 12.5]}, ["net_benefit"])
    found = roi_xl.open_model(templates["native"], ignore_validation=True).sweep({"months": [120]}, ["net_benefit"])
    assert (np.isnan(found["net_benefit"][0]), found["errors"][0]) == (True, "net_benefit: #NUM!")


def test_questions_look_only_where_a_cell_accepts_numbers(tmp_path):
    path = workbook(tmp_path / "m.xlsx", "decimal", "between", "1", "4")
    model = roi_xl.open_model(path)
    goal = goal_seek(model, "Sheet!B1", 30, "Sheet!A1")
    assert (goal.solutions, goal.high) == ((), pytest.approx(4, abs=0.02))
    assert (goal.nearest, goal.at_nearest) == (goal.high, pytest.approx(8, abs=0.04))
    assert goal_seek(model, "Sheet!B1", 7, "Sheet!A1").solutions == pytest.approx((3.5,))
    with pytest.raises(OutOfBounds, match=r"Sheet!A1 must be from 1 to 4 by the data validation of Sheet!A1, got 5:9"):
        goal_seek(model, "Sheet!B1", 12, "Sheet!A1", (5, 9))
    (swing,) = swings(model, "Sheet!B1", 0.5, ["Sheet!A1"]).swings
    assert (swing.low, str(swing.high)) == (3, "nan")


def test_a_simulation_refuses_a_horizon_that_the_workbook_does_not_hold(tmp_path, capsys, full_templates):
    target = tmp_path / "long.xlsx"
    change = ["recalc", str(full_templates["native"]), "--ignore-validation", "-o", str(target)]
    assert main([*change, "--set", "months=120"]) == 0
    assert main(["risk", str(target)]) == 2
    assert "months, fixed, needs numbers for value, got #NUM!" in capsys.readouterr().err
