"""How does the workbook look? One palette, one font, a handful of named styles."""

from openpyxl.styles import Alignment, Border, Font, NamedStyle, PatternFill, Protection, Side
from openpyxl.utils.indexed_list import IndexedList
from openpyxl.workbook import Workbook

FONT = "Arial"
INK, NAVY, BLUE, GREY, RULE = "1F2937", "1F3864", "0000FF", "6B7280", "BFC5CE"
PAPER, INPUT_FILL, RESULT_FILL, BANNER_FILL = "FFFFFF", "FFF9E5", "E8EEF7", "F1F4F9"
GREEN, RED, GREEN_FILL, RED_FILL = "166534", "B42318", "E3F4E8", "FDE8E8"
BASELINE_LINE, FINE_TUNED_LINE, MARKER = "9CA3AF", NAVY, "C2410C"
LOWER_COST, HIGHER_COST = "2E7D5B", "C2410C"
FAN_LINES = ("B42318", "E08A3C", NAVY, "4F8FBF", "2E7D5B")
"""Five percentiles, from the lowest to the highest, each told from its neighbors."""

THIN, HAIR = Side(style="thin", color=RULE), Side(style="hair", color=RULE)
MIDDLE = Alignment(vertical="center")
INDENTED = Alignment(horizontal="left", vertical="center", indent=1)
WRAPPED = Alignment(horizontal="left", vertical="center", indent=1, wrap_text=True)
RIGHT_WRAPPED = Alignment(horizontal="right", vertical="center", wrap_text=True)
NUMBER = Alignment(vertical="center", shrink_to_fit=True)
RIGHT = Alignment(horizontal="right", vertical="center", shrink_to_fit=True)
LARGE = Alignment(horizontal="left", vertical="center", indent=1, shrink_to_fit=True)
"""Numbers grow smaller instead of showing ###."""

BOX = Border(left=THIN, right=THIN, top=THIN, bottom=THIN)
UNDER = Border(bottom=HAIR)


def font(size: float = 10, color: str = INK, bold: bool = False, italic: bool = False) -> Font:
    """The workbook's one font."""
    return Font(name=FONT, size=size, color=color, bold=bold, italic=italic)


def fill(color: str) -> PatternFill:
    """A solid background."""
    return PatternFill("solid", fgColor=color)


def highlight(color: str) -> PatternFill:
    """A solid background as conditional formats want it."""
    return PatternFill(bgColor=color, fill_type="solid")


LINK = NamedStyle("roi_link", font=font(9, NAVY), alignment=INDENTED)
TITLE = NamedStyle("roi_title", font=font(18, NAVY, bold=True), alignment=MIDDLE)
SUBTITLE = NamedStyle("roi_subtitle", font=font(10, GREY, italic=True), alignment=MIDDLE)
FLAG = NamedStyle("roi_flag", font=font(9, GREY, bold=True), alignment=MIDDLE)
HEADING = NamedStyle("roi_heading", font=font(12, NAVY, bold=True), alignment=MIDDLE)
HEADER = NamedStyle("roi_header", font=font(10, PAPER, bold=True), fill=fill(NAVY), alignment=WRAPPED)
LABEL = NamedStyle("roi_label", font=font(), border=UNDER, alignment=WRAPPED)
NOTE = NamedStyle("roi_note", font=font(9, GREY), border=UNDER, alignment=WRAPPED)
WARNING = NamedStyle("roi_warning", font=font(9, RED, bold=True), border=UNDER, alignment=INDENTED)
ALERT = NamedStyle("roi_alert", font=font(10, RED, bold=True), alignment=INDENTED)
INPUT, INPUT_TEXT = (
    NamedStyle(
        name,
        font=font(color=BLUE),
        fill=fill(INPUT_FILL),
        border=BOX,
        alignment=alignment,
        protection=Protection(locked=False),
    )
    for name, alignment in (("roi_input", NUMBER), ("roi_input_text", WRAPPED))
)
CALCULATION = NamedStyle("roi_calculation", font=font(color="000000"), border=UNDER, alignment=NUMBER)
RESULT = NamedStyle(
    "roi_result",
    font=font(10, "000000", bold=True),
    fill=fill(RESULT_FILL),
    border=Border(top=THIN, bottom=THIN),
    alignment=NUMBER,
)
BANNER = NamedStyle("roi_banner", font=font(11, NAVY, bold=True), fill=fill(BANNER_FILL), alignment=INDENTED)

TILE_LABEL = NamedStyle("roi_tile_label", font=font(9, GREY), fill=fill(BANNER_FILL), alignment=INDENTED)
TILE = NamedStyle("roi_tile", font=font(16, NAVY, bold=True), fill=fill(BANNER_FILL), alignment=LARGE)

STYLES = (
    LINK,
    TILE_LABEL,
    TILE,
    TITLE,
    SUBTITLE,
    FLAG,
    HEADING,
    HEADER,
    LABEL,
    NOTE,
    WARNING,
    ALERT,
    INPUT,
    INPUT_TEXT,
    CALCULATION,
    RESULT,
    BANNER,
)


def register(book: Workbook) -> None:
    """Make the named styles, and the one font as the default, part of a workbook."""
    book._fonts = IndexedList([font()])
    for style in STYLES:
        book.add_named_style(style)
