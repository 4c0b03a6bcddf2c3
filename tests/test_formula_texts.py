"""A formula's text becomes a tree and a text again; what cannot be read says why."""

import pytest
from openpyxl import Workbook
from openpyxl.workbook.defined_name import DefinedName

import roi_xl
from roi_xl.errors import ExcelError
from roi_xl.formula.parser import parse
from roi_xl.formula.tokens import Unreadable
from roi_xl.formula.tree import Literal
from roi_xl.formula.written import written

HERE = (7, 5)

AS_TYPED = [
    "A1+B$2*$C3",
    "(A1+B2)*C3",
    "A1-(B2-C3)",
    "A1-B2-C3",
    "-A1^2",
    "2^-A1",
    "A1%%",
    "-(A1+1)%",
    '"a ""quoted"" word"&A1',
    "IF(A1>=2,TRUE,FALSE)",
    "SUM(A1:B2,$D:$E,$3:$4)",
    "SUM(A:B,3:4)",
    "SUM((A1,B2))",
    "SUM(A1:C3 B2:D4)",
    '{1,-2;"x",TRUE}',
    "{#N/A,#DIV/0!}",
    "'My sheet'!A1+Other!$B$2",
    "SUM(First:Last!A1)",
    "SUM('It''s Q1:Q4'!B2)",
    "Sales[Amount]+Sales[[#Totals],[Amount]]",
    "@A1:A5",
    "A1#",
    "LAMBDA(x,x+1)(3)",
    "A1:INDEX(B:B,5)",
    "rate*Other!rate",
    "NOT(A1=B1)<>(C1<D1)",
    "1.5E+300*A1",
]


@pytest.mark.parametrize("text", AS_TYPED)
def test_a_formula_is_written_as_it_was_typed(text):
    tree = parse(text, HERE)
    again = written(tree, HERE)
    assert parse(again, HERE) == tree
    assert again.replace(" ", "") == text.replace(" ", "")


CANNOT_BE_READ = [
    ("(" * 400 + "1" + ")" * 400, "is nested too deeply"),
    ("{1,A1}", "not all constants"),
    ("Sheet1!", "ends after the name of a sheet"),
    ("One!A1:Two!B2", "a range over two sheets"),
    ("$A9999999", "not on a sheet"),
    ("Sales[Amount", "not closed"),
    ("1+", "ends"),
    ("1+*2", "where a value is expected"),
    ("SUM(1,2", "lacks"),
    ("Sheet1!5", "where a reference is expected"),
    ("]1", "cannot be read"),
]


@pytest.mark.parametrize(("text", "why"), CANNOT_BE_READ)
def test_what_cannot_be_read_says_why(text, why):
    with pytest.raises(Unreadable, match=why):
        parse(text, HERE)


LITERALS = [
    ("#REF!", ExcelError.REF),
    ("Sheet1!#REF!", ExcelError.REF),
    ("#N/A", ExcelError.NA),
    ("TRUE", True),
    ("12.50", 12.5),
]


@pytest.mark.parametrize(("text", "value"), LITERALS)
def test_a_constant_is_its_value(text, value):
    assert parse(text, HERE) == Literal(value)


def test_a_name_that_looks_like_a_cell_beyond_the_sheet(tmp_path):
    """A sheet ends at column XFD, so YTD2024 is a name; formulas with it below one another once ended in a fault."""
    book = Workbook()
    sheet = book.active
    sheet["A1"] = 10
    book.defined_names["YTD2024"] = DefinedName("YTD2024", attr_text="Sheet!$A$1")
    for row in range(1, 4):
        sheet[f"B{row}"] = f"=YTD2024*{row}+A{row}"
    book.save(tmp_path / "m.xlsx")
    model = roi_xl.open_model(tmp_path / "m.xlsx", strict=True)
    model.calculate({"Sheet!A1": 20})
    assert [model.value(model.find(f"Sheet!B{row}")) for row in (1, 2, 3)] == [40, 40, 60]
    assert model.verify().unverified == {}
