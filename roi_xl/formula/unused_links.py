"""Which links to add-ins does no formula need any more, and how do they leave the file?

A formula names a linked file by its place in the workbook's list: `[2]Sheet1!A1`. Where one link
leaves, the later ones move up. All that names a link must be understood for that; if something
else than a formula seems to name it, such as a button's macro, it stays.
"""

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from html import unescape
from xml.sax.saxutils import escape

from roi_xl.catalog import CATALOG
from roi_xl.formula.tokens import Kind, Unreadable, tokens
from roi_xl.xlsx.package import CONTENT_TYPES, Package
from roi_xl.xlsx.workbook_part import EXTERNAL_LINK, children, parse_xml, related, relation_of

HOLDERS = rb"f|formula|formula1|formula2|definedName|calculatedColumnFormula|totalsRowFormula"
FORMULA = re.compile(rb"(<(?:\w+:)?(?:%b)(?:\s[^<>]*)?>)([^<]+)" % HOLDERS)
SHOWN = re.compile(rb"<(?:\w+:)?(?:t|v)(?:\s[^<>]*)?>[^<]*<")
NUMBER = re.compile(rb"\[(\d{1,9})\]")
LINK = re.compile(r"('?)\[(\d{1,9})\]")
REFERENCES = re.compile(rb"<(?:\w+:)?externalReferences(?:\s[^<>]*)?>\s*</(?:\w+:)?externalReferences\s*>")
ENCODED = re.compile(rb"&#(?:0{0,9}9[13]|x0{0,9}5[bd]);", re.IGNORECASE)
"""A bracket as the number of its character, which nobody writes who wants to be understood."""

TEXTS = ("sharedStrings.xml", "comments", "docProps/")


@dataclass(frozen=True)
class Links:
    """The linked files of a workbook, in the order in which formulas number them from 1."""

    workbook: str
    relations: tuple[str, ...]
    parts: tuple[str, ...]


def without_unused_links(package: Package, workbook: str, freed: frozenset[int]) -> tuple[Package, int]:
    """The package without links to add-ins that no formula uses, and how many those were.

    Args:
        package: the workbook.
        workbook: its main part.
        freed: numbers of the links that calls of our functions had.
    """
    links = links_of(package, workbook)
    wanted = {number for number, part in enumerate(links.parts, 1) if number in freed or is_ours(package, part)}
    if not wanted:
        return package, 0
    try:
        used, unclear = numbers_in_use(package, links)
    except (Unreadable, UnicodeDecodeError):
        return package, 0
    highest = max(unclear, default=0)
    gone = {number for number in wanted - used if number > highest}
    bare = without_parts(package, links, gone) if gone else None
    return (renumbered(bare, links, gone), len(gone)) if bare else (package, 0)


def links_of(package: Package, workbook: str) -> Links:
    """The links of a workbook."""
    found = related(package, workbook, EXTERNAL_LINK)
    listed = children(parse_xml(package, workbook), "externalReferences", "externalReference")
    relations = tuple(map(relation_of, listed))
    return Links(workbook, relations, tuple(found.get(relation, "") for relation in relations))


def is_ours(package: Package, part: str) -> bool:
    """Whether a link knows names of our functions only."""
    if part not in package.parts:
        return False
    names = children(parse_xml(package, part), "externalBook", "definedNames", "definedName")
    return bool(names) and all(name.get("name", "").upper() in CATALOG for name in names)


def numbers_in_use(package: Package, links: Links) -> tuple[set[int], set[int]]:
    """The numbers of links that formulas use, and those that stand anywhere else."""
    used: set[int] = set()
    unclear: set[int] = set()
    for data in speaking(package, links).values():
        data.decode()  # a part in another encoding is none that can be understood here
        if ENCODED.search(data):
            raise Unreadable("has brackets as numbers of characters")
        used.update(number for _, text in FORMULA.findall(data) for number in numbers_of(text))
        rest = SHOWN.sub(b"", FORMULA.sub(b"", data))
        unclear.update(map(int, NUMBER.findall(rest)))
    return used, unclear


