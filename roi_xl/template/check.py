"""What is a check? Two expressions that must agree, and how closely they can.

Numbers keep some fifteen digits, so that what rounding leaves of a sum grows with what was
added up. A difference passes below half a cent, or below a ten-trillionth of that.
"""

from typing import NamedTuple

from roi_xl.template.layout import flow

TOLERANCE, ROUNDING, AMOUNTS = "tolerance", "rounding", "all_amounts"
"""The names of half a cent, of the share that passes for rounding, and of all amounts together."""

SHARE = 1e-13
COSTS = ("avoided_cost", "migration", "fine_tuned_spend", "maintenance", "hosting", "retraining", "training")
ALL_AMOUNTS = f"SUM({','.join(map(flow, COSTS))})+ABS(SUM({flow('quality_adjustment')}))"
"""The formula of all amounts of the cash flow together, none set off against another."""

Row = tuple[str, str, str]


class Check(NamedTuple):
    """What a check says, the two expressions that must agree, and whether they are amounts of the cash flow."""

    label: str
    left: str
    right: str
    is_money: bool = False

    def allowed(self, left: str) -> str:
        """The formula of how far they may be apart; left is the cell of the first."""
        size = f"MAX({AMOUNTS},ABS({left}))" if self.is_money else f"ABS({left})"
        return f"MAX({TOLERANCE},{ROUNDING}*{size})"


def money(*rows: Row) -> list[Check]:
    """Checks of amounts that were set off against each other: rounding is in proportion to all of them."""
    return [Check(*row, is_money=True) for row in rows]


def numbers(*rows: Row) -> list[Check]:
    """Checks of numbers, counts and sums: rounding is in proportion to the number."""
    return [Check(*row) for row in rows]
