"""At which hours of the day, and on which days of the week, does a price hold?"""

import datetime as dt
import re
from dataclasses import dataclass

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
EVERY_DAY = tuple(range(len(DAYS)))
MINUTE, A_DAY = 60, 86_400
HOURS = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])-([01][0-9]|2[0-3]):([0-5][0-9])")


@dataclass(frozen=True)
class Window:
    """From which second of the day (UTC) on, for how many seconds, and on which days it begins, Monday being 0."""

    begins: int
    lasts: int
    days: tuple[int, ...] = EVERY_DAY

    def __str__(self) -> str:
        """As the Prices sheet has it.

        >>> str(Window(59_400, 28_800)), str(Window(3_600, 10_800, (0, 1)))
        ('16:30-00:30 UTC', '01:00-04:00 UTC mon,tue')
        """
        days = "" if self.days == EVERY_DAY else " " + ",".join(DAYS[day] for day in self.days)
        return f"{clock(self.begins)}-{clock(self.begins + self.lasts)} UTC{days}"


def clock(second: int) -> str:
    """A second of the day as hours and minutes."""
    minutes = second % A_DAY // MINUTE
    return f"{minutes // 60:02}:{minutes % 60:02}"


def between(begins: dt.time, ends: dt.time) -> Window:
    """The window from one time of the day to another, perhaps after midnight; the whole day if they are the same.

    >>> str(between(dt.time(16, 30), dt.time(0, 30))), between(dt.time(1), dt.time(1)).lasts
    ('16:30-00:30 UTC', 86400)
    """
    first, last = (time.hour * 3_600 + time.minute * 60 + time.second for time in (begins, ends))
    return Window(first, (last - first) % A_DAY or A_DAY)


def window_of(hours: str, days: str = "") -> Window | None:
    """The window that a price file says, such as 16:30-00:30 and mon-fri; nothing if it says none.

    >>> str(window_of("16:30-00:30", "sat,mon-tue")), window_of("25:00-26:00"), window_of("16:30-00:30", "noon")
    ('16:30-00:30 UTC mon,tue,sat', None, None)
    """
    found = HOURS.fullmatch(hours)
    named = days_of(days) if days else EVERY_DAY
    if found is None or not named:
        return None
    first, last = (dt.time(int(found[place]), int(found[place + 1])) for place in (1, 3))
    return Window(between(first, last).begins, between(first, last).lasts, named)


def days_of(text: str) -> tuple[int, ...]:
    """The days that a text such as mon-fri,sun names; none if it names anything else.

    >>> days_of("fri-mon"), days_of("sun"), days_of("mon-")
    ((0, 4, 5, 6), (6,), ())
    """
    found: set[int] = set()
    for part in text.lower().replace(" ", "").split(","):
        first, dash, last = part.partition("-")
        ends = first, last if dash else first
        if not all(end in DAYS for end in ends):
            return ()
        start, end = map(DAYS.index, ends)
        found |= {(start + more) % len(DAYS) for more in range((end - start) % len(DAYS) + 1)}
    return tuple(sorted(found))
