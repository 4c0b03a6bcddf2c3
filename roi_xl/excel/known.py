"""For which functions is the engine known to differ from Excel, for some arguments?

A disagreement of the two evaluations over one of these is settled in favor of our own
functions, whose answers are tables of Excel's. Over anything else it stops the command.
"""

from roi_xl.excel.registry import ONE, REGISTRY
from roi_xl.formula.shapes import Form, Shape
from roi_xl.formula.tree import Array, Binary, Call, Literal, Node, Reference, Unary, functions_in, walk

ENGINE_DIFFERS = frozenset(
    """
    ACCRINT ACCRINTM ACOS ACOSH ACOT ACOTH ADDRESS AGGREGATE ANCHORARRAY AND ARABIC AREAS ASIN ASINH ATAN ATAN2
    ATANH AVERAGEIF AVERAGEIFS BASE BESSELI BESSELJ BESSELK BESSELY BETA.DIST BETA.INV BIN2DEC BIN2HEX BIN2OCT
    BINOM.DIST BINOM.DIST.RANGE BINOM.INV BINOMDIST BITLSHIFT BITRSHIFT CEILING CEILING.MATH CEILING.PRECISE CELL
    CHAR CHISQ.DIST CHISQ.DIST.RT CHOOSE CLEAN CODE COLUMN COMBIN COMBINA COMPLEX CONCAT CONCATENATE CONFIDENCE
    CONFIDENCE.NORM CONFIDENCE.T CONVERT COS COSH COT COTH COUNT COUNTIF COUNTIFS COUPDAYBS COUPDAYS COUPDAYSNC
    COUPNCD COUPNUM COUPPCD CSC CSCH DATE DATEDIF DATEVALUE DAVERAGE DAY DAYS DAYS360 DCOUNT DCOUNTA DDB DEC2BIN
    DEC2HEX DEC2OCT DECIMAL DEGREES DELTA DGET DISC DMAX DMIN DOLLAR DOLLARDE DOLLARFR DPRODUCT DROP DSTDEV
    DSTDEVP DSUM DVAR DVARP EDATE EFFECT EOMONTH ERF ERF.PRECISE ERFC ERFC.PRECISE EVEN EXACT EXP EXPAND
    EXPON.DIST EXPONDIST F.DIST F.DIST.RT F.INV F.INV.RT FACT FACTDOUBLE FILTER FIND FINDB FISHER FISHERINV FIXED
    FLOOR.MATH FLOOR.PRECISE FORMULATEXT FREQUENCY FV GAMMA GAMMA.DIST GAMMADIST GCD GESTEP HEX2BIN HEX2DEC
    HEX2OCT HLOOKUP IMABS IMAGINARY IMARGUMENT IMCONJUGATE IMCOS IMCOSH IMCOT IMCSC IMCSCH IMDIV IMEXP IMLN
    IMLOG10 IMLOG2 IMPOWER IMPRODUCT IMREAL IMSEC IMSECH IMSIN IMSINH IMSQRT IMSUB IMSUM IMTAN INDEX INDIRECT INT
    INTRATE ISBLANK ISEVEN ISFORMULA ISO.CEILING ISODD ISPMT LARGE LCM LEFT LEFTB LEN LENB LOG LOGNORM.DIST LOOKUP
    LOWER MATCH MAXIFS MDETERM MEDIAN MID MIDB MINIFS MINVERSE MMULT MOD MODE MODE.MULT MODE.SNGL MONTH MROUND
    MULTINOMIAL MUNIT NEGBINOM.DIST NETWORKDAYS NETWORKDAYS.INTL NOMINAL NORM.DIST NORM.S.DIST NORMDIST NPER NPV
    NUMBERVALUE OCT2BIN OCT2DEC OCT2HEX ODD ODDFPRICE ODDFYIELD ODDLPRICE ODDLYIELD OFFSET OR PDURATION PERCENTILE
    PERCENTRANK PERMUTATIONA PMT POISSON POISSON.DIST POWER PRICE PROB PROPER PV QUOTIENT RADIANS RANK RATE
    REPLACE REPLACEB REPT RIGHT RIGHTB ROMAN ROUND ROUNDDOWN ROUNDUP ROW RRI SEARCH SEARCHB SEC SECH SEQUENCE
    SERIESSUM SIGN SIN SINH SLN SMALL SORT SORTBY SQRTPI SUBTOTAL SUMIF SUMIFS SUMPRODUCT SUMX2MY2 SUMX2PY2
    SUMXMY2 SYD T.DIST T.DIST.2T T.DIST.RT T.INV T.INV.2T T.TEST TAKE TAN TANH TBILLEQ TBILLPRICE TBILLYIELD TEXT
    TEXTAFTER TEXTBEFORE TEXTJOIN TEXTSPLIT TIME TOCOL TREND TRIM TRUNC UNIQUE UPPER VALUE VALUETOTEXT VDB VLOOKUP
    WEEKDAY WEEKNUM WORKDAY WORKDAY.INTL WRAPCOLS WRAPROWS XIRR XLOOKUP XMATCH XOR YEAR YEARFRAC YIELD
    """.split()
)
"""Functions with a known difference, each with an answer of Excel's in the tests that the engine does not give."""

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
    if isinstance(tree, Reference) and not tree.is_cell:
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
        case Reference(last_sheet=str()):
            return True
        case Binary("," | ":" | " "):
            return True
        case Binary(sign, left, right):
            return sign in SIGNS or any(isinstance(side, Reference) and not side.is_cell for side in (left, right))
        case Literal(str()):
            return True
        case Call("LET" | "LAMBDA"):
            return True
        case Call():
            return has_range_for_one(part)
    return False


def has_range_for_one(call: Call) -> bool:
    """Whether a range stands where a function wants one value: that of the formula's own row or column."""
    entry = REGISTRY.get(call.name)
    return entry is not None and any(
        isinstance(argument, Reference) and not argument.is_cell and entry.want(place) is ONE
        for place, argument in enumerate(call.arguments)
    )
