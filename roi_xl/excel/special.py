"""What do the functions mean that need more than the values of their arguments?

Those that ask where a range is or compute one, and those that give names or functions.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from roi_xl.errors import ExcelError, NoAnswer
from roi_xl.excel.coercion import to_text, to_truth, to_whole
from roi_xl.excel.lifting import element, first_cell
from roi_xl.excel.registry import ARRAY, ONE, RANGE, Wants
from roi_xl.excel.values import CannotVectorise, Grid, size_of
from roi_xl.formula.parser import parse
from roi_xl.formula.tokens import Unreadable
from roi_xl.formula.tree import JOINS, Binary, Call, Literal, Name, Node, Omitted, Reference, walk
from roi_xl.xlsx.addresses import LAST_COLUMN, LAST_ROW, Address, Area

if TYPE_CHECKING:
    from roi_xl.excel.compiler import Code, Compiler, Env, Scope

MOST_CALLS = 1_000_000


# where a range is


def row(compiler: "Compiler", node: Call, place: Wants, here: Address, scope: "Scope") -> "Code":
    """ROW: of the formula's own cell, or of a range (of every one of its rows, in an array formula)."""
    return position(compiler, node, place, here, scope, compiler.cells.rows(here), across=False)


def column(compiler: "Compiler", node: Call, place: Wants, here: Address, scope: "Scope") -> "Code":
    """COLUMN: of the formula's own cell, or of a range (of every one of its columns, in an array formula)."""
    return position(compiler, node, place, here, scope, compiler.cells.columns(here), across=True)


def position(
    compiler: "Compiler", node: Call, place: Wants, here: Address, scope: "Scope", own: Any, *, across: bool
) -> "Code":
    """The row or column of a reference."""
    if not node.arguments:
        return lambda env: own
    reference = compiler.names.reference(node.arguments[0], here)
    if reference is not None and reference.last_sheet is None and (reference.is_cell or place is not ARRAY):
        corner = reference.first
        at, is_fixed = (corner.column, corner.column_fixed) if across else (corner.row, corner.row_fixed)
        from roi_xl.excel.operators import BINARY

        return lambda env: float(at) if is_fixed else BINARY["+"](own, float(at))
    code = compiler.part(node.arguments[0], RANGE, here, scope)

    def found(env: "Env") -> Any:
        _, top, left, bottom, right = area_of(code(env))
        if place is not ARRAY:
            return float(left if across else top)
        if across:
            return Grid([[float(number) for number in range(left, right + 1)]])
        return Grid([[float(number)] for number in range(top, bottom + 1)])

    return guarded(found)


def size(across: bool) -> "Special":
    """ROWS or COLUMNS."""

    def special(compiler: "Compiler", node: Call, place: Wants, here: Address, scope: "Scope") -> "Code":
        reference = compiler.names.reference(node.arguments[0], here)
        if reference is not None and reference.moves_as_one:
            top, left, bottom, right = reference.corners(here.within)
            count = float(right - left + 1 if across else bottom - top + 1)
            return lambda env: count
        code = compiler.part(node.arguments[0], RANGE, here, scope)

        def counted(env: "Env") -> Any:
            grid = code(env)
            if isinstance(grid, ExcelError) or not isinstance(grid, Grid):
                return grid if isinstance(grid, ExcelError) else 1.0
            if grid.area is not None:
                _, top, left, bottom, right = grid.area
                return float(right - left + 1 if across else bottom - top + 1)
            return float(len(grid.rows[0]) if across else len(grid.rows))

        return counted

    return special


def area_of(value: Any) -> Area:
    """Where a range is; #VALUE! where something is not one."""
    if isinstance(value, Grid) and value.area is not None:
        return value.area
    raise NoAnswer(value if isinstance(value, ExcelError) else ExcelError.VALUE)


def guarded(code: "Code") -> "Code":
    """Code whose missing answers are errors."""

    def run(env: "Env") -> Any:
        try:
            return code(env)
        except NoAnswer as none:
            return none.error

    return run


# ranges that are computed


