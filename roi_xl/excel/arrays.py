"""What do Excel's functions give that make arrays of arrays?"""

from collections.abc import Callable
from typing import Any

from roi_xl.errors import ExcelError, NoAnswer
from roi_xl.excel.coercion import to_number, to_truth, to_whole
from roi_xl.excel.finding import rows_of
from roi_xl.excel.ordering import ERROR, NOTHING, Key, key_of
from roi_xl.excel.registry import ARRAY, ONE, function
from roi_xl.xlsx.sheet_cells import Value

Array = list[list[Value]]
MOST = 5_000_000


def transposed(rows: Array) -> Array:
    """Columns as rows."""
    return [list(line) for line in zip(*rows, strict=True)]


def some(rows: Array) -> Array:
    """An array; #CALC! for one without elements."""
    if not rows or not rows[0]:
        raise NoAnswer(ExcelError.CALC)
    return rows


def number_or(value: Value, usual: int) -> int:
    """A whole number, or the usual one for an argument that is left out."""
    return usual if value is None else to_whole(value)


@function("SEQUENCE")
def sequence(rows: Value, columns: Value = 1.0, start: Value = 1.0, step: Value = 1.0) -> Array:
    """SEQUENCE."""
    height, width = number_or(rows, 1), number_or(columns, 1)
    first, by = (1.0 if value is None else to_number(value) for value in (start, step))
    if height < 0 or width < 0 or height * width > MOST:
        raise NoAnswer(ExcelError.VALUE)
    return some([[first + by * (row * width + column) for column in range(width)] for row in range(height)])


@function("FILTER", wants=(ARRAY, ARRAY, ONE), errors=True)
def filter_(values: Any, include: Any, otherwise: Value = None) -> Any:
    """FILTER: rows or columns, as the conditions lie."""
    rows, marks = rows_of(values), rows_of(include)
    across = len(marks) == 1 and len(marks[0]) == len(rows[0]) and (len(marks[0]) != 1 or len(rows) != 1)
    if not across and not (len(marks[0]) == 1 and len(marks) == len(rows)):
        raise NoAnswer(ExcelError.VALUE)
    lines = transposed(rows) if across else rows
    flags = [to_truth(mark) for line in marks for mark in line]
    kept = [line for line, flag in zip(lines, flags, strict=True) if flag]
    if not kept:
        if otherwise is None:
            raise NoAnswer(ExcelError.CALC)
        return otherwise
    return transposed(kept) if across else kept


# order


def sorted_by(lines: Array, keys: list[tuple[list[Value], int]]) -> Array:
    """Lines sorted by several lists of keys, each rising (1) or falling (-1); blanks come last either way."""
    order = list(range(len(lines)))
    for values, way in reversed(keys):
        if way not in (1, -1):
            raise NoAnswer(ExcelError.VALUE)
        ranked = [key_of(value) for value in values]
        order.sort(key=lambda place, r=ranked: for_order(r[place]), reverse=way == -1)  # type: ignore[misc]
        order.sort(key=lambda place, r=ranked: r[place][0] == NOTHING)  # type: ignore[misc]
    return [lines[place] for place in order]


def for_order(key: Key) -> tuple[int, float, str]:
    """A key that can be compared with keys of other kinds."""
    kind, value = key
    return (kind, value, "") if isinstance(value, float) else (kind, 0.0, value)


@function("SORT", wants=(ARRAY, ARRAY, ARRAY, ONE))
def sort(values: Any, number: Any = 1.0, order: Any = 1.0, by_column: Value = False) -> Array:
    """SORT: by one or several rows or columns."""
    across = by_column is not None and to_truth(by_column)
    lines = transposed(rows_of(values)) if across else rows_of(values)
    numbers = [number_or(value, 1) for row in rows_of(number) for value in row]
    ways = [number_or(value, 1) for row in rows_of(order) for value in row]
    if any(not 1 <= place <= len(lines[0]) for place in numbers):
        raise NoAnswer(ExcelError.VALUE)
    ways = ways * len(numbers) if len(ways) == 1 else ways
    keys = [([line[place - 1] for line in lines], way) for place, way in zip(numbers, ways, strict=True)]
    found = sorted_by(lines, keys)
    return transposed(found) if across else found


@function("SORTBY", wants=(ARRAY, ARRAY, ONE), cycle=2, least=2)
def sortby(values: Any, *by: Any) -> Array:
    """SORTBY: by other rows or columns."""
    rows = rows_of(values)
    lists = [[value for line in rows_of(one) for value in line] for one in by[::2]]
    ways = [number_or(way, 1) for way in by[1::2]] + [1] * (len(lists) - len(by[1::2]))
    across = len(rows_of(by[0])) == 1 and len(rows) != 1
    lines = transposed(rows) if across else rows
    if len(rows) == 1 and len(lists[0]) == len(rows[0]):
        across, lines = True, transposed(rows)
    if any(len(values) != len(lines) for values in lists):
        raise NoAnswer(ExcelError.VALUE)
    found = sorted_by(lines, list(zip(lists, ways, strict=True)))
    return transposed(found) if across else found


@function("UNIQUE", wants=(ARRAY, ONE, ONE))
def unique(values: Any, by_column: Value = False, once: Value = False) -> Array:
    """UNIQUE: every row or column once, or only those that are there once."""
    across = by_column is not None and to_truth(by_column)
    lines = transposed(rows_of(values)) if across else rows_of(values)
    counts: dict[tuple[Any, ...], list[Any]] = {}
    for line in lines:
        key = tuple(value if key_of(value)[0] == ERROR else key_of(value) for value in line)
        counts.setdefault(key, [line, 0])[1] += 1
    only = once is not None and to_truth(once)
    found = some([line for line, count in counts.values() if not only or count == 1])
    return transposed(found) if across else found


