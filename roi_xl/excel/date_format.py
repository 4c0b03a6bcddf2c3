"""How does a section of a number format show a date or a time?"""

import math
from dataclasses import dataclass

from roi_xl.days import LAST, day_of, weekday
from roi_xl.errors import CannotVectorise, ExcelError, NoAnswer
from roi_xl.excel.format_sections import Part, Section, sections_of
from roi_xl.excel.languages import is_english, name_in
from roi_xl.text_numbers import FULL

DAYS = "Sunday Monday Tuesday Wednesday Thursday Friday Saturday".split()


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
    moment = Moment(
        days + epoch, rest // unit, rest % unit, fraction_digits, units // unit, half_days(section), section.language
    )
    return "".join(moment.piece(section, i, part) for i, part in enumerate(section.parts))


def names_are_unknown(number_format: str) -> bool:
    """Whether a format asks for names of months or days in a language of which ours do not know them."""
    try:
        asked = [(s.language, p.text) for s in sections_of(number_format) for p in s.parts if p.kind == "date"]
        for language, word in asked:
            if word[:3] in ("mmm", "ddd") and not is_english(language):
                name_in(language, word, 12, 1)
    except NoAnswer:
        return False
    except CannotVectorise:
        return True
    return False


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
    language: int = 0

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
        if word[:3] in ("mmm", "ddd") and not is_english(self.language):
            return name_in(self.language, word[:5] if word[0] == "m" else word[:4], day.month, self.days)
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
