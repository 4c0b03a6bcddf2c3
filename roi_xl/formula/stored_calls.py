"""How does Excel store a cell that calls a LAMBDA?

As a formula that takes the room it needs: an array formula whose cell points to an entry in the
workbook's metadata. Without it Excel takes the call for one of old, and shows an @ before it.
"""

import posixpath
import re
import zipfile
from collections.abc import Iterator
from dataclasses import replace

from roi_xl.formula.lambda_names import NAMED
from roi_xl.xlsx.addresses import Address
from roi_xl.xlsx.package import CONTENT_TYPES, Package, before_end
from roi_xl.xlsx.sheet import Sheet
from roi_xl.xlsx.workbook_part import children, parse_xml, read_workbook_part, related

METADATA = "/sheetMetadata"
KIND = "XLDAPR"
QUOTED = re.compile(r""""[^"]*"|'[^']*'""")
CALL = re.compile(rf"(?<![\w.!\]])(?:{'|'.join(NAMED)})\(", re.IGNORECASE)
SPREADSHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
DYNAMIC = "http://schemas.microsoft.com/office/spreadsheetml/2017/dynamicarray"
RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/sheetMetadata"
CONTENT = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheetMetadata+xml"
ASSIGNED = "".join(
    f' {name}="1"'
    for name in "copy pasteAll pasteValues merge splitFirst rowColShift clearFormats clearComments assign coerce "
    "cellMeta".split()
)
PART = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    f'<metadata xmlns="{SPREADSHEET}" xmlns:xda="{DYNAMIC}"><metadataTypes count="1"><metadataType name="{KIND}" '
    f'minSupportedVersion="120000"{ASSIGNED}/></metadataTypes>'
    f'<futureMetadata name="{KIND}" count="1"><bk><extLst><ext uri="{{bdbb8cdc-fa1e-496e-a857-3c3f30c029c3}}">'
    '<xda:dynamicArrayProperties fDynamic="1" fCollapsed="0"/></ext></extLst></bk></futureMetadata>'
    '<cellMetadata count="1"><bk><rc t="1" v="0"/></bk></cellMetadata></metadata>'
).encode()
"""The metadata of a workbook whose only entry says of a cell that its formula takes the room it needs."""


def with_room(package: Package) -> Package:
    """The package whose cells that call our LAMBDAs are stored as Excel stores them.

    A workbook with metadata of other kinds only, or without a list of its parts' types, stays as
    it is: its calls are computed all the same.
    """
    contents = read_workbook_part(package)
    entry = entry_of(package, contents.part)
    if entry is None or CONTENT_TYPES not in package.parts:
        return package
    changed = {part: roomy(Sheet(name, package.parts[part]), entry) for name, part in contents.sheets.items()}
    changed = {part: data for part, data in changed.items() if data != package.parts[part]}
    if not changed:
        return package
    package = package.with_parts(changed)
    return package if related(package, contents.part, METADATA) else with_metadata(package, contents.part)


def entry_of(package: Package, workbook: str) -> int | None:
    """The number of the entry that a cell points to: the one that is there, or 1 in a workbook without any."""
    parts = list(related(package, workbook, METADATA).values())
    if not parts:
        return 1
    if parts[0] not in package.parts:
        return None
    root = parse_xml(package, parts[0])
    kinds = [kind.get("name") for kind in children(root, "metadataTypes", "metadataType")]
    for number, block in enumerate(children(root, "cellMetadata", "bk"), start=1):
        records = [record.get("t") for record in children(block, "rc")]
        if KIND in kinds and records == [str(kinds.index(KIND) + 1)]:
            return number
    return None


def roomy(sheet: Sheet, entry: int) -> bytes:
    """A sheet whose plain formulas that call our LAMBDAs take the room they need."""
    pieces, end = [], 0
    for start, formula, place in plain_calls(sheet):
        head = re.compile(rb"<(?:\w+:)?c(?=\s)").match(sheet.data, start)
        opening = re.compile(rb"<(?:\w+:)?f(?=>)").match(sheet.data, formula)
        if head is None or opening is None:
            continue
        array = f' t="array" ref="{place}"'.encode()
        pieces += [
            sheet.data[end : head.end()],
            f' cm="{entry}"'.encode(),
            sheet.data[head.end() : opening.end()],
            array,
        ]
        end = opening.end()
    return b"".join([*pieces, sheet.data[end:]])


def plain_calls(sheet: Sheet) -> Iterator[tuple[int, int, str]]:
    """Where the cells begin that call one of our LAMBDAs, and their formulas, with their addresses."""
    for number, (start, formula) in enumerate(zip(sheet.cells.starts, sheet.cells.formulas, strict=True)):
        text = sheet.formula_text(number)
        if not text.attributes and CALL.search(QUOTED.sub("", text.text)):
            yield start, formula, Address(sheet.name, text.row, text.column).cell


def with_metadata(package: Package, workbook: str) -> Package:
    """The package with a part of metadata, declared and related."""
    folder, base = posixpath.split(workbook)
    part, relations = f"{folder}/metadata.xml", f"{folder}/_rels/{base}.rels"
    content = f'<Override PartName="/{part}" ContentType="{CONTENT}"/>'.encode()
    relation = f'<Relationship Id="rIdRoiMetadata" Type="{RELATION}" Target="metadata.xml"/>'.encode()
    entry = zipfile.ZipInfo(part, package.entries[0].date_time)
    entry.compress_type = zipfile.ZIP_DEFLATED
    added = {
        part: PART,
        CONTENT_TYPES: before_end(package.parts[CONTENT_TYPES], b"Types", content),
        relations: before_end(package.parts[relations], b"Relationships", relation),
    }
    return replace(package.with_parts(added), entries=(*package.entries, entry))
