"""More tools' words for the same calls: the costs of plain arithmetic come out."""

import datetime as dt
import json
from dataclasses import replace

import openpyxl
import pytest
from trace_helpers import BASELINE, TUNED, iso, litellm, made_calls, plain, truth, write_csv, write_lines

import roi_xl
from roi_xl.cli import main
from roi_xl.errors import RoiError
from roi_xl.observed.settling import next_step
from roi_xl.observed.told import as_data
from roi_xl.template.build import build_template

pytestmark = pytest.mark.slow

CALLS = made_calls(60, 11, days=9)


def braintrust(call):
    """An event of a project's logs."""
    return {
        "id": call.call,
        "span_id": call.call,
        "root_span_id": call.request,
        "created": iso(call.time),
        "error": "timeout" if call.failed else None,
        "metadata": {"model": call.model},
        "metrics": {
            "start": call.time.timestamp(),
            "prompt_tokens": call.input,
            "completion_tokens": call.output,
            "prompt_cached_tokens": call.cached,
        },
        "span_attributes": {"name": "Chat Completion", "type": "llm"},
    }


def datadog(call):
    """A span as Datadog's HTTP API takes it."""
    return {
        "trace_id": call.request,
        "span_id": call.call,
        "parent_id": "undefined",
        "name": "generate_response",
        "start_ns": int(call.time.timestamp()) * 10**9 + call.time.microsecond * 1_000,
        "duration": 10**9,
        "status": "error" if call.failed else "ok",
        "meta": {"kind": "llm", "metadata": {"model_name": call.model}},
        "metrics": {
            "input_tokens": call.input,
            "output_tokens": call.output,
            "cache_read_input_tokens": call.cached,
        },
    }


def weave(call):
    """A call of OpenAI's client as Weave keeps it."""
    usage = {"prompt_tokens": call.input, "completion_tokens": call.output}
    usage["prompt_tokens_details"] = {"cached_tokens": call.cached}
    return {
        "id": call.call,
        "op_name": "openai.chat.completions.create",
        "trace_id": call.request,
        "started_at": iso(call.time),
        "exception": "APITimeoutError" if call.failed else None,
        "inputs": {"model": call.model},
        "output": {"model": call.model, "usage": usage},
    }


