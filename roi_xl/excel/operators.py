"""What do Excel's operators give, over columns of scenarios?"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from roi_xl.errors import ExcelError
from roi_xl.excel.coercion import general
from roi_xl.excel.collation import collated
from roi_xl.excel.values import (
    BLANK,
    FIRST_ERROR,
    LOGICAL,
    NUMBER,
    TAGS,
    TEXT,
    TEXTS,
    Column,
    Vector,
    behind,
    first_error,
    flags,
    from_plain,
    is_number,
    made,
    numbers,
    plain,
    settled,
    tagged,
)
from roi_xl.xlsx.limits import LONGEST_TEXT, go_on

DIV0, NUM = TAGS[ExcelError.DIV0], TAGS[ExcelError.NUM]
DIGITS = 15
MAY_BE_NEAR = 1e-14


def added(left: Column, right: Column) -> Column:
    """Left + right."""
    (a, e), (b, f) = numbers(left), numbers(right)
    return made(a + b, first_error(e, f))


def subtracted(left: Column, right: Column) -> Column:
    """Left - right."""
    (a, e), (b, f) = numbers(left), numbers(right)
    return made(a - b, first_error(e, f))


def multiplied(left: Column, right: Column) -> Column:
    """Left * right."""
    (a, e), (b, f) = numbers(left), numbers(right)
    return made(a * b, first_error(e, f))


def divided(left: Column, right: Column) -> Column:
    """Left / right; by zero it is #DIV/0!."""
    (a, e), (b, f) = numbers(left), numbers(right)
    if isinstance(b, np.ndarray):
        zero = b == 0
        if not zero.any():
            return made(a / b, first_error(e, f))
        return made(a / np.where(zero, 1.0, b), first_error(e, f, np.where(zero, DIV0, 0)))
    return made(a / (b or 1.0), first_error(e, f, DIV0 if b == 0 else 0))


def raised(left: Column, right: Column) -> Column:
    """Left ^ right; 0 ^ 0 and roots of negative numbers are #NUM!."""
    (a, e), (b, f) = numbers(left), numbers(right)
    with np.errstate(all="ignore"):
        power = np.power(np.asarray(a, float), b)
    wrong = np.where(
        (a == 0) & (np.asarray(b) < 0), DIV0, np.where(~np.isfinite(power) | ((a == 0) & (b == 0)), NUM, 0)
    )
    if not isinstance(a, np.ndarray) and not isinstance(b, np.ndarray):
        return made(float(power), first_error(e, f, int(wrong)))
    return made(power, first_error(e, f, wrong if wrong.any() else 0))


SNAPPED = 50
"""How many binary places a formula's final sum is below its larger operand where Excel takes it as 0.

So do 140 sums in public workbooks that Excel saved, by 50 to 52 places; by 49 or fewer, all 10 are kept.
"""


def to_the_last(sign: str) -> Callable[[Column, Column], Column]:
    """An addition or subtraction that is the last operation of a formula: next to nothing is 0."""

    def snapped(left: Column, right: Column) -> Column:
        result = BINARY[sign](left, right)
        if not is_number(result):
            return result
        value = behind(result)
        larger = np.maximum(np.abs(numbers(left)[0]), np.abs(numbers(right)[0]))
        nothing = (np.frexp(larger)[1] - np.frexp(value)[1] >= SNAPPED) & (value != 0)
        if isinstance(result, Vector):
            return Vector(np.where(nothing, 0.0, value)) if nothing.any() else result
        return 0.0 if nothing else result

    return snapped


def negated(operand: Column) -> Column:
    """-operand."""
    values, errors = numbers(operand)
    return made(-values, errors)


def percent(operand: Column) -> Column:
    """Operand %."""
    values, errors = numbers(operand)
    return made(values / 100, errors)


def joined(left: Column, right: Column) -> Column:
    """Left & right; #VALUE! where it is longer than a cell's text may be."""
    return over_plain(one_text)(left, right)


def one_text(left: Any, right: Any) -> str | ExcelError:
    """Two values as one text."""
    text = written(left) + written(right)
    return text if len(text) <= LONGEST_TEXT else ExcelError.VALUE


def written(value: Any) -> str:
    """A value as & writes it."""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, int | float):
        return general(float(value))
    return value or ""


def over_plain(function: Callable[..., Any], errors: bool = False) -> Callable[..., Column]:
    """A function of plain values as one of columns, called for each scenario.

    The first error is the answer, unless the function takes errors.
    """

    def once(values: Sequence[Any]) -> Any:
        go_on()
        error = None if errors else next((value for value in values if isinstance(value, ExcelError)), None)
        return function(*values) if error is None else error

    def over(*columns: Column) -> Column:
        sizes = [len(column.values) for column in columns if isinstance(column, Vector)]
        if not sizes:
            only: Column = once(columns)
            return only
        cases = zip(*(values_of(column, sizes[0]) for column in columns), strict=True)
        return from_plain([once(case) for case in cases])

    return over


