"""How does a section of a number format show a date or a time?"""

import math
from dataclasses import dataclass

from roi_xl.days import LAST, day_of, weekday
from roi_xl.errors import CannotVectorise, ExcelError, NoAnswer
from roi_xl.excel.date_names import DateNames, names_in
from roi_xl.excel.format_sections import Part, Section, sections_of


def dated(section: Section, number: float, epoch: int = 0) -> str:
    """A number as a date or a time, as a section shows it; where days begin in 1904, a minus stands before it."""
    if epoch and number < 0:
        return "-" + dated(section, -number, epoch)
    if not 0 <= number < LAST + 1 - epoch:
        raise NoAnswer(ExcelError.VALUE)
    fraction_digits = decimals_of_seconds(section)
    unit = 10**fraction_digits
    units = math.floor(number * 86_400 * unit + 0.5)
    words = [part.text.casefold().strip("[]") for part in section.parts if part.kind == "date"]
    if not any(word[:1] in ("s", "h") for word in words) and "M" not in {p.text[:1] for p in section.parts}:
        units = math.floor(number) * 86_400 * unit
    days, rest = divmod(units, 86_400 * unit)
    names = names_in(section.language)
    moment = Moment(days + epoch, rest // unit, rest % unit, fraction_digits, units // unit, half_days(section), names)
    return "".join(moment.piece(section, i, part) for i, part in enumerate(section.parts))


def names_are_unknown(number_format: str) -> bool:
    """Whether a format asks for names of months or days in a language of which ours do not know them."""
    try:
        sections = [section for section in sections_of(number_format) if section.language and section.has("date")]
        asked = [
            (names_in(s.language), part.text.casefold()) for s in sections for part in s.parts if part.kind == "date"
        ]
    except NoAnswer:
        return False
    except CannotVectorise:
        return True
    return not all(names.has(word) for names, word in asked)


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
    names: DateNames

    def piece(self, section: Section, place: int, part: Part) -> str:
        """A piece of a format for this moment."""
        if part.kind == "date":
            whole = {p.text[1] for p in section.parts if p.kind == "date" and p.text.startswith("[")}
            return self.dated(f"[{part.text}]" if part.text[0].casefold() in whole else part.text)
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
        if not self.names.has(folded):
            raise CannotVectorise("the names of months and days in another language")
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
        day, names = day_of(self.days), self.names
        if word[0] in "ye":
            return f"{day.year % 100:02d}" if word in ("y", "yy") else f"{day.year:04d}"
        if len(word) < 3:
            return f"{day.month if word[0] == 'm' else day.day:0{len(word)}d}"
        if word[0] == "d":
            return (names.short_days if word == "ddd" else names.days)[weekday(self.days)]
        if word == "mmm":
            return names.short_months[day.month - 1]
        name = names.months[day.month - 1]
        return name[:1] if word == "mmmmm" else name
