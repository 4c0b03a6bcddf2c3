"""Shell completion: the script, and the names it completes."""

from pathlib import Path

import click
from click.shell_completion import get_completion_class, shell_complete

from roi_xl.errors import RoiError
from roi_xl.xlsx.package import read_package
from roi_xl.xlsx.workbook_part import read_workbook_part

NAME, ASKED = "roi-xl", "_ROI_XL_COMPLETE"
"""The command, and the variable in which a shell asks for completions."""


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print the script that makes SHELL complete commands, options and the names in a workbook.

    In bash or zsh, put eval "$(roi-xl completion bash)" into ~/.bashrc or ~/.zshrc; in fish,
    write the script to ~/.config/fish/completions/roi-xl.fish.
    """
    kind = get_completion_class(shell)
    assert kind is not None
    click.echo(kind(click.get_current_context().find_root().command, {}, NAME, ASKED).source())


def complete(command: click.Command, instruction: str) -> int:
    """Answer a shell that asks for completions."""
    return shell_complete(command, {}, NAME, ASKED, instruction)


def complete_names(context: click.Context, parameter: click.Parameter, beginning: str) -> list[str]:
    """The names in the workbook that the command line gives so far; none if it cannot be read."""
    models = [context.params.get("model"), *(context.params.get("models") or ()), *context.args]
    given = [Path(model) for model in models if model is not None]
    try:
        names = read_workbook_part(read_package(given[0])).names if given else {}
    except RoiError:
        return []
    return [name for name in names if name.startswith(beginning)]
