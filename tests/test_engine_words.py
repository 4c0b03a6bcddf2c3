"""What does the engine read in place of what the file says?"""

from pathlib import Path

import pytest
from openpyxl import Workbook
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.table import Table
from recalc_helpers import SHEET, parts, rewrite

import roi_xl
from roi_xl.formula.engine_words import reworded
from roi_xl.formula.formulas import Formulas
from roi_xl.formula.names import Names
from roi_xl.formula.parser import parse
from roi_xl.formula.rewrite import STRICT, for_engine, functions_in_text, workbook_for_engine
from roi_xl.formula.running_sums import Totals
from roi_xl.formula.tables import Table as TableArea
from roi_xl.formula.tokens import Unreadable
from roi_xl.formula.written import written as text_of
from roi_xl.xlsx.addresses import Address
from roi_xl.xlsx.package import Package
from roi_xl.xlsx.sheet import Sheet
from roi_xl.xlsx.workbook_part import DefinedName as DefinedName_
from roi_xl.xlsx.workbook_part import WorkbookPart


def test_functions_are_found_by_scanning():
    assert functions_in_text(b"""'A (b)'!A1+SUM(1)+"IF("&_xlfn.XLOOKUP(A1)+$B(2)+CIQ ("x")""") == {b"SUM", b"XLOOKUP"}


SALES = TableArea("My sales", 4, 2, 9, 1, 1, ("region", "units sold", "it's [net]"))


REFERENCES = [
    ("SUM(Sales[Units sold])", "SUM('My sales'!$C$5:$C$8)"),
    ("Sales[[#This Row],[Units sold]]*2", "'My sales'!$C7*2"),
    ("Sales[[#This Row],Units sold]*2", "'My sales'!$C7*2"),
    ("SUM(Sales[[#This Row],[Region]:[Units sold]])", "SUM('My sales'!$B7:$C7)"),
    ("ROWS(Sales[])", "ROWS('My sales'!$B$5:$D$8)"),
    ("COUNTA(Sales[#All])", "COUNTA('My sales'!$B$4:$D$9)"),
    ("Sales[[#Headers],[Region]]", "'My sales'!$B$4"),
    ("Sales[[#Totals],[Region]]", "'My sales'!$B$9"),
    ("SUM(Sales[[#Data],[#Totals],[Units sold]])", "SUM('My sales'!$C$5:$C$9)"),
    ("SUM(sales[it''s '[net']])", "SUM('My sales'!$D$5:$D$8)"),
    ("SUM(Sales[Price])", "SUM(Sales[Price])"),
    ("[1]Sheet1!A1&Other[x]", "[1]Sheet1!A1&Other[x]"),
]


def in_other_words(formula, names, here):
    """A formula as the engine gets it; one that refers to what is not there stays as it is."""
    try:
        return text_of(reworded(parse(formula, here.within), names, here), here.within)
    except Unreadable:
        return formula


@pytest.mark.parametrize(("formula", "plain"), REFERENCES)
def test_table_references_become_plain_ones(formula, plain):
    assert in_other_words(formula, Names(BARE, {"sales": SALES}), Address("Jan", 7, 1)) == plain


def test_a_workbook_with_a_table(tmp_path):
    path = tmp_path / "m.xlsx"
    book = Workbook()
    sheet = book.active
    for row in (["Units", "Price", "Amount"], [2, 5, None], [3, 7, None]):
        sheet.append(row)
    sheet.add_table(Table(displayName="Sales", ref="A1:C3"))
    sheet["C2"] = "=Sales[[#This Row],[Units]]*Sales[[#This Row],[Price]]"
    sheet["C3"] = "=Sales[[#This Row],[Units]]*Sales[[#This Row],[Price]]"
    sheet["E1"] = "=SUM(Sales[Amount])"
    book.save(path)
    model = roi_xl.open_model(path)
    assert model.value(model.find("Sheet!E1")) == 31
    model.save(path)
    assert b"Sales[[#This Row],[Units]]*" in parts(path)[SHEET]
    assert model.calculate({"Sheet!A2": 4}) == {}
    assert model.value(model.find("Sheet!E1")) == 41


