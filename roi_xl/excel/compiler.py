"""How does a formula become code over columns of scenarios?

The engine's own parser reads it; every part becomes a small function of the cells that it
reads. Parts that read nothing that varies are computed once.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from roi_xl.catalog import CATALOG
from roi_xl.errors import EXCEL_ERRORS, ExcelError
from roi_xl.excel.aggregates import AGGREGATES, total
from roi_xl.excel.finance import FINANCE, xirr
from roi_xl.excel.lookups import LOOKUPS
from roi_xl.excel.operators import BINARY, UNARY
from roi_xl.excel.roi import OURS
from roi_xl.excel.scalars import SCALARS
from roi_xl.excel.values import CannotVectorise, Column, Grid
from roi_xl.formula.semantics import Node, Place, place_of, plain_name
from roi_xl.xlsx.addresses import Address, Area, parse_address, parse_range

SINGLE_VALUES: dict[str, Callable[..., Any]] = {**SCALARS, **FINANCE}
FUNCTIONS: dict[str, Callable[..., Any]] = {**SINGLE_VALUES, **AGGREGATES, **LOOKUPS, "XIRR": xirr, **OURS}
"""Every function that works over arrays, by its name."""

DYNAMIC = ("OFFSET", "INDIRECT", "ANCHORARRAY")
LARGEST_RANGE = 1_000_000


@dataclass
class Env:
    """The cells of one chunk of scenarios, by their slots; whole arrays, and sums that may be gone on with."""

    cells: list[Any]
    arrays: dict[Address, Any] = field(default_factory=dict)
    sums: dict[tuple[str, int, int], tuple[int, Column]] = field(default_factory=dict)


Code = Callable[[Env], Any]


@dataclass(frozen=True)
class Constant:
    """Code whose value does not vary."""

    value: Any

    def __call__(self, env: Env) -> Any:
        """The value."""
        return self.value


@dataclass(frozen=True)
class References:
    """What the references of a workbook stand for."""

    names: Mapping[str, Address]
    ranges: Mapping[str, str]
    last_rows: Mapping[str, int]
    known: dict[tuple[str, str], Area] = field(default_factory=dict)

    def area(self, text: str, here: Address) -> Area:
        """The cells of a reference: an address, a range, or a name."""
        found = self.known.get((here.sheet, text))
        if found is None:
            found = self.known[here.sheet, text] = self.found(text, here)
        return found

    def found(self, text: str, here: Address) -> Area:
        """The cells of a reference that has not been met before."""
        name = text.casefold()
        local = f"{here.sheet}!{text}".casefold()
        found = self.names.get(local) or self.names.get(name)
        if found is not None:
            return (found.sheet, found.row, found.column, found.row, found.column)
        text = self.ranges.get(name, text)
        sheet, mark, cells = text.rpartition("!")
        sheet = sheet.strip("'").replace("''", "'") if mark else here.sheet
        sheet = {known.casefold(): known for known in self.last_rows}.get(sheet.casefold(), sheet)
        if sheet not in self.last_rows:
            raise CannotVectorise(f"the reference {text}")
        return (sheet, *self.corners(cells.replace("$", ""), sheet, text))

    def corners(self, cells: str, sheet: str, text: str) -> tuple[int, int, int, int]:
        """The corners of a reference within a sheet; whole columns end at the last row in use."""
        first, colon, last = cells.partition(":")
        if colon and first.isalpha() and last.isalpha():
            cells = f"{first}1:{last}{max(1, self.last_rows[sheet])}"
        elif parse_address(f"S!{first}") is None or (colon and parse_address(f"S!{last}") is None):
            raise CannotVectorise(f"the reference {text}")
        top, left, bottom, right = parse_range(cells.upper())
        if (bottom - top + 1) * (right - left + 1) > LARGEST_RANGE:
            raise CannotVectorise(f"the large range {text}")
        return top, left, bottom, right


def areas_of(node: Node, references: References, here: Address) -> Iterator[Area]:
    """Every area that a formula reads; a place that is computed cannot be told."""
    match node:
        case {"node_type": "Reference", "reference": text}:
            yield references.area(text, here)
        case {"node_type": "Function", "name": name, "args": arguments}:
            if plain_name(name) in DYNAMIC:
                raise CannotVectorise(f"{plain_name(name)}, whose cells are computed")
            for argument in arguments:
                yield from areas_of(argument, references, here)
        case {"node_type": "BinaryOp", "left": left, "right": right}:
            yield from areas_of(left, references, here)
            yield from areas_of(right, references, here)
        case {"node_type": "UnaryOp", "operand": operand}:
            yield from areas_of(operand, references, here)
        case {"node_type": "Literal" | "Omitted"}:
            return
        case _:
            raise CannotVectorise(f"a {node['node_type']} in a formula")


@dataclass(frozen=True)
class Compiler:
    """Formulas of a workbook as code; a cell that varies has a slot, any other its value."""

    references: References
    slots: Mapping[Address, int]
    value: Callable[[Address], Column]

    def formula(self, tree: Node, here: Address, array: bool) -> Code:
        """The code of a whole formula; the first cell of what it makes of ranges, all of which an array keeps."""
        code = self.part(tree, Place.ARRAY if array else Place.ONE, here)
        if not array:
            return lambda env: first_cell(code(env))

        def keeping(env: Env) -> Column:
            env.arrays[here] = code(env)
            return first_cell(env.arrays[here])

        return keeping

    def member(self, anchor: Address, row: int, column: int) -> Code:
        """The code of a cell of an array formula, so far from the one that holds it; it was evaluated before."""

        def part(env: Env) -> Column:
            if anchor not in env.arrays:
                raise CannotVectorise(f"the array formula of {anchor} is not evaluated over arrays")
            value = env.arrays[anchor]
            return first_cell(element(value.rows, row, column) if isinstance(value, Grid) else value)

        return part

    def part(self, node: Node, place: Place, here: Address) -> Code:
        """The code of a part of a formula."""
        inner = place if place is Place.ARRAY else Place.ONE
        match node:
            case {"node_type": "Literal", "value": value}:
                return Constant(literal(value))
            case {"node_type": "Omitted"}:
                return Constant(None)
            case {"node_type": "Reference", "reference": text}:
                return self.reference(text, place, here)
            case {"node_type": "UnaryOp", "operator": sign, "operand": operand} if sign in UNARY:
                return applied(over_grids(UNARY[sign]), [self.part(operand, inner, here)])
            case {"node_type": "BinaryOp", "operator": sign, "left": left, "right": right} if sign in BINARY:
                return applied(over_grids(BINARY[sign]), [self.part(side, inner, here) for side in (left, right)])
            case {"node_type": "Function", "name": name, "args": arguments}:
                return self.call(plain_name(name), arguments, place, here)
        raise CannotVectorise(f"a {node['node_type']} in a formula")

    def reference(self, text: str, place: Place, here: Address) -> Code:
        """The code of a reference: a cell, or a grid of cells."""
        sheet, top, left, bottom, right = self.references.area(text, here)
        if (top, left) != (bottom, right) and place is Place.ONE:
            top, left = intersection((top, left, bottom, right), here)
            bottom, right = top, left
        if (top, left) == (bottom, right) and place is not Place.RANGE:
            return self.cell(Address(sheet, top, left))
        rows = [
            [self.cell(Address(sheet, row, column)) for column in range(left, right + 1)]
            for row in range(top, bottom + 1)
        ]
        if all(isinstance(code, Constant) for row in rows for code in row):
            return Constant(Grid([[code(NOTHING) for code in row] for row in rows]))
        return lambda env: Grid([[code(env) for code in row] for row in rows])

    def cell(self, place: Address) -> Code:
        """The code of one cell."""
        slot = self.slots.get(place)
        if slot is None:
            return Constant(self.value(place))
        return lambda env: env.cells[slot]

    def call(self, name: str, arguments: Sequence[Node], place: Place, here: Address) -> Code:
        """The code of a call."""
        if name == "SUM" and len(arguments) == 1 and arguments[0]["node_type"] == "Reference":
            return self.sum_of(arguments[0]["reference"], here)
        if name not in FUNCTIONS:
            table = name in CATALOG
            raise CannotVectorise(f"{name}, which {'gives a table' if table else 'is not known over arrays'}")
        places = [wanted(name, position, place) for position in range(len(arguments))]
        codes = [self.part(argument, at, here) for argument, at in zip(arguments, places, strict=True)]
        function = FUNCTIONS[name]
        if name in SINGLE_VALUES or name in OURS:
            function = over_grids(function)
        return applied(function, codes)

    def sum_of(self, text: str, here: Address) -> Code:
        """The code of SUM over one range; a sum of the same column that ended earlier is gone on with."""
        sheet, top, left, bottom, right = self.references.area(text, here)
        if left != right:
            return applied(total, [self.part({"node_type": "Reference", "reference": text}, Place.RANGE, here)])
        cells = [self.cell(Address(sheet, row, left)) for row in range(top, bottom + 1)]
        if all(isinstance(code, Constant) for code in cells):
            return Constant(total(Grid([[code(NOTHING)] for code in cells])))
        key = (sheet, left, top)

        def running(env: Env) -> Column:
            done, start = env.sums.get(key, (0, 0.0))
            if done > len(cells):
                done, start = 0, 0.0
            result = total(start, Grid([[code(env)] for code in cells[done:]]))
            env.sums[key] = (len(cells), result)
            return result

        return running


NOTHING = Env([])


def literal(value: Any) -> Column:
    """A literal as a cell value."""
    if isinstance(value, str):
        return EXCEL_ERRORS.get(value, value)
    return value if isinstance(value, bool) or value is None else float(value)


def wanted(name: str, position: int, around: Place) -> Place:
    """What a function wants of one of its arguments."""
    if name in OURS or name in ("ROWS", "COLUMNS"):
        return Place.RANGE if name not in OURS else (around if around is Place.ARRAY else Place.ONE)
    if name in SINGLE_VALUES and around is not Place.ARRAY:
        return Place.ONE
    place = place_of(name, position, around)
    if place is Place.ONE or name in SINGLE_VALUES:
        return place
    return grid_place(name, position, around)


SINGLE_ARGUMENTS = {
    "MATCH": {0, 2},
    "INDEX": {1, 2},
    "VLOOKUP": {0, 2, 3},
    "HLOOKUP": {0, 2, 3},
    "XLOOKUP": {0, 3, 4},
    "NPV": {0},
    "IRR": {1},
    "MIRR": {1, 2},
    "XNPV": {0},
    "XIRR": {2},
    "FVSCHEDULE": {0},
    "PERCENTILE": {1},
    "PERCENTILE.INC": {1},
    "LARGE": {1},
    "SMALL": {1},
    "RANK": {0, 2},
    "RANK.EQ": {0, 2},
    "COUNTIF": {1},
    "SUMIF": {1},
    "AVERAGEIF": {1},
}
"""The arguments of functions of ranges that are single values."""

CRITERIA = {"COUNTIFS": 0, "SUMIFS": 1, "AVERAGEIFS": 1}


def grid_place(name: str, position: int, around: Place) -> Place:
    """A range as it is, or one value, as an argument of a function of ranges."""
    single = position in SINGLE_ARGUMENTS.get(name, ())
    if name in CRITERIA and position >= CRITERIA[name]:
        single = (position - CRITERIA[name]) % 2 == 1
    if single:
        return Place.ARRAY if around is Place.ARRAY else Place.ONE
    return Place.ARRAY if name == "SUMPRODUCT" or around is Place.ARRAY else Place.RANGE


def applied(function: Callable[..., Any], codes: Sequence[Code]) -> Code:
    """The code of a function of parts; computed at once where none varies."""
    if all(isinstance(code, Constant) for code in codes):
        return Constant(function(*(code(NOTHING) for code in codes)))
    if len(codes) == 2:
        one, other = codes
        return lambda env: function(one(env), other(env))
    return lambda env: function(*[code(env) for code in codes])


def over_grids(function: Callable[..., Column]) -> Callable[..., Any]:
    """A function of columns that goes through grids cell by cell, as arrays do in a formula."""

    def over(*arguments: Any) -> Any:
        for argument in arguments:
            if isinstance(argument, Grid):
                break
        else:
            return function(*arguments)
        grids = [argument.rows if isinstance(argument, Grid) else [[argument]] for argument in arguments]
        height, width = max(map(len, grids)), max(len(rows[0]) for rows in grids)
        return Grid(
            [
                [function(*(element(rows, row, column) for rows in grids)) for column in range(width)]
                for row in range(height)
            ]
        )

    return over


def element(rows: Sequence[Sequence[Column]], row: int, column: int) -> Column:
    """The cell of a grid at a place; a single row or column repeats."""
    row, column = row if len(rows) > 1 else 0, column if len(rows[0]) > 1 else 0
    return rows[row][column] if row < len(rows) and column < len(rows[0]) else ExcelError.NA


def intersection(corners: tuple[int, int, int, int], here: Address) -> tuple[int, int]:
    """The cell of a range in the formula's own row or column."""
    top, left, bottom, right = corners
    if left == right and top <= here.row <= bottom:
        return here.row, left
    if top == bottom and left <= here.column <= right:
        return top, here.column
    raise CannotVectorise("a range where one value belongs")


def first_cell(value: Any) -> Column:
    """What a cell shows of a result: its first cell; a blank is 0."""
    if isinstance(value, Grid):
        value = value.rows[0][0]
    return 0.0 if value is None else value
