"""Which values does a cell's data validation accept?

Only rules that stop a person are read. What their formulas give is another's to say (`Asked`).
"""

import datetime as dt
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

import numpy as np

from roi_xl.errors import OutOfBounds
from roi_xl.xlsx.addresses import Address, parse_range
from roi_xl.xlsx.sheet_cells import Place, Value, plain_text

RULE = re.compile(rb"<((?:\w+:)?)dataValidation\s([^>]*?)(?:/>|>(.*?)</\1dataValidation>)", re.DOTALL)
ATTRIBUTE = re.compile(rb"""(?<!\w)(\w++)=(?:"([^"]*)"|'([^']*)')""")
BOUND = re.compile(rb"<(?:\w+:)?formula([12])>\s*(?:<(?:\w+:)?f>)?([^<]*)</")
SQREF = re.compile(rb"<(?:\w+:)?sqref>([^<]*)</")
"""Where a rule stands that Excel writes apart because it refers to another sheet: the areas it holds for."""

AREA = re.compile(r"[A-Z]{1,3}[0-9]{1,7}(?::[A-Z]{1,3}[0-9]{1,7})?")
NUMBER = re.compile(r"[-+]?(?:[0-9]++(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")
OPERATORS = {
    "between": "from {low} to {high}",
    "notBetween": "below {low} or above {high}",
    "equal": "{low}",
    "notEqual": "other than {low}",
    "greaterThan": "above {low}",
    "lessThan": "below {low}",
    "greaterThanOrEqual": "at least {low}",
    "lessThanOrEqual": "at most {low}",
}
TWO_BOUNDS = {"between", "notBetween"}
LAST_DAY = 2_958_465
"""The last day that Excel knows, 31 December 9999."""

OF_NUMBERS = {
    "whole": "a whole number ",
    "decimal": "",
    "date": "a day ",
    "time": "a part of a day, ",
    "textLength": "a text whose length is ",
}
"""The kinds of rules for numbers, each as its message begins."""


@dataclass(frozen=True)
class NumberRule:
    """The numbers a cell accepts."""

    kind: str
    operator: str
    low: float
    high: float

    def accepts(self, value: Any) -> Any:
        """Whether a value may be put in; of an array, which of its numbers."""
        if self.kind == "textLength":
            return self.within(length_of(value))
        if isinstance(value, str | bool):
            return False
        fits = self.within(value)
        return fits & (value % 1 == 0) if self.kind == "whole" else fits

    def within(self, value: Any) -> Any:
        """Whether a number lies within the bounds, whole or not; of an array, which of its numbers."""
        low, high = self.low, self.high
        fits = {
            "between": (low <= value) & (value <= high),
            "notBetween": (value < low) | (value > high),
            "equal": value == low,
            "notEqual": value != low,
            "greaterThan": value > low,
            "lessThan": value < low,
            "greaterThanOrEqual": value >= low,
            "lessThanOrEqual": value <= low,
        }
        return fits[self.operator]

    def __str__(self) -> str:
        shown = day_shown if self.kind == "date" else "{:g}".format
        bounds = OPERATORS[self.operator].format(low=shown(self.low), high=shown(self.high))
        return OF_NUMBERS[self.kind] + bounds


def length_of(value: Any) -> Any:
    """How long a value is as text, with at most 15 digits; of an array, each of its numbers.

    >>> length_of("abc"), length_of(0.1 + 0.2), length_of(True)
    (3, 3, 4)
    """
    if isinstance(value, np.ndarray):
        return np.array([length_of(float(number)) for number in value])
    return len(f"{value:.15g}") if isinstance(value, float | int) and not isinstance(value, bool) else len(str(value))


def day_shown(number: float) -> str:
    """A day as it is typed, a number that is no day as it is; 1900 has one day too many.

    >>> day_shown(32), day_shown(46418), day_shown(1e9)
    ('1900-02-01', '2027-01-31', '1e+09')
    """
    if not 0 <= number <= LAST_DAY:
        return f"{number:g}"
    return str(dt.date(1899, 12, 31 if number < 60 else 30) + dt.timedelta(days=int(number)))


@dataclass(frozen=True)
class ListRule:
    """The choices a cell accepts; where a range lists them, capitals do not matter."""

    choices: tuple[Value, ...]
    in_range: bool = False

    def accepts(self, value: Any) -> Any:
        """Whether a value may be put in; of an array, which of its numbers."""
        if isinstance(value, np.ndarray):
            return np.isin(value, [choice for choice in map(as_typed, self.choices) if isinstance(choice, float)])
        return self.form(value) in map(self.form, self.choices)

    within = accepts

    def form(self, value: Value) -> Value:
        """A value as it is compared."""
        typed = as_typed(value)
        return typed.casefold() if isinstance(typed, str) and self.in_range else typed

    def __str__(self) -> str:
        return f"one of {', '.join(map(shown, self.choices))}"


def shown(value: Value) -> str:
    """A value in a message."""
    return f"{value:g}" if isinstance(value, float | int) and not isinstance(value, bool) else str(value).strip()


@dataclass(frozen=True)
class FormulaRule:
    """The values for which a formula is true."""

    text: str
    holds: Callable[[Value], bool]

    def accepts(self, value: Any) -> Any:
        """Whether a value may be put in."""
        return self.holds(value)

    def within(self, value: Any) -> Any:
        """Which numbers of an array it is true for."""
        return np.array([self.holds(float(number)) for number in value], bool)

    def __str__(self) -> str:
        return f"what ={self.text.removeprefix('=')} accepts"


