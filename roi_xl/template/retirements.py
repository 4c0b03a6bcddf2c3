"""On which day is each of the two models retired, and who announced it?"""

import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING

from roi_xl.days import serial_of
from roi_xl.functions.shutdowns import shutdown_of
from roi_xl.quantities import BASELINE_RETIREMENT, FINE_TUNED_RETIREMENT

if TYPE_CHECKING:
    from roi_xl.observed.findings import Observed

Announced = Mapping[str, tuple[float, str]]
"""By the name of a choice, the day as a number, and its source."""


def announced(models: tuple[str, str] | None, observed: "Observed | None") -> Announced:
    """The announced retirement of each side, the first one where it has several models; none where none is known."""
    sides: tuple[tuple[str, ...], ...] = tuple((model,) for model in models or ())
    if observed is not None:
        sides = observed.baseline.models, observed.fine_tuned.models
    found = zip((BASELINE_RETIREMENT, FINE_TUNED_RETIREMENT), map(first_shutdown, sides), strict=False)
    return {choice.name: (day_number(day), source) for choice, (day, source) in found if day is not None}


def first_shutdown(models: tuple[str, ...]) -> tuple[dt.date | None, str]:
    """The first day on which one of some models is shut down, and where that was announced."""
    known = [one for one in map(shutdown_of, models) if one is not None]
    first = min(known, key=lambda one: one.on, default=None)
    return (None, "") if first is None else (first.on, f"{first.model}: {first.source}")


def day_number(day: dt.date) -> float:
    """A day as a cell holds it."""
    return float(serial_of(day.year, day.month, day.day))
