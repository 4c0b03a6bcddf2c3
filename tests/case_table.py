"""The contract: what every function gives for every kind of argument, in every host."""

import csv
import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from roi_xl.errors import EXCEL_ERRORS, ExcelError

SEPARATOR = " | "
WORDS = {"blank": None, "TRUE": True, "FALSE": False}


@dataclass(frozen=True)
class Case:
    number: int
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
                number,
                row["function"],
                tuple(value(argument) for argument in row["arguments"].split(SEPARATOR)),
                value(row["expected"]),
                row["about"],
            )
            for number, row in enumerate(csv.DictReader(file))
        ]


def by_function(cases: Iterable[Case]) -> pytest.MarkDecorator:
    """Cases that are tested together, one test for each function."""
    groups: dict[str, list[Case]] = {}
    for case in cases:
        groups.setdefault(case.function, []).append(case)
    return pytest.mark.parametrize("cases", groups.values(), ids=groups.keys())


def mistakes(cases: Iterable[Case], answer: Callable[[Case], Any]) -> Iterator[str]:
    """What is wrong with the answers to cases."""
    for case in cases:
        try:
            case.check(answer(case))
        except Exception as error:
            yield f"{case}: {error!r}"


CASES = read_cases()
every_case = by_function(CASES)
