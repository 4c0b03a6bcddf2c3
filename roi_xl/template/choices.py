"""What is chosen in the workbook besides its inputs: a way to compute, and days?"""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from openpyxl.workbook import Workbook
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from roi_xl import symbols
from roi_xl.checks import LIMITS, check_number
from roi_xl.days import day_of, serial_of
from roi_xl.errors import NotANumber, OutOfBounds
from roi_xl.quantities import (
    AT_RETIREMENT,
    BASELINE_LIFE,
    BASELINE_RETIREMENT,
    CHOICES,
    DATE,
    FINE_TUNED_LIFE,
    FINE_TUNED_RETIREMENT,
    FISCAL_YEAR_START,
    MIGRATION_COST,
    MODEL_LIFE,
    RETRAINING_COST,
    START_MONTH,
    Quantity,
)
from roi_xl.recalc.compare import is_number
from roi_xl.symbols import Symbol
from roi_xl.template import style
from roi_xl.template.formulas import NUM_ERROR
from roi_xl.template.inputs import bounded, list_validation, number_validation
from roi_xl.template.layout import (
    CHOICE_ROWS,
    CHOICES_ROW,
    IN_BUILT,
    IN_CHOICE,
    IN_LABEL,
    IN_NOTE,
    IN_SOURCE,
    IN_UNIT,
    IN_USED,
    IN_VALUE,
    INPUT_SHEET,
    LIFE_ROW,
    absolute,
    local,
    used,
)
from roi_xl.template.money import in_words
from roi_xl.template.sheet import fit_height, header, name_cell, put

RETIRED = f"{INPUT_SHEET}!{local(LIFE_ROW, IN_SOURCE)}"
"""The cell that says which model is retired first."""

LONGEST_TOLD = "the fine-tuned model is retired on 2027-01-14. "
NO_START = "Give a start month on Inputs: "
RETIREMENTS = (BASELINE_RETIREMENT, FINE_TUNED_RETIREMENT)
HEADINGS = ("Choices", "Own value", "", "", "Full months", "In the model", "Source", "Note")
Choice = str | float | None
"""One of a choice's words, a number, or nothing."""


def default_choices() -> dict[str, Choice]:
    """What every choice is at first, by name."""
    return {quantity.name: quantity.options[0] if quantity.options else quantity.default for quantity in CHOICES}


def choice_of(quantity: Quantity, value: object) -> Choice:
    """A value that a person gave for a choice, checked."""
    if not quantity.options:
        return number_of(quantity, value)
    known = {option.casefold(): option for option in quantity.options}
    if str(value).casefold() not in known:
        raise OutOfBounds(f"{quantity.name} must be one of {', '.join(quantity.options)}, got {value!r}")
    return known[str(value).casefold()]


def number_of(quantity: Quantity, value: Any) -> float:
    """A number, or the number of a day."""
    if isinstance(value, dt.date):
        value = serial_of(value.year, value.month, value.day)
    if not is_number(value):
        wanted = "a day such as 2027-01-01" if quantity.unit is DATE else "a number"
        raise NotANumber(f"{quantity.name} must be {wanted}, got {value!r}")
    check_number(LIMITS[quantity.name], value)
    if quantity is FISCAL_YEAR_START and value != int(value):
        raise OutOfBounds(f"{quantity.name} must be a whole number, {quantity.bounds.rule()}, got {value:g}")
    return float(value)


