"""Traces whose truth is known: calls of two models, in the words of every tool."""

import csv
import datetime as dt
import functools
import json
import random
from dataclasses import dataclass
from pathlib import Path

import roi_xl

TRACES = Path(__file__).parent / "traces"
look = functools.partial(roi_xl.observe, monthly_requests=100_000)  # most traces here are of minutes
CASE = {"training_cost": 2_500, "monthly_maintenance": 100, "months": 12}
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
BASELINE, TUNED = "gpt-4o-2024-08-06", "ft:gpt-4o-mini-2024-07-18:acme::b7XyZ12"
PRICES = {BASELINE: (2.5, 1.25, 10.0), TUNED: (0.3, 0.15, 1.2)}
START = dt.datetime(2026, 9, 1, tzinfo=dt.UTC)


@dataclass(frozen=True)
class Call:
    request: str
    call: str
    time: dt.datetime
    model: str
    input: int
    output: int
    cached: int
    failed: bool
    user: str

    @property
    def cost(self) -> float:
        """By the book, to the millionth of a cent."""
        uncached, cached, output = PRICES[self.model]
        return round(((self.input - self.cached) * uncached + self.cached * cached + self.output * output) / 1e6, 8)


def made_calls(
    requests: int, seed: int, days: int = 10, retry: float = 0.1, fallback: float = 0.05, noise: float = 0.0
):
    """Requests to both models in turn; some attempts fail and are made again, some fall back to the baseline."""
    generator = random.Random(seed)
    moods = [generator.gauss(0, noise) for _ in range(days)]
    calls = []
    for number in range(requests):
        model = (BASELINE, TUNED)[number % 2]
        moment = START + dt.timedelta(seconds=generator.uniform(0, days * 86_400))
        mood = 2.718281828 ** moods[(moment - START).days]
        size = int(generator.lognormvariate(6.5, 0.5) * mood)
        attempt = 0
        while True:
            failed = generator.random() < retry
            calls.append(one_call(generator, number, attempt, moment, model, size, mood, failed))
            attempt += 1
            moment += dt.timedelta(seconds=generator.uniform(1, 5))
            if not failed:
                break
            if model == TUNED and generator.random() < fallback / retry:
                calls.append(one_call(generator, number, attempt, moment, BASELINE, size, mood, False))
                break
    return sorted(calls, key=lambda call: (call.time, call.call))


def one_call(generator, number, attempt, moment, model, size, mood, failed):
    output = 0 if failed else int(generator.lognormvariate(5.0, 0.4) * mood)
    cached = size // 2 if generator.random() < 0.3 else 0
    user = f"user-{generator.randrange(25)}"
    moment = moment.replace(microsecond=moment.microsecond // 1_000 * 1_000)
    return Call(f"req-{number:06d}", f"call-{number:06d}-{attempt}", moment, model, size, output, cached, failed, user)


def truth(calls, model):
    """Cost per successful request, by plain Python: each request on the side of its first call."""
    by_request = {}
    for call in calls:
        by_request.setdefault(call.request, []).append(call)
    cost = successes = 0.0
    for some in by_request.values():
        if some[0].model == model:
            cost += sum(call.cost for call in some)
            successes += any(not call.failed for call in some)
    return cost / successes


def iso(moment):
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1_000:03d}Z"


def langfuse(call):
    usage = {"input": call.input - call.cached, "output": call.output, "total": call.input + call.output}
    return {
        "id": call.call,
        "trace_id": call.request,
        "type": "GENERATION",
        "start_time": call.time.strftime("%Y-%m-%d %H:%M:%S.%f"),
        "provided_model_name": call.model,
        "level": "ERROR" if call.failed else "DEFAULT",
        "usage_details": json.dumps(usage | ({"input_cached_tokens": call.cached} if call.cached else {})),
        "total_cost": f"{call.cost:.8f}",
        "user_id": call.user,
    }


def helicone(call):
    return {
        "response_id": call.call,
        "response_created_at": iso(call.time),
        "response_status": "500" if call.failed else "200",
        "request_created_at": iso(call.time),
        "request_body": "",
        "request_properties": "{}",
        "request_user_id": call.user,
        "model": call.model,
        "prompt_tokens": str(call.input),
        "completion_tokens": str(call.output),
        "latency": "812",
        "cost": f"{call.cost:.8f}",
    }


