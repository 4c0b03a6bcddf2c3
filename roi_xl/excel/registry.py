"""What does one of Excel's functions want, what does it give, and how far can the engine be trusted with it?

Every function is registered once. Whoever evaluates a formula (a sweep, the local
verification, the engine's own order of evaluation where it is known to differ) asks here.
"""

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any, TypeVar

from roi_xl.errors import ExcelError, NoAnswer, RoiError
from roi_xl.excel.values import Column, Grid, from_plain, in_scenario, size_of


class Wants(Enum):
    """What a function wants of an argument.

    ONE: a single value; a range gives the cell in the formula's own row or column, and an
    array (or, in an array formula, a range) makes the function answer for every element.
    RANGE: a range as it is, or whatever else stands there as one value.
    ARRAY: arrays throughout: a formula within is evaluated for every element.
    SAME: what the function itself is wanted as, because it hands the argument on.
    """

    ONE = "one"
    RANGE = "range"
    ARRAY = "array"
    SAME = "same"


ONE, RANGE, ARRAY, SAME = Wants

Kernel = Callable[..., Any]
Plain = Callable[..., Any]


@dataclass(frozen=True)
class Function:
    """One of Excel's functions.

    Attributes:
        name: without prefixes, in capital letters.
        kernel: its answer over columns of values; a range arrives as a grid.
        wants: what it wants of each argument; the last `cycle` of them repeat.
        cycle: how many of the last wants repeat, as pairs of ranges and criteria do.
        least: the fewest arguments.
        most: the most arguments; None where there is no end.
        volatile: whether it gives another answer each time.
        by_trial: whether it is found by trial, so that last digits differ between programs.
        engine_differs: whether the engine is known to answer otherwise, for any arguments.
    """

    name: str
    kernel: Kernel
    wants: tuple[Wants, ...] = (ONE,)
    cycle: int = 1
    least: int = 0
    most: int | None = None
    volatile: bool = False
    by_trial: bool = False
    engine_differs: bool = False

    def want(self, position: int) -> Wants:
        """What it wants of the argument at a position."""
        count = len(self.wants)
        if position < count:
            return self.wants[position]
        return self.wants[count - self.cycle + (position - count) % self.cycle] if self.wants else ONE

    def takes(self, count: int) -> bool:
        """Whether it takes so many arguments."""
        return self.least <= count and (self.most is None or count <= self.most)


REGISTRY: dict[str, Function] = {}
"""Every function by its name."""

F = TypeVar("F", bound=Callable[..., Any])


def register(name: str, kernel: Kernel, *wants: Wants, least: int | None = None, **more: Any) -> None:
    """Register a kernel that works over columns (and grids) by itself."""
    low, most = arity_of(kernel)
    found = Function(name, kernel, wants or (ONE,), least=low if least is None else least, most=most)
    REGISTRY[name] = replace(found, **more)


def arity_of(function: Callable[..., Any]) -> tuple[int, int | None]:
    """The fewest and the most arguments of a function."""
    parameters = inspect.signature(function).parameters.values()
    required = sum(p.default is p.empty and p.kind is not p.VAR_POSITIONAL for p in parameters)
    endless = any(p.kind is p.VAR_POSITIONAL for p in parameters)
    return required, None if endless else len(parameters)


def function(*names: str, wants: Sequence[Wants] = (ONE,), errors: bool = False, **more: Any) -> Callable[[F], F]:
    """Register a function of plain values under its names, and leave it as it is.

    The function gets, for an argument that wants ONE, a number (float), text, boolean, None
    for a blank, and for RANGE or ARRAY a list of rows of such values (a single value is a
    list of one row of one). It returns a value, or a list of rows, which fills a range. It
    raises `NoAnswer(error)` for an error. The first error among its single values is its
    answer without its being called, unless it says that it takes errors.

    Args:
        names: Excel's names of it, old and new.
        wants: what it wants of each argument; the last one repeats (see `cycle`).
        errors: whether it takes errors as values.
        more: other attributes of `Function`.
    """

    def registered(plain: F) -> F:
        for name in names:
            low, most = arity_of(plain)
            known = Function(name, over_plain(plain, errors), tuple(wants), least=low, most=most)
            REGISTRY[name] = replace(known, **more)
        return plain

    return registered


