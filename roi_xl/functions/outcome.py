"""What is the result, in one sentence and in one table?"""

from typing import Annotated, NamedTuple

from roi_xl import quantities as q
from roi_xl.describe import Formula, apply, gives
from roi_xl.functions.branch import Number, choose
from roi_xl.functions.breakeven import breakeven_months, breakeven_requests, breakeven_requests_net
from roi_xl.functions.savings import monthly_net_savings, request_savings, yearly_net_savings
from roi_xl.functions.targets import breakeven_price, breakeven_volume, max_training_cost
from roi_xl.functions.totals import baseline_cost, fine_tuned_cost, investment, net_benefit, roi_percent

HALF_A_CENT = 0.005
"""Money is compared to the cent: a benefit closer to 0 than this counts as zero."""

POSITIVE = "Positive projected ROI: modeled savings recover the investment within the selected horizon."
BREAKS_EVEN = "Zero projected ROI: modeled savings recover the investment exactly at the selected horizon, to the cent."
TOO_SHORT = "Negative projected ROI: modeled savings recover the investment only after the selected horizon."
NOT_COVERED = "Never breaks even: modeled savings do not exceed the monthly maintenance."
COSTS_MORE = "Never breaks even: the fine-tuned model costs more per request than the baseline."
NOTHING = "Nothing to recover: no training or maintenance cost is modeled."


def sign_told(benefit: Number) -> Number:
    """Whether a net benefit is positive, zero or negative, in one sentence."""
    return choose(benefit >= HALF_A_CENT, POSITIVE, choose(benefit > -HALF_A_CENT, BREAKS_EVEN, TOO_SHORT))


def verdict(
    training_cost: Number,
    monthly_maintenance: Number,
    baseline_cost_per_request: Number,
    fine_tuned_cost_per_request: Number,
    monthly_requests: Number,
    months: Number,
) -> Annotated[Number, q.VERDICT]:
    """The financial result in one sentence.

    Formula: the first that holds: costs more per request; nothing to recover;
    savings do not exceed maintenance; positive; exactly zero (to the cent); only
    after the horizon. A positive verdict is not a decision to deploy.

    Returns:
        A sentence.

    Example:
        >>> from roi_xl import verdict
        >>> verdict(2_500, 100, 0.02, 0.012, 100_000, 12)
        'Positive projected ROI: modeled savings recover the investment within the selected horizon.'
        >>> verdict(2_500, 100, 0.02, 0.03, 100_000, 12)
        'Never breaks even: the fine-tuned model costs more per request than the baseline.'
    """
    costs = (baseline_cost_per_request, fine_tuned_cost_per_request)
    saved = monthly_net_savings(monthly_maintenance, *costs, monthly_requests)
    benefit = net_benefit(training_cost, monthly_maintenance, *costs, monthly_requests, months)
    repaid = choose(saved > 0, sign_told(benefit), NOT_COVERED)
    invested = investment(training_cost, monthly_maintenance, months)
    return choose(request_savings(*costs) < 0, COSTS_MORE, choose(invested > 0, repaid, NOTHING))


RESULTS: tuple[Formula, ...] = (
    request_savings,
    monthly_net_savings,
    yearly_net_savings,
    breakeven_months,
    breakeven_requests,
    breakeven_requests_net,
    baseline_cost,
    fine_tuned_cost,
    investment,
    net_benefit,
    roi_percent,
    breakeven_volume,
    breakeven_price,
    max_training_cost,
    verdict,
)
"""Every result of the business case, in reading order."""


class ReportRow(NamedTuple):
    """One result with its label."""

    label: str
    value: Number


def report(
    training_cost: Number,
    monthly_maintenance: Number,
    baseline_cost_per_request: Number,
    fine_tuned_cost_per_request: Number,
    monthly_requests: Number,
    months: Number,
) -> Annotated[list[ReportRow], q.REPORT]:
    """Every result of the business case as a table of labels and values.

    Formula: one row for each result, with the formula of its own function.

    Returns:
        Rows of a label and a value; each value as its own function gives it.

    Example:
        >>> from roi_xl import report
        >>> dict(report(2_500, 100, 0.02, 0.012, 100_000, 12))["Net benefit"]
        5900.0
    """
    inputs = {
        "training_cost": training_cost,
        "monthly_maintenance": monthly_maintenance,
        "baseline_cost_per_request": baseline_cost_per_request,
        "fine_tuned_cost_per_request": fine_tuned_cost_per_request,
        "monthly_requests": monthly_requests,
        "months": months,
    }
    return [ReportRow(gives(formula).label, apply(formula, inputs)) for formula in RESULTS]
