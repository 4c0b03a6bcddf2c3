"""One door for people in a hurry: the command `roi-xl`."""

import os
import sys

import click

import roi_xl
from roi_xl.cli import addins, models, observe, sweep
from roi_xl.cli.options import NOT_REPRODUCED, READER_GONE, USAGE_ERROR
from roi_xl.errors import NotReproduced, RoiError
from roi_xl.recalc.report import by_cause, described


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(roi_xl.__version__, prog_name="roi-xl")
def cli() -> None:
    """Does fine-tuning this model pay for itself, when, and how sure are we?"""


COMMANDS = (
    models.template,
    models.calc,
    models.recalc,
    models.check,
    models.show,
    models.risk,
    models.add_functions,
    models.unlink,
    sweep.sweep,
    observe.observe,
    addins.excel,
    addins.calc_addin,
    addins.lite,
    addins.vba,
)

for command in COMMANDS:
    cli.add_command(command)


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
