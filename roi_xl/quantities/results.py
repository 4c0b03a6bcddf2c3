"""What does a business case come to when every month is alike?"""

from roi_xl.quantities.quantity import ANY, Kind, Quantity
from roi_xl.quantities.units import (
    CURRENCY,
    CURRENCY_PER_MONTH,
    CURRENCY_PER_REQUEST,
    CURRENCY_PER_YEAR,
    FRACTION,
    MONTHS,
    REQUESTS,
    REQUESTS_PER_MONTH,
    WORDS,
)

REQUEST_SAVINGS = Quantity(
    "request_savings",
    "Saving per request",
    CURRENCY_PER_REQUEST,
    "What one request costs less on the fine-tuned model.",
    ANY,
)
MONTHLY_NET_SAVINGS = Quantity(
    "monthly_net_savings",
    "Monthly net savings",
    CURRENCY_PER_MONTH,
    "Savings on a month's requests, less the maintenance.",
    ANY,
)
YEARLY_NET_SAVINGS = Quantity(
    "yearly_net_savings",
    "Yearly net savings",
    CURRENCY_PER_YEAR,
    "Twelve months of net savings.",
    ANY,
)
BREAKEVEN_MONTHS = Quantity(
    "breakeven_months",
    "Break-even",
    MONTHS,
    "Months until the net savings have repaid the training cost; #N/A if they never do.",
    may_be_never=True,
)
BREAKEVEN_REQUESTS = Quantity(
    "breakeven_requests",
    "Break-even requests, gross",
    REQUESTS,
    "Cumulative requests whose savings repay the training cost, before maintenance.",
    may_be_never=True,
)
BREAKEVEN_REQUESTS_NET = Quantity(
    "breakeven_requests_net",
    "Break-even requests, net",
    REQUESTS,
    "Cumulative requests until training and maintenance to date are repaid.",
    may_be_never=True,
)
BASELINE_COST = Quantity(
    "baseline_cost", "Baseline cost", CURRENCY, "Cost over the horizon of staying with the baseline."
)
FINE_TUNED_COST = Quantity(
    "fine_tuned_cost",
    "Fine-tuned cost",
    CURRENCY,
    "Cost over the horizon of the fine-tuned model: training, maintenance and requests.",
)
INVESTMENT = Quantity(
    "investment",
    "Incremental investment",
    CURRENCY,
    "Training cost plus maintenance over the horizon.",
)
NET_BENEFIT = Quantity(
    "net_benefit",
    "Net benefit",
    CURRENCY,
    "Net savings over the horizon, less the training cost.",
    ANY,
)
RETURN_ON_INVESTMENT = Quantity(
    "return_on_investment",
    "ROI",
    FRACTION,
    "Net benefit divided by the incremental investment.",
    ANY,
)
VERDICT = Quantity("verdict", "Verdict", WORDS, "The result in one sentence.", ANY, kind=Kind.TEXT)
BREAKEVEN_VOLUME = Quantity(
    "breakeven_volume",
    "Break-even volume",
    REQUESTS_PER_MONTH,
    "Monthly requests at which the investment is recovered exactly at the horizon.",
    may_be_never=True,
)
BREAKEVEN_PRICE = Quantity(
    "breakeven_price",
    "Break-even price",
    CURRENCY_PER_REQUEST,
    "Highest fine-tuned cost per request that still recovers the investment; below 0, none does.",
    ANY,
)
MAX_TRAINING_COST = Quantity(
    "max_training_cost",
    "Highest training cost",
    CURRENCY,
    "Largest training budget that is still recovered within the horizon; below 0, none is.",
    ANY,
)
COST_PER_REQUEST = Quantity(
    "cost_per_request", "Cost per request", CURRENCY_PER_REQUEST, "Expected cost of one answered request."
)
REPORT = Quantity(
    "report",
    "Report",
    WORDS,
    "Every result of the business case, with its label.",
    ANY,
    may_be_never=True,
    kind=Kind.RANGE,
)
