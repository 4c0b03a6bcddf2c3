"""What is a cell's value where a function wants a number, a text, a truth, or the numbers of a range?"""

import math
from collections.abc import Iterator, Sequence
from typing import Any

from roi_xl.errors import ExcelError, NoAnswer
from roi_xl.text_numbers import number_in
from roi_xl.xlsx.sheet_cells import Value

Rows = Sequence[Sequence[Value]]
"""A range of plain values, row by row."""

DIGITS = 15
"""The significant digits that Excel shows and compares."""


WIDTH = 11
"""The characters that the format General takes, beside a sign."""


def to_number(value: Value) -> float:
    """A value as a number in arithmetic: a blank is 0, TRUE is 1, numeric text is its number.

    Raises:
        NoAnswer: text that is not a number (#VALUE!), or the value itself if it is an error.
    """
    if isinstance(value, bool | int | float):
        return float(value)
    if value is None:
        return 0.0
    if isinstance(value, ExcelError):
        raise NoAnswer(value)
    return number_in(value)


def to_whole(value: Value) -> int:
    """A value as an integer, truncated."""
    return math.trunc(to_number(value))


def to_text(value: Value) -> str:
    """A value as text: a number with 15 digits, TRUE or FALSE, nothing for a blank.

    >>> to_text(1.1 * 3), to_text(True), to_text(None), to_text(1e20)
    ('3.3', 'TRUE', '', '100000000000000000000')
    """
    if isinstance(value, ExcelError):
        raise NoAnswer(value)
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, int | float):
        return general(float(value))
    return value or ""


def general(number: float) -> str:
    """A number as Excel writes it into a text: 15 digits, without an exponent from 1E-9 up to 1E+20.

    >>> general(0.1 + 0.2), general(1e21), general(0.00001)
    ('0.3', '1E+21', '0.00001')
    """
    if number == 0:
        return "0"
    mantissa, _, exponent = f"{number:.{DIGITS - 1}e}".partition("e")
    power = int(exponent)
    mantissa = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
    if -10 < power < 21:
        digits = max(len(mantissa.lstrip("-").replace(".", "")) - 1 - power, 0)
        return f"{float(f'{mantissa}e{power}'):.{digits}f}"
    return f"{mantissa}E{'-' if power < 0 else '+'}{abs(power):02d}"


def narrow(number: float) -> str:
    """A number as the format General shows it: 11 characters beside the sign, else six digits and an exponent.

    >>> narrow(-1 / 3), narrow(123456789012.0), narrow(0.00000001), narrow(0.0000000025)
    ('-0.333333333', '1.23457E+11', '0.00000001', '2.5E-09')
    """
    size, sign = abs(number), "-" if number < 0 else ""
    whole = len(f"{size:.0f}")
    text = f"{size:.{max(WIDTH - 1 - whole, 0)}f}"
    plain = text.rstrip("0").rstrip(".") if "." in text else text
    if plain.partition(".")[0] and len(plain) <= WIDTH and (size >= 1e-4 or to_digits(size) == float(plain)):
        return sign + plain
    mantissa, _, exponent = f"{size:.5e}".partition("e")
    power = int(exponent)
    return f"{sign}{mantissa.rstrip('0').rstrip('.')}E{'-' if power < 0 else '+'}{abs(power):02d}"


def to_digits(number: float) -> float:
    """A number with its first 15 digits."""
    return float(f"{number:.{DIGITS}g}")


def to_truth(value: Value) -> bool:
    """A value as a condition: a number is true unless it is 0; text counts only as TRUE or FALSE."""
    if isinstance(value, str):
        if value.upper() in ("TRUE", "FALSE"):
            return value.upper() == "TRUE"
        raise NoAnswer(ExcelError.VALUE)
    return to_number(value) != 0


def is_number(value: Any) -> bool:
    """Whether a value is a number, a boolean not being one."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def flat(rows: Rows) -> Iterator[Value]:
    """The values of a range, row by row."""
    for row in rows:
        yield from row


def numbers_of(rows: Rows) -> list[float]:
    """The numbers of a range, in order: blanks, text and booleans are passed over, an error is the answer."""
    found: list[float] = []
    for value in flat(rows):
        if isinstance(value, ExcelError):
            raise NoAnswer(value)
        if is_number(value):
            found.append(float(value))  # type: ignore[arg-type]
    return found
