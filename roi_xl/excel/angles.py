"""What are the sine, the cosine and the tangent of an angle in Excel?

Excel takes away quarter turns by a π of 64 binary digits, 5E-20 more than π: SIN(PI()) is
1.22514845490862E-16 and not the 1.22464679914735E-16 that is nearest, and of 1,048,576 the 14th
digit is another. Near their zeros and poles these functions show it soonest.
"""

import math

from roi_xl.errors import ExcelError, NoAnswer
from roi_xl.excel.coercion import to_number
from roi_xl.excel.registry import function
from roi_xl.xlsx.sheet_cells import Value

QUARTER = math.pi / 2
TOO_MUCH = 5.016557612668332e-20 / 2
"""By how much Excel's quarter of a turn is too large."""

LARGEST = 2.0**27
"""An angle from which on Excel gives #NUM!."""


def off(angle: float) -> float:
    """By how much an angle is too small once Excel has taken away the quarter turns in it."""
    if abs(angle) >= LARGEST:
        raise NoAnswer(ExcelError.NUM)
    return round(angle / QUARTER) * TOO_MUCH


def sine(angle: float) -> float:
    """The sine of an angle."""
    return math.sin(angle) - off(angle) * math.cos(angle)


def cosine(angle: float) -> float:
    """The cosine of an angle."""
    return math.cos(angle) + off(angle) * math.sin(angle)


def tangent(angle: float) -> float:
    """The tangent of an angle."""
    return sine(angle) / cosine(angle) if off(angle) else math.tan(angle)


@function("SIN")
def sin(angle: Value) -> float:
    """SIN."""
    return sine(to_number(angle))


@function("COS")
def cos(angle: Value) -> float:
    """COS."""
    return cosine(to_number(angle))


@function("TAN")
def tan(angle: Value) -> float:
    """TAN."""
    return tangent(to_number(angle))


@function("COT")
def cot(angle: Value) -> float:
    """COT."""
    return 1 / tangent(to_number(angle))


@function("SEC")
def sec(angle: Value) -> float:
    """SEC."""
    return 1 / cosine(to_number(angle))


@function("CSC")
def csc(angle: Value) -> float:
    """CSC."""
    return 1 / sine(to_number(angle))
