"""The Outputs sheet: every result, with its formula, unit and meaning."""

import inspect
import re
from collections.abc import Mapping

from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from roi_xl import quantities as q
from roi_xl import symbols
from roi_xl.describe import Formula, gives, takes
from roi_xl.functions import decision, returns, value
from roi_xl.functions.branch import UNDEFINED
from roi_xl.functions.outcome import RESULTS, sign_told, verdict
from roi_xl.functions.totals import net_benefit
from roi_xl.quantities import NPV, VERDICT, Kind
from roi_xl.symbols import Symbol
from roi_xl.template import style, wording
from roi_xl.template.bridge import fill_bridge
from roi_xl.template.cash_flow import last_below, payback_of, without_first, without_last
from roi_xl.template.formulas import NUM_ERROR, Formulas, called, is_called
from roi_xl.template.layout import (
    CASH_FLOW,
    CF,
    FIRST_MONTH_ROW,
    FROM_CASH_FLOW,
    HEADER_ROW,
    LEDGER_HEADER_ROW,
    NEWTON_ROW,
    NEWTON_STEPS,
    OUT_FORMULA,
    OUT_LABEL,
    OUT_MEANING,
    OUT_UNIT,
    OUT_VALUE,
    OUTPUT_ROWS,
    OUTPUTS,
    PROFILE_RATES,
    PROFILE_ROW,
    SEARCH_ROW,
    SIMPLE,
    TURNING_ROW,
    absolute,
    area,
    flow,
    local,
    used,
)
from roi_xl.template.money import named, of_scale
from roi_xl.template.sheet import finish, fit_height, head, header, name_cell, new_page, put
from roi_xl.template.told import told
from roi_xl.template.turning import fill_turning, sentence
from roi_xl.template.wording import decision_told, fill_wording

HEADINGS = (SIMPLE, "Value", "Unit", "Meaning", "How it is calculated")
BELOW = ("last_month_below", "last_month_below_discounted")
"""The names of the last months in which what has come together is below 0; -1 for none."""

RATE_FORMAT = "[>=1000]0E+00;[<0](0.0000%);0.00%_)"
WORTH_FORMAT = "[>=1000000000]0.0E+00;[<0](#,##0);#,##0_)"
FORMULA_LINE = re.compile(r"Formula: (.+?)(?:\.\s|\.$|, which|,\nwhich)", re.DOTALL)


def fill_outputs(book: Workbook, sheet: Worksheet, currency: str, flavor: Formulas) -> None:
    """Write the sheet: the closed forms, the results of the ledger, and the present value by discount rate."""
    head(sheet, "Outputs", "Calculated from the Inputs sheet. Do not type here.", (30, 16, 18, 50, 58))
    header(sheet, HEADER_ROW, HEADINGS, numeric=(OUT_VALUE,))
    expressions: dict[Formula, object] = {**closed_results(flavor), **ledger_results(flavor)}
    for formula, expression in expressions.items():
        fill_result(book, sheet, formula, expression, currency)
    fill_quantity(
        book, sheet, q.CHOSEN_RETURN, chosen_return(), currency, "One of the three above, as chosen on Inputs."
    )
    for column in (OUT_UNIT, OUT_MEANING, OUT_FORMULA):
        put(sheet, OUTPUT_ROWS[VERDICT], column, None, style.RESULT)
        put(sheet, OUTPUT_ROWS[q.DECISION], column, None, style.RESULT)
    header(sheet, LEDGER_HEADER_ROW, (FROM_CASH_FLOW, *HEADINGS[1:]), numeric=(OUT_VALUE,))
    fill_bridge(sheet, currency)
    fill_wording(sheet, currency)
    fill_profile(book, sheet, currency)
    new_page(sheet, LEDGER_HEADER_ROW)
    new_page(sheet, PROFILE_ROW)
    fill_turning(book, sheet, currency)
    for quantity, words in {q.TURNS: sentence(), **told(currency)}.items():
        fill_quantity(book, sheet, quantity, words, currency, "")
    new_page(sheet, TURNING_ROW)
    finish(sheet, NEWTON_ROW + NEWTON_STEPS, OUT_FORMULA)