def fill_choices(
    book: Workbook, sheet: Worksheet, values: Mapping[str, Choice], known: Mapping[str, tuple[float, str]]
) -> None:
    """Write one line for each choice; what is known of one goes in with its source."""
    header(sheet, CHOICES_ROW, HEADINGS, numeric=(IN_BUILT, IN_USED))
    for quantity, row in CHOICE_ROWS.items():
        cell, shown = local(row, IN_VALUE), "d mmm yyyy" if quantity.unit is DATE else "0"
        look = style.INPUT_TEXT if quantity.options else style.INPUT
        for column in (IN_UNIT, IN_CHOICE, IN_BUILT, IN_SOURCE):
            put(sheet, row, column, None, style.NOTE)
        put(sheet, row, IN_LABEL, quantity.label)
        value, source = known.get(quantity.name, (values[quantity.name], None))
        if source:
            put(sheet, row, IN_SOURCE, source, style.INPUT_TEXT)
        put(sheet, row, IN_VALUE, value, look, shown)
        put(sheet, row, IN_USED, f"={in_use(quantity, cell)}", style.CALCULATION, shown, style.RIGHT_WRAPPED)
        put(sheet, row, IN_NOTE, quantity.meaning, style.NOTE)
        texts = [(IN_NOTE, quantity.meaning), (IN_SOURCE, source or "")]
        fit_height(sheet, row, [*texts, *((IN_VALUE, option) for option in quantity.options)])
        name_cell(book, quantity.name, INPUT_SHEET, row, IN_VALUE)
        name_cell(book, used(quantity.name), INPUT_SHEET, row, IN_USED)
        validation = validation_of(quantity)
        sheet.add_data_validation(validation)
        validation.add(cell)
    fill_life(book, sheet)


def fill_life(book: Workbook, sheet: Worksheet) -> None:
    """Write how long each model lives from the start month on, and how long both do."""
    for quantity in RETIREMENTS:
        row = CHOICE_ROWS[quantity]
        put(sheet, row, IN_BUILT, f"={full_months(local(row, IN_USED))}", style.CALCULATION, "0", style.RIGHT)
    for column in range(IN_LABEL, IN_NOTE + 1):
        put(sheet, LIFE_ROW, column, None, style.NOTE)
    put(sheet, LIFE_ROW, IN_LABEL, MODEL_LIFE.label)
    put(sheet, LIFE_ROW, IN_UNIT, MODEL_LIFE.unit.named(), style.NOTE)
    first = f'=IF(COUNT({lives()})=0,"",MIN({lives()}))'
    put(sheet, LIFE_ROW, IN_USED, first, style.CALCULATION, "0", style.RIGHT)
    put(sheet, LIFE_ROW, IN_SOURCE, f"={retired()}", style.NOTE)
    put(sheet, LIFE_ROW, IN_NOTE, MODEL_LIFE.meaning, style.NOTE)
    fit_height(sheet, LIFE_ROW, [(IN_NOTE, MODEL_LIFE.meaning), (IN_SOURCE, LONGEST_TOLD)])
    name_cell(book, MODEL_LIFE.name, INPUT_SHEET, LIFE_ROW, IN_USED)


def full_months(day: str) -> str:
    """The formula of the full months from the start month until a day; nothing if either is not known."""
    start = used(START_MONTH.name)
    whole = f"(YEAR({day})-YEAR({start}))*12+MONTH({day})-MONTH({start})+IF(DAY({day}+1)=1,1,0)"
    return f'IF(COUNT({start},{day})=2,{whole},"")'


def lives() -> str:
    """The cells of the full months of both models."""
    return ",".join(absolute(INPUT_SHEET, CHOICE_ROWS[quantity], IN_BUILT) for quantity in RETIREMENTS)


def check_lives(values: Mapping[str, Any]) -> None:
    """Refuse a model that is retired before month 1, where the cash flow follows its retirement.

    Raises:
        OutOfBounds: there is no month to use it in.
    """
    start, at_retirement = values[START_MONTH.name], values[AT_RETIREMENT.name]
    for quantity in RETIREMENTS:
        day = values[quantity.name]
        if at_retirement != AT_RETIREMENT.options[0] and None not in (start, day) and full_months_of(start, day) < 1:
            raise OutOfBounds(
                f"{quantity.name} must leave a full month from start_month on with {at_retirement!r}, "
                f"got {date_of(day)} with start_month {date_of(start)}"
            )


