"""What is a model's list price, since when, and from which source?"""

import datetime as dt
import difflib
import functools
import importlib
from dataclasses import replace
from typing import Annotated, Any

from roi_xl import quantities as q
from roi_xl.errors import NotInstalled, OutOfBounds, UnknownModel
from roi_xl.functions.branch import Number
from roi_xl.functions.model_names import meanings, plain_names
from roi_xl.functions.price_table import TABLE, Price
from roi_xl.functions.ranges import one_of
from roi_xl.functions.windows import Window, between

KINDS = ("input", "output", "cached", "training", "training_hour", "hosting")
BOOK_NAMES = {"input": "input_mtok", "output": "output_mtok", "cached": "cache_read_mtok"}
"""The book's name of each kind it has."""

EXCEL_DAY_ZERO = dt.date(1899, 12, 30)
LAST_DAY = 2_958_465


def model_price(model: str, kind: str, price_date: Number = None) -> Annotated[Number, q.MODEL_PRICE]:
    """Price of a model: input, output, cached, training, training_hour, hosting.

    Formula: the newest price of that kind that holds on the date.

    Prices come from a public book that comes with the package genai-prices, and from a
    table of ours for what it lacks: training, and some fine-tuned families. Each has a
    date and a source, which `roi_xl.price_of` tells. Newer prices come with a newer
    package: pip install -U roi-xl genai-prices. Nothing is fetched. Where a model has no
    price of its own for cached input, that is charged as input; there is never a zero for
    what is not known.

    Returns:
        Dollars per million tokens; for hosting and for training by the hour (reinforcement
        fine-tuning), per hour. Training has a price only where the provider tunes that model.

    An unknown model, or a kind without a price, is #N/A in a cell and UnknownModel in Python.

    Example:
        >>> from roi_xl import model_price
        >>> model_price("gpt-4o-mini-2024-07-18", "training")
        3
        >>> model_price("ft:gpt-4.1-mini-2025-04-14:acme::abc123", "output")
        3.2
    """
    return price_of(str(model), one_of(KINDS, kind, "kind"), day_of(price_date)).amount


def day_of(date: Any) -> dt.date | None:
    """The day of a date or of a spreadsheet's serial number; None for the newest price."""
    if date is None or isinstance(date, dt.date):
        return date.date() if isinstance(date, dt.datetime) else date
    if not 1 <= date <= LAST_DAY:
        raise OutOfBounds(f"price_date must be a day, got {date}")
    return EXCEL_DAY_ZERO + dt.timedelta(days=int(date))


def price_of(model: str, kind: str, on: dt.date | None = None) -> Price:
    """A price with its date and source.

    Args:
        model: the provider's name, such as gpt-4o-mini or ft:gpt-4o-mini-2024-07-18:acme::abc.
        kind: input, output, cached, training, training_hour or hosting.
        on: the date of the price; the newest by default.

    Raises:
        UnknownModel: no such model, or no such price on that day; the closest names are suggested.
        NotInstalled: only the book could know it, and genai-prices is not installed.
    """
    name = model.strip().casefold()
    found = own_price(name, kind, on) or book_price(name, kind, on)
    if found is None and kind == "cached":
        found = replace(price_of(model, "input", on), kind="cached")
    if found is None:
        raise UnknownModel(f"there is no {kind} price for {model!r}{f' on {on}' if on else ''}{nearest_models(name)}")
    return replace(found, model=model)


def own_price(name: str, kind: str, on: dt.date | None) -> Price | None:
    """The newest price in our own table on a day; the longest matching name wins."""
    names = plain_names(name)
    fits = [
        row
        for row in TABLE
        if row.kind == kind and any(is_named(one, row.model) for one in names) and begins_by(row.since, on)
    ]
    return max(fits, key=lambda row: (len(row.model), row.since or dt.date.min), default=None)


def is_named(name: str, pattern: str) -> bool:
    """Whether a model matches a row of the table."""
    pattern = pattern.casefold()
    return name.startswith(pattern[:-1]) if pattern.endswith("*") else name == pattern


def begins_by(since: dt.date | None, on: dt.date | None) -> bool:
    """Whether a price has started by a day."""
    return since is None or on is None or since <= on


def book_price(name: str, kind: str, on: dt.date | None) -> Price | None:
    """A price from the public book."""
    if kind not in BOOK_NAMES:
        return None
    carried = carried_book()
    rows = dated_prices(name) if carried is None else carried_prices(carried, name)
    since, amounts = next((row for row in rows if begins_by(row[0], on)), (None, {}))
    source = book_source() if carried is None else carried.SOURCE
    return Price(name, kind, amounts[kind], since, source) if kind in amounts else None


