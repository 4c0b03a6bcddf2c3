"""Which models are meant, what do their tokens cost, and what do their requests come to?"""

import fnmatch
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Any

import numpy as np

from roi_xl.errors import NotSupported, UnknownName
from roi_xl.functions.price_file import VERSION, OwnPrice
from roi_xl.functions.price_table import Price
from roi_xl.observed.calls import PICO
from roi_xl.observed.cost_names import hint
from roi_xl.observed.moments import DAY, day_of
from roi_xl.observed.periods import Span
from roi_xl.observed.pricing import Book, TokenPrice, assumed_price, hosting_of, own_price, price_book, priced
from roi_xl.observed.repeats import Calls
from roi_xl.observed.requests import (
    ARMS,
    BASELINE,
    FINE_TUNED,
    MICRO,
    Kind,
    requests_of,
    with_sides,
)
from roi_xl.observed.rows import Reject, Rows
from roi_xl.observed.sql import is_duckdb, rows_of
from roi_xl.observed.streams import sums_of, user_codes
from roi_xl.observed.summary import Table, tables_of
from roi_xl.observed.zeros import as_unpriced, notes_of_zeros, unknown_prices, without_zeros

Models = Sequence[Mapping[str, Any]]
"""What is known of the models of traces."""

NO_USERS = {BASELINE: 0, FINE_TUNED: 0}


@dataclass(frozen=True)
class Traffic:
    """Sums over both sides: by group and length, by day and length, by cost and hour; prices; the bill beside them."""

    models: Mapping[int, tuple[str, ...]]
    by_group: Table
    by_day: Table
    by_cost: Table
    users: Mapping[int, int]
    prices: tuple[Price, ...]
    unpriced: tuple[Reject, ...]
    notes: tuple[str, ...]
    hosting: Mapping[int, float]
    spans: Mapping[int, Sequence[Span]]
    bill: tuple[float, float] | None
    token_price: TokenPrice | None = None

    @property
    def assumed(self) -> bool:
        """Whether no request went to the fine-tuned model, so that its cost can only be assumed."""
        return self.token_price is not None

    def mirrored(self) -> "Traffic":
        """The baseline's requests as if the fine-tuned model had served them."""
        assert self.token_price is not None
        price = self.token_price
        return replace(
            self,
            by_group=repriced(self.by_group, price),
            by_day=repriced(self.by_day, price),
            by_cost=repriced(self.by_cost, price),
            users={FINE_TUNED: self.users[BASELINE]},
            spans={FINE_TUNED: self.spans[BASELINE]},
        )


def repriced(table: Table, price: TokenPrice) -> Table:
    """The baseline's sums on the fine-tuned side, their tokens at other prices."""
    mine = table.of_side(BASELINE)
    plain = mine["input_tokens"] - mine["cached_tokens"]
    cost = plain * price.input + mine["cached_tokens"] * price.cached + mine["output_tokens"] * price.output
    changed = {
        "side": np.full(len(mine), FINE_TUNED),
        "cost_micro": cost // MICRO,
        "cost_rest": cost % MICRO,
        "failed_cost_micro": np.zeros(len(mine), np.int64),
        "failed_cost_rest": np.zeros(len(mine), np.int64),
    }
    return Table({**mine.columns, **changed})


