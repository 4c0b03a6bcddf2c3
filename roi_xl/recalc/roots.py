"""Which differing cells are the roots, those that read no other differing cell?"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from roi_xl.excel.values import Array
from roi_xl.xlsx.addresses import Address, Area

MOST_COUNTED = 20_000_000
"""Crossings of rows and columns that hold any of the cells, for which counts are kept."""


@dataclass(frozen=True)
class Counts:
    """How many cells of a sheet lie above and to the left of each crossing of the rows and columns that hold any."""

    rows: list[int]
    columns: list[int]
    sums: Array

    @classmethod
    def of(cls, cells: list[tuple[int, int]]) -> "Counts":
        """Count some cells."""
        rows, row_places = np.unique([row for row, _ in cells], return_inverse=True)
        columns, column_places = np.unique([column for _, column in cells], return_inverse=True)
        sums = np.zeros((len(rows) + 1, len(columns) + 1), np.int32)
        sums[row_places + 1, column_places + 1] = 1
        sums.cumsum(axis=0, out=sums)
        sums.cumsum(axis=1, out=sums)
        return cls(rows.tolist(), columns.tolist(), sums)

    def within(self, top: int, left: int, bottom: int, right: int) -> int:
        """How many of the cells lie between two corners."""
        first, last = bisect_left(self.rows, top), bisect_right(self.rows, bottom)
        one, other = bisect_left(self.columns, left), bisect_right(self.columns, right)
        sums = self.sums
        return int(sums[last, other] - sums[first, other] - sums[last, one] + sums[first, one])


def counted(cells: list[tuple[int, int]]) -> list[Counts]:
    """The counts of some cells, row by row from the first; cells that lie far apart are counted in several parts."""
    width = len({column for _, column in cells}) + 1
    step = max(MOST_COUNTED // width, 1)
    cells = sorted(cells)
    return [Counts.of(cells[start : start + step]) for start in range(0, len(cells), step)]


class Presence:
    """Cells of a workbook, with a fast test of whether an area holds any."""

    def __init__(self, places: Iterable[Address]) -> None:
        self.places = set(places)
        by_sheet: dict[str, list[tuple[int, int]]] = {}
        for place in self.places:
            by_sheet.setdefault(place.sheet, []).append(place.within)
        self.counts = {sheet: counted(cells) for sheet, cells in by_sheet.items()}

    def within(self, area: Area) -> int:
        """How many of the cells lie in an area."""
        sheet, *corners = area
        return sum(counts.within(*corners) for counts in self.counts.get(sheet, ()))

    def first_in(self, areas: Iterable[Area]) -> Address | None:
        """One of them that lies in the first area that holds any."""
        for area in areas:
            if self.within(area):
                return self.one_in(area)
        return None

    def one_in(self, area: Area) -> Address:
        """The first of them in an area that holds some, row by row."""
        sheet, top, left, bottom, right = area
        while top < bottom:
            middle = (top + bottom) // 2
            top, bottom = (top, middle) if self.within((sheet, top, left, middle, right)) else (middle + 1, bottom)
        while left < right:
            middle = (left + right) // 2
            left, right = (left, middle) if self.within((sheet, top, left, top, middle)) else (middle + 1, right)
        return Address(sheet, top, left)

    def any_in(self, areas: Iterable[Area], but: Address) -> bool:
        """Whether areas hold any of them but one."""
        for area in areas:
            sheet, top, left, bottom, right = area
            own = sheet == but.sheet and top <= but.row <= bottom and left <= but.column <= right
            if self.within(area) > (own and but in self.places):
                return True
        return False
