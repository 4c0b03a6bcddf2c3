"""Where do the cells and formulas of a sheet stand? Told of all of them at once.

Programs write nearly every cell in one way: the address first, no white space between
elements. Such cells are read from the bytes as arrays; the others are left to the patterns
of `sheet_cells`, which know every way.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np

Array: TypeAlias = "np.ndarray[Any, Any]"

PADDING = b"<" * 16
"""What follows a sheet's bytes, so that a look ahead never leaves them: tags that begin beyond the end."""

LARGEST = 2**28
"""The bytes of a sheet of which all tags are held in memory."""

AFTER_NAME = np.frombuffer(b" \t\n\r\f\v/>", np.uint8)
CELL, ROW = b'<c r="', b'<row r="'
MOST_LETTERS, MOST_DIGITS = 3, 7


@dataclass(frozen=True)
class Openings:
    """The cells of formulas whose elements have no prefix, in arrays.

    Attributes:
        rows: 0 where a cell is written in another way; then only its start is known.
        columns: the columns.
        starts: where the cells begin.
        attributes: where what follows the address begins.
        formulas: where their formulas begin.
        heads: where their formulas end.
        ends: where their values end.
        stored: whether they have a value.
    """

    rows: Array
    columns: Array
    starts: Array
    attributes: Array
    formulas: Array
    heads: Array
    ends: Array
    stored: Array


@dataclass(frozen=True)
class Layout:
    """A sheet's bytes, and where each of its tags begins."""

    sheet: bytes

    @cached_property
    def data(self) -> Array:
        """The bytes as numbers."""
        return np.frombuffer(self.sheet + PADDING, np.uint8)

    @cached_property
    def tags(self) -> Array:
        """Where each tag begins, those beyond the end among them."""
        return np.flatnonzero(self.data == ord("<"))

    def of_kind(self, name: bytes) -> Array:
        """Which of the tags open elements of a name."""
        tags = self.tags[: -len(PADDING)]
        found = np.flatnonzero(self.data[tags + 1] == name[0])
        for distance, letter in enumerate(name[1:], 2):
            found = found[self.data[tags[found] + distance] == letter]
        return found[np.isin(self.data[tags[found] + len(name) + 1], AFTER_NAME)]

    def says(self, places: Array, text: bytes) -> Array:
        """Where the bytes from some places on are a text."""
        found = np.ones(len(places), bool)
        for distance, letter in enumerate(text):
            found &= self.data[places + distance] == letter
        return found

    def digits(self, places: Array, low: str, high: str, most: int, base: int, before: int) -> tuple[Array, Array]:
        """The numbers that digits between two characters make, and where they end."""
        number, end, going = np.zeros(len(places), np.int64), places.copy(), np.ones(len(places), bool)
        for _ in range(most):
            digit = self.data[end]
            going &= (digit >= ord(low)) & (digit <= ord(high))
            number = np.where(going, number * base + digit - before, number)
            end += going
        return number, end

    def letters(self, places: Array) -> tuple[Array, Array]:
        """The columns whose letters stand at some places, and where they end."""
        return self.digits(places, "A", "Z", MOST_LETTERS, 26, ord("A") - 1)

    def numerals(self, places: Array) -> tuple[Array, Array]:
        """The rows whose digits stand at some places, and where they end."""
        return self.digits(places, "0", "9", MOST_DIGITS, 10, ord("0"))

    def addresses(self, cells: Array) -> tuple[Array, Array, Array]:
        """The rows and columns of cells, 0 where they are written in another way, and where the addresses end."""
        clear = self.says(cells, CELL)
        columns, ends = self.letters(np.where(clear, cells + len(CELL), 0))
        rows, ends = self.numerals(ends)
        clear &= (columns > 0) & (rows > 0) & (self.data[ends] == ord('"'))
        return np.where(clear, rows, 0), np.where(clear, columns, 0), ends + 1

    def last(self) -> tuple[int, int] | None:
        """The last row and column of the sheet; None where its rows or cells are written in another way."""
        rows, cells = self.tags[self.of_kind(b"row")], self.tags[self.of_kind(b"c")]
        if not self.says(rows, ROW).all() or not self.says(cells, CELL).all():
            return None
        numbers, ends = self.numerals(rows + len(ROW))
        columns, behind = self.letters(cells + len(CELL))
        numbered = (self.data[behind] >= ord("0")) & (self.data[behind] <= ord("9"))
        if not ((self.data[ends] == ord('"')).all() and (columns > 0).all() and numbered.all()):
            return None
        return int(numbers.max(initial=0)), int(columns.max(initial=0))

    def formulas(self) -> Openings:
        """The cells of all formulas."""
        places = self.of_kind(b"f")
        formulas, starts, after = (self.tags[np.maximum(places + step, 0)] for step in (0, -1, 1))
        rows, columns, attributes = self.addresses(starts)
        closes = formulas + 2
        marked = np.flatnonzero(self.data[closes] != ord(">"))
        closes[marked] = [self.sheet.find(b">", place) for place in formulas[marked].tolist()]
        whole = (closes >= 0) & (self.data[closes - 1] == ord("/"))
        heads = np.where(whole, closes + 1, after + len(b"</f>"))
        following = np.where(whole, places + 1, places + 2)
        values, behind = self.tags[following], self.tags[following + 1]
        clear = (self.data[formulas - 1] == ord(">")) & (whole | ((closes < after) & self.says(after, b"</f>")))
        valued = self.says(values, b"<v>") & self.says(behind, b"</v>")
        clear &= (closes >= 0) & (values == heads) & (valued | (self.data[values + 1] != ord("v")))
        return Openings(
            np.where(clear, rows, 0),
            columns,
            starts,
            attributes,
            formulas,
            heads,
            np.where(valued, behind + len(b"</v>"), heads),
            valued & (behind > values + len(b"<v>")),
        )
