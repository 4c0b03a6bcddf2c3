"""Rows that say what another row says as well, and sums of them: quick ways and plain ones come to the same."""

import datetime as dt
import random

import ibis
import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet
from trace_helpers import TUNED, made_calls, plain, write_csv

import roi_xl
from roi_xl.observed import bootstrap, gathered, marks, moments, repeats, requests, rows, streams, tallies, traffic
from roi_xl.observed.blanks import may_be_blank, without_blanks
from roi_xl.observed.moments import of_count, of_iso, of_usual
from roi_xl.observed.observe import PASSES
from roi_xl.observed.told import as_data

pytestmark = pytest.mark.slow


def typed(rows):
    """Rows as Parquet has them."""
    return [{**row, "time": dt.datetime.fromisoformat(row["time"]), "cost": float(row["cost"])} for row in rows]


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Typed rows with retries, fallbacks and repeats; and a file that repeats some of them without a request's id."""
    folder = tmp_path_factory.mktemp("repeats")
    rows = [{**plain(call), "call_id": f"c{place}"} for place, call in enumerate(made_calls(120, 9, retry=0.05))]
    parquet.write_table(pa.Table.from_pylist(typed([*rows, *rows[5:9]])), folder / "t.parquet")
    others = [{key: value for key, value in row.items() if key != "request_id"} for row in rows[20:31]]
    return folder / "t.parquet", write_csv(folder / "again.csv", others), len(rows)


def seen(paths):
    """All that is found, the draws as well."""
    found = roi_xl.observe(paths, "gpt-4o", TUNED, monthly_requests=100_000)
    sides = [
        (side.draws.values.tolist(), side.users, side.steps, side.shared) for side in (found.baseline, found.fine_tuned)
    ]
    return as_data(found), sides


@pytest.fixture(scope="module")
def expected(files):
    """All that is found in one file and in both, the way that is chosen for them."""
    return {count: seen(files[:count]) for count in (1, 2)}


def other_engine(monkeypatch):
    """As any engine of Ibis does it."""
    for module in (marks, moments, requests, rows, traffic):
        monkeypatch.setattr(module, "is_duckdb", lambda expression: False)


def in_parts_on_disk(monkeypatch):
    """As with more calls than memory takes."""
    monkeypatch.setattr(gathered, "IN_A_PART", 7)
    monkeypatch.setattr(gathered, "IN_MEMORY", 50)


