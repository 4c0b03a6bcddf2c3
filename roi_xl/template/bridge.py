"""Which steps lead from the cost of the baseline to the cost of the fine-tuned model?"""

from dataclasses import dataclass

from openpyxl.chart import BarChart
from openpyxl.worksheet.worksheet import Worksheet

from roi_xl.quantities import CURRENCY
from roi_xl.template import style
from roi_xl.template.charts import waterfall
from roi_xl.template.check import Check, money
from roi_xl.template.layout import (
    BRIDGE_ROW,
    CASH_FLOW,
    CF,
    LAST_MONTH_ROW,
    OUT_FORMULA,
    OUT_LABEL,
    OUT_MEANING,
    OUT_UNIT,
    OUT_VALUE,
    OUTPUTS,
    absolute,
    area,
    flow,
    local,
)
from roi_xl.template.money import along_axis, commas
from roi_xl.template.sheet import header, put

SHORT = (("1E+12", "#,##0,,,", " bn"), ("1E+10", "#,##0.0,,,", " bn"), ("1E+7", "#,##0.0,,", " M"))
"""From which largest amount on the labels have billions or millions, which fit below a bar."""

HEADINGS = ("Savings bridge", "Amount", "Unit", "What it is", "")
AMOUNT_FORMAT = CURRENCY.number_format
NAME, START, HIDDEN, TOTAL, LOWER, LOWER_BELOW, HIGHER, HIGHER_BELOW, DIFFERS = range(OUT_FORMULA + 2, OUT_FORMULA + 11)
CHART_HEADINGS = (
    "Name in chart",
    "Starts at",
    "Not drawn",
    "Total",
    "Lower cost",
    "Lower cost below 0",
    "Higher cost",
    "Higher cost below 0",
    "Differs",
)
"""What the chart draws, beside the printed page: bars hang between where a step starts and where it ends."""


@dataclass(frozen=True)
class Step:
    """A step of the bridge: which columns of the cash flow it adds, which it takes away."""

    label: str
    adds: tuple[str, ...]
    less: tuple[str, ...]
    meaning: str

    def amount(self) -> str:
        """The formula of what the step comes to."""
        adds, less = (",".join(map(flow, names)) for names in (self.adds, self.less))
        return (f"SUM({adds})" if adds else "") + (f"-SUM({less})" if less else "")


STEPS = (
    Step(
        "Baseline cost",
        ("avoided_cost", "migration"),
        (),
        "What the moved requests would cost with the baseline model, and a migration to its successor.",
    ),
    Step(
        "Cheaper requests",
        ("fine_tuned_spend",),
        ("avoided_cost",),
        "What the same requests cost with the fine-tuned model, less the baseline cost.",
    ),
    Step("Migration", (), ("migration",), "The migration that is avoided when the baseline model is retired."),
    Step("Quality", ("quality_adjustment",), (), "Cost of more failed requests, or savings from fewer."),
    Step("Maintenance and hosting", ("maintenance", "hosting"), (), "Recurring cost of running the fine-tuned model."),
    Step("Retraining", ("retraining",), (), "Every retraining within the horizon."),
    Step("Training", ("training",), (), "The one-time cost, paid in month 0."),
)
"""The steps in the order of the chart; the first is a total, and the fine-tuned cost follows the last."""

ROWS = {step.label: BRIDGE_ROW + 1 + place for place, step in enumerate(STEPS)}
FIRST_ROW, END_ROW = BRIDGE_ROW + 1, BRIDGE_ROW + 1 + len(STEPS)
END = "Fine-tuned cost"
END_MEANING = "Total cost of the fine-tuned model over the horizon: the sum of the steps above."


def fill_bridge(sheet: Worksheet, currency: str) -> None:
    """Write the steps and the bars that the chart draws for them."""
    header(sheet, BRIDGE_ROW, HEADINGS, numeric=(OUT_VALUE,))
    for place, text in enumerate(CHART_HEADINGS, start=NAME):
        put(sheet, BRIDGE_ROW, place, text, style.HEADER, alignment=None if place == NAME else style.RIGHT_WRAPPED)
    for step in STEPS:
        fill_step(sheet, ROWS[step.label], step.label, step.amount(), step.meaning, currency)
    end = absolute(CASH_FLOW, LAST_MONTH_ROW, CF["fine_tuned_total"])
    fill_step(sheet, END_ROW, END, end, END_MEANING, currency)


def fill_step(sheet: Worksheet, row: int, label: str, amount: str, meaning: str, currency: str) -> None:
    """One line: the step, and its bar."""
    put(sheet, row, OUT_LABEL, label)
    put(sheet, row, OUT_VALUE, f"={amount}", style.RESULT, AMOUNT_FORMAT)
    put(sheet, row, OUT_UNIT, currency, style.NOTE)
    put(sheet, row, OUT_MEANING, meaning, style.NOTE, alignment=style.INDENTED)
    put(sheet, row, OUT_FORMULA, None, style.NOTE)
    for column, formula in bar(row, commas(currency)).items():
        put(sheet, row, column, f"={formula}", style.CALCULATION, None if column == NAME else AMOUNT_FORMAT)


