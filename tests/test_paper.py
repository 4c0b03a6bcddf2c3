"""What a person sees of the template: pictures, numbers that fit, and paper."""

import pytest

import roi_xl
from roi_xl.functions import value
from roi_xl.template import bridge, layout
from roi_xl.xlsx.addresses import Address


@pytest.fixture(scope="module")
def model(templates):
    return roi_xl.open_model(templates["native"])


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
