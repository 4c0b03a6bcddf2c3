"""What do Excel's functions give that look a value up?"""

from collections.abc import Sequence
from typing import Any

from roi_xl.errors import CannotVectorise, ExcelError, NoAnswer
from roi_xl.excel.coercion import to_number, to_text, to_truth, to_whole
from roi_xl.excel.ordering import first_same, in_order, nearest, searched
from roi_xl.excel.registry import ARRAY, ONE, RANGE, function
from roi_xl.xlsx.addresses import LAST_COLUMN, LAST_ROW, column_letters
from roi_xl.xlsx.sheet_cells import Value


def line_of(rows: Any, wider: ExcelError = ExcelError.NA) -> list[Value]:
    """The values of a single row or column; anything wider is an error."""
    if not isinstance(rows, list):
        return [rows]
    if len(rows) > 1 and len(rows[0]) > 1:
        raise NoAnswer(wider)
    return [value for row in rows for value in row]


def rows_of(value: Any) -> list[list[Value]]:
    """A range, or one value as a range of one."""
    return value if isinstance(value, list) else [[value]]


def found(place: int | None) -> int:
    """A place; #N/A where there is none."""
    if place is None:
        raise NoAnswer(ExcelError.NA)
    return place


def checked(value: Value) -> Value:
    """A value that is looked up: a blank is 0, an error is the answer."""
    if isinstance(value, ExcelError):
        raise NoAnswer(value)
    return 0.0 if value is None else value


@function("MATCH", wants=(ONE, RANGE, ONE))
def match(wanted: Value, values: Any, mode: Value = 1.0) -> float:
    """MATCH: the same value (0), or by halving the last that is not above (1) or below (-1) it."""
    way = 0.0 if mode is None else to_number(mode)
    line = line_of(values)
    if way == 0:
        return float(found(first_same(checked(wanted), line, wild=True)) + 1)
    return float(found(searched(checked(wanted), line, falling=way < 0)) + 1)


@function("XMATCH", wants=(ONE, ARRAY, ONE))
def xmatch(wanted: Value, values: Any, mode: Value = 0.0, search: Value = 1.0) -> float:
    """XMATCH: the same value (0), else the next smaller (-1) or larger (1), or by wildcards (2)."""
    return float(found(place_of(checked(wanted), line_of(values, ExcelError.VALUE), mode, search)) + 1)


def place_of(wanted: Value, line: Sequence[Value], mode: Value, search: Value) -> int | None:
    """The place of a value by XLOOKUP's modes."""
    way, order = (usual if value is None else to_whole(value) for value, usual in ((mode, 0), (search, 1)))
    if way == 3:
        raise CannotVectorise("a lookup by a regular expression")
    if way not in (-1, 0, 1, 2) or order not in (-2, -1, 1, 2) or (way == 2 and abs(order) == 2):
        raise NoAnswer(ExcelError.VALUE)
    if abs(order) == 2:
        return in_order(wanted, line, way=way, falling=order < 0)
    if way == 0 or way == 2:
        return first_same(wanted, line, wild=way == 2, backwards=order == -1)
    return nearest(wanted, line, larger=way == 1, backwards=order == -1)


def blank_in(line: Sequence[Value], mode: Value, search: Value) -> int | None:
    """The place of a blank: what XLOOKUP gives that is asked for one, or for nothing."""
    if mode not in (None, 0) or search not in (None, 1, -1):
        raise CannotVectorise("XLOOKUP of a blank, by order")
    if None not in line and 0 in line:
        raise CannotVectorise("XLOOKUP of a blank among zeros")
    return first_same(None, line, backwards=search == -1)


@function("XLOOKUP", wants=(ONE, ARRAY, ARRAY, ONE), errors=True)
def xlookup(
    wanted: Value, keys: Any, results: Any, otherwise: Value = None, mode: Value = 0.0, search: Value = 1.0
) -> Any:
    """XLOOKUP: the result beside a key; a whole row or column of results if there are several."""
    for given in (wanted, keys, results):
        if isinstance(given, ExcelError):
            raise NoAnswer(given)
    rows, line = rows_of(results), line_of(keys, ExcelError.VALUE)
    place = blank_in(line, mode, search) if wanted is None else place_of(checked(wanted), line, mode, search)
    down = len(rows_of(keys)[0]) == 1
    if len(line) != (len(rows) if down else len(rows[0])):
        raise NoAnswer(ExcelError.VALUE)
    if place is None:
        if otherwise is None:
            raise NoAnswer(ExcelError.NA)
        return otherwise
    cells = [rows[place]] if down else [[row[place]] for row in rows]
    return cells if len(cells) > 1 or len(cells[0]) > 1 else cells[0][0]


