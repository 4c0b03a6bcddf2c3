"""How does Excel write numbers in other numerals: Roman, of any base, of bits?"""

import math
from collections.abc import Callable
from typing import Any

from roi_xl.errors import ExcelError
from roi_xl.excel.coercion import to_number, to_text, to_whole
from roi_xl.excel.math import refused, whole_of
from roi_xl.excel.registry import function
from roi_xl.excel.toolpak import MISSING, Missing
from roi_xl.xlsx.sheet_cells import Value

ROMAN = (
    (1000, "M", 0), (999, "IM", 4), (995, "VM", 3), (990, "XM", 2), (950, "LM", 1), (900, "CM", 0),
    (500, "D", 0), (499, "ID", 4), (495, "VD", 3), (490, "XD", 2), (450, "LD", 1), (400, "CD", 0),
    (100, "C", 0), (99, "IC", 2), (95, "VC", 1), (90, "XC", 0), (50, "L", 0), (49, "IL", 2), (45, "VL", 1),
    (40, "XL", 0), (10, "X", 0), (9, "IX", 0), (5, "V", 0), (4, "IV", 0), (1, "I", 0),
)  # fmt: skip
"""Numerals with their value and the form from which on they are used."""


@function("ROMAN")
def roman(number: Value, form: Value = 0.0) -> str:
    """ROMAN: from the classic form (0) to the shortest (4)."""
    left = math.trunc(to_number(number))
    shape = 4 if form is False else 0 if form is None or form is True else to_whole(form)
    refused(not 0 <= left <= 3999 or not 0 <= shape <= 4, ExcelError.VALUE)
    found = ""
    for value, text, first_form in ROMAN:
        if first_form > shape:
            continue
        while left >= value:
            found, left = found + text, left - value
    return found


LETTERS = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}


@function("ARABIC")
def arabic(text: Value) -> float:
    """ARABIC: a smaller numeral before a larger one is subtracted."""
    plain = to_text(text).strip().upper()
    sign = -1 if plain.startswith("-") else 1
    letters = plain.lstrip("-")
    refused(len(letters) > 255 or any(letter not in LETTERS for letter in letters), ExcelError.VALUE)
    values = [LETTERS[letter] for letter in letters]
    following = [*values[1:], 0] if values else []
    return float(sign * sum(-v if v < n else v for v, n in zip(values, following, strict=True)))


DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def in_base(number: int, radix: int) -> str:
    """A whole number of at least 0 in a base."""
    text = ""
    while number:
        number, digit = divmod(number, radix)
        text = DIGITS[digit] + text
    return text or "0"


@function("BASE")
def base(number: Value, radix: Value, length: Value = 0.0) -> str:
    """BASE."""
    value, by, size = whole_of(number), to_whole(radix), 0 if length is None else to_whole(length)
    refused(not 2 <= by <= 36 or not 0 <= size <= 255)
    return in_base(value, by).rjust(size, "0")


@function("DECIMAL")
def decimal(text: Value, radix: Value) -> float:
    """DECIMAL."""
    plain, by = to_text(text).strip().upper(), to_whole(radix)
    refused(not 2 <= by <= 36)
    refused(any(d not in DIGITS[:by] for d in plain) or not plain)
    return float(int(plain, by))


BASES = {"BIN": (2, 10), "OCT": (8, 10), "HEX": (16, 10)}
"""The base of each kind of numeral, and its digits; the first half of what they can say is at least 0."""


def read_numeral(text: Value, kind: str) -> int:
    """A numeral in two's complement as a number."""
    radix, digits = BASES[kind]
    plain = to_text(text).strip().upper() or "0"
    refused(len(plain) > digits or any(d not in DIGITS[:radix] for d in plain))
    value = int(plain, radix)
    return value - radix**digits if value >= radix**digits // 2 else value


def write_numeral(value: int, kind: str, places: Value | Missing) -> str:
    """A number as a numeral in two's complement."""
    radix, digits = BASES[kind]
    half = radix**digits // 2
    refused(not -half <= value < half)
    size = 0 if isinstance(places, Missing) else to_whole(places)
    refused(not isinstance(places, Missing) and not 1 <= size <= 10)
    text = in_base(value if value >= 0 else value + radix**digits, radix)
    refused(value >= 0 and 0 < size < len(text))
    return text.rjust(size, "0") if value >= 0 else text


def conversion(source: str, target: str) -> Callable[..., Any]:
    """A function from one kind of numeral to another."""

    def convert(text: Value, places: Value | Missing = MISSING) -> Value:
        value = math.trunc(to_number(text)) if source == "DEC" else read_numeral(text, source)
        return write_numeral(value, target, places)

    return convert if target != "DEC" else lambda text: float(read_numeral(text, source))


for source in ("DEC", "BIN", "OCT", "HEX"):
    for target in ("DEC", "BIN", "OCT", "HEX"):
        if source != target:
            function(f"{source}2{target}")(conversion(source, target))


def bits(operation: Callable[[int, int], int]) -> Callable[[Value, Value], float]:
    """A function of the bits of two whole numbers."""

    def of_two(one: Value, other: Value) -> float:
        a, b = to_number(one), to_number(other)
        refused(min(a, b) < 0 or max(a, b) >= 2**48 or a != int(a) or b != int(b))
        return float(operation(int(a), int(b)))

    return of_two


function("BITAND")(bits(lambda a, b: a & b))
function("BITOR")(bits(lambda a, b: a | b))
function("BITXOR")(bits(lambda a, b: a ^ b))


def shifted(direction: int) -> Callable[[Value, Value], float]:
    """BITLSHIFT (1) or BITRSHIFT (-1)."""

    def shift(number: Value, places: Value) -> float:
        value, by = to_number(number), math.trunc(to_number(places)) * direction
        refused(not 0 <= value < 2**48 or value != int(value) or abs(by) > 53)
        found = int(value) << by if by >= 0 else int(value) >> -by
        refused(found >= 2**48)
        return float(found)

    return shift


function("BITLSHIFT")(shifted(1))
function("BITRSHIFT")(shifted(-1))
