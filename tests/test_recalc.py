"""Recalculation in place: the right values, and nothing else."""

import datetime as dt
import itertools
import os
import re

import pytest
from openpyxl import Workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from recalc_helpers import make, parts, rewrite, rich_workbook, values, without_values

import roi_xl
from roi_xl.errors import ExcelError, NotANumber, NotSupported, OutOfBounds, RoiError, UnknownName
from roi_xl.xlsx.addresses import Address, column_letters, column_number, parse_address, parse_range
from roi_xl.xlsx.formula_cells import formula_cells, put_values
from roi_xl.xlsx.sheet_cells import decode, encode, find_cell, has_formula, stored_value


def put(sheet, value_at, constants):
    return put_values(sheet, formula_cells(sheet), value_at, constants)


@pytest.fixture
def rich(tmp_path):
    path = tmp_path / "rich.xlsm"
    rich_workbook(path)
    return path


def saved(path, target, **changes):
    model = roi_xl.open_model(path)
    model.calculate(**changes)
    model.save(target)
    return values(target)


def test_values_of_every_kind(rich, tmp_path):
    got = saved(rich, tmp_path / "out.xlsm", volume=4_000)
    assert got["My numbers", "A1"] == 1_000
    assert got["My numbers", "A2"] == "large & <fine>"
    assert got["My numbers", "A3"] is True
    assert got["My numbers", "A4"] == pytest.approx(1 / 750)
    assert got["My numbers", "A5"] == pytest.approx((0.008 * 4_000 - 100) * 12 - 2_500)
    assert [got["My numbers", f"{column}6"] for column in "ABC"] == [4_000, 8_000, 12_000]
    assert got["My numbers", "A7"] == 0.5
    assert got["Inputs", "B1"] == 4_000


def test_errors_and_small_texts(rich, tmp_path):
    got = saved(rich, tmp_path / "out.xlsm")
    assert got["My numbers", "A4"] == "#DIV/0!"
    assert got["My numbers", "A2"] == "small"
    assert got["My numbers", "A3"] is False


def test_members_of_array_formulas_are_filled(tmp_path):
    path = tmp_path / "array.xlsx"
    book = Workbook()
    from openpyxl.worksheet.formula import ArrayFormula

    book.active["A1"], book.active["A2"] = 2, 5
    book.active["C1"] = ArrayFormula("C1:E2", "=A1:A2*{1,2,3}")
    book.save(path)
    got = saved(path, path)
    assert [got["Sheet", f"{column}{row}"] for row in (1, 2) for column in "CDE"] == [2, 4, 6, 5, 10, 15]


def test_every_other_part_and_byte_stays(rich, tmp_path):
    first, second = tmp_path / "first.xlsm", tmp_path / "second.xlsm"
    saved(rich, first)
    saved(first, second, volume=4_000)
    before, after = parts(first), parts(second)
    assert list(before) == list(after)
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {"xl/worksheets/sheet1.xml", "xl/worksheets/sheet2.xml"}
    for kind in ("charts/chart", "comments", "vbaProject.bin", "customXml/item1", "pivotCache", "styles", "theme"):
        assert any(kind in name for name in before), f"the test workbook has no {kind}"
    assert without_values(before["xl/worksheets/sheet2.xml"]) == without_values(after["xl/worksheets/sheet2.xml"])
    assert (
        before["xl/worksheets/sheet1.xml"].replace(b"<v>1000</v>", b"<v>4000</v>") == after["xl/worksheets/sheet1.xml"]
    )


def test_nothing_changes_when_nothing_changes(rich, tmp_path):
    first, second = tmp_path / "first.xlsm", tmp_path / "second.xlsm"
    saved(rich, first)
    saved(first, second)
    assert parts(first) == parts(second)


def test_a_model_is_a_function(rich):
    model = roi_xl.open_model(rich)
    assert model.inputs == {"volume": 1_000, "My numbers!local_rate": 0.25}
    assert model.outputs == {"revenue": 250}
    assert model.calculate(volume=2_000) == {"revenue": 500}
    assert model.calculate({"inputs!b2": 0.5}) == {"revenue": 500}
    assert model.calculate({"VOLUME": 10, "Inputs!B2": 1}) == {"revenue": 10}
    assert model.calculate() == {"revenue": 250}
    assert model.stored_outputs == {"revenue": None}
    assert model.inputs == {"volume": 1_000, "My numbers!local_rate": 0.25}


