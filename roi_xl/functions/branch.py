"""How does a formula branch for a number, an array or a symbol?

A scalar never touches NumPy: spreadsheets call cell by cell.
"""

import math
from typing import Any, TypeAlias

from roi_xl.symbols import Symbol, call

Number: TypeAlias = Any
"""A float, a NumPy array of floats, or a symbol that writes itself: all have the same operators."""

NEVER = math.inf
"""A break-even that never comes: #N/A in a cell."""

UNDEFINED = math.nan
"""A return on nothing: #DIV/0! in a cell."""


def choose(condition: Any, yes: Number, no: Number) -> Number:
    """One of two results: IF as a symbol, element by element for arrays."""
    if isinstance(condition, bool):
        return yes if condition else no
    if isinstance(condition, Symbol):
        return call("IF", condition, yes, no)
    import numpy as np

    chosen: Any = np.where(condition, yes, no)
    return chosen[()]


def ratio(numerator: Number, denominator: Number, when: Any, otherwise: float) -> Number:
    """Numerator / denominator where a condition holds that excludes a zero denominator."""
    if isinstance(when, bool):
        return numerator / denominator if when else otherwise
    if isinstance(when, Symbol):
        return call("IF", when, numerator / denominator, otherwise)
    import numpy as np

    numerator, denominator = np.broadcast_arrays(numerator, denominator)
    result = np.full(denominator.shape, otherwise)
    return np.divide(numerator, denominator, out=result, where=when)[()]


def quotient(numerator: Number, denominator: Number) -> Number:
    """Numerator / denominator; undefined where the denominator is 0."""
    if isinstance(denominator, Symbol):
        return numerator / denominator
    return ratio(numerator, denominator, when=denominator != 0, otherwise=UNDEFINED)


def least(one: Number, other: Number) -> Number:
    """The smaller of two numbers: MIN as a symbol, element by element for arrays."""
    if isinstance(other, Symbol):
        return call("MIN", one, other)
    return choose(one < other, one, other)


def greatest(one: Number, other: Number) -> Number:
    """The larger of two numbers: MAX as a symbol, element by element for arrays."""
    if isinstance(other, Symbol):
        return call("MAX", one, other)
    return choose(one > other, one, other)
