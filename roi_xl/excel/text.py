"""What do Excel's functions of texts give?"""

import re
from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import Any

from roi_xl.errors import ExcelError, NoAnswer
from roi_xl.excel.coercion import Rows, flat, to_number, to_text, to_truth, to_whole
from roi_xl.excel.registry import ONE, RANGE, function
from roi_xl.text_numbers import number_in
from roi_xl.xlsx.limits import LONGEST_TEXT
from roi_xl.xlsx.sheet_cells import Value

MOST_DECIMALS = 127
"""With how many decimals FIXED and DOLLAR write a number."""

LONGEST_NUMBER = 500
"""More digits than the largest number has with that many decimals."""


def checked(text: str) -> str:
    """A text that a cell can hold; #VALUE! for a longer one."""
    if len(text) > LONGEST_TEXT:
        raise NoAnswer(ExcelError.VALUE)
    return text


def count_of(value: Value, least: int = 0) -> int:
    """A number of characters, or a place among them; #VALUE! below the least."""
    number = to_whole(value)
    if number < least:
        raise NoAnswer(ExcelError.VALUE)
    return number


# changes


@function("SUBSTITUTE")
def substitute(text: Value, old: Value, new: Value, which: Value = None) -> str:
    """SUBSTITUTE: every occurrence, or one of them."""
    inside, wanted, other = to_text(text), to_text(old), to_text(new)
    if which is None:
        if wanted and len(inside) + inside.count(wanted) * (len(other) - len(wanted)) > LONGEST_TEXT:
            raise NoAnswer(ExcelError.VALUE)
        return inside.replace(wanted, other) if wanted else inside
    number = count_of(which, 1)
    pieces = inside.split(wanted) if wanted else [inside]
    if number >= len(pieces):
        return inside
    return checked(wanted.join(pieces[:number]) + other + wanted.join(pieces[number:]))


@function("TRIM")
def trim(text: Value) -> str:
    """TRIM: strips spaces at both ends and collapses those within; non-breaking spaces stay."""
    return re.sub(" +", " ", to_text(text)).strip(" ")


@function("CLEAN")
def clean(text: Value) -> str:
    """CLEAN: without the first 32 characters of ASCII."""
    return "".join(character for character in to_text(text) if ord(character) >= 32)


@function("UPPER")
def upper(text: Value) -> str:
    """UPPER; letters that would become two stay."""
    return "".join(c.upper() if len(c.upper()) == 1 else c for c in to_text(text))


@function("LOWER")
def lower(text: Value) -> str:
    """LOWER."""
    return to_text(text).lower()


@function("PROPER")
def proper(text: Value) -> str:
    """PROPER: a capital after anything that is not a letter."""
    found, before = [], False
    for character in to_text(text):
        found.append(character.lower() if before else character.upper())
        before = character.isalpha()
    return "".join(found)


@function("REPT")
def repeat(text: Value, times: Value) -> str:
    """REPT."""
    inside, count = to_text(text), count_of(times)
    if len(inside) * count > LONGEST_TEXT:
        raise NoAnswer(ExcelError.VALUE)
    return inside * count


# together


@function("CONCAT", wants=(RANGE,))
def concat(*parts: Any) -> str:
    """CONCAT."""
    return checked("".join(to_text(value) for part in parts for value in flat(rows_of(part))))


@function("CONCATENATE")
def concatenate(*parts: Value) -> str:
    """CONCATENATE."""
    return checked("".join(map(to_text, parts)))


@function("TEXTJOIN", wants=(RANGE, ONE, RANGE))
def textjoin(delimiter: Any, skip: Value, *parts: Any) -> str:
    """TEXTJOIN: several delimiters are used in turn."""
    delimiters = [to_text(value) for value in flat(rows_of(delimiter))]
    texts = [to_text(value) for part in parts for value in flat(rows_of(part))]
    if to_truth(skip):
        texts = [text for text in texts if text]
    pieces = [text + (delimiters[i % len(delimiters)] if i < len(texts) - 1 else "") for i, text in enumerate(texts)]
    return checked("".join(pieces))


def rows_of(value: Any) -> Rows:
    """A range, or one value as a range of one."""
    return value if isinstance(value, list) else [[value]]


# characters


NO_CHARACTERS = (129, 141, 143, 144, 157)
"""Codes that the Windows character set leaves open: controls of the same number."""


@function("CHAR")
def char(number: Value) -> str:
    """CHAR: of the Windows character set."""
    code = to_whole(number)
    if not 1 <= code <= 255:
        raise NoAnswer(ExcelError.VALUE)
    return chr(code) if code < 128 or code in NO_CHARACTERS else bytes([code]).decode("cp1252")


