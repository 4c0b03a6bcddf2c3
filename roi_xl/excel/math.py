"""What do Excel's functions of numbers give?"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from roi_xl.errors import ExcelError, NoAnswer
from roi_xl.excel.coercion import flat, is_number, numbers_of, to_number, to_whole
from roi_xl.excel.finding import rows_of
from roi_xl.excel.registry import ARRAY, ONE, RANGE, function
from roi_xl.excel.toolpak import MISSING, Missing
from roi_xl.xlsx.sheet_cells import Value

LARGEST = 2.0**53
LOG_OF_LARGEST = 710.0


def refused(condition: bool, error: ExcelError = ExcelError.NUM) -> None:
    """Give an error where something does not hold."""
    if condition:
        raise NoAnswer(error)


def of_one(*names: str) -> Callable[[Callable[[float], float]], None]:
    """Register a function of one number."""

    def registered(plain: Callable[[float], float]) -> None:
        function(*names)(lambda value: float(plain(to_number(value))))

    return registered


for name, plain in {
    "ASIN": math.asin,
    "ACOS": math.acos,
    "ATAN": math.atan,
    "SINH": math.sinh,
    "COSH": math.cosh,
    "TANH": math.tanh,
    "ASINH": math.asinh,
    "ACOSH": math.acosh,
    "ATANH": math.atanh,
    "ACOT": lambda x: math.atan2(1, x),
    "COTH": lambda x: 1 / math.tanh(x),
    "ACOTH": lambda x: math.atanh(1 / x) if x else math.log(0),
    "SECH": lambda x: 1 / math.cosh(x) if abs(x) < LOG_OF_LARGEST else 0.0,
    "CSCH": lambda x: 1 / math.sinh(x) if abs(x) < LOG_OF_LARGEST else 0.0,
    "DEGREES": math.degrees,
    "RADIANS": math.radians,
    "SQRTPI": lambda x: math.sqrt(x * math.pi),
    "ERF.PRECISE": math.erf,
    "ERFC": math.erfc,
    "ERFC.PRECISE": math.erfc,
    "GAMMALN": lambda x: math.lgamma(x) if x > 0 else math.log(-1),
    "GAMMALN.PRECISE": lambda x: math.lgamma(x) if x > 0 else math.log(-1),
}.items():
    of_one(name)(plain)


@function("ERF")
def erf(low: Value, high: Value | Missing = MISSING) -> float:
    """ERF: from 0 to a limit, or between two."""
    if isinstance(high, Missing):
        return math.erf(to_number(low))
    return math.erf(to_number(high)) - math.erf(to_number(low))


@function("GAMMA")
def gamma(value: Value) -> float:
    """GAMMA."""
    x = to_number(value)
    refused(x <= 0 and x == math.floor(x))
    return math.gamma(x)


@function("ATAN2")
def atan2(x: Value, y: Value) -> float:
    """ATAN2: the angle of a point, x first."""
    across, up = to_number(x), to_number(y)
    refused(across == up == 0, ExcelError.DIV0)
    return math.atan2(up, across)


# whole numbers


@function("QUOTIENT")
def quotient(number: Value, divisor: Value) -> float:
    """QUOTIENT."""
    return float(math.trunc(to_number(number) / to_number(divisor)))


@function("MROUND")
def mround(number: Value, multiple: Value) -> float:
    """MROUND: the nearest multiple, half away from zero."""
    value, step = to_number(number), to_number(multiple)
    if value == 0 or step == 0:
        return 0.0
    refused(value * step < 0)
    return math.floor(value / step + 0.5) * step


@function("EVEN")
def even(number: Value) -> float:
    """EVEN: away from zero."""
    value = to_number(number)
    return math.copysign(math.ceil(abs(value) / 2) * 2.0, value) if value else 0.0


@function("ODD")
def odd(number: Value) -> float:
    """ODD: away from zero."""
    value = to_number(number)
    return (
        math.copysign(math.ceil((abs(value) - 1) / 2) * 2.0 + 1, value) if abs(value) > 1 else math.copysign(1, value)
    )


def whole_of(value: Value) -> int:
    """A whole number of at least 0 that is exact."""
    number = to_number(value)
    refused(number < 0 or number >= LARGEST)
    return math.trunc(number)


def each_whole(arguments: tuple[Any, ...]) -> list[int]:
    """The whole numbers of ranges and single values; a single blank cell is passed over, one in a range is 0."""
    found = []
    for argument in arguments:
        values = list(flat(rows_of(argument)))
        blank = isinstance(argument, list) and values == [None]
        found += [] if blank else [whole_of(value) for value in values]
    refused(not found, ExcelError.VALUE)
    return found


@function("GCD", wants=(RANGE,))
def gcd(*arguments: Any) -> float:
    """GCD."""
    return float(math.gcd(*each_whole(arguments)))


@function("LCM", wants=(RANGE,))
def lcm(*arguments: Any) -> float:
    """LCM."""
    found = math.lcm(*each_whole(arguments))
    refused(found >= LARGEST)
    return float(found)


@function("FACT")
def fact(number: Value) -> float:
    """FACT."""
    value = whole_of(number)
    refused(value > 170)
    return float(math.factorial(value))


@function("FACTDOUBLE")
def factdouble(number: Value) -> float:
    """FACTDOUBLE."""
    value = math.trunc(to_number(number))
    refused(value < -1 or value > 300)
    return float(math.prod(range(value, 0, -2)))


def fits(logarithm: float) -> None:
    """#NUM! for results too large for a number, before they are computed."""
    refused(logarithm > LOG_OF_LARGEST)


def log_ways(n: int, k: int) -> float:
    """The approximate logarithm of a binomial coefficient."""
    return min(k, n - k) * math.log(n / min(k, n - k)) if 0 < k < n else 0.0


