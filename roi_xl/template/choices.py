"""What is chosen in the workbook besides its inputs: a way to compute, and days?"""

from collections.abc import Mapping

from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from roi_xl import symbols
from roi_xl.errors import OutOfBounds
from roi_xl.quantities import CHOICES, Quantity
from roi_xl.symbols import Symbol
from roi_xl.template import style
from roi_xl.template.inputs import list_validation
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
    local,
    used,
)
from roi_xl.template.sheet import fit_height, header, name_cell, put

HEADINGS = ("Choices", "Own value", "", "", "", "In the model", "", "Note")
Choice = str | float | None
"""One of a choice's words, a number, or nothing."""


def default_choices() -> dict[str, Choice]:
    """What every choice is at first, by name."""
    return {quantity.name: quantity.options[0] if quantity.options else quantity.default for quantity in CHOICES}


def choice_of(quantity: Quantity, value: object) -> Choice:
    """A value that a person gave for a choice, checked."""
    known = {option.casefold(): option for option in quantity.options}
    if str(value).casefold() not in known:
        raise OutOfBounds(f"{quantity.name} must be one of {', '.join(quantity.options)}, got {value!r}")
    return known[str(value).casefold()]


def fill_choices(book: Workbook, sheet: Worksheet, values: Mapping[str, Choice]) -> None:
    """Write one line for each choice."""
    header(sheet, CHOICES_ROW, HEADINGS, numeric=(IN_USED,))
    for quantity, row in CHOICE_ROWS.items():
        put(sheet, row, IN_LABEL, quantity.label)
        put(sheet, row, IN_VALUE, values[quantity.name], style.INPUT_TEXT)
        for column in (IN_UNIT, IN_CHOICE, IN_BUILT, IN_SOURCE):
            put(sheet, row, column, None, style.NOTE)
        put(sheet, row, IN_USED, f"={in_use(quantity, local(row, IN_VALUE))}", style.CALCULATION, alignment=style.RIGHT)
        put(sheet, row, IN_NOTE, quantity.meaning, style.NOTE)
        fit_height(sheet, row, [(IN_NOTE, quantity.meaning), (IN_VALUE, quantity.options[0])])
        name_cell(book, quantity.name, INPUT_SHEET, row, IN_VALUE)
        name_cell(book, used(quantity.name), INPUT_SHEET, row, IN_USED)
        validation = list_validation(quantity.options, quantity.meaning)
        sheet.add_data_validation(validation)
        validation.add(local(row, IN_VALUE))


def in_use(quantity: Quantity, cell: str) -> Symbol:
    """The choice in use: a blank is the first, what is none of them is #NUM!."""
    value = symbols.name(cell)
    known = symbols.call("OR", *(Symbol("=", (value, symbols.text(option))) for option in quantity.options))
    chosen = symbols.call("IF", known, value, symbols.NUM_ERROR)
    return symbols.call("IF", symbols.call("ISBLANK", value), quantity.options[0], chosen)
