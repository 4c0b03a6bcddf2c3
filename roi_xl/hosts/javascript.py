"""How do the functions stand in JavaScript, where no Python runs?

Every closed form and every column of the ledger writes itself, as it does for a cell. What
loops (months, options, roots) and what crosses a cell boundary is written by hand in js/,
and held to the Python functions by the tests.
"""

import functools
import importlib.resources
import json
from collections.abc import Iterable
from typing import Any

from roi_xl import symbols
from roi_xl.catalog import CATALOG, EXCEL_NAMES
from roi_xl.checks import LIMITS
from roi_xl.describe import REQUIRED, Formula, gives, headings, is_closed_form, is_table, takes
from roi_xl.errors import ExcelError, NotInstalled
from roi_xl.functions import comparison, ledger, outcome, prices, returns, risk, savings, sensitivity, value
from roi_xl.functions.branch import choose
from roi_xl.functions.price_table import TABLE
from roi_xl.quantities import INPUTS, MODEL_INPUTS, PROGRAM, QUANTITIES, Quantity
from roi_xl.symbols import ATOM, TIGHTNESS, Symbol

LEFT_OUT = EXCEL_NAMES[risk.monte_carlo]
"""What needs Python: its draws and distributions are SciPy's."""

PRICED = EXCEL_NAMES[prices.model_price]
CARRIED = tuple(name for name in CATALOG if name != LEFT_OUT)
UNPRICED = tuple(name for name in CARRIED if name != PRICED)
"""Without the book of prices, which is most of the text."""

BY_HAND: dict[Formula, str] = {
    outcome.report: "report",
    ledger.cash_flow: "byMonth(cashFlow)",
    value.npv: "byMonth(npv)",
    value.irr: "byMonth(irr)",
    value.irr_all: "byMonth(irrAll)",
    value.mirr: "byMonth(mirr)",
    value.payback: "byMonth(payback)",
    value.discounted_payback: "byMonth(discountedPayback)",
    value.profitability_index: "byMonth(profitabilityIndex)",
    returns.roi_on_investment: "byMonth(roiOnInvestment)",
    returns.roi_discounted: "byMonth(roiDiscounted)",
    returns.roi_on_total_cost: "byMonth(roiOnTotalCost)",
    comparison.compare: "compare",
    sensitivity.tornado: "tornado",
    sensitivity.switching_values: "switchingValues",
    prices.model_price: "modelPrice",
}
"""What is no closed form, by what it is called in js/."""

CALLS = {"IF": "({} ? {} : {})", "MIN": "least({}, {})", "MAX": "greatest({}, {})", "MOD": "modulo({}, {})"}
CALLS |= {"^": "power({}, {})", "/": "divided({}, {})"}
WORDS = {"=": "===", "<>": "!=="}


def leaf(text: str) -> str:
    """A name, a number or a text; what never comes is infinite."""
    if text.startswith('"'):
        return json.dumps(text[1:-1].replace('""', '"'))
    return "NEVER" if text == "NA()" else text


def written(symbol: Symbol) -> str:
    """An expression as JavaScript.

    A division says what it is by 0, unless its divisor is a number.

    >>> written(symbols.name("a") / (symbols.name("b") - 1) + symbols.name("c") / 12)
    'divided(a, b - 1) + c / 12'
    """
    if not symbol.parts:
        return leaf(symbol.head)
    if symbol.head in CALLS and not divides_by_number(symbol):
        return CALLS[symbol.head].format(*map(written, symbol.parts))
    left, right = (operand(part, symbol, part is symbol.parts[1]) for part in symbol.parts)
    return f"{left} {WORDS.get(symbol.head, symbol.head)} {right}"


def divides_by_number(symbol: Symbol) -> bool:
    """Whether it is a division by a number other than 0."""
    return symbol.head == "/" and symbol.parts[1].head[0].isdigit() and float(symbol.parts[1].head) != 0


def operand(part: Symbol, outer: Symbol, right: bool) -> str:
    """One side of an operator, in parentheses where it needs them."""
    infix = part.head not in CALLS or divides_by_number(part)
    mine, theirs = TIGHTNESS.get(part.head, ATOM) if infix else ATOM, TIGHTNESS[outer.head]
    return f"({written(part)})" if mine < theirs or (right and mine == theirs) else written(part)


def closed_form(formula: Formula) -> str:
    """A closed form as an arrow function of its arguments; null where another argument stands in.

    >>> closed_form(CATALOG["ROI_MONTHLY_REQUESTS"])
    '(active_users, requests_per_user_per_day, days) => active_users * requests_per_user_per_day * days'
    """
    values: dict[str, Any] = {taken.quantity.name: symbols.name(taken.quantity.name) for taken in takes(formula)}
    result = formula(*values.values())
    for taken in takes(formula):
        if taken.default is None:
            name = taken.quantity.name
            missing = symbols.call("=", values[name], symbols.name("null"))
            result = choose(missing, formula(*{**values, name: None}.values()), result)
    return f"({', '.join(values)}) => {written(result)}"


def column(formula: Formula) -> str:
    """A column of the ledger as an arrow function of its row.

    >>> column(ledger.maintenance)
    '({ in_horizon, monthly_maintenance }) => in_horizon * monthly_maintenance'
    """
    reads = ledger.READS[formula]
    return f"({{ {', '.join(reads)} }}) => {written(formula(*map(symbols.name, reads)))}"


