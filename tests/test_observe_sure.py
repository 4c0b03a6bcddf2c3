"""How sure a measured cost is: intervals that hold the truth as often as they say."""

import dataclasses
import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest
from trace_helpers import (
    BASELINE,
    CASE,
    GOOD,
    TUNED,
    look,
    made_calls,
    plain,
    write_csv,
    write_format,
)

import roi_xl
from roi_xl.errors import NotSupported, OutOfBounds, UnknownName
from roi_xl.observed import bootstrap
from roi_xl.observed.bootstrap import Clusters

pytestmark = pytest.mark.slow


def intervals():
    """The benchmark of intervals, as a module."""
    path = Path(__file__).parents[1] / "benchmarks" / "intervals.py"
    spec = importlib.util.spec_from_file_location("intervals", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", ["days alike", "days differ", "skewed costs, days differ"])
def test_the_interval_holds_the_truth_as_often_as_it_says(monkeypatch, name):
    """A small run of the benchmark, with fewer draws of fewer requests: a hundred times its bounds are wide."""
    monkeypatch.setattr(bootstrap, "DRAWS", 300)
    simulation = intervals()
    monkeypatch.setattr(simulation, "GROUPS", 256)
    world = dataclasses.replace(simulation.WORLDS[name], requests_a_day=80)
    found = {days: simulation.coverage(world, days, 100) for days in simulation.DAYS}
    for days, shares in found.items():
        assert min(shares) >= 0.87, (days, shares)
    of_weeks = np.array([found[days] for days in (7, 30)])
    assert 0.9 <= of_weeks.mean() <= 0.985


def one_draw(costs, days=1):
    """Draws of requests with these costs, all of them on so many days."""
    costs = np.array(costs, float)[:, None]
    each = np.array_split(costs, days)
    of_days = Clusters(np.stack([part.sum(0) for part in each]), np.array([[float(len(part))] for part in each]))
    return bootstrap.ratio_draws(Clusters(costs, np.ones_like(costs)), of_days, np.ones(1), 1, len(costs))


def test_little_data_is_not_certain():
    low, high = one_draw([0.5]).interval
    assert low < 0.1
    assert high > 2
    cases = [(2, 2), (20, 6), (200, 7)]
    widths = [np.diff(np.log(one_draw([0.5, 1.0] * count, days).interval))[0] for count, days in cases]
    assert widths[0] > widths[1] > widths[2] > 0
    assert one_draw([0.0]).interval == (0, 0)


def test_six_days_and_seven_are_nearly_as_sure():
    generator = np.random.default_rng(5)
    per_day = generator.normal(1_000, 300, 7)
    six, seven = (np.percentile(bootstrap.volume_draws(per_day[:days], 30_000.0, 1), bootstrap.ENDS) for days in (6, 7))
    assert 0.7 < np.diff(six)[0] / np.diff(seven)[0] < 2
    one = np.percentile(bootstrap.volume_draws(per_day[:1], 30_000.0, 1), bootstrap.ENDS)
    assert one[0] < 15_000
    assert one[1] > 60_000


def test_a_success_rate_is_as_sure_as_its_days_agree():
    """Against Jeffreys' interval for 9 of 10, and days that differ by more than chance."""
    low, high = np.percentile(bootstrap.rate_draws(np.array([9.0]), np.array([10.0]), 1), bootstrap.ENDS)
    assert (low, high) == pytest.approx((0.6183, 0.9889), abs=0.01)
    calm, moody = (
        np.std(bootstrap.rate_draws(np.array(good, float), np.full(4, 100.0), 1))
        for good in ([80, 81, 79, 80], [100, 60, 100, 60])
    )
    assert moody > 4 * calm


def test_less_than_a_day_tells_no_month(tmp_path):
    calls = made_calls(200, 4, days=1)
    rows = [plain(call) for call in calls if call.time.hour < 1]
    rows += [{**rows[0], "model": TUNED, "request_id": "z"}, {**rows[0], "model": BASELINE, "request_id": "y"}]
    path = write_csv(tmp_path / "t.csv", rows)
    with pytest.raises(NotSupported, match=r"the traces are of [0-9]+ minutes, which do not tell a month"):
        roi_xl.observe(path, "gpt-4o", TUNED)
    found = look(path, "gpt-4o", TUNED)
    assert found.monthly_requests == found.inputs["monthly_requests"] == 100_000
    assert any("the request volume is as given" in line for line in found.warnings)
    with pytest.raises(OutOfBounds, match="monthly_requests must be"):
        look(path, "gpt-4o", TUNED, monthly_requests=-1)


def test_what_is_assumed_is_drawn_together_with_what_it_is_assumed_from(tmp_path):
    rows = [plain(call) for call in made_calls(400, 3) if call.model == BASELINE and not call.failed]
    found = look(write_csv(tmp_path / "t.csv", rows), "gpt-4o", "gpt-4o-mini")
    ratio = found.fine_tuned.draws.values / found.baseline.draws.values
    assert ratio.std() / ratio.mean() < 0.01 < found.baseline.draws.values.std() / found.baseline.cost_per_request
    assert found.success_difference == (0, 0, 0)


def test_quality_is_part_of_the_price(tmp_path):
    """Of 400 requests each 390 and 115 succeed; a failure costs 2."""
    rows = [
        {**GOOD, "time": f"2026-09-{1 + place % 14:02d}T10:00:00Z", "model": model, "request_id": f"{model}{place}",
         "status": "ok" if place < good else "error"}
        for model, good in (("large", 390), ("small", 115)) for place in range(400)
    ]  # fmt: skip
    path = write_csv(tmp_path / "t.csv", rows)
    plain_, priced = (look(path, "large", "small", inputs={**CASE, "failure_cost": cost}) for cost in (0, 2))
    said = "the baseline succeeds on 97.5% of its requests, the fine-tuned model on 28.7%"
    assert any(said in line and "--set failure_cost" in line for line in plain_.warnings)
    worse = 100_000 * 12 * (390 - 115) / 400 * 2
    assert priced.answers["net_benefit"][0] == pytest.approx(plain_.answers["net_benefit"][0] - worse)
    low, high = priced.answers["net_benefit"][1:]
    assert high - low > 0.05 * worse
    program = {**priced.inputs, **priced.quality}
    assert roi_xl.npv(**program) == pytest.approx(priced.answers["net_benefit"][0])
    swapped = look(path, "small", "large", inputs={**CASE, "failure_cost": 2})
    assert swapped.answers["net_benefit"][0] == pytest.approx(roi_xl.npv(**swapped.inputs, **swapped.quality))
    with pytest.raises(OutOfBounds, match="failure_cost must be"):
        look(path, "large", "small", inputs={"failure_cost": -1})
    with pytest.raises(UnknownName, match="baseline_success_rate is measured by the traces"):
        look(path, "large", "small", inputs={"baseline_success_rate": 1})


def test_the_same_seed_gives_the_same_draws(tmp_path):
    path = write_format(tmp_path, "plain", made_calls(200, 4))
    one, again, other = (look(path, "gpt-4o", TUNED, seed=seed) for seed in (1, 1, 2))
    assert one.answers == again.answers
    assert one.baseline.draws.interval == again.baseline.draws.interval != other.baseline.draws.interval
