"""Which number does text represent, by Excel's rules (United States)?"""

import re
from collections.abc import Callable
from decimal import Decimal

from roi_xl.days import last_day, serial_of
from roi_xl.errors import CannotVectorise, ExcelError, NoAnswer

NUMERAL = re.compile(r"(?:\d[\d,]*+(?:\.\d*+)?+|\.\d++)(?:[eE][+-]?\d{1,3})?")
PERCENTAGE = re.compile(r"[-+]?(?:[0-9]++(?:\.[0-9]*+)?|\.[0-9]++) ?%")
LAST_GROUP = re.compile(r",\d{0,2}(?!\d)(?=$|[.eE])")
"""A comma with fewer than three digits behind it, which is none between thousands."""

FOREIGN = re.compile("[\u00a3-\u00a5\u0e3f\u20a0-\u20ab\u20ad-\u20bf]")
"""The signs of other currencies, which Excel takes where they are the country's own."""

CURRENCIES = ("$", "€")
"""The signs that it takes in the United States, that of the euro behind an amount, too."""

FRACTION = re.compile(r"(?:(\d{1,9}) )?(\d{1,9})/(\d{1,9})")
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
FULL = "january february march april may june july august september october november december".split()
WORD = r"([A-Za-z]{3,9})\.?"
DATES: list[tuple[re.Pattern[str], str]] = [
    (re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})"), "ymd"),
    (re.compile(r"(\d{1,2})[-/](\d{1,2})[-/](\d{4}|\d{2})"), "mdy"),
    (re.compile(rf"(\d{{1,2}})[- /]{WORD}[- /,]+(\d{{4}}|\d{{2}})"), "dMy"),
    (re.compile(rf"{WORD}[- ](\d{{1,2}}),? +(\d{{4}})"), "Mdy"),
    (re.compile(rf"{WORD}[- ,/]+(\d{{4}})"), "My"),
    (re.compile(r"(\d{1,2})/(\d{4})"), "my"),
]
"""The usual forms of a date, and what each part of them is."""

TWO_NUMBERS = re.compile(r"(\d{1,2})[-/](\d{1,2})")
WITHOUT_YEAR = re.compile(rf"\d{{1,2}}[- ]{WORD}|{WORD}[- ]\d{{1,2}}")
TIME = re.compile(r"(\d{1,4}):(\d{1,2})(?::(\d{1,2}(?:\.\d{1,3})?))?(?: *([AaPp])[Mm]?)?|(\d{1,2}) *([AaPp])[Mm]?")
NO_YEAR, LEAP_YEAR = "a date without a year in a text", 2000
LONGEST = 255


def number_in(text: str) -> float:
    """The number that a text reads as: with signs, currency, thousands, percent, fractions; a date; a time.

    A date or a time may not begin with a space; a number may.

    Raises:
        NoAnswer: it reads as none (#VALUE!).

    >>> number_in("1,234.50"), number_in("(500)"), number_in("$5"), number_in(" 12% "), number_in("2024-01-31")
    (1234.5, -500.0, 5.0, 0.12, 45322.0)
    """
    plain = text.strip(" ")
    if not plain or len(plain) > LONGEST:
        raise NoAnswer(ExcelError.VALUE)
    for read in (numeral, fraction, moment):
        found = read(plain)
        if found is not None and not (read is moment and text.startswith(" ")):
            return found
    if numeral(FOREIGN.sub("", plain, count=1).strip()) is not None:
        raise CannotVectorise("an amount in another country's currency in a text")
    raise NoAnswer(ExcelError.VALUE)


class Typed(float):
    """A number with the text by which a person typed it."""

    text: str

    def __new__(cls, number: float, text: str = "") -> "Typed":
        """The number, and its text."""
        found = super().__new__(cls, number)
        found.text = text
        return found


class Quoted(str):
    """A text that was typed behind an apostrophe: no number, whatever it looks like."""


def typed(text: str) -> Typed | None:
    """The number that a person types: with thousands, a currency sign, brackets or a percent sign; None for other text.

    >>> typed("1,000"), typed("1_000"), typed("$5"), typed("(3)"), typed("7.1%"), typed("1e5"), typed("ten")
    (1000.0, 1000.0, 5.0, -3.0, 0.071, 100000.0, None)
    """
    plain = text.strip().replace("_", "")
    if PERCENTAGE.fullmatch(plain):
        return Typed(float(Decimal(plain.rstrip("% ")) / 100), text)
    try:
        number: float | None = float(plain)
    except ValueError:
        number = numeral(plain)
    return None if number is None else Typed(number, text)


