"""Which cells lie between the changing inputs and the requested outputs?"""

from collections.abc import Iterable, Sequence

import numpy as np

from roi_xl.engines.book import Book
from roi_xl.errors import NotReproduced, NotSupported
from roi_xl.excel.code import NOTHING, Code, Env
from roi_xl.excel.compiler import NO_NAMES, Compiler, shown
from roi_xl.excel.lifting import element
from roi_xl.excel.registry import RANGE
from roi_xl.excel.special import SPECIAL
from roi_xl.excel.values import CannotVectorise, Column, Grid
from roi_xl.formula.shapes import Form
from roi_xl.formula.tokens import Unreadable
from roi_xl.formula.tree import Node
from roi_xl.recalc.data_tables import DataTable, data_tables
from roi_xl.recalc.model import LoadedModel
from roi_xl.recalc.order import Group, in_order
from roi_xl.recalc.replay import NO_DIFFERENCE
from roi_xl.sweeps.cells import SweptCells, places
from roi_xl.sweeps.iterate import run_through
from roi_xl.sweeps.steps import Plan, Step, Stretch
from roi_xl.xlsx.addresses import Address, Area


class Planner:
    """Finds the cells and their code."""

    def __init__(self, model: LoadedModel, within: tuple[DataTable, ...] = ()) -> None:
        if not isinstance(model.book, Book):
            raise NotSupported("a sweep needs the embedded engine")
        self.model = model
        self.book = model.book
        self.formulas = model.book.formulas
        self.names = self.formulas.names
        kept = model.replay.kept.items()
        self.differences = {place: one for place, one in kept if one.cause not in NO_DIFFERENCE}
        sheets = self.formulas.sheets
        self.anchors = {
            Address(name, *cell): Address(name, *anchor)
            for name, sheet in sheets.items()
            for cell, anchor in sheet.anchors.items()
        }
        tables = (table for name in sheets for table in data_tables(model.book, name))
        self.tables = {Address(table.sheet, *cell): table for table in tables for cell in table.cells}
        self.within = within
        self.once_more: dict[tuple[DataTable, Address], Plan] = {}
        self.still = Compiler(self.names, SweptCells(self.names, {}, self.book.value), SPECIAL)
        self.given: frozenset[Address] = frozenset()
        self.reads: dict[Address, list[Address]] = {}
        self.fixed: dict[Address, list[Address]] = {}
        self.problems: dict[Address, str] = {}

    def plan(self, inputs: Sequence[Address], outputs: Sequence[Address]) -> Plan:
        """The plan for some inputs and outputs."""
        with np.errstate(all="ignore"):
            return self.planned(inputs, outputs)

    def planned(self, inputs: Sequence[Address], outputs: Sequence[Address]) -> Plan:
        """The plan for some inputs and outputs; constant parts are computed on the way."""
        self.given = given = frozenset(inputs)
        try:
            order = self.in_order(outputs, given)
        except CannotVectorise as problem:
            return Plan(tuple(inputs), tuple(outputs), (), {}, {}, str(problem))
        varying = self.varying(order, given)
        if reason := self.why_whole(order):
            return Plan(tuple(inputs), tuple(outputs), (), {}, {}, reason)
        groups = [group for group in order if group[0] in varying]
        moving = [place for group in groups for place in group]
        kept = [self.differences[place] for place in moving if place in self.differences]
        if kept:
            raise NotReproduced(kept)
        slots = {place: slot for slot, place in enumerate([*inputs, *moving])}
        compiler = Compiler(self.names, SweptCells(self.names, slots, self.book.value), SPECIAL)
        stretches = [self.stretch(group, compiler, slots) for group in groups]
        if reason := self.why_not_alone(stretches):
            return Plan(tuple(inputs), tuple(outputs), (), {}, {}, reason)
        constants = {place: self.book.value(place) for place in outputs if place not in slots}
        return Plan(tuple(inputs), tuple(outputs), joined(stretches), slots, constants)

    def varying(self, order: Sequence[Group], given: frozenset[Address]) -> set[Address]:
        """The cells that vary; and a problem noted for those whose ranges do."""
        found = set(given)
        for group in order:
            if any(read in found for place in group for read in self.reads[place]):
                found.update(group)
        for place in (place for group in order for place in group):
            if any(read in found for read in self.fixed.get(place, ())):
                self.problems[place] = "a range computed from varying cells"
        return found

    def why_whole(self, order: Sequence[Group]) -> str:
        """Why every scenario goes through the engine: a cell reads a range that varies; empty if none does."""
        places = (place for group in order for place in group)
        unsure = next((place for place in places if place in self.problems and place in self.fixed), None)
        return f"{unsure} reads {self.problems[unsure]}" if unsure else ""

    def why_not_alone(self, stretches: Sequence[Stretch]) -> str:
        """Why the engine must evaluate every cell: one that has no code, and cannot be evaluated alone."""
        for stretch in stretches:
            for step in stretch.steps:
                if step.code is None and stretch.circular:
                    return f"{step.place}, in a circular reference: {step.why}"
                if step.code is None and step.place in self.tables:
                    return step.why
        return ""

    def stretch(self, group: Group, compiler: Compiler, slots: dict[Address, int]) -> Stretch:
        """The steps of one group; those of a circular reference start from the current values."""
        steps = tuple(self.step(place, compiler, slots) for place in group)
        circular = self.is_circular(group)
        return Stretch(steps, tuple(self.book.value(place) for place in group) if circular else ())

    def in_order(self, outputs: Sequence[Address], inputs: frozenset[Address]) -> list[Group]:
        """Every formula cell the outputs need, in dependency order; the cells of a circular reference together."""
        groups = in_order(filter(self.is_formula, outputs), inputs, self.children)
        circles = (group for group in groups if self.is_circular(group))
        if self.book.contents.iteration is None and (circle := next(circles, None)):
            raise CannotVectorise(f"a circular reference through {circle[-1]}")
        return groups

    def is_circular(self, group: Group) -> bool:
        """Whether the cells of a group read each other."""
        return len(group) > 1 or group[0] in self.reads[group[0]]

    def is_formula(self, place: Address) -> bool:
        """Whether a cell holds a formula, or is a member of an array formula or a data table."""
        return self.formulas.shape(place) is not None or place in self.anchors or place in self.tables

    def children(self, place: Address) -> list[Address]:
        """The formula cells, and inputs, that a formula reads."""
        if place in self.reads:
            return [read for read in self.reads[place] if self.is_formula(read)]
        if place in self.tables:
            self.reads[place] = self.read_by_table(self.tables[place], place)
            return [read for read in self.reads[place] if self.is_formula(read)]
        if place in self.anchors:
            self.reads[place] = [self.anchors[place]]
            return self.reads[place]
        try:
            computed = self.formulas.computed_ranges(place)
            areas = list(self.formulas.valued_areas(place) if computed else self.formulas.areas(place))
        except Unreadable as problem:
            self.problems[place] = f"it {problem}"
            areas, computed = self.areas_within(place), []
        if computed:
            self.fixed[place] = self.cells_read(area for one in computed for area in self.names.depends_on(one, place))
            areas += [area for one in computed if (area := self.computed_area(one, place)) is not None]
        self.reads[place] = self.cells_read(areas)
        return [read for read in self.reads[place] if self.is_formula(read)]

    def areas_within(self, place: Address) -> list[Area]:
        """What a formula that links to other files reads in the workbook itself; those files do not vary."""
        try:
            if not self.formulas.computed_ranges(place):
                return list(self.formulas.areas_within(place))
        except Unreadable:
            pass
        raise CannotVectorise(f"{place} reads cells that are not all known ({self.problems[place]})")

    def read_by_table(self, table: DataTable, place: Address) -> list[Address]:
        """What a cell of a data table reads: the values along the edges, and the cell of its formula."""
        if table not in self.model.replay.data_tables:
            raise CannotVectorise(f"{place} belongs to a data table that is not evaluated anew")
        if table in self.within:
            raise CannotVectorise(f"{place} belongs to a data table that reads itself")
        return [*edges(table, place).values(), Address(table.sheet, *table.formula_of(place.within))]

    def table_code(self, place: Address, compiler: Compiler) -> Code:
        """The code of a cell of a data table: its formula once more, with other inputs."""
        table, edge = self.tables[place], edges(self.tables[place], place)
        formula = Address(table.sheet, *table.formula_of(place.within))
        inputs = [*(one for one in self.given if one not in edge), *edge]
        if (table, formula) not in self.once_more:
            plan = Planner(self.model, (*self.within, table)).planned(inputs, [formula])
            if plan.by_engine:
                raise CannotVectorise(f"{place}, of a data table: {next(plan.lines())}")
            self.once_more[table, formula] = plan
        cells = compiler.cells
        assert isinstance(cells, SweptCells)
        return once_more(self.once_more[table, formula], [cells.cell(edge.get(one, one)) for one in inputs])

    def computed_area(self, computed: Node, place: Address) -> Area | None:
        """The range that a part of a formula computes for the current workbook; None if it is an error."""
        try:
            found = self.still.part(computed, RANGE, place, NO_NAMES)(NOTHING)
        except Unreadable as problem:
            raise CannotVectorise(f"{place}, which {problem}") from None
        return found.area if isinstance(found, Grid) else None

    def cells_read(self, areas: Iterable[Area]) -> list[Address]:
        """Every cell of some areas."""
        return [cell for area in areas for row in places(area) for cell in row]

    def step(self, place: Address, compiler: Compiler, slots: dict[Address, int]) -> Step:
        """The code of one cell, or why there is none."""
        holder = self.anchors.get(place, place)
        why = self.problems.get(holder, "")
        reads = tuple(dict.fromkeys(read for read in self.reads[holder] if read in slots))
        if not why:
            try:
                return Step(place, slots[place], self.code(place, compiler), "", reads, place in self.tables)
            except CannotVectorise as problem:
                why = self.problems[place] = str(problem)
        return Step(place, slots[place], None, why, reads)

    def code(self, place: Address, compiler: Compiler) -> Code:
        """The code of one cell: of its formula, or of its part in an array formula."""
        if place in self.tables:
            return self.table_code(place, compiler)
        if place in self.anchors:
            anchor = self.anchors[place]
            return member(anchor, place.row - anchor.row, place.column - anchor.column)
        shape = self.formulas.shape(place)
        if shape is None or shape.tree is None:
            raise CannotVectorise("a formula that cannot be read")
        return compiler.formula(shape.tree, place, shape.form is not Form.ORDINARY)


