"""Which columns of text hold blanks around their words, or nothing?"""

import operator
from collections.abc import Sequence
from functools import reduce
from typing import Any

from roi_xl.observed.layouts import Places
from roi_xl.observed.sql import rows_of

IDS = ("request_id", "call_id", "user")
BLANKS = " \t\n\r\v\f"


def without_blanks(text: Any) -> Any:
    """Text without the blanks around it, nothing if that leaves none."""
    return may_be_blank(text).ifelse(text.strip().nullif("").nullif("null"), text)


def may_be_blank(text: Any) -> Any:
    """Whether text may begin or end with a blank, or stand for nothing: quick where most does not."""
    ends = reduce(operator.or_, (text.endswith(blank) for blank in BLANKS))
    return (text <= "!") | ends | (text == "null")


def texts_of(raw: Any, places: Places) -> list[str]:
    """The columns of text that a row is read from."""
    names = {name for found in places.columns.values() for place in found for name in place.names}
    return sorted(name for name in names if name in raw.columns and raw[name].type().is_string())


def with_blanks(raw: Any, places: Places) -> list[str]:
    """Those columns of text that hold blanks, or nothing, in any row: the others can be taken as they are.

    Ids are looked at in every row; of other columns, which have few words, each word once.
    """
    names = texts_of(raw, places)
    ids = [name for name in names if name in {place.alone for key in IDS for place in places.columns.get(key, ())}]
    tables = {name: raw.select(name).distinct() for name in names if name not in ids}
    found = [
        name for name, words in tables.items() if rows_of(words.agg(odd=may_be_blank(words[name]).any()))[0]["odd"]
    ]
    if ids:
        (row,) = rows_of(raw.agg(**{name: may_be_blank(raw[name]).any() for name in ids}))
        found += [name for name in ids if row[name]]
    return found


def tidied(raw: Any, places: Places, names: Sequence[str] | None = None) -> Any:
    """Rows whose columns of text are without blanks: all of them, or those that have any."""
    changed = texts_of(raw, places) if names is None else names
    return raw.mutate(**{name: without_blanks(raw[name]) for name in changed}) if changed else raw
