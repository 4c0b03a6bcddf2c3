"""One door for people in a hurry: the command `roi-xl`."""

import contextlib
import glob
import hashlib
import math
import os
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import click

import roi_xl
from roi_xl.describe import gives
from roi_xl.errors import NotReproduced, RoiError
from roi_xl.functions.outcome import RESULTS
from roi_xl.quantities import EXAMPLE_CURRENCY, INPUTS, QUANTITIES
from roi_xl.recalc.model import Model, open_model
from roi_xl.recalc.report import by_cause, check_all, described, is_clean, plain, recalculate_all
from roi_xl.terminal import (
    Rows,
    formatted,
    placed,
    print_json,
    print_outcomes,
    print_recalculated,
    print_reports,
    print_table,
    recalculation,
    shown_error,
    working,
)

FINDINGS, USAGE_ERROR, NOT_REPRODUCED, READER_GONE = 1, 2, 3, 141
NUMBERS_OF_A_CELL = {"TRUE": True, "FALSE": False}


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(roi_xl.__version__, prog_name="roi-xl")
def cli() -> None:
    """Does fine-tuning this model pay for itself, when, and how sure are we?"""


def changes(values: Iterable[str]) -> dict[str, Any]:
    """NAME=VALUE options as a mapping; a value is a number, TRUE, FALSE or text."""
    found = {}
    for text in values:
        name, equals, value = text.partition("=")
        if not equals or not name.strip():
            raise RoiError(f"--set takes NAME=VALUE, got {text!r}")
        found[name.strip()] = cell_value(name.strip(), value.strip())
    return found


def cell_value(name: str, text: str) -> float | bool | str:
    """A value as a person types it into a cell; never a formula."""
    if text.startswith("="):
        raise RoiError(f"--set {name} takes a value, not a formula, got {text!r}")
    if text.upper() in NUMBERS_OF_A_CELL:
        return NUMBERS_OF_A_CELL[text.upper()]
    try:
        number = float(text.replace("_", ""))
    except ValueError:
        return text
    if not math.isfinite(number):
        raise RoiError(f"--set {name} takes a finite number, got {text!r}")
    return number


