"""Which columns of text are times and numbers in every row, so that they can be kept as such?

A file of text is read once, into a file of Parquet: times as moments, counts as whole numbers,
other numbers by our own rules, which take no words, suffixes or underscores, and ids by their
hash alone. A column of numbers in which any row holds something else stays text, and so its
rows say themselves why they cannot be taken; a time that is none is nothing, which no row is
taken with. Reasons are always looked up in the file itself.
"""

import operator
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import reduce
from typing import Any

from roi_xl.observed.blanks import without_blanks
from roi_xl.observed.calls import COUNTS, NUMBERS, Reading
from roi_xl.observed.fields import HASHED, IDS, hashed, literal, number
from roi_xl.observed.layouts import Places
from roi_xl.observed.moments import ZONELESS, is_zoneless, microseconds, of_usual
from roi_xl.observed.sql import duckdb_function, kept_in_file, rows_of

ODD, VALUE, LOOKED_AT = "odd ", "value ", 1_000
"""What the column is called that says so, and those of values; and how many rows are looked at before all are."""

Columns = Mapping[str, Any]
"""What columns are made of, by their names."""


def kept_typed(raw: Any, places: Places, reading: Reading, name: str, file: str) -> Any:
    """The rows of a file of text in a file of typed columns, as far as they are; nothing where times are none."""
    times = alone(places, ("time", "end"))
    if reading.start is not None or "time" not in times.values():
        return None
    ids = {column: field for column, field in alone(places, IDS).items() if raw[column].type().is_string()}
    by_rule = {column: moment(raw[column], reading) for column in times}
    quick = fitting(raw, ways(raw, places, reading, times))
    found = kept_in_file(with_hashes(valued(with_zones(raw, times, quick), quick, by_rule), ids), name + "_typed")
    if is_any_odd(found):
        found.get_backend().raw_sql(f"DROP VIEW {name}_typed")
        bad = odd_columns(raw, quick)
        quick = {column: value for column, value in quick.items() if column not in bad}
        found = kept_in_file(with_hashes(valued(with_zones(raw, times, quick), quick, by_rule), ids), name + "_typed")
    return found.drop(ODD).mutate(file=literal(file), **dict.fromkeys(ids, literal(None, "string")))


def ways(raw: Any, places: Places, reading: Reading, times: Mapping[str, str]) -> list[Columns]:
    """How columns of text are typed quickly: one way after another, of which a later one takes less."""
    moments = {column: moment_as_usual(raw[column], reading) for column in times}
    numbers = {column: number(raw[column]) for column in alone(places, NUMBERS)}
    counts = {column: count_as_usual(raw[column]) for column in alone(places, COUNTS)}
    return [{**moments, **numbers}, counts]


def fitting(raw: Any, ways_: Sequence[Columns]) -> dict[str, Any]:
    """The last way for each column that fits the first rows of a file; those that none fits are left out."""
    found: dict[str, Any] = {}
    for way in ways_:
        bad = odd_columns(raw.limit(LOOKED_AT), way)
        found |= {column: value for column, value in way.items() if column not in bad}
    return found


def alone(places: Places, fields: Sequence[str]) -> Mapping[str, str]:
    """The columns that are just one of these fields, as they stand, and nothing else."""
    used = Counter(name for found in places.columns.values() for place in found for name in place.names)
    found = {}
    for field in fields:
        mine = places.columns.get(field, ())
        if len(mine) == 1 and mine[0].alone is not None and used[mine[0].alone] == 1:
            found[mine[0].alone] = field
    return found


def moment(text: Any, reading: Reading) -> Any:
    """The moment that a text means by all rules, of no time zone any more."""
    return of_microseconds(microseconds(without_blanks(text), reading.zone))


def moment_as_usual(text: Any, reading: Reading) -> Any:
    """The same for texts as most write them, quickly; nothing for other ones, and where a time zone counts."""
    return of_microseconds(literal(None, "int64") if reading.zone else of_usual(text))


def count_as_usual(text: Any) -> Any:
    """A whole number in digits alone; nothing for any other text."""
    value = text.try_cast("int64")
    return (value.cast("string") == text).ifelse(value, literal(None, "int64"))


def of_microseconds(count: Any) -> Any:
    """The moment of a count since 1970."""
    return duckdb_function("make_timestamptz", ("int64",), "timestamp('UTC')")(count)


def valued(raw: Any, quick: Columns, by_rule: Columns) -> Any:
    """Rows with values instead of texts, and whether a row says something that is none of the quick ones.

    They are had in two steps, as an engine may work out twice what stands twice in one.
    """
    both = raw.mutate(**{VALUE + column: value for column, value in {**by_rule, **quick}.items()})
    values = {column: both[VALUE + column] for column in {**by_rule, **quick}}
    odd = reduce(operator.or_, (is_odd(both[column], values[column]) for column in quick), literal(False))
    return both.mutate(**{ODD: odd, **values}).drop(*(VALUE + column for column in values))


def with_zones(raw: Any, times: Mapping[str, str], quick: Columns) -> Any:
    """Rows with whether their time has no offset, which is soon seen where all times are as most write them."""
    (column,) = (column for column, field in times.items() if field == "time")
    text = raw[column]
    return raw.mutate(**{ZONELESS: ~text.endswith("Z") if column in quick else is_zoneless(without_blanks(text))})


def with_hashes(rows: Any, ids: Mapping[str, str]) -> Any:
    """Rows with the hashes of ids instead of their texts, and without the name of their file."""
    bare = rows.mutate(**{column: without_blanks(rows[column]) for column in ids})
    return bare.mutate(**{HASHED + field: hashed(bare[column]) for column, field in ids.items()}).drop("file", *ids)


def is_odd(text: Any, value: Any) -> Any:
    """Whether a row says something that is no number of any size, or no moment."""
    lacks = text.notnull() & value.isnull()
    return lacks | value.isinf() | value.isnan() if value.type().is_floating() else lacks


def is_any_odd(table: Any) -> bool:
    """Whether any row is odd."""
    (row,) = rows_of(table.agg(odd=table[ODD].any()))
    return bool(row["odd"])


def odd_columns(raw: Any, values: Columns) -> set[str]:
    """Those columns in which any row says something that is none of these values."""
    if not values:
        return set()
    odd = raw.select(**{column: is_odd(raw[column], value) for column, value in values.items()})
    (row,) = rows_of(odd.agg(**{column: odd[column].any() for column in values}))
    return {column for column in values if row[column]}
