"""What do Excel's functions of numbers give?"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from roi_xl.errors import ExcelError, NoAnswer
from roi_xl.excel.coercion import flat, is_number, numbers_of, to_number, to_text, to_whole
from roi_xl.excel.finding import rows_of
from roi_xl.excel.registry import ARRAY, ONE, RANGE, function
from roi_xl.xlsx.sheet_cells import Value

LARGEST = 2.0**53


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
    "SIN": math.sin,
    "COS": math.cos,
    "TAN": math.tan,
    "ASIN": math.asin,
    "ACOS": math.acos,
    "ATAN": math.atan,
    "SINH": math.sinh,
    "COSH": math.cosh,
    "TANH": math.tanh,
    "ASINH": math.asinh,
    "ACOSH": math.acosh,
    "ATANH": math.atanh,
    "COT": lambda x: 1 / math.tan(x),
    "SEC": lambda x: 1 / math.cos(x),
    "CSC": lambda x: 1 / math.sin(x),
    "ACOT": lambda x: math.pi / 2 - math.atan(x),
    "COTH": lambda x: 1 / math.tanh(x),
    "SECH": lambda x: 1 / math.cosh(x),
    "CSCH": lambda x: 1 / math.sinh(x),
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
def erf(low: Value, high: Value = None) -> float:
    """ERF: from 0 to a limit, or between two."""
    if high is None:
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
    number = math.trunc(to_number(value))
    refused(number < 0 or number >= LARGEST)
    return number


def each_whole(arguments: tuple[Any, ...]) -> list[int]:
    """The whole numbers of ranges and single values."""
    found = []
    for argument in arguments:
        for value in flat(rows_of(argument)):
            if isinstance(argument, list) and value is None:
                continue
            found.append(whole_of(value))
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


@function("COMBIN")
def combin(number: Value, chosen: Value) -> float:
    """COMBIN."""
    n, k = whole_of(number), whole_of(chosen)
    refused(k > n)
    return float(math.comb(n, k))


@function("COMBINA")
def combina(number: Value, chosen: Value) -> float:
    """COMBINA."""
    n, k = whole_of(number), whole_of(chosen)
    refused(n < k and n == 0)
    return float(math.comb(n + k - 1, k)) if n + k else 1.0


@function("PERMUT")
def permut(number: Value, chosen: Value) -> float:
    """PERMUT."""
    n, k = whole_of(number), whole_of(chosen)
    refused(k > n)
    return float(math.perm(n, k))


@function("MULTINOMIAL", wants=(RANGE,))
def multinomial(*arguments: Any) -> float:
    """MULTINOMIAL."""
    numbers = each_whole(arguments)
    found = math.factorial(sum(numbers))
    for number in numbers:
        found //= math.factorial(number)
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
    """A sum over the pairs of two arrays of one size, of which both are numbers."""

    def total(one: Any, other: Any) -> float:
        a, b = list(flat(rows_of(one))), list(flat(rows_of(other)))
        refused(len(a) != len(b), ExcelError.NA)
        for value in (*a, *b):
            if isinstance(value, ExcelError):
                raise NoAnswer(value)
        return math.fsum(term(x, y) for x, y in zip(a, b, strict=True) if is_number(x) and is_number(y))  # type: ignore[arg-type]

    return total


function("SUMX2MY2", wants=(ARRAY,))(of_pairs(lambda x, y: x * x - y * y))
function("SUMX2PY2", wants=(ARRAY,))(of_pairs(lambda x, y: x * x + y * y))
function("SUMXMY2", wants=(ARRAY,))(of_pairs(lambda x, y: (x - y) ** 2))


@function("SERIESSUM", wants=(ONE, ONE, ONE, RANGE))
def seriessum(x: Value, first: Value, step: Value, coefficients: Any) -> float:
    """SERIESSUM: of a power series."""
    base, power, by = to_number(x), to_number(first), to_number(step)
    terms = [to_number(value) for value in flat(rows_of(coefficients))]
    return math.fsum(a * math.pow(base, power + place * by) for place, a in enumerate(terms))


@function("PERCENTOF", wants=(RANGE,))
def percentof(part: Any, whole: Any) -> float:
    """PERCENTOF."""
    return math.fsum(numbers_of(rows_of(part))) / math.fsum(numbers_of(rows_of(whole)))


# matrices


def matrix_of(values: Any) -> Any:
    """A matrix of numbers; #VALUE! where an element is none."""
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


# numerals


ROMAN = {
    1000: ("M", 0), 999: ("IM", 4), 995: ("VM", 3), 990: ("XM", 2), 950: ("LM", 1), 900: ("CM", 0), 500: ("D", 0),
    499: ("ID", 4), 495: ("VD", 3), 490: ("XD", 2), 450: ("LD", 1), 400: ("CD", 0), 100: ("C", 0), 99: ("IC", 2),
    95: ("VC", 1), 90: ("XC", 0), 50: ("L", 0), 49: ("IL", 2), 45: ("VL", 1), 40: ("XL", 0), 10: ("X", 0), 9: ("IX", 0),
    5: ("V", 0), 4: ("IV", 0), 1: ("I", 0),
}  # fmt: skip
"""Numerals by their value, and the form from which on they are used, from the classic (0) to the shortest (4)."""


@function("ROMAN")
def roman(number: Value, form: Value = 0.0) -> str:
    """ROMAN: from the classic form (0) to the shortest (4)."""
    left = math.trunc(to_number(number))
    shape = 4 if form is False else 0 if form is None or form is True else to_whole(form)
    refused(not 0 <= left <= 3999 or not 0 <= shape <= 4, ExcelError.VALUE)
    found = ""
    for value, (text, first) in ROMAN.items():
        while first <= shape and left >= value:
            found, left = found + text, left - value
    return found


LETTERS = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}


@function("ARABIC")
def arabic(text: Value) -> float:
    """ARABIC: a smaller numeral before a larger one is taken away."""
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


def write_numeral(value: int, kind: str, places: Value) -> str:
    """A number as a numeral in two's complement."""
    radix, digits = BASES[kind]
    half = radix**digits // 2
    refused(not -half <= value < half)
    if value < 0:
        return in_base(value + radix**digits, radix)
    text = in_base(value, radix)
    if places is None:
        return text
    size = to_whole(places)
    refused(size < len(text) or size > digits)
    return text.rjust(size, "0")


def conversion(source: str, target: str) -> Callable[..., Any]:
    """A function from one kind of numeral to another."""

    def convert(text: Value, places: Value = None) -> Value:
        refused(isinstance(text, bool), ExcelError.VALUE)
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


@function("DELTA")
def delta(one: Value, other: Value = 0.0) -> float:
    """DELTA."""
    return float(to_number(one) == to_number(other))


@function("GESTEP")
def gestep(one: Value, step: Value = 0.0) -> float:
    """GESTEP."""
    return float(to_number(one) >= to_number(step))
