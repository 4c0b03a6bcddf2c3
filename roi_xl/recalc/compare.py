"""Are two values of a cell the same, as a spreadsheet sees it?

The values that Excel left in a workbook are the referee of a replay. Numbers are the
same if they agree to twelve significant digits, or if they differ by no more than that
share of the numbers that the formula works on. Blank, empty text and 0 are one.
"""

import re
from dataclasses import dataclass

from roi_xl.errors import ExcelError
from roi_xl.xlsx.addresses import Address
from roi_xl.xlsx.sheet_cells import Value

RELATIVE = 1e-12
RESIDUE = RELATIVE
"""What a formula works on agrees no better than this, so that a small difference of it cannot either."""

NOTHING = (None, "", 0)
CALLED = re.compile(r"""'(?:[^']|'')*+'?|"[^"]*+"?|(?<![\w.$])(?:_xl\w++\.)*+([A-Za-z_][\w.]*+)\(""", re.IGNORECASE)
LONGEST_FORMULA = 60


@dataclass(frozen=True)
class Difference:
    """A formula cell that keeps its stored value, because a replay does not give it."""

    place: Address
    formula: str
    stored: Value
    got: Value
    cause: str

    def __str__(self) -> str:
        formula = self.formula if len(self.formula) < LONGEST_FORMULA else self.formula[: LONGEST_FORMULA - 1] + "…"
        return f"{self.place} ={formula}: stored {self.stored}, replayed {self.got} ({self.cause})"


def agree(stored: Value, got: Value, relative: float = RELATIVE) -> bool:
    """Whether two values are the same, as far as their own digits say.

    >>> agree(0.1 + 0.2, 0.3), agree(1.0, True), agree("", None), agree(5.0, 5.001)
    (True, False, True, False)
    """
    if stored == got:
        return isinstance(stored, bool) == isinstance(got, bool)
    if isinstance(stored, float) and isinstance(got, float):
        return abs(stored - got) <= relative * max(abs(stored), abs(got))
    return not isinstance(stored, bool) and not isinstance(got, bool) and stored in NOTHING and got in NOTHING


def is_residue(stored: float, got: float, size: float) -> bool:
    """Whether a difference is what rounding leaves of the numbers that a formula works on, of that size all told.

    >>> is_residue(0.0, 1.1e-13, 3e3), is_residue(0.0, 1.0, 3e3)
    (True, False)
    """
    return abs(stored - got) <= RESIDUE * size


def cause_of(formula: str, stored: Value, got: Value) -> str:
    """What a difference is likely to come from, to group it by."""
    function = next((name.upper() for name in CALLED.findall(formula) if name), "arithmetic")
    if isinstance(got, ExcelError) and not isinstance(stored, ExcelError):
        return f"{function} gives {got}"
    return function
