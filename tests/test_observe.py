"""Traces of every tool become costs: the truth comes out, and what cannot be read is said."""

import dataclasses
import datetime as dt
import functools
import gzip
import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import ibis
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook
from pyarrow import parquet
from trace_helpers import BASELINE, FORMATS, TUNED, made_calls, plain, truth, write_csv, write_format

import roi_xl
from roi_xl.cli import main
from roi_xl.errors import FileProblem, NotSupported, OutOfBounds, RoiError, UnknownName
from roi_xl.observed import bootstrap, sources
from roi_xl.observed.blanks import tidied
from roi_xl.observed.bootstrap import Clusters
from roi_xl.observed.calls import Reading, read_calls
from roi_xl.observed.layouts import layout_of
from roi_xl.observed.observe import tomorrow
from roi_xl.observed.requests import BINS, LENGTHS, class_of
from roi_xl.observed.zones import offsets
from roi_xl.quantities import QUANTITIES
from roi_xl.template import layout, risk, summary, traces
from roi_xl.xlsx.addresses import Address

TRACES = Path(__file__).parent / "traces"
look = functools.partial(roi_xl.observe, monthly_requests=100_000)  # most traces here are of minutes
KNOWS_REQUESTS = ("langfuse", "plain", "otel", "otlp")
CASE = {"training_cost": 2_500, "monthly_maintenance": 100, "months": 12}
pytestmark = pytest.mark.slow


def alone(calls, model):
    """The truth where an export does not say which calls belong together."""
    mine = [call for call in calls if call.model == model]
    return sum(call.cost for call in mine) / sum(not call.failed for call in mine)


# the truth comes out


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_gives_the_true_cost(tmp_path, name):
    calls = made_calls(300, 3)
    found = look(write_format(tmp_path, name, calls), "gpt-4o", TUNED)
    expected = truth if name in KNOWS_REQUESTS else alone
    assert found.baseline.cost_per_request == pytest.approx(expected(calls, BASELINE), rel=1e-12)
    assert found.fine_tuned.cost_per_request == pytest.approx(expected(calls, TUNED), rel=1e-12)
    assert sum(side.calls for side in (found.baseline, found.fine_tuned)) == len(calls)
    assert found.files[0].taken == found.files[0].rows == len(calls)
    assert found.files[0].skipped == found.files[0].rejected == found.files[0].duplicates == 0
    assert found.baseline.users == found.fine_tuned.users == 25
    assert (not found.has_requests) == any("which calls belong to the same request" in line for line in found.warnings)


