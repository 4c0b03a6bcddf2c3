"""The Summary sheet: the answer, its picture, and what money alone does not say."""

from openpyxl.worksheet.worksheet import Worksheet

from roi_xl import quantities as q
from roi_xl.describe import gives
from roi_xl.functions.returns import RETURNS
from roi_xl.template import style
from roi_xl.template.bridge import savings_bridge
from roi_xl.template.cash_flow import payback_told
from roi_xl.template.change_log import document_line
from roi_xl.template.charts import cumulative_cost
from roi_xl.template.inputs import list_validation
from roi_xl.template.layout import (
    CHECKS_FLAG,
    FLAG_ROW,
    FROM_CASH_FLOW,
    SIMPLE,
    local,
    used,
)
from roi_xl.template.money import WHOLE, in_words, named, of_scale
from roi_xl.template.outputs import of_basis
from roi_xl.template.risk import SHOWN_PROBABILITY
from roi_xl.template.sheet import finish, head, header, one_page, other_horizon, put
from roi_xl.template.told import rate_told

LABEL, VALUE, UNIT, CHART, LAST = 2, 3, 4, 6, 11
VERDICT_ROW, TURNS_ROW, TOLD_ROW, BLANKS_ROW, TILE_ROW, KEY_ROW = 6, 7, 8, 9, 10, 13
TILES = (
    (2, q.NPV, "Net present value"),
    (3, q.PAYBACK, "Payback"),
    (4, q.PEAK_FUNDING, "Peak funding"),
    (6, q.CHOSEN_RETURN, ""),
)
"""The numbers to see first: their columns, quantities and names; a full workbook adds a probability."""

PROBABILITY_COLUMN, PROBABILITY_LABEL = 8, "Probability of NPV > 0 (all ranges on Risk)"
HEADLINES = (
    q.LEDGER_BENEFIT,
    q.CHOSEN_RETURN,
    q.NPV,
    q.IRR,
    q.PAYBACK,
    q.DISCOUNTED_PAYBACK,
    q.PEAK_FUNDING,
    q.PEAK_MONTH,
    q.PROFITABILITY_INDEX,
)
SIMPLE_HEADLINES = (q.RETURN_ON_INVESTMENT, q.NET_BENEFIT, q.BREAKEVEN_MONTHS, q.BREAKEVEN_REQUESTS)
SIMPLE_ROW = KEY_ROW + len(HEADLINES) + 2
READY_ROW = SIMPLE_ROW + len(SIMPLE_HEADLINES) + 4
SECOND_CHART_ROW = KEY_ROW + (READY_ROW - KEY_ROW) // 2
REVIEW = "REVIEW: an input is missing or a check fails. Open Checks before you use this result."
SHOWN = f'=IF({CHECKS_FLAG}="OK",{q.DECISION.name},"{REVIEW}")'
"""The decision, unless something must be looked at first."""

TURNED = f'=IF({CHECKS_FLAG}="OK",{q.TURNS.name},"")'
"""What turns it, under the same condition."""

ALERTS = (q.LIFE_TOLD, q.EVENTS_TOLD, q.BLANKS_TOLD)
STATES = ("Not reviewed", "In review", "Passed", "Failed")
CHART_HEIGHT = 6.1
READINESS = (
    ("Quality", "Does the fine-tuned model answer at least as well on production-like tasks and data?"),
    ("Safety", "Have harmful, private and off-policy outputs been retested after training?"),
    ("Drift", "Will shifts in requests or data be detected, and is retraining planned and budgeted?"),
    ("Evaluation coverage", "Do the tests cover the important tasks, languages, customers and rare cases?"),
    ("Operations", "Are monitoring, rate limits, fallbacks, rollback and on-call in place?"),
    ("Vendor", "Are the vendor's limits, deprecation dates, price changes and data terms acceptable?"),
)
CAUTION = (
    "A positive ROI does not mean ready to deploy. It says nothing about the points below: "
    "each is reviewed separately, by the people who own it."
)


def fill_summary(sheet: Worksheet, currency: str, horizon: int, full: bool) -> None:
    """Write the sheet that is read first; the axis of its chart ends at a horizon."""
    about = f"Business case for fine-tuning a model. Amounts in {currency}; all assumptions are on Inputs."
    head(
        sheet,
        "Does fine-tuning pay for itself?",
        f'="{about} Scenario: "&scenario' if full else f'="{about}"',
        (30, 18, 20, 3, 16, 16, 16, 16, 16, 16),
    )
    banner(sheet, currency)
    put(sheet, FLAG_ROW, CHART, document_line(), style.SUBTITLE)
    tiles(sheet, currency, full)
    header(sheet, KEY_ROW, (FROM_CASH_FLOW, "Value", "Unit"), numeric=(VALUE,))
    for row, quantity in enumerate(HEADLINES, start=KEY_ROW + 1):
        headline(sheet, row, quantity, currency)
    header(sheet, SIMPLE_ROW, (SIMPLE, "Value", "Unit"), numeric=(VALUE,))
    for row, quantity in enumerate(SIMPLE_HEADLINES, start=SIMPLE_ROW + 1):
        headline(sheet, row, quantity, currency)
    fill_readiness(sheet)
    pictures(sheet, currency, horizon)
    put(sheet, READY_ROW - 1, CHART, other_horizon("chart", horizon), style.ALERT)
    one_page(sheet)
    finish(sheet, READY_ROW + 2 + len(READINESS), LAST, freeze=False)


