"""How are names and columns written within a formula of Excel 365?"""

import re
from collections.abc import Mapping

from roi_xl import symbols
from roi_xl.describe import without_underscores
from roi_xl.functions.branch import choose
from roi_xl.symbols import Operand, Symbol, call

COMPARED = {"MIN": "<", "MAX": ">"}
NAME = re.compile(r"_xlpm\.\w+")
NO_CELL = 1
"""The end of a name within; no column has so many letters as stand before it, so that it is no cell."""


def parameter(text: str) -> Symbol:
    """The name of an argument, as the person sees it who types the call; a word of its own gets an underscore."""
    return symbols.name(f"_xlpm.{without_underscores(text) if '_' in text else f'{text}_'}")


def within(text: str) -> Symbol:
    """The name of an input or a column where it is one number, or one column of months."""
    return symbols.name(f"_xlpm.{without_underscores(text)}{NO_CELL}")


def excel(function: str, *arguments: Operand) -> Symbol:
    """A function that Excel stores with its prefix, for older versions to keep."""
    return call(f"_xlfn.{function}", *arguments)


def let(bindings: Mapping[Symbol, Symbol], answer: Operand) -> Symbol:
    """Names with their values, then the answer."""
    return excel("LET", *(part for pair in bindings.items() for part in pair), answer)


def of_each(answer: Operand, *parameters: Symbol) -> Symbol:
    """A LAMBDA of some parameters."""
    return excel("LAMBDA", *parameters, answer)


def element_by_element(symbol: Symbol, single: frozenset[str] = frozenset()) -> Symbol:
    """An expression of columns, row by row: MIN and MAX would make one number of them, but for single names.

    MOD says what Excel's documentation says of it, which is all that some engines know of columns.
    """
    parts = tuple(element_by_element(part, single) for part in symbol.parts)
    if symbol.head in COMPARED and single.issuperset(NAME.findall(str(symbol))):
        return symbol
    if symbol.head not in (*COMPARED, "MOD"):
        return Symbol(symbol.head, parts)
    one, other = parts
    if symbol.head == "MOD":
        return one - other * call("INT", one / other)
    compared: Symbol = choose(Symbol(COMPARED[symbol.head], parts), one, other)
    return compared
