"""What is a bond worth, and what does it yield, whose last coupon period is odd?"""

from roi_xl.excel.coercion import to_number
from roi_xl.excel.math import refused
from roi_xl.excel.registry import function
from roi_xl.excel.securities import accrued_periods, basis_of, date_of, frequency_of, positive
from roi_xl.xlsx.sheet_cells import Value

Periods = tuple[float, float, float]


def last_periods(settlement: Value, maturity: Value, last: Value, times: int, basis: Value) -> Periods:
    """The coupon periods from the last coupon to maturity, and of these those before and after settlement."""
    start, end, before, kind = date_of(settlement), date_of(maturity), date_of(last), basis_of(basis)
    refused(not before < start < end)
    return (
        accrued_periods(before, end, before, times, kind),
        accrued_periods(before, start, before, times, kind),
        accrued_periods(start, end, before, times, kind),
    )


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
