"""What follows for the business case, from one value of each input or from draws of them?"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from roi_xl.checks import checked
from roi_xl.describe import Formula, apply, gives
from roi_xl.functions import breakeven, returns, totals, value
from roi_xl.observed import bootstrap
from roi_xl.quantities import FAILURE_COST, PROGRAM

Case = Mapping[str, Any]
Spread = tuple[float, float, float]
"""A result, and both ends of its 95% interval."""

QUALITY = ("baseline_success_rate", "fine_tuned_success_rate", FAILURE_COST.name)
"""The options that the closed forms can have too: as a cost for each request."""

DEFAULTS = {quantity.name: quantity.default for quantity in PROGRAM}
IF_ALIKE: tuple[Formula, ...] = (breakeven.breakeven_months, totals.net_benefit, totals.roi_percent)
FROM_CASH_FLOW: tuple[Formula, ...] = (value.payback, value.npv, returns.roi_on_investment)
"""When it pays back, what it brings, and its return: where every month is like the other, and in any case."""


def every_month_alike(case: Case) -> bool:
    """Whether all options but those of quality are at their defaults, so that the closed forms hold."""
    return all(case.get(name, default) == default for name, default in DEFAULTS.items() if name not in QUALITY)


def outcome(at_once: Case, drawn: Case) -> tuple[dict[str, Spread], float]:
    """Every result with its interval, by its name; and the probability that what it brings is not below 0."""
    alike = every_month_alike(at_once)
    formulas = IF_ALIKE if alike else FROM_CASH_FLOW
    once, draws = (with_quality(case) if alike else {**DEFAULTS, **case} for case in (at_once, drawn))
    points = {gives(formula).name: apply(checked(formula), once) for formula in formulas}
    many = {gives(formula).name: apply(checked(formula), draws) for formula in formulas}
    probability = float(np.mean(many[gives(formulas[1]).name] >= 0))
    return {name: spread_of(many[name], point) for name, point in points.items()}, probability


def with_quality(case: Case) -> dict[str, Any]:
    """A case whose costs for a request hold what its failures cost more than the other model's."""
    more = (case["baseline_success_rate"] - case["fine_tuned_success_rate"]) * case["failure_cost"]
    return {
        **case,
        "baseline_cost_per_request": case["baseline_cost_per_request"] + np.maximum(-more, 0),
        "fine_tuned_cost_per_request": case["fine_tuned_cost_per_request"] + np.maximum(more, 0),
    }


def spread_of(draws: Any, point: float) -> Spread:
    """A result with the ends of its 95% interval; what never happens is infinite."""
    low, high = np.percentile(draws, bootstrap.ENDS, method="nearest")
    return float(point), float(low), float(high)
