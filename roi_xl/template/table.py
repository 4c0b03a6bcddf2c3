"""A workbook of one plain table, for the scenarios of a sweep."""

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

from openpyxl.cell import WriteOnlyCell
from openpyxl.workbook import Workbook
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from roi_xl.errors import OutOfBounds
from roi_xl.sweeps.results import unmarked
from roi_xl.template import style
from roi_xl.template.build import packed
from roi_xl.xlsx.addresses import column_letters
from roi_xl.xlsx.package import save_package

SHEET = "Scenarios"
MOST_ROWS = 1_048_575
WIDTH = 18


def check_rows(count: int | None) -> None:
    """Refuse what no sheet holds."""
    if count is not None and count > MOST_ROWS:
        raise OutOfBounds(f"a sheet holds at most {MOST_ROWS:,} scenarios, got {count:,}: write .csv or .parquet")


def write_table(columns: Sequence[str], parts: Sequence[Path], target: Path) -> None:
    """Write the rows of CSV files as a sheet with a head that stays; text is never taken for a formula."""
    book = Workbook(write_only=True)
    style.register(book)
    sheet = book.create_sheet(SHEET)
    sheet.freeze_panes = "A2"
    for place in range(1, len(columns) + 1):
        sheet.column_dimensions[column_letters(place)].width = WIDTH
    sheet.append([cell(sheet, name, style.HEADER.name) for name in columns])
    count = 0
    for count, row in enumerate(rows_of(parts), start=1):
        check_rows(count)
        sheet.append([value if isinstance(value, float | None) else cell(sheet, value) for value in row])
    sheet.auto_filter.ref = f"A1:{column_letters(len(columns))}{count + 1}"
    book.properties.creator = "roi-xl"
    save_package(packed(book, target), target, {})


def cell(sheet: WriteOnlyWorksheet, text: str, look: str | None = None) -> WriteOnlyCell:
    """A cell of text, whatever it begins with."""
    made = WriteOnlyCell(sheet)
    made.value = text
    made.data_type = "s"
    if look is not None:
        made.style = look
    return made


def rows_of(parts: Sequence[Path]) -> Iterator[list[float | str | None]]:
    """The rows as numbers, text and blanks; a mark that made text of it is taken off."""
    for part in parts:
        with part.open(newline="", encoding="utf-8") as file:
            for row in csv.reader(file):
                yield [value_of(text) for text in row]


def value_of(text: str) -> float | str | None:
    """A number, a blank, or text.

    >>> value_of("3.5"), value_of(""), value_of("'=1+1")
    (3.5, None, '=1+1')
    """
    try:
        return float(text)
    except ValueError:
        return unmarked(text) or None
