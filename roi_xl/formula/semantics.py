"""Where does the engine interpret a formula differently from Excel?

Excel compares numbers by their first 15 digits, and an ordinary formula takes of a range
the one cell in its own row or column; of an array that a function of ours gives, the
first cell. These, a percentage in a criterion, and a text with
an empty format are spelled out in words that the engine reads.
"""

import functools
import re
from collections.abc import Collection, Mapping
from enum import Enum
from typing import Any

from roi_xl.formula.tokens import LONGEST, Unreadable

Node = Mapping[str, Any]


class Place(Enum):
    """What a function wants where an operand stands: one value, a range as it is, or arrays throughout."""

    ONE = "one"
    RANGE = "range"
    ARRAY = "array"


def names(text: str) -> frozenset[str]:
    """The words of a list of functions."""
    return frozenset(text.split())


RANGE = rb"(?:(?:[\w.]+|'[^'<]+')!)?\$?[A-Z]{1,3}\$?[0-9]*:\$?[A-Z]{1,3}\$?[0-9]*"
BESIDE_OPERATOR = re.compile(rb"(?:[-+*/^=;]|<f[^<>]*>|\()\s*%b\s*(?:</|[-+*/^=&,])" % RANGE)
OURS_ON_A_RANGE = re.compile(rb"ROI_[A-Z_]+\([^<]*?:", re.IGNORECASE)
END_OF_RANGE = re.compile(rb":\$?[A-Z]{1,3}\$?[0-9]*\s*(?:</|[-+*/^=&,])")
EXACT = rb"""0(?![.\d])|"|&quot;|TRUE\b|FALSE\b|&[lg]t;|="""
EQUAL, UNEQUAL = (re.compile(rb"%b(?!\s*(?:%b))" % (sign, EXACT)) for sign in (b"=", b"&[lg]t;=?"))
OTHER_WORDS = (b"SINGLE(", b"WEEKNUM(", b"TEXT(", b'%"', b"%&quot;")
"""A quick test for formulas with another meaning; it may only err on the side of caution."""

TAKES_ONE = names("""
    ABS ROUND ROUNDUP ROUNDDOWN INT MOD SQRT EXP LN LOG LOG10 POWER SIGN TRUNC MROUND CEILING FLOOR CEILING.MATH
    FLOOR.MATH CEILING.PRECISE FLOOR.PRECISE ISO.CEILING TEXT LEFT RIGHT MID LEN FIND SEARCH SUBSTITUTE REPLACE
    UPPER LOWER PROPER TRIM VALUE DATE YEAR MONTH DAY EDATE EOMONTH WEEKDAY PMT PV FV NPER RATE ISNUMBER ISTEXT
""")
PASSES_ON = {"IF": 1, "IFERROR": 0, "IFNA": 0, "CHOOSE": 1}
"""Functions that return one of their arguments, and from which argument on."""

LOOKS_UP_FIRST = {"VLOOKUP": Place.RANGE, "HLOOKUP": Place.RANGE, "MATCH": Place.RANGE}
LOOKS_UP_FIRST |= {"XLOOKUP": Place.ARRAY, "XMATCH": Place.ARRAY}
"""Functions that look one value up, and what the others of their arguments are."""

TAKES_ARRAYS = names("""
    SUMPRODUCT MMULT MINVERSE MDETERM TRANSPOSE LOOKUP INDEX FREQUENCY LINEST LOGEST TREND GROWTH FILTER SORT
    SORTBY UNIQUE LET LAMBDA MAP REDUCE SCAN BYROW BYCOL MAKEARRAY TAKE DROP VSTACK HSTACK TOCOL TOROW WRAPROWS
    WRAPCOLS CHOOSECOLS CHOOSEROWS EXPAND AGGREGATE TEXTJOIN CONCAT IRR MIRR NPV XNPV XIRR MODE MODE.MULT PROB
    CORREL COVARIANCE.P COVARIANCE.S SLOPE INTERCEPT RSQ FORECAST FORECAST.LINEAR PERCENTILE QUARTILE MEDIAN LARGE
    SMALL STDEV VAR
""")
NEAR = (
    "IF(ISNUMBER({0})*ISNUMBER({1}),IF({0}*{1}>0,"
    "ROUND({0},14-INT(LOG10(ABS({0}))))=ROUND({1},14-INT(LOG10(ABS({0})))),FALSE),FALSE)"
)
OR_NEAR, NOT_NEAR = f"IF({{0}}{{2}}{{1}},TRUE,{NEAR})", f"IF({{0}}{{2}}{{1}},NOT({NEAR}),FALSE)"
COMPARISONS = {"=": OR_NEAR, ">=": OR_NEAR, "<=": OR_NEAR, "<>": NOT_NEAR, ">": NOT_NEAR, "<": NOT_NEAR}
"""Each comparison over its left and right sides and its sign."""

