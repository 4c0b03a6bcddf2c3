"""What stands before, after and between delimiters in a text?"""

import math
import re
from collections.abc import Callable
from typing import Any

from roi_xl.errors import ExcelError, NoAnswer
from roi_xl.excel.coercion import flat, to_number, to_text, to_truth, to_whole
from roi_xl.excel.registry import ONE, RANGE, function
from roi_xl.excel.text import rows_of
from roi_xl.excel.toolpak import MISSING, Missing
from roi_xl.xlsx.sheet_cells import Value


def places_of(text: str, delimiters: list[str], ignore_case: bool) -> list[tuple[int, int]]:
    """Where delimiters stand in a text, and where they end."""
    pattern = "|".join(re.escape(d) for d in sorted(delimiters, key=len, reverse=True) if d)
    if not pattern:
        return []
    return [match.span() for match in re.finditer(pattern, text, re.IGNORECASE if ignore_case else 0)]


def around(before: bool) -> Callable[..., Any]:
    """TEXTBEFORE or TEXTAFTER."""

    def part(
        text: Value,
        delimiter: Any,
        instance: Value | Missing = MISSING,
        mode: Value = 0.0,
        to_end: Value = 0.0,
        otherwise: Value = ExcelError.NA,
    ) -> Value:
        inside, end_counts = to_text(text), to_whole(to_end)
        number = 1 if isinstance(instance, Missing) else math.floor(to_number(instance))
        delimiters = [to_text(value) for value in flat(rows_of(delimiter))]
        longest = max(abs(number), 0 if isinstance(instance, Missing) else min(map(len, delimiters)))
        if number == 0 or longest > max(len(inside), 1) or end_counts not in (0, 1):
            raise NoAnswer(ExcelError.VALUE)
        if "" in delimiters:
            return "" if before == (number > 0) else inside
        found = places_of(inside, delimiters, to_whole(mode) != 0)
        if end_counts:
            found = [*found, (len(inside),) * 2] if number > 0 else [(0, 0), *found]
        if abs(number) > len(found):
            return "" if otherwise is None else otherwise
        start, end = found[number - 1 if number > 0 else number]
        return inside[:start] if before else inside[end:]

    return part


function("TEXTBEFORE", wants=(ONE, RANGE, ONE), errors=True)(around(before=True))
function("TEXTAFTER", wants=(ONE, RANGE, ONE), errors=True)(around(before=False))


@function("TEXTSPLIT", wants=(ONE, RANGE, RANGE, ONE), errors=True)
def textsplit(
    text: Value,
    columns: Any,
    rows: Any = None,
    skip: Value = False,
    mode: Value = 0.0,
    pad: Value = ExcelError.NA,
) -> list[list[Value]]:
    """TEXTSPLIT: into columns, and into rows if there is a delimiter for them."""
    ignore = bool(mode and to_whole(mode))
    if columns is None and rows is None:
        raise NoAnswer(ExcelError.VALUE)
    lines = pieces(to_text(text), rows, ignore)
    cells = [pieces(line, columns, ignore) for line in lines]
    if skip is not None and to_truth(skip):
        cells = [[piece for piece in line if piece] for line in cells]
        cells = [line for line in cells if line]
    width = max(map(len, cells), default=0)
    if not width:
        raise NoAnswer(ExcelError.CALC)
    return [[*line, *[pad] * (width - len(line))] for line in cells]


def pieces(text: str, delimiter: Any, ignore_case: bool) -> list[str]:
    """The pieces of a text between delimiters."""
    if delimiter is None:
        return [text]
    delimiters = [to_text(value) for value in flat(rows_of(delimiter))]
    if delimiters == [""]:
        raise NoAnswer(ExcelError.VALUE)
    found, last = [], 0
    for start, end in places_of(text, delimiters, ignore_case):
        found.append(text[last:start])
        last = end
    return [*found, text[last:]]
