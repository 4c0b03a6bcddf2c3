"""What an export leaves out or says twice: counted as it should be, or said."""

import datetime as dt
import json

import pyarrow as pa
import pytest
from openpyxl import load_workbook
from pyarrow import parquet
from trace_helpers import write_csv, write_lines

import roi_xl
from roi_xl.cli import main
from roi_xl.errors import NotSupported
from roi_xl.observed.settling import next_step

LARGE, SMALL = "gpt-4o", "ft:gpt-4o-mini-2024-07-18:a::b"
SEPTEMBER = 1_788_220_800
A_MONTH = 2_000 * 365.25 / 12
pytestmark = pytest.mark.slow


# how long a row lasts


def daily(days, **time):
    """1,000 requests a day of each model; the time of a day by its number."""
    tokens = {"input_tokens": 1_000_000, "output_tokens": 100_000}
    return [
        {**{name: how(day) for name, how in time.items()}, "model": model, "requests": 1_000, **tokens}
        for day in range(days)
        for model in (LARGE, SMALL)
    ]


def midnight(day):
    return dt.datetime(2026, 9, 1, tzinfo=dt.UTC) + dt.timedelta(days=day)


def test_a_date_lasts_a_day_and_a_bucket_as_long_as_it_says(tmp_path):
    dates = daily(7, date=lambda day: f"2026-09-{day + 1:02d}")
    buckets = daily(
        7, start_time=lambda day: SEPTEMBER + 86_400 * day, end_time=lambda day: SEPTEMBER + 86_400 * (day + 1)
    )
    buckets = [{**row, "num_model_requests": row.pop("requests")} for row in buckets]
    parquet.write_table(pa.Table.from_pylist(daily(7, time=midnight)), tmp_path / "moments.parquet")
    parquet.write_table(pa.Table.from_pylist(daily(7, date=lambda day: midnight(day).date())), tmp_path / "d.parquet")
    files = [write_csv(tmp_path / "dates.csv", dates), write_csv(tmp_path / "buckets.csv", buckets)]
    for path in (*files, tmp_path / "moments.parquet", tmp_path / "d.parquet"):
        found = roi_xl.observe(path, LARGE, SMALL)
        assert found.window_days == 7, path
        assert found.monthly_requests == pytest.approx(A_MONTH), path
    for rows in (dates[:2], buckets[:2]):
        found = roi_xl.observe(write_csv(tmp_path / "one.csv", rows), LARGE, SMALL, time_zone="Europe/Berlin")
        assert found.window_days == 1
        assert found.monthly_requests == pytest.approx(A_MONTH)


def test_sums_of_weeks_and_months_last_as_long(tmp_path):
    weeks = daily(4, date=lambda week: f"2026-09-{1 + 7 * week:02d}")
    found = roi_xl.observe(write_csv(tmp_path / "weeks.csv", weeks), LARGE, SMALL)
    assert (found.window_days, found.monthly_requests) == (28, pytest.approx(A_MONTH / 7))
    months = daily(3, date=lambda month: f"2026-{6 + month:02d}-01")
    monthly = roi_xl.observe(write_csv(tmp_path / "months.csv", months), LARGE, SMALL)
    assert (monthly.window_days, monthly.monthly_requests) == (92, pytest.approx(A_MONTH * 3 / 92))
    for one in (found, monthly):
        assert not [note for note in one.warnings if "no requests from" in note or "was observed on" in note]


def test_hours_last_an_hour_and_calls_a_moment(tmp_path):
    hours = daily(24, time=lambda hour: f"2026-09-01T{hour:02d}:00:00Z")
    assert roi_xl.observe(write_csv(tmp_path / "t.csv", hours), LARGE, SMALL).window_days == 1
    hours[5]["time"] = "2026-09-01T02:30:00Z"
    calls = roi_xl.observe(write_csv(tmp_path / "t.csv", hours), LARGE, SMALL)
    assert calls.window_days == pytest.approx(23 / 24)


