"""The Risk sheet: how sure are we?

Its ranges are cells; its results are numbers that a simulation has left, with the ranges
that it had, so that the sheet can say whether they are still those of today.
"""

from collections.abc import Callable, Mapping

from openpyxl.formatting.rule import CellIsRule, FormulaRule
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from roi_xl import quantities as q
from roi_xl.errors import OutOfBounds, RoiError
from roi_xl.functions.distributions import SHAPES
from roi_xl.functions.risk import FAN, Risk, simulate
from roi_xl.quantities import INPUTS, MODEL_INPUTS, Quantity
from roi_xl.recalc.model import LoadedModel
from roi_xl.template import style
from roi_xl.template.charts import Curve, curves, histogram, months_apart
from roi_xl.template.inputs import list_validation, number_validation
from roi_xl.template.layout import (
    FIRST_ROW,
    HEADER_ROW,
    MONTHS_SHOWN,
    PROBABILITY,
    RISK,
    SE_BASE,
    SE_HIGH,
    SE_LOW,
    SE_ROWS,
    SENSITIVITY,
    absolute,
    area,
    local,
    used,
)
from roi_xl.template.measured import NONE_MEASURED, Changes
from roi_xl.template.money import WHOLE
from roi_xl.template.sheet import finish, head, header, name_cell, new_page, other_horizon, put
from roi_xl.xlsx.addresses import Address
from roi_xl.xlsx.sheet_cells import Value

LABEL, KIND, NUMBERS, RANK, EVPPI, AS_KIND, AS_NUMBERS = 2, 3, 4, 7, 8, 9, 10
AS_RESULT = NUMBERS + 1
LAST_COLUMN = AS_NUMBERS + 2
ROWS = {quantity: FIRST_ROW + place for place, quantity in enumerate(MODEL_INPUTS)}
LAST_ROW = FIRST_ROW + len(MODEL_INPUTS) - 1
SETTINGS_ROW = LAST_ROW + 2
DRAWS_ROW, SEED_ROW, SPREAD_ROW = SETTINGS_ROW + 1, SETTINGS_ROW + 2, SETTINGS_ROW + 3
CORRELATIONS_ROW = SPREAD_ROW + 2
RESULTS_ROW = CORRELATIONS_ROW + len(INPUTS) + 3
SUMMARY_LINES = 10
PROBABILITY_LABEL = "Probability that net present value is above 0"
PROBABILITY_LINE = [label for label, _ in Risk.LABELS].index(PROBABILITY_LABEL)
STATE_ROW = RESULTS_ROW + SUMMARY_LINES + 1
CHARTS_ROW = STATE_ROW + 8
DETAIL_ROW = CHARTS_ROW + 21
BINS = 20
MONTHS_AT = DETAIL_ROW + 1, NUMBERS + 2
"""The first of the months of the fan: its row and column."""

KINDS = {
    q.TRAINING_COST: "PERT",
    q.MONTHLY_MAINTENANCE: "PERT",
    q.BASELINE_COST_PER_REQUEST: "triangular",
    q.FINE_TUNED_COST_PER_REQUEST: "PERT",
    q.MONTHLY_REQUESTS: "normal",
    q.REQUEST_GROWTH: "triangular",
    q.TRAFFIC_SHARE: "triangular",
    q.BASELINE_PRICE_CHANGE: "triangular",
    q.FINE_TUNED_PRICE_CHANGE: "triangular",
    q.FINE_TUNED_SUCCESS_RATE: "triangular",
}
"""The distributions at first; all other inputs are fixed."""

P10_TO_P90 = 2.5631031310892
HEADINGS = (
    "Input",
    "Distribution",
    "Low or mean",
    "Most likely or std. dev.",
    "High",
    "Rank correlation",
    "Value of information",
    "As simulated",
    *("",) * 3,
)
DISCOUNTED = "Net present value is discounted; payback is not, so their probabilities differ."
"""Why one probability is not the other."""

UP_TO_DATE, STALE = "Up to date", "Ranges or results have changed: roi-xl risk"
SHOWN_PROBABILITY = f'=IF(risk_state="{UP_TO_DATE}",{PROBABILITY},"Out of date")'
"""The formula of the simulated probability as other sheets show it."""
NOTES = (
    "Low, likely and high come from Sensitivity;",
    "for a normal or lognormal input, low is P10 and high is P90.",
    "“roi-xl risk” writes the results; they do not update with the inputs.",
)


