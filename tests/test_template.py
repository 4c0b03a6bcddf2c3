"""The workbook we give away."""

import math
import re
import subprocess
import xml.etree.ElementTree as ElementTree

import openxml_audit
import pytest
from openpyxl import load_workbook
from recalc_helpers import parts, values

import roi_xl
from roi_xl.describe import gives
from roi_xl.engines import libreoffice
from roi_xl.errors import EXCEL_ERRORS, NotANumber, OutOfBounds, RoiError, UnknownName
from roi_xl.functions import outcome
from roi_xl.quantities import INPUTS, QUANTITIES, reference_case
from roi_xl.template import layout
from roi_xl.template.formulas import FLAVORS
from roi_xl.template.inputs import default_inputs
from roi_xl.template.layout import BLOCKS, SHEETS

FALSE_ALARMS = (
    "Unexpected element 'color' found",
    "Unexpected element 'b' found",
    "Unexpected element 'i' found",
    "inline-string cell(s)",
)
"""The order in which openpyxl writes a font's parts, which the format leaves free, and text in its cells."""

CASES = [
    {},
    {"monthly_requests": 50_000, "months": 24},
    {"training_cost": 25_000},
    {"training_cost": 8_400},
    {"fine_tuned_cost_per_request": 0.03},
    {"monthly_maintenance": 800},
    {"training_cost": 0, "monthly_maintenance": 0},
    {"monthly_requests": 0},
    {"months": 60, "monthly_requests": 48_000_000, "training_cost": 1_250_000},
    {"months": 1},
]
flavors = pytest.mark.parametrize("flavor", FLAVORS)


@flavors
def test_the_reference_case_is_already_in_it(templates, flavor):
    stored = values(templates[flavor])
    report = roi_xl.report(**reference_case())
    outputs = {stored["Outputs", f"B{row}"]: stored["Outputs", f"C{row}"] for row in range(7, 22)}
    assert outputs == {label: pytest.approx(value) if not isinstance(value, str) else value for label, value in report}
    assert stored["Summary", "B6"] == outcome.POSITIVE
    tiles = {stored["Summary", f"{column}10"]: stored["Summary", f"{column}11"] for column in "BCDF"}
    assert tiles == {
        "Net present value (USD)": 5_900,
        "Payback (months)": pytest.approx(2_500 / 700),
        "Peak funding (USD)": 2_500,
        "ROI on incremental investment": pytest.approx(5_900 / 3_700),
    }
    assert roi_xl.open_model(templates[flavor]).outputs["model_checks"] == "OK"


@flavors
def test_every_formula_has_its_value(templates, flavor):
    stored, book = values(templates[flavor]), load_workbook(templates[flavor])
    formulas = [
        (sheet.title, cell.coordinate)
        for sheet in book
        for row in sheet.iter_rows()
        for cell in row
        if cell.data_type == "f"
    ]
    assert len(formulas) > 1_300
    empty = [book[sheet][cell].value for sheet, cell in formulas if stored[sheet, cell] is None]
    assert all('""' in formula for formula in empty)
    assert not [place for place in formulas if str(stored[place]).startswith("#")]


@pytest.fixture(scope="module")
def models(templates):
    """The template in every flavor, opened."""
    return {flavor: roi_xl.open_model(path) for flavor, path in templates.items()}


@pytest.mark.parametrize("changes", CASES, ids=str)
def test_python_workbook_and_functions_agree(models, changes):
    books = {flavor: model.calculate(changes) for flavor, model in models.items()}
    assert books["native"]["model_checks"] == "OK"
    assert list(books["native"]) == list(books["functions"])
    inputs = {**reference_case(), **changes}
    report = dict(roi_xl.report(**inputs))
    for formula in outcome.RESULTS:
        expected = report[gives(formula).label]
        for book in books.values():
            agree(book[gives(formula).name], expected)