@function("COMBIN")
def combin(number: Value, chosen: Value) -> float:
    """COMBIN."""
    n, k = whole_of(number), whole_of(chosen)
    refused(k > n)
    fits(log_ways(n, k))
    return float(math.comb(n, k))


@function("COMBINA")
def combina(number: Value, chosen: Value) -> float:
    """COMBINA."""
    n, k = whole_of(number), whole_of(chosen)
    refused(n < k and n == 0)
    if n + k == 0:
        return 1.0
    fits(log_ways(n + k - 1, k))
    return float(math.comb(n + k - 1, k))


@function("PERMUT")
def permut(number: Value, chosen: Value) -> float:
    """PERMUT."""
    n, k = whole_of(number), whole_of(chosen)
    refused(k > n)
    fits((k * math.log(k) - k if k else 0.0) + log_ways(n, k))
    return float(math.perm(n, k))


@function("PERMUTATIONA")
def permutationa(number: Value, chosen: Value) -> float:
    """PERMUTATIONA: with repetitions."""
    n, k = whole_of(number), whole_of(chosen)
    fits(k * math.log(n) if n else 0.0)
    return float(n**k)


@function("MULTINOMIAL", wants=(RANGE,))
def multinomial(*arguments: Any) -> float:
    """MULTINOMIAL."""
    numbers = each_whole(arguments)
    found, total = 1, 0
    for number in numbers:
        total += number
        fits(log_ways(total, number))
        found *= math.comb(total, number)
    return float(found)


# sums


def all_numbers(arguments: tuple[Any, ...]) -> list[float]:
    """The numbers of ranges, and single values as numbers."""
    found: list[float] = []
    for argument in arguments:
        found += numbers_of(argument) if isinstance(argument, list) else [to_number(argument)]
    return found


@function("SUMSQ", wants=(RANGE,))
def sumsq(*arguments: Any) -> float:
    """SUMSQ."""
    return math.fsum(value * value for value in all_numbers(arguments))


def of_pairs(term: Callable[[float, float], float]) -> Callable[[Any, Any], float]:
    """A sum over the numeric pairs of two arrays of equal size."""

    def total(one: Any, other: Any) -> float:
        a, b = list(flat(rows_of(one))), list(flat(rows_of(other)))
        refused(len(a) != len(b), ExcelError.NA)
        for value in (*a, *b):
            if isinstance(value, ExcelError):
                raise NoAnswer(value)
        pairs = [(x, y) for x, y in zip(a, b, strict=True) if is_number(x) and is_number(y)]
        refused(not pairs, ExcelError.DIV0)
        return math.fsum(term(x, y) for x, y in pairs)  # type: ignore[arg-type]

    return total


function("SUMX2MY2", wants=(ARRAY,))(of_pairs(lambda x, y: x * x - y * y))
function("SUMX2PY2", wants=(ARRAY,))(of_pairs(lambda x, y: x * x + y * y))
function("SUMXMY2", wants=(ARRAY,))(of_pairs(lambda x, y: (x - y) ** 2))


@function("SERIESSUM", wants=(ONE, ONE, ONE, RANGE))
def seriessum(x: Value, first: Value, step: Value, coefficients: Any) -> float:
    """SERIESSUM: of a power series; 0^0 is #NUM!."""
    base, power, by = to_number(x), to_number(first), to_number(step)
    refused(base == 0 and power == 0)
    terms = [to_number(value) for value in flat(rows_of(coefficients))]
    return math.fsum(a * math.pow(base, power + place * by) for place, a in enumerate(terms))


@function("PERCENTOF", wants=(RANGE,))
def percentof(part: Any, whole: Any) -> float:
    """PERCENTOF."""
    return math.fsum(numbers_of(rows_of(part))) / math.fsum(numbers_of(rows_of(whole)))


# matrices


def matrix_of(values: Any) -> Any:
    """A numeric matrix; #VALUE! if an element is not a number."""
    rows = rows_of(values)
    for value in flat(rows):
        if isinstance(value, ExcelError):
            raise NoAnswer(value)
        refused(not is_number(value), ExcelError.VALUE)
    return np.array(rows, float)


@function("MMULT", wants=(ARRAY,))
def mmult(one: Any, other: Any) -> list[list[Value]]:
    """MMULT."""
    a, b = matrix_of(one), matrix_of(other)
    refused(a.shape[1] != b.shape[0], ExcelError.VALUE)
    return (a @ b).tolist()  # type: ignore[no-any-return]


@function("MINVERSE", wants=(ARRAY,))
def minverse(values: Any) -> list[list[Value]]:
    """MINVERSE."""
    a = matrix_of(values)
    refused(a.shape[0] != a.shape[1], ExcelError.VALUE)
    try:
        return np.linalg.inv(a).tolist()  # type: ignore[no-any-return]
    except np.linalg.LinAlgError:
        raise NoAnswer(ExcelError.NUM) from None


@function("MDETERM", wants=(ARRAY,))
def mdeterm(values: Any) -> float:
    """MDETERM."""
    a = matrix_of(values)
    refused(a.shape[0] != a.shape[1], ExcelError.VALUE)
    return float(np.linalg.det(a))


@function("MUNIT")
def munit(size: Value) -> list[list[Value]]:
    """MUNIT."""
    count = to_whole(size)
    refused(not 1 <= count <= 1000, ExcelError.VALUE)
    return [[float(row == column) for column in range(count)] for row in range(count)]


@function("DELTA")
def delta(one: Value, other: Value = 0.0) -> float:
    """DELTA."""
    return float(to_number(one) == to_number(other))


@function("GESTEP")
def gestep(one: Value, step: Value = 0.0) -> float:
    """GESTEP."""
    return float(to_number(one) >= to_number(step))
