"""Which input matters most, and how far can it move?"""

import math
from collections.abc import Callable
from typing import Annotated, Any, NamedTuple

from roi_xl import quantities as q
from roi_xl.checks import LIMITS
from roi_xl.describe import Formula, apply
from roi_xl.errors import WrongShape
from roi_xl.functions import outcome, returns, value
from roi_xl.functions.branch import NEVER
from roi_xl.functions.ledger import Program
from roi_xl.functions.ranges import Range, in_line, number, one_of, program_of
from roi_xl.quantities import MODEL_INPUTS

MEASURES: dict[str, Formula] = {
    formula.__name__: formula
    for formula in (
        value.npv,
        value.irr,
        value.mirr,
        value.payback,
        value.discounted_payback,
        value.profitability_index,
        *returns.RETURNS.values(),
        *(formula for formula in outcome.RESULTS if formula is not outcome.verdict),
    )
}
"""Every result that is one number, by the name of its function."""

LINEAR = frozenset(
    {
        q.TRAINING_COST,
        q.MONTHLY_MAINTENANCE,
        q.BASELINE_COST_PER_REQUEST,
        q.FINE_TUNED_COST_PER_REQUEST,
        q.MONTHLY_REQUESTS,
        q.TRAFFIC_SHARE,
        q.MONTHLY_HOSTING,
        q.RETRAINING_COST,
        q.BASELINE_SUCCESS_RATE,
        q.FINE_TUNED_SUCCESS_RATE,
        q.FAILURE_COST,
        q.MIGRATION_COST,
    }
)
"""The inputs in which the net present value is linear."""

SEARCHED: dict[q.Quantity, tuple[float, float]] = {
    q.HORIZON: (0, 240),
    q.DISCOUNT_RATE: (-0.99, 10),
    q.REQUEST_GROWTH: (-0.99, 1),
    q.RAMP_MONTHS: (1, 240),
    q.BASELINE_PRICE_CHANGE: (-0.99, 10),
    q.FINE_TUNED_PRICE_CHANGE: (-0.99, 10),
}
"""Search ranges for the other inputs; months of retraining and retirement, which move in whole steps, have none."""

STEPS, HALVINGS = 60, 60


class Swing(NamedTuple):
    """A result with one input at its low and at its high value."""

    input: Annotated[str, "Input"]
    at_low: Annotated[float, "At low"]
    at_high: Annotated[float, "At high"]
    swing: Annotated[float, "Swing"]


class SwitchingValue(NamedTuple):
    """Where one input turns the net present value to 0."""

    input: Annotated[str, "Input"]
    now: Annotated[float, "Now"]
    switches_at: Annotated[float, "Where the net present value is 0"]


def tornado(inputs: Range, low: Range, high: Range, measure: Any = "npv") -> Annotated[list[Swing], q.TORNADO]:
    """Effect of each input on a result, largest first.

    Formula: for each input the result with that input at its low and at its high value,
    all others as in `inputs`; swing is the distance between the two.

    Returns:
        A row for each input that has a low or a high value, below a heading row in a
        cell: name, result at low, result at high, swing. A swing to a result that never
        comes is infinite (#N/A in a cell) and listed first.

    Example:
        >>> from roi_xl import tornado
        >>> case = [2_500, 100, 0.02, 0.012, 100_000, 12]
        >>> low, high = [2_000, 50, 0.015, 0.010, 50_000, 6], [4_000, 200, 0.02, 0.015, 150_000, 18]
        >>> for row in tornado(case, low, high)[:3]:
        ...     print(row.input, round(row.swing))
        Monthly requests 9600
        Horizon 8400
        Baseline cost per request 6000
    """
    program = program_of(inputs, q.INPUT_RANGE)
    formula = MEASURES[one_of(list(MEASURES), measure, "measure")]
    ends = [in_line(values, quantity) for values, quantity in ((low, q.LOW), (high, q.HIGH))]
    if len(ends[0]) != len(ends[1]) or len(ends[0]) > len(MODEL_INPUTS):
        raise WrongShape(f"low and high must have one cell for each input, got {len(ends[0])} and {len(ends[1])}")
    rows = [
        swing(program, formula, quantity, *both)
        for quantity, *both in zip(MODEL_INPUTS, *ends, strict=False)
        if any(cell not in (None, "") for cell in both)
    ]
    return sorted(rows, key=lambda row: -row.swing)


def swing(program: Program, formula: Formula, quantity: q.Quantity, low: Any, high: Any) -> Swing:
    """One input's row."""
    now = program.named()
    ends = [now[quantity.name] if cell in (None, "") else number(quantity, cell) for cell in (low, high)]
    at_low, at_high = (apply(formula, {**now, quantity.name: end}) for end in ends)
    distance = 0.0 if at_low == at_high else abs(at_high - at_low)
    return Swing(quantity.label, at_low, at_high, NEVER if math.isnan(distance) else distance)


def switching_values(inputs: Range) -> Annotated[list[SwitchingValue], q.SWITCHING]:
    """For each input, the value at which net present value is zero.

    Formula: value - npv / slope where the net present value is linear in the input;
    otherwise a search outward from the current value, by bisection.

    Returns:
        A row for each input, below a heading row in a cell: name, value now, switching
        value; infinite (#N/A in a cell) if no value within the input's bounds switches it.

    Example:
        >>> from roi_xl import switching_values
        >>> for row in switching_values([2_500, 100, 0.02, 0.012, 100_000, 12])[:6]:
        ...     print(row.input, round(row.switches_at, 6))
        Training cost 8400.0
        Monthly maintenance 591.666667
        Baseline cost per request 0.015083
        Fine-tuned cost per request 0.016917
        Monthly requests 38541.666667
        Horizon 3.571429
    """
    now = program_of(inputs, q.INPUT_RANGE).named()
    return [
        SwitchingValue(quantity.label, now[quantity.name], switching_value(now, quantity))
        for quantity in MODEL_INPUTS
        if quantity in LINEAR or quantity in SEARCHED
    ]


def switching_value(now: dict[str, float], quantity: q.Quantity) -> float:
    """The value of one input at which the net present value is 0, all else equal."""

    def worth(at: float) -> float:
        result: float = value.npv(**{**now, quantity.name: at})
        return result

    here, limits = now[quantity.name], LIMITS[quantity.name]
    if quantity in SEARCHED:
        return nearest_zero(worth, here, *SEARCHED[quantity])
    step = here or 1
    slope = (worth(step) - worth(0)) / step
    found = -worth(0) / slope if slope else NEVER
    return found if limits.low <= found <= limits.high else NEVER


def nearest_zero(worth: Callable[[float], float], here: float, low: float, high: float) -> float:
    """The zero nearest to a value: steps outward, then bisection; infinite if there is none."""
    start, step = worth(here), (high - low) / STEPS
    for away in range(1, STEPS + 1):
        for end in (here + away * step, here - away * step):
            near, far = max(low, min(high, end - math.copysign(step, end - here))), max(low, min(high, end))
            if near != far and (worth(far) < 0) != (start < 0):
                return halved(worth, near, far)
    return NEVER


def halved(worth: Callable[[float], float], near: float, far: float) -> float:
    """The point between two where the sign changes, by bisection."""
    below = worth(near) < 0
    for _ in range(HALVINGS):
        middle = (near + far) / 2
        if (worth(middle) < 0) == below:
            near = middle
        else:
            far = middle
    return far
