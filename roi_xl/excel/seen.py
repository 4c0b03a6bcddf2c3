"""What does a sheet hold at one moment?"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from roi_xl.errors import ExcelError
from roi_xl.excel.values import (
    BLANK,
    LOGICAL,
    NUMBER,
    TAGS,
    TEXT,
    Array,
    CannotVectorise,
    number_behind,
    tag_of,
)
from roi_xl.xlsx.sheet_cells import Value

MOST_CELLS = 20_000_000
"""Cells of a sheet that are held in memory at once."""

PLAIN = {float, type(None)}


@dataclass(frozen=True)
class Seen:
    """The values of a sheet from its first cell to the last that is used, as arrays with tags.

    An empty row and column come before the first. Texts are told by their places, one after the other.
    """

    values: Array
    tags: Array
    texts: dict[int, str]

    @classmethod
    def of(cls, blocks: Iterable[list[list[Value]]], size: tuple[int, int]) -> "Seen":
        """The values of a sheet, some rows at a time."""
        height, width = size[0] + 1, size[1] + 1
        if height * width > MOST_CELLS:
            raise CannotVectorise(f"a sheet whose last cell lies beyond {MOST_CELLS:,} others")
        found = cls(np.zeros((height, width)), np.full((height, width), BLANK, np.uint8), {})
        first = 1
        for block in blocks:
            last = first + len(block)
            if len(block) < width:
                for row, cells in enumerate(block, start=first):
                    found.take(cells, slice(row * width + 1, (row + 1) * width))
            else:
                for column, line in enumerate(zip(*block, strict=True), start=1):
                    found.take(line, slice(first * width + column, last * width, width))
            first = last
        return found

    def take(self, cells: Sequence[Value], where: slice) -> None:
        """Take the values of a row or column; numbers and blanks at once, anything else one by one."""
        values, tags = self.values.reshape(-1)[where], self.tags.reshape(-1)[where]
        kinds = set(map(type, cells))
        others = [] if kinds <= PLAIN else [place for place, cell in enumerate(cells) if type(cell) not in PLAIN]
        if others:
            known, cells = cells, list(cells)
            for place in others:
                cells[place] = None
        values[:] = cells
        tags[:] = NUMBER
        if others or type(None) in kinds:
            blank = np.isnan(values)
            if blank.sum() != cells.count(None):  # the engine's own, which are no numbers
                blank = np.array([cell is None for cell in cells])
            values[blank], tags[blank] = 0.0, BLANK
        for place in others:
            self.take_other(known[place], where.start + place * (where.step or 1))
        wrong = ~np.isfinite(values)
        if wrong.any():
            values[wrong], tags[wrong] = 0.0, TAGS[ExcelError.NUM]

    def take_other(self, value: Value, place: int) -> None:
        """Take a value that is neither a number nor blank."""
        self.tags.reshape(-1)[place] = tag_of(value)
        if isinstance(value, str):
            self.texts[place] = value
        else:
            self.values.reshape(-1)[place] = number_behind(value)

    def numbers(self, rows: Array, columns: Array) -> Array:
        """The numbers in some cells, a logical value as one; not a number where there is anything else."""
        tags = self.tags[rows, columns]
        found: Array = np.where((tags == NUMBER) | (tags == LOGICAL), self.values[rows, columns], np.nan)
        return found

    def changed(self, now: "Seen") -> Array:
        """Where another moment has other values."""
        found: Array = (self.tags != now.tags) | (self.values != now.values)
        if self.texts or now.texts:
            both = np.flatnonzero((self.tags == TEXT) & (now.tags == TEXT)).tolist()
            found.ravel()[[place for place in both if self.texts[place] != now.texts[place]]] = True
        return found
