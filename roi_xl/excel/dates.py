"""What do Excel's functions of dates and times give?"""

import math
from collections.abc import Callable, Iterable

from roi_xl.days import (
    LAST,
    Day,
    day_of,
    last_day,
    moved,
    serial_of,
    weekday,
)
from roi_xl.errors import ExcelError, NoAnswer
from roi_xl.excel.coercion import Rows, flat, to_number, to_text, to_truth, to_whole
from roi_xl.excel.day_count import year_fraction
from roi_xl.excel.registry import ONE, RANGE, function
from roi_xl.text_numbers import day_in, moment, only, time_in
from roi_xl.xlsx.sheet_cells import Value

SECONDS = 86_400


def date_number(value: Value) -> float:
    """A value as the number of a day; #NUM! before the calendar."""
    number = to_number(value)
    if number < 0 or number >= LAST + 1:
        raise NoAnswer(ExcelError.NUM)
    return number


# parts of a date


@function("YEAR")
def year(value: Value) -> float:
    """YEAR."""
    return float(day_of(date_number(value)).year)


@function("MONTH")
def month(value: Value) -> float:
    """MONTH."""
    return float(day_of(date_number(value)).month)


@function("DAY")
def day(value: Value) -> float:
    """DAY."""
    return float(day_of(date_number(value)).day)


def part_of_day(read: Callable[[int], int]) -> Callable[[Value], float]:
    """HOUR, MINUTE or SECOND, of the nearest second."""

    def part(value: Value) -> float:
        number = date_number(value)
        return float(read(int((number - math.floor(number)) * SECONDS + 0.5) % SECONDS))

    return part


