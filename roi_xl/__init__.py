"""Does fine-tuning this model pay for itself, when, and how sure are we?

Every function takes numbers or NumPy arrays, positionally or by name, in the order
training_cost, monthly_maintenance, baseline_cost_per_request,
fine_tuned_cost_per_request, monthly_requests, months:

>>> import roi_xl
>>> roi_xl.net_benefit(2_500, 100, 0.02, 0.012, 100_000, 12)
5900.0
"""

from typing import TYPE_CHECKING, Any

from roi_xl.checks import checked
from roi_xl.functions import (
    breakeven,
    comparison,
    ledger,
    outcome,
    prices,
    risk,
    savings,
    sensitivity,
    sources,
    targets,
    totals,
    value,
)
from roi_xl.functions.prices import price_of as price_of
from roi_xl.functions.risk import simulate as simulate

__version__ = "0.2.0"

request_savings = checked(savings.request_savings)
monthly_net_savings = checked(savings.monthly_net_savings)
yearly_net_savings = checked(savings.yearly_net_savings)
breakeven_months = checked(breakeven.breakeven_months)
breakeven_requests = checked(breakeven.breakeven_requests)
breakeven_requests_net = checked(breakeven.breakeven_requests_net)
baseline_cost = checked(totals.baseline_cost)
fine_tuned_cost = checked(totals.fine_tuned_cost)
investment = checked(totals.investment)
net_benefit = checked(totals.net_benefit)
roi_percent = checked(totals.roi_percent)
breakeven_volume = checked(targets.breakeven_volume)
breakeven_price = checked(targets.breakeven_price)
max_training_cost = checked(targets.max_training_cost)
verdict = checked(outcome.verdict)
report = checked(outcome.report)
cash_flow = checked(ledger.cash_flow)
npv = checked(value.npv)
irr = checked(value.irr)
irr_all = checked(value.irr_all)
mirr = checked(value.mirr)
payback = checked(value.payback)
discounted_payback = checked(value.discounted_payback)
profitability_index = checked(value.profitability_index)
compare = checked(comparison.compare)
tornado = checked(sensitivity.tornado)
switching_values = checked(sensitivity.switching_values)
monte_carlo = checked(risk.monte_carlo)
model_price = checked(prices.model_price)
training_cost = checked(sources.training_cost)
cost_per_request = checked(sources.cost_per_request)
monthly_requests = checked(sources.monthly_requests)

if TYPE_CHECKING:
    from roi_xl.model import open_model as open_model
    from roi_xl.observed.observe import observe as observe
    from roi_xl.template.build import build_template as build_template


def __getattr__(name: str) -> Any:
    """Load what reads and writes workbooks only when it is asked for."""
    if name == "open_model":
        from roi_xl.model import open_model

        return open_model
    if name == "observe":
        from roi_xl.observed.observe import observe

        return observe
    if name == "build_template":
        from roi_xl.template.build import build_template

        return build_template
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
