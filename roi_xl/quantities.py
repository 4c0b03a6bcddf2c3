"""What is every number: its name, label, unit, bounds, default and meaning?"""

import math
import sys
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

LARGEST = sys.float_info.max
EXAMPLE_CURRENCY = "USD"


@dataclass(frozen=True)
class Unit:
    """What a number counts, as people write it, and with how many decimals it is shown.

    So many further `digits` are shown where they are not 0. An `amount` of money has a number
    format of its own, which a workbook shows as the currency does. Above `most` only that it
    is more is shown: a return of 1,000% a year says enough.
    """

    text: str
    decimals: int = 2
    percent: bool = False
    most: float | None = None
    digits: int = 0
    amount: bool = False

    def named(self, currency: str = "currency") -> str:
        """The unit with a currency code in place, such as `EUR / month`."""
        return self.text.format(currency=currency)

    def beside(self) -> str:
        """The unit as it follows a shown number, which has the % sign already.

        >>> FRACTION_PER_YEAR.beside(), CURRENCY_PER_MONTH.beside()
        ('/ year', 'currency / month')
        """
        return self.named().removeprefix("%").strip()

    def shown(self, value: float) -> str:
        """A number as a cell in this unit shows it."""
        if self.most is not None and value > self.most:
            return f">{self.most:,.0%}"
        if self.percent:
            return f"{value:,.{self.decimals}%}"
        text = f"{value:,.{self.decimals + self.digits}f}"
        return text.rstrip("0").ljust(len(text) - self.digits, "0") if self.digits else text

    @property
    def number_format(self) -> str:
        """The number format of a cell in this unit; negative numbers stand in parentheses."""
        whole, fraction = "0" if self.percent else "#,##0", "0" * self.decimals + "#" * self.digits
        shape = whole + (f".{fraction}" if fraction else "") + ("%" if self.percent else "")
        if self.most is None:
            return f"{shape}_);\\({shape}\\)" if self.amount else f"{shape}_);({shape})"
        return f'[>{self.most:g}]"{self.shown(math.inf)}"_);[<0]({shape});{shape}_)'


@dataclass(frozen=True)
class Between:
    """The values a number may take; `below` is a bound that is itself not allowed."""

    low: float | None = 0
    high: float | None = None
    below: float | None = None

    def rule(self, shown: Callable[[float], str] = "{:g}".format) -> str:
        """The bounds in words, such as `at least 0`."""
        parts = [
            f"{word} {shown(bound)}"
            for word, bound in (("at least", self.low), ("at most", self.high), ("below", self.below))
            if bound is not None
        ]
        return " and ".join(parts) or "a finite number"


ANY = Between(low=None)
SHARE = Between(0, 1)


class Kind(Enum):
    """What a quantity is made of: one number, one text, or a range of cells as a whole."""

    NUMBER = "number"
    TEXT = "text"
    RANGE = "range"


@dataclass(frozen=True, repr=False)
class Quantity:
    """One number of the business case, described once for every place that shows it.

    `may_be_never`: infinite is #N/A in a cell. `may_have_no_solution`: undefined is #NUM!
    there, and not #DIV/0!. `options`: the words of a choice, the default first.
    """

    name: str
    label: str
    unit: Unit
    meaning: str
    bounds: Between = Between()
    default: float | None = None
    may_be_never: bool = False
    may_have_no_solution: bool = False
    kind: Kind = Kind.NUMBER
    options: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return self.name

    def help(self, currency: str = "currency") -> str:
        """One line for a function wizard: what it is, in which unit, within which bounds."""
        if self.kind is not Kind.NUMBER:
            return self.meaning
        typed = ", given as a fraction" if self.unit.percent else ""
        return f"{self.meaning} Unit: {self.unit.named(currency)}{typed}; {self.bounds.rule()}."


