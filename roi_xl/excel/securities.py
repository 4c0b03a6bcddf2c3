"""What are bonds, bills and notes worth, and what do they yield?

Formulas of the Standard Securities Calculation Methods, as Excel documents them.
"""

import math
from collections.abc import Callable

from roi_xl.days import day_of, last_day, moved, serial_of
from roi_xl.errors import ExcelError
from roi_xl.excel.coercion import to_number, to_whole
from roi_xl.excel.dates import date_number
from roi_xl.excel.day_count import ACTUAL, EUROPE, OVER_365, US, days_between, year_fraction
from roi_xl.excel.math import refused
from roi_xl.excel.registry import function
from roi_xl.xlsx.sheet_cells import Value

MOST_STEPS, LOWEST_YIELD = 200, -0.99
LEAST = 1e-290
"""What a number divided by it is counted as infinite, so that sums of such do not overflow."""


def date_of(value: Value) -> int:
    """A whole day; logical values are not dates here."""
    refused(isinstance(value, bool), ExcelError.VALUE)
    return math.floor(date_number(value))


def basis_of(value: Value) -> int:
    """A day count; 30/360 if it is left out."""
    basis = 0 if value is None else to_whole(value)
    refused(not 0 <= basis <= 4)
    return basis


def frequency_of(value: Value) -> int:
    """Coupons a year: 1, 2 or 4."""
    frequency = to_whole(value)
    refused(frequency not in (1, 2, 4))
    return frequency


def stretch(settlement: Value, maturity: Value) -> tuple[int, int]:
    """Settlement before maturity."""
    start, end = date_of(settlement), date_of(maturity)
    refused(start >= end)
    return start, end


def positive(value: Value) -> float:
    """A number above 0."""
    number = to_number(value)
    refused(number <= 0)
    return number


# coupons


def coupon_date(maturity: int, months: int) -> int:
    """The coupon date a number of months before maturity; month ends stay month ends."""
    day = day_of(maturity)
    at_end = day.day == last_day(day.year, day.month)
    return int(moved(maturity, months, to_end=at_end))


def around(settlement: int, maturity: int, frequency: int) -> tuple[int, int, int]:
    """The coupon dates before and after settlement, and how many coupons are left."""
    step, count = 12 // frequency, 0
    following = maturity
    while True:
        count += 1
        before = coupon_date(maturity, -step * count)
        if before <= settlement:
            return before, following, count
        following = before


def coupon_days(before: int, following: int, frequency: int, basis: int) -> float:
    """The days of the coupon period."""
    if basis == ACTUAL:
        return float(following - before)
    return (365.0 if basis == OVER_365 else 360.0) / frequency


def days_left(settlement: int, before: int, following: int, frequency: int, basis: int) -> float:
    """The days from settlement to the next coupon."""
    if basis in (US, EUROPE):
        return coupon_days(before, following, frequency, basis) - days_between(before, settlement, basis)
    return float(following - settlement)


def coupon(read: Callable[[int, int, int, int, int, int], float]) -> Callable[..., float]:
    """One of the COUP functions, of settlement, the coupons around it, how many remain, the frequency and the basis."""

    def found(settlement: Value, maturity: Value, frequency: Value, basis: Value = 0.0) -> float:
        (start, end), times, kind = stretch(settlement, maturity), frequency_of(frequency), basis_of(basis)
        before, following, count = around(start, end, times)
        return float(read(start, before, following, count, times, kind))

    return found


function("COUPPCD")(coupon(lambda start, before, following, count, times, kind: before))
function("COUPNCD")(coupon(lambda start, before, following, count, times, kind: following))
function("COUPNUM")(coupon(lambda start, before, following, count, times, kind: count))
function("COUPDAYS")(
    coupon(lambda start, before, following, count, times, kind: coupon_days(before, following, times, kind))
)
function("COUPDAYBS")(coupon(lambda start, before, following, count, times, kind: days_between(before, start, kind)))
function("COUPDAYSNC")(
    coupon(lambda start, before, following, count, times, kind: days_left(start, before, following, times, kind))
)


# prices and yields


def price_at(
    yield_: float, rate: float, redemption: float, count: int, part: float, accrued: float, times: int
) -> float:
    """The price of a bond for a yield: `part` of a period is left to the next of `count` coupons."""
    paid = 100 * rate / times
    if count == 1:
        return (redemption + paid) / (1 + part * yield_ / times) - paid * accrued
    factor = 1 + yield_ / times
    coupons = math.fsum(paid * discount(factor, k + part) for k in range(count)) if paid else 0.0
    return float(coupons - paid * accrued + redemption * discount(factor, count - 1 + part))


