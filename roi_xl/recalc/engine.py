"""What is every value of this workbook?"""

import re
import zipfile
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from roi_xl.errors import FileProblem, NotSupported, RoiError
from roi_xl.hosts.headless import from_engine, register_functions, with_native_calls
from roi_xl.recalc.addresses import Address
from roi_xl.recalc.contents import Contents
from roi_xl.recalc.package import MAX_EXPANDED, MAX_INPUT, MAX_PARTS, Package
from roi_xl.recalc.writer import Value, array_members, put_constants

if TYPE_CHECKING:
    from formualizer import Workbook

LIMITS = {
    "max_input_bytes": MAX_INPUT + MAX_EXPANDED,
    "max_entries": MAX_PARTS,
    "max_expanded_bytes": MAX_EXPANDED,
    "max_part_bytes": MAX_EXPANDED,
}
NEWER_ERRORS = re.compile(rb">#(?:SPILL|CALC|FIELD|BLOCKED|CONNECT|UNKNOWN|BUSY|PYTHON|EXTERNAL)!</")
"""Stored errors that stop the engine's reader; they are results, which it computes anew."""

NOT_COMPUTED = {"Circ": "a circular reference", "NImpl": "a function that is not known"}


def load(package: Package, contents: Contents) -> "Workbook":
    """The workbook in the engine, with our functions, ready to be evaluated."""
    try:
        import formualizer
    except ImportError:
        raise RoiError("recalculation needs the formualizer package, which is not installed here") from None
    readable = {part: for_engine(package.parts[part]) for part in contents.sheets.values()}
    data = package.with_parts(readable).to_bytes(zipfile.ZIP_STORED)
    try:
        evaluation = formualizer.EvaluationConfig()
        evaluation.date_system = contents.date_system
        config = formualizer.WorkbookConfig(eval_config=evaluation)
        engine = formualizer.Workbook.from_bytes(data, config=config, load_limits=LIMITS)
    except (OSError, ValueError, RuntimeError) as error:
        raise FileProblem(f"{package.path} cannot be read: {first_line(error)}") from None
    engine.set_temporal_egress("serial")
    register_functions(engine)
    return engine


def for_engine(sheet: bytes) -> bytes:
    """A sheet as the engine can read it: quick calls, room for arrays, errors that it knows.

    The stored members of an array formula would be in the way of its result.
    """
    if b">#" in sheet:
        sheet = NEWER_ERRORS.sub(b">#VALUE!</", sheet)
    members = array_members(sheet)
    if members:
        sheet = put_constants(sheet, dict.fromkeys(members))
    return with_native_calls(sheet)


def first_line(error: BaseException) -> str:
    """An error's own words, in one line."""
    return str(error).strip().partition("\n")[0]


def reader(engine: "Workbook", sheet: str) -> Callable[[int, int], Value]:
    """A function that gives the value of a sheet's cell at a row and column."""
    get = engine.get_value

    def value_at(row: int, column: int) -> Value:
        value: Any = get(sheet, row, column)
        if type(value) is dict:
            if value["kind"] in NOT_COMPUTED:
                raise NotSupported(f"{Address(sheet, row, column)} holds {NOT_COMPUTED[value['kind']]}")
            return from_engine(value)  # type: ignore[no-any-return]
        return value  # type: ignore[no-any-return]

    return value_at
