"""Excel's functions, each by a table of Excel's own answers."""

from pathlib import Path

import pytest
from formula_helpers import alike, answers, evaluated

TABLES = Path(__file__).parent / "excel"


@pytest.mark.parametrize(("table", "formula", "answer"), list(answers(TABLES)))
def test_a_function_gives_what_excel_gives(table, formula, answer):
    got = evaluated(formula)
    assert alike(got, answer), f"={formula} gives {got}, Excel {answer}"
