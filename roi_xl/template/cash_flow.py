"""The Cash flow sheet: the business case month by month."""

import re

from openpyxl.formatting.rule import FormulaRule
from openpyxl.worksheet.worksheet import Worksheet

from roi_xl import symbols
from roi_xl.functions import ledger
from roi_xl.functions.outcome import HALF_A_CENT
from roi_xl.quantities import CURRENCY, FISCAL_YEAR_START, MODEL_INPUTS, MONTHS, QUANTITIES, START_MONTH
from roi_xl.symbols import Symbol
from roi_xl.template import style
from roi_xl.template.layout import (
    BUDGET_ROW,
    CALENDAR,
    CF,
    CHART_COLUMNS,
    FIRST_MONTH_ROW,
    FISCAL_YEARS,
    FLAG_ROW,
    HEADER_ROW,
    LABEL_COLUMN,
    LAST_MONTH_ROW,
    MONTHS_SHOWN,
    POINT_ROW,
    SUMMED,
    area,
    flow,
    local,
    used,
)
from roi_xl.template.sheet import finish, head, header, other_horizon, put

WIDTH = 12.5
LARGE = "1E+10"
"""A sum that is larger may be off by more, in proportion: what rounding leaves of it."""

ROWS_OF_A_PAGE = 36
"""So many months fit on one printed page; headings are repeated on a second one."""

LAST_PRINTED = CF["cumulative_discounted"]


def fill_cash_flow(sheet: Worksheet, currency: str, horizon: int) -> None:
    """Write the ledger: one formula for each column, the same in every row; printed up to a horizon."""
    subtitle = (
        f"Amounts in {currency}. Months beyond the horizon are gray and add nothing; up to {MONTHS_SHOWN} months. "
        "Training is paid in month 0, all else at the end of its month."
    )
    head(sheet, "Cash flow", subtitle, (9, 11, 9, 11, *[WIDTH] * (len(CF) - 4)))
    headings = tuple(QUANTITIES[name].label for name in CF if name not in CHART_COLUMNS)
    header(
        sheet, HEADER_ROW, (*headings, *CHART_COLUMNS.values()), numeric=range(CF["month_end"], CF["chart_month"] + 1)
    )
    sheet.row_dimensions[HEADER_ROW].height = 42
    for row in range(FIRST_MONTH_ROW, LAST_MONTH_ROW + 1):
        for name, formula in formulas(row).items():
            look = style.LABEL if name == "month" else style.CALCULATION
            put(sheet, row, CF[name], formula, look, number_format(name))
        sheet.cell(row, CF["month"]).alignment = style.INDENTED
    point(sheet)
    colors(sheet)
    if horizon > ROWS_OF_A_PAGE:
        sheet.print_title_rows = f"{HEADER_ROW}:{HEADER_ROW}"
    put(sheet, FLAG_ROW, CF["avoided_cost"], other_horizon("printed page", horizon), style.ALERT)
    fill_budget(sheet)
    finish(sheet, FIRST_MONTH_ROW + horizon, LAST_PRINTED)
    last = BUDGET_ROW + FISCAL_YEARS + 1
    sheet.print_area = [
        area(1, 1, FIRST_MONTH_ROW + horizon, LAST_PRINTED),
        area(BUDGET_ROW - 1, 1, last, LAST_PRINTED),
    ]


def formulas(row: int) -> dict[str, str | int]:
    """The formula of each column in one row; the first row is month 0, when training is paid."""
    known = {quantity.name: symbols.name(used(quantity.name)) for quantity in MODEL_INPUTS}
    known |= {name: symbols.name(local(row, CF[name])) for name in ledger.SHOWN}
    written = {
        column.__name__: f"={column(*[known[name] for name in ledger.READS[column]])}" for column in ledger.COLUMNS
    }
    avoided, together = so_far(row, "avoided_cost") + so_far(row, "migration"), local(row, CF["cumulative"])
    return {
        "month": 0 if row == FIRST_MONTH_ROW else f"={local(row - 1, CF['month'])}+1",
        **calendar_formulas(row),
        **written,
        "cumulative": f"={so_far(row, 'net_cash_flow')}",
        "cumulative_discounted": f"={so_far(row, 'discounted')}",
        "baseline_total": f"={avoided}",
        "fine_tuned_total": f"={local(row, CF['baseline_total'])}-{together}",
        "chart_month": f"=MIN({known['month']},{used('months')})",
    }