def vertex(call):
    """A row of the request-response log."""
    usage = {"promptTokenCount": call.input, "cachedContentTokenCount": call.cached}
    usage |= {"candidatesTokenCount": call.output - call.output // 4, "thoughtsTokenCount": call.output // 4}
    return {
        "endpoint": "projects/1/locations/us-central1/endpoints/2",
        "deployed_model_id": "3",
        "model": call.model,
        "logging_time": iso(call.time),
        "request_id": call.call,
        "full_response": {"usageMetadata": usage},
    }


def azure_apim(call):
    """A row of ApiManagementGatewayLlmLog."""
    return {
        "TimeGenerated": iso(call.time),
        "CorrelationId": call.request,
        "RequestId": call.call,
        "DeploymentName": "support",
        "ModelName": call.model,
        "PromptTokens": call.input,
        "CompletionTokens": call.output,
        "TotalTokens": call.input + call.output,
    }


OTHERS = {
    "braintrust": {"id": "t", "root_span_id": "req-000001", "created": iso(CALLS[0].time), "metrics": {"start": 1}},
    "datadog": {"trace_id": "req-000001", "span_id": "a", "start_ns": 1, "meta": {"kind": "agent"}},
    "weave": {"id": "t", "op_name": "answer", "trace_id": "req-000001", "started_at": iso(CALLS[0].time)},
}
WHOLE = {"braintrust": braintrust, "datadog": datadog, "weave": weave}


@pytest.mark.parametrize("name", WHOLE)
def test_spans_of_a_tool(tmp_path, name):
    path = write_lines(tmp_path / "t.jsonl", [OTHERS[name], *map(WHOLE[name], CALLS)])
    found = roi_xl.observe(path, BASELINE, TUNED)
    (file,) = found.files
    assert (file.layout, file.rows, file.taken, file.skipped) == (name, len(CALLS) + 1, len(CALLS), 1)
    assert found.baseline.cost_per_request == pytest.approx(truth(CALLS, BASELINE), rel=1e-5)
    assert found.fine_tuned.cost_per_request == pytest.approx(truth(CALLS, TUNED), rel=1e-5)


ALONE = {"vertex": (vertex, 1), "azure-apim": (azure_apim, 0)}


@pytest.mark.parametrize("suffix", ["csv", "jsonl"])
@pytest.mark.parametrize("name", ALONE)
def test_logs_without_a_status(tmp_path, name, suffix):
    """Every call counts as a success; API Management does not tell cached tokens."""
    write, told = ALONE[name]
    rows = [write(call) for call in CALLS if not call.failed]
    if suffix == "csv":
        texts = [
            {key: json.dumps(value) if isinstance(value, dict) else value for key, value in row.items()} for row in rows
        ]
        path = write_csv(tmp_path / "t.csv", texts)
    else:
        path = write_lines(tmp_path / "t.jsonl", rows)
    found = roi_xl.observe(path, BASELINE, TUNED, group="call")
    assert found.files[0].layout == name
    ours = [call for call in CALLS if call.model == BASELINE and not call.failed]
    cost = sum((call.input - told * call.cached) * 2.5 + told * call.cached * 1.25 + call.output * 10 for call in ours)
    assert found.baseline.requests == len(ours)
    assert found.baseline.cost == pytest.approx(cost / 1e6, rel=1e-12)


def test_a_fallback_of_litellm_is_charged_to_the_model_that_was_asked(tmp_path):
    """Twice 0.002 by the large model, twice 0.001 by the small one, which falls back to the large one once."""

    def row(number, model, group, cost, fallbacks):
        call = CALLS[number]
        metadata = {"attempted_fallbacks": fallbacks, "original_model_group": group}
        changed = {"model": model, "spend": cost, "status": "success", "metadata": metadata}
        return {**litellm(call), **changed, "request_id": f"r{number}"}

    rows = [
        row(1, BASELINE, "large", 0.002, 0),
        row(2, BASELINE, "large", 0.002, 0),
        row(3, TUNED, "small", 0.001, 0),
        row(4, TUNED, "small", 0.001, 0),
        row(5, BASELINE, "small", 0.004, 1),
        row(6, "another", "unheard", 0.008, 2),
    ]
    texts = [{**one, "metadata": json.dumps(one["metadata"])} for one in rows]
    for path in (write_lines(tmp_path / "t.jsonl", rows), write_csv(tmp_path / "t.csv", texts)):
        found = roi_xl.observe(path, BASELINE, TUNED, monthly_requests=1)
        assert (found.baseline.requests, found.baseline.cost) == (2, 0.004)
        assert (found.fine_tuned.requests, found.fine_tuned.cost, found.fine_tuned.fallbacks) == (3, 0.006, 1)
    # a group may be named as well as its models
    also = roi_xl.observe(path, f"{BASELINE},unheard", TUNED, monthly_requests=1)
    assert (also.baseline.requests, also.baseline.cost) == (3, 0.012)


def test_the_public_trace_of_2024_into_a_workbook(tmp_path):
    """Ten requests a minute for two days, 1,000 tokens in and 100 out."""
    rows = [
        {
            "TIMESTAMP": f"2024-05-{10 + number // 144} {number % 144 // 6:02}:{number % 6 * 10:02}:00.009930+00:00",
            "ContextTokens": 1_000,
            "GeneratedTokens": 100,
        }
        for number in range(288)
    ]
    path = write_csv(tmp_path / "AzureLLMInferenceTrace_conv_1week.csv", rows)
    out = tmp_path / "o.xlsx"
    command = ["observe", str(path), "--map", "model==gpt-4o", "--baseline", "gpt-4o"]
    assert main([*command, "--fine-tuned", "ft:gpt-4o-mini-2024-07-18:a::b", "-o", str(out)]) == 0
    found = roi_xl.observe(path, "gpt-4o", "ft:gpt-4o-mini-2024-07-18:a::b", mapping={"model": "=gpt-4o"})
    assert found.window_days == pytest.approx(2 - 1 / 144)
    assert out.exists()


# what is shown


@pytest.fixture(scope="module")
def shown(tmp_path_factory):
    """Three weeks of calls, observed into a workbook."""
    folder = tmp_path_factory.mktemp("shown")
    calls = made_calls(200, 3, days=21)
    path = write_csv(folder / "t.csv", [plain(call) for call in calls])
    out = folder / "o.xlsx"
    found = roi_xl.observe(path, BASELINE, TUNED)
    build_template(out, {}, observed=found)
    sheet = openpyxl.load_workbook(out, data_only=True)["Traces"]
    return calls, found, [[cell.value for cell in row[1:6]] for row in sheet.iter_rows(max_col=6)], path


def below(rows, head):
    """The lines of a table, down to the first empty one."""
    start = next(place for place, row in enumerate(rows) if row[0] == head) + 1
    lines = []
    for row in rows[start:]:
        if row[0] is None:
            break
        lines.append(row)
    return lines


def charged(calls, model, key):
    """Costs by a key of the moment at which a request began, on the side of its first call."""
    first, sums = {}, {}
    for call in calls:
        first.setdefault(call.request, call)
        begun = first[call.request]
        if begun.model == model:
            sums[key(begun.time)] = sums.get(key(begun.time), 0) + call.cost
    return sums


def test_the_sheet_has_the_cost_of_each_day_and_hour(shown):
    calls, found, rows, _ = shown
    days = [charged(calls, model, lambda time: time.date()) for model in (BASELINE, TUNED)]
    for day, *costs, _, _ in below(rows, "Cost of a day (USD)"):
        assert costs == [pytest.approx(some.get(day.date(), 0), abs=1e-9) for some in days]
    hours = [charged(calls, model, lambda time: time.hour) for model in (BASELINE, TUNED)]
    lines = below(rows, "Cost by hour, UTC (USD)")
    assert [line[0] for line in lines] == [f"{hour:02}:00" for hour in range(24)]
    for hour, (_, *costs, _, _) in enumerate(lines):
        assert costs == [pytest.approx(some.get(hour, 0), abs=1e-9) for some in hours]
    told = as_data(found)["baseline"]
    assert sum(told["cost_by_day"].values()) == pytest.approx(told["cost"])
    assert sum(told["cost_by_hour"].values()) == pytest.approx(told["cost"])


def test_the_sheet_has_the_reading_report_and_every_status(shown):
    calls, _, rows, _ = shown
    (line,) = below(rows, "What was read")
    assert line == ["t.csv", len(calls), len(calls), 0, "0 rejected, 0 duplicates"]
    failed = sum(call.failed for call in calls)
    assert below(rows, "Status") == [
        ["ok", len(calls) - failed, "success", "plain", None],
        ["error", failed, "no success", "plain", None],
    ]


def test_many_status_words_are_cut_with_a_note(tmp_path):
    rows = [
        {**plain(CALLS[0]), "model": BASELINE, "request_id": f"r{n}", "status": f"odd {n:03}" if n else "ok"}
        for n in range(30)
    ]
    rows.append({**rows[0], "model": TUNED, "request_id": "last"})
    found = roi_xl.observe(write_csv(tmp_path / "t.csv", rows), BASELINE, TUNED, monthly_requests=1)
    build_template(tmp_path / "o.xlsx", {}, observed=found)
    sheet = openpyxl.load_workbook(tmp_path / "o.xlsx")["Traces"]
    notes = [cell.value for row in sheet.iter_rows(min_col=6, max_col=6) for cell in row]
    assert "6 rarer words are left out; --json has them" in notes


def test_the_screen_ends_with_what_to_do_next(shown, capsys):
    path = shown[3]
    assert main(["observe", str(path), "--baseline", BASELINE, "--fine-tuned", TUNED]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1].startswith(
        "Next: decide: fine-tuning does not pay back within the horizon across the whole 95% interval"
    )


NEXT = [
    ((100, 20, 180), False, "decide: fine-tuning pays back within the horizon"),
    ((-100, -180, -20), False, "decide: fine-tuning does not pay back within the horizon"),
    # the far end is 150 from a value of 100: 8 * 1.5^2 = 18 days bring it to 0, one more beyond
    ((100, -50, 250), False, "keep measuring: about 11 more days like these would confirm that fine-tuning pays back"),
    (
        (-100, -130, 1),
        False,
        "keep measuring: about one more day like these would confirm that fine-tuning does not pay back",
    ),
    ((1, -500, 500), False, "too close to call"),
    ((0, -5, 5), False, "too close to call"),
    ((100, 20, 180), True, "route some of the traffic to the fine-tuned model"),
]


@pytest.mark.parametrize(("answer", "assumed", "expected"), NEXT)
def test_the_next_step_follows_from_the_interval(shown, answer, assumed, expected):
    found = shown[1]
    asked = replace(
        found,
        answers={**found.answers, "net_benefit": answer},
        window_days=8,
        fine_tuned=replace(found.fine_tuned, assumed=assumed),
    )
    assert next_step(asked).startswith(expected)


def vllm_span(call, model):
    """A finished request as vLLM's engine writes it: no name of a model, which the service has; and a step of it."""
    attributes = {
        "gen_ai.latency.e2e": 0.7,
        "gen_ai.usage.prompt_tokens": call.input,
        "gen_ai.usage.completion_tokens": call.output,
        "gen_ai.request.id": f"cmpl-{call.call}",
        "gen_ai.request.max_tokens": 512,
    }
    span = {"start_time": iso(call.time), "resource": {"attributes": {"service.name": model}}}
    ids = {"trace_id": call.request, "span_id": call.call}
    return (
        {"name": "llm_request", "context": ids, "attributes": attributes, **span},
        {"name": "vllm.request.queue", "context": {**ids, "span_id": f"q{call.call}"}, "attributes": {}, **span},
    )


def as_collected(spans):
    """The same as a collector's file exporter writes them, a line for each span's service."""

    def listed(values):
        kinds = {int: "intValue", float: "doubleValue", str: "stringValue"}
        return [{"key": key, "value": {kinds[type(value)]: value}} for key, value in values.items()]

    for span in spans:
        nanoseconds = int(dt.datetime.fromisoformat(span["start_time"]).timestamp() * 10**6) * 1_000
        one = {
            "traceId": span["context"]["trace_id"],
            "spanId": span["context"]["span_id"],
            "name": span["name"],
            "startTimeUnixNano": str(nanoseconds),
            "attributes": listed(span["attributes"]),
        }
        resource = {"attributes": listed(span["resource"]["attributes"])}
        yield {"resourceSpans": [{"resource": resource, "scopeSpans": [{"spans": [one]}]}]}


@pytest.mark.parametrize("form", ["flat", "collected"])
def test_vllm_spans_are_told_apart_by_their_service(tmp_path, form):
    """Two servers; tokens cost nothing, their GPUs do."""
    calls = [call for call in CALLS if not call.failed]
    servers = {BASELINE: "llama-70b", TUNED: "llama-8b-tuned"}
    spans = [span for call in calls for span in vllm_span(call, servers[call.model])]
    path = write_lines(tmp_path / "t.jsonl", spans if form == "flat" else as_collected(spans))
    (tmp_path / "p.toml").write_text(
        'source = "GPUs"\nsince = 2026-01-01\n'
        + "".join(f'[models."{name}"]\ninput = 1\noutput = 4\nhosting = 2\n' for name in servers.values())
    )
    given = {"price_file": tmp_path / "p.toml", "monthly_requests": 1_000}
    found = roi_xl.observe(path, "llama-70b", "llama-8b-tuned", group="call", **given)
    (file,) = found.files
    assert (file.layout, file.taken, file.skipped) == ("vllm", len(calls), len(calls))
    for side, model in ((found.baseline, BASELINE), (found.fine_tuned, TUNED)):
        mine = [call for call in calls if call.model == model]
        assert side.requests == side.successes == len(mine)
        assert side.cost == pytest.approx(sum(call.input + 4 * call.output for call in mine) / 1e6, rel=1e-12)
        assert side.hosting == pytest.approx(2 * 24 * 365.25 / 12)


def test_a_vllm_server_that_has_no_name_is_given_one(tmp_path):
    spans = [{**vllm_span(call, "")[0], "resource": {}} for call in CALLS]
    path = write_lines(tmp_path / "t.jsonl", spans)
    with pytest.raises(RoiError, match="no row could be taken: no model"):
        roi_xl.observe(path, "a", "b")
    found = roi_xl.observe(
        path, "a", "gpt-4o", mapping={"model": "=a"}, prices={"a": (1, 1, 4)}, monthly_requests=1_000, group="call"
    )
    assert found.baseline.requests == len(CALLS)
