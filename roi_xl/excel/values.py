"""What is a cell's value in many scenarios at once?

A value that is the same in all of them is a plain cell value. Otherwise it is a vector: an
array of numbers, with a tag for each where some are no numbers. An error is a value too.
"""

import math
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np

from roi_xl.errors import CannotVectorise as CannotVectorise
from roi_xl.errors import ExcelError, NoAnswer
from roi_xl.excel.coercion import to_number
from roi_xl.xlsx.addresses import Area
from roi_xl.xlsx.sheet_cells import Value

Array: TypeAlias = np.ndarray[Any, Any]

NUMBER, LOGICAL, BLANK, TEXT, FIRST_ERROR = range(5)
ERRORS = tuple(ExcelError)
TAGS = {error: FIRST_ERROR + place for place, error in enumerate(ERRORS)}
"""The tag of each error."""


@dataclass(frozen=True, slots=True)
class Vector:
    """One value for each scenario; without tags all are numbers, or logical where the array is of booleans.

    A text is its place in the table of texts.
    """

    values: Array
    tags: Array | None = None


Column: TypeAlias = Value | Vector
"""A cell in all scenarios."""


@dataclass(frozen=True)
class Grid:
    """A range, or what a formula makes of one, cell by cell; a range of the workbook says where it is."""

    rows: Sequence[Sequence[Column]]
    area: Area | None = None

    @property
    def cells(self) -> list[Column]:
        """Every cell, row by row."""
        return [cell for row in self.rows for cell in row]

    @property
    def size(self) -> tuple[int, int]:
        """How many rows and columns it has."""
        return len(self.rows), len(self.rows[0])

    @property
    def vector(self) -> Vector:
        """Its plain values, row by row; kept unless texts are among them, whose numbers are used again."""
        kept: Vector | None = self.__dict__.get("kept")
        if kept is None:
            kept = from_plain(self.cells)  # type: ignore[arg-type]
            if kept.tags is None or not (kept.tags == TEXT).any():
                self.__dict__["kept"] = kept
        return kept


class Block(Grid):
    """What an operation makes of a whole array: one vector, cut into rows only where they are asked for."""

    def __init__(self, vector: Vector, height: int, width: int) -> None:
        self.__dict__.update(kept=vector, shape=(height, width), area=None)

    @cached_property
    def rows(self) -> list[list[Column]]:
        """Its rows, of plain values."""
        cells, width = self.cells, self.size[1]
        return [cells[start : start + width] for start in range(0, len(cells), width)]

    @property
    def cells(self) -> list[Column]:
        """Every plain value, row by row."""
        return list(plain_values(self.vector))

    @property
    def size(self) -> tuple[int, int]:
        """How many rows and columns it has."""
        found: tuple[int, int] = self.__dict__["shape"]
        return found


class Texts(threading.local):
    """The texts of a run, each once."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Forget all of them."""
        self.all: list[str] = []
        self.places: dict[str, int] = {}
        self.order: Array | None = None

    def place(self, text: str) -> int:
        """The index of a text, added if new."""
        if text not in self.places:
            self.places[text] = len(self.all)
            self.all.append(text)
        return self.places[text]


TEXTS = Texts()


def tag_of(value: Value) -> int:
    """What kind of value a plain one is."""
    if isinstance(value, bool):
        return LOGICAL
    if isinstance(value, str):
        return TEXT
    if isinstance(value, ExcelError):
        return TAGS[value]
    return BLANK if value is None else NUMBER


def number_behind(value: Value) -> float:
    """The array element for a plain value."""
    if isinstance(value, str):
        return TEXTS.place(value)
    return float(value) if isinstance(value, int | float) else 0.0


def plain(vector: Vector, place: int) -> Value:
    """The value of one scenario."""
    number = vector.values[place].item()
    if vector.tags is None:
        return number if isinstance(number, bool) else number_or_error(number)
    tag = int(vector.tags[place])
    if tag >= FIRST_ERROR:
        return ERRORS[tag - FIRST_ERROR]
    return {LOGICAL: bool(number), BLANK: None, TEXT: TEXTS.all[int(number)] if tag == TEXT else ""}.get(
        tag, number_or_error(number)
    )


def number_or_error(number: float) -> Value:
    """A number as a cell shows it."""
    return float(number) if math.isfinite(number) else ExcelError.NUM


def plain_values(vector: Vector) -> list[Value]:
    """The value of every scenario."""
    if vector.tags is None and (vector.values.dtype == bool or np.isfinite(vector.values).all()):
        found: list[Value] = vector.values.tolist()
        return found
    return [plain(vector, place) for place in range(len(vector.values))]


def from_plain(values: Sequence[Value]) -> Vector:
    """Plain values of scenarios as one vector."""
    if set(map(type, values)) == {float}:
        return Vector(np.array(values, float))
    tags = np.array([tag_of(value) for value in values], np.uint8)
    array = np.array([number_behind(value) for value in values], float)
    return Vector(array) if not tags.any() else Vector(array, tags)


def tags_of(vector: Vector) -> Array:
    """The tag of each scenario."""
    if vector.tags is not None:
        return vector.tags
    return np.full(vector.values.shape, LOGICAL if vector.values.dtype == bool else NUMBER, np.uint8)


def settled(column: Column) -> Column:
    """The same with non-finite numbers as errors."""
    if not isinstance(column, Vector) or column.values.dtype == bool:
        return column
    wrong = ~np.isfinite(column.values)
    if not wrong.any():
        return column
    tags = tags_of(column).copy()
    tags[wrong & (tags == NUMBER)] = TAGS[ExcelError.NUM]
    return Vector(np.where(wrong, 0.0, column.values), tags)


