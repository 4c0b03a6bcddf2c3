"""The cash flow that the checks make for themselves, beside them, from the inputs alone."""

from openpyxl.worksheet.worksheet import Worksheet

from roi_xl.quantities import QUANTITIES
from roi_xl.template import style
from roi_xl.template.layout import FIRST_ROW, HEADER_ROW, MONTHS_SHOWN, SECOND_COLUMNS
from roi_xl.template.second_way import COLUMNS
from roi_xl.template.sheet import put
from roi_xl.xlsx.addresses import column_letters

AS_LEDGER = {
    "within": "in_horizon",
    "moved": "moved_requests",
    "baseline": "baseline_price",
    "fine_tuned": "fine_tuned_price",
    "net": "net_cash_flow",
    "worth": "discounted",
}
"""The column of the cash flow that each column computes again, where it is called otherwise."""

OWN = {"fixed": "Fixed cost"}
"""The heading of the column that the cash flow does not have."""

WIDTH, TITLE_ROW = 15, HEADER_ROW - 1


def fill_second_way(sheet: Worksheet) -> None:
    """Write it, month by month, beside what is printed."""
    put(sheet, TITLE_ROW, SECOND_COLUMNS["month"], "A second cash flow, from the inputs alone", style.NOTE)
    for name, column in SECOND_COLUMNS.items():
        put(sheet, HEADER_ROW, column, heading(name), style.HEADER, alignment=style.RIGHT_WRAPPED)
        sheet.column_dimensions[column_letters(column)].width = WIDTH
    for month in range(MONTHS_SHOWN + 1):
        row = FIRST_ROW + month
        put(sheet, row, SECOND_COLUMNS["month"], month, style.NOTE, alignment=style.RIGHT)
        for name, formula in COLUMNS.items():
            shown = "#,##0.00####;-#,##0.00####;0"
            put(sheet, row, SECOND_COLUMNS[name], f"={in_row(formula, row)}", style.CALCULATION, shown)


def heading(name: str) -> str:
    """The heading of a column: as in the cash flow, where it has the column."""
    return OWN.get(name) or QUANTITIES[AS_LEDGER.get(name, name)].label


def in_row(formula: str, row: int) -> str:
    """A formula of the first row, in another one."""
    for column in SECOND_COLUMNS.values():
        first = f"${column_letters(column)}{FIRST_ROW}"
        formula = formula.replace(first, first.removesuffix(str(FIRST_ROW)) + str(row))
    return formula
