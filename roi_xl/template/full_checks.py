"""Do the further sheets of a full workbook agree with the cash flow, the inputs, and with one another?"""

from collections.abc import Mapping
from typing import Any

from roi_xl import quantities as q
from roi_xl.functions.comparison import COLUMNS as OPTION_COLUMNS
from roi_xl.quantities import INPUTS, MODEL_INPUTS, NPV, PROGRAM, Quantity
from roi_xl.template.check import Check, Row, money, numbers
from roi_xl.template.layout import (
    CASE_CHECK_COLUMN,
    CASE_CHECK_LINES,
    CASE_CHECK_ROW,
    CASE_CUMULATIVE_ROW,
    CASE_FIRST_COLUMN,
    CASE_NET_ROW,
    CASE_RESULT_ROWS,
    CASE_ROWS,
    CASES,
    FIRST_ROW,
    IN_USED,
    INPUT_ROWS,
    INPUT_SHEET,
    LABEL_COLUMN,
    LAST_CASE_COLUMN,
    MONTHS_SHOWN,
    OP_BENEFIT,
    OP_FIRST,
    OP_NPV,
    OP_PAYBACK,
    OP_RANK,
    OP_RETURN,
    OPTION_CASES,
    OPTION_COUNT,
    OPTIONS,
    PROBABILITY,
    RISK,
    SC_CHANGES,
    SC_HEADER_ROW,
    SC_HOW,
    SC_ROWS,
    SC_SUMMARY_ROW,
    SC_VALUES,
    SCENARIO_CASES,
    SCENARIO_NAMES,
    SCENARIOS,
    SE_BASE,
    SE_CHECK,
    SE_NPV_HIGH,
    SE_NPV_LOW,
    SE_ROWS,
    SE_SWING,
    SENSITIVITY,
    SUMMARY,
    SWING_CASES,
    TABLE_STEPS,
    TORNADO_BARS,
    TORNADO_ROW,
    absolute,
    flow,
    used,
)
from roi_xl.template.options import of_this_case
from roi_xl.template.risk import MONTHS_AT
from roi_xl.template.scenarios import CHANGED, MULTIPLIED
from roi_xl.template.second_way import BASELINE, FIXED, MIGRATION, MONTH, MONTHS, MOVED
from roi_xl.template.sensitivity import BENEFIT_ROW, EVEN_ROW, TABLE_LEFT
from roi_xl.template.summary import PROBABILITY_COLUMN, TILE_ROW

TINY = "1E-300"
"""What keeps a divisor from being 0 where its quotient is not wanted."""

LAST_OPTION = FIRST_ROW + OPTION_COUNT - 1
BASE = SC_VALUES + SCENARIO_NAMES.index("Base")


def numbers_in(cells: str) -> str:
    """The sum of the numbers among some cells; errors and words are passed over."""
    return f'SUMIF({cells},"<1E300")'


def apart(pairs: list[tuple[str, str]]) -> str:
    """How far the numbers of some ranges are from those of others, together."""
    return "+".join(f"ABS({numbers_in(one)}-{numbers_in(other)})" for one, other in pairs)


def scenario_column(column: int) -> str:
    """The inputs of one column of the Scenarios sheet."""
    return absolute(SCENARIOS, min(SC_ROWS.values()), column, max(SC_ROWS.values()))


def case_row(result: Quantity, columns: Mapping[Any, int]) -> str:
    """A result of some cases beside each other."""
    row = CASE_RESULT_ROWS[result]
    return absolute(CASES, row, min(columns.values()), row, max(columns.values()))


def case_checks() -> list[Check]:
    """The cases have their inputs, and come to the same a second way."""
    last = CASE_CHECK_ROW + CASE_CHECK_LINES
    rows = absolute(CASES, CASE_CHECK_ROW + 1, CASE_FIRST_COLUMN, last - 1, LAST_CASE_COLUMN)
    below = absolute(CASES, last, CASE_FIRST_COLUMN, last, LAST_CASE_COLUMN)
    column = absolute(CASES, min(CASE_ROWS.values()), CASE_CHECK_COLUMN, max(CASE_ROWS.values()))
    months = [
        absolute(CASES, top + 1, LABEL_COLUMN, top + 1 + MONTHS_SHOWN) for top in (CASE_NET_ROW, CASE_CUMULATIVE_ROW)
    ]
    return [
        *numbers(
            ("Every case has the inputs that its sheet asks for", f"SUM({column})", "0"),
            ("“Last month below 0” is the last such month in every case", f"SUMSQ({below})", "0"),
            (
                "Months of the cases match the cash flow",
                different(*[(cells, flow("month")) for cells in months]),
                "0",
            ),
        ),
        *money(("Every case agrees with a second computation", f"SQRT(SUMSQ({rows}))", "0")),
    ]


