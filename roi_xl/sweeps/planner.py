"""Which cells lie between the changing inputs and the requested outputs?"""

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence

import numpy as np

from roi_xl.engines.book import Book
from roi_xl.errors import NotReproduced, NotSupported
from roi_xl.excel.code import NOTHING
from roi_xl.excel.compiler import NO_NAMES, Compiler
from roi_xl.excel.registry import RANGE
from roi_xl.excel.special import SPECIAL
from roi_xl.excel.values import CannotVectorise, Grid
from roi_xl.formula.shapes import Form
from roi_xl.formula.tokens import Unreadable
from roi_xl.formula.tree import Name, Node, walk
from roi_xl.recalc.data_tables import data_tables, stored_values
from roi_xl.recalc.model import LoadedModel
from roi_xl.recalc.replay import NO_DIFFERENCE
from roi_xl.sweeps.cells import SweptCells
from roi_xl.sweeps.codes import Codes, Known
from roi_xl.sweeps.groups import in_groups
from roi_xl.sweeps.plan import Plan
from roi_xl.sweeps.reads import MayVary, Part, Source
from roi_xl.xlsx.addresses import Address, Area


class Planner:
    """Finds the cells and their code."""

    def __init__(self, model: LoadedModel) -> None:
        if not isinstance(model.book, Book):
            raise NotSupported("a sweep needs the embedded engine")
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
        self.tables = {place for table in tables for place in stored_values(model.book, table)}
        self.still = Compiler(self.names, SweptCells(self.names, {}, self.book.value), SPECIAL)
        self.formula_cells = [Address(name, *cell) for name, known in self.formulas.by_cell.items() for cell in known]
        self.may_vary = MayVary({})
        self.reads: dict[Source, list[Source]] = {}
        self.fixed: dict[Address, list[Source]] = {}
        self.problems: dict[Address, str] = {}

    def plan(self, inputs: Sequence[Address], outputs: Sequence[Address]) -> Plan:
        """The plan for some inputs and outputs."""
        self.reads.clear()
        self.may_vary = MayVary.of([*self.formula_cells, *self.anchors, *self.tables, *inputs])
        with np.errstate(all="ignore"):
            return self.planned(inputs, outputs)

    def planned(self, inputs: Sequence[Address], outputs: Sequence[Address]) -> Plan:
        """The plan for some inputs and outputs; constant parts are computed on the way."""
        try:
            order = self.in_order(outputs, frozenset(inputs))
        except CannotVectorise as problem:
            return Plan(tuple(inputs), tuple(outputs), (), {}, {}, str(problem))
        varying: set[Source] = set(inputs)
        for place in order:
            if not varying.isdisjoint(self.reads[place]):
                varying.add(place)
            if isinstance(place, Address) and not varying.isdisjoint(self.fixed.get(place, ())):
                self.problems[place] = "a range computed from varying cells"
        if unsure := next((place for place in self.fixed if place in self.problems), None):
            reason = f"{unsure} reads {self.problems[unsure]}"
            return Plan(tuple(inputs), tuple(outputs), (), {}, {}, reason)
        moving = [place for place in order if place in varying]
        kept = [self.differences[place] for place in moving if place in self.differences]
        if kept:
            raise NotReproduced(kept)
        groups = [(together, cells) for together, cells in self.groups(moving) if cells]
        slots = {p: slot for slot, p in enumerate([*inputs, *(place for _, cells in groups for place in cells)])}
        known = Known(
            self.formulas, self.book.value, slots, self.anchors, self.problems, lambda p: self.varying_reads(p, slots)
        )
        units = Codes(known).units(groups)
        constants = {place: self.book.value(place) for place in outputs if place not in slots}
        return Plan(tuple(inputs), tuple(outputs), tuple(units), slots, constants)

    def groups(self, moving: Sequence[Source]) -> Iterator[tuple[bool, list[Address]]]:
        """The cells that vary, those that can be evaluated together as one group."""
        for together, sources in in_groups(moving, self.key, self.reads.__getitem__):
            cells = [source for source in sources if isinstance(source, Address)]
            yield together, sorted(cells, key=by_column) if together else cells

    def key(self, source: Source) -> Hashable:
        """What stands for a cell among those of one formula; itself, where it is a case of its own."""
        if isinstance(source, Part):
            return source.sheet, source.column, source.first
        shape = self.formulas.shape(source)
        alone = source in self.anchors or source in self.problems or source in self.fixed
        if shape is None or shape.tree is None or alone or shape.form is not Form.ORDINARY:
            return source
        return source.sheet, id(shape)

    def in_order(self, outputs: Sequence[Address], inputs: frozenset[Address]) -> list[Source]:
        """Every formula cell the outputs need, in dependency order."""
        order: list[Source] = []
        state: dict[Source, bool] = dict.fromkeys(inputs, True)
        stack: list[tuple[Source, Iterator[Source]]] = []
        for output in outputs:
            if output in state or not self.is_formula(output):
                continue
            state[output] = False
            stack.append((output, iter(self.children(output))))
            while stack:
                place, children = stack[-1]
                child = next(children, None)
                if child is None:
                    stack.pop()
                    state[place] = True
                    order.append(place)
                elif child not in state:
                    state[child] = False
                    stack.append((child, iter(self.children(child))))
                elif not state[child]:
                    last = child if isinstance(child, Address) else self.may_vary.last_of(child)
                    raise CannotVectorise(f"a circular reference through {last}")
        return order

    def is_formula(self, place: Address) -> bool:
        """Whether a cell holds a formula, or is a member of an array formula or a data table."""
        return self.formulas.shape(place) is not None or place in self.anchors or place in self.tables

    def children(self, place: Source) -> list[Source]:
        """The formula cells, and inputs, that a formula reads."""
        if place not in self.reads:
            known = self.may_vary.read_by(place) if isinstance(place, Part) else self.read_by(place)
            self.reads[place] = list(dict.fromkeys(known))
        return self.reads[place]

    def read_by(self, place: Address) -> list[Source]:
        """What the formula of a cell reads."""
        if place in self.tables:
            raise NotSupported(f"{place} belongs to a data table, which a sweep cannot evaluate")
        if place in self.anchors:
            return [self.anchors[place]]
        try:
            areas, computed = list(self.formulas.areas(place)), self.formulas.computed_ranges(place)
        except Unreadable as problem:
            self.problems[place] = f"it {problem}"
            found = self.book.reads(place)
            if not found.complete:
                raise CannotVectorise(f"{place} reads cells that are not all known (it {problem})") from None
            areas, computed = list(found.areas), []
        if computed:
            self.fixed[place] = self.sources(area for one in computed for area in self.names.depends_on(one, place))
            areas += [area for one in computed if (area := self.computed_area(one, place)) is not None]
        return self.sources(areas)

    def computed_area(self, computed: Node, place: Address) -> Area | None:
        """The range that a part of a formula computes for the current workbook; None if it is an error."""
        if any(isinstance(part, Name) and self.still.is_nowhere(part, place) for part in walk(computed)):
            raise CannotVectorise(f"{place}, which has a range between names of its own")
        try:
            found = self.still.part(computed, RANGE, place, NO_NAMES)(NOTHING)
        except Unreadable as problem:
            raise CannotVectorise(f"{place}, which {problem}") from None
        return found.area if isinstance(found, Grid) else None

    def sources(self, areas: Iterable[Area]) -> list[Source]:
        """What may vary in some areas."""
        return [source for area in areas for source in self.may_vary.within(area)]

    def varying_reads(self, place: Address, slots: Mapping[Address, int]) -> tuple[Address, ...]:
        """The varying cells that a formula reads."""
        cells = (cell for source in self.reads[place] for cell in self.may_vary.cells(source))
        return tuple(dict.fromkeys(cell for cell in cells if cell in slots))


def by_column(place: Address) -> tuple[int, int]:
    """The order of cells, column by column."""
    return place.column, place.row
