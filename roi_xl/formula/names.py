"""What do names, table columns and sheet names refer to?"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from roi_xl.formula.parser import parse
from roi_xl.formula.tables import Table, reference_to
from roi_xl.formula.tokens import Unreadable
from roi_xl.formula.tree import Binary, Call, Corner, Name, Node, Reference, Structured, children
from roi_xl.xlsx.addresses import LAST_COLUMN, LAST_ROW, Address, Area
from roi_xl.xlsx.workbook_part import WorkbookPart

DYNAMIC = {"OFFSET", "INDIRECT"}
"""Functions that return a computed reference."""

DEEPEST = 20
"""How deep names may refer to names."""


@dataclass(frozen=True)
class Names:
    """The sheets, names, tables and spilled ranges of a workbook.

    Attributes:
        part: its sheets and defined names.
        tables: its tables, by name in small letters.
        last_rows: the last row of each sheet.
        extents: the range that each array formula fills, by the cell that holds it.
        last_columns: the last column of each sheet.
        hidden: the hidden rows of each sheet, and whether a filter hides them.
        cells_of_subtotals: the cells of a sheet whose formulas are subtotals.
    """

    part: WorkbookPart
    tables: Mapping[str, Table] = field(default_factory=dict)
    last_rows: Mapping[str, int] = field(default_factory=dict)
    extents: Mapping[Address, tuple[int, int, int, int]] = field(default_factory=dict)
    last_columns: Mapping[str, int] = field(default_factory=dict)
    hidden: Mapping[str, tuple[frozenset[int], bool]] = field(default_factory=dict)
    cells_of_subtotals: Callable[[str], frozenset[tuple[int, int]]] = lambda sheet: frozenset()

    def hidden_rows(self, sheet: str, *, filtered_only: bool) -> frozenset[int]:
        """The rows of a sheet that are hidden; of those, if it is asked for, only what a filter hides."""
        rows, filtered = self.hidden.get(sheet, (frozenset(), False))
        return rows if filtered or not filtered_only else frozenset()

    def subtotals(self, sheet: str) -> frozenset[tuple[int, int]]:
        """The cells of a sheet whose formulas are subtotals themselves."""
        return self.cells_of_subtotals(sheet)

    @cached_property
    def sheets(self) -> dict[str, str]:
        """Every sheet's name by that name in small letters."""
        return {name.casefold(): name for name in self.part.sheets}

    @cached_property
    def order(self) -> list[str]:
        """The sheets in their order."""
        return list(self.part.sheets)

    @cached_property
    def last_row(self) -> int:
        """The last row that any sheet uses."""
        return max(self.last_rows.values(), default=1)

    @cached_property
    def last_column(self) -> int:
        """The last column that any sheet uses."""
        return max(self.last_columns.values(), default=1)

    @cached_property
    def defined(self) -> dict[tuple[str, str | None], str]:
        """What each name refers to, by the name in lower case and its sheet."""
        return {(one.name.casefold(), one.sheet): one.text for one in self.part.defined}

    @cached_property
    def _trees(self) -> dict[tuple[str, str | None], Node]:
        return {}

    def meaning(self, name: Name, sheet: str) -> Node:
        """What a name refers to where it is used on a sheet, relative to the cell that uses it.

        Raises:
            Unreadable: there is no such name, or what it stands for cannot be read.
        """
        on = self.sheets.get(name.sheet.casefold(), name.sheet) if name.sheet else sheet
        key = next((k for k in ((name.text.casefold(), on), (name.text.casefold(), None)) if k in self.defined), None)
        if key is None:
            raise Unreadable(f"has a name {name.text!r} that is not defined")
        if key not in self._trees:
            self._trees[key] = parse(self.defined[key].removeprefix("="), (1, 1))
        return self._trees[key]

    def table(self, name: str) -> Reference:
        """The cells of a table, without its headings and totals."""
        table = self.tables[name.casefold()]
        bottom, right = table.bottom - table.totals, table.left + len(table.columns) - 1
        return fixed(table.sheet, table.top + table.headers, table.left, bottom, right)

    def reference(self, node: Node, here: Address) -> Reference | None:
        """The cells that a reference, a name or a table's column refers to; None for anything else."""
        for _ in range(DEEPEST):
            match node:
                case Reference():
                    return self.on_sheet(node, here)
                case Structured():
                    node = reference_to(node, here, self.tables)
                case Name():
                    known = self.is_defined(node, here) or node.text.casefold() not in self.tables
                    node = self.meaning(node, here.sheet) if known else self.table(node.text)
                case _:
                    return None
        raise Unreadable("has a name that refers to itself")

    def on_sheet(self, reference: Reference, here: Address) -> Reference:
        """A reference with the name of its sheet as the workbook spells it."""
        sheet = here.sheet if reference.sheet is None else reference.sheet
        known = self.sheets.get(sheet.casefold())
        if known is None:
            raise Unreadable(f"refers to {sheet!r}, which is not a sheet of the workbook")
        return Reference(reference.first, reference.last, known, reference.last_sheet)

    def each_sheet(self, reference: Reference) -> list[Reference]:
        """A reference from one sheet to another as one reference for each of them."""
        if reference.last_sheet is None:
            return [reference]
        last = self.sheets.get(reference.last_sheet.casefold())
        if last is None or reference.sheet is None:
            raise Unreadable(f"refers to {reference.last_sheet!r}, which is not a sheet of the workbook")
        low, high = sorted((self.order.index(reference.sheet), self.order.index(last)))
        return [Reference(reference.first, reference.last, sheet) for sheet in self.order[low : high + 1]]

    def spilled(self, reference: Reference, here: Address) -> Reference:
        """The range that the array formula in a cell fills."""
        top, left, _, _ = reference.corners(here.within)
        extent = self.extents.get(Address(str(reference.sheet), top, left))
        if extent is None:
            raise Unreadable("refers to the spilled range of a cell that spills nothing")
        return fixed(str(reference.sheet), *extent)

    def areas(self, node: Node, here: Address) -> Iterator[Area]:
        """Every area that a formula reads; of a reference that is computed, only what it is computed from."""
        stack = [node]
        while stack:
            part = stack.pop()
            if isinstance(part, Name) and not self.is_defined(part, here) and part.text.casefold() not in self.tables:
                continue  # a name of LET or LAMBDA
            found = self.reference(part, here)
            if found is not None:
                yield from (self.area(one, here) for one in self.each_sheet(found))
            elif isinstance(part, Name):
                stack.append(self.meaning(part, here.sheet))
            elif isinstance(part, Call) and part.name == "ANCHORARRAY":
                inner = self.reference(part.arguments[0], here)
                if inner is not None:
                    yield self.area(self.spilled(inner, here), here)
            else:
                stack.extend(children(part))

    def parts(self, node: Node, here: Address) -> Iterator[Node]:
        """A formula's parts, and those of the names that it uses, each name once."""
        stack, seen = [node], set[Node]()
        while stack:
            part = stack.pop()
            yield part
            if isinstance(part, Name) and part not in seen and self.is_defined(part, here):
                seen.add(part)
                stack.append(self.meaning(part, here.sheet))
            stack.extend(children(part))

    def computed_ranges(self, node: Node, here: Address) -> list[Node]:
        """The parts of a formula that compute a range, so that it reads more than what they are computed from."""
        return [part for part in self.parts(node, here) if is_computed(part)]

    def depends_on(self, computed: Node, here: Address) -> Iterator[Area]:
        """What decides where a computed range is."""
        for part in deciding(computed):
            yield from self.areas(part, here)

    def is_defined(self, name: Name, here: Address) -> bool:
        """Whether the workbook defines a name."""
        return (name.text.casefold(), None) in self.defined or (
            name.text.casefold(),
            self.sheets.get(name.sheet.casefold()) if name.sheet else here.sheet,
        ) in self.defined

    def area(self, reference: Reference, here: Address) -> Area:
        """The cells of a reference of one sheet, whole columns down to the last row in use."""
        top, left, bottom, right = reference.corners(here.within)
        if bottom == LAST_ROW:
            bottom = max(top, self.last_row)
        if right == LAST_COLUMN and left < right:
            right = max(left, self.last_column)
        return str(reference.sheet), top, left, bottom, right


def is_computed(part: Node) -> bool:
    """Whether a part of a formula computes a range: by a function, or as all that lies between two references."""
    if isinstance(part, Call):
        return part.name in DYNAMIC
    return isinstance(part, Binary) and part.sign == ":"


def deciding(part: Node) -> Sequence[Node]:
    """The parts that decide where a range is; the cells that it is counted from are no such part."""
    match part:
        case Reference():
            return ()
        case Call("OFFSET" | "INDEX", (start, *rest)):
            return (*deciding(start), *rest)
        case Binary(":", left, right):
            return (*deciding(left), *deciding(right))
    return (part,)


def fixed(sheet: str, top: int, left: int, bottom: int, right: int) -> Reference:
    """A reference that does not move."""
    return Reference(Corner(top, left, True, True), Corner(bottom, right, True, True), sheet)
