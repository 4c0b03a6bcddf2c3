"""Nothing in a file of traces is silently lost, misread, or taken for a success."""

import contextlib
import gzip
import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import openpyxl
import pyarrow as pa
import pytest
from pyarrow import parquet
from trace_helpers import (
    BASELINE,
    TUNED,
    made_calls,
    openrouter,
    otel,
    otlp,
    truth,
    write_csv,
    write_format,
    write_lines,
)

import roi_xl
from roi_xl.cli import main
from roi_xl.errors import FileProblem, NotSupported, RoiError, UnknownName
from roi_xl.observed import csv_lines, marks, moments, observe, requests, traffic
from roi_xl.observed import rows as rows_module
from roi_xl.observed.told import as_data

pytestmark = pytest.mark.slow

CALL = {"time": "2026-09-01T10:00:00Z", "input_tokens": "10", "output_tokens": "5", "cost": "0.001", "status": "ok"}


def look(files, baseline="large", tuned="small", **how):
    return roi_xl.observe(files, baseline, tuned, **{"monthly_requests": 100_000, **how})


def fates(file):
    return file.rows, file.taken, file.skipped, file.rejected, file.duplicates


def both(rows):
    """Rows of a call with what is changed in each, and one good call of the other model."""
    return [{**CALL, "model": "small", **row} for row in rows] + [{**CALL, "model": "large"}]


# columns


def test_keys_that_come_late_count_as_those_of_the_first_rows(tmp_path):
    rows = [
        {"time": CALL["time"], "model": model, "input_tokens": 1_000, "output_tokens": 0}
        for model in ("gpt-4o", "gpt-4o-mini") * 150
    ]
    late = [{**row, "status": "error", "cached_tokens": 1_000, "cost": 7} for row in rows[:300]]
    found = look(write_lines(tmp_path / "t.jsonl", rows + late), "gpt-4o", "gpt-4o-mini")
    assert found.baseline.requests == 300
    assert found.baseline.cost == pytest.approx(150 * 0.0025 + 150 * 7)
    assert found.baseline.cached_tokens == 150_000
    assert {(one.word, one.rows, one.is_success) for one in found.statuses} == {
        ("error", 300, False),
        (None, 300, True),
    }
    assert found.baseline.success_rate == 0.5


def test_attributes_that_come_late_or_are_no_object_once(tmp_path):
    calls = made_calls(60, 2)
    spans = [otel(call) for call in calls]
    for name, first in (("late", [{"name": "start"}] * 250), ("text", [{"name": "x", "attributes": "none"}])):
        found = look(write_lines(tmp_path / f"{name}.jsonl", first + spans), "gpt-4o", TUNED)
        assert found.files[0].skipped == len(first)
        assert found.files[0].taken == len(calls)
        assert found.baseline.cost_per_request == pytest.approx(truth(calls, BASELINE), rel=1e-12)


def test_maps_and_structs_of_parquet_have_their_keys_as_columns(tmp_path):
    calls = made_calls(60, 2)
    rows = [otel(call) for call in calls]
    texts = [{key: str(value) for key, value in row["attributes"].items()} for row in rows]
    table = pa.table(
        {
            "start_time": [call.time for call in calls],
            "context": [row["context"] for row in rows],
            "attributes": pa.array([list(text.items()) for text in texts], pa.map_(pa.string(), pa.string())),
        }
    )
    parquet.write_table(table, tmp_path / "t.parquet")
    found = look(tmp_path / "t.parquet", "gpt-4o", TUNED)
    assert found.baseline.cost_per_request == pytest.approx(truth(calls, BASELINE), rel=1e-12)
    assert found.has_requests


# what a success is


WORDS = {
    "ok": True, "success": True, "200": True, "201 Created": True, "200.0": True, "1": True, "true": True,
    "Completed": True, "fail": False, "canceled": False, "0": False, "incomplete": False,
    "429 Too Many Requests": False, "aborted": False, "-1": False, "304": False, "wow": False, "": False,
}  # fmt: skip


