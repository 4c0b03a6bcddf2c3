"""How are the requests of our own engine summed up, however many, in one scan of them?

Calls come as a stream of numbers; a hash of 64 bits stands for the id of a request, of which two
would have to be alike by chance. Requests of one call, which most are, are summed up at once.
The calls of the others are kept, in parts that each hold all calls of their requests.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from roi_xl.observed.bootstrap import Array
from roi_xl.observed.fields import literal
from roi_xl.observed.gathered import Parts, together
from roi_xl.observed.marks import several
from roi_xl.observed.repeats import Calls, Keep, united
from roi_xl.observed.requests import ARMS, KEYS, Kind
from roi_xl.observed.sql import batches_of
from roi_xl.observed.summary import Table, added
from roi_xl.observed.tallies import Columns, Tally, tallies, with_keys

BATCH = 2**18
MOST_SEEN, SPARE = 26, 4
"""At most so many bits of a mark say whether another call may be of the same request; and by how many they are more
than it takes to number those marks, so that few others begin like one of them."""


def sums_of(
    calls: Calls, grouping: str, kind: Kind, seen: Array | None, count: int, users: Any, with_tokens: bool
) -> tuple[list[Table], dict[int, int]]:
    """The sums of requests by each set of keys, and how many users each side has."""
    streams = [numbers_of(table, kind, users) for table in calls.parts]
    found = Sums(with_tokens, kind.has_unjudged)
    parts = Parts(count)
    for stream in streams:
        for batch in arrays_of(stream):
            is_alone = batch["side"] < len(ARMS)
            if seen is not None:
                is_shared = seen[batch["id"] >> (65 - len(seen).bit_length())] & (batch["id"] != 0)
                parts.keep({name: values[is_shared] for name, values in batch.items()})
                is_alone &= ~is_shared
            found.add(alone({name: values[is_alone] for name, values in batch.items()}))
    for rows in parts.each():
        found.add(together(rows, grouping))
    return found.tables(), found.users()


def numbers_of(calls: Any, kind: Kind, users: Any) -> Any:
    """What is to be known of calls, as numbers without a gap."""
    columns = {
        "side": calls.side.cast("int8"),
        "time": calls.time,
        "failed": calls.failed.cast("int8"),
        "input_tokens": calls.input_tokens.cast("int32"),
        "output_tokens": calls.output_tokens.cast("int32"),
        "cached_tokens": calls.cached_tokens.cast("int32"),
        "cost": calls.cost,
    }
    if kind.has_ids:
        columns["id"] = calls.request_id.fill_null(literal(0, "uint64"))
    if kind.has_counts:
        columns["requests"] = calls.requests
        if kind.has_ids:  # several requests are no part of one
            columns["id"] = (calls.requests > 1).ifelse(literal(0, "uint64"), columns["id"])
    if kind.has_unjudged:
        columns["judged"] = calls.judged.cast("int8")
    if kind.has_fallbacks:
        columns["fell_back"] = calls.fell_back.cast("int8")
    if users is None:
        return calls.select(**columns)
    coded = calls.left_join(users, calls.user == users.name)
    return coded.select(**columns, user=users.code.fill_null(0))


def user_codes(calls: Calls, keep: Keep) -> Any:
    """The users by number, from 1 on, in the order of their names."""
    import ibis

    names = united([table.select(name="user") for table in calls.parts]).filter(lambda t: t.name.notnull()).distinct()
    return keep("users", names.select("name", code=ibis.row_number().over(order_by=names.name) + 1))


def arrays_of(stream: Any) -> Iterator[Columns]:
    """The rows of a stream in pieces, as arrays."""
    for batch in batches_of(stream, BATCH):
        if batch.num_rows:
            yield {name: np.from_dlpack(batch.column(name)) for name in batch.schema.names}


def shared_marks(marks: Any, count: int) -> Array:
    """Which marks of requests, by their first bits, are there more than once."""
    found, _ = several(marks, count)
    bits = min(MOST_SEEN, len(found).bit_length() + SPARE)
    seen = np.zeros(2**bits, bool)
    seen[found >> (32 - bits)] = True
    return seen


def alone(calls: Columns) -> Columns:
    """Calls of which each is a request, or as many as it says."""
    requests = calls.get("requests", np.ones(len(calls["side"]), np.int64))
    nothing = np.zeros(len(requests), np.int8)
    failed = calls["failed"] != 0
    judged = requests * calls["judged"] if "judged" in calls else requests
    return {
        **calls,
        **({"judged": judged} if "judged" in calls else {}),
        "ended": calls["time"],
        "successes": np.where(failed, 0, judged),
        "calls": requests,
        "fallbacks": calls.get("fell_back", nothing),
        "steps": nothing,
        "shared": nothing,
        "length": calls["input_tokens"],
        "failed_cost": np.where(failed, calls["cost"], 0),
    }


class Sums:
    """What requests come to, by all sets of keys, and when each side's first and last one was."""

    def __init__(self, with_tokens: bool, with_unjudged: bool) -> None:
        self.tallies: tuple[Tally, ...] = tallies(with_tokens, with_unjudged)
        self.spans: dict[int, tuple[int, int]] = {}
        self.names: dict[int, set[int]] = {side: set() for side in ARMS}

    def add(self, requests: Columns) -> None:
        """Sum up some requests."""
        if not len(requests["side"]):
            return
        found = with_keys(requests)
        for tally in self.tallies:
            tally.add(found)
        for side in ARMS:
            mine = requests["side"] == side
            times, ended = (requests[name][mine] for name in ("time", "ended"))
            if len(times):
                first, last = self.spans.get(side, (int(times[0]), int(ended[0])))
                self.spans[side] = min(first, int(times.min())), max(last, int(ended.max()))
            if "user" in requests:
                self.names[side] |= set(np.unique(requests["user"][mine]).tolist())

    def users(self) -> dict[int, int]:
        """How many users each side has; 0 stands for none."""
        return {side: len(names - {0}) for side, names in self.names.items()}

    def tables(self) -> list[Table]:
        """The sums by each set of keys, in the order of their keys; a side's first and last moment in each row."""
        return [added([self.table(tally)], by) for tally, by in zip(self.tallies, KEYS, strict=True)]

    def table(self, tally: Tally) -> Table:
        """The sums by one set of keys."""
        found = tally.table()
        ends = np.array([self.spans[side] for side in found["side"].tolist()], np.int64).reshape(-1, 2)
        return Table({"judged": found["requests"], **found, "first": ends[:, 0], "last": ends[:, 1]})
