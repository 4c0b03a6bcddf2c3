"""Commands on workbooks: write, recalculate, check, show."""

import dataclasses
import glob
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from roi_xl.cli.options import (
    FINDINGS,
    Whole,
    changes,
    ignore_validation_option,
    in_options,
    in_place_option,
    json_option,
    model_argument,
    output_option,
    saving_options,
    say_large_rates,
    say_links,
    set_option,
)
from roi_xl.describe import gives
from roi_xl.errors import RoiError, Status
from roi_xl.functions.outcome import RESULTS
from roi_xl.quantities import DECISION, EXAMPLE_CURRENCY, TURNS
from roi_xl.recalc.wording import Findings, plain
from roi_xl.template.layout import CHECKS_FLAG, SIMPLE
from roi_xl.terminal import (
    placed,
    print_json,
    print_outcomes,
    print_recalculated,
    print_reports,
    print_table,
    recalculation,
    say,
    working,
)
from roi_xl.xlsx.atomic import other_names

if TYPE_CHECKING:
    from roi_xl.model import Model

SHOWN_OF_FORMULA = 80


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@set_option
@click.option("--currency", default=EXAMPLE_CURRENCY, show_default=True, help="Currency shown with every unit.")
@click.option(
    "--scale",
    type=click.Choice(["units", "thousands", "millions"]),
    default="units",
    show_default=True,
    help="Show the amounts of Summary, Outputs and Cash flow in thousands or millions; inputs stay in units.",
)
@click.option(
    "--formulas",
    type=click.Choice(["native", "functions", "lambda"]),
    default="native",
    show_default=True,
    help="Plain formulas that work everywhere, ROI_ function calls, or calls with LAMBDA definitions included.",
)
@click.option(
    "--depth",
    type=click.Choice(["quick", "full"]),
    default="quick",
    show_default=True,
    help="Seven sheets; full adds options, sensitivity, scenarios and risk (needs SciPy).",
)
@click.option("--protect", is_flag=True, help="Protect formulas, without a password; inputs stay open.")
@click.option("--baseline", metavar="MODEL", help="Today's model; adds a sheet of list prices.")
@click.option("--fine-tuned", "fine_tuned", metavar="MODEL", help="The model to replace it; goes with --baseline.")
@click.option("--force", is_flag=True, help="Replace FILE if it exists.")
def template(
    file: Path,
    settings: tuple[str, ...],
    baseline: str | None,
    fine_tuned: str | None,
    force: bool,
    **how: Any,
) -> None:
    """Write the template workbook FILE, with all values calculated."""
    from roi_xl.template.build import build_template

    if (baseline is None) != (fine_tuned is None):
        raise RoiError("--baseline and --fine-tuned go together")
    models = (baseline, fine_tuned) if baseline and fine_tuned else None

    if file.suffix.lower() != ".xlsx":
        raise RoiError(f"the template must be an .xlsx file, got {file}")
    if file.exists() and not force:
        raise RoiError(f"{file} exists, perhaps with inputs that someone typed in; --force replaces it")
    inputs = changes(settings)
    say_large_rates(inputs)
    with working(f"writing {file.name}"):
        build_template(file, inputs, models=models, **how)
    say(f"wrote {file}")


@click.command()
@click.argument("models", type=click.Path(path_type=Path), nargs=-1, required=True)
@output_option
@in_place_option
@saving_options
@set_option
@click.option(
    "--engine",
    type=click.Choice(["embedded", "libreoffice", "auto"]),
    default="embedded",
    show_default=True,
    help="Where values come from; auto picks the first engine that reproduces the file.",
)
@click.option("--accept-differences", "trust_engine", is_flag=True, help="Use the engine's values where they differ.")
@click.option("--strict", is_flag=True, help="Refuse values that only one of the two evaluations can compute.")
@click.option("--keep-unknown", is_flag=True, help="Keep the stored values of cells that call unknown functions.")
@ignore_validation_option
@click.option("--all", "everything", is_flag=True, help="Print every named output, not just what changed most.")
@json_option
def recalc(
    models: tuple[Path, ...],
    output: Path | None,
    in_place: bool,
    force: bool,
    backup: bool,
    settings: tuple[str, ...],
    everything: bool,
    as_json: bool,
    **how: Any,
) -> int:
    """Recalculate MODELS without a spreadsheet program; only values in the files change.

    Each workbook is first replayed unchanged and compared with its stored values. Cells that
    are not reproduced keep their values and are listed; if a change reaches one, nothing is
    written and the exit status is 3. Without -o or --in-place nothing is written: the results
    are printed. Several workbooks run in parallel and are summarized; the exit status is that
    of the worst.
    """
    if output is not None and in_place:
        raise RoiError("give either -o or --in-place, not both")
    saving = {"force": force, "backup": backup}
    paths = expanded(models)
    if len(paths) > 1:
        if output is not None:
            raise RoiError("-o takes one workbook; use --in-place for several")
        return recalc_all(paths, changes(settings), saving if in_place else None, how, as_json)
    return recalc_one(paths[0], paths[0] if in_place else output, changes(settings), saving, how, everything, as_json)


