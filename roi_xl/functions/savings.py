"""What does fine-tuning save?"""

from typing import Annotated

from roi_xl import quantities as q
from roi_xl.functions.branch import Number

MONTHS_PER_YEAR = 12


def request_savings(
    baseline_cost_per_request: Number, fine_tuned_cost_per_request: Number
) -> Annotated[Number, q.REQUEST_SAVINGS]:
    """Savings per request: baseline cost less fine-tuned cost.

    Formula: baseline_cost_per_request - fine_tuned_cost_per_request.

    Returns:
        Currency per request; negative where the fine-tuned model costs more.

    Example:
        >>> from roi_xl import request_savings
        >>> request_savings(0.02, 0.012)
        0.008
    """
    return baseline_cost_per_request - fine_tuned_cost_per_request


def monthly_net_savings(
    monthly_maintenance: Number,
    baseline_cost_per_request: Number,
    fine_tuned_cost_per_request: Number,
    monthly_requests: Number,
) -> Annotated[Number, q.MONTHLY_NET_SAVINGS]:
    """Net savings per month, after maintenance.

    Formula: request_savings * monthly_requests - monthly_maintenance.

    Returns:
        Currency per month; at zero or less, fine-tuning never breaks even.

    Example:
        >>> from roi_xl import monthly_net_savings
        >>> monthly_net_savings(100, 0.02, 0.012, 100_000)
        700.0
    """
    saving = request_savings(baseline_cost_per_request, fine_tuned_cost_per_request)
    return saving * monthly_requests - monthly_maintenance


def yearly_net_savings(
    monthly_maintenance: Number,
    baseline_cost_per_request: Number,
    fine_tuned_cost_per_request: Number,
    monthly_requests: Number,
) -> Annotated[Number, q.YEARLY_NET_SAVINGS]:
    """Net savings per year, after maintenance and before the training cost.

    Formula: monthly_net_savings * 12.

    Returns:
        Currency per year; negative where savings do not cover the maintenance.

    Example:
        >>> from roi_xl import yearly_net_savings
        >>> yearly_net_savings(100, 0.02, 0.012, 100_000)
        8400.0
    """
    saved = monthly_net_savings(
        monthly_maintenance, baseline_cost_per_request, fine_tuned_cost_per_request, monthly_requests
    )
    return saved * MONTHS_PER_YEAR
