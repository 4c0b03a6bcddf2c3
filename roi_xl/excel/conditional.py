"""What do the functions give that take ranges with criteria: SUMIFS, COUNTIF and their like?"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from roi_xl.errors import ExcelError, NoAnswer
from roi_xl.excel.criteria import criterion_of, mask
from roi_xl.excel.operators import BINARY
from roi_xl.excel.registry import ONE, RANGE, register
from roi_xl.excel.values import (
    FIRST_ERROR,
    NUMBER,
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
from roi_xl.xlsx.sheet_cells import Value

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


MOST_KEPT = 20_000_000
"""How many answers about cells are kept for each range."""


class Looked:
    """A range that is looked at in every scenario: what does not vary in it is taken once."""

    def __init__(self, grid: Grid) -> None:
        varying = [(place, cell) for place, cell in enumerate(grid.cells) if isinstance(cell, Vector)]
        self.places = [place for place, _ in varying]
        still = [None if isinstance(cell, Vector) else cell for cell in grid.cells] if varying else []
        self.base = from_plain(still) if varying else grid.vector
        self.values = np.array([cell.values.astype(float) for _, cell in varying])
        self.tags = np.array([tags_of(cell) for _, cell in varying])
        self.masks: dict[tuple[type, Value], Array] = {}

    def at(self, case: int) -> Vector:
        """Its values in one scenario."""
        if not self.places:
            return self.base
        values, tags = self.base.values.astype(float), tags_of(self.base).copy()
        values[self.places], tags[self.places] = self.values[:, case], self.tags[:, case]
        return Vector(values, tags)

    def meets(self, wanted: Value, case: int) -> Array:
        """Which of its values meet a criterion in one scenario; each is asked once where no value varies."""
        if self.places:
            return np.asarray(mask(self.at(case), criterion_of(wanted)))
        key = (type(wanted), wanted)
        if key not in self.masks:
            if len(self.masks) * len(self.base.values) > MOST_KEPT:
                self.masks.clear()
            self.masks[key] = np.asarray(mask(self.base, criterion_of(wanted)))
        return self.masks[key]


Tested = Sequence[tuple[Looked, Column]]


def met(tested: Tested, case: int) -> Array:
    """Which cells of ranges meet all criteria in one scenario."""
    first, *rest = (looked.meets(in_scenario(wanted, case), case) for looked, wanted in tested)
    for here in rest:
        first = first & here
    return first


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
        taken = None if values is None else Looked(values)
        tested = [(Looked(grid), wanted) for grid, wanted in pairs]

        def in_case(case: int) -> Value:
            return answer(met(tested, case), None if taken is None else taken.at(case))

        size = max(size_of(argument) for argument in arguments)
        return from_plain([in_case(case) for case in range(size)]) if size else in_case(0)

    return kernel


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
    blank = from_plain([None])
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
