"""The VBA that makes error texts real errors, run by an interpreter of VBA."""

import pytest
from pyopenvba.apps.excel import ExcelApplication

from roi_xl.catalog import CATALOG
from roi_xl.hosts import vba

BRIDGE = """
Public Answer As Variant
Public Function RoiXlCall(ByVal name As String, ByVal arguments As Variant) As Variant
    RoiXlCall = Answer
End Function
Sub Run()
    Dim table(0 To 1, 0 To 1)
    Answer = "#NUM!": Range("A1").Value = ROI_REQUEST_SAVINGS(1, 2)
    Answer = "#N/A": Range("A2").Value = ROI_REQUEST_SAVINGS(1, 2)
    Answer = "#DIV/0!": Range("A3").Value = ROI_REQUEST_SAVINGS(1, 2)
    Answer = "#VALUE!": Range("A4").Value = ROI_REQUEST_SAVINGS(1, 2)
    Answer = "#REF!": Range("A5").Value = ROI_REQUEST_SAVINGS(1, 2)
    Answer = "#NAME?": Range("A6").Value = ROI_REQUEST_SAVINGS(1, 2)
    Answer = "#NULL!": Range("A7").Value = ROI_REQUEST_SAVINGS(1, 2)
    Answer = "# text": Range("A8").Value = ROI_REQUEST_SAVINGS(1, 2)
    Answer = 5.5: Range("A9").Value = ROI_MONTHLY_REQUESTS(1, 2)
    Answer = Empty: Range("A10").Value = ROI_REQUEST_SAVINGS(1, 2)
    Answer = Array(1, "#DIV/0!", "t"): Range("C1:E1").Value = ROI_INVESTMENT(1, 2, 3)
    table(0, 0) = 1: table(0, 1) = "#N/A": table(1, 0) = "x": table(1, 1) = Empty
    Answer = table: Range("C2:D3").Value = ROI_INVESTMENT(1, 2, 3)
End Sub
"""

RESULTS = {
    "A1": "#NUM!",
    "A2": "#N/A",
    "A3": "#DIV/0!",
    "A4": "#VALUE!",
    "A5": "#REF!",
    "A6": "#NAME?",
    "A7": "#NULL!",
    "A8": "# text",
    "A9": "5.5",
    "C1": "1",
    "D1": "#DIV/0!",
    "E1": "t",
    "C2": "1",
    "D2": "#N/A",
    "C3": "x",
}


@pytest.fixture(scope="module")
def sheet():
    application = ExcelApplication()
    application.add_workbook()
    application.add_module(vba.wrappers().partition("\r\n")[2], name="roi_xl")
    application.add_module(BRIDGE, name="roi_xl_bridge")
    application.run("Run")
    return application.sheet("Sheet1")


@pytest.mark.parametrize(("address", "shown"), RESULTS.items())
def test_texts_become_errors_and_shapes_stay(sheet, address, shown):
    assert shown in str(sheet.value(address))


def test_every_function_has_a_wrapper_and_help():
    text = vba.wrappers()
    for name in CATALOG:
        assert f"Public Function {name}(" in text
        assert f'Macro:="{name}"' in text
    assert text.isascii()
    assert max(len(line) for line in text.splitlines()) < 1_000
    assert 'XLPy.CallUDF("roi_xl.udfs"' in vba.bridge()
