"""Where does everything stand? Every address of the workbook is computed here."""

from collections.abc import Iterator
from dataclasses import dataclass

from roi_xl.describe import Formula, gives, takes
from roi_xl.functions import decision, ledger, returns, sources, value
from roi_xl.functions.outcome import RESULTS, verdict
from roi_xl.quantities import (
    BASELINE_COST_PER_REQUEST,
    BASELINE_PRICE_CHANGE,
    BLANKS_TOLD,
    CHOICES,
    CHOSEN_RETURN,
    EVENTS_TOLD,
    FINE_TUNED_COST_PER_REQUEST,
    FINE_TUNED_SUCCESS_RATE,
    INPUTS,
    LIFE_TOLD,
    MODEL_INPUTS,
    MONTHLY_REQUESTS,
    PROGRAM,
    SOURCES_TOLD,
    TRAINING_COST,
    TURNS,
    Quantity,
)
from roi_xl.xlsx.addresses import Address, column_letters

SUMMARY, INPUT_SHEET, OUTPUTS, CASH_FLOW, CHECKS, GUIDE = QUICK = (
    "Summary",
    "Inputs",
    "Outputs",
    "Cash flow",
    "Checks",
    "Guide",
)
OPTIONS, SENSITIVITY, SCENARIOS, RISK, CASES, CHANGE_LOG = FURTHER = (
    "Options",
    "Sensitivity",
    "Scenarios",
    "Risk",
    "Cases",
    "Change log",
)
EXAMPLES = "Examples"
"""The last sheet of a workbook that calls the functions."""

TRACES, PRICES = MEASURED = ("Traces", "Prices")
SHEETS = {"quick": (*QUICK, CHANGE_LOG), "full": QUICK + FURTHER}
"""The sheets of a workbook, by its depth."""

CHECKS_FLAG, PROBABILITY = "model_checks", "risk_probability"
"""The names of the overall flag, and of the probability that the net present value is above 0."""

SIMPLE, FROM_CASH_FLOW = "If every month were alike", "From the cash flow"
"""The headings of the two kinds of results."""

TITLE_ROW, SUBTITLE_ROW, FLAG_ROW, HEADER_ROW = 2, 3, 4, 6
FIRST_ROW = HEADER_ROW + 1
LABEL_COLUMN = 2
MONTHS_SHOWN = 60


@dataclass(frozen=True)
class Block:
    """A part of the Inputs sheet that builds one input up from its sources."""

    feeds: Quantity
    formula: Formula
    prefix: str
    example: dict[str, float]

    def items(self) -> Iterator[tuple[str, Quantity, float]]:
        """Name, quantity and example value of every line."""
        for parameter in takes(self.formula):
            name = parameter.quantity.name
            yield self.prefix + name, parameter.quantity, self.example.get(name, 0)


BLOCKS = (
    Block(
        TRAINING_COST,
        sources.training_cost,
        "",
        {
            "provider_charges": 400,
            "data_preparation": 10,
            "labeling": 6,
            "evaluation": 4,
            "engineering": 8,
            "deployment": 2,
            "hourly_rate": 70,
            "epochs": 1,
        },
    ),
    Block(
        BASELINE_COST_PER_REQUEST,
        sources.cost_per_request,
        "baseline_",
        {
            "input_tokens": 4_000,
            "output_tokens": 1_000,
            "input_price": 2.5,
            "output_price": 10,
            "cached_price": 2.5,
            "batch_discount": 0.5,
        },
    ),
    Block(
        FINE_TUNED_COST_PER_REQUEST,
        sources.cost_per_request,
        "fine_tuned_",
        {
            "input_tokens": 800,
            "output_tokens": 600,
            "input_price": 3.75,
            "output_price": 15,
            "cached_price": 3.75,
            "batch_discount": 0.5,
        },
    ),
    Block(
        MONTHLY_REQUESTS,
        sources.monthly_requests,
        "",
        {"active_users": 2_500, "requests_per_user_per_day": 2, "days": 20},
    ),
)
"""The builder: four inputs from their sources; the examples come to the reference case."""

