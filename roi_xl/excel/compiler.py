"""How does a formula become code over columns of values?

Every part of its tree becomes a small function. Where the cells come from is another's
question (`Cells`): scenarios of a sweep, the cells of a workbook that have one formula, or
what the engine hands over. Parts that read nothing that varies are computed once.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from roi_xl.catalog import CATALOG
from roi_xl.errors import ExcelError
from roi_xl.excel.code import Code, Constant, Env, applied, flattened
from roi_xl.excel.days_from_1904 import OF_DAYS, counting_from_1904
from roi_xl.excel.library import FUNCTIONS
from roi_xl.excel.lifting import HANDED_ON, first_cell, handed_on, lifted, lifted_entry
from roi_xl.excel.operators import BINARY, UNARY, to_the_last
from roi_xl.excel.registry import ARRAY, ONE, RANGE, SAME, Function, Wants
from roi_xl.excel.values import CannotVectorise, Column, Grid
from roi_xl.formula.names import Names, fixed, is_between_spilled
from roi_xl.formula.tokens import Unreadable
from roi_xl.formula.tree import (
    JOINS,
    Array,
    Binary,
    Call,
    Corner,
    Literal,
    Name,
    Node,
    Omitted,
    Reference,
    Structured,
    Unary,
    spine,
)
from roi_xl.xlsx.addresses import Address, Area


class Cells(Protocol):
    """Where the cells of a workbook come from."""

    def one(self, reference: Reference, here: Address) -> Code:
        """The code of one cell."""

    def range(self, reference: Reference, here: Address) -> Code:
        """The code of a range, as a grid."""

    def read(self, area: Area, env: Env) -> Grid:
        """A range that is only known when the formula is evaluated."""

    def total(self, reference: Reference, here: Address) -> Code | None:
        """The code of a sum over a range, where there is a quicker way than cell by cell."""

    def intersection(self, reference: Reference, here: Address) -> Reference | None:
        """The cell of a range in the formula's own row or column, or None."""

    def rows(self, here: Address) -> Column:
        """The row of the formula's own cell."""

    def columns(self, here: Address) -> Column:
        """The column of the formula's own cell."""


class OneFormula:
    """What cells answer to a formula that is evaluated by itself, not together with its copies."""

    def total(self, reference: Reference, here: Address) -> Code | None:
        """No quicker sum."""
        return None

    def intersection(self, reference: Reference, here: Address) -> Reference | None:
        """The cell of a range in the formula's own row or column."""
        return intersection(reference, here)

    def rows(self, here: Address) -> Column:
        """The row of the formula's own cell."""
        return float(here.row)

    def columns(self, here: Address) -> Column:
        """The column of the formula's own cell."""
        return float(here.column)


FEWEST = {"ROW": 0, "COLUMN": 0, "OFFSET": 3, "SUBTOTAL": 2, "AGGREGATE": 3, "LET": 3, "REDUCE": 3, "SCAN": 3}
FEWEST |= dict.fromkeys(("MAP", "BYROW", "BYCOL"), 2) | {"MAKEARRAY": 3}
"""Arguments of the functions that need more than values; of any other, one."""

TAKES_AREAS = frozenset(
    (
        "FREQUENCY IRR LARGE PERCENTILE PERCENTILE.EXC PERCENTILE.INC PERCENTRANK PERCENTRANK.EXC PERCENTRANK.INC "
        "QUARTILE QUARTILE.EXC QUARTILE.INC RANK RANK.AVG RANK.EQ SMALL TRIMMEAN"
    ).split()
)
"""Functions of a fixed number of arguments that take several ranges for one, in brackets or over several sheets."""

TAKES_ONE_AREA = frozenset("AVERAGEIF AVERAGEIFS COUNTBLANK COUNTIF COUNTIFS MAXIFS MINIFS SUMIF SUMIFS".split())
"""Functions that are #VALUE! over several ranges."""

Scope = frozenset[str]
"""The names that LET and LAMBDA have given, in small letters."""

NO_NAMES: Scope = frozenset()

Special = Callable[["Compiler", Call, Wants, Address, Scope], Code]
"""A function compiled from its arguments' syntax."""


