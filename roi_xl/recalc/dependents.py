"""Which cells read others, directly or by way of more cells?"""

from collections.abc import Iterable, Iterator

from roi_xl.engines.book import Book
from roi_xl.formula.shapes import Shape
from roi_xl.recalc.computed import Computed
from roi_xl.recalc.roots import Presence
from roi_xl.recalc.touched import Reach
from roi_xl.xlsx.addresses import Address

MOST_ROUNDS = 300
"""Steps from cell to cell that are followed one by one; from then on all copies of a formula go together."""


def dependents(book: Book, reach: Reach, places: Iterable[Address]) -> set[Address]:
    """Some cells and all that depend on them, also what may do so: formulas that compute ranges that nobody knows."""
    computed = Computed(book)
    found = {cell for place in places for cell in filled(book, place)}
    new = set(found)
    for step in range(MOST_ROUNDS * 2):
        presence = Presence(new)
        reading = set(readers(computed, reach, presence, one_by_one=step < MOST_ROUNDS)) - found
        new = {cell for place in reading for cell in filled(book, place)}
        found |= new
        if not new:
            return found
    return {Address(name, *cell) for name, shapes in book.formulas.shapes.items() for s in shapes for cell in s.cells}


def filled(book: Book, place: Address) -> Iterator[Address]:
    """The cells that an array formula fills."""
    top, left, bottom, right = book.formulas.extents.get(place, (*place.within, *place.within))
    for row in range(top, bottom + 1):
        yield from (Address(place.sheet, row, column) for column in range(left, right + 1))


def readers(computed: Computed, reach: Reach, presence: Presence, *, one_by_one: bool) -> Iterator[Address]:
    """The cells whose formulas read, or may read, any of some cells."""
    for sheet, shapes in computed.book.formulas.shapes.items():
        for shape in shapes:
            boxes = reach.of(sheet, shape)
            if boxes is not None and not any(presence.within(box) for box in boxes):
                continue
            all_alike = not one_by_one and boxes is not None
            yield from (place for place in cells_of(sheet, shape) if all_alike or may_read(computed, place, presence))


def cells_of(sheet: str, shape: Shape) -> Iterator[Address]:
    """The cells that hold a formula."""
    return (Address(sheet, *cell) for cell in shape.cells)


def may_read(computed: Computed, place: Address, presence: Presence) -> bool:
    """Whether the formula of a cell reads any of some cells, as far as it can be told."""
    reads = computed.reads(place)
    return not reads.complete or any(presence.within(area) for area in reads.areas)
