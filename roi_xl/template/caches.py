"""What does a previewer draw that does not calculate? The values that charts keep."""

import re
from collections.abc import Callable
from xml.sax.saxutils import escape

from roi_xl.xlsx.addresses import Address, parse_address, parse_range
from roi_xl.xlsx.sheet_cells import Value, number_text, plain_text

REFERENCE = re.compile(rb"<((?:\w+:)?)(num|str)Ref>(<(?:\w+:)?f>([^<]*)</(?:\w+:)?f>)</(?:\w+:)?(?:num|str)Ref>")


def with_chart_values(chart: bytes, value_of: Callable[[Address], Value]) -> bytes:
    """The chart with the values of every reference beside it, as Excel stores them."""

    def fill(match: re.Match[bytes]) -> bytes:
        prefix, kind, reference, text = match.groups()
        values = [value_of(address) for address in addresses(plain_text(text))]
        kept = numbers(values, prefix) if kind == b"num" else texts(values, prefix)
        return b"<%b%bRef>%b%b</%b%bRef>" % (prefix, kind, reference, kept, prefix, kind)

    return REFERENCE.sub(fill, chart)


def addresses(reference: str) -> list[Address]:
    """Every cell of a reference to a range, such as 'Cash flow'!$B$7:$B$67."""
    first = parse_address(reference.partition(":")[0])
    assert first is not None, reference
    top, left, bottom, right = parse_range(reference.rpartition("!")[2])
    return [Address(first.sheet, row, column) for row in range(top, bottom + 1) for column in range(left, right + 1)]


def numbers(values: list[Value], prefix: bytes) -> bytes:
    """The stored numbers; what is not a number is left out, as a gap."""
    shown = {place: number_text(float(value)) for place, value in enumerate(values) if isinstance(value, int | float)}
    code = b"<%bformatCode>General</%bformatCode>" % (prefix, prefix)
    return cache(b"num", code, len(values), shown, prefix)


def texts(values: list[Value], prefix: bytes) -> bytes:
    """The stored texts."""
    shown = {place: escape(str(value)).encode() for place, value in enumerate(values) if value is not None}
    return cache(b"str", b"", len(values), shown, prefix)


def cache(kind: bytes, code: bytes, count: int, shown: dict[int, bytes], prefix: bytes) -> bytes:
    """The values that a reference keeps, by their places."""
    p = prefix
    point = b'<%bpt idx="%d"><%bv>%b</%bv></%bpt>'
    points = b"".join(point % (p, place, p, text, p, p) for place, text in shown.items())
    return b'<%b%bCache>%b<%bptCount val="%d"/>%b</%b%bCache>' % (p, kind, code, p, count, points, p, kind)
