"""Which cells that may vary does a formula read?

Only formulas and inputs may. A long column of them is read as what lies above its last
cell, and that cell: so sums that grow from row to row read two things each, not a triangle.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import NamedTuple

from roi_xl.xlsx.addresses import Address, Area

LONG = 64
"""Cells of a column that are read one by one."""


class Part(NamedTuple):
    """The cells of a column that may vary, from one of them to another, by their places among all of the column."""

    sheet: str
    column: int
    first: int
    last: int


Source = Address | Part
"""What a formula reads: a cell, or a long part of a column."""


@dataclass(frozen=True)
class MayVary:
    """The cells that may vary: the rows of each column of each sheet, in order."""

    rows: Mapping[str, Mapping[int, Sequence[int]]]
    all: Set[Address] = frozenset()

    @classmethod
    def of(cls, places: Iterable[Address]) -> "MayVary":
        """Some cells by column."""
        found: dict[str, dict[int, list[int]]] = {}
        known = set(places)
        for sheet, row, column in known:
            found.setdefault(sheet, {}).setdefault(column, []).append(row)
        return cls({s: {c: sorted(columns[c]) for c in sorted(columns)} for s, columns in found.items()}, known)

    def within(self, area: Area) -> Iterator[Source]:
        """What may vary in an area."""
        sheet, top, left, bottom, right = area
        if top == bottom and left == right:
            if (sheet, top, left) in self.all:
                yield Address(sheet, top, left)
            return
        known = self.rows.get(sheet, {})
        columns = range(left, right + 1) if right - left < len(known) else [c for c in known if left <= c <= right]
        for column in columns:
            rows = known.get(column, ())
            first, last = bisect_left(rows, top), bisect_right(rows, bottom)
            if last - first > LONG:
                yield Part(sheet, column, first, last - 1)
            else:
                yield from (Address(sheet, row, column) for row in rows[first:last])

    def last_of(self, part: Part) -> Address:
        """The last cell of a part of a column."""
        return Address(part.sheet, self.rows[part.sheet][part.column][part.last], part.column)

    def read_by(self, part: Part) -> list[Source]:
        """A part of a column as what lies above its last cell, and that cell."""
        above: Source = part._replace(last=part.last - 1)
        if part.last - part.first == 1:
            above = self.last_of(part._replace(last=part.first))
        return [above, self.last_of(part)]

    def cells(self, source: Source) -> Iterator[Address]:
        """The cells of a source one by one."""
        if isinstance(source, Address):
            yield source
        else:
            rows = self.rows[source.sheet][source.column][source.first : source.last + 1]
            yield from (Address(source.sheet, row, source.column) for row in rows)
