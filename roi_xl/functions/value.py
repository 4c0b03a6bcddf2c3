"""What is it worth in present value?

All of these read the same ledger and take the same arguments, so that one row of inputs
answers every question. Conventions: training is paid at once, every other amount at the
end of its month; rates are yearly, and a month has their twelfth root.
"""

from collections.abc import Iterable
from typing import Annotated, Any

from roi_xl import quantities as q
from roi_xl.errors import WrongShape
from roi_xl.functions.branch import NEVER, UNDEFINED, Number, choose, quotient, ratio
from roi_xl.functions.ledger import Program, Row, last_month, of, rows
from roi_xl.functions.outcome import HALF_A_CENT
from roi_xl.functions.roots import positive_roots
from roi_xl.functions.savings import MONTHS_PER_YEAR


def last(program: Program) -> Row:
    """The last month of the ledger, with the totals."""
    *_, values = rows(program)
    return values


@of(Program)
def npv(program: Program) -> Annotated[Number, q.NPV]:
    """Net present value of the business case.

    Formula: sum of net_cash_flow / (1 + discount_rate) ^ (m / 12) over the months m of
    ROI_CASHFLOW. Excel's XNPV says the same of dates; its NPV takes month 1 as the first.

    Returns:
        Currency, in money of month 0; without a discount rate, the net benefit.

    Example:
        >>> from roi_xl import npv
        >>> round(npv(2_500, 100, 0.02, 0.012, 100_000, 12, discount_rate=0.1), 2)
        5480.34

    Source: Brealey, Myers and Allen, Principles of Corporate Finance, chapter 2.
    """
    return last(program)["cumulative_discounted"]


def net_cash_flows(program: Program) -> list[Number]:
    """The net cash flow of every month."""
    return [values["net_cash_flow"] for values in rows(program)]


def each(measure: Any, flows: list[Number], *others: Number) -> Number:
    """A measure of cash flows, case by case for arrays."""
    if all(isinstance(value, int | float) for value in (*flows, *others)):
        return measure(flows, *others)
    import numpy as np

    *columns, rest = np.broadcast_arrays(*flows, *others, 0.0)
    shape, count = rest.shape, len(flows)
    cases = zip(*(column.ravel().tolist() for column in columns), strict=True)
    return np.array([measure(list(case[:count]), *case[count:]) for case in cases]).reshape(shape)


def yearly(flows: list[float]) -> tuple[float, ...]:
    """Every annual rate at which monthly flows have a present value of 0, in ascending order."""
    return tuple(yearly_rate(factor) for factor in reversed(positive_roots(flows)))


def yearly_rate(factor: float) -> float:
    """The annual rate for a monthly factor; infinite on overflow."""
    try:
        return float(factor**-MONTHS_PER_YEAR - 1)
    except (OverflowError, ZeroDivisionError):
        return NEVER


def only(flows: list[float]) -> float:
    """The only rate, or undefined."""
    found = yearly(flows)
    return found[0] if len(found) == 1 else UNDEFINED


@of(Program)
def irr(program: Program) -> Annotated[Number, q.IRR]:
    """Annual internal rate of return: the discount rate at which NPV is zero.

    Formula: the rate with sum of net_cash_flow / (1 + rate) ^ (m / 12) = 0. The discount
    rate is ignored. Flows that change sign more than once, as with retraining, may have
    several such rates: ROI_IRR_ALL lists them all, and this function returns none.

    Returns:
        A fraction per year; undefined (NaN, #NUM! in a cell) where no rate solves it, or
        more than one.

    Example:
        >>> from roi_xl import irr
        >>> round(irr(8_000, 100, 0.02, 0.012, 100_000, 12), 4)
        0.0949

    Source: Descartes' rule of signs finds them all; see roi_xl/functions/roots.py.
    """
    return each(only, net_cash_flows(program))


@of(Program)
def irr_all(program: Program) -> Annotated[list[float], q.RATES]:
    """All annual internal rates of return, in ascending order.

    Formula: all rates with sum of net_cash_flow / (1 + rate) ^ (m / 12) = 0.

    Returns:
        Fractions per year, in a column of cells; empty (#NUM! in a cell) if there is none.
        Between two neighbors the net present value has one sign.

    Example:
        >>> from roi_xl import irr_all
        >>> [round(rate, 4) for rate in irr_all(8_000, 100, 0.02, 0.012, 100_000, 12)]
        [0.0949]
    """
    flows = net_cash_flows(program)
    if not all(isinstance(flow, int | float) for flow in flows):
        raise WrongShape("irr_all takes single numbers, not arrays: each case has its own number of rates")
    return list(yearly(flows))


