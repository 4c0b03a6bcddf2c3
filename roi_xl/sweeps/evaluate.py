"""What are the outputs for one chunk of scenarios?

A chunk is small enough for its columns to stay in the processor's cache. Cells that
cannot be evaluated over arrays go through an engine, scenario by scenario.
"""

import contextlib
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from roi_xl.engines.book import Book
from roi_xl.errors import NotSupported
from roi_xl.excel.code import Env
from roi_xl.excel.known import engine_differs
from roi_xl.excel.operators import values_of
from roi_xl.excel.values import (
    TEXTS,
    Array,
    CannotVectorise,
    Column,
    Vector,
    behind,
    from_plain,
    is_number,
    number_behind,
    plain,
    settled,
    tagged,
)
from roi_xl.formula.shapes import Form
from roi_xl.formula.tree import functions_in
from roi_xl.recalc.compare import is_residue
from roi_xl.recalc.model import LoadedModel
from roi_xl.recalc.taking_over import evaluated_again
from roi_xl.recalc.verify import SUMS
from roi_xl.sweeps.confirm import Confirmed, agrees
from roi_xl.sweeps.iterate import run_through
from roi_xl.sweeps.plan import Plan, Step
from roi_xl.sweeps.planner import Planner
from roi_xl.xlsx.addresses import Address
from roi_xl.xlsx.sheet_cells import Value

CHUNK, LEAST, ELEMENTS = 8_192, 256, 65_536
"""Scenarios that are evaluated at once, and numbers in all, where several cells are."""

MANY = 16_384
"""Scenarios from which on it is quicker to evaluate each cell alone, which takes code of its own."""

FEW = 20
MOST_NEEDED = 0.5
"""The share of formulas that vary from which on it takes longer to clear the others away than to evaluate them."""

GAVE_UP = "our functions have no answer for some of these inputs"

SAMPLE = 24


