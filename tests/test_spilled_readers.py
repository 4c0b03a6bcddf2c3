"""Formulas that read what others spill: each its own range, all between two, and cells that sum up members.

D1 is a factor d. F1 spills d, 2d, 3d to the right, F2 one more; row 3 is their sum in ordinary
formulas. What Excel gives for the others is counted on the fingers.
"""

import re

import pytest
from openpyxl import Workbook
from openpyxl.worksheet.formula import ArrayFormula
from recalc_helpers import SHEET, rewrite, with_stored
from test_spills import dynamic

import roi_xl
from roi_xl.cli import main
from roi_xl.errors import NotSupported

SPILLED = {
    "F1:H1": "=_xlfn.SEQUENCE(1,3)*$D$1",
    "F2:I2": "=_xlfn.SEQUENCE(1,4)*$D$1",
    "C1:C5": "=MOD(_xlfn.SEQUENCE(5),2)",
    "Q1:Q2": "=_xlfn.SEQUENCE(2)-1",
    "P1:P2": "=SUMIF(_xlfn.ANCHORARRAY($C$1),_xlfn.ANCHORARRAY(Q1),$B$1)*D1",
    "K1:N1": "=_xlfn.BYCOL(_xlfn.ANCHORARRAY(F1):_xlfn.ANCHORARRAY(F2),_xlfn.LAMBDA(_xlpm.c,SUM(_xlpm.c)))",
    "K2:K3": "=_xlfn.BYROW(F1:H2,_xleta.SUM)",
    "K5:M5": "=_xlfn.MAP(F1:H1,F2:H2,_xleta.MAX)",
    "T1:V1": "=-F3:H3",
    "T2:V2": "=_xlfn.ANCHORARRAY(T1)*2",
}
ORDINARY = {
    **{f"{letter}3": f"=SUM({letter}1:{letter}2)" for letter in "FGH"},
    **{f"J{row}": f"=SUM(_xlfn.ANCHORARRAY(F{row}))" for row in (1, 2, 3)},
    "J4": "=ROWS(_xlfn.ANCHORARRAY(F3))+D1",
    "R1": "=_xlfn.XLOOKUP(3,B1:B5,B1:B5,Not in the list,0)*D1",
    "R2": "=IFERROR(Not in the list,D1)",
    "W1": "=SUM(T1:V1)",
    "W2": "=SUM(T2:V2)",
}


def right(d):
    """What the cells hold for a factor."""
    return {
        "J1": 6 * d, "J2": 10 * d, "J3": 2 * d, "J4": 1 + d,
        "P1": (2 + 4) * d, "P2": (1 + 3 + 5) * d,
        "K1": 2 * d, "L1": 4 * d, "M1": 6 * d, "N1": 4 * d, "K2": 6 * d, "K3": 6 * d, "K5": d, "L5": 2 * d, "M5": 3 * d,
        "R1": 3 * d, "R2": d, "T1": -2 * d, "V1": -6 * d, "V2": -12 * d, "W1": -12 * d, "W2": -24 * d,
    }  # fmt: skip


def held(d):
    """Every value that Excel stores, those of row 3 and of the ranges that are filled among them."""
    rows = {"F1": d, "G1": 2 * d, "H1": 3 * d, "F2": d, "G2": 2 * d, "H2": 3 * d, "I2": 4 * d}
    sums = {"F3": 2 * d, "G3": 4 * d, "H3": 6 * d, "U1": -4 * d, "T2": -4 * d, "U2": -8 * d, "Q1": 0, "Q2": 1}
    return right(d) | rows | sums | {f"C{row}": row % 2 for row in range(1, 6)}


@pytest.fixture(params=["as Excel writes it", "with an empty formula in each cell that is filled"])
def book(tmp_path, request):
    """The workbook with the values for a factor of 2."""
    book = Workbook()
    sheet = book.active
    sheet.title = "S"
    for row in range(1, 6):
        sheet[f"B{row}"] = row
    sheet["D1"] = 2
    for extent, formula in SPILLED.items():
        sheet[extent.partition(":")[0]] = ArrayFormula(extent, formula)
    for address, formula in ORDINARY.items():
        sheet[address] = formula
    stored = held(2)
    for address, value in stored.items():
        if sheet[address].value is None:
            sheet[address] = value
    book.save(tmp_path / "m.xlsx")
    rewrite(tmp_path / "m.xlsx", lambda p: {**p, SHEET: finished(p[SHEET], stored, request.param)})
    return tmp_path / "m.xlsx"


