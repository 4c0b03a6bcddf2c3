"""What does a data table of Excel's What-If Analysis hold?

A data table puts the values along its edges into one or two input cells, one after the
other, and notes what a formula then gives. The engine does not know them, so that they
are evaluated here in the same way.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from roi_xl.engines.book import Book, Reads
from roi_xl.formula.rewrite import DATA_TABLE
from roi_xl.xlsx.addresses import Address, Area, column_number, parse_range
from roi_xl.xlsx.sheet_cells import Place, Value, grammar_of, held_value, stored_value

ATTRIBUTE = re.compile(r"""\s(\w+)=["']([^"']*)["']""")
EXTENT = re.compile(r"[A-Z]{1,3}[0-9]{1,7}(?::[A-Z]{1,3}[0-9]{1,7})?")
MOST_EVALUATIONS = 10_000
"""The most evaluations for one data table; a larger one keeps its values."""


@dataclass(frozen=True)
class DataTable:
    """A data table's range, and the input cells for the values along its edges."""

    sheet: str
    top: int
    left: int
    bottom: int
    right: int
    row_input: Place | None
    column_input: Place | None

    @property
    def cells(self) -> Iterator[Place]:
        """Every cell of the table, row by row."""
        return ((r, c) for r in range(self.top, self.bottom + 1) for c in range(self.left, self.right + 1))

    @property
    def edges(self) -> tuple[Area, Area]:
        """The row above and the column to the left, both with the corner: the table's values and formulas."""
        top, left = self.top - 1, self.left - 1
        return (self.sheet, top, left, top, self.right), (self.sheet, top, left, self.bottom, left)

    @property
    def reads(self) -> Reads:
        """What a table certainly reads; its formulas may read anything."""
        return Reads(self.edges if self.has_edges else (), complete=True)

    @property
    def has_edges(self) -> bool:
        """Whether there is room for a row above it and a column to its left."""
        return self.top > 1 and self.left > 1

    @property
    def can_be_computed(self) -> bool:
        """Whether it has edges and input cells, and does not take too long."""
        has_inputs = bool(self.row_input or self.column_input)
        return self.has_edges and has_inputs and self.evaluations <= MOST_EVALUATIONS

    @property
    def evaluations(self) -> int:
        """How often the workbook is evaluated to fill the table."""
        rows, columns = self.bottom - self.top + 1, self.right - self.left + 1
        return (rows if self.column_input else 1) * (columns if self.row_input else 1)

    def formula_of(self, place: Place) -> Place:
        """The cell of the formula whose result a cell of the table shows."""
        row = self.top - 1 if self.column_input else place[0]
        column = self.left - 1 if self.row_input else place[1]
        return row, column


def data_tables(book: Book, sheet: str) -> Iterator[DataTable]:
    """Every data table of a sheet."""
    data = book.sheet(sheet)
    for match in grammar_of(data).formula_cell.finditer(data) if b"dataTable" in data else ():
        if DATA_TABLE.match(match[5]):
            attributes = ATTRIBUTE.findall(match[5].partition(b">")[0].decode(errors="replace"))
            yield data_table(sheet, dict(attributes), f"{match[3].decode()}{int(match[4])}")


def data_table(sheet: str, given: dict[str, str], cell: str) -> DataTable:
    """One data table from its attributes: the cells it fills, and its input cells."""
    first, second = (cell_of(given.get(name, "")) for name in ("r1", "r2"))
    by_row = given.get("dtr") in ("1", "true")
    inputs = (first, second) if given.get("dt2D") in ("1", "true") else (first, None) if by_row else (None, first)
    extent = given.get("ref", cell)
    return DataTable(sheet, *parse_range(extent if EXTENT.fullmatch(extent) else cell), *inputs)


def cell_of(reference: str) -> Place | None:
    """A cell within a sheet, or None if the table has no such input."""
    match = re.fullmatch(r"\$?([A-Za-z]{1,3})\$?([0-9]{1,7})", reference)
    return (int(match[2]), column_number(match[1])) if match else None


def stored_values(book: Book, table: DataTable) -> dict[Address, Value]:
    """What the file stores in a table's cells."""
    sheet = book.sheet(table.sheet)
    return {
        Address(table.sheet, *place): stored_value(sheet, place)
        if place == (table.top, table.left)
        else held_value(sheet, place)
        for place in table.cells
    }


def results(book: Book, table: DataTable, evaluate: Callable[[], None] | None = None) -> dict[Address, Value]:
    """The values of a table's cells for the current workbook, which is restored afterwards."""
    evaluate = evaluate or book.evaluate
    value_at = book.peekers[table.sheet]
    values = {place: value_at(*place) for place in edge_places(table)}
    inputs = [Address(table.sheet, *place) for place in (table.row_input, table.column_input) if place]
    before = {place: (book.formula(place), book.value(place)) for place in inputs}
    found: dict[Address, Value] = {}
    state: tuple[Value, ...] | None = None
    for row, column in table.cells:
        across, down = values[table.top - 1, column], values[row, table.left - 1]
        wanted = (*([across] if table.row_input else []), *([down] if table.column_input else []))
        if wanted != state:
            state = wanted
            for place, value in zip(inputs, wanted, strict=True):
                book.put(place, value)
            evaluate()
        found[Address(table.sheet, row, column)] = book.value(Address(table.sheet, *table.formula_of((row, column))))
    for place, (formula, value) in before.items():
        book.put_formula(place, formula) if formula else book.put(place, value)
    evaluate()
    return found


def edge_places(table: DataTable) -> Iterator[Place]:
    """The cells above and to the left of a table."""
    yield from ((table.top - 1, column) for column in range(table.left - 1, table.right + 1))
    yield from ((row, table.left - 1) for row in range(table.top, table.bottom + 1))