@function("LOOKUP", wants=(ONE, ARRAY, ARRAY))
def lookup(wanted: Value, keys: Any, results: Any = None) -> Value:
    """LOOKUP: by halving; of a wide array the first row is searched, of a high one the first column."""
    rows = rows_of(keys)
    if results is not None:
        line, answers = line_of(keys), line_of(results)
    elif len(rows[0]) > len(rows):
        line, answers = rows[0], rows[-1]
    else:
        line, answers = [row[0] for row in rows], [row[-1] for row in rows]
    place = found(searched(checked(wanted), line))
    if place >= len(answers):
        raise CannotVectorise("LOOKUP whose results are fewer than its keys")
    return 0.0 if answers[place] is None else answers[place]


def beside(across: bool) -> Any:
    """VLOOKUP or HLOOKUP."""

    def looked_up(wanted: Value, table: Any, number: Value, near: Value = True) -> Value:
        if isinstance(table, str):
            raise NoAnswer(ExcelError.VALUE)
        rows = rows_of(table)
        lines = [list(line) for line in zip(*rows, strict=True)] if across else rows
        place = to_whole(number)
        if place < 1:
            raise NoAnswer(ExcelError.VALUE)
        if place > len(lines[0]):
            raise NoAnswer(ExcelError.REF)
        keys = [line[0] for line in lines]
        is_near = True if near is None else to_truth(near)
        if near is None:
            is_near = False
        row = searched(checked(wanted), keys) if is_near else first_same(checked(wanted), keys, wild=True)
        value = lines[found(row)][place - 1]
        return 0.0 if value is None else value

    return looked_up


function("VLOOKUP", wants=(ONE, RANGE, ONE, ONE))(beside(across=False))
function("HLOOKUP", wants=(ONE, RANGE, ONE, ONE))(beside(across=True))


@function("INDEX", wants=(ARRAY, ONE, ONE))
def index(values: Any, row: Value, column: Value = None) -> Any:
    """INDEX: a cell; a whole row or column for 0; of a single line the only number counts along it."""
    rows = rows_of(values)
    down, across = (0 if value is None else to_whole(value) for value in (row, column))
    if column is None and len(rows) == 1:
        down, across = (1 if down else 0), down
    if down < 0 or across < 0:
        raise NoAnswer(ExcelError.VALUE)
    if down > len(rows) or across > len(rows[0]):
        raise NoAnswer(ExcelError.REF)
    cut = [rows[down - 1]] if down else rows
    cells = [[line[across - 1]] if across else list(line) for line in cut]
    return cells if len(cells) > 1 or len(cells[0]) > 1 else cells[0][0]


@function("ADDRESS")
def address(row: Value, column: Value, kind: Value = 1.0, a1: Value = True, sheet: Value = None) -> str:
    """ADDRESS: the text of a reference."""
    down, across, fixed = to_whole(row), to_whole(column), 1 if kind is None else to_whole(kind)
    if not 1 <= down <= LAST_ROW or not 1 <= across <= LAST_COLUMN or not 1 <= fixed <= 4:
        raise NoAnswer(ExcelError.VALUE)
    row_fixed, column_fixed = fixed in (1, 2), fixed in (1, 3)
    if a1 is None or to_truth(a1):
        text = f"{'$' * column_fixed}{column_letters(across)}{'$' * row_fixed}{down}"
    else:
        text = f"R{down if row_fixed else f'[{down}]'}C{across if column_fixed else f'[{across}]'}"
    return text if sheet is None else f"{quoted(to_text(sheet))}!{text}"


def quoted(sheet: str) -> str:
    """A sheet's name, in apostrophes where it needs them."""
    plain = sheet.replace("_", "a").isalnum() and not sheet[:1].isdigit()
    doubled = sheet.replace("'", "''")
    return sheet if plain or not sheet else f"'{doubled}'"


@function("TRANSPOSE", wants=(ARRAY,))
def transpose(values: Any) -> Any:
    """TRANSPOSE."""
    return [list(line) for line in zip(*rows_of(values), strict=True)]


@function("AREAS", wants=(RANGE,))
def areas(values: Any) -> float:
    """AREAS, of one range."""
    return 1.0