def read_traffic(
    rows: Rows,
    baseline: str,
    fine_tuned: str,
    grouping: str = "trace",
    own: Sequence[OwnPrice] = (),
) -> Traffic:
    """Sum up the calls of both models.

    Raises:
        UnknownName: no call is of the baseline; the models that there are.
        UnknownModel: a model's calls have no cost, and the book no price.
    """
    if rows.calls is None:
        raise NotSupported("there are only bills: give the usage or the traces as well")
    chosen = chosen_models(rows, baseline, fine_tuned)
    seen: Models = rows.models
    on = day_of(max(one["last"] for one in seen))
    needed = (*chosen[BASELINE], *chosen[FINE_TUNED])
    unknown = unknown_prices(seen, on, own)
    zeros = tuple(notes_of_zeros(seen, needed, unknown))
    seen = as_unpriced(seen, unknown)
    known = rows.calls.changed(lambda table: without_zeros(table, unknown)) if unknown else rows.calls
    book = price_book(known, seen, needed, on, own)
    token_price, more = None, Book()
    if not chosen[FINE_TUNED]:
        token_price, more = assumed_price(fine_tuned, on, own, held(rows))
    models = chosen if chosen[FINE_TUNED] else {**chosen, FINE_TUNED: (fine_tuned,)}
    hosting = {side: hosting_of(models[side], own) for side in ARMS}
    lost = [one.reason.rpartition(" ")[2] for one in book.unpriced]
    groups = groups_of(rows.calls)
    asked = [asked_for(groups, chosen[arm], wanted) for arm, wanted in zip(ARMS, (baseline, fine_tuned), strict=True)]

    def ready(table: Any) -> Any:
        some = table.filter(~(table.model.isin(lost) & table.cost.isnull())) if lost else table
        return with_sides(priced(some, book.by_model), chosen[BASELINE], chosen[FINE_TUNED], asked)

    calls = known.changed(ready)
    kind = Kind(rows.has_requests and grouping != "call", rows.has_counts, bool(groups), rows.has_unjudged)
    (by_group, by_day, by_cost), users = sums(rows, calls, grouping, kind, token_price is not None)
    return Traffic(
        models,
        by_group,
        by_day,
        by_cost,
        users,
        prices=(*book.prices, *more.prices, *(price for _, listed in hosting.values() for price in listed)),
        unpriced=book.unpriced,
        notes=(*list_priced(rows, needed, own), *zeros, *book.notes, *more.notes),
        hosting={side: amount for side, (amount, _) in hosting.items()},
        spans={side: [span for one in seen if one["model"] in chosen[side] for span in one["spans"]] for side in ARMS},
        bill=beside_bill(rows.bills, calls) if rows.bills is not None else None,
        token_price=token_price,
    )


def sums(
    rows: Rows, calls: Calls, grouping: str, kind: Kind, with_tokens: bool
) -> tuple[Sequence[Table], Mapping[int, int]]:
    """The sums of requests by each set of keys, and how many users each side has."""
    if all(map(is_duckdb, calls.parts)):
        users = user_codes(calls, rows.keep) if rows.has_users else None
        return sums_of(calls, grouping, kind, rows.seen, rows.count, users, with_tokens)
    requests = requests_of(calls, grouping, kind)
    return tables_of(requests, rows.keep), users_of(requests) if rows.has_users else NO_USERS


def chosen_models(rows: Rows, baseline: str, fine_tuned: str) -> dict[int, tuple[str, ...]]:
    """The models of both sides; the fine-tuned side may have none."""
    seen = rows.models
    if not seen:
        raise NotSupported(f"no row could be taken{': ' + rows.refused[0].reason if rows.refused else ''}")
    chosen = {BASELINE: meant(baseline, seen), FINE_TUNED: meant(fine_tuned, seen)}
    for arm, wanted in zip(ARMS, (baseline, fine_tuned), strict=True):
        if not chosen[arm] and (lost := meant(wanted, [{"model": model} for model in rows.lost_models])):
            ((reason, _),) = rows.reasons_of(lost).most_common(1)
            count = sum(rows.lost_models[model] for model in lost)
            raise NotSupported(
                f"no row of {', '.join(lost)} could be taken: of {count:,} the first reason is {reason!r}"
            )
    if not chosen[BASELINE]:
        raise UnknownName(
            f"no call is of the baseline {baseline!r}{alike(baseline, seen)}; the traces hold {held(rows)}"
        )
    both = set(chosen[BASELINE]) & set(chosen[FINE_TUNED])
    if both:
        raise UnknownName(f"{min(both)!r} would be on both sides; name the models more exactly")
    return chosen


