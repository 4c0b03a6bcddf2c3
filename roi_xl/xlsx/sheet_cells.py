"""What does a cell look like in a sheet's bytes, and how does a value get there?

No XML tree: patterns find cells, and only the bytes of a value that differs are changed.
"""

import contextlib
import functools
import html
import math
import operator
import re
from array import array
from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from roi_xl.errors import EXCEL_ERRORS, ExcelError, NotSupported
from roi_xl.xlsx.addresses import column_letters, column_number, parse_range

Value = float | str | bool | ExcelError | None
Place = tuple[int, int]

LARGEST_ARRAY = 2_000_000
KEYS_IN_A_ROW = 32_768
ADDRESS = rb"""(?>(\s(?:[^<>]*?\s)??r=["']([A-Za-z]{1,3}+)([0-9]{1,7}+)["'][^<>]*+))"""
TYPE = re.compile(rb"""\st=["'](\w+)["']""")
IS_ARRAY = re.compile(rb"""\st=["']array["']""")
ARRAY_RANGE = re.compile(rb"""\sref=["']([A-Z0-9:]+)["']""")
ROW_NUMBER = re.compile(rb"""\sr=["']([0-9]+)["']""")
CELL_ADDRESS = re.compile(rb"""\sr=["']([A-Za-z]{1,3}[0-9]{1,7})["']""")
ROW_OF = rb"""<%brow\s(?:[^<>]*?\s)?r=["']([0-9]{1,7})["']"""
ROOT = re.compile(rb"<((?:\w+:)?)worksheet[\s>]")
ENTITY = re.compile(r"&(?:#x([0-9A-Fa-f]{1,6})|#([0-9]{1,7})|(\w+));")
ENTITIES = {"lt": "<", "gt": ">", "amp": "&", "quot": '"', "apos": "'"}
UNSAFE = re.compile(r"[\x00-\x08\x0b-\x1f]|_x[0-9A-Fa-f]{4}_")
ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


UNPRINTABLE = {*map(chr, range(0x20)), "\x7f", *map(chr, range(0xD800, 0xE000)), "\ufffe", "\uffff"} - {"\t", "\n"}
"""Characters that no cell can hold, and lone surrogates, which stand for invalid UTF-8 on a command line."""


def xml_text(text: str) -> str:
    """Text as XML holds it between tags.

    >>> xml_text("A1<B1&C1")
    'A1&lt;B1&amp;C1'
    """
    return html.escape(text, quote=False)


@dataclass(frozen=True)
class Grammar:
    """The patterns of a sheet's cells, for the namespace prefix that the sheet uses.

    A formula cell gives its start up to the value, its attributes, column, row, formula
    element and stored value; any cell its attributes, column, row and contents.
    """

    prefix: bytes
    formula_cell: re.Pattern[bytes]
    cell: re.Pattern[bytes]
    row: re.Pattern[bytes]
    cell_start: re.Pattern[bytes]

    def formulas(self, sheet: bytes) -> int:
        """How many formula elements a sheet has, in any form."""
        return len(re.findall(rb"<%bf[\s/>]" % re.escape(self.prefix), sheet))


@functools.cache
def grammar(prefix: bytes) -> Grammar:
    """Compile the patterns for one prefix, most often none."""
    p = re.escape(prefix)

    def element(name: bytes, contents: bytes) -> bytes:
        return rb"<%b%b(?:\s[^<>]*+)?+(?:(?<!/)>%b</%b%b\s*>|(?<=/)>|/>)" % (p, name, contents, p, name)

    formula, value = element(b"f", b"[^<]*+"), element(b"v", b"([^<]*+)")
    opening, closing = b"<%bc%b" % (p, ADDRESS), rb"</%bc\s*>" % p
    return Grammar(
        prefix,
        re.compile(rb"(%b>\s*+(%b))\s*+(?:%b)?+" % (opening, formula, value)),
        re.compile(rb"%b(?:(?<=/)>|(?<!/)>(.*?)%b)" % (opening, closing), re.DOTALL),
        re.compile(rb"<%brow\s[^<>]*>" % p),
        re.compile(rb"""<%bc(?>\s(?:[^<>]*?\s)??r=["']([A-Za-z]{1,3}+)([0-9]{1,7}+)["'])""" % p),
    )


