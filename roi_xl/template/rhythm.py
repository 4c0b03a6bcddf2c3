"""How do requests and their costs fall: by size, by day, by hour of the day?"""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from openpyxl.worksheet.worksheet import Worksheet

from roi_xl.observed.calls import PICO
from roi_xl.observed.moments import DAY, day_of
from roi_xl.observed.requests import BINS
from roi_xl.template import style
from roi_xl.template.charts import Curve, bars, curves
from roi_xl.template.layout import TRACES, absolute, local
from roi_xl.template.sheet import header, put
from roi_xl.template.trace_columns import BASE, CHART_ROWS, LABEL, TUNED, UNIT, sides

if TYPE_CHECKING:
    from roi_xl.observed.findings import Observed
    from roi_xl.observed.sides import Side

MOST_DAYS = 92
HOURS = range(24)


def distribution(sheet: Worksheet, row: int, observed: "Observed", currency: str) -> int:
    """How the cost of a request falls, as a table and a picture; the row after it."""
    heads = (f"Cost of a request below ({currency})", "Baseline", "Fine-tuned", "", "")
    header(sheet, row, heads, numeric=(LABEL, BASE, TUNED))
    shares = [share_of(side) for side in sides(observed)]
    present = sorted({place for share in shares for place in share})
    places = range(present[0], present[-1] + 1)
    for line, place in enumerate(places, start=row + 1):
        end = BINS[place] / PICO if place < len(BINS) else "more"
        put(sheet, line, LABEL, end, style.CALCULATION, "0.0#######", style.RIGHT)
        for column, share in zip((BASE, TUNED), shares, strict=True):
            put(sheet, line, column, share.get(place, 0.0), style.CALCULATION, "0.0%")
    last = row + len(places)
    up_to, *columns = (absolute(TRACES, row + 1, column, last) for column in (LABEL, BASE, TUNED))
    series = [
        ("Baseline", columns[0], style.BASELINE_LINE),
        ("Fine-tuned", columns[1], style.NAVY),
    ]
    chart = bars(f"Cost of a request ({currency}): share of requests below", up_to, series)
    chart.type, chart.gapWidth = "col", 40
    chart.x_axis.scaling.orientation = "minMax"
    chart.y_axis.crosses, chart.y_axis.number_format = "autoZero", "0%"
    sheet.add_chart(chart, local(row + 1, UNIT))
    return max(last, row + CHART_ROWS) + 2


def share_of(side: "Side") -> dict[int, float]:
    """The share of requests in each class of cost."""
    return {place: count / side.requests for place, count in side.by_cost.items()}


def rhythm(sheet: Worksheet, row: int, observed: "Observed") -> int:
    """Requests day by day, as a table and a picture; the row after it."""
    header(sheet, row, ("Day", "Baseline", "Fine-tuned", "", ""), numeric=(BASE, TUNED))
    days = sorted({day for side in sides(observed) for day in side.per_day})[-MOST_DAYS:]
    for line, number in enumerate(days, start=row + 1):
        put(sheet, line, LABEL, day_of(number * DAY), style.LABEL, "ddd yyyy-mm-dd")
        for column, side in zip((BASE, TUNED), sides(observed), strict=True):
            put(sheet, line, column, side.per_day.get(number, 0), style.CALCULATION, "#,##0")
    last = row + len(days)
    dates, *columns = (absolute(TRACES, row + 1, column, last) for column in (LABEL, BASE, TUNED))
    lines = [
        Curve("Baseline", dates, columns[0], style.BASELINE_LINE, 2.25),
        Curve("Fine-tuned", dates, columns[1], style.NAVY, 2.25),
    ]
    chart = curves("Requests a day", lines[:1] if observed.fine_tuned.assumed else lines, "Day (UTC)", "#,##0")
    chart.x_axis.number_format, chart.y_axis.scaling.min = "mm-dd", 0
    sheet.add_chart(chart, local(row + 1, UNIT))
    return max(last, row + CHART_ROWS) + 2


def cost_by_day(sheet: Worksheet, row: int, observed: "Observed", currency: str) -> int:
    """What all requests of a day came to, as a table and a picture; the row after it."""
    costs = [side.cost_per_day for side in sides(observed)]
    days = sorted({day for some in costs for day in some})[-MOST_DAYS:]
    header(sheet, row, (f"Cost of a day ({currency})", "Baseline", "Fine-tuned", "", ""), numeric=(BASE, TUNED))
    table(sheet, row, days, costs, lambda day: (day_of(day * DAY), "ddd yyyy-mm-dd"))
    dates, *columns = columns_of(row, len(days))
    lines = [
        Curve("Baseline", dates, columns[0], style.BASELINE_LINE, 2.25),
        Curve("Fine-tuned", dates, columns[1], style.NAVY, 2.25),
    ]
    chart = curves(f"Cost of a day ({currency})", lines, "Day (UTC)", "#,##0.00")
    chart.x_axis.number_format, chart.y_axis.scaling.min = "mm-dd", 0
    sheet.add_chart(chart, local(row + 1, UNIT))
    return max(row + len(days), row + CHART_ROWS) + 2


def cost_by_hour(sheet: Worksheet, row: int, observed: "Observed", currency: str) -> int:
    """What all requests that began in an hour of the day came to; the row after it."""
    costs = [side.cost_per_hour for side in sides(observed)]
    header(sheet, row, (f"Cost by hour, UTC ({currency})", "Baseline", "Fine-tuned", "", ""), numeric=(BASE, TUNED))
    table(sheet, row, HOURS, costs, lambda hour: (f"{hour:02}:00", None))
    hours, *columns = columns_of(row, len(HOURS))
    series = [("Baseline", columns[0], style.BASELINE_LINE), ("Fine-tuned", columns[1], style.NAVY)]
    chart = bars(f"Cost by hour of the day, UTC ({currency})", hours, series)
    chart.type, chart.gapWidth = "col", 40
    chart.x_axis.scaling.orientation = "minMax"
    chart.y_axis.crosses, chart.y_axis.number_format = "autoZero", "#,##0.00"
    sheet.add_chart(chart, local(row + 1, UNIT))
    return row + max(len(HOURS), CHART_ROWS) + 2


def table(
    sheet: Worksheet,
    row: int,
    keys: Sequence[int],
    costs: Sequence[Mapping[int, float]],
    label: Callable[[int], tuple[Any, str | None]],
) -> None:
    """A line for each day or hour with the costs of both sides; nothing was there is 0."""
    for line, key in enumerate(keys, start=row + 1):
        value, number_format = label(key)
        put(sheet, line, LABEL, value, style.LABEL, number_format)
        for column, some in zip((BASE, TUNED), costs, strict=True):
            put(sheet, line, column, some.get(key, 0.0), style.CALCULATION, "#,##0.00")


def columns_of(row: int, lines: int) -> list[str]:
    """The cells of a table's three columns."""
    return [absolute(TRACES, row + 1, column, row + lines) for column in (LABEL, BASE, TUNED)]
