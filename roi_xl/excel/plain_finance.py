"""What is Excel's result where the engine's differs?

Excel's own functions, as Excel computes them, for those that the engine lacks or gets
wrong: the financial ones here, those that round in a module of their own. Each takes cell
values (a range is a list of rows) and gives a cell value.
"""

import math
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from roi_xl import cells
from roi_xl.errors import ExcelError, NoAnswer, RoiError
from roi_xl.excel.coercion import to_number
from roi_xl.excel.rounding import ROUNDED

MOST_STEPS = 100
CLOSE_ENOUGH = 1e-12
LOWEST_RATE, HIGHEST_RATE = -0.999, 1e6


def numbers(values: Any) -> list[float]:
    """The numbers of a range, in order: blanks, text and booleans are passed over, an error is the answer."""
    found = []
    for value in flat(values):
        if isinstance(value, ExcelError):
            raise NoAnswer(value)
        if isinstance(value, int | float) and not isinstance(value, bool):
            found.append(float(value))
    return found


def flat(values: Any) -> Iterator[Any]:
    """The cells of a range row by row, or the one cell."""
    for row in values if isinstance(values, list) else [[values]]:
        yield from row


def payment(rate: float, periods: float, present: float, future: float = 0, due: float = 0) -> float:
    """The constant payment of an annuity: PMT."""
    if rate == 0:
        return -(present + future) / periods
    growth = math.pow(1 + rate, periods)
    return -(future + present * growth) * rate / ((1 + rate * bool(due)) * (growth - 1))


def balance(rate: float, periods: float, paid: float, present: float, due: float = 0) -> float:
    """The value of an annuity after a number of periods: FV."""
    if rate == 0:
        return -(present + paid * periods)
    growth = math.pow(1 + rate, periods)
    return -(present * growth + paid * (1 + rate * bool(due)) * (growth - 1) / rate)


def ipmt(rate: float, period: float, periods: float, present: float, future: float = 0, due: float = 0) -> float:
    """IPMT: the interest within one payment."""
    if not 1 <= period < periods + 1:
        raise NoAnswer
    if due and period == 1:
        return 0.0
    owed = balance(rate, period - 1, payment(rate, periods, present, future, due), present, due)
    return owed * rate / (1 + rate) if due else owed * rate


def ppmt(rate: float, period: float, periods: float, present: float, future: float = 0, due: float = 0) -> float:
    """PPMT: what one payment repays."""
    return payment(rate, periods, present, future, due) - ipmt(rate, period, periods, present, future, due)


def cumulative(part: Callable[..., float]) -> Callable[..., float]:
    """CUMIPMT and CUMPRINC: one part of the payments, added up from a first to a last period."""

    def total(rate: float, periods: float, present: float, first: float, last: float, due: float) -> float:
        if rate <= 0 or periods <= 0 or present <= 0 or not 1 <= first <= last <= periods or due not in (0, 1):
            raise NoAnswer
        whole = range(math.ceil(first), math.floor(last) + 1)
        return math.fsum(part(rate, period, periods, present, 0, due) for period in whole)

    return total


def present_value(rate: float, flows: Iterable[tuple[float, float]]) -> float:
    """The value today of amounts at times."""
    return math.fsum(amount / (1 + rate) ** time for time, amount in flows)


def internal_rate(flows: list[tuple[float, float]], guess: float) -> float:
    """The rate at which timed amounts have a present value of 0: Newton's from a guess, else the nearest."""
    if min(amount for _, amount in flows) >= 0 or max(amount for _, amount in flows) <= 0:
        raise NoAnswer
    rate = guess
    for _ in range(MOST_STEPS):
        slope = -math.fsum(time * amount / (1 + rate) ** (time + 1) for time, amount in flows)
        step = present_value(rate, flows) / slope if slope else math.inf
        rate -= step
        if not LOWEST_RATE < rate < HIGHEST_RATE:
            return nearest_root(flows, guess)
        if abs(step) <= CLOSE_ENOUGH * max(1.0, abs(rate)):
            return rate
    return nearest_root(flows, guess)


