"""May a person put a value into this cell, as Excel would take it? If not, what is to be set instead?"""

import re
from collections.abc import Iterator

from roi_xl.engines.book import Book
from roi_xl.engines.libreoffice import OfficeBook
from roi_xl.errors import RoiError
from roi_xl.formula.shapes import Form
from roi_xl.formula.tables import Table
from roi_xl.formula.tokens import Unreadable
from roi_xl.recalc.data_tables import data_tables
from roi_xl.xlsx.addresses import Address, Area, column_letters
from roi_xl.xlsx.sheet import Sheet
from roi_xl.xlsx.sheet_cells import find_cell, has_formula

RICH = re.compile(rb"\svm=")


def refuse_unsettable(book: Book | OfficeBook, name: str, place: Address) -> None:
    """Refuse a cell that Excel would not let anyone type into, or whose value would not stay."""
    if has_formula(book.sheet(place.sheet), place.within):
        raise RoiError(f"{name} is a formula ({place}); only cells that hold a value can be set")
    why = next(reasons(book, place), None)
    if why is not None:
        shown = name if name == str(place) else f"{name} ({place})"
        raise RoiError(f"{shown} {why}")


def reasons(book: Book | OfficeBook, place: Address) -> Iterator[str]:
    """Why a cell cannot be set, and what can be."""
    sheet = book.sheet(place.sheet)
    anchor = book.formulas.sheets[place.sheet].anchors.get(place.within)
    if anchor is not None:
        yield filled_by(book, Address(place.sheet, *anchor))
    for table in data_tables(book, place.sheet) if isinstance(book, Book) else ():
        if table.top <= place.row <= table.bottom and table.left <= place.column <= table.right:
            area = table.sheet, table.top, table.left, table.bottom, table.right
            yield f"belongs to the data table {shown_area(area)}; set the values along its edges, or its inputs"
    for known in book.formulas.names.tables.values():
        if known.holds(place) and place.row < known.top + known.headers:
            yield heading_of(known, place)
    cell = find_cell(sheet, place.within)
    if cell is not None and RICH.search(cell[1]):
        yield "holds a picture or a data type, which text and numbers cannot replace here; set another cell"
    yield from covered(book.formulas.sheets[place.sheet], place)


def filled_by(book: Book | OfficeBook, anchor: Address) -> str:
    """What is said of a cell that the formula of another one fills."""
    shape = book.formulas.shape(anchor)
    kind = "formula of" if shape is not None and shape.form is Form.DYNAMIC else "array formula of"
    try:
        areas = list(book.formulas.areas(anchor))
    except Unreadable:
        areas = []
    what = f", such as {shown_area(areas[0])}" if areas else ""
    return f"is filled by the {kind} {anchor}; set what that reads{what}"


def heading_of(table: Table, place: Address) -> str:
    """What is said of the heading of a table's column."""
    first, last = table.top + table.headers, table.bottom - table.totals
    area = table.sheet, first, place.column, last, place.column
    return f"is a heading of a table, by which formulas call its column; set its values in {shown_area(area)}"


def covered(sheet: Sheet, place: Address) -> Iterator[str]:
    """What is said of a cell that another one covers."""
    for top, left, bottom, right in sheet.merged:
        inside = top <= place.row <= bottom and left <= place.column <= right
        if inside and place.within != (top, left):
            yield f"is covered by the merged cell {Address(place.sheet, top, left)}; set that"


def shown_area(area: Area) -> str:
    """An area as it stands in a formula."""
    sheet, top, left, bottom, right = area
    first = Address(sheet, top, left)
    return str(first) if (top, left) == (bottom, right) else f"{first}:{column_letters(right)}{bottom}"