set_option = click.option(
    "--set", "settings", multiple=True, metavar="NAME=VALUE", help="Change an input; may be given again."
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
output_option = click.option("-o", "--output", type=click.Path(path_type=Path), help="Write the workbook here.")
in_place_option = click.option("--in-place", is_flag=True, help="Replace the workbook itself.")
model_argument = click.argument("model", type=click.Path(path_type=Path))


@cli.command()
@click.argument("file", type=click.Path(path_type=Path))
@set_option
@click.option("--currency", default=EXAMPLE_CURRENCY, show_default=True, help="Code or sign shown with every unit.")
@click.option(
    "--formulas",
    type=click.Choice(["native", "functions", "lambda"]),
    default="native",
    show_default=True,
    help="Formulas that work everywhere, or calls of the ROI_ functions; lambda brings the functions along.",
)
@click.option(
    "--depth",
    type=click.Choice(["quick", "full"]),
    default="quick",
    show_default=True,
    help="Six sheets; or options, sensitivity, scenarios and risk as well (needs SciPy).",
)
def template(file: Path, settings: tuple[str, ...], currency: str, formulas: Any, depth: Any) -> None:
    """Write the template workbook FILE, its numbers already in it."""
    from roi_xl.template.build import build_template

    if file.suffix.lower() != ".xlsx":
        raise RoiError(f"the template is an .xlsx file, got {file}")
    with working(f"writing {file.name}"):
        build_template(file, changes(settings), currency=currency, formulas=formulas, depth=depth)
    click.echo(f"wrote {file}")


@cli.command()
@click.argument("models", type=click.Path(path_type=Path), nargs=-1, required=True)
@output_option
@in_place_option
@set_option
@click.option(
    "--engine",
    type=click.Choice(["embedded", "libreoffice", "auto"]),
    default="embedded",
    show_default=True,
    help="Where values come from; auto takes the first that reproduces the file.",
)
@click.option("--accept-differences", is_flag=True, help="Go on with the engine's values where a replay differs.")
@click.option("--strict", is_flag=True, help="Refuse a workbook that calls functions which are not known.")
@json_option
def recalc(
    models: tuple[Path, ...],
    output: Path | None,
    in_place: bool,
    settings: tuple[str, ...],
    engine: Any,
    accept_differences: bool,
    strict: bool,
    as_json: bool,
) -> int:
    """Recalculate MODELS without a spreadsheet program; only values change in the files.

    First a workbook is replayed as it stands and compared with the values stored in it.
    Cells that are not reproduced keep their values and are named; if the change reaches
    one, nothing is written and the exit status is 3. Without -o or --in-place nothing is
    written: the results are printed. Several workbooks are recalculated at a time and
    summed up; the exit status is that of the worst.
    """
    if output is not None and in_place:
        raise RoiError("give either -o or --in-place, not both")
    how = {"engine": engine, "trust_engine": accept_differences, "strict": strict}
    paths = expanded(models)
    if len(paths) > 1:
        if output is not None:
            raise RoiError("-o goes with one workbook; several are replaced --in-place")
        return recalc_all(paths, changes(settings), in_place, how, as_json)
    return recalc_one(paths[0], paths[0] if in_place else output, changes(settings), how, as_json)


def expanded(models: Iterable[Path]) -> list[Path]:
    """Files, and those that a pattern such as DIR/*.xlsx stands for, where no shell has done it."""
    found: list[Path] = []
    for model in models:
        matches = sorted(Path(name) for name in glob.glob(str(model))) if "*" in str(model) else [model]
        if not matches:
            raise RoiError(f"{model} stands for no file")
        found += matches
    return found


def recalc_one(
    model: Path, target: Path | None, wanted: Mapping[str, Any], how: Mapping[str, Any], as_json: bool
) -> int:
    """Recalculate one workbook, and print its inputs and outputs before and after."""
    with working(f"recalculating {model.name}"):
        loaded = open_model(model, **how)
        inputs, outputs = calculated(loaded, wanted)
        if target is not None:
            loaded.save(target)
    if as_json:
        print_json(recalculation(loaded, inputs, outputs, target))
        return 0
    print_recalculated(loaded, model.name, inputs, outputs)
    if target is not None:
        click.echo(f"wrote {target}")
    return 0


def recalc_all(
    paths: list[Path], wanted: Mapping[str, Any], in_place: bool, how: Mapping[str, Any], as_json: bool
) -> int:
    """Recalculate several workbooks, and say what became of each."""
    reports = {}
    with working("recalculating", len(paths)) as progress:
        for path, report in recalculate_all(paths, wanted, in_place, **how):
            reports[str(path)] = report
            progress()
    if as_json:
        print_json(reports)
    else:
        print_outcomes(reports)
    worst: int = max(report["status"] for report in reports.values())
    return worst


def calculated(loaded: Model, wanted: Mapping[str, Any]) -> tuple[Rows, Rows]:
    """Inputs and named outputs, before and after some changes."""
    before = {name: loaded.value(loaded.find(name)) for name in wanted}
    after = loaded.calculate(wanted)
    inputs = {name: (before[name], loaded.value(loaded.find(name))) for name in wanted}
    return inputs, {name: (stored, after[name]) for name, stored in loaded.stored_outputs.items()}


@cli.command()
@model_argument
@output_option
@in_place_option
@click.option("--draws", type=click.IntRange(16, 1_000_000), help="How many cases; as in the workbook if left out.")
@click.option("--seed", type=click.IntRange(0), help="Where the draws start; as in the workbook if left out.")
@json_option
def risk(model: Path, output: Path | None, in_place: bool, draws: int | None, seed: int | None, as_json: bool) -> None:
    """Simulate MODEL, a full template, with the ranges that it holds, and write what is found into its Risk sheet.

    Without -o or --in-place nothing is written: the summary is printed.
    """
    from roi_xl.template.build import save_model
    from roi_xl.template.risk import shown_summary, simulated

    if output is not None and in_place:
        raise RoiError("give either -o or --in-place, not both")
    target = model if in_place else output
    loaded = open_model(model)
    settings = {name: float(value) for name, value in (("draws", draws), ("seed", seed)) if value is not None}
    with working("simulating", 1 + months_of(loaded)) as progress:
        simulated(loaded, settings, progress)
        if target is not None:
            save_model(loaded, target)
    summary = shown_summary(loaded)
    if as_json:
        print_json({label: plain(value) for label, (value, _) in summary.items()})
    else:
        for label, (value, is_share) in summary.items():
            click.echo(f"{label:<48}{value:>16,.1%}" if is_share else f"{label:<48}{value:>16,.2f}")
    if target is not None:
        click.echo(f"wrote {target}", err=as_json)


@cli.command()
@model_argument
@click.argument("scenarios", type=click.Path(path_type=Path), required=False)
@click.option("--read", "outputs", multiple=True, metavar="NAME,…", help="Outputs, by name or as Sheet!A1.")
@click.option("--grid", multiple=True, metavar="NAME=LOW:HIGH:STEP", help="Values of an input, or NAME=1,2,5.")
@click.option("--samples", type=click.IntRange(1), help="Draw so many scenarios from --distributions.")
@click.option("--distributions", type=click.Path(path_type=Path), help="A TOML file: a distribution for each input.")
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True, help="Where the draws start.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Write every scenario here, as .csv or .parquet.")
@click.option("--risk", "report", type=click.Path(path_type=Path), help="Write a report with charts here, as .xlsx.")
@click.option("--resume", is_flag=True, help="Go on with a sweep that was interrupted.")
@click.option("--processes", type=click.IntRange(1, 256), default=1, show_default=True, help="How many processes.")
@click.option("--cluster", metavar="ADDRESS", help="Workers of a Dask cluster instead.")
@click.option("--explain", is_flag=True, help="Say which cells are evaluated how, and stop.")
@click.option("--tornado", is_flag=True, help="What every input does to the output of --read.")
@click.option("--change", default=0.1, show_default=True, help="How much less and more, for --tornado.")
@click.option("--goal", metavar="NAME=VALUE", help="The value that an output shall have.")
@click.option("--by", metavar="NAME", help="The input that may change, for --goal.")
@click.option("--between", metavar="LOW:HIGH", help="Where to look, for --goal.")
@json_option
def sweep(model: Path, scenarios: Path | None, outputs: tuple[str, ...], as_json: bool, **wanted: Any) -> int:
    """Put MODEL through many scenarios at once: rows of a file, a grid, or draws.

    Columns are inputs, by name or as Sheet!A1. Only the cells between inputs and outputs are
    evaluated, over arrays; a sample of the scenarios, the first and the last among them, goes
    through the engine as well, and a difference stops the run and names the cell.
    """
    from roi_xl.recalc.sweep import questions

    with working(f"reading {model.name}"):
        loaded = open_model(model)
    read = [name.strip() for text in outputs for name in text.split(",") if name.strip()] or list(loaded.outputs)
    if wanted["goal"]:
        return answer_goal(questions, loaded, wanted, as_json)
    if wanted["tornado"]:
        found = questions.swings(loaded, read[0], wanted["change"])
        rows = {swing.name: (swing.low, swing.high, swing.size) for swing in found}
        heads = ("Input", f"{wanted['change']:.0%} less", f"{wanted['change']:.0%} more", "Swing")
        if as_json:
            print_json(rows)
        else:
            shown = {
                name: tuple("–" if value != value else formatted(read[0], value) for value in values)
                for name, values in rows.items()
            }
            print_table(f"{read[0]} of {model.name}", heads, shown)
        return 0
    asked = scenarios_of(scenarios, wanted)
    wanted["sources"] = [digest(path) for path in (scenarios, wanted["distributions"]) if path is not None]
    return run_sweep(loaded, asked, read, wanted, as_json)