def test_days_without_a_request_count_and_time_to_come_does_not(tmp_path):
    def bucket(day, *models):
        results = [
            {"model": model, "num_model_requests": 1_000, "input_tokens": 9, "output_tokens": 9} for model in models
        ]
        start = SEPTEMBER + 86_400 * day
        return {"object": "bucket", "start_time": start, "end_time": start + 86_400, "results": results}

    days = [bucket(0), bucket(1, LARGE, SMALL), bucket(2, LARGE), bucket(3)]
    path = write_lines(tmp_path / "t.json", [{"object": "page", "data": days}])
    found = roi_xl.observe(path, LARGE, SMALL)
    assert found.window_days == 4
    assert found.monthly_requests == pytest.approx(3_000 / 4 * 365.25 / 12)
    now = dt.datetime.now(dt.UTC)
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    rows = daily(3, date=lambda day: (today - dt.timedelta(days=2 - day)).date().isoformat())
    found = roi_xl.observe(write_csv(tmp_path / "t.csv", rows), LARGE, SMALL)
    assert found.window_days == pytest.approx(2 + (now - today) / dt.timedelta(days=1), abs=0.01)


# what the export says a call costs


def calls_of(cost="cost", large=0.02, small=0.01, **more):
    """40 calls of each model within ten days."""
    return [
        {"time": f"2026-09-{1 + number // 4:02d}T0{number % 4}:30:00Z", "model": model, "status": "success",
         "input_tokens": 1_000, "output_tokens": 100, "request_id": f"{model}{number}", **more,
         **({cost: amount} if cost else {})}
        for number in range(40) for model, amount in ((LARGE, large), (SMALL, small))
    ]  # fmt: skip


LISTED = ((1_000 * 2.5 + 100 * 10) / 1e6, (1_000 * 0.3 + 100 * 1.2) / 1e6)


def costs_of(path, **how):
    found = roi_xl.observe(path, LARGE, SMALL, **how)
    return (found.baseline.cost_per_request, found.fine_tuned.cost_per_request), found.warnings


@pytest.mark.parametrize("name", ["cost_usd", "Total_Cost", "spend", "costUSD"])
def test_a_cost_by_another_name_is_taken(tmp_path, name):
    costs, notes = costs_of(write_csv(tmp_path / "t.csv", calls_of(name)))
    assert costs == pytest.approx((0.02, 0.01))
    assert not any("list prices" in note for note in notes)


def test_cents_are_cents_and_dollars_no_euros(tmp_path):
    assert costs_of(write_csv(tmp_path / "t.csv", calls_of("cost_cents", 2, 1)))[0] == pytest.approx((0.02, 0.01))
    with pytest.raises(NotSupported, match="its currency is not EUR"):
        costs_of(write_csv(tmp_path / "t.csv", calls_of("cost_usd")), currency="EUR")
    for name in ("cost", "cost_eur"):
        assert costs_of(write_csv(tmp_path / "t.csv", calls_of(name)), currency="EUR")[0] == pytest.approx((0.02, 0.01))
    with pytest.raises(NotSupported, match=r"the price of .* is in USD, and the costs are in EUR"):
        costs_of(write_csv(tmp_path / "t.csv", calls_of(None)), currency="EUR")


def test_costs_that_are_not_known_for_that_are_noted(tmp_path, capsys):
    path = write_csv(tmp_path / "t.csv", calls_of("llm_cost"))
    costs, notes = costs_of(path)
    assert costs == pytest.approx(LISTED)
    said = (
        "none of the 80 calls has a cost in the export: they are priced at list prices (Prices sheet); "
        "if 'llm_cost' is their cost, --map cost=llm_cost"
    )
    assert said in notes
    book = tmp_path / "t.xlsx"
    assert main(["observe", str(path), "--baseline", LARGE, "--fine-tuned", SMALL, "--json", "-o", str(book)]) == 0
    assert said in json.loads(capsys.readouterr().out)["warnings"]
    cells = [cell.value for row in load_workbook(book)["Traces"].iter_rows() for cell in row]
    assert said[:1].upper() + said[1:] + "." in cells
    rows = calls_of()
    for row in rows[:8]:
        row["cost"] = ""
    _, notes = costs_of(write_csv(tmp_path / "t.csv", rows), prices={SMALL: (0.3, 0.3, 1.2)})
    assert any(
        note.startswith("8 of 80 calls have no cost in the export: they are priced at list prices and the prices given")
        for note in notes
    )


