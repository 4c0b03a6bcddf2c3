"""Which rows can be taken, which cannot and why, and which were there twice?"""

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from pathlib import Path
from typing import Any

from roi_xl.observed.calls import COLUMNS, Reading, read_calls
from roi_xl.observed.sources import Found, broken_rows
from roi_xl.xlsx.atomic import replacing

EXAMPLES = 3
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class SourceFile:
    """One file or table: what it is, its rows, its digest, and its first and last moment."""

    name: str
    layout: str
    rows: int
    taken: int
    skipped: int
    rejected: int
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
    duplicates: int
    has_requests: bool
    has_calls_alone: bool
    keep: Callable[[str, Any], Any]

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

    What is read from again and again is kept: in a table of our own engine, or in the
    cache of another. A file with bad rows is read once more for their words.
    """

    def keep(name: str, table: Any) -> Any:
        return connection.create_table(name, obj=table) if ours else table.cache()

    tables, files, broken, refused = [], [], [], []
    for place, one in enumerate(found):
        raw = one.table.filter(one.table.broken_line.isnull()) if "broken_line" in one.table.columns else one.table
        full = read_calls(raw, one.places, reading)
        table = keep(f"calls_{place}", full.drop("row"))
        lost = broken_rows(connection, one) if one.is_text else []
        tables.append(table)
        files.append(source_file(one, table, len(lost)))
        if files[-1].rejected > len(lost):
            refused.append(full)
        broken += [(one.name, *row) for row in lost]
    usable = [(one, accepted(table)) for one, table in zip(found, tables, strict=True) if not one.places.layout.is_bill]
    bills = [accepted(table) for one, table in zip(found, tables, strict=True) if one.places.layout.is_bill]
    calls, duplicates = without_duplicates(usable)
    with_requests = ["request_id" in one.places.columns for one, _ in usable]
    return Rows(
        calls=calls,
        bills=united(bills),
        files=tuple(files),
        refused=tuple(refusals(refused, broken)),
        sources=tuple(refused),
        broken=tuple(broken),
        duplicates=duplicates,
        has_requests=any(with_requests),
        has_calls_alone=not all(with_requests)
        or (bool(usable) and counted(calls.filter(calls.request_id.isnull())) > 0),
        keep=keep,
    )


def united(tables: Sequence[Any]) -> Any:
    """Tables of the same columns as one; nothing for none."""
    return reduce(lambda one, other: one.union(other), tables) if tables else None


def accepted(table: Any) -> Any:
    """The rows that are calls and can be taken."""
    return table.filter(table.reason.isnull() & ~table.skipped).select(*COLUMNS)


def rejected(table: Any) -> Any:
    """The rows that are calls and cannot be taken."""
    return table.filter(table.reason.notnull() & ~table.skipped)


def source_file(found: Found, table: Any, broken: int) -> SourceFile:
    """One file's counts and times."""
    taken = table.reason.isnull() & ~table.skipped
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
        digest=found.digest,
        first=row["first"],
        last=row["last"],
    )


def refusals(tables: Sequence[Any], broken: Sequence[tuple[str, int | None, str, str]]) -> list[Reject]:
    """The reasons, the most frequent first, with examples."""
    found: dict[str, Reject] = {}
    for _, line, reason, text in broken:
        example = f"line {line}: {text}" if line is not None else text
        found[reason] = more(found.get(reason), Reject(reason, 1, (example,)))
    for table in tables:
        bad = rejected(table)
        counts = bad.group_by("reason").agg(rows=lambda t: t.count()).to_pyarrow().to_pylist()
        for row in sorted(counts, key=lambda row: str(row["reason"])):
            some = bad.filter(bad.reason == row["reason"]).select("row").order_by("row").limit(EXAMPLES)
            examples = tuple(example["row"] for example in some.to_pyarrow().to_pylist())
            found[row["reason"]] = more(found.get(row["reason"]), Reject(row["reason"], row["rows"], examples))
    return sorted(found.values(), key=lambda one: (-one.rows, one.reason))


def more(one: Reject | None, other: Reject) -> Reject:
    """Two counts of the same reason."""
    if one is None:
        return other
    return replace(one, rows=one.rows + other.rows, examples=(one.examples + other.examples)[:EXAMPLES])


def without_duplicates(usable: Sequence[tuple[Found, Any]]) -> tuple[Any, int]:
    """Every call once, and how many there were too many.

    A call that has an id is told by it; one that only has a request's id by all that is
    known of it. Calls without either stay: two of them may well be alike.
    """
    kinds: dict[str, list[Any]] = {}
    for one, table in usable:
        known = next((key for key in ("call_id", "request_id") if key in one.places.columns), "")
        kinds.setdefault(known, []).append(table)
    parts, duplicates = [], 0
    for key, tables in kinds.items():
        table = united(tables)
        if not key:
            parts.append(table)
            continue
        named = table.filter(table[key].notnull())
        once = by_id(named) if key == "call_id" else named.distinct()
        duplicates += counted(named) - counted(once)
        parts += [once, table.filter(table[key].isnull())]
    return united(parts), duplicates


def by_id(table: Any) -> Any:
    """One row for each id of a call."""
    others = [name for name in COLUMNS if name != "call_id"]
    found = table.group_by("call_id").agg(**{name: table[name].max() for name in others})
    return found.select(*COLUMNS)


def counted(table: Any) -> int:
    """How many rows there are."""
    return int(table.count().to_pyarrow().as_py())
