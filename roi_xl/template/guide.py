"""The Guide sheet: what each number means and where it comes from."""

from collections.abc import Sequence

from openpyxl.worksheet.worksheet import Worksheet

from roi_xl.describe import gives, takes
from roi_xl.functions import sources
from roi_xl.functions.outcome import RESULTS
from roi_xl.quantities import INPUTS, PROGRAM, Quantity
from roi_xl.template import style
from roi_xl.template.layout import (
    CASES,
    CASH_FLOW,
    CHANGE_LOG,
    CHECKS,
    EXAMPLES,
    GUIDE,
    HEADER_ROW,
    INPUT_SHEET,
    LEDGER_RESULTS,
    OPTIONS,
    OUTPUTS,
    PRICES,
    RISK,
    SCENARIOS,
    SENSITIVITY,
    SUMMARY,
    TRACES,
)
from roi_xl.template.sheet import finish, fit_height, head, header, link, new_page, put

TERM, UNIT, MEANING = 2, 3, 4

STEPS = (
    ("1", "On Inputs, type over the blue cells. Name the source of each number beside it."),
    ("2", "Or build an input up: fill in its block below and choose “Built up” in the Use column."),
    ("3", "Read Summary. The flag on every sheet must say OK; if it says REVIEW, open Checks."),
    ("4", "Vary the inputs you trust least, and see whether the decision holds."),
    ("5", "Review quality, safety, drift, evaluation coverage, operations and vendor separately from the money."),
)
COLOURS = (
    ("Blue on yellow", "An input: type here."),
    ("Black", "A calculation: do not type here."),
    ("Bold on blue-gray", "A result."),
)
GLOSSARY = (
    ("Token", "The unit in which models read and write, about three quarters of an English word."),
    ("Input tokens", "What is sent in one request: instructions, examples, context and the user's text."),
    ("Output tokens", "What the model writes in one answer; most providers charge several times more for them."),
    ("Requests per day", "Requests of all users on a day of use; monthly requests = requests per day × days of use."),
    ("Cost per request", "Everything paid for one answered request: tokens, retries, fallbacks, serving premium."),
    ("Retry", "A failed attempt that is billed anyway; a retry rate r means 1 / (1 - r) attempts per request."),
    ("Fallback", "A request ultimately answered by another model, at extra cost."),
    ("Serving premium", "What a fine-tuned model costs above its token prices, such as reserved capacity."),
    ("Break-even, gross", "Requests whose savings repay the training cost, before maintenance."),
    ("Break-even, net", "Requests until training and maintenance to date are repaid."),
    ("ROI", "Net benefit ÷ incremental investment, over the horizon; not a yearly rate."),
)
WHERE = (
    (
        "Baseline cost per request",
        "Production traces of the last full month: total cost of all attempts, retries and fallbacks, "
        "divided by the requests answered.",
    ),
    (
        "Fine-tuned cost per request",
        "A pilot on real traffic, measured the same way, with the serving premium; until then the builder's estimate.",
    ),
    ("Monthly requests", "The same traces, or users × requests per user per day × days of use."),
    (
        "Monthly maintenance",
        "Hours per month × hourly rate, plus hosting and monitoring that the baseline does not need.",
    ),
)
CONVENTIONS = (
    ("Time", "Training is paid at once, in month 0; every other amount at the end of its month."),
    ("Rates", "Rates are yearly. A month is discounted by the twelfth root: (1 + rate) ^ (month / 12)."),
    ("Prices", "Price changes are yearly rates, applied monthly; month 1 has today's price."),
    ("Growth and ramp", "Requests grow from month 2 on. The ramp moves the same share of traffic in each month."),
    ("Retraining", "After every interval, but not in the last month, whose model would serve beyond the horizon."),
    ("Quality", "Each additional failed request adds the cost of a failed request."),
    ("Payback", "The month from which the cumulative cash flow stays at 0 or above, to the cent."),
    (
        "Rate of return",
        "Shown where there is exactly one. Cash flows that change sign more than once may have several: "
        "Outputs counts them, and the net present value decides.",
    ),
)
LIMITS = (
    ("Before tax", "Amounts exclude tax; all are in one currency."),
    (
        "Two views",
        "The simple results assume that every month is like the first; those from the cash flow include ramp, "
        "growth, price changes, hosting, retraining, quality and discounting. Without these, the two agree.",
    ),
    ("Money only", "The value of better or worse answers is not in these numbers; review it separately."),
)


