"""Where do the tables of the Traces sheet stand, and how is a trace's own text written?"""

from typing import TYPE_CHECKING, Any

from openpyxl.worksheet.worksheet import Worksheet

from roi_xl.template import style
from roi_xl.template.prices import kind_of_cell
from roi_xl.template.sheet import put

if TYPE_CHECKING:
    from roi_xl.observed.findings import Observed
    from roi_xl.observed.sides import Side

LABEL, BASE, TUNED, UNIT, NOTE = range(2, 7)
CHART_ROWS = 20
LONGEST_NAME = 60


def sides(observed: "Observed") -> "tuple[Side, Side]":
    """Both sides, the baseline first."""
    return observed.baseline, observed.fine_tuned


def text(sheet: Worksheet, row: int, column: int, value: Any, look: Any = style.LABEL, **how: Any) -> None:
    """Text as it is: nothing that a trace says is taken for a formula."""
    put(sheet, row, column, value, look, **how).data_type = kind_of_cell(value or "")
