"""What the data validation of a workbook says holds for values from the command line and from Python."""

import datetime as dt

import numpy as np
import pytest
from openpyxl import Workbook
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation

import roi_xl
from roi_xl.cli import main
from roi_xl.errors import NotANumber, OutOfBounds
from roi_xl.sweeps.questions import goal_seek, swings

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


def test_a_bound_that_is_a_formula_is_left_to_excel(tmp_path):
    model = roi_xl.open_model(workbook(tmp_path / "m.xlsx", "whole", "between", "1", "$B$1"))
    model.calculate({"Sheet!A1": 61})
    assert model.value(model.find("Sheet!B1")) == 122


def test_the_command_refuses_and_goes_on_when_told(tmp_path, capsys, templates):
    target = tmp_path / "new.xlsx"
    change = ["recalc", str(templates["native"]), "--set", "months=120", "-o", str(target)]
    assert main(change) == 2
    assert "months must be a whole number from 1 to 60 by the data validation of Inputs!C12" in capsys.readouterr().err
    assert not target.exists()
    assert main([*change, "--ignore-validation", "--json"]) == 0
    assert roi_xl.open_model(target).outputs["model_checks"] == "REVIEW"


TOO_LONG = "months must be a whole number from 1 to 60 by the data validation of Inputs!C12, got 120"


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
    assert (goal.solutions, goal.high, goal.at_high) == ((), pytest.approx(4, abs=0.02), pytest.approx(8, abs=0.04))
    assert goal_seek(model, "Sheet!B1", 7, "Sheet!A1").solutions == pytest.approx((3.5,))
    with pytest.raises(OutOfBounds, match=r"Sheet!A1 must be from 1 to 4 by the data validation of Sheet!A1, got 5:9"):
        goal_seek(model, "Sheet!B1", 12, "Sheet!A1", (5, 9))
    (swing,) = swings(model, "Sheet!B1", 0.5, ["Sheet!A1"])
    assert (swing.low, str(swing.high)) == (3, "nan")


def test_a_simulation_refuses_a_horizon_that_the_workbook_does_not_hold(tmp_path, capsys, full_templates):
    target = tmp_path / "long.xlsx"
    change = ["recalc", str(full_templates["native"]), "--ignore-validation", "-o", str(target)]
    assert main([*change, "--set", "months=120"]) == 0
    assert main(["risk", str(target)]) == 2
    assert "fixed of months needs numbers for value, got" in capsys.readouterr().err
