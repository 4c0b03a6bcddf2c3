"""What do names, table columns and sheet names refer to?"""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from roi_xl.formula.hidden import Hidden
from roi_xl.formula.parser import parse
from roi_xl.formula.tables import Table, reference_to
from roi_xl.formula.tokens import Unreadable
from roi_xl.formula.tree import Binary, Call, Corner, Name, Node, Reference, Structured, children, walk
from roi_xl.xlsx.addresses import LAST_COLUMN, LAST_ROW, Address, Area
from roi_xl.xlsx.workbook_part import WorkbookPart

DYNAMIC = {"OFFSET", "INDIRECT"}
"""Functions that return a computed reference."""

DEEPEST = 100
"""How deep names may refer to names."""

MOST_PARTS = 20_000
"""How long a formula a name may stand for, with the names in it written out."""

Within = Callable[[Node], Iterable[Node]]
"""The parts of a part of a formula that are looked at."""

Key = tuple[str, str | None]
"""A name in small letters, and the sheet that it belongs to."""


@dataclass(frozen=True)
class Names:
    """The sheets, names, tables and spilled ranges of a workbook.

    Attributes:
        part: its sheets and defined names.
        tables: its tables, by name in small letters.
        last_rows: the last row of each sheet.
        extents: the range that each array formula fills, by the cell that holds it.
        last_columns: the last column of each sheet.
        hidden: the hidden rows of each sheet.
        cells_of_subtotals: the cells of a sheet whose formulas are subtotals.
        formula_at: the formula of a cell as it is written, empty where it holds none.
    """

    part: WorkbookPart
    tables: Mapping[str, Table] = field(default_factory=dict)
    last_rows: Mapping[str, int] = field(default_factory=dict)
    extents: Mapping[Address, tuple[int, int, int, int]] = field(default_factory=dict)
    last_columns: Mapping[str, int] = field(default_factory=dict)
    hidden: Mapping[str, Hidden] = field(default_factory=dict)
    cells_of_subtotals: Callable[[str], frozenset[tuple[int, int]]] = lambda sheet: frozenset()
    formula_at: Callable[[Address], str] = lambda place: ""

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
    def defined(self) -> dict[Key, str]:
        """What each name refers to, by the name in lower case and its sheet."""
        return {(one.name.casefold(), one.sheet): one.text for one in self.part.defined}

    @cached_property
    def _trees(self) -> dict[Key, Node]:
        return {}

    @cached_property
    def _lengths(self) -> dict[tuple[Key, str], float]:
        return {}

    def meaning(self, name: Name, sheet: str) -> Node:
        """What a name refers to where it is used on a sheet, relative to the cell that uses it.

        Raises:
            Unreadable: there is no such name, it refers to itself, or what it stands for cannot be read.
        """
        key = self._key(name, sheet)
        if key is None:
            raise Unreadable(f"has a name {name.text!r} that is not defined")
        tree = self._tree(key)
        if self._written_out(key, sheet) > MOST_PARTS:
            raise Unreadable(f"has a name {name.text!r} that refers to itself or stands for too long a formula")
        return tree

    def _key(self, name: Name, sheet: str) -> Key | None:
        """Where a name that is used on a sheet is defined."""
        on = self.sheets.get(name.sheet.casefold(), name.sheet) if name.sheet else sheet
        text = name.text.casefold()
        return next((key for key in ((text, on), (text, None)) if key in self.defined), None)

    def _tree(self, key: Key) -> Node:
        if key not in self._trees:
            self._trees[key] = parse(self.defined[key].removeprefix("="), (1, 1))
        return self._trees[key]

    def _written_out(self, key: Key, sheet: str, within: tuple[Key, ...] = ()) -> float:
        """How many parts a name stands for with all names in it written out; no end where it refers to itself."""
        if len(within) > DEEPEST:
            return math.inf
        if (key, sheet) not in self._lengths:
            parts = walk(self._tree(key))
            self._lengths[key, sheet] = sum(self._length(part, sheet, (*within, key)) for part in parts)
        return self._lengths[key, sheet]

    def _length(self, part: Node, sheet: str, within: tuple[Key, ...]) -> float:
        """The same of one part; a function that calls itself is no circle."""
        name = self.used(part, sheet)
        key = None if name is None else self._key(name, sheet)
        if key is None or (key in within and isinstance(part, Call)):
            return 1
        return math.inf if key in within else 1 + self._written_out(key, sheet, within)

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
                    return self.on_sheet(node, here.sheet)
                case Structured():
                    node = reference_to(node, here, self.tables)
                case Name():
                    known = self.is_defined(node, here.sheet) or node.text.casefold() not in self.tables
                    node = self.meaning(node, here.sheet) if known else self.table(node.text)
                case _:
                    return None
        raise Unreadable("has a name that refers to itself")

    def on_sheet(self, reference: Reference, own: str) -> Reference:
        """A reference with the name of its sheet, by default the formula's own, as the workbook spells it."""
        sheet = own if reference.sheet is None else reference.sheet
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
        """The range that the array formula in a cell fills; of any other formula its own cell."""
        top, left, _, _ = reference.corners(here.within)
        place = Address(str(reference.sheet), top, left)
        extent = self.extents.get(place) or (self.formula_at(place) and (top, left, top, left))
        if not extent:
            raise Unreadable("refers to the spilled range of a cell that spills nothing")
        return fixed(str(reference.sheet), *extent)

    def areas(self, node: Node, here: Address) -> Iterator[Area]:
        """Every area that a formula reads; of a reference that is computed, only what it is computed from."""
        return (self.area(one, here) for source in self.sources(node, here.sheet) for one in self.placed(source, here))

    def valued_areas(self, node: Node, here: Address) -> Iterator[Area]:
        """Every area whose values a formula reads: of OFFSET, not the cells that it only counts from."""
        sources = dict.fromkeys(self._sources_in(node, here.sheet, beside_start))
        return (self.area(one, here) for source in sources for one in self.placed(source, here))

    def areas_within(self, node: Node, here: Address) -> Iterator[Area]:
        """Every area of the workbook itself that a formula reads; other files that it links to are left out."""
        sources = () if is_elsewhere(node) else dict.fromkeys(self._sources_in(node, here.sheet, inside))
        return (self.area(one, here) for source in sources for one in self.placed(source, here))

    @cached_property
    def _sources(self) -> dict[tuple[int, str], tuple[Node, tuple[Node, ...]]]:
        return {}

    def sources(self, node: Node, sheet: str) -> tuple[Node, ...]:
        """What a formula on a sheet reads, each once: references, and parts that refer to what their cell decides."""
        key = id(node), sheet
        if key not in self._sources:  # the node is kept, so that no other takes its identity
            self._sources[key] = node, tuple(dict.fromkeys(self._sources_in(node, sheet)))
        return self._sources[key][1]

    def _sources_in(self, node: Node, sheet: str, within: Within = children) -> Iterator[Node]:
        for part in self.parts(node, sheet, within):
            match part:
                case Reference():
                    yield from self.each_sheet(self.on_sheet(part, sheet))
                case Structured() | Call("ANCHORARRAY"):
                    yield part
                case Binary(":") if is_between_spilled(part):
                    yield part
                case Name() if not self.is_defined(part, sheet) and part.text.casefold() in self.tables:
                    yield self.table(part.text)
                case Call("SUMIF" | "AVERAGEIF", (_, _, _)):
                    summed = self.summed(part, Address(sheet, 1, 1))
                    yield from [] if summed is None else [summed]

    def summed(self, call: Call, here: Address) -> Reference | None:
        """The cells that SUMIF or AVERAGEIF takes values from; None where that is not a matter of plain references.

        They begin where the range begins that is given for them, and are as many as the cells that are tested.
        """
        tested, _, values = call.arguments
        first, second = (self.standing(part, here) for part in (tested, values))
        plain = [one for one in (first, second) if one is not None and one.last_sheet is None and one.moves_as_one]
        if first is None or second is None or len(plain) < 2:
            return None
        corner = second.first
        row, column = (first.last.row - first.first.row, first.last.column - first.first.column)
        last = Corner(corner.row + row, corner.column + column, corner.row_fixed, corner.column_fixed)
        return Reference(corner, last, second.sheet)

    def standing(self, part: Node, here: Address) -> Reference | None:
        """The cells that a part of a formula is, a spilled range among them whose first cell does not move."""
        match part:
            case Call("ANCHORARRAY", (spilling,)):
                anchor = self.standing(spilling, here)
                return None if anchor is None or not anchor.first.stays else self.spilled(anchor, here)
            case Reference():
                return self.reference(part, here)
            case Name() if self.is_defined(part, here.sheet):
                return self.reference(part, here)
        return None

    def placed(self, source: Node, here: Address) -> Sequence[Reference]:
        """The references that a source is for a formula in a cell."""
        match source:
            case Reference():
                return (source,)
            case Call(_, (spilling, *_)):
                anchor = self.reference(spilling, here)
                return () if anchor is None else (self.spilled(anchor, here),)
            case Binary(":"):
                return (self.between(source, here),)
        found = self.reference(source, here)
        return () if found is None else self.each_sheet(found)

    def between(self, node: Binary, here: Address) -> Reference:
        """All cells from one spilled range to another."""
        found = [one for side in (node.left, node.right) for one in self.placed(side, here)]
        if len(found) != len(("left", "right")) or found[0].sheet != found[1].sheet:
            raise Unreadable("has a range from one sheet to another")
        tops, lefts, bottoms, rights = zip(*(one.corners(here.within) for one in found), strict=True)
        return fixed(str(found[0].sheet), min(tops), min(lefts), max(bottoms), max(rights))

    def parts(self, node: Node, sheet: str, within: Within = children) -> Iterator[Node]:
        """A formula's parts, and those of the names that it uses and the named functions that it calls, each once."""
        stack, seen = [node], set[Name]()
        while stack:
            part = stack.pop()
            yield part
            name = self.used(part, sheet)
            if name is not None and name not in seen:
                seen.add(name)
                stack.append(self.meaning(name, sheet))
            stack.extend(within(part))

    def used(self, part: Node, sheet: str) -> Name | None:
        """The defined name that a part of a formula uses; a call uses none that stands for a range, such as MONTH."""
        name = name_in(part)
        key = None if name is None else self._key(name, sheet)
        if key is None or (isinstance(part, Call) and not can_be_called(self._tree(key))):
            return None
        return name

    def calling_itself(self, node: Node, sheet: str) -> str | None:
        """The first named function that a formula uses which calls itself, perhaps by another one."""
        for name in filter(None, (self.used(part, sheet) for part in self.parts(node, sheet))):
            within = (self.used(part, sheet) for part in self.parts(self.meaning(name, sheet), sheet))
            if self._key(name, sheet) in {self._key(inner, sheet) for inner in within if inner is not None}:
                return name.text
        return None

    def computed_ranges(self, node: Node, here: Address) -> list[Node]:
        """The parts of a formula that compute a range, so that it reads more than what they are computed from."""
        key = id(node), here.sheet
        if key not in self._computed:
            self._computed[key] = node, [part for part in self.parts(node, here.sheet) if is_computed(part)]
        return self._computed[key][1]

    @cached_property
    def _computed(self) -> dict[tuple[int, str], tuple[Node, list[Node]]]:
        return {}

    def depends_on(self, computed: Node, here: Address) -> Iterator[Area]:
        """What decides where a computed range is."""
        for part in deciding(computed):
            yield from self.areas(part, here)

    def areas_behind(self, name: Name, here: Address) -> Iterator[Area]:
        """Every area that a name and the names in it refer to, also of one that refers to itself."""
        stack, seen = [name], set[Key]()
        while stack:
            key = self._key(stack.pop(), here.sheet)
            if key is None or key in seen:
                continue
            seen.add(key)
            for part in walk(self._tree(key)):
                if is_computed(part):
                    raise Unreadable("computes a range")
                if isinstance(part, Reference):
                    yield from (self.area(one, here) for one in self.each_sheet(self.on_sheet(part, here.sheet)))
                if (inner := name_in(part)) is not None:
                    stack.append(inner)

    def is_defined(self, name: Name, sheet: str) -> bool:
        """Whether the workbook defines a name for formulas on a sheet."""
        return self._key(name, sheet) is not None

    def area(self, reference: Reference, here: Address) -> Area:
        """The cells of a reference of one sheet, whole columns down to the last row in use."""
        top, left, bottom, right = reference.corners(here.within)
        if bottom == LAST_ROW:
            bottom = max(top, self.last_row)
        if right == LAST_COLUMN and left < right:
            right = max(left, self.last_column)
        return str(reference.sheet), top, left, bottom, right


