"""How does a number format show a value: what does TEXT give?"""

import math
from collections.abc import Callable
from fractions import Fraction

from roi_xl.errors import CannotVectorise, NoAnswer
from roi_xl.excel.coercion import narrow, to_number, to_text
from roi_xl.excel.date_format import dated
from roi_xl.excel.days_from_1904 import LATER
from roi_xl.excel.format_sections import MOST_SECTIONS, Part, Section, sections_of
from roi_xl.excel.fraction_format import as_fraction
from roi_xl.excel.placed_digits import laid_out
from roi_xl.excel.registry import function
from roi_xl.xlsx.sheet_cells import Value

SIGNS: dict[str, Callable[[float, float], bool]] = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "=": lambda a, b: a == b,
    "<>": lambda a, b: a != b,
}


@function("TEXT")
def text(value: Value, number_format: Value) -> str:
    """TEXT: a value as a number format shows it."""
    wanted = to_text(number_format)
    if isinstance(value, bool):
        return shown_text(to_text(value), wanted)
    if isinstance(value, str):
        try:
            value = to_number(value)
        except NoAnswer:
            return shown_text(str(value), wanted)
    return shown(to_number(value), wanted)


@function("TEXT 1904")
def text_1904(value: Value, number_format: Value) -> str:
    """TEXT in a workbook whose dates begin in 1904."""
    if isinstance(value, str) and any(mark in value for mark in "/-: "):
        raise CannotVectorise("a text that may be a date, in a workbook whose dates begin in 1904")
    if isinstance(value, bool | str):
        return text(value, number_format)
    return shown(to_number(value), to_text(number_format), int(LATER))


def shown(number: float, number_format: str, epoch: int = 0) -> str:
    """A number as a format shows it, a date counted from an epoch.

    >>> shown(-1234.5, "#,##0.00;(#,##0.00)"), shown(0.126, "0.0%"), shown(45292, "d mmm yyyy")
    ('(1,234.50)', '12.6%', '1 Jan 2024')
    """
    if number_format == "":
        return ""
    sections = sections_of(number_format)
    section, size, signed = chosen(sections, float(f"{number:.14e}"))
    if section is None:
        return "########" if len(sections) > 1 else narrow(number)
    if section.has("date"):
        return dated(section, number, epoch)
    if section.has("@"):
        return "".join(to_text(number) if part.kind == "@" else part.text for part in section.parts)
    minus = "-" if signed and size and not section.has("general") else ""
    if section.has("general"):
        return "".join(narrow(number if signed else size) if p.kind == "general" else p.text for p in section.parts)
    body = body_of(section, size)
    return (minus if minus and any(c in "123456789" for c in body) else "") + body


def shown_text(value: str, number_format: str) -> str:
    """A text as a format shows it: by its section for texts, which is the fourth or has an @, if it has one."""
    sections = sections_of(number_format)
    if len(sections) < MOST_SECTIONS and not sections[-1].has("@"):
        return value
    found = sections[-1]
    return "".join(value if part.kind == "@" else part.text for part in found.parts)


def chosen(sections: tuple[Section, ...], number: float) -> tuple[Section | None, float, bool]:
    """The section for a number, the number that it shows, and whether a minus is to stand before it."""
    numeric = [section for section in sections if not (section.has("@") and not section.has("digit"))] or list(
        sections[:1]
    )
    if any(section.sign for section in numeric):
        return by_condition(numeric, number)
    if len(numeric) == 1 or (number > 0):
        return numeric[0], abs(number) if not numeric[0].has("date") else number, number < 0
    if number < 0:
        return numeric[1], abs(number), False
    return numeric[2 if len(numeric) > 2 else 0], 0.0, False


USUAL = ((">", 0.0), ("<", 0.0))
"""The conditions of the first two of three sections, where they have none of their own."""


