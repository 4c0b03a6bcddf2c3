"""Which calls served one request, on which side does it count, and what did it cost?"""

from collections.abc import Sequence
from typing import Any

from roi_xl.observed.calls import DAY, HOUR, PICO, literal

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


def requests_of(calls: Any, grouping: str, grouped: bool, alone: bool) -> Any:
    """One row for each request.

    Calls with the same id belong together; the first one decides the side, and every call,
    a fallback on another model too, is charged to it. A call without an id is a request.
    """
    parts = []
    if grouped:
        parts.append(together(calls.filter(calls.request_id.notnull()), grouping))
    if alone:
        parts.append(each(calls.filter(calls.request_id.isnull()) if grouped else calls))
    found = parts[0] if len(parts) == 1 else parts[0].union(parts[1])
    return classified(found.filter(found.side.isin(list(ARMS))))


def together(calls: Any, grouping: str) -> Any:
    """Calls that have a request's id, by it; of calls at the same moment one that succeeded is the last."""
    done = ~calls.failed
    found = calls.mutate(order=calls.time * SIDES + calls.side, done=done.cast("int64")).group_by("request_id")
    table = found.agg(
        lambda t: t["order"].min().name("first"),
        lambda t: (t.done.max() if grouping == "trace" else (t.time * 2 + t.done).max() % 2).name("successes"),
        lambda t: t.done.sum().name("good_calls"),
        lambda t: ((t.side == BASELINE).ifelse(t.done, 0)).max().name("good_on_baseline"),
        lambda t: ((t.side == FINE_TUNED).ifelse(t.done, 0)).max().name("good_on_fine_tuned"),
        lambda t: t.cost.sum().name("cost"),
        lambda t: (t.failed.ifelse(t.cost, 0)).sum().name("failed_cost"),
        lambda t: t.count().name("calls"),
        lambda t: (t.side == BASELINE).cast("int64").sum().name("on_baseline"),
        lambda t: (t.side == FINE_TUNED).cast("int64").sum().name("on_fine_tuned"),
        lambda t: t.input_tokens.max().name("length"),
        lambda t: t.input_tokens.sum().name("input_tokens"),
        lambda t: t.output_tokens.sum().name("output_tokens"),
        lambda t: t.cached_tokens.sum().name("cached_tokens"),
        lambda t: t.user.max().name("user"),
    )
    side = table.first % SIDES
    own = (side == BASELINE).ifelse(table.on_baseline, table.on_fine_tuned)
    return table.select(
        side=side.cast("int64"),
        time=(table.first - side).cast("int64") // SIDES,
        group=table.request_id.hexdigest("md5").substr(0, GROUP_DIGITS),
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


def each(calls: Any) -> Any:
    """Calls that stand alone: each row is a request, or as many as it says."""
    successes = calls.failed.ifelse(literal(0, "int64"), calls.requests)
    mixture = literal(0, "int64")
    for name, factor in MIXED:
        mixture = mixture + (calls[name] % 1_000_003) * factor
    return calls.select(
        side=calls.side.cast("int64"),
        time=calls.time,
        group=(mixture % GROUPS).cast("string"),
        user=calls.user,
        requests=calls.requests,
        successes=successes,
        calls=calls.requests,
        fallbacks=calls.fell_back.cast("int64"),
        steps=literal(0, "int64"),
        shared=literal(0, "int64"),
        length=(calls.input_tokens / calls.requests).floor().cast("int64"),
        input_tokens=calls.input_tokens,
        output_tokens=calls.output_tokens,
        cached_tokens=calls.cached_tokens,
        cost=calls.cost,
        failed_cost=calls.failed.ifelse(calls.cost, literal(0, "int64")),
    )


def classified(requests: Any) -> Any:
    """Requests with their day, and classes of length and of cost."""
    each_cost = (requests.cost / requests.requests).floor().cast("int64")
    return requests.mutate(
        day=requests.time // DAY,
        hour=requests.time % DAY // HOUR,
        length_class=class_of(requests.length, LENGTHS),
        cost_class=class_of(each_cost, BINS),
    )


def class_of(value: Any, ends: Sequence[int]) -> Any:
    """The number of the class that a value falls into."""
    import ibis

    return ibis.cases(
        *((value < end, literal(place, "int64")) for place, end in enumerate(ends)), else_=literal(len(ends), "int64")
    )


def sums(requests: Any, *by: str) -> Any:
    """Requests summed up; money in two whole numbers, so that no engine rounds or overflows."""
    return requests.group_by(list(by)).agg(
        lambda t: t.requests.sum().name("requests"),
        lambda t: t.successes.sum().name("successes"),
        lambda t: t.calls.sum().name("calls"),
        lambda t: t.fallbacks.sum().name("fallbacks"),
        lambda t: t.steps.sum().name("steps"),
        lambda t: t.shared.sum().name("shared"),
        lambda t: t.input_tokens.sum().name("input_tokens"),
        lambda t: t.output_tokens.sum().name("output_tokens"),
        lambda t: t.cached_tokens.sum().name("cached_tokens"),
        lambda t: (t.cost // MICRO).sum().name("cost_micro"),
        lambda t: (t.cost % MICRO).sum().name("cost_rest"),
        lambda t: (t.failed_cost // MICRO).sum().name("failed_cost_micro"),
        lambda t: (t.failed_cost % MICRO).sum().name("failed_cost_rest"),
        lambda t: t.time.min().name("first"),
        lambda t: t.time.max().name("last"),
    )