BARE = WorkbookPart(
    "xl/workbook.xml",
    {"Jan": "1", "Feb": "2", "It's March": "3", "My sales": "4"},
    (True,) * 4,
    {"Feb!rate": Address("Feb", 2, 2), "total": Address("Jan", 1, 1)},
    frozenset({"rates"}),
    {},
    "1900",
    None,
    (DefinedName_("rate", "Feb", "Feb!$B$2"), DefinedName_("total", None, "Jan!$A$1")),
)


ACROSS = [
    ("SUM(Jan:Feb!A1)", "SUM(Jan!A1,Feb!A1)"),
    ("SUM('Feb:It''s March'!$A$1:B2)+1", "SUM(Feb!$A$1:B2,'It''s March'!$A$1:B2)+1"),
    ("SUM(Jan:Dec!A1)", "SUM(Jan:Dec!A1)"),
    ("A1:B2*Jan!A1:A3", "A1:B2*Jan!A1:A3"),
    ("Feb!rate*2", "Feb!$B$2*2"),
    ("'Jan'!total+Jan!B7", "Jan!$A$1+Jan!B7"),
    ("Jan!other", "Jan!other"),
]


@pytest.mark.parametrize(("formula", "plain"), ACROSS)
def test_references_across_sheets_are_spelled_out(formula, plain):
    assert in_other_words(formula, Names(BARE), Address("Jan", 1, 1)) == plain


def test_a_workbook_with_references_across_sheets(tmp_path):
    book = Workbook()
    book.active.title = "Jan"
    for name in ("Feb", "Mar"):
        book.create_sheet(name)
    for number, sheet in enumerate(book, start=1):
        sheet["A1"] = number
    book["Mar"]["B1"] = "=SUM(Jan:Mar!A1)+Jan!total"
    book.defined_names["total"] = DefinedName("total", attr_text="Jan!$A$1")
    book.save(tmp_path / "m.xlsx")
    model = roi_xl.open_model(tmp_path / "m.xlsx")
    assert model.value(model.find("Mar!B1")) == 7


READ_AS = [
    ('<f ca="1">A1</f>', "<f>A1</f>"),
    ('<f t="shared" ca="1" si="0"/>', '<f t="shared" si="0"/>'),
    ("<f>[1]!ROI_VERDICT(A1)</f>", "<f>ROI_VERDICT(A1)</f>"),
    ("<f>_xldudf_FINANCE_ROI_VERDICT(A1)</f>", "<f>ROI_VERDICT(A1)</f>"),
    ('<f t="dataTable" ref="A1" r1="B1"/>', ""),
    ("<f>1</f><v>#SPILL!</v>", "<f>1</f><v>#VALUE!</v>"),
    ("<f>1</f><v>#SPILL!: BlockedByValue</v>", "<f>1</f><v>#VALUE!</v>"),
]


@pytest.mark.parametrize(("written", "read"), READ_AS)
def test_what_the_engine_reads(written, read):
    sheet = '<worksheet><sheetData><row r="1"><c r="A1">{}</c></row></sheetData></worksheet>'
    sheet_of = {"Jan": Sheet("Jan", sheet.format(written).encode())}
    part = WorkbookPart("w", {"Jan": "1"}, (True,), {}, {}, {}, "1900", None)
    formulas = Formulas(Package(Path("m.xlsx"), (), {}), part, sheet_of)
    assert for_engine(sheet_of["Jan"], formulas, Totals(sheet_of)) == sheet.format(read).encode()


def test_chart_sheets_are_passed_over():
    workbook = (
        b'<sheets><sheet name="A"/><sheet name="Chart"/><sheet name="B"/></sheets><definedName localSheetId="2"/>'
    )
    read = b'<sheets><sheet name="A"/><sheet name="B"/></sheets><definedName localSheetId="1"/>'
    assert workbook_for_engine(workbook, (True, False, True)) == read
    assert workbook_for_engine(workbook, (True, True, True)) == workbook


def test_the_strict_form_of_the_file_format(templates, tmp_path):
    path = tmp_path / "strict.xlsx"
    path.write_bytes(templates["native"].read_bytes())
    names = {usual: strict for strict, usual in STRICT.items()}

    def strict(data):
        for usual, name in names.items():
            data = data.replace(usual, name)
        return data

    rewrite(path, lambda p: {part: strict(data) for part, data in p.items()})
    model = roi_xl.open_model(path)
    assert model.differences == ()
    assert model.calculate(monthly_requests=50_000)["net_benefit"] == pytest.approx(1_100)
