"""Which cells of a workbook read themselves, and by which path?"""

from collections.abc import Collection, Iterator, Mapping

from roi_xl.engines import embedded
from roi_xl.engines.book import Book, reaches
from roi_xl.errors import NotSupported
from roi_xl.recalc.order import in_order
from roi_xl.recalc.roots import Presence
from roi_xl.xlsx.addresses import Address, Area
from roi_xl.xlsx.sheet_cells import Value

CIRCLE = embedded.NOT_COMPUTED["Circ"]
LONGEST_CIRCLE = 50
MOST_CIRCULAR = 1_000


def refuse_large_circles(book: Book, found: Mapping[Address, Value]) -> None:
    """Refuse a workbook that is circular nearly everywhere: nothing could be kept apart."""
    circular = [place for place in found if book.value_or_problem(place) == CIRCLE]
    if len(circular) > MOST_CIRCULAR:
        raise NotSupported(
            f"{book.package.path}: {len(circular):,} cells form circular references, and iterative "
            f"calculation is off ({circle(book, circular[0], Presence(circular)) or circular[0]})"
        )


def circles(book: Book) -> Presence:
    """The cells that the engine cannot compute because they read themselves."""
    formulas = (
        Address(name, row, column)
        for name, cells in book.cells.items()
        for row, column in zip(cells.rows, cells.columns, strict=True)
    )
    return Presence(place for place in formulas if book.value_or_problem(place) == CIRCLE)


def in_circles(book: Book, places: Collection[Address]) -> list[Address]:
    """Those of some cells that read themselves by way of others of them."""
    among = set(places)

    def read(place: Address) -> list[Address]:
        return [cell for area in book.reads(place).areas for cell in within(area, among)]

    groups = in_order(places, (), read)
    return [place for group in groups for place in group if len(group) > 1 or place in read(place)]


def within(area: Area, places: Collection[Address]) -> Iterator[Address]:
    """Those of some cells that lie in an area, by whichever are fewer."""
    sheet, top, left, bottom, right = area
    if (bottom - top + 1) * (right - left + 1) < len(places):
        cells = (Address(sheet, row, column) for row in range(top, bottom + 1) for column in range(left, right + 1))
        return (cell for cell in cells if cell in places)
    return (place for place in places if reaches(area, {place}))


def circle(book: Book, start: Address, circular: Presence) -> str | None:
    """The path of a circular reference from its first cell, or None where a cell is in none."""
    path: list[Address] = []
    place: Address | None = start
    while place is not None and place not in path and len(path) < LONGEST_CIRCLE:
        path.append(place)
        place = circular.first_in(book.reads(place).areas)
    if place not in path:
        return None
    path = path[path.index(place) :]
    first = path.index(min(path))
    return "circular reference: " + " → ".join(map(str, [*path[first:], *path[: first + 1]]))
