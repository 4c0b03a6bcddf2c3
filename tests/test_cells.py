"""What crosses a cell boundary."""

import datetime as dt

import pytest
from case_table import CASES, every_case, mistakes
from hypothesis import given
from hypothesis import strategies as st

from roi_xl import cells
from roi_xl.catalog import CATALOG
from roi_xl.errors import ExcelError

SAVINGS, PERCENT, REPORT = CATALOG["ROI_REQUEST_SAVINGS"], CATALOG["ROI_PERCENT"], CATALOG["ROI_REPORT"]
MONTHS = CATALOG["ROI_BREAKEVEN_MONTHS"]
NA, VALUE, NUM = ExcelError.NA, ExcelError.VALUE, ExcelError.NUM


@every_case
def test_every_case_as_cells(check, cases):
    check(cases, lambda case: cells.call(CATALOG[case.function], case.arguments))


@every_case
def test_every_case_as_ranges_of_one_cell(check, cases):
    check(cases, lambda case: cells.call(CATALOG[case.function], [[[argument]] for argument in case.arguments]))


@every_case
def test_every_case_as_a_column(check, cases):
    def twice(case):
        columns = [[[argument], [argument]] for argument in case.arguments]
        (top,), (bottom,) = cells.call(CATALOG[case.function], columns)
        assert top == bottom
        return top

    check(cases, twice)


def test_every_wrong_answer_to_the_shared_table_is_named():
    first, second, third = CASES[:3]
    answers = {first: first.expected, second: "wrong"}
    found = list(mistakes(CASES[:3], answers.__getitem__))
    assert [text.partition(":")[0] for text in found] == [str(second).partition(":")[0], str(third).partition(":")[0]]
    assert "KeyError" in found[1]


RANGES = [
    ("a row and a scalar", [[[3, 4, 5]], 1], [[2, 3, 4]]),
    ("a scalar and a column", [9, [[3], [4]]], [[6], [5]]),
    ("a column and a row make a table", [[[5], [6]], [[1, 2, 3]]], [[4, 3, 2], [5, 4, 3]]),
    ("a table and a row", [[[5, 6], [7, 8]], [[1, 2]]], [[4, 4], [6, 6]]),
    ("what does not fit is #N/A", [[[5, 6, 7]], [[1, 2]]], [[4, 4, NA]]),
    (
        "one bad element spoils only its own cell",
        [[[5], ["x"], [NA], [-1], [None]], 1],
        [[4], [VALUE], [NA], [NUM], [-1]],
    ),
    ("single cells in ranges", [[[5]], [[1]]], 4),
]


@pytest.mark.parametrize(("about", "arguments", "expected"), RANGES, ids=[about for about, *_ in RANGES])
def test_ranges_combine_as_dynamic_arrays_do(about, arguments, expected):
    assert cells.call(SAVINGS, arguments) == expected


MOMENTS = {
    "2024-01-31": 45_322, "2024-1-5 ": 45_296, "12:00": 0.5, "6:30 PM": 0.7708333333333334,
    "2024-01-31 18:00": 45_322.75, "0:00:36": 1 / 2_400,
}  # fmt: skip
"""ISO dates and times, and their serial numbers: 2024-01-31 is day 45,322."""


@pytest.mark.parametrize(("text", "number"), MOMENTS.items())
def test_text_that_is_a_date_or_a_time_everywhere_is_its_number(text, number):
    assert cells.to_number(text) == pytest.approx(number, rel=1e-15)
    assert cells.call(SAVINGS, [text, 0]) == pytest.approx(number, rel=1e-15)


@pytest.mark.parametrize(
    "text", ["1/2/2024", " 2024-1-5 ", "31.1.2024", "2024-02-30", "12:60", "Jan-2024", "1,5", "5-6", "6 PM"]
)
def test_text_that_is_another_number_elsewhere_is_none(text):
    assert cells.call(SAVINGS, [text, 0]) is VALUE


