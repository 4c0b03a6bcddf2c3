"""What the checklist for a real Excel says, as far as it can be seen here: its calls, its commands, its numbers."""

import re
import shlex
from pathlib import Path

import pytest

from roi_xl import cells
from roi_xl.catalog import CATALOG
from roi_xl.cli import main
from roi_xl.errors import ExcelError

PAGE = (Path(__file__).parents[2] / "docs" / "windows-checklist.md").read_text("utf-8")
VOLUMES = {"ROI_BREAKEVEN_MONTHS": [[10_000], [50_000], [100_000]], "ROI_NPV": [[100_000], [-5], [150_000]]}
"""What D1:D3 hold, by the function that is called with them."""

CALL = re.compile(r"`=(ROI_[A-Z_]+)\(([^()`\N{HORIZONTAL ELLIPSIS}]+)\)`")
NEVER = ExcelError.NA
ANSWERS = [
    ("ROI_PERCENT", pytest.approx(1.5946, abs=5e-5)),
    ("ROI_BREAKEVEN_MONTHS", NEVER),
    ("ROI_REQUEST_SAVINGS", ExcelError.VALUE),
    ("ROI_REQUEST_SAVINGS", ExcelError.NUM),
    ("ROI_BREAKEVEN_MONTHS", [[NEVER], [pytest.approx(8.33, abs=5e-3)], [pytest.approx(3.57, abs=5e-3)]]),
    ("ROI_REPORT", None),
    ("ROI_CASHFLOW", None),
    ("ROI_NPV", [[5_900], [ExcelError.NUM], [10_700]]),
]


def given(function, text):
    """An argument as it stands in the page."""
    if text == "D1:D3":
        return VOLUMES[function]
    return text.strip('"') if text.startswith('"') else float(text)


def answers():
    """Every call of the page with what it gives."""
    for function, arguments in CALL.findall(PAGE):
        yield function, cells.call(CATALOG[function], [given(function, text) for text in arguments.split(",")])


def test_its_calls_give_what_it_says():
    found = list(answers())
    assert [function for function, _ in found] == [function for function, _ in ANSWERS]
    for (function, answer), (_, wanted) in zip(found, ANSWERS, strict=True):
        if wanted is not None:
            assert answer == wanted, function
    tables = dict(found)
    assert len(tables["ROI_REPORT"]) == 15
    assert tables["ROI_REPORT"][-1][1].startswith("Positive projected ROI")
    assert (len(tables["ROI_CASHFLOW"]), tables["ROI_CASHFLOW"][-1][-1]) == (1 + 13, pytest.approx(5_900))


def test_it_has_ten_steps_and_knows_how_many_functions_there_are():
    assert re.findall(r"^\| (\d+) \|", PAGE, re.MULTILINE) == [str(step) for step in range(1, 11)]
    assert f"{len(CATALOG)} functions answer" in PAGE
    assert (Path(__file__).parents[2] / "workbook" / "fine-tuning-roi-excel365.xlsx").exists()


def test_its_commands_are_commands(capsys):
    commands = [shlex.split(text) for text in re.findall(r"`roi-xl ([^`]+)`", PAGE)]
    names = [[word for word in command if word.isalpha()] for command in commands]
    assert names == [["excel", "install"], ["unlink"], ["excel", "doctor"], ["excel", "uninstall"]]
    for words in names:
        assert main([*words, "--help"]) == 0
