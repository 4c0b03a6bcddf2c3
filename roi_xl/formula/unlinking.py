"""Which calls of our functions point to a file that another computer does not have?

Excel stores a call to an add-in's function with a link to the add-in: `[1]!ROI_PERCENT(…)`,
or the add-in's path in the formula. Without the link the call goes to whatever
`ROI_PERCENT` is there: a name of the workbook, or an add-in, wherever it lies.
"""

import re

from roi_xl.catalog import CATALOG
from roi_xl.xlsx.package import Package
from roi_xl.xlsx.workbook_part import read_workbook_part

FORMULA = re.compile(rb"(<(?:\w+:)?(?:f|formula|formula1|formula2|definedName)(?:\s[^<>]*)?>)([^<]+)")
TEXT = rb'"[^"]*"|&quot;(?s:.*?)&quot;'
PATH = rb"[^'<&]{0,300}(?:(?:''|&amp;)[^'<&]{0,300}){0,9}"
LINK = rb"(?:\[\d{1,9}\]!|(?:'|&apos;)%b\.xlam?(?:'|&apos;)!|(?<![\w.])[\w.]{1,300}\.xlam?!)" % PATH
"""A numbered link, a quoted path or a bare file; each of bounded length, so that no formula takes long to read."""

CALL = re.compile(rb"(%b)|%b(?=(?:%b)\()" % (TEXT, LINK, "|".join(CATALOG).encode()), re.IGNORECASE)


def unlinked(package: Package) -> tuple[Package, int]:
    """The package with those calls bare, and how many there were; texts in formulas stay."""
    contents = read_workbook_part(package)
    changed: dict[str, bytes] = {}
    total = 0
    for part in (contents.part, *contents.sheets.values()):
        data, count = without_links(package.parts[part])
        if count:
            changed[part] = data
            total += count
    return package.with_parts(changed), total


def without_links(part: bytes) -> tuple[bytes, int]:
    """One part's formulas without the links in front of our functions, and how many there were.

    >>> without_links(b"<f>[1]!ROI_PERCENT(A1)+[1]!OTHER(A1)</f>")
    (b'<f>ROI_PERCENT(A1)+[1]!OTHER(A1)</f>', 1)
    """
    count = 0

    def bare(match: re.Match[bytes]) -> bytes:
        nonlocal count
        if match[1]:
            return match[1]
        count += 1
        return b""

    return FORMULA.sub(lambda found: found[1] + CALL.sub(bare, found[2]), part), count