Numbers: TypeAlias = "tuple[Any, Any]"
"""Numbers, an array or one; and the tags of errors among them, an array, one, or 0."""


def numbers(column: Column) -> Numbers:
    """A column as numbers: logical values 1 or 0, blanks 0, text as a number or #VALUE!."""
    if not isinstance(column, Vector):
        return plain_number(column)
    values = column.values.astype(float) if column.values.dtype == bool else column.values
    if column.tags is None:
        return values, 0
    tags = column.tags
    errors = np.where(tags >= FIRST_ERROR, tags, 0).astype(np.uint8)
    texts = tags == TEXT
    if texts.any():
        values, errors = values.copy(), errors.copy()
        for place in np.unique(values[texts]):
            number, error = plain_number(TEXTS.all[int(place)])
            here = texts & (column.values == place)
            values[here], errors[here] = number, error
    return values, errors if errors.any() else 0


def plain_number(value: Value) -> tuple[float, int]:
    """A plain value as a number, or the tag of its error."""
    if type(value) is float:
        return value, 0
    try:
        return to_number(value), 0
    except NoAnswer as none:
        return 0.0, TAGS[none.error]


def first_error(*errors: Any) -> Any:
    """The tags of the first error of several, scenario by scenario."""
    found: Any = 0
    for error in errors:
        if isinstance(error, int):
            if error:
                found = np.where(found == 0, error, found) if not isinstance(found, int) else found or error
        else:
            found = error if isinstance(found, int) and not found else np.where(found == 0, error, found)
    return found


def made(values: Any, errors: Any) -> Column:
    """Numbers with their errors as a column."""
    if isinstance(errors, int):
        if errors:
            return ERRORS[errors - FIRST_ERROR]
        return Vector(values) if isinstance(values, np.ndarray) else float(values)
    errors = errors.astype(np.uint8)
    if not errors.any():
        return Vector(np.broadcast_to(values, errors.shape).astype(float))
    return Vector(np.where(errors == 0, values, 0.0), errors)


def flags(values: Any, errors: Any) -> Column:
    """Truths with their errors as a column."""
    if isinstance(errors, int):
        if errors:
            return ERRORS[errors - FIRST_ERROR]
        return Vector(values) if isinstance(values, np.ndarray) else bool(values)
    errors = errors.astype(np.uint8)
    return Vector(
        np.where(errors == 0, values, 0.0).astype(float), np.where(errors == 0, LOGICAL, errors).astype(np.uint8)
    )


def truth(column: Column) -> Numbers:
    """A column as a condition: true, false, or an error; other text is #VALUE!."""
    if isinstance(column, Vector) and column.values.dtype == bool:
        return column.values, 0
    if isinstance(column, str) and column.upper() in ("TRUE", "FALSE"):
        return column.upper() == "TRUE", 0
    if isinstance(column, str):
        return False, TAGS[ExcelError.VALUE]
    values, errors = numbers(column)
    if isinstance(column, Vector) and column.tags is not None and (column.tags == TEXT).any():
        return said_truth(column, column.tags == TEXT, values != 0, errors)
    return values != 0, errors


def said_truth(column: Vector, texts: Array, values: Any, errors: Any) -> Numbers:
    """Conditions some of which are texts: TRUE and FALSE count, any other text is #VALUE!."""
    words = [TEXTS.all[int(place)].upper() for place in column.values[texts]]
    values, errors = values.copy(), errors + np.zeros(texts.shape, np.uint8)
    values[texts] = [word == "TRUE" for word in words]
    errors[texts] = [0 if word in ("TRUE", "FALSE") else TAGS[ExcelError.VALUE] for word in words]
    return values, errors if errors.any() else 0


def either(condition: Any, yes: Column, no: Column) -> Column:
    """One of two columns, scenario by scenario."""
    if not isinstance(condition, np.ndarray):
        return yes if condition else no
    yes, no = (0.0 if column is None else column for column in (yes, no))
    if is_number(yes) and is_number(no):
        return Vector(np.where(condition, behind(yes), behind(no)))
    if is_flag(yes) and is_flag(no):
        return Vector(np.where(condition, behind(yes), behind(no)).astype(bool))
    tags = np.where(condition, tagged(yes), tagged(no)).astype(np.uint8)
    return Vector(np.where(condition, behind(yes), behind(no)).astype(float), tags)


def is_number(column: Column) -> bool:
    """Whether every scenario has a number."""
    if isinstance(column, Vector):
        return column.tags is None and column.values.dtype != bool
    return isinstance(column, int | float) and not isinstance(column, bool)


def is_flag(column: Column) -> bool:
    """Whether every scenario is true or false."""
    return isinstance(column, bool) or (
        isinstance(column, Vector) and column.tags is None and column.values.dtype == bool
    )


def behind(column: Column) -> Any:
    """What stands in the array."""
    return column.values if isinstance(column, Vector) else number_behind(column)


def tagged(column: Column) -> Any:
    """The tags, or the one tag."""
    return tags_of(column) if isinstance(column, Vector) else tag_of(column)


# one scenario of many


def size_of(argument: Any) -> int:
    """How many scenarios an argument has; 0 where it is the same in all of them."""
    if isinstance(argument, Vector):
        return len(argument.values)
    if isinstance(argument, Grid):
        return 0 if isinstance(argument, Block) else max(map(size_of, argument.cells), default=0)
    return 0


def in_scenario(argument: Any, case: int) -> Any:
    """An argument's value in one scenario: a plain value or a grid."""
    if isinstance(argument, Vector):
        return plain(argument, case)
    if isinstance(argument, Grid):
        return Grid([[in_scenario(cell, case) for cell in row] for row in argument.rows])
    return argument
