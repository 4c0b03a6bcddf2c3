"""What do Excel's functions of complex numbers give, which are texts such as 3+4i?"""

import cmath
import math
import re
from collections.abc import Callable, Sequence
from typing import Any

from roi_xl.errors import CannotVectorise, ExcelError, NoAnswer
from roi_xl.excel.coercion import flat, general, to_number, to_text
from roi_xl.excel.math import refused
from roi_xl.excel.registry import RANGE, function
from roi_xl.xlsx.sheet_cells import Value

SIZE = r"(?:\d++\.?+\d*+|\.\d++)(?:[eE][+-]?+\d++)?+"
IMAGINARY = re.compile(rf"([+-]?+)({SIZE})?+([ij])")
BOTH = re.compile(rf"([+-]?+{SIZE})(?:([+-])({SIZE})?+([ij]))?+")
LONGEST, MOST = 255, 20
Complex = tuple[complex, str]
"""A number, and the letter of its imaginary part, if it says one."""


def read(value: Value) -> Complex:
    """A complex number: a text of a real part, an imaginary part with i or j, or both; or a real number."""
    if not isinstance(value, str):
        return complex(to_number(value)), ""
    refused(len(value) > LONGEST)
    if match := IMAGINARY.fullmatch(value):
        return complex(0, signed(match[1], match[2])), match[3]
    match = BOTH.fullmatch(value)
    if match is None:
        raise NoAnswer(ExcelError.NUM)
    return complex(float(match[1]), signed(match[2], match[3]) if match[4] else 0), match[4] or ""


def signed(sign: str, size: str | None) -> float:
    """An imaginary part; without digits it is 1."""
    return (-1 if sign == "-" else 1) * float(size or 1)


def write(number: complex, letter: str) -> str:
    """A complex number as text: 15 digits for each part that is not 0.

    >>> write(3 - 1j, "i"), write(2j, ""), write(0j, "j")
    ('3-i', '2i', '0')
    """
    refused(not cmath.isfinite(number))
    if number.imag == 0:
        return written(number.real)
    size = written(abs(number.imag))
    imaginary = ("-" if number.imag < 0 else "+") + ("" if size == "1" else size) + (letter or "i")
    return imaginary.removeprefix("+") if number.real == 0 else written(number.real) + imaginary


def written(part: float) -> str:
    """A part as text: without an exponent as long as it has no more than 20 characters."""
    text = general(part)
    if not 0 < abs(part) < 1e-9:
        return text
    digits, _, power = text.lstrip("-").partition("E-")
    places = int(power or 0) + len(digits.partition(".")[2])
    return f"{part:.{places}f}" if power and places + 2 <= MOST else text


def letter_of(letters: Sequence[str]) -> str:
    """The letter of several numbers; i and j together are #VALUE!."""
    said = {letter for letter in letters if letter}
    refused(len(said) > 1, ExcelError.VALUE)
    return said.pop() if said else ""


@function("COMPLEX")
def complex_(real: Value, imaginary: Value, letter: Value = None) -> str:
    """COMPLEX."""
    sign = to_text(letter) or "i"
    refused(sign not in ("i", "j"), ExcelError.VALUE)
    return write(complex(to_number(real), to_number(imaginary)), sign)


def argument(number: complex) -> float:
    """IMARGUMENT."""
    refused(number == 0, ExcelError.DIV0)
    return math.atan2(number.imag, number.real)


def of_parts(name: str, part: Callable[[complex], float]) -> None:
    """Register a function that gives a real number."""
    function(name)(lambda value: part(read(value)[0]))


def of_one(name: str, plain: Callable[[complex], complex]) -> None:
    """Register a function that gives a complex number; #NUM! where it has no value."""

    def answer(value: Value) -> str:
        number, letter = read(value)
        return write(plain(number), letter)

    function(name)(overflowing(answer))


def overflowing(answer: Callable[..., str]) -> Callable[[Value], str]:
    """A function of one argument with #NUM! where it divides by 0 or is too large."""

    def safe(value: Value) -> str:
        try:
            return answer(value)
        except (ArithmeticError, ValueError):
            raise NoAnswer(ExcelError.NUM) from None

    return safe


def power(number: complex, exponent: float) -> complex:
    """A power by size and angle."""
    if number == 0:
        refused(exponent <= 0)
        return 0j
    size, angle = abs(number) ** exponent, math.atan2(number.imag, number.real) * exponent
    return complex(size * math.cos(angle), size * math.sin(angle))


@function("IMPOWER")
def im_power(value: Value, exponent: Value) -> str:
    """IMPOWER."""
    number, letter = read(value)
    return write(power(number, to_number(exponent)), letter)


@function("IMSUB")
def im_sub(one: Value, other: Value) -> str:
    """IMSUB."""
    (a, letter), (b, more) = read(one), read(other)
    return write(a - b, letter_of([letter, more]))


@function("IMDIV")
def im_div(one: Value, other: Value) -> str:
    """IMDIV: #NUM! for a division by 0."""
    (a, letter), (b, more) = read(one), read(other)
    refused(b == 0)
    size = b.real * b.real + b.imag * b.imag
    refused(size == 0)
    real, imaginary = a.real * b.real + a.imag * b.imag, a.imag * b.real - a.real * b.imag
    return write(complex(real / size, imaginary / size), letter_of([letter, more]))


def together(name: str, start: complex, step: Callable[[complex, complex], complex]) -> None:
    """Register IMSUM or IMPRODUCT: of single values and ranges."""

    def answer(*values: Any) -> str:
        ranges = [value if isinstance(value, list) else [[value]] for value in values]
        cells = [cell for rows in ranges for cell in flat(rows)]
        if start == 1 and any(None in flat(rows) and sum(map(len, rows)) > 1 for rows in ranges):
            raise CannotVectorise(f"{name} of a range with blank cells")
        numbers = [read(cell) for cell in cells]
        letter, result = letter_of([letter for _, letter in numbers]), start
        for number, _ in numbers:
            result = step(result, number)
        return write(result, letter)

    function(name, wants=(RANGE,), least=1)(answer)


together("IMSUM", 0j, lambda a, b: a + b)
together("IMPRODUCT", 1 + 0j, lambda a, b: a * b)

for part_name, part in {
    "IMABS": abs,
    "IMREAL": lambda z: z.real,
    "IMAGINARY": lambda z: z.imag,
    "IMARGUMENT": argument,
}.items():
    of_parts(part_name, part)

for plain_name, plain in {
    "IMCONJUGATE": lambda z: z.conjugate(),
    "IMEXP": cmath.exp,
    "IMLN": cmath.log,
    "IMLOG10": lambda z: cmath.log(z) / math.log(10),
    "IMLOG2": lambda z: cmath.log(z) / math.log(2),
    "IMSQRT": lambda z: power(z, 0.5),
    "IMSIN": cmath.sin,
    "IMCOS": cmath.cos,
    "IMTAN": cmath.tan,
    "IMCOT": lambda z: 1 / cmath.tan(z),
    "IMSEC": lambda z: 1 / cmath.cos(z),
    "IMCSC": lambda z: 1 / cmath.sin(z),
    "IMSINH": cmath.sinh,
    "IMCOSH": cmath.cosh,
    "IMSECH": lambda z: 1 / cmath.cosh(z),
    "IMCSCH": lambda z: 1 / cmath.sinh(z),
}.items():
    of_one(plain_name, plain)
