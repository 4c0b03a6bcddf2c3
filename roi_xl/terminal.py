"""What does a terminal or a pipe show?"""

import contextlib
import heapq
import itertools
import json
import math
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Table
from rich.text import Text

import roi_xl
from roi_xl.cells import shown
from roi_xl.describe import gives
from roi_xl.functions.decision import every_month_alike
from roi_xl.functions.ledger import Program
from roi_xl.functions.outcome import RESULTS
from roi_xl.functions.returns import RETURNS
from roi_xl.functions.turning import what_turns_it
from roi_xl.quantities import QUANTITIES, ROI_BASIS, TURNS
from roi_xl.recalc.compare import agree, is_number
from roi_xl.recalc.wording import (
    EMBEDDED,
    Findings,
    by_cause,
    error_values,
    formatted,
    left_open,
    not_verified,
    plain,
    summed_up,
    unprefixed,
)
from roi_xl.template.layout import LEDGER_RESULTS
from roi_xl.xlsx.limits import get_further

if TYPE_CHECKING:
    from roi_xl.model import Model

PIPE_WIDTH = 110
MOST_LISTED = 12
ESTIMATE_FORMAT, LARGE_FORMAT, LARGE = "{:,.6g}", "{:,.2f}", 1_000
Rows = Mapping[str, tuple[Any, Any]]
CONTROL_PICTURES = {number: 0x2400 + number for number in range(0x20)} | {0x7F: 0x2421}
DIRECTIONS_AND_HALVES = (
    *range(0x80, 0xA0), 0x61C, *range(0x200B, 0x2010), *range(0x2028, 0x202F), *range(0x2066, 0x206A),
    *range(0xD800, 0xE000), 0xFEFF,
)  # fmt: skip
VISIBLE = CONTROL_PICTURES | {number: f"\\u{number:04x}" for number in DIRECTIONS_AND_HALVES}
LONGEST_WORD = 300
"""The longest word a message shows; input may be a megabyte long."""


def visible(text: str) -> str:
    r"""Text with control and invisible characters made visible.

    >>> visible("a\x1b[31mred\u202e")
    'a␛[31mred\\u202e'
    """
    return text.translate(VISIBLE)


def say(text: str, err: bool = False) -> None:
    """Print one line of text to stdout or stderr."""
    click.echo(visible(text), err=err)


def shortened(message: str) -> str:
    """A message on one line, with overlong words cut in the middle."""
    words = message.split()
    half = LONGEST_WORD // 2
    return " ".join(word if len(word) <= LONGEST_WORD else f"{word[:half]}…{word[-half:]}" for word in words)


@contextlib.contextmanager
def working(what: str, steps: int = 1, *, count: bool = False) -> Iterator[Callable[..., None]]:
    """A progress bar on a terminal; nothing in a pipe.

    With a count it shows the number done, the rate and the time left; what more is known of it follows its name.
    """
    console = Console(stderr=True, quiet=not sys.stderr.isatty())
    counts = (MofNCompleteColumn(), SpeedColumn()) if count else ()
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, *counts, console=console, transient=True) as bar:
        task = bar.add_task(visible(what), total=steps if steps > 1 else None)

        def further(done: int = 1, of: str = "") -> None:
            bar.update(task, advance=done, description=visible(f"{what}, {of}") if of else None)
            get_further()

        yield further


class SpeedColumn(ProgressColumn):
    """Steps per second."""

    def render(self, task: Task) -> Text:
        """The speed so far."""
        return Text(f"{task.speed:,.0f}/s" if task.speed else "")


def print_reports(reports: Mapping[str, Findings]) -> None:
    """A summary table of checks, and the differing cells grouped by cause."""
    table = Table(header_style="bold")
    for heading in ("Workbook", "Compared", "Different", "Volatile", "No value", "Errors", "Unknown functions"):
        table.add_column(heading, justify="left" if heading in ("Workbook", "Unknown functions") else "right")
    for path, report in reports.items():
        if "refused" in report:
            table.add_row(*plain_texts(path, "refused", "", "", "", "", ""))
            continue
        counts = (report["compared"], len(report["different"]), report["volatile"], report["missing"], report["errors"])
        unknown = ", ".join(report["unknown_functions"])
        table.add_row(*plain_texts(path, *(f"{count:,}" for count in counts), unknown))
    for path, report in reports.items():
        if "verified" in report:
            say(f"{path}: {summed_up(report)}")
    wide_console().print(table)
    for path, report in reports.items():
        lines = [
            *([shortened(report["refused"])] if "refused" in report else []),
            *not_verified(report),
            *left_open(report),
            *unprefixed(report),
            *error_values(report),
            *by_cause(report.get("different", [])),
            *map("external link to {}".format, report.get("external_links", [])),
            *report.get("settings", []),
        ]
        for line in lines:
            say(f"{path}: {line}")


