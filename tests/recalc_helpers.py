"""Workbooks to recalculate, and how to look at what came out."""

import re
import zipfile
from pathlib import Path

import xlwings
from openpyxl import Workbook
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment
from openpyxl.formatting.rule import ColorScaleRule
from openpyxl.styles import Font
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.formula import ArrayFormula

import roi_xl

SHEET = "xl/worksheets/sheet1.xml"
MACROS = Path(xlwings.__file__).with_name("quickstart.xlsm")
PIVOT_CACHE = (
    b'<pivotCacheDefinition xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" recordCount="0"/>'
)
CUSTOM_XML = b'<?xml version="1.0"?>\n<!-- kept as it is --><case id="7">\n  <owner>Finance</owner>\n</case>'


def parts(path):
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def values(path):
    """Every stored value of a workbook, by sheet and cell."""
    from openpyxl import load_workbook

    book = load_workbook(path, data_only=True)
    return {(sheet.title, cell.coordinate): cell.value for sheet in book for row in sheet.iter_rows() for cell in row}


def rewrite(path, change):
    """Rewrite the parts of a workbook file with a function of their dictionary."""
    contents = change(parts(path))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in contents.items():
            archive.writestr(name, data)


def rich_workbook(path):
    """A workbook that has about everything that must survive."""
    book = Workbook()
    sheet = book.active
    sheet.title = "Inputs"
    sheet["A1"], sheet["B1"], sheet["B2"] = "Volume", 1_000, 0.25
    sheet["B1"].font = Font(bold=True, color="0000FF")
    sheet["B1"].comment = Comment("from last month", "finance")
    validation = DataValidation(type="decimal", operator="greaterThan", formula1="0", error="more than 0")
    sheet.add_data_validation(validation)
    validation.add("B1")
    other = book.create_sheet("My numbers")
    other["A1"] = "=volume*Inputs!B2"
    other["A2"] = '=IF(A1>500,"large & <fine>","small")'
    other["A3"] = "=A1>500"
    other["A4"] = "=1/(A1-250)"
    other["A5"] = "=ROI_NET_BENEFIT(2500,100,0.02,0.012,volume,12)"
    other["A6"] = ArrayFormula("A6:C6", "=Inputs!B1*{1,2,3}")
    other["A7"] = "=local_rate*2"
    other.conditional_formatting.add(
        "A1:A5", ColorScaleRule(start_type="min", end_type="max", start_color="FF0000", end_color="00FF00")
    )
    chart = BarChart()
    chart.add_data(Reference(other, min_col=1, min_row=1, max_row=5))
    other.add_chart(chart, "E5")
    book.defined_names["volume"] = DefinedName("volume", attr_text="Inputs!$B$1")
    book.defined_names["revenue"] = DefinedName("revenue", attr_text="'My numbers'!$A$1")
    other.defined_names["local_rate"] = DefinedName("local_rate", attr_text="Inputs!$B$2")
    book.save(path)
    rewrite(path, with_foreign_parts)
    if path.suffix == ".xlsm":
        rewrite(path, as_macro_workbook)


def as_macro_workbook(contents):
    """The workbook declared as one with macros."""
    kinds = b"vnd.openxmlformats-officedocument.spreadsheetml.sheet.main", b"vnd.ms-excel.sheet.macroEnabled.main"
    return {**contents, "[Content_Types].xml": contents["[Content_Types].xml"].replace(*kinds)}


def with_foreign_parts(contents):
    """Add what openpyxl cannot write: macros, custom XML, a pivot cache."""
    with zipfile.ZipFile(MACROS) as archive:
        macros = archive.read("xl/vbaProject.bin")
    types = contents["[Content_Types].xml"].replace(
        b"</Types>", b'<Default Extension="bin" ContentType="application/vnd.ms-office.vbaProject"/></Types>'
    )
    return {
        **contents,
        "[Content_Types].xml": types,
        "xl/vbaProject.bin": macros,
        "customXml/item1.xml": CUSTOM_XML,
        "xl/pivotCache/pivotCacheDefinition1.xml": PIVOT_CACHE,
    }


def without_values(sheet):
    """A sheet's bytes without the values of formula cells and array members, to compare all the rest."""
    sheet = re.sub(rb'(<c r="[BC]6"[^<>]*>)<v>[^<]*</v>', rb"\1", sheet)
    bare = re.sub(rb"(</f>|<f[^<>]*/>)(<v>[^<]*</v>|<v ?/>)?", rb"\1", sheet)
    return re.sub(rb'(<c [^<>]*?) t="(?:str|b|e|n)"', rb"\1", bare)


def make(path, cells, stored=None, change=lambda contents: contents):
    """A workbook of some cells with the values that Excel would have left, apart from some told otherwise."""
    book = Workbook()
    for address, value in cells.items():
        book.active[address] = value
    book.save(path)
    rewrite(path, change)
    roi_xl.open_model(path, trust_engine=True).save(path)
    for address, value in (stored or {}).items():
        rewrite(path, lambda contents, a=address, v=value: {**contents, SHEET: with_stored(contents[SHEET], a, v)})
    return path


def with_stored(sheet, address, value):
    """The sheet with another stored value of one formula cell."""
    kind = ' t="str"' if isinstance(value, str) else ""
    pattern = rf'<c r="{address}"[^>]*>(<f.*?</f>|<f[^>]*/>)(<v>[^<]*</v>|<v ?/>)?'.encode()
    return re.sub(pattern, lambda m: f'<c r="{address}"{kind}>'.encode() + m[1] + f"<v>{value}</v>".encode(), sheet)


def iterating(contents):
    """The parts of a workbook that allows circular references."""
    settings = b'<calcPr calcId="124519" fullCalcOnLoad="1" iterate="1"/>'
    return {**contents, "xl/workbook.xml": re.sub(rb"<calcPr[^>]*/>", settings, contents["xl/workbook.xml"])}


def tall_workbook(path, rows=100_000):
    """A workbook that takes seconds: two formulas a row, each on the cell beside it, without stored values."""
    row = '<row r="{0}"><c r="A{0}"><v>{0}</v></c><c r="B{0}"><f>A{0}*2</f></c><c r="C{0}"><f>B{0}+1</f></c></row>'
    cells = "".join(map(row.format, range(1, rows + 1))).encode()
    Workbook().save(path)
    rewrite(path, lambda p: {**p, SHEET: p[SHEET].replace(b"</sheetData>", cells + b"</sheetData>")})
    return path
