"""Does a wrong number in the workbook show, and nothing else?"""

import pytest

import roi_xl
from roi_xl.errors import OutOfBounds
from roi_xl.recalc.compare import is_number
from roi_xl.template import layout
from roi_xl.template.layout import BLOCKS
from roi_xl.xlsx.addresses import Address
from roi_xl.xlsx.sheet_cells import stored_formulas


@pytest.mark.parametrize("bad", [{"Inputs!C9": -0.5}, {"Inputs!C8": -1}])
def test_a_bad_input_shows_in_every_result_and_in_the_flag(templates, bad):
    with pytest.raises(OutOfBounds, match="must be at least 0 by the data validation"):
        roi_xl.open_model(templates["native"]).calculate(bad)
    outputs = roi_xl.open_model(templates["native"], ignore_validation=True).calculate(bad)
    assert str(outputs["net_benefit"]) == "#NUM!"
    assert outputs["model_checks"] == "REVIEW"


@pytest.mark.parametrize("months", [0, 61, 12.5])
def test_a_horizon_that_the_cash_flow_cannot_show_is_flagged(templates, months):
    model = roi_xl.open_model(templates["native"], ignore_validation=True)
    assert model.calculate(months=months)["model_checks"] == "REVIEW"


def typed_over(model, place, value):
    """The overall flag with a number typed over one cell, for as long as it takes to look."""
    formula = model.book.formula(place)
    model.book.put(place, value)
    model.book.evaluate()
    flag = model.outputs["model_checks"]
    model.book.put_formula(place, formula)
    return flag


@pytest.mark.parametrize("column", [layout.CH_LEFT, layout.CH_RIGHT])
def test_every_check_can_fail(templates, column):
    """A check that got another number on either side must say so, and so must the flag."""
    model = roi_xl.open_model(templates["native"])
    rows = range(layout.FIRST_ROW, model.find("model_checks").row - 1)
    flags = {row: typed_over(model, Address("Checks", row, column), 12_345) for row in rows}
    assert len(flags) > 50
    assert set(flags.values()) == {"REVIEW"}, flags
    model.book.evaluate()
    assert model.outputs["model_checks"] == "OK"


LARGE = {
    "ten trillion requests": {"monthly_requests": 1e13, "training_cost": 1e12},
    "a thousand trillion": {"monthly_requests": 1e15, "training_cost": 1e14, "months": 37, "discount_rate": 0.1},
    "with everything": {
        **{"monthly_requests": 1e13, "training_cost": 1e12, "months": 60, "discount_rate": 0.1, "ramp_months": 5},
        **{"request_growth": 0.03, "traffic_share": 0.7, "baseline_price_change": -0.2, "monthly_hosting": 1e9},
        **{"retraining_cost": 3e11, "retraining_interval": 7, "fine_tuned_success_rate": 0.97, "failure_cost": 0.001},
    },
    "odd digits": {"monthly_requests": 1.23456789e11, "training_cost": 9.87654321e9, "months": 59},
}


@pytest.mark.parametrize("case", LARGE.values(), ids=LARGE)
def test_what_rounding_leaves_of_large_amounts_is_no_difference(templates, case):
    """Numbers keep 15 digits: at 10^13 requests half a cent is less than that. A millionth more still shows."""
    model = roi_xl.open_model(templates["native"])
    outputs = model.calculate(case)
    assert outputs["model_checks"] == "OK"
    for name in ("net_present_value", "ledger_benefit", "peak_funding", "baseline_cost", "breakeven_requests_net"):
        assert typed_over(model, model.find(name), outputs[name] * (1 + 1e-6)) == "REVIEW", name
    for name in ("moved_requests", "avoided_cost", "net_cash_flow", "cumulative"):
        cell = Address("Cash flow", layout.FIRST_MONTH_ROW + 1, layout.CF[name])
        assert typed_over(model, cell, model.value(cell) * (1 + 1e-6)) == "REVIEW", name


def test_a_difference_of_a_cent_is_one_in_an_ordinary_case(templates):
    model = roi_xl.open_model(templates["native"])
    outputs = model.calculate({"training_cost": 1e9, "monthly_requests": 1e9})
    assert outputs["model_checks"] == "OK"
    assert typed_over(model, model.find("net_present_value"), outputs["net_present_value"] + 0.01) == "REVIEW"


TOTALS_OF_BLOCKS = {layout.total_row(block) for block in BLOCKS}
"""The rows of Inputs whose only evaluation is the one that is there."""


def numbers_to_type_over(model):
    """Every number of page one, of Inputs in use and of the results, and three months of each column."""
    months = [layout.FIRST_MONTH_ROW, layout.FIRST_MONTH_ROW + 1, layout.LAST_MONTH_ROW]
    rows = {
        "Summary": range(1, 40),
        "Inputs": set(range(layout.FIRST_ROW, layout.LAST_INPUT_ROW + 1)) - TOTALS_OF_BLOCKS,
        "Outputs": range(layout.FIRST_ROW, layout.PROFILE_ROW),
        "Cash flow": months,
    }
    for sheet, wanted in rows.items():
        for place in stored_formulas(model.book.sheet(sheet)):
            cell = Address(sheet, *place)
            if cell.row in wanted and is_number(model.value(cell)):
                yield cell


@pytest.mark.slow
def test_a_number_that_is_typed_over_shows(templates):
    model = roi_xl.open_model(templates["native"])
    cells = {cell: model.value(cell) for cell in numbers_to_type_over(model)}
    unseen = [str(cell) for cell, value in cells.items() if typed_over(model, cell, value + 1) == "OK"]
    assert len(cells) > 150
    assert not unseen
