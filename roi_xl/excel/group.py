"""Where do the cells of a formula come from when all cells that hold it are looked at at once?"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from roi_xl.excel.code import Code, Constant, Env
from roi_xl.excel.compiler import intersection
from roi_xl.excel.seen import Seen
from roi_xl.excel.values import (
    FIRST_ERROR,
    NUMBER,
    TEXTS,
    Array,
    CannotVectorise,
    Column,
    Grid,
    Vector,
    number_behind,
    plain,
    tag_of,
)
from roi_xl.formula.names import Names
from roi_xl.formula.tree import Corner, Reference
from roi_xl.xlsx.addresses import LAST_COLUMN, LAST_ROW, Address, Area
from roi_xl.xlsx.sheet_cells import Value

LARGEST_RANGE = 2_000_000
MOST_KEPT, MOST_GRIDS = 3_000_000, 100
"""Cells, and ranges, that are kept for the next formula that reads them."""


class OneByOne(Exception):
    """A formula whose ranges have other sizes in other cells."""


@dataclass(frozen=True)
class SheetValues:
    """The values of a sheet, from its first cell to the last that is used, as arrays with tags."""

    values: Array
    tags: Array

    @classmethod
    def of(cls, seen: Seen) -> "SheetValues":
        """The values of a sheet at a moment, its texts among those of now."""
        if not seen.texts:
            return cls(seen.values, seen.tags)
        values = seen.values.copy()
        values.ravel()[list(seen.texts)] = [TEXTS.place(text) for text in seen.texts.values()]
        return cls(values, seen.tags)

    def with_values(self, cells: Iterable[tuple[int, int, Value]]) -> "SheetValues":
        """The same with other values in some cells."""
        found = SheetValues(self.values.copy(), self.tags.copy())
        for row, column, value in cells:
            found.put(row, column, value)
        return found

    def put(self, row: int, column: int, value: Value) -> None:
        """Set the value of a cell."""
        self.tags[row, column], self.values[row, column] = tag_of(value), number_behind(value)

    def at(self, rows: Any, columns: Any) -> Vector:
        """The values of some cells; anything beyond the last is blank."""
        height, width = self.values.shape
        if not rows.size or not columns.size:
            return Vector(self.values[rows, columns], self.tags[rows, columns])
        if rows.min() < 0 or columns.min() < 0:
            raise CannotVectorise("a reference to before the first row or column")
        if rows.max() >= height or columns.max() >= width:
            inside = (rows < height) & (columns < width)
            rows, columns = np.where(inside, rows, 0), np.where(inside, columns, 0)
        return Vector(self.values[rows, columns], self.tags[rows, columns])

    def plain(self, row: int, column: int) -> Value:
        """The value of one cell."""
        return plain(self.at(np.array([row]), np.array([column])), 0)

    def grid(self, area: Area) -> Grid:
        """A range with plain values."""
        _, top, left, bottom, right = area
        rows, columns = np.meshgrid(np.arange(top, bottom + 1), np.arange(left, right + 1), indexing="ij")
        found = self.at(rows.ravel(), columns.ravel())
        assert found.tags is not None
        width, cells = right - left + 1, found.values.tolist()
        for place in np.flatnonzero(found.tags != NUMBER).tolist():
            cells[place] = plain(found, place)
        return Grid([cells[start : start + width] for start in range(0, len(cells), width)], area)


def numbers_only(vector: Vector) -> Vector:
    """A vector without tags if it is all numbers, which is faster."""
    return Vector(vector.values) if vector.tags is not None and not vector.tags.any() else vector


class Grids(dict[Area, Grid]):
    """Ranges that are kept for the next formula that reads them, as long as they are not too many."""

    cells = 0

    def __setitem__(self, area: Area, grid: Grid) -> None:
        height, width = grid.size
        self.cells += height * width
        super().__setitem__(area, grid)

    def forget_if_many(self) -> None:
        """Forget all where there are too many."""
        if self.cells > MOST_KEPT or len(self) > MOST_GRIDS:
            self.clear()
            self.cells = 0


@dataclass(frozen=True)
class GroupCells:
    """The cells of a workbook as read by all cells that share one formula, in order."""

    names: Names
    sheets: Callable[[str], SheetValues]
    group_rows: Array
    group_columns: Array
    grids: Grids = field(default_factory=Grids)

    @property
    def single(self) -> bool:
        """Whether there is just one cell."""
        return len(self.group_rows) == 1

    def stands_still(self, reference: Reference) -> bool:
        """Whether a reference is to the same cells for each."""
        a, b = reference.first, reference.last
        rows = (a.row_fixed and b.row_fixed) or bool((self.group_rows == self.group_rows[0]).all())
        return rows and ((a.column_fixed and b.column_fixed) or self.in_one_column)

    @property
    def in_one_column(self) -> bool:
        """Whether all cells stand below each other."""
        return bool((self.group_columns == self.group_columns[0]).all())

    def places(self, corner: Corner) -> tuple[Any, Any]:
        """The rows and columns a corner refers to, for each cell."""
        rows = np.full(len(self.group_rows), corner.row) if corner.row_fixed else corner.row + self.group_rows
        columns = (
            np.full(len(self.group_columns), corner.column)
            if corner.column_fixed
            else corner.column + self.group_columns
        )
        return (rows - 1) % LAST_ROW + 1, (columns - 1) % LAST_COLUMN + 1

    def one(self, reference: Reference, here: Address) -> Code:
        """One cell, for each."""
        corner, sheet = reference.first, self.sheets(str(reference.sheet))
        if self.single or (corner.row_fixed and corner.column_fixed):
            top, left, _, _ = reference.corners(here.within)
            return Constant(sheet.plain(top, left))
        return Constant(numbers_only(sheet.at(*self.places(corner))))

    def range(self, reference: Reference, here: Address) -> Code:
        """A range, for each."""
        area = self.names.area(reference, here)
        _, top, left, bottom, right = area
        if (bottom - top + 1) * (right - left + 1) > LARGEST_RANGE:
            raise CannotVectorise(f"a range of more than {LARGEST_RANGE:,} cells")
        a = reference.first
        if self.stands_still(reference):
            return Constant(Grid(self.read(area, None).rows, (area[0], *reference.corners(here.within))))
        if not reference.moves_as_one:
            raise OneByOne
        rows, columns = self.places(a)
        down, across = np.arange(bottom - top + 1)[:, None, None], np.arange(right - left + 1)[None, :, None]
        found = self.sheets(str(reference.sheet)).at(rows + down, columns + across)
        assert found.tags is not None
        numbers: Array = np.equal(found.tags.max(axis=2), NUMBER)
        spots = [[(row, column) for column in range(right - left + 1)] for row in range(bottom - top + 1)]
        values, tags = found.values, found.tags
        return Constant(
            Grid([[Vector(values[spot], None if numbers[spot] else tags[spot]) for spot in line] for line in spots])
        )

    def read(self, area: Area, env: Env | None) -> Grid:
        """A range that does not move."""
        known = self.grids.get(area)
        if known is None:
            known = self.grids[area] = self.sheets(area[0]).grid(area)
        return known

    def total(self, reference: Reference, here: Address) -> Code | None:
        """A sum that grows from a fixed row or column on, for all cells at once."""
        a, b = reference.first, reference.last
        down = a.row_fixed and not b.row_fixed and (a.column_fixed, a.column) == (b.column_fixed, b.column)
        across = a.column_fixed and not b.column_fixed and (a.row_fixed, a.row) == (b.row_fixed, b.row)
        if self.single or down == across:
            return None
        sheet, (rows, columns) = self.sheets(str(reference.sheet)), self.places(b)
        if down:
            return running_sums(sheet.at, a.row, rows, columns)
        return running_sums(lambda along, line: sheet.at(line, along), a.column, columns, rows)

    def intersection(self, reference: Reference, here: Address) -> Reference | None:
        """The cell of a range in each formula's own row or column; not where only some have one."""
        found = intersection(reference, here)
        if self.single:
            return found
        corners = list(zip(self.group_rows.tolist(), self.group_columns.tolist(), strict=True))
        ends = {0, len(corners) - 1, int(self.group_rows.argmax()), int(self.group_columns.argmax())}
        others = {intersection(reference, Address(here.sheet, *corners[end])) for end in ends}
        if others != {found}:
            raise OneByOne
        return found

    def rows(self, here: Address) -> Column:
        """The row of each cell."""
        return float(here.row) if self.single else Vector(self.group_rows.astype(float))

    def columns(self, here: Address) -> Column:
        """The column of each cell."""
        return float(here.column) if self.single else Vector(self.group_columns.astype(float))


