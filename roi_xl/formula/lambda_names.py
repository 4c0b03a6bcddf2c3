"""What does a workbook need so that the functions work in Excel 365 with nothing installed?

A defined name for each function, whose value is a LAMBDA. Only the list of names in the
workbook's own part changes.
"""

import re
from xml.sax.saxutils import escape, quoteattr

from roi_xl.catalog import CATALOG
from roi_xl.describe import is_closed_form
from roi_xl.errors import FileProblem
from roi_xl.hosts.lambdas import comment, lambda_text
from roi_xl.xlsx.package import Package
from roi_xl.xlsx.workbook_part import read_workbook_part

NAMED = {name: formula for name, formula in CATALOG.items() if is_closed_form(formula)}
"""The functions that one formula can say."""

BEFORE_NAMES = ("externalReferences", "functionGroups", "sheets")
"""The elements of which the list of names comes after the last."""


def with_functions(package: Package) -> Package:
    """The package with a name for each function; one that it has already is written anew."""
    part = read_workbook_part(package).part
    workbook = package.parts[part]
    prefix = prefix_of(workbook)
    for name in NAMED:
        known = rb"<%bdefinedName\s[^<>]*?name=[\"']%b[\"'][^<>]*>[^<]*</%bdefinedName>" % (
            prefix,
            name.encode(),
            prefix,
        )
        workbook = re.sub(known, b"", workbook)
    added = b"".join(defined_name(name, prefix) for name in NAMED)
    end = b"</%bdefinedNames>" % prefix
    if end in workbook:
        workbook = workbook.replace(end, added + end, 1)
    else:
        place = place_of_names(package, workbook, prefix)
        names = b"<%bdefinedNames>%b%b" % (prefix, added, end)
        workbook = workbook[:place] + names + workbook[place:]
    return package.with_parts({part: workbook})


def defined_name(name: str, prefix: bytes) -> bytes:
    """The name of one function as Excel stores it."""
    formula = NAMED[name]
    about = quoteattr(comment(formula)).encode()
    text = escape(lambda_text(formula)).encode()
    return b'<%bdefinedName name="%b" comment=%b>%b</%bdefinedName>' % (prefix, name.encode(), about, text, prefix)


def prefix_of(workbook: bytes) -> bytes:
    """The namespace prefix of a workbook's elements, most often none."""
    root = re.search(rb"<((?:\w+:)?)workbook[\s>]", workbook)
    return root[1] if root else b""


def place_of_names(package: Package, workbook: bytes, prefix: bytes) -> int:
    """Where the list of names belongs in a workbook that has none."""
    for element in BEFORE_NAMES:
        end = re.search(rb"</%b%b>|<%b%b\s[^<>]*/>" % (prefix, element.encode(), prefix, element.encode()), workbook)
        if end:
            return end.end()
    raise FileProblem(f"{package.path} is damaged: it has no list of sheets")
