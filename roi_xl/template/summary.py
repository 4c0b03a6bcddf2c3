"""The Summary sheet: the answer, its picture, and what money alone does not say."""

from openpyxl.worksheet.worksheet import Worksheet

from roi_xl import quantities as q
from roi_xl.template import style
from roi_xl.template.charts import cumulative_cost
from roi_xl.template.inputs import list_validation
from roi_xl.template.layout import local
from roi_xl.template.sheet import finish, head, header, one_page, put

LABEL, VALUE, UNIT, CHART, LAST = 2, 3, 4, 6, 11
VERDICT_ROW, KEY_ROW = 6, 9
HEADLINES = (
    q.RETURN_ON_INVESTMENT,
    q.NET_BENEFIT,
    q.BREAKEVEN_MONTHS,
    q.BREAKEVEN_REQUESTS,
    q.BREAKEVEN_REQUESTS_NET,
    q.REQUEST_SAVINGS,
    q.MONTHLY_NET_SAVINGS,
    q.YEARLY_NET_SAVINGS,
    q.BASELINE_COST,
    q.FINE_TUNED_COST,
    q.INVESTMENT,
)
LEDGER_HEADLINES = (
    q.LEDGER_BENEFIT,
    q.LEDGER_RETURN,
    q.NPV,
    q.IRR,
    q.PAYBACK,
    q.DISCOUNTED_PAYBACK,
)
LEDGER_ROW = KEY_ROW + len(HEADLINES) + 2
READY_ROW = LEDGER_ROW + len(LEDGER_HEADLINES) + 3
WORTH = (
    f'=IF({q.NPV.name}>=tolerance,"Month by month, discounted: worth more than it costs.",'
    f'IF({q.NPV.name}>-tolerance,"Month by month, discounted: worth what it costs, to the cent.",'
    '"Month by month, discounted: not worth what it costs within the horizon."))'
)
"""The ledger's verdict, with ramp, growth, price changes, retraining and the discount rate."""

STATES = ("Not reviewed", "In review", "Passed", "Failed")
CHART_HEIGHT = 13.2
READINESS = (
    ("Quality", "Does the fine-tuned model answer at least as well, on tasks and data like production's?"),
    ("Safety", "Have harmful, private and off-policy answers been tested again after training?"),
    ("Drift", "Will a change in requests or data be noticed, and is retraining planned and paid for?"),
    ("Evaluation coverage", "Do the tests cover the important tasks, languages, customers and rare cases?"),
    ("Operations", "Are monitoring, rate limits, fallbacks, roll-back and on-call in place?"),
    ("Vendor", "Are the vendor's limits, deprecation dates, price changes and data terms acceptable?"),
)
CAUTION = (
    "A positive ROI does not mean ready to deploy. It says nothing about the points below: "
    "each is reviewed apart, by the people who own it."
)


def fill_summary(sheet: Worksheet, currency: str, full: bool) -> None:
    """Write the sheet that is read first."""
    about = f"Business case for fine-tuning a model. Amounts in {currency}; all assumptions are on Inputs."
    head(
        sheet,
        "Does fine-tuning pay for itself?",
        f'="{about} Scenario: "&scenario' if full else about,
        (30, 18, 20, 3, 16, 16, 16, 16, 16, 16),
    )
    for column in range(LABEL, LAST + 1):
        put(sheet, VERDICT_ROW, column, None, style.BANNER)
    put(sheet, VERDICT_ROW, LABEL, "=verdict", style.BANNER)
    sheet.row_dimensions[VERDICT_ROW].height = 30
    for column in range(LABEL, LAST + 1):
        put(sheet, VERDICT_ROW + 1, column, None, style.BANNER)
    put(sheet, VERDICT_ROW + 1, LABEL, WORTH, style.BANNER)
    header(sheet, KEY_ROW, ("Headline", "Value", "Unit"), numeric=(VALUE,))
    for row, quantity in enumerate(HEADLINES, start=KEY_ROW + 1):
        headline(sheet, row, quantity, currency)
    header(sheet, LEDGER_ROW, ("Month by month", "Value", "Unit"), numeric=(VALUE,))
    for row, quantity in enumerate(LEDGER_HEADLINES, start=LEDGER_ROW + 1):
        headline(sheet, row, quantity, currency)
    fill_readiness(sheet)
    chart = cumulative_cost(currency)
    chart.height = CHART_HEIGHT
    sheet.add_chart(chart, local(KEY_ROW, CHART))
    one_page(sheet)
    finish(sheet, READY_ROW + 2 + len(READINESS), LAST, freeze=False)


def headline(sheet: Worksheet, row: int, quantity: q.Quantity, currency: str) -> None:
    """One number with its unit; a break-even that never comes, or a rate that is not there, says so."""
    formula = f"={quantity.name}"
    if quantity.may_be_never:
        formula = f'=IF(ISNA({quantity.name}),"Never",{quantity.name})'
    if quantity.may_have_no_solution:
        formula = f'=IF(ISERROR({quantity.name}),"None or several",{quantity.name})'
    put(sheet, row, LABEL, quantity.label)
    put(sheet, row, VALUE, formula, style.RESULT, quantity.unit.number_format, style.RIGHT)
    put(sheet, row, UNIT, quantity.unit.named(currency), style.NOTE)
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