def modified(flows: list[float], horizon: float, discount_rate: float) -> float:
    """Excel's MIRR of monthly flows, annual, with one rate for both; undefined without costs or gains."""
    months, monthly = last_month(horizon), (1 + discount_rate) ** (1 / MONTHS_PER_YEAR)
    gained = sum(flow * monthly ** (months - month) for month, flow in enumerate(flows) if flow > 0)
    spent = -sum(flow / monthly**month for month, flow in enumerate(flows) if flow < 0)
    if not (gained > 0 and spent > 0):
        return UNDEFINED
    return float((gained / spent) ** (MONTHS_PER_YEAR / months) - 1)


@of(Program)
def mirr(program: Program) -> Annotated[Number, q.MIRR]:
    """Annual modified internal rate of return; there is never more than one.

    Formula: (gains at the horizon / costs in month 0) ^ (12 / months) - 1, months with a
    gain carried to the horizon, months with a cost to month 0, both at the discount rate.

    Returns:
        A fraction per year; undefined (NaN, #DIV/0! in a cell) without any month that
        gains or any that costs, as Excel's MIRR.

    Example:
        >>> from roi_xl import mirr
        >>> round(mirr(8_000, 100, 0.02, 0.012, 100_000, 12, discount_rate=0.05), 4)
        0.0739
    """
    return each(modified, net_cash_flows(program), program.months, program.discount_rate)


def back(program: Program, flow: str) -> Number:
    """Months until a cumulative flow of the ledger is back at 0."""
    return recovered((values["in_horizon"], values[flow]) for values in rows(program))


def recovered(flows: Iterable[tuple[Number, Number]]) -> Number:
    """Months until cumulative flows are back at 0 for good, to the cent; each flow with its share of a month."""
    before: Number = 0
    time: Number = 0
    gains: Number = False
    for month, (part, flow) in enumerate(flows):
        now = before + flow
        crossed = month - 1 + ratio(-before * part, flow, when=flow > 0, otherwise=0.0)
        time = choose(now <= -HALF_A_CENT, NEVER, choose(before <= -HALF_A_CENT, crossed, time))
        gains = choose(flow > 0, True, gains)
        before = now
    return choose(gains, time, NEVER)


@of(Program)
def payback(program: Program) -> Annotated[Number, q.PAYBACK]:
    """Months until the cumulative cash flow breaks even for good.

    Formula: the last month whose cumulative net cash flow is below 0, plus the fraction of
    the next that brings it to 0. With every month alike, ROI_BREAKEVEN_MONTHS; here a
    retraining that puts the cash flow back below 0 counts. To the cent.

    Returns:
        Months; infinite (#N/A in a cell) where that is not within the horizon, or no month
        brings anything.

    Example:
        >>> from roi_xl import payback
        >>> round(payback(2_500, 100, 0.02, 0.012, 100_000, 12), 2)
        3.57
        >>> payback(2_500, 100, 0.02, 0.012, 100_000, 3)
        inf
    """
    return back(program, "net_cash_flow")


@of(Program)
def discounted_payback(program: Program) -> Annotated[Number, q.DISCOUNTED_PAYBACK]:
    """Months until the cumulative discounted cash flow breaks even for good.

    Formula: as ROI_PAYBACK, of net_cash_flow / (1 + discount_rate) ^ (m / 12). Within the
    horizon exactly where the net present value is not below 0.

    Returns:
        Months; infinite (#N/A in a cell) where that is not within the horizon.

    Example:
        >>> from roi_xl import discounted_payback
        >>> round(discounted_payback(2_500, 100, 0.02, 0.012, 100_000, 12, discount_rate=0.1), 2)
        3.64
    """
    return back(program, "discounted")


@of(Program)
def profitability_index(program: Program) -> Annotated[Number, q.PROFITABILITY_INDEX]:
    """Present value of all later cash flows per unit of training cost.

    Formula: 1 + npv / training_cost.

    Returns:
        A factor, worth doing above 1; undefined (NaN, #DIV/0! in a cell) without any
        training cost.

    Example:
        >>> from roi_xl import profitability_index
        >>> round(profitability_index(2_500, 100, 0.02, 0.012, 100_000, 12, discount_rate=0.1), 4)
        3.1921
    """
    return 1 + quotient(last(program)["cumulative_discounted"], program.training_cost)


def ledger_benefit(program: Program) -> Annotated[Number, q.LEDGER_BENEFIT]:
    """The net cash flow of the whole horizon.

    Formula: sum of net_cash_flow over all months.
    """
    return last(program)["cumulative"]
