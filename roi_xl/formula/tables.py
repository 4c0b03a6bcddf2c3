"""Which cells does a structured reference refer to?"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from roi_xl.formula.parser import parse
from roi_xl.formula.tokens import Unreadable
from roi_xl.formula.tree import Reference, Structured
from roi_xl.xlsx.addresses import Address, column_letters, parse_range
from roi_xl.xlsx.package import Package
from roi_xl.xlsx.workbook_part import TABLE, WorkbookPart, children, parse_xml, related

BARE_LAST = re.compile(r"(\],\s*)([^\[\],:]+)$")
"""A column without brackets of its own behind another item, as XlsxWriter writes [@Qty]."""

ITEM = re.compile(r"\[((?:[^\[\]']|'.)*)\](:?)")
LINE_BREAK = re.compile(r"_x000[aAdD]_")
ESCAPED = re.compile(r"'(.)")


@dataclass(frozen=True)
class Table:
    """A table: where it stands, its columns in order, and whether a filter of its own hides some of its rows."""

    sheet: str
    top: int
    left: int
    bottom: int
    headers: int
    totals: int
    columns: tuple[str, ...]
    filtered: bool = False

    def place(self, name: str) -> int | None:
        """The place of a column among the others, from 0; blanks count where two names differ in them only."""
        exact = [column.casefold() for column in self.columns]
        if name.casefold() in exact:
            return exact.index(name.casefold())
        loose = list(map(folded, self.columns))
        return loose.index(folded(name)) if folded(name) in loose else None

    @property
    def corners(self) -> tuple[int, int, int, int]:
        """Its first and last row and column."""
        return self.top, self.left, self.bottom, self.left + len(self.columns) - 1

    def holds(self, place: Address) -> bool:
        """Whether a cell belongs to it."""
        across = self.left <= place.column < self.left + len(self.columns)
        return place.sheet == self.sheet and across and self.top <= place.row <= self.bottom

    def rows(self, parts: set[str], row: int) -> tuple[str, str] | None:
        """The first and last row, as they stand in a reference, of the named parts of the table."""
        data = self.top + self.headers, self.bottom - self.totals
        if "#this row" in parts:
            return str(row), str(row)
        if (parts == {"#totals"} and not self.totals) or (parts == {"#headers"} and not self.headers):
            return None
        first = self.top if parts & {"#all", "#headers"} else data[0] if parts != {"#totals"} else self.bottom
        last = self.bottom if parts & {"#all", "#totals"} else data[1] if parts != {"#headers"} else self.top
        return (f"${first}", f"${last}") if first <= last else None


def read_tables(package: Package, contents: WorkbookPart) -> dict[str, Table]:
    """Every table of a workbook by its name in small letters."""
    return {
        name.casefold(): table
        for sheet, part in contents.sheets.items()
        for target in related(package, part, TABLE).values()
        if target in package.parts
        for name, table in read_table(package, target, sheet)
    }


def read_table(package: Package, part: str, sheet: str) -> Iterator[tuple[str, Table]]:
    """One table with its names."""
    root = parse_xml(package, part)
    top, left, bottom, _ = parse_range(root.get("ref", "A1"))
    headers, totals = int(root.get("headerRowCount", "1")), int(root.get("totalsRowCount", "0"))
    columns = tuple(
        LINE_BREAK.sub(" ", column.get("name", "")) for column in children(root, "tableColumns", "tableColumn")
    )
    filtered = any(True for _ in children(root, "autoFilter", "filterColumn"))
    for name in {root.get("name", ""), root.get("displayName", "")} - {""}:
        yield name, Table(sheet, top, left, bottom, headers, totals, columns, filtered)


def folded(name: str) -> str:
    """A column's name for comparison: ignoring case, with line breaks as blanks."""
    return " ".join(LINE_BREAK.sub(" ", name).split()).casefold()


def plain_reference(table: Table, inside: str, row: int) -> str | None:
    """What stands between a table's brackets as a range, or None where it names no column of it."""
    if inside.startswith("@"):
        column = inside[1:].strip()
        inside = f"[#This Row],{column if column.startswith('[') else f'[{column}]'}" if column else "[#This Row]"
    inside = BARE_LAST.sub(r"\1[\2]", inside)
    items = ITEM.findall(inside) if inside.startswith("[") else [(inside, "")]
    texts = [ESCAPED.sub(r"\1", text) for text, _ in items if text]
    parts = {folded(text) for text in texts if text.startswith("#")}
    columns = [table.place(text) for text in texts if not text.startswith("#")]
    if None in columns:
        return None
    rows = table.rows(parts, row)
    if rows is None:
        return None
    places = [place for place in columns if place is not None] or [0, len(table.columns) - 1]
    first, last = (column_letters(table.left + place) for place in (places[0], places[-1]))
    sheet = str(Address(table.sheet, 1, 1)).rpartition("!")[0]
    if rows[0] == rows[1] and first == last:
        return f"{sheet}!${first}{rows[0]}"
    return f"{sheet}!${first}{rows[0]}:${last}{rows[1]}"


def reference_to(node: Structured, here: Address, tables: Mapping[str, Table]) -> Reference:
    """The cells that a structured reference in a cell refers to; without a name, in the table around that cell."""
    table = tables.get(node.table.casefold()) if node.table else around(here, tables)
    text = plain_reference(table, node.inside, here.row) if table is not None else None
    if text is None:
        raise Unreadable(f"has a reference to a table, {node.table}[{node.inside}], that is not there")
    found = parse(text, here.within)
    assert isinstance(found, Reference)
    return found


def around(here: Address, tables: Mapping[str, Table]) -> Table | None:
    """The table that a cell belongs to."""
    return next((table for table in tables.values() if table.holds(here)), None)