def calendar_formulas(row: int) -> dict[str, str]:
    """The last day of a month, and its fiscal year."""
    month, end = local(row, CF["month"]), local(row, CF["month_end"])
    start, first = used(START_MONTH.name), used(FISCAL_YEAR_START.name)
    year = f"YEAR({end})+IF(AND({first}>1,MONTH({end})>={first}),1,0)"
    return {
        "month_end": f'=IF({start}="","",EOMONTH({start},{month}-1))',
        "fiscal_year": f'=IF({start}="",MAX(1,INT(({month}+11)/12)),{year})',
    }


def fill_budget(sheet: Worksheet) -> None:
    """Totals by fiscal year, each below the column that it adds up."""
    put(sheet, BUDGET_ROW - 1, LABEL_COLUMN, "Totals by fiscal year, for a budget", style.HEADING)
    headings = {"month": "Year", **{name: QUANTITIES[name].label for name in SUMMED}}
    header(
        sheet, BUDGET_ROW, [headings.get(name, "") for name in CF if name not in CHART_COLUMNS], numeric=range(3, 30)
    )
    sheet.row_dimensions[BUDGET_ROW].height = 42
    years, first, last = flow("fiscal_year"), BUDGET_ROW + 1, BUDGET_ROW + FISCAL_YEARS
    for row in range(first, last + 2):
        for column in range(LABEL_COLUMN, LAST_PRINTED + 1):
            put(sheet, row, column, None, style.CALCULATION if row <= last else style.RESULT)
    for row in range(first, last + 1):
        year = local(row, LABEL_COLUMN)
        next_year = f"MIN({years})+{row - first}"
        there = f'=IF({next_year}>INDEX({years},{used("months")}+1,1),"",{next_year})'
        put(sheet, row, LABEL_COLUMN, there, style.CALCULATION, "0", style.INDENTED)
        for name in SUMMED:
            total = f'=IF({year}="",0,SUMIF({years},{year},{flow(name)}))'
            put(sheet, row, CF[name], total, style.CALCULATION, number_format(name))
    put(sheet, last + 1, LABEL_COLUMN, "Total", style.RESULT, alignment=style.INDENTED)
    put(sheet, last + 2, LABEL_COLUMN, "Check", style.NOTE)
    for name in SUMMED:
        total, listed = local(last + 1, CF[name]), area(first, CF[name], last, CF[name])
        put(sheet, last + 1, CF[name], f"=SUM({listed})", style.RESULT, number_format(name))
        months = area(FIRST_MONTH_ROW, CF[name], LAST_MONTH_ROW, CF[name])
        differ = f"=(ABS(SUM({listed})-SUM({months}))+ABS({total}-SUM({months})))/MAX(1,ABS(SUM({months}))/{LARGE})"
        put(sheet, last + 2, CF[name], differ, style.NOTE, "0.00", style.RIGHT)


def so_far(row: int, name: str) -> Symbol:
    """The sum of a column from month 0 to this row."""
    first = local(FIRST_MONTH_ROW, CF[name]).replace(str(FIRST_MONTH_ROW), f"${FIRST_MONTH_ROW}")
    return symbols.call("SUM", symbols.name(f"{first}:{local(row, CF[name])}"))


def number_format(name: str) -> str:
    """How a column shows its numbers; nothing is a dash."""
    if name == "month":
        return "0"
    if name in CALENDAR:
        return "mmm yyyy" if name == "month_end" else "0"
    if name in ("in_horizon", "chart_month"):
        return MONTHS.number_format
    unit = CURRENCY if name in CHART_COLUMNS else QUANTITIES[name].unit
    return f'{unit.number_format};"–"_)'


