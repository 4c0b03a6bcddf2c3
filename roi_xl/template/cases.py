"""The Cases sheet: every case that another sheet asks about, as a cash flow of its own.

Printed are the inputs and results of the scenarios and options, on one page; the months are not.

Each column is one case: its inputs, its results, its net cash flow by month. One formula
for each row, the same in every column.
"""

from openpyxl.worksheet.worksheet import Worksheet

from roi_xl import symbols
from roi_xl.describe import Formula, gives
from roi_xl.functions import ledger, returns, value
from roi_xl.functions.branch import choose, greatest, least
from roi_xl.functions.comparison import COLUMNS as OPTION_COLUMNS
from roi_xl.quantities import (
    CURRENCY,
    DISCOUNT_RATE,
    FINE_TUNED_LIFE,
    HORIZON,
    MIGRATION_COST,
    MODEL_INPUTS,
    MONTHLY_HOSTING,
    MONTHLY_MAINTENANCE,
    RETRAINING_COST,
    RETRAINING_INTERVAL,
    TRAINING_COST,
    Quantity,
)
from roi_xl.symbols import Symbol
from roi_xl.template import style
from roi_xl.template.case_checks import fill_case_checks
from roi_xl.template.cash_flow import last_below, payback_of
from roi_xl.template.formulas import Formulas, called, is_called
from roi_xl.template.layout import (
    CASE_BELOW_ROW,
    CASE_CUMULATIVE_ROW,
    CASE_FIRST_COLUMN,
    CASE_HEADER_ROW,
    CASE_NET_ROW,
    CASE_RESULT_ROWS,
    CASE_RESULTS,
    CASE_RESULTS_ROW,
    CASE_ROWS,
    FIRST_ROW,
    LABEL_COLUMN,
    LAST_CASE_COLUMN,
    MONTHS_SHOWN,
    OP_FIRST,
    OP_NAME,
    OPTION_CASES,
    OPTIONS,
    SC_ROWS,
    SC_VALUES,
    SCENARIO_CASES,
    SCENARIO_NAMES,
    SCENARIOS,
    SE_HIGH,
    SE_LOW,
    SE_ROWS,
    SENSITIVITY,
    SWING_CASES,
    absolute,
    local,
    used,
)
from roi_xl.template.sheet import head, header, not_printed, put
from roi_xl.xlsx.addresses import column_letters

UNIT_COLUMN = LABEL_COLUMN + 1
WIDTH = 13


def fill_cases(sheet: Worksheet, currency: str, formulas: Formulas) -> None:
    """Write every case."""
    subtitle = f"Amounts in {currency}. Calculated for Scenarios, Options and Sensitivity; do not type here."
    count = LAST_CASE_COLUMN - CASE_FIRST_COLUMN + 1
    head(sheet, "Cases", subtitle, (32, 22, *[WIDTH] * count))
    names = {**scenario_names(), **option_names(), **swing_names()}
    header(sheet, CASE_HEADER_ROW, ("Input", "Unit", *names.values()), numeric=range(CASE_FIRST_COLUMN, 100))
    sheet.row_dimensions[CASE_HEADER_ROW].height = 42
    fill_inputs_of_cases(sheet, currency)
    fill_results(sheet, currency, formulas)
    fill_below(sheet)
    fill_months(sheet, CASE_NET_ROW, "Net cash flow, month")
    fill_months(sheet, CASE_CUMULATIVE_ROW, "Cumulative, month")
    for column in names:
        for month in range(MONTHS_SHOWN + 1):
            net, together = net_cash_flow(month, column), cumulative(month, column)
            put(sheet, CASE_NET_ROW + 1 + month, column, f"={net}", style.CALCULATION, CURRENCY.number_format)
            put(sheet, CASE_CUMULATIVE_ROW + 1 + month, column, together, style.CALCULATION, CURRENCY.number_format)
    fill_case_checks(sheet, {quantity: sources_of(quantity) for quantity in CASE_ROWS})
    not_printed(sheet)
    sheet.freeze_panes = local(CASE_HEADER_ROW + 1, CASE_FIRST_COLUMN)


def scenario_names() -> dict[int, str]:
    """The heading of each scenario's column."""
    return {column: name for name, column in SCENARIO_CASES.items()}


def option_names() -> dict[int, str]:
    """The heading of each option's column."""
    return {column: f"={absolute(OPTIONS, FIRST_ROW + place, OP_NAME)}" for place, column in OPTION_CASES.items()}


