"""Which calls of our functions point to a file that another computer does not have?

Excel stores a call to an add-in's function with a link to the add-in: `[1]!ROI_PERCENT(…)`,
or the add-in's path in the formula. Without the link the call goes to whatever
`ROI_PERCENT` is there: a name of the workbook, or an add-in, wherever it lies.
"""

import re
from dataclasses import dataclass

from roi_xl.catalog import CATALOG
from roi_xl.describe import several
from roi_xl.formula.unused_links import FORMULA, without_unused_links
from roi_xl.xlsx.package import Package
from roi_xl.xlsx.workbook_part import TABLE, read_workbook_part, related

TEXT = rb'"[^"]*"|&quot;(?s:.*?)&quot;'
PATH = rb"[^'<&]{0,300}(?:(?:''|&amp;)[^'<&]{0,300}){0,9}"
LINK = rb"(?:\[\d{1,9}\]!|(?:'|&apos;)%b\.xlam?(?:'|&apos;)!|(?<![\w.])[\w.]{1,300}\.xlam?!)" % PATH
"""A numbered link, a quoted path or a bare file; each of bounded length, so that no formula takes long to read."""

CALL = re.compile(rb"(%b)|%b(?=(?:%b)\()" % (TEXT, LINK, "|".join(CATALOG).encode()), re.IGNORECASE)


@dataclass(frozen=True)
class Unlinked:
    """A workbook whose calls of our functions are bare: how many had a link, how many links left the file."""

    package: Package
    calls: int
    links: int

    def told(self) -> str:
        """What was done, for people."""
        left = f"; {several(self.links, 'link')} to it removed" if self.links else ""
        return f"{several(self.calls, 'call')} no longer {'points' if self.calls == 1 else 'point'} to an add-in{left}"


def unlinked(package: Package) -> Unlinked:
    """The package with those calls bare; texts in formulas stay, and links that something else uses."""
    contents = read_workbook_part(package)
    changed: dict[str, bytes] = {}
    taken: list[bytes] = []
    tables = [part for sheet in contents.sheets.values() for part in related(package, sheet, TABLE).values()]
    for part in (contents.part, *contents.sheets.values(), *(part for part in tables if part in package.parts)):
        changed[part], links = without_links(package.parts[part])
        taken += links
    freed = frozenset(int(link[1:-2]) for link in taken if link.startswith(b"["))
    bare, gone = without_unused_links(package.with_parts(changed), contents.part, freed)
    return Unlinked(bare, len(taken), gone)


def without_links(part: bytes) -> tuple[bytes, list[bytes]]:
    """One part's formulas without the links in front of our functions, and those links.

    >>> without_links(b"<f>[1]!ROI_PERCENT(A1)+[1]!OTHER(A1)</f>")
    (b'<f>ROI_PERCENT(A1)+[1]!OTHER(A1)</f>', [b'[1]!'])
    """
    taken: list[bytes] = []

    def bare(match: re.Match[bytes]) -> bytes:
        if match[1]:
            return match[1]
        taken.append(match[0])
        return b""

    return FORMULA.sub(lambda found: found[1] + CALL.sub(bare, found[2]), part), taken
