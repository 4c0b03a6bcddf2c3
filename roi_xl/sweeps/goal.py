"""Which values of one input bring an output to a goal?

The output is evaluated at about two thousand places. Where it crosses the goal between two of
them, turns back near it, or begins or ceases to meet it, the places between are looked at, ever
closer, all at once.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from roi_xl.errors import NotANumber, OutOfBounds, RoiError
from roi_xl.excel.values import Array
from roi_xl.recalc.compare import is_number
from roi_xl.recalc.model import LoadedModel
from roi_xl.sweeps.evaluate import Evaluator
from roi_xl.sweeps.probe import allowed, as_taken, is_whole, over, refuse_no_number
from roi_xl.sweeps.run import Job, evaluator_of, job_of

PLACES = 2_049
FINER = 9
"""The places that are looked at between two, each time."""

ROUNDS = 20
MOST_TURNS = 64
"""How many places where the output turns back are looked at, those nearest to the goal first."""

WIDE = 10.0
SMALL = 1e-6
"""What is left of the distance to the goal where the output crosses it; more is a jump over it."""

TINY = 1e-9
ROUNDING = 1e-12

Ends = tuple[float, float]
Pick = Callable[[Array], tuple[Array, Array]]
"""Of the distances to the goal at places in a row: the first and the last place to go on with, for every row."""


@dataclass(frozen=True)
class Goal:
    """Where an output reaches a goal, between two ends.

    Attributes:
        solutions: single values of the input that meet the goal.
        low: where the search began.
        high: where it ended.
        nearest: the value of the input, of those looked at, at which the output comes nearest.
        at_nearest: the output there.
        passes: whole numbers between which it passes the goal, where the input takes no others.
        stretches: from where to where every value of the input meets the goal.
    """

    solutions: tuple[float, ...]
    low: float
    high: float
    nearest: float
    at_nearest: float
    passes: tuple[Ends, ...] = ()
    stretches: tuple[Ends, ...] = ()

    @property
    def is_met(self) -> bool:
        """Whether anything was found."""
        return bool(self.solutions or self.passes or self.stretches)


def goal_seek(model: LoadedModel, output: str, wanted: float, by: str, between: Ends | None = None) -> Goal:
    """Find where one input brings an output to a goal.

    Of two solutions closer than one two-thousandth of the range both may be missed.

    Args:
        model: the workbook.
        output: the output's name or address.
        wanted: the goal.
        by: the input's name or address.
        between: where to look; by default from minus to plus ten times the input, or from
            0 on if the input is not negative.
    """
    job = job_of(model, [by], [output])
    search = Search(evaluator_of(job), job, wanted)
    now = model.value(job.inputs[0])
    if not is_number(now):
        raise NotANumber(f"{by} must hold a number, got {now!r}")
    places = search.places(by, between or usual_ends(float(now)))  # type: ignore[arg-type]
    gaps = search.gaps(places)
    refuse_no_number(output, gaps)
    search.evaluator.check([places], search.evaluator.columns([places]), [output])
    return found_by(search, places, gaps)


def usual_ends(now: float) -> Ends:
    """The default range to search."""
    size = abs(now) or 1.0
    return (0.0 if now >= 0 else -WIDE * size), WIDE * size


@dataclass(frozen=True)
class Search:
    """An output of one input, and its goal."""

    evaluator: Evaluator
    job: Job
    wanted: float

    def places(self, by: str, between: Ends) -> Array:
        """Values of the input, evenly spread, as its cell accepts them."""
        low, high = between
        if not low < high:
            raise RoiError(f"between must have its low end below its high end, got {low:g} and {high:g}")
        places = np.unique(as_taken(self.job, np.linspace(low, high, PLACES)))
        places = places[allowed(self.job, places)]
        if not places.size:
            rule, cell = self.job.rules[0], self.job.inputs[0]
            raise OutOfBounds(f"{by} must be {rule} by the data validation of {cell}, got {low:g}:{high:g}")
        return places

    def gaps(self, places: Array) -> Array:
        """How far the output is above the goal at some values of the input; NaN where it is no number."""
        return (over(self.evaluator, places.ravel()) - self.wanted).reshape(places.shape)

    def narrowed(self, low: Array, high: Array, pick: Pick) -> tuple[Array, Array, Array, Array]:
        """Ever smaller stretches around what is looked for, and the distances to the goal at their ends."""
        rows = np.arange(len(low))
        ends = low, high, low, high
        for _ in range(ROUNDS if len(low) else 0):
            places = as_taken(self.job, np.linspace(ends[0], ends[1], FINER, axis=1))
            gaps = self.gaps(places)
            first, last = pick(gaps)
            ends = places[rows, first], places[rows, last], gaps[rows, first], gaps[rows, last]
        return ends


def found_by(search: Search, places: Array, gaps: Array) -> Goal:
    """Everything that a search finds."""
    stretches, points = met(search, places, gaps)
    nearest, touching, around = turns(search, places, gaps)
    crossed, passes = crossings(search, np.concatenate([neighbors(places, gaps), around]))
    at_nearest = search.gaps(np.array([nearest]))[0] + search.wanted
    solutions = distinct([*points, *touching, *crossed])
    return Goal(solutions, float(places[0]), float(places[-1]), nearest, float(at_nearest), passes, stretches)


def distinct(solutions: list[float]) -> tuple[float, ...]:
    """Solutions in order, each once."""
    found: list[float] = []
    for solution in sorted(solutions):
        if not found or solution - found[-1] > ROUNDING * abs(solution):
            found.append(solution)
    return tuple(found)


def met(search: Search, places: Array, gaps: Array) -> tuple[tuple[Ends, ...], list[float]]:
    """The stretches in which the output meets the goal, and the single places where it does."""
    is_met = np.concatenate([[False], gaps == 0, [False]])
    starts, ends = np.flatnonzero(~is_met[:-1] & is_met[1:]), np.flatnonzero(is_met[:-1] & ~is_met[1:]) - 1
    before, after = np.maximum(starts - 1, 0), np.minimum(ends + 1, len(places) - 1)
    _, low, _, _ = search.narrowed(places[before], places[starts], begins)
    high, _, _, _ = search.narrowed(places[ends], places[after], ceases)
    is_wide = high - low > TINY * np.maximum(np.maximum(abs(low), abs(high)), places[-1] - places[0])
    wide = tuple(zip(low[is_wide].tolist(), high[is_wide].tolist(), strict=True))
    return wide, places[starts][~is_wide].tolist()


def begins(gaps: Array) -> tuple[Array, Array]:
    """The last place that does not meet the goal, and the first that does."""
    first = np.argmax(gaps == 0, axis=1)
    return np.maximum(first - 1, 0), first


def ceases(gaps: Array) -> tuple[Array, Array]:
    """The last place that meets the goal, and the first after it."""
    last = np.argmax(gaps != 0, axis=1)
    last = np.where((gaps == 0).all(axis=1), gaps.shape[1], last)
    return np.maximum(last - 1, 0), np.minimum(last, gaps.shape[1] - 1)


def neighbors(places: Array, gaps: Array) -> Array:
    """The pairs of neighboring places between which the output crosses the goal."""
    crossed = np.flatnonzero(np.sign(gaps[:-1]) * np.sign(gaps[1:]) < 0)
    return np.stack([places[crossed], places[crossed + 1]], axis=1)


def crossings(search: Search, pairs: Array) -> tuple[list[float], tuple[Ends, ...]]:
    """The places between pairs of places where the output meets the goal, and the whole numbers where it passes it."""
    if not len(pairs):
        return [], ()
    far = abs(search.gaps(pairs)).max(axis=1)
    low, high, at_low, at_high = search.narrowed(pairs[:, 0], pairs[:, 1], crosses)
    best, gap = np.where(abs(at_low) <= abs(at_high), [low, abs(at_low)], [high, abs(at_high)])
    if is_whole(search.job):
        passed = (gap > 0) & (high > low)
        return best[gap == 0].tolist(), tuple(zip(low[passed].tolist(), high[passed].tolist(), strict=True))
    return best[gap <= SMALL * far + ROUNDING * abs(search.wanted)].tolist(), ()


def crosses(gaps: Array) -> tuple[Array, Array]:
    """The first two places between which the output crosses the goal."""
    signs = np.sign(gaps)
    first = np.argmax(signs[:, :-1] * signs[:, 1:] <= 0, axis=1)
    return first, first + 1


def turns(search: Search, places: Array, gaps: Array) -> tuple[float, list[float], Array]:
    """Where the output turns back near the goal: the nearest place, those that meet it, and pairs around crossings."""
    sizes = abs(gaps)
    nearest = float(places[np.nanargmin(sizes)])
    here, sides = sizes[1:-1], np.minimum(sizes[:-2], sizes[2:])
    same = (np.sign(gaps[:-2]) == np.sign(gaps[1:-1])) & (np.sign(gaps[1:-1]) == np.sign(gaps[2:]))
    turning = np.flatnonzero(same & (here <= sides) & (here < np.maximum(sizes[:-2], sizes[2:])) & (here > 0)) + 1
    turning = np.sort(turning[np.argsort(sizes[turning], kind="stable")[:MOST_TURNS]])
    if not turning.size:
        return nearest, [], np.empty((0, 2))
    sign = np.sign(gaps[turning])[:, None]
    low, high, _, _ = search.narrowed(places[turning - 1], places[turning + 1], lambda found: lowest(sign * found))
    turn = as_taken(search.job, (low + high) / 2)
    gap = sign[:, 0] * search.gaps(turn)
    if np.nanmin(abs(gap)) < np.nanmin(sizes):
        nearest = float(turn[np.nanargmin(abs(gap))])
    far = np.maximum(sizes[turning - 1], sizes[turning + 1])
    touches = abs(gap) <= TINY * far + ROUNDING * abs(search.wanted)
    beyond = (gap < 0) & ~touches
    around = [(places[turning - 1], turn), (turn, places[turning + 1])]
    pairs = np.concatenate([np.stack(pair, axis=1)[beyond] for pair in around])
    return nearest, turn[touches].tolist(), pairs


def lowest(heights: Array) -> tuple[Array, Array]:
    """The places beside the lowest one, or beside all that are as low."""
    known = np.where(np.isnan(heights), np.inf, heights)
    last = heights.shape[1] - 1
    first_lowest, last_lowest = np.argmin(known, axis=1), last - np.argmin(known[:, ::-1], axis=1)
    return np.maximum(first_lowest - 1, 0), np.minimum(last_lowest + 1, last)
