"""How does a formula become a tree?"""

import re

from roi_xl.errors import EXCEL_ERRORS, ExcelError
from roi_xl.formula.tokens import Kind, Token, Unreadable, tokens
from roi_xl.formula.tree import (
    POWERS,
    PREFIX,
    Array,
    Binary,
    Call,
    Cell,
    Corner,
    Literal,
    Name,
    Node,
    Omitted,
    Reference,
    Structured,
    Unary,
)
from roi_xl.xlsx.addresses import LAST_COLUMN, LAST_ROW, column_number

PREFIXES = ("_XLFN.", "_XLWS.", "_XLPM.", "_XLOP.", "_XLUDF.")
CUSTOM = re.compile(r"_xldudf_(?:[A-Z0-9]+_)*?(ROI_[A-Z_]+)", re.IGNORECASE)
"""One of our functions as Excel stores a custom function of JavaScript: with the name of its add-in."""

DEEPEST = 200
"""Nesting depth; Excel allows 64."""


def parse(formula: str, here: Cell) -> Node:
    """A formula, without its equals sign, that stands in a cell.

    Raises:
        Unreadable: it is not a formula.

    >>> parse("B1*2", (1, 1)) == parse("C5*2", (5, 2))
    True
    """
    return Parser(formula, here).whole()


class Parser:
    """Reads a formula from left to right."""

    def __init__(self, formula: str, here: Cell) -> None:
        self.tokens: list[Token] = list(tokens(formula))
        self.place = 0
        self.here = here
        self.depth = 0

    def whole(self) -> Node:
        """The whole formula."""
        node = self.expression(0)
        self.skip()
        if self.place < len(self.tokens):
            raise Unreadable(f"has {self.tokens[self.place].text!r} where it should end")
        return node

    def peek(self) -> Token | None:
        """The next word."""
        return self.tokens[self.place] if self.place < len(self.tokens) else None

    def skip(self) -> bool:
        """Skip blanks; return whether there were any."""
        token = self.peek()
        if token is None or token.kind is not Kind.SPACE:
            return False
        self.place += 1
        return True

    def take(self, sign: str) -> bool:
        """Skip a sign and the blanks before it, if it comes next."""
        start = self.place
        self.skip()
        token = self.peek()
        if token is None or token.kind is not Kind.SIGN or token.text != sign:
            self.place = start
            return False
        self.place += 1
        return True

    def expression(self, power: int, union: bool = False) -> Node:
        """An expression whose operators hold tighter than some power."""
        self.depth += 1
        if self.depth > DEEPEST:
            raise Unreadable("is nested too deeply")
        left = self.operand()
        while True:
            sign = self.operator(union)
            if sign is None or POWERS[sign] <= power:
                self.depth -= 1
                return left
            self.past(sign)
            left = combined(sign, left, self.expression(POWERS[sign]))

    def operator(self, union: bool) -> str | None:
        """The operator that comes next, a blank between two references being one; nothing is passed over."""
        ahead = self.place
        blank = ahead < len(self.tokens) and self.tokens[ahead].kind is Kind.SPACE
        ahead += blank
        if ahead == len(self.tokens):
            return None
        token = self.tokens[ahead]
        if token.kind is Kind.SIGN and token.text in POWERS and (token.text != "," or union):
            return token.text
        starts = token.kind in (Kind.CELL, Kind.SHEET, Kind.COLUMNS, Kind.ROWS, Kind.NAME, Kind.CALL, Kind.STRUCTURE)
        return " " if blank and (starts or token.text == "(") else None

    def past(self, sign: str) -> None:
        """Skip an operator."""
        self.skip()
        self.place += sign != " "

    def operand(self) -> Node:
        """An operand with the signs before and behind it."""
        self.skip()
        for sign in "+-@":
            if self.take(sign):
                self.depth += 1
                operand = self.expression(PREFIX)
                self.depth -= 1
                return Unary(sign, operand)
        node = self.atom()
        while True:
            if self.take("%"):
                node = Unary("%", node)
            elif self.take("#"):
                node = Unary("#", node)
            elif isinstance(node, Call) and (token := self.peek()) and token.text == "(" and is_function(node):
                self.place += 1
                node = Call("", self.arguments(), node)
            else:
                return node

    def atom(self) -> Node:
        """The smallest part: a literal, a reference, a name, a call, or something in brackets."""
        token = self.peek()
        if token is None:
            raise Unreadable("ends too early")
        self.place += 1
        match token.kind:
            case Kind.NUMBER:
                return Literal(float(token.text))
            case Kind.TEXT:
                return Literal(token.text[1:-1].replace('""', '"'))
            case Kind.ERROR:
                return Literal(error_in(token.text))
            case Kind.SHEET:
                return self.on_sheet(*sheets_in(token.text))
            case Kind.CALL:
                return Call(plain_name(token.text[:-1]), self.arguments())
            case Kind.SIGN:
                return self.in_brackets(token.text)
        return self.reference(token, None, None)

    def in_brackets(self, sign: str) -> Node:
        """The contents of brackets or braces."""
        if sign == "{":
            return self.array()
        if sign != "(":
            raise Unreadable(f"has {sign!r} where a value is expected")
        node = self.expression(0, union=True)
        self.expect(")")
        return node

    def expect(self, sign: str) -> None:
        """Skip a required sign."""
        if not self.take(sign):
            raise Unreadable(f"lacks {sign!r}")

    def arguments(self) -> tuple[Node, ...]:
        """The arguments of a call up to its closing bracket."""
        if self.take(")"):
            return ()
        found: list[Node] = []
        while True:
            self.skip()
            token = self.peek()
            found.append(Omitted() if token is not None and token.text in ",)" else self.expression(0))
            if self.take(")"):
                return tuple(found)
            self.expect(",")

    def array(self) -> Array:
        """The rows of an array."""
        rows: list[list[float | str | bool | ExcelError]] = [[]]
        while True:
            node = self.expression(0)
            rows[-1].append(constant(node))
            if self.take("}"):
                return Array(tuple(map(tuple, rows)))
            if self.take(";"):
                rows.append([])
            else:
                self.expect(",")

    def on_sheet(self, sheet: str, last_sheet: str | None) -> Node:
        """What follows a sheet's name."""
        token = self.peek()
        if token is None:
            raise Unreadable("ends after the name of a sheet")
        self.place += 1
        if token.kind is Kind.ERROR:
            return Literal(error_in(token.text))
        if token.kind is Kind.CALL:
            return Call(plain_name(token.text[:-1]), self.arguments())
        return self.reference(token, sheet, last_sheet)

    def reference(self, token: Token, sheet: str | None, last_sheet: str | None) -> Node:
        """A reference, a name, or a truth."""
        match token.kind:
            case Kind.CELL:
                corner = corner_of(token.text, self.here)
                return Reference(corner, corner, sheet, last_sheet)
            case Kind.COLUMNS | Kind.ROWS:
                return Reference(*whole_lines(token, self.here), sheet, last_sheet)
            case Kind.STRUCTURE:
                return Structured("", token.text[1:-1])
            case Kind.NAME:
                return self.named(token.text, sheet)
        raise Unreadable(f"has {token.text!r} where a reference is expected")

    def named(self, text: str, sheet: str | None) -> Node:
        """A name, a logical value, or a table's name with its brackets."""
        token = self.peek()
        if token is not None and token.kind is Kind.STRUCTURE:
            self.place += 1
            return Structured(text, token.text[1:-1])
        if text.upper() in ("TRUE", "FALSE") and sheet is None:
            return Literal(text.upper() == "TRUE")
        return Name(without_prefix(text), sheet)