def over_plain(plain: Plain, errors: bool) -> Kernel:
    """A function of plain values as a kernel over columns: called once for every different case."""

    def kernel(*arguments: Any) -> Any:
        size = max(map(size_of, arguments), default=0)
        if not size:
            return as_cells(answered(plain, [plain_argument(argument) for argument in arguments], errors))
        results = [
            answered(plain, [plain_argument(in_scenario(argument, case)) for argument in arguments], errors)
            for case in range(size)
        ]
        return gathered(results)

    return kernel


def plain_argument(argument: Any) -> Any:
    """A grid as a list of rows, anything else as it is."""
    return [list(row) for row in argument.rows] if isinstance(argument, Grid) else argument


def answered(plain: Plain, arguments: Sequence[Any], errors: bool) -> Any:
    """What a function of plain values gives; an error among its single values comes first."""
    if not errors:
        for argument in arguments:
            if isinstance(argument, ExcelError):
                return argument
    try:
        return plain(*arguments)
    except NoAnswer as none:
        return none.error
    except RoiError as problem:
        return problem.cell
    except ZeroDivisionError:
        return ExcelError.DIV0
    except (OverflowError, ValueError):
        return ExcelError.NUM


def as_cells(result: Any) -> Any:
    """A list of rows as a grid, anything else as it is."""
    return Grid([list(row) for row in result]) if isinstance(result, list) else result


def gathered(results: Sequence[Any]) -> Any:
    """The results of all scenarios as one column, or as a grid of columns where they fill a range."""
    if not any(isinstance(result, list) for result in results):
        return from_plain(results)
    grids = [result if isinstance(result, list) else [[result]] for result in results]
    height, width = max(map(len, grids)), max(len(rows[0]) for rows in grids)
    return Grid(
        [[from_plain([at(rows, row, column) for rows in grids]) for column in range(width)] for row in range(height)]
    )


def at(rows: Sequence[Sequence[Any]], row: int, column: int) -> Any:
    """The value of a grid at a place; #N/A beyond its end."""
    return rows[row][column] if row < len(rows) and column < len(rows[0]) else ExcelError.NA


def lifted(entry: Function) -> Kernel:
    """A function's kernel over arrays: where it wants ONE value and gets a grid, it answers for every element."""

    def over(*arguments: Any) -> Any:
        lifts = [isinstance(a, Grid) and entry.want(i) in (ONE, SAME) for i, a in enumerate(arguments)]
        if not any(lifts):
            return entry.kernel(*arguments)
        grids = [argument for argument, lift in zip(arguments, lifts, strict=True) if lift]
        height = max(len(grid.rows) for grid in grids)
        width = max(len(grid.rows[0]) for grid in grids)

        def at_place(row: int, column: int) -> Column:
            given = [element(a, row, column) if lift else a for a, lift in zip(arguments, lifts, strict=True)]
            return first_of(entry.kernel(*given))

        return Grid([[at_place(row, column) for column in range(width)] for row in range(height)])

    return over


def element(grid: Grid, row: int, column: int) -> Column:
    """The cell of a grid at a place; a single row or column repeats, beyond the end it is #N/A."""
    rows = grid.rows
    row, column = row if len(rows) > 1 else 0, column if len(rows[0]) > 1 else 0
    return rows[row][column] if row < len(rows) and column < len(rows[0]) else ExcelError.NA


def first_of(value: Any) -> Column:
    """The first cell of a grid, or the one value."""
    return value.rows[0][0] if isinstance(value, Grid) else value


def answer(name: str, *arguments: Any) -> Any:
    """What a function gives for plain values; a list of rows is a range, and a result that fills one."""
    given = [Grid(argument) if isinstance(argument, list) else argument for argument in arguments]
    result = lifted(REGISTRY[name])(*given)
    return [list(row) for row in result.rows] if isinstance(result, Grid) else result