def numeral(text: str) -> float | None:
    """A number with its sign, currency and percent sign."""
    sign, body = 1.0, text
    if body.startswith("(") and body.endswith(")"):
        sign, body = -1.0, body[1:-1].strip()
    percents = len(body) - len(body.rstrip("%"))
    body = body.rstrip("%").strip()
    if body[:1] in ("+", "-") and sign > 0:
        sign, body = (-1.0 if body[0] == "-" else 1.0), body[1:].strip()
    if body.endswith("€"):
        body = body[:-1].strip()
    elif body.startswith(CURRENCIES):
        body = body[1:].strip()
        if body[:1] == "-" and sign > 0:
            sign, body = -1.0, body[1:].strip()
    if percents > 1 or not NUMERAL.fullmatch(body) or LAST_GROUP.search(body):
        return None
    return sign * float(body.replace(",", "")) / (100 if percents else 1)


def fraction(text: str) -> float | None:
    """A whole number and a fraction, such as 1 1/2; without a whole number it would be a date."""
    match = FRACTION.fullmatch(text.lstrip("-"))
    if match is None or match[1] is None or int(match[3]) == 0:
        return None
    size = int(match[1]) + int(match[2]) / int(match[3])
    return -size if text.startswith("-") else size


def moment(text: str) -> float | None:
    """A date, a time, or a date with a time."""
    date = day_in(text)
    if date is not None:
        return date
    time = time_in(text)
    if time is not None:
        return time
    head, _, tail = text.rpartition(" ")
    if tail[:1] in "AaPp" and tail:
        head, _, before = head.rpartition(" ")
        tail = f"{before} {tail}"
    time = time_in(tail)
    date = None if time is None else day_in(head.rstrip(","))
    return None if date is None or time is None else date + time


def day_in(text: str) -> float | None:
    """A date in one of its usual forms; one without a year would be another one every year."""
    for pattern, parts in DATES:
        match = pattern.fullmatch(text)
        if match is not None:
            found = dated(dict(zip(parts, match.groups(), strict=True)))
            if found is not None:
                return found
    if match := TWO_NUMBERS.fullmatch(text):
        return of_two_numbers(match[1], match[2])
    if (match := WITHOUT_YEAR.fullmatch(text)) and month_in(match[1] or match[2]):
        raise CannotVectorise(NO_YEAR)
    return None


def of_two_numbers(month: str, other: str) -> float | None:
    """The date of a month and a day of this year, or of a month and a year where there is no such day."""
    if not 1 <= int(month) <= 12:
        return None
    if 1 <= int(other) <= last_day(LEAP_YEAR, int(month)):
        raise CannotVectorise(NO_YEAR)
    return dated({"m": month, "y": other})


def dated(parts: dict[str, str]) -> float | None:
    """The number of a date from its parts, if there is such a day."""
    month = month_in(parts["M"]) if "M" in parts else int(parts["m"])
    year, day = int(parts["y"]), int(parts.get("d", "1"))
    if len(parts["y"]) == 2:
        year += 2000 if year < 30 else 1900
    if not month or not 1 <= month <= 12 or year < 1900 or not 1 <= day <= last_day(year, month):
        return None
    return serial_of(year, month, day)


def month_in(word: str) -> int:
    """A month's number by its name or first three letters; 0 if there is none."""
    folded = word.casefold()
    for number, (short, full) in enumerate(zip(MONTHS, FULL, strict=True), start=1):
        if folded in (short, full) or (folded == "sept" and number == 9):
            return number
    return 0


def time_in(text: str) -> float | None:
    """A time as a part of a day."""
    match = TIME.fullmatch(text)
    if match is None:
        return None
    hour, minute, second = int(match[1] or match[5]), int(match[2] or 0), float(match[3] or 0)
    half = (match[4] or match[6] or "").upper()
    if minute > 59 or second >= 60 or (half and not 0 <= hour <= 12):
        return None
    if half:
        hour = hour % 12 + 12 * (half == "P")
    return (hour * 3600 + minute * 60 + second) / 86400


def only(read: Callable[[str], float | None], text: str) -> float:
    """What one way of reading gives, or #VALUE!."""
    found = read(text.strip(" "))
    if found is None:
        raise NoAnswer(ExcelError.VALUE)
    return found
