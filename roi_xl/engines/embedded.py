"""What is every value of this workbook?"""

import contextlib
import datetime as dt
import functools
import math
import re
import threading
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from roi_xl.engines.kernels import KERNEL
from roi_xl.engines.texts import ENDLESS, by_ours, ended
from roi_xl.errors import ExcelError, FileProblem, NotSupported, RoiError
from roi_xl.excel.plain_finance import ANSWERS, answer
from roi_xl.excel.registry import as_taken
from roi_xl.formula.engine_words import ENDING, ON_SHEET, is_on_sheet
from roi_xl.formula.formulas import Formulas
from roi_xl.formula.rewrite import (
    FILL,
    for_engine,
    in_engine,
    newer_constants,
    on_one_line,
    transitional,
    workbook_for_engine,
)
from roi_xl.formula.running_sums import Totals
from roi_xl.hosts.headless import from_engine, register_functions, to_engine
from roi_xl.xlsx.addresses import Address
from roi_xl.xlsx.damage import what_is_wrong
from roi_xl.xlsx.limits import MOMENT, OutOfBudget, budgeted, limit, limit_in_bytes
from roi_xl.xlsx.sheet_cells import Value
from roi_xl.xlsx.workbook_part import WorkbookPart

if TYPE_CHECKING:
    from formualizer import EvaluationConfig, Workbook

OTHER_NUMBERS: dict[str, Callable[..., float]] = {
    "RAND": lambda: 0.1234567891,
    "RANDBETWEEN": lambda low, high: low + 0.1234567891,
}
"""Random numbers the engine itself never produces."""

WRAPPINGS = re.compile(
    r"^(?:(?:open failed|load failed|Calamine error|Xlsx error|Xml error|Engine error|#\w+!|Unsupported feature): )+"
)
"""What the engine puts before the reason why it cannot read a file."""

SETTLED_AFTER, SETTLED = 1_000, 1e-12
"""Circular references are iterated to convergence, which a file's own settings approximate."""

NOT_PARSED = "#ERROR!"
"""What the engine has in place of a formula that it could not parse."""

POISONED = "poisoned lock"
"""What the engine says to whatever it is asked once it has failed."""

NOT_COMPUTED = {"Circ": "a circular reference", "NImpl": "a function that is not known"}


def load(formulas: Formulas) -> "Workbook":
    """The workbook in the engine, with our functions, ready to be evaluated."""
    totals = Totals(formulas.part.sheets)
    engine = read(formulas, readable_package(formulas, totals))
    for sheet in formulas.sheets.values():
        for (row, column), held in newer_constants(sheet):
            engine.set_value(in_engine(sheet.name), row, column, to_engine(held))
    if totals.columns:
        engine.add_sheet(totals.sheet)
    for (row, column), text in totals.cells():
        engine.set_formula(totals.sheet, row, column, f"={text}")
    engine.set_temporal_egress("serial")
    register_functions(engine)
    for name, function in ANSWERS.items():
        engine.register_function(name, answering(name, function), min_args=1, max_args=6, allow_override_builtin=True)
    for name, function in ENDLESS.items():
        engine.register_function(name, ended(function), min_args=1, max_args=255, allow_override_builtin=True)
    for name, other in ENDING.items():
        engine.register_function(other, by_ours(name), min_args=1, max_args=255)
    engine.register_function(FILL, filled, min_args=3, max_args=3)
    engine.register_function(ON_SHEET, on_sheet, min_args=1, max_args=1)
    return engine


def readable_package(formulas: Formulas, totals: Totals) -> bytes:
    """The workbook's file as the engine can read it."""
    package, contents = formulas.package, formulas.part
    readable = {part: readable_sheet(formulas, name, totals) for name, part in contents.sheets.items()}
    readable |= {part: on_one_line(data) for part, data in package.parts.items() if part.endswith(".rels")}
    readable[contents.part] = workbook_for_engine(package.parts[contents.part], contents.is_worksheet)
    if b"purl.oclc.org/ooxml" in package.parts[contents.part]:
        readable = {part: transitional(data) for part, data in {**package.parts, **readable}.items()}
    return package.with_parts(readable).to_bytes(zipfile.ZIP_STORED)


def read(formulas: Formulas, data: bytes) -> "Workbook":
    """A file in the engine."""
    try:
        import formualizer
    except ImportError:
        raise RoiError("recalculation needs the formualizer package, which is not installed") from None
    try:
        config = formualizer.WorkbookConfig(eval_config=settings(formulas.part))
        return formualizer.Workbook.from_bytes(data, config=config, load_limits=load_limits())
    except (OSError, ValueError, RuntimeError) as error:
        raise FileProblem(f"{formulas.package.path} {unreadable(formulas, error)}") from None