BLOCK_OF = {block.feeds: block for block in BLOCKS}

IN_LABEL, IN_VALUE, IN_UNIT, IN_CHOICE, IN_BUILT, IN_USED, IN_SOURCE, IN_NOTE, IN_CHECK = range(2, 11)
OUT_LABEL, OUT_VALUE, OUT_UNIT, OUT_MEANING, OUT_FORMULA = range(2, 7)
CH_LABEL, CH_LEFT, CH_RIGHT, CH_DIFFERENCE, CH_PASSED = range(2, 7)
SECOND_COLUMNS = {
    name: 8 + place
    for place, name in enumerate(
        ("month", "within", "requests", "moved", "baseline", "fine_tuned", "fixed", "migration", "net", "worth")
    )
}
"""The columns of the checks' own cash flow, which reads nothing but inputs."""


def local(row: int, column: int) -> str:
    """An address within its own sheet, such as `C7`."""
    return f"{column_letters(column)}{row}"


def area(top: int, left: int, bottom: int, right: int) -> str:
    """A range within its own sheet, such as `C7:C12`."""
    return f"{local(top, left)}:{local(bottom, right)}"


def absolute(sheet: str, top: int, left: int, bottom: int | None = None, right: int | None = None) -> str:
    """A reference that names its sheet and does not move, such as `Inputs!$C$7`."""
    quoted = str(Address(sheet, 1, 1)).rpartition("!")[0]
    first = f"{quoted}!${column_letters(left)}${top}"
    return first if bottom is None else f"{first}:${column_letters(right or left)}${bottom}"


def second(column: str) -> str:
    """A column of the checks' own cash flow, within their sheet."""
    letters = column_letters(SECOND_COLUMNS[column])
    return f"${letters}${FIRST_ROW}:${letters}${FIRST_ROW + MONTHS_SHOWN}"


INPUT_ROWS = {quantity: FIRST_ROW + place for place, quantity in enumerate(INPUTS)}
"""The row of each input."""

PROGRAM_ROW = FIRST_ROW + len(INPUTS) + 1
"""The header row of what makes one month unlike another."""

INPUT_ROWS |= {quantity: PROGRAM_ROW + 1 + place for place, quantity in enumerate(PROGRAM)}

CHOICES_ROW = PROGRAM_ROW + len(PROGRAM) + 2
"""The header row of what is chosen besides."""

CHOICE_ROWS = {quantity: CHOICES_ROW + 1 + place for place, quantity in enumerate(CHOICES)}

LIFE_ROW = CHOICES_ROW + len(CHOICES) + 1
"""The row of the life of both models, which follows from the choices."""

BUILDER_ROW = LIFE_ROW + 2
"""The row of the builder's heading; its blocks follow."""


def block_rows() -> dict[Quantity, int]:
    """The header row of each builder block, by the input that it feeds."""
    rows, row = {}, BUILDER_ROW + 3
    for block in BLOCKS:
        rows[block.feeds] = row
        row += len(takes(block.formula)) + 3
    return rows


BLOCK_ROWS = block_rows()
LAST_INPUT_ROW = BLOCK_ROWS[BLOCKS[-1].feeds] + len(takes(BLOCKS[-1].formula)) + 1


def total_row(block: Block) -> int:
    """The row of a block that holds what it comes to."""
    return BLOCK_ROWS[block.feeds] + len(takes(block.formula)) + 1


OUTPUT_ROWS = {gives(formula): FIRST_ROW + place for place, formula in enumerate([verdict, *RESULTS[:-1]])}
"""The row of each result of the closed forms; the verdict comes first."""

BRIDGE_ROW, BRIDGE_LINES = FIRST_ROW + len(OUTPUT_ROWS) + 1, 8
"""The header row of the savings bridge, and its lines."""

