"""How do the units of a plan run, and where do the cells of a circular reference settle?

The latter round by round, each cell from the newest values of what it reads, as Excel iterates; but until
nothing moves any more, as the engine does, where Excel stops at the workbook's own limits.
"""

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from roi_xl.engines.embedded import SETTLED, SETTLED_AFTER
from roi_xl.excel.code import Env
from roi_xl.excel.values import LOGICAL, NUMBER, TEXT, CannotVectorise, Column, Vector, behind, settled, tagged
from roi_xl.sweeps.codes import DO_NOT_FIT
from roi_xl.sweeps.plan import Circle, Plan, Step, Together
from roi_xl.sweeps.together import side_by_side

RESIDUE = 1e-15
"""What rounding leaves of a difference, relative to the largest number of the circle."""


def run_through(plan: Plan, env: Env, value: Callable[[Step], Column], alone: bool = False) -> None:
    """Evaluate the units of a plan in their order; a cell alone, or each of them, by a function of its step."""
    for unit in plan.units:
        if isinstance(unit, Step):
            env.cells[unit.slot] = value(unit)
        elif isinstance(unit, Circle):
            settle(unit, env)
        elif alone or not run_together(unit, env):
            for step in unit.steps:
                env.cells[step.slot] = value(step)
            if alone:
                continue
            columns = [env.cells[step.slot] for step in unit.steps]
            env.groups[unit.number] = side_by_side(columns, env.scenarios)


def settle(circle: Circle, env: Env) -> None:
    """Evaluate the cells of a circular reference until they settle in every scenario.

    Raises:
        CannotVectorise: they do not.
    """
    for step, value in zip(circle.steps, circle.start, strict=True):
        env.cells[step.slot] = value
    for _ in range(SETTLED_AFTER):
        before = [env.cells[step.slot] for step in circle.steps]
        env.sums.clear()
        for step in circle.steps:
            assert step.code is not None
            env.cells[step.slot] = settled(step.code(env))
        after = [env.cells[step.slot] for step in circle.steps]
        if all(is_still(*pair, RESIDUE * largest(after)) for pair in zip(before, after, strict=True)):
            env.sums.clear()
            return
    raise CannotVectorise(f"the circular reference through {circle.steps[-1].place} does not settle")


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


def run_together(unit: Together, env: Env) -> bool:
    """Evaluate cells together; return whether that works for these values."""
    try:
        found = unit.code(env)
    except DO_NOT_FIT:
        return False
    size = env.scenarios
    if isinstance(found, Vector) and len(found.values) != size * len(unit.steps):
        return False
    env.groups[unit.number] = found
    for place, step in enumerate(unit.steps):
        part = slice(place * size, (place + 1) * size)
        env.cells[step.slot] = (
            Vector(found.values[part], None if found.tags is None else found.tags[part])
            if isinstance(found, Vector)
            else found
        )
    return True
