"""Excel's functions, each by a table of Excel's own answers."""

from dataclasses import replace
from pathlib import Path

import pytest
from formula_helpers import alike, answers, evaluated

from roi_xl.excel.library import FUNCTIONS

TABLES = Path(__file__).parent / "excel"


@pytest.mark.parametrize(("table", "formula", "answer"), list(answers(TABLES)))
def test_a_function_gives_what_excel_gives(table, formula, answer):
    got = evaluated(formula)
    assert alike(got, answer), f"={formula} gives {got}, Excel {answer}"


def has_two(formula):
    """Whether a function of a formula is written twice, over columns and for plain values."""
    return any(entry.fallback is not None for name, entry in FUNCTIONS.items() if f"{name}(" in formula)


TWICE = [row for row in answers(TABLES) if has_two(row[1])]


@pytest.mark.parametrize(("table", "formula", "answer"), TWICE)
def test_a_function_that_is_written_twice_gives_the_same_by_the_other(monkeypatch, table, formula, answer):
    for name, entry in FUNCTIONS.items():
        if entry.fallback is not None:
            monkeypatch.setitem(FUNCTIONS, name, replace(entry, kernel=entry.fallback, kernel_takes=(0, None)))
    got = evaluated(formula)
    assert alike(got, answer), f"={formula} gives {got}, Excel {answer}"
