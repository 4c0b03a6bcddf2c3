"""How does a number format show a value: what does TEXT give?"""

import math
import re
from collections.abc import Callable
from fractions import Fraction

from roi_xl.errors import CannotVectorise, NoAnswer
from roi_xl.excel.coercion import narrow, to_number, to_text
from roi_xl.excel.date_format import dated
from roi_xl.excel.days_from_1904 import LATER
from roi_xl.excel.format_sections import MOST_SECTIONS, Part, Section, sections_of
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


def laid_out(section: Section, point: int, whole: str, decimals: str) -> str:
    """Digits in their places, from the point to both sides."""
    before = [i for i, part in enumerate(section.parts) if part.kind == "digit" and i < point]
    grouped = any(part.kind == "," and before and before[0] < i < before[-1] for i, part in enumerate(section.parts))
    shown_digits = placed_whole(section, before, whole, grouped)
    shown_digits |= placed_decimals(section, point, decimals)
    first = before[0] if before else 0
    pieces = []
    for i, part in enumerate(section.parts):
        if part.kind == "digit":
            pieces.append(shown_digits.get(i, ""))
        elif part.kind == "." and i == point:
            pieces.append(".")
        else:
            shows = part.kind in ("literal", "%") or (part.kind == "," and i < first)
            pieces.append(part.text if shows else "")
    return "".join(pieces)


def placed_whole(section: Section, before: list[int], whole: str, grouped: bool) -> dict[int, str]:
    """The digits before the point: each place takes one, and the first takes the rest."""
    found: dict[int, str] = {}
    left = whole
    count = 0
    for i in reversed(before):
        first = i == before[0]
        digits, left = (left, "") if first else (left[-1:], left[:-1])
        if not digits:
            digits = {"0": "0", "?": " ", "#": ""}[section.parts[i].text]
        text = ""
        for digit in reversed(digits):
            separator = "," if digit.strip() else " "
            text = digit + (separator if grouped and count and count % 3 == 0 else "") + text
            count += 1
        found[i] = text
    return found


def placed_decimals(section: Section, point: int, decimals: str) -> dict[int, str]:
    """The digits after the point; trailing zeros are shown where the format has 0."""
    after = [i for i, part in enumerate(section.parts) if part.kind == "digit" and i > point]
    found: dict[int, str] = {}
    zeros = True
    for i, digit in reversed(list(zip(after, decimals, strict=False))):
        zeros = zeros and digit == "0"
        kind = section.parts[i].text
        found[i] = digit if not zeros or kind == "0" else {"?": " ", "#": ""}[kind]
        zeros = zeros and kind != "0"
    return found


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


ALMOST_NONE = 5e-8
"""What is left of a number where its continued fraction ends."""

PLAIN_FRACTION = re.compile(r"(?:[0#?]+ )?[0#?]+/[0#?1-9]+")


def as_fraction(section: Section, size: float) -> str:
    """A number as a fraction, perhaps with a whole number before it.

    Raises:
        CannotVectorise: anything else stands in the format; how Excel lays it out is not known.
    """
    if not PLAIN_FRACTION.fullmatch("".join(part.text for part in section.parts)):
        raise CannotVectorise("a number format of a fraction with other characters")
    slash = next(i for i, part in enumerate(section.parts) if part.kind == "/")
    behind = "".join(p.text for p in section.parts[slash + 1 :] if p.kind in ("digit", "literal")).strip()
    groups = re.findall(r"[0#?]+", "".join(p.text if p.kind == "digit" else " " for p in section.parts[:slash]))
    mixed = len(groups) > 1
    whole = math.floor(size) if mixed else 0
    part = size - whole
    if behind.isdigit() and set(behind) != {"0"}:
        bottom = int(behind)
        top = math.floor(part * bottom + 0.5)
    else:
        limit = 10 ** max(len(behind), 1) - 1
        top, bottom = near(part, limit)
    if mixed and top == bottom:
        whole, top = whole + 1, 0
    width = max(len(behind), 1)
    if mixed and top == 0:
        return f"{whole}" + " " * (2 * width + 2)
    above = str(top).rjust(len(groups[-1]) if groups else 1)
    below = str(bottom).ljust(width)
    if not mixed:
        return f"{above}/{below}".lstrip()
    return f"{whole if whole or '0' in groups[0] else ''} {above}/{below}"


def near(part: float, limit: int) -> tuple[int, int]:
    """A fraction near a part of 1: the last step of its continued fraction, in doubles, whose denominator has room.

    >>> near(0.456, 99), near(0.456, 9), near(1.3 - 1, 9)
    ((26, 57), (1, 2), (1, 3))
    """
    before, last, left = (1, 0), (0, 1), part
    while left >= ALMOST_NONE:
        steps = math.floor(1 / left)
        before, last = last, (steps * last[0] + before[0], steps * last[1] + before[1])
        if last[1] > limit:
            return before
        left = 1 / left - steps
    return last
