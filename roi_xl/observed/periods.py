"""How long does a row of an export last: a moment, an hour, a day, or as long as it says?

A bucket of usage says when it ends. Where all times of a file are midnights each row is of
a whole day, a date above all; where all are whole hours, of an hour. Any other row is a call,
which is a moment.
"""

from collections.abc import Sequence
from typing import Any

from roi_xl.observed.calls import Reading
from roi_xl.observed.layouts import Places
from roi_xl.observed.moments import DAY, HOUR, MICROSECONDS
from roi_xl.observed.sql import counted, rows_of

Span = tuple[int, int]
"""From when to when, in microseconds."""


def covered(table: Any, places: Places, reading: Reading, first: int | None, last: int | None) -> Span | None:
    """From when to when the rows of a file are, if they last; what is still to come is not covered."""
    if first is None or last is None:
        return None
    since, until = (
        of_buckets(table) if "end" in places.columns else (first, last + lasting(table, reading, first, last))
    )
    now = reading.latest - DAY
    return (min(first, since), max(last, min(until, now))) if until > last else None


def of_buckets(table: Any) -> Span:
    """From the first to the end of the last bucket, those without a request too."""
    read = table.filter(table.taken | (table.skipped & table.time.notnull() & table.until.notnull()))
    (row,) = rows_of(read.agg(since=read.time.min(), until=read.until.max()))
    return row["since"], row["until"] or 0


def lasting(table: Any, reading: Reading, first: int, last: int) -> int:
    """How long each row of a file lasts: a day if all begin at midnight, an hour if all at a whole one, or nothing."""
    for step in (DAY, HOUR):
        starts = beginnings(reading.zone, step)
        if first % step in starts and last % step in starts:
            between = table.filter(table.taken & ~(table.time % step).isin(starts))
            if not counted(between.limit(1)):
                return step
    return 0


def beginnings(zone: Sequence[tuple[int, int]], step: int) -> list[int]:
    """When days or hours begin, in UTC and in a time zone, as what is left over of UTC's.

    >>> beginnings((), DAY), [start // HOUR for start in beginnings([(0, 3_600), (9, 7_200)], DAY)]
    ([0], [0, 22, 23])
    """
    return sorted({0, *(-shift * MICROSECONDS % step for _, shift in zone)})
