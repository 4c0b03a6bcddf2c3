"""What a person sees of the template: pictures, numbers that fit, and paper."""

import posixpath
import re
import subprocess
import xml.etree.ElementTree as ElementTree
from collections import Counter

import pytest
from openpyxl import load_workbook
from recalc_helpers import parts

import roi_xl
from roi_xl.cli import main
from roi_xl.engines import libreoffice
from roi_xl.errors import RoiError
from roi_xl.excel.number_format import shown
from roi_xl.functions.returns import COSTS
from roi_xl.quantities import CURRENCY_PER_REQUEST, NPV, TRAINING_COST
from roi_xl.template import bridge, change_log, layout, summary
from roi_xl.template.own import differing
from roi_xl.xlsx.addresses import Address

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def model(templates):
    return roi_xl.open_model(templates["native"])


@pytest.fixture(scope="module")
def full(full_templates):
    return roi_xl.open_model(full_templates["native"])


BRIDGES = (
    ({}, (24_000, -9_600, 0, 0, 1_200, 0, 2_500, 18_100)),
    (
        {"fine_tuned_success_rate": 0.9, "failure_cost": 0.1, "retraining_cost": 300, "retraining_interval": 4}
        | {"monthly_hosting": 50, "traffic_share": 0.5},
        (12_000, -4_800, 0, 6_000, 1_800, 600, 2_500, 18_100),
    ),
    ({"baseline_success_rate": 0.5, "failure_cost": 0.1}, (24_000, -9_600, 0, -60_000, 1_200, 0, 2_500, -41_900)),
    (
        {"months": 24, "retraining_cost": 900, "fine_tuned_life": 14, "baseline_life": 20, "migration_cost": 1_500},
        (49_500, -19_200, -1_500, 0, 2_400, 900, 2_500, 34_600),
    ),
)
"""Inputs, and the steps from the baseline cost to the fine-tuned cost, worked out by hand; the last ends below 0."""


@pytest.mark.parametrize(("changes", "steps"), BRIDGES)
def test_the_savings_bridge_adds_up(model, changes, steps):
    assert model.calculate(changes)["model_checks"] == "OK"

    def column(place):
        return [model.value(Address("Outputs", row, place)) for row in range(bridge.FIRST_ROW, bridge.END_ROW + 1)]

    assert column(layout.OUT_VALUE) == [pytest.approx(amount) for amount in steps]
    assert sum(steps[:-1]) == steps[-1]
    drawn = zip(*(column(place) for place in range(bridge.HIDDEN, bridge.DIFFERS)), strict=True)
    for amount, start, (hidden, *bars) in zip(steps, column(bridge.START), drawn, strict=True):
        above, below = (sum(part for part in (hidden, *bars) if part * side > 0) for side in (1, -1))
        assert above == pytest.approx(max(0, start, start + amount))
        assert below == pytest.approx(min(0, start, start + amount))
        assert sum(map(abs, bars)) == pytest.approx(abs(amount))


@pytest.mark.parametrize(
    ("requests", "label"), [(1e5, "24,000"), (1e8, "24.0 M"), (1e11, "24.0 bn"), (1e13, "2,400 bn")]
)
def test_labels_of_the_bridge_are_short(model, requests, label):
    model.calculate({"monthly_requests": requests})
    assert model.value(Address("Outputs", bridge.FIRST_ROW, bridge.NAME)) == f"Baseline cost\n{label}"


def test_the_bridge_leaves_out_no_cost():
    taken = [name for step in bridge.STEPS for name in step.adds]
    assert sorted(taken) == sorted({"avoided_cost", "migration", "fine_tuned_spend", "quality_adjustment", *COSTS})


# the tornado


def bars_of(model):
    rows = range(layout.TORNADO_ROW + 1, layout.TORNADO_ROW + 1 + layout.TORNADO_BARS)
    return [model.value(Address("Sensitivity", row, layout.SE_LABEL)) for row in rows]


def test_the_tornado_says_from_where_to_where(full):
    full.calculate()
    assert bars_of(full)[:3] == [
        "Monthly requests: 70,000 to 130,000",
        "Baseline cost per request: 0.0170 to 0.0210",
        "Fine-tuned cost per request: 0.0108 to 0.0144",
    ]
    assert "Share of traffic moved: 80.0% to 100.0%" in bars_of(full)


def test_a_bar_that_is_not_there_has_no_name(full):
    changes = [layout.local(row, column) for row in layout.SE_ROWS.values() for column in (5, 6)]
    full.calculate({f"Sensitivity!{cell}": 0.0 for cell in changes[2:]})
    assert bars_of(full) == ["Training cost: 2,000 to 3,500", *[""] * (layout.TORNADO_BARS - 1)]
    full.calculate()


# charts as Excel writes them


