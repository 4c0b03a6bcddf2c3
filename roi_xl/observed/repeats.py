"""Which rows say something that another row says as well: the same call twice, several calls of one request?

Most rows stand alone. One scan of their ids finds those that do not, as a small table of
marks; the rest is taken as it is read, without a copy and without being grouped.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from typing import Any

from roi_xl.observed.calls import COLUMNS
from roi_xl.observed.sources import Found

Keep = Callable[[str, Any], Any]
"""What makes a table of an expression, under a name."""


def apart(table: Any, key: str, more: Sequence[str], keep: Keep) -> tuple[Any, Any]:
    """Rows whose key, and what else is named, no other row has; and those that may share it, or nothing.

    Keys are compared by a hash: whoever takes those that may share has to look at the keys.
    """
    marked = table.mutate(mark=table[key].notnull().ifelse(table[key].hash(), None))
    by = ["mark", *more]
    counts = marked.filter(marked.mark.notnull()).group_by(by).agg(rows=lambda t: t.count())
    shared = keep(f"shared_{key}_{len(more)}", counts.filter(counts.rows > 1).select(by))
    if not counted(shared):
        return table, None
    return marked.anti_join(shared, by).drop("mark"), marked.semi_join(shared, by).drop("mark")


def without_duplicates(usable: Sequence[tuple[Found, Any]], keep: Keep) -> tuple[Any, dict[str, int]]:
    """Every call once, and how many rows of each file were there already.

    A call that has an id is told by it; one that only has a request's id by all that is
    known of it. Calls without either stay: two of them may well be alike.
    """
    kinds: dict[str, list[Any]] = {}
    for one, table in usable:
        known = next((key for key in ("call_id", "request_id") if key in one.places.columns), "")
        kinds.setdefault(known, []).append(table)
    parts: list[Any] = []
    lost: dict[str, int] = {}
    for key, tables in kinds.items():
        table, again = united(tables), None
        if key:
            table, again = apart(table, key, () if key == "call_id" else ("time",), keep)
        parts.append(table)
        if again is not None:
            again = keep(f"again_{key}", again)
            once = keep(f"once_{key}", first_of(again, ["call_id"] if key == "call_id" else COLUMNS))
            parts.append(once)
            left = by_file(once)
            lost |= {file: rows - left.get(file, 0) for file, rows in by_file(again).items()}
    return united(parts), lost


def first_of(table: Any, keys: Sequence[str]) -> Any:
    """One row for each key."""
    others = [name for name in ("file", *COLUMNS) if name not in keys]
    how = {name: table[name].min() if name == "file" else table[name].max() for name in others}
    return table.group_by(list(keys)).agg(**how).select("file", *COLUMNS)


def by_file(table: Any) -> Mapping[str, int]:
    """How many rows are of each file."""
    found = table.group_by("file").agg(rows=lambda t: t.count()).to_pyarrow().to_pylist()
    return {row["file"]: int(row["rows"]) for row in found}


def united(tables: Sequence[Any]) -> Any:
    """Tables of the same columns as one; nothing for none."""
    return reduce(lambda one, other: one.union(other), tables) if tables else None


def counted(table: Any) -> int:
    """How many rows there are."""
    return int(table.count().to_pyarrow().as_py())
