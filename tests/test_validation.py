"""What the data validation of a workbook says holds for values from the command line and from Python."""

import pytest
from openpyxl import Workbook
from openpyxl.worksheet.datavalidation import DataValidation

import roi_xl
from roi_xl.cli import main
from roi_xl.errors import OutOfBounds

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
