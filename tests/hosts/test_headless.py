"""The functions inside the calculation engine."""

import pytest
from case_table import CASES, Case, every_case
from openpyxl import Workbook
from openpyxl.worksheet.formula import ArrayFormula
from recalc_helpers import parts, rewrite, values

from roi_xl.catalog import CATALOG
from roi_xl.cli import main
from roi_xl.errors import ExcelError
from roi_xl.hosts.headless import from_engine, to_engine, with_native_calls
from roi_xl.model import open_model
from roi_xl.xlsx.addresses import Address, column_letters

WIDTH = 2 + max(len(case.arguments) for case in CASES)
SPELLINGS = ("native", "small letters", "inside another function", "array")


def spelled(case: Case, row: int, spelling: str) -> str:
    """The call of a case over the cells of its row, in a spelling that takes another path."""
    references = ",".join(f"{column_letters(column)}{row}" for column in range(1, len(case.arguments) + 1))
    call = f"{case.function}({references})"
    return {
        "native": f"={call}",
        "small letters": f"={call.lower()}",
        "inside another function": f"=IF(TRUE,{call},0)",
        "array": f"={call}",
    }[spelling]


def put(cell, argument):
    """An argument in a cell: an error as an error, text as text; empty text comes from a formula."""
    if isinstance(argument, ExcelError):
        cell.value = str(argument)
    elif argument == "":
        cell.value = '=""'
    else:
        cell.value = argument
        cell.data_type = "s" if isinstance(argument, str) else cell.data_type


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    book = Workbook()
    sheet = book.active
    sheet.title = "Cases"
    for row, case in enumerate(CASES, start=1):
        for column, argument in enumerate(case.arguments, start=1):
            put(sheet.cell(row, column), argument)
        for place, spelling in enumerate(SPELLINGS):
            cell = sheet.cell(row, WIDTH + place)
            cell.value = spelled(case, row, spelling)
            if spelling == "array":
                cell.value = ArrayFormula(cell.coordinate, cell.value)
    path = tmp_path_factory.mktemp("cases") / "cases.xlsx"
    book.save(path)
    return open_model(path)


@every_case
@pytest.mark.parametrize("spelling", SPELLINGS)
def test_every_case_in_the_engine(check, model, cases, spelling):
    column = WIDTH + SPELLINGS.index(spelling)
    check(cases, lambda case: model.value(Address("Cases", case.number + 1, column)))


def test_literal_arguments_and_ranges(tmp_path):
    book = Workbook()
    sheet = book.active
    sheet.append([0.02, 0.03, "dear"])
    sheet["A2"] = "=ROI_REQUEST_SAVINGS(0.02,-(-0.012))"
    sheet["A3"] = "=SUM(ROI_REQUEST_SAVINGS(A1:B1,0.01))"
    sheet["A4"] = '=ROI_REQUEST_SAVINGS("0.02",0.01)'
    sheet["A5"] = "=ROI_REQUEST_SAVINGS(,0.01)"
    sheet["A6"] = ArrayFormula("A6:C6", "=ROI_REQUEST_SAVINGS(A1:C1,0.01)")
    sheet["A7"] = ArrayFormula("A7:B21", "=ROI_REPORT(2500,100,0.02,0.012,100000,12)")
    book.save(tmp_path / "m.xlsx")
    model = open_model(tmp_path / "m.xlsx")

    def value(cell):
        return model.value(model.find(f"Sheet!{cell}"))

    assert value("A2") == 0.008
    assert value("A3") == pytest.approx(0.03)
    assert value("A4") == pytest.approx(0.01)
    assert value("A5") == -0.01
    assert [value("A6"), value("B6"), value("C6")] == [0.01, pytest.approx(0.02), ExcelError.VALUE]
    assert [value("A7"), value("B7"), value("B16")] == ["Saving per request", 0.008, 5_900]


NATIVE = [
    ("<f>ROI_REQUEST_SAVINGS(A1,B1)</f>", "<f>(IF((A1+0&lt;0)+(B1+0&lt;0)&gt;0,EXP(999),A1-B1))</f>"),
    ("<f>ROI_REQUEST_SAVINGS($A$1,0.01)</f>", "EXP(999),$A$1-0.01))"),
    ("<f>ROI_REQUEST_SAVINGS('My sheet'!A1,Inputs!B1)</f>", "'My sheet'!A1-Inputs!B1"),
    ('<f t="shared" ref="A1:A9" si="0">1+ROI_REQUEST_SAVINGS(A1,B1)*2</f>', "1+(IF("),
    ('<f t="array" ref="A1">ROI_REQUEST_SAVINGS(A1,B1)</f>', None),
    ("<f>ROI_REQUEST_SAVINGS(A1:A3,B1)</f>", None),
    ("<f>ROI_REQUEST_SAVINGS(baseline,B1)</f>", None),
    ("<f>ROI_REQUEST_SAVINGS(A1*2,B1)</f>", None),
    ("<f>ROI_REQUEST_SAVINGS(A1)</f>", None),
    ("<f>ROI_REQUEST_SAVINGS(A1,)</f>", None),
    ("<f>ROI_REQUEST_SAVINGS(SUM(A1,A2),B1)</f>", None),
    ("<f>MYROI_REQUEST_SAVINGS(A1,B1)</f>", None),
    ("<f>[1]!ROI_REQUEST_SAVINGS(A1,B1)</f>", None),
    ("<f>ROI_MONTHLY_REQUESTS(A1,B1)</f>", "EXP(999),A1*B1*30))"),
    ("<f>ROI_MONTHLY_REQUESTS(A1,B1,C1)</f>", "A1*B1*IF(ISBLANK(C1),30,C1)"),
    ("<f>ROI_REPORT(A1,B1,C1,D1,E1,F1)</f>", None),
    ('<f>"ROI_REQUEST_SAVINGS(A1,B1)"</f>', None),
    ("<t>ROI_REQUEST_SAVINGS(A1,B1)</t>", None),
    ("<f>A1+B1</f>", None),
]


