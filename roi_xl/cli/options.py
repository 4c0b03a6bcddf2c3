"""What do the commands have in common?"""

import datetime as dt
import math
import re
from collections.abc import Callable, Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any

import click

from roi_xl.errors import RoiError, Status
from roi_xl.terminal import say

FINDINGS, USAGE_ERROR = Status.FINDINGS, Status.REFUSED
UNPRINTABLE = {*map(chr, range(0x20)), "\x7f", *map(chr, range(0xD800, 0xE000)), "\ufffe", "\uffff"} - {"\t", "\n"}
"""What no cell holds as text, and half characters, which a command line has for bytes that are no UTF-8."""

PERCENTAGE = re.compile(r"[-+]?(?:[0-9]++(?:\.[0-9]*+)?|\.[0-9]++) ?%")
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2})?)?")
WORDS_OF_A_CELL: dict[str, bool | None] = {"TRUE": True, "FALSE": False, "": None}


def changes(values: Iterable[str]) -> dict[str, Any]:
    """NAME=VALUE options as a mapping; a value is a number, a percentage, a day, TRUE, FALSE, text or nothing."""
    found = {}
    for text in values:
        name, equals, value = text.partition("=")
        if not equals or not name.strip():
            raise RoiError(f"--set takes NAME=VALUE, got {text!r}")
        found[name.strip()] = cell_value(name.strip(), value.strip())
    return found


def cell_value(name: str, text: str) -> float | bool | str | dt.date | None:
    """A value as a person types it into a cell; never a formula. Nothing clears the cell.

    >>> cell_value("rate", "12%"), cell_value("start", "2027-01-31"), cell_value("note", "")
    (0.12, datetime.date(2027, 1, 31), None)
    """
    if not UNPRINTABLE.isdisjoint(text):
        raise RoiError(f"--set {name} takes text in UTF-8 without control characters, got {text!r}")
    if text.startswith("="):
        raise RoiError(f"--set {name} takes a value, not a formula, got {text!r}")
    if PERCENTAGE.fullmatch(text):
        return float(Decimal(text.rstrip("% ")) / 100)
    if DAY.fullmatch(text):
        return day(name, text)
    return WORDS_OF_A_CELL[text.upper()] if text.upper() in WORDS_OF_A_CELL else number_or_text(name, text)


def number_or_text(name: str, text: str) -> float | str:
    """A number, or any other text."""
    try:
        number = float(text.replace("_", ""))
    except ValueError:
        return text
    if not math.isfinite(number):
        raise RoiError(f"--set {name} takes a finite number, got {text!r}")
    return number


def day(name: str, text: str) -> dt.date:
    """A day, or a time of one."""
    try:
        return dt.date.fromisoformat(text) if len(text) == len("2027-01-31") else dt.datetime.fromisoformat(text)
    except ValueError:
        raise RoiError(f"--set {name} takes a day such as 2027-01-31, got {text!r}") from None


set_option = click.option(
    "--set", "settings", multiple=True, metavar="NAME=VALUE", help="Change an input; may be given again."
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
output_option = click.option("-o", "--output", type=click.Path(path_type=Path), help="Write the workbook here.")
in_place_option = click.option("--in-place", is_flag=True, help="Replace the workbook itself.")
force_option = click.option(
    "--force", is_flag=True, help="Write over a workbook that is open in a spreadsheet program."
)
backup_option = click.option("--backup", is_flag=True, help="Keep the old file beside the new one, as NAME.bak.")
model_argument = click.argument("model", type=click.Path(path_type=Path))


def saving_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """How a workbook is replaced."""
    return force_option(backup_option(command))


def say_links(path: Path, links: int) -> None:
    """Say that a file had other names, which do not have the new contents."""
    if links > 0:
        names = (
            "1 other name (a hard link), which keeps" if links == 1 else f"{links} other names (hard links), which keep"
        )
        say(f"{path} has {names} the old workbook", err=True)