WAYS = {
    "as any engine": other_engine,
    "few marks at a time": lambda monkeypatch: monkeypatch.setattr(marks, "MOST_AT_ONCE", 7),
    "nothing kept": lambda monkeypatch: monkeypatch.setattr(repeats, "MANY", 10**6),
    "all kept": lambda monkeypatch: monkeypatch.setattr(repeats, "MANY", 1e-6),
    "every request may have several calls": lambda monkeypatch: monkeypatch.setattr(streams, "MOST_SEEN", 1),
    "requests of several calls in parts, on disk": in_parts_on_disk,
    "large numbers in parts": lambda monkeypatch: monkeypatch.setattr(tallies, "EXACT", 2**30),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("count", [1, 2])
def test_every_way_comes_to_the_same(monkeypatch, files, expected, way, count):
    """With one file calls that are there twice share a request; with both, some do not."""
    *paths, rows = files
    WAYS[way](monkeypatch)
    found = seen(paths[:count])
    assert found == expected[count]
    assert sum(file["duplicates"] for file in found[0]["files"]) == (4 if count == 1 else 15)
    assert sum(file["taken"] for file in found[0]["files"]) == rows


def test_marks_that_collide_do_not_unite_calls(monkeypatch, files, expected):
    """Three bits of a hash instead of 32: nearly all rows may share an id, and none does more than before."""
    path, *_ = files
    plain_mark = marks.mark_of

    def short(key, more=None):
        return plain_mark(key, more) % 8

    monkeypatch.setattr(repeats, "mark_of", short)
    assert seen([path]) == expected[1]


def test_a_call_that_is_there_twice_is_told_by_its_id_alone(tmp_path):
    """The same id in two requests is one call; without ids of calls, the same request at the same time is one too."""
    row = {**plain(made_calls(2, 3, retry=0)[0]), "model": "large"}
    small = {**row, "model": "small", "request_id": "s", "call_id": "s"}
    rows = [{**row, "request_id": name, "call_id": call} for name, call in (("a", "1"), ("b", "1"), ("b", "2"))]
    parquet.write_table(pa.Table.from_pylist(typed([*rows, small])), tmp_path / "t.parquet")
    found = roi_xl.observe(tmp_path / "t.parquet", "large", "small", monthly_requests=1)
    assert (found.baseline.calls, found.duplicates) == (2, 1)
    without = [{key: value for key, value in one.items() if key != "call_id"} for one in (*rows, small)]
    found = roi_xl.observe(write_csv(tmp_path / "t.csv", without), "large", "small", monthly_requests=1)
    assert (found.baseline.calls, found.baseline.requests, found.duplicates) == (2, 2, 1)


def test_times_that_most_write_mean_the_same_as_by_the_rules():
    """Texts near to them, of which the engine's own reader would take many with another meaning."""
    generator = random.Random(1)
    usual = ["2026-09-01 12:30:15.5Z", "2026-09-01T12:30:15", "2026-09-01 12:30:15.12+02", "2026-09-01 02:03:05.000001"]
    texts = [*usual, "2026-09-01 24:00:00", "2026-02-30 10:00:00", " 026-09-01 12:30:15", "2026-09-01 12:30:15.1234567"]
    for _ in range(3_000):
        text = list(generator.choice(usual))
        for _ in range(generator.choice([1, 1, 2])):
            text[generator.randrange(len(text))] = generator.choice("0123456789-+: TZ.,_aAPM\t")
        texts.append("".join(text))
    table = ibis.memtable(pa.table({"text": texts}))
    own = ibis.coalesce(of_count(moments.number(table.text)), of_iso(table.text, ()))
    found = ibis.duckdb.connect().to_pyarrow(table.select("text", quick=of_usual(table.text), own=own)).to_pylist()
    quick = [row for row in found if row["quick"] is not None]
    assert {row["text"] for row in quick} >= {usual[0], usual[1], usual[3]}
    assert [row for row in quick if row["quick"] != row["own"]] == []


def test_text_with_blanks_around_it_is_seen():
    texts = ["a", "!", " a", "a ", "a\t", "\na", "a\r", "a\v", "a\f", "", "null", "  ", "a b", "é", "nullable"]
    table = ibis.memtable(pa.table({"place": range(len(texts)), "text": texts}))
    expression = table.select("place", odd=may_be_blank(table.text), bare=without_blanks(table.text)).order_by("place")
    found = ibis.duckdb.connect().to_pyarrow(expression).to_pylist()
    for text, row in zip(texts, found, strict=True):
        assert row["bare"] == (text.strip() if text.strip() not in ("", "null") else None)
        assert row["odd"] or row["bare"] == text


def test_draws_are_as_many_as_clusters_and_as_often_as_chance_has_it():
    """The counts of a multinomial: they add up, and their mean and variance are those of its formula."""
    times = bootstrap.times_drawn(40, 5_000, np.random.default_rng(1))
    assert (times.sum(axis=1) == 40).all()
    assert times.mean() == 1
    assert times.var(axis=0).mean() == pytest.approx(1 - 1 / 40, rel=0.02)
    together = np.corrcoef(times[:, :2].T)[0, 1]
    assert together == pytest.approx(-1 / 39, abs=0.05)


def test_the_progress_is_of_the_bytes_of_all_files(files):
    *paths, rows = files
    done, said = [], []

    def progress(bytes_, of=""):
        done.append(bytes_)
        said.append(of)

    roi_xl.observe(paths, "gpt-4o", TUNED, monthly_requests=1, progress=progress)
    assert sum(done) == PASSES * sum(path.stat().st_size for path in paths)
    assert [text for text in said if text] == [f"{rows + 4:,} rows", f"{rows + 15:,} rows"]
