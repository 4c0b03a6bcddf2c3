"""The Risk sheet: is it the simulation of its own ranges, and does it say when it is not?"""

import json
import re

import numpy as np
import pytest
from openpyxl import load_workbook

import roi_xl
from roi_xl.cli import main
from roi_xl.quantities import MODEL_INPUTS
from roi_xl.template import layout, risk
from roi_xl.xlsx.addresses import Address


@pytest.fixture
def model(full_template):
    """The template in full depth, with its own inputs again."""
    full_template.calculate()
    return full_template


def summary_of(model):
    lines = enumerate(risk.Risk.LABELS, start=risk.RESULTS_ROW + 1)
    return {label: model.value(Address("Risk", row, risk.KIND)) for row, (label, _) in lines}


def test_the_simulation_is_that_of_the_function(model):
    found = roi_xl.simulate(risk.ranges_of(model), 4_096, 1, np.identity(len(MODEL_INPUTS)).tolist())
    assert summary_of(model) == {label: pytest.approx(value) for label, value in found.summary()}
    training = layout.FIRST_ROW
    assert model.value(Address("Risk", training, risk.RANK)) == pytest.approx(
        found.influences["training_cost"].rank_correlation
    )
    last = risk.DETAIL_ROW + risk.BINS
    assert model.value(Address("Risk", last, risk.NUMBERS)) == 1
    assert model.value(Address("Risk", risk.DETAIL_ROW + 13, risk.NUMBERS + 5)) == pytest.approx(found.fan[12][2])


@pytest.mark.slow
def test_results_say_when_they_are_no_longer_of_todays_ranges(full_templates, tmp_path, capsys):
    path = tmp_path / "other.xlsx"
    assert main(["recalc", str(full_templates["native"]), "--set", "monthly_requests=70000", "-o", str(path)]) == 0
    assert roi_xl.open_model(path).outputs["risk_state"] == risk.STALE
    capsys.readouterr()
    assert main(["risk", str(path), "--in-place", "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    model = roi_xl.open_model(path)
    assert model.outputs["risk_state"] == risk.UP_TO_DATE
    assert summary_of(model) == {label: pytest.approx(value) for label, value in printed.items()}
    assert model.outputs["monthly_requests_used"] == 70_000
    correlation = str(Address("Risk", risk.CORRELATIONS_ROW + 2, risk.KIND))
    for changed in ({"risk_probability": 0.5}, {"risk_draws": 100}, {"risk_seed": 2}, {correlation: 0.2}):
        assert model.calculate(changed)["risk_state"] == risk.STALE, changed


@pytest.mark.slow
def test_the_command_simulates_and_writes_only_if_asked(full_templates, tmp_path, capsys):
    path = full_templates["native"]
    before = path.read_bytes()
    assert main(["risk", str(path), "--seed", "3", "--draws", "1000"]) == 0
    printed = capsys.readouterr().out
    assert re.search(r"Probability that net present value is above 0 +\d\d\.\d%\n", printed)
    assert path.read_bytes() == before
    assert main(["risk", str(path), "--seed", "3", "--draws", "1000", "-o", str(tmp_path / "a.xlsx")]) == 0
    assert main(["risk", str(path), "--seed", "3", "--draws", "1000", "-o", str(tmp_path / "b.xlsx")]) == 0
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()
    assert roi_xl.open_model(tmp_path / "a.xlsx").inputs["risk_seed"] == 3


def test_correlations_of_the_sheet_are_used(model):
    place = str(Address("Risk", risk.CORRELATIONS_ROW + 5, risk.KIND + 3))
    before = dict(summary_of(model))
    model.calculate({place: -0.9})
    found = risk.changes_of(model)
    spread = found[str(Address("Risk", risk.RESULTS_ROW + 5, risk.KIND))]
    assert spread > before["Standard deviation"] * 1.05


def test_refusals(templates, full_templates, tmp_path, capsys):
    assert main(["risk", str(templates["native"])]) == 2
    assert "has no Risk sheet: roi-xl template --depth full writes one" in capsys.readouterr().err
    assert main(["risk", str(full_templates["native"]), "-o", "x.xlsx", "--in-place"]) == 2
    assert main(["risk", str(full_templates["native"]), "--draws", "2"]) == 2
    capsys.readouterr()
    book = load_workbook(full_templates["native"])
    book["Risk"][f"C{risk.DRAWS_ROW}"] = "many"
    book.save(tmp_path / "bad.xlsx")
    assert main(["risk", str(tmp_path / "bad.xlsx")]) == 2
    assert capsys.readouterr().err == f"roi-xl: Risk!C{risk.DRAWS_ROW} must hold a number, got 'many'\n"
