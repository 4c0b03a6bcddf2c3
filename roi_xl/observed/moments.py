"""Which moment does a time mean: a typed one, a count of seconds or parts of them, text?"""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from roi_xl.observed.fields import in_bits, literal, number
from roi_xl.observed.sql import duckdb_function, is_duckdb

MICROSECONDS = 1_000_000
HOUR, DAY = 3_600 * MICROSECONDS, 86_400 * MICROSECONDS
MOST_TIME = 2**62
DATE_LENGTH = len("2026-09-01")
USUAL = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{1,6})?Z?$"
FRACTION = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}[.]([0-9]{1,9})"
ZONE = r":[0-9]{2}(?:[.][0-9]+)? ?([+-][0-9]{2}:?(?:[0-9]{2})?)$"
MOMENT = (
    r"^[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]+)? ?(Z|UTC|[+-][0-9]{2}:?([0-9]{2})?)?)?$"
)

WITHOUT_ZONE = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9:.]*)?$"
ZONELESS = "has no offset"
"""What a column is called that says whether a time names no offset."""


def is_zoneless(text: Any) -> Any:
    """Whether a date and time does not say how far it is from UTC; a count is of UTC."""
    return (~text.endswith("Z")) & text.re_search(WITHOUT_ZONE)


def of_moment(column: Any, zone: Sequence[tuple[int, int]]) -> Any:
    """A typed moment, perhaps of a time zone, in microseconds since 1970."""
    if is_duckdb(column) and not zone:
        return duckdb_function("epoch_us", (column.type(),), "int64")(column)
    local = column.truncate("s").epoch_seconds().cast("int64")
    return (local - zone_shift(local, zone)) * MICROSECONDS + column.microsecond().cast("int64")


def microseconds(text: Any, zone: Sequence[tuple[int, int]]) -> Any:
    """A moment in microseconds since 1970: ISO 8601, or a count of seconds, milli-, micro- or nanoseconds."""
    import ibis

    found = ibis.coalesce(of_count(number(text)), of_iso(text, zone))
    return found if zone or not is_duckdb(text) else of_usual(text).coalesce(found)


def of_usual(text: Any) -> Any:
    """A moment as most write it, to the microsecond and in UTC, as DuckDB reads it quickly; nothing for other texts."""
    moment = text.re_search(USUAL).ifelse(text, None).try_cast("timestamp")
    return duckdb_function("epoch_us", ("timestamp",), "int64")(moment)


def of_count(count: Any) -> Any:
    """A count since 1970, its unit told by its size."""
    import ibis

    return ibis.cases(
        (count < -1e11, literal(0, "int64")),
        (count < 1e11, in_bits(count * 1e6)),
        (count < 1e14, in_bits(count * 1e3)),
        (count < 1e17, in_bits(count)),
        (count < 9e18, in_bits(count / 1e3 - 0.5)),
        (count >= 9e18, literal(MOST_TIME, "int64")),
    )


def of_iso(text: Any, zone: Sequence[tuple[int, int]]) -> Any:
    """A date, perhaps with a time of day, a fraction and an offset; digits past the sixth are dropped."""
    known = text.re_search(MOMENT).ifelse(text, literal(None, "string"))
    clock = (known.length() > DATE_LENGTH).ifelse(known.substr(DATE_LENGTH + 1, 8), "00:00:00")
    local = (known.substr(0, DATE_LENGTH) + " " + clock).try_cast("timestamp").epoch_seconds().cast("int64")
    fraction = known.contains(".").ifelse(known.re_extract(FRACTION, 1), "")
    part = (fraction + "000000").substr(0, 6).cast("int64")
    rest = known.substr(DATE_LENGTH + 9)
    offset = (rest.contains("+") | rest.contains("-")).ifelse(known.re_extract(ZONE, 1), "").nullif("")
    has_zone = known.right(1).isin(["Z", "C"]).fill_null(False) | offset.notnull()
    shift = has_zone.ifelse(seconds_of(offset).fill_null(0), zone_shift(local, zone))
    return (local - shift) * MICROSECONDS + part


def seconds_of(offset: Any) -> Any:
    """An offset such as +02:00 in seconds."""
    hours = offset.substr(1, 2).try_cast("int64")
    minutes = offset.re_extract("([0-9]{2})$", 1).try_cast("int64")
    minutes = (offset.length() > 3).ifelse(minutes, literal(0, "int64"))
    return (offset.substr(0, 1) == "-").ifelse(literal(-1, "int64"), literal(1, "int64")) * (
        hours * 3600 + minutes * 60
    )


def zone_shift(local: Any, zone: Sequence[tuple[int, int]]) -> Any:
    """What is to be taken from a local time: the offset of the last change before it."""
    import ibis

    if not zone:
        return literal(0, "int64")
    branches = [(local >= since, literal(shift, "int64")) for since, shift in reversed(zone)]
    return ibis.cases(*branches, else_=literal(zone[0][1], "int64"))


def day_of(moment: int) -> dt.date:
    """The day of a moment."""
    return dt.date(1970, 1, 1) + dt.timedelta(days=moment // DAY)