def is_function(node: Call) -> bool:
    """Whether a call gives a function that can be called in turn."""
    return node.name == "LAMBDA" or node.function is not None


def combined(sign: str, left: Node, right: Node) -> Node:
    """Two operands with their operator; two cells with a colon are a range."""
    if sign == ":" and isinstance(left, Reference) and isinstance(right, Reference):
        if right.sheet is None or right.sheet == left.sheet:
            return Reference(left.first, right.last, left.sheet, left.last_sheet)
        raise Unreadable("has a range over two sheets")
    return Binary(sign, left, right)


def constant(node: Node) -> float | str | bool | ExcelError:
    """The value of an element of an array."""
    match node:
        case Literal(value):
            return value
        case Unary("-", Literal(float() as value)):
            return -value
        case Unary("+", Literal(value)):
            return value
    raise Unreadable("has an array whose elements are not all constants")


def error_in(text: str) -> ExcelError:
    """The error that a word is; one of a kind that has come since is #VALUE!."""
    if text.startswith("#REF!"):
        return ExcelError.REF
    return EXCEL_ERRORS.get(text, ExcelError.VALUE)


def sheets_in(text: str) -> tuple[str, str | None]:
    """The sheet that stands before an exclamation mark, or the first and the last of several."""
    plain = text[:-1]
    if plain.startswith("'"):
        plain = plain[1:-1].replace("''", "'")
    first, colon, last = plain.partition(":")
    return (first, last) if colon else (plain, None)


def plain_name(text: str) -> str:
    """A function's name in capital letters without the prefixes of a file."""
    return without_prefix(text.upper())


def without_prefix(text: str) -> str:
    """A name without the prefixes that a file gives to newer functions, LAMBDA's parameters and custom functions."""
    while text.upper().startswith(PREFIXES):
        text = text.partition(".")[2]
    ours = CUSTOM.fullmatch(text)
    return ours[1] if ours else text


def corner_of(text: str, here: Cell) -> Corner:
    """The corner that a cell's address is, seen from a cell."""
    column_fixed = text[0] == "$"
    letters = text.lstrip("$")
    digits = letters.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
    column, row_fixed = column_number(letters[: len(letters) - len(digits)]), digits[0] == "$"
    row = int(digits.lstrip("$"))
    if not 1 <= row <= LAST_ROW or column > LAST_COLUMN:
        raise Unreadable(f"refers to {text}, which is not on a sheet")
    return Corner(
        row - (0 if row_fixed else here[0]), column - (0 if column_fixed else here[1]), row_fixed, column_fixed
    )


def whole_lines(token: Token, here: Cell) -> tuple[Corner, Corner]:
    """The corners of whole columns such as A:C, or whole rows such as 1:3."""
    first, _, last = token.text.partition(":")
    if token.kind is Kind.COLUMNS:
        ends = [corner_of(f"{end}$1", here) for end in (first, last)]
        top, bottom = ends
        return top, Corner(LAST_ROW, bottom.column, True, bottom.column_fixed)
    ends = [corner_of(f"$A{end}", here) for end in (first, last)]
    return ends[0], Corner(ends[1].row, LAST_COLUMN, ends[1].row_fixed, True)
