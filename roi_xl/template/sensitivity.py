"""The Sensitivity sheet: which input matters most, and where does the answer turn?"""

from collections.abc import Callable, Mapping

from openpyxl.formatting.rule import FormulaRule
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from roi_xl import quantities as q
from roi_xl import symbols
from roi_xl.functions.sensitivity import LINEAR
from roi_xl.functions.value import npv as present_value
from roi_xl.quantities import MODEL_INPUTS, Quantity
from roi_xl.symbols import Symbol
from roi_xl.template import style
from roi_xl.template.charts import tornado
from roi_xl.template.inputs import bounds_here
from roi_xl.template.layout import (
    FIRST_ROW,
    HEADER_ROW,
    SE_BASE,
    SE_CHECK,
    SE_HIGH,
    SE_HIGH_CHANGE,
    SE_LABEL,
    SE_LOW,
    SE_LOW_CHANGE,
    SE_NPV_HIGH,
    SE_NPV_LOW,
    SE_ROWS,
    SE_SWING,
    SE_SWITCHING,
    SE_UNIT,
    SENSITIVITY,
    SWING_CASES,
    TABLE_ROW,
    TABLE_STEPS,
    TORNADO_BARS,
    TORNADO_ROW,
    absolute,
    area,
    case_result,
    flow,
    local,
    used,
)
from roi_xl.template.measured import NONE_MEASURED, Changes
from roi_xl.template.money import WHOLE
from roi_xl.template.scenarios import change_format, with_change
from roi_xl.template.sheet import finish, head, header, new_page, put
from roi_xl.xlsx.addresses import column_letters

ORDER, RANGE = SE_SWITCHING + 1, SE_CHECK + 1
LAST_ROW = FIRST_ROW + len(MODEL_INPUTS) - 1
EXAMPLES = {
    q.TRAINING_COST: (-0.2, 0.4),
    q.MONTHLY_MAINTENANCE: (-0.2, 0.5),
    q.BASELINE_COST_PER_REQUEST: (-0.15, 0.05),
    q.FINE_TUNED_COST_PER_REQUEST: (-0.1, 0.2),
    q.MONTHLY_REQUESTS: (-0.3, 0.3),
    q.REQUEST_GROWTH: (-0.02, 0.02),
    q.TRAFFIC_SHARE: (-0.2, 0),
    q.BASELINE_PRICE_CHANGE: (-0.2, 0),
    q.FINE_TUNED_PRICE_CHANGE: (-0.1, 0.1),
    q.FINE_TUNED_SUCCESS_RATE: (-0.02, 0),
}
HEADINGS = (
    "Input",
    "Unit",
    "In the model",
    "Low change",
    "High change",
    "Low",
    "High",
    "Net present value at low",
    "Net present value at high",
    "Swing",
    "Break-even point",
    "Order",
    "Differs",
    "Range",
)
NONE = "none"
NOTES = (
    "Changes in rates and months are added; all others multiply. Values beyond their bounds are set to the bound.",
    "Break-even point: the value of this input at which the net present value is 0, all others as they are; "
    "“–”: enter a low and a high value, or use =ROI_SWITCHING_VALUES.",
)
BREAKDOWN = {
    "Baseline cost avoided": f"SUM({flow('avoided_cost')})",
    "Moved requests, weighted with the fine-tuned price change": (
        f"SUMPRODUCT({flow('moved_requests')}*(1+{used('fine_tuned_price_change')})^(({flow('month')}-1)/12))"
    ),
    "Quality adjustment": f"SUM({flow('quality_adjustment')})",
    "Maintenance, hosting, training and retraining, less migration avoided": (
        f"SUM({flow('maintenance')},{flow('hosting')},{flow('retraining')},{flow('training')})-SUM({flow('migration')})"
    ),
}
"""What the net benefit of another volume and another saving is made of."""

BREAKDOWN_ROW = TABLE_ROW + 1
BENEFIT_ROW = BREAKDOWN_ROW + len(BREAKDOWN) + 1
EVEN_ROW = BENEFIT_ROW + len(TABLE_STEPS) + 4
TABLE_LEFT = SE_BASE
LAST_TABLE_COLUMN = TABLE_LEFT + len(TABLE_STEPS) - 1


