"""When a call was: times of every kind, local times, and offsets of zones."""

import datetime as dt

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet
from trace_helpers import write_csv, write_lines

import roi_xl
from roi_xl.errors import UnknownName
from roi_xl.observed import sources
from roi_xl.observed.blanks import tidied
from roi_xl.observed.calls import Reading, read_calls
from roi_xl.observed.observe import tomorrow
from roi_xl.observed.zones import offsets

pytestmark = pytest.mark.slow


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


MIXED = [
    (["2026-09-01T10:00:00Z", "2026-09-01 11:00:00", "2026-09-01 12:00:00.5"], 2),
    (["2026-09-01T10:00:00+02:00", "2026-09-01T11:00:00", "2026-09-01T12:00:00Z"], 1),
    (["1788265815", "2026-09-01T11:00:00"], 1),
    (["2026-09-01T10:00:00-05:00", "2026-09-01T11:00:00Z", "1788265815"], 0),
    (["2026-09-01T10:00:00", "2026-09-01", " "], 0),
]


@pytest.mark.parametrize("kind", ["csv", "jsonl", "parquet"])
@pytest.mark.parametrize(("times", "lacking"), MIXED)
def test_times_with_and_without_an_offset_in_one_file_are_noted(tmp_path, times, lacking, kind):
    row = {"input_tokens": 1, "output_tokens": 1, "cost": 1.0}
    rows = [{"time": time, "model": model, **row} for time in times for model in ("a", "b")]
    path = tmp_path / f"t.{kind}"
    if kind == "parquet":
        parquet.write_table(pa.Table.from_pylist(rows), path)
    else:
        {"csv": write_csv, "jsonl": write_lines}[kind](path, rows)
    for zone, meant in ((None, "for UTC (--time-zone names another)"), ("Europe/Berlin", "as --time-zone says")):
        found = roi_xl.observe(path, "a", "b", monthly_requests=1, time_zone=zone)
        notes = [note for note in found.warnings if "have no offset" in note]
        count = sum(time != " " for time in times) * 2
        said = f"{2 * lacking:,} of {count:,} times in {path} have no offset, and are taken {meant}"
        assert notes == ([said] if lacking else [])
