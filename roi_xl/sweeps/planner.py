"""Which cells lie between the changing inputs and the requested outputs?"""

import contextlib
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import TypeGuard

import numpy as np

from roi_xl.engines.book import Book
from roi_xl.errors import NotReproduced, NotSupported, NotVerified
from roi_xl.excel.code import NOTHING, Code
from roi_xl.excel.compiler import NO_NAMES, Compiler
from roi_xl.excel.registry import RANGE
from roi_xl.excel.special import SPECIAL
from roi_xl.excel.values import CannotVectorise, Grid
from roi_xl.formula.shapes import Form
from roi_xl.formula.tokens import Unreadable
from roi_xl.formula.tree import Name, Node, walk
from roi_xl.recalc.compare import Difference
from roi_xl.recalc.data_tables import DataTable, data_tables
from roi_xl.recalc.model import LoadedModel
from roi_xl.recalc.order import in_order
from roi_xl.recalc.replay import NO_DIFFERENCE
from roi_xl.recalc.witness import is_unanswered
from roi_xl.sweeps.cells import SweptCells
from roi_xl.sweeps.codes import Codes, Group, Known
from roi_xl.sweeps.groups import in_groups
from roi_xl.sweeps.plan import Circle, Plan, Step, Unit
from roi_xl.sweeps.reads import MayVary, Part, Source
from roi_xl.sweeps.tables import edges, once_more
from roi_xl.xlsx.addresses import LAST_COLUMN, LAST_ROW, Address, Area

UNKNOWN = "it calls functions that are not known"


