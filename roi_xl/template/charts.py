"""What does the picture look like?"""

from collections.abc import Sequence
from dataclasses import dataclass

from openpyxl.chart import BarChart, Reference, ScatterChart, Series
from openpyxl.chart._chart import ChartBase
from openpyxl.chart.axis import ChartLines, NumericAxis, TextAxis
from openpyxl.chart.data_source import AxDataSource, NumDataSource, NumRef, StrRef
from openpyxl.chart.legend import LegendEntry
from openpyxl.chart.marker import Marker
from openpyxl.chart.series import Series as BarSeries
from openpyxl.chart.series import SeriesLabel
from openpyxl.chart.shapes import GraphicalProperties
from openpyxl.chart.text import RichText
from openpyxl.chart.title import Title, title_maker
from openpyxl.drawing.line import LineProperties
from openpyxl.drawing.text import CharacterProperties, Font, Paragraph, ParagraphProperties

from roi_xl.template import style
from roi_xl.template.layout import (
    CASH_FLOW,
    LABEL_COLUMN,
    POINT_ROW,
    absolute,
    flow,
)
from roi_xl.template.money import along_axis

WIDTH, HEIGHT = 18.2, 8.6
EMU_PER_POINT = 12_700


@dataclass(frozen=True)
class Curve:
    """A line of a chart: its name, where its places and values stand, its color and width."""

    name: str
    places: str
    values: str
    color: str
    width: float


def cumulative_cost(currency: str, horizon: int) -> ScatterChart:
    """Cumulative cost of both ways over the horizon; a point, where there is one, marks the payback."""
    months = flow("chart_month")
    lines = [
        Curve("Baseline", months, flow("baseline_total"), style.BASELINE_LINE, 2.25),
        Curve("Fine-tuned", months, flow("fine_tuned_total"), style.FINE_TUNED_LINE, 2.25),
    ]
    words = f"Cumulative cost ({currency}): break-even is where the lines cross"
    chart = curves(words, lines, "Months", along_axis(currency))
    chart.x_axis.scaling.min, chart.x_axis.scaling.max = 0, horizon
    chart.x_axis.majorUnit = months_apart(horizon)
    at, cost = (absolute(CASH_FLOW, POINT_ROW, column) for column in (LABEL_COLUMN, LABEL_COLUMN + 1))
    chart.series.append(marker(len(lines), "Break-even", at, cost))
    chart.legend.legendEntry, chart.legend.position = [LegendEntry(idx=len(lines), delete=True)], "r"
    return chart