def test_every_word_is_decided_once_and_shown(tmp_path, capsys):
    rows = [{"status": word} for word in WORDS for _ in range(2)]
    path = write_csv(tmp_path / "t.csv", both(rows))
    found = look(path)
    decided = {one.word or "": one.is_success for one in found.statuses}
    assert decided == {word.lower(): ok for word, ok in WORDS.items()}
    assert {one.word: one.rows for one in found.statuses}["ok"] == 3
    assert found.fine_tuned.successes == 2 * sum(WORDS.values())
    assert main(["observe", str(path), "--baseline", "large", "--fine-tuned", "small", "--monthly-requests", "9"]) == 0
    shown = capsys.readouterr().out
    assert "Status taken for no success: " in next(line for line in shown.splitlines() if "429 too many" in line)


def test_nothing_is_a_success_where_only_errors_are_marked(tmp_path):
    rows = [{"status": word} for word in ("", "", "boom")]
    found = look(write_csv(tmp_path / "t.csv", [*both(rows)[:-1], {**CALL, "model": "large", "status": ""}]))
    assert (found.fine_tuned.successes, found.fine_tuned.requests) == (2, 3)


@pytest.mark.parametrize(
    ("success", "expected"),
    [("score>=0.7", 2), ("score < 0.7", 1), ("status=ok", 3), ("status != 'bad'", 3), ("score==0.9", 1)],
)
def test_a_person_may_say_what_a_success_is(tmp_path, success, expected):
    rows = [{"score": "0.7"}, {"score": "0.9"}, {"score": "0.2"}, {"score": "", "status": "bad"}]
    good = {"score < 0.7": "0.1", "score==0.9": "0.9"}.get(success, "0.8")
    path = write_csv(tmp_path / "t.csv", [*both(rows)[:-1], {**CALL, "model": "large", "score": good}])
    tuned = look(path, success=success).fine_tuned
    assert (tuned.successes, tuned.requests, tuned.judged) == (expected, 4, 3 if "score" in success else 4)


SCORED = [
    # request, score: a retry without one, a trace that is scored at its end alone, one without any
    *(("a", "0.9"), ("a", ""), ("b", ""), ("b", "0.2"), ("c", ""), ("d", "0.8"), ("e", ""), ("e", "")),
]


@pytest.mark.parametrize(
    ("group", "good", "known", "all_of_them"), [("trace", 2, 3, 5), ("agent", 2, 3, 5), ("call", 2, 3, 8)]
)
def test_calls_without_a_score_count_in_costs_and_not_in_the_success_rate(
    tmp_path, monkeypatch, capsys, group, good, known, all_of_them
):
    """By every engine; each call costs 0.01, and what a success costs is what a request costs over their share."""
    rows = [
        {
            "time": f"2026-09-0{1 + place}T10:00:00Z",
            "model": model,
            "request_id": f"{model}-{request}",
            "call_id": place,
        }
        | {"input_tokens": 10, "output_tokens": 1, "cost": 0.01, "score": score}
        for model in ("large", "small")
        for place, (request, score) in enumerate(SCORED)
    ]
    rows = [{**row, "call_id": place} for place, row in enumerate(rows)]
    path = write_csv(tmp_path / "t.csv", rows)
    found = look(path, success="score>=0.7", group=group)
    side = found.fine_tuned
    assert (side.successes, side.judged, side.requests, side.calls) == (good, known, all_of_them, len(SCORED))
    assert side.success_rate == pytest.approx(good / known)
    assert side.each.ratio == pytest.approx(0.08 / all_of_them, rel=1e-12)
    assert side.cost_per_request == pytest.approx(0.08 / all_of_them / (good / known), rel=1e-12)
    assert (side.failed_cost, found.monthly_requests) == (pytest.approx(0.01), 100_000)
    text = "10 of 16 calls have no value for score>=0.7: they count in costs and volume, and not in the success rate"
    assert text in found.warnings
    command = ["observe", str(path), "--baseline", "large", "--fine-tuned", "small", "--success", "score>=0.7"]
    out = tmp_path / "o.xlsx"
    assert main([*command, "--group", group, "--monthly-requests", "9", "-o", str(out)]) == 0
    assert "neither" in capsys.readouterr().out
    sheet = openpyxl.load_workbook(out, data_only=True)["Traces"]
    cells = {row[1].value: row[3].value for row in sheet.iter_rows(max_col=4)}
    assert cells["Success rate"] == pytest.approx(good / known)
    assert cells["Cost per successful request"] == pytest.approx(side.cost_per_request, rel=1e-9)
    for module in (marks, moments, requests, rows_module, traffic):
        monkeypatch.setattr(module, "is_duckdb", lambda expression: False)
    assert as_data(look(path, success="score>=0.7", group=group)) == as_data(found)