def test_dates_are_their_serial_numbers():
    assert cells.to_number(dt.date(2024, 3, 1)) == 45_352
    assert cells.to_number(dt.datetime(2024, 3, 1, 12)) == 45_352.5
    assert cells.to_number(dt.datetime(2024, 3, 1, 6, tzinfo=dt.UTC)) == 45_352.25


@pytest.mark.parametrize("text", ["", " ", "1,000", "$5", "nan", "inf", "1_000", "0x10", "5%%", "\uff11\uff12", "-"])
def test_text_that_is_no_number(text):
    assert cells.call(SAVINGS, [text, 1]) is VALUE


@pytest.mark.parametrize(("text", "number"), [("12", 12), (" +1.5 ", 1.5), (".5", 0.5), ("5 %", 0.05), ("1E3", 1_000)])
def test_text_that_is_a_number(text, number):
    assert cells.call(SAVINGS, [text, 0]) == number


def test_something_else_is_no_number():
    assert cells.call(SAVINGS, [object(), 1]) is VALUE
    assert cells.call(SAVINGS, [float("nan"), 1]) is NUM


def test_left_out_arguments_are_blanks():
    assert cells.call(CATALOG["ROI_MONTHLY_REQUESTS"], [10, 2]) == 600
    assert cells.call(SAVINGS, [5]) == 5


def test_a_table_has_labels_and_values():
    table = cells.call(REPORT, [2_500, 800, 0.02, 0.012, 100_000, 12])
    assert table[0] == ["Saving per request", 0.008]
    assert dict(table)["Break-even"] is NA
    assert all(len(row) == 2 for row in table)
    assert cells.call(REPORT, [0, 0, 0.02, 0.012, 100_000, 12])[10] == ["ROI", ExcelError.DIV0]


def test_a_table_of_ranges_is_refused():
    assert cells.call(REPORT, [[[1], [2]], 800, 0.02, 0.012, 100_000, 12]) == [[VALUE]]
    assert cells.call(REPORT, [-1, 800, 0.02, 0.012, 100_000, 12]) is NUM
    assert cells.call(REPORT, ["x", 800, 0.02, 0.012, 100_000, 12]) is VALUE


def test_whole_numbers_too_large_for_a_float_are_num():
    assert cells.call(PERCENT, [10**400, 100, 0.02, 0.012, 100_000, 12]) is NUM
    assert cells.call(MONTHS, [1e308, 0, 1e-300, 0, 1]) is NA


@given(st.lists(st.lists(st.one_of(st.floats(-1, 1e6), st.none(), st.just("x")), min_size=2, max_size=2), min_size=1))
def test_ranges_of_numbers_are_answered_as_one_by_one(rows):
    formula = CATALOG["ROI_BREAKEVEN_MONTHS"]
    together = cells.call(formula, [2_500, 100, 0.02, 0.012, rows])
    one_by_one = [[cells.one(formula, [2_500, 100, 0.02, 0.012, value]) for value in row] for row in rows]
    assert together == one_by_one


def test_rows_columns_and_single_numbers_combine_at_once():
    formula = CATALOG["ROI_REQUEST_SAVINGS"]
    assert cells.call(formula, [[[5.0, 7.0]], [[1.0], [2.0], [3.0]]]) == [[4.0, 6.0], [3.0, 5.0], [2.0, 4.0]]
    assert cells.call(formula, [[[5.0], [7.0]], 2.0]) == [[3.0], [5.0]]
    ragged = cells.call(formula, [[[5.0, 7.0]], [[1.0, 2.0, 3.0]]])
    assert ragged[0][:2] == [4.0, 5.0]
    assert ragged[0][2] is ExcelError.NA
    assert cells.call(CATALOG["ROI_BASELINE_COST"], [[[1e200], [1.0]], 1e200, 2.0])[0] == [ExcelError.NUM]


def test_whole_numbers_that_overflow_spoil_only_their_own_cell():
    got = cells.call(CATALOG["ROI_COST_PER_REQUEST"], [[[10**200], [1]], 1, 10**200, 1])
    assert got[0] == [NUM]
    assert got[1] == [pytest.approx(1e194)]
