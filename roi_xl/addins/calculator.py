"""What does someone open who has no spreadsheet at hand? One page that needs nothing else."""

import importlib.resources
import json
import re
from collections.abc import Iterable
from html import escape

import roi_xl
from roi_xl import quantities as q
from roi_xl.catalog import EXCEL_NAMES
from roi_xl.describe import Formula, gives
from roi_xl.errors import ExcelError
from roi_xl.functions import decision, ledger, outcome, returns, value
from roi_xl.functions.outcome import HALF_A_CENT
from roi_xl.hosts.javascript import UNPRICED, library
from roi_xl.quantities import EXAMPLE_CURRENCY, INPUTS, MODEL_INPUTS, PROGRAM, Quantity, Unit

MONTHLY: tuple[Formula, ...] = (
    value.ledger_benefit,
    *returns.RETURNS.values(),
    value.npv,
    value.irr,
    value.mirr,
    value.payback,
    value.discounted_payback,
    value.profitability_index,
    decision.peak_funding,
    decision.peak_month,
)
TILES: tuple[Formula, ...] = (value.npv, value.payback, decision.peak_funding, returns.roi_on_investment)
WORDS = {
    str(ExcelError.NA): "not reached",
    str(ExcelError.DIV0): "undefined",
    str(ExcelError.NUM): "none, or more than one",
}
"""What the page says where a cell shows an error."""

FIELD = """    <div class="field">
      <label for="{name}">{label} <span class="unit"{unit}</span></label>
      <span class="entry"><input id="{name}" name="{name}" type="text" inputmode="decimal" value="{value}"
        data-percent="{percent}" aria-describedby="{name}-help {name}-problem" spellcheck="false"></span>
      <small id="{name}-help">{meaning}</small>
      <span class="problem" id="{name}-problem" role="alert" hidden></span>
    </div>"""


def page() -> str:
    """The calculator as one HTML file."""
    parts = {
        "version": roi_xl.__version__,
        "style": asset("calculator.css"),
        "currency": EXAMPLE_CURRENCY,
        "inputs": "\n".join(map(field, INPUTS)),
        "options": "\n".join(map(field, PROGRAM)),
        "tiles": "\n".join(map(tile, TILES)),
        "monthly": "\n".join(map(result, MONTHLY)),
        "simple": "\n".join(result(formula) for formula in outcome.RESULTS[:-1]),
        "library": library(UNPRICED),
        "constants": "\n".join(constants()),
        "page": asset("calculator.js"),
    }
    return re.sub(r"\{(\w+)\}", lambda place: parts[place[1]], asset("calculator.html"))


def asset(name: str) -> str:
    """A file of page/."""
    return importlib.resources.files("roi_xl.addins").joinpath("page", name).read_text("utf-8")


def usual(quantity: Quantity) -> float:
    """What a field holds at first."""
    return quantity.default or 0


def field(quantity: Quantity) -> str:
    """One input with its label, its unit, its help and a place for what is wrong; a fraction is typed in percent."""
    percent = quantity.unit.percent
    return FIELD.format(
        name=quantity.name,
        label=escape(quantity.label),
        unit=unit(in_percent(quantity.unit)),
        value=f"{usual(quantity) * (100 if percent else 1):,.10g}",
        percent=str(percent).lower(),
        meaning=escape(quantity.meaning.partition(":")[0].rstrip(".") + "." if percent else quantity.meaning),
    )


def in_percent(known: Unit) -> str:
    """The unit of a field, in which a fraction is typed in percent."""
    return known.text.replace("fraction, shown in %", "%").replace("fraction", "%")


def beside(known: Unit) -> str:
    """The unit beside a result, which shows its own percent sign."""
    return in_percent(known).removeprefix("%").strip()


def unit(text: str) -> str:
    """The rest of an element that shows a unit, and takes the currency."""
    return f' data-unit="{escape(text)}">{escape(text).format(currency=EXAMPLE_CURRENCY)}'


def shown(formula: Formula) -> str:
    """The rest of an element that shows a result."""
    known = gives(formula).unit
    numbers = (
        f'data-decimals="{known.decimals}" data-digits="{known.digits}" data-percent="{str(known.percent).lower()}"'
    )
    most = f' data-most="{known.most:g}"' if known.most is not None else ""
    return f' data-result="{EXCEL_NAMES.get(formula, formula.__name__)}" {numbers}{most}>'


def tile(formula: Formula) -> str:
    """A result to see first."""
    known = gives(formula)
    own = f'<span class="unit"{unit(beside(known.unit))}</span>'
    return f"    <div><dt>{escape(known.label)}</dt><dd><span{shown(formula)}</span> {own}</dd></div>"


def result(formula: Formula) -> str:
    """A result as a row of a table."""
    known = gives(formula)
    title = escape(known.meaning)
    head = f'<th scope="row" title="{title}">{escape(known.label)}</th>'
    return f"      <tr>{head}<td{shown(formula)}</td><td{unit(beside(known.unit))}</td></tr>"


def constants() -> Iterable[str]:
    """What the page's script takes from Python."""
    sentences = {
        "worth": decision.WORTH,
        "even": decision.EVEN,
        "too_late": decision.TOO_LATE,
        "not_recovered": decision.NOT_RECOVERED,
    }
    known = {
        "CURRENCY": EXAMPLE_CURRENCY,
        "DEFAULTS": {quantity.name: usual(quantity) for quantity in MODEL_INPUTS},
        "OPTION_NAMES": [quantity.name for quantity in PROGRAM],
        "LONGEST_HORIZON": ledger.LONGEST,
        "HALF_A_CENT": HALF_A_CENT,
        "SENTENCES": sentences,
        "WORDS": WORDS,
        "FLOW_DECIMALS": [
            [unit.decimals, False, unit.digits] for unit in (q.QUANTITIES[name].unit for name in ledger.SHOWN)
        ],
    }
    yield from (f"const {name} = {json.dumps(content)};" for name, content in known.items())
