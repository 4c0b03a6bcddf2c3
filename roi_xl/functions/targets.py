"""What would it take to be paid back exactly at the horizon?"""

from typing import Annotated

from roi_xl import quantities as q
from roi_xl.functions.branch import NEVER, Number, quotient, ratio
from roi_xl.functions.savings import monthly_net_savings, request_savings
from roi_xl.functions.totals import investment


def breakeven_volume(
    training_cost: Number,
    monthly_maintenance: Number,
    baseline_cost_per_request: Number,
    fine_tuned_cost_per_request: Number,
    months: Number,
) -> Annotated[Number, q.BREAKEVEN_VOLUME]:
    """Fewest monthly requests that recover the investment within the horizon.

    Formula: investment / (request_savings * months).

    Returns:
        Requests per month; infinite (#N/A in a cell) where no volume does:
        a request saves nothing, or the horizon is 0.

    Example:
        >>> from roi_xl import breakeven_volume
        >>> round(breakeven_volume(2_500, 100, 0.02, 0.012, 12), 2)
        38541.67
    """
    saved = request_savings(baseline_cost_per_request, fine_tuned_cost_per_request) * months
    return ratio(investment(training_cost, monthly_maintenance, months), saved, when=saved > 0, otherwise=NEVER)


def breakeven_price(
    training_cost: Number,
    monthly_maintenance: Number,
    baseline_cost_per_request: Number,
    monthly_requests: Number,
    months: Number,
) -> Annotated[Number, q.BREAKEVEN_PRICE]:
    """Highest fine-tuned cost per request that recovers the investment.

    Formula: baseline_cost_per_request - investment / (monthly_requests * months).

    Returns:
        Currency per request; negative where even a free model would not recover
        the investment; undefined (NaN, #DIV/0! in a cell) without any requests.

    Example:
        >>> from roi_xl import breakeven_price
        >>> round(breakeven_price(2_500, 100, 0.02, 100_000, 12), 6)
        0.016917
    """
    invested = investment(training_cost, monthly_maintenance, months)
    return baseline_cost_per_request - quotient(invested, monthly_requests * months)


def max_training_cost(
    monthly_maintenance: Number,
    baseline_cost_per_request: Number,
    fine_tuned_cost_per_request: Number,
    monthly_requests: Number,
    months: Number,
) -> Annotated[Number, q.MAX_TRAINING_COST]:
    """Highest training cost that is recovered within the horizon.

    Formula: monthly_net_savings * months.

    Returns:
        Currency; negative where savings do not even cover the maintenance.

    Example:
        >>> from roi_xl import max_training_cost
        >>> max_training_cost(100, 0.02, 0.012, 100_000, 12)
        8400.0
    """
    saved = monthly_net_savings(
        monthly_maintenance, baseline_cost_per_request, fine_tuned_cost_per_request, monthly_requests
    )
    return saved * months
