"""Which values does a cell's data validation accept?

Only rules that stop a person are read, and of those the ones whose bounds are numbers or
whose choices are listed: a bound that is a formula would have to be evaluated.
"""

import datetime as dt
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from roi_xl.errors import OutOfBounds
from roi_xl.xlsx.addresses import Address, parse_range
from roi_xl.xlsx.sheet_cells import Place, Value, plain_text

RULE = re.compile(rb"<((?:\w+:)?)dataValidation\s([^>]*?)(?:/>|>(.*?)</\1dataValidation>)", re.DOTALL)
ATTRIBUTE = re.compile(rb"""(?<!\w)(\w++)=(?:"([^"]*)"|'([^']*)')""")
BOUND = re.compile(rb"<(?:\w+:)?formula([12])>([^<]*)</")
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


Rule: TypeAlias = NumberRule | ListRule


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


Listed: TypeAlias = Callable[[str], Sequence[Value] | None]
"""The values of a range that a rule names; None where it is no plain range."""


def rule_for(sheet: bytes, place: Place, listed: Listed) -> Rule | None:
    """The rule for the values of a cell, or None if the sheet has none that can be told."""
    row, column = place
    for areas, rule in rules(sheet[sheet.rfind(b"sheetData") :], listed):
        if any(top <= row <= bottom and left <= column <= right for top, left, bottom, right in areas):
            return rule
    return None


def rules(text: bytes, listed: Listed) -> Iterator[tuple[list[tuple[int, int, int, int]], Rule]]:
    """Every rule that can be told in what follows the cells of a sheet, with the areas that it holds for."""
    for match in RULE.finditer(text):
        attributes = {name.decode(): plain_text(one or other) for name, one, other in ATTRIBUTE.findall(match[2])}
        bounds = {number: plain_text(bound).strip() for number, bound in BOUND.findall(match[3] or b"")}
        low, high = bounds.get(b"1", ""), bounds.get(b"2", "")
        stops = attributes.get("errorStyle", "stop") == "stop" and attributes.get("showErrorMessage") in ("1", "true")
        kind, operator = attributes.get("type", ""), attributes.get("operator", "between")
        rule = (list_rule(low, listed) if kind == "list" else number_rule(kind, operator, low, high)) if stops else None
        if rule is not None:
            areas = [area for area in attributes.get("sqref", "").split() if AREA.fullmatch(area)]
            yield [parse_range(area) for area in areas], rule


def list_rule(source: str, listed: Listed) -> ListRule | None:
    """The choices between quotes or in a range; None where a formula gives them."""
    if len(source) > 1 and source[0] == source[-1] == '"':
        return ListRule(tuple(choice.strip() for choice in source[1:-1].replace('""', '"').split(",")))
    found = listed(source)
    return None if found is None else ListRule(tuple(value for value in found if value is not None), in_range=True)


def number_rule(kind: str, operator: str, low: str, high: str) -> NumberRule | None:
    """The bounds where they are numbers."""
    wanted = (low, high) if operator in TWO_BOUNDS else (low,)
    if kind not in OF_NUMBERS or operator not in OPERATORS or not all(NUMBER.fullmatch(bound) for bound in wanted):
        return None
    return NumberRule(kind, operator, float(low), float(high) if operator in TWO_BOUNDS else 0.0)