def fill_result(book: Workbook, sheet: Worksheet, formula: Formula, expression: object, currency: str) -> None:
    """One result of a function with its unit, meaning and formula."""
    fill_quantity(book, sheet, gives(formula), expression, currency, formula_line(formula))


def fill_quantity(
    book: Workbook, sheet: Worksheet, quantity: q.Quantity, expression: object, currency: str, how: str
) -> None:
    """One result with its unit, meaning and how it is calculated."""
    row = OUTPUT_ROWS[quantity]
    put(sheet, row, OUT_LABEL, quantity.label)
    words = quantity.kind is Kind.TEXT
    alignment = style.INDENTED if words else None
    put(sheet, row, OUT_VALUE, f"={expression}", style.RESULT, quantity.unit.number_format, alignment)
    if not words:
        put(sheet, row, OUT_UNIT, named(quantity.unit, currency), style.NOTE)
        put(sheet, row, OUT_MEANING, quantity.meaning, style.NOTE)
        put(sheet, row, OUT_FORMULA, how, style.NOTE)
        unit = named(quantity.unit, currency)
        fit_height(sheet, row, [(OUT_UNIT, unit), (OUT_MEANING, quantity.meaning), (OUT_FORMULA, how)])
    name_cell(book, quantity.name, OUTPUTS, row, OUT_VALUE)


def fill_profile(book: Workbook, sheet: Worksheet, currency: str) -> None:
    """The present value at a range of discount rates: it is zero at each internal rate of return."""
    headings = ("Discount rate", "Net present value", "", "", "The same with Excel's NPV")
    header(sheet, PROFILE_ROW, headings, numeric=(OUT_VALUE,))
    first, last = PROFILE_ROW + 1, PROFILE_ROW + len(PROFILE_RATES)
    net = flow("net_cash_flow")
    at_once = absolute(CASH_FLOW, FIRST_MONTH_ROW, CF["net_cash_flow"])
    for row, rate in enumerate(PROFILE_RATES, start=first):
        at = local(row, OUT_LABEL)
        put(sheet, row, OUT_LABEL, rate, style.INPUT, RATE_FORMAT)
        worth = f"=SUMPRODUCT({net}/(1+{at})^({flow('month')}/12))"
        again = f"=NPV((1+{at})^(1/12)-1,{without_first(net)})+{at_once}"
        put(sheet, row, OUT_VALUE, worth, style.CALCULATION, WORTH_FORMAT)
        put(sheet, row, OUT_UNIT, of_scale(currency)[0], style.NOTE)
        put(sheet, row, OUT_FORMULA, again, style.CALCULATION, WORTH_FORMAT, style.INDENTED)
    rates = area(first, OUT_LABEL, last, OUT_LABEL)
    fill_search(book, sheet, rates, area(first, OUT_VALUE, last, OUT_VALUE))


def fill_search(book: Workbook, sheet: Worksheet, rates: str, worth: str) -> None:
    """Where the rate of return is looked for: between the first two rates at which the present value has another sign.

    From the lower one on, or from the middle of two below 0: Newton's method finds it from there.
    """
    before, after, count = without_last(worth), without_first(worth), len(PROFILE_RATES)
    low, high = (local(SEARCH_ROW + place, OUT_VALUE) for place in (1, 2))
    place = f"MIN(SUMPRODUCT((({worth}<0)=({worth.partition(':')[0]}<0))*1),{count - 1})"
    start = f"(1+IF({low}<0,({low}+{high})/2,{low}))^(1/12)-1"
    lines = (
        ("rates_of_return", "Sign changes", f"SUMPRODUCT((({before}<0)<>({after}<0))*1)", "0"),
        (None, "First change: lower rate", f"INDEX({rates},{place},1)", RATE_FORMAT),
        (None, "First change: higher rate", f"INDEX({rates},{place}+1,1)", RATE_FORMAT),
        ("rate_guess", "Monthly rate to start from", start, RATE_FORMAT),
        (BELOW[0], "Last month below 0", last_below(flow("month"), flow("cumulative")), "0"),
        (BELOW[1], "Last month below 0, discounted", last_below(flow("month"), flow("cumulative_discounted")), "0"),
    )
    for row, (name, label, formula, number_format) in enumerate(lines, start=SEARCH_ROW):
        put(sheet, row, OUT_LABEL, label)
        put(sheet, row, OUT_VALUE, f"={formula}", style.CALCULATION, number_format)
        if name:
            name_cell(book, name, OUTPUTS, row, OUT_VALUE)


