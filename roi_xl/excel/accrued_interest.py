"""How much interest has a bond accrued from its issue to a day?

The coupon dates run from the first one in both directions, one period after the other. Excel
measures the stretch before settlement by the period before the first coupon, whichever
period it lies in; each whole period before it counts as 1, and the period of the issue by its part.
Without interest from the issue on, whole periods count as nothing, but those two parts stay.
"""

from dataclasses import replace

from roi_xl.days import day_of, last_day, moved
from roi_xl.errors import ExcelError
from roi_xl.excel.coercion import to_truth
from roi_xl.excel.day_count import ACTUAL, OVER_360, OVER_365, US, days_between, is_february_end, thirties
from roi_xl.excel.math import refused
from roi_xl.excel.registry import function
from roi_xl.excel.securities import basis_of, date_of, frequency_of, positive
from roi_xl.xlsx.limits import go_on
from roi_xl.xlsx.sheet_cells import Value


@function("ACCRINT", least=6)
def accrint(
    issue: Value,
    first: Value,
    settlement: Value,
    rate: Value,
    par: Value = 1000.0,
    frequency: Value = ExcelError.NA,
    basis: Value = 0.0,
    from_issue: Value = True,
) -> float:
    """ACCRINT."""
    start, end, times, kind = date_of(issue), date_of(settlement), frequency_of(frequency), basis_of(basis)
    paid, face, coupon = positive(rate), positive(par), date_of(first)
    refused(start >= end)
    whole = 1.0 if from_issue is None or to_truth(from_issue) else 0.0
    return face * paid / times * periods(start, coupon, end, times, kind, whole)


def periods(issue: int, first: int, settlement: int, times: int, basis: int, whole: float) -> float:
    """The coupon periods from the issue to settlement, of which each whole one counts as much as is said."""
    step, day = 12 // times, day_of(first)
    to_end = day.day == last_day(day.year, day.month)
    regular = int(moved(first, -step, to_end=to_end))
    before = last_before(first, settlement, step, to_end) if settlement > first and whole else regular
    found = days_between(max(issue, before), settlement, basis) / usual_length(regular, first, times, basis)
    while before > issue:
        go_on()
        end, before = before, int(moved(before, -step, to_end=to_end))
        found += whole if issue <= before else part_of_first(before, issue, end, times, basis)
    return found


def last_before(first: int, settlement: int, step: int, to_end: bool) -> int:
    """The last coupon date before settlement."""
    following = first
    while following < settlement:
        first, following = following, int(moved(following, step, to_end=to_end))
    return first


def usual_length(before: int, following: int, times: int, basis: int) -> float:
    """The days of the coupon period before the first coupon."""
    if basis == ACTUAL:
        return float(following - before)
    return (365 if basis == OVER_365 else 360) / times


def part_of_first(before: int, issue: int, end: int, times: int, basis: int) -> float:
    """The part of its coupon period that comes after the issue."""
    if basis == US:
        length = thirties_at_ends(before, end)
    elif basis == OVER_365:
        length = 365 / times
    else:
        length = days_between(before, end, US if basis == OVER_360 else basis)
    return days_between(issue, end, basis) / length


def thirties_at_ends(start: int, end: int) -> float:
    """The days between two days if every month has 30, so that every month ends on its 30th."""
    other = day_of(end)
    if is_february_end(other) or other.day == 31:
        other = replace(other, day=30)
    return thirties(day_of(start), other, US)
