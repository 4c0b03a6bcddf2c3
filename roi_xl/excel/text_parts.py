"""Which part of a text is meant, in Excel's characters?

It counts units of 16 bits: an emoji takes two of them in LEN and FIND, and so it does in MID.
"""

import re

from roi_xl.errors import CannotVectorise, ExcelError, NoAnswer
from roi_xl.excel.coercion import to_text
from roi_xl.excel.criteria import pattern_of
from roi_xl.excel.registry import function
from roi_xl.excel.text import checked, count_of
from roi_xl.xlsx.sheet_cells import Value


@function("LEFT", "LEFTB")
def left(text: Value, count: Value = 1.0) -> str:
    """LEFT."""
    return in_characters(in_units(to_text(text))[: count_of(count)])


@function("RIGHT", "RIGHTB")
def right(text: Value, count: Value = 1.0) -> str:
    """RIGHT."""
    size = count_of(count)
    return in_characters(in_units(to_text(text))[-size:]) if size else ""


@function("MID", "MIDB")
def mid(text: Value, start: Value, count: Value) -> str:
    """MID."""
    first, size = count_of(start, 1), count_of(count)
    return in_characters(in_units(to_text(text))[first - 1 : first - 1 + size])


@function("LEN", "LENB")
def length(text: Value) -> float:
    """LEN: in units of 16 bits, as Excel counts."""
    return float(len(in_units(to_text(text))))


def in_units(text: str) -> str:
    """A text in units of 16 bits, as Excel counts characters."""
    if text.isascii():
        return text
    units = text.encode("utf-16-le", "surrogatepass")
    return "".join(chr(units[place] | units[place + 1] << 8) for place in range(0, len(units), 2))


def in_characters(units: str) -> str:
    """A text in units of 16 bits as characters again."""
    if units.isascii():
        return units
    try:
        return units.encode("utf-16-le", "surrogatepass").decode("utf-16-le")
    except UnicodeDecodeError:
        raise CannotVectorise("half of a character that takes two units") from None


@function("FIND", "FINDB")
def find(wanted: Value, text: Value, start: Value = 1.0) -> float:
    """FIND: letter case counts, wildcards do not."""
    first, inside = count_of(start, 1), to_text(text)
    inside, sought = in_units(inside), in_units(to_text(wanted))
    place = inside.find(sought, first - 1) if first <= len(inside) + 1 else -1
    if place < 0:
        raise NoAnswer(ExcelError.VALUE)
    return float(place + 1)


ESCAPE = re.compile(r"(~[*?~])|~")
"""What a tilde escapes, or a tilde that escapes nothing, which SEARCH passes over."""


@function("SEARCH", "SEARCHB")
def search(wanted: Value, text: Value, start: Value = 1.0) -> float:
    """SEARCH: with wildcards, in any letter case."""
    first, inside = count_of(start, 1), in_units(to_text(text))
    if first > len(inside) + 1:
        raise NoAnswer(ExcelError.VALUE)
    match = pattern_of(ESCAPE.sub(r"\1", in_units(to_text(wanted)))).search(inside, first - 1)
    if match is None:
        raise NoAnswer(ExcelError.VALUE)
    return float(match.start() + 1)


@function("REPLACE", "REPLACEB")
def replace(text: Value, start: Value, count: Value, new: Value) -> str:
    """REPLACE."""
    inside, first, size = in_units(to_text(text)), count_of(start, 1), count_of(count)
    return checked(in_characters(inside[: first - 1] + in_units(to_text(new)) + inside[first - 1 + size :]))