CONTENTS = {
    SUMMARY: "The answer in words and charts, and what still needs review.",
    INPUT_SHEET: "Every assumption with its unit and source: type here.",
    TRACES: "What was measured in the traces of both models.",
    PRICES: "The list prices that the inputs take.",
    OUTPUTS: "Every result with its meaning and formula, and the savings bridge.",
    CASH_FLOW: "The business case month by month.",
    CHECKS: "Every check, and the flag that all sheets show.",
    GUIDE: "How to use this workbook, and what its numbers mean.",
    OPTIONS: "This case against other ways to spend the money.",
    SENSITIVITY: "Which input matters most, and where the answer turns.",
    SCENARIOS: "Pessimistic, base, optimistic and custom; the chosen one drives the model.",
    RISK: "The spread of the net present value, simulated.",
    CASES: "The cash flows behind options, sensitivity and scenarios.",
    CHANGE_LOG: "Owner, version and sign-off; who changed what, when and why.",
    EXAMPLES: "A call of each function.",
}
"""What each sheet holds."""


def fill_guide(sheet: Worksheet, currency: str, sheets: Sequence[str]) -> None:
    """Write the contents and every section."""
    head(sheet, "Guide", "How to use this workbook, and what its numbers mean.", (34, 26, 100))
    row = section(sheet, HEADER_ROW, "Contents", [("", "", CONTENTS[name]) for name in sheets])
    for line, name in enumerate(sheets, start=HEADER_ROW + 1):
        link(sheet, line, TERM, name, name)
    row = section(sheet, row, "How to use it", [(term, "", meaning) for term, meaning in STEPS])
    row = section(sheet, row, "Colors", [(term, "", meaning) for term, meaning in COLOURS])
    new_page(sheet, row)
    row = section(sheet, row, "Inputs", described(INPUTS, currency))
    row = section(sheet, row, "Inputs that change over time", described(PROGRAM, currency))
    new_page(sheet, row)
    row = section(sheet, row, "Outputs", described([gives(formula) for formula in RESULTS], currency))
    row = section(sheet, row, "Outputs from the cash flow", described(list(map(gives, LEDGER_RESULTS)), currency))
    new_page(sheet, row)
    row = section(sheet, row, "Conventions", [(term, "", meaning) for term, meaning in CONVENTIONS])
    parts = [parameter.quantity for parameter in takes(sources.training_cost)]
    row = section(sheet, row, "What the training cost includes", described(parts, currency))
    row = section(sheet, row, "Where the numbers come from", [(term, "", meaning) for term, meaning in WHERE])
    new_page(sheet, row)
    row = section(sheet, row, "Glossary", [(term, "", meaning) for term, meaning in GLOSSARY])
    row = section(sheet, row, "Limits", [(term, "", meaning) for term, meaning in LIMITS])
    finish(sheet, row - 2, MEANING, freeze=False)


def described(quantities: tuple[Quantity, ...] | list[Quantity], currency: str) -> list[tuple[str, str, str]]:
    """Label, unit and meaning of quantities."""
    return [(quantity.label, quantity.unit.named(currency), quantity.meaning) for quantity in quantities]


def section(sheet: Worksheet, row: int, heading: str, lines: list[tuple[str, str, str]]) -> int:
    """A heading and its lines; returns the row where the next section starts."""
    header(sheet, row, (heading, "Unit" if lines[0][1] else "", "Meaning" if lines[0][1] else ""))
    for line, (term, unit, meaning) in enumerate(lines, start=row + 1):
        put(sheet, line, TERM, term)
        put(sheet, line, UNIT, unit, style.NOTE)
        put(sheet, line, MEANING, meaning)
        fit_height(sheet, line, [(TERM, term), (UNIT, unit), (MEANING, meaning)])
    return row + len(lines) + 2