@dataclass
class Evaluator:
    """A model and the plan for some of its inputs and outputs."""

    model: LoadedModel
    plan: Plan
    spare: Book | None = None
    gave_up: Counter[Address] = field(default_factory=Counter)

    @classmethod
    def of(cls, model: LoadedModel, inputs: Sequence[Address], outputs: Sequence[Address]) -> "Evaluator":
        """Plan for some inputs and outputs of a model."""
        return cls(model, Planner(model).plan(inputs, outputs))

    def columns(self, given: Sequence[Array]) -> list[Column]:
        """The outputs for columns of inputs, chunk by chunk."""
        count = len(given[0])
        if self.plan.whole:
            return self.by_engine(given)
        parts: list[list[Column]] = []
        TEXTS.clear()
        alone = count >= MANY
        step = CHUNK if alone else self.chunk_size
        try:
            with np.errstate(all="ignore"):
                for start in range(0, count, step):
                    chunk = [column[start : start + step] for column in given]
                    parts.append(self.chunk(chunk, alone))
        except CannotVectorise as problem:  # in a circular reference or a data table
            self.plan = replace(self.plan, whole=str(problem))
            return self.by_engine(given)
        sizes = [min(step, count - start) for start in range(0, count, step)]
        return [together(list(part), sizes) for part in zip(*parts, strict=True)]

    @property
    def chunk_size(self) -> int:
        """How many scenarios are evaluated at once: fewer where many cells are evaluated together."""
        return max(min(CHUNK, int(ELEMENTS / max(self.plan.at_once, 1))), LEAST)

    def chunk(self, given: Sequence[Array], alone: bool) -> list[Column]:
        """The outputs for one chunk."""
        env = self.run(given, alone)
        slots = self.plan.slots
        return [
            settled(env.cells[slots[place]]) if place in slots else self.plan.constants[place]
            for place in self.plan.outputs
        ]

    def run(self, given: Sequence[Array], alone: bool = False) -> Env:
        """Every cell that varies, for one chunk; each alone, or those of one formula together."""
        cells: list[Any] = [Vector(np.asarray(column, float)) for column in given]
        count = len(given[0])
        env = Env(cells + [None] * len(self.plan.steps), count)
        run_through(self.plan, env, lambda step: self.value(step, env, count), alone)
        return env

    def value(self, step: Step, env: Env, count: int) -> Column:
        """One cell for one chunk, by its code or by the engine."""
        if step.code is not None:
            try:
                result: Column = step.code(env)
                return result
            except CannotVectorise:
                if step.of_table:
                    raise
                self.gave_up[step.place] += count
        return self.of_engine(step, env, count)

    def of_engine(self, step: Step, env: Env, count: int) -> Column:
        """One cell for one chunk, scenario by scenario, with its precedents set as values."""
        self.refuse_spilled(step)
        if self.spare is None:
            assert isinstance(self.model.book, Book)
            self.spare = self.model.book.twin(self.model.replay.kept)
        reads, slots, spare = step.reads, self.plan.slots, self.spare
        columns = [values_of(settled(env.cells[slots[place]]), count) for place in reads]
        formulas = {place: spare.formula(place) for place in reads}
        cell = Confirmed.of(spare, step.place, reads)
        found = []
        for case in range(count):
            for place, column in zip(reads, columns, strict=True):
                spare.put(place, column[case])
            found.append(cell.value())
        self.restore(formulas)
        return from_plain(found)

    def refuse_spilled(self, step: Step) -> None:
        """Refuse a formula that fills several cells and that only the engine evaluates: how many cannot be told."""
        formulas = self.model.book.formulas
        shape = formulas.shape(step.place)
        top, left, bottom, right = formulas.extents.get(step.place, (0, 0, 0, 0))
        if shape is not None and shape.form is Form.DYNAMIC and (top, left) != (bottom, right):
            raise NotSupported(
                f"the formula of {step.place} fills several cells, and cannot be swept: {step.why or GAVE_UP}"
            )

    def restore(self, formulas: Mapping[Address, str]) -> None:
        """Put formulas back; members of an array formula are cleared first so that it can spill."""
        assert self.spare is not None
        for place in formulas:
            self.spare.put(place, None)
        for place, formula in formulas.items():
            if formula:
                self.spare.put_formula(place, formula)

    def by_engine(self, given: Sequence[Array]) -> list[Column]:
        """The outputs scenario by scenario, each calculated and verified as a change of its own."""
        found = [self.calculated([column[case] for column in given]) for case in range(len(given[0]))]
        return [from_plain(list(values)) for values in zip(*found, strict=True)]

    def calculated(self, values: Sequence[Any]) -> list[Value]:
        """The outputs of one scenario."""
        self.model.calculate({str(place): float(value) for place, value in zip(self.plan.inputs, values, strict=True)})
        self.model.refuse_open(self.plan.outputs)
        return [self.model.value(place) for place in self.plan.outputs]

    def scenario(self, values: Sequence[Any], places: Sequence[Address] | None = None) -> list[Value]:
        """Outputs, or other cells, of one scenario, by the engine; data tables, by the model."""
        book = self.model.book
        wanted = self.plan.outputs if places is None else places
        if self.plan.has_tables:
            self.calculated(values)
            return [self.model.value(place) for place in wanted]
        for place, value in zip(self.plan.inputs, values, strict=True):
            book.put(place, float(value))
        book.evaluate()
        return [book.value(place) for place in wanted]

    def without_the_rest(self) -> "Evaluator":
        """The evaluator, in a model of its own in which formulas that no scenario needs are constants."""
        book = self.model.book
        if self.plan.whole or self.plan.has_tables or not isinstance(book, Book):
            return self
        varying = {step.place for step in self.plan.steps}
        shapes = [(name, shape) for name, shapes in book.formulas.shapes.items() for shape in shapes]
        if MOST_NEEDED * sum(len(shape) for _, shape in shapes) < len(varying):
            return self
        plain_ones = [(name, shape) for name, shape in shapes if shape.form is Form.ORDINARY]
        places = [Address(name, *cell) for name, shape in plain_ones for cell in shape.cells]
        for place, value in list(known_values(book, (place for place in places if place not in varying))):
            book.put(place, value)
        return self

    def speed(self) -> float:
        """Scenarios per second, measured on the current model."""
        count = FEW if self.plan.whole or self.plan.left else CHUNK
        given = [np.full(count, number_behind(self.model.value(place))) for place in self.plan.inputs]
        self.columns([column[:1] for column in given])
        started = time.perf_counter()
        self.columns(given)
        return count / max(time.perf_counter() - started, 1e-9)

    def check(self, given: Sequence[Array], outputs: Sequence[Column], names: Sequence[str]) -> int:
        """Compare a sample of scenarios, including the first and last, with the engine; return how many.

        Raises:
            NotSupported: a difference; it names the first cell that differs.
        """
        count = len(given[0])
        if self.plan.whole:
            return 0
        others = np.random.default_rng(count).integers(0, count, SAMPLE - 2)
        sample = sorted({0, count - 1, *others.tolist()})
        for case in sample:
            values = [column[case] for column in given]
            expected = self.settled(values, outputs, case)
            for name, column, wanted in zip(names, outputs, expected, strict=True):
                got = plain(column, case) if isinstance(column, Vector) else column
                if not agrees(got, wanted):
                    self.blame(values, name, got, wanted)
                    break
        return len(sample)

    def settled(self, values: Sequence[Any], outputs: Sequence[Column], case: int) -> list[Value]:
        """The outputs of one scenario by the engine; ours replace it where it is known to differ from Excel."""
        stale = True
        while True:
            expected = self.scenario(values)
            got = [plain(column, case) if isinstance(column, Vector) else column for column in outputs]
            if all(map(agrees, got, expected)):
                return expected
            if stale:
                stale = False
                self.evaluate_again()
            elif not self.route(values):
                return expected

    def evaluate_again(self) -> None:
        """Have the engine evaluate every cell that varies anew."""
        book = self.model.book
        assert isinstance(book, Book)
        evaluated_again(book, [step.place for step in self.plan.steps if not book.formulas.is_array(step.place)])

    def route(self, values: Sequence[Any]) -> bool:
        """Have our kernels replace the engine where it is known to differ from Excel; return whether any did."""
        book, routed = self.model.book, False
        assert isinstance(book, Book)
        for place, ours, engines in self.side_by_side(values):
            shape = book.formulas.shape(place)
            known = shape is not None and engine_differs(shape) and place not in book.routed
            if known and not agrees(ours, engines):
                routed = book.route(place) or book.pin(place, ours) or routed
        return routed

    def side_by_side(self, values: Sequence[Any]) -> Iterator[tuple[Address, Value, Value]]:
        """Every cell that varies in one scenario: over arrays, and in the engine."""
        with np.errstate(all="ignore"):
            env = self.run([np.array([value], float) for value in values])
        places = [step.place for step in self.plan.steps]
        for step, engines in zip(self.plan.steps, self.scenario(values, places), strict=True):
            cell = settled(env.cells[step.slot])
            yield step.place, plain(cell, 0) if isinstance(cell, Vector) else cell, engines

    def is_rounding(self, values: Sequence[Any]) -> bool:
        """Whether each cell of a scenario, given the engine's values, has its own, but for a residue of a sum."""
        book = self.model.book
        assert isinstance(book, Book)
        found = self.scenario(values, [step.place for step in self.plan.steps])
        env = Env(list(map(one_case, [*values, *found])))
        with np.errstate(all="ignore"):
            return all(
                is_confirmed(book, step, env, engines) for step, engines in zip(self.plan.steps, found, strict=True)
            )

    def blame(self, values: Sequence[Any], name: str, got: Value, wanted: Value) -> None:
        """Name the first cell of a scenario that differs from the engine's, unless all is a matter of rounding."""
        if self.is_rounding(values):
            return
        for place, ours, engines in self.side_by_side(values):
            if not agrees(ours, engines):
                raise NotSupported(f"{place} is {ours} over arrays but {engines} in the engine")
        raise NotSupported(f"{name} is {got} over arrays but {wanted} in the engine")