def fill_risk(book: Workbook, sheet: Worksheet, currency: str, horizon: int, measured: Changes = NONE_MEASURED) -> None:
    """Write the ranges, bell curves for measured inputs, and a place for every result, by month up to a horizon."""
    subtitle = f"Amounts in {currency}. Simulated cases, each a full cash flow; written by roi-xl risk."
    head(sheet, "Risk", subtitle, (46, 16, 15, 15, 15, 15, 15, 14, 11, 11, 11), tab="FFC000")
    header(sheet, HEADER_ROW, HEADINGS, numeric=range(NUMBERS, AS_KIND))
    kinds = list_validation(tuple(SHAPES), "How the input spreads between low and high.")
    sheet.add_data_validation(kinds)
    shapes = KINDS | {quantity: "normal" if low < high else "fixed" for quantity, (low, high) in measured.items()}
    for quantity, row in ROWS.items():
        fill_row(sheet, quantity, row, shapes.get(quantity, "fixed"))
        kinds.add(local(row, KIND))
    settings(book, sheet)
    correlations(sheet)
    results(book, sheet, currency)
    put(sheet, STATE_ROW + 1, LABEL, DISCOUNTED, style.SUBTITLE, alignment=style.INDENTED)
    details(sheet)
    charts(sheet, currency, horizon)
    put(sheet, DETAIL_ROW - 1, NUMBERS + 2, other_horizon("chart", horizon), style.ALERT)
    finish(sheet, DETAIL_ROW + max(BINS, 1 + horizon), LAST_COLUMN)


def fill_row(sheet: Worksheet, quantity: Quantity, row: int, shape: str) -> None:
    """One input: its distribution and the numbers of that, from its range."""
    number_format = quantity.unit.number_format
    put(sheet, row, LABEL, quantity.label)
    put(sheet, row, KIND, shape, style.INPUT_TEXT)
    kind = f"${local(row, KIND)}"
    low, base, high = (absolute(SENSITIVITY, SE_ROWS[quantity], column) for column in (SE_LOW, SE_BASE, SE_HIGH))
    bell, three = f'OR({kind}="normal",{kind}="lognormal")', f'OR({kind}="PERT",{kind}="triangular")'
    first = f'=IF(OR({kind}="fixed",{bell}),{base},{low})'
    second = f'=IF({bell},({high}-{low})/{local(SPREAD_ROW, KIND)},IF({kind}="uniform",{high},IF({three},{base},0)))'
    for place, text in enumerate((first, second, f"=IF({three},{high},0)")):
        put(sheet, row, NUMBERS + place, text, style.CALCULATION, number_format)
        put(sheet, row, AS_NUMBERS + place, 0, style.NOTE, number_format, style.RIGHT)
    put(sheet, row, AS_KIND, "fixed", style.NOTE)
    put(sheet, row, RANK, 0, style.CALCULATION, "0.00;-0.00;–", style.RIGHT)
    put(sheet, row, EVPPI, 0, style.CALCULATION, "#,##0;-#,##0;–", style.RIGHT)


def settings(book: Workbook, sheet: Worksheet) -> None:
    """How many cases, from which seed, and what P10 and P90 are apart."""
    header(sheet, SETTINGS_ROW, ("Settings", "Value"), numeric=(KIND,))
    for row, quantity in ((DRAWS_ROW, q.DRAWS), (SEED_ROW, q.SEED)):
        put(sheet, row, LABEL, f"{quantity.label}: {quantity.meaning}")
        put(sheet, row, KIND, quantity.default, style.INPUT, "0", style.RIGHT)
        validation = number_validation(quantity, quantity.bounds, "")
        sheet.add_data_validation(validation)
        validation.add(local(row, KIND))
        name_cell(book, f"risk_{quantity.name}", RISK, row, KIND)
        put(sheet, row, AS_KIND, quantity.label, style.NOTE)
        put(sheet, row, AS_NUMBERS, 0, style.NOTE, "0", style.RIGHT)
    put(sheet, SPREAD_ROW, LABEL, "From P10 to P90 of a normal, in std. deviations")
    put(sheet, SPREAD_ROW, KIND, P10_TO_P90, style.INPUT, "0.0000", style.RIGHT)
    for row, note in enumerate(NOTES, start=DRAWS_ROW):
        put(sheet, row, NUMBERS, note, style.SUBTITLE, alignment=style.INDENTED)


