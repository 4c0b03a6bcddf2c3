"""What do Excel's functions that look things up, and those of flows of money, give over columns of scenarios?"""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from roi_xl.errors import ExcelError
from roi_xl.excel.aggregates import Argument, counted
from roi_xl.excel.operators import BINARY, over_plain
from roi_xl.excel.plain_finance import ANSWERS, answer
from roi_xl.excel.registry import ARRAY, ONE, RANGE, Wants, register
from roi_xl.excel.scalars import if_, if_error, whole
from roi_xl.excel.values import (
    BLANK,
    ERRORS,
    FIRST_ERROR,
    NUMBER,
    TAGS,
    TEXT,
    TEXTS,
    CannotVectorise,
    Column,
    Grid,
    Vector,
    first_error,
    is_number,
    made,
    numbers,
    truth,
)

MOST_STEPS = 60
CLOSE_ENOUGH = 1e-13


def line(values: Argument) -> list[Column]:
    """The cells of a single row or column."""
    if not isinstance(values, Grid) or (len(values.rows) > 1 and len(values.rows[0]) > 1):
        raise CannotVectorise("a lookup in a range that is not a single row or column")
    return values.cells


def match(value: Column, values: Argument, mode: Column = 1.0) -> Column:
    """MATCH: the same value, or the last that is not beyond it in an ordered line."""
    if isinstance(mode, Vector) or not isinstance(mode, int | float):
        raise CannotVectorise("a lookup whose mode varies")
    if any(sign in text for text in texts_of(value) for sign in "*?~"):
        raise CannotVectorise("a lookup with wildcards")
    cells = line(values)
    if mode != 0:
        return in_sorted(value, cells, mode)
    value = 0.0 if value is None else value
    if isinstance(value, Vector) and value.tags is not None:
        value = Vector(value.values, np.where(value.tags == BLANK, NUMBER, value.tags))
    same, result = BINARY["="], ExcelError.NA  # type: tuple[Callable[..., Column], Column]
    for place in range(len(cells), 0, -1):
        cell = cells[place - 1]
        varies = isinstance(cell, Vector) or isinstance(value, Vector)
        if cell is not None and (varies or is_number(cell) == is_number(value)):
            result = if_(there(cell, if_error(same(cell, value), False)), float(place), result)
    return if_(same(value, value), result, result)  # an error that is looked up is the answer


def texts_of(column: Column) -> list[str]:
    """The texts of a column."""
    if isinstance(column, Vector) and column.tags is not None:
        return [TEXTS.all[int(place)] for place in np.unique(column.values[column.tags == TEXT])]
    return [column] if isinstance(column, str) else []


def there(cell: Column, same: Column) -> Column:
    """Whether a cell is the same, a blank one being none."""
    if isinstance(cell, Vector) and cell.tags is not None and (cell.tags == BLANK).any():
        return if_(Vector(cell.tags == BLANK), False, same)
    return same


def in_sorted(value: Column, cells: Sequence[Column], mode: float) -> Column:
    """The last of rising numbers that is not above a value."""
    keys = [cell for cell in cells if isinstance(cell, float)]
    if mode < 0 or len(keys) != len(cells) or any(a >= b for a, b in pairwise(keys)) or not is_number(value):
        raise CannotVectorise("a lookup by halving")
    wanted = numbers(value)[0]
    places = np.searchsorted(np.array(keys), wanted * (1 + 1e-15 * np.sign(wanted)), side="right")
    if not isinstance(value, Vector):
        return float(places) if places else ExcelError.NA
    return made(places.astype(float), np.where(places == 0, TAGS[ExcelError.NA], 0))


def index(values: Argument, row: Column = 1.0, column: Column | None = None) -> Argument:
    """INDEX: one cell, or a whole row or column for 0; of an error, that error."""
    if isinstance(values, ExcelError):
        return values
    grid = values if isinstance(values, Grid) else Grid([[values]])
    if column is None:
        single = len(grid.rows) == 1
        row, column = (1.0, row) if single else (row, 1.0 if len(grid.rows[0]) == 1 else None)
    if column is None:
        raise CannotVectorise("INDEX of a whole row")
    if isinstance(row, Vector) or isinstance(column, Vector):
        return varying_index(grid, row, column)
    (down, error), (across, more) = numbers(row), numbers(column)
    if error or more:
        return ERRORS[int(error or more) - FIRST_ERROR]
    down, across = int(down), int(across)
    if down < 0 or across < 0:
        return ExcelError.VALUE
    if down > len(grid.rows) or across > len(grid.rows[0]):
        return ExcelError.REF
    rows = grid.rows if down == 0 else [grid.rows[down - 1]]
    cut = [list(cells) if across == 0 else [cells[across - 1]] for cells in rows]
    return cut[0][0] if len(cut) == 1 and len(cut[0]) == 1 else Grid(cut)