def known_values(book: Book, places: Iterable[Address]) -> Iterator[tuple[Address, Value]]:
    """Some cells with their values, but for those that the engine cannot evaluate."""
    for place in places:
        with contextlib.suppress(NotSupported):
            yield place, book.value(place)


def one_case(value: Value) -> Vector:
    """A value as a column of one scenario."""
    return from_plain([float(value) if isinstance(value, int) and not isinstance(value, bool) else value])


def is_confirmed(book: Book, step: Step, env: Env, engines: Value) -> bool:
    """Whether a cell's code, given the engine's values of what it reads, gives the engine's, but for a residue."""
    shape = book.formulas.shape(step.place)
    if step.code is None or shape is None or shape.tree is None:
        return True  # the engine's own value, or a part of an array
    try:
        cell = settled(step.code(env))
    except CannotVectorise:
        return True  # the engine's own value
    ours = plain(cell, 0) if isinstance(cell, Vector) else cell
    if agrees(ours, engines):
        return True
    if not isinstance(ours, float) or not isinstance(engines, float) or not functions_in(shape.tree) <= SUMS:
        return False
    read = (cell for area in book.formulas.areas(step.place) for cell in book.grid(area).cells)
    return is_residue(engines, ours, sum(abs(cell) for cell in read if isinstance(cell, float)))


def together(parts: list[Column], sizes: list[int]) -> Column:
    """The chunks of one output as one column."""
    if not any(isinstance(part, Vector) for part in parts):
        return parts[0]
    values = [np.broadcast_to(behind(part), size) for part, size in zip(parts, sizes, strict=True)]
    if all(is_number(part) for part in parts):
        return Vector(np.concatenate(values))
    tags = [np.broadcast_to(tagged(part), size) for part, size in zip(parts, sizes, strict=True)]
    return Vector(np.concatenate(values).astype(float), np.concatenate(tags).astype(np.uint8))
