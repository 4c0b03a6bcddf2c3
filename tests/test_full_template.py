"""The workbook in full depth: options, sensitivity, scenarios, risk, and the cases behind them."""

import math
import re

import mutations
import openxml_audit
import pytest
from openpyxl import load_workbook
from recalc_helpers import parts, values
from table_cases import REALISTIC
from test_template import FALSE_ALARMS, agree

import roi_xl
from roi_xl.describe import gives
from roi_xl.engines import libreoffice
from roi_xl.errors import RoiError
from roi_xl.functions.ledger import Program
from roi_xl.quantities import DISCOUNT_RATE, INPUTS, MODEL_INPUTS, NPV, PROGRAM
from roi_xl.template import full_checks, inputs, layout, options, sensitivity, summary, told
from roi_xl.template.build import Outside, filled_book, input_values
from roi_xl.template.formulas import FLAVORS
from roi_xl.template.layout import EXAMPLES, SHEETS
from roi_xl.xlsx.addresses import Address

NAMES = [quantity.name for quantity in MODEL_INPUTS]
REALISTIC_CASE = dict(zip(NAMES, REALISTIC, strict=False))
EVERYTHING = {
    **REALISTIC_CASE,
    "traffic_share": 0.8,
    "monthly_hosting": 150,
    "baseline_success_rate": 0.95,
    "fine_tuned_success_rate": 0.97,
    "failure_cost": 0.004,
}
CASES = [{}, {"discount_rate": 0}, REALISTIC_CASE, EVERYTHING, {"months": 60}, {"fine_tuned_cost_per_request": 0.03}]
every_flavor = pytest.mark.parametrize("flavor", FLAVORS)


@pytest.fixture
def model(full_template):
    """The template in full depth, with its own inputs again."""
    full_template.calculate()
    return full_template


def reset(model, **changes):
    """Change inputs; what is left out is as in the file."""
    return model.calculate(changes)


def python_case(changes):
    """The inputs of the monthly model, by name."""
    base = {quantity.name: quantity.default for quantity in MODEL_INPUTS} | {"discount_rate": 0.1}
    return {**base, **{name: value for name, value in changes.items() if name in base}}


# the file


@every_flavor
def test_the_file_is_valid_and_has_every_value(full_templates, flavor):
    path = full_templates[flavor]
    findings = openxml_audit.OpenXmlValidator(max_errors=0).validate(str(path)).errors
    assert [finding for finding in findings if not any(alarm in str(finding) for alarm in FALSE_ALARMS)] == []
    book, stored = load_workbook(path), values(path)
    examples = [] if flavor == "native" else [EXAMPLES]
    assert book.sheetnames == [*SHEETS["full"], *examples]
    formulas = [(s.title, c.coordinate) for s in book for row in s.iter_rows() for c in row if c.data_type == "f"]
    assert len(formulas) > 8_000
    assert all(stored[sheet, cell] is not None or '""' in book[sheet][cell].value for sheet, cell in formulas)
    errors = {place: stored[place] for place in formulas if str(stored[place]).startswith("#")}
    assert {sheet for sheet, _ in errors} <= {"Cases"}
    assert set(errors.values()) <= {"#N/A"}
    assert roi_xl.open_model(path).outputs["model_checks"] == "OK"


@pytest.mark.slow
def test_the_same_arguments_give_the_same_bytes(full_templates, tmp_path):
    roi_xl.build_template(tmp_path / "again.xlsx", depth="full")
    assert (tmp_path / "again.xlsx").read_bytes() == full_templates["native"].read_bytes()


def test_every_sheet_prints_and_shows_the_flag(full_templates):
    for sheet in load_workbook(full_templates["native"]):
        assert sheet.sheet_state == "visible"
        assert sheet["B4"].value == '="Model checks: "&model_checks'
        assert not sheet.sheet_view.showGridLines
        assert sheet.print_area
        assert {cell.font.name for row in sheet.iter_rows() for cell in row} <= {"Arial"}


