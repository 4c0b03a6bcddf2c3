"""Which calls served one request, on which side does it count, and what did it cost?"""

import operator
from collections.abc import Sequence
from functools import reduce
from typing import Any

from roi_xl.observed.calls import DAY, HOUR, PICO, literal
from roi_xl.observed.repeats import Keep, apart, united

BASELINE, FINE_TUNED, OTHER = 0, 1, 3
ARMS = (BASELINE, FINE_TUNED)
SIDES = 4
MICRO = PICO // 1_000_000
LENGTHS = (64, 128, 256, 512, 1_024, 2_048, 4_096, 8_192, 16_384, 32_768, 65_536)
"""Where one class of prompt lengths ends and the next begins, in tokens."""

BINS = tuple(digit * 10**power for power in range(4, 13) for digit in (1, 2, 5))
"""The same for costs, in millionths of a millionth: from 0.00000001 to 5 a request."""

GROUP_DIGITS = 3
"""Requests fall into 4,096 groups by a hash of their id: what a bootstrap draws from."""

GROUPS = 4_093
MIXED = (("time", 7_919), ("input_tokens", 104_729), ("output_tokens", 1_299_709), ("cached_tokens", 15_485_863))
"""Calls without an id fall into as many, by a mixture of what is known of them."""


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


GROUPINGS = ("trace", "agent", "call")
"""How calls become requests: any call of a trace succeeds, its last one does, or each call is a request."""


def requests_of(calls: Any, grouping: str, grouped: bool, alone: bool, keep: Keep) -> Any:
    """One row for each request.

    Calls with the same id belong together; the first one decides the side, and every call,
    a fallback on another model too, is charged to it. A call without an id is a request.
    """
    parts = []
    if grouped:
        single, shared = apart(calls.filter(calls.request_id.notnull()), "request_id", (), keep)
        parts.append(each(single, single.request_id))
        parts += [] if shared is None else [together(shared, grouping)]
    if alone:
        parts.append(each(calls.filter(calls.request_id.isnull()) if grouped else calls))
    found = united(parts)
    return classified(found.filter(found.side.isin(list(ARMS))))


def whole_sum(column: Any) -> Any:
    """A sum in 64 bits: an engine may take twice as many, and then count slowly ever after."""
    return column.sum().cast("decimal(38, 0)").cast("int64")


def together(calls: Any, grouping: str) -> Any:
    """Calls that have a request's id, by it; of calls at the same moment one that succeeded is the last."""
    done = ~calls.failed
    found = calls.mutate(order=calls.time * SIDES + calls.side, done=done.cast("int64")).group_by("request_id")
    table = found.agg(
        lambda t: t["order"].min().name("first"),
        lambda t: (t.done.max() if grouping == "trace" else (t.time * 2 + t.done).max() % 2).name("successes"),
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
        time=(table.first - side).cast("int64") // SIDES,
        group=hashed(table.request_id),
        user=table.user,
        requests=literal(1, "int64"),
        successes=table.successes.cast("int64"),
        calls=table.calls,
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


def hashed(request_id: Any) -> Any:
    """The group of a request's id."""
    return request_id.hexdigest("md5").substr(0, GROUP_DIGITS)


def mixed(calls: Any) -> Any:
    """The group of a call without an id."""
    mixture = literal(0, "int64")
    for name, factor in MIXED:
        mixture = mixture + (calls[name] % 1_000_003) * factor
    return (mixture % GROUPS).cast("string")


def each(calls: Any, request_id: Any = None) -> Any:
    """Calls that stand alone: each row is a request, or as many as it says if it has no request's id."""
    count = calls.requests if request_id is None else literal(1, "int64")
    successes = calls.failed.ifelse(literal(0, "int64"), count)
    return calls.select(
        side=calls.side.cast("int64"),
        time=calls.time,
        group=mixed(calls) if request_id is None else hashed(request_id),
        user=calls.user,
        requests=count,
        successes=successes,
        calls=count,
        fallbacks=calls.fell_back.cast("int64"),
        steps=literal(0, "int64"),
        shared=literal(0, "int64"),
        length=calls.input_tokens // count,
        input_tokens=calls.input_tokens,
        output_tokens=calls.output_tokens,
        cached_tokens=calls.cached_tokens,
        cost=calls.cost,
        failed_cost=calls.failed.ifelse(calls.cost, literal(0, "int64")),
    )


def classified(requests: Any) -> Any:
    """Requests with their day, and classes of length and of cost."""
    found = requests.mutate(
        day=requests.time // DAY,
        hour=requests.time % DAY // HOUR,
        each_cost=requests.cost // requests.requests,
    )
    return found.mutate(
        length_class=class_of(found.length, LENGTHS),
        cost_class=class_of(found.each_cost, BINS),
    )


def class_of(value: Any, ends: Sequence[int]) -> Any:
    """The number of the class that a value falls into: of the ends that it reaches."""
    reached = [(value >= end).cast("int8") for end in ends]
    return reduce(operator.add, reached).cast("int64")


KEYS = (("side", "length_class", "group"), ("side", "day", "length_class"), ("side", "cost_class", "hour"))
"""What requests are summed up by."""

SUMMED = (
    "requests",
    "successes",
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
    how = {name: requests[name].sum() for name in SUMMED}
    for name in MONEY:
        how[f"{name}_micro"] = (requests[name] // MICRO).sum()
        how[f"{name}_rest"] = (requests[name] % MICRO).sum()
    return requests.group_by(list(by)).agg(**how, first=requests.time.min(), last=requests.time.max())