def test_1904_dates(tmp_path):
    path = tmp_path / "mac.xlsx"
    book = Workbook()
    book.epoch = CALENDAR_MAC_1904
    sheet = book.active
    sheet["A1"], sheet["A2"], sheet["A3"], sheet["A4"] = dt.date(2024, 3, 1), "=A1+1", "=YEAR(A1)", "=DATE(2024,3,2)-A1"
    sheet["A2"].number_format = "yyyy-mm-dd"
    book.save(path)
    got = saved(path, path)
    assert got["Sheet", "A2"] == dt.datetime(2024, 3, 2)
    assert got["Sheet", "A3"] == 2024
    assert got["Sheet", "A4"] == 1


COUNTED_FROM_1904 = [
    ("YEAR(A1)", 2023),
    ("MONTH(A1)", 3),
    ("DAY(A1)", 15),
    ("WEEKDAY(A1)", 4),
    ("WEEKNUM(A1)", 11),
    ("EDATE(A1,1)", 43_569),
    ("EOMONTH(A1,0)", 43_554),
    ("DAYS(A2,A1)", 400),
    ('DATEDIF(A1,A2,"m")', 13),
    ("YEARFRAC(A1,A2,1)", 400 / 365.5),
    ("DATE(2023,3,15)", 43_538),
    ('DATEVALUE("2023-03-15")', 43_538),
    ("HOUR(A1+0.5)", 12),
    ("YEAR(A3)", 1904),
    ("SUMPRODUCT(--(YEAR(A1:A2)=2024))", 1),
    ("NETWORKDAYS(A1,A1+6)", 5),
    ('COUNTIF(A1:A2,">2023-12-31")', 1),
    ('SUMIF(A1:A2,"3/15/2023",A1:A2)', 43_538),
    ('SUMIFS(A1:A2,A1:A2,">=2024-01-01",A1:A2,"<2025-01-01")', 43_938),
    ('COUNTIF(A1:A2,">43,600")', 1),
    ('VALUE("2023-03-15")', 43_538),
    ("NETWORKDAYS(A1,A1+6,A1:A3)", 4),
    ("WORKDAY(A1,1)", 43_539),
    ("WORKDAY.INTL(A1,1,1,A1+1)", 43_540),
    ('VALUE(TEXT(A1,"yyyymmdd"))', 20230315),
    ('VALUE(TEXT(A1,"0.00"))', 43_538),
]
"""Formulas of 15 March 2023 in A1, 18 April 2024 in A2 and a blank in A3; as LibreOffice gives them."""


def test_functions_of_days_count_from_1904_and_are_verified(tmp_path):
    book = Workbook()
    book.epoch = CALENDAR_MAC_1904
    book.active["A1"], book.active["A2"] = 43_538, 43_938
    for row, (formula, _) in enumerate(COUNTED_FROM_1904, start=1):
        book.active[f"B{row}"] = f"={formula}"
    book.save(tmp_path / "mac.xlsx")
    model = roi_xl.open_model(tmp_path / "mac.xlsx", strict=True)
    model.calculate()
    got = [model.value(model.find(f"Sheet!B{row}")) for row in range(1, len(COUNTED_FROM_1904) + 1)]
    assert got == pytest.approx([right for _, right in COUNTED_FROM_1904])


def test_shared_formulas_and_sheets_that_refer_to_each_other(tmp_path):
    path = tmp_path / "shared.xlsx"
    book = Workbook()
    for row in range(1, 6):
        book.active.cell(row, 1, row)
        book.active.cell(row, 2, f"=A{row}*10")
    book.save(path)

    def share(contents):
        sheet = contents["xl/worksheets/sheet1.xml"]
        sheet = sheet.replace(b"<f>A1*10</f>", b'<f t="shared" ref="B1:B5" si="0">A1*10</f>')
        for row in range(2, 6):
            sheet = sheet.replace(b"<f>A%d*10</f>" % row, b'<f t="shared" si="0"/>')
        return {**contents, "xl/worksheets/sheet1.xml": sheet}

    rewrite(path, share)
    got = saved(path, path)
    assert [got["Sheet", f"B{row}"] for row in range(1, 6)] == [10, 20, 30, 40, 50]