def unreadable(formulas: Formulas, error: Exception) -> str:
    """Why the engine cannot read a workbook, in our words where we find it."""
    if why := what_is_wrong(formulas.package, formulas.part):
        return f"is damaged: {why}"
    said = WRAPPINGS.sub("", first_line(error))
    return f"is damaged, or holds something that the engine cannot read: {said}"


def register_kernels(engine: "Workbook", kernels: Sequence[Callable[..., Any]]) -> None:
    """Let the engine call functions from a growing list, by number."""

    def kernel(number: float, *handed: Any) -> Any:
        return kernels[int(number)](*handed)

    engine.register_function(KERNEL, kernel, min_args=1, max_args=255)


def filled(result: Any, rows: float, columns: float) -> Any:
    """The result of an array formula over its range: one value, row or column repeats; missing elements are #N/A."""
    grid = result if isinstance(result, list) else [[result]]
    grid = grid * int(rows) if len(grid) == 1 else grid
    grid = [row * int(columns) if len(row) == 1 else row for row in grid]
    missing = to_engine(ExcelError.NA)
    wide = [(row + [missing] * int(columns))[: int(columns)] for row in grid]
    return (wide + [[missing] * int(columns)] * int(rows))[: int(rows)]


def on_sheet(text: Any) -> Any:
    """A text that names a range, or #REF! where that ends beyond the last row; of an array, each of them."""
    if isinstance(text, list):
        return [[on_sheet(cell) for cell in row] for row in text]
    return text if is_on_sheet(text) else to_engine(ExcelError.REF)


def load_limits() -> dict[str, int]:
    """Resource limits for the engine's reader."""
    expanded = limit_in_bytes("ROI_XL_MAX_EXPANDED_MIB")
    return {
        "max_input_bytes": limit_in_bytes("ROI_XL_MAX_MIB") + expanded,
        "max_entries": limit("ROI_XL_MAX_PARTS"),
        "max_expanded_bytes": expanded,
        "max_part_bytes": expanded,
    }


@contextlib.contextmanager
def limited(engine: "Workbook") -> Iterator[None]:
    """Evaluate within the limits of time and memory."""
    done, why = threading.Event(), list[OutOfBudget]()
    with budgeted("evaluating the workbook") as budget:

        def watch() -> None:
            while not why and not done.wait(MOMENT):
                try:
                    budget.look()
                except OutOfBudget as problem:
                    why.append(problem)
                    engine.cancel()

        watcher = threading.Thread(target=watch, daemon=True)
        watcher.start()
        try:
            yield
        finally:
            done.set()
            watcher.join()
            if why:
                engine.reset_cancel()
                raise why[0]


def readable_sheet(formulas: Formulas, sheet: str, totals: Totals) -> bytes:
    """A sheet as the engine can read it, or a refusal that names it."""
    path = formulas.package.path
    try:
        return for_engine(formulas.sheets[sheet], formulas, totals)
    except NotSupported as problem:
        raise NotSupported(f"{path} ({sheet}): {problem}") from None
    except ValueError as error:
        raise FileProblem(f"{path} is damaged: in {sheet}, {error}") from None


def answering(name: str, function: Callable[..., float]) -> Callable[..., Any]:
    """One of Excel's functions as the engine calls it."""
    return lambda *arguments: to_engine(answer(function, as_taken(name, tuple(map(from_engine, arguments)))))


def settings(contents: WorkbookPart) -> "EvaluationConfig":
    """Evaluation settings: the date system, and whether circular references are iterated."""
    import formualizer

    evaluation = formualizer.EvaluationConfig()
    evaluation.date_system = contents.date_system
    evaluation.cycle_detection = "runtime"
    if contents.iteration is not None:
        evaluation.cycle_policy = "iterate"
        evaluation.iterate_max_iterations = max(contents.iteration.count, SETTLED_AFTER)
        evaluation.iterate_max_change = SETTLED
    return evaluation


def is_failure(error: BaseException) -> bool:
    """Whether the engine failed in a way that it did not foresee, which is no Exception, or had failed before."""
    return type(error).__name__ == "PanicException" or (isinstance(error, RuntimeError) and POISONED in str(error))


def leave_out(engine: "Workbook", places: Iterable[Address]) -> None:
    """Have formulas that are not evaluated yet be such as the engine cannot read."""
    for place in places:
        engine.set_formula(in_engine(place.sheet), place.row, place.column, f"={NOT_PARSED}")


def first_line(error: BaseException) -> str:
    """The first line of an error's message."""
    return str(error).strip().partition("\n")[0]


UNSETTLED = "dynamic dependency evaluation did not converge"
"""What the engine says where ranges that formulas compute, or fill, are other ones each time that it looks."""


def is_unsettled(error: BaseException) -> bool:
    """Whether the engine gave up on ranges that are other ones each time."""
    return UNSETTLED in str(error)


def why(error: BaseException) -> str:
    """Why the engine could not evaluate a workbook, in our words where we know."""
    if is_unsettled(error):
        return "what some formulas read depends on others in a way that the embedded engine gives up on"
    return first_line(error)


