"""What does it cost, and bring, over the horizon?"""

from typing import Annotated

from roi_xl import quantities as q
from roi_xl.functions.branch import Number, quotient
from roi_xl.functions.savings import monthly_net_savings


def baseline_cost(
    baseline_cost_per_request: Number, monthly_requests: Number, months: Number
) -> Annotated[Number, q.BASELINE_COST]:
    """Cost of staying with the baseline over the horizon.

    Formula: baseline_cost_per_request * monthly_requests * months.

    Returns:
        Currency; 0 for a horizon of 0 months.

    Example:
        >>> from roi_xl import baseline_cost
        >>> baseline_cost(0.02, 100_000, 12)
        24000.0
    """
    return baseline_cost_per_request * monthly_requests * months


def fine_tuned_cost(
    training_cost: Number,
    monthly_maintenance: Number,
    fine_tuned_cost_per_request: Number,
    monthly_requests: Number,
    months: Number,
) -> Annotated[Number, q.FINE_TUNED_COST]:
    """Cost of the fine-tuned model over the horizon, training included.

    Formula: training_cost + monthly_maintenance * months
    + fine_tuned_cost_per_request * monthly_requests * months.

    Returns:
        Currency; the training cost alone for a horizon of 0 months.

    Example:
        >>> from roi_xl import fine_tuned_cost
        >>> fine_tuned_cost(2_500, 100, 0.012, 100_000, 12)
        18100.0
    """
    invested = investment(training_cost, monthly_maintenance, months)
    return invested + fine_tuned_cost_per_request * monthly_requests * months


def investment(training_cost: Number, monthly_maintenance: Number, months: Number) -> Annotated[Number, q.INVESTMENT]:
    """Incremental investment: training plus maintenance over the horizon.

    Formula: training_cost + monthly_maintenance * months.

    Returns:
        Currency; 0 where fine-tuning costs nothing extra.

    Example:
        >>> from roi_xl import investment
        >>> investment(2_500, 100, 12)
        3700
    """
    return training_cost + monthly_maintenance * months


def net_benefit(
    training_cost: Number,
    monthly_maintenance: Number,
    baseline_cost_per_request: Number,
    fine_tuned_cost_per_request: Number,
    monthly_requests: Number,
    months: Number,
) -> Annotated[Number, q.NET_BENEFIT]:
    """Net savings over the horizon, less the training cost.

    Formula: monthly_net_savings * months - training_cost,
    which is baseline_cost - fine_tuned_cost.

    Returns:
        Currency; negative where the horizon is too short or nothing is saved.

    Example:
        >>> from roi_xl import net_benefit
        >>> net_benefit(2_500, 100, 0.02, 0.012, 100_000, 12)
        5900.0
    """
    saved = monthly_net_savings(
        monthly_maintenance, baseline_cost_per_request, fine_tuned_cost_per_request, monthly_requests
    )
    return saved * months - training_cost


def roi_percent(
    training_cost: Number,
    monthly_maintenance: Number,
    baseline_cost_per_request: Number,
    fine_tuned_cost_per_request: Number,
    monthly_requests: Number,
    months: Number,
) -> Annotated[Number, q.RETURN_ON_INVESTMENT]:
    """Return on the incremental investment over the horizon, as a fraction.

    Formula: net_benefit / investment. A fraction, as RATE and IRR give it:
    1.5946 is 159.46%, so give the cell a percent format.

    Returns:
        A fraction; undefined (NaN, #DIV/0! in a cell) where nothing is invested.

    Example:
        >>> from roi_xl import roi_percent
        >>> f"{roi_percent(2_500, 100, 0.02, 0.012, 100_000, 12):.2%}"
        '159.46%'
    """
    benefit = net_benefit(
        training_cost,
        monthly_maintenance,
        baseline_cost_per_request,
        fine_tuned_cost_per_request,
        monthly_requests,
        months,
    )
    return quotient(benefit, investment(training_cost, monthly_maintenance, months))
