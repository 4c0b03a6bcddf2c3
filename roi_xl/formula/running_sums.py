"""How are sums that grow row by row added up without reading every cell again for each?

The engine adds up SUM(A$1:A90000) cell by cell, in each of 90,000 rows. So it is given the
sum of the rows up to a round number, on a sheet of its own, and adds up the rest:
SUM(Totals!$A$87,A$89089:A90000). What a cell depends on stays the same.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias, TypeGuard

import numpy as np

from roi_xl.formula.names import fixed
from roi_xl.formula.shapes import Form, Shape, filled, pattern_of
from roi_xl.formula.tree import Call, Cell, Node, Reference, walk, with_children
from roi_xl.formula.written import written
from roi_xl.xlsx.addresses import LAST_COLUMN, Address

Array: TypeAlias = "np.ndarray[Any, Any]"

BLOCK = 1_024
"""Rows that are added up at a time."""

LONG = 8 * BLOCK
"""Sums of fewer rows are added up as they stand."""

Summed = tuple[str, int, int, int]
"""What a column of totals adds up: a sheet, its first and last column, and the first row."""


@dataclass
class Totals:
    """The sheet of totals: row n of a column holds the sum of all rows up to n blocks.

    Attributes:
        sheets: the names of the workbook's sheets.
        sheet: its own name, which none of them has.
        columns: what its columns add up.
        last: the last row of each column.
    """

    sheets: Collection[str]
    columns: dict[Summed, int] = field(default_factory=dict)
    last: dict[Summed, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.sheet = "Totals"
        while self.sheet.casefold() in map(str.casefold, self.sheets):
            self.sheet += "_"

    def up_to(self, summed: Summed, block: int) -> Reference:
        """The cell that holds a total up to a block."""
        column = self.columns.setdefault(summed, len(self.columns) + 1)
        self.last[summed] = max(block, self.last.get(summed, 0))
        return fixed(self.sheet, block, column, block, column)

    def cells(self) -> Iterator[tuple[Cell, str]]:
        """Every cell of the sheet, with its formula."""
        for summed, column in self.columns.items():
            sheet, left, right, top = summed
            first = -(-top // BLOCK)
            for block in range(first, self.last[summed] + 1):
                start = top if block == first else (block - 1) * BLOCK + 1
                before = () if block == first else (fixed(self.sheet, block - 1, column, block - 1, column),)
                rows = fixed(sheet, start, left, block * BLOCK, right)
                yield (block, column), written(Call("SUM", (*before, rows)), (block, column))

    def has_room(self, shape: Shape) -> bool:
        """Whether there are columns left for all sums of a shape."""
        return len(self.columns) + len(set(shape.columns)) <= LAST_COLUMN


def by_totals(shape: Shape, sheet: str, totals: Totals) -> Iterator[tuple[Cell, str]]:
    """The cells of a shape with sums that grow over many rows, with the formula that takes them from totals."""
    if shape.form is not Form.ORDINARY or shape.tree is None or len(shape) < BLOCK:
        return
    growing = [part for call in walk(shape.tree) for part in summed_in(call) if grows(part, totals)]
    if not growing or not totals.has_room(shape):
        return
    if max(max(shape.rows) + part.last.row - part.first.row for part in growing) < LONG:
        return
    nearest = min(part.last.row for part in growing)
    for block, rows, column in blocks_of(shape, nearest):
        first = int(rows[0]), column
        tree = taken(shape.tree, Address(sheet, *first), block, totals)
        if tree != shape.tree:
            pattern = pattern_of(written(tree, first), *first)
            yield from (((row, column), filled(pattern, row, column)) for row in rows.tolist())


def blocks_of(shape: Shape, nearest: int) -> Iterator[tuple[int, Array, int]]:
    """The rows of a shape's cells by column and by how many blocks end before the nearest row that a sum ends in."""
    rows, columns = shape.places
    order = np.lexsort((rows, columns))
    rows, columns = rows[order], columns[order]
    blocks = (rows + nearest - 1) // BLOCK
    cuts = np.flatnonzero(np.diff(blocks) | np.diff(columns)) + 1
    starts = [0, *cuts.tolist()]
    for start, some in zip(starts, np.split(rows, cuts), strict=True):
        yield int(blocks[start]), some, int(columns[start])


def summed_in(node: Node) -> tuple[Node, ...]:
    """What a call of SUM adds up; nothing for any other part of a formula."""
    return node.arguments if isinstance(node, Call) and node.name == "SUM" else ()


def grows(node: Node, totals: Totals) -> TypeGuard[Reference]:
    """Whether a part of a formula is a range that begins in one row and ends in another for each copy."""
    return (
        isinstance(node, Reference)
        and node.last_sheet is None
        and (node.sheet is None or node.sheet in totals.sheets)
        and node.first.row_fixed
        and not node.last.row_fixed
    )


def taken(node: Node, here: Address, block: int, totals: Totals) -> Node:
    """A part of a formula with its growing sums taken from the totals up to a block."""
    node = with_children(node, lambda part: taken(part, here, block, totals))
    parts = [part for argument in summed_in(node) for part in split(argument, here, block, totals)]
    return Call("SUM", tuple(parts)) if parts else node


def split(node: Node, here: Address, block: int, totals: Totals) -> list[Node]:
    """What SUM adds up, as a total and the rest where it grows and began before."""
    if not grows(node, totals) or node.first.row > block * BLOCK:
        return [node]
    top, left, _, right = node.corners(here.within)
    total = totals.up_to((node.sheet or here.sheet, left, right, top), block)
    start = replace(node.first, row=block * BLOCK + 1)
    return [total, replace(node, first=start)]
