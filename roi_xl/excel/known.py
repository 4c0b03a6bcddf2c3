"""For which functions is the engine known to differ from Excel, for some arguments?

A disagreement of the two evaluations over one of these is settled in favor of our own
functions, whose answers are tables of Excel's. Over anything else it stops the command.
"""

from roi_xl.formula.shapes import Form, Shape
from roi_xl.formula.tree import Array, Binary, Call, Literal, Node, Reference, Unary, functions_in, walk

ENGINE_DIFFERS = frozenset(
    """
    ACCRINT ADDRESS AGGREGATE AND ARABIC AREAS AVERAGEIF AVERAGEIFS BESSELI BESSELJ BESSELK BESSELY CEILING
    CEILING.MATH CEILING.PRECISE CELL CHAR CHISQ.DIST CHISQ.DIST.RT COLUMN COMBIN COMBINA COMPLEX CONCAT
    CONCATENATE CONFIDENCE.NORM CONFIDENCE.T CONVERT COUNT COUNTA COUNTBLANK COUNTIF COUNTIFS CUMIPMT DATE
    DATEDIF DATEVALUE DAY DAYS DAYS360 DB DOLLAR EDATE EFFECT EOMONTH ERF EXACT F.DIST F.DIST.RT FILTER FIND
    FLOOR FLOOR.MATH FLOOR.PRECISE FORMULATEXT FREQUENCY GAMMA GCD HLOOKUP IMABS IMAGINARY IMARGUMENT IMCONJUGATE IMCOS
    IMCOSH IMCOT IMCSC IMCSCH IMDIV IMEXP IMLN IMLOG10 IMLOG2 IMPOWER IMPRODUCT IMREAL IMSEC IMSECH IMSIN IMSINH
    IMSQRT IMSUB IMSUM IMTAN INDEX INDIRECT IPMT IRR ISEVEN ISFORMULA ISO.CEILING ISODD ISPMT LARGE LCM LEFT LEN
    LOG LOGNORM.DIST LOGNORM.INV LOOKUP LOWER MATCH MAXIFS MEDIAN MID MINIFS MIRR MMULT MOD MONTH MROUND
    MULTINOMIAL N NETWORKDAYS NETWORKDAYS.INTL NOMINAL NORM.DIST NORM.INV NORM.S.DIST NORM.S.INV NUMBERVALUE
    OFFSET OR PERCENTILE PERCENTRANK PMT POWER PPMT PROPER QUARTILE QUOTIENT RANK REPLACE REPT RIGHT ROMAN ROUND
    ROUNDDOWN ROUNDUP ROW SEARCH SEQUENCE SERIESSUM SMALL SORT SORTBY SUBSTITUTE SUBTOTAL SUMIF SUMIFS
    SUMPRODUCT T T.DIST T.DIST.2T T.DIST.RT TBILLEQ TBILLPRICE TBILLYIELD TEXT TEXTJOIN TIMEVALUE TOCOL
    TRANSPOSE TREND TRIM UNIQUE UPPER VALUE VDB VLOOKUP WEEKDAY WEEKNUM WORKDAY WORKDAY.INTL XIRR XLOOKUP XMATCH
    XNPV XOR YEAR YEARFRAC
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
    return shape.tree is not None and (is_last_difference(shape.tree) or may_be_far_off(shape))


def may_be_far_off(shape: Shape) -> bool:
    """Whether the difference may be more than what rounding leaves."""
    tree = shape.tree
    if tree is None:
        return False
    if shape.form is not Form.ORDINARY or functions_in(tree) & ENGINE_DIFFERS:
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