def test_setting_cells_that_the_sheet_does_not_have_yet(rich, tmp_path):
    model = roi_xl.open_model(rich)
    model.calculate({"Inputs!C1": 5, "Inputs!A2": "née", "Inputs!D9": True, "'My numbers'!B3": "x & y"})
    model.save(tmp_path / "out.xlsm")
    got = values(tmp_path / "out.xlsm")
    assert got["Inputs", "C1"] == 5
    assert got["Inputs", "A2"] == "née"
    assert got["Inputs", "D9"] is True
    assert got["My numbers", "B3"] == "x & y"
    assert got["Inputs", "B2"] == 0.25


REFUSED_CHANGES = [
    ({"volum": 5}, UnknownName, r"has no cell or name 'volum'; did you mean volume\?"),
    ({"Nowhere!A1": 5}, UnknownName, r"has no cell or name 'Nowhere!A1'"),
    ({"revenue": 5}, RoiError, r"revenue is a formula \('My numbers'!A1\); only cells that hold a value can be set"),
    ({"volume": "many"}, NotANumber, r"volume must be a number \(Inputs!B1 holds 1000\), got 'many'"),
]


@pytest.mark.parametrize(("changes", "error", "message"), REFUSED_CHANGES)
def test_changes_that_do_not_fit(rich, changes, error, message):
    with pytest.raises(error, match=message):
        roi_xl.open_model(rich).calculate(changes)


def test_a_workbook_without_worksheets_has_no_cells(tmp_path):
    path = make(tmp_path / "m.xlsx", {"A1": 1})
    no_sheets = re.compile(rb"<sheets>.*</sheets>")
    rewrite(path, lambda p: {**p, "xl/workbook.xml": no_sheets.sub(b"<sheets/>", p["xl/workbook.xml"])})
    with pytest.raises(UnknownName, match=r"m.xlsx has no cell 'Sheet!A1': it has no worksheet"):
        roi_xl.open_model(path).calculate({"Sheet!A1": 5})


def test_the_vocabulary_has_bounds(templates):
    with pytest.raises(OutOfBounds, match="monthly_requests must be at least 0 requests/month, got -5"):
        roi_xl.open_model(templates["native"]).calculate(monthly_requests=-5)


def test_what_cannot_be_computed_has_no_value_and_is_named(tmp_path):
    path = tmp_path / "circle.xlsx"
    book = Workbook()
    book.active["A1"], book.active["A2"], book.active["A3"] = "=A2+1", "=A1+1", "=1+1"
    book.save(path)
    model = roi_xl.open_model(path)
    model.save(path)
    assert values(path) == {("Sheet", "A1"): None, ("Sheet", "A2"): None, ("Sheet", "A3"): 2}
    circle = "circular reference: Sheet!A1 → Sheet!A2 → Sheet!A1"
    assert {str(place): why for place, why in model.left_open.items()} == {"Sheet!A1": circle, "Sheet!A2": circle}
    assert os.listdir(tmp_path) == ["circle.xlsx"]


def test_errors_that_the_engine_does_not_know_do_not_stop_it(tmp_path):
    path = tmp_path / "spill.xlsx"
    book = Workbook()
    book.active["A1"] = "=1+1"
    book.save(path)
    stored = (b"<f>1+1</f><v/>", b"<f>1+1</f><v></v>", b"<f>1+1</f><v />")

    def spill(contents):
        sheet = contents["xl/worksheets/sheet1.xml"]
        for old in stored:
            sheet = sheet.replace(old, b"<f>1+1</f><v>#SPILL!</v>")
        return {**contents, "xl/worksheets/sheet1.xml": sheet.replace(b'r="A1"', b'r="A1" t="e"')}

    rewrite(path, spill)
    model = roi_xl.open_model(path, trust_engine=True)
    model.save(path)
    assert values(path)["Sheet", "A1"] == 2


