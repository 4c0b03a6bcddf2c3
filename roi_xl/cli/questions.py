"""Commands that ask a workbook which input matters most, and what it would take."""

import dataclasses
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from roi_xl.cli.completion import complete_names
from roi_xl.cli.options import FINDINGS, NumberWithin, json_option, model_argument, names_in
from roi_xl.errors import RoiError
from roi_xl.terminal import estimated, print_json, print_table, say, working
from roi_xl.text_numbers import typed

if TYPE_CHECKING:
    from roi_xl.model import Model


@click.command()
@model_argument
@click.argument("output", shell_complete=complete_names)
@click.option(
    "--change",
    type=NumberWithin(0, 1, min_open=True),
    default=0.1,
    show_default=True,
    help="How far each input moves down and up, such as 10%.",
)
@click.option("--inputs", multiple=True, metavar="NAME,…", help="The inputs to move; every named one by default.")
@json_option
def tornado(model: Path, output: str, change: float, inputs: tuple[str, ...], as_json: bool) -> None:
    """Show how much each input of MODEL moves OUTPUT, the largest effect first.

    Inputs and OUTPUT are names, or cells such as Sheet!A1. Inputs that are 0, or that do
    not reach OUTPUT, are left out. An input that takes whole numbers moves to the nearest
    ones, and a note names them.
    """
    named = [name for text in inputs for name in names_in(text)]
    answer_tornado(opened(model), output, change, named or None, as_json)


@click.command("goal-seek")
@model_argument
@click.argument("goal", metavar="OUTPUT=VALUE", shell_complete=complete_names)
@click.option("--by", metavar="NAME", required=True, shell_complete=complete_names, help="The input that may change.")
@click.option("--between", metavar="LOW:HIGH", help="Range to search; by default up to ten times the input.")
@json_option
def goal_seek(model: Path, goal: str, by: str, between: str | None, as_json: bool) -> int:
    """Find where an input of MODEL gives OUTPUT a VALUE: every solution found, or exit status 1 for none."""
    return answer_goal(opened(model), goal, by, between, as_json)


def opened(model: Path) -> "Model":
    """A workbook, with a progress bar while it is read."""
    from roi_xl.model import open_model

    with working(f"reading {model.name}"):
        return open_model(model)


def answer_tornado(loaded: "Model", output: str, change: float, inputs: list[str] | None, as_json: bool) -> None:
    """Print what every input does to an output."""
    from roi_xl.sweeps.swings import swings

    found = swings(loaded, output, change, inputs)
    rows = {swing.name: (swing.low, swing.high, swing.size) for swing in found.swings}
    for said in filter(None, (swing.rounded(change) for swing in found.swings)):
        say(f"note: {said}", err=True)
    for name, why in found.left_out.items():
        say(f"note: {name} is left out: it {why}", err=True)
    if not rows:
        say(f"note: no input moves {output}", err=True)
    if as_json:
        print_json(rows)
        return
    shown = {
        name: tuple("–" if value != value else estimated(output, value) for value in values)
        for name, values in rows.items()
    }
    heads = ("Input", f"{100 * change:.4g}% less", f"{100 * change:.4g}% more", "Swing")
    if any("–" in values for values in shown.values()):
        say("–: beyond what the input's cell accepts, or no number")
    print_table(f"{output} of {loaded.book.package.path.name}", heads, shown)


def answer_goal(loaded: "Model", text: str, by: str, between: str | None, as_json: bool) -> int:
    """Print where an output has a wanted value."""
    from roi_xl.sweeps.goal import Goal
    from roi_xl.sweeps.goal import goal_seek as seek

    name, goal = goal_of(text)
    ends = ends_of(between) if between else None
    for said in filter(None, (loaded.doubt(by, end) for end in dict.fromkeys(ends or ()))):
        say(f"note: {said}", err=True)
    found: Goal = seek(loaded, name, goal, by, ends)
    if as_json:
        told = dataclasses.asdict(found)
        print_json({**told, "between": (told.pop("low"), told.pop("high"))})
    else:
        for line in solutions(found, f"{name} is {goal:g}", by):
            say(line)
    return 0 if found.is_met else FINDINGS


def goal_of(text: str) -> tuple[str, float]:
    """OUTPUT=VALUE as a name and a number."""
    name, equals, value = text.partition("=")
    goal = typed(value) if equals else None
    if goal is None or not math.isfinite(goal):
        raise RoiError(f"the goal must be OUTPUT=VALUE with a number, got {text!r}")
    return name.strip(), goal


def solutions(found: Any, goal: str, by: str) -> list[str]:
    """What was found, line by line."""
    searched = f"searched {by} from {found.low:,.12g} to {found.high:,.12g}; --between searches elsewhere"
    if not found.is_met:
        nearest = f"nearest is {found.at_nearest:,.6g} where {by} is {found.nearest:,.12g}"
        return [f"no {by} found where {goal}: {nearest}", searched]
    lines = [f"{goal} where {by} is {solution:,.12g}" for solution in found.solutions]
    lines += [f"{goal} for every {by} from {low:,.12g} to {high:,.12g}" for low, high in found.stretches]
    lines += [
        f"{goal} between {by} {low:,.0f} and {high:,.0f}, which takes whole numbers only" for low, high in found.passes
    ]
    return [*lines, searched if len(lines) == 1 else f"{len(lines)} solutions; {searched}"]


def ends_of(text: str) -> tuple[float, float]:
    """LOW:HIGH as two numbers."""
    low, high = map(typed, text.split(":")) if text.count(":") == 1 else (None, None)
    if low is None or high is None:
        raise RoiError(f"between takes LOW:HIGH, got {text!r}")
    return low, high
