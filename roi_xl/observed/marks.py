"""Which ids are in more than one row?

Ids are compared by a mark, the upper half of their hash: whoever takes rows with a mark that occurs more
than once has to look at the ids themselves. In our own engine marks come as a stream of 32
bits each, and are sorted here, which takes a fifth of the time of grouping them, and no
more memory for any number of rows.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from roi_xl.observed.bootstrap import Array
from roi_xl.observed.sql import batches_of, counted, is_duckdb

MOST_AT_ONCE = 32_000_000
"""So many marks are held at a time, in 128 MiB; of more rows, a share of the marks at a time."""


def mark_of(key: Any, more: Any = None) -> Any:
    """The mark of an id, with a whole number that has to be the same as well; nothing where there is no id."""
    if not is_duckdb(key):
        mark = key.hash() if more is None else key.hash() ^ more
        return key.notnull().ifelse(mark, None)
    mark = key if more is None else key ^ more.cast("uint64")
    return (mark >> 32).cast("uint32")


def no_mark(table: Any) -> Any:
    """The mark of rows that have no id."""
    import ibis

    return ibis.literal(None, "uint32" if is_duckdb(table) else "int64")


def repeated(marks: Any, count: int, keep: Callable[[Any], Any]) -> tuple[Any, float]:
    """The marks that occur more than once, as a table, or nothing where none does; and in how many rows.

    Args:
        marks: an expression with the one column `mark`.
        count: about how many there are.
        keep: what makes a table of an expression.

    Returns:
        Of other engines than DuckDB the number of rows is not known, and said to be infinite.
    """
    if not is_duckdb(marks):
        counts = marks.filter(marks.mark.notnull()).group_by("mark").agg(rows=lambda t: t.count())
        found = counts.filter(counts.rows > 1).select("mark")
        found = keep(found)
        return (found, np.inf) if counted(found) else (None, 0)
    found, rows = several(marks, count)
    return (kept(marks.get_backend(), found), rows) if len(found) else (None, 0)


def several(marks: Any, count: int) -> tuple[Array, int]:
    """The marks of our own engine that occur more than once, and in how many rows, of about so many."""
    rounds = count // MOST_AT_ONCE + 1
    parts = [marks.filter(marks.mark % rounds == place) if rounds > 1 else marks for place in range(rounds)]
    again = [twice(streamed(part, count // rounds)) for part in parts]
    return np.concatenate([values for values, _ in again]), sum(rows for _, rows in again)


def kept(backend: Any, marks: Array) -> Any:
    """Marks as a table of DuckDB's."""
    import ibis
    import pyarrow as pa

    name = ibis.util.gen_name("marks")
    column = pa.Array.from_buffers(pa.uint32(), len(marks), [None, pa.py_buffer(marks)])
    backend.con.register(f"{name}_arrow", pa.table({"mark": column}))
    backend.raw_sql(f"CREATE TEMP TABLE {name} AS SELECT * FROM {name}_arrow")
    backend.con.unregister(f"{name}_arrow")
    return backend.table(name, database="temp.main")


def streamed(marks: Any, most: int) -> Array:
    """All marks of an expression, which are about so many at most."""
    found, end = np.empty(most, np.uint32), 0
    for batch in batches_of(marks):
        some = np.from_dlpack(batch.column(0).drop_null())
        if end + len(some) > len(found):
            found = np.concatenate([found[:end], np.empty(len(found) // 8 + len(some), np.uint32)])
        found[end : end + len(some)] = some
        end += len(some)
    return found[:end]


def twice(marks: Array) -> tuple[Array, int]:
    """Those that are there more than once, each once; and how many rows they are in all.

    >>> [found.tolist() for found in map(np.array, twice(np.array([7, 3, 7, 1, 7, 1])))]
    [[1, 7], 5]
    """
    marks.sort()
    again = marks[1:][marks[1:] == marks[:-1]]
    first = np.append(True, again[1:] != again[:-1])
    found: Array = again[first[: len(again)]]
    return found, len(again) + len(found)