@function("CODE")
def code(text: Value) -> float:
    """CODE: in the Windows character set; missing characters count as a question mark."""
    inside = to_text(text)
    if not inside:
        raise NoAnswer(ExcelError.VALUE)
    return float(inside[0].encode("cp1252", errors="replace")[0])


@function("UNICHAR")
def unichar(number: Value) -> str:
    """UNICHAR."""
    point = to_whole(number)
    if not 1 <= point <= 0x10FFFF:
        raise NoAnswer(ExcelError.VALUE)
    if 0xD800 <= point <= 0xDFFF or point & 0xFFFE == 0xFFFE:
        raise NoAnswer(ExcelError.NA)
    return chr(point)


@function("UNICODE")
def unicode_of(text: Value) -> float:
    """UNICODE."""
    inside = to_text(text)
    if not inside:
        raise NoAnswer(ExcelError.VALUE)
    return float(ord(inside[0]))


@function("EXACT")
def exact(one: Value, other: Value) -> bool:
    """EXACT: letter case counts."""
    return to_text(one) == to_text(other)


# numbers


@function("VALUE")
def value_of(text: Value) -> float:
    """VALUE; logical values are not numbers here."""
    if isinstance(text, bool):
        raise NoAnswer(ExcelError.VALUE)
    return to_number(text)


@function("T", wants=(RANGE,))
def text_or_nothing(value: Any) -> str:
    """T: text unchanged, empty text for anything else."""
    first = rows_of(value)[0][0]
    if isinstance(first, ExcelError):
        raise NoAnswer(first)
    return first if isinstance(first, str) else ""


@function("VALUETOTEXT", errors=True)
def value_to_text(value: Value, strict: Value = 0.0) -> str:
    """VALUETOTEXT: a value as text, an error too; strictly, a text as a formula has it."""
    how = to_whole(strict)
    if how not in (0, 1):
        raise NoAnswer(ExcelError.VALUE)
    if isinstance(value, ExcelError):
        return str(value)
    return checked(quoted(value) if how and isinstance(value, str) else to_text(value))


def quoted(text: str) -> str:
    """A text as a formula has it."""
    doubled = text.replace('"', '""')
    return f'"{doubled}"'


@function("N", wants=(RANGE,))
def number_or_nothing(value: Any) -> float:
    """N: a number or a truth as a number, 0 for anything else."""
    first = rows_of(value)[0][0]
    if isinstance(first, ExcelError):
        raise NoAnswer(first)
    return float(first) if isinstance(first, bool | int | float) else 0.0


@function("NUMBERVALUE")
def number_value(text: Value, decimal: Value = ".", group: Value = ",") -> float:
    """NUMBERVALUE: with a decimal point and a group separator of one's own."""
    point, mark = to_text(decimal)[:1], to_text(group)[:1]
    if not point or (mark and mark == point):
        raise NoAnswer(ExcelError.VALUE)
    plain = "".join(to_text(text).split())
    percents = len(plain) - len(plain.rstrip("%"))
    whole, separator, part = plain.rstrip("%").partition(point)
    if mark and mark in part:
        raise NoAnswer(ExcelError.VALUE)
    whole = whole.replace(mark, "") if mark else whole
    if not whole and not part:
        return 0.0
    return number_in(f"{whole}{'.' if separator else ''}{part}") / 100.0**percents


@function("FIXED")
def fixed(number: Value, digits: Value = 2.0, no_commas: Value = False) -> str:
    """FIXED."""
    places = decimals_of(digits)
    rounded = half_up(to_number(number), places)
    return f"{rounded:{'' if to_truth(no_commas) else ','}.{max(places, 0)}f}"


@function("DOLLAR")
def dollar(number: Value, digits: Value = 2.0) -> str:
    """DOLLAR: negative amounts in parentheses."""
    places = decimals_of(digits)
    rounded = half_up(to_number(number), places)
    text = f"${abs(rounded):,.{max(places, 0)}f}"
    return f"({text})" if rounded < 0 else text


def decimals_of(digits: Value) -> int:
    """How many decimals a number is written with, negative to the left of the point; #VALUE! for more than 127."""
    places = to_whole(digits)
    if places > MOST_DECIMALS:
        raise NoAnswer(ExcelError.VALUE)
    return places


def half_up(number: float, places: int) -> Decimal:
    """A number rounded half away from zero, by its decimal digits, of which Excel has 15."""
    with localcontext(prec=LONGEST_NUMBER):
        return Decimal(f"{number:.15g}").quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