def discount(factor: float, periods: float) -> float:
    """What 1 is worth some periods before; of a bond of centuries that may be beyond all numbers, or nothing."""
    try:
        grown = factor**periods
    except OverflowError:
        return 0.0
    return math.inf if factor > 0 and grown < LEAST else 1 / grown


def terms_of(start: int, end: int, times: int, kind: int) -> tuple[int, float, float]:
    """The coupons left, the part of a period to the next one, and the part that has accrued."""
    before, following, count = around(start, end, times)
    length = coupon_days(before, following, times, kind)
    accrued = days_between(before, start, kind)
    return count, (length - accrued) / length, accrued / length


@function("PRICE")
def price(
    settlement: Value,
    maturity: Value,
    rate: Value,
    yield_: Value,
    redemption: Value,
    frequency: Value,
    basis: Value = 0.0,
) -> float:
    """PRICE."""
    (start, end), times, kind = stretch(settlement, maturity), frequency_of(frequency), basis_of(basis)
    paid, wanted = to_number(rate), to_number(yield_)
    refused(paid < 0 or wanted < 0)
    count, part, accrued = terms_of(start, end, times, kind)
    return price_at(wanted, paid, positive(redemption), count, part, accrued, times)


@function("YIELD", by_trial=True)
def yield_of(
    settlement: Value,
    maturity: Value,
    rate: Value,
    price: Value,
    redemption: Value,
    frequency: Value,
    basis: Value = 0.0,
) -> float:
    """YIELD: found by trial if there is more than one coupon left."""
    (start, end), times, kind = stretch(settlement, maturity), frequency_of(frequency), basis_of(basis)
    paid, worth, back = to_number(rate), positive(price), positive(redemption)
    refused(paid < 0)
    count, part, accrued = terms_of(start, end, times, kind)
    if count == 1:
        cost = worth / 100 + accrued * paid / times
        return (back / 100 + paid / times - cost) / cost * times / part
    return solved(lambda y: price_at(y, paid, back, count, part, accrued, times) - worth, paid or 0.1)


