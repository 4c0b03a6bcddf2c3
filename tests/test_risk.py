"""How sure we are: simulations against closed forms."""

import sys
from statistics import NormalDist

import numpy as np
import pytest
from table_cases import CORRELATIONS, DISTRIBUTIONS

import roi_xl
from roi_xl import cells
from roi_xl.catalog import CATALOG
from roi_xl.errors import ExcelError, NotANumber, NotInstalled, OutOfBounds, UnknownName, WrongShape
from roi_xl.functions import distributions, risk

STANDARD = NormalDist()
LINEAR = [
    ("training_cost", "normal", 5_000, 500),
    ("monthly_maintenance", "normal", 300, 50),
    ("baseline_cost_per_request", "normal", 0.02, 0.001),
    ("fine_tuned_cost_per_request", "normal", 0.0125, 0.001),
    ("monthly_requests", "fixed", 100_000),
    ("months", "fixed", 12),
]
WEIGHTS = {
    "training_cost": -1,
    "monthly_maintenance": -12,
    "baseline_cost_per_request": 1_200_000,
    "fine_tuned_cost_per_request": -1_200_000,
}
"""What one of each input does to the net present value of LINEAR, which is a weighted sum of normal inputs."""

MEAN = 1_200_000 * 0.0075 - 12 * 300 - 5_000
SPREADS = {name: abs(WEIGHTS[name]) * deviation for name, _, _, *rest in LINEAR for deviation in rest}


def information(mean, deviation):
    """The value of perfect information on a normal amount."""
    ahead = mean * STANDARD.cdf(mean / deviation) + deviation * STANDARD.pdf(mean / deviation)
    return ahead - max(mean, 0)


@pytest.fixture(scope="module")
def linear():
    return roi_xl.simulate(LINEAR, 65_536)


def test_a_linear_model_of_normal_inputs_has_its_known_answer(linear):
    deviation = sum(spread**2 for spread in SPREADS.values()) ** 0.5
    assert linear.mean == pytest.approx(MEAN, abs=2)
    assert linear.deviation == pytest.approx(deviation, rel=1e-3)
    assert linear.probability_positive == pytest.approx(STANDARD.cdf(MEAN / deviation), abs=1e-3)
    for share in (10, 50, 90):
        expected = MEAN + deviation * STANDARD.inv_cdf(share / 100)
        assert linear.percentile(share) == pytest.approx(expected, abs=deviation / 200)
    worst = MEAN - deviation * STANDARD.pdf(STANDARD.inv_cdf(0.05)) / 0.05
    assert linear.shortfall == pytest.approx(worst, abs=deviation / 100)


def test_information_on_a_case_that_does_not_pay_is_worth_what_it_may_still_bring():
    (name, kind, cost, deviation), *others = LINEAR
    found = roi_xl.simulate([(name, kind, cost + 2_000, deviation), *others], 8_192)
    spread = sum(one**2 for one in SPREADS.values()) ** 0.5
    assert found.mean < 0
    assert found.evpi == pytest.approx(information(MEAN - 2_000, spread), rel=0.01)


def test_information_is_worth_what_the_closed_form_says(linear):
    deviation = sum(spread**2 for spread in SPREADS.values()) ** 0.5
    assert linear.evpi == pytest.approx(information(MEAN, deviation), rel=0.01)
    for name, found in linear.influences.items():
        assert found.evppi == pytest.approx(information(MEAN, SPREADS[name]), abs=linear.evpi / 100)
        correlation = SPREADS[name] / deviation * (1 if WEIGHTS[name] > 0 else -1)
        ranked = 6 / np.pi * np.arcsin(correlation / 2)
        assert found.rank_correlation == pytest.approx(ranked, abs=0.01)


def test_never_counts_as_no_payback():
    worse = [*LINEAR[:3], ("fine_tuned_cost_per_request", "uniform", 0.03, 0.04), *LINEAR[4:]]
    found = roi_xl.simulate(worse, 256)
    assert (found.probability_positive, found.probability_payback) == (0, 0)


def test_payback_within_the_horizon_is_a_benefit_that_is_not_negative(linear):
    assert linear.probability_payback == pytest.approx(linear.probability_positive, abs=1e-4)


def test_correlation_widens_or_narrows():
    square = np.eye(6)
    square[2, 3] = square[3, 2] = 0.9
    together = roi_xl.simulate(LINEAR, 16_384, correlations=square)
    variance = sum(spread**2 for spread in SPREADS.values()) - 2 * 0.9 * 1_200 * 1_200
    assert together.deviation == pytest.approx(variance**0.5, rel=5e-3)


@pytest.mark.parametrize(
    ("kind", "numbers", "mean", "deviation"),
    [
        ("PERT", (2, 3, 8), (2 + 4 * 3 + 8) / 6, ((3.6667 - 2) * (8 - 3.6667) / 7) ** 0.5),
        ("triangular", (2, 3, 8), 13 / 3, ((4 + 9 + 64 - 6 - 16 - 24) / 18) ** 0.5),
        ("uniform", (2, 8), 5, 6 / 12**0.5),
        ("normal", (5, 2), 5, 2),
        ("lognormal", (5, 2), 5, 2),
        ("fixed", (5,), 5, 0),
    ],
)
def test_distributions_have_their_mean_and_deviation(kind, numbers, mean, deviation):
    share = (np.arange(1_000_000) + 0.5) / 1_000_000
    values = distributions.SHAPES[kind].quantile(share, *numbers)
    assert values.mean() == pytest.approx(mean, rel=1e-4)
    assert values.std() == pytest.approx(deviation, rel=1e-3)
    assert (np.diff(values) >= 0).all()


