"""Is every argument a number within its bounds?"""

import datetime as dt
import difflib
import functools
import inspect
import math
import reprlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn, ParamSpec, TypeVar, cast

from roi_xl.columns import column_of, is_frame, like
from roi_xl.describe import manual, signature
from roi_xl.errors import NotANumber, OutOfBounds, WrongShape
from roi_xl.quantities import FRACTION, LARGEST, QUANTITIES, Kind, Quantity

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True)
class Limits:
    """A quantity's bounds as two inclusive numbers."""

    quantity: Quantity
    low: float
    high: float

    def refuse(self, value: float, where: str = "") -> NoReturn:
        """Report the quantity, what is allowed, and what it got."""
        unit = (
            ""
            if self.quantity.unit is FRACTION
            else " " + self.quantity.unit.named().replace(" / ", "/").partition(",")[0]
        )
        is_finite = not isinstance(value, float) or math.isfinite(value)
        rule = f"{self.quantity.bounds.rule()}{unit}" if is_finite else "a finite number"
        raise OutOfBounds(f"{self.quantity.name} must be {rule}, got {written(value)}{where}")

    def refuse_kind(self, value: Any) -> NoReturn:
        """Report a value that is not a number."""
        raise NotANumber(f"{self.quantity.name} must be a number or an array of numbers, got {described(value)}")


def written(value: float) -> str:
    """A number in a message, of any size."""
    try:
        return f"{value:g}"
    except OverflowError:
        return f"a number beyond {LARGEST:.3g}"


def described(value: Any) -> str:
    """A value that is not a number, in one line."""
    kind = getattr(value, "dtype", None)
    return f"a {type(value).__name__} of {kind}" if kind is not None and value.shape else reprlib.repr(value)


def limits_of(quantity: Quantity) -> Limits:
    """A quantity's limits; without a bound, any finite number."""
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


NUMBERS = "biufO"
"""The kinds of NumPy arrays that may hold numbers: booleans, integers, floats, and objects, checked one by one."""

TEXTS = (str, bytes, bytearray, memoryview)
NOT_NUMBERS = (*TEXTS, complex, dt.date, dt.time, dt.timedelta)


def check_array(limits: Limits, values: Any) -> Any:
    """The values as a NumPy array of floats within their limits; missing or masked ones are NaN."""
    import numpy as np

    try:
        if np.ma.isMaskedArray(values) and values.dtype.kind in NUMBERS:
            values = np.ma.filled(values.astype(float), math.nan)
        plain = np.asarray(values)
        texts = plain.dtype.kind == "O" and any(isinstance(value, NOT_NUMBERS) for value in plain.flat)
        if plain.dtype.kind not in NUMBERS or texts:
            limits.refuse_kind(values)
        array = np.asarray(values, dtype=float)
    except OverflowError:
        raise OutOfBounds(f"{limits.quantity.name} must be at most {LARGEST:.3g} everywhere") from None
    except (TypeError, ValueError):
        limits.refuse_kind(values)
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
    if isinstance(value, TEXTS) or value is None:
        limits.refuse_kind(value)
    if is_frame(value):
        raise WrongShape(f"{limits.quantity.name} must be one column, got a data frame")
    return check_array(limits, value)


def check_shapes(arguments: Mapping[str, Any]) -> None:
    """Refuse arrays that do not broadcast."""
    shapes = {name: value.shape for name, value in arguments.items() if getattr(value, "shape", ())}
    if len(set(shapes.values())) < 2:
        return
    import numpy as np

    try:
        np.broadcast_shapes(*shapes.values())
    except ValueError:
        sizes = ", ".join(f"{name} {' x '.join(map(str, shape))}" for name, shape in shapes.items())
        raise WrongShape(f"the arrays must have the same number of elements, got {sizes}") from None


def refuse_call(formula: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> None:
    """Refuse arguments that a formula does not take, or lacks, by their names."""
    parameters = inspect.signature(formula)
    for name in kwargs.keys() - parameters.parameters.keys():
        close = difflib.get_close_matches(name, parameters.parameters, n=1)
        hint = f"; did you mean {close[0]}?" if close else ""
        raise TypeError(f"{formula.__name__}() has no argument {name!r}{hint}")
    try:
        parameters.bind(*args, **kwargs)
    except TypeError as problem:
        raise TypeError(f"{formula.__name__}(): {problem}") from None


def checked(formula: Callable[P, R]) -> Callable[P, R]:
    """The formula with its arguments checked."""
    parameters = inspect.signature(formula).parameters
    limits = {name: LIMITS[name] for name in parameters}
    defaults = {name: parameter.default for name, parameter in parameters.items()}
    call = cast(Callable[..., R], formula)
    numbers = all(limit.quantity.kind is Kind.NUMBER for limit in limits.values())
    ranges = [(limit.low, limit.high) for limit in limits.values()]
    required = sum(parameter.default is parameter.empty for parameter in parameters.values())

    @functools.wraps(formula)
    def door(*args: Any, **kwargs: Any) -> R:
        if numbers and not kwargs and required <= len(args) <= len(ranges):
            for value, (low, high) in zip(args, ranges, strict=False):
                if (type(value) is not float and type(value) is not int) or not low <= value <= high:
                    break
            else:
                return call(*args)
        refuse_call(formula, args, kwargs)
        named = zip(parameters, args, strict=False)
        values = [accept(limits[name], value, defaults[name]) for name, value in named]
        options = {
            name: accept(limits[name], value, defaults[name]) if name in limits else value
            for name, value in kwargs.items()
        }
        column = column_of((*args, *kwargs.values())) if numbers else None
        if numbers:
            check_shapes({**dict(zip(parameters, values, strict=False)), **options})
        result: Any = call(*values, *args[len(values) :], **options)
        return cast(R, like(column, result, formula.__name__))

    door.__doc__ = manual(formula)
    door.__signature__ = signature(formula)  # type: ignore[attr-defined]
    door.__annotations__ = {name: parameter.annotation for name, parameter in door.__signature__.parameters.items()}  # type: ignore[attr-defined]
    door.__annotations__["return"] = door.__signature__.return_annotation  # type: ignore[attr-defined]
    return cast(Callable[P, R], door)
