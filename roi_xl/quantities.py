"""What is every number: its name, label, unit, bounds, default and meaning?"""

import sys
from dataclasses import dataclass

LARGEST = sys.float_info.max
EXAMPLE_CURRENCY = "USD"


@dataclass(frozen=True)
class Unit:
    """What a number counts, as people write it, and with how many decimals it is shown."""

    text: str
    decimals: int = 2
    percent: bool = False

    def named(self, currency: str = "currency") -> str:
        """The unit with a currency code in place, such as `EUR / month`."""
        return self.text.format(currency=currency)

    def shown(self, value: float) -> str:
        """A number as a cell in this unit shows it."""
        return f"{value:,.{self.decimals}{'%' if self.percent else 'f'}}"

    @property
    def number_format(self) -> str:
        """The number format of a cell in this unit; negative numbers stand in parentheses."""
        digits = "0" if self.percent else "#,##0"
        shape = digits + ("." + "0" * self.decimals if self.decimals else "") + ("%" if self.percent else "")
        return f"{shape}_);({shape})"


@dataclass(frozen=True)
class Between:
    """The values a number may take; `below` is a bound that is itself not allowed."""

    low: float | None = 0
    high: float | None = None
    below: float | None = None

    def rule(self) -> str:
        """The bounds in words, such as `at least 0`."""
        parts = [
            f"{word} {bound:g}"
            for word, bound in (("at least", self.low), ("at most", self.high), ("below", self.below))
            if bound is not None
        ]
        return " and ".join(parts) or "a finite number"


ANY = Between(low=None)
SHARE = Between(0, 1)


@dataclass(frozen=True, repr=False)
class Quantity:
    """One number of the business case, described once for every place that shows it."""

    name: str
    label: str
    unit: Unit
    meaning: str
    bounds: Between = Between()
    default: float | None = None
    may_be_never: bool = False

    def __repr__(self) -> str:
        return self.name

    def help(self, currency: str = "currency") -> str:
        """One line for a function wizard: what it is, in which unit, within which bounds."""
        return f"{self.meaning} Unit: {self.unit.named(currency)}; {self.bounds.rule()}."


CURRENCY = Unit("{currency}")
CURRENCY_PER_MONTH = Unit("{currency} / month")
CURRENCY_PER_YEAR = Unit("{currency} / year")
CURRENCY_PER_HOUR = Unit("{currency} / hour")
CURRENCY_PER_REQUEST = Unit("{currency} / request", decimals=4)
CURRENCY_PER_MILLION_TOKENS = Unit("{currency} / million tokens")
CURRENCY_OR_HOURS = Unit("hours, or {currency} at rate 1")
REQUESTS = Unit("requests")
REQUESTS_PER_MONTH = Unit("requests / month", decimals=0)
REQUESTS_PER_DAY = Unit("requests / user / day")
MONTHS = Unit("months")
WHOLE_MONTHS = Unit("months", decimals=0)
DAYS = Unit("days / month", decimals=0)
USERS = Unit("users", decimals=0)
TOKENS = Unit("tokens / request", decimals=0)
FRACTION = Unit("fraction, shown in %", percent=True)
WORDS = Unit("text")

TRAINING_COST = Quantity(
    "training_cost",
    "Training cost",
    CURRENCY,
    "One-time cost: provider charges, data preparation, labelling, evaluation, engineering, deployment.",
    default=2_500,
)
MONTHLY_MAINTENANCE = Quantity(
    "monthly_maintenance",
    "Monthly maintenance",
    CURRENCY_PER_MONTH,
    "Recurring cost of keeping the fine-tuned model: monitoring, evaluation, refreshes, hosting.",
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
    "Requests served in a month, averaged over the horizon.",
    default=100_000,
)
HORIZON = Quantity(
    "months",
    "Horizon",
    WHOLE_MONTHS,
    "How many months the business case looks ahead.",
    default=12,
)