def fill_sensitivity(
    sheet: Worksheet, currency: str, case: Mapping[str, float], measured: Changes = NONE_MEASURED
) -> None:
    """Write the ranges, those of measured inputs as measured, the tornado of a case and the two tables."""
    subtitle = f"Amounts in {currency}. One input at a time, all others as in the model; change the blue cells."
    subtitle += " Of measured inputs low and high are P10 and P90 of the traces." if measured else ""
    head(sheet, "Sensitivity", subtitle, (46, 20, *[14] * 11, 24), tab="FFC000")
    header(sheet, HEADER_ROW, HEADINGS, numeric=range(SE_BASE, SE_CHECK + 1))
    for quantity in SE_ROWS:
        fill_row(sheet, quantity, currency, measured.get(quantity))
    for row, note in enumerate(NOTES, start=LAST_ROW + 1):
        put(sheet, row, SE_LABEL, note, style.SUBTITLE)
    fill_tornado(sheet, currency, bars_at_first(case, measured))
    new_page(sheet, TABLE_ROW)
    fill_breakdown(sheet, currency)
    fill_table(sheet, BENEFIT_ROW, f"Net benefit ({currency}) by monthly requests and saving per request", net_benefit)
    fill_table(sheet, EVEN_ROW, "Break-even in months if every month were alike, by the same two inputs", breakeven)
    colors(sheet)
    finish(sheet, EVEN_ROW + len(TABLE_STEPS) + 2, ORDER)


def fill_row(sheet: Worksheet, quantity: Quantity, currency: str, measured: tuple[float, float] | None) -> None:
    """One input: its range, what comes of it, and where the answer turns."""
    row, number_format = SE_ROWS[quantity], quantity.unit.number_format
    put(sheet, row, SE_LABEL, quantity.label)
    put(sheet, row, SE_UNIT, quantity.unit.named(currency), style.NOTE)
    put(sheet, row, SE_BASE, f"={used(quantity.name)}", style.CALCULATION, number_format)
    validation = DataValidation(type="decimal", operator="between", formula1="-1200", formula2="1200")
    sheet.add_data_validation(validation)
    ends = zip(
        (SE_LOW_CHANGE, SE_HIGH_CHANGE), (SE_LOW, SE_HIGH), (SE_NPV_LOW, SE_NPV_HIGH), ("low", "high"), strict=True
    )
    for place, (change, value, npv, end) in enumerate(ends):
        stated, shown = measured or EXAMPLES.get(quantity, (0, 0)), "+0.0%;-0.0%;0%"
        put(sheet, row, change, stated[place], style.INPUT, shown if measured else change_format(quantity))
        validation.add(local(row, change))
        moved = with_change(symbols.name(local(row, SE_BASE)), symbols.name(local(row, change)), quantity)
        put(sheet, row, value, f"={within(moved, quantity)}", style.CALCULATION, number_format)
        cell = case_result(q.NPV, SWING_CASES[quantity, end])
        put(sheet, row, npv, f"={cell}", style.CALCULATION, q.NPV.unit.number_format)
    swing = f"=ABS({local(row, SE_NPV_HIGH)}-{local(row, SE_NPV_LOW)})"
    put(sheet, row, SE_SWING, swing, style.RESULT, q.NPV.unit.number_format)
    turns = f"={switching_value(quantity, row)}"
    turning_format = q.DISCOUNTED_PAYBACK.unit.number_format if quantity is q.HORIZON else number_format
    put(sheet, row, SE_SWITCHING, turns, style.RESULT, turning_format, style.RIGHT)
    put(sheet, row, ORDER, order(row), style.CALCULATION, "0")
    put(sheet, row, SE_CHECK, f"={row_check(quantity, row)}", style.CALCULATION, "0")
    low, high = (f'TEXT({local(row, column)},"{in_words(quantity)}")' for column in (SE_LOW, SE_HIGH))
    put(sheet, row, RANGE, f'={low}&" to "&{high}', style.CALCULATION)


def in_words(quantity: Quantity) -> str:
    """The format of a number within a label: cost of a request with all its digits, amounts without cents."""
    unit = quantity.unit
    if unit.percent:
        return "0.0%"
    return "#,##0.0000##" if unit.decimals > 2 else "#,##0"


def within(value: Symbol, quantity: Quantity) -> Symbol:
    """A value at its bound where it lies beyond."""
    bounds = bounds_here(quantity)
    if bounds.high is not None:
        value = symbols.call("MIN", bounds.high, value)
    return symbols.call("MAX", bounds.low or 0, value)


def order(row: int) -> str:
    """The place of an input when the largest swing comes first."""
    column = column_letters(SE_SWING)
    every, above, mine = (
        f"{column}${FIRST_ROW}:{column}${LAST_ROW}",
        f"{column}${HEADER_ROW}:{column}{row - 1}",
        local(row, SE_SWING),
    )
    return f"=1+SUMPRODUCT(({every}>{mine})*1)+SUMPRODUCT(({above}={mine})*1)"


