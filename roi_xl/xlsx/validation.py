"""Which numbers does a cell's data validation accept?

Only rules that stop a person, and whose bounds are numbers, are read: a bound that is a
formula would have to be evaluated.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from roi_xl.errors import OutOfBounds
from roi_xl.xlsx.addresses import Address, parse_range
from roi_xl.xlsx.sheet_cells import Place, plain_text

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


@dataclass(frozen=True)
class NumberRule:
    """The numbers a cell accepts."""

    whole: bool
    operator: str
    low: float
    high: float

    def accepts(self, value: Any) -> Any:
        """Whether a number may be put in; of an array, which of its numbers."""
        fits = self.within(value)
        return fits & (value % 1 == 0) if self.whole else fits

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
        bounds = OPERATORS[self.operator].format(low=f"{self.low:g}", high=f"{self.high:g}")
        return f"{'a whole number ' if self.whole else ''}{bounds}"


def refuse_invalid(name: str, place: Address, rule: NumberRule, value: float) -> None:
    """Refuse a number that the data validation of its cell does not accept."""
    if not rule.accepts(value):
        raise OutOfBounds(
            f"{name} must be {rule} by the data validation of {place}, got {value:g}; "
            "ignore_validation=True sets it anyway"
        )


def number_rule(sheet: bytes, place: Place) -> NumberRule | None:
    """The rule for the numbers of a cell, or None if the sheet has none."""
    row, column = place
    for areas, rule in number_rules(sheet[sheet.rfind(b"sheetData") :]):
        if any(top <= row <= bottom and left <= column <= right for top, left, bottom, right in areas):
            return rule
    return None


def number_rules(text: bytes) -> Iterator[tuple[list[tuple[int, int, int, int]], NumberRule]]:
    """Every rule for numbers in what follows the cells of a sheet, with the areas that it holds for."""
    for match in RULE.finditer(text):
        attributes = {name.decode(): plain_text(one or other) for name, one, other in ATTRIBUTE.findall(match[2])}
        bounds = {number: plain_text(bound).strip() for number, bound in BOUND.findall(match[3] or b"")}
        rule = rule_of(attributes, bounds.get(b"1", ""), bounds.get(b"2", ""))
        if rule is not None:
            areas = [area for area in attributes.get("sqref", "").split() if AREA.fullmatch(area)]
            yield [parse_range(area) for area in areas], rule


def rule_of(attributes: dict[str, str], low: str, high: str) -> NumberRule | None:
    """A rule that blocks input and has numeric bounds, or None."""
    kind, operator = attributes.get("type"), attributes.get("operator", "between")
    stops = attributes.get("errorStyle", "stop") == "stop" and attributes.get("showErrorMessage") in ("1", "true")
    wanted = (low, high) if operator in TWO_BOUNDS else (low,)
    if kind not in ("whole", "decimal") or operator not in OPERATORS or not stops:
        return None
    if not all(NUMBER.fullmatch(bound) for bound in wanted):
        return None
    return NumberRule(kind == "whole", operator, float(low), float(high) if operator in TWO_BOUNDS else 0.0)
