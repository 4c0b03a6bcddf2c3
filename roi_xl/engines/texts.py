"""How long may a text become, or how large an array? As Excel's; the engine knows no end to some of them."""

from collections.abc import Callable
from typing import Any

from roi_xl.errors import NO_SENSE, CannotVectorise, ExcelError, NoAnswer
from roi_xl.excel import lifting
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


def by_ours(name: str) -> Callable[..., Any]:
    """One of Excel's functions by ours, as the engine calls it."""

    def called(*handed: Any) -> Any:
        try:
            return to_engine(lifting.answer(name, *map(from_engine, handed)))
        except (CannotVectorise, *NO_SENSE):
            return to_engine(ExcelError.VALUE)

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
