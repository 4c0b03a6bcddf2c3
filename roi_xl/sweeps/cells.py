"""Where do a formula's cells come from in a sweep: varying columns, or the workbook?"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from roi_xl.excel.aggregates import total
from roi_xl.excel.code import NOTHING, Code, Constant, Env
from roi_xl.excel.compiler import OneFormula
from roi_xl.excel.values import CannotVectorise, Column, Grid
from roi_xl.formula.names import Names
from roi_xl.formula.tree import Reference
from roi_xl.xlsx.addresses import Address, Area

LARGEST_RANGE = 1_000_000


@dataclass(frozen=True)
class SweptCells(OneFormula):
    """The cells of a workbook: a varying one has a slot, any other its value."""

    names: Names
    slots: Mapping[Address, int]
    value: Callable[[Address], Column]
    constants: dict[Area, Constant] = field(default_factory=dict)

    def cell(self, place: Address) -> Code:
        """The code of one cell."""
        slot = self.slots.get(place)
        if slot is None:
            return Constant(self.value(place))
        return lambda env: env.cells[slot]

    def one(self, reference: Reference, here: Address) -> Code:
        """The code of one cell."""
        top, left, _, _ = reference.corners(here.within)
        return self.cell(Address(str(reference.sheet), top, left))

    def range(self, reference: Reference, here: Address) -> Code:
        """The code of a range, as a grid."""
        area = self.names.area(reference, here)
        known = self.constants.get(area)
        if known is not None:
            return known
        rows = [[self.cell(place) for place in row] for row in places(area)]
        whole = (area[0], *reference.corners(here.within))
        if all(isinstance(code, Constant) for row in rows for code in row):
            found = self.constants[area] = Constant(Grid([[code(NOTHING) for code in row] for row in rows], whole))
            return found
        return lambda env: Grid([[code(env) for code in row] for row in rows], whole)

    def read(self, area: Area, env: Env) -> Grid:
        """A range known only when the formula is evaluated."""
        return Grid([[self.cell(place)(env) for place in row] for row in places(area)], area)

    def total(self, reference: Reference, here: Address) -> Code | None:
        """A sum of one column; it extends an earlier sum of the same column."""
        sheet, top, left, bottom, right = self.names.area(reference, here)
        if left != right:
            return None
        if not self.varies(sheet, left, top, bottom):
            return None
        count, key = bottom - top + 1, (sheet, left, top)

        def running(env: Env) -> Column:
            done, start = env.sums.get(key, (0, 0.0))
            if done > count:
                done, start = 0, 0.0
            cells = [self.cell(Address(sheet, row, left))(env) for row in range(top + done, bottom + 1)]
            result = total(start, Grid([[cell] for cell in cells]))
            env.sums[key] = (count, result)
            return result

        return running

    def varies(self, sheet: str, column: int, top: int, bottom: int) -> bool:
        """Whether any cell of a part of a column varies."""
        rows = self.columns_that_vary.get((sheet, column), ())
        return bisect_left(rows, top) < bisect_right(rows, bottom)

    @cached_property
    def columns_that_vary(self) -> dict[tuple[str, int], list[int]]:
        """The rows that vary, in order, of each column."""
        found: dict[tuple[str, int], list[int]] = {}
        for sheet, row, column in sorted(self.slots):
            found.setdefault((sheet, column), []).append(row)
        return found


def places(area: Area) -> list[list[Address]]:
    """The cells of an area, row by row."""
    sheet, top, left, bottom, right = area
    if (bottom - top + 1) * (right - left + 1) > LARGEST_RANGE:
        raise CannotVectorise(f"a range of more than {LARGEST_RANGE:,} cells")
    return [[Address(sheet, row, column) for column in range(left, right + 1)] for row in range(top, bottom + 1)]
