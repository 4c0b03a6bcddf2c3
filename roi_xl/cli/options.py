"""What do the commands have in common?"""

import math
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

from roi_xl.errors import RoiError

FINDINGS, USAGE_ERROR, NOT_REPRODUCED, READER_GONE = 1, 2, 3, 141
NUMBERS_OF_A_CELL = {"TRUE": True, "FALSE": False}


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
