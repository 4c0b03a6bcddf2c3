"""The Options sheet: which way is best, of several?"""

from openpyxl.formatting.rule import FormulaRule
from openpyxl.worksheet.worksheet import Worksheet

from roi_xl import quantities as q
from roi_xl.functions.comparison import COLUMNS
from roi_xl.quantities import Quantity
from roi_xl.template import style
from roi_xl.template.cash_flow import payback_told
from roi_xl.template.charts import bars
from roi_xl.template.inputs import number_validation
from roi_xl.template.layout import (
    FIRST_ROW,
    HEADER_ROW,
    OP_BENEFIT,
    OP_DOMINATED,
    OP_FIRST,
    OP_NAME,
    OP_NPV,
    OP_PAYBACK,
    OP_RANK,
    OP_RETURN,
    OPTION_CASES,
    OPTION_COUNT,
    OPTIONS,
    absolute,
    area,
    case_result,
    local,
    used,
)
from roi_xl.template.sheet import finish, head, header, one_page, put

MAIN = "Fine-tune (this case)"
EXAMPLES: tuple[tuple[str, tuple[float, ...]], ...] = (
    ("Prompt engineering", (600, 40, 0.0185, 1, 1, 0)),
    ("Retrieval", (1_800, 220, 0.0155, 1, 1, 0)),
    ("Distill to a small model", (6_000, 150, 0.008, 0.85, 0.98, 1_500)),
    ("Self-host", (18_000, 1_400, 0.0015, 1, 0.97, 2_500)),
)
HEADINGS = (
    "Option",
    "One-time cost",
    "Monthly cost",
    "Cost per request",
    "Share of traffic",
    "Success rate",
    "Retraining cost",
    "Net benefit",
    "ROI",
    "Payback",
    "Net present value",
    "Rank",
    "Dominated",
)
RESULTS = {
    OP_BENEFIT: q.LEDGER_BENEFIT,
    OP_RETURN: q.LEDGER_RETURN,
    OP_PAYBACK: q.PAYBACK,
    OP_NPV: q.NPV,
}
LAST_ROW = FIRST_ROW + OPTION_COUNT - 1
NOTES = (
    "Each option is compared with the same baseline, using requests, horizon, ramp, growth and prices from Inputs.",
    "Monthly cost includes hosting. Retraining recurs at the interval on Inputs, and at retirement. Only the first row "
    "avoids a migration. Ranked by net present value.",
    "Dominated: another option is at least as good in net present value and success rate, and better in one of them.",
)


def fill_options(sheet: Worksheet, currency: str) -> None:
    """Write the options: this case, and four examples to replace."""
    subtitle = f"Amounts in {currency}. The first row is this workbook's case; replace the examples below it."
    head(sheet, "Options", subtitle, (27, 13, 13, 13, 12, 12, 13, 15, 11, 11, 16, 8, 12), tab="FFC000")
    header(sheet, HEADER_ROW, HEADINGS, numeric=range(OP_FIRST, OP_DOMINATED + 1))
    put(sheet, FIRST_ROW, OP_NAME, MAIN)
    for column, quantity in enumerate(COLUMNS, start=OP_FIRST):
        put(sheet, FIRST_ROW, column, f"={of_this_case(quantity)}", style.CALCULATION, quantity.unit.number_format)
        fill_examples(sheet, column, quantity, currency)
    for row, (name, _) in enumerate(EXAMPLES, start=FIRST_ROW + 1):
        put(sheet, row, OP_NAME, name, style.INPUT_TEXT)
    for row in range(FIRST_ROW, LAST_ROW + 1):
        fill_results(sheet, row)
    for row, note in enumerate(NOTES, start=LAST_ROW + 2):
        put(sheet, row, OP_NAME, note, style.SUBTITLE)
    npv = absolute(OPTIONS, FIRST_ROW, OP_NPV, LAST_ROW)
    names = absolute(OPTIONS, FIRST_ROW, OP_NAME, LAST_ROW)
    sheet.add_chart(
        bars(f"Net present value ({currency})", names, [("", npv, style.NAVY)]), local(LAST_ROW + 6, OP_NAME)
    )
    one_page(sheet)
    finish(sheet, LAST_ROW + 26, OP_DOMINATED)


def of_this_case(quantity: Quantity) -> str:
    """What this workbook's case has for an option's column."""
    if quantity is q.MONTHLY_MAINTENANCE:
        return f"{used(quantity.name)}+{used(q.MONTHLY_HOSTING.name)}"
    return used(quantity.name)


def fill_examples(sheet: Worksheet, column: int, quantity: Quantity, currency: str) -> None:
    """One column of the options that are typed in."""
    validation = number_validation(quantity, quantity.bounds, currency)
    sheet.add_data_validation(validation)
    for row, (_, numbers) in enumerate(EXAMPLES, start=FIRST_ROW + 1):
        put(sheet, row, column, numbers[column - OP_FIRST], style.INPUT, quantity.unit.number_format)
        validation.add(local(row, column))


def fill_results(sheet: Worksheet, row: int) -> None:
    """What comes of one option."""
    case = OPTION_CASES[row - FIRST_ROW]
    for column, quantity in RESULTS.items():
        cell = case_result(quantity, case)
        text = f"={payback_told(cell, used('months')) if quantity is q.PAYBACK else cell}"
        put(sheet, row, column, text, style.RESULT, quantity.unit.number_format, style.RIGHT)
    worth, good = (absolute(OPTIONS, FIRST_ROW, column, LAST_ROW) for column in (OP_NPV, OP_FIRST + 4))
    mine, quality = local(row, OP_NPV), local(row, OP_FIRST + 4)
    local_worth, local_good = worth.rpartition("!")[2], good.rpartition("!")[2]
    put(sheet, row, OP_RANK, f"=RANK({mine},{local_worth})", style.RESULT, "0", style.RIGHT)
    better = f"({local_worth}>={mine})*({local_good}>={quality})*(({local_worth}>{mine})+({local_good}>{quality})>0)"
    put(sheet, row, OP_DOMINATED, f'=IF(SUMPRODUCT({better})>0,"Yes","No")', style.RESULT, None, style.RIGHT)
    best = FormulaRule(formula=[f"{local(row, OP_RANK)}=1"], fill=style.highlight(style.GREEN_FILL))
    sheet.conditional_formatting.add(area(row, OP_NAME, row, OP_DOMINATED), best)
    sheet.row_dimensions[row].height = 20
