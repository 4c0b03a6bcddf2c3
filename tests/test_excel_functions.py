"""Excel's functions, each by a table of Excel's own answers."""

from dataclasses import replace
from pathlib import Path

import pytest
from formula_helpers import alike, answers, evaluated
from openpyxl import Workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904

import roi_xl
from roi_xl.errors import CannotVectorise
from roi_xl.excel.library import FUNCTIONS
from roi_xl.excel.lifting import answer as given

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


def test_dates_of_a_workbook_that_begin_in_1904_show_as_they_are(tmp_path):
    book = Workbook()
    book.epoch = CALENDAR_MAC_1904
    book.active["A1"], book.active["B1"] = 0, '=TEXT(A1,"yyyy-mm-dd")&TEXT(A1,"0.0")&TEXT("x","@!")'
    book.save(tmp_path / "case.xlsx")
    model = roi_xl.open_model(tmp_path / "case.xlsx")
    cell = model.find("Sheet!B1")
    for number, shown in (
        (0, "1904-01-010.0x!"),
        (44_561, "2026-01-0144561.0x!"),
        (1.5, "1904-01-021.5x!"),
        (-1, "-1904-01-02-1.0x!"),
    ):
        model.calculate({"Sheet!A1": number})
        assert (model.value(cell), model.verification.unverified) == (shown, {})


@pytest.mark.parametrize(("value", "number_format"), [("2024-01-31", "yyyy"), ("1/2", "0")])
def test_what_a_day_is_that_1904_does_not_have_is_not_guessed(value, number_format):
    with pytest.raises(CannotVectorise):
        given("TEXT 1904", value, number_format)


@pytest.mark.parametrize("number_format", ["# ?/1#", "/#", "#/#/#", "#.#/#", "# ?/?%", "# ???/?"])
def test_a_fraction_whose_layout_is_not_known_is_not_guessed(number_format):
    with pytest.raises(CannotVectorise):
        given("TEXT", 0.37, number_format)


BACKWARD = ["DATE(2024,8,31),DATE(2022,11,15)", "DATE(2021,1,31),DATE(2019,9,1),0", "DATE(2023,3,31),DATE(2023,2,28)"]
"""Days that give one part of a year if they are exchanged first, and another if they are not: sources differ."""


@pytest.mark.parametrize("days", BACKWARD)
def test_a_month_of_thirty_days_counted_backward_is_not_guessed(days):
    with pytest.raises(CannotVectorise, match="backward"):
        evaluated(f"YEARFRAC({days})")


def test_a_part_of_a_year_is_the_same_backward_where_no_month_ends():
    assert evaluated("YEARFRAC(DATE(2024,8,20),DATE(2022,11,15))") == evaluated(
        "YEARFRAC(DATE(2022,11,15),DATE(2024,8,20))"
    )


@pytest.mark.parametrize("formula", ['LEFT("😀",1)', 'RIGHT("a😀",1)', 'MID("😀b",2,2)', 'REPLACE("😀",1,1,"")'])
def test_half_of_a_character_is_not_guessed(formula):
    with pytest.raises(CannotVectorise, match="half of a character"):
        evaluated(formula)
