"""What do the calls of a model cost, and its hosting, where an export has no cost of its own?"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from roi_xl.errors import UnknownModel, UnknownName
from roi_xl.functions import rates
from roi_xl.functions.price_file import OwnPrice
from roi_xl.functions.price_table import Price
from roi_xl.functions.rates import KINDS, STANDARD, Rate
from roi_xl.functions.windows import EVERY_DAY, Window
from roi_xl.observed.calls import PICO
from roi_xl.observed.fields import literal
from roi_xl.observed.moments import DAY, MICROSECONDS
from roi_xl.observed.repeats import Calls
from roi_xl.observed.requests import whole_part
from roi_xl.observed.rows import Reject

PICO_PER_DOLLAR_A_MILLION = PICO // 1_000_000
MONDAY_OF_1970 = 3
"""How many days after a Monday the first one is that is counted, 1970-01-01."""


@dataclass(frozen=True)
class TokenPrice:
    """What a token of a model costs, in millionths of a millionth, in one way, above a length, at some hours."""

    input: int
    cached: int
    output: int
    cache_write: int
    cache_write_1h: int
    above: int = 0
    processing: str = STANDARD
    window: Window | None = None

    def cost(self, tokens: Any) -> Any:
        """The cost of a row's tokens: those written to the cache, and those from it, are part of the input."""
        written = tokens["cache_written"], tokens["cache_written_1h"]
        plain = tokens["input_tokens"] - tokens["cached_tokens"] - written[0] - written[1]
        return (
            plain * self.input
            + tokens["cached_tokens"] * self.cached
            + written[0] * self.cache_write
            + written[1] * self.cache_write_1h
            + tokens["output_tokens"] * self.output
        )


@dataclass(frozen=True)
class Book:
    """The prices that were needed: by model, as they are shown, who had none, and what to know."""

    by_model: Mapping[str, Sequence[TokenPrice]] = field(default_factory=dict)
    prices: tuple[Price, ...] = ()
    unpriced: tuple[Reject, ...] = ()
    notes: tuple[str, ...] = ()


def priced(calls: Any, book: Mapping[str, Sequence[TokenPrice]]) -> Any:
    """Calls with a cost each: as the export says, else tokens by their price; a failed call without either costs 0."""
    import ibis

    if not book:
        return calls.mutate(cost=calls.cost.fill_null(0))
    amounts = [
        (is_of(calls, model, price), price.cost(calls)) for model, found in sorted(book.items()) for price in found
    ]
    return calls.mutate(cost=ibis.coalesce(calls.cost, ibis.cases(*amounts, else_=literal(0, "int64"))))


def is_of(calls: Any, model: str, price: TokenPrice) -> Any:
    """Whether a call is billed at a price: by its model, how it was processed, when, and how long its prompt was."""
    test = calls.model == model
    if price.window:
        test = test & is_open(calls.time, price.window)
    if price.processing:
        test = test & (calls.processing == price.processing)
    return test & (calls.input_tokens > price.above * calls.requests) if price.above else test


def is_open(time: Any, window: Window) -> Any:
    """Whether a moment is within a window, which belongs to the day (in UTC) on which it begins."""
    since = time - window.begins * MICROSECONDS
    inside = since % DAY < window.lasts * MICROSECONDS
    if window.days == EVERY_DAY:
        return inside
    weekday = (whole_part(since, literal(DAY, "int64")) + MONDAY_OF_1970) % len(EVERY_DAY)
    return inside & weekday.isin(list(window.days))


def price_book(
    calls: Calls, seen: Sequence[Mapping[str, Any]], needed: Sequence[str], on: dt.date, own: Sequence[OwnPrice]
) -> Book:
    """The prices of the models whose calls have no cost.

    Raises:
        UnknownModel: a model that is needed has no price; another one is left out, and said.
    """
    by_model: dict[str, Sequence[TokenPrice]] = {}
    listed: list[Price] = []
    unpriced = []
    for one in seen:
        if not one["without_cost"]:
            continue
        try:
            by_model[one["model"]], found = token_prices(one["model"], on, own)
            listed += found
        except UnknownModel as error:
            if one["model"] in needed:
                raise UnknownModel(f"{error}; --price or --prices FILE gives one") from None
            unpriced.append(Reject(f"neither a cost nor a price for {one['model']}", one["without_cost"], ()))
    notes = (*notes_of(calls, by_model), *notes_of_hours(seen, by_model))
    return Book(by_model, tuple(listed), tuple(unpriced), notes)