@functools.lru_cache(maxsize=8)
def grammar_of(sheet: bytes) -> Grammar:
    """The grammar of a sheet; refuses a sheet that cannot be edited in place."""
    root = ROOT.search(sheet[:4096])
    if root is None:
        raise NotSupported("a sheet is not written in UTF-8 XML")
    if b"<!" in sheet:
        raise NotSupported("a sheet holds XML comments, CDATA or declarations")
    return grammar(root[1])


@functools.lru_cache(maxsize=64)
def last_row(sheet: bytes) -> int:
    """The number of a sheet's last row; text or footers that mention rows do not count."""
    numbers = re.findall(ROW_OF % re.escape(grammar_of(sheet).prefix), sheet)
    return max(map(int, numbers), default=0)


@dataclass(frozen=True)
class CellIndex:
    """Where each cell of a sheet starts, by its place as one number, in ascending order."""

    keys: "array[int]"
    starts: "array[int]"

    @classmethod
    def of(cls, sheet: bytes) -> "CellIndex":
        """Find every cell of a sheet; of a cell that stands there twice, the first counts."""
        keys, starts = array("q"), array("q")
        for match in grammar_of(sheet).cell_start.finditer(sheet):
            keys.append(key_of(int(match[2]), column_number(match[1])))
            starts.append(match.start())
        if any(map(operator.gt, keys, islice(keys, 1, None))):
            order = sorted(range(len(keys)), key=keys.__getitem__)
            keys, starts = (array("q", map(side.__getitem__, order)) for side in (keys, starts))
        return cls(keys, starts)

    def start(self, place: Place) -> int | None:
        """Where a cell starts, or None where there is none."""
        key = key_of(*place)
        at = bisect_left(self.keys, key)
        return self.starts[at] if at < len(self.keys) and self.keys[at] == key else None


def key_of(row: int, column: int) -> int:
    """A place as one number, row by row."""
    return row * KEYS_IN_A_ROW + column


index_of = functools.lru_cache(maxsize=64)(CellIndex.of)


def find_cell(sheet: bytes, place: Place) -> re.Match[bytes] | None:
    """One cell of a sheet, or None where the sheet has none."""
    start = index_of(sheet).start(place)
    return None if start is None else grammar_of(sheet).cell.match(sheet, start)


def has_formula(sheet: bytes, place: Place) -> bool:
    """Whether a cell holds a formula."""
    match = find_cell(sheet, place)
    return match is not None and grammar_of(sheet).formula_cell.match(sheet, match.start()) is not None


@functools.lru_cache(maxsize=8)
def stored_formulas(sheet: bytes) -> dict[Place, Value]:
    """The stored value of every formula cell."""
    return {
        (int(match[4]), column_number(match[3])): decode(match[2], match[6])
        for match in grammar_of(sheet).formula_cell.finditer(sheet)
    }


def stored_value(sheet: bytes, place: Place) -> Value:
    """The value that a formula cell stores."""
    match = find_cell(sheet, place)
    formula = match and grammar_of(sheet).formula_cell.match(sheet, match.start())
    return decode(formula[2], formula[6]) if formula else None


def written_formula(sheet: bytes, place: Place) -> str:
    """The formula of a cell as the file has it; of a shared formula, only its first cell has the text."""
    match = find_cell(sheet, place)
    formula = match and grammar_of(sheet).formula_cell.match(sheet, match.start())
    text = re.search(rb">([^<]*)", formula[5]) if formula else None
    return plain_text(text[1]) if text else ""


@functools.lru_cache(maxsize=8)
def arrays(sheet: bytes) -> dict[Place, set[Place]]:
    """The cells of every array formula apart from the one that holds it, by that one."""
    found: dict[Place, set[Place]] = {}
    for match in grammar_of(sheet).formula_cell.finditer(sheet) if b"array" in sheet else ():
        extent = ARRAY_RANGE.search(match[5])
        if extent and IS_ARRAY.search(match[5]):
            top, left, bottom, right = parse_range(extent[1].decode())
            anchor = int(match[4]), column_number(match[3])
            if (bottom - top + 1) * (right - left + 1) > LARGEST_ARRAY:
                raise NotSupported(f"an array formula fills more than {LARGEST_ARRAY:,} cells: {extent[1].decode()}")
            cells = {(r, c) for r in range(top, bottom + 1) for c in range(left, right + 1)}
            found[anchor] = cells - {anchor}
    return found


