"""Which input of a workbook moves an output most?"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from roi_xl.errors import RoiError
from roi_xl.excel.values import Array, Column, Vector
from roi_xl.recalc.compare import is_number
from roi_xl.recalc.model import LoadedModel
from roi_xl.sweeps.probe import allowed, as_taken, refuse_no_number
from roi_xl.sweeps.run import evaluator_of, job_of

DOWN_AND_UP = np.array([-1.0, 1.0])


@dataclass(frozen=True)
class Swing:
    """An output with one input decreased and increased, and what the input was and became."""

    name: str
    low: float
    high: float
    now: float
    ends: tuple[float, float]

    @property
    def size(self) -> float:
        """The distance between the two results; NaN if either is not a number."""
        return abs(self.high - self.low)

    def moves_from(self, base: float) -> bool:
        """Whether the output leaves a value."""
        return any(end != base for end in (self.low, self.high) if not np.isnan(end))

    def is_trial(self, share: float) -> bool:
        """Whether rounding keeps the input where it is, so that it moved by 1 to see if it matters."""
        return abs(self.now * share) < 0.5 and self.ends == (self.now - 1, self.now + 1)

    def rounded(self, share: float) -> str | None:
        """What is said of an input that takes whole numbers, if it did not move by that share."""
        wanted = [self.now * (1 - share), self.now * (1 + share)]
        if np.allclose(self.ends, wanted, rtol=1e-12, atol=0):
            return None
        ends, meant = (" and ".join(f"{end:,.12g}" for end in those) for those in (self.ends, wanted))
        return f"{self.name} takes whole numbers only: {ends} instead of {meant}"


@dataclass(frozen=True)
class Tornado:
    """What inputs do to an output, and why others are left out."""

    swings: list[Swing]
    left_out: dict[str, str]


def swings(model: LoadedModel, output: str, share: float, inputs: Sequence[str] | None = None) -> Tornado:
    """What every named input does to an output when it moves down and up by a share, largest swing first.

    Swings without a number, or beyond the input's data validation (such as more than all of
    the traffic), come last. An input that takes whole numbers moves to the nearest of them.

    Inputs that are 0 or not numbers, or that do not move the output, are left out; of those
    that were asked for, and of those that rounding keeps where they are, it is said why.
    """
    values = {name: model.value(model.find(name)) for name in (inputs or model.inputs)}
    used: dict[str, float] = {name: float(v) for name, v in values.items() if is_number(v) and v}  # type: ignore[arg-type]
    if not used:
        raise RoiError("inputs must name cells that hold numbers other than 0; the workbook names none")
    found, base = moved(model, output, share, used)
    moving = [swing for swing in found if swing.moves_from(base) and not swing.is_trial(share)]
    left_out = {name: "is 0" if is_number(values[name]) else "holds no number" for name in values.keys() - used.keys()}
    for swing in found:
        if not swing.moves_from(base):
            left_out[swing.name] = f"does not move {output}"
        elif swing.is_trial(share):
            left_out[swing.name] = f"takes whole numbers only, so that {100 * share:.4g}% of it does not move it"
    told = {name: why for name in values if (why := left_out.get(name)) and (inputs or why.startswith("takes"))}
    return Tornado(sorted(moving, key=lambda swing: (np.isnan(swing.size), -swing.size)), told)


def moved(model: LoadedModel, output: str, share: float, used: dict[str, float]) -> tuple[list[Swing], float]:
    """What each input does to an output, and what the output is now."""
    names, now = list(used), np.array(list(used.values()))
    job = job_of(model, names, [output])
    evaluator = evaluator_of(job)
    cases = np.tile(now, (2 * len(names) + 1, 1))
    for place in range(len(names)):
        own = cases[2 * place : 2 * place + 2, place]
        wanted = as_taken(job, own * (1 + share * DOWN_AND_UP), place)
        own[:] = wanted if (wanted != own).any() else own + DOWN_AND_UP
    given = list(cases.T)
    columns = evaluator.columns(given)
    evaluator.check(given, columns, [output])
    results = numbers_of(columns[0], len(cases))
    refuse_no_number(output, results)
    pairs = [cases[2 * place : 2 * place + 2, place] for place in range(len(names))]
    fits = [allowed(job, pair, place) for place, pair in enumerate(pairs)]
    seen, base = np.where(np.concatenate(fits), results[:-1], np.nan), float(results[-1])
    found = [
        Swing(name, float(low), float(high), used[name], (float(pair[0]), float(pair[1])))
        for name, pair, (low, high) in zip(names, pairs, seen.reshape(-1, 2), strict=True)
    ]
    return found, base


def numbers_of(column: Column, count: int) -> Array:
    """The numbers of an output, one for each case; NaN for what is none."""
    if not isinstance(column, Vector):
        return np.full(count, float(column) if is_number(column) else np.nan)  # type: ignore[arg-type]
    return column.values if column.tags is None else np.where(column.tags == 0, column.values, np.nan)
