"""What do functions of days mean in a workbook whose days begin in 1904?"""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from roi_xl.excel.lifting import lifted
from roi_xl.excel.operators import BINARY
from roi_xl.excel.values import TEXT, CannotVectorise, Column, Vector
from roi_xl.text_numbers import moment, numeral

COMPARED = re.compile(r"([<>=]*)(.*)", re.DOTALL)
LATER = 1_462.0
"""How many days later they begin."""

DAYS_AMONG: dict[str, tuple[int, ...]] = {
    **dict.fromkeys("YEAR MONTH DAY WEEKDAY WEEKNUM ISOWEEKNUM EDATE EOMONTH".split(), (0,)),
    **dict.fromkeys("DAYS DAYS360 DATEDIF YEARFRAC".split(), (0, 1)),
    "NETWORKDAYS": (0, 1, 2),
    "NETWORKDAYS.INTL": (0, 1, 3),
    "WORKDAY": (0, 2),
    "WORKDAY.INTL": (0, 3),
    **dict.fromkeys("DATE DATEVALUE TIME TIMEVALUE HOUR MINUTE SECOND".split(), ()),
}
"""Which arguments are days; TEXT, which also shows lengths of time, is written anew."""

GIVE_DAYS = {"DATE", "DATEVALUE", "EDATE", "EOMONTH", "WORKDAY", "WORKDAY.INTL"}
FIRST_HOLIDAYS = 2
"""From which argument on days are holidays, of which a blank cell is none."""

FIRST_CRITERIA = {
    **dict.fromkeys("COUNTIF COUNTIFS SUMIF AVERAGEIF".split(), 1),
    **dict.fromkeys("SUMIFS AVERAGEIFS MAXIFS MINIFS".split(), 2),
}
"""Which argument is the first criterion; every second one after it is another."""

OF_DAYS = {*DAYS_AMONG, *FIRST_CRITERIA, "VALUE"}
"""Functions that differ; TEXT is another function there."""


def counting_from_1904(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """A function of days that counts from 1900 as one that counts from 1904."""

    def shifted(*arguments: Any) -> Any:
        found = function(*(lifted(shift)(a) for shift, a in zip(shifts(name, arguments), arguments, strict=True)))
        return lifted(BINARY["-"])(found, LATER) if name in GIVE_DAYS else found

    return shifted


def shifts(name: str, arguments: Sequence[Any]) -> Iterator[Callable[[Column], Column]]:
    """What is done to each argument."""
    if name in FIRST_CRITERIA or name == "VALUE":
        first = FIRST_CRITERIA.get(name, 0)
        yield from (criterion if i in range(first, 255, 2) else as_it_is for i in range(len(arguments)))
        return
    days = DAYS_AMONG[name]
    for place in range(len(arguments)):
        yield as_it_is if place not in days else later if place < FIRST_HOLIDAYS else holiday


def criterion(value: Column) -> Column:
    """A text that says a day, perhaps after a comparison, as the number that the day has here."""
    if isinstance(value, Vector) and value.tags is not None and (value.tags == TEXT).any():
        raise CannotVectorise("a criterion that varies in a workbook whose dates begin in 1904")
    match = COMPARED.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        return value
    said = moment(match[2].strip())
    return value if said is None or said < 1 or numeral(match[2].strip()) is not None else f"{match[1]}{said - LATER!r}"


def as_it_is(value: Column) -> Column:
    """A value that is no day."""
    return value


def later(day: Column) -> Column:
    """A day counted from 1904 as one from 1900."""
    if isinstance(day, str) or (isinstance(day, Vector) and day.tags is not None and (day.tags == TEXT).any()):
        raise CannotVectorise("a day as text in a workbook whose dates begin in 1904")
    return BINARY["+"](day, LATER)


def holiday(day: Column) -> Column:
    """The same of a holiday; a blank cell stays none."""
    return None if day is None else later(day)
