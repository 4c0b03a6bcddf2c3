"""Which of several options is best?"""

from dataclasses import dataclass
from typing import Annotated, Any, NamedTuple

from roi_xl import quantities as q
from roi_xl.errors import WrongShape
from roi_xl.functions.branch import Number
from roi_xl.functions.ledger import Program
from roi_xl.functions.ranges import Range, in_rows, number
from roi_xl.functions.returns import roi_on_investment
from roi_xl.functions.value import ledger_benefit, npv, payback

COLUMNS = (
    q.TRAINING_COST,
    q.MONTHLY_MAINTENANCE,
    q.FINE_TUNED_COST_PER_REQUEST,
    q.TRAFFIC_SHARE,
    q.FINE_TUNED_SUCCESS_RATE,
    q.RETRAINING_COST,
)
"""The columns of an option after its name; the last three are optional."""

FEWEST_COLUMNS = 3
BY_NONE = "–"


class ComparedOption(NamedTuple):
    """One option's results and rank."""

    option: Annotated[str, "Option"]
    net_benefit: Annotated[float, "Net benefit"]
    roi_percent: Annotated[float, "ROI"]
    payback: Annotated[float, "Payback"]
    npv: Annotated[float, "Net present value"]
    rank: Annotated[int, "Rank"]
    dominated_by: Annotated[str, "Dominated by"]


@dataclass(frozen=True)
class Option:
    """One option and its net present value."""

    name: str
    program: Program
    npv: float

    def beats(self, other: "Option") -> bool:
        """Whether this is at least as good in money and quality, and better in one."""
        mine, theirs = ((option.npv, option.program.fine_tuned_success_rate) for option in (self, other))
        return mine != theirs and mine[0] >= theirs[0] and mine[1] >= theirs[1]


def compare(
    options: Range,
    baseline_cost_per_request: Number,
    monthly_requests: Number,
    months: Number,
    discount_rate: Number = 0,
    request_growth: Number = 0,
    ramp_months: Number = 0,
    baseline_price_change: Number = 0,
    fine_tuned_price_change: Number = 0,
    retraining_interval: Number = 0,
    baseline_success_rate: Number = 1,
    failure_cost: Number = 0,
    fine_tuned_life: Number = 0,
) -> Annotated[list[ComparedOption], q.COMPARISON]:
    """Options side by side: benefit, ROI, payback, present value, rank.

    Formula: for each option the ledger of ROI_CASHFLOW against the same baseline. Ranks
    go by net present value. An option is dominated if another has no lower net present
    value and no lower success rate, and one of them is higher.

    Returns:
        A row for each option, below a heading row in a cell: name, net benefit, ROI,
        payback in months, net present value, rank, and the best option that dominates it.

    Example:
        >>> from roi_xl import compare
        >>> ways = [("Prompt engineering", 500, 0, 0.018), ("Fine-tune", 2_500, 100, 0.012)]
        >>> for row in compare(ways, 0.02, 100_000, 12):
        ...     print(row.option, round(row.net_benefit), row.rank, row.dominated_by)
        Prompt engineering 1900 2 Fine-tune
        Fine-tune 5900 1 –
    """
    shared = {
        "baseline_cost_per_request": baseline_cost_per_request,
        "monthly_requests": monthly_requests,
        "months": months,
        "discount_rate": discount_rate,
        "request_growth": request_growth,
        "ramp_months": ramp_months,
        "baseline_price_change": baseline_price_change,
        "fine_tuned_price_change": fine_tuned_price_change,
        "retraining_interval": retraining_interval,
        "baseline_success_rate": baseline_success_rate,
        "failure_cost": failure_cost,
        "fine_tuned_life": fine_tuned_life,
    }
    known = {name: number(q.QUANTITIES[name], value) for name, value in shared.items()}
    found = [option_of(row, known) for row in in_rows(options, q.OPTIONS)]
    return [result(option, found) for option in found]


def option_of(row: list[Any], shared: dict[str, float]) -> Option:
    """One row of the range as an option."""
    name, *cells = row
    if not FEWEST_COLUMNS <= len(cells) <= len(COLUMNS):
        raise WrongShape(
            f"options must have {FEWEST_COLUMNS + 1} to {len(COLUMNS) + 1} columns, got {len(row)} ({name})"
        )
    cells += [None] * (len(COLUMNS) - len(cells))
    own = {known.name: number(known, cell, f" of {name}") for known, cell in zip(COLUMNS, cells, strict=True)}
    program = Program(**shared, **own)
    return Option(named(name), program, npv(*program.named().values()))


def named(cell: Any) -> str:
    """What an option is called, as its cell shows it."""
    if cell is None:
        return ""
    return f"{cell:.15g}" if isinstance(cell, float) else str(cell)


def result(option: Option, options: list[Option]) -> ComparedOption:
    """One option's row of the table."""
    rank = 1 + sum(other.npv > option.npv for other in options)
    better = [other for other in options if other.beats(option)]
    return ComparedOption(
        option.name,
        ledger_benefit(option.program),
        roi_on_investment(*option.program.named().values()),
        payback(*option.program.named().values()),
        option.npv,
        rank,
        max(better, key=lambda other: other.npv).name if better else BY_NONE,
    )