def correlations(sheet: Worksheet) -> None:
    """The correlations of the six inputs: below the diagonal."""
    header(sheet, CORRELATIONS_ROW, ("Correlations", *(quantity.label for quantity in INPUTS)), numeric=range(3, 9))
    sheet.row_dimensions[CORRELATIONS_ROW].height = 42
    for down, quantity in enumerate(INPUTS):
        row = CORRELATIONS_ROW + 1 + down
        put(sheet, row, LABEL, quantity.label)
        for across in range(len(INPUTS)):
            if across < down:
                put(sheet, row, KIND + across, 0, style.INPUT, "0.00", style.RIGHT)
            else:
                put(sheet, row, KIND + across, 1 if across == down else None, style.NOTE, "0", style.RIGHT)


def results(book: Workbook, sheet: Worksheet, currency: str) -> None:
    """A place for the summary, and whether it is of today."""
    new_page(sheet, RESULTS_ROW)
    as_simulated = HEADINGS[AS_KIND - LABEL]
    header(sheet, RESULTS_ROW, ("Result", "Value", "Unit", as_simulated), numeric=(KIND, AS_RESULT))
    name_cell(book, PROBABILITY, RISK, RESULTS_ROW + 1 + PROBABILITY_LINE, KIND)
    for line, (label, number_format, unit) in enumerate(summary_lines(currency), start=RESULTS_ROW + 1):
        put(sheet, line, LABEL, label)
        put(sheet, line, KIND, 0, style.RESULT, number_format, style.RIGHT)
        put(sheet, line, NUMBERS, unit, style.NOTE)
        put(sheet, line, AS_RESULT, 0, style.NOTE, number_format, style.RIGHT)
    put(sheet, SPREAD_ROW, AS_KIND, "Correlations", style.NOTE)
    put(sheet, SPREAD_ROW, AS_NUMBERS, 0, style.NOTE, "0.00", style.RIGHT)
    state = f'=IF({changes()}=0,"{UP_TO_DATE}","{STALE}")'
    put(sheet, STATE_ROW, LABEL, "Do these results match the ranges above?", style.RESULT, alignment=style.INDENTED)
    put(sheet, STATE_ROW, KIND, state, style.RESULT)
    put(sheet, STATE_ROW, NUMBERS, None, style.RESULT)
    name_cell(book, "risk_state", RISK, STATE_ROW, KIND)
    for good, operator, ink in ((UP_TO_DATE, "equal", style.GREEN), (UP_TO_DATE, "notEqual", style.RED)):
        rule = CellIsRule(operator=operator, formula=[f'"{good}"'], font=style.font(color=ink, bold=True))
        sheet.conditional_formatting.add(local(STATE_ROW, KIND), rule)


def changes() -> str:
    """How many ranges, settings and results are other than those of the simulation, as a formula."""
    kinds, then = area(FIRST_ROW, KIND, LAST_ROW, KIND), area(FIRST_ROW, AS_KIND, LAST_ROW, AS_KIND)
    numbers = area(FIRST_ROW, NUMBERS, LAST_ROW, NUMBERS + 2)
    simulated = area(FIRST_ROW, AS_NUMBERS, LAST_ROW, AS_NUMBERS + 2)
    changed = f"SUMPRODUCT(({kinds}<>{then})*1)+SUMPRODUCT((({numbers}-{simulated})^2>1E-18*{simulated}^2)*1)"
    for first, last, copy in (
        (DRAWS_ROW, SEED_ROW, AS_NUMBERS),
        (RESULTS_ROW + 1, RESULTS_ROW + SUMMARY_LINES, AS_RESULT),
    ):
        changed += f"+SUMPRODUCT(({area(first, KIND, last, KIND)}<>{area(first, copy, last, copy)})*1)"
    correlated = area(CORRELATIONS_ROW + 1, KIND, CORRELATIONS_ROW + len(INPUTS), KIND + len(INPUTS) - 1)
    weights = f"({correlated}*(ROW({correlated})+COLUMN({correlated})/100))"
    changed += f"+(ABS(SUMPRODUCT({weights})-{local(SPREAD_ROW, AS_NUMBERS)})>1E-9)"
    return changed


def summary_lines(currency: str) -> list[tuple[str, str, str]]:
    """Label, number format and unit of every line of the summary."""
    shares = {label for label, is_share in Risk.LABELS if is_share}
    return [
        (label, "0.0%" if label in shares else WHOLE, "share of cases" if label in shares else currency)
        for label, _ in Risk.LABELS
    ]