Dated = list[tuple[dt.date | None, dict[str, float]]]
"""A model's prices by start date, newest first: the amount by kind."""


def dated_prices(name: str) -> Dated:
    """All prices of a model in the book."""
    model = book_model(name)
    return [] if model is None else [(since, amounts(prices)) for since, prices in valid(model, dt.date.max)]


def amounts(prices: Any) -> dict[str, float]:
    """The prices in one row of the book, by kind."""
    found = {kind: getattr(prices, field, None) for kind, field in BOOK_NAMES.items()}
    return {kind: float(getattr(amount, "base", amount)) for kind, amount in found.items() if amount is not None}


@functools.cache
def carried_book() -> Any:
    """The book as a bundled module, where its package cannot be installed; else None."""
    try:
        return importlib.import_module("roi_xl.functions.carried_book")
    except ModuleNotFoundError:
        return None


def carried_prices(book: Any, name: str) -> Dated:
    """A model's prices in the bundled book: by full name, else by the longest known prefix."""
    rows = book.NAMES.get(name)
    if rows is None:
        begins = [start for start in book.BEGINNINGS if name.startswith(start)]
        rows = book.BEGINNINGS[max(begins, key=len)] if begins else []
    return [(since and dt.date.fromisoformat(since), amounts) for since, amounts in rows]


def carried_tables() -> tuple[dict[str, Dated], dict[str, Dated]]:
    """Every name and prefix that the book knows, with its prices."""
    names, beginnings = set(), set()
    for provider in book().providers:
        for model in provider.models:
            names |= {model.id, f"{provider.id}/{model.id}"}
            for clause in getattr(model.match, "or_", [model.match]):
                names.add(getattr(clause, "equals", model.id))
                beginnings.add(getattr(clause, "starts_with", model.id))
    tables = [
        {name: dated_prices(name) for name in sorted(map(str.casefold, some))} for some in (names, beginnings - names)
    ]
    known, starts = ({name: rows for name, rows in table.items() if rows} for table in tables)
    return known, starts


def plain(table: dict[str, Dated]) -> dict[str, list[tuple[str | None, dict[str, float]]]]:
    """Such a table with its days as texts, as it is written down."""
    return {name: [(str(since) if since else None, found) for since, found in rows] for name, rows in table.items()}


def carried_text() -> str:
    """The book as the text of a module that this one imports where the package cannot be installed."""
    names, beginnings = map(plain, carried_tables())
    return f"SOURCE = {book_source()!r}\nNAMES = {names!r}\nBEGINNINGS = {beginnings!r}\n"


def valid(model: Any, on: dt.date) -> list[tuple[dt.date | None, Any]]:
    """A model's prices up to a day, newest first; those for certain hours of the day are left out."""
    if not isinstance(model.prices, list):
        return [(None, model.prices)]
    dated = [(getattr(row.constraint, "start_date", None), row) for row in reversed(model.prices)]
    return [
        (since, row.prices)
        for since, row in dated
        if (row.constraint is None or since is not None) and begins_by(since, on)
    ]


def at_hours(model: Any, on: dt.date) -> list[tuple[Window, Any]]:
    """A model's prices for certain hours of the day, which hold beside the newest price of a day."""
    found: list[tuple[Window, Any]] = []
    for row in reversed(model.prices if isinstance(model.prices, list) else []):
        begins, ends = (getattr(row.constraint, f"{end}_time", None) for end in ("start", "end"))
        if begins is not None and ends is not None:
            found.append((between(begins, ends), row.prices))
        elif begins_by(getattr(row.constraint, "start_date", None), on):
            break
    return found


def book_model(name: str) -> Any:
    """A model in the book, or None; it may have a provider or a platform before it: azure/gpt-4o."""
    for meant, provider in meanings(name):
        try:
            return book().find_provider_model(meant, None, provider, None)[1]
        except LookupError:
            continue
    return None


@functools.cache
def book() -> Any:
    """The public book of prices, as of the installed package."""
    try:
        from genai_prices.data_snapshot import get_snapshot
    except ImportError:
        raise NotInstalled("this price needs the public price book: pip install 'roi-xl[prices]'") from None
    return get_snapshot()


def book_source() -> str:
    """The book's name and version."""
    from importlib.metadata import version

    return f"genai-prices {version('genai-prices')}"


def nearest_models(name: str) -> str:
    """The closest known names, for the end of a message."""
    carried = carried_book()
    listed = (
        {model.id for provider in book().providers for model in provider.models} if carried is None else carried.NAMES
    )
    known = {*map(str.casefold, listed), *(row.model.rstrip("*-") for row in TABLE)}
    found = difflib.get_close_matches(name, sorted(known - {name}), n=3)
    return f"; did you mean {' or '.join(found)}?" if found else ""
