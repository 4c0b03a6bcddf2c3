"""How does a function of single values answer for whole arrays?"""

import contextlib
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from roi_xl.errors import ExcelError
from roi_xl.excel.registry import ONE, REGISTRY, SAME, Function, SizesVary
from roi_xl.excel.values import Block, CannotVectorise, Column, Grid, Vector, from_plain, settled, size_of
from roi_xl.xlsx.limits import go_on

MOST_ELEMENTS = 5_000_000
"""Elements that one operation may give."""


def lifted(function: Callable[..., Any], lifts: Callable[[int], bool] = lambda position: True) -> Callable[..., Any]:
    """A function lifted over arrays: given a grid for a single value, it answers for every element."""

    def over(*arguments: Any) -> Any:
        lifting = [isinstance(argument, Grid) and lifts(place) for place, argument in enumerate(arguments)]
        if not any(lifting):
            return function(*arguments)
        grids = [argument for argument, lift in zip(arguments, lifting, strict=True) if lift]
        height, width = (max(sides) for sides in zip(*(grid.size for grid in grids), strict=True))
        if height * width > MOST_ELEMENTS:
            return ExcelError.NUM
        if not any(map(size_of, arguments)):
            with contextlib.suppress(SizesVary):
                return at_once(function, arguments, lifting, height, width)

        def at(row: int, column: int) -> Any:
            go_on()
            given = [element(a.rows, row, column) if lift else a for a, lift in zip(arguments, lifting, strict=True)]
            return first_cell(function(*given))

        return Grid([[at(row, column) for column in range(width)] for row in range(height)])

    return over


HAND_ON = {"IF", "CHOOSE", "IFERROR", "IFNA"}
"""Functions that evaluate no more than what they give."""


def lifted_entry(entry: Function) -> Callable[..., Any]:
    """One of Excel's functions over arrays, where it wants single values.

    One that hands an argument on hands an array on whole where single values decide.
    """
    over = lifted(entry, lambda position: entry.want(position) in (ONE, SAME))
    if entry.name not in HAND_ON:
        return over

    def chosen(*arguments: Any) -> Any:
        deciding = [argument for i, argument in enumerate(arguments) if i == 0 or entry.want(i) is ONE]
        vary = any(isinstance(argument, Grid | Vector) for argument in deciding)
        return over(*arguments) if vary else entry(*arguments)

    return chosen


HANDED_ON = "_xleta."
"""What the file puts before the name of a function that another one calls, as BYROW(A1:B2,SUM) does."""


def handed_on(name: str) -> Callable[..., Any]:
    """The function that is handed on by its name."""
    entry = REGISTRY.get(name[len(HANDED_ON) :].upper())
    if entry is None:
        raise CannotVectorise(f"{name[len(HANDED_ON) :]}, which is not known over arrays")
    return lifted_entry(entry)


def at_once(
    function: Callable[..., Any], arguments: Sequence[Any], lifting: Sequence[bool], height: int, width: int
) -> Any:
    """The answers for all elements as if each were a scenario: one call instead of many."""
    given = [
        elements(argument, height, width) if lift else argument
        for argument, lift in zip(arguments, lifting, strict=True)
    ]
    found = first_cell(function(*given))
    if not isinstance(found, Vector):
        return Grid([[found] * width for _ in range(height)])
    finite = settled(found)
    assert isinstance(finite, Vector)
    return Block(finite, height, width)


def elements(grid: Grid, height: int, width: int) -> Column:
    """The elements of a grid, row by row, as one vector; a single row or column repeats; missing elements are #N/A."""
    if grid.size == (height, width):
        return grid.vector
    rows = grid.rows
    return from_plain([element(rows, row, column) for row in range(height) for column in range(width)])  # type: ignore[misc]


def element(rows: Sequence[Sequence[Column]], row: int, column: int) -> Column:
    """The cell of a grid at a place; a single row or column repeats, beyond the end it is #N/A."""
    row, column = row if len(rows) > 1 else 0, column if len(rows[0]) > 1 else 0
    return rows[row][column] if row < len(rows) and column < len(rows[0]) else ExcelError.NA


def first_cell(value: Any) -> Any:
    """The first cell of a grid, or the one value."""
    return value.rows[0][0] if isinstance(value, Grid) else value


def answer(name: str, *arguments: Any) -> Any:
    """What a function gives for plain values; a list of rows is a range, and a result that fills one.

    >>> import roi_xl.excel.library
    >>> answer("ABS", [[-3.0, 2.0]])
    [[3.0, 2.0]]
    """
    given = [Grid(argument) if isinstance(argument, list) else argument for argument in arguments]
    with np.errstate(all="ignore"):
        result = lifted_entry(REGISTRY[name])(*given)
    return [list(row) for row in result.rows] if isinstance(result, Grid) else result
