"""How are months and days called in the language of a number format?

`[$-407]` or `[$-de-DE]` before a date has it in German. Only names on which Windows and Unicode's
tables agree are here, and none of languages in which a month's name depends on the day beside it;
the others are not guessed.
"""

from dataclasses import dataclass
from functools import lru_cache

from roi_xl.errors import CannotVectorise


@dataclass(frozen=True)
class DateNames:
    """The names of the months from January on and of the days from Sunday on, whole and short, of a language."""

    months: tuple[str, ...]
    days: tuple[str, ...] = ()
    short_months: tuple[str, ...] = ()
    short_days: tuple[str, ...] = ()

    def has(self, word: str) -> bool:
        """Whether what a word of a format stands for is known; years and numbers always are, but those of eras."""
        kinds = {"mmm": self.short_months, "mmmm": self.months, "mmmmm": self.months, "e": self.months}
        if word[:3] == "ddd":
            return bool(self.short_days if word == "ddd" else self.days)
        return self is ENGLISH if "/" in word else bool(kinds.get(word, True))


def named(months: str, days: str = "", short_months: str = "", short_days: str = "") -> DateNames:
    """Names that are given with blanks between them."""
    return DateNames(*(tuple(names.split()) for names in (months, days, short_months, short_days)))


ENGLISH = named(
    "January February March April May June July August September October November December",
    "Sunday Monday Tuesday Wednesday Thursday Friday Saturday",
    "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec",
    "Sun Mon Tue Wed Thu Fri Sat",
)
GERMAN_DAYS = ("Sonntag Montag Dienstag Mittwoch Donnerstag Freitag Samstag", "", "So Mo Di Mi Do Fr Sa")
NAMES = {
    "en": ENGLISH,
    "de": named(
        "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
        *GERMAN_DAYS,
    ),
    "de-at": named(
        "Jänner Februar März April Mai Juni Juli August September Oktober November Dezember",
        *GERMAN_DAYS,
    ),
    "fr": named(
        "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
        "dimanche lundi mardi mercredi jeudi vendredi samedi",
        "janv. févr. mars avr. mai juin juil. août sept. oct. nov. déc.",
        "dim. lun. mar. mer. jeu. ven. sam.",
    ),
    "es": named(
        "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
        "domingo lunes martes miércoles jueves viernes sábado",
    ),
    "it": named(
        "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
        "domenica lunedì martedì mercoledì giovedì venerdì sabato",
        "gen feb mar apr mag giu lug ago set ott nov dic",
        "dom lun mar mer gio ven sab",
    ),
    "nl": named(
        "januari februari maart april mei juni juli augustus september oktober november december",
        "zondag maandag dinsdag woensdag donderdag vrijdag zaterdag",
        short_days="zo ma di wo do vr za",
    ),
    "pt": named(
        "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
        "domingo segunda-feira terça-feira quarta-feira quinta-feira sexta-feira sábado",
    ),
    "da": named(
        "januar februar marts april maj juni juli august september oktober november december",
        "søndag mandag tirsdag onsdag torsdag fredag lørdag",
    ),
    "nb": named(
        "januar februar mars april mai juni juli august september oktober november desember",
        "søndag mandag tirsdag onsdag torsdag fredag lørdag",
    ),
    "sv": named(
        "januari februari mars april maj juni juli augusti september oktober november december",
        "söndag måndag tisdag onsdag torsdag fredag lördag",
    ),
    "hu": named(
        "január február március április május június július augusztus szeptember október november december",
        "vasárnap hétfő kedd szerda csütörtök péntek szombat",
    ),
    "ro": named(
        "ianuarie februarie martie aprilie mai iunie iulie august septembrie octombrie noiembrie decembrie",
    ),
    "tr": named(
        "Ocak Şubat Mart Nisan Mayıs Haziran Temmuz Ağustos Eylül Ekim Kasım Aralık",  # noqa: RUF001
        "Pazar Pazartesi Salı Çarşamba Perşembe Cuma Cumartesi",  # noqa: RUF001
        "Oca Şub Mar Nis May Haz Tem Ağu Eyl Eki Kas Ara",
        "Paz Pzt Sal Çar Per Cum Cmt",
    ),
    "id": named(
        "Januari Februari Maret April Mei Juni Juli Agustus September Oktober November Desember",
        "Minggu Senin Selasa Rabu Kamis Jumat Sabtu",
    ),
}

LANGUAGES = {0x09: "en", 0x07: "de", 0x0C: "fr", 0x0A: "es", 0x10: "it", 0x13: "nl", 0x16: "pt", 0x06: "da",
             0x14: "nb", 0x1D: "sv", 0x0E: "hu", 0x18: "ro", 0x1F: "tr", 0x21: "id"}  # fmt: skip
"""The languages of Windows' numbers of countries, of which they are the last ten bits."""

OTHERS = {0x0C07: "de-at", 0x0814: "nn"}
"""Countries with names of their own, of which those of Nynorsk are not here."""

CALENDARS = {0x00: "x", 0x01: "ar", 0x0D: "he", 0x1E: "th", 0x29: "fa"}
"""What may count years of its own: the system's formats, and languages of other calendars."""

USUAL_KINDS = (0, 1)
"""Of a calendar, and of digits: the Gregorian one and European ones, as they come without being asked for."""

NONE = DateNames(())
"""The names in a language whose names are not here; its numbers of days and months are as everywhere."""


@lru_cache(maxsize=200)
def names_in(code: str) -> DateNames:
    """The names in the language of a code in a number format: `407`, `1010407`, `de-DE`, or none for English.

    >>> names_in("40C").months[7], names_in("de-AT").months[0], names_in("").days[1]
    ('août', 'Jänner', 'Monday')
    """
    if not code:
        return ENGLISH
    try:
        language = of_number(int(code, 16))
    except ValueError:
        folded = code.casefold()
        language = folded if folded in NAMES else folded.partition("-")[0]
    if language in CALENDARS.values():
        raise CannotVectorise("a date in another calendar or in the system's format")
    return NAMES.get(language, NONE)


def of_number(code: int) -> str:
    """The language of a number that says which digits, which calendar and which country."""
    digits, calendar, country = code >> 24, code >> 16 & 0xFF, code & 0xFFFF
    if digits not in USUAL_KINDS or calendar not in USUAL_KINDS:
        return CALENDARS[0]
    primary = country & 0x3FF
    return OTHERS.get(country) or LANGUAGES.get(primary) or CALENDARS.get(primary, "")