SHEETS = [
    ("plain", b'<worksheet><sheetData><row r="1"><c r="A1"><f>1</f><v>9</v></c></row></sheetData></worksheet>'),
    (
        "prefix",
        b'<x:worksheet><x:sheetData><x:row r="1"><x:c r="A1" s="3"><x:f>1</x:f></x:c></x:row>'
        b"</x:sheetData></x:worksheet>",
    ),
    (
        "quotes",
        b"<worksheet><sheetData><row r='1'><c s='2' r='A1' t='str'><f>1</f><v>x</v></c></row></sheetData></worksheet>",
    ),
    (
        "spaces",
        b'<worksheet >\n<sheetData>\n<row r="1">\n<c r="A1" >\n<f ca="1">1</f>\n<v >9</v>\n</c>\n</row>'
        b"</sheetData></worksheet>",
    ),
    ("empty value", b'<worksheet><sheetData><row r="1"><c r="A1"><f>1</f><v/></c></row></sheetData></worksheet>'),
    (
        "no value",
        b'<worksheet><sheetData><row r="1"><c r="A1"><f t="shared" si="0"/></c></row></sheetData></worksheet>',
    ),
]
RESULTS = [2.5, 3.0, -0.0, 1e300, "a<b>&c", "", True, ExcelError.NA, float("inf"), "line\x0bbreak", "_x0041_"]


@pytest.mark.parametrize(("shape", "sheet"), SHEETS, ids=[shape for shape, _ in SHEETS])
@pytest.mark.parametrize("value", RESULTS, ids=repr)
def test_every_value_in_every_shape_of_cell(shape, sheet, value):
    written = b"".join(put(sheet, lambda row, column: value, {}))
    wanted = ExcelError.NUM if value == float("inf") else value
    assert stored_value(written, (1, 1)) == wanted
    assert type(stored_value(written, (1, 1))) is type(wanted)
    again = b"".join(put(written, lambda row, column: value, {}))
    assert again == written
    assert has_formula(written, (1, 1))


@pytest.mark.parametrize(
    ("sheet", "message"),
    [
        (b"<chartsheet/>", "UTF-8"),
        ("<worksheet/>".encode("utf-16"), "UTF-8"),
        (b"<worksheet><!-- <c r='A1'><f>1</f></c> --></worksheet>", "comments"),
        (b"<worksheet><sheetData><row><c><f>1</f></c></row></sheetData></worksheet>", "form"),
        (b"<worksheet><sheetData><row r='1'><c r='A1'><x/><f>1</f></c></row></sheetData></worksheet>", "form"),
    ],
)
def test_sheets_that_cannot_be_edited_are_refused(sheet, message):
    with pytest.raises(NotSupported, match=message):
        list(put(sheet, lambda row, column: 1.0, {}))


ORDER = b'<worksheet><sheetData><row r="2"><c r="B2"><v>1</v></c><c r="D2"/></row><row r="4"/></sheetData></worksheet>'


@pytest.mark.parametrize(("row", "column"), list(itertools.product((1, 2, 3, 4, 5), repeat=2)))
def test_a_constant_finds_its_place(row, column):
    written = b"".join(put(ORDER, lambda r, c: 0.0, {(row, column): 7.0}))
    match = find_cell(written, (row, column))
    assert b"<v>7</v>" in match[0]
    found = [(int(m[3]), column_number(m[2])) for m in _cells(written)]
    assert found == sorted(found)
    assert len(found) == 2 + ((row, column) not in ((2, 2), (2, 4)))


def _cells(sheet):
    from roi_xl.xlsx.sheet_cells import grammar_of

    return list(grammar_of(sheet).cell.finditer(sheet))


def test_no_row_to_put_a_constant_in():
    with pytest.raises(NotSupported, match="any cells"):
        list(put(b"<worksheet><sheetData/></worksheet>", lambda r, c: 0.0, {(1, 1): 7.0}))


@pytest.mark.parametrize("value", [None, True, False, 1.5, "text", ExcelError.NA])
def test_encoding_is_reversible(value):
    kind, text = encode(value)
    attributes = b"" if kind is None else b' t="%b"' % kind
    assert decode(attributes, text) == value


def test_addresses():
    assert [column_letters(n) for n in (1, 26, 27, 702, 703, 16_384)] == ["A", "Z", "AA", "ZZ", "AAA", "XFD"]
    assert all(column_number(column_letters(n)) == n for n in range(1, 16_385))
    assert parse_address("'It''s'!$B$4") == Address("It's", 4, 2)
    assert str(Address("It's", 4, 2)) == "'It''s'!B4"
    for text in ("B4", "Inputs!B4:C5", "Inputs!XFE1", "Inputs!A1048577", "[1]Inputs!A1", "#REF!", "Inputs!B0"):
        assert parse_address(text) is None
    assert parse_range("$B$2") == (2, 2, 2, 2)
