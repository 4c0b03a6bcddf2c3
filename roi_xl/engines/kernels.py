"""How does the engine get a value right that it would compute wrongly?

The formula is replaced by a call of a function of ours that gets every range which the
formula reads. So the engine keeps its order of evaluation, and the cell stays live.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from roi_xl.errors import NO_SENSE, ExcelError
from roi_xl.excel.code import Code, Env
from roi_xl.excel.compiler import Compiler, OneFormula
from roi_xl.excel.lifting import element, first_cell
from roi_xl.excel.special import SPECIAL
from roi_xl.excel.values import CannotVectorise, Grid, Vector, plain
from roi_xl.formula.formulas import Formulas
from roi_xl.formula.names import Names
from roi_xl.formula.shapes import Form
from roi_xl.formula.tokens import Unreadable
from roi_xl.formula.tree import Reference
from roi_xl.formula.written import sheet_text
from roi_xl.hosts.headless import from_engine, to_engine
from roi_xl.xlsx.addresses import Address, Area, column_letters

KERNEL = "ROI.KERNEL"
"""The engine's name for the function that calls our kernels."""


@dataclass
class HandedCells(OneFormula):
    """The cells of a formula as the engine hands them over: each range once, in the order in which it was met."""

    names: Names
    areas: list[Area] = field(default_factory=list)

    def slot(self, area: Area) -> int:
        """The place of a range among those that are handed over."""
        if area not in self.areas:
            self.areas.append(area)
        return self.areas.index(area)

    def one(self, reference: Reference, here: Address) -> Code:
        """The code of one cell."""
        slot = self.slot(self.names.area(reference, here))
        return lambda env: env.cells[slot].rows[0][0]

    def range(self, reference: Reference, here: Address) -> Code:
        """The code of a range, as a grid that says how far it goes, blank cells beyond the last included."""
        area = self.names.area(reference, here)
        slot, whole = self.slot(area), (area[0], *reference.corners(here.within))
        if whole == area:
            return lambda env: env.cells[slot]
        return lambda env: Grid(env.cells[slot].rows, whole)

    def read(self, area: Area, env: Env) -> Grid:
        """A range that is only known when the formula is evaluated: it must lie within one that is handed over."""
        sheet, top, left, bottom, right = area
        for known, grid in zip(self.areas, env.cells, strict=True):
            inside = known[0] == sheet and known[1] <= top and known[2] <= left
            if inside and bottom <= known[3] and right <= known[4]:
                rows = grid.rows[top - known[1] : bottom - known[1] + 1]
                return Grid([list(row)[left - known[2] : right - known[2] + 1] for row in rows], area)
        raise CannotVectorise("a range that is computed")


@dataclass(frozen=True)
class Kernel:
    """A formula as a function of the ranges that it reads; of an array formula, how many rows and columns it fills."""

    code: Callable[[Env], Any]
    areas: tuple[Area, ...]
    extent: tuple[int, int] | None

    def __call__(self, *handed: Any) -> Any:
        """What the formula gives for the values that the engine hands over."""
        grids = [as_grid(from_engine(value), area) for value, area in zip(handed, self.areas, strict=True)]
        try:
            return to_engine(self.answer(grids))
        except CannotVectorise:
            return to_engine(ExcelError.CALC)

    def answer(self, grids: Sequence[Grid]) -> Any:
        """What the formula gives for the ranges that it reads.

        Raises:
            CannotVectorise: our functions cannot tell.
        """
        try:
            with np.errstate(all="ignore"):
                return self.filled(self.code(Env(list(grids))))
        except NO_SENSE:
            raise CannotVectorise("arguments that make no sense") from None

    def reads(self, place: Address) -> bool:
        """Whether a cell lies in a range that it reads."""
        return any(
            sheet == place.sheet and top <= place.row <= bottom and left <= place.column <= right
            for sheet, top, left, bottom, right in self.areas
        )

    def filled(self, result: Any) -> Any:
        """A result as the engine takes it: one value, or as many rows and columns as the formula fills."""
        if self.extent is None:
            return cell_value(first_cell(result))
        rows = result.rows if isinstance(result, Grid) else [[result]]
        height, width = self.extent
        return [[cell_value(element(rows, row, column)) for column in range(width)] for row in range(height)]


def cell_value(value: Any) -> Any:
    """A value as a cell shows it."""
    if isinstance(value, Vector):
        value = plain(value, 0)
    if isinstance(value, float) and not np.isfinite(value):
        return ExcelError.NUM
    return 0.0 if value is None else value


def as_grid(value: Any, area: Area) -> Grid:
    """A range passed by the engine, as a grid."""
    return Grid(value if isinstance(value, list) else [[value]], area)


def kernel_of(formulas: Formulas, place: Address) -> Kernel | None:
    """The formula of a cell as a function of what it reads; None where ours cannot evaluate it."""
    shape = formulas.shape(place)
    if shape is None or shape.tree is None:
        return None
    cells = HandedCells(formulas.names)
    array = shape.form is not Form.ORDINARY
    compiler = Compiler(formulas.names, cells, SPECIAL)
    try:
        if formulas.computed_ranges(place):
            return None
        with np.errstate(all="ignore"):
            code = compiler.formula(shape.tree, place, array)
    except (CannotVectorise, Unreadable, RecursionError, *NO_SENSE):
        return None
    if not array:
        return Kernel(code, tuple(cells.areas), None)
    top, left, bottom, right = shape.extents[place.within]
    return Kernel(whole(code, place), tuple(cells.areas), (bottom - top + 1, right - left + 1))


def whole(code: Code, place: Address) -> Code:
    """The code of an array formula's whole result."""

    def run(env: Env) -> Any:
        code(env)
        return env.arrays[place]

    return run


def call_of(number: int, kernel: Kernel) -> str:
    """The engine's formula for a kernel: its number, and every range that it reads."""
    return f"{KERNEL}({','.join([str(number), *map(area_text, kernel.areas)])})"


def area_text(area: Area) -> str:
    """A range as it stands in a formula."""
    sheet, top, left, bottom, right = area
    first, last = (f"${column_letters(c)}${r}" for r, c in ((top, left), (bottom, right)))
    return sheet_text(sheet) + (first if first == last else f"{first}:{last}")
