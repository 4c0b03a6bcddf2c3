"""The Outputs sheet: every result, with its formula, unit and meaning."""

import inspect
import re

from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from roi_xl import symbols
from roi_xl.catalog import EXCEL_NAMES
from roi_xl.describe import Formula, gives, takes
from roi_xl.functions.outcome import HALF_A_CENT, RESULTS, verdict
from roi_xl.quantities import VERDICT
from roi_xl.symbols import Symbol
from roi_xl.template import style
from roi_xl.template.layout import (
    HEADER_ROW,
    OUT_FORMULA,
    OUT_LABEL,
    OUT_MEANING,
    OUT_UNIT,
    OUT_VALUE,
    OUTPUT_ROWS,
    OUTPUTS,
    used,
)
from roi_xl.template.sheet import finish, fit_height, head, header, name_cell, put

HEADINGS = ("Result", "Value", "Unit", "Meaning", "How it is calculated")
FORMULA_LINE = re.compile(r"Formula: (.+?)(?:\.\s|\.$|, which|,\nwhich)", re.DOTALL)


def fill_outputs(book: Workbook, sheet: Worksheet, currency: str, written: bool) -> None:
    """Write the sheet; `written` says whether formulas write themselves out or call functions."""
    head(sheet, "Outputs", "Calculated from the Inputs sheet. Do not type here.", (30, 16, 18, 50, 58))
    header(sheet, HEADER_ROW, HEADINGS, numeric=(OUT_VALUE,))
    expressions = written_results() if written else called_results()
    for formula, expression in expressions.items():
        quantity = gives(formula)
        row = OUTPUT_ROWS[quantity]
        put(sheet, row, OUT_LABEL, quantity.label)
        words = quantity is VERDICT
        alignment = style.INDENTED if words else None
        put(sheet, row, OUT_VALUE, f"={expression}", style.RESULT, quantity.unit.number_format, alignment)
        if not words:
            put(sheet, row, OUT_UNIT, quantity.unit.named(currency), style.NOTE)
            put(sheet, row, OUT_MEANING, quantity.meaning, style.NOTE)
            put(sheet, row, OUT_FORMULA, formula_line(formula), style.NOTE)
            fit_height(sheet, row, [(OUT_MEANING, quantity.meaning), (OUT_FORMULA, formula_line(formula))])
        name_cell(book, quantity.name, OUTPUTS, row, OUT_VALUE)
    for column in (OUT_UNIT, OUT_MEANING, OUT_FORMULA):
        put(sheet, OUTPUT_ROWS[VERDICT], column, None, style.RESULT)
    finish(sheet, max(OUTPUT_ROWS.values()), OUT_FORMULA)


def arguments(formula: Formula) -> list[Symbol]:
    """The inputs of a formula as the model uses them."""
    return [symbols.name(used(parameter.quantity.name)) for parameter in takes(formula)]


def written_results() -> dict[Formula, Symbol]:
    """Every result written out, with a reference to each result that stands in a cell of its own."""
    known = {
        symbols.number(HALF_A_CENT): symbols.name("tolerance"),
        symbols.number(-HALF_A_CENT): symbols.name("-tolerance"),
    }
    whole = {formula: formula(*arguments(formula)) for formula in RESULTS}
    results = {}
    for formula, expression in whole.items():
        results[formula] = Symbol(expression.head, tuple(part.replace(known) for part in expression.parts))
        known[expression] = symbols.name(gives(formula).name)
    return {verdict: results.pop(verdict), **results}


def called_results() -> dict[Formula, Symbol]:
    """Every result as a call of its function."""
    ordered = (verdict, *RESULTS[:-1])
    return {formula: symbols.call(EXCEL_NAMES[formula], *arguments(formula)) for formula in ordered}


def formula_line(formula: Formula) -> str:
    """How a result is calculated, in the words of its own documentation."""
    match = FORMULA_LINE.search(inspect.getdoc(formula) or "")
    return " ".join(match[1].split()) if match else ""
