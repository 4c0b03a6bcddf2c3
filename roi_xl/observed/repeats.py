"""Which rows say something that another row says as well: the same call twice, several calls of one request?

Most rows stand alone: they are taken as they are read, without a copy and without being
grouped. The ids of the others are found first.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial, reduce
from typing import Any

from roi_xl.observed.calls import COLUMNS
from roi_xl.observed.fields import literal
from roi_xl.observed.marks import mark_of, no_mark, repeated
from roi_xl.observed.sql import counted, rows_of

Keep = Callable[[str, Any], Any]
"""What makes a table of an expression, under a name."""

MANY = 3
"""Rows with ids that are there more than once are kept if they are less than this part of all."""


@dataclass(frozen=True)
class Calls:
    """Tables with every call once: those that are a request, and those that may share one, by its id, with others."""

    alone: tuple[Any, ...]
    shared: tuple[Any, ...] = ()

    @property
    def parts(self) -> tuple[Any, ...]:
        """The tables one by one: united, an engine would hold all rows, or wait for itself as it streams them."""
        return (*self.alone, *self.shared)

    def changed(self, change: Callable[[Any], Any]) -> "Calls":
        """The same change to all."""
        return Calls(tuple(map(change, self.alone)), tuple(map(change, self.shared)))

    def counted(self, *by: str) -> Counter[tuple[Any, ...]]:
        """How many calls there are by some columns."""
        found: Counter[tuple[Any, ...]] = Counter()
        for table in self.parts:
            for row in rows_of(table.group_by(list(by)).agg(rows_=lambda t: t.count())):
                found[tuple(row[name] for name in by)] += row["rows_"]
        return found


@dataclass(frozen=True)
class Readable:
    """The rows of a file as they are, how some of them are read as calls, and its ids and time among them."""

    rows: Any
    read: Callable[[Any], Any]
    ids: Mapping[str, Any]

    @property
    def key(self) -> str:
        """What tells a call: its id, else that of its request, else nothing."""
        return next((key for key in ("call_id", "request_id") if key in self.ids), "")

    def marked(self, with_requests: bool) -> Any:
        """The rows with a mark of their call, and of their request."""
        key, has_request = self.key, with_requests and "request_id" in self.ids
        moment = None if key == "call_id" else self.ids["time"]
        return self.rows.mutate(
            of_call=mark_of(self.ids[key], moment) if key else no_mark(self.rows),
            of_request=mark_of(self.ids["request_id"]) if has_request else no_mark(self.rows),
        )


@dataclass(frozen=True)
class Twice:
    """Rows with calls that are there more than once, and the same with each call once."""

    rows: Any
    once: Any
    by: Sequence[str]

    def lost(self, column: str, of: Callable[[Any], Any] = lambda table: table) -> Mapping[Any, int]:
        """How many rows of a kind were there already, by a column."""
        left = counted_by(of(self.once), column)
        return {value: rows - left.get(value, 0) for value, rows in counted_by(of(self.rows), column).items()}


@dataclass(frozen=True)
class Repeats:
    """The marks that occur more than once: of calls, by what tells them, and of requests; are those rows few?

    Of calls that are `covered` all that are there more than once share a request as well,
    so that it is enough to look at that.
    """

    of_calls: Mapping[str, Any]
    of_requests: Any
    are_few: bool
    covered: frozenset[str] = frozenset()

    def is_shared(self, rows: Any) -> Any:
        """Whether another call may be of the same request."""
        return rows.in_requests if "in_requests" in rows.columns else within(rows.of_request, self.of_requests)

    def is_again(self, rows: Any, key: str) -> Any:
        """Whether the call of a row may be there more than once."""
        found = rows.in_calls if "in_calls" in rows.columns else within(rows.of_call, self.of_calls.get(key))
        return found & self.is_shared(rows) if key in self.covered else found

    def is_odd(self, rows: Any, key: str) -> Any:
        """Whether either holds."""
        return self.is_shared(rows) if key in self.covered else self.is_again(rows, key) | self.is_shared(rows)

    def told(self, rows: Any, key: str) -> Any:
        """Rows with both answers in columns, as not every engine can have them."""
        return rows.mutate(in_calls=self.is_again(rows, key), in_requests=self.is_shared(rows))

    def narrowed(self, odd: Sequence[tuple[Readable, Any]]) -> "Repeats":
        """The same with what is covered, by a look at the rows for which either holds."""
        if self.of_requests is None:
            return self
        return replace(self, covered=frozenset(key for key in self.of_calls if self.is_covered(key, odd)))

    def is_covered(self, key: str, odd: Sequence[tuple[Readable, Any]]) -> bool:
        """Whether no call is there more than once whose request has no other."""
        if key == "request_id":
            return True
        rows = [
            one.read(rows.filter(self.is_again(rows, key) & ~self.is_shared(rows)))
            for one, rows in odd
            if one.key == key
        ]
        calls = united(rows).group_by(key).agg(rows=lambda t: t.count())
        return not counted(calls.filter(calls.rows > 1))


def told_apart(
    files: Sequence[Readable], keep: Keep, count: int, with_requests: bool
) -> tuple[Calls | None, list[Twice]]:
    """Every call once, and the rows that were there already.

    A call that has an id is told by it; one that only has a request's id by all that is
    known of it. Calls without either stay: two of them may well be alike.
    """
    marked = [one.marked(with_requests) for one in files]
    repeats = repeats_of([(one.key, rows) for one, rows in zip(files, marked, strict=True)], count, with_requests, keep)
    told = [repeats.told(rows, one.key) for one, rows in zip(files, marked, strict=True)] if repeats.are_few else marked
    odd = [rows.filter(repeats.is_odd(rows, one.key)) for one, rows in zip(files, told, strict=True)]
    if repeats.are_few:
        odd = [keep(f"odd_{place}", rows) for place, rows in enumerate(odd)]
        repeats = repeats.narrowed(list(zip(files, odd, strict=True)))
    alone = [one.read(rows.filter(~repeats.is_odd(rows, one.key))) for one, rows in zip(files, marked, strict=True)]
    shared = []
    twice: dict[str, list[Any]] = {}
    for one, rows in zip(files, odd, strict=True):
        if repeats.of_requests is not None:
            shared.append(one.read(rows.filter(repeats.is_shared(rows) & ~repeats.is_again(rows, one.key))))
        if one.key in repeats.of_calls:
            twice.setdefault(one.key, []).append(one.read(rows.filter(repeats.is_again(rows, one.key))))
    again = [each_once(key, united(tables), keep) for key, tables in twice.items()]
    for once in (each.once for each in again):
        has_request = once.request_id.notnull() if with_requests else literal(False)
        alone.append(once.filter(~has_request))
        shared.append(once.filter(has_request))
    return (Calls(tuple(alone), tuple(shared)) if alone else None), again


def repeats_of(marked: Sequence[tuple[str, Any]], count: int, with_requests: bool, keep: Keep) -> Repeats:
    """The marks that occur more than once in all files, each with what tells its calls; of about so many rows."""
    tables, rows = {}, 0.0
    for key in dict.fromkeys(key for key, _ in marked if key):
        mine = united([table.select(mark="of_call") for known, table in marked if known == key])
        tables[key], more = repeated(mine, count, partial(keep, f"marks_{key}"))
        rows += more
    of_requests = None
    if with_requests:
        asked = united([table.select(mark="of_request") for _, table in marked])
        of_requests, more = repeated(asked, count, partial(keep, "marks"))
        rows += more
    return Repeats(
        {key: table for key, table in tables.items() if table is not None}, of_requests, 0 < rows * MANY < count
    )


def each_once(key: str, rows: Any, keep: Keep) -> Twice:
    """Rows whose calls may be there more than once, with each of them once."""
    some = keep(f"again_{key}", rows)
    by = ["call_id"] if key == "call_id" else COLUMNS
    return Twice(some, keep(f"once_{key}", first_of(some, by)), by)


def within(mark: Any, marks: Any) -> Any:
    """Whether a row's mark is one of those; rows without one are not."""
    return literal(False) if marks is None else mark.isin(marks.mark).fill_null(False)


def first_of(table: Any, keys: Sequence[str]) -> Any:
    """One row for each key."""
    others = [name for name in ("file", *COLUMNS) if name not in keys]
    how = {name: table[name].min() if name == "file" else table[name].max() for name in others}
    return table.group_by(list(keys)).agg(**how).select("file", *COLUMNS)


def counted_by(table: Any, column: str) -> Mapping[Any, int]:
    """How many rows there are by a column."""
    found = rows_of(table.group_by(column).agg(rows=lambda t: t.count()))
    return {row[column]: int(row["rows"]) for row in found}


def united(tables: Sequence[Any]) -> Any:
    """Tables of the same columns as one; nothing for none."""
    return reduce(lambda one, other: one.union(other), tables) if tables else None
