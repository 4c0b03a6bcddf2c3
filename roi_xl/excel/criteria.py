"""Which values meet a criterion such as 5, "red*" or ">=3", and what do the functions give that take criteria?"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from roi_xl.errors import EXCEL_ERRORS, ExcelError, NoAnswer
from roi_xl.excel.coercion import DIGITS
from roi_xl.excel.collation import collated
from roi_xl.excel.operators import BINARY
from roi_xl.excel.registry import ONE, RANGE, register
from roi_xl.excel.values import (
    BLANK,
    FIRST_ERROR,
    LOGICAL,
    NUMBER,
    TAGS,
    TEXT,
    TEXTS,
    Array,
    CannotVectorise,
    Column,
    Grid,
    Vector,
    from_plain,
    in_scenario,
    size_of,
    tags_of,
)
from roi_xl.text_numbers import number_in
from roi_xl.xlsx.sheet_cells import Value

SIGN = re.compile(r"(<>|<=|>=|=|<|>)?(.*)", re.DOTALL)
WILD = re.compile(r"~[*?~]|[*?]")
DIV0, VALUE = TAGS[ExcelError.DIV0], TAGS[ExcelError.VALUE]
COMPARED: dict[str, Callable[[Any, Any], Any]] = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


@dataclass(frozen=True)
class Criterion:
    """An operator and its operand: a number, text (perhaps with wildcards), a logical value, an error, or nothing."""

    sign: str
    wanted: Value
    loose: bool = False
    """Whether an empty text counts as nothing as well."""


@lru_cache(maxsize=10_000, typed=True)
def criterion_of(value: Value) -> Criterion:
    """A criterion as it is given: text may begin with a sign, and may say a number, a truth or an error.

    >>> criterion_of(">=3"), criterion_of("TRUE")
    (Criterion(sign='>=', wanted=3.0, loose=False), Criterion(sign='=', wanted=True, loose=False))
    """
    if value is None:
        return Criterion("=", 0.0)
    if not isinstance(value, str):
        return Criterion("=", float(value) if type(value) is int else value)
    match = SIGN.fullmatch(value)
    assert match is not None
    sign, text = match[1] or "=", match[2]
    if text == "":
        return Criterion(sign, None, loose=match[1] is None)
    if text.upper() in ("TRUE", "FALSE"):
        return Criterion(sign, text.upper() == "TRUE")
    if text.upper() in EXCEL_ERRORS:
        return Criterion(sign, EXCEL_ERRORS[text.upper()])
    number = number_or_none(text)
    return Criterion(sign, text if number is None else number)


def number_or_none(text: str) -> float | None:
    """The number that a text reads as, if it does."""
    try:
        return number_in(text)
    except NoAnswer:
        return None


def mask(values: Vector, criterion: Criterion) -> Any:
    """Which values of a vector meet a criterion."""
    tags, numbers = tags_of(values), np.asarray(values.values, float)
    sign, wanted = criterion.sign, criterion.wanted
    if sign in COMPARED:
        return beyond(tags, numbers, sign, wanted)
    if sign == "<>":
        return ~(alike_number(tags, numbers, wanted) if isinstance(wanted, float) else equal(tags, numbers, criterion))
    return equal(tags, numbers, criterion)


def equal(tags: Array, numbers: Array, criterion: Criterion) -> Any:
    """Which values are what a criterion wants: a number also as text, a text with wildcards in any letter case."""
    wanted = criterion.wanted
    if wanted is None:
        nothing = tags == BLANK
        loose = criterion.loose
        return nothing | among_texts(tags, numbers, lambda text: text == "") if loose else nothing
    if isinstance(wanted, bool):
        return (tags == LOGICAL) & (numbers == wanted)
    if isinstance(wanted, ExcelError):
        return tags == TAGS[wanted]
    if isinstance(wanted, float):
        near = alike_number(tags, numbers, wanted)
        return near | among_texts(tags, numbers, lambda text: number_or_none(text) == wanted)
    pattern = pattern_of(str(wanted))
    return among_texts(tags, numbers, lambda text: pattern.fullmatch(text) is not None)


def alike_number(tags: Array, numbers: Array, wanted: float) -> Any:
    """Which values are a number; a text that says it is not, as <> takes it."""
    return (tags == NUMBER) & alike(numbers, wanted)


def alike(numbers: Array, wanted: float) -> Any:
    """Which numbers have the same first 15 digits as another one."""
    rounded = float(f"{wanted:.{DIGITS}g}")
    return (np.abs(numbers - rounded) <= np.abs(rounded) * 1e-15) | (numbers == wanted)


def beyond(tags: Array, numbers: Array, sign: str, wanted: Value) -> Any:
    """Which values are less or greater; numbers are compared with numbers, texts with texts."""
    compare = COMPARED[sign]
    if isinstance(wanted, bool):
        return (tags == LOGICAL) & compare(numbers, float(wanted))
    if isinstance(wanted, float):
        return (tags == NUMBER) & compare(numbers, wanted)
    if isinstance(wanted, str):
        place = collated(wanted)
        return among_texts(tags, numbers, lambda text: bool(compare(collated(text), place)))
    return np.zeros(tags.shape, bool)


def among_texts(tags: Array, numbers: Array, test: Callable[[str], bool]) -> Any:
    """Which values are texts that pass a test; each text is looked at once."""
    found = np.zeros(tags.shape, bool)
    texts = tags == TEXT
    if texts.any():
        known = np.unique(numbers[texts])
        passed = known[[test(TEXTS.all[int(place)]) for place in known]]
        found[texts] = np.isin(numbers[texts], passed)
    return found


@lru_cache(maxsize=10_000)
def pattern_of(text: str) -> re.Pattern[str]:
    """Text with the wildcards * and ? as a pattern; ~ escapes them.

    What stands between two * is looked for once, from the left, so that no text takes long.
    """
    segments, place = [""], 0
    for match in WILD.finditer(text):
        segments[-1] += re.escape(text[place : match.start()])
        if match[0] == "*":
            segments.append("")
        else:
            segments[-1] += "." if match[0] == "?" else re.escape(match[0][-1])
        place = match.end()
    segments[-1] += re.escape(text[place:])
    first, *rest = segments
    middle = "".join(f"(?>.*?{segment})" for segment in rest[:-1] if segment)
    return re.compile(first + middle + (f".*{rest[-1]}" if rest else ""), re.IGNORECASE | re.DOTALL)


# functions


Pairs = Sequence[tuple[Grid, Column]]


def pairs_of(arguments: Sequence[Any]) -> Pairs:
    """Ranges with their criteria; all of one size."""
    grids = [range_of(argument) for argument in arguments[::2]]
    if len({shape(grid) for grid in grids}) > 1:
        raise NoAnswer(ExcelError.VALUE)
    return list(zip(grids, arguments[1::2], strict=True))


def range_of(value: Any) -> Grid:
    """A range that is looked at; what is no range because its reference is wrong is the answer."""
    if isinstance(value, ExcelError):
        raise NoAnswer(value)
    return as_grid(value)


def as_grid(value: Any) -> Grid:
    """A range; one value is a range of one."""
    return value if isinstance(value, Grid) else Grid([[value]])


def shape(grid: Grid) -> tuple[int, int]:
    """How many rows and columns a range has."""
    return len(grid.rows), len(grid.rows[0])


def met(pairs: Pairs) -> Any:
    """Which cells of plain ranges meet all criteria, which are plain too."""
    found: Array | None = None
    for grid, wanted in pairs:
        here = mask(elements(grid), criterion_of(wanted))
        found = here if found is None else found & here
    assert found is not None
    return found


def elements(grid: Grid) -> Vector:
    """The cells of a plain range as a vector."""
    found = from_plain(grid.cells)  # type: ignore[arg-type]
    assert isinstance(found, Vector)
    return found


def conditional(answer: Callable[[Array, Vector | None], Value], *, sums: bool, single: bool) -> Callable[..., Any]:
    """A function of ranges and criteria: of what meets them it gives a count, a sum, a mean or an extreme.

    Args:
        answer: the result of a mask and the values that are summed.
        sums: whether it has a range of values besides.
        single: whether there is one pair, and the values come last and may be left out.
    """

    def kernel(*arguments: Any) -> Any:
        try:
            values, pairs = split(arguments, sums, single)
        except NoAnswer as none:
            return none.error
        size = max(size_of(argument) for argument in arguments)
        if not size:
            return answer(met(pairs), None if values is None else elements(values))
        return from_plain([in_case(answer, values, pairs, case) for case in range(size)])

    return kernel


def in_case(answer: Callable[[Array, Vector | None], Value], values: Grid | None, pairs: Pairs, case: int) -> Value:
    """The result in one scenario; ranges that do not vary are taken as they are."""
    plain = [(still(grid, case), in_scenario(wanted, case)) for grid, wanted in pairs]
    return answer(met(plain), None if values is None else elements(still(values, case)))


def still(grid: Grid, case: int) -> Grid:
    """A range in one scenario."""
    return in_scenario(grid, case) if size_of(grid) else grid


def split(arguments: Sequence[Any], sums: bool, single: bool) -> tuple[Grid | None, Pairs]:
    """The range of values, and the ranges with their criteria."""
    if not sums:
        return None, pairs_of(arguments)
    if single:
        grid, wanted, *rest = arguments
        grid = range_of(grid)
        values = range_of(rest[0]) if rest and rest[0] is not None else grid
        return resized(values, shape(grid)), [(grid, wanted)]
    values, *rest = arguments
    pairs = pairs_of(rest)
    if shape(range_of(values)) != shape(pairs[0][0]):
        raise NoAnswer(ExcelError.VALUE)
    return as_grid(values), pairs


def resized(values: Grid, wanted: tuple[int, int]) -> Grid:
    """A range of values cut to the size of the range with the criterion."""
    height, width = shape(values)
    if (height, width) == wanted:
        return values
    if height < wanted[0] or width < wanted[1]:
        raise CannotVectorise("a range of values that is smaller than that of its criterion")
    return Grid([row[: wanted[1]] for row in values.rows[: wanted[0]]])


def total(found: Array, values: Vector | None) -> Value:
    """The sum of the numbers that are met; the first error among them is the answer."""
    assert values is not None
    numbers, error = met_numbers(found, values)
    return error or float(numbers.sum())


def met_numbers(found: Array, values: Vector) -> tuple[Array, ExcelError | None]:
    """The matching numbers, and the first error among the matches."""
    tags = tags_of(values)
    wrong = np.flatnonzero(found & (tags >= FIRST_ERROR))
    error = tuple(ExcelError)[int(tags[wrong[0]]) - FIRST_ERROR] if wrong.size else None
    return np.asarray(values.values, float)[found & (tags == NUMBER)], error


def count(found: Array, values: Vector | None) -> Value:
    """How many are met."""
    return float(found.sum())


def mean(found: Array, values: Vector | None) -> Value:
    """The mean of the numbers that are met."""
    assert values is not None
    numbers, error = met_numbers(found, values)
    return error or (float(numbers.sum() / numbers.size) if numbers.size else ExcelError.DIV0)


def extreme(choose: Callable[[Array], Any]) -> Callable[[Array, Vector | None], Value]:
    """The smallest or largest of the matching numbers; 0 if there are none."""

    def found_extreme(found: Array, values: Vector | None) -> Value:
        assert values is not None
        numbers, error = met_numbers(found, values)
        return error or (float(choose(numbers)) if numbers.size else 0.0)

    return found_extreme


def count_blank(values: Any) -> Any:
    """COUNTBLANK: cells that are empty, or hold an empty text; below the last row in use all are."""
    return count_if(values, "")


def unused(grid: Grid) -> int:
    """How many cells of a range are below or beside what is in use of its sheet: all of them are blank."""
    if grid.area is None:
        return 0
    _, top, left, bottom, right = grid.area
    return (bottom - top + 1) * (right - left + 1) - len(grid.rows) * len(grid.rows[0])


def counting(single: bool) -> Callable[..., Any]:
    """COUNTIF or COUNTIFS: the blanks of a whole column count, too, where a criterion such as <>5 takes them."""
    within = conditional(count, sums=False, single=single)

    def kernel(*arguments: Any) -> Any:
        counted = within(*arguments)
        left = unused(as_grid(arguments[0]))
        if not left or isinstance(counted, ExcelError):
            return counted
        criteria = arguments[1::2]
        size = max(map(size_of, criteria))
        if not size:
            return BINARY["+"](counted, left * takes_blanks(criteria))
        more = [left * takes_blanks([in_scenario(wanted, case) for wanted in criteria]) for case in range(size)]
        return BINARY["+"](counted, from_plain(more))

    return kernel


def takes_blanks(criteria: Sequence[Any]) -> float:
    """1 if a blank cell meets all criteria, else 0."""
    blank = elements(Grid([[None]]))
    return float(all(mask(blank, criterion_of(wanted)).all() for wanted in criteria))


count_if = counting(single=True)
register("COUNTIF", count_if, RANGE, ONE, least=2, most=2)
register("COUNTIFS", counting(single=False), RANGE, ONE, least=2, cycle=2)
register("SUMIF", conditional(total, sums=True, single=True), RANGE, ONE, RANGE, least=2, most=3)
register("SUMIFS", conditional(total, sums=True, single=False), RANGE, RANGE, ONE, least=3, cycle=2)
register("AVERAGEIF", conditional(mean, sums=True, single=True), RANGE, ONE, RANGE, least=2, most=3)
register("AVERAGEIFS", conditional(mean, sums=True, single=False), RANGE, RANGE, ONE, least=3, cycle=2)
register("MAXIFS", conditional(extreme(np.max), sums=True, single=False), RANGE, RANGE, ONE, least=3, cycle=2)
register("MINIFS", conditional(extreme(np.min), sums=True, single=False), RANGE, RANGE, ONE, least=3, cycle=2)
register("COUNTBLANK", count_blank, RANGE)
