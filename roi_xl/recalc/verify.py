"""Does every formula, given the current values, produce the current value of its cell?

The second witness: each formula is evaluated by functions that are not the engine's, on
the values that the workbook has at this moment, and compared with its own cell. So a wrong
cell is found where it is, in any order, and all cells of one shape are looked at at once.
"""

import contextlib
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, TypeAlias

import numpy as np

from roi_xl.errors import NO_SENSE, ExcelError
from roi_xl.excel.asking import asks_where
from roi_xl.excel.code import NOTHING, Env
from roi_xl.excel.compiler import Compiler
from roi_xl.excel.group import Grids, GroupCells, OneByOne, SheetValues
from roi_xl.excel.known import is_last_difference
from roi_xl.excel.library import FUNCTIONS
from roi_xl.excel.lifting import element
from roi_xl.excel.seen import Seen
from roi_xl.excel.special import SPECIAL
from roi_xl.excel.values import (
    BLANK,
    FIRST_ERROR,
    LOGICAL,
    NUMBER,
    TEXT,
    TEXTS,
    Array,
    CannotVectorise,
    Grid,
    Vector,
    number_behind,
    plain,
    settled,
    tag_of,
    tags_of,
)
from roi_xl.formula.formulas import Formulas
from roi_xl.formula.shapes import Form, Shape
from roi_xl.formula.tokens import Unreadable
from roi_xl.formula.tree import Call, Cell, Node, functions_in, walk
from roi_xl.recalc.blocking import is_blocked
from roi_xl.recalc.sizes import Sizes
from roi_xl.xlsx.addresses import Address
from roi_xl.xlsx.limits import budgeted
from roi_xl.xlsx.sheet_cells import Value

CLOSE = 1e-9
"""The relative tolerance between two ways to compute a number."""

BY_TRIAL = 1e-6
"""The same for values found by iteration."""

LEAST_RATE = 0.1
"""A rate that is found by iteration is as exact as one of this size."""

RESIDUE = 1e-12
"""The rounding residue of a sum, relative to its operands."""

SUMS = {"SUM", "SUMIF", "SUMIFS", "SUMPRODUCT", "SUBTOTAL", "ABS", "ROUND", "MIN", "MAX", "IF", "NPV", "AVERAGE"}
"""Functions whose results are of the same magnitude as what they read."""

MOST_AT_ONCE = 3_000_000
"""Cells read by formulas evaluated together."""

MOST_IN_ALL = 60_000_000
"""Cells read by formulas evaluated one by one, over the whole workbook."""

CHANGES = "changes with every calculation"

SIZES = "fills a different range than before"


@dataclass
class Verification:
    """The findings: the number of formulas, those that differ, and those that could not be verified."""

    formulas: int = 0
    different: dict[Address, tuple[Value, Value]] = field(default_factory=dict)
    sizes: dict[Address, tuple[int, int]] = field(default_factory=dict)
    """Of those that fill other cells than before: how many rows and columns they need."""
    unverified: dict[Address, str] = field(default_factory=dict)

    @property
    def verified(self) -> int:
        """The number of formulas whose value a second evaluation gives, too."""
        return self.formulas - len(self.different) - len(self.unverified)

    @property
    def reasons(self) -> list[tuple[str, int]]:
        """Why formulas could not be verified, and how many, the most frequent first."""
        return Counter(self.unverified.values()).most_common()


Cells: TypeAlias = tuple[Array, Array]
"""The rows and the columns of some cells of a sheet."""

NOTHING_STORED: Mapping[Address, Value] = MappingProxyType({})


