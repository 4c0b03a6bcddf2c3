"""What turns the answer: each value is one at which the functions, too, come to a present value of 0."""

import math
import random

import pytest

import roi_xl
from roi_xl.functions import turning
from roi_xl.quantities import BASELINE_PRICE_CHANGE, DISCOUNT_RATE, MODEL_INPUTS
from roi_xl.template import layout
from roi_xl.xlsx.addresses import Address

BASE = {quantity.name: quantity.default for quantity in MODEL_INPUTS}
KNOWN = [
    ({}, "Fails if the baseline cost per request is about 0.015083 or less (now 0.0200, -24.6%), or if the baseline"),
    ({"training_cost": 9_000}, "Pays if the baseline cost per request is about 0.0205 or more (now 0.0200, +2.5%), or"),
    ({"training_cost": 8_400}, turning.EDGE),
    ({"monthly_requests": 0}, "Pays if the monthly requests are about 38,542 or more (now 0)."),
    (
        {"monthly_requests": 0, "months": 24, "ramp_months": 6, "request_growth": 0.03, "discount_rate": 0.1},
        "Pays if the monthly requests are about ",
    ),
    (
        {"baseline_cost_per_request": 0, "fine_tuned_cost_per_request": 0.01},
        "Pays if the baseline cost per request is about 0.013083 or more (now 0).",
    ),
    (
        {"fine_tuned_cost_per_request": 0, "training_cost": 0, "monthly_requests": 1_000_000},
        "Fails if the baseline cost per request is about 0.0001 or less (now 0.0200, -99.5%).",
    ),
    ({"training_cost": 0, "monthly_maintenance": 0, "monthly_requests": 0}, turning.EDGE),
    (
        {"fine_tuned_success_rate": 0, "baseline_success_rate": 0, "baseline_cost_per_request": 0},
        "Pays if the baseline cost per request is about 0.015083 or more (now 0).",
    ),
    (
        {
            **{"training_cost": 0, "monthly_maintenance": 0, "months": 1},
            **{"baseline_success_rate": 0.9, "fine_tuned_success_rate": 0.8, "failure_cost": 0.5},
        },
        "Pays if the fine-tuned success rate is about 88.4% or more (now 80.0%, +8.4 points)",
    ),
    ({"traffic_share": 0}, turning.NOTHING),
    (  # maintenance takes all savings: what rounding leaves of them repays no training cost
        {
            **{"training_cost": 1_000_000, "monthly_maintenance": 500},
            **{"baseline_cost_per_request": 0.017, "fine_tuned_cost_per_request": 0.012},
        },
        "Pays if the baseline cost per request is about 0.850333 or more (now 0.0170, +4902.0%)",
    ),
]


def drawn(seed):
    """A case that is drawn at random: some pay, some do not."""
    draw = random.Random(seed)
    return {
        "training_cost": draw.choice([0, 2_500, 40_000]),
        "monthly_maintenance": draw.choice([0, 100, 900]),
        "fine_tuned_cost_per_request": draw.choice([0, 0.004, 0.012, 0.03]),
        "monthly_requests": draw.choice([0, 1_000, 100_000, 2_000_000]),
        "months": draw.choice([1, 2, 12, 36, 60]),
        "discount_rate": draw.choice([0, 0.1]),
        "request_growth": draw.choice([-0.05, 0, 0.05]),
        "ramp_months": draw.choice([0, 6]),
        "traffic_share": draw.choice([0.3, 1]),
        "baseline_price_change": draw.choice([-0.5, -0.2, 0, 0.3]),
        "fine_tuned_success_rate": draw.choice([0.9, 0.97, 1]),
        "failure_cost": draw.choice([0, 0.002, 0.1]),
    }


@pytest.fixture(scope="module")
def model(templates):
    return roi_xl.open_model(templates["native"])


def worth(case, **changes):
    return roi_xl.npv(**{**case, **changes})


def zero(case, name, low, high):
    """Where the present value, which rises or falls all the way, is 0 between two values: by bisection."""
    below = worth(case, **{name: low}) < 0
    if below == (worth(case, **{name: high}) < 0):
        return None
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (middle, high) if (worth(case, **{name: middle}) < 0) == below else (low, middle)
    return low


@pytest.mark.parametrize("seed", [*range(14), 22, 29])
def test_every_value_that_turns_the_answer_does(model, seed):
    changes = drawn(seed)
    case = {**BASE, **changes}
    outputs = model.calculate(changes)
    assert outputs["model_checks"] == "OK"
    for quantity, row in layout.TURNING_ROWS.items():
        got = model.value(Address("Outputs", row, layout.OUT_VALUE))
        low, high = (-0.99, 10) if quantity is BASELINE_PRICE_CHANGE else (0, quantity.bounds.high or 1e12)
        wanted = zero(case, quantity.name, low, high)
        if wanted is None or abs(wanted) < 1e-9 or math.isclose(wanted, case[quantity.name], rel_tol=1e-9):
            assert got == "none", quantity
        else:
            assert got == pytest.approx(wanted, rel=1e-6, abs=1e-9), quantity
    said = outputs["what_turns_it"]
    assert said.startswith(("Fails if " if worth(case) > 0 else "Pays if ", turning.NOTHING))
    assert turning.what_turns_it(**case) == said


@pytest.mark.parametrize(("changes", "beginning"), KNOWN)
def test_the_sentence_says_so(model, changes, beginning):
    outputs = model.calculate(changes)
    assert outputs["model_checks"] == "OK"
    said = outputs["what_turns_it"]
    assert said.startswith(beginning)
    assert model.value(model.find(f"Summary!B{7}")) == said
    assert turning.what_turns_it(**{**BASE, **changes}) == said


def test_of_two_that_are_as_close_the_first_is_told(model):
    """Without a fine-tuned cost, a smaller baseline cost and fewer requests are one and the same change."""
    changes = {"fine_tuned_cost_per_request": 0, "months": 7, "training_cost": 3_333}
    said = model.calculate(changes)["what_turns_it"]
    assert said.startswith("Fails if the baseline cost per request is about")
    assert turning.what_turns_it(**{**BASE, **changes}) == said


def test_beyond_the_longest_ledger_nothing_is_said():
    assert turning.what_turns_it(**{**BASE, "months": 1_201}) == ""
    assert turning.what_turns_it(**{**BASE, "months": 0}) == turning.NOTHING


@pytest.mark.parametrize(
    ("value", "number_format", "text"),
    [
        (1_234_567.5, turning.WHOLE, "1,234,568"),
        (0.5, turning.WHOLE, "1"),
        (0.0205, turning.COST, "0.0205"),
        (0.015083333, turning.COST, "0.015083"),
        (2, turning.COST, "2.0000"),
        (0.1235, turning.SHARE, "12.4%"),
        (12.5, turning.SHARE, "1250.0%"),
        (8.35, turning.TENTHS, "8.4"),
    ],
)
def test_numbers_are_shown_as_by_excels_text(value, number_format, text):
    """Excel rounds halves away from 0: its documentation of TEXT and ROUND."""
    assert turning.shown(value, number_format) == text


def test_it_is_silent_where_an_input_is_missing(model):
    assert model.calculate({"training_cost": None})["model_checks"] == "REVIEW"
    assert (model.value(model.find("Summary!B7")) or "") == ""
    assert model.calculate({"months": None})["model_checks"] == "REVIEW"
    assert (model.value(model.find("Summary!B9")) or "") == ""
    assert model.calculate({DISCOUNT_RATE.name: 0.1})["model_checks"] == "OK"
