"""Which rows can be taken, which cannot and why, and which were there twice?"""

import csv
import io
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from roi_xl.observed.blanks import tidied, with_blanks
from roi_xl.observed.bootstrap import Array
from roi_xl.observed.calls import COLUMNS, Reading, moment_of, status_words, with_success, without_success
from roi_xl.observed.copies import notes_of_copies
from roi_xl.observed.costs import like_costs, notes_of_costs
from roi_xl.observed.fields import IDS, id_of, native
from roi_xl.observed.layouts import SUCCESS, Places
from roi_xl.observed.marks import mark_of
from roi_xl.observed.periods import covered
from roi_xl.observed.places import INSIDE
from roi_xl.observed.repeats import Calls, Keep, Readable, Twice, told_apart, united
from roi_xl.observed.sources import Broken, Found, broken_rows
from roi_xl.observed.sql import batches_of, is_duckdb, rows_of
from roi_xl.observed.statuses import Status, decided
from roi_xl.observed.streams import shared_marks
from roi_xl.observed.typed import kept_typed
from roi_xl.observed.unused import given_model, notes_of_unused
from roi_xl.observed.zones import notes_of_zones
from roi_xl.xlsx.atomic import replacing

EXAMPLES = 3
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class SourceFile:
    """One file or table: what it is, what became of its rows, its digest, and its first and last moment.

    Its rows are those taken, skipped (no calls of a model), rejected and there already (duplicates).
    """

    name: str
    layout: str
    rows: int
    taken: int
    skipped: int
    rejected: int
    duplicates: int
    digest: str
    first: int | None
    last: int | None


@dataclass(frozen=True)
class Reject:
    """Why rows were not taken: how many, and the first examples."""

    reason: str
    rows: int
    examples: tuple[str, ...]


@dataclass(frozen=True)
class Rows:
    """The calls of all files, the models that they are of, bills apart, and what was not taken."""

    calls: Calls | None
    models: tuple[Mapping[str, Any], ...]
    lost_models: Mapping[str, int]
    bills: Any
    files: tuple[SourceFile, ...]
    refused: tuple[Reject, ...]
    sources: tuple[Any, ...]
    broken: tuple[tuple[str, int | None, str, str], ...]
    statuses: tuple[Status, ...]
    has_requests: bool
    has_users: bool
    has_counts: bool
    has_unjudged: bool
    is_model_given: bool
    count: int
    seen: Array | None
    unread: tuple[str, ...]
    notes: tuple[str, ...]
    keep: Keep

    def write_rejects(self, path: Path) -> None:
        """Every row that was not taken, with its file and reason; text that a spreadsheet would run is marked."""
        with replacing(path) as file:
            file.write(b"file,line,reason,row\r\n")
            for row in self.rejected_rows():
                file.write(csv_line(row).encode())

    def reasons_of(self, models: Sequence[str]) -> Counter[str]:
        """Why rows of some models were not taken, and how many."""
        found: Counter[str] = Counter()
        for source in self.sources:
            bad = rejected(source).filter(source.model.isin(list(models)))
            for row in rows_of(bad.group_by("reason").agg(rows=lambda t: t.count())):
                found[row["reason"]] += row["rows"]
        return found

    def rejected_rows(self) -> Iterator[tuple[Any, ...]]:
        """File, line, reason and text of every row that was not taken."""
        yield from self.broken
        for source in self.sources:
            bad = rejected(source).select("file", "reason", "row").order_by(["reason", "row"])
            for batch in batches_of(bad):
                for row in batch.to_pylist():
                    yield row["file"], None, row["reason"], row["row"]


def csv_line(cells: Sequence[Any]) -> str:
    """A line of CSV that no spreadsheet takes for formulas."""
    buffer = io.StringIO()
    texts = ["" if cell is None else str(cell) for cell in cells]
    csv.writer(buffer).writerow([f"'{text}" if text.startswith(FORMULA_SIGNS) else text for text in texts])
    return buffer.getvalue()