CURRENCY = Unit("{currency}", amount=True)
CURRENCY_PER_MONTH = Unit("{currency} / month", amount=True)
CURRENCY_PER_YEAR = Unit("{currency} / year", amount=True)
CURRENCY_PER_HOUR = Unit("{currency} / hour", amount=True)
CURRENCY_PER_REQUEST = Unit("{currency} / request", decimals=4, digits=4)
CURRENCY_PER_MILLION_TOKENS = Unit("{currency} / million tokens")
CURRENCY_OR_HOURS = Unit("hours, or {currency} without a rate")
REQUESTS = Unit("requests")
REQUESTS_PER_MONTH = Unit("requests / month", decimals=0)
REQUESTS_PER_DAY = Unit("requests / user / day")
MONTHS = Unit("months")
WHOLE_MONTHS = Unit("months", decimals=0)
DAYS = Unit("days / month", decimals=0)
USERS = Unit("users", decimals=0)
TOKENS = Unit("tokens / request", decimals=0)
FRACTION = Unit("%", percent=True)
FRACTION_PER_MONTH = Unit("% / month", percent=True)
FRACTION_PER_YEAR = Unit("% / year", percent=True, most=10)
FACTOR = Unit("times")
COUNT = Unit("number", decimals=0)
TOKENS_IN_ALL = Unit("tokens", decimals=0)
WORDS = Unit("text")
DATE = Unit("date", decimals=0)

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
    "Annual cost of capital; each month is discounted at its twelfth root.",
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
    "Months until all of that traffic has moved, in equal steps; 0 or 1 moves it all in month 1.",
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
    "Months between trainings; 0 means never. None falls in the last month: its model would serve later months.",
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

PROVIDER_CHARGES = Quantity(
    "provider_charges",
    "Provider charges",
    CURRENCY,
    "What the provider and other vendors charge for training.",
)
DATA_PREPARATION = Quantity(
    "data_preparation",
    "Data preparation",
    CURRENCY_OR_HOURS,
    "Collecting, cleaning and formatting the training data.",
)
LABELLING = Quantity("labelling", "Labeling", CURRENCY_OR_HOURS, "Writing or reviewing the target answers.")
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
    "Running the training and integrating the model into the product.",
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
    "Cost of one hour of work; if left out, the five work items are amounts of money.",
)

TRAINING_TOKENS = Quantity(
    "training_tokens", "Training tokens", TOKENS_IN_ALL, "Tokens of the training file, each counted once."
)
EPOCHS = Quantity("epochs", "Epochs", COUNT, "Number of passes over the training file.")
TRAINING_PRICE = Quantity(
    "training_price",
    "Training price",
    CURRENCY_PER_MILLION_TOKENS,
    "Provider's price per million training tokens.",
)

