"""The command that runs a workbook through many scenarios."""

import contextlib
import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from roi_xl.cli.options import (
    NumberWithin,
    Whole,
    ignore_validation_option,
    json_option,
    model_argument,
    names_in,
    refuse_overwriting,
    refuse_twice,
)
from roi_xl.cli.questions import answer_goal, answer_tornado
from roi_xl.describe import several
from roi_xl.errors import FileProblem, RoiError, Stopped
from roi_xl.terminal import estimated, print_json, print_table, say, working

if TYPE_CHECKING:
    from roi_xl.model import Model

A_WHILE, LONGEST_TEXT = 120, 60


@click.command()
@model_argument
@click.argument("scenarios", type=click.Path(path_type=Path), required=False)
@click.option("--read", "outputs", multiple=True, metavar="NAME,…", help="Outputs to read, by name or as Sheet!A1.")
@click.option("--grid", multiple=True, metavar="NAME=LOW:HIGH:STEP", help="Values of an input; or NAME=1,2.")
@click.option("--samples", type=Whole(1), help="Draw this many scenarios from --distributions.")
@click.option(
    "--distributions", type=click.Path(path_type=Path), help="A TOML file with a distribution for each input."
)
@click.option("--seed", type=Whole(0), default=1, show_default=True, help="Random seed.")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="Write every scenario here: .csv, .parquet, .xlsx."
)
@click.option("--risk", "report", type=click.Path(path_type=Path), help="Write a report with charts here, as .xlsx.")
@click.option("--resume", is_flag=True, help="Resume an interrupted sweep.")
@click.option("--processes", type=Whole(1, 256), default=1, show_default=True, help="Number of processes.")
@click.option("--cluster", metavar="ADDRESS", help="Run on the workers of a Dask cluster.")
@click.option("--explain", is_flag=True, help="Explain how each cell is evaluated, then stop.")
@click.option("--tornado", is_flag=True, help="Now a command of its own: tornado.")
@click.option("--change", type=NumberWithin(0, 1, min_open=True), default=0.1, hidden=True)
@click.option("--goal", metavar="NAME=VALUE", help="Now a command of its own: goal-seek.")
@click.option("--by", hidden=True)
@click.option("--between", hidden=True)
@ignore_validation_option
@json_option
def sweep(
    model: Path,
    scenarios: Path | None,
    outputs: tuple[str, ...],
    ignore_validation: bool,
    as_json: bool,
    **wanted: Any,
) -> int:
    """Run MODEL through many scenarios at once: the rows of a file, a grid, or random draws.

    Columns are inputs, by name or as Sheet!A1. Only the cells between inputs and outputs are
    evaluated, over arrays. A sample of the scenarios, including the first and the last, also
    runs through the engine; a difference stops the run and names the cell.
    """
    from roi_xl.model import open_model

    sources = [path for path in (scenarios, wanted["distributions"]) if path is not None]
    refuse_overwriting([model, *sources], {"-o": wanted["output"], "--risk": wanted["report"]})
    with working(f"reading {model.name}"):
        loaded = open_model(model, ignore_validation=ignore_validation)
    read = [name for text in outputs for name in names_in(text)] or list(loaded.outputs)
    if wanted["goal"]:
        say("note: sweep --goal has become goal-seek MODEL OUTPUT=VALUE --by NAME", err=True)
        if not wanted["by"]:
            raise RoiError("--goal needs --by NAME")
        return answer_goal(loaded, wanted["goal"], wanted["by"], wanted["between"], as_json)
    if wanted["tornado"]:
        say("note: sweep --tornado has become tornado MODEL OUTPUT", err=True)
        answer_tornado(loaded, read[0], wanted["change"], None, as_json)
        return 0
    asked = scenarios_of(scenarios, wanted)
    wanted["sources"] = list(map(digest, sources))
    return run_sweep(loaded, asked, read, wanted, as_json)


MOST_NAMED = 5


