"""Does the model use what was put in? Every used value against its cell, a second way."""

from collections.abc import Iterator

from roi_xl.describe import takes
from roi_xl.functions import sources
from roi_xl.quantities import AT_RETIREMENT, HORIZON, MODEL_LIFE
from roi_xl.symbols import Symbol
from roi_xl.template.inputs import BUILT, line_when_blank, when_blank
from roi_xl.template.layout import (
    BLOCK_OF,
    BLOCK_ROWS,
    BLOCKS,
    CHOICE_ROWS,
    IN_BUILT,
    IN_CHOICE,
    IN_USED,
    IN_VALUE,
    INPUT_ROWS,
    INPUT_SHEET,
    SC_ROWS,
    SC_VALUES,
    SCENARIO_NAMES,
    SCENARIOS,
    Block,
    absolute,
    total_row,
    used,
)


def cell(row: int, column: int) -> str:
    """A cell of Inputs, from another sheet."""
    return absolute(INPUT_SHEET, row, column)


def put_in(row: int, blank: Symbol | None) -> str:
    """What was put in, or what a blank stands for."""
    own = cell(row, IN_VALUE)
    return own if blank is None else f'IF({own}="",{blank},{own})'


def inputs_that_differ(scenarios: bool) -> Iterator[str]:
    """For each input, whether the model, or the base of its scenarios, has something else than was put in."""
    base = SC_VALUES + SCENARIO_NAMES.index("Base")
    for quantity, row in INPUT_ROWS.items():
        taken = absolute(SCENARIOS, SC_ROWS[quantity], base) if scenarios else cell(row, IN_USED)
        own = put_in(row, when_blank(quantity))
        if quantity is HORIZON:
            ends = f'AND({used(AT_RETIREMENT.name)}="{AT_RETIREMENT.options[1]}",COUNT({MODEL_LIFE.name})=1)'
            own = f"IF({ends},MIN({MODEL_LIFE.name},{own}),{own})"
        if quantity in BLOCK_OF:
            own = f'IF({cell(row, IN_CHOICE)}="{BUILT}",{cell(row, IN_BUILT)},{own})'
        yield f"({taken}<>{own})"


def lines_that_differ() -> Iterator[str]:
    """For each line of a block, and for its total, whether another value is used."""
    for block in BLOCKS:
        for row, parameter in enumerate(takes(block.formula), start=BLOCK_ROWS[block.feeds] + 1):
            yield f"({cell(row, IN_USED)}<>{put_in(row, line_when_blank(parameter, block, cell))})"
        yield f"({cell(INPUT_ROWS[block.feeds], IN_BUILT)}<>{cell(total_row(block), IN_USED)})"


def choices_that_differ() -> Iterator[str]:
    """For each choice, whether the model has something else than was chosen, or than a blank stands for."""
    for quantity, row in CHOICE_ROWS.items():
        blank = (
            f'"{quantity.options[0]}"' if quantity.options else '""' if quantity.default is None else quantity.default
        )
        own = cell(row, IN_VALUE)
        yield f'({cell(row, IN_USED)}<>IF({own}="",{blank},{own}))'


def totals_that_differ() -> Iterator[str]:
    """For each block, whether its total is another one than its lines come to a second way."""
    for block in BLOCKS:
        again = AGAIN[block.formula](lines_of(block))
        total = cell(total_row(block), IN_USED)
        yield f"(ABS({total}-({again}))>1E-9*ABS({again}))"


def lines_of(block: Block) -> dict[str, str]:
    """The lines of a block in use, by the names of their quantities."""
    rows = enumerate(takes(block.formula), start=BLOCK_ROWS[block.feeds] + 1)
    return {parameter.quantity.name: cell(row, IN_USED) for row, parameter in rows}


def training_again(line: dict[str, str]) -> str:
    """The training cost, its work priced item by item."""
    work = f"{line['data_preparation']}:{line['deployment'].rpartition('!')[2]}"
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


def put_in_checks(scenarios: bool) -> list[tuple[str, str, str]]:
    """No value in use differs from the one that was put in."""
    differ = "+".join(inputs_that_differ(scenarios))
    return [
        ("The model uses the inputs as they were put in", differ, "0"),
        ("The model uses the choices as they were put in", "+".join(choices_that_differ()), "0"),
        ("The blocks add up", "+".join(totals_that_differ()), "0"),
        ("The blocks use their lines as they were put in", "+".join(lines_that_differ()), "0"),
    ]