def solved(gap: Callable[[float], float], start: float) -> float:
    """Where a falling function of a yield is 0: by halving; #NUM! where it is at no yield."""
    low, high = LOWEST_YIELD, max(start, 0.1)
    refused(gap(low) < 0)
    while gap(high) > 0:
        high *= 2
        refused(high > 1e6)
    for _ in range(MOST_STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if gap(middle) > 0 else (low, middle)
        if high - low <= 1e-15 * max(abs(high), 1e-3):
            break
    return (low + high) / 2


def duration_of(
    settlement: Value, maturity: Value, rate: Value, yield_: Value, frequency: Value, basis: Value
) -> float:
    """Macaulay's duration in years."""
    (start, end), times, kind = stretch(settlement, maturity), frequency_of(frequency), basis_of(basis)
    paid, wanted = to_number(rate), to_number(yield_)
    refused(paid < 0 or wanted < 0)
    count, part, _ = terms_of(start, end, times, kind)
    factor = 1 + wanted / times
    flows = [(k + part, 100 * paid / times + (100 if k == count - 1 else 0)) for k in range(count)]
    worth = math.fsum(flow / factor**time for time, flow in flows)
    return math.fsum(time * flow / factor**time for time, flow in flows) / worth / times


@function("DURATION")
def duration(
    settlement: Value, maturity: Value, rate: Value, yield_: Value, frequency: Value, basis: Value = 0.0
) -> float:
    """DURATION."""
    return duration_of(settlement, maturity, rate, yield_, frequency, basis)


@function("MDURATION")
def mduration(
    settlement: Value, maturity: Value, rate: Value, yield_: Value, frequency: Value, basis: Value = 0.0
) -> float:
    """MDURATION."""
    found = duration_of(settlement, maturity, rate, yield_, frequency, basis)
    return found / (1 + to_number(yield_) / frequency_of(frequency))


# without coupons


def part_of(settlement: Value, maturity: Value, basis: Value) -> float:
    """The part of a year between settlement and maturity."""
    start, end = stretch(settlement, maturity)
    return year_fraction(start, end, basis_of(basis))


@function("DISC")
def disc(settlement: Value, maturity: Value, price: Value, redemption: Value, basis: Value = 0.0) -> float:
    """DISC."""
    worth, back = positive(price), positive(redemption)
    return (back - worth) / back / part_of(settlement, maturity, basis)


@function("INTRATE")
def intrate(settlement: Value, maturity: Value, investment: Value, redemption: Value, basis: Value = 0.0) -> float:
    """INTRATE."""
    paid, back = positive(investment), positive(redemption)
    return (back - paid) / paid / part_of(settlement, maturity, basis)


@function("RECEIVED")
def received(settlement: Value, maturity: Value, investment: Value, discount: Value, basis: Value = 0.0) -> float:
    """RECEIVED."""
    paid, off = positive(investment), positive(discount)
    left = 1 - off * part_of(settlement, maturity, basis)
    refused(left <= 0)
    return paid / left


@function("PRICEDISC")
def pricedisc(settlement: Value, maturity: Value, discount: Value, redemption: Value, basis: Value = 0.0) -> float:
    """PRICEDISC."""
    off, back = positive(discount), positive(redemption)
    return back - off * back * part_of(settlement, maturity, basis)


@function("YIELDDISC")
def yielddisc(settlement: Value, maturity: Value, price: Value, redemption: Value, basis: Value = 0.0) -> float:
    """YIELDDISC."""
    worth, back = positive(price), positive(redemption)
    return (back / worth - 1) / part_of(settlement, maturity, basis)


def at_maturity(settlement: Value, maturity: Value, issue: Value, basis: Value) -> tuple[float, float, float]:
    """The parts of a year from issue to maturity, from issue to settlement, and from there to maturity."""
    (start, end), first, kind = stretch(settlement, maturity), date_of(issue), basis_of(basis)
    refused(first > start)
    return year_fraction(first, end, kind), year_fraction(first, start, kind), year_fraction(start, end, kind)


@function("PRICEMAT")
def pricemat(settlement: Value, maturity: Value, issue: Value, rate: Value, yield_: Value, basis: Value = 0.0) -> float:
    """PRICEMAT."""
    paid, wanted = to_number(rate), to_number(yield_)
    refused(paid < 0 or wanted < 0)
    whole, before, left = at_maturity(settlement, maturity, issue, basis)
    return 100 * ((1 + whole * paid) / (1 + left * wanted) - before * paid)


@function("YIELDMAT")
def yieldmat(settlement: Value, maturity: Value, issue: Value, rate: Value, price: Value, basis: Value = 0.0) -> float:
    """YIELDMAT."""
    paid, worth = to_number(rate), positive(price)
    refused(paid < 0)
    whole, before, left = at_maturity(settlement, maturity, issue, basis)
    return ((1 + whole * paid) / (worth / 100 + before * paid) - 1) / left


@function("ACCRINTM")
def accrintm(issue: Value, settlement: Value, rate: Value, par: Value = 1000.0, basis: Value = 0.0) -> float:
    """ACCRINTM."""
    paid, face = positive(rate), positive(par)
    return face * paid * part_of(issue, settlement, basis)


# treasury bills


def bill_days(settlement: Value, maturity: Value) -> int:
    """The days of a bill: at most a year."""
    start, end = stretch(settlement, maturity)
    day = day_of(start)
    refused(end > serial_of(day.year + 1, day.month, day.day))
    return end - start


@function("TBILLPRICE")
def tbillprice(settlement: Value, maturity: Value, discount: Value) -> float:
    """TBILLPRICE."""
    found = 100 * (1 - positive(discount) * bill_days(settlement, maturity) / 360)
    refused(found < 0)
    return found


@function("TBILLYIELD")
def tbillyield(settlement: Value, maturity: Value, price: Value) -> float:
    """TBILLYIELD."""
    worth = positive(price)
    return (100 - worth) / worth * 360 / bill_days(settlement, maturity)


@function("TBILLEQ")
def tbilleq(settlement: Value, maturity: Value, discount: Value) -> float:
    """TBILLEQ: as a bond yields; beyond half a year with interest on interest."""
    off, days = positive(discount), bill_days(settlement, maturity)
    if days <= 182:
        return 365 * off / (360 - off * days)
    worth = 1 - off * days / 360
    year = 366 if days > 365 else 365
    part = days / year
    root = part * part - (2 * part - 1) * (1 - 1 / worth)
    refused(root < 0 or worth <= 0)
    return 2 * (math.sqrt(root) - part) / (2 * part - 1)


def accrued_periods(start: int, end: int, first: int, times: int, basis: int) -> float:
    """How many coupon periods lie between issue and settlement, part by part."""
    return math.fsum(
        days_between(low, high, basis) / coupon_days(before, following, times, basis)
        for before, following, low, high in stretches(start, end, first, times)
    )


def stretches(start: int, end: int, coupon: int, times: int) -> list[tuple[int, int, int, int]]:
    """The coupon periods that a stretch of time touches, in order, each with the part of it that is in it."""
    step, count = 12 // times, 0
    found: list[tuple[int, int, int, int]] = []
    while coupon_date(coupon, step * count) < end:
        count += 1
    while True:
        following, before = coupon_date(coupon, step * count), coupon_date(coupon, step * (count - 1))
        low, high = max(before, start), min(following, end)
        if high > low:
            found.append((before, following, low, high))
        if before <= start:
            return found[::-1]
        count -= 1
