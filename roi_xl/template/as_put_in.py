"""Does the model use what was put in? Every used value against its cell, a second way."""

from collections.abc import Iterator
from itertools import chain

from openpyxl.worksheet.worksheet import Worksheet

from roi_xl.describe import takes
from roi_xl.functions import sources
from roi_xl.quantities import AT_RETIREMENT, HORIZON, MODEL_LIFE
from roi_xl.template import style
from roi_xl.template.check import Check
from roi_xl.template.inputs import BUILT, RETIRED_ON, line_when_blank, when_blank
from roi_xl.template.layout import (
    BLOCK_OF,
    BLOCK_ROWS,
    BLOCKS,
    BUILDER_ROW,
    CHOICE_ROWS,
    HEADER_ROW,
    IN_BUILT,
    IN_CHECK,
    IN_CHOICE,
    IN_USED,
    IN_VALUE,
    INPUT_ROWS,
    INPUT_SHEET,
    LAST_INPUT_ROW,
    SC_ROWS,
    SC_VALUES,
    SCENARIO_NAMES,
    SCENARIOS,
    Block,
    absolute,
    local,
    total_row,
    used,
)
from roi_xl.template.sheet import put

NOTHING = '""'
"""What a blank choice without a default stands for."""


def put_in(row: int, blank: object) -> str:
    """What was put in, or what a blank stands for."""
    own = local(row, IN_VALUE)
    return own if blank is None else f'IF({own}="",{blank},{own})'


def differing(scenarios: bool) -> dict[int, str]:
    """For each line of Inputs, by its row, whether the model has something else than was put in."""
    return dict(chain(inputs_that_differ(scenarios), choices_that_differ(), lines_that_differ(), totals_that_differ()))


def inputs_that_differ(scenarios: bool) -> Iterator[tuple[int, str]]:
    """Each input; with scenarios, what the base of them has."""
    base = SC_VALUES + SCENARIO_NAMES.index("Base")
    for quantity, row in INPUT_ROWS.items():
        taken = absolute(SCENARIOS, SC_ROWS[quantity], base) if scenarios else local(row, IN_USED)
        own = put_in(row, when_blank(quantity))
        if quantity is HORIZON:
            ends = f'AND({used(AT_RETIREMENT.name)}="{AT_RETIREMENT.options[1]}",COUNT({MODEL_LIFE.name})=1)'
            own = f"IF({ends},MIN({MODEL_LIFE.name},{own}),{own})"
        if quantity in RETIRED_ON:
            life = local(CHOICE_ROWS[RETIRED_ON[quantity]], IN_BUILT)
            counted = f'AND({used(AT_RETIREMENT.name)}="{AT_RETIREMENT.options[2]}",COUNT({life})=1)'
            own = f"IF({counted},{life},{own})"
        if quantity in BLOCK_OF:
            own = f'IF({local(row, IN_CHOICE)}="{BUILT}",{local(row, IN_BUILT)},{own})'
        yield row, f"({taken}<>{own})"


def choices_that_differ() -> Iterator[tuple[int, str]]:
    """Each choice."""
    for quantity, row in CHOICE_ROWS.items():
        blank = f'"{quantity.options[0]}"' if quantity.options else quantity.default
        yield row, f"({local(row, IN_USED)}<>{put_in(row, NOTHING if blank is None else blank)})"


def lines_that_differ() -> Iterator[tuple[int, str]]:
    """Each line of a block."""
    for block in BLOCKS:
        for row, parameter in enumerate(takes(block.formula), start=BLOCK_ROWS[block.feeds] + 1):
            yield row, f"({local(row, IN_USED)}<>{put_in(row, line_when_blank(parameter, block))})"


def totals_that_differ() -> Iterator[tuple[int, str]]:
    """Each total of a block: whether its lines come to another one a second way, or the input takes another one."""
    for block in BLOCKS:
        again, total = AGAIN[block.formula](lines_of(block)), local(total_row(block), IN_USED)
        taken = local(INPUT_ROWS[block.feeds], IN_BUILT)
        yield total_row(block), f"(ABS({total}-({again}))>1E-9*ABS({again}))+({taken}<>{total})"


def lines_of(block: Block) -> dict[str, str]:
    """The lines of a block in use, by the names of their quantities."""
    rows = enumerate(takes(block.formula), start=BLOCK_ROWS[block.feeds] + 1)
    return {parameter.quantity.name: local(row, IN_USED) for row, parameter in rows}


def training_again(line: dict[str, str]) -> str:
    """The training cost, its work priced item by item."""
    work = f"{line['data_preparation']}:{line['deployment']}"
    tokens = f"{line['training_price']}/1000000*{line['epochs']}*{line['training_tokens']}"
    return f"{line['provider_charges']}+SUMPRODUCT({work}*{line['hourly_rate']})+{tokens}"


def cost_again(line: dict[str, str]) -> str:
    """The cost of a request, its tokens priced kind by kind, in batches and not."""
    fresh = f"{line['input_tokens']}*(1-{line['cached_share']})*{line['input_price']}"
    cached = f"{line['input_tokens']}*{line['cached_share']}*{line['cached_price']}"
    attempt = f"({fresh}+{cached}+{line['output_tokens']}*{line['output_price']})/1000000"
    share, premium = line["batch_share"], f"(1+{line['serving_premium']})"
    mixed = f"((1-{share})+{share}*(1-{line['batch_discount']}))"
    return f"{attempt}*{mixed}*{premium}/(1-{line['retry_rate']})+{line['fallback_rate']}*{line['fallback_cost']}"


def requests_again(line: dict[str, str]) -> str:
    """The requests of a month, by days of use."""
    return f"{line['days']}*{line['requests_per_user_per_day']}*{line['active_users']}"


AGAIN = {
    sources.training_cost: training_again,
    sources.cost_per_request: cost_again,
    sources.monthly_requests: requests_again,
}


def fill_put_in(sheet: Worksheet, scenarios: bool) -> None:
    """Write for each line of Inputs, beside its note, whether the model uses it as it was put in."""
    put(sheet, HEADER_ROW, IN_CHECK, "0: used as entered", style.NOTE)
    for row, differ in differing(scenarios).items():
        put(sheet, row, IN_CHECK, f"=({differ})*1", style.NOTE, "0")


def put_in_checks() -> list[Check]:
    """No value in use differs from the one that was put in."""
    parts = {
        "The model uses the inputs as entered": INPUT_ROWS.values(),
        "The model uses the choices as entered": CHOICE_ROWS.values(),
        "The blocks use their lines as entered, and add up": (BUILDER_ROW, LAST_INPUT_ROW),
    }
    return [
        Check(label, f"SUM({absolute(INPUT_SHEET, min(rows), IN_CHECK, max(rows))})", "0")
        for label, rows in parts.items()
    ]
