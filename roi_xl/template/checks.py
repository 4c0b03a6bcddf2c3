"""The Checks sheet: do the sheets agree, and do the inputs make sense?"""

from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from roi_xl.functions.outcome import HALF_A_CENT
from roi_xl.template import style
from roi_xl.template.layout import (
    BLOCK_ROWS,
    CASH_FLOW,
    CF_BASELINE_TOTAL,
    CF_CUMULATIVE,
    CF_FINE_TUNED_TOTAL,
    CH_DIFFERENCE,
    CH_LABEL,
    CH_LEFT,
    CH_PASSED,
    CH_RIGHT,
    CHECKS,
    FIRST_ROW,
    HEADER_ROW,
    IN_USED,
    INPUT_ROWS,
    INPUT_SHEET,
    LAST_INPUT_ROW,
    LAST_MONTH_ROW,
    MONTHS_SHOWN,
    absolute,
    area,
    local,
)
from roi_xl.template.sheet import finish, fit_height, flag_colours, head, header, name_cell, put

HEADINGS = ("Check", "One way", "Another way", "Difference", "Passed")
PASSED = '"Yes"'
SHOWN = "#,##0.00_);(#,##0.00)"


def checks() -> list[tuple[str, str, str]]:
    """Every check: what it says, and the two expressions that must agree."""

    def ledger(column: int) -> str:
        return absolute(CASH_FLOW, LAST_MONTH_ROW, column)

    six = absolute(INPUT_SHEET, min(INPUT_ROWS.values()), IN_USED, max(INPUT_ROWS.values()))
    built = absolute(INPUT_SHEET, min(BLOCK_ROWS.values()), IN_USED, LAST_INPUT_ROW)
    return [
        ("Baseline cost less fine-tuned cost is the net benefit", "baseline_cost-fine_tuned_cost", "net_benefit"),
        ("The cash flow ends at the net benefit", ledger(CF_CUMULATIVE), "net_benefit"),
        ("The cash flow's baseline cost is the baseline cost", ledger(CF_BASELINE_TOTAL), "baseline_cost"),
        ("The cash flow's fine-tuned cost is the fine-tuned cost", ledger(CF_FINE_TUNED_TOTAL), "fine_tuned_cost"),
        (
            "ROI times investment is the net benefit",
            "IF(investment>0,return_on_investment*investment,net_benefit)",
            "net_benefit",
        ),
        (
            "Net savings until break-even repay the training cost, where there is a break-even",
            "IF(ISNA(breakeven_months),training_cost_used,breakeven_months*monthly_net_savings)",
            "training_cost_used",
        ),
        (
            "At the break-even volume the savings are the investment, where there is one",
            "IF(ISNA(breakeven_volume),investment,breakeven_volume*request_savings*months_used)",
            "investment",
        ),
        ("With the highest training cost nothing would be left", "max_training_cost-training_cost_used", "net_benefit"),
        ("All six inputs are numbers within their bounds", f"COUNT({six})", f"ROWS({six})"),
        ("All built-up values are numbers within their bounds", f"SUMPRODUCT(ISERROR({built})*1)", "0"),
        ("The horizon is a whole number of months", "months_used", "INT(months_used)"),
        (
            f"The horizon lies within the {MONTHS_SHOWN} months of the cash flow",
            "months_used",
            f"MAX(1,MIN({MONTHS_SHOWN},months_used))",
        ),
    ]


def fill_checks(book: Workbook, sheet: Worksheet) -> None:
    """Write the checks, their tolerance, and the one flag that every sheet repeats."""
    head(sheet, "Checks", "Every check must pass; the overall flag stands on every sheet.", (62, 18, 18, 16, 12))
    header(sheet, HEADER_ROW, HEADINGS, numeric=(CH_LEFT, CH_RIGHT, CH_DIFFERENCE, CH_PASSED))
    rows = checks()
    for row, (label, left, right) in enumerate(rows, start=FIRST_ROW):
        put(sheet, row, CH_LABEL, label)
        fit_height(sheet, row, [(CH_LABEL, label)])
        put(sheet, row, CH_LEFT, f"={left}", style.CALCULATION, SHOWN)
        put(sheet, row, CH_RIGHT, f"={right}", style.CALCULATION, SHOWN)
        difference = f"={local(row, CH_LEFT)}-{local(row, CH_RIGHT)}"
        put(sheet, row, CH_DIFFERENCE, difference, style.CALCULATION, SHOWN)
        gap = local(row, CH_DIFFERENCE)
        passed = f'=IF(ISERROR({gap}),"No",IF(ABS({gap})<tolerance,"Yes","No"))'
        put(sheet, row, CH_PASSED, passed, style.RESULT, alignment=style.RIGHT)
    last = FIRST_ROW + len(rows) - 1
    summary(book, sheet, last + 2, area(FIRST_ROW, CH_PASSED, last, CH_PASSED))
    flag_colours(sheet, area(FIRST_ROW, CH_PASSED, last, CH_PASSED), PASSED)
    finish(sheet, last + 3, CH_PASSED)


def summary(book: Workbook, sheet: Worksheet, row: int, passed: str) -> None:
    """The overall flag and the tolerance."""
    put(sheet, row, CH_LABEL, "All checks", style.RESULT, alignment=style.INDENTED)
    flag = f'=IF(COUNTIF({passed},"Yes")=ROWS({passed}),"OK","REVIEW")'
    put(sheet, row, CH_LEFT, flag, style.RESULT, alignment=style.RIGHT)
    name_cell(book, "model_checks", CHECKS, row, CH_LEFT)
    put(sheet, row + 1, CH_LABEL, "Tolerance: amounts are compared to half a cent")
    put(sheet, row + 1, CH_LEFT, HALF_A_CENT, style.INPUT, "0.000", style.RIGHT)
    name_cell(book, "tolerance", CHECKS, row + 1, CH_LEFT)