def print_outcomes(reports: Mapping[str, Findings]) -> None:
    """A table of recalculated workbooks with changed cells, then why others were refused."""
    table = Table(header_style="bold")
    for heading in ("Workbook", "Formula cells", "Changed", "Kept"):
        table.add_column(heading, justify="left" if heading == "Workbook" else "right")
    for path, report in reports.items():
        if "refused" in report:
            table.add_row(*plain_texts(path, "refused", "", ""))
        else:
            counts = (f"{report[count]:,}" for count in ("formulas", "changed", "kept"))
            table.add_row(*plain_texts(path, *counts))
    wide_console().print(table)
    for report in reports.values():
        if "refused" in report:
            say(shortened(report["refused"]), err=True)


def say_kept(model: "Model") -> None:
    """Say on stderr what was not reproduced, and what only one evaluation gives."""
    from roi_xl.recalc.report import findings

    found = findings(model)
    if not model.replay.compared and "verified" in found:
        say(summed_up(found), err=True)
    for line in (*not_verified(found), *left_open(found), *unprefixed(found)):
        say(line, err=True)
    for place, why in found["not_validated"].items():
        say(f"the data validation of {place} is not enforced: {why}", err=True)
    for line in by_cause(found["different"]):
        say(f"kept as stored: {line}", err=True)


def print_recalculated(loaded: "Model", title: str, inputs: Rows, outputs: Rows, everything: bool) -> None:
    """Inputs and outputs before and after, with notes a reader needs."""
    print_table(title, ("Input", "Before", "After"), inputs)
    changed = changed_most(outputs)
    if everything or 0 < len(outputs) <= MOST_LISTED:
        print_changes(title, "Output", outputs)
    elif changed:
        print_changes(title, "Output", dict(itertools.islice(each_once(changed).items(), MOST_LISTED)))
    elif inputs:
        print_changes(title, "Cell", cells_changed_most(loaded))
    if len(outputs) > MOST_LISTED and not everything:
        click.echo(f"{len(changed):,} of {len(outputs):,} named outputs changed; --all lists every one")
    if inputs:
        click.echo("{:,} of {:,} formula cells changed".format(*loaded.changed))
    if outputs and not changed and not without_effect(inputs):
        click.echo("no named output changed: does a switch in the workbook bypass these inputs?", err=True)
    if loaded.engine != EMBEDDED:
        click.echo(f"values by {loaded.engine}", err=True)
    say_kept(loaded)


def print_changes(title: str, kind: str, rows: Rows) -> None:
    """Values before and after, with the change in percent."""
    table = {name: (before, after, percent_changed(before, after)) for name, (before, after) in rows.items()}
    print_table(title, (kind, "Before", "After", "Change"), table)


def changed_most(rows: Rows) -> Rows:
    """The rows that changed: results before helper cells, texts and errors first, then the largest relative changes."""
    changed = {name: pair for name, pair in rows.items() if not agree(*pair)}
    return dict(sorted(changed.items(), key=lambda item: (item[0] not in QUANTITIES, -relative_change(*item[1]))))


def each_once(rows: Rows) -> Rows:
    """The rows without those whose values an earlier one has: a ROI by several names is told once."""
    told: dict[tuple[Any, ...], str] = {}
    for name, pair in rows.items():
        told.setdefault(to_nine_digits(pair), name)
    return {name: rows[name] for name in told.values()}


def to_nine_digits(pair: tuple[Any, Any]) -> tuple[Any, ...]:
    """Two values, numbers without the digits that rounding leaves."""
    return tuple(f"{value:.9g}" if is_number(value) else value for value in pair)


def cells_changed_most(loaded: "Model") -> Rows:
    """The formula cells that changed most, for workbooks without named outputs."""
    found = heapq.nlargest(MOST_LISTED, loaded.changes(), key=lambda change: relative_change(*change[1:]))
    return {str(place): (before, after) for place, before, after in found}


def relative_change(before: Any, after: Any) -> float:
    """The relative change of a value; infinite if either is not a number or it was 0."""
    if not (is_number(before) and is_number(after)) or before == 0:
        return math.inf
    return float(abs(after / before - 1))