def offset(compiler: "Compiler", node: Call, place: Wants, here: Address, scope: "Scope") -> "Code":
    """OFFSET: a range some rows and columns away, of the same or another size; a negative size goes back."""
    base = compiler.part(node.arguments[0], RANGE, here, scope)
    rest = [compiler.part(argument, ONE, here, scope) for argument in node.arguments[1:]]

    def found(env: "Env") -> Any:
        sheet, top, left, bottom, right = area_of(base(env))
        given = [single(code(env)) for code in rest] + [None] * (4 - len(rest))
        down, across, height, width = given
        first = top + to_whole(down), left + to_whole(across)
        rows, columns = sized(first[0], height, bottom - top + 1), sized(first[1], width, right - left + 1)
        if rows[0] < 1 or columns[0] < 1 or rows[1] > LAST_ROW or columns[1] > LAST_COLUMN:
            raise NoAnswer(ExcelError.REF)
        return compiler.as_wanted((sheet, rows[0], columns[0], rows[1], columns[1]), place, env, here)

    return guarded(found)


def sized(start: int, size: Any, usual: int) -> tuple[int, int]:
    """The first and last of some rows or columns from a start on."""
    count = usual if size is None else to_whole(size)
    if count == 0:
        raise NoAnswer(ExcelError.REF)
    return (start, start + count - 1) if count > 0 else (start + count + 1, start)


def single(value: Any) -> Any:
    """A value that is the same for all; where it varies the range does too."""
    value = first_cell(value)
    if size_of(value) == 1:
        from roi_xl.excel.values import plain

        return plain(value, 0)
    if size_of(value):
        raise CannotVectorise("a range that is computed from what varies")
    return value


def indirect(compiler: "Compiler", node: Call, place: Wants, here: Address, scope: "Scope") -> "Code":
    """INDIRECT: the range that a text names, in A1 or R1C1 style."""
    codes = [compiler.part(argument, ONE, here, scope) for argument in node.arguments]

    def found(env: "Env") -> Any:
        text, style = to_text(single(codes[0](env))), single(codes[1](env)) if codes[1:] else True
        if style is not None and not to_truth(style):
            text = from_r1c1(text, here)
        try:
            reference = compiler.names.reference(parse(text, here.within), here)
        except Unreadable:
            raise NoAnswer(ExcelError.REF) from None
        if reference is None or reference.last_sheet is not None:
            raise NoAnswer(ExcelError.REF)
        area = compiler.names.area(reference, here)
        return compiler.as_wanted(area, place, env, here)

    return guarded(found)


def from_r1c1(text: str, here: Address) -> str:
    """A reference in R1C1 style as one in A1 style.

    >>> from_r1c1("S!R2C3:R[1]C", Address("S", 4, 1))
    'S!C2:A5'
    """
    import re

    from roi_xl.xlsx.addresses import column_letters

    def cell(match: "re.Match[str]") -> str:
        row = int(match[1]) if match[1] else here.row + int(match[2] or 0)
        column = int(match[3]) if match[3] else here.column + int(match[4] or 0)
        if not 1 <= row <= LAST_ROW or not 1 <= column <= LAST_COLUMN:
            raise NoAnswer(ExcelError.REF)
        return f"{column_letters(column)}{row}"

    sheet, mark, cells = text.rpartition("!")
    pattern = r"R(?:(\d+)|\[(-?\d+)\])?C(?:(\d+)|\[(-?\d+)\])?"
    parts = [re.fullmatch(pattern, part.strip(), re.IGNORECASE) for part in cells.split(":")]
    if not all(parts):
        raise NoAnswer(ExcelError.REF)
    return sheet + mark + ":".join(cell(part) for part in parts if part)


def anchor_array(compiler: "Compiler", node: Call, place: Wants, here: Address, scope: "Scope") -> "Code":
    """ANCHORARRAY: what the file writes for A1#."""
    return compiler.spilled(node.arguments[0], place, here)


def intersect(compiler: "Compiler", node: Call, place: Wants, here: Address, scope: "Scope") -> "Code":
    """SINGLE: what the file writes for @."""
    code = compiler.part(node.arguments[0], ONE, here, scope)
    return lambda env: first_cell(code(env))


