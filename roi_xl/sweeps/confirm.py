"""Where the engine evaluates a cell scenario by scenario, does our own function of what the cell reads agree?"""

from collections.abc import Iterable
from dataclasses import dataclass

from roi_xl.engines.book import Book, reaches
from roi_xl.engines.kernels import Kernel, kernel_of
from roi_xl.errors import EvaluationsDiffer, NotVerified
from roi_xl.excel.known import engine_differs
from roi_xl.excel.values import CannotVectorise, Grid
from roi_xl.recalc.compare import Difference
from roi_xl.recalc.witness import described, is_doubtful
from roi_xl.xlsx.addresses import Address, Area
from roi_xl.xlsx.sheet_cells import Value

AGREES = 1e-9
NONE_HERE = "our own function has no answer for these values"


@dataclass(frozen=True)
class Confirmed:
    """A cell with both evaluations: the engine's, and our own where there is one.

    Attributes:
        book: the engine, in which a scenario's values are put.
        place: the cell.
        kernel: our function of what its formula reads; None where the engine is the only one that can evaluate it.
        still: the ranges that are alike in all scenarios.
    """

    book: Book
    place: Address
    kernel: Kernel | None
    still: dict[Area, Grid]

    @classmethod
    def of(cls, book: Book, place: Address, varying: Iterable[Address]) -> "Confirmed":
        """A cell that reads some cells that vary."""
        kernel, moving = kernel_of(book.formulas, place), set(varying)
        areas = [area for area in (kernel.areas if kernel else ()) if not reaches(area, moving)]
        return cls(book, place, kernel, {area: book.grid(area) for area in areas})

    def value(self) -> Value:
        """The value in the current scenario; ours where the engine is known to differ from Excel.

        Raises:
            EvaluationsDiffer: the two evaluations disagree otherwise.
            NotVerified: there is no second evaluation, and nothing else speaks for the engine's.
        """
        engines = self.book.only(self.place)
        if self.kernel is None:
            return self.alone(engines)
        try:
            ours: Value = self.kernel.answer(
                [self.still.get(area) or self.book.grid(area) for area in self.kernel.areas]
            )
        except CannotVectorise:
            return self.alone(engines)
        if agrees(ours, engines):
            return engines
        shape = self.book.formulas.shape(self.place)
        if shape is None or not engine_differs(shape):
            raise EvaluationsDiffer([described(self.book, self.place, engines, ours)])
        return ours

    def alone(self, engines: Value) -> Value:
        """The engine's value where there is no other, unless it is known to differ and the file stores none."""
        formulas, sheet = self.book.formulas, self.place.sheet
        holder = Address(sheet, *formulas.sheets[sheet].anchors.get(self.place.within, self.place.within))
        if is_doubtful(self.book, holder, ()):
            raise NotVerified([Difference(holder, formulas.text(holder), None, engines, NONE_HERE)])
        return engines


def agrees(got: Value, wanted: Value) -> bool:
    """Whether two values agree to nine digits."""
    if isinstance(got, bool) or isinstance(wanted, bool):
        return got is wanted
    if isinstance(got, int | float) and isinstance(wanted, int | float):
        return abs(got - wanted) <= AGREES * max(abs(got), abs(wanted))
    return (got or None) == (wanted or None)
