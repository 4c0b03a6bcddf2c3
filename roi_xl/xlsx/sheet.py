"""What does a sheet of the file hold: its formula cells, the values that it stores, its array formulas?

Everything is found once, when it is first asked for.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from roi_xl.errors import NotSupported
from roi_xl.xlsx.addresses import column_number, parse_range
from roi_xl.xlsx.formula_cells import FormulaCells, formula_cells
from roi_xl.xlsx.layout import LARGEST, Layout
from roi_xl.xlsx.sheet_cells import (
    ROW_NUMBER,
    Place,
    Value,
    arrays,
    decode,
    find_cell,
    grammar_of,
    last_row,
    plain_text,
    stored_constant,
)

HIDDEN = re.compile(rb"""\shidden=["'](?:1|true)["']""")
IS_DYNAMIC = re.compile(rb"\scm=")
MERGED = re.compile(rb"""<(?:\w+:)?mergeCell\s[^<>]*?ref=["']([A-Z]{1,3}[0-9]{1,7}:[A-Z]{1,3}[0-9]{1,7})["']""")
FILTER = re.compile(rb"""<(?:\w+:)?autoFilter\s[^<>]*?ref=["']([A-Z0-9:$]+)["'][^<>]*>\s*<(?:\w+:)?filterColumn\b""")
FILTER_MODE = re.compile(rb"""<(?:\w+:)?sheetPr\s[^<>]*?filterMode=["'](?:1|true)["']""")
COLUMN = re.compile(rb"""\sr=["']([A-Za-z]{1,3}+)[0-9]""")


class FormulaText(NamedTuple):
    """A formula as a cell of the file has it: its text, what its element says of it, whether it takes its own room."""

    row: int
    column: int
    text: str
    attributes: bytes
    dynamic: bool


@dataclass(frozen=True)
class Sheet:
    """A sheet's name and bytes, and their contents."""

    name: str
    data: bytes

    @cached_property
    def cells(self) -> FormulaCells:
        """Its formula cells, in columns."""
        return formula_cells(self.data)

    @cached_property
    def stored(self) -> dict[Place, Value]:
        """The value that each formula cell stores."""
        return dict(self.values())

    def values(self) -> Iterator[tuple[Place, Value]]:
        """Each formula cell with the value that it stores, one after the other."""
        shapes = grammar_of(self.data)
        try:
            for row, column, start in zip(self.cells.rows, self.cells.columns, self.cells.starts, strict=True):
                match = shapes.formula_cell.match(self.data, start)
                if match:
                    yield (row, column), decode(match[2], match[6])
        except NotSupported as problem:
            raise NotSupported(f"in {self.name}, {problem}") from None

    @cached_property
    def arrays(self) -> dict[Place, set[Place]]:
        """The cells that each array formula fills besides its own, by its own cell."""
        return arrays(self.data)

    @cached_property
    def anchors(self) -> dict[Place, Place]:
        """The cell that holds the array formula, by each other cell that it fills."""
        return {member: anchor for anchor, members in self.arrays.items() for member in members}

    @cached_property
    def ends(self) -> tuple[int, int]:
        """The numbers of its last row and column."""
        found = None if grammar_of(self.data).prefix or len(self.data) > LARGEST else Layout(self.data).last()
        columns = COLUMN.findall(self.data) if found is None else ()
        return found or (last_row(self.data), max(map(column_number, set(columns)), default=0))

    @property
    def last_row(self) -> int:
        """The number of its last row."""
        return self.ends[0]

    @cached_property
    def hidden_rows(self) -> frozenset[int]:
        """The numbers of its hidden rows."""
        rows = grammar_of(self.data).row.findall(self.data) if b"hidden=" in self.data else ()
        numbers = (ROW_NUMBER.search(row) for row in rows if HIDDEN.search(row))
        return frozenset(int(number[1]) for number in numbers if number)

    @cached_property
    def merged(self) -> list[tuple[int, int, int, int]]:
        """The first and last row and column of its merged cells."""
        found = MERGED.findall(self.data, self.data.rfind(b"sheetData")) if b"mergeCell" in self.data else ()
        return [parse_range(extent.decode()) for extent in found]

    @property
    def filtered(self) -> str | None:
        """The range of its own filter, if that has criteria; tables have filters of their own."""
        first, last = self.data.rfind(b"sheetData"), self.data.find(b"customSheetViews")
        found = FILTER.search(self.data, max(first, 0), last if last > 0 else len(self.data))
        return found[1].decode() if found else None

    @property
    def has_filter_mode(self) -> bool:
        """Whether it says that a filter hides some of its rows."""
        return FILTER_MODE.search(self.data, 0, max(self.data.find(b"sheetData"), 0)) is not None

    @property
    def last_column(self) -> int:
        """The number of its last column."""
        return self.ends[1]

    @property
    def formula_tags(self) -> tuple[bytes, bytes]:
        """The tags around a plain formula."""
        prefix = grammar_of(self.data).prefix
        return b"<%bf>" % prefix, b"</%bf>" % prefix

    def formula_text(self, place: int) -> FormulaText:
        """One of its formulas, by its place among them, as the file has it."""
        cells = self.cells
        element = self.data[cells.formulas[place] : cells.heads[place]]
        opening, _, rest = element.partition(b">")
        attributes = opening.partition(b"f")[2].rstrip(b"/")
        dynamic = IS_DYNAMIC.search(self.data, cells.starts[place], cells.formulas[place]) is not None
        text = plain_text(rest.partition(b"<")[0])
        text = text if text.strip() else ""  # a member of a shared formula, whose tags stand on lines of their own
        return FormulaText(cells.rows[place], cells.columns[place], text, attributes, dynamic and bool(attributes))

    def held(self, place: Place) -> Value:
        """The value of a cell without a formula, from its own bytes."""
        match = find_cell(self.data, place)
        return stored_constant(match, grammar_of(self.data)) if match and match[4] else None