def varying_index(grid: Grid, row: Column, column: Column) -> Column:
    """The cell at a place that varies."""
    down, across = whole(np.trunc)(row), whole(np.trunc)(column)
    if any(np.any(numbers(place)[0] <= 0) for place in (down, across)):
        raise CannotVectorise("INDEX of a whole row or column, or of none, at a place that varies")
    result: Column = ExcelError.REF
    for place, cells in enumerate(grid.rows, start=1):
        if not isinstance(down, Vector) and down != place:
            continue
        found: Column = ExcelError.REF
        for side, cell in enumerate(cells, start=1):
            if isinstance(across, Vector) or across == side:
                found = if_(BINARY["="](across, float(side)), cell, found)
        result = if_(BINARY["="](down, float(place)), found, result)
    return result


def looked_up(across: bool) -> Callable[..., Column]:
    """VLOOKUP or HLOOKUP."""

    def found(value: Column, table: Argument, number: Column, near: Column = True) -> Column:
        if not isinstance(table, Grid) or isinstance(near, Vector):
            raise CannotVectorise("a lookup whose mode varies")
        rows = list(zip(*table.rows, strict=True)) if across else table.rows
        keys = Grid([[row[0]] for row in rows])
        if isinstance(value, ExcelError):
            return value
        sorted_, error = truth(near)
        if error:
            return ERRORS[int(error) - FIRST_ERROR]
        place = match(value, keys, 1.0 if near is not None and sorted_ else 0.0)
        cell = index(Grid(rows), place, number)
        if isinstance(cell, Grid):
            raise CannotVectorise("a lookup that gives a whole row")
        return cell

    return found


def count_of(values: Argument) -> int:
    """How many cells there are."""
    return sum(map(len, values.rows)) if isinstance(values, Grid) else 1


def xlookup(
    value: Column, keys: Argument, results: Argument, otherwise: Column = ExcelError.NA, mode: Column = 0.0
) -> Column:
    """XLOOKUP: the same value, else the next smaller (-1) or larger (1)."""
    if isinstance(mode, Vector) or mode not in (0, None):
        raise CannotVectorise("XLOOKUP with approximate match")
    if count_of(keys) != count_of(results):
        raise CannotVectorise("XLOOKUP of ranges that differ in size")
    if value is None or (isinstance(value, Vector) and value.tags is not None and (value.tags == BLANK).any()):
        raise CannotVectorise("XLOOKUP of a blank")
    place = match(value, keys, 0.0)
    found = index(results, place)
    if isinstance(found, Grid):
        raise CannotVectorise("XLOOKUP of a whole row")
    result = if_(BINARY["="](if_error(place, 0.0), 0.0), otherwise, found)
    return if_(BINARY["="](value, value), result, result)  # an error that is looked up is the answer


# flows of money


def flows_of(values: Argument) -> tuple[list[Any], Any]:
    """The numbers of a range in order, and their errors; numbers that come and go have no order."""
    flows, errors = [], 0
    for value, counts, error in counted([values]):
        if isinstance(counts, np.ndarray):
            raise CannotVectorise("flows that are not numbers in some scenarios")
        flows.append(value)
        errors = first_error(errors, error)
    return flows, errors


def npv(rate: Column, *values: Argument) -> Column:
    """NPV: the first flow is at the end of the first period."""
    factor, errors = numbers(BINARY["+"](rate, 1.0))
    flows: list[Any] = []
    for argument in values:
        found, error = flows_of(argument)
        flows += found
        errors = first_error(errors, error)
    result: Any = 0.0
    divisor = np.where(factor == 0, 1.0, factor)
    for flow in reversed(flows):
        result = (result + flow) / divisor
    wrong = TAGS[ExcelError.DIV0] * (factor == 0)
    result = result if np.ndim(result) else float(result)
    return made(result, first_error(errors, wrong if isinstance(wrong, np.ndarray) else int(wrong)))