def agree(got, expected):
    if isinstance(expected, str):
        assert got == expected
    elif math.isinf(expected):
        assert str(got) == "#N/A"
    elif math.isnan(expected):
        assert str(got) == "#DIV/0!"
    else:
        assert got == pytest.approx(expected, rel=1e-12, abs=1e-9)


@flavors
def test_the_same_arguments_give_the_same_bytes(templates, tmp_path, flavor):
    again = tmp_path / "again.xlsx"
    roi_xl.build_template(again, formulas=flavor)
    assert again.read_bytes() == templates[flavor].read_bytes()


@flavors
def test_the_file_is_valid(templates, flavor):
    findings = openxml_audit.OpenXmlValidator(max_errors=0).validate(str(templates[flavor])).errors
    assert [finding for finding in findings if not any(alarm in str(finding) for alarm in FALSE_ALARMS)] == []


@pytest.mark.parametrize("block", BLOCKS, ids=[block.feeds.name for block in BLOCKS])
def test_the_builder_comes_to_the_reference_case_and_can_be_switched_on(templates, block):
    model = roi_xl.open_model(templates["native"])
    switch = f"Inputs!E{7 + INPUTS.index(block.feeds)}"
    used = f"{block.feeds.name}_used"
    assert model.calculate({switch: "Built up"})[used] == pytest.approx(block.feeds.default)
    first = next(name for name, _, _ in block.items())
    built = model.calculate({switch: "Built up", first: 0, block.feeds.name: 77})[used]
    assert built != pytest.approx(block.feeds.default)
    assert built != 77
    assert model.calculate({block.feeds.name: 77})[used] == 77


def test_refused_inputs(tmp_path):
    target = tmp_path / "out.xlsx"
    for arguments, error, message in [
        (({"monthly_request": 5},), UnknownName, "is not an input of the template; did you mean"),
        (({"monthly_requests": "many"},), NotANumber, "monthly_requests must be a number, got 'many'"),
        (({"monthly_requests": -1},), OutOfBounds, "at least 0"),
        (({"months": 61},), OutOfBounds, "months must be a whole number from 1 to 60 in the workbook, got 61"),
        (({"days": 32},), OutOfBounds, "days must be at least 0 and at most 31 days/month, got 32"),
    ]:
        with pytest.raises(error, match=re.escape(message)):
            roi_xl.build_template(target, *arguments)
    with pytest.raises(RoiError, match="currency must be a code"):
        roi_xl.build_template(target, currency='="x"')
    with pytest.raises(RoiError, match="formulas must be native or functions"):
        roi_xl.build_template(target, formulas="magic")
    assert not target.exists()


def test_another_currency(tmp_path):
    roi_xl.build_template(tmp_path / "eur.xlsx", currency="EUR")
    texts = [str(value) for value in values(tmp_path / "eur.xlsx").values()]
    assert any("EUR / month" in text for text in texts)
    assert not any("USD" in text for text in texts)


def test_habits_of_a_good_model(templates):
    book = load_workbook(templates["native"])
    assert book.sheetnames == list(SHEETS["quick"])
    names = set(book.defined_names)
    assert names >= set(default_inputs()) | {gives(formula).name for formula in outcome.RESULTS}
    for sheet in book:
        assert sheet.sheet_state == "visible"
        assert sheet["B4"].value == '="Model checks: "&model_checks'
        assert sheet.page_setup.fitToWidth == 1
        assert not sheet.sheet_view.showGridLines
        assert sheet.column_dimensions["A"].width == 2
        fonts = {cell.font.name for row in sheet.iter_rows() for cell in row}
        assert fonts <= {"Arial"}
    volatile = re.compile(r"\b(NOW|TODAY|RAND|OFFSET|INDIRECT)\(")
    for sheet in book:
        for row in sheet.iter_rows():
            assert not any(volatile.search(str(cell.value)) for cell in row if cell.data_type == "f")