def pictures(sheet: Worksheet, currency: str, horizon: int) -> None:
    """Where the savings come from, above; when they come, below."""
    for row, chart in ((KEY_ROW, savings_bridge(currency)), (SECOND_CHART_ROW, cumulative_cost(currency, horizon))):
        chart.height = CHART_HEIGHT
        sheet.add_chart(chart, local(row, CHART))


def banner(sheet: Worksheet, currency: str) -> None:
    """The decision in one sentence, and what a reader must know with it."""
    peak = in_words(q.PEAK_FUNDING.name, currency, cents=False)
    funding = f'"Peak funding {of_scale(currency)[0]} "&{peak}&" in month "&{q.PEAK_MONTH.name}&". "'
    told = f'=IFERROR({funding},"")&{q.SOURCES_TOLD.name}'
    lines = {VERDICT_ROW: SHOWN, TURNS_ROW: TURNED, TOLD_ROW: told}
    for row, formula in lines.items():
        for column in range(LABEL, LAST + 1):
            put(sheet, row, column, None, style.BANNER)
        put(sheet, row, LABEL, formula, style.BANNER)
    sheet.row_dimensions[VERDICT_ROW].height = 30
    alerts = "&".join(f'IFERROR({one.name},"")' for one in ALERTS)
    put(sheet, BLANKS_ROW, LABEL, f"={alerts}&{rate_told()}", style.ALERT, alignment=style.WRAPPED)
    sheet.merge_cells(start_row=BLANKS_ROW, start_column=LABEL, end_row=BLANKS_ROW, end_column=LAST)
    sheet.row_dimensions[BLANKS_ROW].height = 30


def tiles(sheet: Worksheet, currency: str, full: bool) -> None:
    """The numbers to see first, large, on one band."""
    for column in range(LABEL, LAST + 1):
        put(sheet, TILE_ROW, column, None, style.TILE_LABEL)
        put(sheet, TILE_ROW + 1, column, None, style.TILE)
    for column, quantity, words in TILES:
        unit = "" if quantity.unit is q.FRACTION else f" ({named(quantity.unit, currency)})"
        label = label_of(quantity) if quantity is q.CHOSEN_RETURN else f"{words}{unit}"
        put(sheet, TILE_ROW, column, label, style.TILE_LABEL)
        put(sheet, TILE_ROW + 1, column, shown_value(quantity), style.TILE, tile_format(quantity))
    if full:
        put(sheet, TILE_ROW, PROBABILITY_COLUMN, PROBABILITY_LABEL, style.TILE_LABEL)
        put(sheet, TILE_ROW + 1, PROBABILITY_COLUMN, SHOWN_PROBABILITY, style.TILE, "0.0%")
    sheet.row_dimensions[TILE_ROW + 1].height = 28


def label_of(quantity: q.Quantity) -> str:
    """What a number is called: a return on investment by what it divides by."""
    if quantity is q.CHOSEN_RETURN:
        return "=" + of_basis({basis: f'"{gives(formula).label}"' for basis, formula in RETURNS.items()})
    return f"ROI on {q.INVESTMENT.label.lower()}" if quantity is q.RETURN_ON_INVESTMENT else quantity.label


def tile_format(quantity: q.Quantity) -> str:
    """How a tile shows its number: amounts without cents."""
    return WHOLE if quantity.unit is q.CURRENCY else quantity.unit.number_format


def shown_value(quantity: q.Quantity) -> str:
    """The formula of a shown number; one that is beyond the horizon, never comes, or is not there says so."""
    if quantity in (q.PAYBACK, q.DISCOUNTED_PAYBACK):
        return f"={payback_told(quantity.name, used('months'))}"
    if quantity.may_be_never:
        return f'=IF(ISNA({quantity.name}),"Never",{quantity.name})'
    if quantity.may_have_no_solution:
        return f'=IF(ISERROR({quantity.name}),"None or several",{quantity.name})'
    if quantity in (q.CHOSEN_RETURN, q.RETURN_ON_INVESTMENT, q.PROFITABILITY_INDEX):
        return f'=IF(ISERROR({quantity.name}),"–",{quantity.name})'
    return f"={quantity.name}"


def headline(sheet: Worksheet, row: int, quantity: q.Quantity, currency: str) -> None:
    """One number with its unit."""
    put(sheet, row, LABEL, label_of(quantity))
    put(sheet, row, VALUE, shown_value(quantity), style.RESULT, quantity.unit.number_format, style.RIGHT)
    put(sheet, row, UNIT, named(quantity.unit, currency), style.NOTE)
    sheet.row_dimensions[row].height = 18


def fill_readiness(sheet: Worksheet) -> None:
    """What must be reviewed besides the money, each point with its state."""
    put(sheet, READY_ROW, LABEL, "Ready to deploy?", style.HEADING)
    put(sheet, READY_ROW + 1, LABEL, CAUTION, style.SUBTITLE)
    header(sheet, READY_ROW + 2, ("Review", "State", "Question", *[""] * (LAST - UNIT)))
    first = READY_ROW + 3
    states = list_validation(STATES, "The state of this review.")
    sheet.add_data_validation(states)
    for row, (topic, question) in enumerate(READINESS, start=first):
        put(sheet, row, LABEL, topic)
        put(sheet, row, VALUE, STATES[0], style.INPUT_TEXT)
        for column in range(UNIT, LAST + 1):
            put(sheet, row, column, None, style.LABEL)
        put(sheet, row, UNIT, question, style.LABEL, alignment=style.INDENTED)
        sheet.row_dimensions[row].height = 18
        states.add(local(row, VALUE))