def different(*pairs: tuple[str, str]) -> str:
    """How many cells of some ranges differ from those of others."""
    return "+".join(f"SUMPRODUCT(({one}<>{other})*1)" for one, other in pairs)


def scenario_checks() -> list[Check]:
    """The scenarios are the base with its changes; the chosen one drives the model; results are those of the cases."""
    names = absolute(SCENARIOS, SC_HEADER_ROW, SC_VALUES, SC_HEADER_ROW, SC_VALUES + len(SCENARIO_NAMES) - 1)
    chosen = []
    for group in (INPUTS, PROGRAM):
        rows, inputs = [SC_ROWS[one] for one in group], [INPUT_ROWS[one] for one in group]
        values = absolute(SCENARIOS, min(rows), SC_VALUES, max(rows), SC_VALUES + len(SCENARIO_NAMES) - 1)
        in_model = absolute(INPUT_SHEET, min(inputs), IN_USED, max(inputs))
        chosen.append(f"SUMPRODUCT(({values}<>{in_model})*({names}=scenario))")
    results = [
        (
            absolute(
                SCENARIOS,
                SC_SUMMARY_ROW + 1 + place,
                SC_VALUES,
                SC_SUMMARY_ROW + 1 + place,
                SC_VALUES + len(SCENARIO_NAMES) - 1,
            ),
            case_row(one, SCENARIO_CASES),
        )
        for place, one in enumerate(CASE_RESULT_ROWS)
    ]
    return numbers(
        (
            "The chosen scenario drives the model",
            f"{'+'.join(chosen)}+(scenario_number<>MATCH(scenario,{names},0))",
            "0",
        ),
        *(changed_scenario(place, name) for place, name in enumerate(CHANGED)),
        ("The scenarios show the results of their cases", apart(results), "0"),
    )


def same_as_model() -> list[Check]:
    """The cases of the chosen scenario and of the first option are the case in the model."""
    chosen = f"INDEX({case_row(NPV, SCENARIO_CASES)},1,scenario_number)"
    first = absolute(CASES, CASE_RESULT_ROWS[NPV], OPTION_CASES[0])
    return money(
        ("The chosen scenario is the one in the model", chosen, NPV.name),
        ("The first option is the case in the model", first, NPV.name),
    )


def changed_scenario(place: int, name: str) -> Row:
    """The inputs of a scenario are those of the base with its changes."""
    base, change, how = (scenario_column(column) for column in (BASE, SC_CHANGES + place, SC_HOW))
    values, multiplied = scenario_column(SC_VALUES + SCENARIO_NAMES.index(name)), f'({how}="{MULTIPLIED}")'
    again = f"({base}*(1+{change}*{multiplied})+{change}*(1-{multiplied}))"
    return (
        f"Scenario “{name}” equals the base with its changes applied",
        f"SUMPRODUCT((({values}-{again})^2>1E-18*{again}^2)*1)",
        "0",
    )


def option_checks() -> list[Check]:
    """The first option is this case, the results are those of the cases, and ranks are by present value."""
    columns = enumerate(OPTION_COLUMNS, start=OP_FIRST)
    pairs = [f"({absolute(OPTIONS, FIRST_ROW, column)}<>{of_this_case(one)})" for column, one in columns]
    shown = {OP_BENEFIT: q.LEDGER_BENEFIT, OP_RETURN: q.LEDGER_RETURN, OP_PAYBACK: q.PAYBACK, OP_NPV: NPV}
    results = [
        (absolute(OPTIONS, FIRST_ROW, column, LAST_OPTION), case_row(one, OPTION_CASES))
        for column, one in shown.items()
    ]
    worth = absolute(OPTIONS, FIRST_ROW, OP_NPV, LAST_OPTION)
    ranks = [
        f"({absolute(OPTIONS, row, OP_RANK)}<>1+SUMPRODUCT(({worth}>{absolute(OPTIONS, row, OP_NPV)})*1))"
        for row in range(FIRST_ROW, LAST_OPTION + 1)
    ]
    return numbers(
        ("The first option has the inputs of the model", "+".join(pairs), "0"),
        ("The options show the results of their cases", apart(results), "0"),
        ("The options are ranked by net present value", "+".join(ranks), "0"),
    )