INPUT_TOKENS = Quantity("input_tokens", "Input tokens", TOKENS, "Tokens sent to the model in one attempt.")
OUTPUT_TOKENS = Quantity("output_tokens", "Output tokens", TOKENS, "Tokens the model writes in one attempt.")
INPUT_PRICE = Quantity("input_price", "Input price", CURRENCY_PER_MILLION_TOKENS, "Price per million input tokens.")
OUTPUT_PRICE = Quantity("output_price", "Output price", CURRENCY_PER_MILLION_TOKENS, "Price per million output tokens.")
CACHED_SHARE = Quantity("cached_share", "Cached share", FRACTION, "Share of input tokens read from a cache.", SHARE)
CACHED_PRICE = Quantity(
    "cached_price",
    "Cached price",
    CURRENCY_PER_MILLION_TOKENS,
    "Price per million cached input tokens; the input price if left out.",
)
RETRY_RATE = Quantity(
    "retry_rate",
    "Retry rate",
    FRACTION,
    "Share of attempts that fail, are billed, and are retried.",
    Between(0, below=1),
)
FALLBACK_RATE = Quantity(
    "fallback_rate",
    "Fallback rate",
    FRACTION,
    "Share of requests ultimately answered by another model.",
    SHARE,
)
FALLBACK_COST = Quantity(
    "fallback_cost", "Fallback cost", CURRENCY_PER_REQUEST, "Cost of one request to the fallback model."
)
SERVING_PREMIUM = Quantity(
    "serving_premium",
    "Serving premium",
    FRACTION,
    "Surcharge on the model's own cost, such as reserved capacity: 0.1 is 10% more.",
)
BATCH_SHARE = Quantity(
    "batch_share", "Share in batches", FRACTION, "Share of requests that can wait for a batch.", SHARE
)
BATCH_DISCOUNT = Quantity(
    "batch_discount", "Batch discount", FRACTION, "Discount on batch requests: 0.5 is half price.", SHARE
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

MONTH = Quantity("month", "Month", WHOLE_MONTHS, "Months since the training, which is month 0.")
IN_HORIZON = Quantity("in_horizon", "In horizon", MONTHS, "Share of the month that lies within the horizon.")
REQUESTS_OF_MONTH = Quantity("requests", "Requests", REQUESTS_PER_MONTH, "Requests of all traffic, with growth.")
MOVED_REQUESTS = Quantity(
    "moved_requests", "Moved requests", REQUESTS_PER_MONTH, "Requests that the fine-tuned model answers."
)
BASELINE_PRICE = Quantity(
    "baseline_price", "Baseline price", CURRENCY_PER_REQUEST, "Baseline cost per request in this month."
)
FINE_TUNED_PRICE = Quantity(
    "fine_tuned_price", "Fine-tuned price", CURRENCY_PER_REQUEST, "Fine-tuned cost per request in this month."
)
AVOIDED_COST = Quantity(
    "avoided_cost",
    "Baseline cost avoided",
    CURRENCY_PER_MONTH,
    "What the moved requests would cost on the baseline.",
)
FINE_TUNED_SPEND = Quantity(
    "fine_tuned_spend", "Fine-tuned cost", CURRENCY_PER_MONTH, "What the moved requests cost on the fine-tuned model."
)
QUALITY_ADJUSTMENT = Quantity(
    "quality_adjustment",
    "Quality adjustment",
    CURRENCY_PER_MONTH,
    "Cost of requests that fail on the fine-tuned model and would not on the baseline; negative the other way round.",
    ANY,
)
MAINTENANCE = Quantity("maintenance", "Maintenance", CURRENCY_PER_MONTH, "Monthly maintenance.")
HOSTING = Quantity("hosting", "Hosting", CURRENCY_PER_MONTH, "Monthly hosting.")
RETRAINING = Quantity("retraining", "Retraining", CURRENCY_PER_MONTH, "Retraining that falls into the month.")
TRAINING = Quantity("training", "Training", CURRENCY_PER_MONTH, "The training cost, in month 0.")
NET_CASH_FLOW = Quantity(
    "net_cash_flow", "Net cash flow", CURRENCY_PER_MONTH, "What the month saves less what it costs.", ANY
)
CUMULATIVE = Quantity("cumulative", "Cumulative", CURRENCY, "Net cash flow of all months so far.", ANY)
DISCOUNTED = Quantity("discounted", "Discounted", CURRENCY_PER_MONTH, "Net cash flow, discounted to month 0.", ANY)
CUMULATIVE_DISCOUNTED = Quantity(
    "cumulative_discounted", "Cumulative discounted", CURRENCY, "Discounted cash flow of all months so far.", ANY
)

NPV = Quantity(
    "net_present_value",
    "Net present value",
    CURRENCY,
    "All cash flows discounted to month 0; worth doing if above 0.",
    ANY,
)
IRR = Quantity(
    "internal_rate_of_return",
    "Internal rate of return",
    FRACTION_PER_YEAR,
    "Discount rate at which the net present value is 0; #NUM! if there is none, or more than one.",
    ANY,
    may_have_no_solution=True,
)
MIRR = Quantity(
    "modified_rate_of_return",
    "Modified internal rate of return",
    FRACTION_PER_YEAR,
    "Annual return with costs financed, and gains reinvested, at the discount rate.",
    ANY,
)
PAYBACK = Quantity(
    "payback",
    "Payback",
    MONTHS,
    "Months until the cumulative cash flow is back at 0 for good; #N/A if that is not within the horizon.",
    may_be_never=True,
)
DISCOUNTED_PAYBACK = Quantity(
    "discounted_payback",
    "Discounted payback",
    MONTHS,
    "The payback of the discounted cash flow; #N/A if that is not within the horizon.",
    may_be_never=True,
)
PROFITABILITY_INDEX = Quantity(
    "profitability_index",
    "Profitability index",
    FACTOR,
    "Present value of all cash flows after month 0, divided by the training cost; worth doing if above 1.",
    ANY,
)
PEAK_FUNDING = Quantity(
    "peak_funding", "Peak funding", CURRENCY, "Lowest point of the cumulative cash flow: the most cash tied up."
)
PEAK_MONTH = Quantity("peak_month", "Month of peak funding", WHOLE_MONTHS, "Month in which the most cash is tied up.")
DECISION = Quantity(
    "decision", "Decision", WORDS, "The result in one sentence, from the cash flow.", ANY, kind=Kind.TEXT
)
LEDGER_BENEFIT = Quantity(
    "ledger_benefit",
    "Net benefit",
    CURRENCY,
    "Net cash flow of the whole horizon, with ramp, growth, price changes, hosting, retraining and quality.",
    ANY,
)
LEDGER_RETURN = Quantity(
    "ledger_return",
    "ROI on incremental investment",
    FRACTION,
    "Net benefit from the cash flow, divided by the costs of training, maintenance, hosting and retraining.",
    ANY,
)
DISCOUNTED_RETURN = Quantity(
    "discounted_return",
    "ROI, discounted",
    FRACTION,
    "Net present value, divided by the present value of training, maintenance, hosting and retraining.",
    ANY,
)
TOTAL_COST_RETURN = Quantity(
    "total_cost_return",
    "ROI on total cost",
    FRACTION,
    "Net benefit from the cash flow, divided by all that the fine-tuned model costs, its requests included.",
    ANY,
)
CHOSEN_RETURN = Quantity("roi", "ROI as chosen", FRACTION, "The return on investment shown on page one.", ANY)
TURNS = Quantity(
    "what_turns_it",
    "What would flip the answer",
    WORDS,
    "The smallest change that flips the answer.",
    ANY,
    kind=Kind.TEXT,
)
SOURCES_TOLD = Quantity(
    "sources_told", "Sources", WORDS, "How many inputs are examples or have no source yet.", ANY, kind=Kind.TEXT
)
LIFE_TOLD = Quantity(
    "life_told", "Retirement", WORDS, "A horizon that goes beyond the life of a model.", ANY, kind=Kind.TEXT
)
BLANKS_TOLD = Quantity(
    "blanks_told", "Blank options", WORDS, "The options that are blank, with their defaults.", ANY, kind=Kind.TEXT
)
MONTH_END = Quantity("month_end", "Month end", DATE, "The last day of the month, if a start month is given.")
FISCAL_YEAR = Quantity(
    "fiscal_year",
    "Fiscal year",
    COUNT,
    "The calendar year in which the fiscal year ends; without a start month, the year since the training.",
)
START_MONTH = Quantity(
    "start_month",
    "Start month",
    DATE,
    "Any day of month 1, the first with the fine-tuned model; training is paid in the month before. Blank: no dates.",
    Between(32, 2_958_465),
)
FISCAL_YEAR_START = Quantity(
    "fiscal_year_start",
    "Fiscal year begins in month",
    COUNT,
    "1 is January, 10 is October; totals by fiscal year are below the cash flow.",
    Between(1, 12),
    default=1,
)
BASELINE_RETIREMENT = Quantity(
    "baseline_retirement",
    "Baseline model retired on",
    DATE,
    "Last day on which the provider serves the baseline model, as it announced; blank: none is known.",
    Between(32, 2_958_465),
)
FINE_TUNED_RETIREMENT = Quantity(
    "fine_tuned_retirement",
    "Fine-tuned model retired on",
    DATE,
    "Last day on which the provider serves the fine-tuned model, which is retired with its base model; "
    "blank: none is known.",
    Between(32, 2_958_465),
)
AT_RETIREMENT = Quantity(
    "at_retirement",
    "When a model is retired",
    WORDS,
    "What to do about a horizon beyond the life of a model: flag it on page one, or end the cash flow there.",
    ANY,
    kind=Kind.TEXT,
    options=("Flag it", "End the cash flow"),
)
MODEL_LIFE = Quantity(
    "model_life",
    "Life of both models",
    WHOLE_MONTHS,
    "Full months from the start month until the first model is retired; needs a start month.",
)
ROI_BASIS = Quantity(
    "roi_basis",
    "ROI is based on",
    WORDS,
    "Denominator of the ROI on page one: incremental investment, its present value (discounted), or total cost.",
    ANY,
    kind=Kind.TEXT,
    options=("Incremental investment", "Discounted", "Total cost"),
)

CASH_FLOW = Quantity(
    "cash_flow", "Cash flow", WORDS, "Every month of the business case, with headings.", ANY, kind=Kind.RANGE
)
RATES = Quantity(
    "rates",
    "Rates of return",
    FRACTION_PER_YEAR,
    "Every internal rate of return.",
    ANY,
    may_have_no_solution=True,
    kind=Kind.RANGE,
)
OPTIONS = Quantity(
    "options",
    "Options",
    WORDS,
    "One row for each option: its name, one-time cost, monthly cost and cost per request; then, where they matter, "
    "its share of traffic, success rate and retraining cost.",
    kind=Kind.RANGE,
)
COMPARISON = Quantity(
    "comparison",
    "Comparison",
    WORDS,
    "Every option with its results, its rank and what dominates it.",
    ANY,
    may_be_never=True,
    kind=Kind.RANGE,
)
INPUT_RANGE = Quantity(
    "inputs",
    "Inputs",
    WORDS,
    "The inputs in their usual order, as a row or a column: the six, then options as in ROI_NPV.",
    kind=Kind.RANGE,
)
LOW = Quantity(
    "low", "Low", WORDS, "The low value of each input, in the same order; blank to leave it as it is.", kind=Kind.RANGE
)
HIGH = Quantity(
    "high",
    "High",
    WORDS,
    "The high value of each input, in the same order; blank to leave it as it is.",
    kind=Kind.RANGE,
)
MEASURE = Quantity(
    "measure",
    "Measure",
    WORDS,
    "Which result, by its name: npv, net_benefit, roi_percent, payback and so on; npv if left out.",
    kind=Kind.TEXT,
)
TORNADO = Quantity(
    "tornado",
    "Tornado",
    WORDS,
    "Every input's effect on a result, the largest first.",
    ANY,
    may_be_never=True,
    kind=Kind.RANGE,
)
SWITCHING = Quantity(
    "switching",
    "Switching values",
    WORDS,
    "Where the net present value turns zero.",
    ANY,
    may_be_never=True,
    kind=Kind.RANGE,
)
DISTRIBUTIONS = Quantity(
    "distributions",
    "Distributions",
    WORDS,
    "One row for each input: its name, a distribution, and two or three numbers: PERT or triangular with low, most "
    "likely and high; uniform with low and high; normal or lognormal with mean and standard deviation; fixed.",
    kind=Kind.RANGE,
)
DRAWS = Quantity("draws", "Draws", COUNT, "Number of cases drawn.", Between(16, 1_000_000), default=4_096)
SEED = Quantity("seed", "Seed", COUNT, "The same seed gives the same draws.", Between(0, 2**31 - 1), default=1)
CORRELATIONS = Quantity(
    "correlations",
    "Correlations",
    WORDS,
    "A square of correlations, its rows and columns in the order of the distributions; none if left out.",
    kind=Kind.RANGE,
)
MODEL = Quantity(
    "model",
    "Model",
    WORDS,
    "A model's name as its provider writes it, such as gpt-4o-mini.",
    kind=Kind.TEXT,
)
PRICE_KIND = Quantity(
    "kind",
    "Kind of price",
    WORDS,
    "input, output, cached (input from the cache), training, training_hour or hosting.",
    kind=Kind.TEXT,
)
PRICE_DATE = Quantity(
    "price_date", "Date", DATE, "The day on which the price holds; the newest price if left out.", Between(1, 2_958_465)
)
MODEL_PRICE = Quantity(
    "model_price", "Price of a model", CURRENCY_PER_MILLION_TOKENS, "What a model costs, by a dated public source."
)
RISK = Quantity("risk", "Risk", WORDS, "How sure the net present value is.", ANY, kind=Kind.RANGE)

INPUTS = (
    TRAINING_COST,
    MONTHLY_MAINTENANCE,
    BASELINE_COST_PER_REQUEST,
    FINE_TUNED_COST_PER_REQUEST,
    MONTHLY_REQUESTS,
    HORIZON,
)
"""The six inputs of the core family, in the order every function takes them."""

PROGRAMME = (
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
)
"""The inputs that make months differ, in argument order; each defaults to no effect."""

CHOICES = (
    ROI_BASIS,
    START_MONTH,
    FISCAL_YEAR_START,
    BASELINE_RETIREMENT,
    FINE_TUNED_RETIREMENT,
    AT_RETIREMENT,
)
"""What is chosen in the workbook, besides the inputs."""

MODEL_INPUTS = (*INPUTS, *PROGRAMME)
"""Every input of the monthly model, in the order of its arguments."""

QUANTITIES = {quantity.name: quantity for quantity in tuple(globals().values()) if isinstance(quantity, Quantity)}
"""Every quantity by its name."""


def reference_case() -> dict[str, float]:
    """The six inputs with their default values."""
    return {quantity.name: quantity.default for quantity in INPUTS if quantity.default is not None}