def litellm(rows):
    """The same calls as LiteLLM logs them."""
    names = {"time": "startTime", "input_tokens": "prompt_tokens", "output_tokens": "completion_tokens"}
    return [
        {
            **{names.get(name, name): value for name, value in row.items()},
            "spend": row["cost"],
            "call_type": "acompletion",
        }
        for row in rows
    ]


def test_a_cost_of_0_is_an_unknown_price_where_the_tool_writes_it_so(tmp_path):
    path = write_csv(tmp_path / "t.csv", litellm(calls_of(small=0)))
    costs, notes = costs_of(path)
    assert costs == pytest.approx((0.02, LISTED[1]))
    assert f"40 of 40 calls of {SMALL} have tokens and a cost of 0: taken for an unknown price, they are " \
        "priced by their tokens" in notes  # fmt: skip
    found = roi_xl.observe(path, LARGE, SMALL, prices={SMALL: (1, 1, 1)})
    assert found.fine_tuned.cost_per_request == pytest.approx(1_100 / 1e6)
    odd = [{**row, "model": "ours" if row["model"] == SMALL else LARGE} for row in litellm(calls_of(small=0))]
    found = roi_xl.observe(write_csv(tmp_path / "o.csv", odd), LARGE, "ours")
    assert found.fine_tuned.cost_per_request == 0
    assert any(
        note.endswith("taken as it is: --price ours=IN/CACHED/OUT prices their tokens") for note in found.warnings
    )


def test_a_cost_of_0_is_one_elsewhere_and_noted(tmp_path):
    costs, notes = costs_of(write_csv(tmp_path / "t.csv", calls_of(small=0)))
    assert costs == pytest.approx((0.02, 0))
    assert any(
        f"40 of 40 calls of {SMALL} have tokens and a cost of 0, which is taken as it is" in note for note in notes
    )
    rows = litellm(calls_of())
    for row in rows[:40:2]:
        row["spend"] = 0
    costs, notes = costs_of(write_csv(tmp_path / "l.csv", rows))
    assert costs == pytest.approx((0.01, 0.01))
    assert f"20 of 40 calls of {LARGE} have tokens and a cost of 0, which is taken as it is" in notes


# tokens that are missing


def without(*names, **more):
    return [{**{key: value for key, value in row.items() if key not in names}, **more} for row in calls_of(None)]


@pytest.mark.parametrize("missing", ["input_tokens", "output_tokens"])
def test_tokens_that_are_missing_are_the_rest_of_the_total_or_the_row_is_rejected(tmp_path, missing):
    rest = without(missing, total_tokens=1_100)
    assert costs_of(write_csv(tmp_path / "t.csv", rest))[0] == pytest.approx(LISTED)
    rows = calls_of(None)
    for row in rows[:8]:
        row[missing] = ""
    rows[8] |= {missing: "", "status": "error"}
    found = roi_xl.observe(write_csv(tmp_path / "t.csv", rows), LARGE, SMALL)
    assert found.fine_tuned.cost_per_request == pytest.approx(LISTED[1])
    assert [(one.reason, one.rows) for one in found.rejects] == [(f"no {missing}, and no cost", 8)]
    with pytest.raises(NotSupported, match=f"no row could be taken: no {missing}, and no cost"):
        costs_of(write_csv(tmp_path / "t.csv", without(missing)))