@pytest.mark.parametrize(("formula", "expected"), NATIVE)
def test_only_simple_calls_are_written_out(formula, expected):
    got = with_native_calls(b"ROI_" + formula.encode())[4:].decode()
    assert expected in got if expected else got == formula


@pytest.mark.parametrize(
    "value", [1.5, "text", True, None, *[error for error in ExcelError if error is not ExcelError.GETTING_DATA]]
)
def test_values_survive_the_way_to_the_engine_and_back(value):
    assert from_engine(to_engine([[value]])) == [[value]]


def test_the_catalog_is_registered_once_each():
    assert len(set(CATALOG.values())) == len(CATALOG)


REFERENCE_CALL = "(2500,100,0.02,0.012,100000,12)"
STORED_CALLS = ["ROI_PERCENT", "_xldudf_ROI_PERCENT", "_xldudf_XLWINGS_ROI_PERCENT", "_xldudf_MY_APP2_ROI_PERCENT"]


@pytest.mark.parametrize("stored", STORED_CALLS)
def test_a_call_of_a_custom_function_is_verified_twice(tmp_path, stored, capsys):
    book = Workbook()
    book.active["A1"] = f"={stored}{REFERENCE_CALL}"
    book.active["A2"] = "=_xlfn.SINGLE(B1:B9)"
    book.active["B2"] = 7
    book.save(tmp_path / "m.xlsx")
    model = open_model(tmp_path / "m.xlsx")
    assert model.value(model.find("Sheet!A1")) == pytest.approx(1.5945945945945945)
    assert model.value(model.find("Sheet!A2")) == 7
    assert main(["check", str(tmp_path / "m.xlsx")]) == 0
    assert "2 of 2 formulas verified by two evaluations" in capsys.readouterr().out


READ_AS = {
    "2024-01-31": 45_322, "12:00": 0.5, "2024-01-31 12:00": 45_322.5, "6:30 PM": 18.5 / 24, "31-Jan-2024": 45_322,
    "1/2/2024": 45_293, "50%": 0.5, " 5 ": 5,
}  # fmt: skip
"""What Excel in the United States reads texts as; 31 January 2024 is day 45,322."""


def with_texts(path, texts):
    """A workbook that takes each text for a number: as a cell, in parentheses, and as a range."""
    book = Workbook()
    for row, text in enumerate(texts, start=1):
        book.active.cell(row, 1).value = text
        book.active.cell(row, 1).data_type = "s"
        for column, argument in enumerate((f"A{row}", f"(A{row})", f"A{row}:A{row}"), start=2):
            book.active.cell(row, column).value = f"=ROI_REQUEST_SAVINGS({argument},0)"
    book.save(path)
    return path


def test_text_is_the_same_number_on_every_path(tmp_path):
    model = open_model(with_texts(tmp_path / "m.xlsx", READ_AS))
    for row, expected in enumerate(READ_AS.values(), start=1):
        got = [model.value(Address("Sheet", row, column)) for column in (2, 3, 4)]
        assert got == pytest.approx([expected] * 3, rel=1e-15)
    verification = model.verify()
    assert (verification.verified, verification.different) == (3 * len(READ_AS), {})


ONLY_OURS_READ = {
    "$5": 5, "1,000": 1_000, "Jan-2024": 45_292, "6 PM": 0.75, "2024/01/31": 45_322, "25:00": 25 / 24, "24:00": 1,
    "12:00:00.5": (12 * 3_600 + 0.5) / 86_400, "($5.00)": "#NUM!", "1,5": "#VALUE!", "dear": "#VALUE!",
}  # fmt: skip
"""What the engine reads as another number than Excel in the United States, or as none; and what neither reads."""


def test_text_that_the_engine_reads_otherwise_is_left_to_ours(tmp_path, capsys):
    path = with_texts(tmp_path / "m.xlsx", ONLY_OURS_READ)
    assert main(["recalc", str(path), "--in-place"]) == 0
    assert "33 of 33 formulas verified by two evaluations" in capsys.readouterr().err
    got = values(path)
    for row, expected in enumerate(ONLY_OURS_READ.values(), start=1):
        wanted = expected if isinstance(expected, str) else pytest.approx(expected, rel=1e-12)
        assert [got["Sheet", f"{column}{row}"] for column in "BCD"] == [wanted] * 3


@pytest.mark.parametrize("error", [ExcelError.SPILL, ExcelError.CALC])
def test_an_error_of_newer_versions_passes_through(tmp_path, error):
    path = tmp_path / "m.xlsx"
    book = Workbook()
    book.active["A1"] = 1
    for row, formula in enumerate(("=ROI_REQUEST_SAVINGS(A1,0)", "=ROI_REQUEST_SAVINGS((A1),0)", "=A1+1"), start=1):
        book.active.cell(row, 2).value = formula
    book.save(path)
    cell = f'<c r="A1" t="e"><v>{error}</v>'.encode()
    rewrite(path, lambda p: {n: data.replace(b'<c r="A1" t="n"><v>1</v>', cell) for n, data in p.items()})
    model = open_model(path)
    assert [model.value(Address("Sheet", row, 2)) for row in (1, 2, 3)] == [error] * 3
    assert model.verify().verified == 3
    model.save(path)
    assert cell in parts(path)["xl/worksheets/sheet1.xml"]