def finished(sheet, stored, how):
    """A sheet with stored values and dynamic arrays."""
    for address, value in stored.items():
        sheet = with_stored(sheet, address, value)
    members = rb'(<c r="(?:G1|H1|G2|H2|I2|L1|M1|N1|K3|U1|V1|U2|V2)"[^>]*>)(?=<v>)'
    return dynamic(re.sub(members, rb'\1<f ca="1"/>', sheet) if how.startswith("with") else sheet)


def test_what_reads_spilled_ranges_is_reproduced_and_right_after_a_change(book):
    model = roi_xl.open_model(book, strict=True)
    assert [str(difference) for difference in model.differences] == []
    for d in (3, 0.5, 2):
        model.calculate({"S!D1": d})
        assert {cell: model.value(model.find(f"S!{cell}")) for cell in right(d)} == right(d)
        assert not model.verification.unverified


def test_a_sweep_over_what_reads_spilled_ranges_is_right(book):
    cells = [cell for cell in right(1) if cell not in ("R1", "R2")]
    found = roi_xl.open_model(book).sweep({"S!D1": [3, 2, 0.5]}, read=[f"S!{cell}" for cell in cells])
    for cell in cells:
        assert found[f"S!{cell}"].tolist() == pytest.approx([right(d)[cell] for d in (3, 2, 0.5)]), cell


DRAWN = [[1.25, 1.5], [1.75, 1.125], [1.5, 1.25]]
"""Random numbers that the file stores."""


def random_book(path, stored=True):
    """Sums of an array of random numbers decide what another array is: the engine goes round in circles."""
    book = Workbook()
    sheet = book.active
    sheet.title, sheet["G1"] = "S", 2
    arrays = {"A1:B3": "=_xlfn.RANDARRAY(3,2,1,2,FALSE)", "D1:E3": "=A1:B3", "D10:E10": "=D5:E5*G1"}
    values = {f"{column}{row + 1}": DRAWN[row][place % 2] for row in range(3) for place, column in enumerate("ABDE")}
    values |= {"D5": 4.5, "E5": 3.875, "D10": 9, "E10": 7.75}
    for extent, formula in arrays.items():
        sheet[extent.partition(":")[0]] = ArrayFormula(extent, formula)
    sheet["D5"], sheet["E5"] = "=SUM(D1:D3)", "=SUM(E1:E3)"
    for address, value in values.items():
        if stored and sheet[address].value is None:
            sheet[address] = value
    book.save(path)
    rewrite(path, lambda p: {**p, SHEET: finished(p[SHEET], values if stored else {}, "")})
    return path


def test_arrays_of_random_numbers_on_which_others_depend_keep_the_numbers_of_the_file(tmp_path, capsys):
    path = random_book(tmp_path / "m.xlsx")
    assert main(["check", str(path)]) == 0
    assert "arrays of random numbers keep the numbers of the file" in capsys.readouterr().out
    model = roi_xl.open_model(path)
    model.calculate({"S!G1": 10})
    assert [model.value(model.find(f"S!{cell}")) for cell in ("B2", "D5", "D10", "E10")] == [1.125, 4.5, 45, 38.75]
    model.save(tmp_path / "changed.xlsx")
    assert not roi_xl.open_model(tmp_path / "changed.xlsx").differences
    assert roi_xl.open_model(path).sweep({"S!G1": [1, 3]}, read=["S!D10"])["S!D10"].tolist() == [4.5, 13.5]


def test_without_stored_numbers_such_a_workbook_is_refused(tmp_path):
    with pytest.raises(
        NotSupported, match="what some formulas read depends on others in a way that the embedded engine gives up on"
    ):
        roi_xl.open_model(random_book(tmp_path / "m.xlsx", stored=False))