PROVIDER_CHARGES = Quantity(
    "provider_charges",
    "Provider charges",
    CURRENCY,
    "What the provider and other vendors invoice for the training.",
)
DATA_PREPARATION = Quantity(
    "data_preparation",
    "Data preparation",
    CURRENCY_OR_HOURS,
    "Collecting, cleaning and formatting the training data.",
)
LABELLING = Quantity("labelling", "Labelling", CURRENCY_OR_HOURS, "Writing or reviewing the wanted answers.")
EVALUATION = Quantity(
    "evaluation",
    "Evaluation",
    CURRENCY_OR_HOURS,
    "Building and running the tests that decide whether the model is good enough.",
)
ENGINEERING = Quantity(
    "engineering",
    "Engineering",
    CURRENCY_OR_HOURS,
    "Running the training and fitting the model into the product.",
)
DEPLOYMENT = Quantity(
    "deployment",
    "Deployment",
    CURRENCY_OR_HOURS,
    "Rolling the model out: serving, monitoring, fallbacks.",
)
HOURLY_RATE = Quantity(
    "hourly_rate",
    "Hourly rate",
    CURRENCY_PER_HOUR,
    "Cost of one hour of work; without it the five items of work are amounts of money.",
)

INPUT_TOKENS = Quantity("input_tokens", "Input tokens", TOKENS, "Tokens sent to the model in one attempt.")
OUTPUT_TOKENS = Quantity("output_tokens", "Output tokens", TOKENS, "Tokens the model writes in one attempt.")
INPUT_PRICE = Quantity("input_price", "Input price", CURRENCY_PER_MILLION_TOKENS, "Price of a million input tokens.")
OUTPUT_PRICE = Quantity(
    "output_price", "Output price", CURRENCY_PER_MILLION_TOKENS, "Price of a million output tokens."
)
CACHED_SHARE = Quantity(
    "cached_share", "Cached share", FRACTION, "Share of the input tokens that is read from a cache.", SHARE
)
CACHED_PRICE = Quantity(
    "cached_price",
    "Cached price",
    CURRENCY_PER_MILLION_TOKENS,
    "Price of a million cached input tokens; the input price where it is left out.",
)
RETRY_RATE = Quantity(
    "retry_rate",
    "Retry rate",
    FRACTION,
    "Share of attempts that fail, are billed and are tried again.",
    Between(0, below=1),
)
FALLBACK_RATE = Quantity(
    "fallback_rate",
    "Fallback rate",
    FRACTION,
    "Share of requests that are answered by another model in the end.",
    SHARE,
)
FALLBACK_COST = Quantity(
    "fallback_cost", "Fallback cost", CURRENCY_PER_REQUEST, "Cost of one request to the fallback model."
)
SERVING_PREMIUM = Quantity(
    "serving_premium",
    "Serving premium",
    FRACTION,
    "Surcharge on the model's own cost, such as reserved capacity: 0.1 is 10 % more.",
)
ACTIVE_USERS = Quantity("active_users", "Active users", USERS, "Users who send requests.")
REQUESTS_PER_USER_PER_DAY = Quantity(
    "requests_per_user_per_day",
    "Requests per user per day",
    REQUESTS_PER_DAY,
    "Requests that one active user sends on a day of use.",
)
DAYS_PER_MONTH = Quantity(
    "days", "Days of use", DAYS, "Days of use in a month: 30, or about 20 for working days.", Between(0, 31)
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
    "Cumulative requests until training and the maintenance up to then are repaid.",
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
    "What the horizon's net savings leave after the training cost.",
    ANY,
)
RETURN_ON_INVESTMENT = Quantity(
    "return_on_investment",
    "ROI",
    FRACTION,
    "Net benefit as a fraction of the incremental investment.",
    ANY,
)
VERDICT = Quantity("verdict", "Verdict", WORDS, "The result in one sentence.", ANY)
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
    "Training budget that is still recovered within the horizon; below 0, none is.",
    ANY,
)
COST_PER_REQUEST = Quantity(
    "cost_per_request", "Cost per request", CURRENCY_PER_REQUEST, "Expected cost of one answered request."
)
REPORT = Quantity("report", "Report", WORDS, "Every result of the business case, with its label.", ANY)

INPUTS = (
    TRAINING_COST,
    MONTHLY_MAINTENANCE,
    BASELINE_COST_PER_REQUEST,
    FINE_TUNED_COST_PER_REQUEST,
    MONTHLY_REQUESTS,
    HORIZON,
)
"""The six inputs of the core family, in the order every function takes them."""

QUANTITIES = {quantity.name: quantity for quantity in tuple(globals().values()) if isinstance(quantity, Quantity)}
"""Every quantity by its name."""


def reference_case() -> dict[str, float]:
    """The six inputs with their default values."""
    return {quantity.name: quantity.default for quantity in INPUTS if quantity.default is not None}