def array_members(sheet: bytes) -> set[Place]:
    """The cells of array formulas other than the one that holds the formula."""
    return set().union(*arrays(sheet).values())


def held_value(sheet: bytes, place: Place) -> Value:
    """The value of a cell without a formula, from its own bytes."""
    match = find_cell(sheet, place)
    return stored_constant(match, grammar_of(sheet)) if match and match[4] else None


def put_constants(sheet: bytes, constants: Mapping[Place, Value]) -> bytes:
    """The sheet with the values of cells that hold no formula; missing cells are added."""
    shapes = grammar_of(sheet)
    left = dict(constants)

    def fill(match: re.Match[bytes]) -> bytes:
        place = int(match[3]), column_number(match[2])
        if place not in left:
            return match[0]
        value = left.pop(place)
        if match[4] is not None and stays(value, match, shapes):
            return match[0]
        return constant_cell(match[1].rstrip(b"/ "), value, shapes.prefix)

    sheet = shapes.cell.sub(fill, sheet)
    for place in sorted(left):
        sheet = insert_cell(sheet, place, left[place], shapes)
    return sheet


def stays(value: Value, match: re.Match[bytes], shapes: Grammar) -> bool:
    """Whether a cell has a value already; a text that many cells share is not read, and no blank."""
    return not match[4].strip() if value is None else same(value, stored_constant(match, shapes))


def stored_constant(match: re.Match[bytes], shapes: Grammar) -> Value:
    """The value of a cell without a formula, from its own bytes."""
    if INLINE.search(match[1]):
        return decode(b' t="str"', b"".join(INLINE_TEXT.findall(PHONETIC.sub(b"", match[4]))))
    value = re.search(rb"<%bv(?:\s[^<>]*)?>([^<]*)</%bv>" % (shapes.prefix, shapes.prefix), match[4])
    return decode(match[1], value[1] if value else None)


INLINE = re.compile(rb"""\st=["']inlineStr["']""")
INLINE_TEXT = re.compile(rb"<(?:\w+:)?t(?:\s[^<>]*)?>([^<]*)</")
PHONETIC = re.compile(rb"<((?:\w+:)?rPh)\b.*?</\1>", re.DOTALL)
"""Within a text of its own cell: how it is pronounced."""


def constant_cell(attributes: bytes, value: Value, tag: bytes) -> bytes:
    """A cell with a value; text is stored inline, not as a shared string."""
    kind, text = encode(value)
    if kind is None:
        return b"<%bc%b/>" % (tag, with_type(attributes, None))
    if kind == b"str":
        inline = b'<%bis><%bt xml:space="preserve">%b</%bt></%bis>' % (tag, tag, text, tag, tag)
        return b"<%bc%b>%b</%bc>" % (tag, with_type(attributes, b"inlineStr"), inline, tag)
    return b"<%bc%b><%bv>%b</%bv></%bc>" % (tag, with_type(attributes, kind), tag, text, tag, tag)


def insert_cell(sheet: bytes, place: Place, value: Value, shapes: Grammar) -> bytes:
    """The sheet with one more cell, in the order of rows and columns."""
    row, column = place
    tag = shapes.prefix
    cell = constant_cell(b' r="%b%d"' % (column_letters(column).encode(), row), value, tag)
    start, end, closed = row_span(sheet, row, shapes)
    if start == end:
        line = b'<%brow r="%d">%b</%brow>' % (tag, row, cell, tag)
        return sheet[:start] + line + sheet[end:]
    if closed:
        opening = sheet[start:end].rstrip(b"/> ")
        return sheet[:start] + b"%b>%b</%brow>" % (opening, cell, tag) + sheet[end:]
    for match in shapes.cell.finditer(sheet, start, end):
        if column_number(match[2]) > column:
            return sheet[: match.start()] + cell + sheet[match.start() :]
    return sheet[:end] + cell + sheet[end:]


