"""What do Excel's functions of single values give, over columns of scenarios?"""

import functools
import math
import sys
from collections.abc import Callable
from statistics import NormalDist
from typing import Any

import numpy as np

from roi_xl.errors import ExcelError, NoAnswer
from roi_xl.excel.coercion import to_number, to_truth
from roi_xl.excel.distributions import below
from roi_xl.excel.operators import BINARY, over_plain
from roi_xl.excel.plain_finance import ANSWERS, answer
from roi_xl.excel.registry import ONE, SAME, arity_of, register
from roi_xl.excel.values import (
    BLANK,
    ERRORS,
    FIRST_ERROR,
    LOGICAL,
    NUMBER,
    TAGS,
    TEXT,
    Column,
    Vector,
    behind,
    either,
    first_error,
    flags,
    made,
    numbers,
    settled,
    tagged,
    truth,
)
from roi_xl.xlsx.sheet_cells import Value

DIV0, NUM, NA, VALUE = (TAGS[error] for error in (ExcelError.DIV0, ExcelError.NUM, ExcelError.NA, ExcelError.VALUE))
LARGEST_DATE = 2_958_465


# conditions


def if_(condition: Column, yes: Column = True, no: Column = False) -> Column:
    """IF."""
    values, errors = truth(settled(condition))
    chosen = either(values, yes, no)
    if isinstance(errors, int):
        return ERRORS[errors - FIRST_ERROR] if errors else chosen
    return failing(chosen, errors)


def failing(column: Column, errors: Any) -> Column:
    """A column with errors in its place where there are some."""
    tags = np.where(errors == 0, tagged(column), errors).astype(np.uint8)
    return Vector(np.broadcast_to(behind(column), errors.shape).astype(float), tags)


def is_error(column: Column, *but: ExcelError) -> Any:
    """Whether a column is an error, but for some."""
    tags = tagged(settled(column))
    wrong = tags >= FIRST_ERROR
    for error in but:
        wrong = wrong & (tags != TAGS[error])
    return wrong if isinstance(wrong, np.ndarray) else bool(wrong)


def if_error(value: Column, otherwise: Column) -> Column:
    """IFERROR."""
    value = settled(value)
    return either(is_error(value), otherwise, value)


def if_na(value: Column, otherwise: Column) -> Column:
    """IFNA."""
    value = settled(value)
    wrong = tagged(value) == NA
    return either(wrong if isinstance(wrong, np.ndarray) else bool(wrong), otherwise, value)


def ifs(*arguments: Column) -> Column:
    """IFS."""
    result: Column = ExcelError.NA
    for condition, value in reversed(list(zip(arguments[::2], arguments[1::2], strict=True))):
        result = if_(condition, value, result)
    return result


def switch(value: Column, *arguments: Column) -> Column:
    """SWITCH."""
    pairs, rest = (arguments[:-1], arguments[-1]) if len(arguments) % 2 else (arguments, ExcelError.NA)
    result: Column = rest
    for case, outcome in reversed(list(zip(pairs[::2], pairs[1::2], strict=True))):
        result = if_(BINARY["="](value, case), outcome, result)
    return result


def choose(number: Column, *values: Column) -> Column:
    """CHOOSE."""
    result: Column = ExcelError.VALUE
    place = whole(np.trunc)(number)
    for case, value in enumerate(values, start=1):
        result = if_(BINARY["="](place, float(case)), value, result)
    return result


def not_(value: Column) -> Column:
    """NOT."""
    values, errors = truth(value)
    return flags(np.logical_not(values) if isinstance(values, np.ndarray) else not values, errors)


def kind(test: Callable[[Any], Any]) -> Callable[[Column], Column]:
    """ISNUMBER and its like, of the tags of a column."""

    def found(column: Column) -> Column:
        result = test(tagged(settled(column)))
        return Vector(result) if isinstance(result, np.ndarray) else bool(result)

    return found


# numbers


def of_number(function: Callable[[Any], Any], wrong: Callable[[Any], Any] | None = None) -> Callable[[Column], Column]:
    """A function of one number; #NUM! where it has no value."""

    def apply(column: Column) -> Column:
        values, errors = numbers(column)
        with np.errstate(all="ignore"):
            result = function(values)
        bad = wrong(values) if wrong is not None else False
        errors = first_error(errors, np.where(bad, NUM, 0) if isinstance(bad, np.ndarray) else NUM * bool(bad))
        return made(result if isinstance(result, np.ndarray) and result.ndim else float(result), errors)

    return apply


def whole(function: Callable[[Any], Any]) -> Callable[[Column], Column]:
    """A function that makes numbers whole."""
    return of_number(function)