def full_months_of(start: float, day: float) -> int:
    """The full months from the start month until a day."""
    first, last, next_day = map(day_of, (start, day, day + 1))
    return (last.year - first.year) * 12 + last.month - first.month + (next_day.day == 1)


def date_of(day: float) -> str:
    """A day as people write it."""
    one = day_of(day)
    return f"{one.year}-{one.month:02}-{one.day:02}"


def retired() -> str:
    """The formula that says which model is retired first, and when; nothing if no day is known."""
    which = f'IF({used(BASELINE_RETIREMENT.name)}={first_retirement()},"baseline","fine-tuned")'
    words = f'"the "&{which}&" model is retired on "&TEXT({first_retirement()},"yyyy-mm-dd")&". "'
    return f'IF(COUNT({retirements()})=0,"",{words})'


def retirements() -> str:
    """The days on which the models are retired, those that are known."""
    return ",".join(used(quantity.name) for quantity in RETIREMENTS)


def first_retirement() -> str:
    """The first of them."""
    return f"MIN({retirements()})"


def retirement_told() -> str:
    """What page one says of a horizon beyond the life of a model; nothing if all is well, or each has its cost."""
    _, ended, counted = (f'{used(AT_RETIREMENT.name)}="{option}"' for option in AT_RETIREMENT.options)
    beyond = f'"The horizon goes beyond month "&{MODEL_LIFE.name}&": "&{RETIRED}'
    cut = f'"The cash flow ends with month "&{MODEL_LIFE.name}&": "&{RETIRED}'
    flagged = f'IF({counted},"",{beyond})'
    here = f'IF({used("months")}>{MODEL_LIFE.name},{flagged},IF(AND({ended},months>{MODEL_LIFE.name}),{cut},""))'
    unknown = f'IF({RETIRED}="","","{NO_START}"&{RETIRED})'
    gone = f'"No month is left: "&{RETIRED}'
    return f"IF(COUNT({MODEL_LIFE.name}),IF({MODEL_LIFE.name}<1,{gone},{here}),{unknown})"


def events_told(currency: str) -> str:
    """What page one says of a retraining, and of a migration avoided, at a retirement within the horizon."""
    events = (
        (FINE_TUNED_LIFE, RETRAINING_COST, "Model retrained"),
        (BASELINE_LIFE, MIGRATION_COST, "Migration avoided"),
    )
    return "&".join(event_told(used(life.name), used(cost.name), words, currency) for life, cost, words in events)


def event_told(life: str, cost: str, words: str, currency: str) -> str:
    """One of them, if it falls into the horizon."""
    there = f"({life}>0)*({life}<{used('months')})"
    amount = in_words(cost, currency, cents=False, zero="no cost")
    return f'IF({there},"{words} in month "&ROUNDUP({life},0)&": "&{amount}&". ","")'


def validation_of(quantity: Quantity) -> DataValidation:
    """What a choice accepts."""
    if quantity.options:
        return list_validation(quantity.options, quantity.meaning)
    validation = number_validation(quantity, quantity.bounds, "")
    if quantity is FISCAL_YEAR_START:
        validation.type = "whole"
    if quantity.unit is DATE:
        validation.type, validation.allow_blank = "date", True
        validation.error = "Type a day, such as 2027-01-01, or leave the cell blank."
    return validation


def in_use(quantity: Quantity, cell: str) -> Symbol:
    """The choice in use: a blank is the first word, the default, or nothing; what does not fit is #NUM!."""
    value = symbols.name(cell)
    if not quantity.options:
        blank = symbols.text("") if quantity.default is None else symbols.number(quantity.default)
        return symbols.call("IF", symbols.call("ISBLANK", value), blank, bounded(value, quantity))
    known = symbols.call("OR", *(Symbol("=", (value, symbols.text(option))) for option in quantity.options))
    chosen = symbols.call("IF", known, value, NUM_ERROR)
    return symbols.call("IF", symbols.call("ISBLANK", value), quantity.options[0], chosen)