def running_sums(at: Callable[[Any, Any], Vector], first: int, ends: Array, lines: Array) -> Code | None:
    """Sums from a first place on to each of some ends, each along a line of its own; None where an end comes before."""
    if ends.min() < first:
        return None
    values, tags = np.zeros(len(ends)), np.zeros(len(ends), np.uint8)
    order = np.argsort(lines, kind="stable")
    for group in np.split(order, np.flatnonzero(np.diff(lines[order])) + 1):
        values[group], tags[group] = running_sum(at, first, ends[group], int(lines[group[0]]))
    return Constant(Vector(values, tags if tags.any() else None))


def running_sum(at: Callable[[Any, Any], Vector], first: int, ends: Array, line: int) -> tuple[Array, Array]:
    """The sums along a line from a first place to each of some ends; from its first error on it is that error."""
    along = np.arange(first, int(ends.max()) + 1)
    cells = at(along, np.full(len(along), line))
    assert cells.tags is not None
    sums = np.cumsum(np.where(cells.tags == NUMBER, cells.values, 0.0))
    wrong = np.flatnonzero(cells.tags >= FIRST_ERROR)
    tags = np.where(ends >= along[wrong[0]], cells.tags[wrong[0]], 0) if wrong.size else np.zeros(len(ends))
    return np.where(tags == 0, sums[ends - first], 0.0), tags.astype(np.uint8)
