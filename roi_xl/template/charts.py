"""What does the picture look like?"""

from openpyxl.chart import Reference, ScatterChart, Series
from openpyxl.chart.axis import ChartLines, NumericAxis
from openpyxl.chart.data_source import AxDataSource, NumDataSource, NumRef
from openpyxl.chart.marker import Marker
from openpyxl.chart.series import SeriesLabel
from openpyxl.chart.shapes import GraphicalProperties
from openpyxl.chart.text import RichText
from openpyxl.chart.title import Title, title_maker
from openpyxl.drawing.line import LineProperties
from openpyxl.drawing.text import CharacterProperties, Font, Paragraph, ParagraphProperties

from roi_xl.template import style
from roi_xl.template.layout import (
    CASH_FLOW,
    CF_BASELINE_TOTAL,
    CF_CHART_MONTH,
    CF_FINE_TUNED_TOTAL,
    CF_MONTH,
    CF_SHARE,
    FIRST_MONTH_ROW,
    LAST_MONTH_ROW,
    POINT_ROW,
    absolute,
)

WIDTH, HEIGHT = 18.2, 8.6
EMU_PER_POINT = 12_700


def cumulative_cost(currency: str) -> ScatterChart:
    """Cumulative cost of both ways over the horizon; they cross at the break-even."""
    chart = ScatterChart()
    chart.width, chart.height = WIDTH, HEIGHT
    chart.scatterStyle = "lineMarker"
    chart.title = title(f"Cumulative cost ({currency}): the lines cross at break-even", 11, bold=True)
    axis(chart.x_axis, "Months", "0")
    axis(chart.y_axis, None, "#,##0")
    chart.y_axis.majorGridlines = ChartLines(spPr=line("E5E7EB", 0.5))
    chart.x_axis.majorGridlines = None
    chart.legend.position = "b"
    chart.legend.txPr = text(9)
    chart.graphical_properties = GraphicalProperties(noFill=True, ln=LineProperties(noFill=True))
    months = column(CF_CHART_MONTH)
    chart.series = [
        curve(0, "Baseline", months, column(CF_BASELINE_TOTAL), style.BASELINE_LINE),
        curve(1, "Fine-tuned", months, column(CF_FINE_TUNED_TOTAL), style.FINE_TUNED_LINE),
        marker(2, "Break-even", absolute(CASH_FLOW, POINT_ROW, CF_MONTH), absolute(CASH_FLOW, POINT_ROW, CF_SHARE)),
    ]
    return chart


def column(number: int) -> str:
    """A column of the cash flow, from month 0 to the last."""
    return absolute(CASH_FLOW, FIRST_MONTH_ROW, number, LAST_MONTH_ROW)


def curve(place: int, name: str, months: str, costs: str, color: str) -> Series:
    """A line without markers."""
    series = points(place, name, months, costs)
    series.marker = Marker(symbol="none")
    series.graphicalProperties = line(color, 2.25)
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


def axis(shown: NumericAxis, name: str | None, number_format: str) -> None:
    """A visible axis from zero, with its labels outside the lines."""
    shown.delete = False
    shown.title = title(name, 9) if name else None
    shown.scaling.min = 0
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