class Verifier:
    """Verifies the formulas of a workbook on the values that it has when this is made.

    Some cells may be taken with other values than they have, as the file stores them.
    """

    def __init__(
        self,
        formulas: Formulas,
        seen: Callable[[str], Seen],
        relative: float = CLOSE,
        stored: Mapping[Address, Value] = NOTHING_STORED,
        set_now: Mapping[Address, Value] = NOTHING_STORED,
    ) -> None:
        TEXTS.clear()
        self.formulas = formulas
        self.names = formulas.names
        self.seen = seen
        self.stored = stored
        self.set_now = set_now
        self.relative = relative
        self.known: dict[str, SheetValues] = {}
        self.sizes = Sizes(self.sheet)
        self.found = Verification()
        self.grids = Grids()
        self.left = MOST_IN_ALL

    def sheet(self, name: str) -> SheetValues:
        """The values of a sheet."""
        if name not in self.known:
            found = SheetValues.of(self.seen(name))
            others = [(*place.within, value) for place, value in self.stored.items() if place.sheet == name]
            self.known[name] = found.with_values(others) if others else found
        return self.known[name]

    def verify(self, only: Mapping[str, Collection[Cell]] | None = None) -> Verification:
        """Verify every formula, or those in some cells of each sheet."""
        with self.within_limits():
            for name, shapes in self.formulas.shapes.items():
                for shape in shapes:
                    cells = shape.places
                    if only is not None:
                        wanted = only.get(name, ())
                        chosen = [place for place, cell in enumerate(shape.cells) if cell in wanted]
                        cells = some(cells, chosen)
                    if len(cells[0]):
                        self.found.formulas += len(cells[0])
                        self.shape(name, shape, cells)
        return self.found

    @contextlib.contextmanager
    def within_limits(self) -> Iterator[None]:
        """Verify within the limits of time and memory."""
        with np.errstate(all="ignore"), budgeted(f"{self.formulas.package.path}: verifying the workbook"):
            yield

    def shape(self, sheet: str, shape: Shape, cells: Cells) -> None:
        """Verify the cells of one shape."""
        reason = why_not(shape.tree)
        if reason or shape.tree is None:
            self.cannot(sheet, cells, reason)
            return
        try:
            if shape.form is not Form.ORDINARY:
                for cell in each(cells):
                    self.array(sheet, shape, cell)
                return
            size, count = self.size_read(sheet, shape.tree, cells), len(cells[0])
            step = max(1, MOST_AT_ONCE // size)
            for start in range(0, count, step):
                self.together(sheet, shape.tree, some(cells, slice(start, start + step)), size)
        except RecursionError:
            name = self.names.calling_itself(shape.tree, sheet)
            self.cannot(sheet, cells, f"calls {name}, which calls itself" if name else "is nested too deeply")
        except (CannotVectorise, Unreadable, MemoryError) as problem:
            self.cannot(sheet, cells, str(problem) or "is nested too deeply")

    def size_read(self, sheet: str, tree: Node, cells: Cells) -> int:
        """The cells that a formula reads; where the first and the last of some cells read the same, they share it."""
        ends = (Address(sheet, *cell) for cell in (*each(some(cells, slice(1))), *each(some(cells, slice(-1, None)))))
        areas, others = (list(self.names.areas(tree, end)) for end in ends)
        alike = [one == other for one, other in zip(areas, others, strict=False)]
        sizes = [(bottom - top + 1) * (right - left + 1) for _, top, left, bottom, right in areas]
        shared = sum(size for size, same in zip(sizes, alike, strict=False) if same)
        return max(sum(sizes) - shared + shared // len(cells[0]), 1)

    def together(self, sheet: str, tree: Node, cells: Cells, size: int) -> None:
        """Verify cells of one shape together, or one by one if their ranges differ in size."""
        count = len(cells[0])
        try:
            if count > 1 and asks_where(tree):
                raise OneByOne
            result = self.evaluated(sheet, tree, cells, array=False)
        except (OneByOne, CannotVectorise):
            if count == 1:
                raise
            for place in range(count):
                self.alone(sheet, tree, some(cells, slice(place, place + 1)), size)
            return
        self.compare(sheet, tree, cells, result)

    def alone(self, sheet: str, tree: Node, cell: Cells, size: int) -> None:
        """Verify one cell."""
        self.left -= size
        if self.left < 0:
            self.cannot(sheet, cell, "reads too many cells")
            return
        try:
            self.compare(sheet, tree, cell, self.evaluated(sheet, tree, cell, array=False))
        except CannotVectorise as problem:
            self.cannot(sheet, cell, str(problem))

    def evaluated(self, sheet: str, tree: Node, cells: Cells, array: bool) -> Any:
        """A formula's result in each of some cells; for an array formula, its whole result."""
        try:
            return self.answer(sheet, tree, cells, array)
        except (CannotVectorise, Unreadable):
            raise
        except NO_SENSE:
            raise CannotVectorise("arguments that make no sense") from None

    def answer(self, sheet: str, tree: Node, cells: Cells, array: bool) -> Any:
        """The result, whatever goes wrong on the way."""
        self.grids.forget_if_many()
        compiler = Compiler(self.names, GroupCells(self.names, self.sheet, *cells, self.grids), SPECIAL)
        here = Address(sheet, int(cells[0][0]), int(cells[1][0]))
        code = compiler.formula(tree, here, array)
        if not array:
            return settled(code(NOTHING))
        env = Env([])
        code(env)
        return env.arrays[here]

    def cannot(self, sheet: str, cells: Cells, reason: str) -> None:
        """Note formulas that could not be verified."""
        for cell in each(cells):
            self.found.unverified[Address(sheet, *cell)] = reason

    def compare(self, sheet: str, tree: Node, cells: Cells, result: Any) -> None:
        """Compare formula results with what their cells hold."""
        held = self.sheet(sheet).at(*cells)
        tried = is_by_trial(tree)
        relative = max(self.relative, BY_TRIAL) if tried else self.relative
        same = agreeing(held, result, len(cells[0]), relative, LEAST_RATE if tried else 0.0)
        for place in np.flatnonzero(~same).tolist():
            got = plain(result, place) if isinstance(result, Vector) else result
            now, here = plain(held, place), Address(sheet, int(cells[0][place]), int(cells[1][place]))
            if not self.is_residue(tree, here, now, got):
                self.found.different[here] = now, got

    def is_residue(self, tree: Node, here: Address, now: Value, got: Value) -> bool:
        """Whether a difference is the rounding residue of a sum."""
        if not isinstance(now, float) or not isinstance(got, float) or not functions_in(tree) <= SUMS:
            return False
        if got == 0 and is_last_difference(tree):
            return False  # Excel rounds it to 0
        return abs(now - got) <= RESIDUE * self.sizes.all_in(self.names.areas(tree, here))

    def array(self, sheet: str, shape: Shape, cell: Cell) -> None:
        """Verify an array formula and all the cells it fills."""
        assert shape.tree is not None
        here = Address(sheet, *cell)
        top, left, bottom, right = shape.extents[cell]
        result = self.evaluated(sheet, shape.tree, (np.array(cell[:1]), np.array(cell[1:])), array=True)
        rows = result.rows if isinstance(result, Grid) else [[result]]
        if shape.form is Form.DYNAMIC and (len(rows), len(rows[0])) != (bottom - top + 1, right - left + 1):
            if is_blocked(self.formulas, self.set_now, here, (len(rows), len(rows[0]))):
                rows = [[ExcelError.SPILL]]
            size = len(rows), len(rows[0])
            if size != (bottom - top + 1, right - left + 1):
                self.found.different[here], self.found.sizes[here] = (SIZES, f"{size[0]} × {size[1]}"), size
                return
        for row, column in ((r, c) for r in range(top, bottom + 1) for c in range(left, right + 1)):
            value = element(rows, row - top, column - left)
            value = plain(value, 0) if isinstance(value, Vector) else value
            now = self.sheet(sheet).plain(row, column)
            if not agreeing(one_cell(now), 0.0 if value is None else value, 1, self.relative)[0]:
                self.found.different[here] = now, value
                return


def some(cells: Cells, which: Any) -> Cells:
    """Some of the cells."""
    return cells[0][which], cells[1][which]


def each(cells: Cells) -> Iterator[Cell]:
    """The cells one by one."""
    return zip(cells[0].tolist(), cells[1].tolist(), strict=True)


def one_cell(value: Value) -> Vector:
    """One value as a vector."""
    return Vector(np.array([number_behind(value)]), np.array([tag_of(value)], np.uint8))


def why_not(tree: Node | None) -> str:
    """Why a formula cannot be verified; empty if it can."""
    if tree is None:
        return "cannot be read"
    for part in walk(tree):
        if isinstance(part, Call) and part.name in FUNCTIONS and FUNCTIONS[part.name].volatile:
            return CHANGES
    return ""


def is_by_trial(tree: Node) -> bool:
    """Whether a formula calls an iterative function."""
    return any(name in FUNCTIONS and FUNCTIONS[name].by_trial for name in functions_in(tree))


def unknown(tree: Node) -> set[str]:
    """The functions in a formula that are not in the registry."""
    return {name for name in functions_in(tree) if name not in FUNCTIONS and name not in SPECIAL}


def agreeing(held: Vector, result: Any, count: int, relative: float, least: float = 0.0) -> Array:
    """Where cells hold what their formulas produce; empty text may be stored as a blank.

    Numbers are as far apart as relative to the larger one, or to the least that counts.
    """
    if isinstance(result, Vector):
        values, tags = result.values.astype(float), tags_of(result)
    else:
        values, tags = np.full(count, number_behind(result)), np.full(count, tag_of(result), np.uint8)
    tags = np.where(tags == BLANK, NUMBER, tags)
    held_tags = tags_of(held)
    both_numbers = (held_tags == NUMBER) & (tags == NUMBER)
    apart = np.abs(held.values - values)
    close = apart <= relative * np.maximum(np.maximum(np.abs(held.values), np.abs(values)), least)
    same_text = (tags == TEXT) & (held_tags == TEXT) & (held.values == values)
    same_truth = (tags == LOGICAL) & (held_tags == LOGICAL) & (held.values == values)
    same_error = (tags == held_tags) & (tags >= FIRST_ERROR)
    nothing = (held_tags == BLANK) & is_empty_text(values, tags)
    found: Array = (both_numbers & close) | same_text | same_truth | same_error | nothing
    return found


def is_empty_text(values: Array, tags: Array) -> Array:
    """Where text is empty."""
    empty = TEXTS.places.get("", -1)
    found: Array = (tags == TEXT) & (values == empty)
    return found


def described(verification: Verification) -> Iterator[str]:
    """The findings of a verification as lines of text."""
    yield f"{verification.verified:,} of {verification.formulas:,} formulas verified"
    for reason, count in verification.reasons:
        yield f"{count:,} not verified: {reason}"