def values_of(column: Column, size: int) -> list[Any]:
    """A column as a list of plain values."""
    if not isinstance(column, Vector):
        return [column] * size
    if is_number(column):
        values: list[Any] = column.values.tolist()
        return values
    return [plain(column, place) for place in range(size)]


def compared(sign: str) -> Callable[[Column, Column], Column]:
    """A comparison: numbers by their first 15 digits, numbers before text before logical values."""

    def compare(left: Column, right: Column) -> Column:
        left, right = settled(left), settled(right)
        if is_number(left) and is_number(right):
            a, b = numbers(left)[0], numbers(right)[0]
            return flags(ordered(sign, a, b), 0)
        return mixed(sign, left, right)

    return compare


EXACT: dict[str, Callable[[Any, Any], Any]] = {
    "=": lambda a, b: a == b,
    "<>": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


def ordered(sign: str, a: Any, b: Any) -> Any:
    """Two numbers compared as Excel does."""
    result = EXACT[sign](a, b)
    apart = np.abs(a - b)
    near = (apart > 0) & (apart <= MAY_BE_NEAR * np.abs(a))
    if not np.any(near):
        return result if isinstance(result, np.ndarray) else bool(result)
    same = np.vectorize(alike, otypes=[bool])(a, b) & near
    equal = sign in ("=", "<=", ">=")
    return np.where(same, equal, result) if isinstance(result, np.ndarray) else bool(equal if same else result)


def alike(a: float, b: float) -> bool:
    """Whether two numbers have the same first 15 digits."""
    return f"{a:.{DIGITS}g}" == f"{b:.{DIGITS}g}"


RANKS = np.array([0, 2, 0, 1, *[0] * len(ExcelError)], np.int8)
"""The order of numbers, logical values, blanks, texts and errors among one another, by their tags."""


def mixed(sign: str, left: Column, right: Column) -> Column:
    """A comparison of columns that are not all numbers."""
    tags = [np.atleast_1d(tagged(column)) for column in (left, right)]
    values = [np.atleast_1d(behind(column)).astype(float) for column in (left, right)]
    (a, b), values = filled(tags, values)
    errors = first_error(np.where(a >= FIRST_ERROR, a, 0), np.where(b >= FIRST_ERROR, b, 0))
    order = text_order()
    x, y = (in_order(tag, value, order) for tag, value in zip((a, b), values, strict=True))
    alike = RANKS[a] == RANKS[b]
    result = np.where(alike, ordered(sign, x, y), EXACT[sign](RANKS[a], RANKS[b]))
    if isinstance(left, Vector) or isinstance(right, Vector):
        return flags(result, errors if errors.any() else 0)
    return flags(bool(result[0]), int(errors[0]))


def in_order(tags: Any, values: Any, order: Any) -> Any:
    """Values with texts as their places in the order of texts."""
    texts = tags == TEXT
    return np.where(texts, order[np.where(texts, values, 0).astype(int)], values)


def filled(tags: Any, values: list[Any]) -> Any:
    """Tags and values with blanks as what the other side is."""
    new_tags, new_values = [], []
    for mine, theirs, value in ((tags[0], tags[1], values[0]), (tags[1], tags[0], values[1])):
        blank = mine == BLANK
        as_theirs = np.where((theirs == TEXT) | (theirs == LOGICAL), theirs, NUMBER)
        new_tags.append(np.where(blank, as_theirs, mine))
        empty = np.where(theirs == TEXT, TEXTS.place(""), 0.0) if blank.any() else 0.0
        new_values.append(np.where(blank, empty, value))
    return new_tags, new_values


def text_order() -> Any:
    """The place of every text when they are sorted without regard to case."""
    known = TEXTS.order
    if known is None or len(known) != len(TEXTS.all):
        folded = [collated(text) for text in TEXTS.all]
        places = {text: place for place, text in enumerate(sorted(set(folded)))}
        known = TEXTS.order = np.array([places[text] for text in folded] or [0], float)
    return known


BINARY: dict[str, Callable[[Column, Column], Column]] = {
    "+": added,
    "-": subtracted,
    "*": multiplied,
    "/": divided,
    "^": raised,
    "&": joined,
    **{sign: compared(sign) for sign in EXACT},
}
UNARY: dict[str, Callable[[Column], Column]] = {"-": negated, "+": lambda operand: operand, "%": percent}
