"""Which cells do our functions evaluate in the engine's place, and how is that done?"""

from roi_xl.engines.book import Book
from roi_xl.errors import ExcelError
from roi_xl.formula.tree import has_areas
from roi_xl.xlsx.addresses import Address
from roi_xl.xlsx.sheet_cells import Value


def take_over(book: Book) -> None:
    """Evaluate what the engine never does by ours: several ranges where one belongs, and what makes it fail."""
    several = (
        Address(sheet, *cell)
        for sheet, shapes in book.formulas.shapes.items()
        for shape in shapes
        if shape.tree is not None and has_areas(shape.tree)
        for cell in shape.cells
    )
    if [place for place in (*several, *book.failing) if book.route(place)]:
        book.evaluate()


def put_right(book: Book, place: Address, stored: Value) -> bool:
    """Have a cell evaluated by ours, or give it its value where they cannot be called; whether that is possible."""
    return (stored is not ExcelError.SPILL and book.route(place)) or book.pin(place, stored)