def test_one_formula_per_column_of_the_cash_flow(templates):
    sheet = load_workbook(templates["native"])["Cash flow"]
    for column in sheet.iter_cols(min_row=8, max_row=67, min_col=2, max_col=21):
        shapes = {re.sub(r"(?<=[A-Z])\d+", lambda m, c=cell: f"[{int(m[0]) - c.row}]", cell.value) for cell in column}
        assert len(shapes) == 1, shapes


def test_inputs_are_validated(templates):
    sheet = load_workbook(templates["native"])["Inputs"]
    validated = {str(cells): v for v in sheet.data_validations.dataValidation for cells in v.sqref.ranges}
    for name, place in load_workbook(templates["native"]).defined_names.items():
        if name in default_inputs():
            rule = validated[place.attr_text.partition("!")[2].replace("$", "")]
            assert rule.prompt
            assert rule.error
            assert max(len(rule.prompt), len(rule.error)) <= 255


def test_charts_keep_their_values_for_previewers(templates):
    chart = parts(templates["native"])["xl/charts/chart2.xml"]
    caches = [e for e in ElementTree.fromstring(chart).iter() if e.tag.endswith("numCache")]
    counts = [[c.get("val") for c in cache if c.tag.endswith("ptCount")] for cache in caches]
    assert counts == [["61"], ["61"]] * 2 + [["1"], ["1"]]
    last = [[p[0].text for p in cache if p.tag.endswith("}pt")][-1] for cache in caches]
    assert [float(value) for value in last] == [
        12,
        24_000,
        12,
        18_100,
        pytest.approx(3.5714286),
        pytest.approx(7142.857143),
    ]


@pytest.mark.parametrize("flavor", [flavor for flavor in FLAVORS if flavor != "lambda"])  # Calc has no LAMBDA
def test_libreoffice_prints_the_same_numbers(soffice, templates, tmp_path, flavor):
    pdf = libreoffice.convert(templates[flavor], "pdf", tmp_path, recalculate=False)
    text = subprocess.run(["pdftotext", "-layout", pdf, "-"], capture_output=True, text=True, check=True).stdout
    for shown in (
        "159.46%",
        "5,900.00",
        "3.57",
        "312,500",
        "357,143",
        "18,100.00",
        "Model checks: OK",
        outcome.POSITIVE,
    ):
        assert shown in text
    assert "###" not in text
    assert "Err:" not in text
    printed = values(templates[flavor]).items()
    shown = [str(value) for (sheet, cell), value in printed if (sheet, cell) != ("Cash flow", "B69")]
    for error in EXCEL_ERRORS:
        assert text.count(error) == sum(error in value for value in shown)


@pytest.mark.parametrize("changes", [CASES[0], CASES[1], CASES[2]], ids=str)
def test_libreoffice_calculates_the_same_numbers(soffice, tmp_path, changes):
    path = tmp_path / "case.xlsx"
    roi_xl.build_template(path, changes)
    ours, theirs = values(path), values(libreoffice.convert(path, "xlsx", tmp_path, recalculate=True))
    for place, value in ours.items():
        if isinstance(value, int | float) and not isinstance(value, bool):
            assert theirs[place] == pytest.approx(value, rel=1e-12, abs=1e-9), place
        else:
            assert (theirs.get(place) or None) == (value or None), place


BLANKS = [
    ("Baseline success rate", "C24", "OK", 5_900.0),
    ("Discount rate", "C15", "OK", 5_900.0),
    ("Fine-tuned cost per request", "C10", "REVIEW", "#NUM!"),
    ("Monthly requests", "C11", "REVIEW", "#NUM!"),
]


@pytest.mark.parametrize(("label", "cell", "flag", "worth"), BLANKS)
def test_a_blank_input_is_its_default_or_must_be_looked_at(templates, tmp_path, label, cell, flag, worth):
    """The workbook stores no values once openpyxl wrote it; `calculate` gives each two witnesses."""
    book = load_workbook(templates["native"])
    assert book["Inputs"][f"B{cell[1:]}"].value.startswith(label)
    book["Inputs"][cell] = None
    book.save(tmp_path / "blank.xlsx")
    model = roi_xl.open_model(tmp_path / "blank.xlsx")
    outputs = model.calculate()
    assert outputs["model_checks"] == flag
    assert str(outputs["net_present_value"]) == str(worth)
    said = model.value(model.find("Summary!B6"))
    assert said == outcome.POSITIVE if flag == "OK" else said.startswith("REVIEW")


