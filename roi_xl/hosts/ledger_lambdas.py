"""How does the ledger stand behind a name of Excel 365?

The columns write themselves, over all months at once: a month is a column of numbers, and so is
whatever is read from it. Each is bound to a name in LET; the answer is the last expression.
"""

from collections.abc import Callable, Iterator

from roi_xl import symbols
from roi_xl.describe import Formula, is_table, takes
from roi_xl.functions import ledger, returns, value
from roi_xl.functions.branch import NEVER, UNDEFINED, choose
from roi_xl.functions.outcome import HALF_A_CENT
from roi_xl.functions.returns import COSTS
from roi_xl.functions.savings import MONTHS_PER_YEAR
from roi_xl.hosts.roots_lambda import only_root
from roi_xl.hosts.written import element_by_element, excel, let, of_each, parameter, within
from roi_xl.quantities import MODEL_INPUTS, QUANTITIES
from roi_xl.symbols import NUM_ERROR, Symbol, call

VALUE_ERROR = symbols.name("#VALUE!")
SINGLE = frozenset(str(within(quantity.name)) for quantity in MODEL_INPUTS)
"""The inputs, each a single number where the columns are computed."""

SUMS = {"cumulative": "net_cash_flow", "cumulative_discounted": "discounted"}


def ledger_lambda(formula: Formula) -> str:
    """A function of the ledger as the LAMBDA that Excel stores behind a name.

    Ranges are taken element by element, as Excel's own functions take them; a table takes single
    values only. Every bound is checked before a month is written.
    """
    names = [(taken, parameter(taken.quantity.name)) for taken in takes(formula)]
    declared = [symbols.name(f"{'_xlop' if taken.optional else '_xlpm'}{name.head[5:]}") for taken, name in names]
    used = {symbols.name(f"{name}2"): filled(name, taken.default) for taken, name in names if taken.optional}
    given = [*(name for taken, name in names if not taken.optional), *used]
    every = symbols.name("_xlpm.each1")
    numbers = [value + every for value in given]
    each = of_each(checked(formula), *(within(taken.quantity.name) for taken, _ in names))
    if is_table(formula):
        single = call("ROWS", every) * call("COLUMNS", every)
        body = choose(single > 1, VALUE_ERROR, Symbol(str(each), tuple(numbers)))
    else:
        body = excel("MAP", *numbers, each)
    return str(excel("LAMBDA", *declared, let({**used, every: 0 * sum(given[1:], given[0])}, body)))


def filled(name: Symbol, default: float) -> Symbol:
    """An optional argument, or its default where it is left out or blank; a blank counts as 0 by itself."""
    given = choose(call("ISBLANK", name), default, name) if default else name
    used: Symbol = choose(excel("ISOMITTED", name), default, given)
    return used


def checked(formula: Formula) -> Symbol:
    """The answer for single numbers, or #NUM! where one is out of bounds."""
    first, *others = broken_bounds(formula)
    broken = sum(others, first) > 0
    answer = ANSWERS[formula]()
    checked_answer: Symbol = choose(broken, NUM_ERROR, let(columns(answer), answer))
    return checked_answer


def broken_bounds(formula: Formula) -> Iterator[Symbol]:
    """What may be wrong with the inputs: those with one bound together, and the length of the ledger."""
    lowest: dict[float | None, list[Symbol]] = {}
    highest: dict[float | None, list[Symbol]] = {}
    for quantity in (taken.quantity for taken in takes(formula)):
        lowest.setdefault(quantity.bounds.low, []).append(within(quantity.name))
        highest.setdefault(quantity.bounds.high, []).append(within(quantity.name))
    yield from (call("MIN", *names) < low for low, names in lowest.items() if low is not None)
    yield from (call("MAX", *names) > high for high, names in highest.items() if high is not None)
    yield within("months") > ledger.LONGEST


def columns(answer: Symbol) -> dict[Symbol, Symbol]:
    """The columns that an answer reads, each by its name, in the order in which they are computed."""
    read, found = str(answer), []
    for column in reversed(ledger.COLUMNS):
        name = within(column.__name__)
        if str(name) in read:
            written = element_by_element(column(*map(within, ledger.READS[column])), SINGLE)
            found.append((name, written))
            read += str(written)
    last_month = 0 - call("INT", 0 - within("months"))
    return {within("month"): excel("SEQUENCE", last_month + 1, 1, 0), **dict(reversed(found))}


