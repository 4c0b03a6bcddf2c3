"""Which values do the cells of a circular reference settle at, in many scenarios at once?

Round by round, each cell from the newest values of what it reads, as Excel iterates; but until
nothing moves any more, as the engine does, where Excel stops at the workbook's own limits.
"""

import functools
from collections.abc import Sequence
from typing import Any

import numpy as np

from roi_xl.engines.embedded import SETTLED, SETTLED_AFTER
from roi_xl.excel.code import Env
from roi_xl.excel.values import LOGICAL, NUMBER, TEXT, CannotVectorise, Column, behind, settled, tagged
from roi_xl.sweeps.steps import Plan, Stretch

RESIDUE = 1e-15
"""What rounding leaves of a difference, relative to the largest number of the circle."""


def settle(stretch: Stretch, env: Env) -> None:
    """Evaluate the cells of a circular reference until they settle in every scenario.

    Raises:
        CannotVectorise: they do not.
    """
    for step, value in zip(stretch.steps, stretch.start, strict=True):
        env.cells[step.slot] = value
    for _ in range(SETTLED_AFTER):
        before = [env.cells[step.slot] for step in stretch.steps]
        env.sums.clear()
        for step in stretch.steps:
            assert step.code is not None
            env.cells[step.slot] = settled(step.code(env))
        after = [env.cells[step.slot] for step in stretch.steps]
        if all(is_still(*pair, RESIDUE * largest(after)) for pair in zip(before, after, strict=True)):
            env.sums.clear()
            return
    raise CannotVectorise(f"the circular reference through {stretch.steps[-1].place} does not settle")


def run_through(plan: Plan, env: Env) -> None:
    """Evaluate every step of a plan that needs no engine."""
    for stretch in plan.stretches:
        if stretch.circular:
            settle(stretch, env)
            continue
        for step in stretch.steps:
            assert step.code is not None
            env.cells[step.slot] = step.code(env)


def is_still(before: Column, after: Column, residue: Any) -> bool:
    """Whether a cell has kept its value in every scenario, but for what rounding leaves."""
    tags, old, new = tagged(after), behind(before), behind(after)
    if np.any(tags != tagged(before)):
        return False
    moved = np.abs(np.subtract(new, old, dtype=float)) > np.maximum(SETTLED * np.abs(np.asarray(new, float)), residue)
    return not np.any(moved & (tags == NUMBER) | (new != old) & ((tags == TEXT) | (tags == LOGICAL)))


def largest(cells: Sequence[Column]) -> Any:
    """The largest number of some cells, in every scenario."""
    sizes = (np.where(tagged(cell) == NUMBER, np.abs(np.asarray(behind(cell), float)), 0) for cell in cells)
    return functools.reduce(np.maximum, sizes)
