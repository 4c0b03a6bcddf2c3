"""The Change log sheet: who changed what, when and why?"""

from openpyxl.worksheet.worksheet import Worksheet

from roi_xl.template import style
from roi_xl.template.layout import HEADER_ROW
from roi_xl.template.sheet import finish, head, header, put

HEADINGS = ("Date", "Who", "Sheet", "What changed", "Why")
FIRST_ENTRY = (None, "roi-xl", "All", "Workbook made, with example inputs", "Replace the examples on Inputs")
LINES = 30


def fill_change_log(sheet: Worksheet) -> None:
    """Write the head and empty lines."""
    head(sheet, "Change log", "One line for each change that matters to a reader.", (14, 20, 18, 60, 60), tab="FFC000")
    header(sheet, HEADER_ROW, HEADINGS)
    for line in range(LINES):
        entry = FIRST_ENTRY if line == 0 else (None,) * len(HEADINGS)
        for place, text in enumerate(entry, start=2):
            put(sheet, HEADER_ROW + 1 + line, place, text, style.INPUT_TEXT, "yyyy-mm-dd" if place == 2 else None)
    finish(sheet, HEADER_ROW + LINES, 1 + len(HEADINGS))
