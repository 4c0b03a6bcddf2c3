"""Which cells do formulas read now that compute where they read?

OFFSET, INDIRECT and a range up to a computed cell lead somewhere else as their arguments
change; our own functions tell where to, given the values that the workbook has at this moment.
"""

from dataclasses import dataclass, field

import numpy as np

from roi_xl.engines.book import Book, Reads
from roi_xl.errors import NO_SENSE
from roi_xl.excel.code import NOTHING, Env
from roi_xl.excel.compiler import Compiler
from roi_xl.excel.group import GroupCells
from roi_xl.excel.special import SPECIAL
from roi_xl.excel.values import CannotVectorise, Grid
from roi_xl.formula.shapes import Form
from roi_xl.formula.tokens import Unreadable
from roi_xl.formula.tree import Node
from roi_xl.recalc.verify import Verifier
from roi_xl.xlsx.addresses import Address, Area


@dataclass(frozen=True)
class NotedCells(GroupCells):
    """The cells of a workbook as one formula reads them, which notes each range that it computes."""

    noted: list[Area] = field(default_factory=list)

    def read(self, area: Area, env: Env | None) -> Grid:
        """A range; what the formula names itself is read before it is evaluated."""
        if env is not None:
            self.noted.append(area)
        return super().read(area, env)


class Computed:
    """What formulas read on the values that a workbook has when this is made."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self.verifier = Verifier(book.formulas, book.seen)
        self.known: dict[Address, Reads] = {}

    def reads(self, place: Address) -> Reads:
        """What the formula of a cell reads; incomplete where it cannot be told where its ranges lead."""
        if place not in self.known:
            self.known[place] = self.book.reads(place)
            shape = self.book.formulas.shape(place)
            if not self.known[place].complete and shape is not None and shape.tree is not None:
                array = shape.form is not Form.ORDINARY
                self.known[place] = self.followed(place, shape.tree, array) or self.known[place]
        return self.known[place]

    def followed(self, place: Address, tree: Node, array: bool) -> Reads | None:
        """What a formula reads where its ranges lead now; None where ours cannot tell."""
        here = np.array([place.row]), np.array([place.column])
        cells = NotedCells(self.book.formulas.names, self.verifier.sheet, *here)
        compiler = Compiler(self.book.formulas.names, cells, SPECIAL)
        try:
            with np.errstate(all="ignore"):
                compiler.formula(tree, place, array)(NOTHING)
            return Reads((*self.book.formulas.valued_areas(place), *cells.noted), complete=True)
        except (CannotVectorise, Unreadable, RecursionError, *NO_SENSE):
            return None