def digest(path: Path) -> str:
    """What tells the contents of a file from any other."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def answer_goal(questions: Any, loaded: Model, wanted: Mapping[str, Any], as_json: bool) -> int:
    """Say where an output has a wanted value: no place, one, or several; exit status 1 for none."""
    name, equals, value = wanted["goal"].partition("=")
    if not equals or not wanted["by"]:
        raise RoiError(f"--goal takes NAME=VALUE and --by NAME, got {wanted['goal']!r}")
    between = ends_of(wanted["between"]) if wanted["between"] else None
    goal = cell_value(name, value)
    if not isinstance(goal, float):
        raise RoiError(f"--goal takes a number, got {value!r}")
    found = questions.goal_seek(loaded, name.strip(), goal, wanted["by"], between)
    if as_json:
        print_json({"solutions": list(found.solutions), "between": [found.low, found.high]})
    elif not found.solutions:
        span = f"from {found.low:,.12g} to {found.high:,.12g} it goes from {found.at_low:,.6g} to {found.at_high:,.6g}"
        click.echo(f"{name} is {goal:g} for no {wanted['by']} that was tried: {span}")
    for solution in () if as_json else found.solutions:
        click.echo(f"{name} is {goal:g} where {wanted['by']} is {solution:,.12g}")
    if len(found.solutions) > 1 and not as_json:
        click.echo(f"{len(found.solutions)} solutions; --between looks for one of them")
    return 0 if found.solutions else FINDINGS


def ends_of(text: str) -> tuple[float, float]:
    """LOW:HIGH as two numbers."""
    low, _, high = text.replace("_", "").partition(":")
    try:
        return float(low), float(high)
    except ValueError:
        raise RoiError(f"--between takes LOW:HIGH, got {text!r}") from None


def scenarios_of(file: Path | None, wanted: Mapping[str, Any]) -> Any:
    """The scenarios that were asked for, in one of three ways."""
    from roi_xl.recalc.sweep import scenarios

    if sum(map(bool, (file, wanted["grid"], wanted["samples"]))) != 1:
        raise RoiError("give a file of scenarios, or --grid, or --samples with --distributions")
    if file is not None:
        return scenarios.of_file(file)
    if wanted["grid"]:
        return scenarios.of_grid(dict(map(scenarios.axis, wanted["grid"])))
    if wanted["distributions"] is None:
        raise RoiError("--samples needs --distributions FILE")
    inputs, square = scenarios.read_distributions(wanted["distributions"])
    return scenarios.of_samples(inputs, wanted["samples"], wanted["seed"], square)


def run_sweep(loaded: Model, scenarios: Any, read: list[str], wanted: Mapping[str, Any], as_json: bool) -> int:
    """Run the scenarios, write every one of them if asked, and sum them up."""
    from roi_xl.recalc.sweep.results import Parts, Summary
    from roi_xl.recalc.sweep.run import ERRORS, cluster, evaluator_of, job_of, processes, swept

    job = job_of(loaded, scenarios.names, read)
    if wanted["explain"]:
        for line in evaluator_of(job).plan.lines():
            click.echo(line)
        return 0
    parts = Parts(wanted["output"], (*scenarios.names, *read, ERRORS)) if wanted["output"] else None
    asked = (wanted["grid"], wanted["samples"], wanted["seed"], wanted["sources"])
    told = repr((job.key, scenarios.names, scenarios.count, asked))
    done = parts.start(told, wanted["resume"]) if parts else 0
    summary = Summary(tuple(read))
    workers = cluster(wanted["cluster"]) if wanted["cluster"] else processes(wanted["processes"])
    with working("scenarios", scenarios.count or 0, count=True) as progress, workers as executor, kept(parts, summary):
        ahead = 2 * wanted["processes"] + 2
        for number, (batch, found) in enumerate(swept(job, scenarios, executor, skip=done, ahead=ahead), start=done):
            if parts:
                parts.put(number, {**batch, **found})
            summary.add(found)
            progress(len(found[ERRORS]))
    if parts:
        parts.finish()
    if wanted["report"]:
        report_risk(wanted["report"], loaded, scenarios, summary)
    print_summary(summary, parts.target if parts else None, as_json)
    return 0


@contextlib.contextmanager
def kept(parts: Any, summary: Any) -> Iterator[None]:
    """Say, if a sweep is interrupted, what is complete and how to go on."""
    try:
        yield
    except KeyboardInterrupt:
        if parts is None:
            raise
        complete = f"{summary.count:,} scenarios are kept in {parts.folder}"
        raise RoiError(f"interrupted; {complete}: --resume goes on with them") from None


def report_risk(target: Path, loaded: Model, scenarios: Any, summary: Any) -> None:
    """Write the report of a sweep."""
    from roi_xl.template.report import found_in, write_report

    if target.suffix.lower() != ".xlsx":
        raise RoiError(f"the report is an .xlsx file, got {target}")
    facts = [
        f"{summary.count:,} scenarios of {', '.join(scenarios.names)[:120]}.",
        f"{summary.not_numbers:,} of them have an output that is no number. A sample was checked against the engine.",
    ]
    write_report(target, loaded.book.package.path.name, facts, found_in(summary.rows(), summary.samples))
    click.echo(f"wrote {target}", err=True)


def print_summary(summary: Any, target: Path | None, as_json: bool) -> None:
    """What came of a sweep."""
    heads = ("Output", "P10", "P50", "P90", "Mean", "Above 0")
    rows = summary.rows()
    if as_json:
        names = [head.lower().replace(" ", "_") for head in heads[1:]]
        outputs = {name: dict(zip(names, values, strict=True)) for name, values in rows.items()}
        print_json({"scenarios": summary.count, "with_errors": summary.not_numbers, "outputs": outputs})
    else:
        shown = {name: (*values[:-1], f"{values[-1]:.1%}") for name, values in rows.items()}
        print_table(f"{summary.count:,} scenarios", heads, shown)
        if summary.not_numbers:
            click.echo(f"{summary.not_numbers:,} of them have an output that is no number: see the column errors")
    if target is not None:
        click.echo(f"wrote {target}", err=as_json)


def months_of(loaded: Model) -> int:
    """The horizon of a template, for a progress bar."""
    months = loaded.outputs.get("months_used")
    return int(months) if isinstance(months, int | float) else 0


@cli.command()
@click.argument("models", type=click.Path(path_type=Path), nargs=-1, required=True)
@json_option
def check(models: tuple[Path, ...], as_json: bool) -> int:
    """Replay MODELS and compare every formula with its stored value; exit status 1 for findings.

    Lists what is not reproduced with its likely cause, circular references with their path,
    functions that are not known, error values, missing values and external links. Several
    workbooks are read at a time. Nothing is written.
    """
    reports = {}
    with working("checking", len(models)) as progress:
        for path, report in check_all(models):
            reports[str(path)] = report
            progress()
    if as_json:
        print_json(reports)
    else:
        print_reports(reports)
    return 0 if all(is_clean(report) for report in reports.values()) else FINDINGS


@cli.command()
@model_argument
@json_option
def show(model: Path, as_json: bool) -> None:
    """List the named inputs and outputs of MODEL, with their values and places."""
    with working(f"reading {model.name}"):
        loaded = open_model(model)
    kinds = {"inputs": loaded.inputs, "outputs": loaded.outputs}
    if as_json:
        print_json({kind: placed(loaded, values) for kind, values in kinds.items()})
        return
    for kind, values in kinds.items():
        rows = {name: (value, str(loaded.find(name))) for name, value in values.items()}
        print_table(model.name, (kind.capitalize()[:-1], "Value", "Cell"), rows)
    if not any(kinds.values()):
        click.echo(f"{model} has no named cells; any cell can be set as Sheet!A1")


def six_inputs(command: Callable[..., Any]) -> Callable[..., Any]:
    """An option for each of the six inputs, from the vocabulary."""
    for quantity in reversed(INPUTS):
        flag = "--" + quantity.name.replace("_", "-")
        option = click.option(flag, type=float, default=quantity.default, show_default=True, help=quantity.help())
        command = option(command)
    return command


@cli.command()
@six_inputs
@json_option
def calc(as_json: bool, **inputs: float) -> None:
    """Answer in the terminal; without options, the reference case."""
    rows = dict(zip((gives(formula) for formula in RESULTS), roi_xl.report(**inputs), strict=True))
    values = {quantity.name: shown_error(value) for quantity, (_, value) in rows.items()}
    if as_json:
        print_json({"inputs": inputs, "outputs": {name: plain(value) for name, value in values.items()}})
        return
    for name, value in values.items():
        quantity = QUANTITIES[name]
        click.echo(
            f"{quantity.label:<28}{formatted(name, value):>16}  {quantity.unit.named()}".rstrip()
            if not isinstance(value, str)
            else f"\n{value}"
        )


@cli.command("add-functions")
@model_argument
@output_option
@in_place_option
def add_functions(model: Path, output: Path | None, in_place: bool) -> None:
    """Give MODEL the ROI_ functions as names, for Excel 365 with nothing installed.

    Each function becomes a defined name whose value is a LAMBDA. Everything else in the
    file stays. Leave the names out of workbooks that use the functions through an add-in:
    nobody says which of the two Excel takes.
    """
    from roi_xl.recalc.names import NAMED, with_functions
    from roi_xl.recalc.package import read_package, save_package

    if (output is None) == (not in_place):
        raise RoiError("give either -o or --in-place")
    target = output or model
    save_package(with_functions(read_package(model)), target, {})
    click.echo(f"wrote {target} with {len(NAMED)} functions")


@cli.group()
def excel() -> None:
    """The functions in every workbook of Excel on Windows."""


appdata_option = click.option(
    "--appdata",
    type=click.Path(path_type=Path),
    help="The user's application data, instead of the folder that Windows names.",
)


@excel.command("install")
@appdata_option
def excel_install(appdata: Path | None) -> None:
    """Build the add-in for this Python and put it into Excel's start-up folder.

    Nothing of the user's is overwritten. The same code stands beside it as a module, for
    those who may not install add-ins.
    """
    from roi_xl.addins.excel import install, this_place

    place = this_place(appdata)
    install(place)
    click.echo(f"wrote {place.addin}\nwrote {place.vba}\nstart Excel and type =ROI_PERCENT(")


@excel.command("doctor")
@appdata_option
@click.option("--workbook", type=click.Path(path_type=Path), help="A workbook in which the functions do not work.")
def excel_doctor(appdata: Path | None, workbook: Path | None) -> int:
    """Say what is installed, what is wrong, and how to mend it; exit status 1 if something is."""
    from roi_xl.addins.excel import examine, this_place

    findings = list(examine(this_place(appdata), workbook))
    for finding in findings:
        click.echo(
            f"{'ok ' if finding.well else 'BAD'}  {finding.about}{'' if finding.well else f' -> {finding.mend}'}"
        )
    return 0 if all(finding.well for finding in findings) else FINDINGS


@excel.command("uninstall")
@appdata_option
def excel_uninstall(appdata: Path | None) -> None:
    """Take the add-in out again."""
    from roi_xl.addins.excel import this_place, uninstall

    click.echo("removed" if uninstall(this_place(appdata)) else "there was nothing to remove")


@cli.command()
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Folder to write to; printed by default.")
def lite(output: Path | None) -> None:
    """The main.py and requirements.txt to paste into xlwings Lite."""
    from roi_xl.addins.lite import REQUIREMENTS, main_text
    from roi_xl.recalc.package import replacing

    for name, text in (("main.py", main_text()), ("requirements.txt", REQUIREMENTS)):
        if output is None:
            click.echo(f"# {name}\n{text}")
            continue
        with replacing(output / name) as file:
            file.write(text.encode())
        click.echo(f"wrote {output / name}")


@cli.command("calc-addin")
@click.argument("action", type=click.Choice(["build", "install", "remove"]), default="build")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Where to build it; here by default.")
def calc_addin(action: str, output: Path | None) -> None:
    """The functions for LibreOffice Calc: build the extension, or install or remove it.

    `build` writes roi-xl.oxt, which a double click installs as well.
    """
    from roi_xl.addins import calc

    if action != "build" and output is not None:
        raise RoiError(f"-o goes with build, not with {action}")
    if action == "build":
        calc.build(output or Path(calc.FILE_NAME))
        click.echo(f"wrote {output or calc.FILE_NAME}")
    elif action == "install":
        with tempfile.TemporaryDirectory() as folder:
            calc.build(Path(folder, calc.FILE_NAME))
            calc.install(Path(folder, calc.FILE_NAME))
        click.echo("installed: start LibreOffice Calc and type =ROI_PERCENT(")
    else:
        calc.remove()
        click.echo("removed")


@cli.command()
@click.option("-o", "--output", type=click.Path(path_type=Path), default=Path("."), help="Folder to write to.")
def vba(output: Path) -> None:
    """Write the VBA modules that give desktop Excel real errors with xlwings."""
    from roi_xl.hosts.vba import bridge, wrappers
    from roi_xl.recalc.package import replacing

    for name, text in (("roi_xl.bas", wrappers()), ("roi_xl_bridge.bas", bridge())):
        with replacing(output / name) as file:
            file.write(text.encode("ascii"))
        click.echo(f"wrote {output / name}")


def main(arguments: list[str] | None = None) -> int:
    """Run the command; any mistake is one line on stderr and exit status 2, never a traceback."""
    try:
        with cli.make_context("roi-xl", sys.argv[1:] if arguments is None else arguments) as context:
            status: int = cli.invoke(context) or 0
            sys.stdout.flush()
            return status
    except click.exceptions.Exit as finished:
        return finished.exit_code
    except BrokenPipeError:  # whoever read our output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return READER_GONE
    except NotReproduced as error:
        complain(str(error))
        for line in by_cause([described(difference) for difference in error.differences]):
            click.echo(f"  {line}", err=True)
        return NOT_REPRODUCED
    except (click.ClickException, click.Abort, RoiError, KeyboardInterrupt, MemoryError) as error:
        return explain(error)


def explain(error: BaseException) -> int:
    """Say what went wrong in one line, or show the help where nothing was asked."""
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        click.echo(error.format_message())
        return USAGE_ERROR
    if isinstance(error, click.ClickException):
        return complain(error.format_message())
    if isinstance(error, MemoryError):
        return complain("not enough memory for this workbook")
    return complain(str(error) if isinstance(error, RoiError) else "interrupted; nothing was written")


def complain(message: str) -> int:
    """One line on stderr."""
    click.echo("roi-xl: " + " ".join(message.split()), err=True)
    return USAGE_ERROR
