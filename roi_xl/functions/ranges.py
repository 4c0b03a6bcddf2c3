"""What does a whole range of cells hold?

A range is a list of rows of cell values; in Python also a sequence of rows, a data frame's
values, or a plain sequence where one row or column is meant.
"""

from collections.abc import Iterable, Sequence
from typing import Any, TypeAlias

from roi_xl.checks import LIMITS, check_number
from roi_xl.errors import NotANumber, UnknownName, WrongShape
from roi_xl.functions.ledger import Program
from roi_xl.quantities import INPUTS, MODEL_INPUTS, PROGRAM, Quantity

Range: TypeAlias = Any
"""A range of cells: rows of numbers, texts and blanks."""


def is_rows(values: Any) -> bool:
    """Whether a value is a row or rows of cells, not a single cell."""
    return isinstance(values, Iterable) and not isinstance(values, str | bytes)


def listed(values: Any, quantity: Quantity) -> list[Any]:
    """A sequence as a list, with plain Python numbers."""
    values = values.to_numpy() if hasattr(values, "to_numpy") else values
    values = values.tolist() if hasattr(values, "tolist") else values
    if not is_rows(values):
        raise WrongShape(f"{quantity.name} must be a range, a list or a data frame, got {values!r}")
    return list(values)


def in_rows(values: Range, quantity: Quantity) -> list[list[Any]]:
    """The rows of a range that are not blank."""
    rows = [listed(row, quantity) for row in listed(values, quantity)]
    return [row for row in rows if any(cell not in (None, "") for cell in row)]


def in_line(values: Range, quantity: Quantity) -> list[Any]:
    """The cells of a single row or column, in order."""
    flat: list[Any] = []
    for cell in listed(values, quantity):
        flat += listed(cell, quantity) if is_rows(cell) else [cell]
    return flat


def number(quantity: Quantity, value: Any, where: str = "") -> float:
    """A cell as a number of this quantity; a blank is the quantity's default, or 0."""
    if value is None or value == "":
        return quantity.default or 0 if quantity in PROGRAM else 0
    if not isinstance(value, int | float):
        raise NotANumber(f"{quantity.name}{where} must be a number, got {value!r}")
    check_number(LIMITS[quantity.name], value)
    return value


def program_of(values: Range, quantity: Quantity) -> Program:
    """The inputs in a row or a column, in the usual order; those left out at the end keep their defaults."""
    cells = in_line(values, quantity)
    if not len(INPUTS) <= len(cells) <= len(MODEL_INPUTS):
        raise WrongShape(f"{quantity.name} must have {len(INPUTS)} to {len(MODEL_INPUTS)} cells, got {len(cells)}")
    return Program(*(number(known, cell) for known, cell in zip(MODEL_INPUTS, cells, strict=False)))


def one_of(known: Sequence[str], text: Any, what: str) -> str:
    """The known word that a text spells, ignoring case."""
    wanted = str(text).strip().casefold()
    for word in known:
        if word.casefold() == wanted:
            return word
    raise UnknownName(f"{what} must be one of {', '.join(known)}, got {text!r}")