LEDGER_HEADER_ROW = BRIDGE_ROW + BRIDGE_LINES + 2
LEDGER_RESULTS: tuple[Formula, ...] = (
    decision.decision,
    value.ledger_benefit,
    *returns.RETURNS.values(),
    value.npv,
    value.irr,
    value.mirr,
    value.payback,
    value.discounted_payback,
    decision.peak_funding,
    decision.peak_month,
    value.profitability_index,
)
"""Every result of the ledger, in reading order."""

OUTPUT_ROWS |= {gives(formula): LEDGER_HEADER_ROW + 1 + place for place, formula in enumerate(LEDGER_RESULTS)}

WORKBOOK_RESULTS = (CHOSEN_RETURN, TURNS, SOURCES_TOLD, LIFE_TOLD, EVENTS_TOLD, BLANKS_TOLD)
"""What the workbook alone says: results that follow a choice."""

FIRST_OWN_ROW = LEDGER_HEADER_ROW + 1 + len(LEDGER_RESULTS)
OUTPUT_ROWS |= {quantity: FIRST_OWN_ROW + place for place, quantity in enumerate(WORKBOOK_RESULTS)}

WORDING_ROW, WORDING_LINES = FIRST_OWN_ROW + len(WORKBOOK_RESULTS) + 1, 4
"""The header row of the parts that the verdict and the decision are put together from, and how many there are."""

PROFILE_ROW = WORDING_ROW + WORDING_LINES + 3
"""The header row of the present value by discount rate."""

PROFILE_RATES = (
    *(-0.999999, -0.99999, -0.9999, -0.999, -0.99, -0.9, -0.75, -0.5, -0.25),
    *(0, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5, 1, 2, 5, 10, 20, 50, 100, 1_000),
    *(1e4, 1e6, 1e9, 1e12, 1e18, 1e24, 1e36, 1e48, 1e60),
)
"""Yearly rates; a month's factor goes from 0.3 to 100,000 with them."""

SEARCH_ROW = PROFILE_ROW + len(PROFILE_RATES) + 2
"""The first of the rows that say where the rate of return is looked for."""

TURNING_ROW = SEARCH_ROW + 8
"""The header row of what turns the answer."""

TURNING = (
    TRAINING_COST,
    BASELINE_COST_PER_REQUEST,
    FINE_TUNED_COST_PER_REQUEST,
    MONTHLY_REQUESTS,
    FINE_TUNED_SUCCESS_RATE,
    BASELINE_PRICE_CHANGE,
)
TURNING_ROWS = {quantity: TURNING_ROW + 1 + place for place, quantity in enumerate(TURNING)}
NEWTON_ROW, NEWTON_STEPS = TURNING_ROW + len(TURNING) + 8, 12
"""The header row of the search for a price change, and how many steps it takes."""


FIRST_MONTH_ROW = FIRST_ROW
LAST_MONTH_ROW = FIRST_MONTH_ROW + MONTHS_SHOWN
POINT_ROW = LAST_MONTH_ROW + 3
"""The row of the break-even point that the chart marks."""

BUDGET_ROW = POINT_ROW + 3
"""The header row of the totals by fiscal year."""

FISCAL_YEARS = 6
"""As many as month 0 and 60 more may touch."""

SUMMED = (
    *("requests", "moved_requests", "avoided_cost", "migration", "fine_tuned_spend", "quality_adjustment"),
    *("maintenance", "hosting", "retraining", "training", "net_cash_flow", "discounted"),
)
"""The columns of the cash flow that are amounts of a month."""

CHART_COLUMNS = {
    "baseline_total": "Baseline avoided, total",
    "fine_tuned_total": "Fine-tuned, total",
    "chart_month": "Month in chart",
}
"""The columns that charts read, with their headings."""

CALENDAR = ("month_end", "fiscal_year")
COLUMN_NAMES = (ledger.SHOWN[0], *CALENDAR, *ledger.SHOWN[1:], *CHART_COLUMNS)
CF = {name: LABEL_COLUMN + place for place, name in enumerate(COLUMN_NAMES)}
"""The column of each part of the cash flow, by its name."""


def flow(name: str) -> str:
    """A column of the cash flow from month 0 to the last."""
    return absolute(CASH_FLOW, FIRST_MONTH_ROW, CF[name], LAST_MONTH_ROW)


