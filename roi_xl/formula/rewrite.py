"""How is Excel's file rewritten for the engine?

Only the engine's copy changes; the file keeps its own formulas. The rewritten formulas mean
the same, in syntax that the engine knows.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import accumulate

from roi_xl.errors import EXCEL_ERRORS, ExcelError
from roi_xl.formula.engine_words import in_engine_words
from roi_xl.formula.formulas import Formulas
from roi_xl.formula.running_sums import Totals, by_totals
from roi_xl.formula.semantics import as_excel_means, may_differ
from roi_xl.formula.shapes import Form, Shape, filled, pattern_of
from roi_xl.formula.tokens import LONGEST, Unreadable
from roi_xl.hosts.headless import with_native_calls
from roi_xl.xlsx.addresses import column_number, parse_range
from roi_xl.xlsx.sheet import IS_DYNAMIC, Sheet
from roi_xl.xlsx.sheet_cells import (
    ARRAY_RANGE,
    IS_ARRAY,
    Place,
    array_members,
    grammar_of,
    put_constants,
    xml_text,
)

NEWER_ERRORS = re.compile(rb">#(?:SPILL|CALC|FIELD|BLOCKED|CONNECT|UNKNOWN|BUSY|PYTHON|EXTERNAL)![^<]*+</")
"""Stored errors that stop the engine's reader; they are results, which it recomputes."""

NEWER_CONSTANT = re.compile(
    rb"""<(?:\w+:)?c(?=\s)[^<>]*?\sr=["']([A-Z]{1,3})([0-9]{1,7})["'][^<>]*>\s*<(?:\w+:)?v>(#(?:SPILL|CALC)!)</"""
)
"""A cell that holds such an error without any formula, as after pasting values."""

ALWAYS_CALCULATE = re.compile(rb"""(<(?:\w+:)?f(?:\s[^<>]*?)?)\sca=["'](?:1|true)["']""")
OUR_SPELLINGS = re.compile(rb"(?:\[\d+\]!|_xldudf_(?:[A-Z0-9]+_)*?)(ROI_[A-Z_]+)(?=\()", re.IGNORECASE)
ARRAY_OPENING = re.compile(rb"""<(?:\w+:)?f\s[^<>]*?t=["']array["'][^<>]*>""")
DATA_TABLE = re.compile(rb"""<(?:\w+:)?f\s[^<>]*t=["']dataTable["'][^<>]*(?:/>|>[^<]*</(?:\w+:)?f>)""")


def for_engine(sheet: Sheet, formulas: Formulas, totals: Totals) -> bytes:
    """A sheet as the engine can read it, in words that it evaluates as Excel does.

    Errors that it does not know, marks that make it give up, our functions under the
    names that add-ins give them, data tables (which are evaluated apart), what it does not
    read in formulas; array formulas that fill just their range; comparisons and ranges
    that Excel takes otherwise; the stored members of array formulas, which would be in the
    way of a result. What sums grow over stands on the sheet of totals.
    """
    data = with_other_words(sheet, formulas, totals)
    if b">#" in data:
        data = NEWER_ERRORS.sub(b">#VALUE!</", data)
    if re.search(rb"<%bf\s" % re.escape(grammar_of(data).prefix), data):
        data = without_marks(data)
    return as_evaluated(data)


def newer_constants(sheet: Sheet) -> Iterator[tuple[Place, ExcelError]]:
    """The cells that hold an error for good which the engine's reader does not know; the engine itself does."""
    for letters, row, error in NEWER_CONSTANT.findall(sheet.data) if b">#" in sheet.data else ():
        place = int(row), column_number(letters)
        if place not in sheet.anchors:
            yield place, EXCEL_ERRORS[error.decode()]


def with_other_words(sheet: Sheet, formulas: Formulas, totals: Totals) -> bytes:
    """The sheet with rephrased formulas where the engine cannot parse them, takes them otherwise, or takes too long."""
    texts: dict[Place, str] = {}
    for shape in formulas.shapes[sheet.name]:
        texts.update(in_engine_words(shape, formulas.names, sheet.name))
    texts.update(meanings(formulas.shapes[sheet.name], texts, formulas.part.range_names))
    for shape in formulas.shapes[sheet.name] if formulas.takes_totals else ():
        if shape.first not in texts:
            texts.update(by_totals(shape, sheet.name, totals))
    if not texts:
        return sheet.data
    pieces: list[bytes] = []
    done = 0
    opening, closing = sheet.formula_tags
    cells = sheet.cells
    for row, column, start, end in zip(cells.rows, cells.columns, cells.formulas, cells.heads, strict=True):
        text = texts.get((row, column))
        if text is not None:
            array = ARRAY_OPENING.match(sheet.data, start, end)
            pieces += (sheet.data[done:start], array[0] if array else opening, xml_text(text).encode(), closing)
            done = end
    return b"".join([*pieces, sheet.data[done:]])


def meanings(
    shapes: Sequence[Shape], reworded: Mapping[Place, str], range_names: Mapping[str, str]
) -> Iterator[tuple[Place, str]]:
    """The cells of ordinary formulas that the engine takes otherwise, with words that it takes as Excel does."""
    ordinary = [shape for shape in shapes if shape.form is Form.ORDINARY]
    written = "".join(f"<f>{xml_text(text)}</f>" for text in (*(shape.text for shape in ordinary), *reworded.values()))
    if not may_differ(written.encode(), range_names):
        return
    for shape in ordinary:
        meant = as_excel_means(shape.text, range_names)
        copies = None if meant == shape.text else copies_of(meant, shape)
        for cell in shape.cells if copies or reworded else ():
            if cell in reworded:
                yield cell, as_excel_means(reworded[cell], range_names)
            elif copies is not None and len(text := copies(*cell)) <= LONGEST:
                yield cell, text


