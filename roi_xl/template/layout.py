"""Where does everything stand? Every address of the workbook is computed here."""

from collections.abc import Iterator
from dataclasses import dataclass

from roi_xl.describe import Formula, gives, takes
from roi_xl.functions import sources
from roi_xl.functions.outcome import RESULTS, verdict
from roi_xl.quantities import (
    BASELINE_COST_PER_REQUEST,
    FINE_TUNED_COST_PER_REQUEST,
    INPUTS,
    MONTHLY_REQUESTS,
    TRAINING_COST,
    Quantity,
)
from roi_xl.recalc.addresses import Address, column_letters

SUMMARY, INPUT_SHEET, OUTPUTS, CASH_FLOW, CHECKS, GUIDE = (
    "Summary",
    "Inputs",
    "Outputs",
    "Cash flow",
    "Checks",
    "Guide",
)
SHEETS = (SUMMARY, INPUT_SHEET, OUTPUTS, CASH_FLOW, CHECKS, GUIDE)

TITLE_ROW, SUBTITLE_ROW, FLAG_ROW, HEADER_ROW = 2, 3, 4, 6
FIRST_ROW = HEADER_ROW + 1
LABEL_COLUMN = 2
MONTHS_SHOWN = 60


@dataclass(frozen=True)
class Block:
    """A part of the Inputs sheet that builds one input up from its sources."""

    feeds: Quantity
    formula: Formula
    prefix: str
    example: dict[str, float]

    def items(self) -> Iterator[tuple[str, Quantity, float]]:
        """Name, quantity and example value of every line."""
        for parameter in takes(self.formula):
            name = parameter.quantity.name
            yield self.prefix + name, parameter.quantity, self.example.get(name, 0)


BLOCKS = (
    Block(
        TRAINING_COST,
        sources.training_cost,
        "",
        {
            "provider_charges": 400,
            "data_preparation": 10,
            "labelling": 6,
            "evaluation": 4,
            "engineering": 8,
            "deployment": 2,
            "hourly_rate": 70,
        },
    ),
    Block(
        BASELINE_COST_PER_REQUEST,
        sources.cost_per_request,
        "baseline_",
        {"input_tokens": 4_000, "output_tokens": 1_000, "input_price": 2.5, "output_price": 10, "cached_price": 2.5},
    ),
    Block(
        FINE_TUNED_COST_PER_REQUEST,
        sources.cost_per_request,
        "fine_tuned_",
        {"input_tokens": 800, "output_tokens": 600, "input_price": 3.75, "output_price": 15, "cached_price": 3.75},
    ),
    Block(
        MONTHLY_REQUESTS,
        sources.monthly_requests,
        "",
        {"active_users": 2_500, "requests_per_user_per_day": 2, "days": 20},
    ),
)
"""The builder: four inputs from their sources; the examples come to the reference case."""

BLOCK_OF = {block.feeds: block for block in BLOCKS}

IN_LABEL, IN_VALUE, IN_UNIT, IN_CHOICE, IN_BUILT, IN_USED, IN_SOURCE, IN_NOTE = range(2, 10)
OUT_LABEL, OUT_VALUE, OUT_UNIT, OUT_MEANING, OUT_FORMULA = range(2, 7)
(
    CF_MONTH,
    CF_SHARE,
    CF_REQUESTS,
    CF_BASELINE,
    CF_FINE_TUNED,
    CF_MAINTENANCE,
    CF_TRAINING,
    CF_NET,
    CF_CUMULATIVE,
    CF_BASELINE_TOTAL,
    CF_FINE_TUNED_TOTAL,
    CF_CHART_MONTH,
) = range(2, 14)
CH_LABEL, CH_LEFT, CH_RIGHT, CH_DIFFERENCE, CH_PASSED = range(2, 7)


def local(row: int, column: int) -> str:
    """An address within its own sheet, such as `C7`."""
    return f"{column_letters(column)}{row}"


def area(top: int, left: int, bottom: int, right: int) -> str:
    """A range within its own sheet, such as `C7:C12`."""
    return f"{local(top, left)}:{local(bottom, right)}"


def absolute(sheet: str, top: int, left: int, bottom: int | None = None, right: int | None = None) -> str:
    """A reference that names its sheet and does not move, such as `Inputs!$C$7`."""
    quoted = str(Address(sheet, 1, 1)).rpartition("!")[0]
    first = f"{quoted}!${column_letters(left)}${top}"
    return first if bottom is None else f"{first}:${column_letters(right or left)}${bottom}"


INPUT_ROWS = {quantity: FIRST_ROW + place for place, quantity in enumerate(INPUTS)}
"""The row of each of the six inputs."""


BUILDER_ROW = FIRST_ROW + len(INPUTS) + 1
"""The row of the builder's heading; its blocks follow."""


def block_rows() -> dict[Quantity, int]:
    """The header row of each builder block, by the input that it feeds."""
    rows, row = {}, BUILDER_ROW + 3
    for block in BLOCKS:
        rows[block.feeds] = row
        row += len(takes(block.formula)) + 3
    return rows


BLOCK_ROWS = block_rows()
LAST_INPUT_ROW = BLOCK_ROWS[BLOCKS[-1].feeds] + len(takes(BLOCKS[-1].formula)) + 1


def total_row(block: Block) -> int:
    """The row of a block that holds what it comes to."""
    return BLOCK_ROWS[block.feeds] + len(takes(block.formula)) + 1


OUTPUT_ROWS = {gives(formula): FIRST_ROW + place for place, formula in enumerate([verdict, *RESULTS[:-1]])}
"""The row of each result; the verdict comes first."""

FIRST_MONTH_ROW = FIRST_ROW
LAST_MONTH_ROW = FIRST_MONTH_ROW + MONTHS_SHOWN
POINT_ROW = LAST_MONTH_ROW + 3
"""The row of the break-even point that the chart marks."""


def used(name: str) -> str:
    """The name of the cell that holds an input as the model uses it."""
    return f"{name}_used"
