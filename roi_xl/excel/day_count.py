"""How many days, or which part of a year, lie between two days by the conventions of bonds?

0 is 30/360 as in the United States, 1 actual days over actual years, 2 actual over 360,
3 actual over 365, 4 30/360 as in Europe.
"""

from roi_xl.days import Day, day_of, is_leap, last_day, serial_of
from roi_xl.errors import CannotVectorise

US, ACTUAL, OVER_360, OVER_365, EUROPE = range(5)


def days_between(start: int, end: int, basis: int) -> float:
    """The days from one day to another."""
    if basis in (US, EUROPE):
        return thirties(day_of(start), day_of(end), basis)
    return float(end - start)


def thirties(one: Day, other: Day, basis: int) -> float:
    """The days between two days if every month has 30; in the United States the end's 31st stays after a February."""
    first, last = min(one.day, 30), min(other.day, 30)
    if basis == US:
        if one.day < 30:
            last = other.day
        if is_february_end(one):
            first = 30
            last = 30 if is_february_end(other) else last
    return float((other.year - one.year) * 360 + (other.month - one.month) * 30 + last - first)


def is_february_end(day: Day) -> bool:
    """Whether a day is the last of a February."""
    return day.month == 2 and day.day == last_day(day.year, 2)


def year_length(start: int, end: int, basis: int) -> float:
    """The days of a year, for a stretch between two days."""
    if basis in (US, OVER_360, EUROPE):
        return 360.0
    return 365.0 if basis == OVER_365 else actual_year(start, end)


def actual_year(start: int, end: int) -> float:
    """The mean length of the years that a stretch touches; of a stretch up to a year, with its 29 February or not."""
    one, other = day_of(start), day_of(end)
    if one.year == other.year:
        return 366.0 if is_leap(one.year) else 365.0
    if other.year - one.year == 1 and (other.month, other.day) <= (one.month, one.day):
        return 366.0 if has_leap_day(start, end, one, other) else 365.0
    years = range(one.year, other.year + 1)
    return sum(366 if is_leap(year) else 365 for year in years) / len(years)


def has_leap_day(start: int, end: int, one: Day, other: Day) -> bool:
    """Whether a 29 February lies within a stretch."""
    return any(is_leap(year) and start <= serial_of(year, 2, 29) <= end for year in (one.year, other.year))


def year_fraction(start: int, end: int, basis: int) -> float:
    """The fraction of a year between two days, in either order.

    Raises:
        CannotVectorise: the days are counted backward in months of 30 days, and it matters whether
            Excel exchanges them first: one account of it says so, a reported answer says otherwise.
    """
    low, high = sorted((start, end))
    days = days_between(low, high, basis)
    if start > end and basis == US and days != -days_between(start, end, basis):
        raise CannotVectorise("30/360 backward from or to a month's end")
    return days / year_length(low, high, basis)
