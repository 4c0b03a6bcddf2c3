"""The functions in xlwings Lite: Excel on Windows, macOS and the web, with Python in the browser.

A range arrives as a list of rows, a cell as its value, an error as its text; a returned error
text becomes a real error.
"""

from typing import Any

from roi_xl import cells
from roi_xl.catalog import CATALOG
from roi_xl.errors import EXCEL_ERRORS, ExcelError


def answer(name: str, *arguments: Any) -> Any:
    """What a cell shows for a catalog function.

    >>> answer("ROI_REQUEST_SAVINGS", [[0.02]], [[0.012]])
    0.008
    >>> answer("ROI_REQUEST_SAVINGS", [[0.02], ["#N/A"]], [[0.012]])
    [[0.008], ['#N/A']]
    """
    return to_lite(cells.call(CATALOG[name], [from_lite(argument) for argument in arguments]))


def from_lite(value: Any) -> Any:
    """A value from xlwings Lite as a cell value: a row is a list, a blank may be a JsNull.

    >>> from_lite([1, "#N/A"])
    [[1, <ExcelError.NA: '#N/A'>]]
    """
    if isinstance(value, list):
        rows = value if value and isinstance(value[0], list) else [value]
        return [[from_lite(cell) for cell in row] for row in rows]
    if isinstance(value, str):
        return EXCEL_ERRORS.get(value, value)
    return None if type(value).__name__ == "JsNull" else value


def to_lite(value: Any) -> Any:
    """A cell value for xlwings Lite."""
    if isinstance(value, list):
        return [[to_lite(cell) for cell in row] for row in value]
    return str(value) if isinstance(value, ExcelError) else value
