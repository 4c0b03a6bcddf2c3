"""What does a previewer draw that does not calculate? The values that charts keep."""

import re
from collections.abc import Callable
from xml.sax.saxutils import unescape

from roi_xl.recalc.addresses import Address, parse_address, parse_range
from roi_xl.recalc.writer import Value, number_text

REFERENCE = re.compile(rb"(<(?:\w+:)?numRef>)(<(?:\w+:)?f>([^<]*)</(?:\w+:)?f>)(</(?:\w+:)?numRef>)")


def with_chart_values(chart: bytes, value_of: Callable[[Address], Value]) -> bytes:
    """The chart with the numbers of every reference beside it, as Excel stores them."""

    def fill(match: re.Match[bytes]) -> bytes:
        opening, reference, text, closing = match.groups()
        values = [value_of(address) for address in addresses(unescape(text.decode()))]
        return opening + reference + cache(values, opening[1:-7]) + closing

    return REFERENCE.sub(fill, chart)


def addresses(reference: str) -> list[Address]:
    """Every cell of a reference to a range, such as 'Cash flow'!$B$7:$B$67."""
    first = parse_address(reference.partition(":")[0])
    assert first is not None, reference
    top, left, bottom, right = parse_range(reference.rpartition("!")[2])
    return [Address(first.sheet, row, column) for row in range(top, bottom + 1) for column in range(left, right + 1)]


def cache(values: list[Value], tag: bytes) -> bytes:
    """The stored numbers; what is not a number is left out, as a gap."""
    points = b"".join(
        b'<%bpt idx="%d"><%bv>%b</%bv></%bpt>' % (tag, place, tag, number_text(float(value)), tag, tag)
        for place, value in enumerate(values)
        if isinstance(value, int | float)
    )
    return b'<%bnumCache><%bformatCode>General</%bformatCode><%bptCount val="%d"/>%b</%bnumCache>' % (
        tag,
        tag,
        tag,
        tag,
        len(values),
        points,
        tag,
    )
