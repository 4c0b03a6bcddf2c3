"""Is it worth doing, in one sentence from the cash flow?"""

from typing import Annotated

from roi_xl import quantities as q
from roi_xl.functions.branch import NEVER, Number, least
from roi_xl.functions.ledger import Program, of, rows
from roi_xl.functions.outcome import HALF_A_CENT, verdict
from roi_xl.functions.value import npv, payback

WORTH = "Worth doing: net present value {npv}; pays back in {payback} months."
EVEN = "Breaks even: net present value 0, to the cent, at the discount rate."
TOO_LATE = "Not worth doing: net present value {npv}; pays back in {payback} months, too late for the discount rate."
NOT_RECOVERED = "Not worth doing: net present value {npv}; the costs are not recovered within the horizon."
MONEY, TIME = "#,##0.00", "0.0"
"""Number formats of money and months in the sentence."""


@of(Program)
def decision(program: Program) -> Annotated[Number, q.DECISION]:
    """The result in one sentence, from the cash flow.

    Formula: the verdict where every month is alike and money has no price; else worth
    doing if the net present value is above 0, to the cent. A positive sentence is not a
    decision to deploy.

    Returns:
        A sentence with its numbers.

    Example:
        >>> from roi_xl.functions.decision import decision
        >>> decision(2_500, 100, 0.02, 0.012, 100_000, 12)
        'Positive projected ROI: modeled savings recover the investment within the selected horizon.'
        >>> decision(2_500, 100, 0.02, 0.012, 100_000, 12, discount_rate=0.1, traffic_share=0.3)
        'Not worth doing: net present value -903.93; the costs are not recovered within the horizon.'
    """
    inputs = program.named()
    if every_month_alike(program):
        return verdict(*[inputs[quantity.name] for quantity in q.INPUTS])
    value, back = npv(**inputs), payback(**inputs)
    numbers = {"npv": f"{value:,.2f}", "payback": f"{back:.1f}"}
    if value >= HALF_A_CENT:
        return WORTH.format(**numbers)
    if value > -HALF_A_CENT:
        return EVEN
    return (TOO_LATE if back < NEVER else NOT_RECOVERED).format(**numbers)


def every_month_alike(program: Program) -> bool:
    """Whether every month is the same and the discount rate is 0, so that the closed forms hold."""
    lost = (program.baseline_success_rate - program.fine_tuned_success_rate) * program.failure_cost
    nothing = (
        program.discount_rate,
        program.request_growth,
        program.baseline_price_change,
        program.fine_tuned_price_change,
        program.monthly_hosting,
        program.retraining_cost * (program.retraining_interval + program.fine_tuned_life),
        program.migration_cost * program.baseline_life,
        lost,
    )
    return not any(nothing) and program.traffic_share == 1 and program.ramp_months <= 1


@of(Program)
def peak_funding(program: Program) -> Annotated[Number, q.PEAK_FUNDING]:
    """The most that the business case needs at any time before it pays back.

    Formula: 0 less the lowest cumulative net cash flow, at least 0.

    Returns:
        Currency; 0 where the cash flow is never below 0.

    Example:
        >>> from roi_xl.functions.decision import peak_funding
        >>> peak_funding(2_500, 100, 0.02, 0.012, 100_000, 12)
        2500.0
    """
    lowest: Number = 0
    for values in rows(program):
        lowest = least(lowest, values["cumulative"])
    return -lowest


@of(Program)
def peak_month(program: Program) -> Annotated[Number, q.PEAK_MONTH]:
    """The month in which the business case has cost the most.

    Formula: the first month with the lowest cumulative net cash flow.

    Returns:
        Months since the training.

    Example:
        >>> from roi_xl.functions.decision import peak_month
        >>> peak_month(2_500, 100, 0.02, 0.012, 100_000, 12)
        0
    """
    together = [values["cumulative"] for values in rows(program)]
    return together.index(min(together))