# names and functions


@dataclass(frozen=True)
class Lambda:
    """A function that a formula makes: its parameters, its code, and the names around it."""

    parameters: Sequence[str]
    code: "Code"
    env: "Env"

    def __call__(self, *arguments: Any) -> Any:
        """What it gives; a missing argument is left out, one too many is #VALUE!."""
        if len(arguments) > len(self.parameters):
            return ExcelError.VALUE
        given = [*arguments, *[OMITTED] * (len(self.parameters) - len(arguments))]
        return self.code(self.env.with_names(dict(zip(self.parameters, given, strict=True))))


class Left:
    """An argument of a LAMBDA that is left out."""


OMITTED = Left()


def let(compiler: "Compiler", node: Call, place: Wants, here: Address, scope: "Scope") -> "Code":
    """LET: names for values, each known to what comes after it."""
    *pairs, last = node.arguments
    codes: list[tuple[str, Code]] = []
    for name, value in zip(pairs[::2], pairs[1::2], strict=True):
        codes.append((name_of(name), compiler.part(value, RANGE if place is not ARRAY else ARRAY, here, scope)))
        scope = scope | {name_of(name)}
    body = compiler.part(last, place, here, scope)

    def run(env: "Env") -> Any:
        for name, code in codes:
            env = env.with_names({name: unwrapped(code(env))})
        return body(env)

    return run


def unwrapped(value: Any) -> Any:
    """A range of one cell as that cell."""
    if isinstance(value, Grid) and len(value.rows) == 1 and len(value.rows[0]) == 1 and value.area is None:
        return value.rows[0][0]
    return value


def name_of(node: Node) -> str:
    """The name that a node is, in small letters."""
    if isinstance(node, Name) and node.sheet is None:
        return node.text.casefold()
    raise CannotVectorise("a name of LET or LAMBDA that is not one")


def lambda_(compiler: "Compiler", node: Call, place: Wants, here: Address, scope: "Scope") -> "Code":
    """LAMBDA: a function."""
    *names, body = node.arguments
    parameters = [name_of(name) for name in names]
    code = compiler.part(body, ARRAY, here, scope | set(parameters))
    return lambda env: Lambda(parameters, code, env)


def call_of(compiler: "Compiler", node: Call, place: Wants, here: Address, scope: "Scope") -> "Code":
    """A call of a LAMBDA: of one that stands there, or of a name for one."""
    function = Name(node.name) if node.function is None else node.function
    made = compiler.part(function, ARRAY, here, scope)
    given = [
        None if isinstance(argument, Omitted) else compiler.part(argument, ARRAY, here, scope)
        for argument in node.arguments
    ]

    def run(env: "Env") -> Any:
        found = made(env)
        if not callable(found):
            return found if isinstance(found, ExcelError) else ExcelError.VALUE
        return found(*[OMITTED if code is None else code(env) for code in given])

    return run


def is_omitted(compiler: "Compiler", node: Call, place: Wants, here: Address, scope: "Scope") -> "Code":
    """ISOMITTED: whether an argument of a LAMBDA is left out."""
    code = compiler.part(node.arguments[0], ARRAY, here, scope)
    return lambda env: code(env) is OMITTED


Over = Callable[..., Any]


def higher(over: Over) -> "Special":
    """A function whose last argument is a function; the others are arrays."""

    def special(compiler: "Compiler", node: Call, place: Wants, here: Address, scope: "Scope") -> "Code":
        codes = [compiler.part(argument, ARRAY, here, scope) for argument in node.arguments]

        def run(env: "Env") -> Any:
            *arrays, function = (code(env) for code in codes)
            if not callable(function):
                return function if isinstance(function, ExcelError) else ExcelError.VALUE
            return over(function, *arrays)

        return guarded(run)

    return special


def grid(value: Any) -> Grid:
    """A value as a grid."""
    return value if isinstance(value, Grid) else Grid([[value]])


def one(value: Any) -> Any:
    """A value that an array may hold: nothing that is an array itself."""
    if isinstance(value, Grid):
        if len(value.rows) == len(value.rows[0]) == 1:
            return value.rows[0][0]
        return ExcelError.CALC
    return ExcelError.CALC if callable(value) else value


