"""Which line or curve goes best through known points, and how well?"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from roi_xl.errors import ExcelError, NoAnswer
from roi_xl.excel.coercion import is_number, to_truth
from roi_xl.excel.finding import rows_of
from roi_xl.excel.math import refused
from roi_xl.excel.registry import ARRAY, ONE, function
from roi_xl.xlsx.sheet_cells import Value


def points_of(known_y: Any, known_x: Any) -> tuple[Any, Any, bool]:
    """The known values, the matrix of what explains them, and whether they lie in a row."""
    rows = rows_of(known_y)
    y = np.array([[to_strict(value) for value in row] for row in rows], float)
    across = y.shape[0] == 1 and y.shape[1] > 1
    if known_x is None:
        x = np.arange(1.0, y.size + 1)[:, None]
    else:
        x = np.array([[to_strict(value) for value in row] for row in rows_of(known_x)], float)
        if x.shape == y.shape:
            x = x.ravel()[:, None]
        elif across:
            x = x.T
    refused(x.shape[0] != y.size, ExcelError.REF)
    return y.ravel(), x, across


def to_strict(value: Value) -> float:
    """A number; #VALUE! for anything else."""
    if isinstance(value, ExcelError):
        raise NoAnswer(value)
    refused(not is_number(value), ExcelError.VALUE)
    return float(value)  # type: ignore[arg-type]


def fitted(y: Any, x: Any, constant: bool) -> tuple[Any, float]:
    """The coefficients of the best line, and its constant."""
    design = np.column_stack([x, np.ones(len(y))]) if constant else x
    solution = np.linalg.lstsq(design, y, rcond=None)[0]
    return (solution[:-1], float(solution[-1])) if constant else (solution, 0.0)


def is_wanted(value: Value, usual: bool) -> bool:
    """A truth, or the usual one for an argument that is left out."""
    return usual if value is None else to_truth(value)


def trend_of(log: bool) -> Callable[..., Any]:
    """TREND or GROWTH."""

    def trend(known_y: Any, known_x: Any = None, new_x: Any = None, constant: Value = True) -> Any:
        y, x, across = points_of(known_y, known_x)
        refused(log and bool(np.any(y <= 0)))
        coefficients, base = fitted(np.log(y) if log else y, x, is_wanted(constant, usual=True))
        points = x if new_x is None else np.array([[to_strict(v) for v in row] for row in rows_of(new_x)], float)
        shape = None if new_x is None else points.shape
        single = x.shape[1] == 1 and shape is not None
        table = points.ravel()[:, None] if single else points.T if across and shape is not None else points
        found = table @ coefficients + base
        found = np.exp(found) if log else found
        if single and shape is not None:
            return found.reshape(shape).tolist()
        return [found.tolist()] if across else [[value] for value in found.tolist()]

    return trend


function("TREND", wants=(ARRAY, ARRAY, ARRAY, ONE))(trend_of(log=False))
function("GROWTH", wants=(ARRAY, ARRAY, ARRAY, ONE))(trend_of(log=True))


def regression(log: bool) -> Callable[..., Any]:
    """LINEST or LOGEST."""

    def fit(known_y: Any, known_x: Any = None, constant: Value = True, stats: Value = False) -> Any:
        y, x, _ = points_of(known_y, known_x)
        refused(log and bool(np.any(y <= 0)))
        target, with_base = np.log(y) if log else y, is_wanted(constant, usual=True)
        coefficients, base = fitted(target, x, with_base)
        line = [*coefficients[::-1].tolist(), base]
        shown = [math.exp(value) for value in line] if log else line
        if not is_wanted(stats, usual=False):
            return [shown]
        return [shown, *statistics_of(target, x, coefficients, base, with_base)]

    return fit


def statistics_of(y: Any, x: Any, coefficients: Any, base: float, with_base: bool) -> list[list[Value]]:
    """Standard errors, fit, F, degrees of freedom and sums of squares of a line."""
    count, width = x.shape
    freedom = count - width - with_base
    rest = float(np.sum((y - (x @ coefficients + base)) ** 2))
    total = float(np.sum((y - (y.mean() if with_base else 0.0)) ** 2))
    design = np.column_stack([x, np.ones(count)]) if with_base else x
    spread_of = np.linalg.inv(design.T @ design).diagonal() * (rest / freedom if freedom else math.nan)
    errors: list[Value] = [float(value) for value in np.sqrt(spread_of)]
    errors = [*errors[:width][::-1], errors[-1] if with_base else ExcelError.NA]
    gap: list[Value] = [ExcelError.NA] * (width - 1)
    f = (total - rest) / width / (rest / freedom) if rest and freedom else ExcelError.NUM
    return [
        errors,
        [1 - rest / total if total else 1.0, math.sqrt(rest / freedom) if freedom else 0.0, *gap],
        [f, float(freedom), *gap],
        [total - rest, rest, *gap],
    ]


function("LINEST", wants=(ARRAY, ARRAY, ONE, ONE))(regression(log=False))
function("LOGEST", wants=(ARRAY, ARRAY, ONE, ONE))(regression(log=True))
