"""Do the cases come to the same a second way? Helper cells of the Cases sheet, all 0 if they do."""

from openpyxl.worksheet.worksheet import Worksheet

from roi_xl import quantities as q
from roi_xl.template import style
from roi_xl.template.cash_flow import below_differs
from roi_xl.template.layout import (
    CASE_BELOW_ROW,
    CASE_CHECK_COLUMN,
    CASE_CHECK_ROW,
    CASE_COSTS_ROW,
    CASE_CUMULATIVE_ROW,
    CASE_FIRST_COLUMN,
    CASE_HEADER_ROW,
    CASE_MIGRATION_ROW,
    CASE_NET_ROW,
    CASE_RESULT_ROWS,
    CASE_ROWS,
    LABEL_COLUMN,
    LAST_CASE_COLUMN,
    MONTHS_SHOWN,
    OPTION_CASES,
    SCENARIO_CASES,
    SE_HIGH,
    SE_LOW,
    SE_ROWS,
    SENSITIVITY,
    SWING_CASES,
    absolute,
    area,
    local,
    used,
)
from roi_xl.template.second_way import SecondWay
from roi_xl.template.sheet import header, put
from roi_xl.xlsx.addresses import column_letters

AMOUNT = "#,##0.00"
LABELS = (
    "Net benefit",
    "ROI × costs",
    "Net present value",
    "Cash at payback",
    "Cumulative cash flow",
    "Last month below 0",
)
MONTHS = f"$B${CASE_NET_ROW + 1}:$B${CASE_NET_ROW + 1 + MONTHS_SHOWN}"


def months_of(header_row: int, column: int, first: int = 0) -> str:
    """The months of a block in one column, from one of them on."""
    letters = column_letters(column)
    return f"{letters}{header_row + 1 + first}:{letters}{header_row + 1 + MONTHS_SHOWN}"


def second_way(column: int) -> SecondWay:
    """A case's cash flow from its own inputs."""
    letters = column_letters(column)
    return SecondWay(MONTHS, lambda name: f"{letters}${CASE_ROWS[q.QUANTITIES[name]]}")


def costs_again(again: SecondWay) -> str:
    """What a case pays whatever its requests: training, maintenance, hosting and every retraining."""
    monthly = f"{again.of('months')}*({again.of('monthly_maintenance')}+{again.of('monthly_hosting')})"
    interval, end = again.of("retraining_interval"), f"ROUNDUP({again.of('fine_tuned_life')},0)"
    planned = f"({interval}>0)*INT(({again.of('months')}-1)/MAX(1,{interval}))"
    alone = f"(1-({interval}>0)*(MOD({end},MAX(1,{interval}))<1))"
    times = f"({planned}+({end}>0)*({end}<{again.of('months')})*{alone})"
    return f"{again.of('training_cost')}+{monthly}+{times}*{again.of('retraining_cost')}"


def differences(column: int) -> tuple[str, ...]:
    """Each result of a case less the same from its inputs, or from another column."""
    again = second_way(column)
    benefit, roi, worth, back = (
        local(CASE_RESULT_ROWS[one], column) for one in (q.LEDGER_BENEFIT, q.LEDGER_RETURN, q.NPV, q.PAYBACK)
    )
    net, together = months_of(CASE_NET_ROW, column), months_of(CASE_CUMULATIVE_ROW, column)
    rate = f"(1+{again.of('discount_rate')})^(1/12)-1"
    first, later = local(CASE_NET_ROW + 1, column), months_of(CASE_NET_ROW, column, first=1)
    costs, migration = (local(row, column) for row in (CASE_COSTS_ROW, CASE_MIGRATION_ROW))
    saving = f"({again.price('baseline')}-{again.price('fine_tuned')}-{again.lost})"
    at = f"INDEX({together},INT({back})+1)+({back}-INT({back}))*INDEX({net},MIN(INT({back})+2,{MONTHS_SHOWN + 1}))"
    below = below_differs(MONTHS, together, local(CASE_BELOW_ROW, column))
    return (
        f"{benefit}-SUMPRODUCT({again.moved}*{saving})-{migration}+{costs}",
        f"IF(ISERROR({roi}),0,{roi}*{costs}-{benefit})",
        f"{worth}-NPV({rate},{later})-{first}",
        f"IF(ISNA({back}),0,IF({back}=0,0,{at}))",
        f"SUM({together})-SUMPRODUCT({net},{MONTHS_SHOWN}+1-{MONTHS})",
        below,
    )


def inputs_that_differ(quantity: q.Quantity, sources: dict[int, str]) -> str:
    """How many cases have another input than the sheet that asks; sources are the cells of that, by column."""
    row, now = CASE_ROWS[quantity], used(quantity.name)
    options = tuple(OPTION_CASES.values())
    shared = {sources[column] for column in options} == {now}
    asked = (*SCENARIO_CASES.values(), *(() if shared else options))
    pairs = [f"({local(row, column)}<>{sources[column]})" for column in asked]
    if shared:
        pairs.append(f"SUMPRODUCT(({area(row, min(options), row, max(options))}<>{now})*1)")
    own = [(SWING_CASES[quantity, end], place) for end, place in (("low", SE_LOW), ("high", SE_HIGH))]
    varied = [(local(row, column), absolute(SENSITIVITY, SE_ROWS[quantity], place)) for column, place in own]
    pairs += [f"({cell}<>{source})" for cell, source in varied]
    swings = area(row, min(SWING_CASES.values()), row, max(SWING_CASES.values()))
    others = "-".join([f"SUMPRODUCT(({swings}<>{now})*1)", *(f"({cell}<>{now})" for cell, _ in varied)])
    return "+".join([*pairs, f"ABS({others})"])


def fill_case_checks(sheet: Worksheet, sources: dict[q.Quantity, dict[int, str]]) -> None:
    """Write a helper row for each result, and a helper column for the inputs."""
    width = LAST_CASE_COLUMN - LABEL_COLUMN
    header(sheet, CASE_CHECK_ROW, ("Difference from a second computation", *[""] * width))
    for line, label in enumerate(LABELS, start=CASE_CHECK_ROW + 1):
        put(sheet, line, LABEL_COLUMN, label)
        put(sheet, line, LABEL_COLUMN + 1, "must be 0", style.NOTE)
    put(sheet, CASE_COSTS_ROW, LABEL_COLUMN, "Costs whatever the requests")
    put(sheet, CASE_MIGRATION_ROW, LABEL_COLUMN, "Migration avoided")
    for column in range(CASE_FIRST_COLUMN, LAST_CASE_COLUMN + 1):
        for line, text in enumerate(differences(column), start=CASE_CHECK_ROW + 1):
            put(sheet, line, column, f"={text}", style.CALCULATION, "0.00")
        again = second_way(column)
        put(sheet, CASE_COSTS_ROW, column, f"={costs_again(again)}", style.CALCULATION, AMOUNT)
        put(sheet, CASE_MIGRATION_ROW, column, f"=SUMPRODUCT({again.migrated})", style.CALCULATION, AMOUNT)
    put(sheet, CASE_HEADER_ROW, CASE_CHECK_COLUMN, "Inputs that differ", style.HEADER, alignment=style.RIGHT_WRAPPED)
    for quantity, row in CASE_ROWS.items():
        differ = f"={inputs_that_differ(quantity, sources[quantity])}"
        put(sheet, row, CASE_CHECK_COLUMN, differ, style.CALCULATION, "0")