def list_priced(rows: Rows, needed: Sequence[str], own: Sequence[OwnPrice]) -> Iterator[str]:
    """How many calls of both models have no cost of their own, and what they are priced at instead."""
    mine = [one for one in rows.models if one["model"] in needed]
    without, calls = (sum(one[name] for one in mine) for name in ("without_cost", "calls"))
    if not without:
        return
    what = "rows" if rows.has_counts else "calls"
    known = {own_price(one["model"], own) is not None for one in mine if one["without_cost"]}
    at = " and ".join(name for name, there in (("list prices", False), ("the prices given", True)) if there in known)
    head = f"none of the {calls:,} {what} has a" if without == calls else f"{without:,} of {calls:,} {what} have no"
    yield f"{head} cost in the export: they are priced at {at} (Prices sheet){hint(rows.unread)}"


def meant(wanted: str, seen: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """The models that a name, names with commas, or a pattern stand for; a dated version is meant by its model."""
    patterns = patterns_of(wanted)
    return tuple(one["model"] for one in seen if any(is_meant(one["model"], pattern) for pattern in patterns))


def groups_of(calls: Calls) -> list[tuple[str, str, bool]]:
    """The groups that a router was asked for, each with a model that served it, and whether it fell back to that."""
    return sorted(calls.changed(lambda t: t.filter(t.asked.notnull())).counted("asked", "model", "fell_back"))


def asked_for(groups: Sequence[tuple[str, str, bool]], models: Sequence[str], wanted: str) -> list[str]:
    """The groups that stand for models, by those calls that did not fall back."""
    direct = {(group, model in models) for group, model, fell_back in groups if not fell_back}
    served = {group for group, is_ours in direct if is_ours} - {group for group, is_ours in direct if not is_ours}
    meant_so = {group for group, *_ in groups if any(is_meant(group, one) for one in patterns_of(wanted))}
    return sorted(served | meant_so)


def patterns_of(wanted: str) -> list[str]:
    """Names with commas, one by one."""
    return [pattern.strip().casefold() for pattern in wanted.split(",") if pattern.strip()]


def is_meant(model: str, pattern: str) -> bool:
    """Whether a model is meant: as it is, without its provider, or without its version."""
    name = model.casefold()
    names = {name, VERSION.sub("", name)}
    names |= {one.rpartition("/")[2] for one in names}
    return any(fnmatch.fnmatchcase(one, pattern) for one in names)


def alike(wanted: str, seen: Sequence[Mapping[str, Any]]) -> str:
    """A question with the model of the traces whose name is most like what was asked for.

    >>> alike("gpt4o", [{"model": "gpt-4o"}, {"model": "o3"}]), alike("x", [{"model": "gpt-4o"}])
    ('; did you mean gpt-4o?', '')
    """
    found = get_close_matches(wanted, [one["model"] for one in seen], 1)
    return f"; did you mean {found[0]}?" if found else ""


def held(rows: Rows) -> str:
    """The models that there are, and why there is but one if a person gives it."""
    why = "; --map model== gives that model to every row" if rows.is_model_given else ""
    return shown(rows.models) + why


def shown(seen: Sequence[Mapping[str, Any]]) -> str:
    """The models that there are, the most frequent first."""
    some = sorted(seen, key=lambda one: -one["calls"])[:8]
    return ", ".join(f"{one['model']} ({one['calls']:,})" for one in some)


def users_of(requests: Sequence[Any]) -> dict[int, int]:
    """How many users there were on each side; 0 where none is named."""
    found = {
        (row["side"], row["user"]) for table in requests for row in rows_of(table.select("side", "user").distinct())
    }
    sides = Counter(side for side, user in found if user is not None)
    return {side: sides[side] for side in ARMS}


def beside_bill(bills: Any, calls: Calls) -> tuple[float, float]:
    """What was billed, and what the traces come to, on the days that both have."""
    billed, priced_ = by_days((bills,)), by_days(calls.parts)
    days = set(billed) & set(priced_)
    return sum(billed[day] for day in days) / PICO, sum(priced_[day] for day in days) / PICO


def by_days(tables: Sequence[Any]) -> Counter[int]:
    """The costs of each day."""
    found: Counter[int] = Counter()
    for table in tables:
        days = table.mutate(day=table.time // DAY).group_by("day").agg(cost=lambda t: t.cost.sum())
        for row in rows_of(days):
            found[row["day"]] += int(row["cost"] or 0)
    return found
