"""What do all commands share?"""

import datetime as dt
import functools
import glob
import math
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import click

from roi_xl.cli.completion import complete_names
from roi_xl.errors import EXCEL_ERRORS, ExcelError, RoiError, Status
from roi_xl.recalc.wording import doubted_rates
from roi_xl.terminal import say
from roi_xl.text_numbers import Quoted, typed
from roi_xl.xlsx.package import is_same
from roi_xl.xlsx.sheet_cells import UNPRINTABLE

FINDINGS, USAGE_ERROR = Status.FINDINGS, Status.REFUSED
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2})?)?")
WORDS_OF_A_CELL: dict[str, bool | None] = {"TRUE": True, "FALSE": False, "": None}


def changes(values: Iterable[str]) -> dict[str, Any]:
    """NAME=VALUE options as a mapping; a value is a number, a percentage, a day, TRUE, FALSE, text or nothing."""
    found: dict[str, Any] = {}
    for text in values:
        name, equals, value = text.partition("=")
        if not equals or not name.strip():
            raise RoiError(f"--set takes NAME=VALUE, got {text!r}")
        refuse_twice("--set", name.strip(), found)
        found[name.strip()] = cell_value(name.strip(), value.strip())
    return found


def refuse_twice(option: str, name: str, given: Iterable[str]) -> None:
    """Refuse a name that an option has had already."""
    if name.casefold() in map(str.casefold, given):
        raise RoiError(f"{option} gives {name} twice")


def names_in(text: str) -> list[str]:
    """Comma-separated names; a comma inside a quoted sheet name does not separate.

    >>> names_in("roi, 'a,b'!B1")
    ['roi', "'a,b'!B1"]
    """
    return [name.strip() for name in re.findall(r"(?:'(?:[^']|'')*'|[^,'])+", text) if name.strip()]


def cell_value(name: str, text: str) -> float | bool | str | dt.date | ExcelError | None:
    """A value as a person types it into a cell; never a formula. Nothing clears the cell.

    >>> cell_value("rate", "12%"), cell_value("start", "2027-01-31"), cell_value("note", "")
    (0.12, datetime.date(2027, 1, 31), None)
    >>> cell_value("price", "$1,250.50"), cell_value("code", "'007"), cell_value("gap", "#N/A")
    (1250.5, '007', <ExcelError.NA: '#N/A'>)
    """
    if not UNPRINTABLE.isdisjoint(text):
        raise RoiError(f"--set {name} takes text in UTF-8 without control characters, got {text!r}")
    if text.startswith("="):
        raise RoiError(f"--set {name} takes a value, not a formula, got {text!r}")
    if text.startswith("'"):
        return Quoted(text[1:])
    if text.upper() in EXCEL_ERRORS:
        return EXCEL_ERRORS[text.upper()]
    if DAY.fullmatch(text):
        return day(name, text)
    return WORDS_OF_A_CELL[text.upper()] if text.upper() in WORDS_OF_A_CELL else number_or_text(name, text)


def number_or_text(name: str, text: str) -> float | str:
    """A number, perhaps with a currency sign, thousands or brackets, or any other text."""
    number = typed(text)
    if number is None:
        return text
    if not math.isfinite(number):
        raise RoiError(f"--set {name} takes a finite number, got {text!r}")
    return number


def read_number(
    kind: click.ParamType[Any], value: Any, where: tuple[click.Parameter | None, click.Context | None]
) -> float:
    """What was typed for an option as a number, or a message that says what is taken."""
    number = typed(value) if isinstance(value, str) else value
    if isinstance(number, bool) or not isinstance(number, int | float) or not math.isfinite(number):
        kind.fail(f"{value!r} is not a number such as 1000, 1,000 or 10%", *where)
    return (number or 0.0) if isinstance(number, float) else float(number)


class Number(click.ParamType[float]):
    """A number as people type it: 1,000, $5 or 10%."""

    name = "number"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """The number."""
        return read_number(self, value, (param, ctx))


class NumberWithin(click.FloatRange):
    """A number within bounds, as people type it."""

    name = "number"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """The number, if it is within the bounds."""
        return super().convert(read_number(self, value, (param, ctx)), param, ctx)