@dataclass(frozen=True)
class Compiler:
    """Formulas of a workbook as code."""

    names: Names
    cells: Cells
    special: Mapping[str, Special]

    def formula(self, tree: Node, here: Address, array: bool) -> Code:
        """The code of a whole formula; the first cell of what it makes of ranges, all of which an array keeps."""
        try:
            code = self.root(tree, ARRAY if array else ONE, here)
        except Unreadable as problem:
            raise CannotVectorise(f"a formula that {problem}") from None
        if not array:
            return lambda env: shown(code(env))

        def keeping(env: Env) -> Any:
            found = code(env)
            env.arrays[here] = ExcelError.CALC if callable(found) else found
            return shown(found)

        return keeping

    def root(self, tree: Node, place: Wants, here: Address) -> Code:
        """The code of a formula's outermost part; a difference there that is only rounding is 0."""
        if isinstance(tree, Binary) and tree.sign in "+-":
            sides = [self.part(side, place, here, NO_NAMES) for side in (tree.left, tree.right)]
            return applied(lifted(to_the_last(tree.sign)), sides)
        return self.part(tree, place, here, NO_NAMES)

    def part(self, node: Node, place: Wants, here: Address, scope: Scope) -> Code:
        """The code of a part of a formula."""
        match node:
            case Name(text, None) if text.casefold() in scope:
                return lambda env: env.names[text.casefold()]
            case Name(text, None) if text.casefold().startswith(HANDED_ON):
                return Constant(handed_on(text))
            case Reference() | Structured() | Name():
                return self.reference(node, place, here, scope)
            case Unary():
                return self.unary(node, place, here, scope)
            case Binary(sign):
                if sign in JOINS:
                    return self.area_of_areas(node, place, here, scope)
                return self.chain(node, ARRAY if place is ARRAY else ONE, here, scope)
            case Call():
                return self.call(node, place, here, scope)
        return Constant(constant_of(node))

    def unary(self, node: Unary, place: Wants, here: Address, scope: Scope) -> Code:
        """The code of a sign before or behind an operand."""
        if node.sign == "@":
            code = self.part(node.operand, ONE, here, scope)
            return lambda env: first_cell(code(env))
        if node.sign == "#":
            return self.spilled(node.operand, place, here)
        inner = ARRAY if place is ARRAY else ONE
        return applied(lifted(UNARY[node.sign]), [self.part(node.operand, inner, here, scope)])

    def spilled(self, node: Node, place: Wants, here: Address) -> Code:
        """The code of the range that an array formula fills."""
        reference = self.names.reference(node, here)
        if reference is None:
            raise CannotVectorise("a spilled range that is computed")
        code = self.placed(self.names.spilled(reference, here), place, here)

        def there(env: Env) -> Any:
            found = code(env)
            if first_cell(found) is ExcelError.SPILL:
                raise CannotVectorise("the spilled range of a cell that cannot spill")
            return found

        return there

    def chain(self, node: Node, place: Wants, here: Address, scope: Scope) -> Code:
        """The code of a chain of operators, without recursion."""
        first, rest = spine(node)
        code = self.part(first, place, here, scope)
        for sign, operand in rest:
            code = applied(lifted(BINARY[sign]), [code, self.part(operand, place, here, scope)])
        return flattened(code, len(rest))

    # references

    def reference(self, node: Node, place: Wants, here: Address, scope: Scope) -> Code:
        """The code of a reference: a cell, a range, or the formula a name refers to."""
        if isinstance(node, Name) and self.is_nowhere(node, here):
            return Constant(ExcelError.NAME)
        found = self.names.reference(node, here)
        if found is None:
            assert isinstance(node, Name)
            return self.part(self.names.meaning(node, here.sheet), ARRAY, here, scope)
        if found.last_sheet is not None:
            raise CannotVectorise("a reference to several sheets where one belongs")
        return self.placed(found, place, here)

    def is_nowhere(self, name: Name, here: Address) -> bool:
        """Whether a name is that of nothing: no name of the workbook, and no table."""
        text = name.text.casefold()
        if name.sheet is not None or text.startswith("_xl") or text in self.names.tables:
            return False
        return not self.names.is_defined(name, here.sheet)

    def placed(self, found: Reference, place: Wants, here: Address) -> Code:
        """The code of a reference, in the form its place requires."""
        if found.is_cell:
            return self.cells.range(found, here) if place is RANGE else self.cells.one(found, here)
        if place is ONE:
            met = self.cells.intersection(found, here)
            return Constant(ExcelError.VALUE) if met is None else self.cells.one(met, here)
        return self.cells.range(found, here)

    def area_of_areas(self, node: Binary, place: Wants, here: Address, scope: Scope) -> Code:
        """The code of a range between two references, or of what two of them have in common."""
        if node.sign == ",":
            if place is ONE and all(self.is_reference(one, here) for one in self.each_range(node, here)):
                return Constant(ExcelError.VALUE)
            raise CannotVectorise("several ranges where one belongs")
        if is_between_spilled(node):
            return self.placed(self.names.between(node, here), place, here)
        codes = [self.part(side, RANGE, here, scope) for side in (node.left, node.right)]
        meet = node.sign == " "

        def joined(env: Env) -> Any:
            found = joined_area([code(env) for code in codes], meet)
            return found if isinstance(found, ExcelError) else self.as_wanted(found, place, env, here)

        return joined

    def is_reference(self, node: Node, here: Address) -> bool:
        """Whether a part of a formula is a reference as it stands, such as no number with a decimal comma is."""
        return isinstance(node, RANGES) and self.names.reference(node, here) is not None

    def as_wanted(self, area: Area, place: Wants, env: Env, here: Address) -> Any:
        """A range known only at evaluation, in the form its place requires."""
        reference = fixed(*area)
        if place is ONE and not reference.is_cell:
            met = intersection(reference, here)
            if met is None:
                return ExcelError.VALUE
            top, left, bottom, right = met.corners(here.within)
            area = (area[0], top, left, bottom, right)
        grid = self.cells.read(area, env)
        return grid if place is RANGE or area[1:3] != area[3:5] else grid.rows[0][0]

    # calls

    def call(self, node: Call, place: Wants, here: Address, scope: Scope) -> Code:
        """The code of a call."""
        if node.function is not None:
            return self.special["LAMBDA call"](self, node, place, here, scope)
        if node.name in self.special:
            if len(node.arguments) < FEWEST.get(node.name, 1):
                raise CannotVectorise(f"{node.name} with {len(node.arguments)} arguments")
            return self.special[node.name](self, node, place, here, scope)
        if node.name.casefold() in scope:
            return self.special["LAMBDA call"](self, node, place, here, scope)
        return self.registered(node, place, here, scope)

    def registered(self, node: Call, place: Wants, here: Address, scope: Scope) -> Code:
        """The code of a call of a function that needs no more than the values of its arguments."""
        from_1904 = self.names.part.date_system == "1904"
        entry = (from_1904 and FUNCTIONS.get(f"{node.name} 1904")) or FUNCTIONS.get(node.name)
        if entry is None:
            return self.named_function(node, place, here, scope)
        arguments = self.spread(node.arguments, entry, here)
        if not entry.takes(len(arguments)):
            raise CannotVectorise(f"{node.name} with {len(arguments)} arguments")
        codes = [
            Constant(entry.left_out(i))
            if isinstance(a, Omitted)
            else self.argument(node.name, a, wanted(entry.want(i), place, a), here, scope)
            for i, a in enumerate(arguments)
        ]
        function = lifted_entry(entry)
        if from_1904 and node.name in OF_DAYS:
            function = counting_from_1904(node.name, function)
        return applied(function, codes)

    def argument(self, function: str, node: Node, place: Wants, here: Address, scope: Scope) -> Code:
        """The code of an argument; of several ranges where a function takes them, all cells in one column."""
        if function not in TAKES_AREAS | TAKES_ONE_AREA:
            return self.part(node, place, here, scope)
        ranges = self.each_range(node, here)
        if len(ranges) == 1:
            return self.part(node, place, here, scope)
        if function in TAKES_ONE_AREA:
            return Constant(ExcelError.VALUE)
        codes = [self.part(one, RANGE, here, scope) for one in ranges]
        return lambda env: Grid([[cell] for code in codes for cell in cells_of(code(env))])

    def named_function(self, node: Call, place: Wants, here: Address, scope: Scope) -> Code:
        """The code of a call of a named LAMBDA."""
        name = Name(node.name)
        if not self.names.is_defined(name, here.sheet):
            known = "gives a table" if node.name in CATALOG else "is not known over arrays"
            raise CannotVectorise(f"{node.name}, which {known}")
        meaning = self.names.meaning(name, here.sheet)
        return self.special["LAMBDA call"](self, Call("", node.arguments, meaning), place, here, scope)

    def spread(self, arguments: Sequence[Node], entry: Function, here: Address) -> list[Node]:
        """The arguments, with a multi-area reference expanded where a function takes any number of ranges."""
        if entry.most is not None or set(entry.wants) != {RANGE}:
            return list(arguments)
        found: list[Node] = []
        for argument in arguments:
            found += self.each_range(argument, here)
        return found

    def each_range(self, node: Node, here: Address) -> list[Node]:
        """The ranges of an argument: of several sheets, or listed in brackets."""
        if isinstance(node, Name) and self.names.is_defined(node, here.sheet):
            meaning = self.names.meaning(node, here.sheet)
            return self.each_range(meaning, here) if isinstance(meaning, Binary) and meaning.sign == "," else [node]
        if isinstance(node, Binary) and node.sign == ",":
            return [*self.each_range(node.left, here), *self.each_range(node.right, here)]
        if isinstance(node, Reference) and node.last_sheet is not None:
            return list(self.names.each_sheet(self.names.on_sheet(node, here.sheet)))
        return [node]


