"""The functions in xlwings Lite: Excel on Windows, macOS and the web, with Python in the browser.

A cell arrives as a list of rows, an error as its text; an error text that is returned
becomes a real error there.
"""

from typing import Any

from roi_xl import cells
from roi_xl.catalog import CATALOG
from roi_xl.errors import EXCEL_ERRORS, ExcelError


def answer(name: str, *arguments: Any) -> Any:
    """What a cell shows for a function of the catalog.

    >>> answer("ROI_REQUEST_SAVINGS", [[0.02]], [[0.012]])
    0.008
    >>> answer("ROI_REQUEST_SAVINGS", [[0.02], ["#N/A"]], [[0.012]])
    [[0.008], ['#N/A']]
    """
    return to_lite(cells.call(CATALOG[name], [from_lite(argument) for argument in arguments]))


def from_lite(value: Any) -> Any:
    """A value as xlwings Lite hands it over, as a cell value."""
    if isinstance(value, list):
        return [[from_lite(cell) for cell in row] for row in value]
    return EXCEL_ERRORS.get(value, value) if isinstance(value, str) else value


def to_lite(value: Any) -> Any:
    """A cell value as xlwings Lite takes it."""
    if isinstance(value, list):
        return [[to_lite(cell) for cell in row] for row in value]
    return str(value) if isinstance(value, ExcelError) else value
