"""Does fine-tuning this model pay for itself, when, and how sure are we?

Every function takes numbers, arrays or columns of a data frame, positionally or by name,
in the order training_cost, monthly_maintenance, baseline_cost_per_request,
fine_tuned_cost_per_request, monthly_requests, months:

>>> import roi_xl
>>> roi_xl.net_benefit(2_500, 100, 0.02, 0.012, 100_000, 12)
5900.0

What type checkers see is `__init__.pyi`, generated from the same functions.
"""

import importlib
from typing import Any

from roi_xl.catalog import CATALOG
from roi_xl.checks import checked
from roi_xl.errors import (
    ExcelError,
    FileProblem,
    MissingFile,
    NotANumber,
    NotInstalled,
    NotReproduced,
    NotSupported,
    OutOfBounds,
    RoiError,
    UnknownModel,
    UnknownName,
    WrongShape,
)
from roi_xl.functions.comparison import ComparedOption
from roi_xl.functions.ledger import CashFlowMonth
from roi_xl.functions.outcome import ReportRow
from roi_xl.functions.price_table import Price
from roi_xl.functions.prices import price_of
from roi_xl.functions.risk import Risk, RiskFigure, simulate
from roi_xl.functions.sensitivity import Swing, SwitchingValue

__version__ = "0.2.0"

FUNCTIONS = {formula.__name__: checked(formula) for formula in CATALOG.values()}
"""Every function of the catalog, by its name in Python."""

globals().update(FUNCTIONS)

LOADED_WHEN_ASKED = {
    "Model": "roi_xl.model",
    "build_template": "roi_xl.template.build",
    "observe": "roi_xl.observed.observe",
    "open_model": "roi_xl.model",
    "sweep": "roi_xl.model",
}
"""What reads and writes workbooks and traces, and the module that has it."""

__all__ = [
    *FUNCTIONS,
    *LOADED_WHEN_ASKED,
    "CashFlowMonth",
    "ComparedOption",
    "ExcelError",
    "FileProblem",
    "MissingFile",
    "NotANumber",
    "NotInstalled",
    "NotReproduced",
    "NotSupported",
    "OutOfBounds",
    "Price",
    "ReportRow",
    "Risk",
    "RiskFigure",
    "RoiError",
    "Swing",
    "SwitchingValue",
    "UnknownModel",
    "UnknownName",
    "WrongShape",
    "price_of",
    "simulate",
]


def __getattr__(name: str) -> Any:
    """Load what reads and writes workbooks when it is first used."""
    if name not in LOADED_WHEN_ASKED:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = globals()[name] = getattr(importlib.import_module(LOADED_WHEN_ASKED[name]), name)
    return found


def __dir__() -> list[str]:
    """The public names."""
    return sorted([*__all__, "__version__"])
