"""The command that answers in the terminal, without a workbook."""

from collections.abc import Callable, Mapping
from typing import Any

import click

from roi_xl import quantities as q
from roi_xl.checks import LIMITS, check_number
from roi_xl.cli.options import NUMBER, json_option, say_large_rates
from roi_xl.quantities import DECISION, INPUTS, MODEL_INPUTS, QUANTITIES, TURNS, Kind
from roi_xl.recalc.wording import formatted, plain
from roi_xl.template.layout import SIMPLE
from roi_xl.terminal import month_by_month, print_json, results_of

NARROWEST = 28
"""The column of labels, unless one is longer."""


def input_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """An option for each of the six inputs and of the fifteen that make months differ."""
    for quantity in reversed(MODEL_INPUTS):
        flag = "--" + quantity.name.replace("_", "-")
        option = click.option(flag, type=NUMBER, default=quantity.default, show_default=True, help=quantity.help())
        command = option(command)
    return command


@click.command()
@input_options
@click.option(
    "--roi",
    "basis",
    type=click.Choice(q.ROI_BASIS.options, case_sensitive=False),
    default=q.ROI_BASIS.options[0],
    show_default=True,
    help="What the ROI divides by.",
)
@json_option
def calc(as_json: bool, basis: str, **inputs: float) -> None:
    """Calculate a business case in the terminal; without options, the reference case.

    With an option that makes months differ, a discount rate, or another ROI, the cash flow
    decides, and the simple results follow under their condition.
    """
    six = {quantity.name: inputs[quantity.name] for quantity in INPUTS}
    for name, value in inputs.items():
        check_number(LIMITS[name], value)
    say_large_rates({"--" + name.replace("_", "-"): value for name, value in inputs.items()})
    simple = results_of(six)
    by_month = month_by_month(inputs, basis)
    if as_json:
        shown = {name: plain(value) for name, value in {**simple, **by_month}.items()}
        print_json({"inputs": inputs if by_month else six, "outputs": shown})
        return
    if by_month:
        simple.pop(TURNS.name)
        said = [by_month.pop(quantity.name) for quantity in (DECISION, TURNS)]
        click.echo("\n".join([*filter(None, said), ""]))
        print_results(by_month)
        click.echo(f"\n{SIMPLE}:")
    print_results(simple)


def print_results(values: Mapping[str, Any]) -> None:
    """Results with their labels and units; a sentence stands by itself."""
    width = max(NARROWEST, *(1 + len(QUANTITIES[name].label) for name in values))
    for name, value in values.items():
        quantity = QUANTITIES[name]
        if quantity.kind is not Kind.TEXT:
            click.echo(f"{quantity.label:<{width}}{formatted(name, value):>16}  {quantity.unit.beside()}".rstrip())
        elif value:
            click.echo(f"\n{value}")
