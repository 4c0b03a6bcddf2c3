"""Which differing cells are the roots, those that read no other differing cell?"""

from collections.abc import Iterable

import numpy as np

from roi_xl.excel.values import Array
from roi_xl.xlsx.addresses import Address, Area


class Presence:
    """Cells of a workbook, with a fast test of whether an area holds any."""

    def __init__(self, places: Iterable[Address]) -> None:
        self.counts: dict[str, Array] = {}
        by_sheet: dict[str, list[tuple[int, int]]] = {}
        for place in places:
            by_sheet.setdefault(place.sheet, []).append(place.within)
        for sheet, cells in by_sheet.items():
            rows, columns = (np.array(side) for side in zip(*cells, strict=True))
            there = np.zeros((int(rows.max()) + 1, int(columns.max()) + 1), np.int32)
            there[rows, columns] = 1
            self.counts[sheet] = there.cumsum(axis=0, dtype=np.int32).cumsum(axis=1, dtype=np.int32)

    def within(self, area: Area) -> int:
        """How many of the cells are in an area."""
        sheet, top, left, bottom, right = area
        counts = self.counts.get(sheet)
        if counts is None:
            return 0
        last_row, last_column = counts.shape[0] - 1, counts.shape[1] - 1
        bottom, right = min(bottom, last_row), min(right, last_column)
        if top > bottom or left > right:
            return 0
        return int(
            counts[bottom, right] - counts[top - 1, right] - counts[bottom, left - 1] + counts[top - 1, left - 1]
        )

    def holds(self, place: Address) -> bool:
        """Whether a cell is one of them."""
        return self.within((place.sheet, place.row, place.column, place.row, place.column)) > 0

    def any_in(self, areas: Iterable[Area], but: Address) -> bool:
        """Whether areas hold any of them but one."""
        for area in areas:
            sheet, top, left, bottom, right = area
            own = sheet == but.sheet and top <= but.row <= bottom and left <= but.column <= right
            if self.within(area) > (own and self.holds(but)):
                return True
        return False