@pytest.mark.parametrize("path", sorted(TRACES.glob("*.[cj]s*")), ids=lambda path: path.name)
def test_the_fixtures_are_told_by_their_columns(path, capsys):
    files = {"openai-costs.csv": ["openai-usage.csv", "openai-costs.csv"]}.get(path.name, [path.name])
    models = {"azure.csv": ("gpt-4o", "gpt-4o-mini"), "openai-usage.csv": ("gpt-5-mini", "gpt-4o-mini")}
    baseline, tuned = models.get(files[0], ("gpt-4o", "ft:*"))
    extra = ["--map", "model==gpt-4o"] if path.name == "azure.csv" else []
    paths = [str(TRACES / name) for name in files]
    volume = ["--monthly-requests", "100000"] if path.name == "azure.csv" else []
    assert main(["observe", *paths, "--baseline", baseline, "--fine-tuned", tuned, *extra, *volume, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["rejects"] == []
    if path.stem in FORMATS:
        calls = made_calls(60, 7, days=9)
        expected = truth if path.stem in KNOWS_REQUESTS else alone
        assert found["fine_tuned"]["cost_per_request"] == pytest.approx(expected(calls, TUNED), rel=1e-12)


def test_a_real_bill_to_the_cent():
    """Three days of tokens, and what was charged for them: figures of a published bill."""
    found = look([TRACES / "openai-usage.csv", TRACES / "openai-costs.csv"], "gpt-5-mini", "gpt-4o-mini")
    assert found.baseline.cost == 0.569788 + 0.3409 + 0.072054
    assert found.bill == pytest.approx((0.982742, 0.982742), abs=1e-12)
    assert found.baseline.requests == 34
    assert not any("bill" in line for line in found.warnings)
    assert found.files[0].skipped == 1  # a day without calls


def test_a_bill_that_says_otherwise_is_named(tmp_path):
    bill = (TRACES / "openai-costs.csv").read_text().replace("0.569788", "1.569788")
    (tmp_path / "costs.csv").write_text(bill)
    found = look([TRACES / "openai-usage.csv", tmp_path / "costs.csv"], "gpt-5-mini", "gpt-4o-mini")
    assert "the bill shows 1.98 for the same days; the traces add up to 0.98" in found.warnings


def test_a_public_trace_without_costs_is_priced_by_the_book():
    found = look(TRACES / "azure.csv", "gpt-4o", "gpt-4o-mini", mapping={"model": "=gpt-4o"})
    context, generated = 4_364, 716
    assert found.baseline.cost == pytest.approx((context * 2.5 + generated * 10) / 1e6, rel=1e-12)
    assert found.baseline.first == 1_700_158_546_680_590
    assert found.fine_tuned.assumed
    assert found.fine_tuned.cost == pytest.approx((context * 0.15 + generated * 0.6) / 1e6, rel=1e-12)
    assert "no requests went to the fine-tuned model" in found.warnings[0]
    assert {(price.model, price.kind) for price in found.prices} >= {("gpt-4o", "input"), ("gpt-4o-mini", "output")}


def test_a_fallback_is_charged_to_the_request_that_it_served(tmp_path):
    rows = [
        {"time": "2026-09-01T10:00:00Z", "model": "small", "cost": "0.10", "status": "error", "request_id": "a"},
        {"time": "2026-09-01T10:00:01Z", "model": "large", "cost": "1.00", "status": "ok", "request_id": "a"},
        {"time": "2026-09-01T10:00:02Z", "model": "small", "cost": "0.10", "status": "ok", "request_id": "b"},
        {"time": "2026-09-01T10:00:03Z", "model": "large", "cost": "1.00", "status": "ok", "request_id": "c"},
        {"time": "2026-09-01T10:00:04Z", "model": "large", "cost": "1.00", "status": "500", "request_id": "d"},
        {"time": "2026-09-01T10:00:05Z", "model": "guard", "cost": "0.01", "status": "ok", "request_id": "b"},
        {"time": "2026-09-01T10:00:05Z", "model": "guard", "cost": "9.00", "status": "ok", "request_id": "e"},
    ]
    found = look(write_csv(tmp_path / "t.csv", rows), "large", "small")
    assert found.fine_tuned.cost_per_request == pytest.approx((0.10 + 1.00 + 0.10 + 0.01) / 2)
    assert found.baseline.cost_per_request == pytest.approx(2.00)
    assert (found.fine_tuned.fallbacks, found.fine_tuned.calls, found.baseline.successes) == (2, 4, 1)
    assert found.fine_tuned.failed_cost == pytest.approx(0.10)


def test_the_inputs_follow_and_with_them_the_answer(tmp_path):
    calls = made_calls(400, 5, days=12)
    path = write_format(tmp_path, "langfuse", calls)
    found = roi_xl.observe(path, "gpt-4o", TUNED, inputs=CASE, sampled=0.001)
    span = (max(call.time for call in calls) - min(call.time for call in calls)).total_seconds() / 86_400
    assert found.monthly_requests == pytest.approx(400 / span * 365.25 / 12 / 0.001, rel=0.01)
    case = tuple(found.inputs.values())
    assert found.answers["net_benefit"][0] == pytest.approx(roi_xl.net_benefit(*case))
    assert found.answers["breakeven_months"][0] == pytest.approx(roi_xl.breakeven_months(*case[:5]))
    for point, low, high in found.answers.values():
        assert low <= point <= high
    assert found.probability == 1
    assert roi_xl.observe(path, "gpt-4o", TUNED, inputs={**CASE, "training_cost": 10**9}).probability == 0


def test_reweighting_compares_at_the_same_lengths(tmp_path):
    def row(number, model, size):
        cost = size * (2e-6 if model == "large" else 1e-6)
        time = f"2026-09-{1 + number % 20:02d}T10:00:00Z"
        return {"time": time, "model": model, "input_tokens": size, "output_tokens": 1, "cost": f"{cost:.9f}"}

    rows = [row(n, "large", 1_000 if n % 2 else 100) for n in range(800)]
    rows += [row(n, "small", 1_000 if n % 10 == 0 else 100) for n in range(800)]
    path = write_csv(tmp_path / "t.csv", rows)
    plain_, fair = (look(path, "large", "small", reweight=reweight) for reweight in (False, True))
    assert plain_.fine_tuned.cost_per_request == pytest.approx(190e-6)
    assert fair.fine_tuned.cost_per_request == pytest.approx(550e-6)
    assert plain_.reweighted == pytest.approx(550e-6)
    assert plain_.unlikeness == pytest.approx(0.4)
    assert any("prompt lengths differ" in line for line in plain_.warnings)
    assert not any("prompt lengths differ" in line for line in fair.warnings)


def test_a_model_beside_the_two_without_a_price_is_left_out_and_named(tmp_path):
    base = {"time": "2026-09-01T10:00:00Z", "input_tokens": "100", "output_tokens": "10", "status": "ok"}
    rows = [{**base, "model": model} for model in ("gpt-4o", "gpt-4o-mini", "our-own-guard")]
    path = write_csv(tmp_path / "t.csv", rows)
    found = look(path, "gpt-4o", "gpt-4o-mini", format="plain")
    assert [(one.reason, one.rows) for one in found.rejects] == [("neither a cost nor a price for our-own-guard", 1)]
    with pytest.raises(UnknownName, match="there is no input price for 'our-own-guard'"):
        look(path, "gpt-4o", "our-own-guard")


def test_batches_cost_half_by_the_book(tmp_path):
    text = (TRACES / "openai-usage.csv").read_text().replace("FALSE", "TRUE")
    (tmp_path / "batch.csv").write_text(text)
    found = look(tmp_path / "batch.csv", "gpt-5-mini", "gpt-4o-mini")
    assert found.baseline.cost == pytest.approx(0.982742 / 2, rel=1e-12)


# how sure


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
    programme = {**priced.inputs, **priced.quality}
    assert roi_xl.npv(**programme) == pytest.approx(priced.answers["net_benefit"][0])
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


# times


TIMES = [
    ("2026-09-01T12:30:15Z", "2026-09-01T12:30:15"),
    ("2026-09-01 12:30:15.5", "2026-09-01T12:30:15.500"),
    ("2026-09-01T12:30:15.1234567+02:00", "2026-09-01T10:30:15.123456"),
    ("2026-09-01 12:30:15-0530", "2026-09-01T18:00:15"),
    ("2026-09-01 12:30:15+00", "2026-09-01T12:30:15"),
    ("2026-09-01 12:30:15 UTC", "2026-09-01T12:30:15"),
    ("2026-09-01", "2026-09-01T00:00:00"),
    ("1788265815", "2026-09-01T12:30:15"),
    ("1788265815000", "2026-09-01T12:30:15"),
    ("1788265815123456", "2026-09-01T12:30:15.123456"),
    ("1788265815123456789", "2026-09-01T12:30:15.123456"),
    ("9/1/2026 12:30", None),
    ("2026-13-01T00:00:00Z", None),
    ("soon", None),
]


def calls_of(tmp_path, rows, zone=None):
    """Rows as the internal table."""
    path = write_csv(tmp_path / "t.csv", rows)
    connection = sources.connected(tmp_path, None)
    found = sources.open_file(connection, 0, path, None, {})
    table = read_calls(
        tidied(found.table, found.places), found.places, Reading("USD", tomorrow(), offsets(zone) if zone else ())
    )
    result = table.to_pyarrow().to_pylist()
    connection.disconnect()
    return result


def test_times_of_every_kind(tmp_path):
    found = calls_of(tmp_path, [{"time": text, "model": "m", "cost": number} for number, (text, _) in enumerate(TIMES)])
    by_text = {TIMES[round(row["cost"] / 1e12)][0]: row for row in found}
    for text, expected in TIMES:
        row = by_text[text]
        if expected is None:
            assert row["reason"] == "time is neither ISO 8601 nor a count since 1970", text
            continue
        moment = dt.datetime.fromisoformat(expected).replace(tzinfo=dt.UTC)
        assert row["time"] == int(moment.timestamp()) * 10**6 + moment.microsecond, text


def test_local_times_and_the_hours_that_come_twice_or_not_at_all(tmp_path):
    texts = ["2026-03-29 01:30:00", "2026-03-29 03:30:00", "2026-10-25 02:30:00", "2026-10-25 03:30:00"]
    rows = [{"time": text, "model": "m", "cost": number} for number, text in enumerate(texts)]
    found = sorted(calls_of(tmp_path, rows, "Europe/Berlin"), key=lambda row: row["cost"])
    hours = [dt.datetime.fromtimestamp(row["time"] / 1e6, dt.UTC).strftime("%d %H:%M") for row in found]
    assert hours == ["29 00:30", "29 01:30", "25 00:30", "25 02:30"]
    with pytest.raises(UnknownName, match="--time-zone takes a name such as Europe/Berlin, got 'Mars'"):
        offsets("Mars")


@given(st.datetimes(dt.datetime(2016, 1, 1), dt.datetime(2039, 1, 1)))
def test_offsets_are_those_of_the_zone(moment):
    local = int((moment - dt.datetime(1970, 1, 1)).total_seconds())
    shift = next(shift for since, shift in reversed(offsets("America/New_York")) if since <= local)
    from zoneinfo import ZoneInfo

    aware = moment.replace(tzinfo=ZoneInfo("America/New_York"))
    again = aware.astimezone(dt.UTC).astimezone(aware.tzinfo).replace(tzinfo=None)
    if again == moment:  # an hour that exists
        assert aware.utcoffset() == dt.timedelta(seconds=shift)


# hostile and broken files


GOOD = {
    "time": "2026-09-01T10:00:00Z",
    "model": "large",
    "input_tokens": "10",
    "output_tokens": "5",
    "cached_tokens": "2",
    "cost": "0.001",
    "currency": "USD",
    "status": "ok",
    "request_id": "r1",
}
BAD = [
    ({"time": ""}, "no time"),
    ({"time": "yesterday"}, "time is neither ISO 8601 nor a count since 1970"),
    ({"time": "1999-01-01T00:00:00Z"}, "time is before 2015"),
    ({"time": "2126-01-01T00:00:00Z"}, "time is in the future"),
    ({"model": " "}, "no model"),
    ({"input_tokens": "ten"}, "input_tokens is no number"),
    ({"input_tokens": "=1+1"}, "input_tokens is no number"),
    ({"output_tokens": "-5"}, "output_tokens is no whole number of at least 0"),
    ({"output_tokens": "1.5"}, "output_tokens is no whole number of at least 0"),
    ({"input_tokens": "99999999999"}, "input_tokens is above 100,000,000"),
    ({"cached_tokens": "11"}, "more cached than input tokens"),
    ({"cost": "$1"}, "cost is no number"),
    ({"cost": "-1"}, "cost is not from 0 to 100,000"),
    ({"cost": "NaN"}, "cost is no number"),
    ({"currency": "EUR"}, "its currency is not USD"),
    ({"cost": "", "input_tokens": "", "output_tokens": "", "cached_tokens": ""}, "neither tokens nor a cost"),
    (
        {"cost": "0", "input_tokens": "0", "output_tokens": "0", "cached_tokens": "0"},
        "no tokens, and no cost: its usage was not recorded",
    ),
]


def mixed(tmp_path):
    """Good rows of both models, and one bad row of each kind."""
    rows = [GOOD, {**GOOD, "request_id": "r2", "model": "small", "cost": "0.0005"}]
    rows += [{**GOOD, "request_id": f"bad{place}", **change} for place, (change, _) in enumerate(BAD)]
    return write_csv(tmp_path / "mixed.csv", rows)


def test_every_bad_row_is_counted_shown_and_written_apart(tmp_path):
    found = look(mixed(tmp_path), "large", "small", rejects=tmp_path / "rejects.csv")
    counted = {one.reason: one.rows for one in found.rejects}
    expected: dict[str, int] = {}
    for _, reason in BAD:
        expected[reason] = expected.get(reason, 0) + 1
    assert counted == expected
    assert (found.files[0].rows, found.files[0].taken, found.files[0].rejected) == (len(BAD) + 2, 2, len(BAD))
    assert all(one.examples[0].startswith("time=") for one in found.rejects)
    lines = (tmp_path / "rejects.csv").read_text("utf-8").splitlines()
    assert lines[0] == "file,line,reason,row"
    assert len(lines) == len(BAD) + 1
    assert f"{len(BAD)} of {len(BAD) + 2} rows were rejected" in " ".join(found.warnings)
    with pytest.raises(NotSupported, match=r"2 rows cannot be read: .*, such as time="):
        look(mixed(tmp_path), "large", "small", strict=True)


def test_rows_that_are_broken_as_rows_are_kept_apart_with_their_line(tmp_path):
    write_csv(tmp_path / "t.csv", [GOOD, {**GOOD, "model": "small", "request_id": "r2"}])
    with (tmp_path / "t.csv").open("ab") as file:
        file.write(b"2026-09-01T10:00:00Z,large,10\r\n")
        file.write(b"2026-09-01T10:00:00Z,l\xe9rge,10,5,2,0.001,USD,ok,r7\r\n")
        file.write(b"2026-09-01T10:00:00Z,large,10,5,2,0.001,USD,ok,r8,more,and more\r\n")
    found = look(tmp_path / "t.csv", "large", "small")
    assert {one.reason: one.rows for one in found.rejects} == {
        "missing columns": 1,
        "invalid encoding": 1,
        "too many columns": 1,
    }
    assert found.files[0].rejected == 3
    assert any(example.startswith("line 4: ") for one in found.rejects for example in one.examples)


def test_lines_that_are_no_json_are_kept_apart(tmp_path):
    calls = made_calls(40, 2)
    path = write_format(tmp_path, "otel", calls)
    with path.open("a") as file:
        file.write('{"name": "chat", "att\n\n[1, 2\n')
    found = look(path, "gpt-4o", TUNED)
    assert [(one.reason, one.rows) for one in found.rejects] == [("no JSON object", 2)]


def test_rows_that_are_there_twice_count_once(tmp_path):
    calls = made_calls(100, 6)
    for name in ("langfuse", "plain"):
        path = write_format(tmp_path, name, calls)
        again = tmp_path / f"again-{path.name}"
        again.write_bytes(path.read_bytes())
        once, twice = (look(files, "gpt-4o", TUNED) for files in ([path], [path, again]))
        assert twice.duplicates == len(calls)
        assert twice.baseline.cost == once.baseline.cost
        assert twice.baseline.requests == once.baseline.requests


def test_other_encodings_and_compression(tmp_path):
    calls = made_calls(60, 8)
    path = write_format(tmp_path, "plain", calls)
    expected = look(path, "gpt-4o", TUNED).baseline.cost
    text = path.read_text("utf-8")
    (tmp_path / "bom.csv").write_text("\ufeff" + text, "utf-8")
    (tmp_path / "wide.csv").write_text(text, "utf-16")
    (tmp_path / "tabs.tsv").write_text(text.replace(",", "\t"), "utf-8")
    (tmp_path / "semicolons.csv").write_text(text.replace(",", ";"), "utf-8")
    (tmp_path / "packed.csv.gz").write_bytes(gzip.compress(text.encode()))
    (tmp_path / "odd [name]*?.csv").write_text(text, "utf-8")
    for name in ("bom.csv", "wide.csv", "tabs.tsv", "semicolons.csv", "packed.csv.gz", "odd [name]*?.csv"):
        assert look(tmp_path / name, "gpt-4o", TUNED).baseline.cost == expected, name


def test_one_list_of_objects_and_typed_parquet(tmp_path):
    calls = made_calls(60, 9)
    rows = [plain(call) for call in calls]
    expected = look(write_csv(tmp_path / "t.csv", rows), "gpt-4o", TUNED)
    (tmp_path / "list.json").write_text(json.dumps(rows, indent=1), "utf-8")
    typed = [
        {**row, "time": call.time, "cost": float(row["cost"]), **{key: int(row[key]) for key in row if "tokens" in key}}
        for row, call in zip(rows, calls, strict=True)
    ]
    parquet.write_table(pa.Table.from_pylist(typed), tmp_path / "t.parquet")
    for name in ("list.json", "t.parquet"):
        found = look(tmp_path / name, "gpt-4o", TUNED)
        assert found.baseline.draws.interval == expected.baseline.draws.interval, name
        assert found.answers == expected.answers
    assert look(str(tmp_path / "t.p*"), "gpt-4o", TUNED).baseline.cost == expected.baseline.cost


@pytest.mark.parametrize("is_odd", [False, True])
def test_typed_rows_that_are_read_where_they_are_come_to_the_same_as_kept_text(tmp_path, is_odd):
    """Repeats across both files, retries, ids with blanks around them, and rows that cannot be taken."""
    rows = [{**plain(call), "call_id": f"c{place}"} for place, call in enumerate(made_calls(80, 9))]
    rows += rows[5:9]
    if is_odd:
        rows += [{**rows[2], "call_id": " c2\t"}, {**rows[3], "call_id": "null"}, {**rows[3], "call_id": ""}]
        rows += [{**rows[4], "call_id": "x", "cost": "-1"}, {**rows[4], "call_id": "y", "model": " "}]
        rows[7]["request_id"] = f" {rows[7]['request_id']} "
    typed = [{**row, "time": dt.datetime.fromisoformat(row["time"]), "cost": float(row["cost"])} for row in rows]
    parquet.write_table(pa.Table.from_pylist(typed), tmp_path / "t.parquet")
    found = look(tmp_path / "t.parquet", "gpt-4o", TUNED)
    expected = look(write_csv(tmp_path / "t.csv", rows), "gpt-4o", TUNED)
    file = found.files[0]
    assert (file.duplicates, file.rejected) == ((5, 2) if is_odd else (4, 0))
    assert file.taken == len(rows) - file.duplicates - file.rejected
    for one, other in ((found.baseline, expected.baseline), (found.fine_tuned, expected.fine_tuned)):
        assert [one.cost, one.calls, one.fallbacks, one.users] == [
            other.cost,
            other.calls,
            other.fallbacks,
            other.users,
        ]
        assert (one.draws.interval, one.by_cost, one.per_day) == (other.draws.interval, other.by_cost, other.per_day)
    assert [(one.reason, one.rows) for one in found.rejects] == [(one.reason, one.rows) for one in expected.rejects]
    assert found.answers == expected.answers


def test_a_class_is_the_number_of_ends_that_a_value_reaches():
    values = sorted({value + step for value in (*LENGTHS, *BINS) for step in (-1, 0, 1)} | {0, 2**62})
    table = ibis.memtable(pa.table({"value": values}))
    for ends in (LENGTHS, BINS):
        found = table.select("value", place=class_of(table.value, ends)).order_by("value").to_pyarrow()
        assert found["place"].to_pylist() == np.searchsorted(ends, values, side="right").tolist()


REFUSED = [
    ("empty.csv", "", FileProblem, "is empty"),
    ("other.csv", "a,b\n1,2\n", RoiError, "the columns are of no known tool: a, b"),
    ("twice.csv", "time,model,time\n", FileProblem, "different column names"),
    ("head.csv", "time,model,cost\n", NotSupported, "no row could be taken"),
    ("bill.csv", "start_time,amount_value,amount_currency\n1759795200,1,usd\n", NotSupported, "there are only bills"),
    ("no.txt", "x", FileProblem, "traces are .csv"),
    ("bad.jsonl", "nothing\n", FileProblem, "holds no JSON objects"),
    ("bad.parquet", "nothing", FileProblem, "cannot be read"),
]


@pytest.mark.parametrize(("name", "text", "error", "message"), REFUSED, ids=[name for name, *_ in REFUSED])
def test_files_that_say_nothing_are_refused_by_name(tmp_path, name, text, error, message):
    (tmp_path / name).write_text(text)
    with pytest.raises(error, match=message):
        look(tmp_path / name, "large", "small")


def test_wrong_questions_are_answered_with_what_there_is(tmp_path):
    path = write_csv(tmp_path / "t.csv", [GOOD, {**GOOD, "model": "small", "request_id": "r2"}])
    for arguments, error, message in [
        (
            ("huge", "small"),
            UnknownName,
            r"no call is of the baseline 'huge'; the traces hold large \(1\), small \(1\)",
        ),
        (("large", "tiny"), UnknownName, "no call is of the fine-tuned 'tiny', and there is no input price"),
        (("*", "small"), UnknownName, "'small' would be on both sides"),
    ]:
        with pytest.raises(error, match=message):
            look(path, *arguments)
    with pytest.raises(OutOfBounds, match="sampled must be above 0"):
        look(path, "large", "small", sampled=0)
    with pytest.raises(UnknownName, match="is no input"):
        look(path, "large", "small", inputs={"training": 1})
    with pytest.raises(UnknownName, match="there is no column 'tokens'"):
        look(path, "large", "small", mapping={"input_tokens": "tokens"})
    with pytest.raises(UnknownName, match="the fields are time, model"):
        look(path, "large", "small", mapping={"tokens": "input_tokens"})
    with pytest.raises(UnknownName, match="monthly_requests is measured by the traces"):
        look(path, "large", "small", inputs={"monthly_requests": 1})
    with pytest.raises(FileProblem, match="stands for no file"):
        look(tmp_path / "none-*.csv", "large", "small")
    with pytest.raises(UnknownName, match="the format must be one of"):
        layout_of(["a"], "excel", {}, "t.csv", lambda column: ())


def test_a_side_without_any_success_is_refused(tmp_path):
    failed = {**GOOD, "model": "small", "request_id": "r2", "status": "error"}
    path = write_csv(tmp_path / "t.csv", [GOOD, failed])
    with pytest.raises(NotSupported, match="of 1 requests that began with small none succeeded"):
        look(path, "large", "small")
    second = {**GOOD, "model": "small", "time": "2026-09-01T10:00:05Z"}
    path = write_csv(tmp_path / "t.csv", [GOOD, second])
    with pytest.raises(NotSupported, match="no request began with small"):
        look(path, "large", "small")


# the command and the workbook


def observed(*arguments):
    return main(["observe", *map(str, arguments), "--baseline", "gpt-4o", "--fine-tuned", "ft:*"])


def test_the_workbook_takes_its_inputs_from_the_traces(tmp_path, capsys):
    path, book = write_format(tmp_path, "langfuse", made_calls(300, 3)), tmp_path / "case.xlsx"
    arguments = [path, "--sampled", "0.001", "--set", "training_cost=4000", "-o", book]
    assert observed(*arguments) == 0
    said = capsys.readouterr().out
    assert f"wrote {book}" in said
    found = roi_xl.observe(path, "gpt-4o", "ft:*", sampled=0.001, inputs={"training_cost": 4_000})
    model = roi_xl.open_model(book)
    for name in ("baseline_cost_per_request", "fine_tuned_cost_per_request", "monthly_requests"):
        assert model.value(model.find(f"{name}_used")) == pytest.approx(found.inputs[name], rel=1e-12)
    assert model.outputs["net_benefit"] == pytest.approx(found.answers["net_benefit"][0], rel=1e-9)
    assert model.outputs["what_turns_it"] == found.turns
    assert f"{found.turns}\n" in said
    assert model.outputs["model_checks"] == "OK"
    assert main(["check", str(book)]) == 0
    sheets = load_workbook(book)
    assert sheets.sheetnames[:4] == ["Summary", "Inputs", "Traces", "Prices"]
    cells = [cell for row in sheets["Inputs"].iter_rows() for cell in row if isinstance(cell.value, str)]
    assert sum(cell.value.startswith("=Traces!") for cell in cells) == 11
    assert sum(cell.value.startswith("=Prices!") for cell in cells) == 7
    assert sum(cell.value == "Traces sheet, to 2026-09-10" for cell in cells) == 11
    first = book.read_bytes()
    assert observed(*arguments) == 0
    assert book.read_bytes() == first


def test_nothing_in_a_trace_becomes_a_formula(tmp_path):
    evil = "=HYPERLINK(1)"
    rows = [{**GOOD, "model": evil}, {**GOOD, "model": "small", "request_id": "r2"}, {**GOOD, "time": "@SUM(1)"}]
    path = write_csv(tmp_path / "=evil.csv", rows)
    arguments = ["observe", str(path), "--baseline", evil, "--fine-tuned", "small", "--monthly-requests", "1000"]
    assert main([*arguments, "-o", str(tmp_path / "c.xlsx")]) == 0
    sheet = load_workbook(tmp_path / "c.xlsx")["Traces"]
    texts = {cell.value: cell.data_type for row in sheet.iter_rows() for cell in row if cell.value is not None}
    assert texts[evil] == "s"
    assert texts["=evil.csv"] == "s"
    assert any(str(text).startswith("time=@SUM(1)") for text in texts)


def test_the_workbook_says_when_lengths_were_matched_and_costs_assumed(tmp_path):
    assert observed(TRACES / "plain.csv", "--reweight", "-o", tmp_path / "r.xlsx") == 0
    fair = look(TRACES / "plain.csv", "gpt-4o", "ft:*", reweight=True)
    model = roi_xl.open_model(tmp_path / "r.xlsx")
    used = model.value(model.find("fine_tuned_cost_per_request_used"))
    assert used == pytest.approx(fair.fine_tuned.cost_per_request, rel=1e-12)
    azure = ["observe", str(TRACES / "azure.csv"), "--map", "model==gpt-4o", "--baseline", "gpt-4o"]
    azure += ["--fine-tuned", "gpt-4o-mini", "--monthly-requests", "1000"]
    assert main([*azure, "-o", str(tmp_path / "a.xlsx")]) == 0
    texts = [cell.value for row in load_workbook(tmp_path / "a.xlsx")["Traces"].iter_rows() for cell in row]
    assert "The fine-tuned side is assumed: no request went to it yet." in texts


def test_a_full_workbook_and_the_price_sheet_of_a_template(tmp_path):
    assert observed(TRACES / "plain.csv", "--depth", "full", "-o", tmp_path / "full.xlsx") == 0
    model = roi_xl.open_model(tmp_path / "full.xlsx")
    assert model.outputs["model_checks"] == "OK"
    said = {
        sheet: [cell.value for row in load_workbook(tmp_path / "full.xlsx")[sheet].iter_rows() for cell in row]
        for sheet in ("Summary", "Traces", "Risk")
    }
    assert summary.PROBABILITY_LABEL in said["Summary"]
    assert traces.MEASURED_DOUBT in said["Traces"]
    assert {risk.DISCOUNTED, risk.ALL_DOUBT} <= set(said["Risk"])
    found = roi_xl.observe(TRACES / "plain.csv", baseline="gpt-4o", fine_tuned="ft:*")
    for name in ("baseline_cost_per_request", "fine_tuned_cost_per_request", "monthly_requests"):
        row = layout.SE_ROWS[QUANTITIES[name]]
        ends = [model.value(Address("Sensitivity", row, column)) for column in (layout.SE_LOW, layout.SE_HIGH)]
        assert ends == [pytest.approx(end) for end in found.ranges[name]]
        low, middle, high = (model.value(Address("Risk", risk.ROWS[QUANTITIES[name]], at)) for at in range(3, 6))
        assert (low, high) == ("normal", pytest.approx((ends[1] - ends[0]) / 2.5631031310892))
        assert middle == pytest.approx(found.inputs[name])
    arguments = ["template", str(tmp_path / "t.xlsx"), "--baseline", "gpt-4o", "--fine-tuned", TUNED]
    assert main(arguments) == 0
    sheet = load_workbook(tmp_path / "t.xlsx", data_only=True)["Prices"]
    rows = [[cell.value for cell in row[1:4]] for row in sheet.iter_rows(min_row=7)]
    assert rows[:3] == [["gpt-4o", "input", 2.5], ["gpt-4o", "output", 10], ["gpt-4o", "cached input", 1.25]]
    assert ["gpt-4o-mini-2024-07-18", "training", 3] in rows
    assert main(arguments[:-2]) == 2
    assert main([*arguments[:-1], "no-such-model"]) == 2


def test_mistakes_of_the_command_are_one_line(tmp_path, capsys):
    for arguments, message in [
        ((TRACES / "plain.csv", "-o", tmp_path / "case.csv"), "the workbook is an .xlsx file"),
        ((TRACES / "plain.csv", "--map", "model"), "--map takes FIELD=COLUMN"),
        ((TRACES / "plain.csv", "--backend", "nothing://here"), "cannot be connected to"),
        ((tmp_path / "none.csv",), "stands for no file"),
    ]:
        assert observed(*arguments) == 2
        err = capsys.readouterr().err
        assert message in err
        assert err.count("\n") == 1
        assert "Traceback" not in err


# another engine

SMALL_SPARK = "spark.sql.shuffle.partitions=1&spark.sql.codegen.wholeStage=false&spark.sql.adaptive.enabled=false"
SHORT_LIVED = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Dspark.ui.enabled=false -Dspark.master=local[1]"
"""Settings of Spark and of Java for a few hundred rows: nothing is prepared that would pay off later."""


@pytest.mark.spark
def test_spark_gives_the_same_to_the_last_digit(tmp_path, capsys):
    rows = [plain(call) for call in made_calls(200, 12)]
    guards = [{**row, "model": "guard", "cost": "0.00100000"} for row in rows[::7]]
    parquet.write_table(pa.Table.from_pylist([*guards, *rows]), tmp_path / "t.parquet")
    command = ["observe", str(tmp_path / "t.parquet"), "--baseline", "gpt-4o", "--fine-tuned", "ft:*", "--json"]
    assert main(command) == 0
    ours = json.loads(capsys.readouterr().out)
    spark = [sys.executable, "-m", "roi_xl", *command, "--backend", f"pyspark://roi?{SMALL_SPARK}"]
    environment = {**os.environ, "JAVA_TOOL_OPTIONS": SHORT_LIVED}
    done = subprocess.run(spark, capture_output=True, text=True, check=True, cwd=tmp_path, env=environment)
    theirs = json.loads(done.stdout)
    for found in (ours, theirs):
        for file in found["files"]:
            file["sha256"] = ""
    assert ours == theirs