def peeker(engine: "Workbook", sheet: str) -> Callable[[int, int], Value]:
    """A function that gives the value of a sheet's cell, #GETTING_DATA where the engine has none."""
    get, name = engine.get_value, in_engine(sheet)

    def value_at(row: int, column: int) -> Value:
        value: Any = get(name, row, column)
        return held(value) if type(value) is dict else value

    return value_at


def held(value: Any) -> Value:
    """A value of the engine as a cell value; what it could not compute is #GETTING_DATA, which no formula gives."""
    if type(value) is dict and value["kind"] in NOT_COMPUTED:
        return ExcelError.GETTING_DATA
    return from_engine(value)  # type: ignore[no-any-return]


@contextlib.contextmanager
def elsewhere(engine: "Workbook", moment: dt.datetime) -> Iterator[None]:
    """Evaluate at another moment with other random numbers, then restore the present."""
    for name, function in OTHER_NUMBERS.items():
        engine.register_function(name, function, max_args=2, volatile=True, allow_override_builtin=True)
    at(engine, moment)
    try:
        yield
    finally:
        for name in OTHER_NUMBERS:
            engine.unregister_function(name)
        at(engine, dt.datetime.now(dt.UTC))


def at(engine: "Workbook", moment: dt.datetime) -> None:
    """Evaluate as if it were a moment, in local time."""
    offset = moment.astimezone().utcoffset() or dt.timedelta()
    engine.set_deterministic_clock(moment.astimezone(dt.UTC), int(offset.total_seconds()))
    engine.evaluate_all()


def finite(value: Value) -> Value:
    """A value as a cell shows it: a number that is not finite is #NUM!."""
    return ExcelError.NUM if isinstance(value, float) and not math.isfinite(value) else value


def reader(engine: "Workbook", sheet: str) -> Callable[[int, int], Value]:
    """A function that gives the value of a sheet's cell, and refuses where the engine has none."""
    get, name = engine.get_value, in_engine(sheet)

    def value_at(row: int, column: int) -> Value:
        value: Any = get(name, row, column)
        if type(value) is dict:
            if value["kind"] in NOT_COMPUTED:
                raise NotSupported(f"{Address(sheet, row, column)} holds {NOT_COMPUTED[value['kind']]}")
            if value["kind"] == "Value" and is_malformed(engine, sheet, row, column):
                raise NotSupported(f"{Address(sheet, row, column)} holds a formula that the engine cannot read")
            return from_engine(value)  # type: ignore[no-any-return]
        return value  # type: ignore[no-any-return]

    return value_at


def only(engine: "Workbook", place: Address) -> Value:
    """The value of one cell, evaluated with what it needs."""
    return from_engine(engine.evaluate_cell(in_engine(place.sheet), place.row, place.column))  # type: ignore[no-any-return]


AT_ONCE = 500_000
"""Values taken from the engine at a time."""


def blocks(engine: "Workbook", sheet: str, height: int, width: int) -> Iterator[list[list[Value]]]:
    """Every value of a sheet's first rows and columns, some rows at a time."""
    import formualizer

    step = max(AT_ONCE // max(width, 1), 1)
    known = engine.sheet(in_engine(sheet))
    for first in range(1, height + 1 if width else 1, step):
        last = min(first + step - 1, height)
        found: Any = known.get_values(formualizer.RangeAddress(in_engine(sheet), first, 1, last, width))
        yield [[held(value) for value in row] if dict in set(map(type, row)) else row for row in found]


def formula_of(engine: "Workbook", place: Address) -> str:
    """A cell's formula as the engine has it, without its equals sign; empty where it could not parse it."""
    formula = (engine.get_formula(in_engine(place.sheet), place.row, place.column) or "").removeprefix("=")
    return "" if formula.startswith(NOT_PARSED) else formula


def is_malformed(engine: "Workbook", sheet: str, row: int, column: int) -> bool:
    """Whether the engine could not parse a cell's formula; it reports this only if it keeps the formula."""
    return (engine.get_formula(in_engine(sheet), row, column) or "").removeprefix("=").startswith(NOT_PARSED)


@functools.cache
def is_known(function: str) -> bool:
    """Whether the engine has a function of this name: it rejects the arguments, not the name."""
    import formualizer

    scratch = formualizer.Workbook()
    scratch.add_sheet("S")
    try:
        scratch.set_formula("S", 1, 1, f"={function}()")
        value: Any = scratch.evaluate_cell("S", 1, 1)
    except (ValueError, RuntimeError, formualizer.ParserError):
        return False
    return not (isinstance(value, dict) and value["kind"] in ("Name", "NImpl"))


def unknown_functions(names: set[str]) -> set[str]:
    """The names that are not functions."""
    return {name for name in names - set(ANSWERS) if not is_known(name)}
