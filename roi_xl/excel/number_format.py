"""How does a number format show a value: what does TEXT give?"""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise

from roi_xl.days import LAST, day_of, weekday
from roi_xl.errors import CannotVectorise, ExcelError, NoAnswer
from roi_xl.excel.coercion import narrow, to_number, to_text
from roi_xl.excel.registry import function
from roi_xl.text_numbers import FULL
from roi_xl.xlsx.sheet_cells import Value

TOKEN = re.compile(
    r'"([^"]*)"|\\(.)|_(.)|\*(.)|\[([^\[\]]*+)\]|(General)|([Aa][Mm]/[Pp][Mm]|[Aa]/[Pp])'
    r"|([Ee][+-])|(0\.0+|\.0+(?![0#?,.%]))(?=\])|(yyy+|yy|y|mmmmm|mmmm|mmm|mm|m|dddd+|ddd|dd|d|hh|h|ss|s|e)"
    r"|([0#?])|([.,%/@])|(.)",
    re.IGNORECASE | re.DOTALL,
)
CONDITION = re.compile(r"(<=|>=|<>|=|<|>)(-?[0-9.]+(?:[Ee][+-]?[0-9]+)?)")
COLORS = {"black", "blue", "cyan", "green", "magenta", "red", "white", "yellow"}
DAYS = "Sunday Monday Tuesday Wednesday Thursday Friday Saturday".split()
SIGNS: dict[str, Callable[[float, float], bool]] = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "=": lambda a, b: a == b,
    "<>": lambda a, b: a != b,
}


@dataclass(frozen=True)
class Part:
    """A piece of a format: a literal, a digit, a point, a part of a date …"""

    kind: str
    text: str


@dataclass(frozen=True)
class Section:
    """A section of a format: its pieces, and the condition for which it holds."""

    parts: tuple[Part, ...]
    sign: str = ""
    limit: float = 0.0

    def has(self, *kinds: str) -> bool:
        """Whether it has pieces of some kind."""
        return any(part.kind in kinds for part in self.parts)


@function("TEXT")
def text(value: Value, number_format: Value) -> str:
    """TEXT: a value as a number format shows it."""
    wanted = to_text(number_format)
    if isinstance(value, bool):
        return to_text(value)
    if isinstance(value, str):
        try:
            value = to_number(value)
        except NoAnswer:
            return shown_text(str(value), wanted)
    return shown(to_number(value), wanted)


EPOCH_1904 = 1462
"""The number of January 1, 1904, where dates begin in 1900."""


@function("TEXT 1904")
def text_1904(value: Value, number_format: Value) -> str:
    """TEXT in a workbook whose dates begin in 1904."""
    if isinstance(value, str) and any(mark in value for mark in "/-: "):
        raise CannotVectorise("a text that may be a date, in a workbook whose dates begin in 1904")
    if isinstance(value, bool | str):
        return text(value, number_format)
    return shown(to_number(value), to_text(number_format), EPOCH_1904)


def shown(number: float, number_format: str, epoch: int = 0) -> str:
    """A number as a format shows it, a date counted from an epoch.

    >>> shown(-1234.5, "#,##0.00;(#,##0.00)"), shown(0.126, "0.0%"), shown(45292, "d mmm yyyy")
    ('(1,234.50)', '12.6%', '1 Jan 2024')
    """
    if number_format == "":
        return ""
    sections = sections_of(number_format)
    section, size, signed = chosen(sections, number)
    if section is None:
        return "########"
    if section.has("date"):
        return dated(section, number, epoch)
    minus = "-" if signed and size and not section.has("general") else ""
    if section.has("general"):
        return "".join(narrow(number if signed else size) if p.kind == "general" else p.text for p in section.parts)
    body = body_of(section, size)
    return (minus if minus and any(c in "123456789" for c in body) else "") + body


def shown_text(value: str, number_format: str) -> str:
    """A text as a format shows it: by its section for texts, if it has one."""
    sections = sections_of(number_format)
    found = next((section for section in sections if section.has("@")), None)
    if found is None or (len(sections) > 1 and found is not sections[-1]):
        return value
    return "".join(value if part.kind == "@" else part.text for part in found.parts)


@lru_cache(maxsize=2_000)
def sections_of(number_format: str) -> tuple[Section, ...]:
    """The sections of a format."""
    if len(number_format) > 255:
        raise NoAnswer(ExcelError.VALUE)
    texts, quoted, start, place = [], False, 0, 0
    while place < len(number_format):
        sign = number_format[place]
        if sign == "\\" and not quoted:
            place += 1
        elif sign == '"':
            quoted = not quoted
        elif sign == ";" and not quoted:
            texts.append(number_format[start:place])
            start = place + 1
        place += 1
    texts.append(number_format[start:])
    if len(texts) > 4 or quoted:
        raise NoAnswer(ExcelError.VALUE)
    return tuple(map(section_of, texts))


