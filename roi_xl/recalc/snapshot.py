"""What has changed in a workbook since it was looked at?"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from roi_xl.engines.book import Book
from roi_xl.recalc.data_tables import data_tables
from roi_xl.recalc.roots import Presence
from roi_xl.xlsx.addresses import Address
from roi_xl.xlsx.sheet_cells import Value


@dataclass(frozen=True)
class Snapshot:
    """The value of every cell that may change by itself, at one moment."""

    values: tuple[Value, ...]

    @classmethod
    def of(cls, book: Book) -> "Snapshot":
        """The values of now."""
        return cls(tuple(values_of(book)))

    def changed(self, book: Book, inputs: Mapping[Address, Value]) -> Presence:
        """The cells whose values are others now; of the inputs that may have been set, the values then are given."""
        now = zip(computed(book), values_of(book), self.values, strict=True)
        own = [place for place, value in inputs.items() if book.value(place) != value]
        return Presence([*own, *(place for place, value, before in now if value != before)])


def computed(book: Book) -> Iterator[Address]:
    """Every cell that may change by itself: of formulas, of array formulas, of data tables."""
    for name, cells in places(book):
        yield from (Address(name, *cell) for cell in cells)


def values_of(book: Book) -> Iterator[Value]:
    """The value of each of these cells now."""
    for name, cells in places(book):
        value_at = book.peekers[name]
        yield from (value_at(*cell) for cell in cells)


def places(book: Book) -> Iterator[tuple[str, Iterable[tuple[int, int]]]]:
    """The cells that may change by themselves, by sheet."""
    for name, cells in book.cells.items():
        yield name, zip(cells.rows, cells.columns, strict=True)
        yield name, book.formulas.sheets[name].anchors
        yield name, (cell for table in data_tables(book, name) for cell in table.cells)