def details(sheet: Worksheet) -> None:
    """Places for the numbers behind the charts: how cases fall, and the cumulative cash by month."""
    new_page(sheet, DETAIL_ROW)
    header(sheet, DETAIL_ROW, ("Net present value up to", "Share of cases", "Cumulative share"), numeric=(2, 3, 4))
    for row in range(DETAIL_ROW + 1, DETAIL_ROW + 1 + BINS):
        put(sheet, row, LABEL, 0, style.CALCULATION, WHOLE, style.RIGHT)
        put(sheet, row, KIND, 0, style.CALCULATION, "0.0%")
        put(sheet, row, NUMBERS, 0, style.CALCULATION, "0.0%")
    _, header_at = MONTHS_AT
    for place, text in enumerate(("Month", *(f"P{share}" for share in FAN)), start=header_at):
        put(sheet, DETAIL_ROW, place, text, style.HEADER, alignment=style.RIGHT_WRAPPED)
    for month in range(MONTHS_SHOWN + 1):
        row = DETAIL_ROW + 1 + month
        put(sheet, row, header_at, f"=MIN({month},{used('months')})", style.CALCULATION, "0")
        for place in range(1, len(FAN) + 1):
            put(sheet, row, header_at + place, 0, style.CALCULATION, WHOLE)
    first = local(DETAIL_ROW + 2, header_at)
    beyond = FormulaRule(formula=[f"${first}=${local(DETAIL_ROW + 1, header_at)}"], font=style.font(color=style.RULE))
    sheet.conditional_formatting.add(f"{first}:{local(DETAIL_ROW + 1 + MONTHS_SHOWN, header_at + len(FAN))}", beyond)


def charts(sheet: Worksheet, currency: str, horizon: int) -> None:
    """The histogram, the cumulative curve and the fan."""
    first, last, top = DETAIL_ROW + 1, DETAIL_ROW + BINS, NUMBERS + 2
    up_to, share, together = (absolute(RISK, first, column, last) for column in (LABEL, KIND, NUMBERS))
    sheet.add_chart(
        histogram(f"Net present value ({currency}): share of cases", up_to, share), local(CHARTS_ROW, LABEL)
    )
    curve = [Curve("Cumulative share of cases", up_to, together, style.NAVY, 2.25)]
    rising = curves(f"Net present value ({currency}): cumulative share of cases", curve, currency, "0%")
    rising.y_axis.scaling.min, rising.y_axis.scaling.max = 0, 1
    sheet.add_chart(rising, local(CHARTS_ROW, NUMBERS + 2))
    months = absolute(RISK, first, top, first + MONTHS_SHOWN)
    lines = [
        Curve(
            f"P{chance}",
            months,
            absolute(RISK, first, top + place, first + MONTHS_SHOWN),
            color,
            2.25 if chance == 50 else 1.5,
        )
        for place, (chance, color) in enumerate(zip(FAN, style.FAN_LINES, strict=True), start=1)
    ]
    fan = curves(f"Cumulative cash ({currency}) by month: nine of ten cases are above P10", lines, "Months", "#,##0")
    fan.x_axis.scaling.min, fan.x_axis.scaling.max, fan.x_axis.majorUnit = 0, horizon, months_apart(horizon)
    sheet.add_chart(fan, local(RESULTS_ROW, NUMBERS + 2))


# the simulation


def simulated(model: LoadedModel, settings: Mapping[str, float], progress: Callable[[], None] = lambda: None) -> None:
    """Simulate with the model's ranges, and put what is found into its cells.

    Args:
        model: a full template.
        settings: draws and seed that replace those of the sheet, by their names.
        progress: called after each month of all cases.
    """
    ranges_of(model)
    model.calculate({f"risk_{name}": value for name, value in settings.items()})
    found = changes_of(model, progress)
    model.calculate({**found, **{f"risk_{name}": value for name, value in settings.items()}})


def shown_summary(model: LoadedModel) -> dict[str, tuple[float, bool]]:
    """The summary that the sheet holds, by its labels, and whether each is a share of the cases."""
    places = enumerate(Risk.LABELS, start=RESULTS_ROW + 1)
    return {label: (number_at(model, row, KIND), is_share) for row, (label, is_share) in places}


def changes_of(model: LoadedModel, progress: Callable[[], None] = lambda: None) -> dict[str, Value]:
    """What a simulation with the model's ranges puts into which cells."""
    ranges = ranges_of(model)
    draws, seed = (int(number_at(model, row, KIND)) for row in (DRAWS_ROW, SEED_ROW))
    square = [[0.0] * len(MODEL_INPUTS) for _ in MODEL_INPUTS]
    for down in range(len(INPUTS)):
        for across in range(down):
            square[down][across] = number_at(model, CORRELATIONS_ROW + 1 + down, KIND + across)
    risk = simulate(ranges, draws, seed, square, progress=progress)
    return {
        str(Address(RISK, row, column)): value
        for (row, column), value in {
            **as_simulated(ranges, draws, seed, square),
            **found(risk),
            **detail(risk),
        }.items()
    }