def expanded(models: Iterable[Path]) -> list[Path]:
    """Files, with patterns such as DIR/*.xlsx expanded where the shell has not done so."""
    found: list[Path] = []
    for model in models:
        is_pattern = "*" in str(model) and not model.exists()
        matches = sorted(Path(name) for name in glob.glob(str(model))) if is_pattern else [model]
        if not matches:
            raise RoiError(f"{model} matches no file")
        found += matches
    return found


def recalc_one(
    model: Path,
    target: Path | None,
    wanted: Mapping[str, Any],
    saving: Mapping[str, bool],
    how: Mapping[str, Any],
    everything: bool,
    as_json: bool,
) -> int:
    """Recalculate one workbook and print its inputs and outputs before and after."""
    from roi_xl.model import open_model
    from roi_xl.recalc.report import before_and_after

    with working(f"recalculating {model.name}"):
        loaded = open_model(model, **how)
        inputs, outputs = before_and_after(loaded, wanted)
        if target is not None:
            links, was_signed = other_names(target), loaded.is_signed
            loaded.save(target, **saving)
            say_links(target, links)
            if was_signed:
                say(f"{target} is no longer signed: saving removes a signature", err=True)
    for said in loaded.doubts.values():
        say(f"note: {said}", err=True)
    if as_json:
        print_json(recalculation(loaded, inputs, outputs, target))
        return 0
    print_recalculated(loaded, model.name, inputs, outputs, everything)
    if target is not None:
        say(f"wrote {target}")
    return 0


def in_words_of(command: click.Command, report: Mapping[str, Any]) -> dict[str, Any]:
    """A report whose refusal, if it is one, names the options of a command."""
    return {**report, "refused": in_options(report["refused"], command)} if "refused" in report else dict(report)


def recalc_all(
    paths: list[Path],
    wanted: Mapping[str, Any],
    saving: Mapping[str, bool] | None,
    how: Mapping[str, Any],
    as_json: bool,
) -> int:
    """Recalculate several workbooks and summarize the outcome of each."""
    from roi_xl.recalc.report import recalculate_all

    reports = {}
    with working("recalculating", len(paths)) as progress:
        for path, report in recalculate_all(paths, wanted, saving, **how):
            reports[str(path)] = in_words_of(recalc, report)
            progress()
            for said in report.get("doubts", []):
                say(f"note: {path}: {said}", err=True)
            if report.get("written"):
                say_links(path, report["links"])
    if as_json:
        print_json(reports)
    else:
        print_outcomes(reports)
    return worst_of(reports)


def worst_of(reports: Mapping[str, Findings]) -> int:
    """The exit status of many workbooks."""
    return max(int(report["status"]) for report in reports.values())


@click.command()
@model_argument
@output_option
@in_place_option
@saving_options
@click.option("--draws", type=Whole(16, 1_000_000), help="Number of cases; by default as in the workbook.")
@click.option("--seed", type=Whole(0), help="Random seed; by default as in the workbook.")
@json_option
def risk(
    model: Path, output: Path | None, in_place: bool, draws: int | None, seed: int | None, as_json: bool, **saving: bool
) -> None:
    """Simulate MODEL, a full template, over its own ranges, and write the results to its Risk sheet.

    Without -o or --in-place nothing is written; the summary is printed.
    """
    from roi_xl.model import open_model
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
            save_model(loaded, target, **saving)
    summary = shown_summary(loaded)
    if as_json:
        print_json({label: plain(value) for label, (value, _) in summary.items()})
    else:
        for label, (value, is_share) in summary.items():
            click.echo(f"{label:<48}{value:>16,.1%}" if is_share else f"{label:<48}{value:>16,.2f}")
    if target is not None:
        say(f"wrote {target}", err=as_json)