def notes_of(calls: Calls, by_model: Mapping[str, Sequence[TokenPrice]]) -> list[str]:
    """What is said of calls in a way of processing that has no price of its own: they cost as all others."""
    if not by_model:
        return []
    models = sorted(by_model)
    odd = calls.changed(lambda t: t.filter(t.processing.notnull() & t.cost.isnull() & t.model.isin(models)))
    return [
        f"{rows:,} rows of {model} are {processing!r}, for which it has no price: "
        "they are charged at the standard price"
        for (model, processing), rows in sorted(odd.counted("model", "processing").items())
        if processing not in {price.processing for price in by_model[model]}
    ]


def notes_of_hours(seen: Sequence[Mapping[str, Any]], by_model: Mapping[str, Sequence[TokenPrice]]) -> list[str]:
    """What is said of rows that last for hours or days, of a model that has other prices at other hours."""
    return [
        f"{one['model']} has other prices at other hours, and its rows are of whole hours or days: each is priced "
        "by when it begins"
        for one in seen
        if one["spans"] and any(price.window for price in by_model.get(one["model"], ()))
    ]


def token_prices(model: str, on: dt.date, own: Sequence[OwnPrice]) -> tuple[list[TokenPrice], list[Price]]:
    """A model's prices as whole numbers for one token: those of a person, else those of the book."""
    mine = own_price(model, own)
    found = rates.rates_of(model, on) if mine is None else mine.rates(model, on)
    return [whole(rate) for rate in found], [price for rate in reversed(found) for price in rate.listed(model)]


def own_price(model: str, own: Sequence[OwnPrice]) -> OwnPrice | None:
    """A person's price for a model: the one that was given, else the one that names it most exactly."""
    fits = [one for one in own if one.means(model)]
    return max(fits, key=lambda one: (one.since is None, len(one.pattern)), default=None)


def whole(rate: Rate) -> TokenPrice:
    """A rate in whole numbers; a kind of input without a price of its own is charged as input."""
    amounts = [rate.amounts.get(kind, rate.amounts["input"]) for kind in KINDS]
    named = dict(zip(KINDS, (round(amount * PICO_PER_DOLLAR_A_MILLION) for amount in amounts), strict=True))
    return TokenPrice(**named, above=rate.above, processing=rate.processing, window=rate.window)


def assumed_price(fine_tuned: str, on: dt.date, own: Sequence[OwnPrice], seen: str) -> tuple[TokenPrice, Book]:
    """The standard price of a fine-tuned model that no call was made to, and what to know about it."""
    try:
        found, listed = token_prices(fine_tuned, on, own)
    except UnknownModel as error:
        raise UnknownName(f"no call is of the fine-tuned {fine_tuned!r}, and {error}; the traces hold {seen}") from None
    tiers = sorted({price.above for price in found if price.above})
    notes = tuple(
        f"{fine_tuned} costs more for prompts above {above:,} tokens: its assumed cost is at the price for shorter ones"
        for above in tiers[:1]
    )
    if any(price.window for price in found):
        notes += (f"{fine_tuned} has other prices at other hours: its assumed cost is at the price outside of them",)
    return found[-1], Book(prices=tuple(listed), notes=notes)


def hosting_of(models: Sequence[str], own: Sequence[OwnPrice]) -> tuple[float, list[Price]]:
    """The hosting a month of a side's models by a person's price file, each entry once; prices by the hour."""
    entries = {one.pattern: (one, model) for model in models if (one := own_price(model, own)) is not None}
    listed = [price for one, model in entries.values() for price in one.listed(model)]
    return sum(one.monthly_hosting for one, _ in entries.values()), listed