def months_apart(horizon: int) -> int:
    """How many months lie between two labels of an axis that ends at a horizon.

    >>> [months_apart(horizon) for horizon in (1, 7, 12, 24, 36, 60, 59)]
    [1, 1, 1, 2, 3, 5, 5]
    """
    return -(-horizon // 12)


def curves(words: str, lines: Sequence[Curve], across: str, number_format: str) -> ScatterChart:
    """Lines over a common axis."""
    chart = ScatterChart()
    frame(chart, words)
    chart.scatterStyle = "lineMarker"
    axis(chart.x_axis, across, "#,##0")
    axis(chart.y_axis, None, number_format)
    chart.x_axis.majorGridlines = None
    chart.series = [curve(place, line) for place, line in enumerate(lines)]
    if len(lines) == 1:
        chart.legend = None
    return chart


def bars(words: str, names: str, values: Sequence[tuple[str, str, str]]) -> BarChart:
    """Horizontal bars, the first name on top; each series has a name, values and a color."""
    chart = BarChart()
    frame(chart, words)
    chart.type, chart.gapWidth = "bar", 50
    chart.x_axis.scaling.orientation = "maxMin"
    axis(chart.x_axis, None, "General")
    axis(chart.y_axis, None, "#,##0")
    chart.y_axis.crosses, chart.y_axis.tickLblPos = "max", "nextTo"
    chart.series = [bar(place, name, names, cells, color) for place, (name, cells, color) in enumerate(values)]
    if len(values) == 1:
        chart.legend = None
    return chart


def tornado(words: str, names: str, low: str, high: str) -> BarChart:
    """Bars to both sides of the case as it is: the largest swing on top."""
    chart = bars(words, names, [("At low", low, style.BASELINE_LINE), ("At high", high, style.NAVY)])
    chart.grouping, chart.overlap = "stacked", 100
    return chart


def waterfall(words: str, names: str, hidden: str, parts: Sequence[tuple[str, str]]) -> BarChart:
    """Upright bars that hang where the one before has ended, carried by hidden ones: cells and color of each part."""
    chart = bars(words, names, [("", hidden, style.PAPER), *(("", cells, color) for cells, color in parts)])
    chart.series[0].graphicalProperties = GraphicalProperties(noFill=True, ln=LineProperties(noFill=True))
    chart.type, chart.gapWidth, chart.grouping, chart.overlap = "col", 40, "stacked", 100
    chart.x_axis.scaling.orientation = "minMax"
    chart.y_axis.crosses, chart.y_axis.tickLblPos = "autoZero", "low"
    chart.legend = None
    return chart


def histogram(words: str, names: str, shares: str) -> BarChart:
    """Upright bars without gaps."""
    chart = bars(words, names, [("", shares, style.NAVY)])
    chart.type, chart.gapWidth = "col", 5
    chart.x_axis.scaling.orientation = "minMax"
    chart.y_axis.crosses, chart.y_axis.tickLblPos = "autoZero", "low"
    chart.x_axis.number_format, chart.y_axis.number_format = "#,##0", "0%"
    return chart


def bar(place: int, name: str, names: str, values: str, color: str) -> Series:
    """A series of bars."""
    series = BarSeries(idx=place, order=place)
    series.cat = AxDataSource(strRef=StrRef(f=names))
    series.val = NumDataSource(numRef=NumRef(f=values))
    series.graphicalProperties = GraphicalProperties(solidFill=color)
    series.invertIfNegative = False
    if name:
        series.tx = SeriesLabel(v=name)
    return series


def frame(chart: ChartBase, words: str) -> None:
    """Size, title and legend of a chart without a frame."""
    chart.width, chart.height = WIDTH, HEIGHT
    chart.title = title(words, 11, bold=True)
    chart.y_axis.majorGridlines = ChartLines(spPr=line("E5E7EB", 0.5))
    chart.legend.position = "b"
    chart.legend.txPr = text(9)
    chart.graphical_properties = GraphicalProperties(noFill=True, ln=LineProperties(noFill=True))


def curve(place: int, described: Curve) -> Series:
    """A line without markers."""
    series = points(place, described.name, described.places, described.values)
    series.marker = Marker(symbol="none")
    series.graphicalProperties = line(described.color, described.width)
    return series


def marker(place: int, name: str, months: str, costs: str) -> Series:
    """A single point."""
    series = points(place, name, months, costs)
    series.marker = Marker(symbol="circle", size=9, spPr=GraphicalProperties(solidFill=style.MARKER))
    series.graphicalProperties = GraphicalProperties(ln=LineProperties(noFill=True))
    return series


def points(place: int, name: str, months: str, costs: str) -> Series:
    """A series of points with its name."""
    series = Series(Reference(range_string=costs), Reference(range_string=months))
    series.idx = series.order = place
    series.xVal = AxDataSource(numRef=NumRef(f=months))
    series.yVal = NumDataSource(numRef=NumRef(f=costs))
    series.tx = SeriesLabel(v=name)
    series.smooth = False
    return series


def axis(shown: NumericAxis | TextAxis, name: str | None, number_format: str) -> None:
    """A visible axis, with its labels outside the lines."""
    shown.delete = False
    shown.title = title(name, 9) if name else None
    shown.number_format = number_format
    shown.numFmt.sourceLinked = False
    shown.tickLblPos = "low"
    shown.majorTickMark = "out"
    shown.txPr = text(9)
    shown.graphicalProperties = line(style.BASELINE_LINE, 0.75)


def line(color: str, points_wide: float) -> GraphicalProperties:
    """A solid line."""
    return GraphicalProperties(ln=LineProperties(solidFill=color, w=int(points_wide * EMU_PER_POINT)))


def characters(size: float, bold: bool = False, color: str = style.INK) -> CharacterProperties:
    """The chart's font."""
    return CharacterProperties(sz=int(size * 100), b=bold, solidFill=color, latin=Font(typeface=style.FONT))


def text(size: float) -> RichText:
    """The look of labels."""
    look = characters(size)
    return RichText(p=[Paragraph(pPr=ParagraphProperties(defRPr=look), endParaRPr=look)])


def title(words: str, size: float, bold: bool = False) -> Title:
    """A title that does not lie over the plot."""
    made = title_maker(words)
    look = characters(size, bold, style.NAVY if bold else style.INK)
    for paragraph in made.tx.rich.p:
        paragraph.pPr = ParagraphProperties(defRPr=look)
        for run in paragraph.r:
            run.rPr = look
    made.overlay = False
    return made
