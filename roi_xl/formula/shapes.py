"""Which formulas does a sheet hold, each shape read once?

Copies of one formula have one shape. Members of a shared formula have that of its first
cell; of other copies the text is foretold from the cell above or to the left, so that most
are told by one comparison of texts.
"""

import re
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np

from roi_xl.formula.parser import parse
from roi_xl.formula.runs import Guess, Runs
from roi_xl.formula.tokens import Kind, Token, Unreadable, tokens
from roi_xl.formula.tree import Cell, Node
from roi_xl.xlsx.addresses import LAST_COLUMN, column_letters, column_number, parse_range
from roi_xl.xlsx.sheet import FormulaText, Sheet
from roi_xl.xlsx.sheet_cells import xml_text

Array: TypeAlias = "np.ndarray[Any, Any]"

Hole = tuple[bool, int]
"""Something relative in a formula's text: whether it is a column, and how far away."""

Pattern = tuple[str, tuple[Hole, ...]]
"""A formula's text with holes for its relative parts."""


class Form(Enum):
    """How a formula fills its cell: one value, a fixed array, or a dynamic one that spills."""

    ORDINARY = "ordinary"
    ARRAY = "array"
    DYNAMIC = "dynamic"


@dataclass
class Shape:
    """A formula and the cells that hold it; of an array formula also the range that each fills."""

    text: str
    first: Cell
    form: Form = Form.ORDINARY
    rows: "array[int]" = field(default_factory=lambda: array("q"))
    columns: "array[int]" = field(default_factory=lambda: array("q"))
    extents: dict[Cell, tuple[int, int, int, int]] = field(default_factory=dict)

    @cached_property
    def tree(self) -> Node | None:
        """The formula's tree; None where it cannot be read."""
        try:
            return parse(self.text, self.first)
        except (Unreadable, RecursionError):
            return None

    @property
    def cells(self) -> Iterator[Cell]:
        """Every cell that holds the formula."""
        return zip(self.rows, self.columns, strict=True)

    @property
    def places(self) -> "tuple[Array, Array]":
        """The rows and columns of every cell that holds the formula, as arrays."""
        return np.array(self.rows), np.array(self.columns)

    def __len__(self) -> int:
        return len(self.rows)


NONE = -1
"""The number of no shape."""

ATTRIBUTE = re.compile(rb"""\s(\w+)=["']([^"'<>]*+)["']""")


def shapes_of(sheet: Sheet) -> list[Shape]:
    """The shapes of a sheet's formulas, in order of their first cells."""
    return Reader(sheet).read()


