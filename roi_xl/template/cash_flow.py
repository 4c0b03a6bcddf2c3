"""The Cash flow sheet: the same business case month by month."""

from openpyxl.formatting.rule import FormulaRule
from openpyxl.worksheet.worksheet import Worksheet

from roi_xl.quantities import CURRENCY, MONTHS, REQUESTS_PER_MONTH
from roi_xl.template import style
from roi_xl.template.layout import (
    CF_BASELINE,
    CF_BASELINE_TOTAL,
    CF_CHART_MONTH,
    CF_CUMULATIVE,
    CF_FINE_TUNED,
    CF_FINE_TUNED_TOTAL,
    CF_MAINTENANCE,
    CF_MONTH,
    CF_NET,
    CF_REQUESTS,
    CF_SHARE,
    CF_TRAINING,
    FIRST_MONTH_ROW,
    HEADER_ROW,
    LAST_MONTH_ROW,
    MONTHS_SHOWN,
    POINT_ROW,
    area,
    local,
)
from roi_xl.template.sheet import finish, head, header, put

HEADINGS = (
    "Month",
    "Share in horizon",
    "Requests",
    "Baseline cost",
    "Fine-tuned requests",
    "Maintenance",
    "Training",
    "Net cash flow",
    "Cumulative net",
    "Baseline, cumulative",
    "Fine-tuned, cumulative",
    "Month in chart",
)


def fill_cash_flow(sheet: Worksheet, currency: str) -> None:
    """Write the ledger: one formula for each column, the same in every row."""
    subtitle = (
        f"Amounts in {currency}. Months beyond the horizon are grey and add nothing; up to {MONTHS_SHOWN} months."
    )
    head(sheet, "Cash flow", subtitle, (9, 12, 14, 14, 14, 14, 14, 14, 14, 14, 14, 12))
    header(sheet, HEADER_ROW, HEADINGS, numeric=range(CF_SHARE, CF_CHART_MONTH + 1))
    for row in range(FIRST_MONTH_ROW, LAST_MONTH_ROW + 1):
        for column, formula in formulas(row).items():
            look = style.LABEL if column == CF_MONTH else style.CALCULATION
            put(sheet, row, column, formula, look, number_format(column))
        sheet.cell(row, CF_MONTH).alignment = style.INDENTED
    point(sheet)
    colours(sheet)
    sheet.print_title_rows = f"{HEADER_ROW}:{HEADER_ROW}"
    finish(sheet, POINT_ROW, CF_CHART_MONTH)


def formulas(row: int) -> dict[int, str | int]:
    """The formula of each column in one row; the first row is month 0, when training is paid."""

    def here(column: int) -> str:
        return local(row, column)

    def so_far(first: int, last: int) -> str:
        return f"=SUM({local(FIRST_MONTH_ROW, first)[:1]}${FIRST_MONTH_ROW}:{here(last)})"

    month, share, requests = here(CF_MONTH), here(CF_SHARE), here(CF_REQUESTS)
    return {
        CF_MONTH: 0 if row == FIRST_MONTH_ROW else f"={local(row - 1, CF_MONTH)}+1",
        CF_SHARE: f"=IF({month}>0,MAX(0,MIN(1,months_used-{month}+1)),0)",
        CF_REQUESTS: f"={share}*monthly_requests_used",
        CF_BASELINE: f"={requests}*baseline_cost_per_request_used",
        CF_FINE_TUNED: f"={requests}*fine_tuned_cost_per_request_used",
        CF_MAINTENANCE: f"={share}*monthly_maintenance_used",
        CF_TRAINING: f"=IF({month}=0,training_cost_used,0)",
        CF_NET: f"={here(CF_BASELINE)}-SUM({here(CF_FINE_TUNED)}:{here(CF_TRAINING)})",
        CF_CUMULATIVE: so_far(CF_NET, CF_NET),
        CF_BASELINE_TOTAL: so_far(CF_BASELINE, CF_BASELINE),
        CF_FINE_TUNED_TOTAL: so_far(CF_FINE_TUNED, CF_TRAINING),
        CF_CHART_MONTH: f"=MIN({month},months_used)",
    }


def number_format(column: int) -> str:
    """How a column shows its numbers; nothing is a dash."""
    if column == CF_MONTH:
        return "0"
    if column in (CF_SHARE, CF_CHART_MONTH):
        return MONTHS.number_format
    unit = REQUESTS_PER_MONTH if column == CF_REQUESTS else CURRENCY
    return f'{unit.number_format};"–"_)'


def point(sheet: Worksheet) -> None:
    """The break-even point that the chart marks, where it lies within the horizon."""
    put(sheet, POINT_ROW - 1, CF_MONTH, "Break-even point for the chart (#N/A: outside the horizon)", style.SUBTITLE)
    inside = "=IF(breakeven_months<=months_used,breakeven_months,NA())"
    put(sheet, POINT_ROW, CF_MONTH, inside, style.CALCULATION, MONTHS.number_format)
    cost = f"={local(POINT_ROW, CF_MONTH)}*monthly_requests_used*baseline_cost_per_request_used"
    put(sheet, POINT_ROW, CF_SHARE, cost, style.CALCULATION, "#,##0")


def colours(sheet: Worksheet) -> None:
    """Grey beyond the horizon; red while the money is out; green in the month it is back."""
    first, whole = FIRST_MONTH_ROW, area(FIRST_MONTH_ROW, CF_MONTH, LAST_MONTH_ROW, CF_CHART_MONTH)
    month, cumulative = f"${local(first, CF_MONTH)}", f"${local(first, CF_CUMULATIVE)}"
    before = f"N(${local(first - 1, CF_CUMULATIVE)})"
    beyond = FormulaRule(formula=[f"{month}>=months_used+1"], font=style.font(color=style.RULE), stopIfTrue=True)
    back = FormulaRule(formula=[f"AND({cumulative}>=0,{before}<0)"], fill=style.highlight(style.GREEN_FILL))
    column = area(first, CF_CUMULATIVE, LAST_MONTH_ROW, CF_CUMULATIVE)
    out = FormulaRule(formula=[f"{cumulative}<0"], font=style.font(color=style.RED))
    sheet.conditional_formatting.add(whole, beyond)
    sheet.conditional_formatting.add(whole, back)
    sheet.conditional_formatting.add(column, out)