def rounded(direction: Callable[[Any, float], Any]) -> Callable[..., Column]:
    """ROUND and its like: half away from zero, up, or down, of a magnitude that is near its decimal digits."""

    def apply(column: Column, digits: Column = 0.0) -> Column:
        (values, errors), (places, more) = numbers(column), numbers(digits)
        factor = np.power(10.0, np.clip(np.trunc(places), -MOST_PLACES, MOST_PLACES))
        size = np.abs(values) * factor
        found = np.where(np.trunc(places) == 0, direction(size, 0.0), direction(size, NEAR))
        result = np.copysign(np.where(np.isfinite(size), found / factor, np.abs(values)), values)
        return made(result if np.ndim(result) else float(result), first_error(errors, more))

    return apply


MOST_PLACES = 308
"""Digits to either side beyond which no number has any."""

NEAR = 1e-15
"""What multiplying by a power of ten may take from a half or a whole number, of its size."""


def nearest(size: Any, near: float) -> Any:
    """Half away from zero, a hair below a half being a half."""
    return np.floor(size * (1 + near) + 0.5)


def up(size: Any, near: float) -> Any:
    """Away from zero, a hair above a whole number being that."""
    return np.ceil(size * (1 - near))


def down(size: Any, near: float) -> Any:
    """Towards zero, a hair below a whole number being that."""
    return np.floor(size * (1 + near))


def modulo(number: Column, divisor: Column) -> Column:
    """MOD: has the sign of the divisor."""
    (a, e), (b, f) = numbers(number), numbers(divisor)
    zero = b == 0
    result = np.mod(a, np.where(zero, 1.0, b))
    errors = first_error(e, f, np.where(zero, DIV0, 0) if isinstance(zero, np.ndarray) else DIV0 * bool(zero))
    return made(result if np.ndim(result) else float(result), errors)


def logarithm(number: Column, base: Column = 10.0) -> Column:
    """LOG."""
    return BINARY["/"](NATURAL(number), NATURAL(base))


LARGEST_EXPONENT = 709.782712893384
SMALLEST = sys.float_info.min


def exponential(x: Any) -> Any:
    """EXP: what is smaller than a normal number is 0."""
    found = np.exp(x)
    return np.where(found < SMALLEST, 0.0, found)


NATURAL = of_number(lambda x: np.log(np.where(np.asarray(x) > 0, x, 1.0)), lambda x: x <= 0)


# money


def annuity(rate: Any, periods: Any) -> tuple[Any, Any]:
    """Growth over all periods, and the value of payments of 1; at rate 0, the number of periods."""
    growth = np.power(1 + rate, periods)
    return growth, np.where(rate == 0, periods, (growth - 1) / np.where(rate == 0, 1.0, rate))


def never(*numbers: Any) -> bool:
    """Nowhere."""
    return False


def of_annuity(function: Callable[..., Any], divides: Callable[..., Any] = never) -> Callable[..., Column]:
    """A function of an annuity: numbers in; without a result it is #NUM!, or #DIV/0! where it divides by 0."""

    @functools.wraps(function)
    def apply(*columns: Column) -> Column:
        pairs = [numbers(column) for column in columns]
        given = [np.asarray(values, float) for values, _ in pairs]
        result = np.asarray(function(*given))
        wrong = np.where(np.isfinite(result), 0, np.where(divides(*given), DIV0, NUM))
        errors = first_error(*(error for _, error in pairs), wrong if result.ndim else int(wrong))
        return made(np.where(np.isfinite(result), result, 0.0) if result.ndim else float(np.nan_to_num(result)), errors)

    return apply


def pmt(rate: Any, periods: Any, present: Any, future: Any = 0.0, due: Any = 0.0) -> Any:
    """PMT."""
    growth, payments = annuity(rate, periods)
    paid = -(present * growth + future) / ((1 + rate * (due != 0)) * payments)
    return np.where(rate <= -1, np.nan, paid)


def fv(rate: Any, periods: Any, payment: Any, present: Any = 0.0, due: Any = 0.0) -> Any:
    """FV."""
    growth, payments = annuity(rate, periods)
    return -(present * growth + payment * (1 + rate * (due != 0)) * payments)


def pv(rate: Any, periods: Any, payment: Any, future: Any = 0.0, due: Any = 0.0) -> Any:
    """PV."""
    growth, payments = annuity(rate, periods)
    return -(future + payment * (1 + rate * (due != 0)) * payments) / growth


