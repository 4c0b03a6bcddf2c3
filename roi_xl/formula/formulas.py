"""Which formula does each cell of a workbook hold, and what does it read?"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from roi_xl.errors import NotSupported
from roi_xl.formula.hidden import hidden_on
from roi_xl.formula.names import Names
from roi_xl.formula.shapes import Form, Shape, shapes_of
from roi_xl.formula.tables import read_tables
from roi_xl.formula.tokens import Unreadable
from roi_xl.formula.tree import Cell, Node, functions_in
from roi_xl.formula.written import written
from roi_xl.xlsx.addresses import Address, Area
from roi_xl.xlsx.package import Package
from roi_xl.xlsx.placeholders import without_placeholders
from roi_xl.xlsx.sheet import Sheet
from roi_xl.xlsx.workbook_part import WorkbookPart

SUBTOTALS = {"SUBTOTAL", "AGGREGATE"}

FILE_PREFIX = re.compile(r"_xlfn\.(?:_xlws\.)?|_xlpm\.")
"""What the file puts before the names of newer functions, and of the names of LET and LAMBDA."""


@dataclass(frozen=True)
class Formulas:
    """The formulas of a workbook, each shape read once."""

    package: Package
    part: WorkbookPart
    sheets: Mapping[str, Sheet]

    @cached_property
    def shapes(self) -> dict[str, list[Shape]]:
        """The shapes of each sheet's formulas."""
        return {name: self.shapes_on(sheet) for name, sheet in self.sheets.items()}

    def shapes_on(self, sheet: Sheet) -> list[Shape]:
        """The shapes of one sheet's formulas; a sheet that cannot be edited is refused by name."""
        try:
            return shapes_of(sheet)
        except NotSupported as problem:
            raise NotSupported(f"{self.package.path} ({sheet.name}): {problem}") from None

    @cached_property
    def by_cell(self) -> dict[str, dict[Cell, Shape]]:
        """The shape of each cell's formula, by sheet and cell."""
        return {name: {cell: shape for shape in shapes for cell in shape.cells} for name, shapes in self.shapes.items()}

    @cached_property
    def names(self) -> Names:
        """What the names, tables, sheets and spilled ranges of the workbook stand for."""
        tables = read_tables(self.package, self.part)
        return Names(
            self.part,
            tables,
            {name: sheet.last_row for name, sheet in self.sheets.items()},
            self.extents,
            {name: sheet.last_column for name, sheet in self.sheets.items()},
            {name: hidden_on(sheet, tables.values(), self.part.defined) for name, sheet in self.sheets.items()},
            self.cells_of_subtotals,
            self.shown,
        )

    @cached_property
    def extents(self) -> dict[Address, tuple[int, int, int, int]]:
        """The range that each array formula fills, by the cell that holds it."""
        return {
            Address(name, *cell): extent
            for name, shapes in self.shapes.items()
            for shape in shapes
            for cell, extent in shape.extents.items()
        }

    @cached_property
    def takes_totals(self) -> bool:
        """Whether a sheet of totals may be added: nobody counts the sheets, or goes round in circles."""
        return self.part.iteration is None and not any(b"SHEETS(" in sheet.data for sheet in self.sheets.values())

    def cells_of_subtotals(self, sheet: str) -> frozenset[Cell]:
        """The cells of a sheet whose formulas call SUBTOTAL or AGGREGATE."""
        shapes = self.shapes.get(sheet, [])
        found = (shape for shape in shapes if shape.tree is not None and functions_in(shape.tree) & SUBTOTALS)
        return frozenset(cell for shape in found for cell in shape.cells)

    def used(self, sheet: str) -> tuple[int, int]:
        """The last row and column of a sheet that hold anything, the cells that array formulas fill among them."""
        known = self.sheets[sheet]
        extents = [extent for shape in self.shapes[sheet] for extent in shape.extents.values()]
        rows, columns = [known.last_row, max(known.cells.rows, default=0)], [known.last_column]
        for _, _, bottom, right in extents:
            rows.append(bottom)
            columns.append(right)
        return max(rows), max(columns)

    def shape(self, place: Address) -> Shape | None:
        """The shape of a cell's formula; None where it holds none."""
        return self.by_cell.get(place.sheet, {}).get(place.within)

    def is_array(self, place: Address) -> bool:
        """Whether a cell holds an array formula."""
        shape = self.shape(place)
        return shape is not None and shape.form is not Form.ORDINARY

    def text(self, place: Address) -> str:
        """A cell's formula, as it stands there."""
        shape = self.shape(place)
        if shape is None:
            return ""
        return shape.text if shape.first == place.within or shape.tree is None else written(shape.tree, place.within)

    def shown(self, place: Address) -> str:
        """A cell's formula as Excel shows it: without the prefixes of the file, in braces where it fills an array."""
        text = FILE_PREFIX.sub("", self.text(place))
        shape = self.shape(place)
        return f"{{={text}}}" if shape is not None and shape.form is Form.ARRAY else text and f"={text}"

    def _tree(self, place: Address) -> Node:
        shape = self.shape(place)
        if shape is None or shape.tree is None:
            raise Unreadable("cannot be read")
        return shape.tree

    def areas(self, place: Address) -> Iterator[Area]:
        """Every area that a cell's formula reads; for a computed range, what it is computed from.

        Raises:
            Unreadable: it cannot be told.
        """
        return self.names.areas(self._tree(place), place)

    def valued_areas(self, place: Address) -> Iterator[Area]:
        """Every area whose values a cell's formula reads, but for the ranges that it computes.

        Raises:
            Unreadable: it cannot be told.
        """
        return self.names.valued_areas(self._tree(place), place)

    def areas_within(self, place: Address) -> Iterator[Area]:
        """Every area of the workbook itself that a cell's formula reads.

        Raises:
            Unreadable: it cannot be told.
        """
        return self.names.areas_within(self._tree(place), place)

    def computed_ranges(self, place: Address) -> list[Node]:
        """The parts of a cell's formula that compute a range, also in the names that it uses.

        Raises:
            Unreadable: what a name stands for cannot be read.
        """
        shape = self.shape(place)
        return [] if shape is None or shape.tree is None else self.names.computed_ranges(shape.tree, place)


def formulas_of(package: Package, part: WorkbookPart) -> Formulas:
    """The formulas of a workbook, and the values that it stores; zeros that stand in for them are taken out."""
    sheets = {name: Sheet(name, package.parts[path]) for name, path in part.sheets.items()}
    if part.settings.on_load:
        sheets = without_placeholders(sheets)
        package = package.with_parts({part.sheets[name]: sheet.data for name, sheet in sheets.items()})
    return Formulas(package, part, sheets)