def test_a_total_alone_is_no_price_and_embeddings_have_no_output(tmp_path):
    rows = [*without("input_tokens", "output_tokens", total_tokens=1_100)[:4], *calls_of("cost")]
    rows += [{**row, "model": "text-embedding-3-small", "output_tokens": ""} for row in calls_of(None)[:2]]
    names = dict.fromkeys(name for row in rows for name in row)
    rows = [{name: row.get(name, "") for name in names} for row in rows]
    found = roi_xl.observe(write_csv(tmp_path / "t.csv", rows), LARGE, SMALL)
    assert [(one.reason, one.rows) for one in found.rejects if "price" not in one.reason] == [
        ("a total of tokens alone, and no cost", 4)
    ]
    assert found.files[0].taken == 82


# one unit: all requests


def half_fail():
    """30 days of 100 requests a day to each model at 0.02; of the baseline's every other one fails."""
    return [
        {"date": f"2026-09-{day + 1:02d}", "model": model, "cost": 0.02, "request_id": f"{model}{day}-{number}",
         "status": "error" if model == LARGE and number % 2 else "success"}
        for day in range(30) for number in range(100) for model in (LARGE, SMALL)
    ]  # fmt: skip


def test_failures_are_those_of_the_requests_in_inputs(tmp_path, capsys):
    """By hand: 6,000 requests in 30 days are 6,087.5 a month; half of them fail no more, which saves 3,043.75."""
    path, book = write_csv(tmp_path / "t.csv", half_fail()), tmp_path / "t.xlsx"
    case = {"training_cost": 0, "monthly_maintenance": 0, "months": 1}
    found = roi_xl.observe(path, LARGE, SMALL, inputs={**case, "failure_cost": 1})
    assert found.monthly_requests == 6_087.5
    assert [found.inputs[f"{side}_cost_per_request"] for side in ("baseline", "fine_tuned")] == [0.02, 0.02]
    assert (found.baseline.cost_per_request, found.baseline.success_rate) == (0.04, 0.5)
    assert found.answers["net_benefit"][0] == pytest.approx(3_043.75)
    sets = [text for name, value in {**case, "failure_cost": 1}.items() for text in ("--set", f"{name}={value}")]
    assert main(["observe", str(path), "--baseline", LARGE, "--fine-tuned", SMALL, *sets, "-o", str(book)]) == 0
    model = roi_xl.open_model(book)
    assert model.outputs["net_present_value"] == pytest.approx(3_043.75)
    assert model.outputs["model_checks"] == "OK"
    told = capsys.readouterr().out
    assert "6,088 requests a month, from 30.0 days" in told
    assert "#DIV/0!" in told
    assert "nan" not in told
    assert "undefined" in [cell.value for row in load_workbook(book)["Traces"].iter_rows() for cell in row]


def test_the_next_step_asks_for_the_cost_of_a_failure_first(tmp_path):
    """A saving of 0.01 on each of 6,087.5 requests is used up where half of them fail at 0.02 each."""
    rows = [{**row, "model": SMALL if row["model"] == LARGE else LARGE} for row in half_fail()]
    rows = [{**row, "cost": 0.01 if row["model"] == SMALL else 0.02} for row in rows]
    found = roi_xl.observe(
        write_csv(tmp_path / "t.csv", rows),
        LARGE,
        SMALL,
        inputs={"training_cost": 0, "monthly_maintenance": 0, "months": 1},
    )
    assert next_step(found) == (
        "price a failed request (--set failure_cost=COST): it has no price yet, "
        "and above 0.02 fine-tuning does not pay back within the horizon"
    )


# what tools write


def weave(model, usage):
    return [
        {"id": f"{model}{day}", "op_name": "chat", "trace_id": f"{model}{day}",
         "started_at": f"2026-09-{day:02d}T10:30:00Z", "output": {"model": model, "usage": usage}}
        for day in range(1, 9)
    ]  # fmt: skip