def arguments(formula: Formula) -> list[Symbol]:
    """The inputs of a formula as the model uses them."""
    return [symbols.name(used(parameter.quantity.name)) for parameter in takes(formula)]


def closed_results(flavor: Formulas) -> dict[Formula, Symbol]:
    """Every result of the closed forms: the verdict comes first."""
    results = written_results()
    if flavor != "native":
        results = {formula: called(formula, arguments(formula)) for formula in results}
    return {verdict: results.pop(verdict), **results}


def written_results() -> dict[Formula, Symbol]:
    """Every result written out, with a reference to each result that stands in a cell of its own."""
    known = {sign_told(net_benefit(*arguments(net_benefit))): symbols.name(wording.cell(wording.SIGN))}
    whole = {formula: formula(*arguments(formula)) for formula in RESULTS}
    results = {}
    for formula, expression in whole.items():
        results[formula] = Symbol(expression.head, tuple(part.replace(known) for part in expression.parts))
        known[expression] = symbols.name(gives(formula).name)
    return results


def ledger_results(flavor: Formulas) -> dict[Formula, object]:
    """Every result of the ledger, from the columns of the cash flow."""
    net, months, rate = flow("net_cash_flow"), flow("month"), used("discount_rate")
    invested = ",".join(flow(column) for column in returns.COSTS)
    gained = f"SUMPRODUCT(({net}>0)*{net}*(1+{rate})^(({used('months')}-{months})/12))"
    spent = f"SUMPRODUCT(({net}<0)*{net}/(1+{rate})^({months}/12))"
    plain: dict[Formula, object] = {
        decision.decision: decision_told(),
        value.ledger_benefit: f"SUM({net})",
        **returns_of_cells(invested),
        value.npv: f"SUM({flow('discounted')})",
        value.irr: f"IF(rates_of_return=1,(1+IRR({net},rate_guess))^12-1,{NUM_ERROR})",
        value.mirr: f"IF(MAX({net})>0,(-{gained}/{spent})^(12/{used('months')})-1,{symbols.number(UNDEFINED)})",
        value.payback: payback_of(net, flow("cumulative"), BELOW[0]),
        value.discounted_payback: payback_of(flow("discounted"), flow("cumulative_discounted"), BELOW[1]),
        decision.peak_funding: f"-MIN(0,MIN({flow('cumulative')}))",
        decision.peak_month: f"INDEX({months},MATCH(MIN({flow('cumulative')}),{flow('cumulative')},0),1)",
        value.profitability_index: f"1+{NPV.name}/{used('training_cost')}",
    }
    return {
        formula: called(formula, arguments(formula)) if is_called(formula, flavor) else text
        for formula, text in plain.items()
    }


def returns_of_cells(invested: str) -> dict[Formula, object]:
    """The formula of each return on investment, by what it divides by."""
    monthly = f"(1+{used('discount_rate')})^({flow('month')}/12)"
    spent = "+".join(flow(column) for column in returns.COSTS)
    return {
        returns.roi_on_investment: f"{q.LEDGER_BENEFIT.name}/SUM({invested})",
        returns.roi_discounted: f"{NPV.name}/SUMPRODUCT(({spent})/{monthly})",
        returns.roi_on_total_cost: f"{q.LEDGER_BENEFIT.name}/SUM({flow('fine_tuned_spend')},{invested})",
    }


def of_basis(of: Mapping[str, str]) -> str:
    """One of three, by what the ROI divides by."""
    (*others, last) = of.items()
    chosen = last[1]
    for basis, text in reversed(others):
        chosen = f'IF({used(q.ROI_BASIS.name)}="{basis}",{text},{chosen})'
    return chosen


def chosen_return() -> str:
    """The return on investment that page one shows."""
    return of_basis({basis: gives(formula).name for basis, formula in returns.RETURNS.items()})


def formula_line(formula: Formula) -> str:
    """How a result is calculated, in the words of its own documentation."""
    match = FORMULA_LINE.search(inspect.getdoc(formula) or "")
    return " ".join(match[1].split()) if match else ""
