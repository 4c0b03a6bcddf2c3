"""How likely are outcomes that are listed, and a mean as far off as this one?"""

import math
from statistics import NormalDist
from typing import Any

from roi_xl.errors import ExcelError
from roi_xl.excel.coercion import numbers_of, to_number
from roi_xl.excel.finding import rows_of
from roi_xl.excel.math import refused
from roi_xl.excel.registry import ARRAY, ONE, RANGE, function
from roi_xl.excel.statistics import deviations, mean, pairs_of
from roi_xl.excel.toolpak import MISSING, Missing
from roi_xl.xlsx.sheet_cells import Value

NEARLY_ALL = 1e-7


@function("PROB", wants=(ARRAY, ARRAY, ONE, ONE))
def prob(outcomes: Any, shares: Any, low: Value, high: Value | Missing = MISSING) -> float:
    """PROB: of an outcome, or of those between two limits."""
    values, parts = pairs_of(outcomes, shares)
    refused(any(not 0 < part <= 1 for part in parts) or abs(math.fsum(parts) - 1) > NEARLY_ALL)
    least = to_number(low)
    most = least if isinstance(high, Missing) else to_number(high)
    return math.fsum(part for value, part in zip(values, parts, strict=True) if least <= value <= most)


@function("Z.TEST", "ZTEST", wants=(RANGE, ONE, ONE))
def z_test(values: Any, expected: Value, deviation: Value = None) -> float:
    """Z.TEST: how likely a mean above that of the sample is; its own deviation where none is given."""
    sample, middle = numbers_of(rows_of(values)), to_number(expected)
    refused(not sample, ExcelError.NA)
    if deviation is None:
        refused(len(sample) < 2, ExcelError.DIV0)
        size = math.sqrt(deviations(sample) / (len(sample) - 1))
    else:
        size = to_number(deviation)
        refused(size <= 0)
    refused(size == 0, ExcelError.DIV0)
    return NormalDist().cdf((middle - mean(sample)) / (size / math.sqrt(len(sample))))
