"""What does a formula say? Its tree, in which cells are told from the cell where it stands.

So that copies of one formula are one tree: what is relative in a reference is kept as the
distance from the formula's own cell.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from roi_xl.errors import ExcelError
from roi_xl.xlsx.addresses import LAST_COLUMN, LAST_ROW

Cell = tuple[int, int]
Corners = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Literal:
    """A number, text, truth or error that is typed into a formula."""

    value: float | str | bool | ExcelError


@dataclass(frozen=True, slots=True)
class Omitted:
    """An argument that is left out between commas."""


@dataclass(frozen=True, slots=True)
class Corner:
    """A corner of a reference: its row and column, each as it is where it is fixed, else as a distance."""

    row: int
    column: int
    row_fixed: bool
    column_fixed: bool

    @property
    def stays(self) -> bool:
        """Whether it is one cell for every formula."""
        return self.row_fixed and self.column_fixed

    def at(self, here: Cell) -> Cell:
        """The cell that it is for a formula that stands in a cell."""
        return self.row + (0 if self.row_fixed else here[0]), self.column + (0 if self.column_fixed else here[1])


@dataclass(frozen=True, slots=True)
class Reference:
    """A cell or a range, on a sheet or from one sheet to another."""

    first: Corner
    last: Corner
    sheet: str | None = None
    last_sheet: str | None = None

    @property
    def is_cell(self) -> bool:
        """Whether it is to one cell."""
        return self.first == self.last

    @property
    def moves_as_one(self) -> bool:
        """Whether its corners keep their distance wherever the formula stands."""
        a, b = self.first, self.last
        return a.row_fixed == b.row_fixed and a.column_fixed == b.column_fixed

    def corners(self, here: Cell) -> Corners:
        """The first and last row and column for a formula that stands in a cell; wrapped at the sheet's edges."""
        row, column = self.first.at(here)
        top, left = (row - 1) % LAST_ROW + 1, (column - 1) % LAST_COLUMN + 1
        if self.first is self.last:
            return top, left, top, left
        row, column = self.last.at(here)
        bottom, right = (row - 1) % LAST_ROW + 1, (column - 1) % LAST_COLUMN + 1
        return min(top, bottom), min(left, right), max(top, bottom), max(left, right)


@dataclass(frozen=True, slots=True)
class Name:
    """A name, perhaps of a sheet."""

    text: str
    sheet: str | None = None


@dataclass(frozen=True, slots=True)
class Structured:
    """A reference to a table, as it stands: the table's name (perhaps none) and what is in its brackets."""

    table: str
    inside: str


@dataclass(frozen=True, slots=True)
class Call:
    """A call of a function, by its name in capital letters without prefixes; or of what an expression gives."""

    name: str
    arguments: tuple["Node", ...]
    function: "Node | None" = None


@dataclass(frozen=True, slots=True)
class Unary:
    """A sign before an operand, or % or # behind it."""

    sign: str
    operand: "Node"


@dataclass(frozen=True, slots=True)
class Binary:
    """An operator between two operands; of references also a colon, a blank or a comma."""

    sign: str
    left: "Node"
    right: "Node"


@dataclass(frozen=True, slots=True)
class Array:
    """An array that is typed into a formula."""

    rows: tuple[tuple[float | str | bool | ExcelError, ...], ...]


Node: TypeAlias = Literal | Omitted | Reference | Name | Structured | Call | Unary | Binary | Array

POWERS = {
    **dict.fromkeys(("=", "<>", "<", "<=", ">", ">="), 10),
    "&": 20,
    **dict.fromkeys("+-", 30),
    **dict.fromkeys("*/", 40),
    "^": 50,
    ",": 80,
    " ": 85,
    ":": 90,
}
"""How tightly each operator holds its operands."""

JOINS = (":", ",", " ")
"""The operators between references."""

PREFIX = 60
"""How tightly a sign before an operand holds it."""


def children(node: Node) -> Sequence[Node]:
    """The parts of a node."""
    match node:
        case Call(_, arguments, function):
            return arguments if function is None else (function, *arguments)
        case Unary(_, operand):
            return (operand,)
        case Binary(_, left, right):
            return left, right
    return ()


def with_children(node: Node, change: Callable[[Node], Node]) -> Node:
    """A node with other parts."""
    match node:
        case Call(name, arguments, function):
            return Call(name, tuple(map(change, arguments)), None if function is None else change(function))
        case Unary(sign, operand):
            return Unary(sign, change(operand))
        case Binary(sign, left, right):
            return Binary(sign, change(left), change(right))
    return node


def walk(node: Node) -> Iterator[Node]:
    """A node and every part of it, without recursion."""
    stack = [node]
    while stack:
        top = stack.pop()
        yield top
        stack.extend(children(top))


def functions_in(node: Node) -> set[str]:
    """The functions that a formula calls."""
    return {part.name for part in walk(node) if isinstance(part, Call) and part.name}


def has_areas(node: Node) -> bool:
    """Whether a formula lists several ranges, in brackets, or takes what they share, or reaches over several sheets."""
    return any(
        (isinstance(part, Binary) and part.sign in (",", " "))
        or (isinstance(part, Reference) and part.last_sheet is not None)
        for part in walk(node)
    )


def spine(node: Node) -> tuple[Node, list[tuple[str, Node]]]:
    """The first operand of a chain of operators, and every further one with its operator, in order.

    A sum of thousands of terms is a deep chain; this walks it without recursion.
    """
    rest: list[tuple[str, Node]] = []
    joins = isinstance(node, Binary) and node.sign in JOINS
    while isinstance(node, Binary) and (node.sign in JOINS) == joins:
        rest.append((node.sign, node.right))
        node = node.left
    return node, rest[::-1]
