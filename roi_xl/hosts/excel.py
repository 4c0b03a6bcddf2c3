"""The functions in Excel on the desktop, as xlwings user-defined functions.

Put `roi_xl.udfs` into xlwings' "UDF Modules" setting. A function takes single cells or
ranges; a range is answered in one call, element by element, and spills.
"""

import inspect
from typing import Any

import xlwings

from roi_xl import cells
from roi_xl.catalog import CATALOG
from roi_xl.describe import Formula, Parameter, summary, takes
from roi_xl.errors import EXCEL_ERRORS, ExcelError
from roi_xl.hosts.examples import example

CATEGORY = "ROI"
LONGEST_HELP = 255
FIRST_CODE = -2146828288
ERROR_CODES = {
    ExcelError.NULL: 2000,
    ExcelError.DIV0: 2007,
    ExcelError.VALUE: 2015,
    ExcelError.REF: 2023,
    ExcelError.NAME: 2029,
    ExcelError.NUM: 2036,
    ExcelError.NA: 2042,
    ExcelError.GETTING_DATA: 2043,
    ExcelError.SPILL: 2045,
    ExcelError.CALC: 2050,
}
"""Excel's own number of each error: what CVErr takes."""

ERRORS_BY_CODE = {FIRST_CODE + code: error for error, code in ERROR_CODES.items()}


def from_excel(value: Any) -> Any:
    """A value from Excel as a cell value: rows are tuples, an error is its code.

    Values arrive raw, because xlwings' own conversion turns empty text into a blank.
    """
    if isinstance(value, tuple | list):
        return [[from_excel(cell) for cell in row] for row in value]
    return ERRORS_BY_CODE.get(value, value) if type(value) is int else value


def to_excel(value: Any) -> Any:
    """A cell value for xlwings: an error as its text, which VBA turns into an error."""
    if isinstance(value, list):
        return [[to_excel(cell) for cell in row] for row in value]
    return str(value) if isinstance(value, ExcelError) else value


def argument_help(parameter: Parameter) -> str:
    """An argument's help in the function wizard."""
    return f"{parameter.quantity.help()}{parameter.note()}"[:LONGEST_HELP]


def signature(formula: Formula) -> inspect.Signature:
    """The arguments by name; an omitted optional one arrives as a blank."""
    return inspect.Signature(
        [
            inspect.Parameter(
                parameter.quantity.name,
                inspect.Parameter.POSITIONAL_OR_KEYWORD,
                default=None if parameter.optional else inspect.Parameter.empty,
            )
            for parameter in takes(formula)
        ]
    )


def user_defined(name: str, formula: Formula) -> Any:
    """A catalog function as xlwings exposes it."""

    def udf(*arguments: Any) -> Any:
        return to_excel(cells.call(formula, [from_excel(argument) for argument in arguments]))

    udf.__name__ = udf.__qualname__ = name
    udf.__doc__ = summary(formula)
    udf.__signature__ = signature(formula)  # type: ignore[attr-defined]
    exposed: Any = udf
    for parameter in takes(formula):
        exposed = xlwings.arg(parameter.quantity.name, "raw", doc=argument_help(parameter))(exposed)
    return xlwings.func(category=CATEGORY)(exposed)


def trial(name: str) -> str:
    """What is wrong with a call as xlwings' server makes it for Excel, compared with ours; nothing if it is well."""
    from xlwings import udfs  # there on Windows only

    arguments = example(name)
    expected = to_excel(cells.call(CATALOG[name], arguments))
    if isinstance(expected, str) and expected in EXCEL_ERRORS:
        return f"gives {expected}"
    try:
        got: Any = udfs.call_udf("roi_xl.udfs", name, list(map(as_com, arguments)))  # type: ignore[no-untyped-call]
    except Exception as error:  # whatever xlwings, pywin32 or the settings may raise
        return f"{type(error).__name__}: {error}"
    return "" if table_of(got) == table_of(expected) else f"gives {got!r}, and not {expected!r}"


def as_com(value: Any) -> Any:
    """A cell or a range as Excel hands it over."""
    return tuple(map(tuple, value)) if isinstance(value, list) else value


def table_of(value: Any) -> list[Any]:
    """A result as rows, whichever way its rows are kept."""
    rows = value if isinstance(value, list | tuple) else [value]
    return [list(row) if isinstance(row, list | tuple) else [row] for row in rows]


UDFS = {name: user_defined(name, formula) for name, formula in CATALOG.items()}
"""Every function by its Excel name."""
