"""Which calls are of one request, and what do they come to together?

Calls are numbers, the id of their request too. They are kept in parts that each hold all
calls of their requests, in memory if they are few; one part at a time is sorted by the id.
"""

from collections.abc import Iterator
from tempfile import SpooledTemporaryFile
from typing import IO, Any

import numpy as np

from roi_xl.observed.bootstrap import Array
from roi_xl.observed.requests import ARMS, BASELINE, FINE_TUNED, NEVER, OTHER, SIDES
from roi_xl.observed.tallies import Columns

IN_A_PART, IN_MEMORY = 8_000_000, 2**26
"""How many calls are about those of one part, and from how many bytes on all of them are on disk."""


class Parts:
    """Calls that are kept: all of a request's in one part, so that one part at a time is looked at."""

    def __init__(self, count: int) -> None:
        self.count = count // IN_A_PART + 1
        self.columns: list[dict[str, IO[bytes]]] = [{} for _ in range(self.count)]
        self.kinds: dict[str, np.dtype[Any]] = {}

    def keep(self, calls: Columns) -> None:
        """Keep calls until all are there."""
        self.kinds = {name: values.dtype for name, values in calls.items()}
        part = calls["id"] % np.uint64(self.count)
        for place, files in enumerate(self.columns):
            mine = part == place
            for name, values in calls.items():
                some = values if self.count == 1 else values[mine]
                if name not in files:
                    most = max(1, IN_MEMORY // (self.count * len(calls)))
                    files[name] = SpooledTemporaryFile(most)  # noqa: SIM115 (closed when it is read)
                files[name].write(some.tobytes())

    def each(self) -> Iterator[Columns]:
        """The calls of one part after another."""
        for files in self.columns:
            found = {name: np.frombuffer(everything(file), self.kinds[name]) for name, file in files.items()}
            if found and len(found["id"]):
                yield found


def everything(file: IO[bytes]) -> bytes:
    """All that was written to a file, which is closed."""
    with file:
        file.seek(0)
        return file.read()


def together(calls: Columns, grouping: str) -> Columns:
    """Calls by the id of their request; of calls at the same moment one that succeeded is the last."""
    order = np.argsort(calls["id"])
    calls = {name: values[order] for name, values in calls.items()}
    starts = np.flatnonzero(np.append(True, calls["id"][1:] != calls["id"][:-1]))
    judged = calls["judged"].astype(np.int64) if "judged" in calls else np.ones(len(order), np.int64)
    done = (calls["failed"] == 0) * judged
    placed = calls["time"] * SIDES + calls["side"]
    first = np.minimum.reduceat(np.where(calls["side"] == OTHER, NEVER, placed), starts)
    ended = np.maximum.reduceat(calls["time"], starts)
    of_arm = {arm: calls["side"] == arm for arm in ARMS}
    good = {arm: np.maximum.reduceat(np.where(is_mine, done, 0), starts) for arm, is_mine in of_arm.items()}
    own = {arm: np.add.reduceat(is_mine.astype(np.int64), starts) for arm, is_mine in of_arm.items()}
    count = np.diff(np.append(starts, len(order)))
    side = (first % SIDES).astype(np.int8)
    fallbacks = count - np.where(side == BASELINE, own[BASELINE], own[FINE_TUNED])
    if "fell_back" in calls:
        fallbacks = np.where(count == 1, calls["fell_back"][starts], fallbacks)
    found = {
        "side": side,
        "time": first // SIDES,
        "ended": ended,
        "successes": (np.maximum.reduceat(done * placed, starts) >= first).astype(np.int64)
        if grouping == "trace"
        else np.maximum.reduceat((calls["time"] * 2 + done) * judged, starts) % 2,
        "calls": count,
        "fallbacks": fallbacks,
        "steps": (np.add.reduceat(done, starts) > 1).astype(np.int8),
        "shared": good[BASELINE] * good[FINE_TUNED],
        "length": np.maximum.reduceat(calls["input_tokens"], starts),
        **{f"{name}_tokens": added_up(calls[f"{name}_tokens"], starts) for name in ("input", "output", "cached")},
        "cost": added_up(calls["cost"], starts),
        "failed_cost": added_up(np.where(calls["failed"] != 0, calls["cost"], 0), starts),
        **({"judged": np.maximum.reduceat(judged, starts)} if "judged" in calls else {}),
        **({"user": np.maximum.reduceat(calls["user"], starts)} if "user" in calls else {}),
    }
    is_ours = side < len(ARMS)
    return {name: values[is_ours] for name, values in found.items()}


def added_up(values: Array, starts: Array) -> Array:
    """The sum of the values of each request."""
    found: Array = np.add.reduceat(values.astype(np.int64), starts)
    return found
