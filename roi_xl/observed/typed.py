"""Which columns of text are times and numbers in every row, so that they can be kept as such?

A file of text is read once, into a table: times as moments, numbers by our own rules, which
take no words, suffixes or underscores. A column of numbers in which any row holds something else
stays text, and so its rows say themselves why they cannot be taken; a time that is none is
nothing, which no row is taken with. Reasons are always looked up in the file itself.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from roi_xl.observed.blanks import without_blanks
from roi_xl.observed.calls import NUMBERS, Reading
from roi_xl.observed.fields import literal, number
from roi_xl.observed.layouts import Places
from roi_xl.observed.moments import microseconds, of_usual
from roi_xl.observed.repeats import Keep
from roi_xl.observed.sql import duckdb_function, identifier, rows_of

ODD, TYPED, LOOKED_AT = "odd ", "_typed", 1_000
"""What the columns are called that say so, and the table; and how many rows are looked at before all are."""


def kept_typed(raw: Any, places: Places, reading: Reading, keep: Keep, name: str) -> Any:
    """The rows of a file of text in a table of typed columns, as far as they are; nothing where times are none."""
    times = alone(places, ("time", "end"))
    if reading.start is not None or not any(column == "time" for column in times.values()):
        return None
    numbers = list(alone(places, NUMBERS))
    moments = {column: moment(raw[column], reading) for column in times}
    usual = {column: moment_as_usual(raw[column], reading) for column in times}
    values = {column: number(raw[column]) for column in numbers}
    quick = {**usual, **values}
    odd = {ODD + column: is_odd(raw[column], value) for column, value in quick.items()}
    bad = odd_columns(raw.limit(LOOKED_AT).select(**odd), list(odd))
    if not bad:
        found = keep(name + TYPED, raw.mutate(**quick, **odd))
        bad = odd_columns(found, list(odd))
        if not bad:
            return found.drop(*odd)
        found.get_backend().raw_sql(f"DROP TABLE {identifier(name + TYPED)}")
    kept = {column: value for column, value in quick.items() if ODD + column not in bad}
    by_rule = {column: value for column, value in moments.items() if ODD + column in bad}
    return keep(f"{name}_texts", raw.mutate(**kept, **by_rule))


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


def of_microseconds(count: Any) -> Any:
    """The moment of a count since 1970."""
    return duckdb_function("make_timestamptz", ("int64",), "timestamp('UTC')")(count)


def is_odd(text: Any, value: Any) -> Any:
    """Whether a row says something that is no number of any size, or no moment."""
    lacks = value.isnull()
    if value.type().is_floating():
        lacks = lacks | value.isinf() | value.isnan()
    return (text.notnull() & (text != "") & lacks).fill_null(True)


def odd_columns(table: Any, columns: Sequence[str]) -> set[str]:
    """Those columns of truths that are true in any row."""
    if not columns:
        return set()
    (row,) = rows_of(table.agg(**{column: table[column].any() for column in columns}))
    return {column for column in columns if row[column]}