class Whole(click.IntRange):
    """A whole number within bounds, as people type it."""

    name = "whole number"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """The whole number, if it is within the bounds."""
        number = read_number(self, value, (param, ctx))
        if not number.is_integer():
            self.fail(f"{value!r} is not a whole number", param, ctx)
        return super().convert(int(number), param, ctx)


NUMBER = Number()

PYTHON_ARGUMENT = re.compile(r"^(\w+)(?= must | takes )|\b(\w+)=True\b")
HINT = re.compile(r"(?:;|, or) [^;,]*\b\w+=True\b[^;,]*")


def in_options(message: str, command: click.Command) -> str:
    """A message of the library in a command's words: a Python argument becomes the option that sets it.

    A hint at an argument that the command does not have is dropped.
    """
    options = {option.name: max(option.opts, key=len) for option in command.params if isinstance(option, click.Option)}
    text = PYTHON_ARGUMENT.sub(lambda match: options.get(match[1] or match[2], match[0]), message)
    return HINT.sub("", text)


def speaks_options(command: click.Command) -> click.Command:
    """The command, with its errors worded in its own options."""
    call = command.callback
    assert call is not None

    @functools.wraps(call)
    def callback(*args: Any, **kwargs: Any) -> Any:
        try:
            return call(*args, **kwargs)
        except RoiError as error:
            error.args = (in_options(str(error), command),)
            raise

    command.callback = callback
    return command


def day(name: str, text: str) -> dt.date:
    """A day, or a time of one."""
    try:
        return dt.date.fromisoformat(text) if len(text) == len("2027-01-31") else dt.datetime.fromisoformat(text)
    except ValueError:
        raise RoiError(f"--set {name} takes a day such as 2027-01-31, got {text!r}") from None


set_option = click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="NAME=VALUE",
    shell_complete=complete_names,
    help="Change an input; may be given again.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
output_option = click.option("-o", "--output", type=click.Path(path_type=Path), help="Write the workbook here.")
in_place_option = click.option("--in-place", is_flag=True, help="Replace the workbook itself.")
force_option = click.option("--force", is_flag=True, help="Overwrite a workbook that is open in a spreadsheet program.")
backup_option = click.option("--backup", is_flag=True, help="Keep the old file as NAME.bak.")
ignore_validation_option = click.option(
    "--ignore-validation", is_flag=True, help="Set values that a cell's data validation rejects."
)
model_argument = click.argument("model", type=click.Path(path_type=Path))


def saving_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Options for replacing a workbook."""
    return force_option(backup_option(command))


def refuse_overwriting(inputs: Iterable[str | Path | None], outputs: Mapping[str, Path | None]) -> None:
    """Refuse to write over what the command reads, or two results to one file."""
    read = [file for given in inputs if given is not None for file in files_of(str(given))]
    targets: dict[str, Path] = {}
    for option, path in outputs.items():
        if path is None:
            continue
        if any(is_same(path, file) for file in read):
            raise RoiError(f"{option} names {path}, which this command reads; write to another file")
        if twice := next((other for other, target in targets.items() if is_same(path, target)), None):
            raise RoiError(f"{twice} and {option} both name {path}")
        targets[option] = path


def files_of(given: str) -> list[Path]:
    """The files of an argument: itself, those of a folder, or those of a pattern."""
    path = Path(given)
    if path.is_dir():
        return [file for file in path.rglob("*") if file.is_file()]
    return [path, *map(Path, glob.glob(given, recursive=True))]


def say_links(path: Path, links: int) -> None:
    """Say that a file has other hard links, which keep the old contents."""
    if links > 0:
        names = "1 other hard link, which keeps" if links == 1 else f"{links} other hard links, which keep"
        say(f"{path} has {names} the old workbook", err=True)


def say_large_rates(inputs: Mapping[str, Any]) -> None:
    """Say on stderr what inputs of 100% or more come to, which are no shares: 10 means 10%, as a rule."""
    for said in doubted_rates(inputs):
        say(f"note: {said}", err=True)


def target_of(model: Path, output: Path | None, in_place: bool) -> Path:
    """The file to write: exactly one of the two options must be given."""
    if (output is None) == (not in_place):
        raise RoiError("give either -o or --in-place")
    return output or model