def entry(formula: Formula) -> str:
    """What is known of a function: how it is called, what it takes, what it shows for no number."""
    result, taken = gives(formula), takes(formula)
    facts = {
        "takes": [parameter.quantity.name for parameter in taken],
        "defaults": {each.quantity.name: each.default for each in taken if each.default is not REQUIRED},
        "undefined": str(ExcelError.NUM if result.may_have_no_solution else ExcelError.DIV0),
        "infinite": str(ExcelError.NA if result.may_be_never else ExcelError.NUM),
        "table": is_table(formula),
    }
    called = f"FORMULAS.{formula.__name__}" if is_closed_form(formula) else BY_HAND[formula]
    return f"{{ formula: {called}, {json.dumps(facts)[1:-1]} }}"


def described(quantity: Quantity) -> dict[str, Any]:
    """What is known of a number."""
    limits = LIMITS[quantity.name]
    return {
        "label": quantity.label,
        "kind": quantity.kind.value,
        "low": limits.low,
        "high": limits.high,
        "blank": (quantity.default or 0) if quantity in PROGRAM else 0,
    }


def constants() -> dict[str, Any]:
    """What is said once in Python, by its name in js/."""
    searched = sensitivity.SEARCHED
    return {
        "ERRORS": [str(error) for error in ExcelError],
        "LONGEST": ledger.LONGEST,
        "HALF_A_CENT": outcome.HALF_A_CENT,
        "MONTHS_PER_YEAR": savings.MONTHS_PER_YEAR,
        "INPUTS": len(INPUTS),
        "MODEL_INPUTS": [quantity.name for quantity in MODEL_INPUTS],
        "COLUMN_NAMES": [formula.__name__ for formula in ledger.COLUMNS],
        "SHOWN": ledger.SHOWN,
        "COSTS": returns.COSTS,
        "REPORT": [[gives(formula).label, EXCEL_NAMES[formula]] for formula in outcome.RESULTS],
        "FEWEST_COLUMNS": comparison.FEWEST_COLUMNS,
        "OPTION_COLUMNS": [quantity.name for quantity in comparison.COLUMNS],
        "COMPARED": [parameter.quantity.name for parameter in takes(comparison.compare)[1:]],
        "COMPARE_HEADINGS": headings(comparison.compare),
        "BY_NONE": comparison.BY_NONE,
        "MEASURES": {name: EXCEL_NAMES[formula] for name, formula in sensitivity.MEASURES.items()},
        "TORNADO_HEADINGS": headings(sensitivity.tornado),
        "SWITCHED": [
            [quantity.name, *searched.get(quantity, ())]
            for quantity in MODEL_INPUTS
            if quantity in sensitivity.LINEAR or quantity in searched
        ],
        "SWITCHING_HEADINGS": headings(sensitivity.switching_values),
        "STEPS": sensitivity.STEPS,
        "HALVINGS": sensitivity.HALVINGS,
    }


def price_book() -> Iterable[str]:
    """The prices that are carried: our own table, and the public book by name and by beginning."""
    own = [[row.model.lower(), row.kind, row.amount, row.since and row.since.isoformat()] for row in TABLE]
    try:
        names, beginnings = map(prices.plain, prices.carried_tables())
        yield f"// Prices in dollars: the provider's own, where {prices.book_source()} has none."
    except NotInstalled:
        names, beginnings = {}, {}
        yield "// Prices in dollars, without the public book, which was not installed: pip install 'roi-xl[prices]'"
    yield f"const PRICE_KINDS = {json.dumps(prices.KINDS)};"
    yield f"const PRICES = {json.dumps(own)};"
    yield f"const BEGINNINGS = new Map({packed([*beginnings.items()])});"
    yield f"const NAMES = new Map({packed([*names.items()])});"


def packed(data: Any) -> str:
    """Data as JSON without spaces."""
    return json.dumps(data, separators=(",", ":"))


def table(name: str, rows: dict[str, str]) -> Iterable[str]:
    """An object with one line for each entry."""
    yield f"const {name} = {{"
    yield from (f"  {key}: {text}," for key, text in rows.items())
    yield "};"


def by_hand(name: str) -> str:
    """A file of js/."""
    return importlib.resources.files("roi_xl.hosts").joinpath("js", f"{name}.js").read_text("utf-8")


@functools.cache
def library(names: tuple[str, ...]) -> str:
    """The functions of those names as one constant, roiXl, with `call(name, cells)` and what goes with it."""
    carried = {name: CATALOG[name] for name in names}
    quantities = {name: json.dumps(described(quantity)) for name, quantity in QUANTITIES.items()}
    closed = {formula.__name__: closed_form(formula) for formula in carried.values() if is_closed_form(formula)}
    lines = [
        "const roiXl = (() => {",
        '"use strict";',
        "",
        by_hand("numbers"),
        "// What every number is.",
        *table("QUANTITIES", quantities),
        *(f"const {name} = {json.dumps(known)};" for name, known in constants().items()),
        "\n// Each closed form, as the Python function of its name writes itself.",
        *table("FORMULAS", closed),
        "\n// Each column of the ledger, of its row; in the order in which they read one another.",
        *table("COLUMNS", {formula.__name__: column(formula) for formula in ledger.COLUMNS}),
        "",
        *map(by_hand, ("ledger", "roots", "tables", "cells")),
        *([by_hand("prices"), *price_book(), ""] if PRICED in carried else ()),
        "// What a cell can call.",
        *table("CATALOG", {name: entry(formula) for name, formula in carried.items()}),
        "",
        "return { call, rowsOf, CellError, ERRORS, CATALOG, QUANTITIES, MODEL_INPUTS };",
        "})();",
    ]
    return "\n".join(lines) + "\n"
