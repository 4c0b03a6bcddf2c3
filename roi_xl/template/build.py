"""How does the template come about: sheets, then values, then one file?"""

import os
import re
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from roi_xl.checks import LIMITS, check_number
from roi_xl.errors import NotANumber, NotSupported, OutOfBounds, RoiError, UnknownName
from roi_xl.formula.lambda_names import with_functions
from roi_xl.formula.stored_calls import with_room
from roi_xl.functions.price_table import PRICED_IN, Price
from roi_xl.quantities import (
    BASELINE_COST_PER_REQUEST,
    CHOICES,
    DISCOUNT_RATE,
    EXAMPLE_CURRENCY,
    FINE_TUNED_COST_PER_REQUEST,
    HORIZON,
    MODEL_INPUTS,
)
from roi_xl.recalc.compare import is_number
from roi_xl.recalc.model import LoadedModel, nearest
from roi_xl.recalc.opening import open_package
from roi_xl.template import style
from roi_xl.template.as_put_in import fill_put_in
from roi_xl.template.caches import with_chart_values
from roi_xl.template.cases import fill_cases
from roi_xl.template.cash_flow import fill_cash_flow
from roi_xl.template.change_log import fill_change_log
from roi_xl.template.checks import fill_checks
from roi_xl.template.choices import check_lives, choice_of, default_choices, fill_choices
from roi_xl.template.drawings import as_excel_writes
from roi_xl.template.examples import fill_examples, names_shown
from roi_xl.template.formulas import FLAVORS, Formulas
from roi_xl.template.guide import fill_guide
from roi_xl.template.inputs import GIVEN, Linked, default_inputs, fill_inputs
from roi_xl.template.layout import (
    CASES,
    CASH_FLOW,
    CHANGE_LOG,
    CHECKS,
    EXAMPLES,
    GUIDE,
    INPUT_SHEET,
    MONTHS_SHOWN,
    OPTIONS,
    OUTPUTS,
    PRICES,
    RISK,
    SCENARIOS,
    SENSITIVITY,
    SHEETS,
    SUMMARY,
    TRACES,
)
from roi_xl.template.measured import measured_changes
from roi_xl.template.money import SCALES, Scale, in_scale, show_amounts
from roi_xl.template.options import fill_options
from roi_xl.template.outputs import fill_outputs
from roi_xl.template.prices import fill_prices, list_prices, price_cells, price_inputs
from roi_xl.template.retirements import Announced, announced
from roi_xl.template.risk import fill_risk, simulated
from roi_xl.template.scenarios import fill_scenarios
from roi_xl.template.sensitivity import fill_sensitivity
from roi_xl.template.sheet import protect_formulas
from roi_xl.template.summary import fill_summary
from roi_xl.template.traces import fill_traces, input_cells, source_of
from roi_xl.xlsx.package import Package, save_package

if TYPE_CHECKING:
    from roi_xl.observed.findings import Observed

Depth = Literal["quick", "full"]
FIXED_DATE = (1980, 1, 1, 0, 0, 0)
FIXED_MOMENT = b"2026-01-01T00:00:00Z"
MOMENT = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
CURRENCY_CODE = re.compile(r"[A-Za-z]{2,5}|[^\W\d_]?[$€£¥₹₩]")
CORE_PROPERTIES = "docProps/core.xml"
FULL_DISCOUNT_RATE = 0.1
"""The discount rate of a full workbook until a person says what money costs."""

CHOSEN = {quantity.name: quantity for quantity in CHOICES}
MODEL_COSTS = (BASELINE_COST_PER_REQUEST.name, FINE_TUNED_COST_PER_REQUEST.name)
"""The inputs that are built up from the prices of two models, if they are given."""


