"""Which values meet a criterion such as 5, "red*" or ">=3"?"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from roi_xl.errors import EXCEL_ERRORS, ExcelError, NoAnswer
from roi_xl.excel.coercion import DIGITS
from roi_xl.excel.collation import collated
from roi_xl.excel.values import (
    BLANK,
    LOGICAL,
    NUMBER,
    TAGS,
    TEXT,
    TEXTS,
    Array,
    Vector,
    tags_of,
)
from roi_xl.text_numbers import number_in
from roi_xl.xlsx.sheet_cells import Value

SIGN = re.compile(r"(<>|<=|>=|=|<|>)?(.*)", re.DOTALL)
WILD = re.compile(r"~[*?~]|[*?]")
DIV0, VALUE = TAGS[ExcelError.DIV0], TAGS[ExcelError.VALUE]
COMPARED: dict[str, Callable[[Any, Any], Any]] = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


@dataclass(frozen=True)
class Criterion:
    """An operator and its operand: a number, text (perhaps with wildcards), a logical value, an error, or nothing."""

    sign: str
    wanted: Value
    loose: bool = False
    """Whether an empty text counts as nothing as well."""


@lru_cache(maxsize=10_000, typed=True)
def criterion_of(value: Value) -> Criterion:
    """A criterion as it is given: text may begin with a sign, and may say a number, a truth or an error.

    >>> criterion_of(">=3"), criterion_of("TRUE")
    (Criterion(sign='>=', wanted=3.0, loose=False), Criterion(sign='=', wanted=True, loose=False))
    """
    if value is None:
        return Criterion("=", 0.0)
    if not isinstance(value, str):
        return Criterion("=", float(value) if type(value) is int else value)
    match = SIGN.fullmatch(value)
    assert match is not None
    sign, text = match[1] or "=", match[2]
    if text == "":
        return Criterion(sign, None, loose=match[1] is None)
    if text.upper() in ("TRUE", "FALSE"):
        return Criterion(sign, text.upper() == "TRUE")
    if text.upper() in EXCEL_ERRORS:
        return Criterion(sign, EXCEL_ERRORS[text.upper()])
    number = number_or_none(text)
    return Criterion(sign, text if number is None else number)


@lru_cache(maxsize=100_000)
def number_or_none(text: str) -> float | None:
    """The number that a text reads as, if it does."""
    try:
        return number_in(text)
    except NoAnswer:
        return None


def mask(values: Vector, criterion: Criterion) -> Any:
    """Which values of a vector meet a criterion."""
    tags, numbers = tags_of(values), np.asarray(values.values, float)
    sign, wanted = criterion.sign, criterion.wanted
    if sign in COMPARED:
        return beyond(tags, numbers, sign, wanted)
    if sign == "<>":
        return ~(alike_number(tags, numbers, wanted) if isinstance(wanted, float) else equal(tags, numbers, criterion))
    return equal(tags, numbers, criterion)


def equal(tags: Array, numbers: Array, criterion: Criterion) -> Any:
    """Which values are what a criterion wants: a number also as text, a text with wildcards in any letter case."""
    wanted = criterion.wanted
    if wanted is None:
        nothing = tags == BLANK
        loose = criterion.loose
        return nothing | among_texts(tags, numbers, lambda text: text == "") if loose else nothing
    if isinstance(wanted, bool):
        return (tags == LOGICAL) & (numbers == wanted)
    if isinstance(wanted, ExcelError):
        return tags == TAGS[wanted]
    if isinstance(wanted, float):
        near = alike_number(tags, numbers, wanted)
        return near | among_texts(tags, numbers, lambda text: number_or_none(text) == wanted)
    pattern = pattern_of(str(wanted))
    return among_texts(tags, numbers, lambda text: pattern.fullmatch(text) is not None)


def alike_number(tags: Array, numbers: Array, wanted: float) -> Any:
    """Which values are a number; a text that says it is not, as <> takes it."""
    return (tags == NUMBER) & alike(numbers, wanted)


def alike(numbers: Array, wanted: float) -> Any:
    """Which numbers have the same first 15 digits as another one."""
    rounded = float(f"{wanted:.{DIGITS}g}")
    return (np.abs(numbers - rounded) <= np.abs(rounded) * 1e-15) | (numbers == wanted)


def beyond(tags: Array, numbers: Array, sign: str, wanted: Value) -> Any:
    """Which values are less or greater; numbers are compared with numbers, texts with texts."""
    compare = COMPARED[sign]
    if isinstance(wanted, bool):
        return (tags == LOGICAL) & compare(numbers, float(wanted))
    if isinstance(wanted, float):
        return (tags == NUMBER) & compare(numbers, wanted)
    if isinstance(wanted, str):
        place = collated(wanted)
        return among_texts(tags, numbers, lambda text: bool(compare(collated(text), place)))
    return np.zeros(tags.shape, bool)


def among_texts(tags: Array, numbers: Array, test: Callable[[str], bool]) -> Any:
    """Which values are texts that pass a test; each text is looked at once."""
    found = np.zeros(tags.shape, bool)
    texts = tags == TEXT
    if texts.any():
        known = np.unique(numbers[texts])
        passed = known[[test(TEXTS.all[int(place)]) for place in known]]
        found[texts] = np.isin(numbers[texts], passed)
    return found


@lru_cache(maxsize=10_000)
def pattern_of(text: str) -> re.Pattern[str]:
    """Text with the wildcards * and ? as a pattern; ~ escapes them.

    What stands between two * is looked for once, from the left, so that no text takes long.
    """
    segments, place = [""], 0
    for match in WILD.finditer(text):
        segments[-1] += re.escape(text[place : match.start()])
        if match[0] == "*":
            segments.append("")
        else:
            segments[-1] += "." if match[0] == "?" else re.escape(match[0][-1])
        place = match.end()
    segments[-1] += re.escape(text[place:])
    first, *rest = segments
    middle = "".join(f"(?>.*?{segment})" for segment in rest[:-1] if segment)
    return re.compile(first + middle + (f".*{rest[-1]}" if rest else ""), re.IGNORECASE | re.DOTALL)
