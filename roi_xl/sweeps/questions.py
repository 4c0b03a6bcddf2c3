"""Which input matters most, and what would it take? Questions about any model."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from roi_xl.errors import NotANumber, OutOfBounds, RoiError
from roi_xl.excel.values import Array, Vector
from roi_xl.recalc.model import LoadedModel, is_number
from roi_xl.sweeps.evaluate import Evaluator
from roi_xl.sweeps.run import Job, evaluator_of, job_of
from roi_xl.xlsx.validation import NumberRule

PLACES = 2_049
ROUNDS = 12
WIDE = 10.0


@dataclass(frozen=True)
class Goal:
    """Where an output reaches a goal: every solution found between two ends.

    Of an input that takes whole numbers only, it may also pass the goal between two of them.
    """

    solutions: tuple[float, ...]
    low: float
    high: float
    at_low: float
    at_high: float
    passes: tuple[tuple[float, float], ...] = ()


def goal_seek(
    model: LoadedModel, output: str, wanted: float, by: str, between: tuple[float, float] | None = None
) -> Goal:
    """Find where one input brings an output to a goal.

    Evaluates about two thousand places between two ends, then bisects wherever the output
    crosses the goal. Two solutions closer than one two-thousandth of the range may be missed,
    and so may one where the output only touches the goal.

    Args:
        model: the workbook.
        output: the output's name or address.
        wanted: the goal.
        by: the input's name or address.
        between: where to look; by default from minus to plus ten times the input, or from
            0 on if the input is not negative.
    """
    job = job_of(model, [by], [output])
    evaluator = evaluator_of(job)
    now = model.value(job.inputs[0])
    if not is_number(now):
        raise NotANumber(f"{by} must hold a number, got {now!r}")
    low, high = between or usual_ends(float(now))  # type: ignore[arg-type]
    if not low < high:
        raise RoiError(f"between must have its low end below its high end, got {low:g} and {high:g}")
    places = np.linspace(low, high, PLACES)
    places = np.unique(as_taken(job, places))
    places = places[allowed(job, places)]
    if not places.size:
        raise OutOfBounds(
            f"{by} must be {job.rules[0]} by the data validation of {job.inputs[0]}, got {low:g}:{high:g}"
        )
    gaps = over(evaluator, places) - wanted
    refuse_no_number(output, gaps)
    evaluator.check([places], evaluator.columns([places]), [output])
    ends = crossings(places, gaps)
    found = [
        low if low == high else None if is_whole(job) else closer(evaluator, wanted, low, high) for low, high in ends
    ]
    passes = tuple(pair for pair in ends if is_whole(job) and pair[0] != pair[1])
    solutions = tuple(sorted({place for place in found if place is not None}))
    at_low, at_high = float(gaps[0] + wanted), float(gaps[-1] + wanted)
    return Goal(solutions, float(places[0]), float(places[-1]), at_low, at_high, passes)


def allowed(job: Job, values: Array, place: int = 0) -> Array:
    """Which values of an input lie within the bounds that its cell's data validation gives."""
    rule = job.rules[place]
    return np.full(len(values), True) if rule is None else np.asarray(rule.within(values))


def is_whole(job: Job, place: int = 0) -> bool:
    """Whether an input's cell takes whole numbers only."""
    rule = job.rules[place]
    return isinstance(rule, NumberRule) and rule.kind == "whole"


def as_taken(job: Job, values: Array, place: int = 0) -> Array:
    """Values as an input's cell takes them: whole numbers where it takes no others."""
    return np.rint(values) if is_whole(job, place) else values


def refuse_no_number(output: str, results: Array) -> None:
    """Refuse an output that gives no number anywhere."""
    if np.isnan(results).all():
        raise NotANumber(f"{output} must give a number for some value of the input, got none")


def usual_ends(now: float) -> tuple[float, float]:
    """The default range to search."""
    size = abs(now) or 1.0
    return (0.0 if now >= 0 else -WIDE * size), WIDE * size


def over(evaluator: Evaluator, places: Array) -> Array:
    """The output at some values of the input; NaN where it is not a number."""
    (column,) = evaluator.columns([places])
    if not isinstance(column, Vector):
        value = column if is_number(column) else np.nan
        return np.full(len(places), value, float)
    return column.values if column.tags is None else np.where(column.tags == 0, column.values, np.nan)


def crossings(places: Array, gaps: Array) -> list[tuple[float, float]]:
    """Every pair of neighboring places between which the output crosses the goal, or meets it."""
    signs = np.sign(gaps)
    between = np.flatnonzero(signs[:-1] * signs[1:] < 0)
    exact = np.flatnonzero(gaps == 0)
    return [(float(places[i]), float(places[i + 1])) for i in between] + [(float(places[i]),) * 2 for i in exact]


def closer(evaluator: Evaluator, wanted: float, low: float, high: float) -> float | None:
    """The place between two where the output meets the goal; None if it jumps over it."""
    if low == high:
        return low
    for _ in range(ROUNDS):
        places = np.linspace(low, high, 33)
        gaps = over(evaluator, places) - wanted
        ends = crossings(places, gaps)
        if not ends:
            return None
        low, high = ends[0]
        if high - low <= 1e-13 * max(abs(low), abs(high), 1e-300):
            break
    gap = abs(float(over(evaluator, np.array([(low + high) / 2]))[0]) - wanted)
    scale = max(abs(wanted), 1.0)
    return (low + high) / 2 if gap <= 1e-6 * scale else None


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
