"""Traces of every tool become costs: the truth comes out."""

import json

import pytest
from trace_helpers import BASELINE, CASE, FORMATS, TRACES, TUNED, look, made_calls, truth, write_csv, write_format

import roi_xl
from roi_xl.cli import main
from roi_xl.errors import UnknownName

KNOWS_REQUESTS = ("langfuse", "plain", "otel", "otlp")
pytestmark = pytest.mark.slow


def alone(calls, model):
    """The truth where an export does not say which calls belong together."""
    mine = [call for call in calls if call.model == model]
    return sum(call.cost for call in mine) / sum(not call.failed for call in mine)


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
    assert (not found.has_requests) == any("which calls belong to one request" in line for line in found.warnings)


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
