"""What to do next: is it settled, and if not, how many further days would settle it?

The ends of the interval come nearer to the value as the root of the days grows, if the
days to come are like those that were seen. It is settled when 0 is no longer between them.
"""

import math

from roi_xl.functions.value import npv
from roi_xl.observed.doubts import NOTED_DIFFERENCE
from roi_xl.observed.findings import Observed
from roi_xl.quantities import NET_BENEFIT

PAYS_BACK = ("fine-tuning pays back within the horizon", "fine-tuning does not pay back within the horizon")
IS_WORTH = ("fine-tuning is worth doing", "fine-tuning is not worth doing")
"""Both answers: of the net benefit, and of the net present value."""

MOST_DAYS = 730
"""More further days than that are no advice."""


def further_days(value: float, low: float, high: float, days: float) -> int | None:
    """The fewest further days after which 0 lies outside of the interval; none where no number of them will do.

    Formula: days * (distance to the end beyond 0 / value)^2 - days, rounded up.

    >>> further_days(100, -50, 250, 8)  # the lower end is 150 away: 8 * 1.5^2 = 18 days in all
    11
    >>> further_days(100, 10, 190, 8), further_days(0, -1, 1, 8)
    (0, None)
    """
    if low > 0 or high < 0:
        return 0
    if not value:
        return None
    reach = value - low if value > 0 else high - value
    further = math.floor(days * (reach / value) ** 2 - days) + 1
    return further if further <= MOST_DAYS else None


def failure_that_turns(observed: Observed) -> float | None:
    """From which cost of a failure on the answer is another one; nothing if failures have a cost, or do not differ.

    Formula: net present value at no failure cost / how much it loses by a failure cost of 1.
    """
    difference, low, high = observed.success_difference
    if observed.quality["failure_cost"] or low <= 0 <= high or abs(difference) <= NOTED_DIFFERENCE:
        return None
    free, priced = (npv(**{**observed.inputs, **observed.quality, "failure_cost": cost}) for cost in (0, 1))
    turns = free / (free - priced) if free != priced else 0
    return turns if turns > 0 else None


def next_step(observed: Observed) -> str:
    """What to do next, as a sentence."""
    value, low, high = observed.worth
    pays, pays_not = PAYS_BACK if NET_BENEFIT.name in observed.answers else IS_WORTH
    verdict, other = (pays, pays_not) if value > 0 else (pays_not, pays)
    further = further_days(value, low, high, observed.window_days)
    if observed.fine_tuned.assumed:
        return "route some of the traffic to the fine-tuned model and measure again: its cost is only assumed"
    if further == 0 and (worth := failure_that_turns(observed)) is not None:
        return f"price a failed request (--set failure_cost=COST): it has no price yet, and above {worth:.4g} {other}"
    if further == 0:
        return f"decide: {verdict} across the whole 95% interval"
    if further is None:
        return f"too close to call: settling it would take more than {MOST_DAYS} more days of traces"
    days = "one more day" if further == 1 else f"{further:,} more days"
    return f"keep measuring: about {days} like these would confirm that {verdict}"
