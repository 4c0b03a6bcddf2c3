"""Where do the cells of a formula come from when all cells that hold it are swept together?

Of a column over cells and scenarios the scenarios of the first cell come first, then those
of the second. What is alike in all scenarios is a column over the cells alone, until it
meets something that varies.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from roi_xl.excel.code import NOTHING, Code, Constant, Env, ForEach
from roi_xl.excel.compiler import intersection
from roi_xl.excel.group import OneByOne
from roi_xl.excel.values import (
    FIRST_ERROR,
    NUMBER,
    Array,
    CannotVectorise,
    Column,
    Grid,
    Vector,
    behind,
    from_plain,
    is_flag,
    is_number,
    tagged,
)
from roi_xl.formula.names import Names
from roi_xl.formula.tree import Corner, Reference
from roi_xl.xlsx.addresses import LAST_COLUMN, LAST_ROW, Address, Area

MOST_READ = 500
"""Cells of a range that each of the cells reads."""


@dataclass(frozen=True)
class Slots:
    """Where the values of varying cells are: each has a slot, and the cells of a group have slots one after the other.

    Attributes:
        all: the slot of each cell that varies.
        value: the value of any other cell.
        groups: the number and the first slot of the group, by each slot of one.
    """

    all: Mapping[Address, int]
    value: Callable[[Address], Column]
    groups: Mapping[int, tuple[int, int]]


@dataclass(frozen=True)
class TogetherCells:
    """The cells of a workbook as read by several cells of a sheet that share one formula."""

    names: Names
    slots: Slots
    rows_here: Array
    columns_here: Array

    @property
    def count(self) -> int:
        """How many cells there are."""
        return len(self.rows_here)

    def targets(self, corner: Corner, sheet: str) -> list[Address]:
        """The cell that a corner refers to, for each."""
        rows = corner.row + (0 if corner.row_fixed else self.rows_here)
        columns = corner.column + (0 if corner.column_fixed else self.columns_here)
        places = np.broadcast_arrays((rows - 1) % LAST_ROW + 1, (columns - 1) % LAST_COLUMN + 1, self.rows_here)
        return [Address(sheet, row, column) for row, column in zip(*(p.tolist() for p in places[:2]), strict=True)]

    def same(self, place: Address) -> Code:
        """The code of one cell that all read."""
        slot, count = self.slots.all.get(place), self.count
        if slot is None:
            return Constant(self.slots.value(place))
        return lambda env: tiled(env.cells[slot], count)

    def each(self, places: Sequence[Address]) -> Code:
        """The code of a cell of its own for each."""
        found = [self.slots.all.get(place, -1) for place in places]
        values = [None if slot >= 0 else self.slots.value(place) for slot, place in zip(found, places, strict=True)]
        if max(found) < 0 and str not in set(map(type, values)):
            return ForEach(from_plain(values))  # type: ignore[arg-type]
        number, first = self.slots.groups.get(found[0], (-1, 0))
        if found == list(range(found[0], found[0] + len(found))) and self.slots.groups.get(found[-1]) == (
            number,
            first,
        ):
            return Stretch(number, found[0] - first, len(found))
        return Gathered(found, values)

    def cell(self, corner: Corner, sheet: str) -> Code:
        """The code of the cell that a corner refers to."""
        places = self.targets(corner, sheet)
        return self.same(places[0]) if all(place == places[0] for place in places) else self.each(places)

    def one(self, reference: Reference, here: Address) -> Code:
        """One cell, for each."""
        return self.cell(reference.first, str(reference.sheet))

    def range(self, reference: Reference, here: Address) -> Code:
        """A range, for each, if it has the same size for all."""
        sheet, top, left, bottom, right = self.names.area(reference, here)
        corner = reference.first
        if (bottom - top + 1) * (right - left + 1) > MOST_READ or not reference.moves_as_one:
            raise OneByOne
        area = range(top, bottom + 1), range(left, right + 1)
        still = (sheet, *reference.corners(here.within)) if self.stands_still(corner) else None
        if still is not None:
            codes = [[self.same(Address(sheet, row, column)) for column in area[1]] for row in area[0]]
        else:
            down, across = (a - b for a, b in zip((corner.row, corner.column), corner.at(here.within), strict=True))
            spots = [[(row + down, column + across) for column in area[1]] for row in area[0]]
            codes = [
                [self.cell(Corner(*spot, corner.row_fixed, corner.column_fixed), sheet) for spot in line]
                for line in spots
            ]
        if all(isinstance(code, Constant) for line in codes for code in line):
            kind = ForEach if any(isinstance(code, ForEach) for line in codes for code in line) else Constant
            return kind(Grid([[code(NOTHING) for code in line] for line in codes], still))
        return lambda env: Grid([[code(env) for code in line] for line in codes], still)

    def stands_still(self, corner: Corner) -> bool:
        """Whether a corner is the same cell for each."""
        places = self.targets(corner, "")
        return all(place == places[0] for place in places)

    def read(self, area: Area, env: Env) -> Grid:
        """No range that is only known when the formula is evaluated."""
        raise CannotVectorise("a range that is computed")

    def total(self, reference: Reference, here: Address) -> Code | None:
        """Sums that grow from a fixed row on, in one column."""
        a, b = reference.first, reference.last
        if not a.row_fixed or b.row_fixed or (a.column_fixed, a.column) != (b.column_fixed, b.column):
            return None
        ends = self.targets(b, str(reference.sheet))
        rows = np.array([end.row for end in ends])
        if len({end.column for end in ends}) > 1 or rows[0] < a.row or (np.diff(rows) < 0).any():
            raise OneByOne
        return Growing(self.slots, ends[0]._replace(row=a.row), rows)

    def intersection(self, reference: Reference, here: Address) -> Reference | None:
        """The cell of a range in each formula's own row or column; not where only some have one."""
        found = {intersection(reference, place) for place in self.targets(Corner(0, 0, False, False), here.sheet)}
        if len(found) > 1:
            raise OneByOne
        return found.pop()

    def rows(self, here: Address) -> Column:
        """Not the row of each cell."""
        raise OneByOne

    def columns(self, here: Address) -> Column:
        """Not the column of each cell."""
        raise OneByOne


