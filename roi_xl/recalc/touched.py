"""Which formulas does a change of values touch?

Asked of all cells of a shape at once: what they hold and what they read lies in a few boxes.
"""

from collections.abc import Callable, Iterator, Mapping

from roi_xl.excel.seen import Seen
from roi_xl.excel.values import Array, CannotVectorise
from roi_xl.formula.formulas import Formulas
from roi_xl.formula.shapes import Shape
from roi_xl.formula.tokens import Unreadable
from roi_xl.formula.tree import Reference
from roi_xl.xlsx.addresses import Address, Area

Moment = Mapping[str, Seen]
"""What every sheet held at one moment."""


def moment(formulas: Formulas, seen: Callable[[str], Seen]) -> Moment | None:
    """What every sheet holds now; None where a sheet is too large to be kept."""
    try:
        return {name: seen(name) for name in formulas.sheets}
    except CannotVectorise:
        return None


class Reach:
    """The boxes in which the formulas of each shape stand and read."""

    def __init__(self, formulas: Formulas) -> None:
        self.formulas = formulas
        self.boxes: dict[int, list[Area] | None] = {}

    def touched(self, before: Moment | None, now: Moment | None) -> Iterator[tuple[str, Shape]]:
        """The shapes of which some cell holds or reads a value that has changed, or may have."""
        changed = {} if before is None or now is None else {name: before[name].changed(now[name]) for name in now}
        for sheet, shapes in self.formulas.shapes.items():
            for shape in shapes:
                boxes = self.of(sheet, shape) if changed else None
                if boxes is None or any(is_hit(changed[name], *corners) for name, *corners in boxes):
                    yield sheet, shape

    def of(self, sheet: str, shape: Shape) -> list[Area] | None:
        """The boxes of a shape; None where they are not known."""
        if id(shape) not in self.boxes:
            try:
                self.boxes[id(shape)] = self.found(sheet, shape)
            except (Unreadable, RecursionError, ValueError):
                self.boxes[id(shape)] = None
        return self.boxes[id(shape)]

    def found(self, sheet: str, shape: Shape) -> list[Area] | None:
        """The boxes around what the first and the last cell of a shape read, and around its cells."""
        names, tree = self.formulas.names, shape.tree
        first, last = (Address(sheet, side(shape.rows), side(shape.columns)) for side in (min, max))
        if tree is None or names.computed_ranges(tree, first):
            return None
        if first != last and not all(isinstance(source, Reference) for source in names.sources(tree, sheet)):
            return None  # what is spilled has another size for each cell
        pairs = zip(names.areas(tree, first), names.areas(tree, last), strict=True)
        reads = [(one, other) for one, other in pairs]
        if any(one[0] != other[0] or not is_before(one, other) for one, other in reads):
            return None
        own = [(sheet, first.row, first.column, last.row, last.column)]
        return own + [(sheet, *extent) for extent in shape.extents.values()] + [around(*pair) for pair in reads]


def is_before(one: Area, other: Area) -> bool:
    """Whether no side of an area lies before that of another, as it does where references wrap at the sheet's edge."""
    return all(a <= b for a, b in zip(one[1:], other[1:], strict=True))


def around(one: Area, other: Area) -> Area:
    """The box around two areas of a sheet, the first of which is before the other."""
    return one[0], one[1], one[2], other[3], other[4]


def is_hit(changed: Array, top: int, left: int, bottom: int, right: int) -> bool:
    """Whether anything has changed in an area."""
    return bool(changed[top : bottom + 1, left : right + 1].any())
