"""What do the columns of a cash flow come to, computed a second way?

Nothing here reads a column that it checks: each total comes from the inputs and the count of
months alone, so that a cell that was typed over shows.
"""

from collections.abc import Callable
from dataclasses import dataclass

from roi_xl.quantities import QUANTITIES
from roi_xl.template.check import AMOUNTS, Check, numbers
from roi_xl.template.layout import CHART_COLUMNS, FIRST_ROW, MONTHS_SHOWN, SECOND_COLUMNS, flow, second, used
from roi_xl.xlsx.addresses import column_letters


@dataclass(frozen=True)
class SecondWay:
    """A cash flow from its months and its inputs: how a formula writes each."""

    months: str
    of: Callable[[str], str]

    @property
    def within(self) -> str:
        """1 for each month within the horizon."""
        return f"({self.months}>=1)*({self.months}<={self.of('months')})"

    @property
    def requests(self) -> str:
        """The requests of each month."""
        return f"{self.within}*{self.grown}"

    @property
    def grown(self) -> str:
        """The requests of each month, were it within the horizon."""
        return f"{self.of('monthly_requests')}*{self.grown_of_one}"

    @property
    def grown_of_one(self) -> str:
        """What one request of month 1 has become by each month."""
        m = self.months
        return f"(1+{self.of('request_growth')})^({m}*({m}>0)-({m}>0))"

    @property
    def moved(self) -> str:
        """The requests that have moved, of each month."""
        return f"{self.requests}*{self.share}"

    @property
    def share(self) -> str:
        """The share of each month's requests that has moved."""
        ramp, m = f"MAX(1,{self.of('ramp_months')})", self.months
        return f"{self.of('traffic_share')}*(({m}>={ramp})+({m}<{ramp})*{m}/{ramp})"

    def price(self, way: str) -> str:
        """What a request costs in each month, one way or the other."""
        return f"{self.of(f'{way}_cost_per_request')}*(1+{self.of(f'{way}_price_change')})^(({self.months}-1)/12)"

    @property
    def lost(self) -> str:
        """What a moved request costs on top by failing more often."""
        return f"({self.of('baseline_success_rate')}-{self.of('fine_tuned_success_rate')})*{self.of('failure_cost')}"

    def ended(self, way: str) -> str:
        """1 for the month in which a model is retired."""
        m, life = self.months, self.of(f"{way}_life")
        return f"({m}-{life}>=0)*({m}-{life}<1)*({life}>0)"

    @property
    def not_last(self) -> str:
        """1 for each month within the horizon but for the last."""
        return f"({self.months}>=1)*({self.months}<{self.of('months')})"

    @property
    def retrained(self) -> str:
        """1 for each month with a retraining."""
        m, interval = self.months, self.of("retraining_interval")
        return f"((MOD({m},MAX(1,{interval}))<1)*({interval}>0)+{self.ended('fine_tuned')}>0)*{self.not_last}"

    @property
    def migrated(self) -> str:
        """What the baseline's migration costs, in its month."""
        return f"{self.ended('baseline')}*{self.not_last}*{self.of('migration_cost')}"

    @property
    def training(self) -> str:
        """The training cost, in month 0."""
        return f"({self.months}=0)*{self.of('training_cost')}"

    @property
    def fixed(self) -> str:
        """What each month costs whatever its requests."""
        return f"{self.within}*{self.monthly}+{self.retrained}*{self.of('retraining_cost')}"

    @property
    def monthly(self) -> str:
        """Maintenance and hosting of a month."""
        return f"({self.of('monthly_maintenance')}+{self.of('monthly_hosting')})"

    @property
    def net(self) -> str:
        """The net cash flow of each month."""
        saving = f"({self.price('baseline')}-{self.price('fine_tuned')}-{self.lost})"
        return f"({self.moved}*{saving}+{self.migrated}-({self.fixed})-{self.training})"

    @property
    def worth(self) -> str:
        """The net cash flow of each month, discounted."""
        return f"{self.net}/(1+{self.of('discount_rate')})^({self.months}/12)"


def of_month(column: str) -> str:
    """A cell of the second cash flow in its first row."""
    return f"${column_letters(SECOND_COLUMNS[column])}{FIRST_ROW}"


