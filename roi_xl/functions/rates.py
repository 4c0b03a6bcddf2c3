"""What is a token billed at: plain, cached or written to the cache, in a long prompt, in a batch, at which hour?

The book has prices for prompts above a length, for writing to the cache (for five minutes
and for an hour), and for ways of processing (batch, priority, flex) where the provider
publishes them, each model its own, and for hours of the day. Where a kind of token has no price of its own it is
charged as input; where a way has none, at the standard price, and the caller can tell.
"""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from roi_xl.functions import prices
from roi_xl.functions.price_table import Price
from roi_xl.functions.windows import Window

FIELDS = {**prices.BOOK_NAMES, "cache_write": "cache_write_mtok", "cache_write_1h": "cache_write_1h_mtok"}
"""The book's name of every kind of token."""

KINDS = tuple(FIELDS)
STANDARD = ""
STANDARD_WORDS = ("default", "standard", "standard_only", "auto", "on_demand")
"""What tools call the ordinary way of processing."""


@dataclass(frozen=True)
class Rate:
    """A model's prices by kind of token, in one way of processing, for prompts above a length."""

    above: int
    processing: str
    amounts: Mapping[str, float]
    since: dt.date | None
    source: str
    window: Window | None = None

    def listed(self, model: str) -> list[Price]:
        """Its prices one by one, as the Prices sheet has them."""
        way = f", {self.processing}" if self.processing else ""
        length = f", prompts above {self.above:,} tokens" if self.above else ""
        hours = f", {self.window}" if self.window else ""
        return [
            Price(model, f"{kind}{way}{length}{hours}", amount, self.since, self.source)
            for kind, amount in self.amounts.items()
        ]


def rates_of(model: str, on: dt.date | None = None) -> list[Rate]:
    """Every rate of a model by the book and our own table: the most special ones first.

    Raises:
        UnknownModel: there is no price for its input or output.
    """
    base = {kind: prices.price_of(model, kind, on) for kind in prices.BOOK_NAMES}
    standard = {kind: one.amount for kind, one in base.items()}
    since, source = base["input"].since, base["input"].source
    found = prices.book_model(model.strip().casefold()) if is_of_book(base) else None
    if found is None:
        return [Rate(0, STANDARD, standard, since, source)]
    newest = prices.valid(found, on or dt.date.max)[0][1]
    rates = [
        Rate(above, STANDARD, {**standard, **amounts_above(newest, above)}, since, source)
        for above in thresholds(newest)
    ]
    at_hours = [
        Rate(0, STANDARD, {**standard, **amounts_above(some, 0)}, since, source, window)
        for window, some in prices.at_hours(found, on or dt.date.max)
    ]
    return [*variants(found, rates, on), *at_hours, *rates]


def is_of_book(base: Mapping[str, Price]) -> bool:
    """Whether the book that is installed has a model's price, not our table or a book that is carried along."""
    return prices.carried_book() is None and base["input"].source.startswith("genai-prices")


def thresholds(listed: Any) -> list[int]:
    """The lengths above which other prices hold, the longest first; 0 is the last."""
    tiers = (getattr(getattr(listed, field, None), "tiers", ()) for field in FIELDS.values())
    return sorted({0, *(tier.start for some in tiers for tier in some)}, reverse=True)


def amounts_above(listed: Any, above: int) -> dict[str, float]:
    """The prices by kind for prompts above a length."""
    found = {kind: amount_above(getattr(listed, field, None), above) for kind, field in FIELDS.items()}
    return {kind: amount for kind, amount in found.items() if amount is not None}


def amount_above(amount: Any, above: int) -> float | None:
    """One price for prompts above a length: that of the last tier that they have reached."""
    if amount is None:
        return None
    reached = [tier.price for tier in getattr(amount, "tiers", ()) if tier.start <= above]
    return float(reached[-1] if reached else getattr(amount, "base", amount))


def variants(model: Any, rates: Sequence[Rate], on: dt.date | None) -> Iterator[Rate]:
    """The rates of other ways of processing.

    The book notes them from the day it learned of them; before that day the first one
    holds, as a factor to the standard price of then.
    """
    today = prices.valid(model, dt.date.max)[0][1]
    for way, listed in ways_of(model, on).items():
        for rate in rates:
            usual, other = (amounts_above(some, rate.above) for some in (today, listed))
            factors = {kind: amount / usual[kind] for kind, amount in other.items() if usual.get(kind)}
            yield Rate(rate.above, way, scaled(rate.amounts, factors), rate.since, rate.source)


def scaled(amounts: Mapping[str, float], factors: Mapping[str, float]) -> dict[str, float]:
    """Prices times the factor of each kind; one is left as it is where there is no factor."""
    return {kind: round(amount * factors.get(kind, 1), 9) for kind, amount in amounts.items()}


def ways_of(model: Any, on: dt.date | None) -> dict[str, Any]:
    """The prices of each way of processing that hold on a day, or the first ones."""
    found: dict[str, Any] = {}
    for variant in reversed(getattr(model, "price_variants", None) or []):
        way = next(iter(variant.when.values()))
        since = getattr(variant.constraint, "start_date", None)
        is_plain = len(variant.when) == 1 and (variant.constraint is None or since is not None)
        if not is_plain or way in STANDARD_WORDS:
            continue
        if way not in found or not prices.begins_by(found[way][0], on):
            found[way] = (since, variant.prices)
    return {way: listed for way, (_, listed) in sorted(found.items())}
