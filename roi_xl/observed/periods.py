"""How long does a row of an export last: a moment, an hour, a day, or as long as it says?

A bucket of usage says when it ends. Where all times of a file are midnights each row is of
a whole day, a date above all; sums of requests a week apart, or at the first of each month, are
of a week or a month; where all are whole hours, of an hour. Any other row is a call, which is a
moment.
"""

import calendar
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from roi_xl.observed.calls import Reading
from roi_xl.observed.layouts import Places
from roi_xl.observed.moments import DAY, HOUR, MICROSECONDS, day_of
from roi_xl.observed.sql import counted, rows_of

MOST_DAYS, FEWEST_WEEKS, DAYS_OF_A_WEEK = 10_000, 3, 7

Span = tuple[int, int]
"""From when to when, in microseconds."""


def covered(table: Any, places: Places, reading: Reading, first: int | None, last: int | None) -> Span | None:
    """From when to when the rows of a file are, if they last; what is still to come is not covered."""
    if first is None or last is None:
        return None
    since, until = (
        of_buckets(table) if "end" in places.columns else (first, last + lasting(table, places, reading, first, last))
    )
    now = reading.latest - DAY
    return (min(first, since), max(last, min(until, now))) if until > last else None


def of_buckets(table: Any) -> Span:
    """From the first to the end of the last bucket, those without a request too."""
    read = table.filter(table.taken | (table.skipped & table.time.notnull() & table.until.notnull()))
    (row,) = rows_of(read.agg(since=read.time.min(), until=read.until.max()))
    return row["since"], row["until"] or 0


def lasting(table: Any, places: Places, reading: Reading, first: int, last: int) -> int:
    """How long the last row of a file lasts: a day or more if all begin at midnight, an hour if all at a whole one."""
    for step in (DAY, HOUR):
        starts = beginnings(reading.zone, step)
        if first % step in starts and last % step in starts:
            between = table.filter(table.taken & ~(table.time % step).isin(starts))
            if not counted(between.limit(1)):
                are_sums = step == DAY and "requests" in places.columns
                return DAY * days_of_last(days_in(table)) if are_sums else step
    return 0


def days_in(table: Any) -> list[int]:
    """The days at which the rows of a file begin, in order, as far as they are few."""
    nearest = (table.time + DAY // 2) // DAY
    found = rows_of(table.filter(table.taken).select(day=nearest).distinct().limit(MOST_DAYS))
    return sorted(row["day"] for row in found)


def days_of_last(days: Sequence[int]) -> int:
    """How many days the last of some beginnings lasts: a week or a month where they are so far apart, else a day.

    >>> days_of_last([20697, 20704, 20711]), days_of_last([20605, 20635, 20666]), days_of_last([20697, 20698])
    (7, 31, 1)
    """
    dates = [day_of(day * DAY) for day in days]
    if len(days) >= FEWEST_WEEKS and {after - before for before, after in pairwise(days)} == {DAYS_OF_A_WEEK}:
        return DAYS_OF_A_WEEK
    if len(days) > 1 and {date.day for date in dates} == {1}:
        return calendar.monthrange(dates[-1].year, dates[-1].month)[1]
    return 1


def beginnings(zone: Sequence[tuple[int, int]], step: int) -> list[int]:
    """When days or hours begin, in UTC and in a time zone, as what is left over of UTC's.

    >>> beginnings((), DAY), [start // HOUR for start in beginnings([(0, 3_600), (9, 7_200)], DAY)]
    ([0], [0, 22, 23])
    """
    return sorted({0, *(-shift * MICROSECONDS % step for _, shift in zone)})
