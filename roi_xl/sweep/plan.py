"""Which cells lie between the inputs that change and the outputs that are wanted?"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from roi_xl.engines import embedded
from roi_xl.engines.book import Book
from roi_xl.errors import NotReproduced, NotSupported
from roi_xl.excel.compiler import Code, Compiler, References, areas_of
from roi_xl.excel.values import CannotVectorise
from roi_xl.formula.semantics import Node, parsed
from roi_xl.recalc.data_tables import data_tables, stored_values
from roi_xl.recalc.model import LoadedModel
from roi_xl.recalc.replay import NO_DIFFERENCE
from roi_xl.xlsx.addresses import Address, Area, column_number
from roi_xl.xlsx.formula_cells import FormulaCells
from roi_xl.xlsx.sheet_cells import IS_ARRAY, arrays, grammar_of, last_row


@dataclass(frozen=True)
class Step:
    """One cell that varies: its slot, and its code, or why it is left to the engine and what it then reads."""

    place: Address
    slot: int
    code: Code | None
    why: str = ""
    reads: tuple[Address, ...] = ()


@dataclass(frozen=True)
class Plan:
    """Every cell that varies, each after those that it reads."""

    inputs: tuple[Address, ...]
    outputs: tuple[Address, ...]
    steps: tuple[Step, ...]
    slots: dict[Address, int]
    constants: dict[Address, Any]
    whole: str = ""

    @property
    def left(self) -> list[Step]:
        """The cells that are left to the engine."""
        return [step for step in self.steps if step.code is None]

    @property
    def by_engine(self) -> bool:
        """Whether anything is evaluated scenario by scenario."""
        return bool(self.whole or self.left)

    def lines(self) -> Iterator[str]:
        """What the plan does, for a person."""
        if self.whole:
            yield f"every scenario is evaluated by the engine: {self.whole}"
            return
        yield f"{len(self.steps):,} cells vary, {len(self.steps) - len(self.left):,} of them over arrays"
        for step in self.left:
            yield f"{step.place} is evaluated by the engine, scenario by scenario: {step.why}"
        constant = [str(place) for place in self.outputs if place not in self.slots]
        if constant:
            yield f"no input reaches {', '.join(constant)}"


class Planner:
    """Finds the cells and their code; formulas are read from a copy that keeps Excel's words."""

    def __init__(self, model: LoadedModel) -> None:
        if not isinstance(model.book, Book):
            raise NotSupported("a sweep needs the embedded engine")
        self.book = model.book
        kept = model.replay.kept.items()
        self.differences = {place: one for place, one in kept if one.cause not in NO_DIFFERENCE}
        self.written = embedded.load(model.book.package, model.book.contents, as_written=True)
        contents = model.book.contents
        self.formulas = {sheet: places_of(cells) for sheet, cells in model.book.cells.items()}
        sheets = {sheet: model.book.sheet(sheet) for sheet in contents.sheets}
        self.arrays = {name: array_places(sheet) for name, sheet in sheets.items()}
        self.anchors = {cell: anchor for name, sheet in sheets.items() for anchor, cell in members(name, sheet)}
        tables = (table for sheet in contents.sheets for table in data_tables(model.book, sheet))
        self.tables = {place for table in tables for place in stored_values(model.book, table)}
        names = {name.casefold(): place for name, place in contents.names.items()}
        last_rows = {sheet: last_row(model.book.sheet(sheet)) for sheet in contents.sheets}
        self.references = References(names, contents.range_names, last_rows)
        self.trees: dict[Address, Node] = {}
        self.reads: dict[Address, list[Address]] = {}
        self.problems: dict[Address, str] = {}

    def plan(self, inputs: Sequence[Address], outputs: Sequence[Address]) -> Plan:
        """The plan for some inputs and outputs."""
        with np.errstate(all="ignore"):
            return self.planned(inputs, outputs)

    def planned(self, inputs: Sequence[Address], outputs: Sequence[Address]) -> Plan:
        """The plan for some inputs and outputs; what does not vary is computed while it is made."""
        given = frozenset(inputs)
        try:
            order = self.in_order(outputs, given)
        except CannotVectorise as problem:
            return Plan(tuple(inputs), tuple(outputs), (), {}, {}, str(problem))
        varying: set[Address] = set(given)
        for place in order:
            if any(read in varying for read in self.reads[place]):
                varying.add(place)
        moving = [place for place in order if place in varying]
        kept = [self.differences[place] for place in moving if place in self.differences]
        if kept:
            raise NotReproduced(kept)
        slots = {place: slot for slot, place in enumerate([*inputs, *moving])}
        compiler = Compiler(self.references, slots, self.book.value)
        steps = tuple(self.step(place, compiler, slots) for place in moving)
        constants = {place: self.book.value(place) for place in outputs if place not in slots}
        return Plan(tuple(inputs), tuple(outputs), steps, slots, constants)

    def in_order(self, outputs: Sequence[Address], inputs: frozenset[Address]) -> list[Address]:
        """Every formula cell that the outputs need, each after those that it reads."""
        order: list[Address] = []
        state: dict[Address, bool] = dict.fromkeys(inputs, True)
        stack: list[tuple[Address, Iterator[Address]]] = []
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
                    raise CannotVectorise(f"a circular reference through {child}")
        return order

    def is_formula(self, place: Address) -> bool:
        """Whether a cell holds a formula, or is a member of an array formula or a data table."""
        return place.within in self.formulas.get(place.sheet, ()) or place in self.anchors or place in self.tables

    def children(self, place: Address) -> list[Address]:
        """The formula cells, and inputs, that a formula reads."""
        if place in self.reads:
            return [read for read in self.reads[place] if self.is_formula(read)]
        if place in self.tables:
            raise NotSupported(f"{place} belongs to a data table, which a sweep does not evaluate")
        if place in self.anchors:
            self.reads[place] = [self.anchors[place]]
            return self.reads[place]
        text = self.written.get_formula(place.sheet, place.row, place.column) or ""
        try:
            self.trees[place] = parsed(text.removeprefix("="))
            areas = list(areas_of(self.trees[place], self.references, place))
        except (CannotVectorise, ValueError) as problem:
            self.problems[place] = str(problem)
            found = self.book.reads(place)
            if not found.complete:
                raise CannotVectorise(f"{place} reads cells that cannot all be told ({problem})") from None
            areas = list(found.areas)
        self.reads[place] = [cell for area in areas for cell in self.cells_of(area)]
        return [read for read in self.reads[place] if self.is_formula(read)]

    def cells_of(self, area: Area) -> list[Address]:
        """Every cell of an area down to the last row in use."""
        sheet, top, left, bottom, right = area
        bottom = min(bottom, max(top, self.references.last_rows.get(sheet, bottom)))
        return [Address(sheet, row, column) for row in range(top, bottom + 1) for column in range(left, right + 1)]

    def step(self, place: Address, compiler: Compiler, slots: dict[Address, int]) -> Step:
        """The code of one cell, or why there is none."""
        holder = self.anchors.get(place, place)
        why = self.problems.get(holder, "")
        reads = tuple(dict.fromkeys(read for read in self.reads[holder] if read in slots))
        if not why:
            try:
                return Step(place, slots[place], self.code(place, compiler), reads=reads)
            except CannotVectorise as problem:
                why = self.problems[place] = str(problem)
        return Step(place, slots[place], None, why, reads)

    def code(self, place: Address, compiler: Compiler) -> Code:
        """The code of one cell: of its formula, or of its part in an array formula."""
        if place in self.anchors:
            anchor = self.anchors[place]
            return compiler.member(anchor, place.row - anchor.row, place.column - anchor.column)
        return compiler.formula(self.trees[place], place, self.is_array(place))

    def is_array(self, place: Address) -> bool:
        """Whether a cell holds an array formula."""
        return place.within in self.arrays[place.sheet]


def members(name: str, sheet: bytes) -> Iterator[tuple[Address, Address]]:
    """The cell that holds each array formula of a sheet, with every other cell that it fills."""
    for anchor, cells in arrays(sheet).items():
        yield from ((Address(name, *anchor), Address(name, *cell)) for cell in cells)


def array_places(sheet: bytes) -> set[tuple[int, int]]:
    """The places of a sheet's array formulas."""
    if b"array" not in sheet:
        return set()
    found = grammar_of(sheet).formula_cell.finditer(sheet)
    return {(int(match[4]), column_number(match[3].decode())) for match in found if IS_ARRAY.search(match[5])}


def places_of(cells: FormulaCells) -> set[tuple[int, int]]:
    """The places of a sheet's formula cells."""
    return set(zip(cells.rows, cells.columns, strict=True))
