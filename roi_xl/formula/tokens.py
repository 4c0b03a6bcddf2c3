"""What are the tokens of a formula?"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from roi_xl.xlsx.addresses import LAST_COLUMN, LAST_ROW, column_number

LONGEST = 8_192
"""The longest formula in Excel, in characters."""

MOST_READ = 4 * LONGEST
"""Characters of a formula in a file, where newer functions have prefixes."""


class Unreadable(ValueError):
    """A formula that cannot be read; nothing can be said of what it reads or gives."""


class Kind(Enum):
    """What a word is."""

    SPACE = "space"
    TEXT = "text"
    ERROR = "error"
    SHEET = "sheet"
    STRUCTURE = "structure"
    COLUMNS = "columns"
    ROWS = "rows"
    NUMBER = "number"
    CELL = "cell"
    CALL = "call"
    NAME = "name"
    SIGN = "sign"


@dataclass(frozen=True, slots=True)
class Token:
    """One word of a formula."""

    kind: Kind
    text: str


WORD = r"[^\W\d][\w.\\?]*+|\\[\w.\\?]*+"
END = r"(?![\w.(\[!\\?])"
SHEET = r"(?P<sheet>(?:'(?:[^']|'')++'|(?:\[[^\[\]]*+\][\w.\\?]*+|[\w.\\?]++)(?::[\w.\\?]++)?)!)"
PATTERN = rf"""
    (?P<space>[ \t\r\n]++)
    |(?P<text>"(?:[^"]|"")*+")
    |(?P<error>\#(?:REF!|N/A|DIV/0!|VALUE!|NUM!|NAME\?|NULL!|SPILL!|CALC!|GETTING_DATA|FIELD!|BLOCKED!|CONNECT!
        |UNKNOWN!|BUSY!|PYTHON!|EXTERNAL!)(?:(?<=REF!)\$?[A-Za-z]{{1,3}}\$?[0-9]{{1,7}}(?::\$?[A-Za-z]{{1,3}}\$?[0-9]{{1,7}})?)?)
    |{SHEET}
    |(?P<columns>\$?[A-Za-z]{{1,3}}:\$?[A-Za-z]{{1,3}}{END})
    |(?P<rows>\$?[0-9]{{1,7}}:\$?[0-9]{{1,7}}(?![\w.]))
    |(?P<number>(?:[0-9]++\.?[0-9]*+|\.[0-9]++)(?:[eE][+-]?[0-9]++)?)
    |(?P<cell>\$?[A-Za-z]{{1,3}}\$?[0-9]{{1,7}}{END})
    |(?P<call>(?:{WORD})\()
    |(?P<name>{WORD})
    |(?P<sign><>|<=|>=|[-+*/^&=<>%(){{}},;:@\#])
    """
TOKEN = re.compile(PATTERN, re.VERBOSE)
AFTER_SHEET = re.compile(PATTERN.replace(SHEET, "(?!)"), re.VERBOSE)
"""After the name of a sheet no other one can come, so that S!A1:S!A3 has no sheet A1:S."""


def tokens(formula: str) -> Iterator[Token]:
    """The words of a formula without its equals sign.

    >>> [token.text for token in tokens("SUM(A1:A3)&FY24!B1")]
    ['SUM(', 'A1', ':', 'A3', ')', '&', 'FY24!', 'B1']
    """
    place, end, kind = 0, len(formula), None
    if end > MOST_READ:
        raise Unreadable("is longer than a formula can be")
    while place < end:
        if formula[place] == "[" and (match := TOKEN.match(formula, place)) is None:
            close = end_of_brackets(formula, place)
            yield Token(Kind.STRUCTURE, formula[place:close])
            place = close
            continue
        match = (AFTER_SHEET if kind is Kind.SHEET else TOKEN).match(formula, place)
        if match is None or match.lastgroup is None:
            raise Unreadable(f"cannot be read at character {place + 1}")
        kind = Kind(match.lastgroup)
        if kind is Kind.CELL and is_a_name(match[0]):
            kind = Kind.NAME
        yield Token(kind, match[0])
        place = match.end()


def is_a_name(text: str) -> bool:
    """Whether what looks like a cell lies beyond the sheet, as YTD2024 does, and so is a name."""
    letters = text.rstrip("0123456789")
    row = int(text[len(letters) :])
    return letters.isalpha() and (column_number(letters) > LAST_COLUMN or not 1 <= row <= LAST_ROW)


def end_of_brackets(formula: str, place: int) -> int:
    """Where the brackets that open at a place are closed; an apostrophe takes the meaning of what follows it."""
    depth = 0
    while place < len(formula):
        sign = formula[place]
        if sign == "'":
            place += 1
        depth += (sign == "[") - (sign == "]")
        place += 1
        if depth == 0:
            return place
    raise Unreadable("a bracket is not closed")