def name_in(part: Node) -> Name | None:
    """The name that a part of a formula uses: one that stands there, or of the function that it calls."""
    if isinstance(part, Name):
        return part
    return Name(part.name) if isinstance(part, Call) and part.name else None


def can_be_called(meaning: Node) -> bool:
    """Whether what a name stands for may be a function: a LAMBDA, or something that gives one."""
    return isinstance(meaning, Name) or (isinstance(meaning, Call) and meaning.name != "ANCHORARRAY")


def is_computed(part: Node) -> bool:
    """Whether a part of a formula computes a range: by a function, or as all that lies between two references."""
    if isinstance(part, Call):
        return part.name in DYNAMIC
    return isinstance(part, Binary) and part.sign == ":" and not is_between_spilled(part)


def is_between_spilled(part: Node) -> bool:
    """Whether a part of a formula is a range from one spilled range to another, both of which the file knows."""
    if not isinstance(part, Binary) or part.sign != ":":
        return False
    return all(isinstance(side, Call) and side.name == "ANCHORARRAY" for side in (part.left, part.right))


def beside_start(part: Node) -> Iterable[Node]:
    """The parts of a part of a formula but for the cells that OFFSET only counts from."""
    return deciding(part) if isinstance(part, Call) and part.name == "OFFSET" else children(part)


def is_elsewhere(part: Node) -> bool:
    """Whether a part of a formula refers to another file."""
    return isinstance(part, Reference) and part.sheet is not None and part.sheet.startswith("[")


def inside(part: Node) -> Iterable[Node]:
    """The parts of a part of a formula that do not refer to another file."""
    return (child for child in children(part) if not is_elsewhere(child))


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
