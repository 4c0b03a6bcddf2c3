"""What does a unit of cost bring? Three answers, each named by what it divides by.

All read the ledger of ROI_CASHFLOW, and take its arguments.
"""

from typing import Annotated

from roi_xl import quantities as q
from roi_xl.describe import Formula
from roi_xl.functions.branch import Number, quotient
from roi_xl.functions.ledger import Program, Row, of, rows
from roi_xl.functions.savings import MONTHS_PER_YEAR

COSTS = ("training", "maintenance", "hosting", "retraining")
"""The ledger's investment columns."""


def invested(values: Row) -> Number:
    """What a month invests: training, maintenance, hosting and retraining."""
    return sum(values[cost] for cost in COSTS)


@of(Program)
def roi_on_investment(program: Program) -> Annotated[Number, q.LEDGER_RETURN]:
    """ROI on the incremental investment, from the cash flow.

    Formula: net benefit / sum of training, maintenance, hosting and retraining. With every
    month alike, ROI_PERCENT.

    Returns:
        A fraction; undefined (NaN, #DIV/0! in a cell) where nothing is invested.

    Example:
        >>> from roi_xl import roi_on_investment
        >>> f"{roi_on_investment(2_500, 100, 0.02, 0.012, 100_000, 12):.2%}"
        '159.46%'
    """
    months = list(rows(program))
    return quotient(months[-1]["cumulative"], sum(map(invested, months)))


@of(Program)
def roi_discounted(program: Program) -> Annotated[Number, q.DISCOUNTED_RETURN]:
    """ROI in present values: net present value per unit of discounted investment.

    Formula: npv / sum of (training + maintenance + hosting + retraining) /
    (1 + discount_rate) ^ (m / 12). Without a discount rate, ROI_ON_INVESTMENT.

    Returns:
        A fraction; undefined (NaN, #DIV/0! in a cell) where nothing is invested.

    Example:
        >>> from roi_xl import roi_discounted
        >>> f"{roi_discounted(2_500, 100, 0.02, 0.012, 100_000, 12, discount_rate=0.1):.2%}"
        '150.56%'

    Source: as Forrester's Total Economic Impact reports it: (present value of benefits less that of costs) / costs.
    """
    months = list(rows(program))
    monthly = (1 + program.discount_rate) ** (1 / MONTHS_PER_YEAR)
    spent = sum(invested(values) / monthly ** values["month"] for values in months)
    return quotient(months[-1]["cumulative_discounted"], spent)


@of(Program)
def roi_on_total_cost(program: Program) -> Annotated[Number, q.TOTAL_COST_RETURN]:
    """ROI on the total cost of the fine-tuned model, requests included.

    Formula: net benefit / sum of fine_tuned_spend, training, maintenance, hosting and retraining.
    Failures avoided, or added, are part of the benefit.

    Returns:
        A fraction; undefined (NaN, #DIV/0! in a cell) where it costs nothing.

    Example:
        >>> from roi_xl import roi_on_total_cost
        >>> f"{roi_on_total_cost(2_500, 100, 0.02, 0.012, 100_000, 12):.2%}"
        '32.60%'
    """
    months = list(rows(program))
    return quotient(months[-1]["cumulative"], sum(values["fine_tuned_spend"] + invested(values) for values in months))


RETURNS: dict[str, Formula] = dict(
    zip(q.ROI_BASIS.options, (roi_on_investment, roi_discounted, roi_on_total_cost), strict=True)
)
"""Each return on investment, by what it divides by."""
