"""What crosses a cell boundary, and how?

Every host converts its own values to these Python values and nothing more: numbers,
booleans, text, dates, `None` for a blank, `ExcelError` for an error, a list of rows
for a range. The rules are defined here, once.
"""

import contextlib
import datetime as dt
import functools
import math
import re
from collections.abc import Iterable, Sequence
from typing import Any

from roi_xl.checks import LIMITS, check_number
from roi_xl.describe import REQUIRED, Formula, Parameter, gives, headings, is_table, takes
from roi_xl.errors import CannotVectorise, ExcelError, NoAnswer, NotANumber, PassedOn, RoiError
from roi_xl.quantities import Kind
from roi_xl.text_numbers import number_in

TIME_OF_DAY = r"\d{1,2}:\d\d(?::\d\d)?(?: ?[AP]M)?"
MOMENT = re.compile(rf" *(?:\d{{4}}-\d{{1,2}}-\d{{1,2}}(?: +{TIME_OF_DAY})?|{TIME_OF_DAY}) *", re.ASCII)
"""A date as ISO 8601 has it, a time, or both: the same everywhere."""

NUMERIC_TEXT = re.compile(r"\s*([+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?)\s*(%?)\s*", re.IGNORECASE | re.ASCII)
DAY_ZERO = dt.datetime(1899, 12, 30)
ONE_DAY = dt.timedelta(days=1)


def call(formula: Formula, arguments: Sequence[Any]) -> Any:
    """What a cell shows for a function call: a value, or rows for a range or a table.

    >>> from roi_xl.catalog import CATALOG
    >>> call(CATALOG["ROI_REQUEST_SAVINGS"], [0.02, 0.012])
    0.008
    >>> str(call(CATALOG["ROI_REQUEST_SAVINGS"], ["dear", 0.012]))
    '#VALUE!'
    >>> call(CATALOG["ROI_REQUEST_SAVINGS"], [[[5], [7]], 2])
    [[3], [5]]
    """
    arguments = [single(argument) for argument in arguments]
    if any(isinstance(argument, list) for argument in arguments) and not takes_ranges(formula):
        return spread(formula, arguments)
    return one(formula, arguments)


@functools.cache
def takes_ranges(formula: Formula) -> bool:
    """Whether a formula takes ranges as a whole, and not element by element."""
    return any(parameter.quantity.kind is Kind.RANGE for parameter in takes(formula))


def single(argument: Any) -> Any:
    """A range of one cell is that cell."""
    if isinstance(argument, list) and len(argument) == 1 and len(argument[0]) == 1:
        return argument[0][0]
    return argument


def one(formula: Formula, arguments: Sequence[Any]) -> Any:
    """What a cell shows for single values: types first, then bounds, then the formula."""
    parameters = takes(formula)
    try:
        padded = [*arguments, *[None] * (len(parameters) - len(arguments))]
        values = [to_argument(cell, parameter) for cell, parameter in zip(padded, parameters, strict=True)]
        for value, parameter in zip(values, parameters, strict=True):
            if value is not parameter.default and parameter.quantity.kind is Kind.NUMBER:
                check_number(LIMITS[parameter.quantity.name], value)
        return shown(formula, formula(*values))
    except RoiError as error:
        return error.cell
    except OverflowError:
        return ExcelError.NUM


def to_argument(cell: Any, parameter: Parameter) -> Any:
    """A cell as an argument: a blank is 0, or the default of an optional argument."""
    if cell is None and parameter.default is not REQUIRED:
        return parameter.default
    if parameter.quantity.kind is not Kind.NUMBER:
        return to_range(cell) if parameter.quantity.kind is Kind.RANGE else to_text(cell)
    return to_number(cell)


def to_range(cells: Any) -> list[list[Any]]:
    """A range as rows of numbers, texts and blanks; one cell is a range of one."""
    rows = cells if isinstance(cells, list) else [[cells]]
    return [[cell if cell is None or isinstance(cell, str) else to_number(cell) for cell in row] for row in rows]


def to_text(cell: Any) -> Any:
    """A cell used as text; an error passes through."""
    if isinstance(cell, ExcelError):
        raise PassedOn(cell)
    return cell


def to_number(cell: Any) -> float:
    """A cell as a number, by Excel's rules: blank 0, TRUE 1, a date its serial number, "12" 12, "12:00" 0.5."""
    if isinstance(cell, float | int):
        return cell if type(cell) is not bool else int(cell)
    if cell is None:
        return 0
    if isinstance(cell, ExcelError):
        raise PassedOn(cell)
    if isinstance(cell, dt.date):
        return serial(cell)
    match = NUMERIC_TEXT.fullmatch(cell) if isinstance(cell, str) else None
    if match is not None:
        return float(match[1]) / (100 if match[2] else 1)
    with contextlib.suppress(NoAnswer):
        if isinstance(cell, str) and MOMENT.fullmatch(cell):
            return number_in(cell)
    raise NotANumber(f"a cell must hold a number, got {cell!r}")


