"""The VBA that makes error texts real errors, run by an interpreter of VBA."""

import pytest
from calc_helpers import session
from pyopenvba.apps.excel import ExcelApplication

from roi_xl.catalog import CATALOG
from roi_xl.errors import ExcelError
from roi_xl.hosts import vba
from roi_xl.hosts.excel import ERROR_CODES

STAND_IN = """
Public Answer As Variant
Public Function RoiXlCall(ByVal name As String, ByVal arguments As Variant) As Variant
    RoiXlCall = Answer
End Function
Private Function Described(ByVal value As Variant) As String
    Described = TypeName(value) & " " & CStr(value)
End Function
Sub Run()
    Dim table(0 To 1, 0 To 1), row, both
{scalars}
    Answer = Array(1.5, "#DIV/0!", "t"): row = ROI_INVESTMENT(1, 2, 3)
    Range("B1").Value = Described(row(0)): Range("B2").Value = Described(row(1)): Range("B3").Value = Described(row(2))
    table(0, 0) = 1.5: table(0, 1) = "#N/A": table(1, 0) = "x": table(1, 1) = Empty
    Answer = table: both = ROI_INVESTMENT(1, 2, 3)
    Range("C1").Value = Described(both(0, 0)): Range("C2").Value = Described(both(0, 1))
    Range("C3").Value = Described(both(1, 0)): Range("C4").Value = Described(both(1, 1))
End Sub
"""
SCALARS = [
    *((f'"{error}"', f"Error Error {code}") for error, code in ERROR_CODES.items()),
    ('"# text"', "String # text"),
    ("5.5", "Double 5.5"),
    ("True", "Boolean True"),
    ("Empty", "String "),
]
RESULTS = {
    **{f"A{row}": described for row, (_, described) in enumerate(SCALARS, start=1)},
    "B1": "Double 1.5",
    "B2": "Error Error 2007",
    "B3": "String t",
    "C1": "Double 1.5",
    "C2": "Error Error 2042",
    "C3": "String x",
    "C4": "String ",
}


@pytest.fixture(scope="module")
def sheet():
    scalars = "\n".join(
        f'    Answer = {literal}: Range("A{row}").Value = Described(ROI_MONTHLY_REQUESTS(1, 2))'
        for row, (literal, _) in enumerate(SCALARS, start=1)
    )
    application = ExcelApplication()
    application.add_workbook()
    application.add_module(vba.wrappers().partition("\r\n")[2], name="roi_xl")
    application.add_module(STAND_IN.format(scalars=scalars), name="roi_xl_bridge")
    application.run("Run")
    return application.sheet("Sheet1")


@pytest.mark.parametrize(("address", "described"), RESULTS.items())
def test_texts_become_errors_and_shapes_stay(sheet, address, described):
    assert sheet.value(address).strip() == described.strip()


def test_every_error_has_a_code():
    assert set(ERROR_CODES) == set(ExcelError)


def test_every_function_has_a_wrapper_and_help():
    text = vba.wrappers()
    for name in CATALOG:
        assert f"Public Function {name}(" in text
        assert f'Macro:="{name}"' in text
    assert text.isascii()
    assert max(len(line) for line in text.splitlines()) < 1_000
    assert 'XLPy.CallUDF("roi_xl.udfs"' in vba.bridge()


CHECK = """
Public Answer As Variant
Public Function RoiXlCall(ByVal name As String, ByVal arguments As Variant) As Variant
    RoiXlCall = Answer
End Function
Public Function Described(ByVal value As Variant) As String
    If IsError(value) Then
        Described = "Error " & CStr(CLng(value))
    Else
        Described = TypeName(value) & " " & CStr(value)
    End If
End Function
Public Function Check() As String
    Dim both, row, table(0 To 1, 0 To 1)
    Answer = "#N/A": Check = Described(ROI_INVESTMENT(1, 2, 3))
    Answer = 5.5: Check = Check & "|" & Described(ROI_INVESTMENT(1, 2, 3))
    Answer = Array(1.5, "#NUM!", "t"): row = ROI_INVESTMENT(1, 2, 3)
    Check = Check & "|" & Described(row(0)) & "|" & Described(row(1)) & "|" & Described(row(2))
    table(0, 0) = 1.5: table(0, 1) = "#DIV/0!": table(1, 0) = "x": table(1, 1) = Empty
    Answer = table: both = ROI_INVESTMENT(1, 2, 3)
    Check = Check & "|" & Described(both(0, 0)) & "|" & Described(both(0, 1))
    Check = Check & "|" & Described(both(1, 0)) & "|" & Described(both(1, 1))
End Function
"""


def test_another_basic_maps_errors_and_shapes_alike(uno_python):
    """LibreOffice runs the same module, but for its registration in Excel's wizard."""
    lines = vba.wrappers().replace("\r\n", "\n").partition("Public Sub RoiXlRegister")[0].splitlines()
    text = "\n".join(line for line in lines if not line.startswith("Attribute"))
    (answer,) = session(None, {"basic": f"Option VBASupport 1\n{text}\n{CHECK}", "function": "Check"})
    assert answer["result"].split("|") == [
        "Error 2042",
        "Double 5.5",
        "Double 1.5",
        "Error 2036",
        "String t",
        "Double 1.5",
        "Error 2007",
        "String x",
        "String ",
    ]
