"""Is every argument a number within its bounds?"""

import functools
import inspect
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NoReturn, ParamSpec, TypeVar, cast

from roi_xl.columns import column_of, like
from roi_xl.describe import manual
from roi_xl.errors import NotANumber, OutOfBounds
from roi_xl.quantities import LARGEST, QUANTITIES, Kind, Quantity

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True)
class Limits:
    """A quantity's bounds as two numbers that may both be reached."""

    quantity: Quantity
    low: float
    high: float

    def refuse(self, value: float, where: str = "") -> NoReturn:
        """Say which quantity, what is allowed, and what it got."""
        rule, unit = self.quantity.bounds.rule(), self.quantity.unit.named().replace(" / ", "/").partition(",")[0]
        raise OutOfBounds(f"{self.quantity.name} must be {rule} {unit}, got {value:g}{where}")


def limits_of(quantity: Quantity) -> Limits:
    """The limits of one quantity; without a bound, any finite number."""
    bounds = quantity.bounds
    low = -LARGEST if bounds.low is None else bounds.low
    high = LARGEST if bounds.high is None else bounds.high
    if bounds.below is not None:
        high = math.nextafter(bounds.below, -math.inf)
    return Limits(quantity, low, high)


LIMITS = {name: limits_of(quantity) for name, quantity in QUANTITIES.items()}


def check_number(limits: Limits, value: float) -> None:
    """Refuse a number outside its limits, NaN included."""
    if not limits.low <= value <= limits.high:
        limits.refuse(value)


def check_array(limits: Limits, values: Any) -> Any:
    """The values as a NumPy array of floats, all within their limits."""
    import numpy as np

    try:
        array = np.asarray(values, dtype=float)
    except (TypeError, ValueError):
        raise NotANumber(f"{limits.quantity.name} must be a number or an array of numbers, got {values!r}") from None
    if array.size and not (limits.low <= array.min() and array.max() <= limits.high):
        first = int(np.argmin((limits.low <= array) & (array <= limits.high)))
        limits.refuse(array.flat[first], f" (element {first})" if array.ndim else "")
    return array if array.ndim else float(array)


def accept(limits: Limits, value: Any, default: Any) -> Any:
    """One argument as the formula wants it: a checked number or array, or its default."""
    if value is default or limits.quantity.kind is not Kind.NUMBER:
        return value
    if isinstance(value, int | float):
        check_number(limits, value)
        return value
    if isinstance(value, str | bytes) or value is None:
        raise NotANumber(f"{limits.quantity.name} must be a number or an array of numbers, got {value!r}")
    return check_array(limits, value)


def checked(formula: Callable[P, R]) -> Callable[P, R]:
    """The formula behind a door that accepts only numbers within their bounds."""
    parameters = inspect.signature(formula).parameters
    limits = {name: LIMITS[name] for name in parameters}
    defaults = {name: parameter.default for name, parameter in parameters.items()}
    call = cast(Callable[..., R], formula)
    numbers = all(limit.quantity.kind is Kind.NUMBER for limit in limits.values())
    ranges = [(limit.low, limit.high) for limit in limits.values()]

    @functools.wraps(formula)
    def door(*args: Any, **kwargs: Any) -> R:
        if numbers and not kwargs:
            for value, (low, high) in zip(args, ranges, strict=False):
                if (type(value) is not float and type(value) is not int) or not low <= value <= high:
                    break
            else:
                return call(*args)
        named = zip(parameters, args, strict=False)
        values = [accept(limits[name], value, defaults[name]) for name, value in named]
        options = {
            name: accept(limits[name], value, defaults[name]) if name in limits else value
            for name, value in kwargs.items()
        }
        column = column_of((*args, *kwargs.values())) if numbers else None
        result: Any = call(*values, *args[len(values) :], **options)
        return cast(R, like(column, result, formula.__name__))

    door.__doc__ = manual(formula)
    return cast(Callable[P, R], door)
