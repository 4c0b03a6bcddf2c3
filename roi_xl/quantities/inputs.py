"""What does a business case take?"""

from roi_xl.quantities.quantity import SHARE, Between, Quantity
from roi_xl.quantities.units import (
    CURRENCY,
    CURRENCY_PER_MONTH,
    CURRENCY_PER_REQUEST,
    FRACTION,
    FRACTION_PER_MONTH,
    FRACTION_PER_YEAR,
    REQUESTS_PER_MONTH,
    WHOLE_MONTHS,
)

TRAINING_COST = Quantity(
    "training_cost",
    "Training cost",
    CURRENCY,
    "One-time cost: provider charges, data preparation, labeling, evaluation, engineering, deployment.",
    default=2_500,
)
MONTHLY_MAINTENANCE = Quantity(
    "monthly_maintenance",
    "Monthly maintenance",
    CURRENCY_PER_MONTH,
    "Recurring cost of running the fine-tuned model: monitoring, evaluation, support; not hosting or retraining.",
    default=100,
)
BASELINE_COST_PER_REQUEST = Quantity(
    "baseline_cost_per_request",
    "Baseline cost per request",
    CURRENCY_PER_REQUEST,
    "What one request costs today, from production traces, with retries and fallbacks.",
    default=0.02,
)
FINE_TUNED_COST_PER_REQUEST = Quantity(
    "fine_tuned_cost_per_request",
    "Fine-tuned cost per request",
    CURRENCY_PER_REQUEST,
    "What one request costs on the fine-tuned model, with retries, fallbacks and serving premium.",
    default=0.012,
)
MONTHLY_REQUESTS = Quantity(
    "monthly_requests",
    "Monthly requests",
    REQUESTS_PER_MONTH,
    "Requests in the first month; with growth, later months have more.",
    default=100_000,
)
HORIZON = Quantity(
    "months",
    "Horizon",
    WHOLE_MONTHS,
    "Number of months that the business case covers.",
    default=12,
)

CHANGE = Between(-0.99, 10)

DISCOUNT_RATE = Quantity(
    "discount_rate",
    "Discount rate",
    FRACTION_PER_YEAR,
    "Annual cost of capital, converted to the equivalent monthly rate.",
    CHANGE,
    default=0,
)
REQUEST_GROWTH = Quantity(
    "request_growth",
    "Request growth",
    FRACTION_PER_MONTH,
    "Growth of requests from one month to the next, from month 2 on.",
    CHANGE,
    default=0,
)
RAMP_MONTHS = Quantity(
    "ramp_months",
    "Adoption ramp",
    WHOLE_MONTHS,
    "Months until the share of traffic has moved, in equal steps; 0 or 1 moves all of it in month 1.",
    default=0,
)
TRAFFIC_SHARE = Quantity(
    "traffic_share",
    "Share of traffic moved",
    FRACTION,
    "Share of the requests that the fine-tuned model answers after the ramp.",
    SHARE,
    default=1,
)
BASELINE_PRICE_CHANGE = Quantity(
    "baseline_price_change",
    "Baseline price change",
    FRACTION_PER_YEAR,
    "Yearly change in the baseline's cost per request, applied monthly: -0.2 is 20% less.",
    CHANGE,
    default=0,
)
FINE_TUNED_PRICE_CHANGE = Quantity(
    "fine_tuned_price_change",
    "Fine-tuned price change",
    FRACTION_PER_YEAR,
    "Yearly change in the fine-tuned cost per request, applied monthly: -0.2 is 20% less.",
    CHANGE,
    default=0,
)
MONTHLY_HOSTING = Quantity(
    "monthly_hosting",
    "Hosting",
    CURRENCY_PER_MONTH,
    "Fixed monthly cost of serving the fine-tuned model; do not include it in maintenance.",
    default=0,
)
RETRAINING_COST = Quantity(
    "retraining_cost",
    "Retraining cost",
    CURRENCY,
    "Cost of each retraining, including data, evaluation and deployment.",
    default=0,
)
RETRAINING_INTERVAL = Quantity(
    "retraining_interval",
    "Retraining interval",
    WHOLE_MONTHS,
    "Months between retrainings; 0 means never. None falls in the last month, since it would serve later months only.",
    default=0,
)
BASELINE_SUCCESS_RATE = Quantity(
    "baseline_success_rate",
    "Baseline success rate",
    FRACTION,
    "Share of requests that the baseline answers well enough.",
    SHARE,
    default=1,
)
FINE_TUNED_SUCCESS_RATE = Quantity(
    "fine_tuned_success_rate",
    "Fine-tuned success rate",
    FRACTION,
    "Share of requests that the fine-tuned model answers well enough.",
    SHARE,
    default=1,
)
FAILURE_COST = Quantity(
    "failure_cost",
    "Cost of a failed request",
    CURRENCY_PER_REQUEST,
    "Extra cost of a request whose answer is not good enough: a person's time, a refund.",
    default=0,
)
FINE_TUNED_LIFE = Quantity(
    "fine_tuned_life",
    "Fine-tuned model retired after",
    WHOLE_MONTHS,
    "Months until the fine-tuned model is retired and trained again, at the retraining cost; 0: not in the horizon.",
    default=0,
)
BASELINE_LIFE = Quantity(
    "baseline_life",
    "Baseline model retired after",
    WHOLE_MONTHS,
    "Months until the baseline model is retired, and the migration cost avoided; 0: not in the horizon.",
    default=0,
)
MIGRATION_COST = Quantity(
    "migration_cost",
    "Migration cost",
    CURRENCY,
    "One-time cost of moving from the baseline to its successor. Leave at 0 if some traffic stays on the baseline.",
    default=0,
)

INPUTS = (
    TRAINING_COST,
    MONTHLY_MAINTENANCE,
    BASELINE_COST_PER_REQUEST,
    FINE_TUNED_COST_PER_REQUEST,
    MONTHLY_REQUESTS,
    HORIZON,
)
"""The six inputs of the core family, in the order every function takes them."""

PROGRAM = (
    DISCOUNT_RATE,
    REQUEST_GROWTH,
    RAMP_MONTHS,
    TRAFFIC_SHARE,
    BASELINE_PRICE_CHANGE,
    FINE_TUNED_PRICE_CHANGE,
    MONTHLY_HOSTING,
    RETRAINING_COST,
    RETRAINING_INTERVAL,
    BASELINE_SUCCESS_RATE,
    FINE_TUNED_SUCCESS_RATE,
    FAILURE_COST,
    FINE_TUNED_LIFE,
    BASELINE_LIFE,
    MIGRATION_COST,
)
"""The inputs that make months differ, in argument order; each defaults to no effect."""

MODEL_INPUTS = (*INPUTS, *PROGRAM)
"""Every input of the monthly model, in the order of its arguments."""


def reference_case() -> dict[str, float]:
    """The six inputs with their default values."""
    return {quantity.name: quantity.default for quantity in INPUTS if quantity.default is not None}
