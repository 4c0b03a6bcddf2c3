"""What time is it elsewhere: the offsets of a time zone, as numbers that any engine compares; and is it said?"""

import datetime as dt
import functools
from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from roi_xl.errors import UnknownName
from roi_xl.observed.calls import Reading
from roi_xl.observed.fields import native, text_of
from roi_xl.observed.moments import ZONELESS, is_zoneless
from roi_xl.observed.sources import Found
from roi_xl.observed.sql import rows_of

FIRST, LAST = dt.date(2015, 1, 1), dt.date(2040, 1, 1)


@functools.cache
def offsets(name: str) -> tuple[tuple[int, int], ...]:
    """From which local second on a zone is how many seconds ahead of UTC.

    In the hour that comes twice, when clocks are set back, a time is the first of the two.

    >>> offsets("Europe/Berlin")[1]
    (1427594400, 7200)
    """
    try:
        zone = ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # a folder of zones is no zone
        raise UnknownName(f"--time-zone takes a name such as Europe/Berlin, got {name!r}") from None
    start = int(dt.datetime.combine(FIRST, dt.time(), dt.UTC).timestamp())
    end = int(dt.datetime.combine(LAST, dt.time(), dt.UTC).timestamp())
    found = [(start - 86_400, offset_at(zone, start))]
    for day in range(start, end, 86_400):
        before, after = offset_at(zone, day), offset_at(zone, day + 86_400)
        if before != after:
            found.append((change_between(zone, day, day + 86_400) + before, after))
    return tuple(found)


def offset_at(zone: ZoneInfo, moment: int) -> int:
    """How many seconds a zone is ahead of UTC."""
    shift = dt.datetime.fromtimestamp(moment, zone).utcoffset()
    return int(shift.total_seconds()) if shift else 0


def change_between(zone: ZoneInfo, low: int, high: int) -> int:
    """The second in which the offset changes."""
    before = offset_at(zone, low)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if offset_at(zone, middle) == before else (low, middle)
    return high


def notes_of_zones(table: Any, found: Found, reading: Reading) -> Iterator[str]:
    """What is said of a file in which some times have an offset from UTC and others have none."""
    if reading.start is not None or (ZONELESS not in table.columns and native(table, found.places, "time") is not None):
        return
    lacks = table[ZONELESS] if ZONELESS in table.columns else is_zoneless(text_of(table, found.places, "time"))
    (row,) = rows_of(table.agg(lacking=lacks.sum(), times=lacks.count()))
    if 0 < (row["lacking"] or 0) < row["times"]:
        meant = "as --time-zone says" if reading.zone else "for UTC (--time-zone names another)"
        yield f"{row['lacking']:,} of {row['times']:,} times in {found.name} have no offset, and are taken {meant}"