# parts


def taken(count: Value, size: int) -> range:
    """The first places, or the last ones for a number below 0."""
    number = size if count is None else to_whole(count)
    if number == 0:
        raise NoAnswer(ExcelError.CALC)
    return range(min(number, size)) if number > 0 else range(max(size + number, 0), size)


def left_over(count: Value, size: int) -> range:
    """All places but the first ones, or but the last ones for a number below 0."""
    number = number_or(count, 0)
    return range(min(number, size), size) if number >= 0 else range(max(size + number, 0))


def cut(choose: Callable[[Value, int], range]) -> Callable[..., Array]:
    """TAKE or DROP."""

    def part(values: Any, rows: Value, columns: Value = None) -> Array:
        lines = rows_of(values)
        down, across = choose(rows, len(lines)), choose(columns, len(lines[0]))
        return some([[lines[row][column] for column in across] for row in down])

    return part


function("TAKE", wants=(ARRAY, ONE, ONE))(cut(taken))
function("DROP", wants=(ARRAY, ONE, ONE))(cut(left_over))


def chosen(across: bool) -> Callable[..., Array]:
    """CHOOSECOLS or CHOOSEROWS."""

    def part(values: Any, *numbers: Any) -> Array:
        lines = transposed(rows_of(values)) if across else rows_of(values)
        places = [to_whole(number) for argument in numbers for row in rows_of(argument) for number in row]
        if any(place == 0 or abs(place) > len(lines) for place in places):
            raise NoAnswer(ExcelError.VALUE)
        found = [lines[place - 1 if place > 0 else place] for place in places]
        return transposed(found) if across else found

    return part


function("CHOOSECOLS", wants=(ARRAY,), least=2)(chosen(across=True))
function("CHOOSEROWS", wants=(ARRAY,), least=2)(chosen(across=False))


@function("EXPAND", wants=(ARRAY, ONE, ONE, ONE), errors=True)
def expand(values: Any, rows: Value, columns: Value = None, pad: Value = ExcelError.NA) -> Array:
    """EXPAND."""
    lines = rows_of(values)
    height, width = number_or(rows, len(lines)), number_or(columns, len(lines[0]))
    if height < len(lines) or width < len(lines[0]) or height * width > MOST:
        raise NoAnswer(ExcelError.VALUE)
    wide = [[*line, *[pad] * (width - len(line))] for line in lines]
    return wide + [[pad] * width for _ in range(height - len(lines))]


# together


@function("VSTACK", wants=(ARRAY,), errors=True)
def vstack(*arrays: Any) -> Array:
    """VSTACK: narrower ones are filled with #N/A."""
    grids = [rows_of(array) for array in arrays]
    width = max(len(grid[0]) for grid in grids)
    if width * sum(map(len, grids)) > MOST:
        raise NoAnswer(ExcelError.VALUE)
    return [[*line, *[ExcelError.NA] * (width - len(line))] for grid in grids for line in grid]


@function("HSTACK", wants=(ARRAY,), errors=True)
def hstack(*arrays: Any) -> Array:
    """HSTACK: shorter ones are filled with #N/A."""
    return transposed(vstack(*(transposed(rows_of(array)) for array in arrays)))


def listed(values: Any, skip: Value, by_column: Value) -> list[Value]:
    """The elements of an array in order, optionally without blanks (1), errors (2) or both (3)."""
    way = number_or(skip, 0)
    if way not in (0, 1, 2, 3):
        raise NoAnswer(ExcelError.VALUE)
    across = by_column is not None and to_truth(by_column)
    lines = transposed(rows_of(values)) if across else rows_of(values)
    found = [value for line in lines for value in line]
    if way in (1, 3):
        found = [value for value in found if value is not None]
    return [value for value in found if way < 2 or not isinstance(value, ExcelError)]


@function("TOCOL", wants=(ARRAY, ONE, ONE))
def tocol(values: Any, skip: Value = 0.0, by_column: Value = False) -> Array:
    """TOCOL."""
    return some([[value] for value in listed(values, skip, by_column)])


@function("TOROW", wants=(ARRAY, ONE, ONE))
def torow(values: Any, skip: Value = 0.0, by_column: Value = False) -> Array:
    """TOROW."""
    return some([listed(values, skip, by_column)])


def wrapped(across: bool) -> Callable[..., Array]:
    """WRAPROWS or WRAPCOLS."""

    def part(values: Any, count: Value, pad: Value = ExcelError.NA) -> Array:
        rows, size = rows_of(values), to_whole(count)
        if len(rows) > 1 and len(rows[0]) > 1:
            raise NoAnswer(ExcelError.VALUE)
        if size < 1:
            raise NoAnswer(ExcelError.NUM)
        line = [value for row in rows for value in row]
        lines = [line[start : start + size] for start in range(0, len(line), size)]
        lines[-1] = [*lines[-1], *[pad] * (min(size, max(len(line), 1)) - len(lines[-1]) if len(lines) > 1 else 0)]
        return transposed(lines) if across else lines

    return part


function("WRAPROWS", wants=(ARRAY, ONE, ONE), errors=True)(wrapped(across=False))
function("WRAPCOLS", wants=(ARRAY, ONE, ONE), errors=True)(wrapped(across=True))
