"""Where are a sheet's formula cells, and where in its bytes does the value of each stand?

One pass over the bytes finds them all; it is made while the engine evaluates, and serves
both the comparison with the stored values and the writing of new ones.
"""

from array import array
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from roi_xl.errors import NotSupported
from roi_xl.xlsx.addresses import column_number
from roi_xl.xlsx.sheet_cells import (
    TYPE,
    Place,
    Value,
    array_members,
    decode,
    encode,
    grammar_of,
    number_text,
    put_constants,
    same,
    stored_number,
    with_type,
)

PIECES = 20_000
"""How many pieces are joined and written together."""


def integers() -> "array[int]":
    """An empty column of whole numbers, small in memory."""
    return array("q")


@dataclass(frozen=True)
class FormulaCells:
    """The formula cells of a sheet in columns: place, start of the cell, of its formula, start and end of its value.

    A cell is plain if its bytes declare no type, as those of a number do; it is stored if
    they hold a value.
    """

    rows: "array[int]" = field(default_factory=integers)
    columns: "array[int]" = field(default_factory=integers)
    starts: "array[int]" = field(default_factory=integers)
    formulas: "array[int]" = field(default_factory=integers)
    heads: "array[int]" = field(default_factory=integers)
    ends: "array[int]" = field(default_factory=integers)
    plain: bytearray = field(default_factory=bytearray)
    stored: bytearray = field(default_factory=bytearray)

    def __iter__(self) -> Iterator[tuple[int, int, int, int, int, int]]:
        return zip(self.rows, self.columns, self.starts, self.heads, self.ends, self.plain, strict=True)


def formula_cells(sheet: bytes) -> FormulaCells:
    """Find every formula cell of a sheet."""
    shapes = grammar_of(sheet)
    found = FormulaCells()
    for match in shapes.formula_cell.finditer(sheet):
        found.rows.append(int(match[4]))
        found.columns.append(column_number(match[3]))
        found.starts.append(match.start())
        found.formulas.append(match.start(5))
        found.heads.append(match.end(1))
        found.ends.append(match.end())
        found.plain.append(b"t=" not in match[2] or TYPE.search(match[2]) is None)
        found.stored.append(bool(match[6]))
    if len(found.rows) != shapes.formulas(sheet):
        raise NotSupported("a sheet has formula cells in a form that cannot be edited in place")
    return found


def put_values(
    sheet: bytes, cells: FormulaCells, value_at: Callable[[int, int], Value], constants: Mapping[Place, Value]
) -> Iterator[bytes]:
    """The sheet, streamed, with the value of every formula cell and constant in place."""
    others = {**{place: value_at(*place) for place in array_members(sheet)}, **constants}
    filled = put_formula_values(sheet, cells, value_at)
    if others:
        yield put_constants(b"".join(filled), others)
    else:
        yield from filled


def put_formula_values(sheet: bytes, cells: FormulaCells, value_at: Callable[[int, int], Value]) -> Iterator[bytes]:
    """The sheet with the values of its formula cells; cells with unchanged values keep their bytes."""
    opening, closing = value_tags(sheet)
    done = 0
    pieces: list[bytes] = []
    for row, column, start, head, end, plain in cells:
        value = value_at(row, column)
        if plain and type(value) is float and value - value == 0:
            new = opening + number_text(value) + closing
            old = sheet[head:end]
            if new != old and not (old and number_in(old, opening, closing) == value):
                pieces += (sheet[done:head], new)
                done = end
        elif (cell := changed_cell(sheet, start, value)) is not None:
            pieces += (sheet[done:start], cell)
            done = end
        if len(pieces) > PIECES:
            yield b"".join(pieces)
            pieces.clear()
    yield b"".join([*pieces, sheet[done:]])


def value_tags(sheet: bytes) -> tuple[bytes, bytes]:
    """The tags around a value in a sheet's cells."""
    tag = grammar_of(sheet).prefix
    return b"<%bv>" % tag, b"</%bv>" % tag


def number_in(element: bytes, opening: bytes, closing: bytes) -> float | None:
    """The number in a value's element, or None where it is written in some other way."""
    if element.startswith(opening) and element.endswith(closing):
        text = element[len(opening) : -len(closing)]
        return stored_number(text) if text else None
    return None


def changed_cell(sheet: bytes, start: int, value: Value) -> bytes | None:
    """A formula cell up to the end of its new value, or None where the value is what the cell stores."""
    shapes = grammar_of(sheet)
    match = shapes.formula_cell.match(sheet, start)
    assert match is not None
    if same(value, decode(match[2], match[6])):
        return None
    kind, text = encode(value)
    opening, closing = value_tags(sheet)
    cell = b"<%bc%b>%b" % (shapes.prefix, with_type(match[2], kind), match[5])
    return cell if kind is None else cell + opening + text + closing