def test_no_volatile_function(full_templates):
    text = b"".join(data for name, data in parts(full_templates["native"]).items() if "worksheets" in name)
    assert not re.search(rb"\b(NOW|TODAY|RAND|RANDBETWEEN|OFFSET|INDIRECT)\(", text)


def test_charts_keep_their_values(full_templates):
    charts = {name: data for name, data in parts(full_templates["native"]).items() if "charts/chart" in name}
    assert len(charts) == 8
    for data in charts.values():
        references = len(re.findall(rb"<(?:\w+:)?(?:num|str)Ref>", data))
        assert references == len(re.findall(rb"<(?:\w+:)?(?:num|str)Cache>", data)) > 0


def test_depth_and_scipy(tmp_path):
    with pytest.raises(RoiError, match="depth must be quick or full, got 'deep'"):
        roi_xl.build_template(tmp_path / "x.xlsx", depth="deep")


# the numbers


@pytest.mark.parametrize("changes", CASES, ids=str)
def test_python_and_the_workbook_agree(model, changes):
    outputs = reset(model, **changes)
    assert outputs["model_checks"] == "OK"
    case = python_case(changes)
    for formula in layout.LEDGER_RESULTS:
        name = formula.__name__
        expected = formula(Program(**case)) if name == "ledger_benefit" else formula(**case)
        got = outputs[gives(formula).name]
        if isinstance(expected, float) and math.isnan(expected) and gives(formula).may_have_no_solution:
            assert str(got) == "#NUM!"
        elif name in ("irr", "mirr") and math.isfinite(expected):
            assert got == pytest.approx(expected, rel=1e-7)
        else:
            agree(got, expected)


@pytest.fixture(scope="module")
def flavors(full_templates):
    """The workbook in every flavor, opened."""
    return {flavor: roi_xl.open_model(path) for flavor, path in full_templates.items()}


