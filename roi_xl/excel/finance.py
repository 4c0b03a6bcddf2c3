"""What are rates of return and depreciation schedules, in many scenarios at once?"""

import math
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from roi_xl.errors import ExcelError, NoAnswer
from roi_xl.excel.aggregates import Argument
from roi_xl.excel.coercion import flat, numbers_of, to_number
from roi_xl.excel.finding import rows_of
from roi_xl.excel.lookups import flows_of, raise_for
from roi_xl.excel.math import refused
from roi_xl.excel.registry import ONE, RANGE, function, register
from roi_xl.excel.scalars import of_annuity
from roi_xl.excel.values import CannotVectorise, Column, Grid, Vector, made, numbers
from roi_xl.xlsx.sheet_cells import Value

MOST_STEPS, CLOSE_ENOUGH = 60, 1e-13
NEARLY_NONE = 1e-7
LOWEST_RATE = -0.9999
"""A rate from which on all is lost, where steps do not find an end but come to rest."""

HALVINGS = 200
TRIED_RATES = [*np.linspace(-0.999, 1, 400).tolist(), *np.geomspace(1.01, 1e6, 200).tolist()]
"""Rates of return between which a sign may change."""

DAYS_OF_A_YEAR = 365


def settled_rate(step: Callable[[Any], Any], start: Any) -> Any:
    """A rate by Newton's steps; where one scenario does not settle, all are left to the engine."""
    rate = np.asarray(start, float)
    for _ in range(MOST_STEPS):
        change = step(rate)
        rate = rate - change
        if np.all(np.abs(change) <= CLOSE_ENOUGH * np.maximum(1, np.abs(rate))) and np.all(rate > LOWEST_RATE):
            return rate
    raise CannotVectorise("a rate that is not found at once")


def rate(periods: Any, payment: Any, present: Any, future: Any = 0.0, due: Any = 0.0, guess: Any = 0.1) -> Any:
    """RATE: the rate at which present value, payments and future value sum to 0."""
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
    """XIRR: the annual rate at which dated flows sum to 0; the dates are the same in all scenarios."""
    if isinstance(values, Grid) and isinstance(dates, Grid):
        if (wrong_cell := not_dated(values.cells, dates.cells)) is not None:
            return wrong_cell
        values = Grid([with_zeros(values.cells, dates.cells)])
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


def not_dated(values: Sequence[Column], dates: Sequence[Column]) -> ExcelError | None:
    """The error of a text or a truth among flows and their days, or of a day before the first; none among errors."""
    cells = [*values, *dates]
    if any(isinstance(cell, ExcelError | Vector) for cell in cells):
        return None
    if any(isinstance(cell, str | bool) for cell in cells):
        return ExcelError.VALUE
    return ExcelError.NUM if any(isinstance(day, float) and day < 0 for day in dates) else None


def with_zeros(values: Sequence[Column], dates: Sequence[Column]) -> list[Column]:
    """Flows in which a blank beside a day is 0."""
    if len(values) != len(dates):
        return list(values)
    pairs = zip(values, dates, strict=True)
    return [0.0 if value is None and day is not None else value for value, day in pairs]


@function("XIRR", wants=(RANGE, RANGE, ONE))
def dated_rate(values: Any, dates: Any, guess: Value = 0.1) -> float:
    """XIRR of plain values, where Newton's steps settle on no rate: the one between two rates of either sign."""
    cells, on = (list(flat(rows_of(given))) for given in (values, dates))
    if (wrong := not_dated(cells, on)) is not None:
        raise NoAnswer(wrong)
    flows, days = numbers_of([with_zeros(cells, on)]), numbers_of([on])  # type: ignore[list-item]
    refused(len(flows) != len(days) or not flows or min(days) < days[0] or to_number(guess) <= -1)
    refused(max(flows) <= 0 or min(flows) >= 0)
    times = [(int(day) - int(days[0])) / DAYS_OF_A_YEAR for day in days]

    def worth(rate: float) -> float:
        return math.fsum(flow * (1 + rate) ** -time for flow, time in zip(flows, times, strict=True))

    ends = [(low, high) for low, high in pairwise(TRIED_RATES) if worth(low) * worth(high) < 0]
    if len(ends) != 1:
        raise CannotVectorise("a rate of return that is not the only one")
    return bisected(worth, *ends[0])


def bisected(worth: Callable[[float], float], low: float, high: float) -> float:
    """Where a function crosses 0 between two places of different sign."""
    rising = worth(high) > 0
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (low, middle) if (worth(middle) > 0) == rising else (middle, high)
    return (low + high) / 2


# depreciation


def whole_periods(period: Any) -> None:
    """Leave parts of a period to the engine."""
    if np.any(period != np.floor(period)) or np.any(period < 1):
        raise CannotVectorise("a part of a period")


def declining(cost: Any, salvage: Any, life: Any, period: Any, factor: Any = 2.0) -> Any:
    """DDB: a share of the remaining value, never below the salvage value."""
    whole_periods(period)
    if np.any((cost >= 0) & (cost < salvage)):
        raise CannotVectorise("DDB of less than its salvage value")
    share = np.minimum(factor / life, 1)
    left = np.maximum(salvage, cost * np.power(1 - share, period - 1))
    found = np.minimum(left * share, left - salvage)
    return np.where((period > life) | (cost < 0) | (salvage < 0) | (factor <= 0), np.nan, found)


def digits(cost: Any, salvage: Any, life: Any, period: Any) -> Any:
    """SYD: by the sum of the years' digits."""
    beyond = (period <= 0) | (period > life)
    return np.where(beyond, np.nan, (cost - salvage) * (life - period + 1) * 2 / (life * (life + 1)))


FINANCE: dict[str, Callable[..., Any]] = {
    "RATE": of_annuity(rate),
    "DDB": of_annuity(declining),
    "SYD": of_annuity(digits),
}
"""Every function of single values here, by its name."""

for single, kernel in FINANCE.items():
    register(single, kernel, ONE, by_trial=single == "RATE")
register("XIRR", xirr, RANGE, RANGE, ONE, by_trial=True)