def percent_changed(before: Any, after: Any) -> str:
    """The signed change of a number in percent; empty for anything else."""
    if not (is_number(before) and is_number(after)) or before in (0, after):
        return ""
    return f"{(after - before) / abs(before):+,.1%}"


def recalculation(loaded: "Model", inputs: Rows, outputs: Rows, target: Path | None) -> dict[str, Any]:
    """The same as JSON data; where no output has a name, with the cells that changed most."""
    from roi_xl.recalc.report import findings

    return {
        "inputs": pairs(inputs),
        "outputs": pairs(outputs),
        "cells": {} if outputs else pairs(cells_changed_most(loaded)),
        "changed": loaded.changed[0],
        "written": str(target) if target else None,
        **findings(loaded),
        "engine": loaded.engine,
    }


def without_effect(rows: Rows) -> bool:
    """Whether no value changed."""
    return all(before == after for before, after in rows.values())


def results_of(inputs: Mapping[str, float]) -> dict[str, Any]:
    """Every result of a business case by its name, as cells show it, and what turns the answer."""
    rows = zip(RESULTS, roi_xl.report(**inputs), strict=True)
    found = {gives(formula).name: shown(formula, value) for formula, (_, value) in rows}
    return {**found, TURNS.name: what_turns_it(**inputs)}


def month_by_month(inputs: Mapping[str, float], basis: str = ROI_BASIS.options[0]) -> dict[str, Any]:
    """The results of the cash flow by the names of their quantities; none if every month is like the others.

    Of the returns, it is the one that was asked for.
    """
    program = Program(**inputs)
    if basis == ROI_BASIS.options[0] and every_month_alike(program):
        return {}
    others = {formula for known, formula in RETURNS.items() if known != basis}
    found = {}
    for formula in (formula for formula in LEDGER_RESULTS if formula not in others):
        value = formula(**inputs) if hasattr(formula, "by_month") else formula(program)
        found[gives(formula).name] = shown(formula, value)
    return {**found, TURNS.name: what_turns_it(**inputs)}


def pairs(rows: Rows) -> dict[str, Any]:
    """Before and after as JSON data."""
    return {name: {"before": plain(before), "after": plain(after)} for name, (before, after) in rows.items()}


def placed(model: "Model", values: Mapping[str, Any]) -> dict[str, Any]:
    """Values with their cells as JSON data."""
    return {name: {"value": plain(value), "cell": str(model.find(name))} for name, value in values.items()}


def print_json(data: Any) -> None:
    """Print strict JSON: numbers that are not finite become null."""
    click.echo(json.dumps(finite(data), indent=2, allow_nan=False))


def finite(data: Any) -> Any:
    """Data with non-finite numbers replaced by None.

    >>> finite({"payback": float("inf"), "swings": (1.0, float("nan"))})
    {'payback': None, 'swings': [1.0, None]}
    """
    if isinstance(data, Mapping):
        return {name: finite(value) for name, value in data.items()}
    if isinstance(data, list | tuple):
        return [finite(value) for value in data]
    return None if isinstance(data, float) and not math.isfinite(data) else data


def print_table(title: str, headings: Sequence[str], rows: Mapping[str, Sequence[Any]]) -> None:
    """Print a table of names with their values."""
    if not rows:
        return
    table = Table(title=plain_text(title), title_justify="left", header_style="bold")
    table.add_column(headings[0], no_wrap=True)
    for heading in headings[1:]:
        table.add_column(plain_text(heading), justify="right")
    for name, values in rows.items():
        table.add_row(*plain_texts(name, *(formatted(name, value) for value in values)))
    wide_console().print(table)


def plain_text(text: str) -> Text:
    """Text for a table, free of markup."""
    return Text(visible(text))


def plain_texts(*texts: str) -> Iterator[Text]:
    """A row of plain texts."""
    return map(plain_text, texts)


def wide_console() -> Console:
    """A console as wide as the terminal, or of fixed width for a file or pipe."""
    return Console() if sys.stdout.isatty() else Console(width=PIPE_WIDTH)


def estimated(name: str, value: Any) -> str:
    """A statistic, rounded to meaningful digits."""
    if name in QUANTITIES or not isinstance(value, int | float):
        return formatted(name, value)
    return (LARGE_FORMAT if abs(value) >= LARGE else ESTIMATE_FORMAT).format(value)
