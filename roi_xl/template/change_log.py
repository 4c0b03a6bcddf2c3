"""The Change log sheet: whose document is this, who has signed it, and who changed what, when and why?"""

from openpyxl.worksheet.worksheet import Worksheet

from roi_xl.template import style
from roi_xl.template.inputs import list_validation
from roi_xl.template.layout import CHANGE_LOG, HEADER_ROW, LABEL_COLUMN, absolute, local
from roi_xl.template.sheet import finish, head, header, one_page, put

STATES = ("Draft", "In review", "Signed off")
OWNER, REVIEWER, VERSION, DATE, SIGN_OFF, SIGNED_BY = CONTROL = (
    "Owner",
    "Reviewer",
    "Version",
    "Date",
    "Sign-off",
    "Signed off by",
)
NOTES = (
    "Accountable for the inputs and their sources.",
    "Has reviewed the inputs, the checks and the change log.",
    "Of this document; shown on Summary.",
    "Of this version.",
    "Draft, In review or Signed off; shown on Summary.",
    "Name and date.",
)
FIRST_VALUES = {VERSION: "0.1", SIGN_OFF: STATES[0]}
ROWS = {label: HEADER_ROW + 1 + place for place, label in enumerate(CONTROL)}
LOG_ROW = HEADER_ROW + len(CONTROL) + 2
HEADINGS = ("Date", "Who", "Sheet", "What changed", "Why")
FIRST_ENTRY = (None, "roi-xl", "All", "Workbook created with example inputs", "Replace the examples on Inputs")
LINES = 24
DATE_FORMAT = "yyyy-mm-dd"


def fill_change_log(sheet: Worksheet) -> None:
    """Write the document's owner, version and sign-off, and empty lines for changes."""
    subtitle = "Owner and status of this document, and one line for each material change."
    head(sheet, CHANGE_LOG, subtitle, (16, 24, 18, 60, 60), tab="FFC000")
    header(sheet, HEADER_ROW, ("Document", "", "Note", "", ""))
    for (label, row), note in zip(ROWS.items(), NOTES, strict=True):
        put(sheet, row, LABEL_COLUMN, label)
        put(
            sheet,
            row,
            LABEL_COLUMN + 1,
            FIRST_VALUES.get(label),
            style.INPUT_TEXT,
            DATE_FORMAT if label == DATE else None,
        )
        put(sheet, row, LABEL_COLUMN + 2, note, style.SUBTITLE, alignment=style.INDENTED)
    states = list_validation(STATES, "Status of this version.")
    sheet.add_data_validation(states)
    states.add(local(ROWS[SIGN_OFF], LABEL_COLUMN + 1))
    header(sheet, LOG_ROW, HEADINGS)
    for line in range(LINES):
        entry = FIRST_ENTRY if line == 0 else (None,) * len(HEADINGS)
        for place, text in enumerate(entry, start=LABEL_COLUMN):
            number_format = DATE_FORMAT if place == LABEL_COLUMN else None
            put(sheet, LOG_ROW + 1 + line, place, text, style.INPUT_TEXT, number_format)
    one_page(sheet)
    finish(sheet, LOG_ROW + LINES, 1 + len(HEADINGS), freeze=False)


def document_line() -> str:
    """The formula that says on page one whose document this is, which version, and how far it has come."""
    owner, version, state = (
        absolute(CHANGE_LOG, ROWS[label], LABEL_COLUMN + 1) for label in (OWNER, VERSION, SIGN_OFF)
    )
    return f'="Version "&{version}&", "&LOWER({state})&IF({owner}="","; no owner named","; owner: "&{owner})'
