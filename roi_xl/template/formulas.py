"""Does a result write itself out, or call its function?"""

from collections.abc import Sequence
from typing import Literal

from roi_xl import symbols
from roi_xl.catalog import EXCEL_NAMES
from roi_xl.describe import Formula, is_closed_form
from roi_xl.symbols import Symbol

Formulas = Literal["native", "functions", "lambda"]
FLAVORS: tuple[Formulas, ...] = ("native", "functions", "lambda")
"""Plain formulas; calls of the ROI_ functions; calls of those that can come along as names."""


NUM_ERROR = symbols.call("SQRT", 0 - symbols.NUM_ERROR)
"""An expression that is #NUM! in Gnumeric too, whose numbers may be larger: of one below 0 there is no root."""


def is_called(formula: Formula, formulas: Formulas) -> bool:
    """Whether a cell calls the function of a result."""
    if formulas == "native" or formula not in EXCEL_NAMES:
        return False
    return formulas == "functions" or is_closed_form(formula)


def called(formula: Formula, arguments: Sequence[Symbol]) -> Symbol:
    """A call of the result's function."""
    return symbols.call(EXCEL_NAMES[formula], *arguments)


def result(formula: Formula, arguments: Sequence[Symbol], formulas: Formulas) -> Symbol:
    """A closed form as a cell has it."""
    written: Symbol = formula(*arguments)
    return called(formula, arguments) if is_called(formula, formulas) else written
