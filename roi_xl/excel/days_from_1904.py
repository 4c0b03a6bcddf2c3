"""What do functions of days mean in a workbook whose days begin in 1904?"""

from collections.abc import Callable
from typing import Any

from roi_xl.excel.lifting import lifted
from roi_xl.excel.operators import BINARY
from roi_xl.excel.values import TEXT, CannotVectorise, Column, Vector

LATER = 1_462.0
"""How many days later they begin."""

DAYS_AMONG: dict[str, tuple[int, ...]] = {
    **dict.fromkeys("YEAR MONTH DAY WEEKDAY WEEKNUM ISOWEEKNUM EDATE EOMONTH".split(), (0,)),
    **dict.fromkeys("DAYS DAYS360 DATEDIF YEARFRAC".split(), (0, 1)),
    **dict.fromkeys("DATE DATEVALUE TIME TIMEVALUE HOUR MINUTE SECOND".split(), ()),
}
"""Which arguments are days."""

GIVE_DAYS = {"DATE", "DATEVALUE", "EDATE", "EOMONTH"}
LEFT = {"NETWORKDAYS", "NETWORKDAYS.INTL", "WORKDAY", "WORKDAY.INTL"}
"""Functions that are left to the engine; TEXT is written anew."""

OF_DAYS = DAYS_AMONG.keys() | LEFT


def counting_from_1904(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """A function of days that counts from 1900 as one that counts from 1904."""
    if name in LEFT:
        raise CannotVectorise(f"{name} in a workbook whose dates begin in 1904")

    def shifted(*arguments: Any) -> Any:
        found = function(*(lifted(later)(a) if i in DAYS_AMONG[name] else a for i, a in enumerate(arguments)))
        return lifted(BINARY["-"])(found, LATER) if name in GIVE_DAYS else found

    return shifted


def later(day: Column) -> Column:
    """A day counted from 1904 as one from 1900."""
    if isinstance(day, str) or (isinstance(day, Vector) and day.tags is not None and (day.tags == TEXT).any()):
        raise CannotVectorise("a day as text in a workbook whose dates begin in 1904")
    return BINARY["+"](day, LATER)
