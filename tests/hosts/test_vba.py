"""The VBA that makes error texts real errors, run by an interpreter of VBA."""

import re

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


ROWS = """
Public Function Rows() As String
    Dim sheet, columns, shown, last As Long
    On Error GoTo failed
    Set sheet = ActiveSheet
    sheet.Range("A3").Value = 5
    sheet.Range("B7").Value = 8
    columns = Array(sheet.Range("A:A"), sheet.Range("B:B"), 3)
    last = RoiXlLastRow(columns)
    shown = RoiXlArgument(columns(0), last)
    Rows = LBound(shown, 1) & " to " & UBound(shown, 1) & ": " & CStr(IsEmpty(shown(1, 1))) & " " & shown(3, 1)
    shown = RoiXlArgument(columns(1), last)
    Rows = Rows & "|" & LBound(shown, 1) & " to " & UBound(shown, 1) & ": " & shown(7, 1)
    Rows = Rows & "|" & RoiXlArgument(columns(2), last) & "|" & RoiXlArgument(sheet.Range("A3"), last)
    shown = RoiXlArgument(sheet.Range("A3:B7"), RoiXlLastRow(Array(sheet.Range("A3:B7"))))
    Rows = Rows & "|" & UBound(shown, 1) & " x " & UBound(shown, 2) & ": " & shown(5, 2)
    Rows = Rows & "|" & Described(RoiXlArgument(Union(sheet.Range("A3:A4"), sheet.Range("C3:C4")), last))
    Exit Function
failed:
    Rows = Rows & " failed: " & Error
End Function
"""


def without_attributes(text):
    """A module's code as another Basic takes it."""
    return "\n".join(line for line in text.replace("\r\n", "\n").splitlines() if not line.startswith("Attribute"))


def function_of(text, name):
    """The code of one function."""
    found = re.search(rf"^\w+ Function {name}\(.*?^End Function$", text, re.MULTILINE | re.DOTALL)
    return found[0]


@pytest.fixture(scope="module")
def in_libreoffice(uno_python):
    """What LibreOffice's Basic makes of the modules: of the wrappers, but for their registration, and of the bridge.

    It has Excel's object model; `Value2`, which it lacks, is `Value` there.
    """
    shapes = without_attributes(vba.wrappers()).partition("Public Sub RoiXlRegister")[0] + CHECK
    bridge = without_attributes(vba.bridge())
    ranges = "\n".join(function_of(bridge, name) for name in ("RoiXlLastRow", "RoiXlArgument"))
    rows = f"{ranges.replace('Value2', 'Value')}\n{function_of(CHECK, 'Described')}\n{ROWS}"
    steps = [
        {"basic": f"Option VBASupport 1\n{shapes}", "function": "Check"},
        {"basic": f"Option VBASupport 1\n{rows}", "function": "Rows", "excel": True},
    ]
    return [answer["result"].split("|") for answer in session(None, *steps)]


def test_another_basic_maps_errors_and_shapes_alike(in_libreoffice):
    assert in_libreoffice[0] == [
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


def test_whole_columns_keep_their_rows_and_a_union_is_an_error(in_libreoffice):
    assert in_libreoffice[1] == ["1 to 7: True 5", "1 to 7: 8", "3", "5", "5 x 2: 8", "Error 2015"]


RESERVED = set(
    """
    abs addressof and any array as attribute boolean byref byte byval call case cbool cbyte ccur cdate cdbl cdec cdecl
    cint circle class clng clnglng clngptr close const csng cstr currency cvar cverr date debug decimal declare defbool
    defbyte defcur defdate defdbl defdec defint deflng deflnglng deflngptr defobj defsng defstr defvar dim do doevents
    double each else elseif empty end endif enum eqv erase error event exit false fix for friend function get global
    gosub goto if imp implements in input inputb int integer is lbound len lenb let like lineinput lock long longlong
    longptr loop lset me mid midb mod name new next not nothing null object on open option optional or paramarray
    preserve print private property pset public put raiseevent redim rem resume return rset scale seek select set sgn
    shared single spc static step stop string sub tab then time to true type typeof ubound unlock until variant wend
    while with withevents write xor
    """.split()
)
"""What VBA reserves (MS-VBAL 3.3.5.2), and statements that are words of their own."""


def test_no_argument_has_a_name_that_vba_reserves():
    names = re.findall(r"Public Function ROI_\w+\((.*)\) As Variant", vba.wrappers())
    taken = {name.removeprefix("Optional ").casefold() for line in names for name in line.split(", ")}
    assert len(names) == len(CATALOG)
    assert not taken & RESERVED
    assert all(re.fullmatch("[a-z][a-z0-9_]*", name) for name in taken)


SAME_KEY = {
    "Array(0.1 + 0.2), Array(0.3)": False,
    "Array(0.3, 5), Array(0.3, 5)": True,
    'Array(1.5), Array("1.5")': False,
    'Array("a|8:1:b"), Array("a", "b")': False,
    'Array(""), Array(Empty)': False,
    'Array(True), Array("True")': False,
    "Array(1.7976931348623157E+308), Array(1.7976931348623157E+308)": True,
}


def test_only_the_same_call_has_the_same_key():
    """An interpreter of VBA runs the text of the function that tells calls apart."""
    bridge = vba.bridge().replace("\r\n", "\n")
    key = "Public Function RoiXlKey" + bridge.partition("Public Function RoiXlKey")[2].partition("End Function")[0]
    lines = []
    for row, pair in enumerate(SAME_KEY, start=1):
        first, second = pair.split("), Array")
        lines.append(f"a = {first}): b = Array{second}")
        lines.append(f'Range("A{row}").Value = CStr(RoiXlKey("f", a) = RoiXlKey("f", b))')
    body = "\n".join(lines)
    application = ExcelApplication()
    application.add_workbook()
    application.add_module(f"{key}End Function\nSub Run()\n    Dim a, b\n{body}\nEnd Sub\n", name="keys")
    application.run("Run")
    got = [application.sheet("Sheet1").value(f"A{row}") for row in range(1, len(SAME_KEY) + 1)]
    assert [str(value) == "True" for value in got] == list(SAME_KEY.values())


def test_the_bridge_calls_nothing_from_the_wizard():
    """Nothing here has Excel's wizard: what the text must say, in its order."""
    text = vba.bridge()
    assert text.index('CommandBars("Standard")') < text.index("XLPy.CallUDF")
