"""The Inputs sheet: what goes in, where it comes from, and which value the model uses."""

import dataclasses
from collections.abc import Callable, Collection, Mapping

from openpyxl.formatting.rule import FormulaRule
from openpyxl.workbook import Workbook
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from roi_xl import symbols
from roi_xl.describe import Parameter, takes
from roi_xl.quantities import (
    AT_RETIREMENT,
    BASELINE_COST_PER_REQUEST,
    BASELINE_LIFE,
    BASELINE_RETIREMENT,
    CACHED_PRICE,
    DATE,
    FINE_TUNED_LIFE,
    FINE_TUNED_RETIREMENT,
    HORIZON,
    INPUT_PRICE,
    MODEL_INPUTS,
    MODEL_LIFE,
    PROGRAM,
    Between,
    Quantity,
)
from roi_xl.symbols import Symbol
from roi_xl.template import style
from roi_xl.template.formulas import NUM_ERROR, Formulas, result
from roi_xl.template.layout import (
    BLOCK_OF,
    BLOCK_ROWS,
    BLOCKS,
    BUILDER_ROW,
    CHOICE_ROWS,
    CHOICES_ROW,
    HEADER_ROW,
    IN_BUILT,
    IN_CHOICE,
    IN_LABEL,
    IN_NOTE,
    IN_SOURCE,
    IN_UNIT,
    IN_USED,
    IN_VALUE,
    INPUT_ROWS,
    INPUT_SHEET,
    LAST_INPUT_ROW,
    MONTHS_SHOWN,
    PROGRAM_ROW,
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
from roi_xl.template.sheet import finish, fit_height, head, header, name_cell, new_page, put

OWN, BUILT = "Own value", "Built up"
Place = Callable[[int, int], str]
"""How a formula writes a cell of Inputs."""

SOURCE = "Example: name your source"
GIVEN = "Your value: name its source"
UNCHANGED = "Default: no effect"
DATED = "0, or the date below if chosen"
ASSUMED = "Assumed: name your source"
HEADINGS = ("Input", "Own value", "Unit", "Use", "Built up below", "In the model", "Source", "Note")
PROGRAM_HEADINGS = ("Month by month", "Own value", "Unit", "", "", "In the model", "Source", "Note")
BLOCK_HEADINGS = ("", "Own value", "Unit", "", "", "In the model", "Source", "Note")
RETIRED_ON = {FINE_TUNED_LIFE: FINE_TUNED_RETIREMENT, BASELINE_LIFE: BASELINE_RETIREMENT}
"""The day that says how many months until a model is retired, if a start month is known."""

WORKBOOK_HORIZON = Between(1, MONTHS_SHOWN)

APART = 0.005
"""The share of an own value by which a built-up value may differ unmarked: half a percent."""


def default_inputs() -> dict[str, tuple[Quantity, float]]:
    """Every cell that a person may fill in: its quantity and its example value, by name."""
    inputs = {quantity.name: (quantity, quantity.default or 0) for quantity in MODEL_INPUTS}
    return inputs | {name: (quantity, value) for block in BLOCKS for name, quantity, value in block.items()}


Linked = Mapping[str, tuple[float | str, str]]
"""Inputs that are no examples: the value, or a formula of another sheet's cell; the words that name the source."""


def fill_inputs(
    book: Workbook,
    sheet: Worksheet,
    values: Mapping[str, float],
    currency: str,
    formulas: Formulas,
    scenarios: bool,
    linked: Linked,
    built: Collection[str] = (),
) -> None:
    """Write the sheet; with scenarios, the model uses the value of the one that is chosen.

    Inputs that are built up use their block from the start.
    """
    head(
        sheet,
        "Inputs",
        f"Amounts in {currency}. Change the blue cells only; replace each example and name its source.",
        (29, 15, 27, 14, 15, 15, 28, 72),
        tab="FFC000",
    )
    header(sheet, HEADER_ROW, HEADINGS, numeric=(IN_VALUE, IN_BUILT, IN_USED))
    header(sheet, PROGRAM_ROW, PROGRAM_HEADINGS, numeric=(IN_VALUE, IN_USED))
    for quantity, row in INPUT_ROWS.items():
        example = values[quantity.name], source_at_first(quantity, values[quantity.name])
        value, source = linked.get(quantity.name, example)
        input_row(book, sheet, row, quantity.name, quantity, value, currency, source)
        choice(sheet, row, quantity, quantity.name in built)
        in_use = of_scenario(quantity) if scenarios else base_value(quantity, local)
        put(sheet, row, IN_USED, f"={in_use}", style.CALCULATION, quantity.unit.number_format)
        name_cell(book, used(quantity.name), INPUT_SHEET, row, IN_USED)
    put(sheet, BUILDER_ROW, IN_LABEL, "Build an input up from its sources", style.HEADING)
    hint = f"Choose “{BUILT}” above to use a block's total in place of your own value; in red, the two differ."
    put(sheet, BUILDER_ROW + 1, IN_LABEL, hint, style.SUBTITLE)
    for block in BLOCKS:
        fill_block(book, sheet, block, values, currency, formulas, linked)
    new_page(sheet, CHOICES_ROW)
    new_page(sheet, BLOCK_ROWS[BASELINE_COST_PER_REQUEST])
    finish(sheet, LAST_INPUT_ROW, IN_NOTE)


def source_at_first(quantity: Quantity, value: float) -> str:
    """What the source of an example says: an option without effect needs none."""
    if quantity not in PROGRAM:
        return SOURCE
    if quantity in RETIRED_ON and value == quantity.default:
        return DATED
    return UNCHANGED if value == quantity.default else ASSUMED


def base_value(quantity: Quantity, place: Place) -> Symbol:
    """What a person has put in for an input: the own value, or what its block comes to."""
    row = INPUT_ROWS[quantity]
    own = in_bounds(place(row, IN_VALUE), quantity, when_blank(quantity))
    if quantity is HORIZON:
        return until_retired(own)
    if quantity in RETIRED_ON:
        return at_retirement(quantity, own)
    if quantity not in BLOCK_OF:
        return own
    switch, built = (symbols.name(place(row, column)) for column in (IN_CHOICE, IN_BUILT))
    return symbols.call("IF", Symbol("=", (switch, symbols.text(BUILT))), built, own)


def at_retirement(quantity: Quantity, own: Symbol) -> Symbol:
    """The months until a model is retired: those to its day, where that is counted; a life of no month is #NUM!."""
    life = symbols.name(absolute(INPUT_SHEET, CHOICE_ROWS[RETIRED_ON[quantity]], IN_BUILT))
    chosen = Symbol("=", (symbols.name(used(AT_RETIREMENT.name)), symbols.text(AT_RETIREMENT.options[2])))
    lived = symbols.call("IF", life < 1, NUM_ERROR, life)
    return symbols.call("IF", symbols.call("AND", chosen, symbols.call("ISNUMBER", life)), lived, own)


def until_retired(horizon: Symbol) -> Symbol:
    """The horizon, or the life of the models where the cash flow ends with that; a life of no month is #NUM!."""
    life = symbols.name(MODEL_LIFE.name)
    chosen = Symbol("=", (symbols.name(used(AT_RETIREMENT.name)), symbols.text(AT_RETIREMENT.options[1])))
    lived = symbols.call("IF", life < 1, NUM_ERROR, symbols.call("MIN", horizon, life))
    ends = symbols.call("AND", chosen, symbols.call("ISNUMBER", life))
    return symbols.call("IF", ends, lived, horizon)


def of_scenario(quantity: Quantity) -> Symbol:
    """The input's value in the chosen scenario."""
    row = SC_ROWS[quantity]
    values = absolute(SCENARIOS, row, SC_VALUES, row, SC_VALUES + len(SCENARIO_NAMES) - 1)
    return symbols.call("INDEX", symbols.name(values), 1, symbols.name("scenario_number"))


def input_row(
    book: Workbook,
    sheet: Worksheet,
    row: int,
    name: str,
    quantity: Quantity,
    value: float | str,
    currency: str,
    source: str = SOURCE,
    blank: Symbol | None = None,
) -> None:
    """One line: the cell to fill in, its unit, source and note, and the value in use."""
    bounds = bounds_here(quantity)
    number_format = quantity.unit.number_format
    put(sheet, row, IN_LABEL, quantity.label)
    put(sheet, row, IN_VALUE, value, style.CALCULATION if isinstance(value, str) else style.INPUT, number_format)
    put(sheet, row, IN_UNIT, quantity.unit.named(currency), style.NOTE)
    put(sheet, row, IN_CHOICE, None, style.NOTE)
    put(sheet, row, IN_BUILT, None, style.NOTE)
    in_use = in_bounds(local(row, IN_VALUE), quantity, blank)
    put(sheet, row, IN_USED, f"={in_use}", style.CALCULATION, number_format)
    put(sheet, row, IN_SOURCE, source, style.INPUT_TEXT)
    put(sheet, row, IN_NOTE, quantity.meaning, style.NOTE)
    fit_height(sheet, row, [(IN_NOTE, quantity.meaning), (IN_UNIT, quantity.unit.named(currency))])
    name_cell(book, name, INPUT_SHEET, row, IN_VALUE)
    validation = number_validation(quantity, bounds, currency)
    sheet.add_data_validation(validation)
    validation.add(local(row, IN_VALUE))


def in_bounds(cell: str, quantity: Quantity, blank: Symbol | None = None) -> Symbol:
    """A cell's value within its bounds; a blank has the value that it stands for, or is #NUM!, never 0 by itself."""
    value = Symbol(cell)
    if_blank = NUM_ERROR if blank is None else blank
    return symbols.call("IF", symbols.call("ISBLANK", value), if_blank, bounded(value, quantity))


def bounds_here(quantity: Quantity) -> Between:
    """The bounds of an input in the workbook, whose cash flow has so many months."""
    return WORKBOOK_HORIZON if quantity is HORIZON else quantity.bounds


def bounded(value: Symbol, quantity: Quantity) -> Symbol:
    """A value, or #NUM! where it breaks its bounds: everything that uses it shows that."""
    here = dataclasses.replace(quantity, bounds=bounds_here(quantity))
    broken = [condition.replace({value + 0: value}) for condition in symbols.outside(value, here)]
    condition = broken[0] if len(broken) == 1 else symbols.call("OR", *broken)
    return symbols.call("IF", condition, NUM_ERROR, value)


def when_blank(quantity: Quantity) -> Symbol | None:
    """What a blank input of the monthly model stands for: its default; the six inputs have none."""
    return symbols.number(quantity.default or 0) if quantity in PROGRAM else None


def line_when_blank(parameter: Parameter, block: Block, place: Place = local) -> Symbol | None:
    """What a blank line of a block stands for: its default, another line's value, or nothing."""
    if not parameter.optional:
        return None
    if parameter.default is not None:
        return symbols.number(parameter.default)
    if parameter.quantity is CACHED_PRICE:
        line = next(i for i, (_, quantity, _) in enumerate(block.items()) if quantity is INPUT_PRICE)
        return symbols.name(place(BLOCK_ROWS[block.feeds] + 1 + line, IN_USED))
    return symbols.number(1)


def choice(sheet: Worksheet, row: int, quantity: Quantity, built: bool) -> None:
    """The switch between a person's own value and what a block comes to."""
    if quantity in PROGRAM:
        put(sheet, row, IN_CHOICE, default_in_use(quantity, row), style.WARNING)
        return
    block = BLOCK_OF.get(quantity)
    if block is None:
        put(sheet, row, IN_CHOICE, OWN, style.NOTE)
        return
    switch, number_format = local(row, IN_CHOICE), quantity.unit.number_format
    put(sheet, row, IN_CHOICE, BUILT if built else OWN, style.INPUT_TEXT)
    put(sheet, row, IN_BUILT, f"={local(total_row(block), IN_USED)}", style.CALCULATION, number_format)
    options = list_validation((OWN, BUILT), f"“{OWN}” uses the blue cell, “{BUILT}” the block below.")
    sheet.add_data_validation(options)
    options.add(switch)
    own, total = local(row, IN_VALUE), local(row, IN_BUILT)
    apart = FormulaRule(
        formula=[f'AND({switch}="{OWN}",ABS({total}-{own})>{APART}*ABS({own}))'],
        font=style.font(color=style.RED),
        fill=style.highlight(style.RED_FILL),
    )
    sheet.conditional_formatting.add(total, apart)


def default_in_use(quantity: Quantity, row: int) -> str:
    """What a blank option says: its name, and the default that is used in its place."""
    default = quantity.unit.shown(quantity.default) if quantity.default else "0"
    return f'=IF(ISBLANK({local(row, IN_VALUE)}),{local(row, IN_LABEL)}&": {default}. ","")'


def fill_block(
    book: Workbook,
    sheet: Worksheet,
    block: Block,
    values: Mapping[str, float],
    currency: str,
    formulas: Formulas,
    linked: Linked,
) -> None:
    """One block: a line for each source, and what they come to."""
    first = BLOCK_ROWS[block.feeds]
    header(sheet, first, (block.feeds.label, *BLOCK_HEADINGS[1:]), numeric=(IN_VALUE, IN_USED))
    lines = zip(block.items(), takes(block.formula), strict=True)
    for row, ((name, quantity, _), parameter) in enumerate(lines, start=first + 1):
        value, source = linked.get(name, (values[name], SOURCE))
        blank = line_when_blank(parameter, block)
        input_row(book, sheet, row, name, quantity, value, currency, source, blank)
    cells = [symbols.name(local(first + place, IN_USED)) for place in range(1, len(takes(block.formula)) + 1)]
    total = result(block.formula, cells, formulas)
    row = total_row(block)
    for column in range(IN_LABEL, IN_NOTE + 1):
        put(sheet, row, column, None, style.RESULT)
    put(sheet, row, IN_LABEL, f"{block.feeds.label}, built up", style.RESULT, alignment=style.INDENTED)
    put(sheet, row, IN_UNIT, block.feeds.unit.named(currency), style.RESULT, alignment=style.INDENTED)
    put(sheet, row, IN_USED, f"={total}", style.RESULT, block.feeds.unit.number_format)


def number_validation(quantity: Quantity, bounds: Between, currency: str) -> DataValidation:
    """What a cell accepts, and what Excel says before and after a person types."""
    low, high = bounds.low, bounds.high if bounds.below is None else bounds.below
    rule = rule_of(quantity, bounds)
    return DataValidation(
        type="whole" if quantity is HORIZON else "decimal",
        operator="between" if high is not None else "greaterThanOrEqual",
        formula1=f"{low:.15g}",
        formula2=None if high is None else f"{high:.15g}",
        allow_blank=False,
        showErrorMessage=True,
        errorTitle=quantity.label[:32],
        error=f"{quantity.label} must be {rule} ({quantity.unit.named(currency)}).",
        showInputMessage=True,
        promptTitle=quantity.label[:32],
        prompt=f"{quantity.meaning} {rule.capitalize()}."[:255],
    )


def rule_of(quantity: Quantity, bounds: Between) -> str:
    """What a person may type, in words: percentages as such, days without their numbers."""
    if quantity.unit is DATE:
        return "a day"

    def shown(bound: float) -> str:
        return f"{bound * 100:,.15g}%" if quantity.unit.percent else f"{bound:,.15g}"

    return f"{bounds.rule(shown)}{', whole months' if quantity is HORIZON else ''}"


def list_validation(options: tuple[str, ...], prompt: str) -> DataValidation:
    """A cell that accepts one of a few words."""
    return DataValidation(
        type="list",
        formula1='"' + ",".join(options) + '"',
        allow_blank=False,
        showErrorMessage=True,
        error=f"Choose one of: {', '.join(options)}.",
        showInputMessage=True,
        prompt=prompt,
    )
