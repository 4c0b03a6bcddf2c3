"""What does a row say of one field, as text or as a number?"""

import operator
from functools import reduce
from typing import Any

from roi_xl.observed.blanks import without_blanks
from roi_xl.observed.layouts import Places
from roi_xl.observed.places import INSIDE, Place
from roi_xl.observed.sql import duckdb_function, is_duckdb

MOST_BITS = 9e18
IDS = ("request_id", "call_id")
HASHED = "hash of "
"""What a column is called that has the hash of an id instead of its text."""


def literal(value: Any, type_: str | None = None) -> Any:
    """A value as an expression."""
    import ibis

    return ibis.literal(value, type_)


def text_of(raw: Any, places: Places, name: str) -> Any:
    """A field as trimmed text; nothing where it is empty or missing."""
    import ibis

    found = [place_text(raw, place) for place in places.columns.get(name, ())]
    return ibis.coalesce(*found) if found else literal(None, "string")


def id_of(raw: Any, places: Places, name: str) -> Any:
    """An id: of our own engine a hash of 64 bits, of which two would have to be alike by chance; else its text."""
    if HASHED + name in raw.columns:
        return raw[HASHED + name]
    text = text_of(raw, places, name)
    return hashed(text) if is_duckdb(raw) else text


def hashed(text: Any) -> Any:
    """The hash of a text; nothing for nothing."""
    found = duckdb_function("hash", ("string",), "uint64")(text)
    return text.isnull().ifelse(literal(None, "uint64"), found)


def place_text(raw: Any, place: Place) -> Any:
    """The text at one place: a constant, a column, or the first of several; nothing where one lacks that is needed."""
    import ibis

    if place.constant is not None:
        return literal(place.constant)
    text = ibis.coalesce(*(column_text(raw, name) for name in place.names))
    return has_needed(raw, place).ifelse(text, literal(None, "string")) if place.needed else text


def has_needed(raw: Any, place: Place) -> Any:
    """Whether a row has one of each set of columns that a place needs."""
    found = [reduce(operator.or_, (column_text(raw, name).notnull() for name in some)) for some in place.needed]
    return reduce(operator.and_, found, literal(True))


def column_text(raw: Any, name: str) -> Any:
    """The text of a column, or of a key within one."""
    column, inside, key = name.partition(INSIDE)
    if not inside or name in raw.columns:
        return raw[name].cast("string")
    pattern = f'"{key}"\\s*:\\s*"?([^",}}\\s]+)'
    return without_blanks(raw[column].cast("string").re_extract(pattern, 1))


def is_given(raw: Any, places: Places, name: str) -> Any:
    """Whether a row says anything of a field; a column that is not of text is not turned into text for that."""
    column = native(raw, places, name)
    return (text_of(raw, places, name) if column is None else column).notnull()


def native(raw: Any, places: Places, name: str) -> Any:
    """A field's own column, if it is just one and not of text."""
    found = places.columns.get(name, ())
    alone = found[0].alone if len(found) == 1 else None
    column = raw[alone] if alone in raw.columns else None
    return None if column is None or column.type().is_string() else column


def number_of(raw: Any, places: Places, name: str) -> Any:
    """A field as a number, or nothing where it is none."""
    import ibis

    column = native(raw, places, name)
    if column is not None and column.type().is_integer() and name != "cost" and not column.type().is_uint64():
        return column.cast("int64")
    if column is not None and column.type().is_numeric():
        value = column.cast("float64")
        return (value.isnan() | value.isinf()).ifelse(literal(None, "float64"), value)
    found = [place_number(raw, place) for place in places.columns.get(name, ())]
    return ibis.coalesce(*found) if found else literal(None, "float64")


def place_number(raw: Any, place: Place) -> Any:
    """The number at one place: the sum of those that are given; nothing where one is none, or what is needed lacks."""
    if place.constant is not None:
        return number(literal(place.constant))
    texts = [column_text(raw, name) for name in place.names]
    total, given = literal(0.0), literal(False)
    for text in texts:
        total = total + text.isnull().ifelse(literal(0.0), number(text))
        given = given | text.notnull()
    given = has_needed(raw, place) if place.needed else given
    return given.ifelse(total * place.factor if place.factor != 1 else total, literal(None, "float64"))


def number(text: Any) -> Any:
    """Text as a number, or nothing where it is none: engines take words, suffixes and underscores, we do not."""
    last = (
        duckdb_function("array_extract", ("string", "int64"), "string")(text, -1) if is_duckdb(text) else text.right(1)
    )
    plain = (last >= "0") & (last <= "9") & ~text.contains("_")
    return plain.ifelse(text, literal(None, "string")).try_cast("float64")


def whole(value: Any) -> Any:
    """A count; nothing counts as 0."""
    if value.type().is_integer():
        return value.fill_null(0)
    return in_bits(value.fill_null(0.0))


def in_bits(value: Any) -> Any:
    """A number as a whole one; nothing where 64 bits do not hold it."""
    return (value.abs() < MOST_BITS).ifelse(value, literal(None, "float64")).round().cast("int64")