def cells_of(value: Any) -> list[Column]:
    """The cells of a range, or one value as one of them."""
    return value.cells if isinstance(value, Grid) else [value]


def constant_of(node: Literal | Array | Omitted) -> Any:
    """What is typed into a formula, as a value."""
    if isinstance(node, Literal):
        return node.value
    return Grid(node.rows) if isinstance(node, Array) else None


def wanted(want: Wants, around: Wants, argument: Node) -> Wants:
    """What is wanted of an argument where the call itself stands in some place.

    Arrays go all the way down, but for a range that is wanted as it is.
    """
    if want is SAME:
        return around
    if around is not ARRAY:
        return want
    return RANGE if want is RANGE and isinstance(argument, RANGES) else ARRAY


RANGES = (Reference, Name, Structured)
"""Nodes that may be passed as a range."""


def intersection(reference: Reference, here: Address) -> Reference | None:
    """The cell of a range in the formula's own row or column, or None."""
    top, left, bottom, right = reference.corners(here.within)
    if left == right and top <= here.row <= bottom:
        corner = Corner(0, reference.first.column, False, reference.first.column_fixed)
    elif top == bottom and left <= here.column <= right:
        corner = Corner(reference.first.row, 0, reference.first.row_fixed, False)
    else:
        return None
    return Reference(corner, corner, reference.sheet)


def joined_area(grids: Sequence[Any], meet: bool) -> Area | ExcelError:
    """The smallest range around two, or what they have in common."""
    areas = [grid.area if isinstance(grid, Grid) else None for grid in grids]
    error = next((grid for grid in grids if isinstance(grid, ExcelError)), None)
    if error is not None:
        return error
    one, other = areas
    if one is None or other is None:
        raise CannotVectorise("the place of a reference that is computed")
    if one[0] != other[0]:
        return ExcelError.VALUE
    if not meet:
        pairs = zip(one[1:], other[1:], (min, min, max, max), strict=True)
    else:
        pairs = zip(one[1:], other[1:], (max, max, min, min), strict=True)
    top, left, bottom, right = (choose(a, b) for a, b, choose in pairs)
    return (one[0], top, left, bottom, right) if top <= bottom and left <= right else ExcelError.NULL


def shown(value: Any) -> Any:
    """What a cell shows of a result: its first cell; a blank is 0."""
    value = first_cell(value)
    if callable(value):
        return ExcelError.CALC
    if isinstance(value, float) and not math.isfinite(value):
        return ExcelError.NUM
    return 0.0 if value is None else value