SHEET = r"(?:(?:[\w.]+|'(?:[^']|'')+')!)?"
CELL = re.compile(SHEET + r"\$?[A-Z]{1,3}\$?[0-9]{1,7}", re.IGNORECASE)
CELLS = re.compile(SHEET + r"\$?([A-Z]*)\$?([0-9]*):\$?([A-Z]*)\$?([0-9]*)", re.IGNORECASE)
PERCENTAGE = re.compile(r"([<>=]*)([0-9]+(?:\.[0-9]*)?)%")


def may_differ(sheet: bytes, range_names: Collection[str]) -> bool:
    """Whether any formula of a sheet may mean something else to Excel."""
    start = max(sheet.find(b"sheetData"), 0)
    if EQUAL.search(sheet, start) or UNEQUAL.search(sheet, start) or any(word in sheet for word in OTHER_WORDS):
        return True
    if b"ROI_" in sheet and OURS_ON_A_RANGE.search(sheet, start):
        return True
    if END_OF_RANGE.search(sheet, start) and BESIDE_OPERATOR.search(sheet, start):
        return True
    lower = sheet.lower() if range_names else b""
    return any(name.encode() in lower for name in range_names)


def as_excel_means(formula: str, range_names: Collection[str]) -> str:
    """An ordinary formula, without its equals sign, in words that the engine takes as Excel does.

    >>> as_excel_means("A1:A3*2", ())
    '(@A1:A3*2)'
    >>> as_excel_means("IF(B2=1,SUM(A1:A3))", ())[:28]
    'IF(IF(B2=1,TRUE,IF(ISNUMBER('
    >>> as_excel_means("SUM(A1:A3)", ())
    'SUM(A1:A3)'
    """
    shape, references = shape_of(formula)
    meant = meaning_of(shape, frozenset(range_names))
    if meant == shape:
        return formula
    written = PLACEHOLDER.sub(lambda match: references[int(match[1]) - 1], meant)
    return formula if len(written) > LONGEST else written


STRINGS = re.compile(r'("(?:[^"]|"")*")')
ONE_CELL = re.compile(r"(?<![\w.!$'\]])" + SHEET + r"\$?[A-Z]{1,3}\$?[0-9]{1,7}(?![\w.(!\['])", re.IGNORECASE)
RANGE_OF_ONE = re.compile(r"(\$?[A-Z]{1,3}\$?[0-9]+):\1(?![0-9])", re.IGNORECASE)
PLACEHOLDER = re.compile(r"\bXEZ([0-9]+)\b")


def shape_of(formula: str) -> tuple[str, list[str]]:
    """A formula with a numbered placeholder for every cell, and the cells: copies of one formula have one shape.

    >>> shape_of("IF(A1>$B$2,A1,Sheet2!C3)")
    ('IF(XEZ1>XEZ2,XEZ1,XEZ3)', ['A1', '$B$2', 'Sheet2!C3'])
    """
    if "XEZ" in formula.upper() or RANGE_OF_ONE.search(formula):
        return formula, []
    numbers: dict[str, int] = {}

    def placeholder(match: re.Match[str]) -> str:
        return f"XEZ{numbers.setdefault(match[0], len(numbers) + 1)}"

    parts = STRINGS.split(formula)
    parts[::2] = [ONE_CELL.sub(placeholder, part) for part in parts[::2]]
    return "".join(parts), list(numbers)


@functools.lru_cache(maxsize=20_000)
def meaning_of(shape: str, range_names: frozenset[str]) -> str:
    """The shape of a formula in words that the engine takes as Excel does."""
    try:
        tree = parsed(shape)
        meant = text(tree, Place.ONE, range_names)
        return shape if meant == text(tree, Place.ARRAY, range_names) else meant
    except (Unreadable, RecursionError, ValueError):
        return shape


def parsed(formula: str) -> Node:
    """A formula, without its equals sign, as the engine's parser reads it; ValueError where it cannot."""
    import formualizer

    try:
        tree: Node = formualizer.parse_formula(f"={formula}").to_dict()
    except formualizer.ParserError as error:
        raise ValueError(str(error)) from None
    return tree