def last_below(months: str, cumulative: str) -> str:
    """The formula of the last month in which what has come together is below 0, or -1 where it never is."""
    return f"IF(MIN({cumulative})>-{HALF_A_CENT},-1,LOOKUP(2,1/({cumulative}<=-{HALF_A_CENT}),{months}))"


def below_differs(months: str, cumulative: str, below: str) -> str:
    """The formula that is 0 if a last month below 0 is below 0 itself, and none after it is; or if none is at all."""
    return f"SUMPRODUCT(({cumulative}<=-{HALF_A_CENT})*({months}>={below}))-({below}>=0)"


def payback_of(flows: str, cumulative: str, below: str) -> str:
    """The formula of a payback over columns of flows and of what has come together, from month 0 to the last.

    The last month in which the sum is below 0 stands in a cell of its own; if the sum stays
    above 0 from then on, the payback lies in the month that follows.
    """
    before, now = f"INDEX({cumulative},{below}+1)", f"INDEX({cumulative},{below}+2)"
    final = f"INDEX({cumulative},ROWS({cumulative}))"
    within = f"IF({final}<=-{HALF_A_CENT},NA(),IF({below}<0,0,{below}+{before}/({before}-{now})))"
    return f"IF(MAX({flows})>0,{within},NA())"


def payback_told(payback: str, horizon: str) -> str:
    """The formula of a payback, or that it takes longer than the horizon."""
    return f'IF(ISNA({payback}),"> "&{horizon},{payback})'


def without_first(column: str) -> str:
    """A column from its second cell on."""
    return trimmed(column, first=1)


def without_last(column: str) -> str:
    """A column without its last cell."""
    return trimmed(column, last=1)


def trimmed(column: str, first: int = 0, last: int = 0) -> str:
    """A column without some cells at its ends."""
    sheet, _, cells = column.rpartition("!")
    (top, start), (bottom, end) = (re.fullmatch(r"(\D+)(\d+)", cell).groups() for cell in cells.split(":"))  # type: ignore[union-attr]
    kept = f"{top}{int(start) + first}:{bottom}{int(end) - last}"
    return f"{sheet}!{kept}" if sheet else kept


def point(sheet: Worksheet) -> None:
    """The payback that the chart marks, where it lies within the horizon."""
    put(sheet, POINT_ROW - 1, LABEL_COLUMN, "Payback for the chart (#N/A: not within the horizon)", style.SUBTITLE)
    put(sheet, POINT_ROW, LABEL_COLUMN, "=payback", style.CALCULATION, MONTHS.number_format)
    month = local(POINT_ROW, LABEL_COLUMN)
    at, after = (f"INDEX({flow('baseline_total')},MIN(INT({month})+{step},{MONTHS_SHOWN + 1}))" for step in (1, 2))
    cost = f"={at}+({month}-INT({month}))*({after}-{at})"
    put(sheet, POINT_ROW, LABEL_COLUMN + 1, cost, style.CALCULATION, "#,##0")


def colors(sheet: Worksheet) -> None:
    """Grey beyond the horizon; red while the money is out; green in the month it is back."""
    first, whole = FIRST_MONTH_ROW, area(FIRST_MONTH_ROW, CF["month"], LAST_MONTH_ROW, CF["chart_month"])
    month, cumulative = f"${local(first, CF['month'])}", f"${local(first, CF['cumulative'])}"
    before = f"N(${local(first - 1, CF['cumulative'])})"
    beyond = FormulaRule(formula=[f"{month}>=months_used+1"], font=style.font(color=style.RULE), stopIfTrue=True)
    back = FormulaRule(formula=[f"AND({cumulative}>=0,{before}<0)"], fill=style.highlight(style.GREEN_FILL))
    column = area(first, CF["cumulative"], LAST_MONTH_ROW, CF["cumulative"])
    out = FormulaRule(formula=[f"{cumulative}<0"], font=style.font(color=style.RED))
    sheet.conditional_formatting.add(whole, beyond)
    sheet.conditional_formatting.add(whole, back)
    sheet.conditional_formatting.add(column, out)
