"""Where are a sheet's formula cells, and where in its bytes does the value of each stand?

One pass over the bytes finds them all; it is made while the engine evaluates, and serves
both the comparison with the stored values and the writing of new ones.
"""

import contextlib
import re
from array import array
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from roi_xl.errors import NotSupported
from roi_xl.xlsx.addresses import column_number
from roi_xl.xlsx.layout import LARGEST, Layout
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

OTHER_FORM = "a sheet has formula cells in a form that cannot be edited in place"
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
    sheet: bytes = b""

    @property
    def all(self) -> "tuple[array[int] | bytearray, ...]":
        """The columns."""
        places = self.rows, self.columns, self.starts, self.formulas, self.heads, self.ends
        return *places, self.plain, self.stored

    def take(self, place: int) -> None:
        """Take one of the cells as the pattern finds it, by its start."""
        match = grammar_of(self.sheet).formula_cell.match(self.sheet, self.starts[place])
        if match is None or match.start(5) != self.formulas[place]:
            raise NotSupported(OTHER_FORM)
        for column, value in zip(self.all, measures(match), strict=True):
            column[place] = value

    @cached_property
    def numbers(self) -> Any:
        """The number that each cell stores, as an array; not a number where it stores something else, or nothing."""
        opening, closing = value_tags(self.sheet)
        heads, ends = np.array(self.heads), np.array(self.ends)
        layout, valued = Layout(self.sheet), np.array(self.plain, bool) & np.array(self.stored, bool)
        valued &= layout.says(heads, opening) & layout.says(ends - len(closing), closing)
        starts, stops = (heads + len(opening))[valued].tolist(), (ends - len(closing))[valued].tolist()
        texts = [self.sheet[start:stop] for start, stop in zip(starts, stops, strict=True)]
        found = np.full(len(heads), np.nan)
        found[valued] = self.read(texts, np.flatnonzero(valued))
        return found

    def read(self, texts: list[bytes], places: Any) -> Any:
        """The numbers of some cells from their texts; the first that is none is refused by its address."""
        with contextlib.suppress(ValueError):
            numbers = np.array(list(map(float, texts)))
            if b"_" not in b"".join(texts) and np.isfinite(numbers).all():
                return numbers
        heads = (self.sheet[self.starts[place] : self.heads[place]] for place in places.tolist())
        return list(map(stored_number, texts, heads))

    def __iter__(self) -> Iterator[tuple[int, int, int, int, int, int]]:
        return zip(self.rows, self.columns, self.starts, self.heads, self.ends, self.plain, strict=True)


def formula_cells(sheet: bytes) -> FormulaCells:
    """Find every formula cell of a sheet."""
    if grammar_of(sheet).prefix or len(sheet) > LARGEST:
        return by_pattern(sheet)
    found = Layout(sheet).formulas()
    kinds = np.ones(len(found.rows), np.int8)
    said = np.flatnonzero(found.attributes < found.formulas - 1)
    spans = zip(found.attributes[said].tolist(), (found.formulas[said] - 1).tolist(), strict=True)
    known = Kinds()
    kinds[said] = [known[sheet[start:end]] for start, end in spans]
    cells = FormulaCells(
        whole_numbers(found.rows),
        whole_numbers(found.columns),
        whole_numbers(found.starts),
        whole_numbers(found.formulas),
        whole_numbers(found.heads),
        whole_numbers(found.ends),
        bytearray((kinds > 0).tobytes()),
        bytearray(found.stored.tobytes()),
        sheet,
    )
    for place in np.flatnonzero((found.rows == 0) | (kinds < 0)).tolist():
        cells.take(place)
    return cells


class Kinds(dict[bytes, int]):
    """What the rest of a cell's attributes says of its type, asked once each: nothing is 1, any is 0, unclear is -1."""

    def __missing__(self, said: bytes) -> int:
        self[said] = -1 if b">" in said else int(TYPE.search(said) is None)
        return self[said]


def whole_numbers(column: Any) -> "array[int]":
    """A column of whole numbers, small in memory."""
    return array("q", column.astype(np.int64).tobytes())


def by_pattern(sheet: bytes) -> FormulaCells:
    """The same cell by cell, for sheets whose elements have a prefix."""
    shapes = grammar_of(sheet)
    found = FormulaCells(sheet=sheet)
    for match in shapes.formula_cell.finditer(sheet):
        for column, value in zip(found.all, measures(match), strict=True):
            column.append(value)
    if len(found.rows) != shapes.formulas(sheet):
        raise NotSupported(OTHER_FORM)
    return found


def measures(match: re.Match[bytes]) -> tuple[int, int, int, int, int, int, bool, bool]:
    """What is kept of a formula cell."""
    plain = b"t=" not in match[2] or TYPE.search(match[2]) is None
    where = match.start(), match.start(5), match.end(1), match.end()
    return int(match[4]), column_number(match[3]), *where, plain, bool(match[6])


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
        if plain and (value is None or (type(value) is float and value - value == 0)):
            new = b"" if value is None else opening + number_text(value) + closing
            old = sheet[head:end]
            if new != old and number_in(old, opening, closing) != value:
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
