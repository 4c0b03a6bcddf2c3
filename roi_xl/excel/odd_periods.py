"""What is a bond worth, and what does it yield, whose first or last coupon period is odd?"""

import math
from dataclasses import dataclass

from roi_xl.excel.coercion import to_number
from roi_xl.excel.day_count import days_between
from roi_xl.excel.math import refused
from roi_xl.excel.registry import function
from roi_xl.excel.securities import (
    accrued_periods,
    around,
    basis_of,
    coupon_days,
    date_of,
    days_left,
    frequency_of,
    positive,
    solved,
    stretches,
)
from roi_xl.xlsx.sheet_cells import Value

Periods = tuple[float, float, float]


def last_periods(settlement: Value, maturity: Value, last: Value, times: int, basis: Value) -> Periods:
    """The coupon periods from the last coupon to maturity, and of these those before and after settlement.

    A period has the days that the basis counts in it.
    """
    start, end, before, kind = date_of(settlement), date_of(maturity), date_of(last), basis_of(basis)
    refused(not before < start < end)

    def periods(low: int, high: int) -> float:
        return math.fsum(
            days_between(first, second, kind) / days_between(one, other, kind)
            for one, other, first, second in stretches(low, high, before, times)
        )

    return periods(before, end), periods(before, start), periods(start, end)


@function("ODDLPRICE")
def odd_last_price(
    settlement: Value,
    maturity: Value,
    last: Value,
    rate: Value,
    yield_: Value,
    redemption: Value,
    frequency: Value,
    basis: Value = 0.0,
) -> float:
    """ODDLPRICE."""
    times, paid, wanted, back = frequency_of(frequency), to_number(rate), to_number(yield_), positive(redemption)
    refused(paid < 0 or wanted < 0)
    whole, accrued, left = last_periods(settlement, maturity, last, times, basis)
    coupon = 100 * paid / times
    return (back + whole * coupon) / (1 + left * wanted / times) - accrued * coupon


@function("ODDLYIELD")
def odd_last_yield(
    settlement: Value,
    maturity: Value,
    last: Value,
    rate: Value,
    price: Value,
    redemption: Value,
    frequency: Value,
    basis: Value = 0.0,
) -> float:
    """ODDLYIELD."""
    times, paid, worth, back = frequency_of(frequency), to_number(rate), positive(price), positive(redemption)
    refused(paid < 0)
    whole, accrued, left = last_periods(settlement, maturity, last, times, basis)
    coupon = 100 * paid / times
    return ((back + whole * coupon) / (worth + accrued * coupon) - 1) * times / left


@dataclass(frozen=True)
class OddFirst:
    """A bond with an odd first period, in coupon periods: the first one's length, what has accrued, what is left of it.

    `later` counts the coupons after the first.
    """

    first: float
    accrued: float
    left: float
    later: int

    def price(self, yield_: float, rate: float, redemption: float, times: int) -> float:
        """Its price for a yield."""
        coupon, factor = 100 * rate / times, 1 + yield_ / times
        later = math.fsum(coupon / factor ** (self.left + k) for k in range(1, self.later + 1))
        first = self.first * coupon / factor**self.left
        return float(first + later + redemption / factor ** (self.left + self.later) - self.accrued * coupon)


def odd_first(settlement: Value, maturity: Value, issue: Value, first: Value, times: int, basis: Value) -> OddFirst:
    """The periods of such a bond; its dates must follow each other."""
    start, end, issued, coupon = date_of(settlement), date_of(maturity), date_of(issue), date_of(first)
    kind = basis_of(basis)
    refused(not issued < start < coupon < end)
    before, following, count = around(start, coupon, times)
    left = days_left(start, before, following, times, kind) / coupon_days(before, following, times, kind)
    return OddFirst(
        first_periods(issued, coupon, times, kind),
        accrued_periods(issued, start, coupon, times, kind),
        count - 1 + left,
        around(coupon, end, times)[2],
    )


def first_periods(issued: int, coupon: int, times: int, kind: int) -> float:
    """The coupon periods from issue to the first coupon: the part of the earliest one, and those that are whole."""
    (before, following, low, high), *whole = stretches(issued, coupon, coupon, times)
    return days_between(low, high, kind) / coupon_days(before, following, times, kind) + len(whole)


@function("ODDFPRICE")
def odd_first_price(
    settlement: Value,
    maturity: Value,
    issue: Value,
    first: Value,
    rate: Value,
    yield_: Value,
    redemption: Value,
    frequency: Value,
    basis: Value = 0.0,
) -> float:
    """ODDFPRICE."""
    times, paid, wanted, back = frequency_of(frequency), to_number(rate), to_number(yield_), positive(redemption)
    refused(paid < 0 or wanted < 0)
    return odd_first(settlement, maturity, issue, first, times, basis).price(wanted, paid, back, times)


@function("ODDFYIELD", by_trial=True)
def odd_first_yield(
    settlement: Value,
    maturity: Value,
    issue: Value,
    first: Value,
    rate: Value,
    price: Value,
    redemption: Value,
    frequency: Value,
    basis: Value = 0.0,
) -> float:
    """ODDFYIELD."""
    times, paid, worth, back = frequency_of(frequency), to_number(rate), positive(price), positive(redemption)
    refused(paid < 0)
    bond = odd_first(settlement, maturity, issue, first, times, basis)
    return solved(lambda tried: bond.price(tried, paid, back, times) - worth, paid or 0.1)
