"""When is the money back?"""

from typing import Annotated

from roi_xl import quantities as q
from roi_xl.functions.branch import NEVER, Number, ratio
from roi_xl.functions.savings import monthly_net_savings, request_savings


def breakeven_months(
    training_cost: Number,
    monthly_maintenance: Number,
    baseline_cost_per_request: Number,
    fine_tuned_cost_per_request: Number,
    monthly_requests: Number,
) -> Annotated[Number, q.BREAKEVEN_MONTHS]:
    """Months until the net savings have repaid the training cost.

    Formula: training_cost / monthly_net_savings.

    Returns:
        Months, with their fraction; infinite (#N/A in a cell) where monthly net
        savings are zero or less, even if there is nothing to repay.

    Example:
        >>> from roi_xl import breakeven_months
        >>> round(breakeven_months(2_500, 100, 0.02, 0.012, 100_000), 2)
        3.57
        >>> breakeven_months(2_500, 800, 0.02, 0.012, 100_000)
        inf

    Source: the payback period of corporate finance, without discounting.
    """
    saved = monthly_net_savings(
        monthly_maintenance, baseline_cost_per_request, fine_tuned_cost_per_request, monthly_requests
    )
    return ratio(training_cost, saved, when=saved > 0, otherwise=NEVER)


def breakeven_requests(
    training_cost: Number, baseline_cost_per_request: Number, fine_tuned_cost_per_request: Number
) -> Annotated[Number, q.BREAKEVEN_REQUESTS]:
    """Cumulative requests that repay the training cost, before maintenance.

    Formula: training_cost / request_savings.

    Returns:
        Requests; infinite (#N/A in a cell) where a request saves nothing.

    Example:
        >>> from roi_xl import breakeven_requests
        >>> breakeven_requests(2_500, 0.02, 0.012)
        312500.0
    """
    saving = request_savings(baseline_cost_per_request, fine_tuned_cost_per_request)
    return ratio(training_cost, saving, when=saving > 0, otherwise=NEVER)


def breakeven_requests_net(
    training_cost: Number,
    monthly_maintenance: Number,
    baseline_cost_per_request: Number,
    fine_tuned_cost_per_request: Number,
    monthly_requests: Number,
) -> Annotated[Number, q.BREAKEVEN_REQUESTS_NET]:
    """Cumulative requests that repay the training cost and maintenance to date.

    Formula: training_cost * monthly_requests / monthly_net_savings,
    which is breakeven_months * monthly_requests.

    Returns:
        Requests; infinite (#N/A in a cell) where monthly net savings are zero or less.

    Example:
        >>> from roi_xl import breakeven_requests_net
        >>> round(breakeven_requests_net(2_500, 100, 0.02, 0.012, 100_000), 2)
        357142.86
    """
    saved = monthly_net_savings(
        monthly_maintenance, baseline_cost_per_request, fine_tuned_cost_per_request, monthly_requests
    )
    return ratio(training_cost * monthly_requests, saved, when=saved > 0, otherwise=NEVER)
