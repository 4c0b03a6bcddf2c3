"""What do rates of return and depreciation schedules come to, in many scenarios at once?"""

import datetime as dt
from collections.abc import Callable
from typing import Any

import numpy as np

from roi_xl.excel.aggregates import Argument
from roi_xl.excel.lookups import flows_of, raise_for
from roi_xl.excel.operators import BINARY
from roi_xl.excel.registry import ONE, RANGE, register
from roi_xl.excel.scalars import LARGEST_DATE, day_of, of_annuity, of_date
from roi_xl.excel.values import CannotVectorise, Column, Vector, made, numbers

MOST_STEPS, CLOSE_ENOUGH = 60, 1e-13
NEARLY_NONE = 1e-7
DAYS_OF_A_YEAR = 365


def settled_rate(step: Callable[[Any], Any], start: Any) -> Any:
    """A rate by Newton's steps; where one scenario does not settle, all are left to the engine."""
    rate = np.asarray(start, float)
    for _ in range(MOST_STEPS):
        change = step(rate)
        rate = rate - change
        if np.all(np.abs(change) <= CLOSE_ENOUGH * np.maximum(1, np.abs(rate))) and np.all(rate > -1):
            return rate
    raise CannotVectorise("a rate that is not found at once")


def rate(periods: Any, payment: Any, present: Any, future: Any = 0.0, due: Any = 0.0, guess: Any = 0.1) -> Any:
    """RATE: where present + payments + future, all at that rate, come to nothing."""
    begin = due != 0

    def step(tried: Any) -> Any:
        small = np.abs(tried) < NEARLY_NONE
        divisor = np.where(small, 1.0, tried)
        growth = np.power(1 + tried, periods)
        steeper = periods * growth / (1 + tried)
        paid = np.where(small, periods + periods * (periods - 1) / 2 * tried, (growth - 1) / divisor)
        more = np.where(small, periods * (periods - 1) / 2, (steeper - paid) / divisor)
        worth = present * growth + payment * (1 + tried * begin) * paid + future
        return worth / (present * steeper + payment * (begin * paid + (1 + tried * begin) * more))

    return settled_rate(step, guess + 0 * (periods + payment + present + future))


def xirr(values: Argument, dates: Argument, guess: Column = 0.1) -> Column:
    """XIRR: the yearly rate at which dated flows come to nothing; the dates are the same in all scenarios."""
    (flows, errors), (days, wrong) = flows_of(values), flows_of(dates)
    raise_for(errors)
    raise_for(wrong)
    start, guessed = numbers(0.1 if guess is None else guess)
    if any(isinstance(day, np.ndarray) for day in days) or len(days) != len(flows) or errors or wrong or guessed:
        raise CannotVectorise("XIRR of dates that vary")
    table = np.array(np.broadcast_arrays(*flows), float).reshape(len(flows), -1)
    years = (np.floor(days) - np.floor(days[0]))[:, None] / DAYS_OF_A_YEAR
    if np.any(table.max(axis=0) <= 0) or np.any(table.min(axis=0) >= 0):
        raise CannotVectorise("XIRR of flows of one sign")

    def step(tried: Any) -> Any:
        parts = table * np.power(1 + tried, -years)
        return parts.sum(axis=0) / -(parts * years / (1 + tried)).sum(axis=0)

    found = settled_rate(step, np.broadcast_to(np.asarray(start, float), table.shape[1:]))
    return made(found if any(isinstance(flow, np.ndarray) for flow in flows) else float(found[0]), 0)


# depreciation


def whole_periods(period: Any) -> None:
    """Leave parts of a period to the engine."""
    if np.any(period != np.floor(period)) or np.any(period < 1):
        raise CannotVectorise("a part of a period")


def declining(cost: Any, salvage: Any, life: Any, period: Any, factor: Any = 2.0) -> Any:
    """DDB: a share of what is left, never below the salvage value."""
    whole_periods(period)
    share = np.minimum(factor / life, 1)
    left = np.maximum(salvage, cost * np.power(1 - share, period - 1))
    found = np.minimum(left * share, left - salvage)
    return np.where((period > life) | (cost < 0) | (salvage < 0) | (factor <= 0), np.nan, found)


def digits(cost: Any, salvage: Any, life: Any, period: Any) -> Any:
    """SYD: by the sum of the years' digits."""
    beyond = (period < 1) | (period > life)
    return np.where(beyond, np.nan, (cost - salvage) * (life - period + 1) * 2 / (life * (life + 1)))


# parts of a year


def year_part(start: Column, end: Column, basis: Column = 0.0) -> Column:
    """YEARFRAC; actual days over actual years are left to the engine."""
    if isinstance(basis, Vector) or basis not in (None, 0, 2, 3, 4):
        raise CannotVectorise("YEARFRAC by actual years")
    if basis in (2, 3):
        days = BINARY["-"](end, start)
        sign = numbers(days)[0]
        if np.any(np.asarray(sign) < 0) or np.any(np.asarray(sign) % 1):
            raise CannotVectorise("YEARFRAC of dates that are not in order")
        return BINARY["/"](days, 360.0 if basis == 2 else 365.0)
    return of_date(european if basis == 4 else american)(start, end)


def european(start: int, end: int) -> float:
    """30 days a month: the 31st is the 30th."""
    one, other = sorted((day_of(start), day_of(end)))
    return days_of_30(one, other, min(one.day, 30), min(other.day, 30))


def american(start: int, end: int) -> float:
    """30 days a month as bonds in the United States count; from an end of February is left to the engine."""
    one, other = sorted((day_of(start), day_of(end)))
    if last_of_february(one):
        raise CannotVectorise("YEARFRAC from an end of February")
    first = min(one.day, 30)
    return days_of_30(one, other, first, 30 if other.day == 31 and first == 30 else other.day)


def last_of_february(day: Any) -> bool:
    """Whether a day is the last of a February."""
    return bool(day.month == 2 and (day + dt.timedelta(days=1)).month == 3)


def days_of_30(one: Any, other: Any, first: int, last: int) -> float:
    """The part of a year between two days of months of 30 days."""
    return float((other.year - one.year) * 360 + (other.month - one.month) * 30 + last - first) / 360


def weekday(serial: Column, kind: Column = 1.0) -> Column:
    """WEEKDAY: from Sunday as 1, Monday as 1, or Monday as 0."""
    first = {1: (-1, 1), 2: (-2, 1), 3: (-2, 0)}.get(int(kind) if isinstance(kind, int | float) else 0)
    if first is None:
        raise CannotVectorise("WEEKDAY of another kind")
    shift, least = first

    def place(day: int) -> float:
        if not 0 <= day <= LARGEST_DATE:
            raise ValueError
        return float((day + shift) % 7 + least)

    return of_date(place)(serial)


FINANCE: dict[str, Callable[..., Any]] = {
    "RATE": of_annuity(rate),
    "DDB": of_annuity(declining),
    "SYD": of_annuity(digits),
    "YEARFRAC": year_part,
    "WEEKDAY": weekday,
}
"""Every function of single values here, by its name."""

for single, kernel in FINANCE.items():
    register(single, kernel, ONE, by_trial=single == "RATE")
register("XIRR", xirr, RANGE, RANGE, ONE, by_trial=True)
