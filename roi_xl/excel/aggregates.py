"""What do Excel's functions of whole ranges give, over columns of scenarios?

A range arrives as a grid: of it only numbers count. Anything else is an argument that was
typed in, and counts as a number if it is like one.
"""

import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from roi_xl.errors import ExcelError
from roi_xl.excel.operators import BINARY
from roi_xl.excel.registry import ARRAY, ONE, RANGE, Wants, register
from roi_xl.excel.values import (
    BLANK,
    FIRST_ERROR,
    NUMBER,
    TAGS,
    TEXT,
    CannotVectorise,
    Column,
    Grid,
    Vector,
    first_error,
    flags,
    is_number,
    made,
    numbers,
    tagged,
    tags_of,
    truth,
)

Argument = Column | Grid
DIV0, NUM, NA, VALUE = (TAGS[error] for error in (ExcelError.DIV0, ExcelError.NUM, ExcelError.NA, ExcelError.VALUE))


def counted(arguments: Sequence[Argument]) -> Iterator[tuple[Any, Any, Any]]:
    """Every value that counts: its number, whether it counts, the tags of its errors."""
    for argument in arguments:
        if not isinstance(argument, Grid):
            values, errors = numbers(argument)
            yield values, True, errors
            continue
        for cell in argument.cells:
            if is_number(cell):
                yield cell.values if isinstance(cell, Vector) else cell, True, 0
            elif isinstance(cell, ExcelError):
                yield 0.0, True, TAGS[cell]
            elif isinstance(cell, Vector) and cell.tags is not None:
                errors = np.where(cell.tags >= FIRST_ERROR, cell.tags, 0)
                yield np.where(cell.tags == NUMBER, cell.values, 0.0), cell.tags == NUMBER, errors


PLAIN = {float, type(None)}


def one_after_the_other(cells: Sequence[Any]) -> float:
    """The sum of numbers and blanks, added in their order as Excel does, not in pairs."""
    return float(np.cumsum([0.0, *(cell for cell in cells if cell is not None)])[-1])


def total(*arguments: Argument) -> Column:
    """SUM."""
    if len(arguments) == 1 and isinstance(arguments[0], Grid) and set(map(type, arguments[0].cells)) <= PLAIN:
        return one_after_the_other(arguments[0].cells)
    result, errors = 0.0, 0
    for values, _, error in counted(arguments):
        result = result + values
        errors = first_error(errors, error)
    return made(result, errors)


def count(*arguments: Argument) -> Column:
    """COUNT: numbers in ranges; typed arguments also count as logical values and numeric text."""
    found: Any = 0.0
    for argument in arguments:
        if isinstance(argument, Grid):
            for cell in argument.cells:
                there = np.asarray(tagged(cell)) == NUMBER
                found = found + (there * 1.0 if there.ndim else float(there))
        else:
            errors = numbers(argument)[1]
            found = found + (float(not errors) if isinstance(errors, int) else (errors == 0) * 1.0)
    return made(found, 0)


def count_all(*arguments: Argument) -> Column:
    """COUNTA."""
    cells = [cell for argument in arguments for cell in (argument.cells if isinstance(argument, Grid) else [argument])]
    return made(
        sum(
            np.where(tagged(cell) == 2, 0.0, 1.0) if isinstance(cell, Vector) else float(cell is not None)
            for cell in cells
        ),
        0,
    )


def average(*arguments: Argument) -> Column:
    """AVERAGE."""
    return BINARY["/"](total(*arguments), count(*arguments))


def product(*arguments: Argument) -> Column:
    """PRODUCT; 0 where nothing counts."""
    result: Any = 1.0
    errors: Any = 0
    some: Any = False
    for values, counts, error in counted(arguments):
        result = result * (np.where(counts, values, 1.0) if isinstance(counts, np.ndarray) else values)
        errors, some = first_error(errors, error), some | counts
    return made(result * some, errors)


def extreme(choose: Callable[[Any, Any], Any], empty: float) -> Callable[..., Column]:
    """MIN or MAX; 0 where nothing counts."""

    def found(*arguments: Argument) -> Column:
        result: Any = empty
        errors: Any = 0
        for values, counts, error in counted(arguments):
            candidate = np.where(counts, values, empty) if isinstance(counts, np.ndarray) else values
            result = choose(result, candidate)
            errors = first_error(errors, error)
        return made(np.where(np.isinf(result), 0.0, result) if np.any(np.isinf(result)) else result, errors)

    return lambda *arguments: as_column(found(*arguments))


