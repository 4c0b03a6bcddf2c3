"""How sure are we?

Needs NumPy and SciPy. A case has one value for every input; each case is a full ledger.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, ClassVar, NamedTuple

from roi_xl import quantities as q
from roi_xl.checks import LIMITS, check_number
from roi_xl.functions.branch import NEVER, Number
from roi_xl.functions.distributions import Array, correlation_matrix, drawing, scipy, uncertain_inputs
from roi_xl.functions.ledger import Program, rows
from roi_xl.functions.ranges import Range
from roi_xl.functions.value import payback

LOW, MIDDLE, HIGH = 10, 50, 90
FAN = (10, 25, 50, 75, 90)
WORST = 0.05
DEGREE = 4


class RiskFigure(NamedTuple):
    """One figure of a simulation."""

    result: Annotated[str, "Result"]
    value: Annotated[float, "Value"]


@dataclass(frozen=True)
class Influence:
    """The influence of one uncertain input on the net present value."""

    rank_correlation: float
    evppi: float


@dataclass(frozen=True)
class Risk:
    """The results of a simulation."""

    draws: int
    seed: int
    clipped: float
    npv: Array
    payback: Array
    fan: tuple[tuple[float, ...], ...]
    influences: dict[str, Influence]
    evpi: float

    def percentile(self, share: float) -> float:
        """The net present value at this percentile."""
        numpy, *_ = scipy()
        return float(numpy.percentile(self.npv, share))

    @property
    def mean(self) -> float:
        """The mean net present value."""
        return float(self.npv.mean())

    @property
    def deviation(self) -> float:
        """The standard deviation of the net present value."""
        return float(self.npv.std(ddof=1))

    @property
    def probability_positive(self) -> float:
        """The share of cases whose net present value is above 0."""
        return float((self.npv > 0).mean())

    @property
    def probability_payback(self) -> float:
        """The share of cases that pay back within the horizon."""
        return float((self.payback < NEVER).mean())

    @property
    def shortfall(self) -> float:
        """The mean net present value of the worst cases."""
        numpy, *_ = scipy()
        worst = max(1, round(self.draws * WORST))
        return float(numpy.sort(self.npv)[:worst].mean())

    LABELS: ClassVar[tuple[tuple[str, bool], ...]] = (
        ("P10 net present value", False),
        ("P50 net present value", False),
        ("P90 net present value", False),
        ("Mean net present value", False),
        ("Standard deviation", False),
        ("Probability that net present value is above 0", True),
        ("Probability of payback within the horizon", True),
        ("Expected shortfall: mean of the worst 5%", False),
        ("Value of perfect information", False),
        ("Share of draws set to a bound", True),
    )
    """The summary's rows, and whether each is a share of the cases."""

    def summary(self) -> tuple[tuple[str, float], ...]:
        """The summary figures with their labels."""
        numbers = (
            *(self.percentile(share) for share in (LOW, MIDDLE, HIGH)),
            self.mean,
            self.deviation,
            self.probability_positive,
            self.probability_payback,
            self.shortfall,
            self.evpi,
            self.clipped,
        )
        return tuple((label, number) for (label, _), number in zip(self.LABELS, numbers, strict=True))

    def histogram(self, bins: int) -> list[tuple[float, float, float]]:
        """The distribution of net present values in bins of equal width: upper end, share, cumulative share."""
        numpy, *_ = scipy()
        counts, edges = numpy.histogram(self.npv, bins)
        together = numpy.cumsum(counts) / self.draws
        return [
            (float(edge), float(count / self.draws), float(share))
            for edge, count, share in zip(edges[1:], counts, together, strict=True)
        ]


