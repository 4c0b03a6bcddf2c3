"""Which functions are there? Loading this module fills the registry from every module beside it."""

import importlib
import pkgutil

import roi_xl.excel
from roi_xl.excel.registry import REGISTRY

NOT_FUNCTIONS = {"library", "compiler", "special", "group", "places", "lambdas", "subtotals", "each_range"}

for found in pkgutil.iter_modules(roi_xl.excel.__path__):
    if found.name not in NOT_FUNCTIONS:
        importlib.import_module(f"roi_xl.excel.{found.name}")

FUNCTIONS = REGISTRY
"""Every function by its name."""