def as_column(column: Column) -> Column:
    """A vector without dimensions as its number."""
    if isinstance(column, Vector) and column.values.ndim == 0:
        return float(column.values)
    return float(column) if isinstance(column, np.floating) else column


def table(arguments: Sequence[Argument]) -> tuple[Any, Any]:
    """Every value as a row of a table, those that do not count as not a number; and the errors."""
    rows, errors = [], 0
    for values, counts, error in counted(arguments):
        rows.append(np.where(counts, values, np.nan) if isinstance(counts, np.ndarray) else values)
        errors = first_error(errors, error)
    return (np.vstack([np.atleast_1d(row) for row in np.broadcast_arrays(*rows)]) if rows else np.empty((0, 1))), errors


def statistic(function: Callable[[Any], Any], least: int, otherwise: int) -> Callable[..., Column]:
    """A statistic of all values; an error where there are too few."""

    def found(*arguments: Argument) -> Column:
        rows, errors = table(arguments)
        few = np.sum(~np.isnan(rows), axis=0) < least if rows.size else np.array([True])
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # scenarios without any value, which are few
            result = np.where(few, 0.0, function(rows)) if rows.size else np.zeros(1)
        return narrowed(result, first_error(errors, np.where(few, otherwise, 0) if few.any() else 0), arguments)

    return found


def narrowed(values: Any, errors: Any, arguments: Sequence[Argument]) -> Column:
    """A result that is the same in all scenarios as one value, if no argument varies."""
    if varies(arguments):
        return made(values, errors)
    first = errors if isinstance(errors, int) else int(np.ravel(errors)[0])
    return made(float(np.ravel(values)[0]), first)


def varies(arguments: Sequence[Argument]) -> bool:
    """Whether any argument has other values in other scenarios."""
    cells = (cell for argument in arguments for cell in (argument.cells if isinstance(argument, Grid) else [argument]))
    return any(isinstance(cell, Vector) for cell in cells)


def percentile(values: Argument, share: Column) -> Column:
    """PERCENTILE.INC."""
    rows, errors = table([values])
    if type(share) is not float or not 0 <= share <= 1 or not rows.size:
        raise CannotVectorise("a percentile whose share varies, or is no share")
    return narrowed(np.nanpercentile(rows, share * 100, axis=0), errors, [values])


def ranked(largest: bool) -> Callable[[Argument, Column], Column]:
    """LARGE or SMALL."""

    def found(values: Argument, place: Column) -> Column:
        rows, errors = table([values])
        if type(place) is not float or place != int(place):
            raise CannotVectorise("a rank that varies, or is not a whole number")
        if not 1 <= place <= len(rows):
            return made(0.0, first_error(errors, NUM)) if not isinstance(errors, np.ndarray) else ExcelError.NUM
        ordered = -np.sort(-rows, axis=0) if largest else np.sort(rows, axis=0)  # what does not count is last
        row = ordered[int(place) - 1]
        few = np.isnan(row)
        return narrowed(np.where(few, 0.0, row), first_error(errors, np.where(few, NUM, 0)), [values])

    return found


def rank(number: Column, values: Argument, ascending: Column = 0.0) -> Column:
    """RANK.EQ."""
    rows, errors = table([values])
    mine, error = numbers(number)
    order, wrong = numbers(ascending)
    if isinstance(order, np.ndarray) or wrong:
        raise CannotVectorise("a rank whose order varies, or is an error")
    upwards = bool(order)
    better = np.sum(rows < mine if upwards else rows > mine, axis=0) + 1.0
    there = np.any(rows == mine, axis=0)
    return narrowed(better, first_error(error, errors, np.where(there, 0, NA)), [number, values])


def sum_of_products(*arguments: Argument) -> Column:
    """SUMPRODUCT: anything that is not a number counts as 0, but for a text alone, which is #VALUE!."""
    grids = [argument if isinstance(argument, Grid) else Grid([[argument]]) for argument in arguments]
    if len({(len(grid.rows), len(grid.rows[0])) for grid in grids}) > 1:
        return ExcelError.VALUE
    result, errors = 0.0, 0
    taken = number_or_none if grids[0].size == (1, 1) else number_or_zero
    for cells in zip(*(grid.cells for grid in grids), strict=True):
        term: Any = 1.0
        for cell in cells:
            values, error = taken(cell)
            term, errors = term * values, first_error(errors, error)
        result = result + term
    return made(result, errors)