def ranges_of(model: LoadedModel) -> list[list[Value]]:
    """The distributions that the sheet holds, one row for each input."""
    if "risk_draws" not in model.names or value_at(model, FIRST_ROW, LABEL) != MODEL_INPUTS[0].label:
        raise RoiError(f"{model.book.package.path} has no Risk sheet: roi-xl template --depth full writes one")
    ranges = [[value_at(model, row, column) for column in range(LABEL, NUMBERS + 3)] for row in ROWS.values()]
    refuse_long_horizon(ranges[MODEL_INPUTS.index(q.HORIZON)])
    return ranges


def refuse_long_horizon(row: list[Value]) -> None:
    """Refuse a horizon that the months of the workbook do not hold."""
    _, kind, *numbers = row
    tail = number_of(numbers[1]) * P10_TO_P90 / 2 if kind in ("normal", "lognormal") else 0.0
    longest = number_of(numbers[0]) + tail if tail else max(map(number_of, numbers))
    if longest > MONTHS_SHOWN:
        raise OutOfBounds(
            f"{Address(RISK, ROWS[q.HORIZON], NUMBERS)}: {q.HORIZON.name} must be at most {MONTHS_SHOWN}, "
            f"the months of the cash flow, got {longest:g}"
        )


def number_of(value: Value) -> float:
    """A number, or 0 for what is none: a simulation refuses that by its own name."""
    return float(value) if isinstance(value, int | float) else 0.0


def value_at(model: LoadedModel, row: int, column: int) -> Value:
    """A cell of the sheet."""
    return model.value(Address(RISK, row, column))


def number_at(model: LoadedModel, row: int, column: int) -> float:
    """A number of the sheet."""
    value = value_at(model, row, column)
    if not isinstance(value, int | float):
        raise RoiError(f"{Address(RISK, row, column)} must hold a number, got {value!r}")
    return value


Cells = dict[tuple[int, int], Value]


def as_simulated(ranges: list[list[Value]], draws: int, seed: int, square: list[list[float]]) -> Cells:
    """The ranges and settings once more, as the results' own; of the correlations a weighted sum."""
    of_ranges: Cells = {
        (row, AS_KIND + place): value
        for row, (_, *cells) in zip(ROWS.values(), ranges, strict=True)
        for place, value in enumerate(cells)
    }
    correlated = sum(
        (square[down][across] if across < down else float(across == down)) * weight_of(down, across)
        for down in range(len(INPUTS))
        for across in range(len(INPUTS))
    )
    return {
        **of_ranges,
        (DRAWS_ROW, AS_NUMBERS): float(draws),
        (SEED_ROW, AS_NUMBERS): float(seed),
        (SPREAD_ROW, AS_NUMBERS): correlated,
    }


def weight_of(down: int, across: int) -> float:
    """What a correlation counts, by its row and column on the sheet."""
    return CORRELATIONS_ROW + 1 + down + (KIND + across) / 100


def found(risk: Risk) -> Cells:
    """The summary, and what each input does."""
    lines = enumerate(risk.summary(), start=RESULTS_ROW + 1)
    summary: Cells = {(row, column): value for row, (_, value) in lines for column in (KIND, AS_RESULT)}
    for quantity, row in ROWS.items():
        influence = risk.influences.get(quantity.name)
        summary[row, RANK] = influence.rank_correlation if influence else 0.0
        summary[row, EVPPI] = influence.evppi if influence else 0.0
    return summary


def detail(risk: Risk) -> Cells:
    """The numbers behind the charts; months beyond the horizon repeat its last."""
    cells: Cells = {}
    for line, (up_to, share, together) in enumerate(risk.histogram(BINS)):
        row = DETAIL_ROW + 1 + line
        cells |= {(row, LABEL): up_to, (row, KIND): share, (row, NUMBERS): together}
    for month in range(MONTHS_SHOWN + 1):
        shown = risk.fan[min(month, len(risk.fan) - 1)]
        cells |= {(DETAIL_ROW + 1 + month, NUMBERS + 3 + place): value for place, value in enumerate(shown)}
    return cells
