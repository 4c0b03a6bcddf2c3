"""More tools' words for the same calls: the costs of plain arithmetic come out."""

import json

import pytest
from trace_helpers import BASELINE, TUNED, iso, litellm, made_calls, truth, write_csv, write_lines

import roi_xl
from roi_xl.cli import main

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
