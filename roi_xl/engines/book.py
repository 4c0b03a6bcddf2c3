"""A workbook in the engine: what are its values, and what does a formula read?"""

import contextlib
import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from roi_xl.engines import embedded
from roi_xl.engines.budget import refuse_hungry
from roi_xl.engines.failing import failing
from roi_xl.engines.kernels import Kernel, call_of, kernel_of
from roi_xl.errors import EngineFailed, ExcelError, NotSupported, NotTaken
from roi_xl.excel.seen import Seen
from roi_xl.excel.values import Array, Grid
from roi_xl.formula.formulas import Formulas, formulas_of
from roi_xl.formula.lexical import areas_named
from roi_xl.formula.rewrite import in_engine
from roi_xl.formula.tokens import Unreadable
from roi_xl.formula.tree import functions_in
from roi_xl.hosts.headless import as_utf8, to_engine
from roi_xl.xlsx.addresses import Address, Area
from roi_xl.xlsx.formula_cells import FormulaCells
from roi_xl.xlsx.package import Package
from roi_xl.xlsx.sheet_cells import Place, Value, stored_formulas
from roi_xl.xlsx.workbook_part import read_workbook_part

MOST_PASSES = 5


@dataclass(frozen=True)
class Reads:
    """What a formula reads: areas of cells, and whether the list is complete."""

    areas: tuple[Area, ...]
    complete: bool

    def any_of(self, places: set[Address]) -> bool:
        """Whether it reads one of some cells."""
        return any(reaches(area, places) for area in self.areas)


def is_within(place: Place, top: int, left: int, bottom: int, right: int) -> bool:
    """Whether a cell lies between two corners."""
    return top <= place[0] <= bottom and left <= place[1] <= right


def reaches(area: Area, places: set[Address]) -> bool:
    """Whether an area contains any of some cells; iterates over whichever are fewer."""
    sheet, top, left, bottom, right = area
    if (bottom - top + 1) * (right - left + 1) < len(places):
        cells = ((row, column) for row in range(top, bottom + 1) for column in range(left, right + 1))
        return any(Address(sheet, *cell) in places for cell in cells)
    return any(place.sheet == sheet and is_within(place.within, top, left, bottom, right) for place in places)


def constant_text(value: float | str | bool | ExcelError) -> str:
    """A value as a formula that is a constant.

    >>> constant_text(True), constant_text(2.5)
    ('TRUE', '2.5')
    """
    if isinstance(value, str):
        quoted = as_utf8(value).replace('"', '""')
        return f'"{quoted}"'
    if isinstance(value, bool | ExcelError):
        return str(value).upper()
    return repr(float(value))


def refusing(problem: EngineFailed) -> Callable[[int, int], Value]:
    """What gives no cell's value, since the engine failed."""

    def value_at(row: int, column: int) -> Value:
        raise problem

    return value_at


