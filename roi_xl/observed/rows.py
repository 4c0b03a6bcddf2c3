"""Which rows can be taken, which cannot and why, and which were there twice?"""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from roi_xl.observed.blanks import tidied, with_blanks
from roi_xl.observed.calls import COLUMNS, Reading, native, read_calls, status_words
from roi_xl.observed.layouts import SUCCESS
from roi_xl.observed.places import INSIDE
from roi_xl.observed.repeats import Keep, united, without_duplicates
from roi_xl.observed.sources import Found, broken_rows
from roi_xl.observed.statuses import Status, decided
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
    """The calls of all files as one table, bills apart, and what was not taken."""

    calls: Any
    bills: Any
    files: tuple[SourceFile, ...]
    refused: tuple[Reject, ...]
    sources: tuple[Any, ...]
    broken: tuple[tuple[str, int | None, str, str], ...]
    statuses: tuple[Status, ...]
    has_requests: bool
    has_users: bool
    keep: Keep

    def write_rejects(self, path: Path) -> None:
        """Every row that was not taken, with its file and reason; text that a spreadsheet would run is marked."""
        with replacing(path) as file:
            file.write(b"file,line,reason,row\r\n")
            for row in self.rejected_rows():
                file.write(csv_line(row).encode())

    def rejected_rows(self) -> Iterator[tuple[Any, ...]]:
        """File, line, reason and text of every row that was not taken."""
        yield from self.broken
        for source in self.sources:
            bad = rejected(source).select("file", "reason", "row").order_by(["reason", "row"])
            for batch in bad.to_pyarrow_batches():
                for row in batch.to_pylist():
                    yield row["file"], None, row["reason"], row["row"]


def csv_line(cells: Sequence[Any]) -> str:
    """A line of CSV that no spreadsheet takes for formulas."""
    buffer = io.StringIO()
    texts = ["" if cell is None else str(cell) for cell in cells]
    csv.writer(buffer).writerow([f"'{text}" if text.startswith(FORMULA_SIGNS) else text for text in texts])
    return buffer.getvalue()


def read_rows(connection: Any, found: Sequence[Found], reading: Reading, ours: bool) -> Rows:
    """Read every file once, and say what became of its rows.

    Typed columns are read where they are; what has to be made of text first is kept, in a
    table of our own engine or in the cache of another. A file with bad rows is read once
    more for their reasons and words.
    """

    def keep(name: str, table: Any) -> Any:
        return connection.create_table(name, obj=table) if ours else table.cache()

    tables, files, broken, refused = [], [], [], []
    statuses: list[Status] = []
    for place, one in enumerate(found):
        raw = one.table.filter(one.table.broken_line.isnull()) if "broken_line" in one.table.columns else one.table
        quick = ours and is_cheap(raw, one)
        raw = tidied(raw, one.places, with_blanks(raw, one.places) if quick else None)
        mine = statuses_of(raw, one, reading)
        full = read_calls(raw, one.places, reading, successes_of(mine))
        plain = full.drop("row")
        table = plain if quick else keep(f"calls_{place}", plain)
        lost = broken_rows(connection, one) if one.is_text else []
        statuses += mine
        tables.append(table)
        files.append(source_file(one, table, len(lost)))
        if files[-1].rejected > len(lost):
            refused.append(full)
        broken += [(one.name, *row) for row in lost]
    kept = [accepted(table, file) for table, file in zip(tables, files, strict=True)]
    usable = [(one, table) for one, table in zip(found, kept, strict=True) if not one.places.layout.is_bill]
    bills = [table for one, table in zip(found, kept, strict=True) if one.places.layout.is_bill]
    calls, lost_again = without_duplicates(usable, keep)
    with_requests = ["request_id" in one.places.columns for one, _ in usable]
    return Rows(
        calls=calls,
        bills=united(bills),
        files=tuple(less_duplicates(one, lost_again) for one in files),
        refused=tuple(refusals(refused, broken)),
        sources=tuple(refused),
        broken=tuple(broken),
        statuses=tuple(statuses),
        has_requests=any(with_requests),
        has_users=any("user" in one.places.columns for one, _ in usable),
        keep=keep,
    )


def is_cheap(raw: Any, found: Found) -> bool:
    """Whether a file's rows are quicker read again than kept: columns that are typed, none within another."""
    names = (name for places in found.places.columns.values() for place in places for name in place.names)
    return not found.is_text and native(raw, found.places, "time") is not None and not any(INSIDE in n for n in names)


def statuses_of(raw: Any, found: Found, reading: Reading) -> list[Status]:
    """The words for the status of a file's calls, each decided; none where it has no such column."""
    layout = found.places.layout
    if layout.is_bill or not {"status", SUCCESS} & set(found.places.columns):
        return []
    return decided(status_words(raw, found.places, reading), layout, reading.success)


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


def source_file(found: Found, table: Any, broken: int) -> SourceFile:
    """One file's counts and times."""
    taken = table.taken
    (row,) = (
        table.agg(
            rows=table.count(),
            taken=taken.cast("int64").sum(),
            skipped=table.skipped.cast("int64").sum(),
            first=taken.ifelse(table.time, None).min(),
            last=taken.ifelse(table.time, None).max(),
        )
        .to_pyarrow()
        .to_pylist()
    )
    kept, passed = row["taken"] or 0, row["skipped"] or 0
    return SourceFile(
        found.name,
        found.places.layout.name,
        rows=row["rows"] + broken,
        taken=kept,
        skipped=passed,
        rejected=row["rows"] - kept - passed + broken,
        duplicates=0,
        digest=found.digest,
        first=row["first"],
        last=row["last"],
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
        counts = bad.group_by("reason").agg(rows=lambda t: t.count()).to_pyarrow().to_pylist()
        place = ibis.row_number().over(group_by=bad.reason, order_by=bad.row)
        some = bad.select("reason", "row", place=place).filter(ibis._.place < EXAMPLES).order_by(["reason", "place"])
        examples = some.to_pyarrow().to_pylist()
        for row in sorted(counts, key=lambda row: str(row["reason"])):
            of_it = tuple(example["row"] for example in examples if example["reason"] == row["reason"])
            found[row["reason"]] = more(found.get(row["reason"]), Reject(row["reason"], row["rows"], of_it))
    return sorted(found.values(), key=lambda one: (-one.rows, one.reason))


def more(one: Reject | None, other: Reject) -> Reject:
    """Two counts of the same reason."""
    if one is None:
        return other
    return replace(one, rows=one.rows + other.rows, examples=(one.examples + other.examples)[:EXAMPLES])
