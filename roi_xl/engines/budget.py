"""Will a workbook fit into memory? Asked before it is loaded.

Formulas of a few bytes can ask for gigabytes: arrays that fill whole columns, ranges that the
engine lays out cell by cell.
"""

import contextlib

from roi_xl.errors import NotSupported
from roi_xl.formula.formulas import Formulas
from roi_xl.formula.shapes import Shape
from roi_xl.formula.tokens import Unreadable
from roi_xl.xlsx.addresses import Address, Area
from roi_xl.xlsx.limits import limit, limit_in_bytes

OF_A_MEMBER = 600
"""Bytes that one cell of an array formula takes: in the engine, and in what is known of it here."""

OF_A_CELL_READ = 16
"""Bytes that the engine takes for each cell of a range that it reads."""


def refuse_hungry(formulas: Formulas) -> None:
    """Refuse a workbook whose formulas ask for more memory than there may be."""
    most = limit_in_bytes("ROI_XL_MAX_MEMORY_MIB")
    members = 0
    for sheet, shapes in formulas.shapes.items():
        for shape in shapes:
            members += sum(size((sheet, *extent)) for extent in shape.extents.values())
            if members * OF_A_MEMBER > most:
                refuse(formulas, f"array formulas fill {members:,} cells")
            read = largest_read(formulas, sheet, shape)
            if read * OF_A_CELL_READ > most:
                refuse(formulas, f"{Address(sheet, *shape.first)} reads {read:,} cells")


def largest_read(formulas: Formulas, sheet: str, shape: Shape) -> int:
    """The cells of the largest range that a formula reads, as far as sheets are used."""
    if shape.tree is None or not len(shape):
        return 0
    ends = Address(sheet, *shape.first), Address(sheet, shape.rows[-1], shape.columns[-1])
    with contextlib.suppress(Unreadable):
        return max((size(area) for end in ends for area in formulas.names.areas(shape.tree, end)), default=0)
    return 0


def size(area: Area) -> int:
    """How many cells an area has."""
    _, top, left, bottom, right = area
    return (bottom - top + 1) * (right - left + 1)


def refuse(formulas: Formulas, why: str) -> None:
    """Say what takes too much memory, and which limit there is."""
    most = limit("ROI_XL_MAX_MEMORY_MIB")
    raise NotSupported(f"{formulas.package.path} takes more than {most:,} MiB (ROI_XL_MAX_MEMORY_MIB): {why}")
