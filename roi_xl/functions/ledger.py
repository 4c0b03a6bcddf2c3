"""What happens month by month?

Each column of the ledger is a small function of other columns and of the program's
inputs, by name. The same functions fill the rows of a table, run over arrays of
drawn cases, and write themselves as the formulas of the workbook.
"""

import functools
import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from typing import Annotated, Any, NamedTuple, ParamSpec, TypeVar

from roi_xl import quantities as q
from roi_xl.describe import Formula
from roi_xl.errors import OutOfBounds, WrongShape
from roi_xl.functions.branch import Number, choose, greatest, least
from roi_xl.functions.savings import MONTHS_PER_YEAR

LONGEST = 1_200
"""The months of the longest ledger: a hundred years."""

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True)
class Program:
    """The inputs of the monthly model: the six, then what makes months differ."""

    training_cost: Number
    monthly_maintenance: Number
    baseline_cost_per_request: Number
    fine_tuned_cost_per_request: Number
    monthly_requests: Number
    months: Number
    discount_rate: Number = 0
    request_growth: Number = 0
    ramp_months: Number = 0
    traffic_share: Number = 1
    baseline_price_change: Number = 0
    fine_tuned_price_change: Number = 0
    monthly_hosting: Number = 0
    retraining_cost: Number = 0
    retraining_interval: Number = 0
    baseline_success_rate: Number = 1
    fine_tuned_success_rate: Number = 1
    failure_cost: Number = 0
    fine_tuned_life: Number = 0
    baseline_life: Number = 0
    migration_cost: Number = 0

    def named(self) -> dict[str, Number]:
        """Every input by name."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


def of(program: Callable[P, Program]) -> Callable[[Callable[[Program], R]], Callable[P, R]]:
    """Turn a function of a program into one that takes the program's inputs as arguments."""

    def taking_inputs(measure: Callable[[Program], R]) -> Callable[P, R]:
        @functools.wraps(measure)
        def formula(*args: P.args, **kwargs: P.kwargs) -> R:
            return measure(program(*args, **kwargs))

        formula.__signature__ = inspect.signature(program)  # type: ignore[attr-defined]
        formula.by_month = True  # type: ignore[attr-defined]
        return formula

    return taking_inputs


# the columns, each of a month


def in_horizon(month: Number, months: Number) -> Annotated[Number, q.IN_HORIZON]:
    """Share of the month within the horizon: 0 in month 0, a fraction in the last month if it is partial."""
    return choose(month > 0, greatest(0, least(1, months - month + 1)), 0)


def requests(
    month: Number, in_horizon: Number, monthly_requests: Number, request_growth: Number
) -> Annotated[Number, q.REQUESTS_OF_MONTH]:
    """Requests of all traffic."""
    return in_horizon * monthly_requests * (1 + request_growth) ** (month - 1)


def moved_requests(
    month: Number, requests: Number, traffic_share: Number, ramp_months: Number
) -> Annotated[Number, q.MOVED_REQUESTS]:
    """Requests that the fine-tuned model answers, on a linear ramp."""
    return requests * traffic_share * least(1, month / greatest(1, ramp_months))


def price_of_month(month: Number, price: Number, change: Number) -> Number:
    """A price that changes by an annual rate, compounded monthly; month 1 has today's price."""
    return price * (1 + change) ** ((month - 1) / MONTHS_PER_YEAR)


def baseline_price(
    month: Number, baseline_cost_per_request: Number, baseline_price_change: Number
) -> Annotated[Number, q.BASELINE_PRICE]:
    """Baseline cost per request."""
    return price_of_month(month, baseline_cost_per_request, baseline_price_change)


def fine_tuned_price(
    month: Number, fine_tuned_cost_per_request: Number, fine_tuned_price_change: Number
) -> Annotated[Number, q.FINE_TUNED_PRICE]:
    """Fine-tuned cost per request."""
    return price_of_month(month, fine_tuned_cost_per_request, fine_tuned_price_change)