@dataclass(frozen=True)
class ReadFile:
    """What one file holds: its counts, its models, the words for a status, its calls, and what was not taken."""

    found: Found
    counts: SourceFile
    models: Sequence[Mapping[str, Any]]
    statuses: Sequence[Status]
    calls: Readable
    refused: Any
    broken: Sequence[Broken]
    notes: Sequence[str]

    @property
    def is_bill(self) -> bool:
        """Whether its rows are days of a bill."""
        return self.found.places.layout.is_bill


def read_rows(
    connection: Any,
    found: Sequence[Found],
    reading: Reading,
    ours: bool,
    by_request: bool,
    progress: Callable[..., None],
) -> Rows:
    """Read every file once, and say what became of its rows.

    Typed columns are read where they are, through a view; what has to be made of text first is
    kept, in a table of our own engine or in the cache of another. A file with bad rows is read once
    more for their reasons and words.
    """

    def keep(name: str, table: Any) -> Any:
        return connection.create_table(name, obj=table, temp=True) if ours else table.cache()

    files: list[ReadFile] = []
    for place, one in enumerate(found):
        files.append(read_file(connection, f"calls_{place}", one, reading, keep, ours))
        progress(one.size, f"{sum(file.counts.rows for file in files):,} rows")
    broken = [(one.found.name, *row) for one in files for row in one.broken]
    refused = [one.refused for one in files if one.refused is not None]
    usable = [one for one in files if not one.is_bill]
    with_requests = any("request_id" in one.calls.ids for one in usable)
    count = sum(one.counts.taken for one in usable)
    by_id, streamed = with_requests and by_request, are_streamed(usable)
    calls, again = told_apart([one.calls for one in usable], keep, count, by_id and not streamed)
    seen = marks_of_requests([one.calls for one in usable], count) if by_id and streamed else None
    progress(sum(one.size for one in found))
    lost = dict(item for twice in again for item in twice.lost("file").items())
    return Rows(
        calls=calls,
        models=united_models([model for one in usable for model in one.models], again),
        lost_models=lost_models([model for one in usable for model in one.models]),
        bills=united([one.calls.read(one.calls.rows) for one in files if one.is_bill]),
        files=tuple(less_duplicates(one.counts, lost) for one in files),
        refused=tuple(refusals(refused, broken)),
        sources=tuple(refused),
        broken=tuple(broken),
        statuses=tuple(status for one in files for status in one.statuses),
        has_requests=with_requests,
        has_users=any("user" in one.found.places.columns for one in usable),
        has_counts=any("requests" in one.found.places.columns for one in usable),
        has_unjudged=reading.success is not None and any(word.word is None for one in usable for word in one.statuses),
        is_model_given=any(given_model(one.found) is not None for one in usable),
        count=count,
        seen=seen,
        notes=(
            *(note for one in usable for note in (*notes_of_costs(one.found), *notes_of_unused(one.found), *one.notes)),
            *notes_of_copies([one.calls for one in usable], again, count, keep),
        ),
        unread=tuple(dict.fromkeys(name for one in usable for name in like_costs(one.found))),
        keep=keep,
    )


def are_streamed(files: Sequence[ReadFile]) -> bool:
    """Whether the calls of one request are found as calls stream by, which our own engine does quickly."""
    return all(is_duckdb(one.calls.rows) for one in files)


def marks_of_requests(calls: Sequence[Readable], count: int) -> Array:
    """Which marks of requests are there more than once in all files, by their first bits."""
    ids = [one.rows.select(mark=mark_of(one.ids["request_id"])) for one in calls if "request_id" in one.ids]
    return shared_marks(united([table.filter(table.mark.notnull()) for table in ids]), count)


