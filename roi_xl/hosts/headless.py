"""The functions inside the calculation engine, without a spreadsheet program."""

import functools
import html
import re
from collections.abc import Callable
from dataclasses import dataclass
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from roi_xl import cells
from roi_xl.catalog import CATALOG
from roi_xl.describe import Formula, is_closed_form, takes
from roi_xl.errors import ExcelError
from roi_xl.hosts.lambdas import guarded_text

if TYPE_CHECKING:
    from formualizer import Workbook

KINDS = {
    "Null": ExcelError.NULL,
    "Div": ExcelError.DIV0,
    "Value": ExcelError.VALUE,
    "Ref": ExcelError.REF,
    "Name": ExcelError.NAME,
    "Num": ExcelError.NUM,
    "Na": ExcelError.NA,
    "Spill": ExcelError.SPILL,
    "Calc": ExcelError.CALC,
}
"""The engine's name of each error."""

WORDS = {error: kind for kind, error in KINDS.items()}


def from_engine(value: Any) -> Any:
    """An engine's value as a cell value."""
    if isinstance(value, dict):
        return KINDS.get(value["kind"], ExcelError.VALUE)
    if isinstance(value, list):
        return [[from_engine(cell) for cell in row] for row in value]
    return value


def to_engine(value: Any) -> Any:
    """A cell value for the engine."""
    if isinstance(value, ExcelError):
        return {"type": "Error", "kind": WORDS.get(value, "Na")}
    if isinstance(value, list):
        return [[to_engine(cell) for cell in row] for row in value]
    return as_utf8(value) if isinstance(value, str) else value


def as_utf8(text: str) -> str:
    """A text as the engine can hold it: with a question mark for each half of a character that has lost the other.

    >>> as_utf8("a" + chr(0xD83D)), as_utf8("é")
    ('a?', 'é')
    """
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def register_functions(engine: "Workbook") -> None:
    """Register every catalog function with a loaded workbook."""
    for name, formula in CATALOG.items():
        parameters = takes(formula)
        required = sum(not parameter.optional for parameter in parameters)
        engine.register_function(name, callback(formula), min_args=required, max_args=len(parameters))


def callback(formula: Formula) -> Callable[..., Any]:
    """A catalog function as the engine calls it."""

    def answer(*arguments: Any) -> Any:
        given = [from_engine(argument) for argument in arguments]
        return to_engine(cells.call(formula, cells.as_excel_reads(formula, given)))

    return answer


FORMULA = re.compile(rb"(<f(?:\s[^<>]*+)?+>)([^<]*+)")
ARGUMENT = rb"""(?>(?:[\w.]+!|'[^'<]+'!)?+\$?[A-Z]{1,3}\$?[0-9]{1,7}|[0-9]+(?:\.[0-9]+)?)"""
NAME = rb"[A-Za-z_][\w.]*+(?!\()"
CALL, CALL_ON_NAMES = (
    re.compile(rb"ROI_(?<![\w.!]ROI_)([A-Z_]++)\(((?:%b)(?:,(?:%b))*+)\)" % (argument, argument))
    for argument in (ARGUMENT, ARGUMENT + b"|" + NAME)
)
"""A call with cells and numbers as arguments; and one that also allows names."""


def with_native_calls(sheet: bytes, calls: re.Pattern[bytes] = CALL) -> bytes:
    """The sheet in the form the engine evaluates fastest: calls on single cells as native formulas.

    `ROI_X(A1,B1)` becomes the expression that the function writes of itself over A1 and
    B1, which the engine evaluates without calling Python. Any other call (in small
    letters, or with anything but cells and numbers as arguments) stays a call.
    """

    def written_out(match: re.Match[bytes]) -> bytes:
        opening, formula = match.groups()
        if b"ROI_" not in formula or b'"' in formula or b"array" in opening:
            return match[0]
        return opening + calls.sub(native_call, formula)

    return FORMULA.sub(written_out, sheet) if b"ROI_" in sheet else sheet


def native_call(match: re.Match[bytes]) -> bytes:
    """One call written out, if its function has a closed form with that many arguments."""
    arguments = match[2].split(b",")
    form = closed_forms().get((match[1], len(arguments)))
    return form.pattern % form.in_order(arguments) if form else match[0]


@dataclass(frozen=True)
class ClosedForm:
    """An expression with a placeholder for each use of an argument, and the order of arguments."""

    pattern: bytes
    in_order: Callable[[list[bytes]], tuple[bytes, ...]]


@functools.cache
def closed_forms() -> dict[tuple[bytes, int], ClosedForm]:
    """Every closed form as XML text, by its name without ROI_ and its number of arguments."""
    return {
        (name.removeprefix("ROI_").encode(), count): closed_form(formula, count)
        for name, formula in CATALOG.items()
        if is_closed_form(formula)
        for count in range(sum(not parameter.optional for parameter in takes(formula)), len(takes(formula)) + 1)
    }


def closed_form(formula: Formula, count: int) -> ClosedForm:
    """One function's expression over its first arguments."""
    text = html.escape(f"({guarded_text(formula, [f'{{{place}}}' for place in range(count)])})", quote=False)
    uses = [int(place) for place in re.findall(r"{(\d+)}", text)]
    return ClosedForm(re.sub(r"{\d+}", "%b", text).encode(), itemgetter(*uses))