def test_where_nothing_is_scored_there_is_no_success_rate(tmp_path):
    rows = both([{"score": "0.9"}])
    rows[-1]["score"] = ""
    path = write_csv(tmp_path / "t.csv", rows)
    with pytest.raises(NotSupported, match=r"no request that began with .* has a value for --success"):
        look(path, success="score>=0.7")


def test_a_status_may_have_another_name(tmp_path):
    rows = [{**row, "outcome": word} for row, word in zip(both([{}, {}]), ("ok", "no", "ok"), strict=True)]
    path = write_csv(tmp_path / "t.csv", [{key: row[key] for key in row if key != "status"} for row in rows])
    assert look(path).fine_tuned.successes == 2
    assert look(path, mapping={"status": "outcome"}).fine_tuned.successes == 1
    with pytest.raises(RoiError, match=r"--success takes a column and a comparison such as score>=0\.7, got 'good'"):
        look(path, success="good")
    with pytest.raises(UnknownName, match="there is no column 'score'"):
        look(path, success="score>1")


def test_a_trace_an_agent_and_calls_succeed_by_rules_of_their_own(tmp_path):
    def step(second, model, status, request):
        return {**CALL, "time": f"2026-09-01T10:00:0{second}Z", "model": model, "status": status, "request_id": request}

    rows = [
        step(1, "small", "ok", "a"), step(2, "small", "error", "a"),
        step(1, "small", "error", "b"), step(2, "small", "ok", "b"),
        step(1, "small", "ok", "c"), step(2, "large", "ok", "c"),
        step(1, "large", "ok", "d"),
    ]  # fmt: skip
    path = write_csv(tmp_path / "t.csv", rows)
    found = {group: look(path, group=group) for group in ("trace", "agent", "call")}
    counts = {group: (one.fine_tuned.successes, one.fine_tuned.requests) for group, one in found.items()}
    assert counts == {"trace": (3, 3), "agent": (2, 3), "call": (3, 5)}
    notes = " ".join(found["trace"].warnings)
    assert "requests with successful calls to both models: 1" in notes
    assert "requests with more than one successful call: 1" in notes
    with pytest.raises(UnknownName, match="group must be one of trace, agent, call"):
        look(path, group="session")


# one bad cell is one rejected row


BAD = [
    ({"cost": "9300000"}, "cost is not from 0 to 100,000"),
    ({"cost": "1e300"}, "cost is not from 0 to 100,000"),
    ({"input_tokens": "9223372036854775808"}, "input_tokens is above 100,000,000"),
    ({"output_tokens": "1e300"}, "output_tokens is above 100,000,000"),
    ({"time": "1e30"}, "time is in the future"),
    ({"time": "-1e30"}, "time is before 2015"),
]


