"""How do pictures get into the file as Excel itself writes them?

Excel names its parts `c:chart`, `xdr:wsDr` and `a:graphic`, and points from one to the other
by relative paths. Other ways are allowed, but some programs know only Excel's. A picture
that a screen reader comes to also says what it is.
"""

import posixpath
import re
from collections.abc import Iterator
from xml.sax.saxutils import escape, unescape

CHART = b"http://schemas.openxmlformats.org/drawingml/2006/chart"
SHEET_DRAWING = b"http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing"
MAIN = b"http://schemas.openxmlformats.org/drawingml/2006/main"
PREFIXES = {"xl/charts/chart": (b"c", CHART), "xl/drawings/drawing": (b"xdr", SHEET_DRAWING)}
UNPREFIXED = re.compile(rb"<(/?)(\w+)(?=[\s/>])")
TARGET = re.compile(rb'(?<=Target=")(/[^"]+)(?=")')
RELATION = re.compile(rb'Target="([^"]+)" Id="(\w+)"')
FRAME = re.compile(rb'<xdr:cNvPr id="\d+" name="[^"]*"(?=/>)|<c:chart [^>]*r:id="(\w+)"')
TITLE = re.compile(rb"<a:t>([^<]*)</a:t>")
SERIES = re.compile(rb"<c:tx><c:v>([^<]+)</c:v></c:tx>")
KINDS = ((b'<c:barDir val="bar"/>', "Bar chart"), (b'<c:barDir val="col"/>', "Column chart"))


def as_excel_writes(parts: dict[str, bytes]) -> dict[str, bytes]:
    """The parts of a package with charts and drawings in Excel's own words."""
    changed = {
        name: relative(name, data) if name.endswith(".rels") else prefixed(name, data) for name, data in parts.items()
    }
    drawings = {name: described(name, data, changed) for name, data in changed.items() if is_drawing(name)}
    return {**changed, **drawings}


def is_drawing(name: str) -> bool:
    """Whether a part places pictures on a sheet."""
    return name.startswith("xl/drawings/drawing")


def prefixed(name: str, data: bytes) -> bytes:
    """A chart or a drawing with the prefixes that Excel writes; every other part as it is."""
    found = next((prefix for start, prefix in PREFIXES.items() if name.startswith(start)), None)
    if found is None:
        return data
    prefix, namespace = found
    bare = data.replace(b' xmlns:a="%b"' % MAIN, b"")
    named = UNPREFIXED.sub(rb"<\1%b:\2" % prefix, bare)
    declared = b'xmlns:%b="%b" xmlns:a="%b"' % (prefix, namespace, MAIN)
    return named.replace(b'xmlns="%b"' % namespace, declared, 1)


def relative(name: str, data: bytes) -> bytes:
    """The relations of a part, with targets told from where the part lies."""
    folder = "/" + posixpath.dirname(posixpath.dirname(name))
    return TARGET.sub(lambda match: posixpath.relpath(match[1].decode(), folder).encode(), data)


def described(name: str, drawing: bytes, parts: dict[str, bytes]) -> bytes:
    """A drawing whose charts say what they are."""
    folder, file = posixpath.split(name)
    relations = {key: target.decode() for target, key in RELATION.findall(parts[f"{folder}/_rels/{file}.rels"])}
    charts = [parts[posixpath.normpath(f"{folder}/{relations[key]}")] for key in ids(drawing)]
    words = iter(map(alternative_text, charts))

    def with_words(match: re.Match[bytes]) -> bytes:
        if match[1]:
            return match[0]
        return b'%b descr="%b"' % (match[0], escape(next(words), {'"': "&quot;"}).encode())

    return FRAME.sub(with_words, drawing)


def ids(drawing: bytes) -> Iterator[bytes]:
    """The relations of a drawing's charts, in order."""
    return (match[1] for match in FRAME.finditer(drawing) if match[1])


def alternative_text(chart: bytes) -> str:
    """What a chart is: its kind, its title, and its series, if they have names.

    >>> alternative_text(b'<c:scatterChart/><a:t>Cash</a:t><c:tx><c:v>P10</c:v></c:tx><c:tx><c:v>P90</c:v></c:tx>')
    'Line chart: Cash. Series: P10, P90.'
    """
    kind = next((words for sign, words in KINDS if sign in chart), "Line chart")
    title = unescape(TITLE.search(chart)[1].decode())  # type: ignore[index]
    series = [unescape(name.decode()) for name in SERIES.findall(chart)]
    return f"{kind}: {title}." + (f" Series: {', '.join(series)}." if series else "")
