"""Which sheets and names does a workbook have, and where?"""

import posixpath
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from dataclasses import dataclass

from roi_xl.errors import FileProblem
from roi_xl.xlsx.addresses import Address, parse_address
from roi_xl.xlsx.limits import limit_in_bytes
from roi_xl.xlsx.package import Package

OFFICE_DOCUMENT = "/officeDocument"
WORKSHEET = "/worksheet"
TABLE = "/table"
STYLES = "/styles"
EXTERNAL_LINK = "/externalLink"
LONGEST_NUMBER = 9
OF_AN_ELEMENT = 200
"""Bytes that an element or an attribute may take in memory."""

RELATIVE = re.compile(r"(?<![\w.$\"'])\$?[A-Za-z]{1,3}[0-9]+(?![\w.(!])|(?<![\w.$])[A-Za-z]{1,3}\$[0-9]+(?![\w.(!])")
RANGE = re.compile(r"(?:[\w.]+|'(?:[^']|'')+')!\$?[A-Z]*\$?[0-9]*:\$?[A-Z]*\$?[0-9]*")


@dataclass(frozen=True)
class Iteration:
    """How often, and to what accuracy, circular references are iterated."""

    count: int
    change: float


@dataclass(frozen=True)
class Settings:
    """Calculation settings: full precision, automatic, and recalculated on load."""

    full_precision: bool = True
    automatic: bool = True
    on_load: bool = False


@dataclass(frozen=True)
class DefinedName:
    """A defined name: the sheet it is local to, if any, and what it refers to."""

    name: str
    sheet: str | None
    text: str


@dataclass(frozen=True)
class WorkbookPart:
    """The map of a workbook: the part of each sheet, the cell of each name."""

    part: str
    sheets: dict[str, str]
    is_worksheet: tuple[bool, ...]
    names: dict[str, Address]
    range_names: dict[str, str]
    formula_names: dict[str, str]
    date_system: str
    iteration: Iteration | None
    defined: tuple[DefinedName, ...] = ()
    settings: Settings = Settings()
    external_links: tuple[str, ...] = ()
    """The other workbooks that it links to, as it names them."""

    styles: str = ""
    """The part that holds the formats of cells, if there is one."""


def read_workbook_part(package: Package) -> WorkbookPart:
    """Read the map of a workbook from its package."""
    workbook_part = next(iter(related(package, "", OFFICE_DOCUMENT).values()), None)
    if workbook_part is None or workbook_part not in package.parts:
        raise FileProblem(f"{package.path} is not an .xlsx workbook: it has no workbook part")
    if workbook_part.endswith(".bin"):
        raise FileProblem(f"{package.path} is a binary .xlsb workbook: save it as .xlsx first")
    root = parse_xml(package, workbook_part)
    targets = related(package, workbook_part, WORKSHEET)
    order = [(element.get("name", ""), relation_of(element)) for element in children(root, "sheets", "sheet")]
    sheets = {name: targets[key] for name, key in order if key in targets}
    lost = [name for name, part in sheets.items() if part not in package.parts]
    if lost:
        raise FileProblem(f"{package.path} is damaged: it does not hold its sheet {lost[0]!r}")
    range_names = dict(names_of_ranges(root))
    named = named_cells(root, [name for name, _ in order])
    names = {name: address for name, address in named if address.sheet in sheets}
    since_1904 = any(properties.get("date1904") in ("1", "true") for properties in children(root, "workbookPr"))
    date_system = "1904" if since_1904 else "1900"
    is_worksheet = tuple(key in targets for _, key in order)
    return WorkbookPart(
        workbook_part,
        sheets,
        is_worksheet,
        names,
        range_names,
        dict(names_of_formulas(root)),
        date_system,
        iteration_of(package, root),
        tuple(defined_names(root, [name for name, _ in order])),
        settings_of(root),
        tuple(external_links(package, workbook_part)),
        next(iter(related(package, workbook_part, STYLES).values()), ""),
    )


BUILT_IN = "_xlnm."
"""How the names begin that Excel gives by itself: areas and titles for print, filters."""


def settings_of(root: ElementTree.Element) -> Settings:
    """The workbook's calculation settings."""
    for found in children(root, "calcPr"):
        return Settings(
            full_precision=found.get("fullPrecision", "1") in ("1", "true"),
            automatic=found.get("calcMode", "auto") != "manual",
            on_load=found.get("fullCalcOnLoad", "0") in ("1", "true"),
        )
    return Settings()


