"""Which number format does a cell have?"""

import functools
import html
import re

from roi_xl.xlsx.sheet_cells import Place, find_cell

STYLE = re.compile(rb"""\ss=["']([0-9]{1,6})["']""")
CELL_STYLES = re.compile(rb"<(?:\w+:)?cellXfs[\s>].*?</(?:\w+:)?cellXfs\s*>", re.DOTALL)
CELL_STYLE = re.compile(rb"<(?:\w+:)?xf(?=[\s/>])[^<>]*>")
FORMAT = re.compile(rb"<(?:\w+:)?numFmt\s[^<>]*>")
NUMBER = re.compile(rb"""\snumFmtId=["']([0-9]{1,6})["']""")
CODE = re.compile(rb"""\sformatCode=(?:"([^"]*)"|'([^']*)')""")
GENERAL, TEXT = "General", "@"
BUILT_IN = {9: "0%", 10: "0.00%", 49: TEXT}
"""Of the formats that need no code in a file, those that change what is typed into a cell."""

LITERAL = re.compile(r'"[^"]*"?|\\.|_.|\[[^\]]*\]?')
"""What a number format shows as it stands; what is never closed goes on to the end."""


def number_format(styles: bytes, sheet: bytes, place: Place) -> str:
    """The number format of a cell; General for a cell that is not there."""
    cell = find_cell(sheet, place)
    style = None if cell is None else STYLE.search(cell[1])
    formats = formats_of(styles)
    number = 0 if style is None else int(style[1])
    return formats[number] if number < len(formats) else GENERAL


@functools.lru_cache(maxsize=8)
def formats_of(styles: bytes) -> tuple[str, ...]:
    """The number format of each cell style, in the order by which cells refer to them."""
    own = {id_of(found[0]): code_of(found[0]) for found in FORMAT.finditer(styles)}
    listed = CELL_STYLES.search(styles)
    numbers = [id_of(found[0]) for found in CELL_STYLE.finditer(listed[0] if listed else b"")]
    return tuple({**BUILT_IN, **own}.get(number, GENERAL) for number in numbers)


def id_of(element: bytes) -> int:
    """The number of the format that an element names."""
    found = NUMBER.search(element)
    return int(found[1]) if found else 0


def code_of(element: bytes) -> str:
    """A format as it is written."""
    found = CODE.search(element)
    return html.unescape((found[1] or found[2] or b"").decode("utf-8", "replace")) if found else GENERAL


def is_percentage(number_format: str) -> bool:
    """Whether a format shows a fraction as a percentage.

    >>> is_percentage("0.00%"), is_percentage('0.0" % of all"'), is_percentage("General")
    (True, False, False)
    """
    return "%" in LITERAL.sub("", number_format)
