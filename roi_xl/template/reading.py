"""What was read, what became of it, and how was every word for a status taken?"""

from typing import TYPE_CHECKING

from openpyxl.worksheet.worksheet import Worksheet

from roi_xl.observed.moments import day_of
from roi_xl.template import style
from roi_xl.template.sheet import fit_height, header, put
from roi_xl.template.trace_columns import BASE, LABEL, LONGEST_NAME, NOTE, TUNED, UNIT, text

if TYPE_CHECKING:
    from roi_xl.observed.findings import Observed

MOST_REJECTS = 12
MOST_STATUSES = 24
NOTHING = "(empty)"


def report(sheet: Worksheet, row: int, observed: "Observed") -> int:
    """What became of the rows of each file; the row after it."""
    heads = ("What was read", "Rows", "Taken", "Skipped", "Rejected, duplicates")
    header(sheet, row, heads, numeric=(BASE, TUNED, UNIT))
    for line, one in enumerate(observed.files, start=row + 1):
        text(sheet, line, LABEL, one.name.replace("\\", "/").rpartition("/")[2][-LONGEST_NAME:])
        for column, count in zip((BASE, TUNED, UNIT), (one.rows, one.taken, one.skipped), strict=True):
            put(sheet, line, column, count, style.CALCULATION, "#,##0")
        put(sheet, line, NOTE, f"{one.rejected:,} rejected, {one.duplicates:,} duplicates", style.NOTE)
    return row + len(observed.files) + 2


def statuses(sheet: Worksheet, row: int, observed: "Observed") -> int:
    """Every word for the status of a call with its count and how it was taken; the row after it."""
    if not observed.statuses:
        return row
    header(sheet, row, ("Status", "Rows", "Taken for", "Format", ""), numeric=(BASE,))
    shown = observed.statuses[:MOST_STATUSES]
    for line, one in enumerate(shown, start=row + 1):
        text(sheet, line, LABEL, (one.word or NOTHING)[:LONGEST_NAME])
        put(sheet, line, BASE, one.rows, style.CALCULATION, "#,##0")
        put(sheet, line, TUNED, one.taken_for, style.LABEL, alignment=style.RIGHT)
        put(sheet, line, UNIT, one.layout, style.NOTE)
    left = len(observed.statuses) - len(shown)
    if left:
        put(sheet, row + len(shown), NOTE, f"{left:,} rarer words are left out; --json has them", style.NOTE)
    return row + len(shown) + 2


def files(sheet: Worksheet, row: int, observed: "Observed") -> int:
    """Where the numbers come from: each file with its rows and digest; the row after it."""
    header(
        sheet,
        row,
        ("Source", "Rows read", "Rows rejected", "Days", "Format, other rows, SHA-256"),
        numeric=(BASE, TUNED),
    )
    for line, one in enumerate(observed.files, start=row + 1):
        name = one.name.replace("\\", "/").rpartition("/")[2]
        text(sheet, line, LABEL, name[-LONGEST_NAME:])
        put(sheet, line, BASE, one.taken, style.CALCULATION, "#,##0")
        put(sheet, line, TUNED, one.rejected, style.CALCULATION, "#,##0")
        span = (
            f"{day_of(one.first)} to {day_of(one.last)}" if one.first is not None and one.last is not None else "none"
        )
        put(sheet, line, UNIT, span, style.NOTE)
        about = f"{one.layout}; {one.skipped:,} rows are no calls of a model; {one.digest or 'a table'}"
        put(sheet, line, NOTE, about, style.NOTE)
        fit_height(sheet, line, [(NOTE, about), (LABEL, name)])
    return row + len(observed.files) + 2


def rejects(sheet: Worksheet, row: int, observed: "Observed") -> int:
    """Why rows were not taken, with an example; the row after it."""
    if not observed.rejects:
        return row
    header(sheet, row, ("Rows rejected because", "Rows", "", "", "For example"), numeric=(BASE,))
    for line, one in enumerate(observed.rejects[:MOST_REJECTS], start=row + 1):
        text(sheet, line, LABEL, one.reason)
        put(sheet, line, BASE, one.rows, style.CALCULATION, "#,##0")
        example = one.examples[0][:160] if one.examples else ""
        text(sheet, line, NOTE, example, style.NOTE)
        fit_height(sheet, line, [(NOTE, example or "-"), (LABEL, one.reason)])
    return row + min(len(observed.rejects), MOST_REJECTS) + 2
