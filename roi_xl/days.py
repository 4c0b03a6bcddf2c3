"""Which day is a number, and which number a day?

Excel counts days from 1 January 1900 as 1, and keeps a 29 February 1900 that never was as
day 60; day 0 is shown as 0 January 1900.
"""

import calendar
import datetime as dt
from dataclasses import dataclass

from roi_xl.errors import ExcelError, NoAnswer

FIRST_REAL, LAST = 61, 2_958_465
EPOCH = dt.date(1899, 12, 30)


@dataclass(frozen=True, order=True)
class Day:
    """A day as Excel has it; 29 February and 0 January 1900 are days too."""

    year: int
    month: int
    day: int


def day_of(serial: float) -> Day:
    """The day of a number; #NUM! outside of the calendar.

    >>> day_of(60), day_of(0), day_of(45292)
    (Day(year=1900, month=2, day=29), Day(year=1900, month=1, day=0), Day(year=2024, month=1, day=1))
    """
    number = int(serial // 1)
    if not 0 <= number <= LAST:
        raise NoAnswer(ExcelError.NUM)
    if number >= FIRST_REAL:
        date = EPOCH + dt.timedelta(days=number)
        return Day(date.year, date.month, date.day)
    if number == FIRST_REAL - 1:
        return Day(1900, 2, 29)
    return Day(1900, 1, number) if number <= 31 else Day(1900, 2, number - 31)


def serial_of(year: int, month: int, day: int) -> float:
    """The number of a date; months and days may run over, and years below 1900 are counted from there."""
    if not 0 <= year <= 9999:
        raise NoAnswer(ExcelError.NUM)
    years, months = divmod((year + 1900 if year < 1900 else year) * 12 + month - 1, 12)
    if not 1900 <= years <= 9999 and not (years == 1899 and months == 11):
        raise NoAnswer(ExcelError.NUM)
    first = (dt.date(years, months + 1, 1) - EPOCH).days
    serial = (first if first >= FIRST_REAL else first - 1) + day - 1
    if not 0 <= serial <= LAST:
        raise NoAnswer(ExcelError.NUM)
    return float(serial)


def moved(serial: float, months: int, *, to_end: bool = False) -> float:
    """A date a number of months later, clamped to the end of its month; or that month's last day."""
    day = day_of(serial)
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if not 1900 <= year <= 9999:
        raise NoAnswer(ExcelError.NUM)
    last = last_day(year, month + 1)
    return serial_of(year, month + 1, last if to_end else min(day.day, last))


def last_day(year: int, month: int) -> int:
    """The last day of a month; 1900 has a 29 February."""
    return 29 if (year, month) == (1900, 2) else calendar.monthrange(year, month)[1]


def is_leap(year: int) -> bool:
    """Whether a year has 366 days, as 1900 has in Excel."""
    return year == 1900 or calendar.isleap(year)


def weekday(serial: float) -> int:
    """The day of the week, Sunday being 0."""
    return int(serial // 1 - 1) % 7