def map_(function: Lambda, *arrays: Any) -> Grid:
    """MAP."""
    grids = [grid(array) for array in arrays]
    height, width = max(len(g.rows) for g in grids), max(len(g.rows[0]) for g in grids)
    return Grid(
        [
            [one(function(*(element(g.rows, row, column) for g in grids))) for column in range(width)]
            for row in range(height)
        ]
    )


def reduce(function: Lambda, start: Any, array: Any) -> Any:
    """REDUCE."""
    for value in grid(array).cells:
        start = function(start, value)
    return start


def scan(function: Lambda, start: Any, array: Any) -> Grid:
    """SCAN."""
    rows: list[list[Any]] = []
    for row in grid(array).rows:
        rows.append([])
        for value in row:
            start = one(function(start, value))
            rows[-1].append(start)
    return Grid(rows)


def by_row(function: Lambda, array: Any) -> Grid:
    """BYROW."""
    return Grid([[one(function(Grid([row])))] for row in grid(array).rows])


def by_column(function: Lambda, array: Any) -> Grid:
    """BYCOL."""
    columns = zip(*grid(array).rows, strict=True)
    return Grid([[one(function(Grid([[cell] for cell in column]))) for column in columns]])


def make_array(function: Lambda, rows: Any, columns: Any) -> Grid:
    """MAKEARRAY."""
    height, width = to_whole(single(rows)), to_whole(single(columns))
    if height < 1 or width < 1 or height * width > MOST_CALLS:
        raise NoAnswer(ExcelError.VALUE)
    return Grid([[one(function(float(r), float(c))) for c in range(1, width + 1)] for r in range(1, height + 1)])


def sum_(compiler: "Compiler", node: Call, place: Wants, here: Address, scope: "Scope") -> "Code":
    """SUM: over one range there may be a quicker way."""
    from roi_xl.excel.aggregates import total
    from roi_xl.excel.compiler import applied, wanted
    from roi_xl.excel.registry import REGISTRY

    if len(node.arguments) == 1 and isinstance(node.arguments[0], Reference):
        reference = compiler.names.reference(node.arguments[0], here)
        if reference is not None and reference.last_sheet is None:
            quick = compiler.cells.total(reference, here)
            if quick is not None:
                return quick
    arguments = compiler.spread(node.arguments, REGISTRY["SUM"], here)
    return applied(total, [compiler.part(a, wanted(RANGE, place, a), here, scope) for a in arguments])


def is_reference(compiler: "Compiler", node: Call, place: Wants, here: Address, scope: "Scope") -> "Code":
    """ISREF."""
    if isinstance(node.arguments[0], Literal):
        return lambda env: False
    code = compiler.part(node.arguments[0], RANGE, here, scope)
    return lambda env: isinstance(found := code(env), Grid) and found.area is not None


Special = Callable[["Compiler", Call, Wants, Address, "Scope"], "Code"]

ASK_WHERE = {"OFFSET", "INDIRECT", "ISREF", "CELL", "SUBTOTAL", "AGGREGATE", "AREAS", "FORMULATEXT", "ISFORMULA"}
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


SPECIAL: dict[str, Special] = {
    "ROW": row,
    "COLUMN": column,
    "ROWS": size(across=False),
    "COLUMNS": size(across=True),
    "OFFSET": offset,
    "INDIRECT": indirect,
    "ANCHORARRAY": anchor_array,
    "SINGLE": intersect,
    "ISREF": is_reference,
    "LET": let,
    "LAMBDA": lambda_,
    "LAMBDA call": call_of,
    "ISOMITTED": is_omitted,
    "MAP": higher(map_),
    "REDUCE": higher(lambda function, start, array: reduce(function, start, array)),
    "SCAN": higher(lambda function, start, array: scan(function, start, array)),
    "BYROW": higher(by_row),
    "BYCOL": higher(by_column),
    "MAKEARRAY": higher(make_array),
    "SUM": sum_,
}
"""Every such function by its name."""