def build_template(
    path: str | os.PathLike[str],
    inputs: Mapping[str, Any] | None = None,
    *,
    currency: str = EXAMPLE_CURRENCY,
    scale: Scale = "units",
    protect: bool = False,
    formulas: Formulas = "native",
    depth: Depth = "quick",
    models: tuple[str, str] | None = None,
    observed: "Observed | None" = None,
    progress: Callable[[], None] = lambda: None,
) -> None:
    """Write the template workbook, its numbers already in it.

    Args:
        path: the .xlsx file to write.
        inputs: values by name that replace the examples: inputs, the builder's lines, and choices.
        currency: the currency's code or sign, shown with every unit; amounts in JPY, KRW and the like have no cents.
        scale: `thousands` or `millions` for the amounts of Summary, Outputs and Cash flow; inputs stay in units.
        protect: protect every sheet without a password: only inputs can be typed into.
        formulas: `native` for formulas that work in every spreadsheet program,
            `functions` for calls of the ROI_ functions, `lambda` for calls with their LAMBDA definitions.
        depth: `quick` for seven sheets; `full` adds options, sensitivity, scenarios, risk and the
            cases behind them. Needs SciPy: pip install 'roi-xl[risk]'.
        models: the baseline and the fine-tuned model: a sheet of their prices, which the builder takes.
        observed: what `observe` found in traces: a sheet of it, which the inputs take.
        progress: called after each month of the simulation.

    Raises:
        UnknownName: an input has no such name; the nearest names are given.
        NotANumber, OutOfBounds: a value does not fit its input.
        FileProblem: the file cannot be written.

    Example:
        >>> import roi_xl, tempfile, pathlib
        >>> path = pathlib.Path(tempfile.mkdtemp()) / "case.xlsx"
        >>> roi_xl.build_template(path, {"monthly_requests": 200_000}, currency="EUR")
        >>> roi_xl.open_model(path).outputs["net_benefit"]
        15500.0
    """
    check_choices(currency, scale, formulas, depth)
    if models is not None and observed is None and currency != PRICED_IN:
        raise NotSupported(
            f"prices of models are in {PRICED_IN}, and the currency is {currency}: leave out one or the other"
        )
    values = {**input_values(inputs or {}), **at_first(depth, inputs or {})}
    own = {name: value for name, value in (inputs or {}).items() if name not in CHOSEN}
    outside = from_outside(own, models, observed)
    check_lives(values | {name: day for name, (day, _) in outside.retirements(values).items()})
    book = filled_book(values, currency, formulas, depth, outside, scale)
    if protect:
        protect_formulas(book)
    package = packed(book, Path(path))
    model = open_package(with_its_functions(package, formulas))
    if depth == "full":
        simulated(model, {}, progress)
    else:
        model.calculate()
    save_model(model, path)


def check_choices(currency: str, scale: str, formulas: str, depth: str) -> None:
    """Refuse what a workbook cannot be written as."""
    if formulas not in FLAVORS:
        raise RoiError(f"formulas must be {' or '.join(FLAVORS)}, got {formulas!r}")
    if not CURRENCY_CODE.fullmatch(currency):
        raise RoiError(f"currency must be a code such as EUR, got {currency!r}")
    if scale not in SCALES:
        raise RoiError(f"scale must be {', '.join(SCALES)}, got {scale!r}")
    if depth not in SHEETS:
        raise RoiError(f"depth must be {' or '.join(SHEETS)}, got {depth!r}")


def save_model(model: LoadedModel, path: str | os.PathLike[str], *, force: bool = False, backup: bool = False) -> None:
    """Write the workbook with the values of now, those that its charts keep included."""
    package = model.book.package
    charts = {
        part: [with_chart_values(data, model.value)]
        for part, data in package.parts.items()
        if part.startswith("xl/charts/chart")
    }
    streams = {**charts, **model.streams()}
    model.book.package = save_package(package, path, streams, force=force, backup=backup)


def at_first(depth: Depth, given: Mapping[str, Any]) -> dict[str, float]:
    """What a depth begins with in place of the reference case: a full workbook asks what money costs."""
    return {} if depth == "quick" or DISCOUNT_RATE.name in given else {DISCOUNT_RATE.name: FULL_DISCOUNT_RATE}


def input_values(changes: Mapping[str, Any]) -> dict[str, Any]:
    """The examples with a person's own values in their place, each checked; then the choices."""
    known = default_inputs()
    chosen = {name: choice_of(CHOSEN[name], value) for name, value in changes.items() if name in CHOSEN}
    for name, value in changes.items():
        if name in chosen:
            continue
        if name not in known:
            raise UnknownName(f"{name!r} is not an input of the template{nearest(name, {**known, **CHOSEN})}")
        quantity = known[name][0]
        if not is_number(value):
            raise NotANumber(f"{name} must be a number, got {value!r}")
        check_number(LIMITS[quantity.name], value)
        if quantity is HORIZON and not (value == int(value) and 1 <= value <= MONTHS_SHOWN):
            raise OutOfBounds(f"months must be a whole number from 1 to {MONTHS_SHOWN} in the workbook, got {value:g}")
    given = {name: changes.get(name, example) for name, (_, example) in known.items()}
    return {**given, **default_choices(), **chosen}


@dataclass(frozen=True)
class Outside:
    """What comes from outside: a person's own values, traces, and prices."""

    own: Mapping[str, float]
    observed: "Observed | None" = None
    prices: tuple[Price, ...] = ()
    models: tuple[str, str] | None = None

    @property
    def sheets(self) -> tuple[str, ...]:
        """The sheets for it."""
        there = ((TRACES, self.observed is not None), (PRICES, bool(self.prices)))
        return tuple(name for name, is_there in there if is_there)

    def linked(self) -> Linked:
        """The inputs that are no examples; what a sheet gives goes before what was given."""
        found: dict[str, tuple[float | str, str]] = {name: (value, GIVEN) for name, value in self.own.items()}
        if self.observed is not None:
            words = source_of(self.observed)
            found |= {name: (f"={cell}", words) for name, cell in input_cells(self.observed).items()}
        if self.models is not None:
            cells = price_cells(self.prices)
            found |= {name: (f"={cell}", "Prices sheet") for name, cell in price_inputs(self.models, cells)}
        return found

    def retirements(self, values: Mapping[str, Any]) -> Announced:
        """The announced days on which the models are retired, where no other day was given."""
        days = announced(self.models, self.observed)
        return {name: day for name, day in days.items() if values[name] is None}