def litellm(call):
    return {
        "request_id": call.call,
        "call_type": "acompletion",
        "api_key": "88dc28d0f030c55ed4ab77ed8faf098196cb1c05",
        "spend": f"{call.cost:.8f}",
        "total_tokens": str(call.input + call.output),
        "prompt_tokens": str(call.input),
        "completion_tokens": str(call.output),
        "startTime": call.time.strftime("%Y-%m-%d %H:%M:%S.%f"),
        "endTime": call.time.strftime("%Y-%m-%d %H:%M:%S.%f"),
        "model": call.model,
        "model_group": "support",
        "metadata": json.dumps({"attempted_retries": 0, "cache_read_input_tokens": call.cached}),
        "end_user": call.user,
        "session_id": call.request,
        "status": "failure" if call.failed else "success",
    }


def openrouter(call):
    return {
        "generation_id": call.call,
        "created_at": call.time.strftime("%Y-%m-%d %H:%M:%S.%f"),
        "model_permaslug": call.model,
        "provider_name": "OpenAI",
        "tokens_prompt": str(call.input),
        "tokens_completion": str(call.output),
        "tokens_cached": str(call.cached),
        "cost_total": f"{call.cost:.8f}",
        "cancelled": "true" if call.failed else "false",
        "user": call.user,
    }


def plain(call):
    return {
        "time": iso(call.time),
        "model": call.model,
        "input_tokens": str(call.input),
        "output_tokens": str(call.output),
        "cached_tokens": str(call.cached),
        "cost": f"{call.cost:.8f}",
        "status": "error" if call.failed else "ok",
        "request_id": call.request,
        "user": call.user,
    }


def otel(call):
    """A span as a row of flat JSON; no cost."""
    attributes = {
        "gen_ai.operation.name": "chat",
        "gen_ai.request.model": call.model,
        "gen_ai.response.model": call.model,
        "gen_ai.usage.input_tokens": call.input,
        "gen_ai.usage.output_tokens": call.output,
        "gen_ai.usage.cache_read.input_tokens": call.cached,
        "user.id": call.user,
    }
    return {
        "name": "chat",
        "context": {"trace_id": call.request, "span_id": call.call},
        "start_time": iso(call.time),
        "attributes": attributes | ({"error.type": "timeout"} if call.failed else {}),
    }


def otlp(calls):
    """Spans as a collector's file exporter writes them: one line for a batch, attributes as a list."""

    def attribute(key, value):
        return {"key": key, "value": {"intValue": str(value)} if isinstance(value, int) else {"stringValue": value}}

    spans = [
        {
            "traceId": call.request,
            "spanId": call.call,
            "name": "chat",
            "startTimeUnixNano": str(int(call.time.timestamp()) * 10**9 + call.time.microsecond * 1_000),
            "attributes": [attribute(*item) for item in otel(call)["attributes"].items() if item[0] != "error.type"],
            "status": {"code": 2} if call.failed else {},
        }
        for call in calls
    ]
    return {"resourceSpans": [{"resource": {"attributes": []}, "scopeSpans": [{"scope": {}, "spans": spans}]}]}


CSV_FORMATS = {"langfuse": langfuse, "helicone": helicone, "litellm": litellm, "openrouter": openrouter, "plain": plain}


def write_csv(path: Path, rows):
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def write_lines(path: Path, rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


def write_format(folder: Path, name: str, calls):
    """The calls as one tool's export."""
    if name in CSV_FORMATS:
        return write_csv(folder / f"{name}.csv", [CSV_FORMATS[name](call) for call in calls])
    if name == "otel":
        return write_lines(folder / "otel.jsonl", [otel(call) for call in calls])
    parts = [calls[start : start + 50] for start in range(0, len(calls), 50)]
    return write_lines(folder / "otlp.jsonl", [otlp(part) for part in parts])


FORMATS = (*CSV_FORMATS, "otel", "otlp")
