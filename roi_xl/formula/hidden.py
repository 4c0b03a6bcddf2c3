"""Which rows of a sheet are hidden, and which of them does a filter hide?"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from roi_xl.errors import NotSupported
from roi_xl.formula.tables import Table
from roi_xl.xlsx.addresses import LAST_ROW, parse_range
from roi_xl.xlsx.sheet import Sheet
from roi_xl.xlsx.workbook_part import DefinedName

DATABASE = "_xlnm._filterdatabase"
"""The name, in small letters, of what a filter of a sheet filters."""


@dataclass(frozen=True)
class Hidden:
    """The hidden rows of a sheet, and those of them that a filter hides."""

    rows: frozenset[int] = frozenset()
    filtered: frozenset[int] = frozenset()


def hidden_on(sheet: Sheet, tables: Iterable[Table], defined: Iterable[DefinedName]) -> Hidden:
    """The hidden rows of a sheet; what is hidden above a filter's first row, or below its last one, is by hand."""
    rows = sheet.hidden_rows
    if not rows:
        return Hidden()
    ranges = [*filters_of(sheet, defined), *filters_of_tables(sheet.name, tables)]
    return Hidden(rows, frozenset(row for row in rows if any(head < row <= last for head, last in ranges)))


def filters_of(sheet: Sheet, defined: Iterable[DefinedName]) -> Iterator[tuple[int, int]]:
    """The row of headings and the last row of what the sheet's own filter filters, or an advanced one in its place."""
    if sheet.filtered is not None:
        yield rows_of(sheet.filtered)
    elif sheet.has_filter_mode:
        yield from (rows_of(one.text) for one in defined if (one.name.casefold(), one.sheet) == (DATABASE, sheet.name))


def rows_of(reference: str) -> tuple[int, int]:
    """The first and last row of a reference; of whole columns, and of what cannot be read, all rows.

    >>> rows_of("'My sheet'!$A$1:$B$8"), rows_of("A:B")
    ((1, 8), (0, 1048576))
    """
    try:
        top, _, bottom, _ = parse_range(reference.rpartition("!")[2])
    except NotSupported:
        return 0, LAST_ROW
    return top, bottom


def filters_of_tables(sheet: str, tables: Iterable[Table]) -> Iterator[tuple[int, int]]:
    """The row of headings and the last row of data of each table on a sheet whose filter hides some."""
    yield from ((one.top, one.bottom - one.totals) for one in tables if one.filtered and one.sheet == sheet)