def swing_names() -> dict[int, str]:
    """The heading of each column with one input at its low or high value."""
    return {column: f"{quantity.label}, {end}" for (quantity, end), column in SWING_CASES.items()}


def fill_inputs_of_cases(sheet: Worksheet, currency: str) -> None:
    """The inputs of every case, each from the sheet that asks."""
    for quantity, row in CASE_ROWS.items():
        put(sheet, row, LABEL_COLUMN, quantity.label)
        put(sheet, row, UNIT_COLUMN, quantity.unit.named(currency), style.NOTE)
        for column, source in sources_of(quantity).items():
            put(sheet, row, column, f"={source}", style.CALCULATION, quantity.unit.number_format)


def sources_of(quantity: Quantity) -> dict[int, str]:
    """Where each case finds an input, by its column."""
    return {**of_scenarios(quantity), **of_options(quantity), **of_swings(quantity)}


def of_scenarios(quantity: Quantity) -> dict[int, str]:
    """Where each scenario's column finds an input."""
    places = enumerate(SCENARIO_NAMES)
    return {SCENARIO_CASES[name]: absolute(SCENARIOS, SC_ROWS[quantity], SC_VALUES + place) for place, name in places}


def of_options(quantity: Quantity) -> dict[int, str]:
    """Where each option's column finds an input; hosting is in its monthly cost, only the first avoids a migration."""
    if quantity is MONTHLY_HOSTING:
        return dict.fromkeys(OPTION_CASES.values(), "0")
    if quantity is MIGRATION_COST:
        first, *others = OPTION_CASES.values()
        return {first: used(quantity.name), **dict.fromkeys(others, "0")}
    if quantity not in OPTION_COLUMNS:
        return dict.fromkeys(OPTION_CASES.values(), used(quantity.name))
    own = OP_FIRST + OPTION_COLUMNS.index(quantity)
    return {column: absolute(OPTIONS, FIRST_ROW + place, own) for place, column in OPTION_CASES.items()}


def of_swings(quantity: Quantity) -> dict[int, str]:
    """Where each column of the sensitivity finds an input."""
    own = {"low": SE_LOW, "high": SE_HIGH}
    return {
        column: absolute(SENSITIVITY, SE_ROWS[quantity], own[end]) if varied is quantity else used(quantity.name)
        for (varied, end), column in SWING_CASES.items()
    }


def fill_months(sheet: Worksheet, header_row: int, label: str) -> None:
    """The months of a block."""
    header(sheet, header_row, (label, "", *[""] * (LAST_CASE_COLUMN - UNIT_COLUMN)))
    for month in range(MONTHS_SHOWN + 1):
        row = header_row + 1 + month
        value = month if month == 0 else f"={local(row - 1, LABEL_COLUMN)}+1"
        put(sheet, row, LABEL_COLUMN, value, style.LABEL, "0", style.INDENTED)
        put(sheet, row, UNIT_COLUMN, "", style.NOTE)


def input_of(quantity: Quantity, column: int) -> Symbol:
    """The cell of a case's input, for a formula that is copied across and down."""
    return symbols.name(f"{column_letters(column)}${CASE_ROWS[quantity]}")


def net_cash_flow(month: int, column: int) -> Symbol:
    """The net cash flow of one month of a case: what its requests save, less what it costs whatever they are."""
    known = {quantity.name: input_of(quantity, column) for quantity in MODEL_INPUTS}
    now = symbols.name(f"${local(CASE_NET_ROW + 1 + month, LABEL_COLUMN)}")
    baseline, tuned = (
        ledger.price_of_month(now, known[f"{way}_cost_per_request"], known[f"{way}_price_change"])
        for way in ("baseline", "fine_tuned")
    )
    months, part = known["months"], greatest(0, least(1, known["months"] - now + 1))
    grown = known["monthly_requests"] * (1 + known["request_growth"]) ** (now - 1)
    moved = ledger.moved_requests(now, grown, known["traffic_share"], known["ramp_months"])
    lost = (known["baseline_success_rate"] - known["fine_tuned_success_rate"]) * known["failure_cost"]
    saved = moved * (baseline - tuned - lost)
    steady = part * (saved - known["monthly_maintenance"] - known["monthly_hosting"])
    migrated = ledger.ends(now, known["baseline_life"]) * known["migration_cost"]
    at_end = choose(now < months, migrated - retrained(known, now), 0)
    result: Symbol = choose(now > 0, steady + at_end, 0 - known["training_cost"])
    return result


