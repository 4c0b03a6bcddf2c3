"""What do our functions find in cells, given the values that the file stores?"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping

from roi_xl.engines.book import Book
from roi_xl.recalc.verify import CLOSE, Verification, Verifier
from roi_xl.xlsx.addresses import Address
from roi_xl.xlsx.sheet_cells import Place, Value, arrays, held_value

SETTLED_RELATIVE = 1e-4
"""How far a circular reference may be from convergence where Excel stopped iterating."""


def with_members(book: Book, different: Mapping[Address, Value]) -> dict[Address, Value]:
    """Some cells with their stored values, and with them every cell that their array formulas fill."""
    found = dict(different)
    for place in different:
        sheet = book.sheet(place.sheet)
        for member in arrays(sheet).get(place.within, ()):
            found[Address(place.sheet, *member)] = held_value(sheet, member)
    return found


def by_sheet(places: Iterable[Address]) -> dict[str, set[Place]]:
    """Cells by sheet."""
    found: defaultdict[str, set[Place]] = defaultdict(set)
    for place in places:
        found[place.sheet].add(place.within)
    return found


def on_stored(book: Book, stored: Mapping[Address, Value], only: Mapping[str, Collection[Place]]) -> Verification:
    """What our kernels find for some cells, given stored values for others."""
    return Verifier(book.formulas, book.seen, tolerance(book), stored).verify(only)


def tolerance(book: Book) -> float:
    """The tolerance of stored values; larger in a workbook with circular references, where Excel stops early."""
    return CLOSE if book.contents.iteration is None else SETTLED_RELATIVE