@pytest.mark.parametrize("depth", ["quick", "full"])
def test_charts_are_named_as_excel_names_them(templates, full_templates, depth):
    """ExcelJS fails on other prefixes and on absolute targets; Gnumeric leaves such charts out."""
    package = parts({"quick": templates, "full": full_templates}[depth]["native"])
    roots = {"xl/charts/chart": "<c:chartSpace ", "xl/drawings/drawing": "<xdr:wsDr "}
    found = {name: data.decode() for name, data in package.items() if name.startswith(tuple(roots))}
    assert len(found) == {"quick": 3, "full": 13}[depth]
    for name, text in found.items():
        assert text.startswith(next(root for start, root in roots.items() if name.startswith(start)))
        assert not re.search(r"</?\w+[\s/>]", text), "an element without a prefix"
        ElementTree.fromstring(text)
    targets = 0
    for name, data in package.items():
        for target in re.findall(rb'Target="([^"]+)"', data) if name.endswith(".rels") else ():
            folder = posixpath.dirname(posixpath.dirname(name))
            assert posixpath.normpath(posixpath.join(folder, target.decode())) in package
            targets += 1
    assert targets > 10


def test_every_chart_has_a_text_for_those_who_do_not_see_it(full_templates):
    package = parts(full_templates["native"])
    drawings = b"".join(data for name, data in package.items() if name.startswith("xl/drawings/drawing")).decode()
    said = re.findall(r'<xdr:cNvPr [^>]*descr="([^"]+)"/>', drawings)
    assert len(said) == drawings.count("<xdr:cNvPr ") == 8
    assert said[0] == "Column chart: Savings bridge (USD): from the baseline cost to the fine-tuned cost."
    assert said[1].startswith("Line chart: Cumulative cost (USD)")
    assert said[-1].endswith("Series: P10, P25, P50, P75, P90.")
    assert any(text.startswith("Bar chart: Change of the net present value") for text in said)


def test_gnumeric_keeps_the_charts(ssconvert, templates, tmp_path):
    target = tmp_path / "theirs.xlsx"
    subprocess.run([ssconvert, templates["native"], target], check=True, capture_output=True, timeout=60)
    assert sum("charts/chart" in name for name in parts(target)) == 2


# amounts


LARGE = {"training_cost": 1e12, "monthly_requests": 1e9, "baseline_cost_per_request": 26.6, "monthly_maintenance": 5e11}


@pytest.mark.parametrize("scale", ["units", "thousands"])
def test_no_number_is_too_wide_for_its_cell(soffice, tmp_path, scale):
    """LibreOffice prints ### where a number does not fit."""
    path = tmp_path / "large.xlsx"
    roi_xl.build_template(path, {**LARGE, "fine_tuned_cost_per_request": 0.000447}, currency="KRW", scale=scale)
    assert differing(path) == []
    pdf = libreoffice.convert(path, "pdf", tmp_path, recalculate=False)
    text = subprocess.run(["pdftotext", "-layout", pdf, "-"], capture_output=True, text=True, check=True).stdout
    assert "##" not in text
    assert "0.000447" in text
    whole = {"units": "1,000,000,000,000", "thousands": "1,000,000,000.0"}[scale]
    assert whole in text


def formats_and_units(path, sheet, label, *places):
    cells = next(row for row in load_workbook(path)[sheet].iter_rows() if row[1].value == label)
    return [(cells[place].number_format, cells[place + 1].value) for place in places]


def test_results_are_shown_in_thousands_and_inputs_are_not(tmp_path):
    path = tmp_path / "thousands.xlsx"
    given = {"training_cost": 1_234_567, "fine_tuned_life": 6, "retraining_cost": 100}
    roi_xl.build_template(path, given, currency="EUR", scale="thousands")
    [(npv, unit)] = formats_and_units(path, "Outputs", "Net present value", 2)
    assert (shown(-1_228_667.0, npv).strip(), unit) == ("(1,228.7)", "EUR thousand")
    [(price, unit)] = formats_and_units(path, "Outputs", "Break-even price", 2)
    assert (shown(0.012, price).strip(), unit) == ("0.0120", "EUR / request")
    [(typed, unit)] = formats_and_units(path, "Inputs", "Training cost", 2)
    assert (shown(1_234_567.0, typed).strip(), unit) == ("1,234,567.00", "EUR")
    model = roi_xl.open_model(path)
    assert model.outputs[NPV.name] == pytest.approx(5_900 + 2_500 - 1_234_567 - 100)
    assert model.value(model.find("Summary!B8")).startswith("Peak funding EUR 1,234.6 thousand in month 0. ")
    assert model.outputs["events_told"] == "Model retrained in month 6: 0.1 thousand. "
    told = model.value(Address("Outputs", layout.TURNING_ROWS[TRAINING_COST], layout.OUT_MEANING))
    assert told == "the training cost is about 8.3 thousand or less (now 1,234.6 thousand, -99.3%)"


