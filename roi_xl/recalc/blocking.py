"""Is there room for a dynamic array, or do other cells block it?"""

from collections.abc import Iterator, Mapping

from roi_xl.excel.values import CannotVectorise
from roi_xl.formula.formulas import Formulas
from roi_xl.xlsx.addresses import LAST_COLUMN, LAST_ROW, Address
from roi_xl.xlsx.array_extents import Corners
from roi_xl.xlsx.sheet_cells import LARGEST_ARRAY, Value

Size = tuple[int, int]
"""Rows and columns."""


class Resized(Exception):
    """Dynamic arrays need other cells than they have."""

    def __init__(self, sizes: Mapping[Address, Size]) -> None:
        super().__init__(f"{len(sizes)} arrays need other cells")
        self.sizes = sizes


def extent_of(place: Address, size: Size) -> Corners:
    """The first and last row and column of an array."""
    return place.row, place.column, place.row + size[0] - 1, place.column + size[1] - 1


def is_blocked(formulas: Formulas, set_now: Mapping[Address, Value], place: Address, size: Size) -> bool:
    """Whether cells block a dynamic array that would fill some rows and columns.

    Args:
        formulas: the formulas of the workbook.
        set_now: the cells that have other values than in the file.
        place: the cell that holds the formula.
        size: how many rows and columns its result has.

    Raises:
        CannotVectorise: it cannot be told.
    """
    if size[0] * size[1] > LARGEST_ARRAY:
        raise CannotVectorise(f"an array of more than {LARGEST_ARRAY:,} cells")
    if size == (1, 1):
        return False
    extent = extent_of(place, size)
    if extent[2] > LAST_ROW or extent[3] > LAST_COLUMN:
        return True
    if any(table.sheet == place.sheet and meet(table.corners, extent) for table in formulas.names.tables.values()):
        raise CannotVectorise("an array that would reach into a table")
    if any(meet(area, extent) for area in formulas.sheets[place.sheet].merged):
        return True
    own = formulas.extents[place]
    for cell, value in set_now.items():
        if cell.sheet == place.sheet and value is not None and is_in(cell, extent) and not is_in(cell, own):
            return True
    return any(is_filled(formulas, cell) for cell in new_cells(formulas, place, extent) if cell not in set_now)


def meet(one: Corners, other: Corners) -> bool:
    """Whether two ranges have a cell in common."""
    return one[0] <= other[2] and other[0] <= one[2] and one[1] <= other[3] and other[1] <= one[3]


def is_in(place: Address, extent: Corners) -> bool:
    """Whether a cell lies in a range of its sheet."""
    return meet((place.row, place.column, place.row, place.column), extent)


def new_cells(formulas: Formulas, place: Address, extent: Corners) -> Iterator[Address]:
    """The cells of a range that an array does not fill yet, as far as the sheet is used."""
    own, (height, width) = formulas.extents[place], formulas.used(place.sheet)
    for row in range(extent[0], min(extent[2], height) + 1):
        for column in range(extent[1], min(extent[3], width) + 1):
            cell = Address(place.sheet, row, column)
            if not is_in(cell, own):
                yield cell


def is_filled(formulas: Formulas, place: Address) -> bool:
    """Whether the file has a value or a formula in a cell, or another array fills it."""
    sheet = formulas.sheets[place.sheet]
    return formulas.shape(place) is not None or place.within in sheet.anchors or sheet.held(place.within) is not None
