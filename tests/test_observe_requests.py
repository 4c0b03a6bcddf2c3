"""Which calls serve one request, and whose is it, where other models take part, before, after or in between?"""

import datetime as dt

import pytest
from trace_helpers import write_csv

import roi_xl
from roi_xl.errors import NotSupported, UnknownName
from roi_xl.observed import marks, moments, requests, rows, traffic

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


# rows that stand for several requests


def bundles(ids, counts):
    """600 rows of each model at 0.0035, an hour apart, with an id each and so many requests."""
    return [
        {
            "time": f"{(START + dt.timedelta(minutes=36 * place)).isoformat()}Z",
            "model": ("large", "small")[place % 2],
            "cost": 0.0035,
            "requests": counts(place),
            **({} if ids is None else {"request_id": ids(place)}),
        }
        for place in range(1_200)
    ]


def any_engine(monkeypatch):
    for module in (marks, moments, requests, rows, traffic):
        monkeypatch.setattr(module, "is_duckdb", lambda expression: False)


IDS = {"none": None, "one for each": lambda place: f"b{place}", "one for many": lambda place: f"b{place // 6}"}


@pytest.mark.parametrize("ids", IDS)
@pytest.mark.parametrize("change", [any_engine, lambda monkeypatch: None], ids=["any engine", "ours"])
def test_rows_of_several_requests_count_as_so_many_whatever_their_id(tmp_path, monkeypatch, ids, change):
    """6,000 requests of each model in 30 days less 36 minutes, at 0.00035, as without an id."""
    change(monkeypatch)
    path = write_csv(tmp_path / "t.csv", bundles(IDS[ids], lambda place: 10))
    found = roi_xl.observe(path, baseline="large", fine_tuned="small")
    for side in (found.baseline, found.fine_tuned):
        assert (side.requests, side.calls) == (6_000, 6_000)
        assert side.cost_per_request == pytest.approx(0.00035)
    assert found.monthly_requests == pytest.approx(12_000 * 365.25 / 12 / found.window_days)
    notes = [note for note in found.warnings if "stand for more than one request" in note]
    assert [note.rpartition(" and stand ")[2].startswith("for more than one request: 1,200;") for note in notes] == (
        [] if ids == "none" else [True]
    )


@pytest.mark.parametrize("change", [any_engine, lambda monkeypatch: None], ids=["any engine", "ours"])
def test_rows_of_one_request_are_grouped_beside_those_of_several(tmp_path, monkeypatch, change):
    """Ids of 6 rows, 3 of each model: in every third id all rows stand for 10 requests, else they are one request."""
    change(monkeypatch)
    path = tmp_path / "t.csv"
    write_csv(path, bundles(IDS["one for many"], lambda place: 10 if place // 6 % 3 == 0 else 1))
    found = roi_xl.observe(path, "large", "small")
    large, small = found.baseline, found.fine_tuned
    assert (large.requests, small.requests) == (67 * 3 * 10 + 133, 67 * 3 * 10)
    assert large.cost + small.cost == pytest.approx(1_200 * 0.0035)
    by_id = roi_xl.observe(path, "large", "small", mapping={"requests": "=1"}, group="call")
    assert (by_id.baseline.requests, by_id.fine_tuned.requests) == (600, 600)


def test_the_same_file_twice_counts_rows_of_several_requests_once(tmp_path):
    both = bundles(IDS["one for each"], lambda place: 10)
    paths = [write_csv(tmp_path / name, both) for name in ("t.csv", "u.csv")]
    found = roi_xl.observe(paths, baseline="large", fine_tuned="small")
    assert (found.baseline.requests, found.duplicates) == (6_000, 1_200)


# one model for every row


def test_a_model_that_a_person_gives_to_every_row_is_said(tmp_path):
    path = write_csv(tmp_path / "t.csv", bundles(None, lambda place: 1))
    with pytest.raises(UnknownName, match=r"hold large \(1,200\); --map model== gives that model to every row"):
        roi_xl.observe(path, "large", "small", mapping={"model": "=large"})
    with pytest.raises(UnknownName, match=r"hold small \(1,200\); --map model== gives that model to every row"):
        roi_xl.observe(path, "large", "small", mapping={"model": "=small"})
    prices = {"other": (1.0, 0.5, 2.0)}
    found = roi_xl.observe(path, "large", "other", mapping={"model": "=large"}, prices=prices)
    assert f"--map model==large gives every row of {path} that model: its column 'model' is not read" in found.warnings
    with pytest.raises(UnknownName) as told:
        roi_xl.observe(path, "large", "tiny")
    assert "--map model==" not in str(told.value)