def section_of(text: str) -> Section:
    """One section of a format."""
    parts: list[Part] = []
    sign, limit = "", 0.0
    for match in TOKEN.finditer(text):
        bracket = match[5]
        condition = CONDITION.fullmatch(bracket) if bracket is not None else None
        if condition is not None:
            sign, limit = condition[1], float(condition[2])
            continue
        parts += part_of(match)
    refuse_digits_of_dates(parts)
    return Section(tuple(with_minutes(parts)), sign, limit)


def refuse_digits_of_dates(parts: list[Part]) -> None:
    """Refuse digits beside parts of a date, but for the decimals of seconds: Excel takes no such format."""
    if not any(part.kind == "date" for part in parts):
        return
    behind = False
    for before, part in pairwise(parts):
        behind = (behind and part.kind == "digit") or (before.kind == "date" and part.kind == ".")
        if part.kind == "digit" and not behind:
            raise NoAnswer(ExcelError.VALUE)
    if parts[0].kind == "digit":
        raise NoAnswer(ExcelError.VALUE)


def part_of(match: re.Match[str]) -> list[Part]:
    """What a word of a format means; nothing for a color or a fill."""
    quoted, escaped, blank, fill, bracket, plain, half, exponent, _, date, digit, mark, other = match.groups()
    if bracket is not None:
        return bracketed(bracket)
    if fill is not None:
        return []
    pairs = (
        ("literal", quoted),
        ("literal", escaped),
        ("literal", None if blank is None else " "),
        ("general", plain),
        ("date", half),
        ("exponent", exponent),
        ("date", None if date is None else date.casefold()),
        ("digit", digit),
        ("literal", other),
    )
    for kind, text in pairs:
        if text is not None:
            return [Part(kind, text)]
    return [Part(mark, mark)]


def bracketed(text: str) -> list[Part]:
    """The contents of square brackets: elapsed time, a currency, a color."""
    folded = text.casefold()
    if folded and set(folded) in ({"h"}, {"m"}, {"s"}):
        return [Part("date", f"[{folded}]")]
    if folded in COLORS or re.fullmatch(r"color ?[0-9]{1,2}", folded):
        return []
    if text.startswith("$"):
        return [Part("literal", text[1:].partition("-")[0])]
    raise NoAnswer(ExcelError.VALUE)


def with_minutes(parts: list[Part]) -> list[Part]:
    """The pieces, with m as minutes after hours and before seconds."""
    dates = [i for i, part in enumerate(parts) if part.kind == "date"]
    found = list(parts)
    for k, i in enumerate(dates):
        if parts[i].text.casefold() not in ("m", "mm"):
            continue
        before = parts[dates[k - 1]].text.casefold() if k else ""
        after = parts[dates[k + 1]].text.casefold() if k + 1 < len(dates) else ""
        if before.strip("[]")[:1] == "h" or after.strip("[]")[:1] == "s":
            found[i] = Part("date", "M" * len(parts[i].text))
    return found


def chosen(sections: tuple[Section, ...], number: float) -> tuple[Section | None, float, bool]:
    """The section for a number, the number that it shows, and whether a minus is to stand before it."""
    numeric = [section for section in sections if not (section.has("@") and not section.has("digit"))] or [Section(())]
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
    pieces = []
    for i, part in enumerate(section.parts):
        if part.kind == "digit":
            pieces.append(shown_digits.get(i, ""))
        elif part.kind == "." and i == point:
            pieces.append(".")
        else:
            pieces.append(part.text if part.kind in ("literal", "%") else "")
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
            separator = "," if grouped and count and count % 3 == 0 and digit.strip() else ""
            text = digit + separator + text
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
    """A number with an exponent."""
    place = next(i for i, part in enumerate(section.parts) if part.kind == "exponent")
    head, tail = section.parts[:place], section.parts[place + 1 :]
    mantissa = Section(head)
    digits = [i for i, part in enumerate(head) if part.kind == "digit"]
    point = next((i for i, part in enumerate(head) if part.kind == "."), len(head))
    width = max(sum(i < point for i in digits), 1)
    places = sum(i > point for i in digits)
    power = math.floor(math.log10(size)) if size else 0
    power = power // width * width if width > 1 else power
    text = rounded(size / 10.0**power, places)
    if len(text.partition(".")[0]) > width:
        power += width
        text = rounded(size / 10.0**power, places)
    whole, _, decimals = text.partition(".")
    shown_mantissa = laid_out(mantissa, point, whole, decimals)
    exponent = str(abs(power)).rjust(sum(part.kind == "digit" for part in tail), "0")
    sign = "-" if power < 0 else section.parts[place].text[1].replace("-", "")
    rest = "".join(part.text for part in tail if part.kind == "literal")
    return f"{shown_mantissa}E{sign}{exponent}{rest}"


