"""How is an uncertain input distributed? Needs NumPy and SciPy.

A distribution is its quantile function: it maps a share of the cases to the value that this
share lies below. So draws from the unit cube become draws of the inputs, and correlation
concerns the cube alone (a Gaussian copula).
"""

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from roi_xl import quantities as q
from roi_xl.errors import NotANumber, NotInstalled, OutOfBounds, UnknownName, WrongShape
from roi_xl.functions.ranges import Range, in_rows, listed, one_of
from roi_xl.quantities import MODEL_INPUTS

Array = Any


def scipy() -> tuple[Any, Any, Any]:
    """NumPy, and what SciPy has of special functions and quasi-random numbers."""
    try:
        import numpy
        from scipy import special
        from scipy.stats import qmc
    except ImportError:
        raise NotInstalled("simulation needs SciPy, which is not installed: pip install 'roi-xl[risk]'") from None
    return numpy, special, qmc


def fixed(share: Array, value: float) -> Array:
    """The same value in every case."""
    return share * 0 + value


def uniform(share: Array, low: float, high: float) -> Array:
    """Every value between low and high equally likely."""
    return low + (high - low) * share


def triangular(share: Array, low: float, likely: float, high: float) -> Array:
    """Peaks at the most likely value, with straight slopes."""
    numpy, *_ = scipy()
    rising = (likely - low) / (high - low)
    up = low + numpy.sqrt(share * (high - low) * (likely - low))
    return numpy.where(share < rising, up, high - numpy.sqrt((1 - share) * (high - low) * (high - likely)))


def pert(share: Array, low: float, likely: float, high: float) -> Array:
    """Peaks at the most likely value, with smooth slopes: a beta distribution with weight 4.

    Source: Malcolm and others, Application of a Technique for Research and Development
    Program Evaluation, Operations Research 7 (1959).
    """
    _, special, _ = scipy()
    left, right = 1 + 4 * (likely - low) / (high - low), 1 + 4 * (high - likely) / (high - low)
    return low + (high - low) * special.betaincinv(left, right, share)


def normal(share: Array, mean: float, deviation: float) -> Array:
    """The bell curve."""
    _, special, _ = scipy()
    return mean + deviation * special.ndtri(share)


def lognormal(share: Array, mean: float, deviation: float) -> Array:
    """A skewed curve above 0; mean and deviation are those of the value, not of its logarithm."""
    numpy, special, _ = scipy()
    variance = numpy.log1p((deviation / mean) ** 2)
    return mean * numpy.exp(numpy.sqrt(variance) * special.ndtri(share) - variance / 2)


@dataclass(frozen=True)
class Shape:
    """A kind of distribution: its quantile function and the meaning of its numbers."""

    quantile: Callable[..., Array]
    numbers: tuple[str, ...]


SHAPES = {
    "PERT": Shape(pert, ("low", "most likely", "high")),
    "triangular": Shape(triangular, ("low", "most likely", "high")),
    "uniform": Shape(uniform, ("low", "high")),
    "normal": Shape(normal, ("mean", "standard deviation")),
    "lognormal": Shape(lognormal, ("mean", "standard deviation")),
    "fixed": Shape(fixed, ("value",)),
}
"""Every kind by its name."""


@dataclass(frozen=True)
class Uncertain:
    """One input with its distribution."""

    name: str
    kind: str
    numbers: tuple[float, ...]

    @property
    def spreads(self) -> bool:
        """Whether the input varies at all."""
        if self.kind in ("normal", "lognormal"):
            return self.numbers[1] > 0
        return self.numbers[0] < self.numbers[-1]

    def values(self, share: Array) -> Array:
        """The input's value in every case."""
        if not self.spreads:
            return fixed(share, self.numbers[0])
        return SHAPES[self.kind].quantile(share, *self.numbers)


def uncertain_inputs(distributions: Range) -> list[Uncertain]:
    """The rows of a range: an input's name, the kind of its distribution, its numbers."""
    found = [uncertain(row) for row in in_rows(distributions, q.DISTRIBUTIONS)]
    names = [one.name for one in found]
    for known in q.INPUTS:
        if known.name not in names:
            raise UnknownName(f"distributions must have a row for {known.name}")
    for name in names:
        if names.count(name) > 1:
            raise UnknownName(f"distributions must have one row for {name}, got {names.count(name)}")
    return found


def uncertain(row: list[Any]) -> Uncertain:
    """One row; an input goes by its name or its label in the workbook."""
    cells: list[Any]
    name, kind, *cells = [*row, None, None]
    text = str(name).strip().casefold()
    quantity = next((known for known in MODEL_INPUTS if text in (known.name, known.label.casefold())), None)
    if quantity is None:
        raise UnknownName(f"distributions must name inputs, got {name!r}")
    return distributed(quantity.name, kind, cells)