def read_file(connection: Any, name: str, found: Found, reading: Reading, keep: Keep, ours: bool) -> ReadFile:
    """Read one file: what became of its rows, and how its calls are had."""
    raw, places = found.table, found.places
    raw = raw.filter(raw.broken_line.isnull()) if "broken_line" in raw.columns else raw
    as_is = tidied(raw, places)
    if ours:
        raw = needed(raw, places)
        raw = kept_typed(raw, places, reading, name, found.name) if found.is_text else raw
    quick = ours and raw is not None and is_cheap(raw, places)
    notes = list(notes_of_zones(raw if found.is_text and raw is not None else as_is, found, reading)) if ours else []
    raw = tidied(raw, places, with_blanks(raw, places)) if quick else as_is
    table = without_success(raw, places, reading).drop("row")
    table = connection.create_view(name, table) if quick else keep(name, table)
    statuses = statuses_of(table, found, reading)

    def with_words(table: Any) -> Any:
        return with_success(table, successes_of(statuses), reading.success is None)

    broken = broken_rows(connection, found) if found.is_text else []
    by_model = counted_by_model(with_words(table))
    counts = source_file(found, by_model, len(broken))
    span = None if places.layout.is_bill else covered(with_words(table), places, reading, counts.first, counts.last)
    by_model = [{**one, "span": span, "free_by_tool": one["free"] * places.layout.zero_is_unknown} for one in by_model]
    ids = [key for key in IDS if key in places.columns]
    if quick:  # what a row says is made of it after it was chosen
        named = {"time": moment_of(raw, places, reading), **{key: id_of(raw, places, key) for key in ids}}
        calls = Readable(raw, lambda rows: accepted(with_words(without_success(rows, places, reading)), counts), named)
    else:
        calls = Readable(
            table, lambda rows: accepted(with_words(rows), counts), {key: table[key] for key in ("time", *ids)}
        )
    refused = with_words(without_success(as_is, places, reading)) if counts.rejected > len(broken) else None
    return ReadFile(found, counts, by_model, statuses, calls, refused, broken, notes)


def is_cheap(raw: Any, places: Places) -> bool:
    """Whether a file's rows are quicker read again than kept: columns that are typed, none within another."""
    names = (name for found in places.columns.values() for place in found for name in place.names)
    return native(raw, places, "time") is not None and not any(INSIDE in n and n not in raw.columns for n in names)


def needed(raw: Any, places: Places) -> Any:
    """Those columns that any field is read from."""
    names = {name for found in places.columns.values() for place in found for name in place.names}
    return raw.select("file", *sorted(name for name in names if name in raw.columns))


def statuses_of(table: Any, found: Found, reading: Reading) -> list[Status]:
    """The words for the status of a file's calls, each decided; none where it has no such column."""
    layout = found.places.layout
    if layout.is_bill or not {"status", SUCCESS} & set(found.places.columns):
        return []
    return decided(status_words(table), layout, reading.success)


def successes_of(statuses: Sequence[Status]) -> list[str | None] | None:
    """The words that are a success; nothing where no status is known, so that every call is one."""
    return [status.word for status in statuses if status.is_success] if statuses else None


def less_duplicates(file: SourceFile, again: Mapping[str, int]) -> SourceFile:
    """A file's counts, those rows apart that were there already."""
    duplicates = again.get(file.name, 0)
    return replace(file, taken=file.taken - duplicates, duplicates=duplicates)


def accepted(table: Any, file: SourceFile) -> Any:
    """The rows that are calls and can be taken; where all can, none is asked again."""
    some = table if file.skipped == 0 and file.taken == file.rows else table.filter(table.taken)
    return some.select("file", *COLUMNS)


def rejected(table: Any) -> Any:
    """The rows that are calls and cannot be taken."""
    return table.filter(~table.taken & ~table.skipped)


def counted_by_model(table: Any) -> list[dict[str, Any]]:
    """What became of the rows of each model, the calls without a cost, and the first and last moment."""
    taken = table.taken
    found = table.group_by("model").agg(
        rows=table.count(),
        calls=taken.cast("int64").sum(),
        skipped=table.skipped.cast("int64").sum(),
        **{name: (taken & test(table)).cast("int64").sum() for name, test in COUNTED.items()},
        first=taken.ifelse(table.time, None).min(),
        last=taken.ifelse(table.time, None).max(),
    )
    return rows_of(found)


