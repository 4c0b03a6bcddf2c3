"""Exports in the words of the tools that write them: the costs of the same calls come out."""

import csv
import gzip
import json

import pyarrow as pa
import pytest
from pyarrow import parquet
from trace_helpers import BASELINE, PRICES, TUNED, helicone, iso, made_calls, truth, write_csv, write_lines

import roi_xl
from roi_xl.cli import main
from roi_xl.errors import OutOfBounds, RoiError, UnknownName

pytestmark = pytest.mark.slow

CALLS = made_calls(60, 7, days=9)


def langfuse_own(call):
    """A row of Langfuse's batch export: dates and objects are JSON within their cells."""
    usage = {"input": call.input - call.cached, "input_cached_tokens": call.cached, "total": call.input + call.output}
    usage |= {"output": call.output - call.output // 3, "output_reasoning_tokens": call.output // 3}
    return {
        "id": call.call,
        "traceId": call.request,
        "type": "GENERATION",
        "startTime": json.dumps(iso(call.time)),
        "providedModelName": call.model,
        "level": "ERROR" if call.failed else "DEFAULT",
        "usageDetails": json.dumps(usage),
        "input": json.dumps({"messages": [{"role": "user", "content": 'a "quoted", long\nquestion'}]}),
    }


def openinference(call):
    attributes = {
        "openinference": {"span": {"kind": "LLM"}},
        "llm": {
            "model_name": call.model,
            "token_count": {
                "prompt": call.input,
                "completion": call.output,
                "prompt_details": {"cache_read": call.cached},
            },
        },
    }
    return {
        "name": "ChatCompletion",
        "context": {"trace_id": call.request, "span_id": call.call},
        "start_time": iso(call.time),
        "status_code": "ERROR" if call.failed else "OK",
        "attributes": attributes,
    }


def phoenix(call):
    """A row of Phoenix's data frame of spans."""
    return {
        "context.trace_id": call.request,
        "context.span_id": call.call,
        "start_time": call.time,
        "span_kind": "LLM",
        "status_code": "ERROR" if call.failed else "UNSET",
        "attributes.llm.model_name": call.model,
        "attributes.llm.token_count.prompt": float(call.input),
        "attributes.llm.token_count.completion": float(call.output),
        "attributes.llm.token_count.prompt_details.cache_read": float(call.cached),
    }


def langsmith(call):
    return {
        "id": call.call,
        "trace_id": call.request,
        "dotted_order": f"20260901T000000Z{call.call}",
        "run_type": "llm",
        "start_time": iso(call.time),
        "status": "error" if call.failed else "success",
        "extra": {"metadata": {"ls_model_name": call.model}},
        "prompt_tokens": call.input,
        "completion_tokens": call.output,
        "total_cost": call.cost,
    }


def portkey(call):
    return {
        "id": call.call,
        "trace_id": call.request,
        "created_at": iso(call.time),
        "ai_org": "openai",
        "ai_model": call.model,
        "req_units": call.input,
        "res_units": call.output,
        "cost": call.cost * 100,
        "cost_currency": "USD",
        "response_status_code": 500 if call.failed else 200,
    }


def bedrock(call):
    counts = {"inputTokenCount": call.input - call.cached, "cacheReadInputTokenCount": call.cached}
    return {
        "schemaType": "ModelInvocationLog",
        "timestamp": iso(call.time),
        "requestId": call.call,
        "operation": "Converse",
        "modelId": call.model,
        "input": counts | {"cacheWriteInputTokenCount": 0},
        "output": {"outputTokenCount": call.output},
    } | ({"errorCode": "ThrottlingException"} if call.failed else {})


def alone(model):
    mine = [call for call in CALLS if call.model == model]
    return sum(call.cost for call in mine) / sum(not call.failed for call in mine)


def together(model):
    return truth(CALLS, model)


JSON_FORMATS = [
    ("openinference", openinference, together),
    ("langsmith", langsmith, together),
    ("portkey", portkey, together),
    ("bedrock", bedrock, alone),
    ("helicone", lambda call: {**helicone(call), "prompt_tokens": call.input, "cost": call.cost}, alone),
]


@pytest.mark.parametrize(("name", "row", "expected"), JSON_FORMATS, ids=[name for name, *_ in JSON_FORMATS])
def test_lines_of_json_as_the_tools_write_them(tmp_path, name, row, expected):
    path = write_lines(tmp_path / "t.jsonl", [row(call) for call in CALLS])
    if name == "bedrock":
        (tmp_path / "t.json.gz").write_bytes(gzip.compress(path.read_bytes()))
        path = tmp_path / "t.json.gz"
    found = roi_xl.observe(path, "gpt-4o", TUNED)
    assert found.files[0].layout == name
    assert found.files[0].taken == len(CALLS)
    assert found.baseline.cost_per_request == pytest.approx(expected(BASELINE), rel=1e-9)
    assert found.fine_tuned.cost_per_request == pytest.approx(expected(TUNED), rel=1e-9)


def test_langfuse_as_it_exports_csv_itself(tmp_path):
    """Every key of usage details counts: cached tokens to the input, those of reasoning to the output."""
    rows = [langfuse_own(call) for call in CALLS]
    with (tmp_path / "t.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), quoting=csv.QUOTE_ALL)
        writer.writeheader()
        writer.writerows(rows)
    found = roi_xl.observe(tmp_path / "t.csv", "gpt-4o", TUNED)
    assert found.files[0].taken == len(CALLS)
    assert found.baseline.cost_per_request == pytest.approx(together(BASELINE), rel=1e-9)
    assert found.baseline.output_tokens + found.fine_tuned.output_tokens == sum(call.output for call in CALLS)


def test_a_data_frame_of_phoenix(tmp_path):
    parquet.write_table(pa.Table.from_pylist([phoenix(call) for call in CALLS]), tmp_path / "t.parquet")
    found = roi_xl.observe(tmp_path / "t.parquet", "gpt-4o", TUNED)
    assert found.files[0].layout == "openinference"
    assert found.fine_tuned.cost_per_request == pytest.approx(together(TUNED), rel=1e-9)


def page(*buckets):
    return {"object": "page", "data": list(buckets), "has_more": False}


def test_pages_of_openai_usage_and_costs(tmp_path):
    def bucket(day, *results):
        start = 1_788_220_800 + day * 86_400
        return {"object": "bucket", "start_time": start, "end_time": start + 86_400, "results": list(results)}

    def used(model, requests):
        return {"model": model, "num_model_requests": requests, "input_tokens": 10_000, "output_tokens": 1_000}

    usage = page(bucket(0, used("gpt-4o", 10), used("gpt-4o-mini", 20)), bucket(1), bucket(2, used("gpt-4o", 5)))
    (tmp_path / "usage.json").write_text(json.dumps(usage, indent=1))
    amount = {"amount": {"value": 0.0371, "currency": "usd"}, "line_item": None}
    (tmp_path / "costs.json").write_text(json.dumps(page(bucket(0, amount), bucket(2, amount))))
    found = roi_xl.observe([tmp_path / "usage.json", tmp_path / "costs.json"], "gpt-4o", "gpt-4o-mini")
    assert [file.layout for file in found.files] == ["openai-usage", "openai-costs"]
    assert (found.baseline.requests, found.fine_tuned.requests) == (15, 20)
    assert found.baseline.cost == pytest.approx(2 * (10_000 * 2.5 + 1_000 * 10) / 1e6)
    assert found.bill == pytest.approx((0.0742, 2 * 0.035 + (10_000 * 0.15 + 1_000 * 0.6) / 1e6))
    assert found.files[0].skipped == 1


def test_anthropic_says_tokens_but_not_how_many_requests(tmp_path):
    def bucket(day, **result):
        return {
            "starting_at": f"2026-09-0{day}T00:00:00Z",
            "ending_at": f"2026-09-0{day + 1}T00:00:00Z",
            "results": [result],
        }

    writes = {"ephemeral_1h_input_tokens": 30, "ephemeral_5m_input_tokens": 70}
    tokens = {
        "uncached_input_tokens": 1_000,
        "cache_read_input_tokens": 200,
        "cache_creation": writes,
        "output_tokens": 50,
    }
    usage = page(*(bucket(day, model=model, **tokens) for day in (1, 2, 3) for model in ("gpt-4o", "gpt-4o-mini")))
    (tmp_path / "usage.json").write_text(json.dumps(usage))
    with pytest.raises(RoiError, match="no column for requests; --map requests=COLUMN"):
        roi_xl.observe(tmp_path / "usage.json", "gpt-4o", "gpt-4o-mini")
    costs = page(*(bucket(day, amount="12.5", currency="USD") for day in (1, 2, 3)))
    (tmp_path / "costs.json").write_text(json.dumps(costs))
    files = [tmp_path / "usage.json", tmp_path / "costs.json"]
    with pytest.raises(UnknownName, match="there is no column 'calls'"):
        roi_xl.observe(files, "gpt-4o", "gpt-4o-mini", mapping={"requests": "calls"})
    found = roi_xl.observe(files, "gpt-4o", "gpt-4o-mini", mapping={"requests": "=10"})
    assert (found.baseline.requests, found.baseline.input_tokens, found.baseline.cached_tokens) == (30, 3_900, 600)
    assert found.bill[0] == pytest.approx(0.375)


def test_times_since_a_start(tmp_path):
    rows = [
        {"Timestamp": number * 60, "Model": "GPT-4", "Request tokens": 100, "Response tokens": 10, "Total tokens": 110}
        for number in range(3_000)
    ]
    path = write_csv(tmp_path / "burst.csv", rows)
    how = {"mapping": {"model": "=gpt-4o"}, "start": "2026-09-01T12:00:00+02:00"}
    found = roi_xl.observe(path, "gpt-4o", "gpt-4o-mini", **how)
    assert found.baseline.first == 1_788_256_800_000_000
    assert found.window_days == pytest.approx(2_999 / 1_440)
    assert found.baseline.cost == pytest.approx(3_000 * (100 * PRICES[BASELINE][0] + 10 * PRICES[BASELINE][2]) / 1e6)
    lines = [{"timestamp": number * 60_000, "input_length": 100, "output_length": 10} for number in range(3_000)]
    path = write_lines(tmp_path / "mooncake.jsonl", lines)
    how["mapping"] = {**how["mapping"], "time": "timestamp/1000"}
    assert roi_xl.observe(path, "gpt-4o", "gpt-4o-mini", **how).window_days == found.window_days
    with pytest.raises(UnknownName, match="--start takes a date and time"):
        roi_xl.observe(path, "gpt-4o", "gpt-4o-mini", start="soon")


def test_sums_factors_and_paths_may_be_mapped(tmp_path):
    rows = [
        {"at": "2026-09-01T10:00:00Z", "who": {"model": model}, "a": 600, "b": 300, "c": 100, "cents": 25}
        for model in ("large", "small")
    ]
    mapping = {"time": "at", "model": "$.who.model", "input_tokens": "a+b + c", "cost": "cents/100"}
    how = {"mapping": mapping, "monthly_requests": 1}
    for path in (
        write_lines(tmp_path / "t.jsonl", rows),
        write_csv(tmp_path / "t.csv", [{**row, "who": json.dumps(row["who"])} for row in rows]),
    ):
        found = roi_xl.observe(path, "large", "small", **how)
        assert (found.baseline.input_tokens, found.baseline.cost) == (1_000, 0.25)
    with pytest.raises(UnknownName, match="there is no column 'd'"):
        roi_xl.observe(path, "large", "small", mapping={**mapping, "input_tokens": "a+d"})


def test_prices_that_a_person_gives(tmp_path, capsys):
    """200 tokens of which 50 are cached, and 10 of output: (150 * 2 + 50 * 1 + 10 * 8) / 10^6."""
    row = {"time": "2026-09-01T10:00:00Z", "input_tokens": 200, "cached_tokens": 50, "output_tokens": 10}
    path = write_csv(tmp_path / "t.csv", [{**row, "model": model} for model in ("our-large-2026-01-01", "gpt-4o")])
    prices = {"our-large": (2, 1, 8), "our-small": (0.2, 0.1, 0.8)}
    found = roi_xl.observe(path, "our-large", "our-small", prices=prices, monthly_requests=1)
    assert found.baseline.cost == pytest.approx(430e-6, rel=1e-12)
    assert found.fine_tuned.cost == pytest.approx(43e-6, rel=1e-12)
    assert {price.source for price in found.prices if price.model.startswith("our")} == {"as given"}
    with pytest.raises(OutOfBounds, match="input_price must be"):
        roi_xl.observe(path, "our-large", "our-small", prices={"our-large": (-1, 1, 1)})
    command = ["observe", str(path), "--baseline", "our-large", "--fine-tuned", "our-small", "--monthly-requests", "1"]
    command += ["--price", "our-small=0.2/0.1/0.8", "--json", "--price"]
    assert main([*command, "our-large=2/1/8"]) == 0
    assert json.loads(capsys.readouterr().out)["baseline"]["cost"] == pytest.approx(430e-6)
    for wrong in ("our-large=2/8", "=1/2/3"):
        assert main([*command, wrong]) == 2
        assert "--price takes MODEL=IN/CACHED/OUT" in capsys.readouterr().err
