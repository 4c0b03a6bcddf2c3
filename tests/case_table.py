"""The contract: what every function gives for every kind of argument, in every host."""

import csv
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from roi_xl.errors import EXCEL_ERRORS, ExcelError

SEPARATOR = " | "
WORDS = {"blank": None, "TRUE": True, "FALSE": False}


@dataclass(frozen=True)
class Case:
    function: str
    arguments: tuple[Any, ...]
    expected: Any
    about: str

    def __str__(self) -> str:
        return f"{self.function} {self.about} {self.arguments}"

    @property
    def numeric(self) -> bool:
        """Whether every argument is a plain number, as Python takes it."""
        return all(type(argument) is float for argument in self.arguments)

    def check(self, got: Any) -> None:
        """The same error or text, or the same number to twelve digits."""
        if isinstance(self.expected, ExcelError | str):
            assert got == self.expected, f"{self}: {got!r}"
            return
        assert isinstance(got, int | float), f"{self}: {got!r}"
        assert not isinstance(got, bool)
        assert math.isclose(got, self.expected, rel_tol=1e-12, abs_tol=1e-9), f"{self}: {got!r} for {self.expected!r}"


def value(text: str) -> Any:
    """An argument or a result as the table writes it."""
    if text in WORDS:
        return WORDS[text]
    if text in EXCEL_ERRORS:
        return EXCEL_ERRORS[text]
    if text.startswith("'"):
        return text.strip("'")
    try:
        return float(text)
    except ValueError:
        return text


def read_cases() -> list[Case]:
    path = Path(__file__).with_name("cases.csv")
    with path.open(newline="", encoding="utf-8") as file:
        return [
            Case(
                row["function"],
                tuple(value(argument) for argument in row["arguments"].split(SEPARATOR)),
                value(row["expected"]),
                row["about"],
            )
            for row in csv.DictReader(file)
        ]


CASES = read_cases()
every_case = pytest.mark.parametrize("case", CASES, ids=str)