def row_span(sheet: bytes, row: int, shapes: Grammar) -> tuple[int, int, bool]:
    """Where a row's cells start and end, and whether it is an empty element; or where it would stand."""
    tag = shapes.prefix
    for match in shapes.row.finditer(sheet):
        number = ROW_NUMBER.search(match[0])
        if number is None:
            raise NotSupported("a sheet has rows without a number")
        if int(number[1]) == row:
            closed = match[0].endswith(b"/>")
            return match.start(), match.end() if closed else sheet.index(b"</%brow" % tag, match.end()), closed
        if int(number[1]) > row:
            return match.start(), match.start(), False
    end = sheet.find(b"</%bsheetData" % tag)
    if end < 0:
        raise NotSupported("a sheet without any cells cannot be given one")
    return end, end, False


def with_type(attributes: bytes, kind: bytes | None) -> bytes:
    """A cell's attributes with another type; numbers need none, but may keep theirs."""
    present = TYPE.search(attributes)
    if present and present[1] == kind:
        return attributes
    wanted = b"" if kind in (None, b"n") else b' t="%b"' % kind
    return TYPE.sub(wanted, attributes) if present else attributes + wanted


def encode(value: Value) -> tuple[bytes | None, bytes]:
    """A value's cell type and text; a blank has neither."""
    if value is None:
        return None, b""
    if isinstance(value, bool):
        return b"b", b"1" if value else b"0"
    if isinstance(value, ExcelError):
        return b"e", value.value.encode()
    if isinstance(value, str):
        return b"str", xml_text(
            UNSAFE.sub(lambda unsafe: f"_x{ord(unsafe[0][0]):04X}_" + unsafe[0][1:], value)
        ).encode()
    if math.isfinite(value):
        return b"n", number_text(float(value))
    return b"e", ExcelError.NUM.value.encode()


def number_text(value: float) -> bytes:
    """The shortest text that reads back as the same number."""
    text = repr(value + 0.0).encode()
    return text[:-2] if text[-2:] == b".0" else text


def decode(attributes: bytes, text: bytes | None) -> Value:
    """The value that a cell stores; a shared string stays unread and equals no value."""
    match = TYPE.search(attributes) if b"t=" in attributes else None
    kind = match[1] if match else b"n"
    if not text:
        return "" if kind == b"str" else None
    if kind == b"n":
        return stored_number(text, attributes)
    content = plain_text(text)
    if kind == b"b":
        return content in ("1", "true")
    if kind == b"e":
        return EXCEL_ERRORS.get(content, ExcelError.VALUE)
    return unescaped(content) if kind == b"str" else None


def unescaped(text: str) -> str:
    r"""A text with the characters that stand in it by their numbers; half of one that lacks the other is U+FFFD.

    >>> unescaped("1_x000A_2"), unescaped("_xD83D__xDE00_"), unescaped("_xD83D_") == chr(0xFFFD)
    ('1\n2', '😀', True)
    """
    found = ESCAPED.sub(lambda code: chr(int(code[1], 16)), text)
    return text if found is text else found.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def stored_number(text: bytes, attributes: bytes = b"") -> float:
    """The number that a cell stores; its attributes say which cell to blame."""
    with contextlib.suppress(ValueError):
        value = float(text)
        if value - value == 0 and b"_" not in text:
            return value
    address = CELL_ADDRESS.search(attributes)
    where = address[1].decode() if address else "a cell"
    raise NotSupported(f"{where} stores {text.decode('utf-8', 'replace')!r} as a number")


def plain_text(data: bytes) -> str:
    r"""What a text in XML says: its entities as the characters that they stand for, each end of a line as one.

    >>> plain_text(b"a &lt; &#8211; &#x2013;"), plain_text(b"a\r\nb&#13;")
    ('a < – –', 'a\nb\r')
    """

    def character(match: re.Match[str]) -> str:
        hexadecimal, decimal, name = match.groups()
        if name:
            return ENTITIES.get(name, match[0])
        return chr(int(hexadecimal, 16) if hexadecimal else int(decimal))

    text = data.decode(errors="replace")  # bytes that are no UTF-8: whoever reads the text says that it makes no sense
    text = text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text
    return ENTITY.sub(character, text) if "&" in text else text


def same(new: Any, old: Any) -> bool:
    """Whether two cell values are identical: TRUE is not 1."""
    return new == old and isinstance(new, bool) == isinstance(old, bool)