def sensitivity_checks() -> list[Check]:
    """The ranges, the tornado and the tables agree with the cases and with the inputs."""
    first, last = min(SE_ROWS.values()), max(SE_ROWS.values())
    rows = absolute(SENSITIVITY, first, SE_CHECK, last)
    ends = absolute(SENSITIVITY, first, SE_NPV_LOW, last, SE_NPV_HIGH)
    bars = absolute(SENSITIVITY, TORNADO_ROW + 1, SE_BASE, TORNADO_ROW + TORNADO_BARS)
    swings = absolute(SENSITIVITY, first, SE_SWING, last)
    places = absolute(SENSITIVITY, first, SE_CHECK - 1, last)
    largest = "+".join(f"LARGE({swings},{place})^2" for place in range(1, TORNADO_BARS + 1))
    others = absolute(SENSITIVITY, TORNADO_ROW + 1, SE_BASE + 1, TORNADO_ROW + TORNADO_BARS)
    of_inputs = numbers(
        ("Every input has its rank by swing", f"SUM({places})", f"{sum(range(len(MODEL_INPUTS) + 1))}"),
        ("Every range, swing and break-even point agrees with its inputs", f"SUM({rows})", "0"),
        ("The table of break-even months comes from the inputs", *even_table()),
    )
    return of_inputs + money(
        (
            "Net present values at low and high agree with the cases",
            f"SUM({ends})",
            f"SUM({case_row(NPV, SWING_CASES)})",
        ),
        (
            "The bars of the tornado are the largest swings",
            f"SQRT(SUMPRODUCT(({others}-{bars})^2))",
            f"SQRT({largest})",
        ),
        ("The tables of volumes and savings come from the inputs", *benefit_table()),
    )


def table(top: int) -> tuple[str, str, str]:
    """A table of the Sensitivity sheet: its cells, the shares down and those across."""
    steps, first = len(TABLE_STEPS), BENEFIT_ROW
    cells = absolute(SENSITIVITY, top + 3, TABLE_LEFT, top + 2 + steps, TABLE_LEFT + steps - 1)
    down = absolute(SENSITIVITY, first + 3, LABEL_COLUMN, first + 2 + steps)
    across = absolute(SENSITIVITY, first + 1, TABLE_LEFT, first + 1, TABLE_LEFT + steps - 1)
    return cells, down, across


def benefit_table() -> tuple[str, str]:
    """The sum of the first table, and the same from the inputs: volume times saving, less what is fixed."""
    cells, down, across = table(BENEFIT_ROW)
    weighted = f"SUMPRODUCT({MOVED}*(1+{used('fine_tuned_price_change')})^(({MONTHS}-1)/12))"
    avoided, lost = f"SUMPRODUCT({MOVED}*{BASELINE})", f"SUMPRODUCT({MOVED}*{MONTH.lost})"
    saved = f"SUM({across})*{q.REQUEST_SAVINGS.name}-{len(TABLE_STEPS)}*{used('baseline_cost_per_request')}"
    requests = f"SUM({down})*({len(TABLE_STEPS)}*({avoided}-{lost})+({saved})*{weighted})"
    costs = f"{len(TABLE_STEPS) ** 2}*({used('training_cost')}+SUMPRODUCT({FIXED}-{MIGRATION}))"
    return f"SUM({cells})", f"{requests}-{costs}"


def even_table() -> tuple[str, str]:
    """The sum of the months in the second table, and the same from the inputs."""
    cells, down, across = table(EVEN_ROW)
    saved = f"{down}*{used('monthly_requests')}*{across}*{q.REQUEST_SAVINGS.name}"
    net = f"({saved}-{used('monthly_maintenance')}-{used('monthly_hosting')})"
    return numbers_in(cells), f"SUMPRODUCT(({net}>0)*{used('training_cost')}/({net}+{TINY}))"


def risk_checks() -> list[Check]:
    """Page one shows the simulated probability, and the months of the simulation are those of the chart."""
    tile = absolute(SUMMARY, TILE_ROW + 1, PROBABILITY_COLUMN)
    months = absolute(RISK, MONTHS_AT[0], MONTHS_AT[1], MONTHS_AT[0] + MONTHS_SHOWN)
    return numbers(
        ("Summary shows the simulated probability", f"IF(ISNUMBER({tile}),({tile}<>{PROBABILITY})*1,0)", "0"),
        ("Months of the simulation match the chart", different((months, flow("chart_month"))), "0"),
    )


def full_checks() -> list[Check]:
    """Every check of the further sheets."""
    of_cases = [*case_checks(), *scenario_checks(), *option_checks(), *same_as_model()]
    return [*of_cases, *sensitivity_checks(), *risk_checks()]