def from_outside(own: Mapping[str, float], models: tuple[str, str] | None, observed: "Observed | None") -> Outside:
    """The traces, and the list prices of the models: those that were priced, and those of the two."""
    if observed is not None and models is None:
        models = (observed.baseline.models[0], observed.fine_tuned.models[0])
    prices = observed.prices if observed is not None else ()
    if models is not None:
        listed = list_prices(models, strict=observed is None)
        prices = tuple({(one.model, one.kind): one for one in (*listed, *prices)}.values())
    return Outside(own, observed, prices, models)


def with_its_functions(package: Package, formulas: Formulas) -> Package:
    """The package with the functions that its flavor brings along."""
    return with_room(with_functions(package)) if formulas == "lambda" else package


def filled_book(
    values: Mapping[str, Any],
    currency: str,
    formulas: Formulas,
    depth: Depth,
    outside: Outside,
    scale: Scale = "units",
) -> Workbook:
    """The workbook with every sheet, not yet any result."""
    book = Workbook()
    sheets = new_sheets(book, formulas, depth, outside)
    style.register(book)
    full = depth == "full"
    horizon = int(values[HORIZON.name])
    results = in_scale(currency, scale)
    fill_summary(sheets[SUMMARY], results, horizon, full)
    priced = MODEL_COSTS if outside.models is not None and outside.observed is None else ()
    fill_inputs(book, sheets[INPUT_SHEET], values, currency, formulas, full, outside.linked(), priced)
    fill_choices(book, sheets[INPUT_SHEET], values, outside.retirements(values))
    fill_put_in(sheets[INPUT_SHEET], full)
    if outside.observed is not None:
        fill_traces(sheets[TRACES], outside.observed, currency, price_cells(outside.prices), full)
    if outside.prices:
        fill_prices(sheets[PRICES], outside.prices)
    fill_outputs(book, sheets[OUTPUTS], results, formulas)
    fill_cash_flow(sheets[CASH_FLOW], results, horizon)
    fill_checks(book, sheets[CHECKS], full)
    fill_guide(sheets[GUIDE], currency, book.sheetnames)
    fill_change_log(sheets[CHANGE_LOG])
    if full:
        fill_full(book, sheets, values, currency, formulas, outside.observed)
    if EXAMPLES in sheets:
        fill_examples(sheets[EXAMPLES], formulas)
    show_amounts(book, currency, scale, [sheets[name] for name in (SUMMARY, OUTPUTS, CASH_FLOW)])
    book.properties.creator = "roi-xl"
    book.properties.title = "Does fine-tuning pay for itself?"
    return book


def new_sheets(book: Workbook, formulas: Formulas, depth: Depth, outside: Outside) -> dict[str, Worksheet]:
    """Every sheet of the workbook in its place, empty, by its name."""
    book.remove(book.active)
    first, inputs, *rest = SHEETS[depth]
    calls = (EXAMPLES,) if names_shown(formulas) else ()
    return {name: book.create_sheet(name) for name in (first, inputs, *outside.sheets, *rest, *calls)}


def fill_full(
    book: Workbook,
    sheets: Mapping[str, Worksheet],
    values: Mapping[str, Any],
    currency: str,
    formulas: Formulas,
    observed: "Observed | None",
) -> None:
    """The sheets that a full workbook has besides."""
    measured = measured_changes(observed)
    fill_options(sheets[OPTIONS], currency)
    fill_sensitivity(sheets[SENSITIVITY], currency, case_at_first(values, observed), measured)
    fill_scenarios(book, sheets[SCENARIOS], currency)
    fill_risk(book, sheets[RISK], currency, int(values[HORIZON.name]), measured)
    fill_cases(sheets[CASES], currency, formulas)


def case_at_first(values: Mapping[str, Any], observed: "Observed | None") -> dict[str, float]:
    """The inputs of the monthly model as the workbook begins with them, but for those that are built up."""
    measured = {**observed.inputs, **observed.quality} if observed is not None else {}
    return {quantity.name: measured.get(quantity.name, values[quantity.name]) for quantity in MODEL_INPUTS}


def packed(book: Workbook, path: Path) -> Package:
    """The workbook as a package without a trace of when or where it was made."""
    buffer = BytesIO()
    book.save(buffer)
    with zipfile.ZipFile(buffer) as archive:
        parts = as_excel_writes({name: archive.read(name) for name in archive.namelist()})
    parts[CORE_PROPERTIES] = MOMENT.sub(FIXED_MOMENT, parts[CORE_PROPERTIES])
    entries = [zipfile.ZipInfo(name, FIXED_DATE) for name in parts]
    for entry in entries:
        entry.create_system = 0
    return Package(path, tuple(entries), parts)
