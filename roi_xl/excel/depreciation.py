"""How much of an asset is written off, and what do a few more functions of money give?"""

import math
from typing import Any

from roi_xl.errors import CannotVectorise, ExcelError
from roi_xl.excel.coercion import to_number, to_truth, to_whole
from roi_xl.excel.day_count import year_fraction
from roi_xl.excel.math import all_numbers, refused
from roi_xl.excel.registry import ONE, RANGE, function
from roi_xl.excel.securities import basis_of, date_of, positive
from roi_xl.xlsx.sheet_cells import Value

MOST_PERIODS = 100_000
"""Periods that are gone through one by one."""


@function("SLN")
def sln(cost: Value, salvage: Value, life: Value) -> float:
    """SLN."""
    return (to_number(cost) - to_number(salvage)) / to_number(life)


@function("DDB")
def ddb(cost: Value, salvage: Value, life: Value, period: Value, factor: Value = 2.0) -> float:
    """DDB."""
    price, rest, years, at = (to_number(value) for value in (cost, salvage, life, period))
    by = to_number(factor)
    refused(price < 0 or rest < 0 or years <= 0 or not 0 < at <= years or by <= 0)
    if at < 1:
        raise CannotVectorise("DDB of a part of the first period")
    return declining(price, rest, years, at, by)


def declining(cost: float, salvage: float, life: float, period: float, factor: float) -> float:
    """A share of the remaining value, never below the salvage value."""
    share = min(factor / life, 1.0)
    before = cost if share == 1 and period == 1 else cost * (1 - share) ** (period - 1) if share < 1 else 0.0
    after = max(cost * (1 - share) ** period if share < 1 else 0.0, salvage)
    return max(before - after, 0.0)


@function("VDB")
def vdb(
    cost: Value, salvage: Value, life: Value, start: Value, end: Value, factor: Value = 2.0, no_switch: Value = False
) -> float:
    """VDB: declining, and straight-line from where that is more; between any two points."""
    price, rest, years, first, last = (to_number(value) for value in (cost, salvage, life, start, end))
    by = 2.0 if factor is None else to_number(factor)
    refused(price < 0 or rest < 0 or years <= 0 or not 0 <= first <= last <= years or by < 0)
    stays = no_switch is not None and to_truth(no_switch)
    return written_off(price, rest, years, last, by, stays) - written_off(price, rest, years, first, by, stays)


def written_off(cost: float, salvage: float, life: float, until: float, factor: float, stays: bool) -> float:
    """What is written off up to a point."""
    total, left, straight = 0.0, cost, 0.0
    whole = math.ceil(until)
    if whole > MOST_PERIODS:
        raise CannotVectorise(f"more than {MOST_PERIODS:,} periods")
    for period in range(1, whole + 1):
        part = until - whole + 1 if period == whole else 1.0
        fast = min(left * min(factor / life, 1.0), max(left - salvage, 0.0))
        if not stays and not straight:
            even = (left - salvage) / (life - period + 1) if life - period + 1 > 0 else left - salvage
            straight = even if even > fast else 0.0
        amount = min(straight, max(left - salvage, 0.0)) if straight else fast
        total += amount * part
        left -= amount
    return total


@function("SYD")
def syd(cost: Value, salvage: Value, life: Value, period: Value) -> float:
    """SYD."""
    price, rest, years, at = (to_number(value) for value in (cost, salvage, life, period))
    refused(years <= 0 or not 0 < at <= years or rest < 0)
    return (price - rest) * (years - at + 1) * 2 / (years * (years + 1))


@function("AMORLINC")
def amorlinc(
    cost: Value, bought: Value, first_end: Value, salvage: Value, period: Value, rate: Value, basis: Value = 0.0
) -> float:
    """AMORLINC: straight-line by the French rules, the first period in proportion."""
    price, rest, at, by = to_number(cost), to_number(salvage), to_whole(period), positive(rate)
    start, end, kind = date_of(bought), date_of(first_end), basis_of(basis)
    refused(price <= 0 or rest < 0 or rest > price or at < 0 or start > end or kind == 2)
    full, first = price * by, price * by * year_fraction(start, end, kind)
    if at == 0:
        return min(first, price - rest)
    done = first + full * (at - 1)
    return max(min(full, price - rest - done), 0.0)


