"""What does Excel answer when it rounds to a multiple?

CEILING and FLOOR in all their forms, each with its own rule for signs and zero.
"""

import math
from collections.abc import Callable

from roi_xl.errors import ExcelError, NoAnswer

Direction = Callable[[float], int]
DIGITS = 15


def multiple(number: float, step: float, direction: Direction) -> float:
    """The next multiple of a step; a quotient that is whole to 15 digits counts as whole."""
    return float(direction(float(f"{number / step:.{DIGITS}g}")) * step)


def classic(direction: Direction, at_zero: Callable[[float], float]) -> Callable[..., float]:
    """CEILING or FLOOR: a positive number has no multiples of a negative step."""

    def rounded(number: float, step: float) -> float:
        if number == 0:
            return 0.0
        if step == 0:
            return at_zero(number)
        if number > 0 > step:
            raise NoAnswer
        return multiple(number, step, direction)

    return rounded


def divided_by_zero(number: float) -> float:
    """FLOOR to multiples of zero."""
    raise NoAnswer(ExcelError.DIV0)


def mathematical(direction: Direction, other: Direction) -> Callable[..., float]:
    """CEILING.MATH or FLOOR.MATH: the sign of the step is passed over, a mode mirrors negative numbers."""

    def rounded(number: float, step: float = 1, mode: float = 0) -> float:
        if step == 0:
            return 0.0
        return multiple(number, abs(step), other if mode and number < 0 else direction)

    return rounded


def precise(direction: Direction) -> Callable[..., float]:
    """CEILING.PRECISE, ISO.CEILING or FLOOR.PRECISE: the sign of the step is passed over."""
    rounded = mathematical(direction, direction)
    return lambda number, step=1: rounded(number, step)


ROUNDED: dict[str, Callable[..., float]] = {
    "CEILING": classic(math.ceil, lambda number: 0.0),
    "FLOOR": classic(math.floor, divided_by_zero),
    "CEILING.MATH": mathematical(math.ceil, math.floor),
    "FLOOR.MATH": mathematical(math.floor, math.ceil),
    "CEILING.PRECISE": precise(math.ceil),
    "ISO.CEILING": precise(math.ceil),
    "FLOOR.PRECISE": precise(math.floor),
}
"""Every function of rounding, by its name in a formula."""
