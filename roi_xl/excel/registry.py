"""What does one of Excel's functions want, what does it give, and how far can the engine be trusted with it?

Every function is registered once. Whoever evaluates a formula (a sweep, the local
verification, the engine's own order of evaluation where it is known to differ) asks here.
"""

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any, TypeVar

import numpy as np

from roi_xl.errors import ExcelError, NoAnswer, RoiError
from roi_xl.excel.toolpak import TAKES_TRUTHS, TOOLPAK
from roi_xl.excel.values import (
    LOGICAL,
    TAGS,
    CannotVectorise,
    Grid,
    Vector,
    from_plain,
    in_scenario,
    number_or_error,
    size_of,
    tags_of,
)
from roi_xl.xlsx.limits import go_on


class Wants(Enum):
    """What a function wants of an argument.

    ONE: a single value; a range gives the cell in the formula's own row or column, and an
    array (or, in an array formula, a range) makes the function answer for every element.
    RANGE: a range unchanged, or anything else as one value.
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
        fallback: its answer where the kernel gives none, case by case.
        wants: what it wants of each argument; the last `cycle` of them repeat.
        cycle: how many of the last wants repeat, as pairs of ranges and criteria do.
        least: the fewest arguments.
        most: the most arguments; None if unlimited.
        kernel_takes: the fewest and the most arguments of the kernel, where the fallback takes others.
        volatile: whether it gives another answer each time.
        by_trial: whether it is found by trial, so that last digits differ between programs.
        engine_differs: whether the engine is known to answer otherwise, for any arguments.
        usual: what an argument is that is left out between commas, as far as that is not 0 for all.
    """

    name: str
    kernel: Kernel
    fallback: Kernel | None = None
    wants: tuple[Wants, ...] = (ONE,)
    cycle: int = 1
    least: int = 0
    most: int | None = None
    kernel_takes: tuple[int, int | None] = (0, None)
    volatile: bool = False
    by_trial: bool = False
    engine_differs: bool = False
    usual: tuple[Any, ...] = ()

    def want(self, position: int) -> Wants:
        """What it wants of the argument at a position."""
        count = len(self.wants)
        if position < count:
            return self.wants[position]
        return self.wants[count - self.cycle + (position - count) % self.cycle] if self.wants else ONE

    def __call__(self, *arguments: Any) -> Any:
        """Its answer over columns and grids as it wants them."""
        arguments = as_taken(self.name, arguments)
        try:
            if self.fallback is not None and not within(self.kernel_takes, len(arguments)):
                return self.fallback(*arguments)
            return self.kernel(*arguments)
        except CannotVectorise:
            if self.fallback is None:
                raise
            return self.fallback(*arguments)

    def left_out(self, position: int) -> Any:
        """What it takes for an argument that is left out between commas: as a rule the same as for a blank cell."""
        return self.usual[min(position, len(self.usual) - 1)] if self.usual else None

    def takes(self, count: int) -> bool:
        """Whether it accepts this many arguments."""
        return within((self.least, self.most), count)


def as_taken(name: str, arguments: tuple[Any, ...]) -> tuple[Any, ...]:
    """The arguments of a function: TRUE and FALSE are #VALUE! to nearly all that came from the Analysis ToolPak."""
    if name not in TOOLPAK or name in TAKES_TRUTHS:
        return arguments
    return tuple(map(without_truths, arguments))


def without_truths(argument: Any) -> Any:
    """An argument with #VALUE! for every TRUE and FALSE."""
    if isinstance(argument, bool):
        return ExcelError.VALUE
    if isinstance(argument, Grid):
        return Grid([[without_truths(cell) for cell in row] for row in argument.rows])
    if isinstance(argument, Vector) and (tags_of(argument) == LOGICAL).any():
        tags = tags_of(argument)
        return Vector(argument.values.astype(float), np.where(tags == LOGICAL, TAGS[ExcelError.VALUE], tags))
    return argument


def within(bounds: tuple[int, int | None], count: int) -> bool:
    """Whether a number of arguments is neither too small nor too large."""
    least, most = bounds
    return least <= count and (most is None or count <= most)


