"""Which calls served one request, on which side does it count, and what did it cost?"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from roi_xl.observed.calls import PICO
from roi_xl.observed.fields import literal
from roi_xl.observed.moments import DAY, HOUR
from roi_xl.observed.repeats import Calls, united
from roi_xl.observed.sql import duckdb_function, is_duckdb

BASELINE, FINE_TUNED, OTHER = 0, 1, 3
ARMS = (BASELINE, FINE_TUNED)
SIDES = 4
NEVER = 2**62 + OTHER
"""What stands for the first call of either model, and its side, where a request has none."""

MICRO = PICO // 1_000_000
LENGTHS = (64, 128, 256, 512, 1_024, 2_048, 4_096, 8_192, 16_384, 32_768, 65_536)
"""Where one class of prompt lengths ends and the next begins, in tokens."""

BINS = tuple(digit * 10**power for power in range(4, 18) for digit in (1, 2, 5))
"""The same for costs, in millionths of a millionth: from 0.00000001 to 500,000 a request."""

GROUPS = 1_021
"""Requests fall into so many groups, a prime number: what a bootstrap draws from."""

MIXED = (("input_tokens", 7), ("output_tokens", 31), ("cached_tokens", 127))
"""Which one is told by the microsecond of a request and these multiples of its tokens, as good as by chance."""


def with_sides(
    calls: Any, baseline: Sequence[str], fine_tuned: Sequence[str], asked: Sequence[Sequence[str]] = ((), ())
) -> Any:
    """Calls with the side of their model; a fallback's is the one that was asked, as the log says."""
    import ibis

    back = calls.fell_back
    side = ibis.cases(
        *(
            (back & calls.asked.isin(list(names)), literal(arm, "int64"))
            for arm, names in zip(ARMS, asked, strict=True)
        ),
        (calls.model.isin(list(baseline)), literal(BASELINE, "int64")),
        (calls.model.isin(list(fine_tuned)), literal(FINE_TUNED, "int64")),
        else_=literal(OTHER, "int64"),
    )
    return calls.mutate(side=side)


@dataclass(frozen=True)
class Kind:
    """What rows can be: have a request's id, stand for several requests, be fallbacks as a log says, have no score."""

    has_ids: bool
    has_counts: bool
    has_fallbacks: bool
    has_unjudged: bool = False


def requests_of(calls: Calls, grouping: str, kind: Kind) -> list[Any]:
    """One row for each request, in one table or several, which are quicker summed up apart.

    Calls with the same id belong together; the first one of either model decides the side, and
    every call, of another model too, is charged to it. A call of another model that comes before
    it, such as a guard's, is no answer. A call without an id is a request; a row that stands for
    several requests is no part of one.
    Columns that would be the same in all rows are left out: `requests` where each row is
    one, `calls` where each request has one, and what is 0.
    """
    found = [each(united(calls.alone), kind)]
    if calls.shared:
        shared = united(calls.shared)
        found.append(together(shared.filter(shared.requests == 1), grouping))
        if kind.has_counts:
            found.append(each(shared.filter(shared.requests > 1), kind))
    return [table.filter(table.side.isin(list(ARMS))) for table in found]


def whole_sum(column: Any) -> Any:
    """A sum of numbers of at least 0 in 64 bits: an engine may take twice as many, and then count slowly ever after."""
    return column.sum().cast("uint64").cast("int64") if is_duckdb(column) else column.sum()


def together(calls: Any, grouping: str) -> Any:
    """Calls that have a request's id, by it; of calls at the same moment one that succeeded is the last."""
    done = ~calls.failed & calls.judged
    found = calls.mutate(order=calls.time * SIDES + calls.side, done=done.cast("int64")).group_by("request_id")
    table = found.agg(
        lambda t: (t.side == OTHER).ifelse(NEVER, t["order"]).min().name("first"),
        lambda t: (t.done * t["order"]).max().name("answered"),
        lambda t: (t.judged.ifelse(t.time * 2 + t.done, 0).max() % 2).name("ended_well"),
        lambda t: t.judged.cast("int64").max().name("judged"),
        lambda t: t.time.max().name("ended"),
        lambda t: whole_sum(t.done).name("good_calls"),
        lambda t: ((t.side == BASELINE).ifelse(t.done, 0)).max().name("good_on_baseline"),
        lambda t: ((t.side == FINE_TUNED).ifelse(t.done, 0)).max().name("good_on_fine_tuned"),
        lambda t: whole_sum(t.cost).name("cost"),
        lambda t: whole_sum(t.failed.ifelse(t.cost, 0)).name("failed_cost"),
        lambda t: t.count().name("calls"),
        lambda t: whole_sum((t.side == BASELINE).cast("int64")).name("on_baseline"),
        lambda t: whole_sum((t.side == FINE_TUNED).cast("int64")).name("on_fine_tuned"),
        lambda t: t.input_tokens.max().name("length"),
        lambda t: whole_sum(t.input_tokens).name("input_tokens"),
        lambda t: whole_sum(t.output_tokens).name("output_tokens"),
        lambda t: whole_sum(t.cached_tokens).name("cached_tokens"),
        lambda t: t.user.max().name("user"),
    )
    side = table.first % SIDES
    own = (side == BASELINE).ifelse(table.on_baseline, table.on_fine_tuned)
    return table.select(
        side=side.cast("int64"),
        time=whole_part(table.first, literal(SIDES, "int64")),
        user=table.user,
        ended=table.ended,
        successes=(table.answered >= table.first if grouping == "trace" else table.ended_well == 1).cast("int64"),
        calls=table.calls,
        judged=table.judged,
        fallbacks=table.calls - own,
        steps=(table.good_calls > 1).cast("int64"),
        shared=(table.good_on_baseline * table.good_on_fine_tuned).cast("int64"),
        length=table.length,
        input_tokens=table.input_tokens,
        output_tokens=table.output_tokens,
        cached_tokens=table.cached_tokens,
        cost=table.cost,
        failed_cost=table.failed_cost,
    )


