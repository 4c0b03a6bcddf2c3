"""What is the code of each cell that varies?

Cells of one formula have theirs together where that works; the code of one cell alone is
then made only if it turns out to be needed.
"""

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

import numpy as np

from roi_xl.errors import NO_SENSE, NotSupported
from roi_xl.excel.asking import asks_where
from roi_xl.excel.code import Code, Env
from roi_xl.excel.compiler import Compiler, shown
from roi_xl.excel.group import OneByOne
from roi_xl.excel.lifting import element
from roi_xl.excel.registry import SizesVary
from roi_xl.excel.special import SPECIAL
from roi_xl.excel.values import CannotVectorise, Column, Grid
from roi_xl.formula.formulas import Formulas
from roi_xl.formula.shapes import Form
from roi_xl.formula.tokens import Unreadable
from roi_xl.sweeps.cells import SweptCells
from roi_xl.sweeps.plan import Circle, Step, Together, Unit
from roi_xl.sweeps.together import Slots, TogetherCells
from roi_xl.xlsx.addresses import Address
from roi_xl.xlsx.sheet_cells import Value

MOST_AT_ONCE = 128
"""Cells that are evaluated together: their columns shall stay in the processor's cache."""

Group = tuple[bool, bool, Sequence[Address]]
"""Cells, with whether they can be evaluated together, and whether they form a circular reference."""

DO_NOT_FIT = (OneByOne, CannotVectorise, Unreadable, *NO_SENSE)
"""What happens where a formula's cells cannot be evaluated together."""


@dataclass
class Known:
    """What is known of the cells of a workbook when their code is made.

    Attributes:
        formulas: the workbook's formulas.
        value: the current value of a cell.
        slots: the slot of each cell that varies.
        anchors: the cell that holds the array formula, by each other one that it fills.
        problems: why a cell cannot be evaluated over arrays.
        reads: the varying cells that a cell reads.
        tables: the cells of data tables.
        table_code: the code of a cell of a data table.
    """

    formulas: Formulas
    value: Callable[[Address], Value]
    slots: Mapping[Address, int]
    anchors: Mapping[Address, Address]
    problems: dict[Address, str]
    reads: Callable[[Address], tuple[Address, ...]]
    tables: Container[Address]
    table_code: Callable[[Address], Code]


class SizeChanges(NotSupported):
    """The formula of a cell fills other cells in some scenarios than it does in the file."""

    def __init__(self, place: Address) -> None:
        super().__init__(
            f"the formula of {place} fills other cells for some of these inputs than it does in the file: "
            "recalculate the workbook for each of them instead"
        )


class Codes:
    """Makes the code of cells, of each group that can be evaluated together, and of any other one by one."""

    def __init__(self, known: Known) -> None:
        self.known = known
        names = known.formulas.names
        self.compiler = Compiler(names, SweptCells(names, known.slots, known.value), SPECIAL)
        self.groups: dict[int, tuple[int, int]] = {}
        self.slots = Slots(known.slots, known.value, self.groups)
        self.count = 0

    def units(self, groups: Iterable[Group]) -> Iterator[Unit]:
        """The cells in the order in which they are evaluated."""
        for together, circular, cells in groups:
            if circular:
                yield Circle(tuple(map(self.step, cells)), tuple(map(self.known.value, cells)))
            elif together and len(cells) > 1:
                yield from self.together(cells)
            else:
                yield from map(self.step, cells)

    def together(self, cells: Sequence[Address]) -> Iterator[Step | Together]:
        """The cells of one formula: together, or else each column for itself, or else one by one."""
        parts = [cells[start : start + MOST_AT_ONCE] for start in range(0, len(cells), MOST_AT_ONCE)]
        codes = [self.common_code(part) for part in parts]
        if None in codes and cells[0].column != cells[-1].column:
            for _, column in groupby(cells, key=lambda place: place.column):
                yield from self.together(list(column))
            return
        for part, code in zip(parts, codes, strict=True):
            if code is None or len(part) == 1:
                yield from map(self.step, part)
            else:
                first = self.known.slots[part[0]]
                self.groups.update((first + place, (self.count, first)) for place in range(len(part)))
                yield Together(self.count, tuple(map(self.later, part)), code)
                self.count += 1

    def common_code(self, cells: Sequence[Address]) -> Code | None:
        """The code of some cells of one formula together; None where they do not fit."""
        shape = self.known.formulas.shape(cells[0])
        assert shape is not None
        if shape.tree is None or asks_where(shape.tree):
            return None
        names = self.known.formulas.names
        rows, columns = (np.array(side) for side in zip(*(cell.within for cell in cells), strict=True))
        compiler = Compiler(names, TogetherCells(names, self.slots, rows, columns), SPECIAL)
        try:
            return compiler.formula(shape.tree, cells[0], array=False)
        except DO_NOT_FIT:
            return None

    def later(self, place: Address) -> Step:
        """A cell whose own code is made when it is asked for."""
        return Step(place, self.known.slots[place], Later(place, self.code), read=lambda: self.known.reads(place))

    def step(self, place: Address) -> Step:
        """The code of one cell, or why there is none."""
        known, holder = self.known, self.known.anchors.get(place, place)
        why = known.problems.get(holder, "")
        code: Code | None = None
        if not why:
            try:
                code = self.code(place)
            except CannotVectorise as problem:
                why = known.problems[place] = str(problem)
        return Step(place, known.slots[place], code, why, lambda: known.reads(holder), place in known.tables)

    def code(self, place: Address) -> Code:
        """The code of one cell: of its formula, or of its part in an array formula."""
        if place in self.known.tables:
            return self.known.table_code(place)
        if place in self.known.anchors:
            anchor = self.known.anchors[place]
            return member(anchor, place.row - anchor.row, place.column - anchor.column)
        shape = self.known.formulas.shape(place)
        if shape is None or shape.tree is None:
            raise CannotVectorise("a formula that cannot be read")
        code = self.compiler.formula(shape.tree, place, shape.form is not Form.ORDINARY)
        return code if shape.form is not Form.DYNAMIC else of_one_size(code, place, shape.extents[place.within])


@dataclass
class Later:
    """Code that is made when it is first run."""

    place: Address
    make: Callable[[Address], Code]
    made: list[Code] = field(default_factory=list)

    def __call__(self, env: Env) -> Any:
        """What it gives."""
        if not self.made:
            self.made.append(self.make(self.place))
        return self.made[0](env)


def of_one_size(code: Code, place: Address, extent: tuple[int, int, int, int]) -> Code:
    """The code of a formula that takes the room it needs, which in a sweep may only be that of the file."""
    top, left, bottom, right = extent
    room = (bottom - top + 1, right - left + 1)

    def run(env: Env) -> Any:
        try:
            found, value = code(env), env.arrays[place]
        except SizesVary:
            raise SizeChanges(place) from None
        if (value.size if isinstance(value, Grid) else (1, 1)) != room:
            raise SizeChanges(place)
        return found

    return run


def member(anchor: Address, row: int, column: int) -> Code:
    """The code of an array formula's member at an offset; the formula itself comes earlier."""

    def part(env: Env) -> Column:
        if anchor not in env.arrays:
            raise CannotVectorise(f"the array formula of {anchor} is not evaluated over arrays")
        value = env.arrays[anchor]
        found: Column = shown(element(value.rows, row, column) if isinstance(value, Grid) else value)
        return found

    return part