class Planner:
    """Finds the cells and their code."""

    def __init__(self, model: LoadedModel, within: tuple[DataTable, ...] = ()) -> None:
        if not isinstance(model.book, Book):
            raise NotSupported("a sweep needs the embedded engine")
        self.model = model
        self.within = within
        self.book = model.book
        self.formulas = model.book.formulas
        self.names = self.formulas.names
        kept = model.replay.kept.items()
        self.differences = {place: one for place, one in kept if one.cause not in NO_DIFFERENCE}
        self.unknown = model.replay.unknown
        sheets = self.formulas.sheets
        self.anchors = {
            Address(name, *cell): Address(name, *anchor)
            for name, sheet in sheets.items()
            for cell, anchor in sheet.anchors.items()
        }
        tables = (table for name in sheets for table in data_tables(model.book, name))
        self.tables = {Address(table.sheet, *cell): table for table in tables for cell in table.cells}
        self.once_more: dict[tuple[DataTable, Address], Plan] = {}
        self.still = Compiler(self.names, SweptCells(self.names, {}, self.book.value), SPECIAL)
        self.formula_cells = [Address(name, *cell) for name, known in self.formulas.by_cell.items() for cell in known]
        self.may_vary = MayVary({})
        self.reads: dict[Source, list[Source]] = {}
        self.fixed: dict[Address, list[Source]] = {}
        self.problems: dict[Address, str] = {}
        self.circles: dict[Source, int] = {}

    def plan(self, inputs: Sequence[Address], outputs: Sequence[Address]) -> Plan:
        """The plan for some inputs and outputs."""
        self.reads.clear()
        self.may_vary = MayVary.of([*self.formula_cells, *self.anchors, *self.tables, *inputs])
        with np.errstate(all="ignore"):
            return self.planned(inputs, outputs)

    def planned(self, inputs: Sequence[Address], outputs: Sequence[Address]) -> Plan:
        """The plan for some inputs and outputs; constant parts are computed on the way."""
        try:
            order = self.in_order(outputs, inputs)
        except CannotVectorise as problem:
            return Plan(tuple(inputs), tuple(outputs), (), {}, {}, str(problem))
        varying = self.varying(order, inputs)
        if unsure := next((place for place in self.fixed if place in self.problems), None):
            reason = f"{unsure} reads {self.problems[unsure]}"
            return Plan(tuple(inputs), tuple(outputs), (), {}, {}, reason)
        moving = [place for group in order for place in group if place in varying]
        kept = [self.differences[place] for place in moving if place in self.differences]
        if kept:
            raise NotReproduced(kept)
        self.refuse_unanswered(place for group in order for place in group if isinstance(place, Address))
        self.model.refuse_open(place for group in order for place in group if is_still(place, varying))
        groups = [group for group in self.groups(moving) if group[-1]]
        slots = {p: slot for slot, p in enumerate([*inputs, *(place for *_, cells in groups for place in cells)])}
        known = Known(
            self.formulas,
            self.book.value,
            slots,
            self.anchors,
            self.problems,
            lambda p: self.varying_reads(p, slots),
            self.tables,
            lambda p: self.table_code(p, inputs, slots),
        )
        units = tuple(Codes(known).units(groups))
        if reason := self.why_whole(units):
            return Plan(tuple(inputs), tuple(outputs), (), {}, {}, reason)
        constants = {place: self.book.value(place) for place in outputs if place not in slots}
        return Plan(tuple(inputs), tuple(outputs), units, slots, constants)

    def refuse_unanswered(self, places: Iterable[Address]) -> None:
        """Refuse cells without a stored value that nobody has an answer for: IFERROR would hide them."""
        asked = (place for place in places if self.formulas.shape(place) is not None)
        found = [
            Difference(place, self.formulas.text(place), None, self.book.peekers[place.sheet](*place.within), UNKNOWN)
            for place in asked
            if is_unanswered(self.book, place, self.unknown)
        ]
        if found:
            raise NotVerified(found)

    def varying(self, order: Sequence[Sequence[Source]], inputs: Sequence[Address]) -> set[Source]:
        """What varies; and a problem noted for the cells that compute a range from it."""
        found: set[Source] = set(inputs)
        for group in order:
            if any(not found.isdisjoint(self.reads[place]) for place in group):
                found.update(group)
        for place, deciding in self.fixed.items():
            if not found.isdisjoint(deciding):
                self.problems[place] = "a range computed from varying cells"
        return found

    def why_whole(self, units: Sequence[Unit]) -> str:
        """Why the engine must evaluate every cell: one that has no code, and cannot be evaluated alone."""
        for unit in units:
            for step in (unit,) if isinstance(unit, Step) else unit.steps:
                if step.code is None and isinstance(unit, Circle):
                    return f"{step.place}, in a circular reference: {step.why}"
                if step.code is None and step.of_table:
                    return step.why
        return ""

    def groups(self, moving: Sequence[Source]) -> Iterator[Group]:
        """The cells that vary, those that can be evaluated together as one group, and the cells of each circle."""
        for together, sources in in_groups(moving, self.key, self.reads.__getitem__):
            for circle, some in groupby(sources, lambda source: self.circles.get(source, 0)):
                cells = [source for source in some if isinstance(source, Address)]
                yield together, bool(circle), sorted(cells, key=by_column) if together and not circle else cells

    def key(self, source: Source) -> Hashable:
        """What stands for a cell among those of one formula, or of a circle; itself, where it is a case of its own."""
        if source in self.circles:
            return self.circles[source]
        if isinstance(source, Part):
            return source.sheet, source.column, source.first
        shape = self.formulas.shape(source)
        alone = source in self.anchors or source in self.problems or source in self.fixed
        if shape is None or shape.tree is None or alone or shape.form is not Form.ORDINARY:
            return source
        return source.sheet, id(shape)

    def in_order(self, outputs: Sequence[Address], inputs: Sequence[Address]) -> list[list[Source]]:
        """Every formula cell the outputs need, in dependency order; the cells of a circular reference together."""
        wanted: list[Source] = [output for output in outputs if self.is_formula(output)]
        groups = in_order(wanted, inputs, self.children)
        while more := self.may_fill(outputs, {place for group in groups for place in group}):
            wanted += more
            groups = in_order(wanted, inputs, self.children)
        circles = [group for group in groups if len(group) > 1 or group[0] in self.reads[group[0]]]
        if circles and self.book.contents.iteration is None:
            last = circles[0][-1]
            place = last if isinstance(last, Address) else self.may_vary.last_of(last)
            raise CannotVectorise(f"a circular reference through {place}")
        self.circles = {source: number for number, circle in enumerate(circles, start=1) for source in circle}
        return groups

    def may_fill(self, outputs: Sequence[Address], known: set[Source]) -> list[Address]:
        """The other formulas that would fill an output, or what is read, if they took more room than in the file."""
        others = {
            place: extent
            for place, extent in self.formulas.extents.items()
            if place not in known and (shape := self.formulas.shape(place)) and shape.form is Form.DYNAMIC
        }
        if not others:
            return []
        areas = [one_cell(place) for place in outputs]
        for source in known:
            areas += self.areas_of(source) if isinstance(source, Address) else [whole_sheet(source.sheet)]
        return [place for place, extent in others.items() if any(is_beyond(a, place.sheet, extent) for a in areas)]

    def areas_of(self, place: Address) -> list[Area]:
        """The areas that the formula of a cell reads; nothing where they cannot be told, which is a problem already."""
        try:
            return list(self.formulas.areas(place))
        except Unreadable:
            return []

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
            return self.sources(one_cell(read) for read in self.read_by_table(self.tables[place], place))
        if place in self.anchors:
            return [self.anchors[place]]
        try:
            areas, computed = list(self.formulas.areas(place)), self.formulas.computed_ranges(place)
            areas = list(self.formulas.valued_areas(place)) if computed else areas
        except Unreadable as problem:
            self.problems[place] = f"it {problem}"
            areas, computed = self.areas_within(place), []
        if computed:
            self.fixed[place] = self.sources(area for one in computed for area in self.names.depends_on(one, place))
            areas += [area for one in computed if (area := self.computed_area(one, place)) is not None]
        return self.sources(areas)

    def areas_within(self, place: Address) -> list[Area]:
        """What a formula that links to other files reads in the workbook itself; those files do not vary."""
        with contextlib.suppress(Unreadable):
            if not self.formulas.computed_ranges(place):
                return list(self.formulas.areas_within(place))
        raise CannotVectorise(f"{place} reads cells that are not all known ({self.problems[place]})")

    def read_by_table(self, table: DataTable, place: Address) -> list[Address]:
        """What a cell of a data table reads: the values along the edges, and the cell of its formula."""
        if table not in self.model.replay.data_tables:
            raise CannotVectorise(f"{place} belongs to a data table that is not reevaluated")
        if table in self.within:
            raise CannotVectorise(f"{place} belongs to a data table that reads itself")
        return [*edges(table, place).values(), Address(table.sheet, *table.formula_of(place.within))]

    def table_code(self, place: Address, inputs: Sequence[Address], slots: Mapping[Address, int]) -> Code:
        """The code of a cell of a data table: its formula once more, with other inputs."""
        table, edge = self.tables[place], edges(self.tables[place], place)
        formula = Address(table.sheet, *table.formula_of(place.within))
        inner = [*(one for one in inputs if one not in edge), *edge]
        if (table, formula) not in self.once_more:
            plan = Planner(self.model, (*self.within, table)).plan(inner, [formula])
            if plan.by_engine:
                raise CannotVectorise(f"{place}, of a data table: {' '.join(plan.lines())}")
            self.once_more[table, formula] = plan
        cells = SweptCells(self.names, slots, self.book.value)
        return once_more(self.once_more[table, formula], [cells.cell(edge.get(one, one)) for one in inner])

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


def is_still(place: Source, varying: set[Source]) -> TypeGuard[Address]:
    """Whether it is a cell that does not vary."""
    return isinstance(place, Address) and place not in varying


def one_cell(place: Address) -> Area:
    """A cell as an area."""
    return place.sheet, *place.within, *place.within


def by_column(place: Address) -> tuple[int, int]:
    """The order of cells, column by column."""
    return place.column, place.row


def is_beyond(area: Area, sheet: str, extent: tuple[int, int, int, int]) -> bool:
    """Whether a range has cells that an array would fill if it grew to the right or downward."""
    top, left, bottom, right = extent
    return area[0] == sheet and area[3] >= top and area[4] >= left and (area[3] > bottom or area[4] > right)


def whole_sheet(sheet: str) -> Area:
    """Every cell of a sheet."""
    return sheet, 1, 1, LAST_ROW, LAST_COLUMN
