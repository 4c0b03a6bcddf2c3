"""Which prices does the public book lack? Ours, each with its date and source.

The book (the package genai-prices) has no training prices, nothing for some fine-tuned
families, and no cached price for others. A row applies from its date on, until a newer row
of the same model and kind replaces it. A model that ends in * matches every name with that
prefix. Training is listed by full name, and only for models that their provider tunes:
gpt-4o-mini-audio begins like one that is, and is not.
"""

import datetime as dt
from dataclasses import dataclass

OPENAI = "OpenAI API pricing, developers.openai.com/api/docs/pricing"
RFT = "OpenAI, Billing guide for the Reinforcement Fine Tuning API, help.openai.com"


@dataclass(frozen=True)
class Price:
    """What a model costs: per million tokens, or per hour for hosting and for training by the hour."""

    model: str
    kind: str
    amount: float
    since: dt.date | None
    source: str


def rows(model: str, since: dt.date, source: str = OPENAI, **amounts: float) -> tuple[Price, ...]:
    """One model's prices from one day on."""
    return tuple(Price(model, kind, amount, since, source) for kind, amount in amounts.items())


TABLE: tuple[Price, ...] = (
    *rows("gpt-3.5-turbo", dt.date(2023, 8, 22), training=8),
    *rows("gpt-3.5-turbo-0613", dt.date(2023, 8, 22), training=8),
    *rows("gpt-3.5-turbo-1106", dt.date(2023, 8, 22), training=8),
    *rows("gpt-3.5-turbo-0125", dt.date(2023, 8, 22), training=8),
    *rows("gpt-4o-mini", dt.date(2024, 7, 23), training=3),
    *rows("gpt-4o-mini-2024-07-18", dt.date(2024, 7, 23), training=3),
    *rows("gpt-4o", dt.date(2024, 8, 20), training=25),
    *rows("gpt-4o-2024-08-06", dt.date(2024, 8, 20), training=25),
    *rows("ft:gpt-4o-mini-*", dt.date(2024, 10, 1), cached=0.15),
    *rows("ft:gpt-4o-2024-*", dt.date(2024, 10, 1), cached=1.875),
    *rows("gpt-4.1", dt.date(2025, 4, 14), training=25),
    *rows("gpt-4.1-2025-04-14", dt.date(2025, 4, 14), training=25),
    *rows("gpt-4.1-mini", dt.date(2025, 4, 14), training=5),
    *rows("gpt-4.1-mini-2025-04-14", dt.date(2025, 4, 14), training=5),
    *rows("gpt-4.1-nano", dt.date(2025, 5, 22), training=1.5),
    *rows("gpt-4.1-nano-2025-04-14", dt.date(2025, 5, 22), training=1.5),
    *rows("o4-mini", dt.date(2025, 5, 8), RFT, training_hour=100),
    *rows("o4-mini-2025-04-16", dt.date(2025, 5, 8), RFT, training_hour=100),
    *rows("ft:gpt-4.1-2025-*", dt.date(2025, 4, 14), input=3, cached=0.75, output=12),
    *rows("ft:gpt-4.1-mini-*", dt.date(2025, 4, 14), input=0.8, cached=0.2, output=3.2),
    *rows("ft:gpt-4.1-nano-*", dt.date(2025, 5, 22), input=0.2, cached=0.05, output=0.8),
)
"""Every price of ours, in dollars."""

PRICED_IN = "USD"
"""The currency of all prices of models."""