def nearest_root(flows: list[tuple[float, float]], guess: float) -> float:
    """The rate nearest a guess at which the present value changes sign, by bisection."""
    rates = [LOWEST_RATE + 0.01 * step for step in range(1_200)]
    signs = [present_value(rate, flows) > 0 for rate in rates]
    found = [(rates[i], rates[i + 1]) for i in range(len(rates) - 1) if signs[i] != signs[i + 1]]
    if not found:
        raise NoAnswer
    low, high = min(found, key=lambda pair: abs(pair[0] - guess))
    above = present_value(low, flows) > 0
    for _ in range(MOST_STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if (present_value(middle, flows) > 0) == above else (low, middle)
    return (low + high) / 2


def irr(values: Any, guess: float = 0.1) -> float:
    """IRR: amounts at equal intervals; blanks, text and booleans do not count as periods."""
    if guess <= -1:
        raise NoAnswer(ExcelError.VALUE)
    amounts = numbers(values)
    if not amounts:
        raise NoAnswer
    return internal_rate([(float(time), amount) for time, amount in enumerate(amounts)], guess)


def mirr(values: Any, finance: float, reinvest: float) -> float:
    """MIRR: outflows at one rate, inflows reinvested at another."""
    amounts = numbers(values)
    gains = present_value(reinvest, [(time, amount) for time, amount in enumerate(amounts) if amount > 0])
    losses = present_value(finance, [(time, amount) for time, amount in enumerate(amounts) if amount < 0])
    if not losses or len(amounts) < 2:
        raise NoAnswer(ExcelError.DIV0)
    last = len(amounts) - 1
    growth = -gains * (1 + reinvest) ** last / losses
    if growth < 0 and last > 1:
        raise NoAnswer
    return float(growth ** (1 / last)) - 1


def xnpv(rate: float, values: Any, dates: Any) -> float:
    """XNPV: amounts on dates, in years of 365 days from the first; a rate below 0 is #NUM!."""
    amounts, days = list(flat(values)), list(flat(dates))
    if len(amounts) != len(days) or rate < 0:
        raise NoAnswer
    if any(not isinstance(cell, int | float) or isinstance(cell, bool) for cell in amounts + days):
        raise NoAnswer(next((c for c in amounts + days if isinstance(c, ExcelError)), ExcelError.NUM))
    first = math.floor(days[0])
    if first < 0 or any(day < first for day in days):
        raise NoAnswer
    return present_value(
        rate, [((math.floor(day) - first) / 365, amount) for day, amount in zip(days, amounts, strict=True)]
    )


def fvschedule(present: float, rates: Any) -> float:
    """FVSCHEDULE: an amount compounded at a series of rates; a blank is 0, anything else but a number is #VALUE!."""
    for rate in flat(rates):
        if isinstance(rate, bool | str):
            raise NoAnswer(ExcelError.VALUE)
        present *= 1 + to_number(rate)
    return present


def db(cost: float, salvage: float, life: float, period: float, month: float = 12) -> float:
    """DB: depreciation at a fixed rate, in thousandths; the first year has `month` months, and the last the rest.

    Only the rate knows parts of a year.
    """
    years = life
    life, period, month = map(math.floor, (life, period, month))
    if cost < 0 or salvage < 0 or life < 1 or not 1 <= month <= 12 or not 1 <= period <= life + (month < 12):
        raise NoAnswer
    if cost == 0:
        return 0.0
    rate = math.floor((1 - float((salvage / cost) ** (1 / years))) * 1000 + 0.5) / 1000
    first = cost * rate * month / 12
    later = (cost - first) * float((1 - rate) ** max(period - 2, 0)) * rate
    part = (12 - month) / 12 if period > life else 1
    return first if period == 1 else later * part


RANGES = {"values", "dates", "rates"}
ANSWERS: dict[str, Callable[..., float]] = {
    "IPMT": ipmt,
    "PPMT": ppmt,
    "CUMIPMT": cumulative(ipmt),
    "CUMPRINC": cumulative(ppmt),
    "DB": db,
    "IRR": irr,
    "MIRR": mirr,
    "XNPV": xnpv,
    "FVSCHEDULE": fvschedule,
    **ROUNDED,
}
"""Every function that is answered in place of the engine, by its name in a formula."""


def answer(function: Callable[..., float], arguments: Iterable[Any]) -> Any:
    """The value of a call; a range counts as one where the function takes one."""
    names = function.__code__.co_varnames
    try:
        given = [
            argument if name in RANGES else to_number(cells.single(argument))
            for name, argument in zip(names, arguments, strict=False)
        ]
        result = function(*given)
    except NoAnswer as none:
        return none.error
    except RoiError as error:
        return error.cell
    except ZeroDivisionError:
        return ExcelError.DIV0
    except (OverflowError, ValueError):
        return ExcelError.NUM
    return result if isinstance(result, float) and math.isfinite(result) else ExcelError.NUM
