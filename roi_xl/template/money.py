"""How are amounts of money shown: with cents or without, in units, thousands or millions?

Amounts have a number format of their own (a backslash before each parenthesis, which shows
nothing), so that it can be told from that of other numbers and changed for the whole workbook.
"""

import re
from collections.abc import Sequence
from typing import Literal

from openpyxl.utils.indexed_list import IndexedList
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from roi_xl.quantities import Unit
from roi_xl.template import style

Scale = Literal["units", "thousands", "millions"]
SCALES: dict[Scale, tuple[str, str, str]] = {
    "units": ("", "", ".00"),
    "thousands": (" thousand", ",", ".0"),
    "millions": (" million", ",,", ".00"),
}
"""What follows the currency, what a number format ends with, and the decimals of an amount."""

WITHOUT_CENTS = frozenset(
    (
        *("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV", "XAF"),
        *("XOF", "XPF", "¥", "₩"),
    )
)
"""The currencies of ISO 4217 that have no smaller unit in use, and two of their signs."""

WHOLE = r"#,##0_);\(#,##0\)"
"""An amount without cents."""

AMOUNT = re.compile(r"#,##0(\.00)?_\);\\\(#,##0(\.00)?\\\)")


def in_scale(currency: str, scale: Scale) -> str:
    """The currency as results name it.

    >>> in_scale("USD", "thousands"), in_scale("USD", "units")
    ('USD thousand', 'USD')
    """
    return currency + SCALES[scale][0]


def of_scale(shown: str) -> tuple[str, Scale]:
    """The currency and the scale of a name that results give it.

    >>> of_scale("KRW million"), of_scale("KRW")
    (('KRW', 'millions'), ('KRW', 'units'))
    """
    currency, _, word = shown.partition(" ")
    return currency, next((scale for scale, (words, *_) in SCALES.items() if words.strip() == word), "units")


def named(unit: Unit, shown: str) -> str:
    """A unit of a result: amounts are in the scale, what a request costs is not."""
    return unit.named(shown if unit.amount else of_scale(shown)[0])


def in_words(cell: str, shown: str, cents: bool = True, zero: str = "") -> str:
    r"""The formula that writes an amount in a sentence, in the scale and with the cents of its currency.

    Words may stand for 0, where no amount is below it.

    >>> in_words("npv", "USD"), in_words("npv", "KRW")
    ('TEXT(npv,"#,##0.00")', 'TEXT(npv,"#,##0")')
    >>> in_words("npv", "KRW million").replace('""', "'")
    'TEXT(npv,"#,##0.00,,\' million\'")'
    """
    currency, scale = of_scale(shown)
    words, comma, decimals = SCALES[scale]
    if scale == "units" and (currency in WITHOUT_CENTS or not cents):
        decimals = ""
    shape = f"#,##0{decimals}{comma}" + (f'""{words}""' if words else "")
    return f'TEXT({cell},"{shape}' + (f';;""{zero}""' if zero else "") + '")'


def along_axis(shown: str) -> str:
    """The number format of amounts along an axis: in the scale, or in millions and billions where they are large."""
    comma = commas(shown)
    large = '[>=10000000000]#,##0,,," bn";[>=10000000]#,##0.0,," M";#,##0'
    return f"#,##0{comma}" if comma else large


def commas(shown: str) -> str:
    """What makes a number format show a currency's scale."""
    return SCALES[of_scale(shown)[1]][1]


def show_amounts(book: Workbook, currency: str, scale: Scale, results: Sequence[Worksheet]) -> None:
    """Show every amount as its currency does, and those that formulas of some sheets give in a scale."""
    if currency in WITHOUT_CENTS:
        book._number_formats = IndexedList(AMOUNT.sub(without_cents, one) for one in book._number_formats)
    if scale == "units":
        return
    _, comma, decimals = SCALES[scale]
    shape = f"#,##0{decimals}{comma}"
    scaled = {
        one: AMOUNT.sub(lambda _: f"{shape}_);({shape})", one) for one in book._number_formats if AMOUNT.search(one)
    }
    for cell in (cell for sheet in results for row in sheet.iter_rows() for cell in row):
        if cell.number_format in scaled and cell.style != style.INPUT.name:
            cell.number_format = scaled[cell.number_format]


def without_cents(amount: re.Match[str]) -> str:
    """The format of an amount without its cents."""
    return amount[0].replace(".00", "")