Rule: TypeAlias = NumberRule | ListRule | FormulaRule


def as_typed(value: Value) -> Value:
    """A choice as Excel takes what is typed: a number where it reads as one."""
    if isinstance(value, str) and NUMBER.fullmatch(value.strip().removesuffix("%")):
        return float(value.strip().removesuffix("%")) / (100 if value.strip().endswith("%") else 1)
    if isinstance(value, str) and value.strip().upper() in ("TRUE", "FALSE"):
        return value.strip().upper()
    if isinstance(value, bool):
        return str(value).upper()
    return float(value) if isinstance(value, int) else value


def refuse_invalid(name: str, place: Address, rule: Rule, value: Value) -> None:
    """Refuse a value that the data validation of its cell does not accept."""
    if not rule.accepts(value):
        is_day = isinstance(rule, NumberRule) and rule.kind == "date" and isinstance(value, float | int)
        got = day_shown(float(value)) if is_day else repr(value) if isinstance(value, str) else shown(value)  # type: ignore[arg-type]
        raise OutOfBounds(
            f"{name} must be {rule} by the data validation of {place}, got {got}; ignore_validation=True sets it anyway"
        )


class Untold(Exception):
    """It cannot be told what a rule accepts."""


class Anything(Exception):
    """A rule accepts anything, since a cell is blank that it refers to."""


class Asked(Protocol):
    """Who knows what the formulas of a rule give on the values that the workbook has now.

    A formula is written for the first cell of the rule's areas. Any answer may be `Untold`, or, where a rule
    ignores blanks, `Anything`.
    """

    def number(self, formula: str, first: Place, ignores_blank: bool) -> float:
        """The number that a bound is."""

    def choices(self, formula: str, first: Place, ignores_blank: bool) -> list[Value]:
        """The values that a list has."""

    def condition(self, formula: str, first: Place, ignores_blank: bool) -> Callable[[Value], bool]:
        """Whether a formula is true with a value in the cell."""


Areas: TypeAlias = list[tuple[int, int, int, int]]


@dataclass(frozen=True)
class Written:
    """A rule as the file has it."""

    kind: str
    operator: str
    low: str
    high: str
    ignores_blank: bool
    areas: Areas

    def holds_for(self, place: Place) -> bool:
        """Whether it is a cell's."""
        row, column = place
        return any(top <= row <= bottom and left <= column <= right for top, left, bottom, right in self.areas)


def rule_for(sheet: bytes, place: Place, asked: Asked) -> Rule | None:
    """The rule for the values of a cell, or None if it has none, or one that accepts anything.

    Raises:
        Untold: it has one, and what it accepts cannot be told.
    """
    found = next((one for one in rules(sheet[sheet.rfind(b"sheetData") :]) if one.holds_for(place)), None)
    try:
        return None if found is None else rule_of(found, asked)
    except Anything:
        return None


def rules(text: bytes) -> Iterator[Written]:
    """Every rule that stops a person in what follows the cells of a sheet."""
    for match in RULE.finditer(text):
        said = {name.decode(): plain_text(one or other) for name, one, other in ATTRIBUTE.findall(match[2])}
        inner = match[3] or b""
        if said.get("errorStyle", "stop") != "stop" or said.get("showErrorMessage") not in YES:
            continue
        bounds = {number: plain_text(bound).strip() for number, bound in BOUND.findall(inner)}
        apart = SQREF.search(inner)
        sqref = said.get("sqref", "") if apart is None else apart[1].decode()
        areas = [parse_range(area) for area in sqref.split() if AREA.fullmatch(area)]
        kind, operator = said.get("type", ""), said.get("operator", "between")
        if areas and (kind in (*OF_NUMBERS, "list", "custom")):
            ignores_blank = said.get("allowBlank") in YES
            yield Written(kind, operator, bounds.get(b"1", ""), bounds.get(b"2", ""), ignores_blank, areas)


YES = ("1", "true")


def rule_of(found: Written, asked: Asked) -> Rule:
    """What a rule accepts."""
    first = found.areas[0][:2]
    if found.kind == "list":
        return list_rule(found, first, asked)
    if found.kind == "custom":
        return FormulaRule(found.low, asked.condition(found.low, first, found.ignores_blank))
    if found.operator not in OPERATORS:
        raise Untold(f"an operator {found.operator!r}")

    def number(bound: str) -> float:
        return float(bound) if NUMBER.fullmatch(bound) else asked.number(bound, first, found.ignores_blank)

    high = number(found.high) if found.operator in TWO_BOUNDS else 0.0
    return NumberRule(found.kind, found.operator, number(found.low), high)


def list_rule(found: Written, first: Place, asked: Asked) -> ListRule:
    """The choices between quotes, in a range, or of a formula."""
    source = found.low
    if len(source) > 1 and source[0] == source[-1] == '"':
        return ListRule(tuple(choice.strip() for choice in source[1:-1].replace('""', '"').split(",")))
    choices = asked.choices(source, first, found.ignores_blank)
    return ListRule(tuple(value for value in choices if value is not None), in_range=True)
