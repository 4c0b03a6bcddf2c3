"""The Examples sheet: a call of each function that works, with the workbook's own inputs."""

from collections.abc import Sequence
from typing import Any

from openpyxl.worksheet.worksheet import Worksheet

from roi_xl import symbols
from roi_xl.catalog import CATALOG
from roi_xl.describe import Formula, gives, is_table, summary, takes
from roi_xl.formula.lambda_names import NAMED
from roi_xl.functions.outcome import POSITIVE, verdict
from roi_xl.functions.value import irr_all
from roi_xl.hosts.examples import OF_THEIR_OWN, example
from roi_xl.quantities import Kind
from roi_xl.symbols import Symbol
from roi_xl.template import style
from roi_xl.template.formulas import Formulas
from roi_xl.template.layout import FIRST_ROW, HEADER_ROW, LABEL_COLUMN, area, used
from roi_xl.template.sheet import finish, fit_height, head, header, put

HEADINGS = ("Function", "What it gives", "Call", "Result")
WIDTHS = (34, 50, 62, 24)
FUNCTION, ABOUT, CALL, RESULT = range(LABEL_COLUMN, LABEL_COLUMN + len(HEADINGS))
DRAWN = "ROI_MONTE_CARLO"
"""Its digits depend on SciPy's version, and without SciPy it is #NAME?; the Risk sheet of a full workbook shows it."""

SUBTITLE = (
    "Type a call into any cell. The calls follow your inputs; of a table the second value of the second row is shown, "
    "and without INDEX it spills."
)


def names_shown(formulas: Formulas) -> tuple[str, ...]:
    """The functions that a workbook in this flavor has; one without functions has none."""
    known: dict[Formulas, Sequence[str]] = {"native": (), "functions": tuple(CATALOG), "lambda": tuple(NAMED)}
    return tuple(name for name in known[formulas] if name != DRAWN)


def fill_examples(sheet: Worksheet, formulas: Formulas) -> None:
    """Write a line for each function, and below them the ranges that some of them take."""
    names = names_shown(formulas)
    head(sheet, "Examples", SUBTITLE, WIDTHS, tab="7F7F7F")
    header(sheet, HEADER_ROW, HEADINGS, numeric=(RESULT,))
    below = FIRST_ROW + len(names) + 2
    for row, name in enumerate(names, start=FIRST_ROW):
        arguments, below = arguments_of(sheet, name, below)
        fill_line(sheet, row, name, arguments)
    finish(sheet, below - 2, RESULT)


def fill_line(sheet: Worksheet, row: int, name: str, arguments: Sequence[Symbol]) -> None:
    """The line of one function."""
    formula = CATALOG[name]
    call = symbols.call(name, *arguments)
    put(sheet, row, FUNCTION, name, style.LABEL)
    put(sheet, row, ABOUT, summary(formula), style.NOTE)
    put(sheet, row, CALL, f"={call}", style.NOTE).data_type = "s"
    shown = put(sheet, row, RESULT, f"={one_value(formula, call)}", style.RESULT, number_format(formula))
    shown.alignment = style.RIGHT
    result = POSITIVE if formula is verdict else ""
    fit_height(sheet, row, [(ABOUT, summary(formula)), (CALL, f"={call}"), (RESULT, result)])


def number_format(formula: Formula) -> str:
    """How a result is shown; what stands in a table has a unit of its own."""
    return "General" if is_table(formula) else gives(formula).unit.number_format


def one_value(formula: Formula, call: Symbol) -> Symbol:
    """A call as one value: of a table, one of its cells."""
    if not is_table(formula):
        return call
    place = 1 if formula is irr_all else 2
    return symbols.call("INDEX", call, place, place)


def arguments_of(sheet: Worksheet, name: str, below: int) -> tuple[list[Symbol], int]:
    """The arguments of an example: the workbook's inputs, or values of its own, ranges of which are written below."""
    if name not in OF_THEIR_OWN:
        return [symbols.name(used(taken.quantity.name)) for taken in takes(CATALOG[name]) if not taken.optional], below
    written = []
    for taken, value in zip(takes(CATALOG[name]), example(name), strict=False):
        if taken.quantity.kind is Kind.RANGE:
            written.append(symbols.name(fill_range(sheet, below, f"{name}: {taken.quantity.name}", value)))
            below += len(value) + 2
        else:
            written.append(symbols.lift(value))
    return written, below


def fill_range(sheet: Worksheet, row: int, title: str, rows: Sequence[Sequence[Any]]) -> str:
    """A range with its title above it; where it stands."""
    put(sheet, row, FUNCTION, title, style.SUBTITLE)
    width = max(map(len, rows))
    for down, line in enumerate(rows, start=row + 1):
        for right, value in enumerate(line, start=FUNCTION):
            put(sheet, down, right, value, style.CALCULATION)
    return area(row + 1, FUNCTION, row + len(rows), FUNCTION + width - 1)