def simulate(
    distributions: Range,
    draws: int = 4_096,
    seed: int = 1,
    correlations: Range = None,
    *,
    plain: bool = False,
    progress: Callable[[], None] = lambda: None,
) -> Risk:
    """How certain the net present value is, over many simulated cases.

    Cases are drawn from a Sobol sequence, scrambled with the seed, and mapped through the
    distributions; a Gaussian copula carries the correlations. Each case is a full
    ROI_CASHFLOW ledger. A value outside its input's bounds is moved to the bound, and the
    share of such values is reported.

    The value of perfect information is what a decision with all inputs known would be
    worth over the best decision now: mean(max(npv, 0)) - max(mean(npv), 0). For one input
    it is the same with the net present value expected at its value, found by regression.

    Args:
        distributions: one row for each input: its name, the distribution, two or three
            numbers; `PERT` and `triangular` low, most likely, high; `uniform` low, high;
            `normal` and `lognormal` mean, standard deviation; `fixed` value. The six
            inputs are required; other inputs keep their defaults.
        draws: the number of cases; a power of two is spread most evenly.
        seed: the same seed gives the same draws.
        correlations: a matrix in the order of the distributions; none by default.
        plain: use plain random numbers instead of a Sobol sequence.
        progress: called after each month of all cases.

    Returns:
        A `Risk`: the net present value and payback of every case, percentiles of the
        cumulative cash flow by month, and the influence of each input.

    Raises:
        NotInstalled: SciPy is missing (pip install 'roi-xl[risk]').
        UnknownName, NotANumber, OutOfBounds: a row does not fit.

    Example:
        >>> from roi_xl import simulate
        >>> risk = simulate(
        ...     [
        ...         ("training_cost", "PERT", 2_000, 2_500, 5_000),
        ...         ("monthly_maintenance", "fixed", 100),
        ...         ("baseline_cost_per_request", "fixed", 0.02),
        ...         ("fine_tuned_cost_per_request", "uniform", 0.010, 0.016),
        ...         ("monthly_requests", "normal", 100_000, 20_000),
        ...         ("months", "fixed", 12),
        ...     ]
        ... )
        >>> f"{risk.probability_positive:.0%}"
        '97%'

    Source: Strong, Oakley and Brennan, Estimating Multiparameter Partial Expected Value of
    Perfect Information from a Probabilistic Sensitivity Analysis Sample: A Nonparametric
    Regression Approach, Medical Decision Making 34 (2014).
    """
    for quantity, number in ((q.DRAWS, draws), (q.SEED, seed)):
        check_number(LIMITS[quantity.name], number)
    inputs = uncertain_inputs(distributions)
    matrix = None if correlations is None else correlation_matrix(correlations, len(inputs))
    points, of_points = drawing(inputs, int(seed), matrix, plain)
    drawn = of_points(points(int(draws)))
    cases, moved = within_bounds(drawn)
    fan, npv = ledgers(Program(**cases), progress)
    spread = [one.name for one in inputs if one.spreads]
    return Risk(
        draws=int(draws),
        seed=int(seed),
        clipped=moved,
        npv=npv,
        payback=payback(**cases),
        fan=fan,
        influences={name: influence(cases[name], npv) for name in spread},
        evpi=information(npv),
    )


def within_bounds(drawn: dict[str, Array]) -> tuple[dict[str, Array], float]:
    """Every value clipped to its input's bounds, and the share that was clipped."""
    numpy, *_ = scipy()
    cases = {name: numpy.clip(values, LIMITS[name].low, LIMITS[name].high) for name, values in drawn.items()}
    moved = [float((cases[name] != values).mean()) for name, values in drawn.items()]
    return cases, sum(moved) / len(moved)


def ledgers(program: Program, progress: Callable[[], None]) -> tuple[tuple[tuple[float, ...], ...], Array]:
    """Percentiles of the cumulative cash flow of every month, and the net present value of every case."""
    numpy, *_ = scipy()
    fan = []
    for values in rows(program):
        fan.append(tuple(map(float, numpy.percentile(values["cumulative"], FAN))))
        progress()
    return tuple(fan), values["cumulative_discounted"]


def information(npv: Array) -> float:
    """The value of knowing the net present value before deciding."""
    numpy, *_ = scipy()
    return float(numpy.maximum(npv, 0).mean() - max(float(npv.mean()), 0.0))


def influence(values: Array, npv: Array) -> Influence:
    """One input's Spearman rank correlation, and the value of knowing it."""
    numpy, *_ = scipy()
    ranks = [numpy.argsort(numpy.argsort(column)) for column in (values, npv)]
    if npv.std() == 0:
        return Influence(0.0, 0.0)
    scores = (values - values.mean()) / values.std()
    expected = numpy.polynomial.polynomial.polyval(scores, numpy.polynomial.polynomial.polyfit(scores, npv, DEGREE))
    return Influence(float(numpy.corrcoef(*ranks)[0, 1]), information(expected))


def monte_carlo(
    distributions: Range, draws: Number = 4_096, seed: Number = 1, correlations: Range = None
) -> Annotated[list[RiskFigure], q.RISK]:
    """Monte Carlo simulation of the net present value.

    Formula: a ledger of ROI_CASHFLOW for every case, drawn by Sobol's sequence from the
    distributions. The same seed gives the same numbers. Needs SciPy.

    Returns:
        Rows of result and value, below a heading row in a cell: P10, P50, P90, mean,
        standard deviation, probability of a positive net present value and of payback
        within the horizon, expected shortfall, value of perfect information; then rank
        correlation and value of perfect information of each uncertain input.

    Example:
        >>> from roi_xl import monte_carlo
        >>> table = monte_carlo(
        ...     [
        ...         ("training_cost", "PERT", 2_000, 2_500, 5_000),
        ...         ("monthly_maintenance", "fixed", 100),
        ...         ("baseline_cost_per_request", "fixed", 0.02),
        ...         ("fine_tuned_cost_per_request", "uniform", 0.010, 0.016),
        ...         ("monthly_requests", "normal", 100_000, 20_000),
        ...         ("months", "fixed", 12),
        ...     ]
        ... )
        >>> table[5].result, round(table[5].value, 2)
        ('Probability that net present value is above 0', 0.97)
    """
    risk = simulate(distributions, draws, seed, correlations)
    return [RiskFigure(*row) for row in (*risk.summary(), *influence_rows(risk))]


def influence_rows(risk: Risk) -> list[tuple[str, float]]:
    """The influence of each uncertain input, as rows of label and value."""
    labels = {name: q.QUANTITIES[name].label for name in risk.influences}
    return [(f"Rank correlation: {labels[name]}", one.rank_correlation) for name, one in risk.influences.items()] + [
        (f"Value of perfect information: {labels[name]}", one.evppi) for name, one in risk.influences.items()
    ]
