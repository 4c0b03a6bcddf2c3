"""How does a workbook say which cells an array formula fills, and how is that changed?

The formula's cell names the range, the other cells of it hold plain values. Where a range is
another than before, the cells that it leaves are emptied; the values of new ones come with
all others. The calculation chain, which Excel makes anew, goes: it may name emptied cells.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import replace

from roi_xl.errors import NotSupported
from roi_xl.xlsx.addresses import column_letters, parse_range
from roi_xl.xlsx.package import CONTENT_TYPES, Package
from roi_xl.xlsx.sheet_cells import (
    ARRAY_RANGE,
    Place,
    Value,
    array_members,
    arrays,
    find_cell,
    grammar_of,
    put_constants,
)

Corners = tuple[int, int, int, int]
Emptied = Mapping[str, Collection[Place]]
DIMENSION = re.compile(rb"""(<(?:\w+:)?dimension\s[^<>]*?ref=["'])([A-Z0-9:]+)""")
RICH = re.compile(rb"""\svm=["'][0-9]+["']""")
CHAIN = re.compile(rb"<(?:\w+:)?(?:Relationship|Override)\s[^<>]*calcChain[^<>]*?(?:/>|>\s*</(?:\w+:)?\w+>)")
CHAIN_PART = re.compile(r"calcChain[^/]*\.xml$", re.IGNORECASE)


def with_extents(package: Package, extents: Mapping[str, Mapping[Place, Corners]], emptied: Emptied) -> Package:
    """The package in which some array formulas fill other cells.

    Args:
        package: the workbook.
        extents: the first and last row and column, by the part of the sheet and the cell of the formula.
        emptied: the cells that have been emptied to make room, by the part of the sheet.
    """
    changed = {
        part: resized(package.parts[part], cells, emptied.get(part, frozenset())) for part, cells in extents.items()
    }
    return without_chain(package.with_parts(changed))


def resized(sheet: bytes, extents: Mapping[Place, Corners], emptied: Collection[Place] = ()) -> bytes:
    """A sheet in which some array formulas fill other cells, of which some have been emptied."""
    before = array_members(sheet)
    for place, extent in extents.items():
        sheet = with_range(sheet, place, range_text(extent))
    filled = [cell for anchor, members in arrays(sheet).items() for cell in (anchor, *members)]
    if len(filled) > len(set(filled)):
        raise NotSupported("two array formulas would fill the same cells; set this in a spreadsheet program")
    left: dict[Place, Value] = dict.fromkeys({*(before - set(filled)), *emptied})
    sheet = put_constants(sheet, left) if left else sheet
    return with_dimension(sheet, extents)


def with_range(sheet: bytes, place: Place, extent: bytes) -> bytes:
    """A sheet in which one array formula names another range; its value is no rich one any more."""
    match = find_cell(sheet, place)
    formula = None if match is None else grammar_of(sheet).formula_cell.match(sheet, match.start())
    if formula is None:
        raise NotSupported(f"no formula in row {place[0]}, column {place[1]}")
    attributes, element = formula[2], formula[5]
    opening, closing, rest = element.partition(b">")
    named = ARRAY_RANGE.sub(b' ref="%b"' % extent, opening, count=1)
    head = formula[1].replace(attributes, RICH.sub(b"", attributes), 1).replace(element, named + closing + rest, 1)
    return sheet[: formula.start(1)] + head + sheet[formula.end(1) :]


def range_text(extent: Corners) -> bytes:
    """A range as the file writes it: one cell by itself.

    >>> range_text((1, 2, 3, 2)), range_text((1, 2, 1, 2))
    (b'B1:B3', b'B1')
    """
    top, left, bottom, right = extent
    ends = dict.fromkeys((f"{column_letters(left)}{top}", f"{column_letters(right)}{bottom}"))
    return ":".join(ends).encode()


def with_dimension(sheet: bytes, extents: Mapping[Place, Corners]) -> bytes:
    """A sheet that says how far it is used, where it says so, with some ranges in it."""

    def wider(match: re.Match[bytes]) -> bytes:
        sides = zip(parse_range(match[2].decode()), *extents.values(), strict=True)
        top, left, bottom, right = (choose(side) for choose, side in zip((min, min, max, max), sides, strict=True))
        return match[1] + range_text((top, left, bottom, right))

    return DIMENSION.sub(wider, sheet, count=1)


def without_chain(package: Package) -> Package:
    """The package without its calculation chain."""
    gone = {name for name in package.parts if CHAIN_PART.search(name)}
    if not gone:
        return package
    kept = {name: data for name, data in package.parts.items() if name not in gone}
    for name, data in kept.items():
        if (name == CONTENT_TYPES or name.endswith(".rels")) and b"calcChain" in data:
            kept[name] = CHAIN.sub(b"", data)
    entries = tuple(entry for entry in package.entries if entry.filename not in gone)
    return replace(package, entries=entries, parts=kept)