def nper(rate: Any, payment: Any, present: Any, future: Any = 0.0, due: Any = 0.0) -> Any:
    """NPER."""
    paid = payment * (1 + rate * (due != 0))
    growing = np.log((paid - future * rate) / (paid + present * rate)) / np.log1p(rate)
    return np.where(rate == 0, -(present + future) / np.where(payment == 0, np.nan, payment), growing)


def sln(cost: Column, salvage: Column, life: Column) -> Column:
    """SLN."""
    return BINARY["/"](BINARY["-"](cost, salvage), life)


def in_plain(name: str) -> Callable[..., Column]:
    """A function that is answered in place of the engine, value by value; the first that is no number decides."""
    function = ANSWERS[name]
    return over_plain(lambda *values: answer(function, values), errors=True)


# probabilities


def of_normal(function: Callable[..., float]) -> Callable[..., Column]:
    """A function of the bell curve; #NUM! where it has no value."""

    def apply(*values: Any) -> Any:
        try:
            return float(function(*values))
        except NoAnswer as none:
            return none.error
        except (ValueError, ArithmeticError):
            return ExcelError.NUM

    return over_plain(apply, errors=True)


def density(x: Value, mean: Value, deviation: Value, cumulative: Value) -> float:
    """NORM.DIST."""
    at, middle, size, total = to_number(x), to_number(mean), to_number(deviation), to_truth(cumulative)
    if size <= 0:
        raise ValueError
    return below((at - middle) / size) if total else NormalDist(middle, size).pdf(at)


def quantile(share: Value, mean: Value, deviation: Value) -> float:
    """NORM.INV."""
    part, middle, size = to_number(share), to_number(mean), to_number(deviation)
    if size <= 0:
        raise ValueError
    return NormalDist(middle, size).inv_cdf(part)


register("IF", if_, ONE, SAME)
register("IFERROR", if_error, SAME)
register("IFNA", if_na, SAME)
register("IFS", ifs, ONE, SAME, cycle=2, least=2)
register("SWITCH", switch, ONE, SAME, least=3)
register("CHOOSE", choose, ONE, SAME, least=2)

SCALARS: dict[str, Callable[..., Any]] = {
    "NOT": not_,
    "TRUE": lambda: True,
    "FALSE": lambda: False,
    "NA": lambda: ExcelError.NA,
    "PI": lambda: math.pi,
    "ISERROR": lambda column: flags(is_error(column), 0),
    "ISERR": lambda column: flags(is_error(column, ExcelError.NA), 0),
    "ISNA": kind(lambda tags: tags == NA),
    "ISNUMBER": kind(lambda tags: tags == NUMBER),
    "ISTEXT": kind(lambda tags: tags == TEXT),
    "ISNONTEXT": kind(lambda tags: tags != TEXT),
    "ISLOGICAL": kind(lambda tags: tags == LOGICAL),
    "ISBLANK": kind(lambda tags: tags == BLANK),
    "ABS": of_number(np.abs),
    "SIGN": of_number(np.sign),
    "INT": whole(np.floor),
    "EXP": of_number(exponential, lambda x: x > LARGEST_EXPONENT),
    "SQRT": of_number(lambda x: np.sqrt(np.abs(x)), lambda x: x < 0),
    "LN": NATURAL,
    "LOG10": lambda number: logarithm(number),
    "LOG": logarithm,
    "POWER": BINARY["^"],
    "MOD": modulo,
    "ROUND": rounded(nearest),
    "ROUNDUP": rounded(up),
    "ROUNDDOWN": rounded(down),
    "TRUNC": rounded(down),
    "PMT": of_annuity(pmt),
    "FV": of_annuity(fv, lambda rate, periods, *rest: (rate == -1) & (periods < 0)),
    "PV": of_annuity(pv),
    "NPER": of_annuity(nper),
    "SLN": sln,
    **{name: in_plain(name) for name in ANSWERS if name not in ("IRR", "MIRR", "XNPV", "FVSCHEDULE")},
    "NORM.DIST": of_normal(density),
    "NORMDIST": of_normal(density),
    "NORM.INV": of_normal(quantile),
    "NORMINV": of_normal(quantile),
    "NORM.S.INV": of_normal(lambda share: quantile(share, 0.0, 1.0)),
    "NORMSINV": of_normal(lambda share: quantile(share, 0.0, 1.0)),
    "NORMSDIST": of_normal(lambda x: density(x, 0.0, 1.0, True)),
    "NORM.S.DIST": of_normal(lambda x, cumulative: density(x, 0.0, 1.0, cumulative)),
}
"""Every function of single values, by its name."""

for scalar, kernel in SCALARS.items():
    least, most = arity_of(ANSWERS.get(scalar, kernel))
    register(scalar, kernel, ONE, least=least, most=most)
