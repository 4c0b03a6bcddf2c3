"""What do the pieces of a number format mean?"""

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from roi_xl.errors import ExcelError, NoAnswer
from roi_xl.excel.languages import code_of

TOKEN = re.compile(
    r'"([^"]*)"|\\(.)|_(.)|\*(.)|\[([^\[\]]*+)\]|(General)|([Aa][Mm]/[Pp][Mm]|[Aa]/[Pp])'
    r"|([Ee][+-])|(0\.0+|\.0+(?![0#?,.%]))(?=\])|(yyy+|yy|y|mmmmm|mmmm|mmm|mm|m|dddd+|ddd|dd|d|hh|h|ss|s|e)"
    r"|([0#?])|([.,%/@])|(.)",
    re.IGNORECASE | re.DOTALL,
)
MOST_SECTIONS = 4
CONDITION = re.compile(r"(<=|>=|<>|=|<|>) *(-?[0-9.]+(?:[Ee][+-]?[0-9]+)?)")
LANGUAGE = re.compile(r"[0-9A-Fa-f]{3,8}|[A-Za-z]{2}(?:-\w+)*")
COLORS = {"black", "blue", "cyan", "green", "magenta", "red", "white", "yellow"}


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
    language: int = 0
    """The code of the language of its names, 0 for none."""

    def has(self, *kinds: str) -> bool:
        """Whether it has pieces of some kind."""
        return any(part.kind in kinds for part in self.parts)


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
    if len(texts) > MOST_SECTIONS or quoted:
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
    languages = [code_of(part.text) for part in parts if part.kind == "language"]
    parts = [part for part in parts if part.kind != "language"]
    refuse_digits_of_dates(parts)
    return Section(tuple(with_minutes(parts)), sign, limit, languages[-1] if languages else 0)


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
    """The contents of square brackets: elapsed time, a currency and a language, a color."""
    folded = text.casefold()
    if folded and set(folded) in ({"h"}, {"m"}, {"s"}):
        return [Part("date", f"[{folded}]")]
    if folded in COLORS or re.fullmatch(r"color ?[0-9]{1,2}", folded):
        return []
    if text.startswith("$"):
        currency, _, code = text[1:].partition("-")
        return [Part("literal", currency)] + ([Part("language", code)] if LANGUAGE.fullmatch(code) else [])
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
        if before.strip("[]")[:1] in ("h", "s") or after.strip("[]")[:1] == "s":
            found[i] = Part("date", "M" * len(parts[i].text))
    return found
