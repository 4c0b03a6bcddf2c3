"""Command-line interface: the command `roi-xl`."""

import contextlib
import errno
import gc
import os
import sys
import traceback
from collections.abc import Sequence

import click

import roi_xl
from roi_xl.cli import addins, calculator, completion, mcp, models, names, observe, questions, sweep
from roi_xl.cli.options import speaks_options
from roi_xl.cli.supervisor import supervised
from roi_xl.errors import NotReproduced, RoiError, Status, Stopped
from roi_xl.recalc.wording import by_cause
from roi_xl.terminal import say, shortened
from roi_xl.xlsx.atomic import WRITTEN

DEBUG = "ROI_XL_DEBUG"
ISSUES = "the issue tracker of roi-xl"
"""Where a bug is reported."""

OF_OUTPUT = {errno.EPIPE, errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EBADF}
"""Errors of stdout; files that we write raise errors of our own."""

STANDARD_STREAMS = (0, 1, 2)


STATUSES = "\b\nExit status:\n" + "\n".join(f"{status:>5}  {status.meaning}" for status in Status)


@click.group(epilog=STATUSES, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(roi_xl.__version__, prog_name="roi-xl")
def cli() -> None:
    """Does fine-tuning this model pay for itself, when, and how sure are we?"""


COMMANDS = (
    models.template,
    calculator.calc,
    models.recalc,
    models.check,
    models.show,
    models.risk,
    names.add_functions,
    names.unlink,
    sweep.sweep,
    questions.tornado,
    questions.goal_seek,
    observe.observe,
    addins.excel,
    addins.calc_addin,
    addins.lite,
    addins.js,
    addins.vba,
    mcp.mcp,
    completion.completion,
)

for command in COMMANDS:
    cli.add_command(speaks_options(command))


def run() -> int:
    """Run the command line, supervised."""
    have_streams()
    collect_seldom()
    if os.environ.get(DEBUG) != "1":
        sys.unraisablehook = lambda ignored: None  # what libraries meet while they tidy up is no news to anyone
    if asked := os.environ.get(completion.ASKED):
        return completion.complete(cli, asked)
    try:
        return supervised(by_itself, complain)
    except RoiError as error:
        return complain(str(error))


def collect_seldom() -> None:
    """Look for garbage less often: a workbook is many small objects, all in use until the command ends."""
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def have_streams() -> None:
    """Make sure stdin, stdout and stderr are open, so that no file we write takes their place."""
    while (opened := os.open(os.devnull, os.O_RDWR)) <= max(STANDARD_STREAMS):
        continue
    os.close(opened)
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115
        getattr(sys, name).reconfigure(errors="backslashreplace")


def by_itself() -> int:
    """Run the command in a process of its own, which has stderr to itself."""
    if os.environ.get(DEBUG) != "1":
        with contextlib.suppress(OSError):
            keep_stderr()
    return main()


def keep_stderr() -> None:
    """Have nobody but us write to stderr: the engine, where it fails, tells there in its own words."""
    ours = os.dup(sys.stderr.fileno())
    sys.stderr = open(ours, "w", encoding=sys.stderr.encoding, errors=sys.stderr.errors, buffering=1)  # noqa: SIM115
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, max(STANDARD_STREAMS), inheritable=True)
    os.close(nowhere)


def main(arguments: list[str] | None = None) -> int:
    """Run the command; a mistake is one line on stderr and an exit status, never a traceback."""
    given = sys.argv[1:] if arguments is None else arguments
    WRITTEN.clear()
    try:
        with cli.make_context("roi-xl", given) as context:
            status: int = cli.invoke(context) or 0
            sys.stdout.flush()
            return status
    except click.exceptions.Exit as finished:
        return finished.exit_code
    except NotReproduced as error:
        from roi_xl.recalc.report import described

        complain(str(error))
        for line in by_cause([described(difference) for difference in error.differences]):
            say(f"  {line}", err=True)
        return Status.NOT_REPRODUCED
    except (click.ClickException, click.Abort, RoiError, KeyboardInterrupt, MemoryError) as error:
        return explain(error)
    except OSError as error:
        return not_shown(error) if error.filename is None and error.errno in OF_OUTPUT else fault(error, given)
    except SystemExit:  # by Rich, when the reader closes the pipe
        return Status.READER_GONE
    except BaseException as error:  # a panic in the engine is not an Exception
        return fault(error, given)


def explain(error: BaseException) -> int:
    """Say in one line what went wrong, or show the help if there was no command."""
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        click.echo(error.format_message())
        return Status.REFUSED
    if isinstance(error, click.ClickException):
        return complain(error.format_message())
    if isinstance(error, MemoryError):
        return complain("not enough memory for this workbook")
    if isinstance(error, RoiError):
        return complain(str(error))
    why = error if isinstance(error, Stopped) else Stopped()
    complain(f"{why}; {what_was_written()}")
    return why.status


def what_was_written() -> str:
    """The files already written, for someone whose command was stopped."""
    return f"written before that: {', '.join(map(str, WRITTEN))}" if WRITTEN else "nothing was written"


def not_shown(error: OSError) -> int:
    """Stay silent if the reader closed the pipe; otherwise say that the output could not be written."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    if isinstance(error, BrokenPipeError):  # the reader closed the pipe
        return Status.READER_GONE
    complain(f"the output cannot be written: {error.strerror}; {what_was_written()}")
    return Status.NOT_SHOWN


def fault(error: BaseException, arguments: Sequence[str]) -> int:
    """Say that this is a bug in roi-xl, with which files, and how to report it."""
    if os.environ.get(DEBUG) == "1":
        traceback.print_exception(error)
    files = ", ".join(text for text in arguments if os.path.isfile(text)) or "no file"
    kind = f"{type(error).__name__}: {error}".splitlines()[0]
    complain(
        f"a bug in roi-xl, not in your input, with {files} ({kind}); {what_was_written()}. "
        f"Please report it with the file at {ISSUES}; {DEBUG}=1 shows the traceback"
    )
    return Status.FAULT


def complain(message: str) -> int:
    """One line on stderr."""
    with contextlib.suppress(OSError):
        say(shortened(f"roi-xl: {message}"), err=True)
    return Status.REFUSED
