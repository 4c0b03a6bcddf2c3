"""What are months and days called in the language that a number format asks for, as in `[$-407]mmmm`?

Only whole names are known, of these languages; how others are written, and how they are
shortened, differs between systems.
"""

from roi_xl.days import weekday
from roi_xl.errors import CannotVectorise

ENGLISH, NEUTRAL, OTHER = 0x09, 0x00, 0x3FF

LETTERS = {"en": ENGLISH, "de": 0x07, "es": 0x0A, "fr": 0x0C, "it": 0x10, "nl": 0x13, "pt": 0x16}
"""Languages as newer formats name them, as in `[$-de-DE]`."""

MONTHS = {
    0x07: "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    0x0A: "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    0x0C: "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    0x10: "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    0x13: "januari februari maart april mei juni juli augustus september oktober november december",
    0x16: "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
}
"""The months by language: German, Spanish, French, Italian, Dutch, Portuguese."""

DAYS = {
    0x07: "Sonntag Montag Dienstag Mittwoch Donnerstag Freitag Samstag",
    0x0A: "domingo lunes martes miércoles jueves viernes sábado",
    0x0C: "dimanche lundi mardi mercredi jeudi vendredi samedi",
    0x10: "domenica lunedì martedì mercoledì giovedì venerdì sabato",
    0x13: "zondag maandag dinsdag woensdag donderdag vrijdag zaterdag",
    0x16: "domingo segunda-feira terça-feira quarta-feira quinta-feira sexta-feira sábado",
}
"""The days of the week by language, from Sunday on."""

JANUARY = {0x0C07: "Jänner"}
"""Where the first month is called otherwise than in the language elsewhere: in Austria."""


def code_of(text: str) -> int:
    """The code of a language as a format writes it: by number, or by letters.

    >>> [hex(code_of(text)) for text in ("407", "de-DE", "ja-JP")]
    ['0x407', '0x7', '0x3ff']
    """
    letters = text.partition("-")[0].casefold()
    return LETTERS.get(letters, OTHER) if len(letters) == 2 else int(text, 16)


def is_english(code: int) -> bool:
    """Whether a language of a format is English, or none in particular."""
    return code & 0x3FF in (ENGLISH, NEUTRAL)


def name_in(code: int, word: str, month: int, days: int) -> str:
    """A month's or a day's name in a language, as a part of a format asks for it.

    Raises:
        CannotVectorise: it is not known how it is written there.
    """
    names = {"mmmm": MONTHS, "dddd": DAYS}.get(word, {}).get(code & 0x3FF, "").split()
    if not names:
        raise CannotVectorise("the names of months and days in another language")
    if word == "mmmm":
        return JANUARY.get(code & 0xFFFF, names[0]) if month == 1 else names[month - 1]
    return names[weekday(days)]