def tiled(column: Column, count: int) -> Column:
    """A column over scenarios once for each of some cells."""
    if not isinstance(column, Vector):
        return column
    return Vector(np.tile(column.values, count), None if column.tags is None else np.tile(column.tags, count))


@dataclass(frozen=True)
class Stretch:
    """Cells one after the other of a group, as they lie there."""

    group: int
    first: int
    count: int

    def __call__(self, env: Env) -> Column:
        """Their values."""
        known = env.groups[self.group]
        if not isinstance(known, Vector):
            return known
        part = slice(self.first * env.scenarios, (self.first + self.count) * env.scenarios)
        return Vector(known.values[part], None if known.tags is None else known.tags[part])


@dataclass(frozen=True)
class Gathered:
    """Cells from anywhere, by their slots; those without one have values."""

    slots: Sequence[int]
    values: Sequence[Column]

    def __call__(self, env: Env) -> Column:
        """Their values."""
        columns = [value if slot < 0 else env.cells[slot] for slot, value in zip(self.slots, self.values, strict=True)]
        return side_by_side(columns, env.scenarios)


def side_by_side(columns: Sequence[Column], scenarios: int) -> Column:
    """Columns over scenarios as one over cells and scenarios."""
    flags, numbers = all(map(is_flag, columns)), all(map(is_number, columns))
    values = np.empty((len(columns), scenarios), bool if flags else float)
    for line, column in zip(values, columns, strict=True):
        line[:] = behind(column)
    if flags or numbers:
        return Vector(values.ravel())
    tags = np.empty(values.shape, np.uint8)
    for line, column in zip(tags, columns, strict=True):
        line[:] = tagged(column)
    return Vector(values.ravel(), tags.ravel())


@dataclass(frozen=True)
class Growing:
    """Sums of a column from its first cell to each of some rows, in order; the next ones go on where these end."""

    slots: Slots
    first: Address
    rows: Array

    def __call__(self, env: Env) -> Column:
        """The sums, from their first error on that error."""
        sheet, top, column = self.first
        done, start = env.sums.get((sheet, column, top), (0, 0.0))
        if top + done - 1 > self.rows[0]:
            done, start = 0, 0.0
        cells = [self.cell(Address(sheet, row, column), env) for row in range(top + done, int(self.rows[-1]) + 1)]
        found = side_by_side([start, *cells], env.scenarios)
        assert isinstance(found, Vector)
        values = found.values.reshape(-1, env.scenarios)
        tags = np.zeros(values.shape, np.uint8)
        if found.tags is not None:
            tags = found.tags.reshape(values.shape)
            values, tags = np.where(tags == NUMBER, values, 0.0), np.where(tags >= FIRST_ERROR, tags, 0)
            tags = first_of_each(tags)
        sums = np.where(tags == 0, np.cumsum(values, axis=0), 0.0)
        wrong = bool(tags.any())
        env.sums[sheet, column, top] = int(self.rows[-1]) - top + 1, Vector(sums[-1], tags[-1] if wrong else None)
        chosen = self.rows - (top + done - 1)
        return Vector(sums[chosen].ravel(), tags[chosen].ravel() if wrong else None)

    def cell(self, place: Address, env: Env) -> Column:
        """One of the cells."""
        slot = self.slots.all.get(place)
        return self.slots.value(place) if slot is None else env.cells[slot]


def first_of_each(tags: Array) -> Array:
    """Tags of errors down each column, the first one from there on."""
    places = np.where(tags > 0, np.arange(len(tags))[:, None], len(tags))
    first = np.minimum.accumulate(places, axis=0)
    found: Array = np.where(first < len(tags), np.take_along_axis(tags, np.minimum(first, len(tags) - 1), axis=0), 0)
    return found
