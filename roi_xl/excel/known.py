"""For which functions is the engine known to differ from Excel, for some arguments?

A disagreement of the two evaluations over one of these is settled in favor of our own
functions, whose answers are tables of Excel's. Over anything else it stops the command.
"""

from roi_xl.formula.shapes import Form, Shape
from roi_xl.formula.tree import Array, Binary, Call, Literal, Node, Reference, Unary, functions_in, walk

ENGINE_DIFFERS = frozenset(
    """
    ACCRINT AGGREGATE ARABIC AREAS AVERAGEIF AVERAGEIFS CEILING CEILING.MATH CEILING.PRECISE CELL CHAR COLUMN
    CONCAT CONCATENATE CONVERT COUNT COUNTA COUNTBLANK COUNTIF COUNTIFS DATE DATEDIF DATEVALUE DAY DAYS DAYS360
    DB DOLLAR EDATE EOMONTH EXACT FILTER FIND FLOOR FLOOR.MATH FLOOR.PRECISE FREQUENCY GCD HLOOKUP INDEX
    INDIRECT IPMT IRR ISFORMULA ISO.CEILING LARGE LCM LEFT LEN LOOKUP LOWER MATCH MAXIFS MEDIAN MID MINIFS MIRR
    MMULT MOD MONTH MROUND N NETWORKDAYS NETWORKDAYS.INTL NUMBERVALUE OFFSET PERCENTILE PERCENTRANK POWER PPMT
    PROPER QUARTILE RANK REPLACE REPT RIGHT ROMAN ROUND ROUNDDOWN ROUNDUP ROW SEARCH SEQUENCE SMALL SORT SORTBY
    SUBSTITUTE SUBTOTAL SUMIF SUMIFS SUMPRODUCT T TEXT TEXTJOIN TIMEVALUE TOCOL TRANSPOSE TREND TRIM UNIQUE
    UPPER VALUE VDB VLOOKUP WEEKDAY WEEKNUM WORKDAY WORKDAY.INTL XIRR XLOOKUP XMATCH XNPV YEAR YEARFRAC
    """.split()
)
"""Functions with a known difference, each backed by a table of Excel's answers or the file that showed it."""

SIGNS = {"&", "^", "=", "<>", "<", "<=", ">", ">="}
"""Operators that it treats differently: numbers in text, 0^0, and comparisons to 15 digits."""


def engine_differs(shape: Shape) -> bool:
    """Whether a formula is of a kind that the engine is known to treat differently.

    That is: functions and operators of these lists; arrays, of which it often takes the first
    element only; a range or a text where one number belongs; a range from one computed
    reference to another; a difference as the last operation, which Excel rounds to 0.
    """
    tree = shape.tree
    if tree is None:
        return False
    if shape.form is not Form.ORDINARY or is_last_difference(tree) or functions_in(tree) & ENGINE_DIFFERS:
        return True
    return any(is_taken_otherwise(part) for part in walk(tree))


def is_last_difference(tree: Node) -> bool:
    """Whether the last operation of a formula is an addition or subtraction."""
    return isinstance(tree, Binary) and tree.sign in ("+", "-")


def is_taken_otherwise(part: Node) -> bool:
    """Whether the engine treats a part of a formula differently."""
    match part:
        case Array() | Unary("@" | "#"):
            return True
        case Binary("," | ":"):
            return True
        case Binary(sign, left, right):
            return sign in SIGNS or any(isinstance(side, Reference) and not side.is_cell for side in (left, right))
        case Literal(str()):
            return True
        case Call("LET" | "LAMBDA"):
            return True
    return False