def speaking(package: Package, links: Links) -> Mapping[str, bytes]:
    """The parts in which formulas may stand, by name."""
    return {
        name: data
        for name, data in package.parts.items()
        if name.endswith((".xml", ".vml")) and name not in links.parts and not any(text in name for text in TEXTS)
    }


def numbers_of(text: bytes) -> Iterator[int]:
    """The numbers of the links in a formula as it is stored.

    >>> list(numbers_of(b"[1]!X(Table[7])+'[2]My Sheet'!A1"))
    [1, 2]
    """
    if NUMBER.search(text):
        for token in tokens(unescape(text.decode()).removeprefix("=")):
            if token.kind is Kind.SHEET and (link := LINK.match(token.text)):
                yield int(link[2])


def without_parts(package: Package, links: Links, gone: Iterable[int]) -> Package | None:
    """The package without the parts of some links and all that names these; none if one is not where it should be."""
    folder, base = posixpath.split(links.workbook)
    names = (links.workbook, f"{folder}/_rels/{base}.rels", CONTENT_TYPES)
    places = {name: package.parts.get(name, b"") for name in names}
    dropped: set[str] = set()
    for number in gone:
        relation, part = links.relations[number - 1].encode(), links.parts[number - 1]
        elements = (element("externalReference", rb"[\w.-]+:id", relation), element("Relationship", b"Id", relation))
        for name, pattern in zip(
            places, (*elements, element("Override", b"PartName", b"/" + part.encode())), strict=True
        ):
            places[name], count = re.subn(pattern, b"", places[name])
            if count != 1:
                return None
        dropped |= {part, posixpath.join(posixpath.dirname(part), "_rels", f"{posixpath.basename(part)}.rels")}
    places[links.workbook] = REFERENCES.sub(b"", places[links.workbook])
    kept = {name: data for name, data in {**package.parts, **places}.items() if name not in dropped}
    return replace(package, parts=kept, entries=tuple(e for e in package.entries if e.filename not in dropped))


def element(name: str, attribute: bytes, value: bytes) -> bytes:
    """A pattern for an empty element with an attribute of some value."""
    tag = rb"(?:\w+:)?" + name.encode()
    return rb"""<%b\s(?:[^<>]*\s)?%b\s*=\s*["']%b["'][^<>]*(?:/>|>\s*</%b\s*>)""" % (
        tag,
        attribute,
        re.escape(value),
        tag,
    )


def renumbered(package: Package, links: Links, gone: set[int]) -> Package:
    """The package whose formulas number the links that are left."""
    left = [number for number in range(1, len(links.parts) + 1) if number not in gone]
    new = {old: place for place, old in enumerate(left, start=1)}
    if all(old == place for old, place in new.items()):
        return package
    changed = {
        name: FORMULA.sub(lambda found: found[1] + moved(found[2], new), data)
        for name, data in speaking(package, links).items()
    }
    return package.with_parts(changed)


def moved(text: bytes, new: Mapping[int, int]) -> bytes:
    """A formula as it is stored, with new numbers of links.

    >>> moved(b'[2]!X(Table[2])+[3]Sheet1!A1&amp;"[2]!"', {2: 1, 3: 2})
    b'[1]!X(Table[2])+[2]Sheet1!A1&amp;"[2]!"'
    """
    if not NUMBER.search(text):
        return text
    formula = unescape(text.decode())
    equals = "=" if formula.startswith("=") else ""
    words = (
        LINK.sub(lambda link: f"{link[1]}[{new.get(int(link[2]), int(link[2]))}]", token.text, count=1)
        if token.kind is Kind.SHEET and LINK.match(token.text)
        else token.text
        for token in tokens(formula.removeprefix("="))
    )
    return escape(equals + "".join(words)).encode()