class Book:
    """A workbook, loaded into the engine and evaluated.

    Args:
        package: the file.
        formulas: its formulas, where another book has read them already.
    """

    def __init__(self, package: Package, formulas: Formulas | None = None) -> None:
        self.formulas = formulas or formulas_of(package, read_workbook_part(package))
        self.contents = self.formulas.part
        self.package = self.formulas.package
        self.kernels: list[Kernel] = []
        self.routed: set[Address] = set()
        self.pinned: set[Address] = set()
        self.held_random: set[Address] = set()
        self.failing: list[Address] = []
        self._seen: dict[str, Seen] = {}
        if formulas is None:
            refuse_hungry(self.formulas)
        self._load()
        unread = [sheet for sheet in self.contents.sheets if in_engine(sheet) not in self._engine.sheet_names]
        if unread:
            raise NotSupported(f"{package.path}: the engine cannot read sheet {unread[0]}")
        with ThreadPoolExecutor(1) as worker:  # the engine frees the interpreter while it evaluates
            evaluated = worker.submit(self._evaluate_at_first)
            self.cells = {name: self._scanned(name) for name in self.contents.sheets}
            with contextlib.suppress(NotSupported):  # who compares them says which cell stores no number
                for cells in self.cells.values():
                    _ = cells.numbers
            evaluated.result()

    def _load(self, left_out: Iterable[Address] = ()) -> None:
        self._engine = embedded.load(self.formulas)
        embedded.leave_out(self._engine, left_out)
        self.readers = {sheet: embedded.reader(self._engine, sheet) for sheet in self.contents.sheets}
        self.peekers = {sheet: embedded.peeker(self._engine, sheet) for sheet in self.contents.sheets}

    def _evaluate_at_first(self) -> None:
        try:
            self.evaluate()
        except EngineFailed:
            self.failing = failing(self.formulas)
            self._load(self.failing)
            self.evaluate()

    @contextlib.contextmanager
    def _guarded(self) -> Iterator[None]:
        """A failure of the engine within the block is a refusal; the values that it had are no more to be read."""
        try:
            yield
        except BaseException as error:
            if not embedded.is_failure(error):
                raise
            said = embedded.first_line(error)
            problem = EngineFailed(f"{self.package.path} cannot be evaluated: the engine failed ({said})")
            self.readers = self.peekers = dict.fromkeys(self.contents.sheets, refusing(problem))
            raise problem from None

    def _scanned(self, name: str) -> FormulaCells:
        try:
            return self.formulas.sheets[name].cells
        except NotSupported as problem:
            raise NotSupported(f"{self.package.path} ({name}): {problem}") from None

    @cached_property
    def stores_values(self) -> bool:
        """Whether any formula cell stores a value."""
        return any(any(cells.stored) for cells in self.cells.values())

    def twin(self, held: Iterable[Address]) -> "Book":
        """The same workbook loaded again, with some cells set to their current values."""
        other = Book(self.package, self.formulas)
        for place in self.routed:
            other.route(place)
        for place in (*held, *self.pinned):
            other.put(place, self.value(place))
        other.evaluate()
        return other

    def only(self, place: Address) -> Value:
        """The value of one cell, evaluated with only what it needs."""
        self._seen.clear()
        with self._guarded():
            return embedded.only(self._engine, place)

    def evaluate(self) -> None:
        """Evaluate everything that changed; a further pass settles late dependencies."""
        self._seen.clear()
        for attempt in range(MOST_PASSES):
            try:
                with self._guarded(), embedded.limited(self._engine):
                    self._engine.evaluate_all()
                return
            except EngineFailed:
                raise
            except NotSupported as problem:
                raise NotSupported(f"{self.package.path}: {problem}") from None
            except Exception as error:  # the engine's own exceptions have no common class
                if embedded.is_unsettled(error) and not self.held_random:
                    self.hold_random()
                if attempt == MOST_PASSES - 1:
                    raise NotSupported(f"{self.package.path} cannot be evaluated: {embedded.why(error)}") from error

    def hold_random(self) -> None:
        """Keep the numbers that the file stores for arrays of random numbers.

        Where they decide what others read, the engine gives up, since they are other ones each time it looks.
        """
        for place, (top, left, bottom, right) in self.formulas.extents.items():
            stored, shape = self.formulas.sheets[place.sheet].stored.get(place.within), self.formulas.shape(place)
            if stored is None or shape is None or shape.tree is None or "RANDARRAY" not in functions_in(shape.tree):
                continue
            self.held_random.add(place)
            self.put(place, stored)
            members = ((row, column) for row in range(top, bottom + 1) for column in range(left, right + 1))
            for cell in (cell for cell in members if cell != place.within):
                self.put(Address(place.sheet, *cell), self.formulas.sheets[place.sheet].held(cell))

    @contextlib.contextmanager
    def elsewhere(self, moment: dt.datetime) -> Iterator[None]:
        """Evaluated as if at another moment, with other random numbers, within the block."""
        self._seen.clear()
        try:
            with self._guarded(), embedded.elsewhere(self._engine, moment):
                yield
        finally:
            self._seen.clear()

    @contextlib.contextmanager
    def stored(self, reads: "Reads") -> Iterator[None]:
        """Evaluated with the stored values of some formulas, within the block."""
        values = [
            (Address(sheet, *within), value)
            for sheet, *corners in reads.areas
            for within, value in stored_formulas(self.sheet(sheet)).items()
            if is_within(within, *corners)
        ]
        formulas = {place: self.formula(place) for place, _ in values}
        for place, value in values:
            if formulas[place]:
                self.hold(place, value)
        self.evaluate()
        try:
            yield
        finally:
            for place, formula in formulas.items():
                if formula:
                    self.put_formula(place, formula)
            self.evaluate()

    def seen(self, sheet: str) -> Seen:
        """Every current value of a sheet, read once until something changes."""
        if sheet not in self._seen:
            used = self.formulas.used(sheet)
            with self._guarded():
                self._seen[sheet] = Seen.of(embedded.blocks(self._engine, sheet, *used), used)
        return self._seen[sheet]

    def numbers(self, sheet: str) -> Array:
        """The numbers that a sheet's formula cells have now; not a number where they have anything else.

        Raises:
            CannotVectorise: the sheet is too large to be held in memory.
        """
        cells = self.cells[sheet]
        return self.seen(sheet).numbers(np.array(cells.rows), np.array(cells.columns))

    def grid(self, area: Area) -> Grid:
        """The current values of a range."""
        sheet, top, left, bottom, right = area
        value_at, columns = self.peekers[sheet], range(left, right + 1)
        return Grid([[value_at(row, column) for column in columns] for row in range(top, bottom + 1)], area)

    def value(self, place: Address) -> Value:
        """The current value of a cell."""
        return embedded.finite(self.readers[place.sheet](place.row, place.column))

    def value_or_problem(self, place: Address) -> Value:
        """The value of a cell, or why there is none, in words."""
        try:
            return self.value(place)
        except NotSupported as problem:
            return str(problem).partition(" holds ")[2]

    def put(self, place: Address, value: Value) -> None:
        """Set a cell, in the engine only."""
        self._seen.clear()
        with self._guarded():
            self._engine.set_value(in_engine(place.sheet), place.row, place.column, to_engine(value))

    def hold(self, place: Address, value: Value) -> None:
        """Have a formula cell give a value from the next evaluation on, in the engine only.

        The engine takes a formula that is a constant at once, but for a value in place of a
        formula it goes through the whole column where that holds values as well.
        """
        if value is None or self.formulas.is_array(place):
            self.put(place, value)
        else:
            self.put_formula(place, constant_text(value))

    def route(self, place: Address) -> bool:
        """Have a cell's formula evaluated by our kernels from now on; return whether that is possible."""
        kernel = kernel_of(self.formulas, place)
        if kernel is None or kernel.reads(place):
            return False
        if not self.kernels:
            embedded.register_kernels(self._engine, self.kernels)
        self.kernels.append(kernel)
        self.put_formula(place, call_of(len(self.kernels) - 1, kernel))
        self.routed.add(place)
        return True

    def pin(self, place: Address, value: Value) -> bool:
        """Pin the value of our kernels to a cell where the engine cannot call them; return whether that works.

        A cell that is pinned is looked at again after every change.
        """
        top, left, bottom, right = self.formulas.names.extents.get(place, (*place.within, *place.within))
        if (top, left) != (bottom, right):
            return False
        self.put(place, value)
        self.pinned.add(place)
        return True

    def put_formula(self, place: Address, formula: str) -> None:
        """Give a cell its formula back, in the engine only.

        Raises:
            NotTaken: the engine does not take what it has given before.
        """
        self._seen.clear()
        try:
            with self._guarded():
                self._engine.set_formula(in_engine(place.sheet), place.row, place.column, f"={formula}")
        except RuntimeError as error:
            said = embedded.first_line(error)
            raise NotTaken(f"{self.package.path}: the engine cannot take the formula of {place} ({said})") from None

    def formula(self, place: Address) -> str:
        """The formula of a cell as the engine has it, without its equals sign; empty where it could not parse it."""
        with self._guarded():
            return embedded.formula_of(self._engine, place)

    def sheet(self, name: str) -> bytes:
        """The bytes of a sheet as the file has them."""
        return self.package.parts[self.contents.sheets[name]]

    def reads(self, place: Address) -> Reads:
        """What a formula reads, as far as known without evaluating it."""
        try:
            areas = tuple(dict.fromkeys(self.formulas.areas(place)))
            return Reads(areas, complete=not self.formulas.computed_ranges(place))
        except Unreadable:
            return self.words_read(place)

    def words_read(self, place: Address) -> Reads:
        """What a formula reads that cannot be parsed, by its words."""
        shape = self.formulas.shape(place)
        if shape is None or place.within != shape.first:
            return Reads((), complete=False)
        try:
            return Reads(tuple(areas_named(shape.text, self.formulas.names, place)), complete=True)
        except Unreadable:
            return Reads((), complete=False)
