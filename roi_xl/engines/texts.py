"""How long may a text become? As long as Excel's; the engine knows no end to some of them."""

from collections.abc import Callable
from typing import Any

from roi_xl.errors import ExcelError, NoAnswer
from roi_xl.excel.lifting import element
from roi_xl.excel.text import concatenate, substitute
from roi_xl.hosts.headless import from_engine, to_engine

ENDLESS: dict[str, Callable[..., Any]] = {"SUBSTITUTE": substitute, "CONCATENATE": concatenate}
"""Functions that multiply texts, by ours, which end where Excel's do."""


def ended(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function of single values as the engine calls it, element by element where it is given ranges."""

    def called(*handed: Any) -> Any:
        given = [value if isinstance(value, list) else [[value]] for value in map(from_engine, handed)]
        height, width = max(map(len, given)), max(len(rows[0]) for rows in given)
        found = [
            [answer(function, [element(rows, row, column) for rows in given]) for column in range(width)]
            for row in range(height)
        ]
        return to_engine(found if any(isinstance(value, list) for value in handed) else found[0][0])

    return called


def answer(function: Callable[..., Any], values: list[Any]) -> Any:
    """A function of single values; an error among them is the answer."""
    error = next((value for value in values if isinstance(value, ExcelError)), None)
    if error is not None:
        return error
    try:
        return function(*values)
    except NoAnswer as none:
        return none.error
