"""What do the formulas of a cell's data validation give on the values that the workbook has now?

They are evaluated by our own functions; what those cannot tell is not obeyed, but said.
"""

import itertools
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from roi_xl.engines.book import Book
from roi_xl.engines.libreoffice import OfficeBook
from roi_xl.errors import NO_SENSE, NoAnswer
from roi_xl.excel.code import NOTHING, Code, Env
from roi_xl.excel.coercion import to_number, to_truth
from roi_xl.excel.compiler import NO_NAMES, Compiler, OneFormula
from roi_xl.excel.lifting import first_cell
from roi_xl.excel.registry import ARRAY, ONE, RANGE, Wants
from roi_xl.excel.special import SPECIAL
from roi_xl.excel.values import CannotVectorise, Grid, Vector, plain
from roi_xl.formula.names import Names
from roi_xl.formula.parser import parse
from roi_xl.formula.tokens import Unreadable
from roi_xl.formula.tree import Name, Node, Reference
from roi_xl.recalc.dependents import dependents
from roi_xl.recalc.touched import Reach
from roi_xl.xlsx.addresses import Address, Area
from roi_xl.xlsx.sheet_cells import Place, Value
from roi_xl.xlsx.validation import Anything, Untold

MOST_CHOICES = 32_767
"""The choices that a list in a range offers."""

MOST_READ = 100_000
"""The cells that a rule's formula may read."""


@dataclass(frozen=True)
class HeldCells(OneFormula):
    """The cells of a workbook as they are now, apart from some that are about to be set."""

    book: Book
    new: Mapping[Address, Value]

    @property
    def names(self) -> Names:
        """What the names of the workbook stand for."""
        return self.book.formulas.names

    def read(self, area: Area, env: Env) -> Grid:
        """A range."""
        sheet, top, left, bottom, right = area
        places = [[Address(sheet, row, column) for column in range(left, right + 1)] for row in range(top, bottom + 1)]
        return Grid([[self.new.get(place, self.book.value_or_problem(place)) for place in row] for row in places], area)

    def one(self, reference: Reference, here: Address) -> Code:
        """The code of one cell."""
        return lambda env: self.read(self.names.area(reference, here), env).rows[0][0]

    def range(self, reference: Reference, here: Address) -> Code:
        """The code of a range."""
        return lambda env: self.read(self.names.area(reference, here), env)


@dataclass(frozen=True)
class Beside:
    """The formulas of the data validation of one cell, with other cells that are set along with it."""

    book: Book | OfficeBook
    place: Address
    along: Mapping[Address, Value]

    def number(self, formula: str, first: Place, ignores_blank: bool) -> float:
        """The number that a bound is."""
        tree = self.tree(formula, first)
        self.look_at(tree, ignores_blank)
        value = first_cell(self.answer(tree, ONE, self.along))
        try:
            return to_number(value)
        except NoAnswer:
            raise Untold(f"={formula} is {value}") from None

    def choices(self, formula: str, first: Place, ignores_blank: bool) -> list[Value]:
        """The values that a list has; blanks in a range that has a name let anything through, if blanks are ignored."""
        tree = self.tree(formula, first)
        self.look_at(tree, ignores_blank=False)
        found = self.answer(tree, RANGE, self.along)
        if not isinstance(found, Grid):
            raise Untold(f"={formula} is not a range")
        cells = [one_value(cell) for cell in itertools.islice(found.cells, MOST_CHOICES)]
        if ignores_blank and isinstance(tree, Name) and None in cells:
            raise Anything
        return cells

    def condition(self, formula: str, first: Place, ignores_blank: bool) -> Callable[[Value], bool]:
        """Whether a formula is true with a value in the cell; an error is not."""
        tree = self.tree(formula, first)
        self.look_at(tree, ignores_blank)
        self.holds(tree, self.along.get(self.place))
        return lambda value: self.holds(tree, value)

    def holds(self, tree: Node, value: Value) -> bool:
        """Whether a formula is true with one value in the cell."""
        found = first_cell(self.answer(tree, ARRAY, {**self.along, self.place: value}))
        try:
            return to_truth(found)
        except NoAnswer:
            return False

    def tree(self, formula: str, first: Place) -> Node:
        """A formula that is written for the first cell of a rule."""
        try:
            return parse(formula.removeprefix("="), first)
        except (Unreadable, RecursionError):
            raise Untold(f"={formula} cannot be read") from None

    def look_at(self, tree: Node, ignores_blank: bool) -> None:
        """Refuse to tell where a formula reads what the cell itself decides; accept anything where blanks do so."""
        others = [place for place in cells_in(self.areas(tree)) if place != self.place]
        computed = [place for place in others if self.book.formulas.shape(place) is not None]
        if computed and not self.behind.isdisjoint(computed):
            raise Untold("it reads what depends on the cell itself")
        if ignores_blank and any(self.along.get(place, self.known.value_or_problem(place)) is None for place in others):
            raise Anything

    @property
    def known(self) -> Book:
        """The workbook in the engine, whose values our functions take; with LibreOffice they cannot tell."""
        if not isinstance(self.book, Book):
            raise Untold("a rule by formula needs the embedded engine")
        return self.book

    def areas(self, tree: Node) -> list[Area]:
        """What a formula reads, as far as that is not computed."""
        try:
            found = list(self.known.formulas.names.areas(tree, self.place))
        except Unreadable as problem:
            raise Untold(f"it {problem}") from None
        if sum((bottom - top + 1) * (right - left + 1) for _, top, left, bottom, right in found) > MOST_READ:
            raise Untold("it reads too many cells")
        return found

    @cached_property
    def behind(self) -> set[Address]:
        """The cells that depend on this one."""
        return dependents(self.known, Reach(self.book.formulas), [self.place])

    def answer(self, tree: Node, place: Wants, new: Mapping[Address, Value]) -> Grid | Value:
        """What a formula gives where a value, a range or an array is wanted."""
        compiler = Compiler(self.book.formulas.names, HeldCells(self.known, new), SPECIAL)
        try:
            with np.errstate(all="ignore"):
                found = compiler.part(tree, place, self.place, NO_NAMES)(NOTHING)
        except (CannotVectorise, Unreadable, RecursionError) as problem:
            raise Untold(str(problem) or "it is nested too deeply") from None
        except NO_SENSE:
            raise Untold("it cannot be evaluated") from None
        return found if isinstance(found, Grid) else one_value(found)


def one_value(value: object) -> Value:
    """A cell's value, of what an operation gives for many the first."""
    return plain(value, 0) if isinstance(value, Vector) else value  # type: ignore[return-value]


def cells_in(areas: Iterable[Area]) -> Iterable[Address]:
    """Every cell of some areas."""
    for sheet, top, left, bottom, right in areas:
        for row in range(top, bottom + 1):
            yield from (Address(sheet, row, column) for column in range(left, right + 1))
