"""The Scenarios sheet: what if things go worse, or better?

The chosen scenario drives the model; all of them are summed up side by side.
"""

from typing import Any

from openpyxl.formatting.rule import FormulaRule
from openpyxl.workbook import Workbook
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from roi_xl import quantities as q
from roi_xl import symbols
from roi_xl.describe import gives
from roi_xl.quantities import Quantity
from roi_xl.template import style
from roi_xl.template.cash_flow import payback_told
from roi_xl.template.charts import bars
from roi_xl.template.inputs import base_value, bounded, list_validation
from roi_xl.template.layout import (
    CASE_RESULTS,
    INPUT_SHEET,
    SC_CHANGES,
    SC_HEADER_ROW,
    SC_HOW,
    SC_LABEL,
    SC_ROWS,
    SC_SELECTOR_ROW,
    SC_SUMMARY_ROW,
    SC_UNIT,
    SC_VALUES,
    SCENARIO_CASES,
    SCENARIO_NAMES,
    SCENARIOS,
    absolute,
    area,
    case_result,
    local,
)
from roi_xl.template.sheet import finish, head, header, name_cell, one_page, put

CHANGED = tuple(name for name in SCENARIO_NAMES if name != "Base")
EXAMPLES: dict[Quantity, tuple[float, float, float]] = {
    q.REQUEST_GROWTH: (-0.02, 0.01, 0),
    q.TRAFFIC_SHARE: (-0.2, 0, 0),
    q.BASELINE_PRICE_CHANGE: (-0.2, 0, 0),
    q.FINE_TUNED_PRICE_CHANGE: (0, -0.1, 0),
    q.FINE_TUNED_SUCCESS_RATE: (-0.02, 0, 0),
    q.TRAINING_COST: (0.3, -0.1, 0),
    q.MONTHLY_MAINTENANCE: (0.3, -0.1, 0),
    q.BASELINE_COST_PER_REQUEST: (-0.1, 0, 0),
    q.FINE_TUNED_COST_PER_REQUEST: (0.15, -0.1, 0),
    q.MONTHLY_REQUESTS: (-0.3, 0.3, 0),
}
MULTIPLIED, ADDED = "base × (1 + change)", "base + change"
LAST_VALUE = SC_VALUES + len(SCENARIO_NAMES) - 1


def is_added(quantity: Quantity) -> bool:
    """Whether a change is added to an input: to rates and months; others, shares too, are multiplied."""
    is_rate = quantity.unit.percent and quantity.bounds is not q.SHARE
    return is_rate or quantity.unit is q.WHOLE_MONTHS


def with_change(base: Any, change: Any, quantity: Quantity) -> Any:
    """An input with a change."""
    return base + change if is_added(quantity) else base * (1 + change)


def change_format(quantity: Quantity) -> str:
    """How a change is shown: months as such, all else in per cent."""
    return "+0;-0;0" if quantity.unit is q.WHOLE_MONTHS else "+0%;-0%;0%"


def fill_scenarios(book: Workbook, sheet: Worksheet, currency: str) -> None:
    """Write the selector, the scenarios, and what comes of each."""
    subtitle = f"Amounts in {currency}. Choose the scenario that drives the model; all are summarized below."
    head(sheet, "Scenarios", subtitle, (30, 24, 20, 12, 12, 12, 15, 15, 15, 15), tab="FFC000")
    selector(book, sheet)
    changes = tuple(f"{name}, change" for name in CHANGED)
    headings = ("Input", "Unit", "How a change applies", *changes, *SCENARIO_NAMES)
    header(sheet, SC_HEADER_ROW, headings, numeric=range(SC_CHANGES, LAST_VALUE + 1))
    for quantity in SC_ROWS:
        fill_row(sheet, quantity, currency)
    summary(sheet, currency)
    chosen = FormulaRule(
        formula=[f"{local(SC_HEADER_ROW, SC_VALUES).replace('H', 'H$')}=scenario"],
        fill=style.highlight(style.GREEN_FILL),
    )
    last = SC_SUMMARY_ROW + len(CASE_RESULTS)
    sheet.conditional_formatting.add(area(SC_HEADER_ROW + 1, SC_VALUES, max(SC_ROWS.values()), LAST_VALUE), chosen)
    sheet.conditional_formatting.add(area(SC_SUMMARY_ROW + 1, SC_VALUES, last, LAST_VALUE), chosen)
    one_page(sheet)
    finish(sheet, last + 20, LAST_VALUE, freeze=False)


