"""How does a function of a range answer for many of them, one for each element of an array?

OFFSET and INDIRECT compute a range from values; from an array of values they compute an
array of ranges. What the function gives for one element is compiled once, with names in the
places of what may be an array, and asked for each of them.
"""

from typing import Any

from roi_xl.excel.code import Code, Env
from roi_xl.excel.compiler import RANGES, Compiler, Scope, Special
from roi_xl.excel.lifting import element, first_cell
from roi_xl.excel.registry import ARRAY, ONE, Wants
from roi_xl.excel.values import Grid
from roi_xl.formula.tree import Call, Literal, Name, Node, Omitted
from roi_xl.xlsx.addresses import Address


def for_each_range(usual: Special) -> Special:
    """A function that also answers for every range that OFFSET or INDIRECT computes from an array."""

    def special(compiler: Compiler, node: Call, place: Wants, here: Address, scope: Scope) -> Code:
        if not any(isinstance(part, Call) and part.name in COMPUTE for part in node.arguments):
            return usual(compiler, node, place, here, scope)
        varied: dict[str, Node] = {}
        each = Call(node.name, tuple(with_names(part, varied) for part in node.arguments))
        if not varied:
            return usual(compiler, node, place, here, scope)
        code = usual(compiler, each, ONE, here, scope | varied.keys())
        inner = ARRAY if place is ARRAY else ONE
        codes = {name: compiler.part(part, inner, here, scope) for name, part in varied.items()}

        def over(env: Env) -> Any:
            given = {name: as_grid(found(env)) for name, found in codes.items()}
            height, width = (max(sides) for sides in zip(*(grid.size for grid in given.values()), strict=True))

            def at(row: int, column: int) -> Any:
                told = {name: element(grid.rows, row, column) for name, grid in given.items()}
                return first_cell(code(env.with_names(told)))

            rows = [[at(row, column) for column in range(width)] for row in range(height)]
            return rows[0][0] if (height, width) == (1, 1) else Grid(rows)

        return over

    return special


COMPUTE = ("OFFSET", "INDIRECT")
"""Functions that compute a range from values."""


def with_names(argument: Node, varied: dict[str, Node]) -> Node:
    """An argument with names for what may be an array: what a range is computed from, or a value by itself."""
    if isinstance(argument, Call) and argument.name in COMPUTE:
        kept = 1 if argument.name == "OFFSET" else 0
        rest = [named(part, varied) for part in argument.arguments[kept:]]
        return Call(argument.name, (*argument.arguments[:kept], *rest))
    return argument if isinstance(argument, RANGES) else named(argument, varied)


def named(part: Node, varied: dict[str, Node]) -> Node:
    """A name that stands for a part; a number, a text or nothing stands for itself."""
    if isinstance(part, Literal | Omitted):
        return part
    name = f"\0{len(varied)}"
    varied[name] = part
    return Name(name)


def as_grid(value: Any) -> Grid:
    """A value as a grid."""
    return value if isinstance(value, Grid) else Grid([[value]])