def by_condition(sections: list[Section], number: float) -> tuple[Section | None, float, bool]:
    """The first section whose condition holds; one without a condition holds for the rest."""
    for place, section in enumerate(sections):
        usual = USUAL[place] if len(sections) > 2 and place < len(USUAL) else ("", 0.0)
        sign, limit = (section.sign, section.limit) if section.sign else usual
        if not sign or SIGNS[sign](number, limit):
            shows_minus = number < 0 and not (sign in ("<", "<=") and limit <= 0 and place > 0)
            return section, abs(number), shows_minus
    return None, number, False


# numbers


def body_of(section: Section, size: float) -> str:
    """A number without its sign as a section shows it."""
    if section.has("exponent"):
        return scientific(section, size)
    if section.has("/") and section.has("digit"):
        return as_fraction(section, size)
    digits = [i for i, part in enumerate(section.parts) if part.kind == "digit"]
    if not digits:
        return "".join(part.text if part.kind == "literal" else mark(part) for part in section.parts)
    size *= 100.0 ** sum(part.kind == "%" for part in section.parts)
    size /= 1000.0 ** scale_of(section, digits[-1])
    point = next((i for i, part in enumerate(section.parts) if part.kind == "."), len(section.parts))
    places = sum(i > point for i in digits)
    whole, _, decimals = rounded(size, places).partition(".")
    return laid_out(section, point, whole.lstrip("0"), decimals)


def mark(part: Part) -> str:
    """A literal character."""
    return part.text if part.kind in ("%", "/", ".") else ""


def scale_of(section: Section, last: int) -> int:
    """How many commas follow the last digit: each of them divides by a thousand."""
    count = 0
    for part in section.parts[last + 1 :]:
        if part.kind != ",":
            break
        count += 1
    point = next((i for i, part in enumerate(section.parts) if part.kind == "."), None)
    if point is not None:
        before = point - 1
        while before >= 0 and section.parts[before].kind == ",":
            count, before = count + 1, before - 1
    return count


def rounded(size: float, places: int) -> str:
    """A number rounded to a number of decimals, half away from zero by its first 15 digits."""
    if size >= 1e15 or size == 0:
        return f"{size:.{places}f}"
    exact = Fraction(f"{size:.15g}") if "e" not in f"{size:.15g}" else Fraction(float(f"{size:.15g}"))
    whole = math.floor(exact * 10**places + Fraction(1, 2))
    digits = str(whole).rjust(places + 1, "0")
    return f"{digits[: len(digits) - places]}.{digits[len(digits) - places :]}" if places else digits


def scientific(section: Section, size: float) -> str:
    """A number with an exponent, whose sign stands before its first digit; of 0 every digit before the point shows."""
    place = next(i for i, part in enumerate(section.parts) if part.kind == "exponent")
    mantissa, tail = Section(section.parts[:place]), section.parts[place + 1 :]
    digits = [i for i, part in enumerate(mantissa.parts) if part.kind == "digit"]
    point = next((i for i, part in enumerate(mantissa.parts) if part.kind == "."), len(mantissa.parts))
    width = max(sum(i < point for i in digits), 1)
    whole, decimals, power = in_powers(size, width, sum(i > point for i in digits))
    first = next((i for i, part in enumerate(tail) if part.kind == "digit"), len(tail))
    letter, plus = section.parts[place].text[0], section.parts[place].text[1]
    sign = "-" if power < 0 else plus.replace("-", "")
    before = "".join(part.text for part in tail[:first] if part.kind == "literal")
    exponent = laid_out(Section(tuple(p for p in tail[first:] if p.kind != ",")), len(tail), str(abs(power)), "")
    return laid_out(mantissa, point, whole, decimals) + letter + before + sign + exponent


def in_powers(size: float, width: int, places: int) -> tuple[str, str, int]:
    """The digits of a number before and after the point, with a power of ten that its width allows."""
    if size == 0:
        return "0" * width, "0" * places, 0
    power = math.floor(math.log10(size))
    power = power // width * width if width > 1 else power
    text = rounded(size / 10.0**power, places)
    if len(text.partition(".")[0]) > width:
        power += width
        text = rounded(size / 10.0**power, places)
    whole, _, decimals = text.partition(".")
    return whole, decimals, power
