"""A call of each function that works: on a sheet, and as Python gives it."""

import pytest
from openpyxl import load_workbook
from recalc_helpers import values

from roi_xl import cells
from roi_xl.catalog import CATALOG
from roi_xl.describe import is_table, summary
from roi_xl.errors import ExcelError
from roi_xl.formula.lambda_names import NAMED
from roi_xl.functions.value import irr_all
from roi_xl.hosts.examples import example
from roi_xl.template.examples import DRAWN

SHOWN = {"functions": [name for name in CATALOG if name != DRAWN], "lambda": list(NAMED)}


@pytest.mark.parametrize("name", CATALOG)
def test_every_example_works(name):
    result = cells.call(CATALOG[name], example(name))
    shown = result[-1][0] if isinstance(result, list) else result
    assert not isinstance(shown, ExcelError)


@pytest.mark.slow
@pytest.mark.parametrize("flavor", SHOWN)
def test_the_sheet_shows_a_call_of_every_function_with_its_value(templates, flavor):
    stored = values(templates[flavor])
    lines = {stored["Examples", f"B{row}"]: row for row in range(7, 7 + len(SHOWN[flavor]))}
    assert list(lines) == SHOWN[flavor]
    book = load_workbook(templates[flavor])["Examples"]
    for name, row in lines.items():
        formula = CATALOG[name]
        expected = cells.call(formula, example(name))
        if is_table(formula):
            expected = expected[0][0] if formula is irr_all else expected[1][1]
        assert stored["Examples", f"E{row}"] == (pytest.approx(expected) if not isinstance(expected, str) else expected)
        assert stored["Examples", f"C{row}"] == summary(formula)
        typed, result = book[f"D{row}"].value, book[f"E{row}"].value
        result = result.text if hasattr(result, "text") else result
        assert typed.startswith(f"={name}(")
        assert typed[1:] in result


@pytest.mark.slow
def test_a_workbook_of_plain_formulas_has_no_examples_of_calls(templates):
    assert "Examples" not in load_workbook(templates["native"]).sheetnames