@pytest.mark.slow
@pytest.mark.parametrize("changes", [CASES[0], EVERYTHING], ids=["reference", "everything"])
def test_the_flavors_agree_cell_by_cell(flavors, full_templates, changes):
    for model in flavors.values():
        model.calculate(changes)
    book, differ = load_workbook(full_templates["native"]), 0
    for sheet in book:
        for cell in (cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f"):
            place = Address(sheet.title, cell.row, cell.column)
            mine, *others = (model.value(place) for model in flavors.values())
            differ += 1
            for other in others:
                if isinstance(mine, float):
                    assert other == pytest.approx(mine, rel=1e-9, abs=1e-9), place
                else:
                    assert other == mine, place
    assert differ > 8_000


def test_options_are_those_of_compare(model):
    reset(model, **EVERYTHING)
    case = python_case(EVERYTHING)
    main_row = ("Fine-tune (this case)", 2_500, 250, 0.012, 0.8, 0.97, 1_000)
    ways = [main_row, *((name, *numbers) for name, numbers in options.EXAMPLES)]
    shared = {name: case[name] for name in SHARED}
    rows = roi_xl.compare(ways, **shared)
    for place, (_, benefit, ratio, back, npv, rank, beaten) in enumerate(rows):
        row = layout.FIRST_ROW + place
        columns = range(layout.OP_BENEFIT, layout.OP_DOMINATED + 1)
        got = [model.value(Address("Options", row, column)) for column in columns]
        expected = [
            benefit,
            ratio,
            back if back < math.inf else f"> {case['months']}",
            npv,
            rank,
            "No" if beaten == "–" else "Yes",
        ]
        assert got == [value if isinstance(value, str) else pytest.approx(value) for value in expected]


SHARED = (
    "baseline_cost_per_request",
    "monthly_requests",
    "months",
    "discount_rate",
    "request_growth",
    "ramp_months",
    "baseline_price_change",
    "fine_tuned_price_change",
    "retraining_interval",
    "baseline_success_rate",
    "failure_cost",
)


def test_the_tornado_is_that_of_the_function(model):
    reset(model, **REALISTIC_CASE)

    def column(number):
        return [model.value(Address("Sensitivity", row, number)) for row in layout.SE_ROWS.values()]

    rows = roi_xl.tornado(column(layout.SE_BASE), column(layout.SE_LOW), column(layout.SE_HIGH))
    npv = model.outputs[NPV.name]
    for place, (label, low, high, swing) in enumerate(rows[:6]):
        row = layout.TORNADO_ROW + 1 + place
        columns = (layout.SE_LABEL, layout.SE_BASE, layout.SE_BASE + 1)
        shown = [model.value(Address("Sensitivity", row, number)) for number in columns]
        assert shown[0].startswith(f"{label}: ")
        assert shown[1:] == [pytest.approx(low - npv, abs=1e-6), pytest.approx(high - npv, abs=1e-6)]
        assert swing > 0


def test_switching_values_are_those_of_the_function(model):
    reset(model, **REALISTIC_CASE)
    expected = {label: turns for label, _, turns in roi_xl.switching_values(REALISTIC)}
    found = 0
    for quantity, row in layout.SE_ROWS.items():
        got = model.value(Address("Sensitivity", row, layout.SE_SWITCHING))
        if isinstance(got, float):
            assert got == pytest.approx(expected[quantity.label], rel=1e-6), quantity
            found += 1
        elif got == "none":
            assert expected[quantity.label] == math.inf
    assert found == 8


def test_the_table_of_two_inputs_is_the_net_benefit(model):
    reset(model, **EVERYTHING)
    case = python_case(EVERYTHING)
    for down, volume in enumerate(layout.TABLE_STEPS):
        for across, share in enumerate(layout.TABLE_STEPS):
            place = Address("Sensitivity", sensitivity.BENEFIT_ROW + 3 + down, sensitivity.TABLE_LEFT + across)
            saving = share * (case["baseline_cost_per_request"] - case["fine_tuned_cost_per_request"])
            other = {
                **case,
                "monthly_requests": volume * case["monthly_requests"],
                "fine_tuned_cost_per_request": case["baseline_cost_per_request"] - saving,
                "discount_rate": 0,
            }
            assert model.value(place) == pytest.approx(roi_xl.npv(**other), abs=1e-6)
            even = Address("Sensitivity", sensitivity.EVEN_ROW + 3 + down, sensitivity.TABLE_LEFT + across)
            monthly = case["monthly_maintenance"] + case["monthly_hosting"]
            net = saving * other["monthly_requests"] - monthly
            assert model.value(even) == (pytest.approx(case["training_cost"] / net) if net > 0 else "Never")


@pytest.mark.slow
def test_a_scenario_drives_the_model_and_all_are_summed_up(model):
    base = {}
    for scenario in layout.SCENARIO_NAMES:
        outputs = reset(model, scenario=scenario)
        assert outputs["model_checks"] == "OK"
        base[scenario] = outputs[NPV.name]
    reset(model)
    row = layout.SC_SUMMARY_ROW + 1 + [gives(f) for f in layout.CASE_RESULTS].index(NPV)
    side_by_side = {
        name: model.value(Address("Scenarios", row, layout.SC_VALUES + place))
        for place, name in enumerate(layout.SCENARIO_NAMES)
    }
    assert side_by_side == {name: pytest.approx(value) for name, value in base.items()}
    assert base["Pessimistic"] < base["Base"] == base["Custom"] < base["Optimistic"]


def test_what_rounding_leaves_of_large_amounts_is_no_difference(model):
    for changes in ({"monthly_requests": 1e13, "training_cost": 1e12}, {"monthly_requests": 1e15, "months": 60}):
        assert reset(model, **changes)["model_checks"] == "OK"


def test_every_further_check_can_fail(model):
    reset(model)
    last = model.find("model_checks").row - 2
    wanted = [label for label, *_ in full_checks.full_checks()]
    rows = range(last - len(wanted) + 1, last + 1)
    assert [model.value(Address("Checks", row, layout.CH_LABEL)) for row in rows] == wanted
    passed = [row for row in rows if not mutations.is_seen(model, Address("Checks", row, layout.CH_LEFT), 12_345)]
    assert passed == []


def test_a_number_that_is_typed_over_shows(model):
    """A sample of every sheet; `tests/mutations.py` takes them all."""
    reset(model)
    by_sheet = {}
    for cell in mutations.numeric_formulas(model):
        by_sheet.setdefault(cell.sheet, []).append(cell)
    assert sum(map(len, by_sheet.values())) > 8_500
    sample = [cell for cells in by_sheet.values() for cell in cells[:: 1 + len(cells) // 6]]
    assert len(sample) > 45
    sample += [cell for cell in by_sheet["Cases"] if cell.row == layout.CASE_BELOW_ROW]
    assert mutations.unseen(model, sample) == []


# LibreOffice


@pytest.mark.slow
def test_libreoffice_calculates_the_same_numbers(soffice, tmp_path):
    path = tmp_path / "case.xlsx"
    roi_xl.build_template(path, REALISTIC_CASE, depth="full")
    ours, theirs = values(path), values(libreoffice.convert(path, "xlsx", tmp_path, recalculate=True))
    assert len(ours) > 9_000
    for place, value in ours.items():
        if isinstance(value, int | float) and not isinstance(value, bool):
            assert theirs[place] == pytest.approx(value, rel=1e-9, abs=1e-6), place
        else:
            assert (theirs.get(place) or None) == (value or None), place


def test_inputs_and_program_are_all_there(model):
    assert set(NAMES) <= set(model.inputs)
    assert {f"{name}_used" for name in NAMES} <= set(model.outputs)
    assert len(INPUTS) + len(PROGRAM) == len(MODEL_INPUTS) == 21


@pytest.mark.parametrize(
    ("changes", "bars"),
    [
        ({}, 8),
        ({"monthly_requests": 0}, 2),  # training and maintenance alone
        ({"monthly_requests": 0, "monthly_maintenance": 0}, 1),
        ({"monthly_requests": 0, "monthly_maintenance": 0, "training_cost": 0}, 1),
        ({"traffic_share": 0, "monthly_maintenance": 0}, 1),  # training alone: a share of nothing stays nothing
    ],
)
def test_the_tornado_has_no_slot_without_a_bar(changes, bars):
    case = {**python_case({}), **changes}
    assert sensitivity.bars_at_first(case, {}) == bars


def test_the_tornado_of_a_workbook_shows_its_bars(tmp_path):
    values = {**input_values({"monthly_requests": 0}), "discount_rate": 0.1}
    sheet = filled_book(values, "USD", "native", "full", Outside({}))[layout.SENSITIVITY]
    (chart,) = sheet._charts
    shown = f"'{layout.SENSITIVITY}'!${{}}${layout.TORNADO_ROW + 1}:${{}}${layout.TORNADO_ROW + 2}"
    assert {series.val.numRef.f.replace("'", "") for series in chart.series} == {
        shown.format(column, column).replace("'", "") for column in "DE"
    }


def test_page_one_asks_for_the_source_of_an_assumed_rate(model, templates):
    alert = Address("Summary", summary.BLANKS_ROW, summary.LABEL)
    source = Address("Inputs", layout.INPUT_ROWS[DISCOUNT_RATE], layout.IN_SOURCE)
    assert model.value(alert) == told.UNSOURCED
    reset(model, **{str(source): "Treasury, weighted average cost of capital, 2027"})
    assert not model.value(alert)
    reset(model, **{str(source): inputs.ASSUMED, "request_growth": None})
    assert model.value(alert) == f"Blank, so the default is used: Request growth: 0. {told.UNSOURCED}"
    quick = roi_xl.open_model(templates["native"])
    assert not quick.value(alert)
