"""How far down a column do copies of one formula go?

The text of a copy is foretold: row numbers in it grow with its own. Once some copies came
out as foretold, those that follow are compared many at a time, byte by byte.
"""

from functools import cached_property
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from roi_xl.xlsx.formula_cells import FormulaCells

Array: TypeAlias = "np.ndarray[Any, Any]"

ENOUGH = 64
"""Copies one after the other, from which on more are expected."""

FIRST, MOST = 256, 65_536
"""How many cells are compared at a time."""

MOST_DIGITS = 7
NOTHING: Array = np.zeros(0, np.int64)


class Guess(NamedTuple):
    """The formula that is expected below another one: its bytes with places for rows, and its shape if it is so."""

    text: bytes
    distances: tuple[int, ...]
    distance: int | None
    number: int

    def at(self, row: int) -> bytes:
        """The bytes that the formula has in a row."""
        if self.distance is not None:
            return self.text % ((row + self.distance,) * len(self.distances))
        return self.text % tuple([row + far for far in self.distances])

    @property
    def pieces(self) -> list[bytes]:
        """The bytes between the places for rows."""
        return [piece.replace(b"\0", b"%") for piece in self.text.replace(b"%%", b"\0").split(b"%d")]


class Runs:
    """The formula cells of a sheet, column by column."""

    def __init__(self, data: bytes, cells: FormulaCells, opening: bytes, closing: bytes) -> None:
        self.data = np.frombuffer(data, np.uint8)
        self.cells = cells
        self.opening, self.closing = opening, closing
        self.copies: dict[int, tuple[Guess, int]] = {}

    @cached_property
    def places(self) -> dict[int, Array]:
        """The places of each column's cells among all."""
        columns = np.array(self.cells.columns, np.int64)
        order = np.argsort(columns, kind="stable")
        parts = np.split(order, np.flatnonzero(np.diff(columns[order])) + 1)
        return {int(columns[part[0]]): part for part in parts}

    @cached_property
    def spans(self) -> tuple[Array, Array, Array]:
        """The row of each cell, and where the text of its formula begins and ends."""
        rows, formulas, heads = (
            np.array(side, np.int64) for side in (self.cells.rows, self.cells.formulas, self.cells.heads)
        )
        return rows, formulas + len(self.opening), heads - len(self.closing)

    def after(self, place: int, column: int, guess: Guess) -> Array:
        """The cells that follow one in its column and hold what is expected there, once enough before them did."""
        known, count = self.copies.get(column, (guess, 0))
        count = count + 1 if known is guess else 1
        self.copies[column] = guess, count
        if count < ENOUGH:
            return NOTHING
        self.copies[column] = guess, 0
        below = self.places[column]
        below = below[np.searchsorted(below, place) + 1 :]
        found, step = 0, FIRST
        while found < len(below):
            several = self.alike(below[found : found + step], guess)
            same = self.same(several, guess)
            found += same
            if same < len(several) or same < ENOUGH:
                break
            step = min(2 * step, MOST)
        return below[:found]

    def alike(self, places: Array, guess: Guess) -> Array:
        """Of some cells the first whose rows in the formula have as many digits as those of the very first."""
        lengths = [digits_of(self.spans[0][places] + far) for far in guess.distances]
        changes = [np.flatnonzero(length != length[0])[:1] for length in lengths]
        return places[: min((int(change[0]) for change in changes if len(change)), default=len(places))]

    def same(self, places: Array, guess: Guess) -> int:
        """How many cells one after the other hold what is expected; row numbers in it are of one length."""
        rows, starts, ends = (side[places] for side in self.spans)
        numbers = [rows + far for far in guess.distances]
        if any(number[0] < 1 for number in numbers):
            return 0
        lengths = [int(digits_of(number[:1])[0]) for number in numbers]
        size = sum(map(len, guess.pieces)) + sum(lengths)
        held = sliding_window_view(self.data, size)[np.where(ends - starts == size, starts, 0)] if size else None
        if held is None:
            return 0
        good = (ends - starts == size) & self.is_plain(places)
        at = 0
        for piece, number, length in zip(guess.pieces, [*numbers, None], [*lengths, 0], strict=True):
            good &= (held[:, at : at + len(piece)] == np.frombuffer(piece, np.uint8)).all(axis=1)
            at += len(piece)
            for power in range(length):
                good &= held[:, at + power] == number // 10 ** (length - 1 - power) % 10 + ord("0")
            at += length
        wrong = np.flatnonzero(~good)
        return int(wrong[0]) if len(wrong) else len(places)

    def is_plain(self, places: Array) -> Array:
        """Whether the formulas of some cells have no attributes."""
        starts = self.spans[1][places] - len(self.opening)
        tags = sliding_window_view(self.data, len(self.opening))[starts]
        found: Array = (tags == np.frombuffer(self.opening, np.uint8)).all(axis=1)
        return found


def digits_of(numbers: Array) -> Array:
    """How many digits numbers have."""
    return np.searchsorted(10 ** np.arange(1, MOST_DIGITS + 1), numbers, side="right") + 1