def retrained(known: dict[str, Symbol], month: Symbol) -> Symbol:
    """What a month's retraining costs a case, if one falls into it."""
    planned = choose(known["retraining_interval"] > 0, month % greatest(1, known["retraining_interval"]) < 1, False)
    due: Symbol = symbols.call("OR", planned, ledger.ends(month, known["fine_tuned_life"]) > 0)
    cost: Symbol = choose(due, known["retraining_cost"], 0)
    return cost


def cumulative(month: int, column: int) -> str:
    """The formula of what has come together up to a month of a case."""
    first, here = CASE_NET_ROW + 1, local(CASE_NET_ROW + 1 + month, column)
    return f"=SUM({column_letters(column)}${first}:{here})"


def block(header_row: int, column: int) -> str:
    """The months of a block in one column."""
    letters = column_letters(column)
    return f"{letters}{header_row + 1}:{letters}{header_row + 1 + MONTHS_SHOWN}"


def fill_results(sheet: Worksheet, currency: str, formulas: Formulas) -> None:
    """The results of every case."""
    header(sheet, CASE_RESULTS_ROW, ("Result", "Unit", *[""] * (LAST_CASE_COLUMN - UNIT_COLUMN)))
    for formula in CASE_RESULTS:
        quantity = gives(formula)
        row = CASE_RESULT_ROWS[quantity]
        put(sheet, row, LABEL_COLUMN, quantity.label)
        put(sheet, row, UNIT_COLUMN, quantity.unit.named(currency), style.NOTE)
        for column in range(CASE_FIRST_COLUMN, LAST_CASE_COLUMN + 1):
            text = f"={result(formula, column, formulas)}"
            put(sheet, row, column, text, style.RESULT, quantity.unit.number_format)


def fill_below(sheet: Worksheet) -> None:
    """The last month in which the cumulative cash flow of every case is below 0."""
    put(sheet, CASE_BELOW_ROW, LABEL_COLUMN, "Last month below 0")
    put(sheet, CASE_BELOW_ROW, UNIT_COLUMN, "month; -1: none", style.NOTE)
    months = f"$B${CASE_NET_ROW + 1}:$B${CASE_NET_ROW + 1 + MONTHS_SHOWN}"
    for column in range(CASE_FIRST_COLUMN, LAST_CASE_COLUMN + 1):
        text = f"={last_below(months, block(CASE_CUMULATIVE_ROW, column))}"
        put(sheet, CASE_BELOW_ROW, column, text, style.CALCULATION, "0")


def result(formula: Formula, column: int, formulas: Formulas) -> str:
    """One result of one case."""
    if is_called(formula, formulas):
        return str(called(formula, [input_of(quantity, column) for quantity in MODEL_INPUTS]))
    net, months = block(CASE_NET_ROW, column), f"$B${CASE_NET_ROW + 1}:$B${CASE_NET_ROW + 1 + MONTHS_SHOWN}"
    benefit = local(CASE_RESULT_ROWS[gives(value.ledger_benefit)], column)
    below = local(CASE_BELOW_ROW, column)
    return {
        value.ledger_benefit: f"SUM({net})",
        returns.roi_on_investment: f"{benefit}/({invested(column)})",
        value.npv: f"SUMPRODUCT({net}/(1+{input_of(DISCOUNT_RATE, column)})^({months}/12))",
        value.payback: payback_of(net, block(CASE_CUMULATIVE_ROW, column), below),
    }[formula]


def invested(column: int) -> Symbol:
    """Training, maintenance, hosting and every retraining of a case."""
    training, monthly, hosting, months, again = (
        input_of(quantity, column)
        for quantity in (TRAINING_COST, MONTHLY_MAINTENANCE, MONTHLY_HOSTING, HORIZON, RETRAINING_COST)
    )
    return training + months * (monthly + hosting) + again * retrainings(column)


def retrainings(column: int) -> Symbol:
    """How many retrainings a case has: after every interval, and at retirement where none falls into that month."""
    months, interval, life = (input_of(one, column) for one in (HORIZON, RETRAINING_INTERVAL, FINE_TUNED_LIFE))
    at_least = symbols.call("MAX", 1, interval)
    planned = choose(interval > 0, symbols.call("INT", (months - 1) / at_least), 0)
    end = symbols.call("ROUNDUP", life, 0)
    further = choose(interval > 0, choose(end % at_least < 1, 0, 1), 1)
    times: Symbol = planned + choose(life > 0, choose(end < months, further, 0), 0)
    return times