def bar(row: int, comma: str) -> dict[int, str]:
    """The formulas of one bar: a total stands on 0, a step hangs between two levels, on both sides of 0."""
    amount, start, hidden = (local(row, column) for column in (OUT_VALUE, START, HIDDEN))
    above, below = (f"({side}(0,{start},{start}+{amount})-{side}(0,{hidden}))" for side in ("MAX", "MIN"))
    total = row in (FIRST_ROW, END_ROW)
    shape = f"#,##0{comma}"
    shown = f"{shape};-{shape}" if total else f"+{shape};-{shape};0"
    text = f'TEXT({amount},"{shown}")' if comma else short(amount, shown, shape)
    return {
        NAME: f"{local(row, OUT_LABEL)}&CHAR(10)&{text}",
        START: "0" if total else f"{local(row - 1, START)}+{local(row - 1, OUT_VALUE)}",
        HIDDEN: "0" if total else f"MEDIAN(0,{start},{start}+{amount})",
        TOTAL: amount if total else "0",
        LOWER: "0" if total else f"({amount}<0)*{above}",
        LOWER_BELOW: "0" if total else f"({amount}<0)*{below}",
        HIGHER: "0" if total else f"({amount}>0)*{above}",
        HIGHER_BELOW: "0" if total else f"({amount}>0)*{below}",
        DIFFERS: differs(row),
    }


def short(amount: str, shown: str, shape: str) -> str:
    """The formula of an amount as a label, in the unit of the largest."""
    amounts = area(FIRST_ROW, OUT_VALUE, END_ROW, OUT_VALUE)
    text = f'TEXT({amount},"{shown}")'
    for size, shape_of_size, unit in reversed(SHORT):
        in_unit = f'TEXT({amount},"{shown.replace(shape, shape_of_size)}")&"{unit}"'
        text = f"IF(MAX({amounts},-MIN({amounts}))<{size},{text},{in_unit})"
    return text


def differs(row: int) -> str:
    """How far a bar is from its amount and from the amounts before it; 0 if it is right."""
    amount, start, hidden, total, lower, lower_below, higher, higher_below = (
        local(row, column) for column in (OUT_VALUE, START, HIDDEN, TOTAL, LOWER, LOWER_BELOW, HIGHER, HIGHER_BELOW)
    )
    if row in (FIRST_ROW, END_ROW):
        others = area(row, LOWER, row, HIGHER_BELOW)
        return f"ABS({total}-{amount})+ABS({start})+ABS({hidden})+SUMPRODUCT({others}^2)"
    before = f"SUM({local(FIRST_ROW, OUT_VALUE)}:{local(row - 1, OUT_VALUE)})"
    end = f"({before}+{amount})"
    nearest = f"IF({before}*{end}>0,SIGN({end})*MIN(ABS({before}),ABS({end})),0)"
    return (
        f"ABS({start}-{before})+ABS({hidden}-{nearest})+ABS({total})"
        f"+ABS({lower}-{lower_below}-MAX(0,-{amount}))+ABS({higher}-{higher_below}-MAX(0,{amount}))"
    )


def bridge_checks() -> list[Check]:
    """The steps add up to the fine-tuned cost, and the chart draws them."""
    steps = absolute(OUTPUTS, FIRST_ROW, OUT_VALUE, END_ROW - 1)
    bars = absolute(OUTPUTS, FIRST_ROW, DIFFERS, END_ROW)
    return money(
        ("Steps of the savings bridge add up", f"SUM({steps})", absolute(OUTPUTS, END_ROW, OUT_VALUE)),
        ("Bars of the savings bridge match its steps", f"SQRT(SUMSQ({bars}))", "0"),
    )


def drawn(column: int) -> str:
    """A column of the bars."""
    return absolute(OUTPUTS, FIRST_ROW, column, END_ROW)


def savings_bridge(currency: str) -> BarChart:
    """The picture: grey-blue totals at both ends, green where the cost falls, orange where it rises."""
    parts = [
        (TOTAL, style.NAVY),
        *((column, style.LOWER_COST) for column in (LOWER, LOWER_BELOW)),
        *((column, style.HIGHER_COST) for column in (HIGHER, HIGHER_BELOW)),
    ]
    title = f"Savings bridge ({currency}): from the baseline cost to the fine-tuned cost"
    chart = waterfall(title, drawn(NAME), drawn(HIDDEN), [(drawn(column), color) for column, color in parts])
    chart.y_axis.number_format = along_axis(currency)
    return chart
