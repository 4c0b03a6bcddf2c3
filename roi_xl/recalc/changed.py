"""Which formula cells differ from the values stored in the file?"""

from collections.abc import Collection, Iterator

from roi_xl.engines import embedded
from roi_xl.engines.book import Book
from roi_xl.engines.libreoffice import OfficeBook
from roi_xl.recalc.compare import agree
from roi_xl.recalc.differing import compared_in_columns
from roi_xl.xlsx.addresses import Address
from roi_xl.xlsx.sheet_cells import Value


def changed_cells(book: Book | OfficeBook, but: Collection[Address] = ()) -> tuple[int, int]:
    """How many formula cells but some differ from their stored values, and how many there are."""
    changed = total = 0
    for name in book.contents.sheets:
        same, others = compared_in_columns(book, name)
        total += same
        for _, cell, stored in others:
            total += 1
            if Address(name, *cell) not in but:
                changed += not agree(stored, embedded.finite(book.peekers[name](*cell)))
    return changed, total


def changes(book: Book | OfficeBook) -> Iterator[tuple[Address, Value, Value]]:
    """Every formula cell that differs from its stored value: its address, the stored and the current value."""
    for name in book.contents.sheets:
        for _, cell, stored in compared_in_columns(book, name)[1]:
            now = embedded.finite(book.peekers[name](*cell))
            if not agree(stored, now):
                yield Address(name, *cell), stored, now
