"""What do the functions mean that give names, or make functions and call them?"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from roi_xl.errors import ExcelError, NoAnswer
from roi_xl.excel.code import Code, Env
from roi_xl.excel.coercion import to_whole
from roi_xl.excel.compiler import Compiler, Scope, Special
from roi_xl.excel.lifting import element
from roi_xl.excel.places import guarded, single
from roi_xl.excel.registry import ARRAY, RANGE, Wants
from roi_xl.excel.values import CannotVectorise, Grid
from roi_xl.formula.tree import Call, Name, Node, Omitted
from roi_xl.xlsx.addresses import Address
from roi_xl.xlsx.limits import go_on

MOST_CALLS = 1_000_000
"""Elements that MAKEARRAY may make."""


@dataclass(frozen=True)
class Lambda:
    """A function that a formula makes: its parameters, its code, and the names around it."""

    parameters: Sequence[str]
    code: Code
    env: Env

    def __call__(self, *arguments: Any) -> Any:
        """What it gives; a missing argument is left out, one too many is #VALUE!."""
        go_on()
        if len(arguments) > len(self.parameters):
            return ExcelError.VALUE
        given = [*arguments, *[OMITTED] * (len(self.parameters) - len(arguments))]
        return self.code(self.env.with_names(dict(zip(self.parameters, given, strict=True))))


class Left:
    """An argument of a LAMBDA that is left out."""


OMITTED = Left()


def let(compiler: Compiler, node: Call, place: Wants, here: Address, scope: Scope) -> Code:
    """LET: names for values, each known to what comes after it."""
    if len(node.arguments) < 3 or len(node.arguments) % 2 == 0:
        raise CannotVectorise(f"LET with {len(node.arguments)} arguments")
    *pairs, last = node.arguments
    codes: list[tuple[str, Code]] = []
    for name, value in zip(pairs[::2], pairs[1::2], strict=True):
        codes.append((name_of(name), compiler.part(value, RANGE if place is not ARRAY else ARRAY, here, scope)))
        scope = scope | {name_of(name)}
    body = compiler.part(last, place, here, scope)

    def run(env: Env) -> Any:
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


def lambda_(compiler: Compiler, node: Call, place: Wants, here: Address, scope: Scope) -> Code:
    """LAMBDA: a function."""
    *names, body = node.arguments
    parameters = [name_of(name) for name in names]
    code = compiler.part(body, ARRAY, here, scope | set(parameters))
    return lambda env: Lambda(parameters, code, env)


def call_of(compiler: Compiler, node: Call, place: Wants, here: Address, scope: Scope) -> Code:
    """A call of a LAMBDA: of one that stands there, or of a name for one."""
    function = Name(node.name) if node.function is None else node.function
    made = compiler.part(function, ARRAY, here, scope)
    given = [
        None if isinstance(argument, Omitted) else compiler.part(argument, ARRAY, here, scope)
        for argument in node.arguments
    ]

    def run(env: Env) -> Any:
        found = made(env)
        if not callable(found):
            return found if isinstance(found, ExcelError) else ExcelError.VALUE
        return found(*[OMITTED if code is None else code(env) for code in given])

    return run


def is_omitted(compiler: Compiler, node: Call, place: Wants, here: Address, scope: Scope) -> Code:
    """ISOMITTED: whether an argument of a LAMBDA is left out."""
    code = compiler.part(node.arguments[0], ARRAY, here, scope)
    return lambda env: code(env) is OMITTED


def by_omission(usual: Special) -> Special:
    """IF whose condition is ISOMITTED: only the part that it chooses is evaluated, since the other has no value."""

    def special(compiler: Compiler, node: Call, place: Wants, here: Address, scope: Scope) -> Code:
        condition, *choices = node.arguments
        if not isinstance(condition, Call) or condition.name != "ISOMITTED" or len(choices) != 2:
            return usual(compiler, node, place, here, scope)
        asked, yes, no = (compiler.part(argument, place, here, scope) for argument in node.arguments)
        return lambda env: (yes if asked(env) else no)(env)

    return special


Over = Callable[..., Any]


def higher(over: Over) -> Special:
    """A function whose last argument is a function; the others are arrays."""

    def special(compiler: Compiler, node: Call, place: Wants, here: Address, scope: Scope) -> Code:
        codes = [compiler.part(argument, ARRAY, here, scope) for argument in node.arguments]

        def run(env: Env) -> Any:
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
