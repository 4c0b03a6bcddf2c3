"""Which rows may be copies, although nothing tells; and which copies do not agree?"""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

from roi_xl.observed.calls import COLUMNS
from roi_xl.observed.marks import repeated
from roi_xl.observed.repeats import Keep, Readable, Twice, united, within
from roi_xl.observed.sql import counted, duckdb_function, is_duckdb, rows_of

MIXED = (("input_tokens", 1_000_003), ("output_tokens", 7_919))
"""By what tokens are multiplied, so that calls of one moment with other tokens have other marks."""

TOLD = ("cost", "input_tokens", "output_tokens", "failed")
"""What copies of one call should agree in."""


def notes_of_copies(files: Sequence[Readable], again: Sequence[Twice], count: int, keep: Keep) -> Iterator[str]:
    """What is said of rows that are exactly alike without an id, and of calls whose copies differ."""
    alike = rows_alike([one.read(one.rows) for one in files if not one.key], count, keep)
    if alike:
        yield (
            f"rows without an id that are exactly like another one: {alike:,}; each is counted, "
            "--map call_id=COLUMN tells which are copies"
        )
    differing = sum(calls_that_differ(one.rows) for one in again if list(one.by) == ["call_id"])
    if differing:
        yield (
            f"calls that are there more than once with other costs, tokens or statuses: {differing:,}; "
            "the highest counts, and a failure before a success"
        )


def rows_alike(tables: Sequence[Any], count: int, keep: Keep) -> int:
    """How many rows say exactly what a row before them says."""
    if not tables:
        return 0
    marked = united([table.mutate(mark=mark_of_row(table)) for table in tables])
    marks, _ = repeated(marked.select("mark"), count, partial(keep, "marks_of_rows"))
    if marks is None:
        return 0
    some = marked.filter(within(marked.mark, marks))
    each = some.group_by(list(COLUMNS)).agg(rows=lambda t: t.count())
    return int(rows_of(each.agg(more=(each.rows - 1).sum()))[0]["more"] or 0)


def mark_of_row(table: Any) -> Any:
    """A hash of what a row says: whoever takes rows with the same one has to look at the rows themselves."""
    mixture = table.time
    for name, factor in MIXED:
        mixture = mixture ^ (table[name] * factor)
    if not is_duckdb(table):
        return table.model.hash() ^ mixture.hash()
    model, rest = (duckdb_function("hash", (kind,), "uint64") for kind in ("string", "int64"))
    return ((model(table.model) ^ rest(mixture)) >> 32).cast("uint32")


def calls_that_differ(rows: Any) -> int:
    """Of how many calls, told by their id, the rows do not say the same."""
    ends = {f"{end}_{name}": getattr(rows[name].cast("int64"), end)() for name in TOLD for end in ("min", "max")}
    calls = rows.filter(rows.call_id.notnull()).group_by("call_id").agg(**ends)
    same = [calls[f"min_{name}"] == calls[f"max_{name}"] for name in TOLD]
    differ = calls.filter(~(same[0].fill_null(True) & same[1] & same[2] & same[3]))
    return counted(differ)
