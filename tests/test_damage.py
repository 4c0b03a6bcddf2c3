"""What is wrong with a damaged workbook is told in one line that names the part, the sheet, or the cell."""

import re

import pytest
from openpyxl import Workbook
from recalc_helpers import SHEET, rewrite

import roi_xl
from roi_xl.cli import main
from roi_xl.errors import RoiError, Status

BOOK, STRINGS, STYLES = "xl/workbook.xml", "xl/sharedStrings.xml", "xl/styles.xml"
KIND = b"http://schemas.openxmlformats.org/officeDocument/2006/relationships"
MAIN = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "xl/_rels/workbook.xml.rels"


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    """A workbook with numbers, a text, a formula and a merged range."""
    path = tmp_path_factory.mktemp("sound") / "m.xlsx"
    book = Workbook()
    book.active["A1"], book.active["B1"], book.active["A2"] = 1, "text", "=A1*2"
    book.active.merge_cells("D1:E1")
    book.create_sheet("Other")["A1"] = 5
    book.save(path)
    rewrite(path, with_shared_text)
    return path


def with_shared_text(contents):
    """The text as a shared one, as Excel writes it, and no stored value."""
    sheet = re.sub(rb'<c r="B1".*?</c>', b'<c r="B1" t="s"><v>0</v></c>', contents[SHEET])
    sheet = re.sub(rb"<f>A1\*2</f>(<v ?/>|<v></v>)?", b"<f>A1*2</f><v>2</v>", sheet)
    relation = b'<Relationship Id="s" Type="%b/sharedStrings" Target="sharedStrings.xml"/></Relationships>' % KIND
    return {
        **contents,
        SHEET: sheet,
        RELATIONS: contents[RELATIONS].replace(b"</Relationships>", relation),
        STRINGS: b'<?xml version="1.0" encoding="UTF-8"?><sst xmlns="%b"><si><t>text</t></si></sst>' % MAIN,
    }


def put(part, old, new):
    """One piece of a part in place of another."""

    def change(contents):
        assert old in contents[part], (part, old)
        return {**contents, part: contents[part].replace(old, new, 1)}

    return change


def without(part):
    """The package without a part."""
    return lambda contents: {name: data for name, data in contents.items() if name != part}


DAMAGE = [
    (without(STYLES), r"does not hold its part xl/styles\.xml"),
    (without(STRINGS), r"does not hold its part xl/sharedStrings\.xml"),
    (without(RELATIONS), r"does not hold its part xl/_rels/workbook\.xml\.rels"),
    (without("xl/worksheets/sheet2.xml"), "does not hold its sheet 'Other'"),
    (lambda p: {**p, "xl\\evil.xml": b"<x/>"}, r"'xl\\\\evil.xml' is not a valid part name"),
    (lambda p: {**p, "/xl/evil.xml": b"<x/>"}, "'/xl/evil.xml' is not a valid part name"),
    (put(SHEET, b"</sheetData>", b""), r"sheet1\.xml is not XML \(mismatched tag: line 1"),
    (put(STYLES, b"</styleSheet>", b""), r"styles\.xml is not XML \(no element found"),
    (put(SHEET, b"<worksheet", b"<!DOCTYPE x><worksheet"), "holds XML comments, CDATA or declarations"),
    (put(STRINGS, b"<sst", b"<!DOCTYPE x><sst"), r"sharedStrings\.xml declares a document type"),
    (put(BOOK, b"</workbook>", b"<![CDATA[]]></workbook>"), r"workbook\.xml holds CDATA"),
    (put(BOOK, b"<workbook", b'<?xml version="1.0" encoding="koi8-r"?><workbook'), r"workbook\.xml is in koi8-r"),
    (put(STRINGS, b"</sst>", b"<x>" * 200 + b"</x>" * 200 + b"</sst>"), "nests elements 201 deep"),
    (put(SHEET, b"sheetData>", b"other>"), "Sheet has no list of cells|mismatched tag"),
    (put(BOOK, b'name="Other"', b'name="sheet"'), "2 sheets are named 'sheet'"),
    (put(SHEET, b"<v>0</v>", b"<v>7</v>"), "Sheet!B1 refers to a shared text that the file does not hold"),
    (put(SHEET, b'<c r="B1" t="s"', b'<c r="B1" t="wrong"'), "in Sheet, a cell has t='wrong'"),
    (put(SHEET, b'<c r="A1"', b'<c r="A99999999"'), "in Sheet, a cell has r='A99999999'"),
    (put(SHEET, b'<row r="1"', b'<row r="one"'), "in Sheet, a row has r='one'"),
    (put(SHEET, b"<f>", b'<f t="shared">'), "a shared formula does not say which"),
    (put(SHEET, b"<f>", b'<f t="shared" ref="A2" si="' + b"9" * 30 + b'">'), "a formula has si='9{30}'"),
    (put(SHEET, b'dimension ref="', b'dimension ref="!'), "in Sheet, the range in use has ref='!A1"),
    (put(SHEET, b"<f>", b'<f t="array" ref="A2:B">'), r"\(Sheet\): 'A2:B' is not a range"),
    (put(SHEET, b"<f>", b'<f t="array" ref="">'), r"\(Sheet\): '' is not a range"),
    (put(SHEET, b"<v>1</v>", b"<x>1</x>"), "Sheet!A1 holds an element <x>"),
    (put(SHEET, b"</f><v>2<", b"</f><v>two<"), r"Sheet\)?[:,] A2 stores 'two' as a number"),
    (put(SHEET, b"</f><v>2<", b"</f><v>1_0<"), r"Sheet\)?[:,] A2 stores '1_0' as a number"),
    (put(SHEET, b"</f><v>2<", b"</f><v>1e999<"), r"Sheet\)?[:,] A2 stores '1e999' as a number"),
]


