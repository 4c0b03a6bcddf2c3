"""What is chosen in the workbook besides its inputs: a way to compute, and days?"""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from openpyxl.workbook import Workbook
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from roi_xl import symbols
from roi_xl.checks import LIMITS, check_number
from roi_xl.days import serial_of
from roi_xl.errors import NotANumber, OutOfBounds
from roi_xl.quantities import CHOICES, DATE, Quantity
from roi_xl.recalc.model import is_number
from roi_xl.symbols import Symbol
from roi_xl.template import style
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
    return float(value)


def fill_choices(book: Workbook, sheet: Worksheet, values: Mapping[str, Choice]) -> None:
    """Write one line for each choice."""
    header(sheet, CHOICES_ROW, HEADINGS, numeric=(IN_USED,))
    for quantity, row in CHOICE_ROWS.items():
        cell, shown = local(row, IN_VALUE), "d mmm yyyy" if quantity.unit is DATE else "0"
        look = style.INPUT_TEXT if quantity.options else style.INPUT
        for column in (IN_UNIT, IN_CHOICE, IN_BUILT, IN_SOURCE):
            put(sheet, row, column, None, style.NOTE)
        put(sheet, row, IN_LABEL, quantity.label)
        put(sheet, row, IN_VALUE, values[quantity.name], look, shown)
        put(sheet, row, IN_USED, f"={in_use(quantity, cell)}", style.CALCULATION, shown, style.RIGHT)
        put(sheet, row, IN_NOTE, quantity.meaning, style.NOTE)
        fit_height(sheet, row, [(IN_NOTE, quantity.meaning), *((IN_VALUE, option) for option in quantity.options)])
        name_cell(book, quantity.name, INPUT_SHEET, row, IN_VALUE)
        name_cell(book, used(quantity.name), INPUT_SHEET, row, IN_USED)
        validation = validation_of(quantity)
        sheet.add_data_validation(validation)
        validation.add(cell)


def validation_of(quantity: Quantity) -> DataValidation:
    """What a choice accepts."""
    if quantity.options:
        return list_validation(quantity.options, quantity.meaning)
    validation = number_validation(quantity, quantity.bounds, "")
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
    chosen = symbols.call("IF", known, value, symbols.NUM_ERROR)
    return symbols.call("IF", symbols.call("ISBLANK", value), quantity.options[0], chosen)
