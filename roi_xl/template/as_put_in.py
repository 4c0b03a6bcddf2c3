"""Does the model use what was put in? Every used value against its cell, a second way."""

from collections.abc import Iterator

from roi_xl.describe import takes
from roi_xl.symbols import Symbol
from roi_xl.template.inputs import BUILT, line_when_blank, when_blank
from roi_xl.template.layout import (
    BLOCK_OF,
    BLOCK_ROWS,
    BLOCKS,
    IN_BUILT,
    IN_CHOICE,
    IN_USED,
    IN_VALUE,
    INPUT_ROWS,
    INPUT_SHEET,
    SCENARIO_NAMES,
    absolute,
    total_row,
)


def cell(row: int, column: int) -> str:
    """A cell of Inputs, from another sheet."""
    return absolute(INPUT_SHEET, row, column)


def put_in(row: int, blank: Symbol | None) -> str:
    """What was put in, or what a blank stands for."""
    own = cell(row, IN_VALUE)
    return own if blank is None else f'IF({own}="",{blank},{own})'


def inputs_that_differ() -> Iterator[str]:
    """For each input, whether the model uses something else than was put in."""
    for quantity, row in INPUT_ROWS.items():
        own = put_in(row, when_blank(quantity))
        if quantity in BLOCK_OF:
            own = f'IF({cell(row, IN_CHOICE)}="{BUILT}",{cell(row, IN_BUILT)},{own})'
        yield f"({cell(row, IN_USED)}<>{own})"


def lines_that_differ() -> Iterator[str]:
    """For each line of a block, and for its total, whether another value is used."""
    for block in BLOCKS:
        for row, parameter in enumerate(takes(block.formula), start=BLOCK_ROWS[block.feeds] + 1):
            yield f"({cell(row, IN_USED)}<>{put_in(row, line_when_blank(parameter, block, cell))})"
        yield f"({cell(INPUT_ROWS[block.feeds], IN_BUILT)}<>{cell(total_row(block), IN_USED)})"


def put_in_checks(scenarios: bool) -> list[tuple[str, str, str]]:
    """No value in use differs from the one that was put in."""
    differ = "+".join(inputs_that_differ())
    if scenarios:
        differ = f"IF(scenario_number={1 + SCENARIO_NAMES.index('Base')},{differ},0)"
    return [
        ("The model uses the inputs as they were put in", differ, "0"),
        ("The blocks use their lines as they were put in", "+".join(lines_that_differ()), "0"),
    ]
