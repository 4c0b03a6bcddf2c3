"""What cannot be read in traces is counted, shown and kept apart; a file that says nothing is refused by name."""

import datetime as dt
import gzip
import json

import ibis
import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet
from trace_helpers import GOOD, TUNED, look, made_calls, plain, write_csv, write_format

from roi_xl.errors import FileProblem, MissingFile, NotSupported, OutOfBounds, RoiError, UnknownName
from roi_xl.observed.layouts import layout_of
from roi_xl.observed.requests import BINS, LENGTHS, class_of

pytestmark = pytest.mark.slow


BAD = [
    ({"time": ""}, "no time"),
    ({"time": "yesterday"}, "time is neither ISO 8601 nor a count since 1970"),
    ({"time": "1999-01-01T00:00:00Z"}, "time is before 2015"),
    ({"time": "2126-01-01T00:00:00Z"}, "time is in the future"),
    ({"model": " "}, "no model"),
    ({"input_tokens": "ten"}, "input_tokens is not a number"),
    ({"input_tokens": "=1+1"}, "input_tokens is not a number"),
    ({"output_tokens": "-5"}, "output_tokens is not a whole number of at least 0"),
    ({"output_tokens": "1.5"}, "output_tokens is not a whole number of at least 0"),
    ({"input_tokens": "99999999999"}, "input_tokens is above 100,000,000"),
    ({"cached_tokens": "11"}, "more cached than input tokens"),
    ({"cost": "$1"}, "cost is not a number"),
    ({"cost": "-1"}, "cost is not from 0 to 100,000"),
    ({"cost": "NaN"}, "cost is not a number"),
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
    ("other.csv", "a,b\n1,2\n", RoiError, "the columns match no known tool: a, b"),
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
    with pytest.raises(UnknownName, match="is not an input"):
        look(path, "large", "small", inputs={"training": 1})
    with pytest.raises(UnknownName, match="there is no column 'tokens'"):
        look(path, "large", "small", mapping={"input_tokens": "tokens"})
    with pytest.raises(UnknownName, match="the fields are time, model"):
        look(path, "large", "small", mapping={"tokens": "input_tokens"})
    with pytest.raises(UnknownName, match="monthly_requests is measured by the traces"):
        look(path, "large", "small", inputs={"monthly_requests": 1})
    for none in ("none-*.csv", "none.csv"):
        with pytest.raises(MissingFile, match="matches no file"):
            look(tmp_path / none, "large", "small")
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