def distributed(name: str, kind: Any, cells: Sequence[Any]) -> Uncertain:
    """An input by name with its distribution; further cells are ignored."""
    kind = one_of(list(SHAPES), kind, f"the distribution of {name}")
    wanted = SHAPES[kind].numbers
    numbers = tuple(float(cell) for cell in cells[: len(wanted)] if isinstance(cell, int | float))
    if len(numbers) < len(wanted):
        got = ", ".join("nothing" if cell is None else str(cell) for cell in cells[: len(wanted)])
        raise NotANumber(f"{name}, {kind}, needs numbers for {', '.join(wanted)}, got {got or 'nothing'}")
    return in_order(Uncertain(name, kind, numbers))


def in_order(one: Uncertain) -> Uncertain:
    """The same, checked: numbers rise from low to high, and no deviation is negative."""
    numbers, wanted = one.numbers, SHAPES[one.kind].numbers
    if "low" in wanted and list(numbers) != sorted(numbers):
        raise OutOfBounds(f"{one.kind} of {one.name} must be in ascending order, got {numbers}")
    if "mean" in wanted and numbers[1] < 0:
        raise OutOfBounds(f"the standard deviation of {one.name} must be at least 0, got {numbers[1]:g}")
    if one.kind == "lognormal" and numbers[0] <= 0:
        raise OutOfBounds(f"the mean of a lognormal {one.name} must be above 0, got {numbers[0]:g}")
    return one


def shares(dimensions: int, seed: int, plain: bool) -> Callable[[int], Array]:
    """A source of points in the unit cube: a scrambled Sobol sequence, or plain random numbers."""
    numpy, _, qmc = scipy()
    if plain:
        source = numpy.random.default_rng(seed)
        return lambda count: source.random((count, dimensions))
    sequence = qmc.Sobol(dimensions, scramble=True, rng=numpy.random.default_rng(seed))

    def points(count: int) -> Array:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # a count that is not a power of two is less even
            return sequence.random(count)

    return points


def correlated(share: Array, correlations: Array) -> Array:
    """The same points with correlated normal scores."""
    numpy, special, _ = scipy()
    tiny = numpy.finfo(float).tiny
    scores = special.ndtri(numpy.clip(share, tiny, 1 - numpy.finfo(float).epsneg))
    return special.ndtr(scores @ numpy.linalg.cholesky(correlations).T)


def correlation_matrix(correlations: Range, count: int) -> Array:
    """The correlation matrix; a blank half mirrors the other."""
    numpy, *_ = scipy()
    rows = [[0.0 if cell in (None, "") else cell for cell in listed(row, q.CORRELATIONS)] for row in correlations]
    if len(rows) != count or any(len(row) != count for row in rows):
        raise WrongShape(f"correlations must have {count} rows and columns, one for each distribution")
    if any(isinstance(cell, str) for row in rows for cell in row):
        raise NotANumber("correlations must be numbers")
    matrix = numpy.array(rows, dtype=float)
    mirrored = numpy.where(matrix == 0, matrix.T, matrix)
    numpy.fill_diagonal(mirrored, 1)
    if not numpy.array_equal(mirrored, mirrored.T) or numpy.abs(mirrored).max() > 1:
        raise OutOfBounds("correlations must be from -1 to 1 and symmetric")
    if numpy.linalg.eigvalsh(mirrored).min() <= 0:
        raise OutOfBounds("correlations are inconsistent: the matrix is not positive definite")
    return mirrored


@dataclass(frozen=True)
class Cases:
    """How points of the unit cube become cases: the inputs, and the correlations of the uncertain ones."""

    inputs: tuple[Uncertain, ...]
    correlations: Array | None

    def __call__(self, points: Array) -> dict[str, Array]:
        """Every input's values for some points; a constant input uses no dimension."""
        sides = iter((points if self.correlations is None else correlated(points, self.correlations)).T)
        middle = points[:, 0] * 0 + 0.5
        return {one.name: one.values(next(sides) if one.spreads else middle) for one in self.inputs}


def drawing(
    inputs: Sequence[Uncertain], seed: int, correlations: Array | None, plain: bool
) -> tuple[Callable[[int], Array], Cases]:
    """A source of points, and how they become cases."""
    numpy, *_ = scipy()
    spread = [place for place, one in enumerate(inputs) if one.spreads]
    square = correlations[numpy.ix_(spread, spread)] if correlations is not None and spread else None
    return shares(max(1, len(spread)), seed, plain), Cases(tuple(inputs), square)
