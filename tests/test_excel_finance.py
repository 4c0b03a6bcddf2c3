"""Excel's own answers, from its documentation and from workbooks that it saved."""

import math

import pytest
from openpyxl import Workbook

import roi_xl
from roi_xl.errors import ExcelError
from roi_xl.excel.plain_finance import ANSWERS, answer

NUM, DIV0, VALUE, NA = ExcelError.NUM, ExcelError.DIV0, ExcelError.VALUE, ExcelError.NA


def column(*values):
    return [[value] for value in values]


FLOWS = column(-70_000, 12_000, 15_000, 18_000, 21_000, 26_000)
LOAN = column(-120_000, 39_000, 30_000, 21_000, 37_000, 46_000)
DATES = column(39_448, 39_508, 39_751, 39_859, 39_904)
DATED = column(-10_000, 2_750, 4_250, 3_250, 2_750)

CASES = [
    ("IPMT", (0.1 / 12, 1, 36, 8_000), -66.6666667),
    ("IPMT", (0.1, 3, 3, 8_000), -292.4471299),
    ("IPMT", (0.1, 3, 30, 8_000, 10, 1), -717.9764514),
    ("IPMT", (0.1, 1, 30, 8_000, 10, 1), 0),
    ("IPMT", (0, 1, 10, 1_000), 0),
    ("IPMT", (0.1, 0, 3, 8_000), NUM),
    ("IPMT", (0.1, 4, 3, 8_000), NUM),
    ("IPMT", ("dear", 1, 3, 8_000), VALUE),
    ("PPMT", (0.1 / 12, 1, 24, 2_000), -75.6231861),
    ("PPMT", (0.08, 10, 10, 200_000), -27_598.0534624),
    ("PPMT", (0, 1, 10, 1_000), -100),
    ("CUMIPMT", (0.0075, 360, 125_000, 13, 24, 0), -11_135.2321307),
    ("CUMIPMT", (0.0075, 360, 125_000, 1, 1, 0), -937.5),
    ("CUMPRINC", (0.0075, 360, 125_000, 13, 24, 0), -934.1071234),
    ("CUMPRINC", (0.0075, 360, 125_000, 1, 1, 0), -68.2782712),
    ("CUMPRINC", (0, 360, 125_000, 1, 1, 0), NUM),
    ("CUMPRINC", (0.0075, 360, 125_000, 5, 1, 0), NUM),
    ("IRR", (FLOWS,), 0.0866309),
    ("IRR", (column(-70_000, 12_000, 15_000, 18_000, 21_000),), -0.02124485),
    ("IRR", (column(-70_000, 12_000, 15_000), -0.1), -0.4435069),
    ("IRR", (column(-20, 5, 5, None, None, 7),), -0.0730),
    ("IRR", (column(-20, 5, 5, "text", True, 7),), -0.0730),
    ("IRR", (column(-100, 1),), -0.99),
    ("IRR", (column(-100, 10, 10),), -0.6298438),
    ("IRR", (column(-1, 5, -7),), NUM),
    ("IRR", (column(20, 5, 5),), NUM),
    ("IRR", (column(None),), NUM),
    ("IRR", (column(-20, NA, 5),), NA),
    ("MIRR", (LOAN, 0.1, 0.12), 0.1260941),
    ("MIRR", (LOAN, 0.1, 0.14), 0.1347591),
    ("MIRR", (column(-120_000, "x", True, 39_000, 30_000, 21_000), 0.1, 0.12), -0.0480447),
    ("MIRR", (column(1, 2), 0.1, 0.12), DIV0),
    ("MIRR", (column(-1, -2), 0.1, 0.12), -1.0),
    ("XNPV", (0.09, DATED, DATES), 2_086.6476020),
    ("XNPV", (0.09, column(-1, None), column(1, 2)), NUM),
    ("XNPV", (0.09, column(-1, 2), column(5, 4)), NUM),
    ("XNPV", (0.09, DATED, column(1, 2)), NUM),
    ("DB", (1_000_000, 100_000, 6, 1, 7), 186_083.3333333),
    ("DB", (1_000_000, 100_000, 6, 2, 7), 259_639.4166667),
    ("DB", (1_000_000, 100_000, 6, 6, 7), 55_841.7567578),
    ("DB", (1_000_000, 100_000, 6, 7, 7), 15_845.0984800),
    ("DB", (10_000, 1_000, 5, 6), NUM),
    ("DB", (0, 0, 5, 2), 0),
    ("DB", (10_000, 0, 5, 1), 10_000),
    ("FVSCHEDULE", (1, [[0.09, 0.11, 0.1]]), 1.3308900),
    ("FVSCHEDULE", (1, [[0.09, "x"]]), VALUE),
]


@pytest.mark.parametrize(("name", "arguments", "expected"), CASES, ids=[f"{n}{a}" for n, a, _ in CASES])
def test_what_excel_answers(name, arguments, expected):
    got = answer(ANSWERS[name], arguments)
    if isinstance(expected, ExcelError):
        assert got is expected
    else:
        assert math.isclose(got, expected, rel_tol=6e-4 if abs(expected) == 0.073 else 1e-6, abs_tol=1e-12), got


def test_interest_and_repayment_are_the_payment():
    for due in (0, 1):
        whole = [
            answer(ANSWERS["IPMT"], (0.01, n, 24, 5_000, 100, due))
            + answer(ANSWERS["PPMT"], (0.01, n, 24, 5_000, 100, due))
            for n in range(1, 25)
        ]
        assert max(whole) == pytest.approx(min(whole))


def test_they_answer_in_a_workbook(tmp_path):
    book = Workbook()
    for row, amount in enumerate((-20, 5, 5, None, None, 7), start=1):
        book.active.cell(row, 1, amount)
    book.active["B1"] = "=IRR(A1:A6)"
    book.active["B2"] = "=ROUND(IPMT(0.1,3,30,8000,10,1),2)"
    book.active["B3"] = '=IFERROR(MIRR(A2:A3,0.1,0.1),"none")'
    book.save(tmp_path / "m.xlsx")
    model = roi_xl.open_model(tmp_path / "m.xlsx")
    assert model.value(model.find("Sheet!B1")) == pytest.approx(-0.0730, abs=5e-5)
    assert model.value(model.find("Sheet!B2")) == -717.98
    assert model.value(model.find("Sheet!B3")) == "none"
