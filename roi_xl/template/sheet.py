"""What do all sheets share: head, columns, printing, and how a cell is written?"""

from collections.abc import Sequence
from typing import Any

from openpyxl.cell import Cell
from openpyxl.formatting.rule import CellIsRule
from openpyxl.styles import Alignment, NamedStyle
from openpyxl.workbook import Workbook
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.pagebreak import Break
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

import roi_xl
from roi_xl.template import style
from roi_xl.template.layout import (
    FLAG_ROW,
    GUIDE,
    HEADER_ROW,
    LABEL_COLUMN,
    SUBTITLE_ROW,
    TITLE_ROW,
    absolute,
    area,
    local,
)
from roi_xl.xlsx.addresses import Address, column_letters

A4 = 9
EMPTY_CELL = "A1"
LINE_HEIGHT = 13
CHARACTERS_PER_WIDTH = 1.12


def put(
    sheet: Worksheet,
    row: int,
    column: int,
    value: Any,
    look: NamedStyle = style.LABEL,
    number_format: str | None = None,
    alignment: Alignment | None = None,
) -> Cell:
    """Write one cell in a named style."""
    cell = sheet.cell(row, column)
    cell.value = value
    cell.style = look.name
    if number_format is not None:
        cell.number_format = number_format
    if alignment is not None:
        cell.alignment = alignment
    return cell


def name_cell(book: Workbook, name: str, sheet: str, row: int, column: int) -> None:
    """Give one cell a name of the workbook."""
    book.defined_names[name] = DefinedName(name, attr_text=absolute(sheet, row, column))


def head(sheet: Worksheet, title: str, subtitle: str, widths: Sequence[float], tab: str = style.NAVY) -> None:
    """The head of a sheet: title, subtitle, the overall flag; and how it is shown and printed."""
    put(sheet, TITLE_ROW, LABEL_COLUMN, title, style.TITLE)
    put(sheet, SUBTITLE_ROW, LABEL_COLUMN, subtitle, style.SUBTITLE)
    put(sheet, FLAG_ROW, LABEL_COLUMN, '="Model checks: "&model_checks', style.FLAG)
    flag_colors(sheet, local(FLAG_ROW, LABEL_COLUMN), '"Model checks: OK"')
    link(sheet, TITLE_ROW - 1, LABEL_COLUMN, "Contents", GUIDE)
    sheet.row_dimensions[TITLE_ROW].height = 28
    sheet.column_dimensions["A"].width = 2
    for place, width in enumerate(widths, start=LABEL_COLUMN):
        sheet.column_dimensions[column_letters(place)].width = width
    sheet.sheet_view.showGridLines = False
    sheet.sheet_properties.tabColor = tab
    printing(sheet)


def link(sheet: Worksheet, row: int, column: int, text: str, target: str) -> None:
    """A cell that leads to another sheet."""
    cell = put(sheet, row, column, text, style.LINK)
    cell.hyperlink = Hyperlink(ref=cell.coordinate, location=f"{Address(target, 1, 1)}", display=text)


def protect_formulas(book: Workbook) -> None:
    """Protect every sheet without a password; inputs stay open, and rows and columns can be sized."""
    for sheet in book.worksheets:
        sheet.protection.enable()
        sheet.protection.formatColumns = sheet.protection.formatRows = False


def printing(sheet: Worksheet) -> None:
    """One page wide, landscape, with the names of file and sheet, the version and page numbers below."""
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.print_options.horizontalCentered = True
    margins = sheet.page_margins
    margins.left = margins.right = 0.5
    margins.top, margins.bottom = 0.6, 0.7
    footer = sheet.oddFooter
    footer.left.text, footer.center.text = "&F: &A", f"roi-xl {roi_xl.__version__}"
    footer.right.text = "Page &P of &N"
    footer.left.size = footer.center.size = footer.right.size = 8


def other_horizon(what: str, horizon: int) -> str:
    """The formula that says where a chart or a printed page ends, if the horizon is another one by now."""
    words = f"The {what} shows months 0 to {horizon}; the horizon is now "
    return f'=IFERROR(IF(months_used={horizon},"","{words}"&months_used&" months."),"")'


def flag_colors(sheet: Worksheet, cells: str, good: str) -> None:
    """Green where a cell shows the good value, red where it does not."""
    shown = ((style.GREEN, style.GREEN_FILL, "equal"), (style.RED, style.RED_FILL, "notEqual"))
    for color, background, operator in shown:
        rule = CellIsRule(
            operator=operator, formula=[good], font=style.font(color=color), fill=style.highlight(background)
        )
        sheet.conditional_formatting.add(cells, rule)


def header(sheet: Worksheet, row: int, labels: Sequence[str], numeric: Sequence[int] = ()) -> None:
    """A row of column headings; those over numbers stand on the right."""
    for place, label in enumerate(labels, start=LABEL_COLUMN):
        put(sheet, row, place, label, style.HEADER, alignment=style.RIGHT_WRAPPED if place in numeric else None)
    sheet.row_dimensions[row].height = 30 if any(len(label) > 14 for label in labels) else 20


def fit_height(sheet: Worksheet, row: int, texts: Sequence[tuple[int, str]], least: float = 18) -> None:
    """Make a row as high as its longest wrapped text needs."""
    lines = 1
    for column, text in texts:
        width = (sheet.column_dimensions[column_letters(column)].width - 2) * CHARACTERS_PER_WIDTH
        lines = max(lines, sum(-(-max(len(line), 1) // int(width)) for line in text.split("\n")))
    sheet.row_dimensions[row].height = max(least, lines * LINE_HEIGHT + 5)


def new_page(sheet: Worksheet, row: int) -> None:
    """Start a new printed page at a row."""
    sheet.row_breaks.append(Break(row - 1))


def one_page(sheet: Worksheet) -> None:
    """Print the sheet on a single page."""
    sheet.page_setup.fitToHeight = 1


def not_printed(sheet: Worksheet) -> None:
    """Print nothing of a sheet that only serves others, unless a person chooses what."""
    sheet.print_area = EMPTY_CELL


def finish(sheet: Worksheet, last_row: int, last_column: int, freeze: bool = True) -> None:
    """Set what is printed and what stays in view."""
    sheet.print_area = area(1, 1, last_row, last_column)
    if freeze:
        sheet.freeze_panes = local(HEADER_ROW + 1, LABEL_COLUMN + 1)