def irr(values: Argument, guess: Column = 0.1) -> Column:
    """IRR by Newton's steps for all scenarios at once; those that do not settle are left to the plain one."""
    flows, errors = flows_of(values)
    raise_for(errors)
    start, guessed = (0.1, 0) if guess is None else numbers(guess)
    raise_for(guessed)
    if not any(isinstance(flow, np.ndarray) for flow in flows):
        return over_flows("IRR")(values, 0.1 if guess is None else guess)
    table = np.array(np.broadcast_arrays(*flows), float)
    start = np.broadcast_to(np.asarray(start, float), table.shape[1:])
    rate = start.copy()
    for _ in range(MOST_STEPS):
        worth, slope = horner(table, 1 / (1 + rate))
        step = worth / slope
        rate = rate - step
        if np.all(np.abs(step) <= CLOSE_ENOUGH * np.maximum(1, np.abs(rate))):
            break
    worth, slope = horner(table, 1 / (1 + rate))
    fine = np.isfinite(rate) & (rate > -0.999) & (np.abs(worth) <= 1e-9 * np.sum(np.abs(table), axis=0))
    mixed = (table.max(axis=0) > 0) & (table.min(axis=0) < 0)
    tags = np.where(fine & mixed, 0, TAGS[ExcelError.NUM])
    rate = np.where(tags == 0, rate, 0.0)
    for place in np.flatnonzero(mixed & ~fine):
        plain = answer(ANSWERS["IRR"], [[table[:, place].tolist()], float(start[place])])
        rate[place], tags[place] = (plain, 0) if isinstance(plain, float) else (0.0, TAGS[plain])
    return made(rate, tags)


def horner(table: Any, factor: Any) -> tuple[Any, Any]:
    """The present value of rows of flows, and its slope in the rate."""
    worth, slope = np.zeros(table.shape[1]), np.zeros(table.shape[1])
    for flow in table[::-1]:
        slope = slope * factor + worth
        worth = worth * factor + flow
    return worth, -slope * factor * factor


def raise_for(errors: Any) -> None:
    """Leave flows whose errors vary to the engine."""
    if not isinstance(errors, int):
        raise CannotVectorise("flows with errors in some scenarios")


def over_flows(name: str) -> Callable[..., Column]:
    """A function of whole ranges that is answered in place of the engine, scenario by scenario."""
    function = ANSWERS[name]

    def apply(*arguments: Argument) -> Column:
        shapes: list[Any] = [(len(a.rows), len(a.rows[0])) if isinstance(a, Grid) else None for a in arguments]
        columns: Sequence[Column] = [c for a in arguments for c in (a.cells if isinstance(a, Grid) else [a])]

        def once(*cells: Any) -> Any:
            given, rest = [], list(cells)
            for shape in shapes:
                size = shape[0] * shape[1] if shape else 1
                taken, rest = rest[:size], rest[size:]
                given.append([taken[i : i + shape[1]] for i in range(0, size, shape[1])] if shape else taken[0])
            return answer(function, given)

        return over_plain(once)(*columns)

    return apply


LOOKUPS: dict[str, Callable[..., Any]] = {
    "MATCH": match,
    "INDEX": index,
    "VLOOKUP": looked_up(across=False),
    "HLOOKUP": looked_up(across=True),
    "XLOOKUP": xlookup,
    "ROWS": lambda values: float(len(values.rows)) if isinstance(values, Grid) else 1.0,
    "COLUMNS": lambda values: float(len(values.rows[0])) if isinstance(values, Grid) else 1.0,
    "NPV": npv,
    "IRR": irr,
    "MIRR": over_flows("MIRR"),
    "XNPV": over_flows("XNPV"),
    "FVSCHEDULE": over_flows("FVSCHEDULE"),
}
"""Every lookup or cash flow function, by name."""

WANTS: dict[str, tuple[Wants, ...]] = {
    "MATCH": (ONE, RANGE, ONE),
    "INDEX": (ARRAY, ONE, ONE),
    "VLOOKUP": (ONE, RANGE, ONE, ONE),
    "HLOOKUP": (ONE, RANGE, ONE, ONE),
    "XLOOKUP": (ONE, ARRAY, ARRAY, ONE),
    "ROWS": (RANGE,),
    "COLUMNS": (RANGE,),
    "NPV": (ONE, RANGE),
    "IRR": (RANGE, ONE),
    "MIRR": (RANGE, ONE, ONE),
    "XNPV": (ONE, RANGE, RANGE),
    "FVSCHEDULE": (ONE, RANGE),
}
"""What they want of their arguments."""

for name, kernel in LOOKUPS.items():
    register(name, kernel, *WANTS[name], by_trial=name in ("IRR",))