def text(node: Node, place: Place, range_names: Collection[str]) -> str:
    """A part of a formula as it stands in a place; where arrays are wanted, just as it is."""
    inner = place if place is Place.ARRAY else Place.ONE
    match node:
        case {"node_type": "Literal", "value": value}:
            return literal(value)
        case {"node_type": "Reference", "reference": reference}:
            several = is_range(reference) or reference.casefold() in range_names
            return f"@{reference}" if place is Place.ONE and several else str(reference)
        case {"node_type": "UnaryOp", "operator": "-" | "+" | "%" as sign, "operand": operand}:
            written = text(operand, inner, range_names)
            return f"({written}%)" if sign == "%" else f"({sign}{written})"
        case {"node_type": "BinaryOp", "operator": sign, "left": left, "right": right} if sign not in ": ,":
            sides = text(left, inner, range_names), text(right, inner, range_names)
            exact = inner is Place.ARRAY or sign not in COMPARISONS or not may_be_near(left, right)
            return f"({sides[0]}{sign}{sides[1]})" if exact else comparison(sign, *sides)
        case {"node_type": "Function", "name": name, "args": arguments}:
            places = [place_of(name, position, place) for position in range(len(arguments))]
            texts = [text(a, p, range_names) for a, p in zip(arguments, places, strict=True)]
            if place is Place.ONE and name.upper().startswith("ROI_") and any(map(is_range, texts)):
                return f"INDEX({name}({','.join(texts)}),1,1)"
            return f"{name}({','.join(texts)})" if place is Place.ARRAY else call(name, texts)
        case {"node_type": "Omitted"}:
            return ""
        case _:
            raise Unreadable


def is_range(reference: str) -> bool:
    """Whether a reference is to more than one cell."""
    match = CELLS.fullmatch(reference)
    return match is not None and (match[1], match[2]) != (match[3], match[4])


def call(name: str, arguments: list[str]) -> str:
    """A call of a function with its arguments, some in other words."""
    plain = plain_name(name)
    if plain == "SINGLE" and len(arguments) == 1:
        return f"@{arguments[0].lstrip('@')}"
    if plain == "TEXT" and arguments[1:] == ['""']:
        return f'IF(ISTEXT({arguments[0]}),{arguments[0]},"")'
    if plain == "WEEKNUM" and arguments[1:] == [""]:
        return f"{name}({arguments[0]})"
    if plain.endswith(("IF", "IFS")) and plain not in ("IF", "IFS"):
        arguments = [criterion(argument) for argument in arguments]
    return f"{name}({','.join(arguments)})"


def criterion(argument: str) -> str:
    """A criterion with a percentage as the number that it is, as in `">17%"`."""
    match = PERCENTAGE.fullmatch(argument.strip('"'))
    return f'"{match[1]}{float(match[2]) / 100!r}"' if match and argument.startswith('"') else argument


def plain_name(function: str) -> str:
    """A function's name without the prefixes of a file."""
    return function.upper().removeprefix("_XLFN.").removeprefix("_XLWS.")


def literal(value: object) -> str:
    """A value as it stands in a formula."""
    if isinstance(value, bool):
        return str(value).upper()
    if not isinstance(value, str):
        return repr(value).removesuffix(".0")
    if value.startswith("#"):  # an error value and a text that looks like one cannot be told apart
        raise Unreadable
    doubled = value.replace('"', '""')
    return f'"{doubled}"'


def may_be_near(*sides: Node) -> bool:
    """Whether the numbers on two sides may differ after their fifteenth digit only."""
    if any(side["node_type"] == "Reference" and not CELL.fullmatch(side["reference"]) for side in sides):
        return False  # a name, which may be one of LET's, or a range of another sort
    exact = (side["value"] for side in sides if side["node_type"] == "Literal")
    return not any(isinstance(value, bool | str) or value == 0 for value in exact)


def comparison(sign: str, left: str, right: str) -> str:
    """Two numbers compared by their first fifteen digits; anything else unchanged."""
    names, bindings = [], []
    for name, side in (("roi_left", left), ("roi_right", right)):
        simple = CELL.fullmatch(side) or side.replace(".", "").isdigit()
        names.append(side if simple else name)
        bindings += [] if simple else [name, side]
    test = COMPARISONS[sign].format(*names, sign)
    return f"LET({','.join(bindings)},{test})" if bindings else test


def place_of(function: str, position: int, around: Place) -> Place:
    """What a function wants of one of its arguments, itself standing in a place."""
    name = plain_name(function)
    if around is Place.ARRAY or name in TAKES_ARRAYS:
        return Place.ARRAY
    if name in PASSES_ON:
        return around if position >= PASSES_ON[name] else Place.ONE
    if name in TAKES_ONE or (name in LOOKS_UP_FIRST and position == 0):
        return Place.ONE
    return LOOKS_UP_FIRST.get(name, Place.RANGE)
