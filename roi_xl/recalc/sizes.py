"""How large are the numbers of an area, all told?

What rounding leaves of a sum is judged by the size of what it reads. Sums from the first
row on are kept for each column, so that an area of any height is told at once.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import numpy as np

from roi_xl.excel.group import SheetValues
from roi_xl.excel.values import NUMBER, Array
from roi_xl.xlsx.addresses import Area

CANCELLED = 1e-6
"""A difference of sums that is a smaller share of them has lost too many digits."""


@dataclass(frozen=True)
class Sizes:
    """The values of sheets, and the sums of their sizes down each column."""

    sheet: Callable[[str], SheetValues]
    down: dict[str, Array] = field(default_factory=dict)

    def all_in(self, areas: Iterable[Area]) -> float:
        """The sum of the sizes of all numbers in some areas."""
        return float(sum(map(self.within, areas)))

    @np.errstate(over="ignore", invalid="ignore")
    def within(self, area: Area) -> float:
        """The sum of the sizes of all numbers in an area."""
        name, top, left, bottom, right = area
        sums = self.sums(name)
        bottom, right = min(bottom, sums.shape[0] - 1), min(right, sums.shape[1] - 1)
        if top > bottom or left > right:
            return 0.0
        below, above = sums[bottom, left : right + 1].sum(), sums[top - 1, left : right + 1].sum()
        if below - above >= CANCELLED * below:
            return float(below - above)
        return float(sizes(self.sheet(name), slice(top, bottom + 1), slice(left, right + 1)).sum())

    def sums(self, name: str) -> Array:
        """The sums of a sheet's sizes, down to each of its cells."""
        if name not in self.down:
            everything = slice(None)
            self.down[name] = sizes(self.sheet(name), everything, everything).cumsum(axis=0)
        return self.down[name]


def sizes(sheet: SheetValues, rows: slice, columns: slice) -> Array:
    """The size of each number of a part of a sheet; 0 for what is no number."""
    values, tags = sheet.values[rows, columns], sheet.tags[rows, columns]
    found: Array = np.where(tags == NUMBER, np.abs(values), 0.0)
    return found
