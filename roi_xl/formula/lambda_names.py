"""What does a workbook need for the functions to work in Excel 365 without an add-in?

A defined name for each function, whose value is a LAMBDA. Only the list of names in the
workbook's own part changes, and of the names that stand there only ours.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from xml.sax.saxutils import escape, quoteattr

from roi_xl.catalog import CATALOG
from roi_xl.describe import Formula, is_closed_form, takes
from roi_xl.errors import FileProblem
from roi_xl.hosts.lambdas import comment, lambda_text, parameter_name
from roi_xl.hosts.ledger_lambdas import ANSWERS, ledger_lambda
from roi_xl.xlsx.package import Package
from roi_xl.xlsx.workbook_part import TABLE, parse_xml, read_workbook_part, related

NAMED = {name: formula for name, formula in CATALOG.items() if is_closed_form(formula) or formula in ANSWERS}
"""The functions that are a single formula."""

BEFORE_NAMES = ("externalReferences", "functionGroups", "sheets")
"""The elements of which the list of names comes after the last."""

ATTRIBUTE = rb"""\s+([\w:.-]+)\s*=\s*("[^"]*"|'[^']*')"""
HEAD = re.compile(r"(?:_xlfn\.)?LAMBDA\(((?:_xl[po][mp]\.\w+,)*)", re.IGNORECASE)
OUR_PARAMETERS = {parameter_name(parameter).upper() for formula in CATALOG.values() for parameter in takes(formula)}


@dataclass(frozen=True)
class Stored:
    """A defined name as it stands in the workbook's part."""

    xml: bytes
    name: str
    is_local: bool
    text: str

    @property
    def is_ours(self) -> bool:
        """Whether it is a LAMBDA of the whole workbook with arguments that only ours have."""
        head = HEAD.match(self.text.removeprefix("="))
        parameters = head[1].upper().split(",")[:-1] if head else []
        known = {parameter[len("_XLPM.") :] for parameter in parameters} <= OUR_PARAMETERS
        return bool(parameters) and known and not self.is_local


def with_functions(package: Package) -> Package:
    """The package with a name for each function; existing ones of ours are replaced.

    Raises:
        FileProblem: a name or a table of the user's own is called like one of the functions.
    """
    part = read_workbook_part(package).part
    workbook = package.parts[part]
    prefix = prefix_of(workbook)
    refuse_tables(package)
    for stored in stored_names(workbook, prefix):
        if stored.name.upper() not in NAMED:
            continue
        if not stored.is_ours:
            raise FileProblem(f"{package.path} already has a name {stored.name} ({stored.text}): rename it first")
        workbook = workbook.replace(stored.xml, b"", 1)
    added = b"".join(defined_name(name, prefix) for name in NAMED)
    workbook = re.sub(rb"<%bdefinedNames\s*/>" % prefix, b"", workbook, count=1)
    end = b"</%bdefinedNames>" % prefix
    if end in workbook:
        workbook = workbook.replace(end, added + end, 1)
    else:
        place = place_of_names(package, workbook, prefix)
        names = b"<%bdefinedNames>%b%b" % (prefix, added, end)
        workbook = workbook[:place] + names + workbook[place:]
    return package.with_parts({part: workbook})


def stored_names(workbook: bytes, prefix: bytes) -> Iterator[Stored]:
    """Every defined name of a workbook's part, in any case and scope."""
    element = rb"<%bdefinedName((?:%b)*)\s*>([^<]*)</%bdefinedName>" % (prefix, ATTRIBUTE, prefix)
    for match in re.finditer(element, workbook):
        attributes = {key: unescape(value[1:-1].decode()) for key, value in re.findall(ATTRIBUTE, match[1])}
        text = unescape(match[4].decode())
        yield Stored(match[0], attributes.get(b"name", ""), b"localSheetId" in attributes, text)


def refuse_tables(package: Package) -> None:
    """Refuse a table named like a function: tables and names share one namespace."""
    for sheet in read_workbook_part(package).sheets.values():
        for part in related(package, sheet, TABLE).values():
            name = parse_xml(package, part).get("displayName", "") if part in package.parts else ""
            if name.upper() in NAMED:
                raise FileProblem(f"{package.path} already has a table {name}: rename it first")


def defined_name(name: str, prefix: bytes) -> bytes:
    """The name of one function as Excel stores it."""
    formula = NAMED[name]
    about = quoteattr(comment(formula)).encode()
    text = escape(text_of(formula)).encode()
    return b'<%bdefinedName name="%b" comment=%b>%b</%bdefinedName>' % (prefix, name.encode(), about, text, prefix)


def text_of(formula: Formula) -> str:
    """A function as a LAMBDA: one expression, or month by month."""
    return ledger_lambda(formula) if formula in ANSWERS else lambda_text(formula)


def calculated_when_opened(package: Package) -> Package:
    """The package marked for full calculation when Excel opens it."""
    part = read_workbook_part(package).part
    workbook = package.parts[part]
    prefix = prefix_of(workbook)
    settings = re.search(rb"<%bcalcPr(?:%b)*\s*/?>" % (prefix, ATTRIBUTE), workbook)
    if settings is None:
        added = b'<%bcalcPr fullCalcOnLoad="1"/>' % prefix
        place = place_of_settings(package, workbook, prefix)
        return package.with_parts({part: workbook[:place] + added + workbook[place:]})
    kept = re.sub(rb"""\s+fullCalcOnLoad\s*=\s*(?:"[^"]*"|'[^']*')""", b"", settings[0])
    start = len(b"<%bcalcPr" % prefix)
    new = kept[:start] + b' fullCalcOnLoad="1"' + kept[start:]
    return package.with_parts({part: workbook.replace(settings[0], new, 1)})


def prefix_of(workbook: bytes) -> bytes:
    """The namespace prefix of a workbook's elements, most often none."""
    root = re.search(rb"<((?:\w+:)?)workbook[\s>]", workbook)
    return root[1] if root else b""


def place_of_settings(package: Package, workbook: bytes, prefix: bytes) -> int:
    """Where the settings of calculation belong in a workbook that has none: after its names."""
    end = re.search(rb"</%bdefinedNames>|<%bdefinedNames\s*/>" % (prefix, prefix), workbook)
    return end.end() if end else place_of_names(package, workbook, prefix)


def place_of_names(package: Package, workbook: bytes, prefix: bytes) -> int:
    """Where the list of names belongs in a workbook that has none."""
    for element in BEFORE_NAMES:
        end = re.search(rb"</%b%b>|<%b%b\s[^<>]*/>" % (prefix, element.encode(), prefix, element.encode()), workbook)
        if end:
            return end.end()
    raise FileProblem(f"{package.path} is damaged: it has no list of sheets")