def avoided_cost(moved_requests: Number, baseline_price: Number) -> Annotated[Number, q.AVOIDED_COST]:
    """Cost of the moved requests on the baseline."""
    return moved_requests * baseline_price


def ends(month: Number, life: Number) -> Number:
    """1 in the month in which a life ends, whole or in part, and 0 in others; a life of 0 ends before month 1."""
    return choose(month >= life, choose(month < life + 1, 1, 0), 0)


def migration(
    month: Number, months: Number, baseline_life: Number, migration_cost: Number
) -> Annotated[Number, q.MIGRATION]:
    """The migration that the baseline needs when it is retired, but not in the final month."""
    due = choose(month < months, ends(month, baseline_life) * migration_cost, 0)
    return choose(month > 0, due, 0)


def fine_tuned_spend(moved_requests: Number, fine_tuned_price: Number) -> Annotated[Number, q.FINE_TUNED_SPEND]:
    """Cost of the moved requests on the fine-tuned model."""
    return moved_requests * fine_tuned_price


def quality_adjustment(
    moved_requests: Number, baseline_success_rate: Number, fine_tuned_success_rate: Number, failure_cost: Number
) -> Annotated[Number, q.QUALITY_ADJUSTMENT]:
    """Cost of additional failures."""
    return moved_requests * (baseline_success_rate - fine_tuned_success_rate) * failure_cost


def maintenance(in_horizon: Number, monthly_maintenance: Number) -> Annotated[Number, q.MAINTENANCE]:
    """The month's maintenance."""
    return in_horizon * monthly_maintenance


def hosting(in_horizon: Number, monthly_hosting: Number) -> Annotated[Number, q.HOSTING]:
    """The month's hosting."""
    return in_horizon * monthly_hosting


def retraining(
    month: Number,
    months: Number,
    retraining_cost: Number,
    retraining_interval: Number,
    fine_tuned_life: Number,
) -> Annotated[Number, q.RETRAINING]:
    """A retraining after every interval and at retirement, but not in the final month, and not two in a month."""
    interval = greatest(1, retraining_interval)
    planned = choose(retraining_interval > 0, choose(month % interval < 1, 1, 0), 0)
    due = planned + ends(month, fine_tuned_life)
    return choose(month > 0, choose(month < months, choose(due > 0, retraining_cost, 0), 0), 0)


def training(month: Number, training_cost: Number) -> Annotated[Number, q.TRAINING]:
    """The training, paid in month 0."""
    return choose(month > 0, 0, training_cost)


def net_cash_flow(
    avoided_cost: Number,
    migration: Number,
    fine_tuned_spend: Number,
    quality_adjustment: Number,
    maintenance: Number,
    hosting: Number,
    retraining: Number,
    training: Number,
) -> Annotated[Number, q.NET_CASH_FLOW]:
    """Avoided costs less new costs."""
    spent = fine_tuned_spend + quality_adjustment + maintenance + hosting + retraining + training
    return avoided_cost + migration - spent


def discounted(month: Number, net_cash_flow: Number, discount_rate: Number) -> Annotated[Number, q.DISCOUNTED]:
    """The net cash flow, discounted from the month's end to month 0."""
    return net_cash_flow / (1 + discount_rate) ** (month / MONTHS_PER_YEAR)


COLUMNS: tuple[Formula, ...] = (
    in_horizon,
    requests,
    moved_requests,
    baseline_price,
    fine_tuned_price,
    avoided_cost,
    migration,
    fine_tuned_spend,
    quality_adjustment,
    maintenance,
    hosting,
    retraining,
    training,
    net_cash_flow,
    discounted,
)
"""Every column, in dependency order."""

READS = {column: tuple(inspect.signature(column).parameters) for column in COLUMNS}
"""The names each column reads."""

Row = dict[str, Number]