def used(name: str) -> str:
    """The name of the cell that holds an input as the model uses it."""
    return f"{name}_used"


# the sheets of the full workbook

OP_NAME, OP_FIRST, OP_BENEFIT, OP_RETURN, OP_PAYBACK, OP_NPV, OP_RANK, OP_DOMINATED = 2, 3, 9, 10, 11, 12, 13, 14
OPTION_COUNT = 5

SC_LABEL, SC_UNIT, SC_HOW, SC_CHANGES, SC_VALUES = 2, 3, 4, 5, 8
SCENARIO_NAMES = ("Pessimistic", "Base", "Optimistic", "Custom")
SC_SELECTOR_ROW, SC_HEADER_ROW = HEADER_ROW, HEADER_ROW + 2
SC_ROWS = {quantity: SC_HEADER_ROW + 1 + place for place, quantity in enumerate(MODEL_INPUTS)}
SC_SUMMARY_ROW = SC_HEADER_ROW + len(MODEL_INPUTS) + 2

(
    SE_LABEL,
    SE_UNIT,
    SE_BASE,
    SE_LOW_CHANGE,
    SE_HIGH_CHANGE,
    SE_LOW,
    SE_HIGH,
    SE_NPV_LOW,
    SE_NPV_HIGH,
    SE_SWING,
    SE_SWITCHING,
) = range(2, 13)
SE_ROWS = {quantity: FIRST_ROW + place for place, quantity in enumerate(MODEL_INPUTS)}
SE_CHECK = SE_SWITCHING + 2
TORNADO_ROW = FIRST_ROW + len(MODEL_INPUTS) + 2
TORNADO_BARS = 8
TABLE_ROW = TORNADO_ROW + 20
TABLE_STEPS = (0.25, 0.5, 0.75, 1, 1.25, 1.5, 2)

CASE_HEADER_ROW = HEADER_ROW
CASE_FIRST_COLUMN = 4
CASE_ROWS = {quantity: FIRST_ROW + place for place, quantity in enumerate(MODEL_INPUTS)}
CASE_RESULTS_ROW = FIRST_ROW + len(MODEL_INPUTS) + 1
CASE_RESULTS: tuple[Formula, ...] = (value.ledger_benefit, returns.roi_on_investment, value.npv, value.payback)
CASE_RESULT_ROWS = {gives(formula): CASE_RESULTS_ROW + 1 + place for place, formula in enumerate(CASE_RESULTS)}
CASE_BELOW_ROW = CASE_RESULTS_ROW + len(CASE_RESULTS) + 1
"""The last month in which the cumulative cash flow of a case is below 0."""

CASE_CHECK_ROW, CASE_CHECK_LINES = CASE_BELOW_ROW + 2, 6
CASE_COSTS_ROW, CASE_MIGRATION_ROW = (CASE_CHECK_ROW + CASE_CHECK_LINES + line for line in (1, 2))
CASE_NET_ROW = CASE_MIGRATION_ROW + 3
CASE_CUMULATIVE_ROW = CASE_NET_ROW + MONTHS_SHOWN + 3
SCENARIO_CASES = {name: CASE_FIRST_COLUMN + place for place, name in enumerate(SCENARIO_NAMES)}
OPTION_CASES = {place: CASE_FIRST_COLUMN + len(SCENARIO_CASES) + place for place in range(OPTION_COUNT)}
ENDS = ("low", "high")
SWING_CASES = {
    (quantity, end): CASE_FIRST_COLUMN + len(SCENARIO_CASES) + OPTION_COUNT + 2 * place + side
    for place, quantity in enumerate(MODEL_INPUTS)
    for side, end in enumerate(ENDS)
}
LAST_CASE_COLUMN = max(SWING_CASES.values())
CASE_CHECK_COLUMN = LAST_CASE_COLUMN + 1


def case_result(result: Quantity, column: int) -> str:
    """The cell of the Cases sheet that holds a result of one case."""
    return absolute(CASES, CASE_RESULT_ROWS[result], column)