def test_weave_counts_the_cache_of_anthropic_and_openai(tmp_path):
    """A million of Anthropic's tokens: 3 of input, 0.30 from the cache, 3.75 or 6 to write it, 15 of output."""
    claude = {"input_tokens": 100, "output_tokens": 100, "cache_read_input_tokens": 90_000}
    claude |= {"cache_creation_input_tokens": 10_000}
    responses = {"input_tokens": 1_000, "output_tokens": 100, "input_tokens_details": {"cached_tokens": 400}}
    path = write_lines(tmp_path / "t.jsonl", [*weave("claude-sonnet-4-5", claude), *weave(SMALL, responses)])
    found = roi_xl.observe(path, "claude-sonnet-4-5", SMALL)
    assert found.baseline.cost_per_request == pytest.approx(0.0663, rel=1e-9)
    assert found.fine_tuned.cost_per_request == pytest.approx((600 * 0.3 + 400 * 0.15 + 100 * 1.2) / 1e6, rel=1e-9)
    assert "the two models share no prompt lengths, so their costs reflect different work" in found.warnings
    assert not any("nan" in note for note in found.warnings)
    with pytest.raises(NotSupported, match="--reweight has nothing to compare"):
        roi_xl.observe(path, "claude-sonnet-4-5", SMALL, reweight=True)
    claude["cache_creation"] = {"ephemeral_5m_input_tokens": 4_000, "ephemeral_1h_input_tokens": 6_000}
    path = write_lines(tmp_path / "t.jsonl", [*weave("claude-sonnet-4-5", claude), *weave(SMALL, responses)])
    found = roi_xl.observe(path, "claude-sonnet-4-5", SMALL)
    assert found.baseline.cost_per_request == pytest.approx(0.0663 + 6_000 * (6 - 3.75) / 1e6, rel=1e-9)


@pytest.mark.parametrize("model", [LARGE, SMALL])
def test_rows_that_were_rejected_are_not_said_to_be_missing(tmp_path, model):
    rows = [{**row, "cached_tokens": 9_000 if row["model"] == model else 0} for row in calls_of()]
    message = f"no row of {model} could be taken: of 40 the first reason is 'more cached than input tokens'"
    with pytest.raises(NotSupported, match=message):
        costs_of(write_csv(tmp_path / "t.csv", rows))


# rows that are there twice


def test_rows_that_are_alike_are_counted_and_noted_where_no_id_tells_copies(tmp_path):
    rows = [{key: value for key, value in row.items() if key != "request_id"} for row in calls_of()]
    found = roi_xl.observe(write_csv(tmp_path / "t.csv", rows + rows[:20] + rows[:5]), LARGE, SMALL)
    assert found.files[0].taken == 105
    said = "rows without an id that are exactly like another one: 25; each is counted"
    assert any(note.startswith(said) for note in found.warnings)
    again = [row | {"call_id": number} for number, row in enumerate(rows)]
    copies = [row | {"cost": 0.04} for row in again[:6:2]] + [again[7]]
    found = roi_xl.observe(write_csv(tmp_path / "t.csv", again + copies), LARGE, SMALL)
    assert (found.files[0].taken, found.duplicates) == (80, 4)
    assert found.baseline.cost == pytest.approx(37 * 0.02 + 3 * 0.04)
    said = (
        "calls that are there more than once with other costs, tokens or statuses: 3; the highest counts, and a failure"
    )
    assert any(note.startswith(said) for note in found.warnings)
    assert not any("exactly like" in note for note in found.warnings)


def test_a_time_without_requests_is_noted(tmp_path):
    rows = calls_of()
    assert not any("no requests from" in note for note in costs_of(write_csv(tmp_path / "t.csv", rows))[1])
    old = rows[:1] + rows[2:]
    old[0] = {**old[0], "time": "2016-09-01T00:30:00Z"}
    _, notes = costs_of(write_csv(tmp_path / "t.csv", old))
    said = "no requests from 2016-09-02 to 2026-08-31, 3,651 of 3,661.1 days: if traces are missing"
    assert any(note.startswith(said) for note in notes), notes
    apart = [
        {**row, "time": row["time"].replace("2026-09", "2026-03")} if row["model"] == SMALL else row for row in rows
    ]
    assert not any("no requests from" in note for note in costs_of(write_csv(tmp_path / "t.csv", apart))[1])