def test_page_one_names_the_blank_options_with_the_default_in_use(templates, tmp_path):
    book = load_workbook(templates["native"])
    for cell in ("C15", "C18"):
        book["Inputs"][cell] = None
    book.save(tmp_path / "blank.xlsx")
    model = roi_xl.open_model(tmp_path / "blank.xlsx")
    model.calculate()
    said = model.value(model.find("Summary!B9"))
    assert said == "Blank, so the default is used: Discount rate: 0. Share of traffic moved: 100.00%. "
    assert model.value(model.find("Inputs!E18")) == "Share of traffic moved: 100.00%. "
    model = roi_xl.open_model(templates["native"])
    assert (model.value(model.find("Summary!B9")) or "", model.value(model.find("Inputs!E18")) or "") == ("", "")
    model.calculate({f"Inputs!C{row}": None for row in range(15, 19)})
    assert model.value(model.find("Summary!B9")) == "4 blank options use their defaults, in red on Inputs. "


def test_a_value_that_was_given_is_no_example(tmp_path):
    roi_xl.build_template(tmp_path / "own.xlsx", {"months": 24, "traffic_share": 0.5})
    model = roi_xl.open_model(tmp_path / "own.xlsx")
    told = model.value(model.find("Summary!B8"))
    assert told.endswith("5 of 21 inputs are still examples; 2 more without a source.")
    assert model.value(model.find("Inputs!H12")) == "Your value: name its source"
    model.calculate({**{f"Inputs!H{row}": "Invoice" for row in range(7, 11)}, "Inputs!H12": "Plan"})
    told = model.value(model.find("Summary!B8"))
    assert told.endswith("1 of 21 inputs are still examples; 1 more without a source.")


def test_the_decision_is_that_of_the_cash_flow(templates):
    model = roi_xl.open_model(templates["native"])
    model.calculate(traffic_share=0.3, fine_tuned_success_rate=0.97, failure_cost=0.1, months=24, discount_rate=0.1)
    assert model.value(model.find("Summary!B6")) == (
        "Not worth doing: net present value -1,411.77; the costs are not recovered within the horizon."
    )
    assert model.value(model.find("Summary!C11")) == "> 24"


def test_a_built_up_value_that_differs_from_the_own_value_in_use_is_marked(templates, tmp_path):
    book = load_workbook(templates["native"])
    sheet = book["Inputs"]
    rules = {str(cells.sqref): rule.formula[0] for cells in sheet.conditional_formatting for rule in cells.rules}
    cell = f"F{layout.INPUT_ROWS[QUANTITIES['baseline_cost_per_request']]}"
    sheet["Z1"] = "=" + rules[cell]
    book.save(tmp_path / "marked.xlsx")
    model = roi_xl.open_model(tmp_path / "marked.xlsx")
    marks, twice = [], {"baseline_input_tokens": 8_000}
    for changes in ({}, twice, {**twice, f"Inputs!E{cell[1:]}": "Built up"}):
        model.calculate(changes)
        marks.append(model.value(model.find("Inputs!Z1")))
    assert marks == [False, True, False]


def test_the_tolerance_of_the_checks_decides_nothing(templates):
    model = roi_xl.open_model(templates["native"])
    before = model.calculate()
    after = model.calculate(tolerance=10_000)
    decided = {"verdict", "decision", "payback", "discounted_payback", "what_turns_it", "peak_funding"}
    assert {name for name in before if before[name] != after[name]} & decided == set()
    assert after["verdict"].startswith("Positive projected ROI")
    assert after["payback"] == pytest.approx(3.5714285714)