def months_of(loaded: "Model") -> int:
    """A template's horizon in months, for the progress bar."""
    months = loaded.outputs.get("months_used")
    return int(months) if isinstance(months, int | float) else 0


@click.command()
@click.argument("models", type=click.Path(path_type=Path), nargs=-1, required=True)
@click.option("--template", "of_template", is_flag=True, help="Compare the formulas with those of the template.")
@json_option
def check(models: tuple[Path, ...], of_template: bool, as_json: bool) -> int:
    """Replay MODELS and compare every formula with its stored value; exit status 1 if any differ.

    Lists cells that are not reproduced with the likely cause, circular references with their
    path, unknown functions, error values, missing values and external links. Several workbooks
    are read in parallel. Nothing is written.

    With --template: lists the formulas of workbooks written by `roi-xl template` that are no
    longer the template's own (overwritten, changed, moved or missing), whatever the inputs.
    """
    from roi_xl.recalc.report import check_all, is_clean

    if of_template:
        return check_template(models, as_json)
    reports = {}
    with working("checking", len(models)) as progress:
        for path, report in check_all(models):
            reports[str(path)] = in_words_of(check, report)
            progress()
    if as_json:
        print_json(reports)
    else:
        print_reports(reports)
    stopped = [report["status"] for report in reports.values() if report.get("status", 0) > Status.NOT_REPRODUCED]
    return max(stopped) if stopped else 0 if all(is_clean(report) for report in reports.values()) else FINDINGS


def check_template(models: tuple[Path, ...], as_json: bool) -> int:
    """Say which formulas of some workbooks are no longer the template's own; exit status 1 if any."""
    from roi_xl.template.own import differing

    found = {}
    with working("comparing", len(models)) as progress:
        for path in models:
            found[str(path)] = differing(path)
            progress()
    if as_json:
        print_json({path: [dataclasses.asdict(one) for one in those] for path, those in found.items()})
    for name, those in {} if as_json else found.items():
        counted = f"{len(those):,} formulas differ from the template's" if those else "as the template has it"
        say(f"{name}: {counted}")
        for one in those:
            holds = f" (holds {one.holds[:SHOWN_OF_FORMULA]})" if one.holds else ""
            say(f"  {one.place} {one.kind}{holds}: the template has {one.template[:SHOWN_OF_FORMULA]}")
    return FINDINGS if any(found.values()) else 0


@click.command()
@model_argument
@json_option
def show(model: Path, as_json: bool) -> None:
    """List the named inputs and outputs of MODEL with their values and cells.

    For a workbook of the template, the decision comes first, as on its first page.
    """
    from roi_xl.model import open_model

    with working(f"reading {model.name}"):
        loaded = open_model(model)
    kinds = {"inputs": loaded.inputs, "outputs": loaded.outputs}
    if as_json:
        print_json({kind: placed(loaded, values) for kind, values in kinds.items()})
        return
    say_decision(loaded)
    for heading, values in shown_groups(loaded).items():
        rows = {name: (value, str(loaded.find(name))) for name, value in values.items()}
        print_table(model.name, (heading, "Value", "Cell"), rows)
    if not any(kinds.values()):
        say(f"{model} has no named cells; any cell can be set as Sheet!A1")


def say_decision(loaded: "Model") -> None:
    """The decision of a template's workbook and what turns it, if its checks let them stand."""
    outputs = loaded.outputs
    if not {DECISION.name, CHECKS_FLAG} <= outputs.keys():
        return
    if outputs[CHECKS_FLAG] != "OK":
        say(f"Model checks: {outputs[CHECKS_FLAG]}. Open Checks first.")
        return
    for quantity in (DECISION, TURNS):
        if outputs.get(quantity.name):
            say(f"{quantity.label}: {outputs[quantity.name]}")


def shown_groups(loaded: "Model") -> dict[str, Mapping[str, Any]]:
    """What is shown, by its heading; the simple results of a template's workbook come last, under their condition."""
    outputs = loaded.outputs
    alike = {gives(formula).name for formula in RESULTS} if DECISION.name in outputs else set()
    return {
        "Input": loaded.inputs,
        "Output": {name: value for name, value in outputs.items() if name not in alike},
        SIMPLE: {name: value for name, value in outputs.items() if name in alike},
    }
