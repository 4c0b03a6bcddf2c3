"""Edits as Excel would take them: refused with what to set instead, or taken as what they mean."""

import datetime as dt
import hashlib
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from openpyxl import Workbook
from openpyxl.worksheet.formula import ArrayFormula
from openpyxl.worksheet.table import Table
from recalc_helpers import SHEET, make, parts, rewrite, values

import roi_xl
from roi_xl.cli import main
from roi_xl.errors import NotANumber, RoiError, WrongShape

DYNAMIC = b'<c r="G1" cm="1"><f t="array" ref="G1:G3">_xlfn._xlws.FILTER(A2:A5,B2:B5&gt;1)</f><v>2</v></c>'


@pytest.fixture
def book(tmp_path):
    """A table, an array formula, one that spills, a data table, merged cells, a picture in a cell."""
    book = Workbook()
    sheet = book.active
    sheet.title = "S"
    for row in (["Item", "Units"], [1, 1], [2, 2], [3, 3], [4, 4]):
        sheet.append(row)
    sheet.add_table(Table(displayName="Sales", ref="A1:B5"))
    sheet["D1"] = ArrayFormula("D1:D3", "=A2:A4*2")
    sheet["G1"] = 2
    sheet["J1"], sheet["L1"], sheet["N1"] = 5, "merged", "text"
    sheet.merge_cells("L1:M2")
    sheet["P1"] = 46_000
    path = tmp_path / "m.xlsx"
    book.save(path)
    rewrite(path, lambda p: {**p, SHEET: as_excel_has_it(p[SHEET])})
    roi_xl.open_model(path).save(path)
    return path


def as_excel_has_it(sheet):
    """What openpyxl does not write: a formula that spills, a cell with a picture."""
    old = b'<c r="G1" t="n"><v>2</v></c>'
    assert old in sheet
    assert b'<c r="J1"' in sheet
    return sheet.replace(old, DYNAMIC).replace(b'<c r="J1"', b'<c r="J1"\n\tvm="1"')


REFUSED = [
    ("S!A1", 5, r"S!A1 is a heading of a table, .* set its values in S!A2:A5"),
    ("S!D1", 5, r"S!D1 is a formula \(S!D1\); only cells that hold a value can be set"),
    ("S!D2", 5, "S!D2 is filled by the array formula of S!D1; set what that reads, such as S!A2:A4"),
    ("S!G3", 5, r"S!G3 is filled by the formula of S!G1; set what that reads, such as S!\w2:\w5"),
    ("S!J1", 5, "S!J1 holds a picture or a data type, .* set another cell"),
    ("S!M2", 5, "S!M2 is covered by the merged cell S!L1; set that"),
    ("S!N1", "x" * 32_768, "S!N1 takes at most 32,767 characters, got 32,768"),
]


@pytest.mark.parametrize(("cell", "value", "said"), REFUSED, ids=[cell for cell, _, _ in REFUSED])
def test_cells_that_excel_would_not_let_anyone_set(book, cell, value, said, capsys):
    before = hashlib.sha256(book.read_bytes()).digest()
    with pytest.raises(RoiError, match=said):
        roi_xl.open_model(book).calculate({cell: value})
    assert main(["recalc", str(book), "--set", f"{cell}={value}", "--in-place"]) == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert hashlib.sha256(book.read_bytes()).digest() == before


def test_a_data_table_is_set_by_its_edges(tmp_path):
    cells = {"A1": 3, "B1": "=A1*2", "C3": "=B1", "C4": 6, "C5": 8, "B4": 3, "B5": 4}
    path = make(tmp_path / "m.xlsx", cells)
    table = b'<c r="C4"><f t="dataTable" ref="C4:C5" dt2D="0" dtr="0" r1="A1"/><v>6</v></c>'
    rewrite(path, lambda p: {**p, SHEET: p[SHEET].replace(b'<c r="C4" t="n"><v>6</v></c>', table)})
    model = roi_xl.open_model(path)
    with pytest.raises(
        RoiError, match="Sheet!C5 belongs to the data table Sheet!C4:C5; set the values along its edges"
    ):
        model.calculate({"Sheet!C5": 1})
    model.calculate({"Sheet!B5": 10})
    model.save(path)
    assert values(path)["Sheet", "C5"] == 20


TYPED = [
    ("S!P1", "2027-01-31", 46_418),
    ("S!P1", "2027-01-31 12:00", 46_418.5),
    ("S!P1", "1900-02-28", 59),
    ("S!P1", "1900-03-01", 61),
    ("S!P1", "12%", 0.12),
    ("S!P1", "-0.1 %", -0.001),
    ("S!P1", "", None),
    ("S!N1", "2027-01-31", "2027-01-31"),
    ("S!N1", "", None),
    ("S!N1", "5%", 0.05),
    ("S!Q9", "2027-01-31", 46_418),
]