function("HOUR")(part_of_day(lambda seconds: seconds // 3600))
function("MINUTE")(part_of_day(lambda seconds: seconds // 60 % 60))
function("SECOND")(part_of_day(lambda seconds: seconds % 60))


@function("DATE")
def date(year: Value, month: Value, day: Value) -> float:
    """DATE: months and days may run over."""
    parts = [to_number(value) for value in (year, month, day)]
    if any(abs(part) > 1e9 for part in parts):
        raise NoAnswer(ExcelError.NUM)
    return serial_of(*map(math.trunc, parts))


@function("TIME")
def time(hour: Value, minute: Value, second: Value) -> float:
    """TIME: a fraction of a day; whole days are dropped."""
    parts = [to_whole(value) for value in (hour, minute, second)]
    if any(abs(part) > 32_767 for part in parts):
        raise NoAnswer(ExcelError.NUM)
    seconds = parts[0] * 3600 + parts[1] * 60 + parts[2]
    if seconds < 0:
        raise NoAnswer(ExcelError.NUM)
    return seconds % SECONDS / SECONDS


@function("DATEVALUE")
def date_value(text: Value) -> float:
    """DATEVALUE: the day of a text; a time in it is passed over."""
    if not isinstance(text, str):
        raise NoAnswer(ExcelError.VALUE)
    found = only(moment, text)
    if day_in(text.strip()) is None and time_in(text.strip()) is not None:
        return 0.0
    return float(math.floor(found))


@function("TIMEVALUE")
def time_value(text: Value) -> float:
    """TIMEVALUE: the time of a text; a day in it is passed over."""
    if not isinstance(text, str):
        raise NoAnswer(ExcelError.VALUE)
    return math.fmod(only(moment, text), 1)


# months and weeks


@function("EDATE")
def edate(start: Value, months: Value) -> float:
    """EDATE."""
    return moved(date_number(start), to_whole(months))


@function("EOMONTH")
def eomonth(start: Value, months: Value) -> float:
    """EOMONTH."""
    return moved(date_number(start), to_whole(months), to_end=True)


@function("WEEKDAY")
def week_day(value: Value, kind: Value = 1.0) -> float:
    """WEEKDAY: from Sunday as 1 (1), Monday as 1 (2), Monday as 0 (3), or another day as 1 (11 to 17)."""
    number, shown = weekday(date_number(value)), 1 if kind is None else to_whole(kind)
    if shown == 3:
        return float((number - 1) % 7)
    first = {1: 0, 2: 1, 17: 0, **{k: k - 10 for k in range(11, 17)}}.get(shown)
    if first is None:
        raise NoAnswer(ExcelError.NUM)
    return float((number - first) % 7 + 1)


@function("WEEKNUM")
def week_number(value: Value, kind: Value = 1.0) -> float:
    """WEEKNUM: the first of January is in week 1; 21 counts as ISO does."""
    number, shown = date_number(value), 1 if kind is None else to_whole(kind)
    if shown == 21:
        return iso_week(value)
    first = {1: 0, 2: 1, 17: 0, **{k: k - 10 for k in range(11, 17)}}.get(shown)
    if first is None:
        raise NoAnswer(ExcelError.NUM)
    january = serial_of(day_of(number).year, 1, 1)
    return float((math.floor(number) - january + (weekday(january) - first) % 7) // 7 + 1)


@function("ISOWEEKNUM")
def iso_week(value: Value) -> float:
    """ISOWEEKNUM: the first week has the year's first Thursday."""
    number = math.floor(date_number(value))
    thursday = number - (weekday(number) - 1) % 7 + 3
    return float((thursday - serial_of(day_of(thursday).year, 1, 1)) // 7 + 1)


# between two days


@function("DAYS")
def days(end: Value, start: Value) -> float:
    """DAYS."""
    return float(math.floor(date_number(end)) - math.floor(date_number(start)))


HALF_SECOND = 0.5 / 86_400


@function("DAYS360")
def days360(start: Value, end: Value, european: Value = False) -> float:
    """DAYS360: as if every month had 30 days; a moment within half a second of midnight is the next day's."""
    one, other = (day_of(date_number(value) + HALF_SECOND) for value in (start, end))
    first, last = one.day, other.day
    if european is not None and to_truth(european):
        first, last = min(first, 30), min(last, 30)
    else:
        if first == last_day(one.year, one.month):
            first = 30
        if last == last_day(other.year, other.month) and last == 31:
            if first < 30:
                other, last = next_month(other), 1
            else:
                last = 30
    return float((other.year - one.year) * 360 + (other.month - one.month) * 30 + last - first)


def next_month(day: Day) -> Day:
    """The first of the month after a day."""
    return Day(day.year + day.month // 12, day.month % 12 + 1, 1)


@function("YEARFRAC")
def yearfrac(start: Value, end: Value, basis: Value = 0.0) -> float:
    """YEARFRAC: the part of a year between two days."""
    kind = 0 if basis is None else to_whole(basis)
    if not 0 <= kind <= 4:
        raise NoAnswer(ExcelError.NUM)
    return year_fraction(math.floor(date_number(start)), math.floor(date_number(end)), kind)


@function("DATEDIF")
def datedif(start: Value, end: Value, unit: Value) -> float:
    """DATEDIF: whole years, months or days between two days; YM, MD and YD pass over the larger ones."""
    first, last = math.floor(date_number(start)), math.floor(date_number(end))
    one, other, wanted = day_of(first), day_of(last), to_text(unit).upper()
    if first > last:
        raise NoAnswer(ExcelError.NUM)
    months = (other.year - one.year) * 12 + other.month - one.month - (other.day < one.day)
    found = {
        "Y": months // 12,
        "M": months,
        "D": last - first,
        "YM": months % 12,
        "MD": days_beyond_months(one, other),
        "YD": days_beyond_years(first, one, other),
    }.get(wanted)
    if found is None:
        raise NoAnswer(ExcelError.NUM)
    return float(found)


def days_beyond_months(one: Day, other: Day) -> float:
    """The days remaining after whole months."""
    if other.day >= one.day:
        return other.day - one.day
    year, month = (other.year, other.month - 1) if other.month > 1 else (other.year - 1, 12)
    return other.day - one.day + last_day(year, month)


def days_beyond_years(first: int, one: Day, other: Day) -> float:
    """The days remaining after whole years, in the calendar of the first year."""
    in_same_year = serial_of(one.year, other.month, other.day)
    return in_same_year - first if in_same_year >= first else serial_of(one.year + 1, other.month, other.day) - first


# working days


WEEKENDS: dict[int, str] = {
    1: "0000011",
    2: "1000001",
    3: "1100000",
    4: "0110000",
    5: "0011000",
    6: "0001100",
    7: "0000110",
    **{11 + k: "".join("1" if place == (k - 1) % 7 else "0" for place in range(7)) for k in range(7)},
}
"""The weekend days, from Monday on, by Excel's weekend number."""


def weekend_of(value: Value) -> str:
    """The days off of a week: by their number, or as seven digits."""
    if isinstance(value, str):
        if len(value) != 7 or set(value) - {"0", "1"} or value == "1111111":
            raise NoAnswer(ExcelError.VALUE)
        return value
    found = WEEKENDS.get(1 if value is None else to_whole(value))
    if found is None:
        raise NoAnswer(ExcelError.NUM)
    return found


def days_off(holidays: Rows | float | None) -> set[int]:
    """The holidays of a range, or a single one."""
    given = [holidays] if isinstance(holidays, float) else flat(holidays or ())
    return {math.floor(date_number(value)) for value in given if value is not None and value != ""}


def is_off(number: int, weekend: str, holidays: set[int]) -> bool:
    """Whether a day is a weekend or holiday."""
    return weekend[(weekday(number) - 1) % 7] == "1" or number in holidays


def worked(start: Value, end: Value, weekend: str, holidays: Rows | None) -> float:
    """The working days from one day to another, both included; less than 0 backwards."""
    first, last = math.floor(date_number(start)), math.floor(date_number(end))
    low, high = sorted((first, last))
    weeks, rest = divmod(high - low + 1, 7)
    count = weeks * weekend.count("0") + sum(not is_off(low + k, weekend, set()) for k in range(rest))
    inside: Iterable[int] = (day for day in days_off(holidays) if low <= day <= high)
    count -= sum(not is_off(day, weekend, set()) for day in inside)
    return float(count if first <= last else -count)


def worked_on(start: Value, days: Value, weekend: str, holidays: Rows | None) -> float:
    """The day a number of working days before or after another."""
    number, left = math.floor(date_number(start)), to_whole(days)
    off, step = days_off(holidays), 1 if left > 0 else -1
    if abs(left) > LAST:
        raise NoAnswer(ExcelError.NUM)
    while left:
        number += step
        if not 0 <= number <= LAST:
            raise NoAnswer(ExcelError.NUM)
        left -= step * (not is_off(number, weekend, off))
    return float(number)


@function("NETWORKDAYS", wants=(ONE, ONE, RANGE))
def networkdays(start: Value, end: Value, holidays: Rows | None = None) -> float:
    """NETWORKDAYS."""
    return worked(start, end, WEEKENDS[1], holidays)


@function("NETWORKDAYS.INTL", wants=(ONE, ONE, ONE, RANGE))
def networkdays_intl(start: Value, end: Value, weekend: Value = 1.0, holidays: Rows | None = None) -> float:
    """NETWORKDAYS.INTL; a week without working days has none."""
    if weekend == "1111111":
        return 0.0
    return worked(start, end, weekend_of(weekend), holidays)


@function("WORKDAY", wants=(ONE, ONE, RANGE))
def workday(start: Value, days: Value, holidays: Rows | None = None) -> float:
    """WORKDAY."""
    return worked_on(start, days, WEEKENDS[1], holidays)


@function("WORKDAY.INTL", wants=(ONE, ONE, ONE, RANGE))
def workday_intl(start: Value, days: Value, weekend: Value = 1.0, holidays: Rows | None = None) -> float:
    """WORKDAY.INTL."""
    return worked_on(start, days, weekend_of(weekend), holidays)
