"""Is a workbook signed, and how does it become one that is not? As in Excel, saving takes signatures off."""

import re

from roi_xl.xlsx.package import CONTENT_TYPES, Package

FOLDER = "_xmlsignatures/"
RELATIONS = "_rels/.rels"
ORIGIN = re.compile(rb"<(?:\w+:)?Relationship\s[^<>]*digital-signature/origin[^<>]*>")
DECLARED = re.compile(
    rb"""<(?:\w+:)?(?:Override\s[^<>]*PartName=["']/_xmlsignatures/|Default\s[^<>]*Extension=["']sigs["'])[^<>]*>"""
)


def is_signed(package: Package) -> bool:
    """Whether a workbook has a digital signature."""
    return any(name.startswith(FOLDER) for name in package.parts)


def unsigned(package: Package) -> Package:
    """The workbook without its signatures; every other part stays."""
    if not is_signed(package):
        return package
    entries = tuple(entry for entry in package.entries if not entry.filename.startswith(FOLDER))
    parts = {name: data for name, data in package.parts.items() if not name.startswith(FOLDER)}
    for name, pattern in ((RELATIONS, ORIGIN), (CONTENT_TYPES, DECLARED)):
        if name in parts:
            parts[name] = pattern.sub(b"", parts[name])
    return Package(package.path, entries, parts, package.digest)