def row(known: Row, month: Number) -> Row:
    """One month: the inputs and every column, by name."""
    values = {**known, "month": month}
    for column in COLUMNS:
        values[column.__name__] = column(*[values[name] for name in READS[column]])
    return values


def rows(program: Program) -> Iterator[Row]:
    """Every month from 0 to the horizon, with running totals."""
    known = program.named()
    together: Number = 0
    together_discounted: Number = 0
    for month in range(last_month(program.months) + 1):
        values = row(known, month)
        together = together + values["net_cash_flow"]
        together_discounted = together_discounted + values["discounted"]
        yield {**values, "cumulative": together, "cumulative_discounted": together_discounted}


def last_month(months: Number) -> int:
    """The month in which the horizon ends; of several horizons, the longest."""
    longest: Any = months if isinstance(months, int | float) else months.max()
    if longest > LONGEST:
        raise OutOfBounds(f"months must be at most {LONGEST:,} for a cash flow by month, got {longest:g}")
    return -int(-longest // 1)


class CashFlowMonth(NamedTuple):
    """One month of the cash flow."""

    month: Annotated[int, q.MONTH]
    in_horizon: Annotated[float, q.IN_HORIZON]
    requests: Annotated[float, q.REQUESTS_OF_MONTH]
    moved_requests: Annotated[float, q.MOVED_REQUESTS]
    baseline_price: Annotated[float, q.BASELINE_PRICE]
    fine_tuned_price: Annotated[float, q.FINE_TUNED_PRICE]
    avoided_cost: Annotated[float, q.AVOIDED_COST]
    migration: Annotated[float, q.MIGRATION]
    fine_tuned_spend: Annotated[float, q.FINE_TUNED_SPEND]
    quality_adjustment: Annotated[float, q.QUALITY_ADJUSTMENT]
    maintenance: Annotated[float, q.MAINTENANCE]
    hosting: Annotated[float, q.HOSTING]
    retraining: Annotated[float, q.RETRAINING]
    training: Annotated[float, q.TRAINING]
    net_cash_flow: Annotated[float, q.NET_CASH_FLOW]
    cumulative: Annotated[float, q.CUMULATIVE]
    discounted: Annotated[float, q.DISCOUNTED]
    cumulative_discounted: Annotated[float, q.CUMULATIVE_DISCOUNTED]


SHOWN = CashFlowMonth._fields
"""The columns of the table, in reading order."""


@of(Program)
def cash_flow(program: Program) -> Annotated[list[CashFlowMonth], q.CASH_FLOW]:
    """Monthly cash flow of the business case, one row per month.

    Formula: net_cash_flow = avoided_cost + migration - fine_tuned_spend - quality_adjustment
    - maintenance - hosting - retraining - training, where in month m requests are
    monthly_requests * (1 + request_growth) ^ (m - 1), of which traffic_share
    * min(1, m / ramp_months) have moved, and each price has changed by
    (1 + its change) ^ ((m - 1) / 12). Training is paid in month 0, all else at the end of
    its month. When the fine-tuned model is retired it is trained again, at the retraining
    cost; when the baseline is, the migration cost is avoided; neither in the last month,
    whose model would serve later ones. Requests that have not moved cost the same either way, and are left out.
    With no options every month is alike, and the sums are those of the closed forms.

    Returns:
        A row for each month from 0 to the horizon, below a heading row in a cell. A
        horizon that ends within a month counts that month in part.

    Example:
        >>> from roi_xl import cash_flow
        >>> months = cash_flow(2_500, 100, 0.02, 0.012, 100_000, 12)
        >>> months[12].cumulative
        5900.0
    """
    if any(getattr(getattr(program, one.name), "ndim", 0) for one in fields(program)):
        raise WrongShape("cash_flow takes single numbers, not arrays: each case has its own table")
    return [CashFlowMonth(*(values[name] for name in SHOWN)) for values in rows(program)]