def copies_of(formula: str, shape: Shape) -> Callable[[int, int], str]:
    """The copy of a formula of a shape's first cell in each other one; one that cannot be read stands in no other."""
    try:
        pattern = pattern_of(formula, *shape.first)
    except Unreadable:
        return lambda row, column: formula
    return lambda row, column: filled(pattern, row, column) or formula


def as_evaluated(sheet: bytes) -> bytes:
    """A sheet that the engine can read, with array formulas that fill just their range, and our calls written out."""
    if b"array" in sheet:
        sheet = with_extents(sheet)
    if b"ROI_" in sheet:
        sheet = with_native_calls(OUR_SPELLINGS.sub(rb"\1", sheet))
    return sheet


STRICT = {
    b"http://purl.oclc.org/ooxml/spreadsheetml/main": b"http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    b"http://purl.oclc.org/ooxml/officeDocument/relationships": (
        b"http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    ),
}
"""The namespaces of the strict file format, and their transitional counterparts."""


def transitional(part: bytes) -> bytes:
    """A part with transitional namespaces."""
    for strict, usual in STRICT.items():
        part = part.replace(strict, usual)
    return part


def without_marks(sheet: bytes) -> bytes:
    """The sheet without formula attributes that the engine misreads."""
    sheet = ALWAYS_CALCULATE.sub(rb"\1", sheet) if b"ca=" in sheet else sheet
    sheet = DATA_TABLE.sub(b"", sheet) if b"dataTable" in sheet else sheet
    members: dict[Place, None] = dict.fromkeys(array_members(sheet))
    return put_constants(sheet, members) if members else sheet


FILL = "ROI.FILL"
"""The engine's function that gives the result of an array formula the extent of its range."""

SHEET = re.compile(rb"<(?:\w+:)?sheet\s[^<>]*?/>")
LOCAL_TO = re.compile(rb"""(localSheetId=["'])([0-9]+)""")


CALCULATION = re.compile(rb"<(?:\w+:)?calcPr\s[^>]*>")
ITERATION = re.compile(rb"""\siterate(?:Count|Delta)?\s*=\s*(?:"[^"]*"|'[^']*')""")
ATTRIBUTE = re.compile(rb"""=(?:"[^"<>]*+"|'[^'<>]*+')""")
LINES = bytes.maketrans(b"\t\r\n", b"   ")


def on_one_line(part: bytes) -> bytes:
    """A part whose attributes hold spaces where they held other white space, which means the same in XML."""
    return ATTRIBUTE.sub(lambda match: match[0].translate(LINES), part)


FIRST_SHEET = "Sheet1"
"""The engine's own first sheet; of a sheet that has its name in other letters it loses the formulas."""

NAMED_LIKE_FIRST = re.compile(rb"""(<(?:\w+:)?sheet\s(?:[^>]*?\s)?name=)(["'])(?i:sheet1)\2""")


def in_engine(sheet: str) -> str:
    """A sheet's name in the engine."""
    return FIRST_SHEET if sheet.casefold() == FIRST_SHEET.casefold() else sheet


def workbook_for_engine(workbook: bytes, kept: Sequence[bool]) -> bytes:
    """The workbook part as the engine takes it.

    Sheets that are not worksheets go, which it refuses; and the limits of iteration, where it would stop.
    A sheet that is named like its own first one gets that very name.
    """
    workbook = NAMED_LIKE_FIRST.sub(rb"\1\2%b\2" % FIRST_SHEET.encode(), workbook)
    workbook = CALCULATION.sub(lambda match: ITERATION.sub(b"", match[0]), on_one_line(workbook))
    if all(kept):
        return workbook
    new_places = list(accumulate(kept, initial=0))
    places = iter(kept)
    workbook = SHEET.sub(lambda match: match[0] if next(places) else b"", workbook)
    return LOCAL_TO.sub(lambda match: b"%b%d" % (match[1], new_places[int(match[2])]), workbook)


def with_extents(sheet: bytes) -> bytes:
    """The sheet with array formulas that fill just their range, repeating one value, row or column.

    A formula that Excel marks as a dynamic array (`cm`) takes the room it needs.
    """

    def fill(match: re.Match[bytes]) -> bytes:
        opening, extent = match[5].partition(b">")[0], ARRAY_RANGE.search(match[5])
        if extent is None or IS_DYNAMIC.search(match[2]) or not IS_ARRAY.search(opening):
            return match[0]
        top, left, bottom, right = parse_range(extent[1].decode())
        rows, columns = bottom - top + 1, right - left + 1
        if rows * columns == 1:
            return match[0]
        filled = rb">%b(\1,%d,%d)<" % (FILL.encode(), rows, columns)
        return match[0].replace(match[5], re.sub(rb">([^<]+)<", filled, match[5], count=1), 1)

    return grammar_of(sheet).formula_cell.sub(fill, sheet)


CALLED = re.compile(
    rb"""'(?:[^'<]|'')*+'?|&apos;(?:(?!&apos;)[^<])*+(?:&apos;)?|"[^"<]*+"?|&quot;(?:(?!&quot;)[^<])*+(?:&quot;)?"""
    rb"""|(?<![\w.$])(?:_xl\w++\.)*+([A-Za-z_][\w.]*+)\(""",
    re.IGNORECASE,
)


def functions_in_text(text: bytes) -> set[bytes]:
    """The name of every function that formulas call, as the file spells it, without prefixes."""
    return {name for name in CALLED.findall(text) if name}
