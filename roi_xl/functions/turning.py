"""What turns the answer, in one sentence?

The closest change of one input at which the net present value is 0, and the change of the
baseline's price that does the same.
"""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Annotated

from roi_xl import quantities as q
from roi_xl.functions.branch import NEVER
from roi_xl.functions.ledger import LONGEST, Program, of
from roi_xl.functions.outcome import HALF_A_CENT
from roi_xl.functions.sensitivity import switching_value
from roi_xl.functions.value import npv
from roi_xl.quantities import Quantity

NOTHING = (
    "No single change in training cost, cost per request, requests, success rate or baseline price flips the answer."
)
EDGE = "On the edge: the net present value is 0, so the smallest change decides."
FAILS, PAYS = "Fails if ", "Pays if "
AND_IF, STOP = ", or if ", "."
ABOUT, LESS, MORE = " about ", " or less", " or more"
NOW, FROM_NOTHING, POINTS = " (now ", "0", " points"
PRICE, FALLS, RISES, A_YEAR = "the baseline price ", "falls ", "rises ", " a year"
WHOLE, COST, SHARE = "#,##0", "0.0000##", "0.0%"
TENTHS = "0.0"
PLACES = {WHOLE: 0, COST: 6, SHARE: 1, TENTHS: 1}
"""Number formats of the sentence, with the decimals that each shows at most."""

ALIKE = 9
"""Distances that agree to so many decimals are the same: the first of them is told."""

RESIDUE = 1e-12
"""A share of the value now that is nothing: what rounding leaves where an input would have to be 0."""

FAR = 1e99
"""The distance of an amount that is 0 now, of which no change is a share: told where nothing else is closer."""


@dataclass(frozen=True)
class Candidate:
    """An input that may turn the answer: how it is said, which way is worse, and how it is shown."""

    words: str
    worse: int
    shown: str


CANDIDATES: dict[Quantity, Candidate] = {
    q.TRAINING_COST: Candidate("the training cost is", 1, WHOLE),
    q.BASELINE_COST_PER_REQUEST: Candidate("the baseline cost per request is", -1, COST),
    q.FINE_TUNED_COST_PER_REQUEST: Candidate("the fine-tuned cost per request is", 1, COST),
    q.MONTHLY_REQUESTS: Candidate("the monthly requests are", -1, WHOLE),
    q.FINE_TUNED_SUCCESS_RATE: Candidate("the fine-tuned success rate is", -1, SHARE),
}


@dataclass(frozen=True)
class Turn:
    """Where one input turns the answer, and how far that is from now."""

    quantity: Quantity
    now: float
    at: float

    @property
    def is_share(self) -> bool:
        """Whether it is a percentage, which changes by percentage points."""
        return self.quantity.unit.percent

    @property
    def change(self) -> float:
        """The change as a share of the value now, which is not 0; of a share, the difference."""
        return self.at - self.now if self.is_share else self.at / self.now - 1

    @property
    def distance(self) -> float:
        """How far it is, whichever way."""
        return round(abs(self.change), ALIKE) if self.now or self.is_share else FAR

    def told(self) -> str:
        """The turn in words."""
        one = CANDIDATES[self.quantity]
        way = LESS if self.at < self.now else MORE
        return f"{one.words}{ABOUT}{shown(self.at, one.shown)}{way}{NOW}{self.compared(one.shown)})"

    def compared(self, number_format: str) -> str:
        """The value now, and how far that is: in percentage points, as a share of it, or neither where it is 0."""
        now = shown(self.now, number_format)
        if self.is_share:
            return f"{now}, {signed(100 * self.change, TENTHS)}{POINTS}"
        return f"{now}, {signed(self.change, SHARE)}" if self.now else FROM_NOTHING


def signed(value: float, number_format: str) -> str:
    """A change with its sign."""
    return f"{'' if value < 0 else '+'}{shown(value, number_format)}"


@of(Program)
def what_turns_it(program: Program) -> Annotated[str, q.TURNS]:
    """What turns the answer: the closest change of one input, and of the baseline's price.

    Formula: each of training cost, both costs per request, monthly requests and the
    fine-tuned success rate where the net present value is 0, of which the closest is told,
    by its change in percent (a success rate by percentage points; an amount that is 0 now only
    where no other does it); and the yearly change of the baseline's price at which it is 0.

    Returns:
        A sentence; empty beyond the longest ledger, which such a horizon would need.

    Example:
        >>> from roi_xl.functions.turning import what_turns_it
        >>> print(what_turns_it(2_500, 100, 0.02, 0.012, 100_000, 12).partition(", or ")[2])
        if the baseline price falls 48.0% a year or more.
    """
    if program.months > LONGEST:
        return ""
    now = program.named()
    value = npv(**now)
    if abs(value) < HALF_A_CENT:
        return EDGE
    reasons = [turn.told() for turn in sorted(turns(now, value), key=lambda turn: turn.distance)[:1]]
    reasons += price_told(switching_value(now, q.BASELINE_PRICE_CHANGE), now[q.BASELINE_PRICE_CHANGE.name], value)
    return f"{FAILS if value > 0 else PAYS}{AND_IF.join(reasons)}{STOP}" if reasons else NOTHING


def turns(now: dict[str, float], value: float) -> list[Turn]:
    """Every input that turns the answer above 0 and within its bounds."""
    found = [Turn(quantity, now[quantity.name], switching_value(now, quantity)) for quantity in CANDIDATES]
    return [turn for turn in found if is_turn(turn, value)]


def is_turn(turn: Turn, value: float) -> bool:
    """Whether an input turns the answer the way that it must: for the worse if the case pays."""
    return RESIDUE * turn.now < turn.at < NEVER and (turn.at - turn.now) * value * CANDIDATES[turn.quantity].worse > 0


def price_told(at: float, now: float, value: float) -> list[str]:
    """The change of the baseline's price in words: lower where the case pays; none where no change does it."""
    if at == NEVER or (at - now) * value >= 0:
        return []
    way = MORE if (at < 0) == (value > 0) else LESS
    return [f"{PRICE}{FALLS if at < 0 else RISES}{shown(abs(at), SHARE)}{A_YEAR}{way}"]


def shown(value: float, number_format: str) -> str:
    """A number in one of the formats, as Excel's TEXT shows it.

    >>> shown(38541.5, WHOLE), shown(0.0205, COST), shown(-0.2458333, SHARE)
    ('38,542', '0.0205', '-24.6%')
    """
    number = Decimal(f"{value:.15g}") * (100 if number_format == SHARE else 1)
    rounded = number.quantize(Decimal(1).scaleb(-PLACES[number_format]), ROUND_HALF_UP)
    if number_format == WHOLE:
        return f"{rounded:,}"
    if number_format == TENTHS:
        return f"{rounded:f}"
    if number_format == SHARE:
        return f"{rounded:f}%"
    whole, _, decimals = f"{rounded:f}".partition(".")
    return f"{whole}.{decimals.rstrip('0'):0<4}"
