"""How is a number described?"""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from roi_xl.quantities.units import DATE, Unit

LARGEST = sys.float_info.max


@dataclass(frozen=True)
class Between:
    """The values a number may take; `below` is a bound that is itself not allowed."""

    low: float | None = 0
    high: float | None = None
    below: float | None = None

    def rule(self, shown: Callable[[float], str] = "{:,.10g}".format) -> str:
        """The bounds in words, such as `at least 0`."""
        parts = [
            f"{word} {shown(bound)}"
            for word, bound in (("at least", self.low), ("at most", self.high), ("below", self.below))
            if bound is not None
        ]
        return " and ".join(parts) or "a finite number"


ANY = Between(low=None)
SHARE = Between(0, 1)


class Kind(Enum):
    """What a quantity is made of: one number, one text, or a range of cells as a whole."""

    NUMBER = "number"
    TEXT = "text"
    RANGE = "range"


@dataclass(frozen=True, repr=False)
class Quantity:
    """One number of the business case, described once for every place that shows it.

    `may_be_never`: infinite is #N/A in a cell. `may_have_no_solution`: undefined is #NUM!
    there, and not #DIV/0!. `options`: the words of a choice, the default first.
    """

    name: str
    label: str
    unit: Unit
    meaning: str
    bounds: Between = Between()
    default: float | None = None
    may_be_never: bool = False
    may_have_no_solution: bool = False
    kind: Kind = Kind.NUMBER
    options: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return self.name

    def help(self, currency: str = "currency") -> str:
        """One line for a function wizard: what it is, in which unit, within which bounds."""
        if self.kind is not Kind.NUMBER:
            return self.meaning
        if self.unit is DATE:
            return self.meaning
        typed = ", given as a fraction" if self.unit.percent else ""
        return f"{self.meaning} Unit: {self.unit.named(currency)}{typed}; {self.bounds.rule()}."
