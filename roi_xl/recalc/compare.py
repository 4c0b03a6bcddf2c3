"""Are two values of a cell the same, as a spreadsheet sees it?

The values Excel stored in a workbook are the reference for a replay. Numbers are the
same if they agree to twelve significant digits, or if they differ by no more than that
share of the numbers that the formula works on. Blank, empty text and 0 are one.
"""

import re
from dataclasses import dataclass
from typing import Any

from roi_xl.errors import ExcelError
from roi_xl.xlsx.addresses import Address
from roi_xl.xlsx.sheet_cells import Value

RELATIVE = 1e-12
"""The tolerance between two values: twelve significant digits."""

RESIDUE = RELATIVE
"""A sum's tolerance relative to its operands, which are no more precise than that themselves."""

NOTHING = (None, "", 0)
CALLED = re.compile(r"""'(?:[^']|'')*+'?|"[^"]*+"?|(?<![\w.$])(?:_xl\w++\.)*+([A-Za-z_][\w.]*+)\(""", re.IGNORECASE)
LONGEST_FORMULA = 60


@dataclass(frozen=True)
class Difference:
    """A formula cell that keeps its stored value because a replay does not reproduce it."""

    place: Address
    formula: str
    stored: Value
    got: Value
    cause: str

    def __str__(self) -> str:
        formula = self.formula if len(self.formula) < LONGEST_FORMULA else self.formula[: LONGEST_FORMULA - 1] + "…"
        return f"{self.place} ={formula}: stored {self.stored}, replayed {self.got} ({self.cause})"


def agree(stored: Value, got: Value, relative: float = RELATIVE) -> bool:
    """Whether two values agree to the digits they have.

    >>> agree(0.1 + 0.2, 0.3), agree(1.0, True), agree("", None), agree(5.0, 5.001)
    (True, False, True, False)
    """
    if stored == got:
        return isinstance(stored, bool) == isinstance(got, bool)
    if isinstance(stored, float) and isinstance(got, float):
        return abs(stored - got) <= relative * max(abs(stored), abs(got))
    return not isinstance(stored, bool) and not isinstance(got, bool) and stored in NOTHING and got in NOTHING


def is_residue(stored: float, got: float, size: float) -> bool:
    """Whether a difference is the rounding residue of a formula's operands, of that size in total.

    >>> is_residue(0.0, 1.1e-13, 3e3), is_residue(0.0, 1.0, 3e3)
    (True, False)
    """
    return abs(stored - got) <= RESIDUE * size


def cause_of(formula: str, stored: Value, got: Value) -> str:
    """The likely cause of a difference, to group by."""
    function = next((name.upper() for name in CALLED.findall(formula) if name), "arithmetic")
    if isinstance(got, ExcelError) and not isinstance(stored, ExcelError):
        return f"{function} gives {got}"
    return function


def is_number(value: Any) -> bool:
    """Whether a cell value is a number (a boolean is not)."""
    return isinstance(value, int | float) and not isinstance(value, bool)