def test_the_same_seed_gives_the_same_numbers():
    first, again, other = (roi_xl.simulate(DISTRIBUTIONS, 512, seed).npv for seed in (7, 7, 8))
    assert first.tolist() == again.tolist()
    assert first.tolist() != other.tolist()


def test_sobol_is_nearer_than_plain_draws():
    """Of 30 seeds each, the mean of the one varies many times less than that of the other."""
    means = {
        plain: np.std([roi_xl.simulate(LINEAR, 256, seed, plain=plain).mean for seed in range(30)])
        for plain in (False, True)
    }
    assert means[True] > 5 * means[False]


def test_values_beyond_their_bounds_are_moved_there_and_counted():
    found = roi_xl.simulate([*LINEAR[:4], ("monthly_requests", "normal", 0, 1_000), LINEAR[5]], 1_024)
    assert found.clipped == pytest.approx(0.5 / 6, abs=0.001)
    assert found.npv.max() < 0


def test_the_fan_opens_and_ends_at_the_percentiles(linear):
    assert len(linear.fan) == 13
    widths = [month[-1] - month[0] for month in linear.fan]
    assert widths == sorted(widths)
    assert linear.fan[-1][2] == pytest.approx(linear.percentile(50))


def test_without_any_spread_every_case_is_the_same():
    fixed = [(name, "fixed", value) for name, _, value, *_ in LINEAR]
    found = roi_xl.simulate(fixed, 16)
    assert (found.deviation, found.evpi, found.influences) == (0, 0, {})
    still = roi_xl.simulate([*fixed[:4], ("monthly_requests", "uniform", 0, 9), ("months", "fixed", 0)], 16)
    assert still.influences["monthly_requests"] == risk.Influence(0, 0)


def changed(row, *values):
    return [values if line[0] == row else line for line in LINEAR]


BAD = [
    (changed("months", "month", "fixed", 12), UnknownName, "distributions must name inputs, got 'month'"),
    (LINEAR[1:], UnknownName, "distributions must have a row for training_cost"),
    ([*LINEAR, LINEAR[0]], UnknownName, "distributions must have one row for training_cost, got 2"),
    (
        changed("months", "months", "gamma", 1),
        UnknownName,
        "the distribution of months must be one of PERT",
    ),
    (
        changed("months", "months", "uniform", 1),
        NotANumber,
        "months, uniform, needs numbers for low, high, got 1, nothing",
    ),
    (changed("months", "months", "uniform", 9, 1), OutOfBounds, "uniform of months must be in ascending order"),
    (
        changed("months", "months", "normal", 9, -1),
        OutOfBounds,
        "deviation of months must be at least 0, got -1",
    ),
    (changed("months", "months", "lognormal", 0, 1), OutOfBounds, "mean of a lognormal months must be above 0, got 0"),
]


@pytest.mark.parametrize(("rows", "error", "message"), BAD, ids=[message for *_, message in BAD])
def test_bad_rows_are_named(rows, error, message):
    with pytest.raises(error, match=message):
        roi_xl.simulate(rows)


BAD_SQUARES = [
    ([[1, 0], [0, 1]], WrongShape, "correlations must have 6 rows and columns"),
    ([["x"] * 6] * 6, NotANumber, "correlations must be numbers"),
    (np.where(np.eye(6) > 0, 1, 1.5), OutOfBounds, "correlations must be from -1 to 1"),
    (np.where(np.eye(6) > 0, 1, -0.9), OutOfBounds, "correlations are inconsistent"),
]


@pytest.mark.parametrize(("square", "error", "message"), BAD_SQUARES, ids=[message for *_, message in BAD_SQUARES])
def test_bad_correlations_are_refused(square, error, message):
    with pytest.raises(error, match=message):
        roi_xl.simulate(LINEAR, correlations=square)


def test_half_a_square_is_mirrored():
    whole = np.array([[cell or 0 for cell in row] for row in CORRELATIONS], dtype=float)
    whole = np.maximum(whole, whole.T)
    half = roi_xl.simulate(DISTRIBUTIONS, 256, correlations=CORRELATIONS)
    assert half.npv.tolist() == roi_xl.simulate(DISTRIBUTIONS, 256, correlations=whole).npv.tolist()


def test_without_scipy_there_is_a_clear_answer(monkeypatch):
    monkeypatch.setitem(sys.modules, "scipy", None)
    with pytest.raises(NotInstalled, match="simulation needs SciPy, which is not installed: pip install"):
        roi_xl.simulate(LINEAR)
    assert cells.call(CATALOG["ROI_MONTE_CARLO"], [DISTRIBUTIONS]) is ExcelError.NAME
