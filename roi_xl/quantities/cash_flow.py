"""What is in a month of the cash flow, and what do all months come to?"""

from roi_xl.quantities.quantity import ANY, Kind, Quantity
from roi_xl.quantities.units import (
    COUNT,
    CURRENCY,
    CURRENCY_PER_MONTH,
    CURRENCY_PER_REQUEST,
    DATE,
    FACTOR,
    FRACTION,
    FRACTION_PER_YEAR,
    MONTHS,
    REQUESTS_PER_MONTH,
    WHOLE_MONTHS,
    WORDS,
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
MIGRATION = Quantity(
    "migration",
    "Migration avoided",
    CURRENCY_PER_MONTH,
    "Cost of moving from the baseline to its successor, in the month in which the baseline is retired.",
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
EVENTS_TOLD = Quantity(
    "events_told",
    "At retirement",
    WORDS,
    "What is paid, or avoided, when a model is retired within the horizon.",
    ANY,
    kind=Kind.TEXT,
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
