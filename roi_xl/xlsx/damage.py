"""What is wrong with a workbook that an engine cannot read? Asked only after it has failed."""

import posixpath
import re
import xml.parsers.expat
from collections import Counter
from collections.abc import Callable, Iterator

from roi_xl.xlsx.addresses import parse_address
from roi_xl.xlsx.package import CONTENT_TYPES, Package
from roi_xl.xlsx.sheet_cells import grammar_of
from roi_xl.xlsx.workbook_part import LONGEST_NUMBER, WorkbookPart, children, parse_xml, related

DEEPEST = 100
"""How deeply elements may be nested; Excel's own parts have fewer than 30 levels."""

DECLARED = re.compile(rb"""^<\?xml[^>]*encoding=["']([^"']+)["']""")
UNICODE = {b"utf-8", b"utf-16", b"us-ascii"}
SHARED = re.compile(rb"""<(?:\w+:)?c\s[^<>]*?r=["'](\w+)["'][^<>]*?\st=["']s["'][^<>]*>\s*<(?:\w+:)?v>([^<]*)<""")
SHEET_DATA = re.compile(rb"<(?:\w+:)?sheetData[\s/>]")
ELEMENT = re.compile(rb"<([A-Za-z][\w:]*+)")
OF_CELLS = {b"f", b"v", b"extLst", b"ext"}
TEXT = re.compile(rb"<(?:\w+:)?si[\s/>]")
TAG = re.compile(rb"<(?:\w+:)?(c|f|row|dimension)(\s[^<>]*)>")
ATTRIBUTE = re.compile(rb"""\s(\w+)\s*=\s*["']([^"'<>]*)["']""")
ELEMENTS = {
    b"c": "a cell",
    b"f": "a formula",
    b"row": "a row",
    b"dimension": "the range in use",
}
CELL_TYPES = {b"s", b"str", b"b", b"e", b"n", b"inlineStr", b"d"}
STRINGS = "/sharedStrings"
STYLES = "/styles"


def what_is_wrong(package: Package, contents: WorkbookPart) -> str:
    """What is wrong with a workbook's parts; empty where nothing is found.

    Args:
        package: the file.
        contents: its workbook part.
    """
    return next((why for look in LOOKS for why in look(package, contents)), "")


def parts_read(package: Package, contents: WorkbookPart) -> list[str]:
    """The parts that an engine reads, in the order in which a reader would look for the fault."""
    others = [part for kind in (STRINGS, STYLES) for part in related(package, contents.part, kind).values()]
    tables = [name for name in package.parts if name.endswith(".rels")]
    folder, base = posixpath.split(contents.part)
    relations = posixpath.join(folder, "_rels", f"{base}.rels")
    return list(dict.fromkeys([CONTENT_TYPES, contents.part, relations, *contents.sheets.values(), *others, *tables]))


def bad_names(package: Package, contents: WorkbookPart) -> Iterator[str]:
    """Parts whose names no package may have."""
    for name in package.parts:
        if {"", ".", ".."} & set(name.rstrip("/").split("/")) or "\\" in name:
            yield f"{name!r} is not a valid part name"


def missing_parts(package: Package, contents: WorkbookPart) -> Iterator[str]:
    """Parts that the workbook refers to and does not hold."""
    for part in parts_read(package, contents):
        if part not in package.parts:
            yield f"it does not hold its part {part}"


def bad_xml(package: Package, contents: WorkbookPart) -> Iterator[str]:
    """Parts that are not well-formed XML in UTF-8 or UTF-16, or hold what no part may."""
    for part in parts_read(package, contents):
        data = package.parts[part]
        declared = DECLARED.match(data)
        if declared and declared[1].lower() not in UNICODE:
            yield f"{part} is in {declared[1].decode('ascii', 'replace')}, not in UTF-8"
        if b"<!DOCTYPE" in data:
            yield f"{part} declares a document type"
        if b"<![CDATA[" in data:
            yield f"{part} holds CDATA"
        if problem := xml_problem(data):
            yield f"{part} {problem}"


