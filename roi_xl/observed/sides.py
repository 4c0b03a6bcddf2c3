"""What did one model's requests come to, and over how many days?"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from roi_xl.errors import NotSupported
from roi_xl.observed import bootstrap
from roi_xl.observed.bootstrap import Array, Draws
from roi_xl.observed.moments import DAY
from roi_xl.observed.requests import FINE_TUNED, LENGTHS, SUMMED
from roi_xl.observed.summary import Table, by_key, clusters, cost_by
from roi_xl.observed.traffic import Traffic

LEAST_DAYS = 0.9
"""Traces of less than a day do not tell a month; a day's export ends a little before midnight."""

CLASSES = len(LENGTHS) + 1


@dataclass(frozen=True)
class Side:
    """What one model's requests came to."""

    models: tuple[str, ...]
    requests: int
    successes: int
    judged: int
    calls: int
    fallbacks: int
    steps: int
    shared: int
    input_tokens: int
    output_tokens: int
    cached_tokens: int
    cost: float
    failed_cost: float
    draws: Draws
    each: Draws
    rates: Array
    first: int
    last: int
    per_day: Mapping[int, int]
    by_cost: Mapping[int, int]
    cost_by_cost: Mapping[int, float]
    cost_per_day: Mapping[int, float]
    cost_per_hour: Mapping[int, float]
    users: int
    hosting: float = 0
    assumed: bool = False

    @property
    def cost_per_request(self) -> float:
        """Money for each successful request; `each` has it for every request, failed ones too, as Inputs count them."""
        return self.draws.ratio

    @property
    def success_rate(self) -> float:
        """The share of requests that succeeded in the end, of those of which that is known."""
        return self.successes / self.judged

    @property
    def success_interval(self) -> tuple[float, float]:
        """The 95% interval of that share."""
        low, high = np.percentile(self.rates, bootstrap.ENDS)
        return float(low), float(high)


def side_of(traffic: Traffic, side: int, mix: Array, seed: int) -> Side:
    """One side of the traffic, with draws of its cost for a mix of lengths."""
    groups, days = traffic.by_group.of_side(side), traffic.by_day.of_side(side)
    good_per_day, judged_per_day, per_day = (by_key(days, "day", name) for name in ("successes", "judged", "requests"))
    if not groups.total("successes"):
        names = ", ".join(traffic.models[side])
        if not groups.total("requests"):
            raise NotSupported(
                f"no request began with {names}: its calls belong to requests that began with the other model; "
                "--group call makes each call a request"
            )
        judged = groups.total("judged")
        if not judged:
            raise NotSupported(f"no request that began with {names} has a value for --success")
        raise NotSupported(f"of {judged:,} requests that began with {names} none succeeded")
    spans = [*traffic.spans[side], (int(groups["first"].min()), int(groups["last"].max()))]
    first, last = min(first for first, _ in spans), max(last for _, last in spans)
    seen = whole_days(max(1.0, (last - first) / DAY))
    rates = bootstrap.rate_draws(counts_of(good_per_day), counts_of(judged_per_day), seed)
    all_succeed = groups.total("successes") == groups.total("requests")
    each = draws_of(groups, days, mix, seed, seen, "successes" if all_succeed else "requests")
    if groups.total("judged") < groups.total("requests"):
        rate = groups.total("successes") / groups.total("judged")
        draws = Draws(each.ratio / rate, each.values / rates, each.clusters)
    else:
        draws = each if all_succeed else draws_of(groups, days, mix, seed, seen, "successes")
    return Side(
        models=traffic.models[side],
        **{name: groups.total(name) for name in SUMMED},
        cost=groups.total_cost(),
        failed_cost=groups.total_cost("failed_cost"),
        draws=draws,
        each=each,
        rates=rates,
        first=first,
        last=last,
        per_day=per_day,
        by_cost=by_key(traffic.by_cost.of_side(side), "cost_class", "requests"),
        cost_by_cost=cost_by(traffic.by_cost.of_side(side), "cost_class"),
        cost_per_day=cost_by(days, "day"),
        cost_per_hour=cost_by(traffic.by_cost.of_side(side), "hour"),
        users=traffic.users[side],
        hosting=traffic.hosting[side],
        assumed=traffic.assumed and side == FINE_TUNED,
    )


def draws_of(groups: Table, days: Table, mix: Array, seed: int, seen: float, counted: str) -> Draws:
    """Draws of the cost per request, or per successful one, for a mix of lengths."""
    of_groups, of_days = (clusters(table, by, CLASSES, counted) for table, by in ((groups, "group"), (days, "day")))
    if len(mix) == 1:
        of_groups, of_days = of_groups.together, of_days.together
    return bootstrap.ratio_draws(of_groups, of_days, mix, seed, groups.total("requests"), seen)


def lengths_of(groups: Table) -> Array:
    """The share of requests in each class of prompt length."""
    counts = np.bincount(groups["length_class"], weights=groups["requests"], minlength=CLASSES)
    shares: Array = counts / max(1, counts.sum())
    return shares


def counts_of(per_day: Mapping[int, int]) -> Array:
    """The counts of each day."""
    return np.array(list(per_day.values()), float)


def whole_days(days: float) -> float:
    """Days that are seen: six and most of a seventh are seven."""
    return float(np.floor(days + 1 - LEAST_DAYS))


def observed_days(*sides: Side) -> float:
    """How many days the traces are of: the spans of both sides, days that they share counted once."""
    spans = sorted((side.first, side.last) for side in sides)
    (first, last), (other_first, other_last) = spans
    span = max(last, other_last) - first if other_first <= last else (last - first) + (other_last - other_first)
    return span / DAY


def in_words(days: float) -> str:
    """A time as a person says it.

    >>> in_words(58 / 1_440), in_words(0.5), in_words(8.9)
    ('58 minutes', '12.0 hours', '8.9 days')
    """
    if days >= 1:
        return f"{days:,.1f} days"
    return f"{days * 24:,.1f} hours" if days * 24 >= 1 else f"{days * 1_440:,.0f} minutes"


def daily_rates(baseline: Side, tuned: Side, assumed: bool) -> Array:
    """Requests a day, of both sides; a day of which only a part was seen counts by that part."""
    found = dict(baseline.per_day)
    for day, count in () if assumed else tuned.per_day.items():
        found[day] = found.get(day, 0) + count
    first, last = min(baseline.first, tuned.first), max(baseline.last, tuned.last)
    parts = {day: (min(last, (day + 1) * DAY) - max(first, day * DAY)) / DAY for day in found}
    fewest = max(parts.values()) / 2
    return np.array([count / parts[day] for day, count in sorted(found.items()) if parts[day] >= fewest])
