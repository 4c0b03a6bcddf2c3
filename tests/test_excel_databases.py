"""Excel's database functions, by the example of its documentation: an orchard."""

import pytest
from formula_helpers import alike, evaluated

from roi_xl.errors import CannotVectorise, ExcelError

ROWS = [
    ["Tree", "Height", "Age", "Yield", "Profit", "Height"],
    ["=Apple", ">10", None, None, None, "<16"],
    ["=Pear", None, None, None, None, None],
    ["Tree", "Height", "Age", "Yield", "Profit", None],
    ["Apple", 18.0, 20.0, 14.0, 105.0, None],
    ["Pear", 12.0, 12.0, 10.0, 96.0, None],
    ["Cherry", 13.0, 14.0, 9.0, 105.0, None],
    ["Apple", 14.0, 15.0, 10.0, 75.0, None],
    ["Pear", 9.0, 8.0, 8.0, 76.8, None],
    ["Apple", 8.0, 9.0, 6.0, 45.0, None],
]
CELLS = {f"{'ABCDEF'[c]}{r}": v for r, row in enumerate(ROWS, 1) for c, v in enumerate(row) if v is not None}
CELLS |= {"H1": "Tree", "H2": "App", "I1": "Tree", "I2": "=App", "J1": "Tree", "J2": "Plum"}
CELLS |= {"K1": ExcelError.VALUE, "K2": "Apple", "L1": "Treee", "L2": "Apple", "M1": "Treee", "N2": "Apple"}

CASES = [
    ('DSUM(A4:E10,"Profit",A1:A2)', 225.0),
    ('DSUM(A4:E10,"profit",A1:F3)', 247.8),
    ('DMAX(A4:E10,"Profit",A1:A3)', 105.0),
    ('DMIN(A4:E10,"Profit",A1:B2)', 75.0),
    ('DAVERAGE(A4:E10,"Yield",A1:B2)', 12.0),
    ("DAVERAGE(A4:E10,3,A4:E10)", 13.0),
    ('DPRODUCT(A4:E10,"Yield",A1:F3)', 800.0),
    ('DCOUNT(A4:E10,"Age",A1:F2)', 1.0),
    ('DCOUNTA(A4:E10,"Profit",A1:F2)', 1.0),
    ('ROUND(DSTDEV(A4:E10,"Yield",A1:A3),5)', 2.96648),
    ('ROUND(DSTDEVP(A4:E10,"Yield",A1:A3),5)', 2.6533),
    ('DVAR(A4:E10,"Yield",A1:A3)', 8.8),
    ('DVARP(A4:E10,"Yield",A1:A3)', 7.04),
    ('DGET(A4:E10,"Yield",A1:A3)', ExcelError.NUM),
    ('DGET(A4:E10,"Yield",A1:F2)', 10.0),
    ('DGET(A4:E10,"Yield",J1:J2)', ExcelError.VALUE),
    ('DSUM(A4:E10,"Profit",H1:H2)', 225.0),
    ('DSUM(A4:E10,"Profit",I1:I2)', 0.0),
    ('DAVERAGE(A4:E10,"Profit",J1:J2)', ExcelError.DIV0),
    ('DSUM(A4:E10,"Weight",A1:A2)', ExcelError.VALUE),
    ("DSUM(A4:E10,6,A1:A2)", ExcelError.VALUE),
    ("DCOUNTA(A4:E10,TRUE,A1:A2)", 3.0),
    ("DCOUNT(A4:E10,TRUE,A1:A2)", 0.0),
    ("DCOUNT(A4:E10,FALSE,A1:A2)", ExcelError.VALUE),
    ('DSUM(A4:E10,"Profit",K1:K2)', 0.0),
    ('DGET(A4:E10,"Profit",K1:K2)', ExcelError.VALUE),
    ('DSUM(A4:E10,"Profit",L1:L2)', 0.0),
    ('DSUM(A4:E10,"Profit",M1:M2)', 502.8),
    ('DAVERAGE(A4:E10,"Profit",N1:N2)', ExcelError.DIV0),
]


@pytest.mark.parametrize(("formula", "answer"), CASES)
def test_a_database_function_gives_what_excel_gives(formula, answer):
    got = evaluated(formula, CELLS)
    assert alike(got, answer), f"={formula} gives {got}, Excel {answer}"


def test_a_criterion_that_is_a_formula_is_not_guessed():
    with pytest.raises(CannotVectorise):
        evaluated('DSUM(A4:E10,"Profit",L1:L2)', CELLS | {"L2": True})
