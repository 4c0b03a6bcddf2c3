"""Does a formula ask where its ranges are, so that its copies cannot be evaluated together?"""

from roi_xl.formula.tree import JOINS, Binary, Call, Node, Reference, walk

ASK_WHERE = frozenset("AGGREGATE ANCHORARRAY AREAS CELL FORMULATEXT INDIRECT ISFORMULA ISREF OFFSET SUBTOTAL".split())
"""Functions that ask where a range is, so that it must stand still."""


def asks_where(tree: Node) -> bool:
    """Whether a formula asks where one of its ranges is, other than for the row or column of a cell."""
    for part in walk(tree):
        if isinstance(part, Binary) and part.sign in JOINS:
            return True
        if isinstance(part, Call) and part.name in ASK_WHERE:
            return True
        if isinstance(part, Call) and part.name in ("ROW", "COLUMN") and part.arguments:
            argument = part.arguments[0]
            if not isinstance(argument, Reference) or not argument.is_cell:
                return True
    return False
