"""When does a provider switch a model off, and where was that announced?

Only announced days. A model that is not here has none that we know of, which does not
mean that it stays. A fine-tuned model goes with the model that it was trained from. Other
platforms (Azure, Bedrock, Vertex) set days of their own, so their names are not looked up.
"""

import datetime as dt
from dataclasses import dataclass

from roi_xl.functions.model_names import trained

OPENAI = "OpenAI, API deprecations, developers.openai.com/api/docs/deprecations"
RETOLD = f"{OPENAI}, as of 2026-10-28"


@dataclass(frozen=True)
class Shutdown:
    """The last day of a model, and where it was announced."""

    model: str
    on: dt.date
    source: str


def rows(on: dt.date, source: str, *models: str) -> tuple[Shutdown, ...]:
    """Models that are switched off on one day."""
    return tuple(Shutdown(model, on, source) for model in models)


TABLE = (
    *rows(
        dt.date(2026, 10, 23),
        RETOLD,
        *("gpt-3.5-turbo", "gpt-3.5-turbo-0125", "gpt-4", "gpt-4-0613", "gpt-4-turbo", "gpt-4-turbo-2024-04-09"),
        *("gpt-4o-2024-05-13", "gpt-4.1-nano", "gpt-4.1-nano-2025-04-14", "o1", "o1-2024-12-17"),
        *("o3-mini", "o3-mini-2025-01-31", "o4-mini", "o4-mini-2025-04-16"),
    ),
    *rows(dt.date(2026, 12, 11), OPENAI, "gpt-5", "gpt-5-2025-08-07", "gpt-5-mini", "gpt-5-mini-2025-08-07"),
    *rows(dt.date(2026, 12, 11), RETOLD, "gpt-5-nano", "o3"),
    *rows(
        dt.date(2027, 1, 14),
        RETOLD,
        *("gpt-4o-2024-08-06", "gpt-4o-2024-11-20", "gpt-4o-mini-2024-07-18"),
        *("gpt-4.1-2025-04-14", "gpt-4.1-mini-2025-04-14"),
    ),
)
"""Every announced day; OPENAI was read on that page, RETOLD in three accounts of it that agree."""


def shutdown_of(model: str) -> Shutdown | None:
    """When a model is switched off, if that was announced.

    >>> shutdown_of("ft:gpt-4.1-mini-2025-04-14:acme::a1").on.isoformat()
    '2027-01-14'
    >>> shutdown_of("azure/gpt-4.1-mini-2025-04-14") is None
    True
    """
    name = trained(model.strip().casefold()).removeprefix("openai/")
    return next((row for row in TABLE if row.model == name), None)