def each(calls: Any, kind: Kind) -> Any:
    """Calls that stand alone: each row is a request, or as many as it says."""
    count = calls.requests if kind.has_counts else literal(1, "int64")
    return calls.select(
        side=calls.side.cast("int64"),
        time=calls.time,
        user=calls.user,
        **({"requests": count} if kind.has_counts else {}),
        successes=(calls.failed | ~calls.judged).ifelse(literal(0, "int64"), count),
        judged=calls.judged.ifelse(count, literal(0, "int64")),
        **({"fallbacks": calls.fell_back.cast("int64")} if kind.has_fallbacks else {}),
        length=calls.input_tokens,
        input_tokens=calls.input_tokens,
        output_tokens=calls.output_tokens,
        cached_tokens=calls.cached_tokens,
        cost=calls.cost,
        failed_cost=calls.failed.ifelse(calls.cost, literal(0, "int64")),
    )


def classified(requests: Any) -> Any:
    """Requests with their day, their group, and classes of length and of cost."""
    groups = sum((requests[name] * factor for name, factor in MIXED), requests.time) % GROUPS
    length, cost = (
        whole_part(requests[name], requests.requests) if "requests" in requests.columns else requests[name]
        for name in ("length", "cost")
    )
    hours = whole_part(requests.time, literal(HOUR, "int64")).cast("int32")
    return requests.mutate(
        side=requests.side.cast("int8"),
        day=whole_part(hours, literal(DAY // HOUR, "int32")).cast("int32"),
        hour=(hours % (DAY // HOUR)).cast("int8"),
        group=groups.cast("int16"),
        length_class=class_of(length, LENGTHS),
        cost_class=class_of(cost, BINS),
    )


def whole_part(value: Any, by: Any) -> Any:
    """A quotient of whole numbers, rounded down; an engine may divide as if they were no whole numbers."""
    if is_duckdb(value):
        return duckdb_function("divide", (value.type(), by.type()), value.type())(value, by)
    return ((value - value % by) / by).round().cast(value.type())


def class_of(value: Any, ends: Sequence[int]) -> Any:
    """The number of the class that a value falls into: of the ends that it reaches, found by halves."""

    def between(low: int, high: int) -> Any:
        if low == high:
            return literal(low, "int8")
        middle = (low + high + 1) // 2
        return (value >= ends[middle - 1]).ifelse(between(middle, high), between(low, middle - 1))

    return between(0, len(ends))


KEYS = (("side", "length_class", "group"), ("side", "day", "length_class"), ("side", "cost_class", "hour"))
"""What requests are summed up by."""

SUMMED = (
    "requests",
    "successes",
    "judged",
    "calls",
    "fallbacks",
    "steps",
    "shared",
    "input_tokens",
    "output_tokens",
    "cached_tokens",
)
MONEY = ("cost", "failed_cost")


def sums(requests: Any, *by: str) -> Any:
    """Requests summed up; money in two whole numbers, so that no engine rounds or overflows."""
    how = {name: requests[name].sum() for name in SUMMED if name in requests.columns}
    how.setdefault("requests", requests.count())
    for name in MONEY:
        how[f"{name}_micro"] = whole_part(requests[name], literal(MICRO, "int64")).sum()
        how[f"{name}_rest"] = (requests[name] % MICRO).sum()
    ended = requests.ended if "ended" in requests.columns else requests.time
    return requests.group_by(list(by)).agg(**how, first=requests.time.min(), last=ended.max())