def as_fraction(section: Section, size: float) -> str:
    """A number as a fraction, perhaps with a whole number before it."""
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
        near = Fraction(part).limit_denominator(limit)
        top, bottom = near.numerator, near.denominator
    if mixed and top == bottom:
        whole, top = whole + 1, 0
    width = max(len(behind), 1)
    if mixed and top == 0:
        return f"{whole}" + " " * (2 * width + 2)
    above = str(top).rjust(len(groups[-1]) if groups else 1)
    below = str(bottom).ljust(width)
    if not mixed:
        return f"{above}/{below}".lstrip()
    return f"{whole} {above}/{below}" if whole or "0" in groups[0] else f"{above}/{below}"


# dates


def dated(section: Section, number: float, epoch: int = 0) -> str:
    """A number as a date or a time, as a section shows it."""
    if epoch and number < 0:
        raise CannotVectorise("a day before 1904")
    if not 0 <= number < LAST + 1 - epoch:
        raise NoAnswer(ExcelError.VALUE)
    fraction_digits = decimals_of_seconds(section)
    unit = 10**fraction_digits
    units = math.floor(number * 86_400 * unit + 0.5)
    words = [part.text.casefold().strip("[]") for part in section.parts if part.kind == "date"]
    if not any(word[:1] in ("s", "h") for word in words) and "M" not in {p.text[:1] for p in section.parts}:
        units = math.floor(number) * 86_400 * unit
    days, rest = divmod(units, 86_400 * unit)
    moment = Moment(days + epoch, rest // unit, rest % unit, fraction_digits, units // unit, half_days(section))
    return "".join(moment.piece(section, i, part) for i, part in enumerate(section.parts))


def half_days(section: Section) -> bool:
    """Whether hours are those of half a day."""
    return any(part.kind == "date" and part.text.casefold() in ("am/pm", "a/p") for part in section.parts)


def decimals_of_seconds(section: Section) -> int:
    """How many decimals of a second a section shows."""
    parts = section.parts
    for i, part in enumerate(parts[:-1]):
        if part.kind == "." and parts[i + 1].kind == "digit" and i and parts[i - 1].kind == "date":
            return sum(p.kind == "digit" for p in parts[i + 1 :])
    return 0


@dataclass(frozen=True)
class Moment:
    """The parts of a date and time."""

    days: int
    seconds: int
    fraction: int
    digits: int
    elapsed: int
    half: bool

    def piece(self, section: Section, place: int, part: Part) -> str:
        """A piece of a format for this moment."""
        if part.kind == "date":
            return self.dated(part.text)
        if part.kind == "digit":
            before = section.parts[place - 1]
            return str(self.fraction).rjust(self.digits, "0") if before.kind == "." else ""
        if part.kind in ("literal", ".", ",", "/", "%"):
            return part.text
        raise CannotVectorise("a number format of mixed kinds")

    def dated(self, word: str) -> str:
        """A part of a date or of a time."""
        if word[0] == "M":
            return f"{self.seconds // 60 % 60:0{len(word)}d}"
        folded = word.casefold()
        if folded in ("am/pm", "a/p"):
            late = self.seconds >= 43_200
            return word.split("/")[late] if folded == "a/p" else ("PM" if late else "AM")
        if folded.startswith("["):
            unit = {"h": 3600, "m": 60, "s": 1}[folded[1]]
            return f"{self.elapsed // unit:0{len(folded) - 2}d}"
        return self.time(folded) if folded[0] in "hs" else self.day(folded)

    def time(self, word: str) -> str:
        """Hours or seconds."""
        if word[0] == "s":
            return f"{self.seconds % 60:0{len(word)}d}"
        hour = self.seconds // 3600
        return f"{((hour - 1) % 12 + 1) if self.half else hour:0{len(word)}d}"

    def day(self, word: str) -> str:
        """A year, a month or a day."""
        day = day_of(self.days)
        month = FULL[day.month - 1].capitalize()
        name = DAYS[weekday(self.days)]
        return {
            "yyyy": f"{day.year:04d}",
            "yyy": f"{day.year:04d}",
            "e": f"{day.year:04d}",
            "yy": f"{day.year % 100:02d}",
            "y": f"{day.year % 100:02d}",
            "mmmmm": month[:1],
            "mmmm": month,
            "mmm": month[:3],
            "mm": f"{day.month:02d}",
            "m": str(day.month),
            "dddd": name,
            "ddd": name[:3],
            "dd": f"{day.day:02d}",
            "d": str(day.day),
        }[word if len(word) < 4 or word[0] == "m" else word[0] * 4]
