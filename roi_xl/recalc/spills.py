"""Which cells does a dynamic array fill after a change, and how does the workbook go on with them?

A result that needs other cells than the file gives it gets them: the workbook is loaded
again with the new range, so that every formula that reads it, and the second evaluation, see
the range that there is now. A result that other cells block is #SPILL!, in its own cell.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace

from roi_xl.engines.book import Book
from roi_xl.recalc.blocking import Size, extent_of
from roi_xl.recalc.differing import Replay
from roi_xl.recalc.snapshot import Snapshot
from roi_xl.xlsx.addresses import Address
from roi_xl.xlsx.array_extents import Corners, with_extents
from roi_xl.xlsx.sheet_cells import Place, arrays, held_value, stored_formulas


def refilled(
    book: Book, replay: Replay, sizes: Mapping[Address, Size], emptied: Iterable[Address]
) -> tuple[Book, Replay]:
    """The workbook with the values of the file, loaded again with other cells for some arrays; and its replay.

    Args:
        book: the workbook.
        replay: what was found when it was opened.
        sizes: how many rows and columns the arrays need.
        emptied: the cells that have been emptied since.
    """
    extents: defaultdict[str, dict[Place, Corners]] = defaultdict(dict)
    for place, size in sizes.items():
        extents[book.contents.sheets[place.sheet]][place.within] = extent_of(place, size)
    empty: defaultdict[str, set[Place]] = defaultdict(set)
    for place in emptied:
        empty[book.contents.sheets[place.sheet]].add(place.within)
    other = Book(with_extents(book.package, extents, empty))
    for place in book.routed:
        other.route(place)
    for place in replay.kept:
        keep_as_stored(book, other, place)
    for place in book.pinned:
        other.pin(place, book.value(place))
    other.evaluate()
    return other, replace(replay, before=Snapshot.of(other) if replay.reads else None)


def keep_as_stored(book: Book, other: Book, place: Address) -> None:
    """Give a cell, and what it fills, the values that the file stores, in the engine of another book."""
    sheet = book.sheet(place.sheet)
    if place.within not in stored_formulas(sheet):
        return  # the first cell of a data table that is kept, a value by itself
    other.hold(place, stored_formulas(sheet)[place.within])
    for member in arrays(sheet).get(place.within, ()):
        other.put(Address(place.sheet, *member), held_value(sheet, member))