MOST_CELLS = 5_000_000
"""Cells that a function of plain values is given at a time."""

REGISTRY: dict[str, Function] = {}
"""Every function by its name."""

F = TypeVar("F", bound=Callable[..., Any])


def register(name: str, kernel: Kernel, *wants: Wants, least: int | None = None, **more: Any) -> None:
    """Register a kernel that works over columns; it replaces a plain function of that name."""
    low, most = arity_of(kernel)
    low = low if least is None else least
    found = Function(name, kernel, None, wants or (ONE,), least=low, most=most, kernel_takes=(low, most))
    known = REGISTRY.get(name)
    if known is not None:
        found = replace(known, kernel=kernel, fallback=known.kernel, wants=longer(found.wants, known.wants))
        found = replace(found, kernel_takes=(low, most))
    REGISTRY[name] = replace(found, **more)


def longer(one: tuple[Wants, ...], other: tuple[Wants, ...]) -> tuple[Wants, ...]:
    """The longer of two lists of wants: that of who knows more of the arguments."""
    return other if len(other) > len(one) else one


def arity_of(function: Callable[..., Any]) -> tuple[int, int | None]:
    """The fewest and the most arguments of a function."""
    parameters = inspect.signature(function).parameters.values()
    required = sum(p.default is p.empty and p.kind is not p.VAR_POSITIONAL for p in parameters)
    endless = any(p.kind is p.VAR_POSITIONAL for p in parameters)
    return required, None if endless else len(parameters)


def usual_of(function: Callable[..., Any]) -> tuple[Any, ...]:
    """The defaults of a function's arguments; #N/A for one that has none."""
    parameters = inspect.signature(function).parameters.values()
    return tuple(ExcelError.NA if p.default is p.empty else p.default for p in parameters)


def function(*names: str, wants: Sequence[Wants] = (ONE,), errors: bool = False, **more: Any) -> Callable[[F], F]:
    """Register a function of plain values under its names, and return it unchanged.

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
            found = Function(name, over_plain(plain, errors), None, tuple(wants), least=low, most=most)
            found = replace(found, usual=usual_of(plain) if name in TOOLPAK else ())
            known = REGISTRY.get(name)
            if known is not None:
                found = replace(found, kernel=known.kernel, fallback=found.kernel, kernel_takes=known.kernel_takes)
            REGISTRY[name] = replace(found, **more)
        return plain

    return registered


def over_plain(plain: Plain, errors: bool) -> Kernel:
    """A function of plain values as a kernel over columns: called once for every different case."""

    def kernel(*arguments: Any) -> Any:
        if (
            sum(argument.size[0] * argument.size[1] for argument in arguments if isinstance(argument, Grid))
            > MOST_CELLS
        ):
            raise CannotVectorise(f"more than {MOST_CELLS:,} cells at a time")
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
    """A grid as a list of rows; anything else unchanged."""
    return [list(row) for row in argument.rows] if isinstance(argument, Grid) else argument


def answered(plain: Plain, arguments: Sequence[Any], errors: bool) -> Any:
    """What a function of plain values gives; an error among its single values comes first."""
    go_on()
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
    """A list of rows as a grid, with #NUM! for what is no number; anything else unchanged."""
    return Grid([[shown_number(value) for value in row] for row in result]) if isinstance(result, list) else result


def shown_number(value: Any) -> Any:
    """A number as a cell shows it; anything else unchanged."""
    return number_or_error(value) if isinstance(value, float) else value


class SizesVary(CannotVectorise):
    """An array has another size in one scenario than in another."""


def gathered(results: Sequence[Any]) -> Any:
    """The results of all scenarios as one column, or as a grid of columns where they fill a range.

    Raises:
        SizesVary: they fill ranges of different sizes.
    """
    if not any(isinstance(result, list) for result in results):
        return from_plain(results)
    grids = [result if isinstance(result, list) else [[result]] for result in results]
    if len({(len(rows), len(rows[0])) for rows in grids}) > 1:
        raise SizesVary("a result whose size varies")
    height, width = len(grids[0]), len(grids[0][0])
    return Grid(
        [[from_plain([rows[row][column] for rows in grids]) for column in range(width)] for row in range(height)]
    )
