"""What a person sees of the template: pictures, numbers that fit, and paper."""

import posixpath
import re
import subprocess
import xml.etree.ElementTree as ElementTree

import pytest
from recalc_helpers import parts

import roi_xl
from roi_xl.functions import value
from roi_xl.template import bridge, layout
from roi_xl.xlsx.addresses import Address


@pytest.fixture(scope="module")
def model(templates):
    return roi_xl.open_model(templates["native"])


@pytest.fixture(scope="module")
def full(full_templates):
    return roi_xl.open_model(full_templates["native"])


BRIDGES = (
    ({}, (24_000, -9_600, 0, 1_200, 0, 2_500, 18_100)),
    (
        {"fine_tuned_success_rate": 0.9, "failure_cost": 0.1, "retraining_cost": 300, "retraining_interval": 4}
        | {"monthly_hosting": 50, "traffic_share": 0.5},
        (12_000, -4_800, 6_000, 1_800, 600, 2_500, 18_100),
    ),
    ({"baseline_success_rate": 0.5, "failure_cost": 0.1}, (24_000, -9_600, -60_000, 1_200, 0, 2_500, -41_900)),
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


def test_the_bridge_leaves_out_no_cost():
    taken = [name for step in bridge.STEPS for name in step.adds]
    assert sorted(taken) == sorted({"avoided_cost", "fine_tuned_spend", "quality_adjustment", *value.COSTS})


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