@pytest.mark.parametrize(("change", "message"), DAMAGE)
def test_damage_is_named(sound, tmp_path, change, message):
    path = tmp_path / "m.xlsx"
    path.write_bytes(sound.read_bytes())
    rewrite(path, change)
    with pytest.raises(RoiError, match=message) as raised:
        roi_xl.open_model(path)
    assert str(raised.value).startswith(str(path))


def test_a_part_that_cannot_be_unpacked_is_named(sound, tmp_path):
    path = tmp_path / "m.xlsx"
    data = bytearray(sound.read_bytes())
    start = data.index(SHEET.encode()) + len(SHEET)
    data[start + 20 : start + 60] = bytes(40)
    path.write_bytes(data)
    with pytest.raises(RoiError, match=re.escape(f"its part {SHEET} cannot be unpacked")):
        roi_xl.open_model(path)


def test_an_attribute_over_two_lines_is_no_damage(sound, tmp_path):
    path = tmp_path / "m.xlsx"
    path.write_bytes(sound.read_bytes())
    rewrite(path, put(BOOK, b"<workbookPr", b'<workbookPr codeName="This\nWorkbook"'))
    rewrite(path, put(RELATIONS, b"<Relationship ", b'<Relationship title="a\r\nb" '))
    model = roi_xl.open_model(path)
    model.calculate({"Sheet!A1": 4})
    assert model.value(model.find("Sheet!A2")) == 8


def test_a_circular_formula_that_the_engine_cannot_parse_is_kept(sound, tmp_path):
    """It once was given back to the engine, which refused it."""
    path = tmp_path / "m.xlsx"
    path.write_bytes(sound.read_bytes())
    rewrite(path, put(SHEET, b"<f>A1*2</f><v>2<", b"<f>#REF!A1+1</f><v>7<"))
    rewrite(path, put(BOOK, b"<calcPr", b'<calcPr iterate="1"'))
    model = roi_xl.open_model(path)
    assert [str(difference.place) for difference in model.differences] == ["Sheet!A2"]
    model.calculate({"Sheet!A1": 4})
    assert model.value(model.find("Sheet!A2")) == 7


def test_what_only_the_report_reads_is_read_before_anything_is_written(sound, tmp_path, capsys):
    """A damaged part of an external link once was met after the file had been written: exit 2, but a new file."""
    path, target = tmp_path / "m.xlsx", tmp_path / "out.xlsx"
    path.write_bytes(sound.read_bytes())
    link = b'<Relationship Id="e" Type="%b/externalLink" Target="externalLinks/e.xml"/></Relationships>' % KIND
    rewrite(path, put(RELATIONS, b"</Relationships>", link))
    rewrite(path, lambda p: {**p, "xl/externalLinks/_rels/e.xml.rels": b"<Relationships"})
    assert main(["recalc", str(path), "-o", str(target)]) == Status.REFUSED
    assert "xl/externalLinks/_rels/e.xml.rels" in capsys.readouterr().err
    assert not target.exists()