@pytest.mark.parametrize("kind", ["csv", "jsonl", "parquet"])
def test_a_number_beyond_all_bits_is_one_rejected_row(tmp_path, kind):
    rows, path = both([{}, *(change for change, _ in BAD)]), tmp_path / f"t.{kind}"
    if kind == "csv":
        write_csv(path, rows)
    elif kind == "jsonl":
        write_lines(path, [{**row, **{key: float(row[key]) for key in ("input_tokens", "cost")}} for row in rows])
    else:
        numbers = ("input_tokens", "output_tokens", "cost")
        times = [1.788e9 if "T" in row["time"] else float(row["time"]) for row in rows]
        typed = [
            {**row, **{key: float(row[key]) for key in numbers}, "time": at}
            for row, at in zip(rows, times, strict=True)
        ]
        parquet.write_table(pa.Table.from_pylist(typed), path)
    found = look(path)
    assert fates(found.files[0]) == (len(rows), 2, 0, len(BAD), 0)
    reasons = [reason for _, reason in BAD]
    assert {one.reason: one.rows for one in found.rejects} == {reason: reasons.count(reason) for reason in reasons}


def test_a_whole_number_of_64_bits_without_a_sign(tmp_path):
    tokens = pa.array([10, 2**63 + 5, 10], pa.uint64())
    table = pa.table(
        {"time": [1.788e9] * 3, "model": ["small", "small", "large"], "input_tokens": tokens, "cost": [1.0] * 3}
    )
    parquet.write_table(table, tmp_path / "t.parquet")
    assert fates(look(tmp_path / "t.parquet").files[0]) == (3, 2, 0, 1, 0)


def test_a_line_that_is_no_object_is_one_rejected_row(tmp_path):
    path = write_lines(tmp_path / "t.jsonl", both([{}]))
    path.write_text('5\n"text"\n[{"time": 1}]\nnull\n' + path.read_text())
    found = look(path)
    assert fates(found.files[0]) == (6, 2, 0, 4, 0)
    assert [(one.reason, one.rows) for one in found.rejects] == [("no JSON object", 4)]


def test_a_stray_quote_costs_one_line_and_a_row_over_lines_none(tmp_path):
    rows = [{**CALL, "model": ("large", "small")[place % 2], "note": ""} for place in range(3_000)]
    rows[500]["note"] = 'said "yes",\nthen went on\n\nand on'
    path = write_csv(tmp_path / "t.csv", rows)
    lines = path.read_text().split("\n")
    lines[300] = lines[300].replace("large", '"large').replace("small", '"small')
    lines[2_000] += '"'
    path.write_text("\n".join(lines))
    found = look(path)
    assert fates(found.files[0]) == (3_000, 2_998, 0, 2, 0)
    assert [(one.reason, one.rows) for one in found.rejects] == [(csv_lines.UNCLOSED, 2)]
    assert found.rejects[0].examples[0].startswith("line 301: 2026-09-01")
    (tmp_path / "packed.csv.gz").write_bytes(gzip.compress(path.read_bytes()))
    assert fates(look(tmp_path / "packed.csv.gz").files[0]) == (3_000, 2_998, 0, 2, 0)