def selector(book: Workbook, sheet: Worksheet) -> None:
    """The cell that chooses the scenario, and its number."""
    put(sheet, SC_SELECTOR_ROW, SC_LABEL, "Scenario in the model", style.RESULT, alignment=style.INDENTED)
    put(sheet, SC_SELECTOR_ROW, SC_UNIT, "Base", style.INPUT_TEXT)
    names = absolute(SCENARIOS, SC_HEADER_ROW, SC_VALUES, SC_HEADER_ROW, LAST_VALUE).rpartition("!")[2]
    number = f"=MATCH({local(SC_SELECTOR_ROW, SC_UNIT)},{names},0)"
    put(sheet, SC_SELECTOR_ROW, SC_HOW, number, style.CALCULATION, "0", style.INDENTED)
    options = list_validation(SCENARIO_NAMES, "The scenario that drives the model.")
    sheet.add_data_validation(options)
    options.add(local(SC_SELECTOR_ROW, SC_UNIT))
    name_cell(book, "scenario", SCENARIOS, SC_SELECTOR_ROW, SC_UNIT)
    name_cell(book, "scenario_number", SCENARIOS, SC_SELECTOR_ROW, SC_HOW)


def fill_row(sheet: Worksheet, quantity: Quantity, currency: str) -> None:
    """One input in every scenario."""
    row, number_format = SC_ROWS[quantity], quantity.unit.number_format
    put(sheet, row, SC_LABEL, quantity.label)
    put(sheet, row, SC_UNIT, quantity.unit.named(currency), style.NOTE)
    put(sheet, row, SC_HOW, ADDED if is_added(quantity) else MULTIPLIED, style.NOTE)
    base = SC_VALUES + SCENARIO_NAMES.index("Base")
    put(sheet, row, base, f"={base_value(quantity, in_inputs)}", style.CALCULATION, number_format)
    validation = DataValidation(type="decimal", operator="greaterThanOrEqual", formula1="-1200", allow_blank=False)
    validation.error, validation.showErrorMessage = "A change is a number.", True
    sheet.add_data_validation(validation)
    for place, name in enumerate(CHANGED):
        change, column = local(row, SC_CHANGES + place), SC_VALUES + SCENARIO_NAMES.index(name)
        example = EXAMPLES.get(quantity, (0, 0, 0))[place]
        put(sheet, row, SC_CHANGES + place, example, style.INPUT, change_format(quantity))
        validation.add(change)
        value = with_change(symbols.name(f"${local(row, base)}"), symbols.name(change), quantity)
        put(sheet, row, column, f"={bounded(symbols.name(str(value)), quantity)}", style.CALCULATION, number_format)


def in_inputs(row: int, column: int) -> str:
    """A cell of the Inputs sheet."""
    return absolute(INPUT_SHEET, row, column)


def summary(sheet: Worksheet, currency: str) -> None:
    """What comes of every scenario, and a picture of it."""
    header(sheet, SC_SUMMARY_ROW, ("Results", "Unit", "", "", "", "", *SCENARIO_NAMES), numeric=range(8, 12))
    for row, formula in enumerate(CASE_RESULTS, start=SC_SUMMARY_ROW + 1):
        quantity = gives(formula)
        put(sheet, row, SC_LABEL, quantity.label)
        put(sheet, row, SC_UNIT, quantity.unit.named(currency), style.NOTE)
        for column in range(SC_HOW, SC_VALUES):
            put(sheet, row, column, None, style.NOTE)
        for place, name in enumerate(SCENARIO_NAMES):
            cell = case_result(quantity, SCENARIO_CASES[name])
            horizon = local(SC_ROWS[q.HORIZON], SC_VALUES + place)
            text = f"={payback_told(cell, horizon) if quantity is q.PAYBACK else cell}"
            put(sheet, row, SC_VALUES + place, text, style.RESULT, quantity.unit.number_format, style.RIGHT)
    row = SC_SUMMARY_ROW + 1 + [gives(formula) for formula in CASE_RESULTS].index(q.NPV)
    names, worth = (absolute(SCENARIOS, line, SC_VALUES, line, LAST_VALUE) for line in (SC_SUMMARY_ROW, row))
    chart = bars(f"Net present value ({currency})", names, [("", worth, style.NAVY)])
    sheet.add_chart(chart, local(SC_SUMMARY_ROW + len(CASE_RESULTS) + 2, SC_LABEL))
