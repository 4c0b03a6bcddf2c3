"""What can a spreadsheet call?"""

from roi_xl.describe import Formula
from roi_xl.functions import (
    breakeven,
    comparison,
    ledger,
    outcome,
    prices,
    returns,
    risk,
    savings,
    sensitivity,
    sources,
    targets,
    totals,
    value,
)

CATALOG: dict[str, Formula] = {
    "ROI_REQUEST_SAVINGS": savings.request_savings,
    "ROI_MONTHLY_NET_SAVINGS": savings.monthly_net_savings,
    "ROI_YEARLY_NET_SAVINGS": savings.yearly_net_savings,
    "ROI_BREAKEVEN_MONTHS": breakeven.breakeven_months,
    "ROI_BREAKEVEN_REQUESTS": breakeven.breakeven_requests,
    "ROI_BREAKEVEN_REQUESTS_NET": breakeven.breakeven_requests_net,
    "ROI_BASELINE_COST": totals.baseline_cost,
    "ROI_FINE_TUNED_COST": totals.fine_tuned_cost,
    "ROI_INVESTMENT": totals.investment,
    "ROI_NET_BENEFIT": totals.net_benefit,
    "ROI_PERCENT": totals.roi_percent,
    "ROI_BREAKEVEN_VOLUME": targets.breakeven_volume,
    "ROI_BREAKEVEN_PRICE": targets.breakeven_price,
    "ROI_MAX_TRAINING_COST": targets.max_training_cost,
    "ROI_VERDICT": outcome.verdict,
    "ROI_REPORT": outcome.report,
    "ROI_CASHFLOW": ledger.cash_flow,
    "ROI_NPV": value.npv,
    "ROI_IRR": value.irr,
    "ROI_IRR_ALL": value.irr_all,
    "ROI_MIRR": value.mirr,
    "ROI_PAYBACK": value.payback,
    "ROI_DISCOUNTED_PAYBACK": value.discounted_payback,
    "ROI_PROFITABILITY_INDEX": value.profitability_index,
    "ROI_ON_INVESTMENT": returns.roi_on_investment,
    "ROI_DISCOUNTED": returns.roi_discounted,
    "ROI_ON_TOTAL_COST": returns.roi_on_total_cost,
    "ROI_COMPARE": comparison.compare,
    "ROI_TORNADO": sensitivity.tornado,
    "ROI_SWITCHING_VALUES": sensitivity.switching_values,
    "ROI_MONTE_CARLO": risk.monte_carlo,
    "ROI_MODEL_PRICE": prices.model_price,
    "ROI_TRAINING_COST": sources.training_cost,
    "ROI_COST_PER_REQUEST": sources.cost_per_request,
    "ROI_MONTHLY_REQUESTS": sources.monthly_requests,
}
"""Every function by its Excel name."""

EXCEL_NAMES = {formula: name for name, formula in CATALOG.items()}
"""The Excel name of each formula."""