def number_or_none(cell: Column) -> tuple[Any, Any]:
    """A number, #VALUE! for a text, or 0 for anything else; and the tags of errors."""
    if isinstance(cell, str):
        return 0.0, TAGS[ExcelError.VALUE]
    if isinstance(cell, Vector):
        tags = tags_of(cell)
        cell = Vector(cell.values, np.where(tags == TEXT, TAGS[ExcelError.VALUE], tags).astype(np.uint8))
    return number_or_zero(cell)


def number_or_zero(cell: Column) -> tuple[Any, Any]:
    """A number, or 0 for anything else; and the tags of errors."""
    if is_number(cell):
        return (cell.values if isinstance(cell, Vector) else cell), 0
    if isinstance(cell, ExcelError):
        return 0.0, TAGS[cell]
    if isinstance(cell, Vector):
        tags = tags_of(cell)
        return np.where(tags == NUMBER, cell.values, 0.0), np.where(tags >= FIRST_ERROR, tags, 0)
    return 0.0, 0


# conditions


def every(start: bool, together: Callable[[Any, Any], Any]) -> Callable[..., Column]:
    """AND or OR: text and blanks of a range do not count, nor does an empty text."""

    def found(*arguments: Argument) -> Column:
        result: Any = start
        errors: Any = 0
        some: Any = False
        for argument in arguments:
            for cell in argument.cells if isinstance(argument, Grid) else [argument]:
                if cell == "" or (
                    isinstance(argument, Grid)
                    and not isinstance(cell, Vector)
                    and (cell is None or isinstance(cell, str))
                ):
                    continue
                counts: Any = True
                if isinstance(argument, Grid) and isinstance(cell, Vector) and cell.tags is not None:
                    counts = (cell.tags != TEXT) & (cell.tags != BLANK)
                    cell = Vector(np.where(counts, cell.values, start), np.where(counts, cell.tags, NUMBER))
                values, error = truth(cell)
                result, errors, some = together(result, values), first_error(errors, error), some | counts
        none = np.where(some, 0, VALUE) if isinstance(some, np.ndarray) else VALUE * (not some)
        return flags(result, first_error(errors, none))

    return found


AGGREGATES: dict[str, Callable[..., Any]] = {
    "SUM": total,
    "COUNT": count,
    "COUNTA": count_all,
    "AVERAGE": average,
    "PRODUCT": product,
    "MIN": extreme(np.minimum, np.inf),
    "MAX": extreme(np.maximum, -np.inf),
    "SUMPRODUCT": sum_of_products,
    "MEDIAN": statistic(lambda rows: np.nanmedian(rows, axis=0), 1, NUM),
    "STDEV": statistic(lambda rows: np.nanstd(rows, axis=0, ddof=1), 2, DIV0),
    "STDEV.S": statistic(lambda rows: np.nanstd(rows, axis=0, ddof=1), 2, DIV0),
    "STDEV.P": statistic(lambda rows: np.nanstd(rows, axis=0), 1, DIV0),
    "STDEVP": statistic(lambda rows: np.nanstd(rows, axis=0), 1, DIV0),
    "VAR": statistic(lambda rows: np.nanvar(rows, axis=0, ddof=1), 2, DIV0),
    "VAR.S": statistic(lambda rows: np.nanvar(rows, axis=0, ddof=1), 2, DIV0),
    "VAR.P": statistic(lambda rows: np.nanvar(rows, axis=0), 1, DIV0),
    "PERCENTILE": percentile,
    "PERCENTILE.INC": percentile,
    "LARGE": ranked(largest=True),
    "SMALL": ranked(largest=False),
    "RANK": rank,
    "RANK.EQ": rank,
    "AND": every(True, lambda a, b: a & b),
    "OR": every(False, lambda a, b: a | b),
    "XOR": every(False, lambda a, b: a ^ b),
}
"""Every function of ranges, by its name."""

WANTS: dict[str, tuple[Wants, ...]] = {
    "SUMPRODUCT": (ARRAY,),
    **dict.fromkeys(("PERCENTILE", "PERCENTILE.INC", "LARGE", "SMALL"), (RANGE, ONE)),
    **dict.fromkeys(("RANK", "RANK.EQ"), (ONE, RANGE, ONE)),
}
"""What they want of their arguments, if not ranges throughout."""

for name, kernel in AGGREGATES.items():
    register(name, kernel, *WANTS.get(name, (RANGE,)))
