"""Which cells does a reference across sheets, or a name qualified by a sheet, stand for?"""

import re
from collections.abc import Sequence

from roi_xl.xlsx.addresses import Address
from roi_xl.xlsx.workbook_part import WorkbookPart

CELLS = r"\$?[A-Z]+\$?[0-9]+(?::\$?[A-Z]+\$?[0-9]+)?"
ACROSS_SHEETS = re.compile(
    rf"(?:'((?:[^':]|'')+):((?:[^':]|'')+)'|(?<![\w.$])([\w.]+):([\w.]+))!({CELLS})", re.IGNORECASE
)
QUALIFIED = re.compile(
    r"(?<![\]\w.])(?:'((?:[^']|'')+)'|([A-Za-z_][\w.]*))!(?!\$?[A-Za-z]{1,3}\$?[0-9])"
    r"([A-Za-z_\\][\w.\\]*)(?![\w.(\[!])"
)
MAY_BE_ACROSS = re.compile(rb"[\w.' ]:[\w. ][^<!,()\"]*?!")
MAY_BE_QUALIFIED = re.compile(rb"!(?!\$?[A-Za-z]{1,3}\$?[0-9]|\$)[A-Za-z_\\]")


def needs_rewriting(sheet: bytes) -> bool:
    """Whether a sheet may hold such references at all."""
    return b"!" in sheet and bool(MAY_BE_QUALIFIED.search(sheet) or MAY_BE_ACROSS.search(sheet))


def spelled_out(formula: str, contents: WorkbookPart) -> str:
    """A formula with every such reference in words that the engine reads."""
    return QUALIFIED.sub(
        lambda match: resolved(match, contents),
        ACROSS_SHEETS.sub(lambda match: each_sheet(match, list(contents.sheets)), formula),
    )


def each_sheet(match: re.Match[str], sheets: Sequence[str]) -> str:
    """A reference to the same cells of several sheets as one reference for each."""
    first, last = ((match[1] or match[3]).replace("''", "'"), (match[2] or match[4]).replace("''", "'"))
    places = {sheet.casefold(): place for place, sheet in enumerate(sheets)}
    if first.casefold() not in places or last.casefold() not in places:
        return match[0]
    low, high = sorted((places[first.casefold()], places[last.casefold()]))
    return ",".join(f"{prefix(sheet)}!{match[5]}" for sheet in sheets[low : high + 1])


def resolved(match: re.Match[str], contents: WorkbookPart) -> str:
    """A name qualified by a sheet as the cell of its local name, or as the name of the workbook."""
    sheet, name = (match[1] or match[2]).replace("''", "'"), match[3]
    names = {known.casefold(): place for known, place in contents.names.items()}
    place = names.get(f"{sheet}!{name}".casefold())
    if place is not None:
        return f"{prefix(place.sheet)}!{place.cell}"
    return name if name.casefold() in names else match[0]


def prefix(sheet: str) -> str:
    """A sheet's name as it stands before an exclamation mark."""
    return str(Address(sheet, 1, 1)).rpartition("!")[0]
