"""What does a cell make of a value that it is given?"""

import contextlib
import datetime as dt
import math
import numbers
import re
from collections.abc import Callable
from decimal import Decimal

import numpy as np

from roi_xl.engines.book import Book
from roi_xl.engines.libreoffice import OfficeBook
from roi_xl.errors import ExcelError, NotANumber, OutOfBounds, RoiError
from roi_xl.excel.coercion import to_text
from roi_xl.recalc.compare import is_number
from roi_xl.recalc.wording import WHOLE, doubted_rate
from roi_xl.text_numbers import Quoted, Typed, typed
from roi_xl.xlsx.addresses import Address
from roi_xl.xlsx.cell_formats import TEXT, is_percentage, number_format
from roi_xl.xlsx.limits import LONGEST_TEXT
from roi_xl.xlsx.sheet_cells import UNPRINTABLE, Value
from roi_xl.xlsx.validation import NumberRule, Rule

DAY, LENGTH_OF_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}"), len("2027-01-31")
FIRST_DAYS = {"1900": dt.datetime(1899, 12, 30), "1904": dt.datetime(1904, 1, 1)}
DAY_THAT_NEVER_WAS = dt.datetime(1900, 3, 1)
"""Excel has a 29 February 1900 before it, so that earlier days have numbers that are one less."""


Given = Value | dt.date
"""What a person may give."""


def format_of(book: Book | OfficeBook, place: Address) -> str:
    """The number format of a cell."""
    styles = book.package.parts.get(book.contents.styles, b"")
    return number_format(styles, book.sheet(place.sheet), place.within)


def is_text_cell(book: Book | OfficeBook, place: Address, held: Value) -> bool:
    """Whether whatever is typed into a cell is a text: it is formatted as Text and holds no number."""
    return (held is None or isinstance(held, str)) and format_of(book, place) == TEXT


def doubt_of(
    book: Book | OfficeBook, name: str, place: Address, value: object, rule_of: Callable[[Address], Rule | None]
) -> str | None:
    """What is said of a rate of 100% or more in a cell that shows percentages and takes more than 100%.

    In Excel, 10 typed into such a cell is 10%; here a number is what it is, and a percentage has its sign.
    """
    if not is_number(value) or value < WHOLE or not is_percentage(format_of(book, place)):  # type: ignore[operator]
        return None
    rule = rule_of(place)
    ends_at_all = isinstance(rule, NumberRule) and not rule.within(2 * WHOLE)
    return None if ends_at_all else doubted_rate(name, value)  # type: ignore[arg-type]


def wants_number(held: Value, rule: Rule | None) -> bool:
    """Whether a cell takes a text as the number or day that it reads as: it holds one, or may hold nothing else."""
    return is_number(held) or (held is None and isinstance(rule, NumberRule) and rule.kind != "textLength")


def as_typed(text: str) -> Given:
    """A text as the number or the day that it reads as, if it does.

    >>> as_typed("10%"), as_typed("2027-01-31"), as_typed("2027-01-31 12:00"), as_typed("many")
    (0.1, datetime.date(2027, 1, 31), datetime.datetime(2027, 1, 31, 12, 0), 'many')
    """
    if isinstance(text, Quoted):
        return text
    number = typed(text)
    return as_day(text) if number is None else number


def as_day(text: str) -> str | dt.date:
    """A text such as 2027-01-31, or one with a time, as a day; any other as it is.

    >>> as_day("2027-01-31"), as_day("2027")
    (datetime.date(2027, 1, 31), '2027')
    """
    if not DAY.match(text):
        return text
    with contextlib.suppress(ValueError):
        return dt.date.fromisoformat(text) if len(text) == LENGTH_OF_DAY else dt.datetime.fromisoformat(text)
    return text


def refuse_what_no_cell_holds(name: str, value: object) -> None:
    """Refuse text with control characters, and numbers that are not finite."""
    if isinstance(value, str) and not UNPRINTABLE.isdisjoint(value):
        raise RoiError(f"{name} takes text in UTF-8 without control characters, got {value!r}")
    if is_number(value) and not math.isfinite(value):  # type: ignore[arg-type]
        raise OutOfBounds(f"{name} takes a finite number, got {value}")


def taken(book: Book | OfficeBook, name: str, place: Address, value: object, held: Value) -> Value:
    """A value as the cell takes it: a number as a float, a day as its number, anything in a cell for text as text."""
    known = as_python(name, value)
    if isinstance(known, str) and len(known) > LONGEST_TEXT:
        raise RoiError(f"{name} takes at most {LONGEST_TEXT:,} characters, got {len(known):,}")
    if known is not None and not isinstance(known, str) and is_text_cell(book, place, held):
        return text_of(known)
    if isinstance(known, Typed):
        return float(known)
    if not isinstance(known, dt.date):
        return known  # type: ignore[return-value]
    if isinstance(held, str) and held:
        return known.isoformat()
    return day_number(name, known, book.contents.date_system)


def as_python(name: str, value: object) -> object:
    """A value of NumPy, or another kind of number, as Python has it."""
    if isinstance(value, np.datetime64 | dt.date) and value != value:
        raise NotANumber(f"{name} takes a day, got {value}")
    if isinstance(value, np.datetime64):
        return value.astype("datetime64[us]").item()
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, numbers.Real | Decimal) and not isinstance(value, int | float):
        return float(value)
    return value


def text_of(value: object) -> str:
    """What a cell for text holds where a number, a day, a truth value or an error is typed: the same text."""
    if isinstance(value, Typed) and value.text:
        return value.text
    if isinstance(value, dt.date):
        return value.isoformat()
    return str(value) if isinstance(value, ExcelError) else to_text(value)  # type: ignore[arg-type]


def day_number(name: str, day: dt.date, system: str) -> float:
    """The number of a day, and of a time of it, as a workbook counts them.

    >>> day_number("start", dt.date(2027, 1, 31), "1900"), day_number("start", dt.date(2027, 1, 31), "1904")
    (46418.0, 44956.0)
    """
    moment = dt.datetime.fromisoformat(day.isoformat())
    number = (moment - FIRST_DAYS[system]) / dt.timedelta(days=1)
    if system == "1900" and moment < DAY_THAT_NEVER_WAS:
        number -= 1
    if number < (1 if system == "1900" else 0):
        raise NotANumber(f"{name} must be a day from {FIRST_DAYS[system].year + (system == '1900')} on, got {day}")
    return number
