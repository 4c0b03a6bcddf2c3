"""How does a formula write itself as an Excel expression?"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Union

from roi_xl.quantities import Quantity

Operand = Union["Symbol", float, str]

TIGHTNESS = {"=": 1, "<>": 1, "<": 1, "<=": 1, ">": 1, ">=": 1, "&": 2, "+": 3, "-": 3, "*": 4, "/": 4, "^": 5}
ATOM = 9


@dataclass(frozen=True)
class Symbol:
    """An Excel expression: a leaf, an operator between two parts, or a function of parts.

    `str` writes it with no more parentheses than it needs:

    >>> saving = name("baseline") - name("tuned")
    >>> str(saving * name("requests") - 100)
    '(baseline-tuned)*requests-100'
    """

    head: str
    parts: tuple["Symbol", ...] = ()

    def __str__(self) -> str:
        if not self.parts:
            return self.head
        if self.head in TIGHTNESS:
            left, right = self.parts
            return left._within(self, right=False) + self.head + right._within(self, right=True)
        return f"{self.head}({','.join(map(str, self.parts))})"

    def _within(self, outer: "Symbol", right: bool) -> str:
        mine, theirs = TIGHTNESS.get(self.head, ATOM), TIGHTNESS[outer.head]
        if self.head.startswith("-") and not self.parts and right and theirs >= TIGHTNESS["+"]:
            mine = 0
        return f"({self})" if mine < theirs or (right and mine == theirs) else str(self)

    def replace(self, known: Mapping["Symbol", "Symbol"]) -> "Symbol":
        """The same expression with every known part, largest first, replaced."""
        if self in known:
            return known[self]
        return Symbol(self.head, tuple(part.replace(known) for part in self.parts))

    def __add__(self, other: Operand) -> "Symbol":
        return Symbol("+", (self, lift(other)))

    def __radd__(self, other: Operand) -> "Symbol":
        return Symbol("+", (lift(other), self))

    def __sub__(self, other: Operand) -> "Symbol":
        return Symbol("-", (self, lift(other)))

    def __rsub__(self, other: Operand) -> "Symbol":
        return Symbol("-", (lift(other), self))

    def __mul__(self, other: Operand) -> "Symbol":
        return Symbol("*", (self, lift(other)))

    def __rmul__(self, other: Operand) -> "Symbol":
        return Symbol("*", (lift(other), self))

    def __truediv__(self, other: Operand) -> "Symbol":
        return Symbol("/", (self, lift(other)))

    def __rtruediv__(self, other: Operand) -> "Symbol":
        return Symbol("/", (lift(other), self))

    def __pow__(self, other: Operand) -> "Symbol":
        return Symbol("^", (self, lift(other)))

    def __mod__(self, other: Operand) -> "Symbol":
        return Symbol("MOD", (self, lift(other)))

    def __lt__(self, other: Operand) -> "Symbol":
        return Symbol("<", (self, lift(other)))

    def __le__(self, other: Operand) -> "Symbol":
        return Symbol("<=", (self, lift(other)))

    def __gt__(self, other: Operand) -> "Symbol":
        return Symbol(">", (self, lift(other)))

    def __ge__(self, other: Operand) -> "Symbol":
        return Symbol(">=", (self, lift(other)))

    def __bool__(self) -> bool:
        raise TypeError(f"{self} has no truth value: branch with choose()")


def name(text: str) -> Symbol:
    """A cell's name or address."""
    return Symbol(text)


def number(value: float) -> Symbol:
    """A number as a literal: infinity is #N/A (it never comes), NaN is #DIV/0!."""
    if math.isinf(value):
        return Symbol("NA()")
    if math.isnan(value):
        return lift(1) / 0
    return Symbol(f"{value:.15g}".upper() if value != int(value) or abs(value) >= 1e15 else str(int(value)))


def text(value: str) -> Symbol:
    """A text as a literal."""
    return Symbol('"' + value.replace('"', '""') + '"')


def lift(value: Operand) -> Symbol:
    """Any operand as a symbol."""
    if isinstance(value, Symbol):
        return value
    return text(value) if isinstance(value, str) else number(value)


def call(function: str, *arguments: Operand) -> Symbol:
    """A function of its arguments, such as IF or ROI_PERCENT."""
    return Symbol(function, tuple(map(lift, arguments)))


NUM_ERROR = call("EXP", 999)
"""An expression that is #NUM! in Excel and Calc; Gnumeric has larger numbers."""


def outside(symbol: Symbol, quantity: Quantity) -> list[Symbol]:
    """The conditions under which a value is out of bounds; adding 0 makes text a #VALUE!."""
    bounds, value = quantity.bounds, symbol + 0
    return [
        condition
        for bound, condition in (
            (bounds.low, value < (bounds.low or 0)),
            (bounds.high, value > (bounds.high or 0)),
            (bounds.below, value >= (bounds.below or 0)),
        )
        if bound is not None
    ]


def guarded(expression: Symbol, arguments: Mapping[Quantity, Symbol]) -> Symbol:
    """The expression, or #NUM! where an argument is out of bounds, element by element."""
    broken: list[Any] = [condition for quantity, symbol in arguments.items() for condition in outside(symbol, quantity)]
    if not broken:
        return expression
    if len(broken) == 1:
        return call("IF", broken[0], NUM_ERROR, expression)
    return call("IF", sum(broken[1:], broken[0]) > 0, NUM_ERROR, expression)