def as_excel_reads(formula: Formula, arguments: Sequence[Any]) -> list[Any]:
    """Arguments whose texts are numbers to Excel in the United States, as those numbers: for its own engine.

    Elsewhere a comma or a slash means something else, so that no other host takes such text for a number.

    >>> from roi_xl.functions.savings import request_savings
    >>> as_excel_reads(request_savings, ["$1,000", [["Jan-2024"], ["dear"]]])
    [1000.0, [[45292.0], ['dear']]]
    """
    kinds = (parameter.quantity.kind for parameter in takes(formula))
    return [read(given) if kind is Kind.NUMBER else given for kind, given in zip(kinds, arguments, strict=False)]


def read(given: Any) -> Any:
    """A cell or a range with the numbers of its texts, where they read as any."""
    if isinstance(given, list):
        return [[read(cell) for cell in row] for row in given]
    if isinstance(given, str) and given.isascii():
        with contextlib.suppress(NoAnswer, CannotVectorise):
            return number_in(given)
    return given


def serial(date: dt.date) -> float:
    """The serial number of a date or a date with time, days since 1899-12-30."""
    moment = date if isinstance(date, dt.datetime) else dt.datetime(date.year, date.month, date.day)
    return (moment.replace(tzinfo=None) - DAY_ZERO) / ONE_DAY


def shown(formula: Formula, result: Any) -> Any:
    """A result as cells show it: never is #N/A, undefined #DIV/0!, a table rows."""
    if type(result) is float and -math.inf < result < math.inf:
        return result
    if isinstance(result, list):
        return table_shown(formula, result)
    if isinstance(result, str) or -math.inf < result < math.inf:
        return result
    if math.isnan(result):
        return ExcelError.NUM if gives(formula).may_have_no_solution else ExcelError.DIV0
    return ExcelError.NA if gives(formula).may_be_never else ExcelError.NUM


def table_shown(formula: Formula, table: list[Any]) -> list[list[Any]]:
    """A table as rows of cells, its headings first; an empty one without headings is undefined."""
    top = headings(formula)
    rows = [row if isinstance(row, tuple) else (row,) for row in table]
    if not rows and not top:
        rows = [(math.nan,)]
    return [*([list(top)] if top else []), *([shown(formula, value) for value in row] for row in rows)]


def spread(formula: Formula, arguments: Sequence[Any]) -> list[list[Any]]:
    """Element by element over ranges, as dynamic arrays do; cells beyond a range are #N/A."""
    if is_table(formula):
        return [[ExcelError.VALUE]]
    ranges = [argument if isinstance(argument, list) else [[argument]] for argument in arguments]
    height = max(len(rows) for rows in ranges)
    width = max(len(rows[0]) for rows in ranges)
    quick = numbers_at_once(formula, ranges, height, width)
    if quick is not None:
        return [quick[start : start + width] for start in range(0, len(quick), width)]
    return [
        [one(formula, [element(rows, row, column) for rows in ranges]) for column in range(width)]
        for row in range(height)
    ]


def numbers_at_once(formula: Formula, ranges: Sequence[list[list[Any]]], height: int, width: int) -> list[Any] | None:
    """The results for ranges of plain numbers within bounds, or None if any cell needs a closer look."""
    columns: list[Iterable[float]] = []
    for parameter, rows in zip(takes(formula), ranges, strict=False):
        values = [cell for row in rows for cell in row]
        if not set(map(type, values)) <= {float, int} or len(values) != len(rows) * len(rows[0]):
            return None
        limits = LIMITS[parameter.quantity.name]
        if not limits.low <= min(values) <= max(values) <= limits.high:
            return None
        if len(rows) not in (1, height) or len(rows[0]) not in (1, width):
            return None
        wide = values if len(rows[0]) == width else [value for value in values for _ in range(width)]
        columns.append(wide if len(rows) == height else wide * height)
    try:
        results = map(formula, *columns)
        return [value if type(value) is float and math.isfinite(value) else shown(formula, value) for value in results]
    except (OverflowError, RoiError):
        return None


def element(rows: list[list[Any]], row: int, column: int) -> Any:
    """The cell of a range at a position: a single row or column repeats, beyond it is #N/A."""
    if len(rows) == 1:
        row = 0
    if len(rows[0]) == 1:
        column = 0
    if row < len(rows) and column < len(rows[0]):
        return rows[row][column]
    return ExcelError.NA