def switching_value(quantity: Quantity, row: int) -> str:
    """Where the net present value turns to 0: a straight line's zero, the payback, the rate of return."""
    if quantity is q.HORIZON:
        return f'IF(ISNA({q.DISCOUNTED_PAYBACK.name}),"{NONE}",{q.DISCOUNTED_PAYBACK.name})'
    if quantity is q.DISCOUNT_RATE:
        return f'IF(ISERROR({q.IRR.name}),"{NONE}",{q.IRR.name})'
    if quantity not in LINEAR:
        return '"–"'
    base, low, high, at_low, at_high = (
        local(row, column) for column in (SE_BASE, SE_LOW, SE_HIGH, SE_NPV_LOW, SE_NPV_HIGH)
    )
    zero = f"{base}-{q.NPV.name}*({high}-{low})/({at_high}-{at_low})"
    outside = f"{zero}<0" if quantity.bounds.high is None else f"OR({zero}<0,{zero}>{quantity.bounds.high:g})"
    return f'IF({at_high}={at_low},"–",IF({outside},"{NONE}",{zero}))'


def row_check(quantity: Quantity, row: int) -> str:
    """How much of a row is not what it is a second way; 0 if all is."""
    base, low, high, at_low, at_high, swing, place = (
        local(row, column) for column in (SE_BASE, SE_LOW, SE_HIGH, SE_NPV_LOW, SE_NPV_HIGH, SE_SWING, ORDER)
    )
    bounds = bounds_here(quantity)
    least, most = bounds.low or 0, "1E300" if bounds.high is None else f"{bounds.high:g}"
    ends = zip((low, high), (SE_LOW_CHANGE, SE_HIGH_CHANGE), strict=True)
    changed = (
        (end, with_change(symbols.name(base), symbols.name(local(row, change)), quantity)) for end, change in ends
    )
    moved = (f"({end}<>MEDIAN({least:g},{value},{most}))" for end, value in changed)
    swings = f"{column_letters(SE_SWING)}${FIRST_ROW}:{column_letters(SE_SWING)}${LAST_ROW}"
    return "+".join(
        [
            f"({base}<>{used(quantity.name)})",
            *moved,
            f"({swing}<>ABS({at_low}-{at_high}))",
            f"(LARGE({swings},{place})<>{swing})",
            turning_check(quantity, row),
        ]
    )


def turning_check(quantity: Quantity, row: int) -> str:
    """1 if the break-even point of a row is not one."""
    point, base, low, high, at_low, at_high = (
        local(row, column) for column in (SE_SWITCHING, SE_BASE, SE_LOW, SE_HIGH, SE_NPV_LOW, SE_NPV_HIGH)
    )
    known = {q.HORIZON: q.DISCOUNTED_PAYBACK.name, q.DISCOUNT_RATE: q.IRR.name}
    if quantity in known:
        return f"IF(ISNUMBER({point}),({point}<>{known[quantity]})*1,0)"
    gained, now = f"({point}-{base})*({at_high}-{at_low})", f"{q.NPV.name}*({high}-{low})"
    return f"IF(ISNUMBER({point}),(ABS({gained}+{now})>1E-6*(ABS({gained})+ABS({now})))*1,0)"


def bars_at_first(case: Mapping[str, float], measured: Changes) -> int:
    """How many inputs swing the net present value of a case, as many as the tornado shows: none is an empty slot."""

    def worth(quantity: Quantity, change: float) -> float:
        bounds, moved = bounds_here(quantity), with_change(case[quantity.name], change, quantity)
        within_bounds = max(bounds.low or 0, min(moved, moved if bounds.high is None else bounds.high))
        return float(present_value(**{**case, quantity.name: within_bounds}))

    ranges = {**EXAMPLES, **measured}
    swings = [one for one, (low, high) in ranges.items() if worth(one, low) != worth(one, high)]
    return max(1, min(TORNADO_BARS, len(swings)))


def fill_tornado(sheet: Worksheet, currency: str, bars: int) -> None:
    """The inputs with the largest swings, in order, and the picture of so many of them."""
    labels = ("Tornado", "", "Change at low", "Change at high")
    header(sheet, TORNADO_ROW, labels, numeric=(SE_BASE, SE_BASE + 1))
    places = absolute(SENSITIVITY, FIRST_ROW, ORDER, LAST_ROW)
    for place in range(1, TORNADO_BARS + 1):
        row = TORNADO_ROW + place
        put(sheet, row, SE_UNIT, place, style.NOTE)
        found = f"MATCH({local(row, SE_UNIT)},{places},0)"
        label, ends, swing = (
            f"INDEX({absolute(SENSITIVITY, FIRST_ROW, column, LAST_ROW)},{found})"
            for column in (SE_LABEL, RANGE, SE_SWING)
        )
        put(sheet, row, SE_LABEL, f'=IF({swing}=0,"",{label}&": "&{ends})')
        for column, npv in ((SE_BASE, SE_NPV_LOW), (SE_BASE + 1, SE_NPV_HIGH)):
            change = f"=INDEX({absolute(SENSITIVITY, FIRST_ROW, npv, LAST_ROW)},{found})-{q.NPV.name}"
            put(sheet, row, column, change, style.CALCULATION, q.NPV.unit.number_format)
    names, low, high = (
        absolute(SENSITIVITY, TORNADO_ROW + 1, column, TORNADO_ROW + bars)
        for column in (SE_LABEL, SE_BASE, SE_BASE + 1)
    )
    chart = tornado(f"Change of the net present value ({currency})", names, low, high)
    sheet.add_chart(chart, local(TORNADO_ROW, SE_LOW_CHANGE + 1))