def running(flow: Symbol) -> Symbol:
    """What has come together of a flow, month by month."""
    so_far, now = symbols.name("_xlpm.together1"), symbols.name("_xlpm.further1")
    return excel("SCAN", 0, flow, of_each(so_far + now, so_far, now))


def net_present_value() -> Symbol:
    """The discounted flows together."""
    return call("SUM", within("discounted"))


def index() -> Symbol:
    """What each unit of training cost brings."""
    return 1 + net_present_value() / within("training_cost")


def invested() -> Symbol:
    """What each month invests."""
    return sum(map(within, COSTS[1:]), within(COSTS[0]))


def on_investment() -> Symbol:
    """The net benefit by what is invested."""
    return call("SUM", within("net_cash_flow")) / call("SUM", invested())


def discounted_return() -> Symbol:
    """The net present value by what is invested, discounted."""
    monthly = (1 + within("discount_rate")) ** (within("month") / MONTHS_PER_YEAR)
    return net_present_value() / call("SUM", invested() / monthly)


def on_total_cost() -> Symbol:
    """The net benefit by all that the fine-tuned model costs."""
    return call("SUM", within("net_cash_flow")) / call("SUM", within("fine_tuned_spend") + invested())


def payback_of(flow: str) -> Symbol:
    """The last month whose sum comes back from below 0, and stays there, to the cent."""
    of_month, now, month = within(flow), symbols.name("_xlpm.together2"), within("month")
    before = now - of_month
    time = month - 1 - before * within("in_horizon") / choose(of_month > 0, of_month, 1)
    crosses = (before <= -HALF_A_CENT) * (now > -HALF_A_CENT)
    never = call("SUM", of_month) <= -HALF_A_CENT
    latest = call("MAX", choose(crosses, time, 0))
    gains = call("MAX", of_month) > 0
    return let({now: running(of_month)}, choose(gains, choose(never, NEVER, latest), NEVER))


def modified_rate() -> Symbol:
    """Gains at the horizon for costs in month 0, as a yearly rate."""
    flow, month = within("net_cash_flow"), within("month")
    last, monthly = symbols.name("_xlpm.last1"), symbols.name("_xlpm.monthly1")
    gained, spent = symbols.name("_xlpm.gained1"), symbols.name("_xlpm.spent1")
    bindings = {
        last: call("MAX", month),
        monthly: (1 + within("discount_rate")) ** (symbols.lift(1) / MONTHS_PER_YEAR),
        gained: call("SUM", choose(flow > 0, flow * monthly ** (last - month), 0)),
        spent: call("SUM", choose(flow < 0, 0 - flow / monthly**month, 0)),
    }
    rate = (gained / spent) ** (MONTHS_PER_YEAR / last) - 1
    return let(bindings, choose((gained > 0) * (spent > 0), rate, UNDEFINED))


def only_rate() -> Symbol:
    """The one rate at which the flows are worth nothing, else #NUM!."""
    return only_root(within("net_cash_flow"), within("month"), lambda root: call("EXP", 0 - MONTHS_PER_YEAR * root) - 1)


def table() -> Symbol:
    """Headings, then every month."""
    headings = excel("HSTACK", *(QUANTITIES[name].label for name in ledger.SHOWN))
    shown = (running(within(SUMS[name])) if name in SUMS else within(name) for name in ledger.SHOWN)
    return excel("VSTACK", headings, excel("HSTACK", *shown))


ANSWERS: dict[Formula, Callable[[], Symbol]] = {
    value.npv: net_present_value,
    value.profitability_index: index,
    returns.roi_on_investment: on_investment,
    returns.roi_discounted: discounted_return,
    returns.roi_on_total_cost: on_total_cost,
    value.payback: lambda: payback_of("net_cash_flow"),
    value.discounted_payback: lambda: payback_of("discounted"),
    value.irr: only_rate,
    value.mirr: modified_rate,
    ledger.cash_flow: table,
}
"""The last expression of each function that stands behind a name."""
