"""What is said of traces to a program?"""

import math
from collections.abc import Mapping
from typing import Any

from roi_xl.observed.findings import Observed
from roi_xl.observed.moments import DAY, day_of
from roi_xl.observed.rows import SourceFile
from roi_xl.observed.settling import next_step
from roi_xl.observed.sides import Side
from roi_xl.quantities import DECISION, TURNS

FATES = ("rows", "taken", "skipped", "rejected", "duplicates")
"""What becomes of rows: all of them, then the parts, which add up to them."""


def as_data(found: Observed, simulated: float | None = None) -> Mapping[str, Any]:
    """What was measured, what follows, and what to know about it, ready for JSON.

    A full workbook adds the probability that its Risk sheet simulated.
    """
    return {
        "baseline": side_data(found.baseline),
        "fine_tuned": side_data(found.fine_tuned),
        "inputs": dict(found.inputs),
        "answers": {name: [finite(value) for value in values] for name, values in found.answers.items()},
        "probability": found.probability,
        "risk_probability": simulated,
        DECISION.name: found.verdict,
        TURNS.name: found.turns,
        "next": next_step(found),
        "files": [file_data(one) for one in found.files],
        "rejects": [{"reason": one.reason, "rows": one.rows, "examples": list(one.examples)} for one in found.rejects],
        "duplicates": found.duplicates,
        "statuses": [vars(status) for status in found.statuses],
        "quality": dict(found.quality),
        "success_difference": list(found.success_difference),
        "bill": found.bill,
        "warnings": list(found.warnings),
    }


def finite(value: float) -> float | None:
    """A number as JSON has it, which knows no infinity."""
    return value if math.isfinite(value) else None


def file_data(file: SourceFile) -> Mapping[str, Any]:
    """What one file was, and what became of its rows."""
    return {
        "name": file.name,
        "format": file.layout,
        **{count: getattr(file, count) for count in FATES},
        "sha256": file.digest,
    }


def side_data(side: Side) -> Mapping[str, Any]:
    """What was measured of one model."""
    return {
        "models": list(side.models),
        "requests": side.requests,
        "successes": side.successes,
        "calls": side.calls,
        "fallbacks": side.fallbacks,
        "cost": side.cost,
        "hosting_per_month": side.hosting,
        "cost_by_day": {str(day_of(day * DAY)): cost for day, cost in side.cost_per_day.items()},
        "cost_by_hour": {f"{hour:02}:00": cost for hour, cost in side.cost_per_hour.items()},
        "cost_per_request": side.cost_per_request,
        "interval": list(side.draws.interval),
        "success_rate": side.success_rate,
        "success_interval": list(side.success_interval),
        "assumed": side.assumed,
    }
