"""What do requests come to by some keys, summed up as they come, in whole numbers?

Requests are arrays: a column for each thing that is known of them. Sums are kept in cells, one
for each combination of keys, so that any number of requests takes the same memory. NumPy's
quick sums are of floating point numbers; they are exact as long as no sum can reach 2^53, and
larger numbers are summed up in parts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from roi_xl.observed.bootstrap import Array
from roi_xl.observed.moments import DAY, HOUR
from roi_xl.observed.requests import BINS, GROUPS, LENGTHS, MICRO, MIXED, MONEY, SIDES

Columns = Mapping[str, Array]

HOURS = DAY // HOUR
EXACT, HALF = 2**53, 26
FEW = 8
"""Where fewer than one in so many are not 0, only those are summed up."""


def exact_sums(cells: Array, values: Array, size: int) -> Array:
    """Whole numbers of at least 0, summed up by their cells.

    >>> exact_sums(np.array([0, 1, 0]), np.array([2**60, 3, 1]), 2).tolist() == [2**60 + 1, 3]
    True
    """
    some = np.count_nonzero(values)
    if some * FEW < len(values):
        places = np.flatnonzero(values)
        cells, values = cells[places], values[places]
    if not some:
        return np.zeros(size, np.int64)
    if int(values.max()) * len(values) < EXACT:
        return np.bincount(cells, weights=values, minlength=size).astype(np.int64)
    low = exact_sums(cells, values & (2**HALF - 1), size)
    return (exact_sums(cells, values >> HALF, size) << HALF) + low


def in_parts(cells: Array, money: Array, size: int) -> tuple[Array, Array]:
    """Money summed up by its cells, in two whole numbers, so that no sum of it is too large."""
    if int(money.max(initial=0)) * len(money) < EXACT:
        total = exact_sums(cells, money, size)
        return total // MICRO, total % MICRO
    return exact_sums(cells, money // MICRO, size), exact_sums(cells, money % MICRO, size)


@dataclass
class Tally:
    """Sums by some keys, of which all but the first have so many values."""

    keys: tuple[str, ...]
    sizes: tuple[int, ...]
    summed: tuple[str, ...]
    columns: dict[str, Array] = field(default_factory=dict)

    def add(self, found: Columns) -> None:
        """Sum up some requests; money in two whole numbers."""
        cells = found[self.keys[0]].astype(np.int64)
        for key, size in zip(self.keys[1:], self.sizes, strict=True):
            cells = cells * size + found[key]
        low, high = int(cells.min()), int(cells.max()) + 1
        cells -= low
        self.put("requests", low, self.counted(cells, found, high - low))
        for name in self.summed:
            if name in MONEY:
                micro, rest = in_parts(cells, found[name], high - low)
                self.put(f"{name}_micro", low, micro)
                self.put(f"{name}_rest", low, rest)
            else:
                self.put(name, low, exact_sums(cells, found[name], high - low))

    def counted(self, cells: Array, found: Columns, size: int) -> Array:
        """How many requests there are; each is one where nothing else is said."""
        if "requests" in found:
            return exact_sums(cells, found["requests"], size)
        return np.bincount(cells, minlength=size)

    def put(self, name: str, low: int, sums: Array) -> None:
        """Add sums to the cells from one on; there are as many as were needed so far."""
        known = self.columns.get(name, np.zeros(0, np.int64))
        if len(known) < low + len(sums):
            known = np.concatenate([known, np.zeros(low + len(sums) - len(known), np.int64)])
        known[low : low + len(sums)] += sums
        self.columns[name] = known

    def table(self) -> dict[str, Array]:
        """The keys and sums of those cells that hold any request."""
        cells = np.flatnonzero(self.columns.get("requests", np.zeros(0, np.int64)))
        found: dict[str, Array] = {}
        rest = cells
        for key, size in zip(self.keys[:0:-1], self.sizes[::-1], strict=True):
            found[key], rest = rest % size, rest // size
        return {self.keys[0]: rest, **found, **{name: column[cells] for name, column in self.columns.items()}}


def tallies(with_tokens: bool, with_unjudged: bool) -> tuple[Tally, Tally, Tally]:
    """What is summed up: by group and length all of it, by day and by cost what is shown of them."""
    tokens = ("input_tokens", "output_tokens", "cached_tokens")
    more = tokens if with_tokens else ()
    judged = ("judged",) if with_unjudged else ()
    all_of_it = ("successes", *judged, "calls", "fallbacks", "steps", "shared", *tokens, *MONEY)
    return (
        Tally(("side", "length_class", "group"), (len(LENGTHS) + 1, GROUPS), all_of_it),
        Tally(("day", "side", "length_class"), (SIDES, len(LENGTHS) + 1), ("successes", *judged, "cost", *more)),
        Tally(("side", "cost_class", "hour"), (len(BINS) + 1, HOURS), ("cost", *more)),
    )


def with_keys(found: Columns) -> Columns:
    """Requests with their day, their group, and classes of length and of cost."""
    length, cost = found["length"], found["cost"]
    if "requests" in found:
        length, cost = length // found["requests"], cost // found["requests"]
    hours = found["time"] // HOUR
    mixed = found["time"] + sum(found[name].astype(np.int64) * factor for name, factor in MIXED)
    return {
        **found,
        "day": hours // HOURS,
        "hour": hours % HOURS,
        "group": mixed % GROUPS,
        "length_class": class_of(length, LENGTHS),
        "cost_class": class_of(cost, BINS),
    }


def class_of(values: Array, ends: Sequence[int]) -> Array:
    """The number of the class that each value falls into: of the ends that it reaches."""
    return np.searchsorted(np.array(ends, values.dtype), values, side="right")