class Reader:
    """Sorts formulas by shape while it goes through a sheet: of each, the number of its shape is noted."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        self.found: list[Shape] = []
        self.numbers = np.full(len(sheet.cells.rows), NONE)
        self.known: dict[tuple[Pattern, Form], int] = {}
        self.shared: dict[bytes, int] = {}
        self.above: dict[int, Guess] = {}
        self.left: tuple[int, int, Pattern, int] | None = None

    def read(self) -> list[Shape]:
        """Every formula's shape; expected copies are recognized without parsing, long runs of them all at once."""
        data, cells, above, numbers = self.sheet.data, self.sheet.cells, self.above, self.numbers
        opening, closing = self.sheet.formula_tags
        skip, back = len(opening), len(closing)
        runs = Runs(data, cells, opening, closing)
        done = bytearray(len(numbers))
        marks = np.frombuffer(done, np.uint8)
        for place, (row, column, formula, head) in enumerate(
            zip(cells.rows, cells.columns, cells.formulas, cells.heads, strict=True)
        ):
            if done[place]:
                continue
            guess = above.get(column)
            is_plain = guess is not None and data.startswith(opening, formula)
            if guess is not None and is_plain and data[formula + skip : head - back] == guess.at(row):
                numbers[place] = guess.number
                following = runs.after(place, column, guess)
                if len(following):
                    numbers[following], marks[following] = guess.number, 1
                continue
            numbers[place] = self.number(self.sheet.formula_text(place))
        self.fill()
        return self.found

    def fill(self) -> None:
        """Give the shapes their cells, in the order of the sheet."""
        order = np.argsort(self.numbers, kind="stable")
        firsts = np.searchsorted(self.numbers[order], np.arange(len(self.found) + 1))
        rows, columns = (np.array(side, np.int64)[order] for side in (self.sheet.cells.rows, self.sheet.cells.columns))
        for shape, start, end in zip(self.found, firsts.tolist(), firsts[1:].tolist(), strict=False):
            shape.rows.frombytes(rows[start:end].tobytes())
            shape.columns.frombytes(columns[start:end].tobytes())

    def number(self, formula: FormulaText) -> int:
        """The number of one formula's shape."""
        if not formula.attributes and not formula.dynamic:
            return self.plain(formula)
        said = dict(ATTRIBUTE.findall(formula.attributes))
        kind = said.get(b"t")
        if kind == b"dataTable" or (not formula.text and kind != b"shared"):
            return NONE
        if kind == b"shared" and not formula.text:
            return self.shared.get(said.get(b"si", b""), NONE)
        form = Form.ORDINARY if kind != b"array" else Form.DYNAMIC if formula.dynamic else Form.ARRAY
        number = self.plain(formula) if form is Form.ORDINARY else self.shape(self.pattern(formula), formula, form)
        if kind == b"shared":
            self.shared[said.get(b"si", b"")] = number
        if kind == b"array":
            extent = parse_range(said.get(b"ref", b"A1").decode())
            self.found[number].extents[formula.row, formula.column] = extent
        return number

    def plain(self, formula: FormulaText) -> int:
        """The shape of an ordinary formula: its left neighbor's if it is a copy of it, else its own."""
        row, column, text = formula.row, formula.column, formula.text
        left = self.left
        if left is not None and left[:2] == (row, column - 1) and filled(left[2], row, column) == text:
            pattern, number = left[2], left[3]
        else:
            pattern = self.pattern(formula)
            number = self.shape(pattern, formula, Form.ORDINARY)
        self.above[column] = guess_below(pattern, column, number)
        self.left = row, column, pattern, number
        return number

    def pattern(self, formula: FormulaText) -> Pattern:
        """The pattern of a formula; one that cannot be read is a pattern of its own."""
        try:
            return pattern_of(formula.text, formula.row, formula.column)
        except Unreadable:
            return formula.text.replace("%", "%%"), ()

    def shape(self, pattern: Pattern, formula: FormulaText, form: Form) -> int:
        """The shape of a pattern, which is new or known."""
        number = self.known.get((pattern, form))
        if number is None:
            number = self.known[pattern, form] = len(self.found)
            self.found.append(Shape(formula.text, (formula.row, formula.column), form))
        return number


def guess_below(pattern: Pattern, column: int, number: int) -> Guess:
    """What is expected in the same column further down."""
    text, holes = pattern
    try:
        letters = tuple([letters_at(column + far) if across else "%d" for across, far in holes])
    except IndexError:  # a name like YTD2024, which is no cell: nothing is expected below
        return Guess(b"", (), None, number)
    distances = tuple([far for across, far in holes if not across])
    escaped = xml_text((text.replace("%%", "%%%%") % letters) if holes else text).encode()
    same = distances[0] if distances and len(set(distances)) == 1 else None
    return Guess(escaped, distances, same, number)


def letters_at(column: int) -> str:
    """The letters of a column; an IndexError where a sheet has none."""
    if not 1 <= column <= LAST_COLUMN:
        raise IndexError(f"a sheet has no column {column}")
    return column_letters(column)


def filled(pattern: Pattern, row: int, column: int) -> str:
    """The text that a pattern has in a cell; nothing where it would leave the sheet."""
    text, holes = pattern
    try:
        return text % tuple([letters_at(column + far) if across else row + far for across, far in holes])
    except IndexError:
        return ""


def pattern_of(formula: str, row: int, column: int) -> Pattern:
    """A cell's formula, with holes for its relative parts.

    >>> pattern_of("A1*$B2%", 1, 2)
    ('%s%s*$B%s%%', ((True, -1), (False, 0), (False, 1)))
    """
    pieces: list[str] = []
    holes: list[Hole] = []
    for token in tokens(formula):
        if token.kind in (Kind.CELL, Kind.COLUMNS, Kind.ROWS):
            add_cells(token, row, column, pieces, holes)
        else:
            pieces.append(token.text.replace("%", "%%"))
    return "".join(pieces), tuple(holes)


PART = re.compile(r"(\$?)([A-Za-z]+)|(\$?)([0-9]+)|:")


def add_cells(token: Token, row: int, column: int, pieces: list[str], holes: list[Hole]) -> None:
    """Add the text of a reference and its holes."""
    for part in PART.finditer(token.text):
        fixed_column, letters, fixed_row, digits = part.groups()
        if letters and not fixed_column and letters.isupper():
            pieces.append("%s")
            holes.append((True, column_number(letters) - column))
        elif digits and not fixed_row and digits[0] != "0":
            pieces.append("%s")
            holes.append((False, int(digits) - row))
        else:
            pieces.append(part[0])