def joined(stretches: Iterable[Stretch]) -> tuple[Stretch, ...]:
    """Stretches with those that follow each other and are not circular put together."""
    found: list[Stretch] = []
    for stretch in stretches:
        if found and not stretch.circular and not found[-1].circular:
            stretch = Stretch((*found.pop().steps, *stretch.steps))
        found.append(stretch)
    return tuple(found)


def edges(table: DataTable, place: Address) -> dict[Address, Address]:
    """The cells along the edges of a data table whose values a cell of it takes, by the input cell that they go to."""
    top, left = Address(table.sheet, table.top - 1, place.column), Address(table.sheet, place.row, table.left - 1)
    pairs = ((table.row_input, top), (table.column_input, left))
    return {Address(table.sheet, *within): edge for within, edge in pairs if within}


def once_more(plan: Plan, given: Sequence[Code]) -> Code:
    """The code of a plan's output, with the codes of its inputs."""
    output = plan.outputs[0]

    def again(env: Env) -> Column:
        inner = Env([code(env) for code in given] + [None] * len(plan.steps))
        run_through(plan, inner)
        found: Column = inner.cells[plan.slots[output]] if output in plan.slots else plan.constants[output]
        return found

    return again


def member(anchor: Address, row: int, column: int) -> Code:
    """The code of an array formula's member at an offset; the formula itself comes earlier."""

    def part(env: Env) -> Column:
        if anchor not in env.arrays:
            raise CannotVectorise(f"the array formula of {anchor} is not evaluated over arrays")
        value = env.arrays[anchor]
        found: Column = shown(element(value.rows, row, column) if isinstance(value, Grid) else value)
        return found

    return part
