"""Which cells do our functions evaluate in the engine's place, and how is that done?"""

import contextlib
from collections.abc import Iterable

from roi_xl.engines.book import Book
from roi_xl.errors import ExcelError, NotTaken
from roi_xl.excel.date_format import names_are_unknown
from roi_xl.formula.shapes import Form
from roi_xl.formula.tree import Call, Literal, Node, has_areas, walk
from roi_xl.xlsx.addresses import Address
from roi_xl.xlsx.sheet_cells import Value


def take_over(book: Book) -> None:
    """Evaluate what the engine never does by ours, and what makes it fail.

    That is several ranges where one belongs, and names in a language that is not English: those that ours
    do not know are nobody's.
    """
    never = (
        Address(sheet, *cell)
        for sheet, shapes in book.formulas.shapes.items()
        for shape in shapes
        if shape.tree is not None and (has_areas(shape.tree) or asks_for_names(shape.tree))
        for cell in shape.cells
    )
    if [place for place in (*never, *book.failing) if book.route(place)]:
        book.evaluate()


def asks_for_names(tree: Node) -> bool:
    """Whether a formula asks for names of months or days in a language of which ours do not know them."""
    return any(
        isinstance(part, Call) and part.name == "TEXT" and any(map(is_unknown_format, part.arguments[1:]))
        for part in walk(tree)
    )


def is_unknown_format(part: Node) -> bool:
    """Whether a part of a formula is such a format."""
    return isinstance(part, Literal) and isinstance(part.value, str) and names_are_unknown(part.value)


def put_right(book: Book, place: Address, stored: Value) -> bool:
    """Have a cell evaluated by ours, or give it its value where they cannot be called; whether that is possible."""
    return (stored is not ExcelError.SPILL and book.route(place)) or book.pin(place, stored)


def spills(book: Book, place: Address) -> bool:
    """Whether a cell has a formula that fills as many cells as it needs, in whose way its own would be if put anew.

    One that ours evaluate fills the cells that it has.
    """
    shape = book.formulas.shape(place)
    return shape is not None and shape.form is Form.DYNAMIC and place not in book.routed


def evaluated_again(book: Book, places: Iterable[Address]) -> None:
    """Have the engine evaluate some cells anew: a sum of cells that read an array formula may be as it was."""
    formulas = {place: book.formula(place) for place in places if place not in book.pinned}
    for place, formula in formulas.items():
        if formula:
            with contextlib.suppress(NotTaken):  # it reads its own cell, which the engine takes from a file only
                book.put_formula(place, formula)
    book.evaluate()