@function("AMORDEGRC")
def amordegrc(
    cost: Value, bought: Value, first_end: Value, salvage: Value, period: Value, rate: Value, basis: Value = 0.0
) -> float:
    """AMORDEGRC: declining by the French rules, in whole units of money."""
    price, rest, at, by = to_number(cost), to_number(salvage), to_whole(period), positive(rate)
    start, end, kind = date_of(bought), date_of(first_end), basis_of(basis)
    refused(price <= 0 or rest < 0 or rest > price or at < 0 or start > end or kind == 2)
    life = 1 / by
    refused(life < 3 or (4 < life < 5 and life != 4))
    share = by * (1.5 if life <= 4 else 2.0 if life <= 6 else 2.5)
    amount = float(math.floor(year_fraction(start, end, kind) * share * price + 0.5))
    left = price - amount - rest
    for number in range(at):
        if number == at - 1:
            return degressive(price, left + rest, rest, share, last_periods=False)
        amount = degressive(price, left + rest, rest, share, last_periods=False)
        left -= amount
        if left < 0:
            raise CannotVectorise("AMORDEGRC in its last periods")
    return amount


def degressive(cost: float, left: float, salvage: float, share: float, *, last_periods: bool) -> float:
    """What is written off in one period of AMORDEGRC."""
    amount = float(math.floor(share * left + 0.5))
    if left - amount - salvage < 0:
        raise CannotVectorise("AMORDEGRC in its last periods")
    return amount


# rates


@function("EFFECT")
def effect(nominal: Value, periods: Value) -> float:
    """EFFECT."""
    rate, times = to_number(nominal), to_whole(periods)
    refused(rate <= 0 or times < 1)
    return float((1 + rate / times) ** times - 1)


@function("NOMINAL")
def nominal(effective: Value, periods: Value) -> float:
    """NOMINAL."""
    rate, times = to_number(effective), to_whole(periods)
    refused(rate <= 0 or times < 1)
    return float(((1 + rate) ** (1 / times) - 1) * times)


@function("RRI")
def rri(periods: Value, present: Value, future: Value) -> float:
    """RRI."""
    times, now, then = (to_number(value) for value in (periods, present, future))
    refused(times <= 0 or now == 0 or then / now < 0)
    return float((then / now) ** (1 / times) - 1)


@function("PDURATION")
def pduration(rate: Value, present: Value, future: Value) -> float:
    """PDURATION."""
    by, now, then = positive(rate), positive(present), positive(future)
    return (math.log(then) - math.log(now)) / math.log1p(by)


@function("ISPMT")
def ispmt(rate: Value, period: Value, periods: Value, present: Value) -> float:
    """ISPMT."""
    by, at, count, loan = (to_number(value) for value in (rate, period, periods, present))
    return loan * by * (at / count - 1)


@function("DOLLARDE")
def dollarde(price: Value, fraction: Value) -> float:
    """DOLLARDE."""
    value, bottom = to_number(price), math.trunc(to_number(fraction))
    refused(bottom < 0)
    refused(bottom == 0, ExcelError.DIV0)
    whole = math.trunc(value)
    return float(whole + (value - whole) * 10 ** math.ceil(math.log10(bottom)) / bottom)


@function("DOLLARFR")
def dollarfr(price: Value, fraction: Value) -> float:
    """DOLLARFR."""
    value, bottom = to_number(price), math.trunc(to_number(fraction))
    refused(bottom < 0)
    refused(bottom == 0, ExcelError.DIV0)
    whole = math.trunc(value)
    return float(whole + (value - whole) * bottom / 10 ** math.ceil(math.log10(bottom)))


@function("NPV", wants=(ONE, RANGE))
def npv(rate: Value, *flows: Any) -> float:
    """NPV: the first flow is at the end of the first period."""
    by = to_number(rate)
    refused(by == -1, ExcelError.DIV0)
    return math.fsum(amount / (1 + by) ** time for time, amount in enumerate(all_numbers(flows), start=1))
