"""Which input of a workbook moves an output most?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from roi_xl.errors import RoiError
from roi_xl.excel.values import Vector
from roi_xl.recalc.compare import is_number
from roi_xl.recalc.model import LoadedModel
from roi_xl.sweeps.probe import allowed, as_taken, refuse_no_number
from roi_xl.sweeps.run import evaluator_of, job_of


@dataclass(frozen=True)
class Swing:
    """An output with one input decreased and increased."""

    name: str
    low: float
    high: float

    @property
    def size(self) -> float:
        """The distance between the two results; NaN if either is not a number."""
        return abs(self.high - self.low)


def swings(model: LoadedModel, output: str, share: float, inputs: Sequence[str] | None = None) -> list[Swing]:
    """What every named input does to an output when it moves down and up by a share, largest swing first.

    Swings without a number, or beyond the input's data validation (such as more than all of
    the traffic), come last. An input that takes whole numbers moves to the nearest of them.

    Inputs that are 0 or not numbers, or that do not move the output, are left out.
    """
    values = {name: model.value(model.find(name)) for name in (inputs or model.inputs)}
    used: Mapping[str, float] = {name: float(v) for name, v in values.items() if is_number(v) and v}  # type: ignore[arg-type]
    if not used:
        raise RoiError("inputs must name cells that hold numbers other than 0; the workbook names none")
    names, now = list(used), np.array(list(used.values()))
    job = job_of(model, names, [output])
    evaluator = evaluator_of(job)
    cases = np.tile(now, (2 * len(names) + 1, 1))
    for place in range(len(names)):
        moved = cases[2 * place : 2 * place + 2, place]
        moved[:] = as_taken(job, moved * [1 - share, 1 + share], place)
    given = list(cases.T)
    columns = evaluator.columns(given)
    evaluator.check(given, columns, [output])
    column = columns[0]
    if not isinstance(column, Vector):
        refuse_no_number(output, np.array([float(column) if is_number(column) else np.nan]))  # type: ignore[arg-type]
        return []
    results = column.values if column.tags is None else np.where(column.tags == 0, column.values, np.nan)
    refuse_no_number(output, results)
    fits = [allowed(job, cases[2 * place : 2 * place + 2, place], place) for place in range(len(names))]
    results, base = np.where(np.concatenate(fits), results[:-1], np.nan), results[-1]
    found = [
        Swing(name, float(low), float(high)) for name, (low, high) in zip(names, results.reshape(-1, 2), strict=True)
    ]
    moving = [swing for swing in found if any(end != base for end in (swing.low, swing.high) if not np.isnan(end))]
    return sorted(moving, key=lambda swing: (np.isnan(swing.size), -swing.size))