def iteration_of(package: Package, root: ElementTree.Element) -> Iteration | None:
    """The workbook's settings for circular references, if it allows them."""
    for settings in children(root, "calcPr"):
        if settings.get("iterate") in ("1", "true"):
            count, change = settings.get("iterateCount", "100"), settings.get("iterateDelta", "0.001")
            try:
                return Iteration(int(count), float(change))
            except ValueError:
                said = f"{count[:40]!r} times, to {change[:40]!r}"
                raise FileProblem(f"{package.path} is damaged: it iterates circular references {said}") from None
    return None


def named_cells(root: ElementTree.Element, sheets: list[str]) -> Iterator[tuple[str, Address]]:
    """Every visible name of a single cell, but for Excel's own; a name local to a sheet as Sheet!name."""
    for element in children(root, "definedNames", "definedName"):
        name, address = element.get("name", ""), parse_address(element.text or "")
        own = name.casefold().startswith(BUILT_IN) or element.get("hidden") in ("1", "true")
        if own or address is None or address.sheet not in sheets:
            continue
        local_to = sheet_of(element, sheets)
        yield (f"{local_to}!{name}" if local_to else name), address


def defined_names(root: ElementTree.Element, sheets: list[str]) -> Iterator[DefinedName]:
    """Every name that the workbook defines."""
    for element in children(root, "definedNames", "definedName"):
        yield DefinedName(element.get("name", ""), sheet_of(element, sheets), element.text or "")


def sheet_of(element: ElementTree.Element, sheets: list[str]) -> str | None:
    """The sheet that a name is local to, if there is such a sheet."""
    scope = element.get("localSheetId", "")
    is_number = scope.isascii() and scope.isdecimal() and len(scope) <= LONGEST_NUMBER
    return sheets[int(scope)] if is_number and int(scope) < len(sheets) else None


def names_of_ranges(root: ElementTree.Element) -> Iterator[tuple[str, str]]:
    """Every name of more than one cell, in lower case, with its reference."""
    for element in children(root, "definedNames", "definedName"):
        if RANGE.fullmatch(element.text or ""):
            yield element.get("name", "").casefold(), element.text or ""


def names_of_formulas(root: ElementTree.Element) -> Iterator[tuple[str, str]]:
    """Every workbook name that refers to a formula with a function, and that formula.

    A formula with relative references means another one in every cell, and is left out.
    """
    for element in children(root, "definedNames", "definedName"):
        text = element.text or ""
        if "(" in text and not element.get("localSheetId") and not RELATIVE.search(text) and "#REF!" not in text:
            yield element.get("name", ""), text


def related(package: Package, part: str, kind: str) -> dict[str, str]:
    """The parts that a part refers to by a kind of relation, by relation id."""
    folder, base = posixpath.split(part)
    relations = posixpath.join(folder, "_rels", f"{base}.rels")
    if relations not in package.parts:
        return {}
    return {
        element.get("Id", ""): posixpath.normpath(posixpath.join("/", folder, element.get("Target", ""))).lstrip("/")
        for element in parse_xml(package, relations)
        if element.get("Type", "").endswith(kind) and element.get("TargetMode") != "External"
    }


def external_links(package: Package, workbook: str) -> list[str]:
    """The other workbooks that a workbook links to, as it names them."""
    found = []
    for part in related(package, workbook, EXTERNAL_LINK).values():
        folder, base = posixpath.split(part)
        relations = posixpath.join(folder, "_rels", f"{base}.rels")
        if relations in package.parts:
            found += [element.get("Target", "") for element in parse_xml(package, relations)]
    return found


def parse_xml(package: Package, part: str) -> ElementTree.Element:
    """A part as XML without a document type: no entities, no outside references."""
    data = package.parts[part]
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        raise FileProblem(f"{package.path} is refused: {part} declares a document type")
    if (data.count(b"<") + data.count(b"=")) * OF_AN_ELEMENT > limit_in_bytes("ROI_XL_MAX_MEMORY_MIB") // 4:
        raise FileProblem(f"{package.path} is refused: {part} holds too many elements (ROI_XL_MAX_MEMORY_MIB)")
    try:
        return ElementTree.fromstring(data)
    except ElementTree.ParseError as error:
        raise FileProblem(f"{package.path} is damaged: {part}: {error}") from None


def children(root: ElementTree.Element, *path: str) -> list[ElementTree.Element]:
    """The elements at a path of local names, in whatever namespace (transitional or strict)."""
    found = [root]
    for step in path:
        found = [child for element in found for child in element if local(child.tag) == step]
    return found


def local(tag: str) -> str:
    """A tag or attribute without its namespace."""
    return tag.rpartition("}")[2]


def relation_of(element: ElementTree.Element) -> str:
    """The relation id of an element."""
    return next((value for key, value in element.attrib.items() if key.startswith("{") and local(key) == "id"), "")