def fill_breakdown(sheet: Worksheet, currency: str) -> None:
    """What the net benefit is made of, for the table of other volumes and savings."""
    put(sheet, TABLE_ROW, SE_LABEL, "Two inputs at a time", style.HEADING)
    for row, (label, text) in enumerate(BREAKDOWN.items(), start=BREAKDOWN_ROW):
        put(sheet, row, SE_LABEL, label)
        put(sheet, row, SE_UNIT, f"={text}", style.CALCULATION, q.CURRENCY.number_format)
        sheet.row_dimensions[row].height = 30


def fill_table(sheet: Worksheet, top: int, title: str, cell: Callable[[str, str], str]) -> None:
    """One table: volumes down, savings across, each a share of the model's."""
    put(sheet, top, SE_LABEL, title, style.HEADING)
    first = top == BENEFIT_ROW
    for place, step in enumerate(TABLE_STEPS):
        column, row = TABLE_LEFT + place, top + 3 + place
        down, across = (local(BENEFIT_ROW + 3 + place, SE_LABEL), local(BENEFIT_ROW + 1, column))
        put(sheet, top + 1, column, step if first else f"={across}", style.INPUT if first else style.CALCULATION, "0%")
        put(sheet, row, SE_LABEL, step if first else f"={down}", style.INPUT if first else style.CALCULATION, "0%")
        saving = f"={local(top + 1, column)}*{q.REQUEST_SAVINGS.name}"
        put(sheet, top + 2, column, saving, style.RESULT, q.REQUEST_SAVINGS.unit.number_format)
        volume = f"={local(row, SE_LABEL)}*{used('monthly_requests')}"
        put(sheet, row, SE_UNIT, volume, style.RESULT, q.MONTHLY_REQUESTS.unit.number_format)
    put(sheet, top + 1, SE_UNIT, "Share of the saving", style.NOTE)
    put(sheet, top + 2, SE_LABEL, "Share of the requests", style.NOTE)
    put(sheet, top + 2, SE_UNIT, "Requests, saving", style.NOTE)
    for row in range(top + 3, top + 3 + len(TABLE_STEPS)):
        for column in range(TABLE_LEFT, LAST_TABLE_COLUMN + 1):
            volume, saving = f"${local(row, SE_UNIT)}", f"{column_letters(column)}${top + 2}"
            number_format = WHOLE if first else "#,##0.0_);(#,##0.0)"
            put(sheet, row, column, f"={cell(volume, saving)}", style.CALCULATION, number_format, style.RIGHT)


def net_benefit(volume: str, saving: str) -> str:
    """The ledger's net benefit with other requests and another fine-tuned cost per request."""
    avoided, weighted, quality, fixed = (f"$C${row}" for row in range(BREAKDOWN_ROW, BREAKDOWN_ROW + len(BREAKDOWN)))
    tuned = f"({used('baseline_cost_per_request')}-{saving})"
    share = f"IF({volume}=0,0,{volume}/{used('monthly_requests')})"
    return f"{share}*({avoided}-{tuned}*{weighted}-{quality})-{fixed}"


def breakeven(volume: str, saving: str) -> str:
    """The break-even of steady months."""
    net = f"({saving}*{volume}-{used('monthly_maintenance')}-{used('monthly_hosting')})"
    return f'IF({net}>0,{used("training_cost")}/{net},"Never")'


def colors(sheet: Worksheet) -> None:
    """Green where it pays within the horizon, red where it does not: the edge is the break-even frontier."""
    for top, good in ((BENEFIT_ROW, ">=0"), (EVEN_ROW, f"<={used('months')}")):
        cells = area(top + 3, TABLE_LEFT, top + 2 + len(TABLE_STEPS), LAST_TABLE_COLUMN)
        first = local(top + 3, TABLE_LEFT)
        pays, not_so = f"AND(ISNUMBER({first}),{first}{good})", f"NOT(AND(ISNUMBER({first}),{first}{good}))"
        for formula, ink, paper in ((pays, style.GREEN, style.GREEN_FILL), (not_so, style.RED, style.RED_FILL)):
            rule = FormulaRule(formula=[formula], font=style.font(color=ink), fill=style.highlight(paper))
            sheet.conditional_formatting.add(cells, rule)
