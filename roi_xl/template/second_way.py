"""What do the columns of the cash flow come to, computed a second way?

Nothing here reads a column that it checks: each total comes from the inputs and the count of
months alone, so that a cell that was typed over shows.
"""

from roi_xl.quantities import DISCOUNT_RATE, QUANTITIES
from roi_xl.template.layout import FIRST_MONTH_ROW, MONTHS_SHOWN, flow, used

MONTHS = f"(ROW({flow('month')})-{FIRST_MONTH_ROW})"
"""Every month from 0 to the last, by where it stands."""

WITHIN = f"({MONTHS}>=1)*({MONTHS}<={used('months')})"
RAMP = f"MAX(1,{used('ramp_months')})"
MOVING = f"(({MONTHS}>={RAMP})+({MONTHS}<{RAMP})*{MONTHS}/{RAMP})"
REQUESTS = f"{WITHIN}*{used('monthly_requests')}*(1+{used('request_growth')})^({MONTHS}*({MONTHS}>0)-({MONTHS}>0))"
MOVED = f"{REQUESTS}*{used('traffic_share')}*{MOVING}"
LATER = f"({MONTHS}-1)/12"
INTERVAL = f"MAX(1,{used('retraining_interval')})"
RETRAINED = f"(MOD({MONTHS},{INTERVAL})<1)*({MONTHS}>=1)*({MONTHS}<{used('months')})*({used('retraining_interval')}>0)"
BASELINE = f"{used('baseline_cost_per_request')}*(1+{used('baseline_price_change')})^({LATER})"
FINE_TUNED = f"{used('fine_tuned_cost_per_request')}*(1+{used('fine_tuned_price_change')})^({LATER})"
LOST = f"({used('baseline_success_rate')}-{used('fine_tuned_success_rate')})*{used('failure_cost')}"
TRAINING = f"({MONTHS}=0)*{used('training_cost')}"
FIXED = f"{WITHIN}*({used('monthly_maintenance')}+{used('monthly_hosting')})+{RETRAINED}*{used('retraining_cost')}"
NET = f"({MOVED}*({BASELINE}-{FINE_TUNED}-{LOST})-({FIXED})-{TRAINING})"
WORTH = f"{NET}/(1+{used(DISCOUNT_RATE.name)})^({MONTHS}/12)"
STILL_TO_COME = f"({MONTHS_SHOWN}+1-{MONTHS})"
"""How many months of the cash flow a month counts in, if what has come together is added up."""

TOTALS = {
    "month": MONTHS,
    "in_horizon": WITHIN,
    "requests": REQUESTS,
    "moved_requests": MOVED,
    "baseline_price": BASELINE,
    "fine_tuned_price": FINE_TUNED,
    "avoided_cost": f"{MOVED}*{BASELINE}",
    "fine_tuned_spend": f"{MOVED}*{FINE_TUNED}",
    "quality_adjustment": f"{MOVED}*{LOST}",
    "maintenance": f"{WITHIN}*{used('monthly_maintenance')}",
    "hosting": f"{WITHIN}*{used('monthly_hosting')}",
    "retraining": f"{RETRAINED}*{used('retraining_cost')}",
    "training": TRAINING,
    "net_cash_flow": NET,
    "discounted": WORTH,
    "cumulative": f"{NET}*{STILL_TO_COME}",
    "cumulative_discounted": f"{WORTH}*{STILL_TO_COME}",
    "baseline_total": f"{MOVED}*{BASELINE}*{STILL_TO_COME}",
    "fine_tuned_total": f"({MOVED}*{BASELINE}-{NET})*{STILL_TO_COME}",
    "chart_month": f"(({MONTHS}<{used('months')})*{MONTHS}+({MONTHS}>={used('months')})*{used('months')})",
}
"""Each column of the cash flow, month by month, from the inputs alone."""


def column_checks() -> list[tuple[str, str, str]]:
    """The sum of every column of the cash flow, and the same from the inputs."""
    return [
        (
            f"Cash flow, “{QUANTITIES[name].label if name in QUANTITIES else name.replace('_', ' ')}”: from the inputs",
            f"SUM({flow(name)})",
            f"SUMPRODUCT({month})",
        )
        for name, month in TOTALS.items()
    ]
