"""Where is a cell?"""

import functools
import re
from typing import NamedTuple

from roi_xl.errors import NotSupported

LONGEST_SHOWN = 40
LAST_ROW, LAST_COLUMN = 1_048_576, 16_384
REFERENCE = re.compile(r"(?:'((?:[^']|'')++)'|([^'!:\[\]]+))!\$?([A-Za-z]{1,3})\$?([1-9][0-9]{0,6})")
PLAIN_SHEET = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")

Area = tuple[str, int, int, int, int]
"""A sheet, and the first and last row and column of a range on it."""


@functools.cache
def column_number(letters: str | bytes) -> int:
    """The number of a column: A is 1, XFD is 16384.

    >>> column_number("AB")
    28
    """
    number = 0
    for letter in letters.upper() if isinstance(letters, bytes) else letters.upper().encode():
        number = number * 26 + letter - 64
    return number


@functools.cache
def column_letters(number: int) -> str:
    """The letters of a column.

    >>> column_letters(28)
    'AB'
    """
    letters = ""
    while number:
        number, letter = divmod(number - 1, 26)
        letters = chr(65 + letter) + letters
    return letters


class Address(NamedTuple):
    """One cell of a workbook."""

    sheet: str
    row: int
    column: int

    @property
    def cell(self) -> str:
        """The address within its sheet, such as `C7`."""
        return f"{column_letters(self.column)}{self.row}"

    @property
    def within(self) -> tuple[int, int]:
        """The row and column within its sheet."""
        return self.row, self.column

    def __str__(self) -> str:
        if PLAIN_SHEET.fullmatch(self.sheet):
            return f"{self.sheet}!{self.cell}"
        quoted = self.sheet.replace("'", "''")
        return f"'{quoted}'!{self.cell}"


def parse_address(text: str) -> Address | None:
    """The cell that a reference names, or None if it is not a reference to one cell.

    >>> str(parse_address("'Cash flow'!$B$4"))
    "'Cash flow'!B4"
    """
    match = REFERENCE.fullmatch(text.strip())
    if match is None:
        return None
    quoted, plain, letters, row = match.groups()
    column = column_number(letters)
    if column > LAST_COLUMN or int(row) > LAST_ROW:
        return None
    return Address(quoted.replace("''", "'") if quoted else plain, int(row), column)


def parse_range(text: str) -> tuple[int, int, int, int]:
    """The first and last row and column of a range within a sheet.

    >>> parse_range("B2:D9")
    (2, 2, 9, 4)
    """
    first, _, last = text.replace("$", "").partition(":")
    found = [re.fullmatch(r"([A-Za-z]{1,3})([0-9]{1,7})", corner) for corner in (first, last or first)]
    corners = [(int(corner[2]), column_number(corner[1])) for corner in found if corner]
    if len(corners) != len(found):
        raise NotSupported(f"{text[:LONGEST_SHOWN]!r} is not a range")
    (top, left), (bottom, right) = corners
    return top, left, bottom, right