@pytest.mark.parametrize(("cell", "typed", "held"), TYPED)
def test_what_a_person_types_is_taken_as_excel_takes_it(book, cell, typed, held):
    assert main(["recalc", str(book), "--set", f"{cell}={typed}", "--in-place"]) == 0
    assert values(book).get(tuple(cell.split("!"))) == held


@pytest.mark.parametrize("typed", ["2027-02-30", "1899-12-30", "2027-01-31 25:00"])
def test_days_that_are_none(book, typed, capsys):
    assert main(["recalc", str(book), "--set", f"S!P1={typed}"]) == 2
    assert "a day" in capsys.readouterr().err


def test_days_from_python_count_from_1904_where_the_workbook_does(book):
    old, new = b"<workbookPr", b'<workbookPr date1904="1"'
    rewrite(book, lambda p: {**p, "xl/workbook.xml": p["xl/workbook.xml"].replace(old, new, 1)})
    model = roi_xl.open_model(book)
    model.calculate({"S!P1": dt.datetime(2027, 1, 31, 6)})
    assert model.value(model.find("S!P1")) == 46_418 - 1_462 + 0.25
    with pytest.raises(NotANumber, match="S!P1 must be a day from 1904 on"):
        model.calculate({"S!P1": dt.date(1903, 12, 31)})


def test_a_spilled_result_grows_and_shrinks(book):
    """Never a total over six cells under three that are written."""
    for trusting in (False, True):
        model = roi_xl.open_model(book, trust_engine=trusting)
        for change, items in (({"S!A5": 7}, [2, 3, 7, None]), ({"S!B5": 0}, [2, 3, None]), ({"S!B2": 9}, [1, 2, 3, 4])):
            model.calculate(change)
            assert [model.value(model.find(f"S!G{row + 1}")) for row in range(len(items))] == items


def test_a_signature_goes_and_is_named(book, capsys):
    sealed = {
        "_xmlsignatures/origin.sigs": b"",
        "_xmlsignatures/sig1.xml": b"<Signature/>",
        "_xmlsignatures/_rels/origin.sigs.rels": b"<Relationships/>",
    }
    kind = b"http://schemas.openxmlformats.org/package/2006/relationships/digital-signature/origin"
    origin = b'<Relationship Id="s" Type="%b" Target="_xmlsignatures/origin.sigs"/>' % kind
    declared = b"application/vnd.openxmlformats-package.digital-signature-"
    kinds = b'<Default Extension="sigs" ContentType="%borigin"/>' % declared
    kinds += b'<Override PartName="/_xmlsignatures/sig1.xml" ContentType="%bxmlsignature+xml"/>' % declared

    def seal(contents):
        relations = contents["_rels/.rels"].replace(b"</Relationships>", origin + b"</Relationships>")
        types = contents["[Content_Types].xml"].replace(b"</Types>", kinds + b"</Types>")
        return {**contents, **sealed, "_rels/.rels": relations, "[Content_Types].xml": types}

    before = parts(book)
    rewrite(book, seal)
    assert main(["recalc", str(book), "--set", "S!P1=1", "--in-place"]) == 0
    assert "is no longer signed" in capsys.readouterr().err
    after = parts(book)
    assert set(after) == set(before)
    assert after["_rels/.rels"] == before["_rels/.rels"]
    assert after["[Content_Types].xml"] == before["[Content_Types].xml"]
    assert not roi_xl.open_model(book).is_signed


@pytest.mark.parametrize("number", [np.int64(6), np.float32(6), Decimal(6), Fraction(6)], ids=repr)
def test_any_kind_of_number_can_be_set(tmp_path, number):
    model = roi_xl.open_model(make(tmp_path / "m.xlsx", {"A1": 1, "B1": "=A1*2"}))
    model.calculate({"Sheet!A1": number})
    assert model.value(model.find("Sheet!B1")) == 12


def test_an_input_given_twice_and_a_sweep_of_nothing_are_refused_and_one_output_may_be_named_alone(templates):
    model = roi_xl.open_model(templates["native"])
    with pytest.raises(RoiError, match="Inputs!C12 is set twice"):
        model.calculate({"months": 6}, months=7)
    with pytest.raises(WrongShape, match="scenarios must have at least one row"):
        model.sweep({"months": []}, ["net_benefit"])
    assert model.sweep({"months": [24]}, "net_benefit")["net_benefit"] == pytest.approx([14_300])