@pytest.mark.parametrize(("currency", "cents"), [("KRW", ""), ("USD", ".00")])
def test_a_currency_has_cents_or_not(tmp_path, currency, cents):
    path = tmp_path / "case.xlsx"
    roi_xl.build_template(path, {"discount_rate": 0.1}, currency=currency)
    said = "Worth doing: net present value 5,480.34; pays" if cents else "Worth doing: net present value 5,480; pays"
    assert roi_xl.open_model(path).outputs["decision"].startswith(said)
    for sheet, label in (("Inputs", "Training cost"), ("Outputs", "Net benefit"), ("Outputs", "Baseline cost")):
        [(number_format, _)] = formats_and_units(path, sheet, label, 2)
        assert shown(-2_500.0, number_format) == f"(2,500{cents})"
    [(months, _)] = formats_and_units(path, "Outputs", "Break-even", 2)
    assert shown(3.57, months).strip() == "3.57"


@pytest.mark.parametrize(
    ("price", "text"),
    [(0.02, "0.0200"), (0.000447, "0.000447"), (26.6, "26.6000"), (1 / 60, "0.01666667"), (0, "0.0000")],
)
def test_a_cost_per_request_has_the_digits_it_needs(price, text):
    assert CURRENCY_PER_REQUEST.shown(price) == text
    assert shown(float(price), CURRENCY_PER_REQUEST.number_format).strip() == text


def test_another_scale_is_refused(tmp_path):
    with pytest.raises(RoiError, match="scale must be units, thousands, millions, got 'dozens'"):
        roi_xl.build_template(tmp_path / "x.xlsx", scale="dozens")


# whose document it is, and where everything is


@pytest.mark.parametrize("depth", ["quick", "full"])
def test_the_contents_lead_to_every_sheet_and_every_sheet_to_them(templates, full_templates, depth):
    book = load_workbook({"quick": templates, "full": full_templates}[depth]["functions"])
    targets = {cell.hyperlink.location for row in book["Guide"].iter_rows() for cell in row if cell.hyperlink}
    assert targets == {str(Address(name, 1, 1)) for name in book.sheetnames}
    for sheet in book:
        assert sheet["B1"].hyperlink.location == "Guide!A1"
        assert sheet.oddFooter.left.text == "&F: &A"
        assert sheet.oddFooter.center.text == f"roi-xl {roi_xl.__version__}"


def test_page_one_says_whose_document_it_is(model):
    def said(**changes):
        cells = {f"'Change log'!C{change_log.ROWS[label]}": value for label, value in changes.items()}
        model.calculate(cells)
        return model.value(Address("Summary", layout.FLAG_ROW, summary.CHART))

    assert said() == "Version 0.1, draft; no owner named"
    assert said(Owner="A. Lee", Version="1.2", **{"Sign-off": "Signed off"}) == "Version 1.2, signed off; owner: A. Lee"


@pytest.fixture(scope="module")
def protected(tmp_path_factory):
    path = tmp_path_factory.mktemp("protected") / "case.xlsx"
    assert main(["template", str(path), "--protect"]) == 0
    return path


def test_protection_leaves_the_inputs_open(protected):
    for sheet in load_workbook(protected):
        assert sheet.protection.sheet
        assert not sheet.protection.password
        for cell in (cell for row in sheet.iter_rows() for cell in row if cell.value is not None):
            is_input = cell.style in ("roi_input", "roi_input_text")
            assert cell.protection.locked is not is_input, cell
            assert not (is_input and cell.data_type == "f")


def test_commands_work_on_a_protected_workbook(protected, tmp_path, capsys):
    changed = tmp_path / "changed.xlsx"
    assert main(["recalc", str(protected), "--set", "training_cost=9000", "-o", str(changed)]) == 0
    assert main(["check", str(changed)]) == 0
    assert main(["check", "--template", str(changed)]) == 0
    assert roi_xl.open_model(changed).outputs[NPV.name] == pytest.approx(5_900 + 2_500 - 9_000)
    assert all(sheet.protection.sheet for sheet in load_workbook(changed))


def test_areas_for_print_are_no_inputs(full):
    assert "risk_draws" in full.inputs
    assert not [name for name in full.names if "print" in name.casefold()]


# paper


def pages(pdf):
    text = subprocess.run(["pdftotext", "-layout", pdf, "-"], capture_output=True, text=True, check=True).stdout
    return [re.search(r"case\.xlsx: (.+?)  ", page)[1] for page in text.split("\f")[:-1]]


def test_each_sheet_takes_the_pages_it_needs(soffice, full_templates, tmp_path):
    path = tmp_path / "case.xlsx"
    path.write_bytes(full_templates["native"].read_bytes())
    printed = pages(libreoffice.convert(path, "pdf", tmp_path, recalculate=False))
    of_several = {"Inputs": 3, "Outputs": 4, "Cash flow": 2, "Checks": 2, "Guide": 5, "Sensitivity": 2, "Risk": 3}
    assert Counter(printed) == {name: of_several.get(name, 1) for name in layout.SHEETS["full"] if name != "Cases"}