def test_a_file_that_is_cut_off_says_so(tmp_path):
    rows = [
        {**CALL, "model": ("large", "small")[place % 2], "call_id": str(random.Random(place).random())}
        for place in range(9_000)
    ]
    packed = gzip.compress(write_csv(tmp_path / "t.csv", rows).read_bytes())
    (tmp_path / "cut.csv.gz").write_bytes(packed[: len(packed) // 2])
    found = look(tmp_path / "cut.csv.gz")
    file = found.files[0]
    assert 0 < file.taken < 9_000
    assert file.rows == file.taken + file.rejected
    assert any(one.reason.startswith("the compressed file is cut off") for one in found.rejects)


def test_the_same_file_twice_is_said_and_rows_add_up(tmp_path, capsys):
    calls = made_calls(100, 6)
    path = write_format(tmp_path, "langfuse", calls)
    again = tmp_path / "copy.csv"
    again.write_bytes(path.read_bytes())
    arguments = ["observe", str(path), str(again), "--baseline", "gpt-4o", "--fine-tuned", "ft:*"]
    assert main([*arguments, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    for file in found["files"]:
        assert file["rows"] == file["taken"] + file["skipped"] + file["rejected"] + file["duplicates"] == len(calls)
    assert sum(file["duplicates"] for file in found["files"]) == len(calls)
    assert any(f"{again} is the same file as {path} (SHA-256" in line for line in found["warnings"])
    assert main(arguments) == 0
    shown = capsys.readouterr().out
    assert all(word in shown for word in ("Taken", "Skipped", "Rejected", "Duplicates"))


def test_spans_of_other_kinds_are_skipped_in_both_forms(tmp_path):
    calls = made_calls(40, 3)
    other = {"name": "GET /", "context": {"trace_id": "t", "span_id": "s"}, "start_time": "2026-09-01T10:00:00Z"}
    flat = write_lines(tmp_path / "flat.jsonl", [{**other, "attributes": {"http.method": "GET"}}, *map(otel, calls)])
    batch = otlp(calls)
    spans = batch["resourceSpans"][0]["scopeSpans"][0]["spans"]
    spans.insert(0, {"traceId": "t", "spanId": "s", "startTimeUnixNano": "1788265815000000000"})
    packed = write_lines(tmp_path / "otlp.jsonl", [batch])
    for path in (flat, packed):
        assert fates(look(path, "gpt-4o", TUNED).files[0]) == (len(calls) + 1, len(calls), 1, 0, 0)


def test_money_paid_with_a_key_of_ones_own_counts(tmp_path):
    calls = made_calls(60, 4)
    own = [{**openrouter(call), "cost_total": "0", "byok_usage_inference": f"{call.cost:.8f}"} for call in calls]
    found = look(write_csv(tmp_path / "t.csv", own), "gpt-4o", TUNED)
    assert found.baseline.cost == pytest.approx(sum(call.cost for call in calls if call.model == BASELINE), rel=1e-9)


def test_what_failed_calls_cost_is_summed_before_it_is_rounded(tmp_path):
    rows = both([{"status": "error", "cost": "0.0000009"}] * 1_000 + [{}])
    assert look(write_csv(tmp_path / "t.csv", rows)).fine_tuned.failed_cost == pytest.approx(0.0009, rel=1e-12)


# the engine


def test_what_the_engine_cannot_do_is_one_line(tmp_path, monkeypatch, capsys):
    def full(*_, **__):
        raise duckdb.IOException("IO Error: Could not write file: No space left on device")

    monkeypatch.setattr(observe, "read_rows", full)
    path = write_csv(tmp_path / "t.csv", both([{}]))
    assert main(["observe", str(path), "--baseline", "large", "--fine-tuned", "small"]) == 2
    message = capsys.readouterr().err
    assert message == "roi-xl: the traces cannot be read: IO Error: Could not write file: No space left on device\n"
    with pytest.raises(FileProblem):
        look(path)


def test_an_interrupted_query_is_an_interruption(tmp_path):
    rows = [{**CALL, "model": ("large", "small")[place % 2]} for place in range(300_000)]
    path = write_csv(tmp_path / "t.csv", rows)
    command = [sys.executable, "-m", "roi_xl", "observe", str(path), "--baseline", "large", "--fine-tuned", "small"]
    running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    children = Path(f"/proc/{running.pid}/task/{running.pid}/children")
    while running.poll() is None and not children.read_text():
        time.sleep(0.05)
    time.sleep(1.5)
    with contextlib.suppress(ProcessLookupError):
        os.kill(running.pid, signal.SIGINT)
    _, err = running.communicate(timeout=60)
    assert running.returncode in (130, 2)
    assert all(line.startswith("roi-xl: ") for line in err.splitlines())
