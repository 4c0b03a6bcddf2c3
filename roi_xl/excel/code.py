"""How is the code of a formula put together from the code of its parts?"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from roi_xl.excel.values import TEXT, Block, CannotVectorise, Column, Grid, Vector, tags_of
from roi_xl.xlsx.addresses import Address


@dataclass
class Env:
    """What code runs on: cells by slot, whole arrays, resumable sums, and names of LET and LAMBDA.

    Where cells that share a formula run together, also how many scenarios there are, and the cells of each
    group as one column.
    """

    cells: list[Any]
    scenarios: int = 1
    groups: dict[int, Column] = field(default_factory=dict)
    arrays: dict[Address, Any] = field(default_factory=dict)
    sums: dict[tuple[str, int, int], tuple[int, Column]] = field(default_factory=dict)
    names: Mapping[str, Any] = field(default_factory=dict)

    def with_names(self, names: Mapping[str, Any]) -> "Env":
        """The same with additional names."""
        return replace(self, names={**self.names, **names})


NOTHING = Env([])
Code = Callable[[Env], Any]


@dataclass(frozen=True)
class Constant:
    """Code whose value does not vary."""

    value: Any

    def __call__(self, env: Env) -> Any:
        """The value."""
        return self.value


@dataclass(frozen=True)
class ForEach(Constant):
    """Code whose value does not vary between scenarios, but between cells that share a formula."""

    def __call__(self, env: Env) -> Any:
        """The value, of each cell once for each scenario."""
        return repeated(self.value, env.scenarios)


def repeated(value: Any, times: int) -> Any:
    """A column of cells with each cell several times; anything else as it is."""
    if times == 1:
        return value
    if isinstance(value, Vector):
        return Vector(np.repeat(value.values, times), None if value.tags is None else np.repeat(value.tags, times))
    if isinstance(value, Grid) and not isinstance(value, Block):
        return Grid([[repeated(cell, times) for cell in row] for row in value.rows], value.area)
    return value


def applied(function: Callable[..., Any], codes: Sequence[Code]) -> Code:
    """The code of a function of parts; computed at once where none varies."""
    if all(isinstance(code, Constant) for code in codes):
        found = function(*(code(NOTHING) for code in codes))
        if any(isinstance(code, ForEach) for code in codes):
            return ForEach(without_texts(found))
        return Constant(spelled_out(found))
    if len(codes) == 2:
        return Pair(function, codes[0], codes[1])
    return lambda env: function(*[code(env) for code in codes])


def without_texts(value: Any) -> Any:
    """A value that differs between cells, if no text is in it: its place among the texts holds for one run only."""
    for cell in value.cells if isinstance(value, Grid) and not isinstance(value, Block) else (value,):
        if isinstance(cell, Vector) and (tags_of(cell) == TEXT).any():
            raise CannotVectorise("texts that differ between cells")
    return spelled_out(value)


def spelled_out(value: Any) -> Any:
    """A constant array with its texts themselves: their places in the table of texts hold for one run only."""
    if isinstance(value, Block) and (tags_of(value.vector) == TEXT).any():
        return Grid(value.rows)
    return value


@dataclass(frozen=True, slots=True)
class Pair:
    """The code of a function of two parts."""

    function: Callable[[Any, Any], Any]
    left: Code
    right: Code

    def __call__(self, env: Env) -> Any:
        """Its value."""
        return self.function(self.left(env), self.right(env))


DEEP = 100
"""The length of an operator chain from which it is evaluated iteratively."""


def flattened(code: Code, length: int) -> Code:
    """A long chain of pairs as a loop."""
    if length < DEEP:
        return code
    steps: list[tuple[Callable[[Any, Any], Any], Code]] = []
    while isinstance(code, Pair):
        steps.append((code.function, code.right))
        code = code.left
    first = code

    def run(env: Env) -> Any:
        value = first(env)
        for function, right in reversed(steps):
            value = function(value, right(env))
        return value

    return run