def xml_problem(data: bytes) -> str:
    """That some bytes are not XML, or nested too deeply; empty if they are fine."""
    parser = xml.parsers.expat.ParserCreate()
    depth = deepest = 0

    def opened(name: str, attributes: object) -> None:
        nonlocal depth, deepest
        depth += 1
        deepest = max(deepest, depth)

    def closed(name: str) -> None:
        nonlocal depth
        depth -= 1

    parser.StartElementHandler, parser.EndElementHandler = opened, closed
    try:
        parser.Parse(data, True)
    except xml.parsers.expat.ExpatError as error:
        return f"is not XML ({error})"
    return f"nests elements {deepest:,} deep" if deepest > DEEPEST else ""


def doubled_sheets(package: Package, contents: WorkbookPart) -> Iterator[str]:
    """Sheets of one name."""
    root = parse_xml(package, contents.part)
    names = Counter(element.get("name", "").casefold() for element in children(root, "sheets", "sheet"))
    for name, count in names.items():
        if count > 1:
            yield f"{count} sheets are named {name!r}"


def bad_cells(package: Package, contents: WorkbookPart) -> Iterator[str]:
    """Cells and ranges without an address, of an unknown type, or that refer to a text that there is not."""
    strings = [package.parts[part] for part in related(package, contents.part, STRINGS).values()]
    texts = sum(len(TEXT.findall(data)) for data in strings)
    for sheet, part in contents.sheets.items():
        for tag in TAG.findall(package.parts[part]):
            if why := tag_problem(tag):
                yield f"in {sheet}, {why}"
        for cell, number in SHARED.findall(package.parts[part]):
            if not is_number(number) or int(number) >= texts:
                yield f"{sheet}!{cell.decode()} refers to a shared text that the file does not hold"


def bad_contents(package: Package, contents: WorkbookPart) -> Iterator[str]:
    """Sheets without a list of cells, and cells that hold something else than a value."""
    for sheet, part in contents.sheets.items():
        if SHEET_DATA.search(package.parts[part]) is None:
            yield f"{sheet} has no list of cells"
        for match in grammar_of(package.parts[part]).cell.finditer(package.parts[part]):
            names = ELEMENT.findall(match[4] or b"") if b"is>" not in (match[4] or b"") else ()
            for name in names:
                if name.rpartition(b":")[2] not in OF_CELLS:
                    yield f"{sheet}!{(match[2] + match[3]).decode()} holds an element <{name.decode()}>"


def tag_problem(tag: tuple[bytes, bytes]) -> str:
    """What an attribute of a cell, a formula or a range says that makes no sense."""
    name, said = tag[0], dict(ATTRIBUTE.findall(tag[1]))
    for key, wanted in WANTED[name].items():
        if key in said and not wanted(said[key]):
            shown = said[key][:40].decode("utf-8", "replace")
            return f"{ELEMENTS[name]} has {key.decode()}={shown!r}"
    return "a shared formula does not say which" if said.get(b"t") == b"shared" and b"si" not in said else ""


def is_number(text: bytes) -> bool:
    """Whether a text is a whole number of a sensible size."""
    return text.isdigit() and len(text) <= LONGEST_NUMBER


def is_address(text: bytes) -> bool:
    """Whether a text is the address of a cell."""
    found = parse_address(f"S!{text.decode('utf-8', 'replace')}")
    return found is not None


def is_range(text: bytes) -> bool:
    """Whether a text is the address of a cell or of a range."""
    return all(map(is_address, text.split(b":"))) and text.count(b":") < 2


WANTED: dict[bytes, dict[bytes, Callable[[bytes], bool]]] = {
    b"c": {b"r": is_address, b"t": CELL_TYPES.__contains__},
    b"f": {b"ref": is_range, b"si": is_number},
    b"row": {b"r": is_number},
    b"dimension": {b"ref": is_range},
}
"""What attributes that say where something is, or of which type, may hold."""

LOOKS: tuple[Callable[[Package, WorkbookPart], Iterator[str]], ...] = (
    bad_names,
    missing_parts,
    bad_xml,
    doubled_sheets,
    bad_cells,
    bad_contents,
)
"""From what concerns the whole file to what concerns a cell."""
