"""How is a formula rephrased where the engine cannot parse Excel's syntax, or misreads it?

References to tables, to several sheets, to names of a sheet, and ranges that are written
from their end, as plain references; names that stand for formulas as those formulas. The
file keeps its own formulas.
"""

import re
from collections.abc import Iterator

from roi_xl.errors import ExcelError
from roi_xl.formula.names import Names, fixed
from roi_xl.formula.shapes import Shape
from roi_xl.formula.tokens import LONGEST, Unreadable
from roi_xl.formula.tree import (
    Binary,
    Call,
    Cell,
    Literal,
    Name,
    Node,
    Reference,
    Structured,
    walk,
    with_children,
)
from roi_xl.formula.written import written
from roi_xl.xlsx.addresses import LAST_ROW, Address

LAST_CELL = re.compile(r":\s*\$?[A-Z]*\$?([0-9]+)\s*\Z", re.IGNORECASE)
LIKE_A_CELL = re.compile(r"[A-Za-z]{1,3}[0-9]{1,7}|[Rr][0-9]*[Cc][0-9]*")
MOST_TERMS = 500
"""The longest chain of operators the engine parses."""

THIS_WORKBOOK = "[0]"
"""What stands before a name of the workbook itself where a sheet has one of the same name."""

ON_SHEET = "ROI.ON_SHEET"
"""The engine's function that INDIRECT gets its text from: it fails at a range that ends beyond the last row."""


ENDING = {"VSTACK": "ROI.VSTACK", "HSTACK": "ROI.HSTACK", "REPLACE": "ROI.REPLACE"}
"""The engine's functions that know no end, and those of ours that it is given in their place."""


def in_engine_words(shape: Shape, names: Names, sheet: str) -> Iterator[tuple[Cell, str]]:
    """The cells of a shape whose formula is rephrased for the engine, with the new text."""
    if shape.tree is None or not any(is_unread(part, names, sheet, shape) for part in walk(shape.tree)):
        return
    tree = ended(shape.tree) if multiplies(shape.tree) else shape.tree
    for cell in shape.cells:
        here = Address(sheet, *cell)
        try:
            text = written(reworded(tree, names, here), cell)
        except Unreadable:
            continue
        if len(text) <= LONGEST:
            yield cell, text


def is_unread(part: Node, names: Names, sheet: str, shape: Shape) -> bool:
    """Whether the engine cannot parse a part of a formula, or may misread it."""
    if is_lost(part, names):
        return True
    match part:
        case Structured():
            return True
        case Reference():
            return part.last_sheet is not None or is_reversed_in(part, shape) or is_like_a_cell(part.sheet)
        case Name():
            return stands_for_more(part, names, sheet)
        case Call("LET"):
            return multiplies(part)
        case Call("INDIRECT", (text, *_)):
            return not isinstance(text, Literal) or not is_on_sheet(text.value)
    return False


def multiplies(node: Node) -> bool:
    """Whether names of LET can hold a text or an array many times over, so that a short formula makes gigabytes."""
    parts = list(walk(node))
    return any(isinstance(part, Call) and part.name == "LET" for part in parts) and any(map(is_endless, parts))


def is_endless(part: Node) -> bool:
    """Whether a part joins texts or arrays without an end."""
    return (isinstance(part, Binary) and part.sign == "&") or (isinstance(part, Call) and part.name in ENDING)


def ended(node: Node) -> Node:
    """A part of a formula with functions that end where Excel's texts and arrays do."""
    node = with_children(node, ended)
    match node:
        case Binary("&", left, right):
            return Call("CONCATENATE", (left, right))
        case Call(name, arguments) if name in ENDING:
            return Call(ENDING[name], arguments)
    return node


def is_on_sheet(text: object) -> bool:
    """Whether what INDIRECT is given does not name a range that ends beyond the last row of a sheet.

    >>> is_on_sheet("A1:B1048576"), is_on_sheet("S!$A$1:$A$1048577")
    (True, False)
    """
    last = LAST_CELL.search(text) if isinstance(text, str) else None
    return last is None or int(last[1]) <= LAST_ROW


def is_lost(part: Node, names: Names) -> bool:
    """Whether a part refers to another workbook of which the file holds nothing; the engine would give up."""
    if not isinstance(part, Reference | Name) or names.part.external_links:
        return False
    sheets = {part.sheet, getattr(part, "last_sheet", None)} - {None, THIS_WORKBOOK}
    return any("[" in str(sheet) for sheet in sheets)


def is_reversed_in(reference: Reference, shape: Shape) -> bool:
    """Whether a range is written from its end in any cell of a shape: then it is at one of its corners."""
    if reference.is_cell:
        return False
    if reference.moves_as_one:
        return is_reversed(reference, shape.first)
    rows, columns = (min(shape.rows), max(shape.rows)), (min(shape.columns), max(shape.columns))
    return any(is_reversed(reference, (row, column)) for row in rows for column in columns)


def is_reversed(reference: Reference, here: Cell) -> bool:
    """Whether a range is reversed in a cell."""
    (top, left), (bottom, right) = reference.first.at(here), reference.last.at(here)
    return top > bottom or left > right


def is_like_a_cell(sheet: str | None) -> bool:
    """Whether a sheet's name looks like a cell's address."""
    return sheet is not None and LIKE_A_CELL.fullmatch(sheet) is not None


def stands_for_more(name: Name, names: Names, sheet: str) -> bool:
    """Whether a name is a table's, is local to a sheet, or refers to a formula."""
    here = Address(sheet, 1, 1)
    if not names.is_defined(name, here.sheet):
        return name.text.casefold() in names.tables
    if name.sheet is not None or (name.text.casefold(), sheet) in names.defined:
        return True
    try:
        return not isinstance(names.meaning(name, sheet), Reference)
    except Unreadable:
        return False


def reworded(node: Node, names: Names, here: Address) -> Node:
    """A part of a formula in syntax that the engine parses."""
    if is_lost(node, names):
        return Literal(ExcelError.REF)
    match node:
        case Structured() | Reference():
            return plain_reference(node, names, here)
        case Name():
            return plain_name(node, names, here)
        case Call(name, arguments, function):
            given = [reworded(a, names, here) for argument in arguments for a in each_sheet(argument, names, here)]
            if name == "INDIRECT" and given:
                given[0] = Call(ON_SHEET, (given[0],))
            return Call(name, tuple(given), None if function is None else reworded(function, names, here))
    return with_children(node, lambda part: reworded(part, names, here))


def each_sheet(node: Node, names: Names, here: Address) -> list[Node]:
    """An argument that reaches over several sheets as one for each of them."""
    if isinstance(node, Reference) and node.last_sheet is not None:
        return list(names.each_sheet(names.on_sheet(node, here.sheet)))
    return [node]


def plain_reference(node: Reference | Structured, names: Names, here: Address) -> Node:
    """A reference as the engine parses it; a reversed range is normalized."""
    found = names.reference(node, here)
    assert found is not None
    if isinstance(node, Reference) and not is_reversed(node, here.within):
        return node
    if isinstance(node, Structured) and not is_reversed(found, here.within):
        return found
    return fixed(str(found.sheet), *found.corners(here.within))


def plain_name(name: Name, names: Names, here: Address) -> Node:
    """A name's definition, unless it refers to cells, which the engine resolves itself."""
    if not stands_for_more(name, names, here.sheet):
        return name
    if not names.is_defined(name, here.sheet):
        return names.table(name.text)
    meaning = names.meaning(name, here.sheet)
    found = names.reference(name, here)
    return fixed(str(found.sheet), *found.corners(here.within)) if found is not None else reworded(meaning, names, here)