def digest(path: Path) -> str:
    """A fingerprint of a file's contents."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def scenarios_of(file: Path | None, wanted: Mapping[str, Any]) -> Any:
    """The scenarios, from a file, a grid or distributions."""
    from roi_xl.sweeps import scenarios

    if sum(map(bool, (file, wanted["grid"], wanted["samples"]))) != 1:
        raise RoiError("pass a file of scenarios, --grid, or --samples with --distributions")
    if file is not None:
        return scenarios.of_file(file)
    if wanted["grid"]:
        axes: dict[str, Any] = {}
        for name, values in map(scenarios.axis, wanted["grid"]):
            refuse_twice("--grid", name, axes)
            axes[name] = values
        return scenarios.of_grid(axes)
    if wanted["distributions"] is None:
        raise RoiError("--samples needs --distributions FILE")
    inputs, square = scenarios.read_distributions(wanted["distributions"])
    return scenarios.of_samples(inputs, wanted["samples"], wanted["seed"], square)


def run_sweep(loaded: "Model", scenarios: Any, read: list[str], wanted: Mapping[str, Any], as_json: bool) -> int:
    """Run the scenarios, write them to a file if asked, and summarize them."""
    from roi_xl.sweeps.results import Parts, Summary, gather
    from roi_xl.sweeps.run import ERRORS, cluster, doubts, evaluator_of, job_of, processes, swept
    from roi_xl.template.table import check_rows

    job = job_of(loaded, scenarios.names, read)
    for said in doubts(loaded, scenarios):
        say(f"note: {said}", err=True)
    if wanted["explain"]:
        explain(evaluator_of(job), scenarios.count, as_json)
        return 0
    if (evaluator := evaluator_of(job)).plan.by_engine:
        say(f"the engine evaluates every scenario ({duration(evaluator, scenarios.count)}); see --explain", err=True)
    parts = Parts(wanted["output"], (*scenarios.names, *read, ERRORS), joins()) if wanted["output"] else None
    if parts and parts.target.suffix.lower() == ".xlsx":
        check_rows(scenarios.count)
    asked = (wanted["grid"], wanted["samples"], wanted["seed"], wanted["sources"])
    told = repr((job.key, scenarios.names, scenarios.count, asked))
    done = parts.start(told, wanted["resume"]) if parts else 0
    summary = Summary(tuple(read))
    workers = cluster(wanted["cluster"]) if wanted["cluster"] else processes(wanted["processes"])
    with working("scenarios", scenarios.count or 0, count=True) as progress, workers as executor, kept(parts, summary):
        ahead = 2 * wanted["processes"] + 2
        gather(swept(job, scenarios, executor, skip=done, ahead=ahead), summary, parts, done, progress)
    if wanted["report"]:
        report_risk(wanted["report"], loaded, scenarios, summary)
    print_summary(summary, parts.target if parts else None, as_json)
    return 0


def joins() -> dict[str, Any]:
    """Writers of results, by file suffix."""
    from roi_xl.sweeps.results import JOINS
    from roi_xl.template.table import write_table

    return {**JOINS, ".xlsx": write_table}


def explain(evaluator: Any, count: int | None, as_json: bool) -> None:
    """Print how each cell is evaluated, and how long the sweep will take."""
    lines = list(evaluator.plan.lines())
    expected = duration(evaluator, count)
    lines += [f"{place} is evaluated by the engine for the current values" for place in evaluator.gave_up]
    if evaluator.plan.by_engine:
        lines.append(f"expected: {expected}")
    if as_json:
        print_json({"plan": lines, "by_engine": evaluator.plan.by_engine, "expected": expected})
        return
    for line in lines:
        say(line)


def duration(evaluator: Any, count: int | None) -> str:
    """The speed in one process, and the time for a number of scenarios."""
    speed = evaluator.speed()
    if count is None:
        return f"about {speed:,.0f} a second"
    seconds = count / speed
    long = f"{seconds / 60:,.0f} minutes" if seconds > A_WHILE else f"{seconds:,.0f} seconds"
    return f"about {speed:,.0f} a second, {long} in one process"


@contextlib.contextmanager
def kept(parts: Any, summary: Any) -> Iterator[None]:
    """If a sweep is interrupted or the disk is full, say what is complete and how to resume."""
    try:
        yield
    except (KeyboardInterrupt, FileProblem) as problem:
        if parts is None:
            raise
        complete = f"{summary.count:,} scenarios are kept in {parts.folder}; --resume continues from there"
        if isinstance(problem, FileProblem):
            raise FileProblem(f"{problem}; {complete}") from None
        why = problem if isinstance(problem, Stopped) else Stopped()
        raise Stopped(f"{why}; {complete}", why.status) from None
    finally:
        if parts is not None:
            parts.release()


def report_risk(target: Path, loaded: "Model", scenarios: Any, summary: Any) -> None:
    """Write a sweep's report."""
    from roi_xl.template.report import found_in, label_of, write_report

    if target.suffix.lower() != ".xlsx":
        raise RoiError(f"the report must be an .xlsx file, got {target}")
    facts = [
        f"{summary.count:,} scenarios of {', '.join(map(label_of, scenarios.names))[:120]}.",
        f"{summary.not_numbers:,} of them have an output that is not a number. A sample was checked with the engine.",
    ]
    write_report(target, loaded, facts, found_in(summary.rows(), summary.samples))
    say(f"wrote {target}", err=True)


def print_summary(summary: Any, target: Path | None, as_json: bool) -> None:
    """Print a sweep's summary."""
    heads = ("Output", "P10", "P50", "P90", "Mean", "Above 0")
    if as_json:
        print_json(summary.as_data())
    else:
        rows = summary.rows()
        shown = {
            name: (*(estimated(name, value) for value in values), f"{share:.1%}")
            for name, (*values, share) in rows.items()
        }
        print_table(several(summary.count, "scenario"), heads, shown)
        texts = {
            f"{name}: {text[:LONGEST_TEXT]}": (f"{count:,}", f"{count / summary.count:.1%}")
            for name, found in summary.texts.items()
            for text, count in found.most_common(MOST_NAMED)
        }
        print_table(several(summary.count, "scenario"), ("Output and text", "Scenarios", "Share"), texts)
        for name in rows:
            if summary.numbers[name] < summary.count:
                say(f"{name}: statistics cover the {summary.numbers[name]:,} scenarios that give a number")
        if summary.not_numbers:
            with_errors = several(summary.not_numbers, "scenario")
            say(f"{with_errors} with an output that is an error or not a number; see the column errors")
    if summary.gave_up:
        first = ", ".join(sorted(summary.gave_up)[:MOST_NAMED])
        cells = several(len(summary.gave_up), "cell")
        say(f"the engine evaluated {cells} in some scenarios, such as {first}", err=True)
    if target is not None:
        say(f"wrote {target}", err=as_json)
