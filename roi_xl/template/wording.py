"""Which parts are the verdict and the decision put together from, each in a cell of its own?"""

from openpyxl.worksheet.worksheet import Worksheet

from roi_xl import quantities as q
from roi_xl import symbols
from roi_xl.functions import decision
from roi_xl.functions.outcome import sign_told
from roi_xl.template import style
from roi_xl.template.layout import OUT_FORMULA, OUT_LABEL, OUT_MEANING, OUT_UNIT, OUT_VALUE, WORDING_ROW, local, used
from roi_xl.template.money import in_words
from roi_xl.template.sheet import header, put

SAME_MONTHS, SHORTFALL, CASH_FLOW_TOLD, SIGN = LINES = (
    "Months alike, no discounting?",
    "If not worth doing",
    "From the cash flow",
    "If every month were alike",
)
"""What stands in each line."""

SAME = (
    "request_growth_used=0,ramp_months_used<=1,traffic_share_used=1,baseline_price_change_used=0,"
    "fine_tuned_price_change_used=0,monthly_hosting_used=0,"
    "retraining_cost_used*(retraining_interval_used+fine_tuned_life_used)=0,migration_cost_used*baseline_life_used=0,"
    "(baseline_success_rate_used-fine_tuned_success_rate_used)*failure_cost_used=0"
)
ALIKE = f"AND({SAME})"
"""Whether every month is like the other, so that the closed forms hold."""


def cell(line: str) -> str:
    """The cell of a line, as its own sheet refers to it."""
    return local(WORDING_ROW + 1 + LINES.index(line), OUT_VALUE)


def decision_told() -> str:
    """The formula of the decision: the simple verdict where it holds, else the one of the cash flow."""
    return f"IF({cell(SAME_MONTHS)},{q.VERDICT.name},{cell(CASH_FLOW_TOLD)})"


def parts(currency: str) -> dict[str, str]:
    """The formula of each line."""
    numbers = {
        "npv": f'"&{in_words(q.NPV.name, currency)}&"',
        "payback": f'"&TEXT({q.PAYBACK.name},"{decision.TIME}")&"',
    }
    worth, even, late, never = (
        f'"{text.format(**numbers)}"'
        for text in (decision.WORTH, decision.EVEN, decision.TOO_LATE, decision.NOT_RECOVERED)
    )
    cents = f"ROUND({q.NPV.name},2)"
    return {
        SAME_MONTHS: f"AND({SAME},{used(q.DISCOUNT_RATE.name)}=0)",
        SHORTFALL: f'IF({cents}>=0,"–",IF(ISNA({q.PAYBACK.name}),{never},{late}))',
        CASH_FLOW_TOLD: f"IF({cents}>0,{worth},IF({cents}=0,{even},{cell(SHORTFALL)}))",
        SIGN: str(sign_told(symbols.name(q.NET_BENEFIT.name))),
    }


def fill_wording(sheet: Worksheet, currency: str) -> None:
    """Write every part of both sentences."""
    header(sheet, WORDING_ROW, ("How the decision is worded", "Value", "", "", ""))
    for line, formula in parts(currency).items():
        row = WORDING_ROW + 1 + LINES.index(line)
        put(sheet, row, OUT_LABEL, line)
        put(sheet, row, OUT_VALUE, f"={formula}", style.CALCULATION, "General", style.INDENTED)
        for column in (OUT_UNIT, OUT_MEANING, OUT_FORMULA):
            put(sheet, row, column, None, style.LABEL)