MONTH = SecondWay(of_month("month"), used)
COLUMNS = {
    "within": MONTH.within,
    "requests": f"{of_month('within')}*{MONTH.grown}",
    "moved": f"{of_month('requests')}*{MONTH.share}",
    "baseline": MONTH.price("baseline"),
    "fine_tuned": MONTH.price("fine_tuned"),
    "fixed": f"{of_month('within')}*{MONTH.monthly}+{MONTH.retrained}*{used('retraining_cost')}",
    "migration": MONTH.migrated,
    "net": f"{of_month('moved')}*({of_month('baseline')}-{of_month('fine_tuned')}-{MONTH.lost})"
    f"+{of_month('migration')}-{of_month('fixed')}-{MONTH.training}",
    "worth": f"{of_month('net')}/(1+{used('discount_rate')})^({of_month('month')}/12)",
}
"""Each column of the second cash flow, in its first row."""

MONTHS, WITHIN, MOVED, BASELINE, FINE_TUNED, FIXED, MIGRATION, NET, WORTH = (
    second(column)
    for column in ("month", "within", "moved", "baseline", "fine_tuned", "fixed", "migration", "net", "worth")
)
STILL_TO_COME = f"({MONTHS_SHOWN}+1-{MONTHS})"
"""How many months of the cash flow a month counts in, if what has come together is added up."""

TOTALS = {
    "month": MONTHS,
    "in_horizon": WITHIN,
    "requests": second("requests"),
    "moved_requests": MOVED,
    "baseline_price": BASELINE,
    "fine_tuned_price": FINE_TUNED,
    "avoided_cost": f"{MOVED}*{BASELINE}",
    "migration": MIGRATION,
    "fine_tuned_spend": f"{MOVED}*{FINE_TUNED}",
    "quality_adjustment": f"{MOVED}*{MONTH.lost}",
    "maintenance": f"{WITHIN}*{used('monthly_maintenance')}",
    "hosting": f"{WITHIN}*{used('monthly_hosting')}",
    "retraining": f"({FIXED}-{WITHIN}*{MONTH.monthly})",
    "training": f"({MONTHS}=0)*{used('training_cost')}",
    "net_cash_flow": NET,
    "discounted": WORTH,
    "cumulative": f"{NET}*{STILL_TO_COME}",
    "cumulative_discounted": f"{WORTH}*{STILL_TO_COME}",
    "baseline_total": f"({MOVED}*{BASELINE}+{MIGRATION})*{STILL_TO_COME}",
    "fine_tuned_total": f"({MOVED}*{BASELINE}+{MIGRATION}-{NET})*{STILL_TO_COME}",
    "chart_month": f"(({MONTHS}<{used('months')})*{MONTHS}+({MONTHS}>={used('months')})*{used('months')})",
}
"""Each column of the cash flow, month by month, from the inputs alone."""


SET_OFF = ("net_cash_flow", "discounted", "cumulative", "cumulative_discounted", "fine_tuned_total")
"""The columns that set amounts off against each other."""

ALL_AGAIN = (
    f"SUMPRODUCT({MOVED}*({BASELINE}+{FINE_TUNED}))+ABS(SUMPRODUCT({MOVED}*{MONTH.lost}))"
    f"+SUM({FIXED},{MIGRATION})+{used('training_cost')}"
)


def scale(name: str) -> str:
    """What makes the differences of a column amounts: a price is told from another by what the requests come to."""
    return f"*{used('monthly_requests')}" if name.endswith("_price") else ""


def column_checks() -> list[Check]:
    """The sum of every column of the cash flow, and the same from the inputs; all amounts together as well."""
    return [
        Check(
            f"Cash flow, “{CHART_COLUMNS.get(name) or QUANTITIES[name].label}” recomputed from the inputs",
            f"SUM({flow(name)}){scale(name)}",
            f"SUMPRODUCT({month}){scale(name)}",
            is_money=name in SET_OFF,
        )
        for name, month in TOTALS.items()
    ] + numbers(("Sum of all amounts, recomputed from the inputs", AMOUNTS, ALL_AGAIN))