def has_no_cost(table: Any) -> Any:
    """Whether a call has tokens, and no cost of its own."""
    return table.cost.isnull() & (table.input_tokens + table.output_tokens > 0)


def only(test: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """The rows of a table that a test holds for."""
    return lambda table: table.filter(test(table))


def is_free(table: Any) -> Any:
    """Whether a call succeeded, has tokens, and costs 0."""
    return ((table.cost == 0) & ~table.failed & (table.input_tokens + table.output_tokens > 0)).fill_null(False)


def is_paid(table: Any) -> Any:
    """Whether a call costs anything."""
    return (table.cost > 0).fill_null(False)


COUNTED = {"without_cost": has_no_cost, "free": is_free, "paid": is_paid}
"""What is counted of the calls of each model."""


def united_models(models: Sequence[Mapping[str, Any]], again: Sequence[Twice]) -> tuple[Mapping[str, Any], ...]:
    """The models of all files that any call is of, those rows apart that were there already."""
    found: dict[str, dict[str, Any]] = {}
    for one in models:
        if one["calls"]:
            mine = found.setdefault(one["model"], {"model": one["model"], "last": 0, "spans": []})
            for name in ("calls", "free_by_tool", *COUNTED):
                mine[name] = mine.get(name, 0) + one[name]
            mine["last"] = max(mine["last"], one["last"])
            mine["spans"] += [] if one["span"] is None else [one["span"]]
    for twice in again:
        for model, count in twice.lost("model").items():
            found[model]["calls"] -= count
        for name, test in COUNTED.items():
            for model, count in twice.lost("model", only(test)).items():
                found[model][name] -= count
    return tuple(found[model] for model in sorted(found))


def lost_models(models: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """The models of which no call could be taken, with how many rows were rejected."""
    rejected: Counter[str] = Counter()
    for one in models:
        rejected[one["model"]] += one["rows"] - one["calls"] - one["skipped"]
    taken = {one["model"] for one in models if one["calls"]}
    return {model: rows for model, rows in rejected.items() if rows and model is not None and model not in taken}


def source_file(found: Found, by_model: Sequence[Mapping[str, Any]], broken: int) -> SourceFile:
    """One file's counts and times."""
    rows, taken, skipped = (sum(int(one[name] or 0) for one in by_model) for name in ("rows", "calls", "skipped"))
    return SourceFile(
        found.name,
        found.places.layout.name,
        rows=rows + broken,
        taken=taken,
        skipped=skipped,
        rejected=rows - taken - skipped + broken,
        duplicates=0,
        digest=found.digest,
        first=min((one["first"] for one in by_model if one["calls"]), default=None),
        last=max((one["last"] for one in by_model if one["calls"]), default=None),
    )


def refusals(tables: Sequence[Any], broken: Sequence[tuple[str, int | None, str, str]]) -> list[Reject]:
    """The reasons, the most frequent first, with examples."""
    import ibis

    found: dict[str, Reject] = {}
    for _, line, reason, text in broken:
        example = f"line {line}: {text}" if line is not None else text
        found[reason] = more(found.get(reason), Reject(reason, 1, (example,)))
    for table in tables:
        bad = rejected(table)
        counts = rows_of(bad.group_by("reason").agg(rows=lambda t: t.count()))
        place = ibis.row_number().over(group_by=bad.reason, order_by=bad.row)
        some = bad.select("reason", "row", place=place).filter(ibis._.place < EXAMPLES).order_by(["reason", "place"])
        examples = rows_of(some)
        for row in sorted(counts, key=lambda row: str(row["reason"])):
            of_it = tuple(example["row"] for example in examples if example["reason"] == row["reason"])
            found[row["reason"]] = more(found.get(row["reason"]), Reject(row["reason"], row["rows"], of_it))
    return sorted(found.values(), key=lambda one: (-one.rows, one.reason))


def more(one: Reject | None, other: Reject) -> Reject:
    """Two counts of the same reason."""
    if one is None:
        return other
    return replace(one, rows=one.rows + other.rows, examples=(one.examples + other.examples)[:EXAMPLES])
