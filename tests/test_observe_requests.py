"""Which calls serve one request, and whose is it, where other models take part, before, after or in between?"""

import datetime as dt

import pytest
from trace_helpers import write_csv

import roi_xl
from roi_xl.errors import NotSupported

pytestmark = pytest.mark.slow

START = dt.datetime(2026, 9, 1)
DAYS = 30


def rows_of(requests):
    """Calls of requests, an hour between requests and a second between calls: model, cost and status of each."""
    for number, calls in enumerate(requests):
        for place, (model, cost, status) in enumerate(calls):
            moment = START + dt.timedelta(hours=number, seconds=place)
            yield {
                "time": f"{moment.isoformat()}Z",
                "model": model,
                "cost": cost,
                "status": status,
                "request_id": f"r{number}",
            }


def look(path, requests, **how):
    return roi_xl.observe(write_csv(path, list(rows_of(requests))), baseline="large", fine_tuned="small", **how)


LARGE, SMALL = ("large", 0.02, "ok"), ("small", 0.01, "ok")
GUARD, SCORE = ("guard", 0.001, "ok"), ("judge", 0.002, "ok")
FAILED, BUSY = ("large", 0.004, "error"), ("other", 0.003, "error")
PAIRS = [
    ("a guard before each call", [GUARD, LARGE], [GUARD, SMALL], (0.021, 0.011), (1, 1)),
    ("a guard before the fine-tuned model", [LARGE], [GUARD, SMALL], (0.02, 0.011), (1, 1)),
    ("a judge after each call", [LARGE, SCORE], [SMALL, SCORE], (0.022, 0.012), (1, 1)),
    ("another provider that was busy", [BUSY, LARGE], [SMALL], (0.023, 0.01), (1, 1)),
    ("another model that helps out", [FAILED, ("other", 0.03, "ok")], [SMALL], (0.034, 0.01), (1, 1)),
    ("a guard's success is no answer", [GUARD, FAILED], [SMALL], (0.005, 0.01), (0, 1)),
]
"""What it is, a request of each model, what it costs, and whether it succeeds."""


@pytest.mark.parametrize(("large", "small", "costs", "good"), [pair[1:] for pair in PAIRS], ids=[p[0] for p in PAIRS])
def test_a_request_belongs_to_the_first_of_the_two_models_that_serves_it(tmp_path, large, small, costs, good):
    found = look(tmp_path / "t.csv", [*[large, small, [LARGE], [SMALL]] * 10, [GUARD]], monthly_requests=1000)
    sides, plain = (found.baseline, found.fine_tuned), (0.02, 0.01)
    assert [side.requests for side in sides] == [20, 20]
    assert [side.successes for side in sides] == [10 + 10 * one for one in good]
    assert [side.cost for side in sides] == pytest.approx([10 * (a + b) for a, b in zip(costs, plain, strict=True)])


def test_the_time_seen_ends_with_the_last_call_of_a_long_request(tmp_path):
    sessions = 50
    rows = [
        {
            "time": f"{(START + dt.timedelta(hours=call * DAYS * 24 / 24 + session / sessions)).isoformat()}Z",
            "model": ("large", "small")[session % 2],
            "cost": 0.01,
            "request_id": f"s{session}",
        }
        for session in range(sessions)
        for call in range(25)
    ]
    found = roi_xl.observe(write_csv(tmp_path / "t.csv", rows), baseline="large", fine_tuned="small")
    assert found.window_days == pytest.approx(DAYS + 49 / sessions / 24, abs=0.01)
    assert found.monthly_requests == pytest.approx(sessions * 365.25 / 12 / found.window_days)


def test_a_model_whose_calls_all_come_second_is_told_so(tmp_path):
    with pytest.raises(NotSupported, match="no request began with small: its calls belong to requests that began"):
        look(tmp_path / "t.csv", [[LARGE, SMALL]] * 20)
    found = look(tmp_path / "t.csv", [[LARGE, SMALL]] * 20, group="call", monthly_requests=1000)
    assert (found.baseline.requests, found.fine_tuned.requests) == (20, 20)
