"""What does an output give at chosen values of an input, and which of them does the input's cell accept?"""

import numpy as np

from roi_xl.errors import NotANumber
from roi_xl.excel.values import Array, Vector
from roi_xl.recalc.compare import is_number
from roi_xl.sweeps.evaluate import Evaluator
from roi_xl.sweeps.run import Job
from roi_xl.xlsx.validation import NumberRule


def allowed(job: Job, values: Array, place: int = 0) -> Array:
    """Which values of an input lie within the bounds that its cell's data validation gives."""
    rule = job.rules[place]
    return np.full(len(values), True) if rule is None else np.asarray(rule.within(values))


def is_whole(job: Job, place: int = 0) -> bool:
    """Whether an input's cell takes whole numbers only."""
    rule = job.rules[place]
    return isinstance(rule, NumberRule) and rule.kind == "whole"


def as_taken(job: Job, values: Array, place: int = 0) -> Array:
    """Values as an input's cell takes them: whole numbers where it takes no others."""
    return np.rint(values) if is_whole(job, place) else values


def refuse_no_number(output: str, results: Array) -> None:
    """Refuse an output that gives no number anywhere."""
    if np.isnan(results).all():
        raise NotANumber(f"{output} must give a number for some value of the input, got none")


def over(evaluator: Evaluator, places: Array) -> Array:
    """The output at some values of the input; NaN where it is not a number."""
    (column,) = evaluator.columns([places])
    if not isinstance(column, Vector):
        value = column if is_number(column) else np.nan
        return np.full(len(places), value, float)
    return column.values if column.tags is None else np.where(column.tags == 0, column.values, np.nan)
