"""The functions in Python: numbers, arrays, laws."""

import inspect
import math

import numpy as np
import pytest
from case_table import CASES, Case, by_function
from hypothesis import assume, given
from hypothesis import strategies as st

import roi_xl
from roi_xl.catalog import CATALOG
from roi_xl.describe import gives, is_closed_form, is_table, summary, takes
from roi_xl.errors import ExcelError, RoiError
from roi_xl.functions import outcome
from roi_xl.quantities import Kind

REFERENCE = (2_500, 100, 0.02, 0.012, 100_000, 12)
NUMERIC = [case for case in CASES if case.numeric]


def in_python(name):
    return getattr(roi_xl, CATALOG[name].__name__)


def as_cell(result, formula):
    """What a Python result means in the table's words."""
    if isinstance(result, str) or math.isfinite(result):
        return result
    if math.isnan(result):
        return ExcelError.NUM if formula.may_have_no_solution else ExcelError.DIV0
    return ExcelError.NA


def has_numbers(formula):
    """Whether a function takes and gives numbers alone, so that arrays of them make sense."""
    return not is_table(formula) and all(taken.quantity.kind is Kind.NUMBER for taken in takes(formula))


def overflows(case: Case) -> bool:
    return case.about == "too large for a number"


def answer(case: Case) -> object:
    """What a cell would show for a call in Python."""
    try:
        return as_cell(in_python(case.function)(*case.arguments), gives(CATALOG[case.function]))
    except RoiError as error:
        return error.cell


@by_function(case for case in NUMERIC if not overflows(case))
def test_every_numeric_case_in_python(check, cases):
    check(cases, answer)


@pytest.mark.parametrize("name", [name for name, formula in CATALOG.items() if has_numbers(formula)])
def test_arrays_equal_scalars_exactly(name):
    good = [c for c in NUMERIC if c.function == name and c.expected is not ExcelError.NUM]
    longest = max(len(case.arguments) for case in good)
    rows = [case.arguments for case in good if len(case.arguments) == longest]
    columns = np.array(rows).T
    got = in_python(name)(*columns)
    wanted = np.array([in_python(name)(*row) for row in rows])
    if is_closed_form(CATALOG[name]):
        np.testing.assert_array_equal(got, wanted)
    else:
        np.testing.assert_allclose(got, wanted, rtol=1e-12, atol=1e-9)  # powers differ in the last digit


def test_reference_case_to_the_cent():
    report = dict(roi_xl.report(*REFERENCE))
    assert {label: value if isinstance(value, str) else round(value, 4) for label, value in report.items()} == {
        "Saving per request": 0.008,
        "Monthly net savings": 700,
        "Yearly net savings": 8_400,
        "Break-even": 3.5714,
        "Break-even requests, gross": 312_500,
        "Break-even requests, net": 357_142.8571,
        "Baseline cost": 24_000,
        "Fine-tuned cost": 18_100,
        "Incremental investment": 3_700,
        "Net benefit": 5_900,
        "ROI": 1.5946,
        "Break-even volume": 38_541.6667,
        "Break-even price": 0.0169,
        "Highest training cost": 8_400,
        "Verdict": "Positive projected ROI: modeled savings recover the investment within the selected horizon.",
    }


def test_lists_and_broadcasting():
    np.testing.assert_allclose(roi_xl.request_savings([0.02, 0.03], 0.01), [0.01, 0.02])
    table = roi_xl.net_benefit(2_500, 100, 0.02, 0.012, np.array([[1_000], [100_000]]), np.array([6, 12, 24]))
    assert table.shape == (2, 3)
    assert table[1, 1] == 5_900


def test_integers_and_numpy_scalars_are_numbers():
    assert roi_xl.investment(np.float64(2_500), np.int64(100), 12) == 3_700
    assert isinstance(roi_xl.breakeven_months(np.float64(2_500), 100, 0.02, 0.012, 100_000), float)


def amounts(least, most):
    """Nothing, or an amount that someone could mean."""
    return st.just(0.0) | st.floats(least, most)


money, price, volume, horizon = amounts(0.01, 1e7), amounts(1e-6, 10), amounts(1, 1e8), amounts(0.1, 120)
inputs = st.tuples(money, money, price, price, volume, horizon)


@st.composite
def profitable(draw):
    """Inputs whose monthly net savings are positive."""
    tuned, saving = draw(price), draw(st.floats(1e-6, 10))
    requests, spent = draw(st.floats(1, 1e8)), draw(st.floats(0, 0.99))
    training, months = draw(st.floats(0.01, 1e7)), draw(st.floats(0.1, 120))
    return training, spent * saving * requests, tuned + saving, tuned, requests, months


def scale(*amounts):
    """The size of what was added up: what a rounding error is relative to."""
    return sum(abs(amount) for amount in amounts) or 1


@given(profitable())
def test_break_even_really_breaks_even(values):
    training, maintenance, baseline, tuned, requests, _ = values
    months = roi_xl.breakeven_months(*values[:-1])
    size = scale(training, maintenance * months, baseline * requests * months, tuned * requests * months)
    assert abs(roi_xl.net_benefit(*values[:-1], months)) <= 1e-12 * size


@given(inputs)
def test_net_benefit_is_the_difference_of_the_costs(values):
    training, maintenance, baseline, tuned, requests, months = values
    before = roi_xl.baseline_cost(baseline, requests, months)
    after = roi_xl.fine_tuned_cost(training, maintenance, tuned, requests, months)
    assert abs(roi_xl.net_benefit(*values) - (before - after)) <= 1e-12 * scale(before, after)


@given(inputs, st.sampled_from([0.25, 0.5, 2, 1024]))
def test_roi_does_not_depend_on_the_currency(values, rate):
    training, maintenance, baseline, tuned, requests, months = values
    assume(roi_xl.investment(training, maintenance, months) > 0)
    exchanged = (training * rate, maintenance * rate, baseline * rate, tuned * rate, requests, months)
    assert roi_xl.roi_percent(*exchanged) == roi_xl.roi_percent(*values)


@given(inputs, st.floats(1, 1e6))
def test_more_requests_never_delay_break_even(values, more):
    *four, requests, _ = values
    assert roi_xl.breakeven_months(*four, requests + more) <= roi_xl.breakeven_months(*four, requests)


@given(inputs)
def test_never_means_no_net_savings(values):
    *five, _ = values
    assert (roi_xl.breakeven_months(*five) == math.inf) == (roi_xl.monthly_net_savings(*five[1:]) <= 0)


@given(profitable())
def test_inverse_functions_invert(values):
    training, maintenance, baseline, tuned, requests, months = values
    volume = roi_xl.breakeven_volume(training, maintenance, baseline, tuned, months)
    size = scale(training, maintenance * months, baseline * (requests + volume) * months)
    assert abs(roi_xl.net_benefit(training, maintenance, baseline, tuned, volume, months)) <= 1e-9 * size
    budget = roi_xl.max_training_cost(maintenance, baseline, tuned, requests, months)
    assert abs(roi_xl.net_benefit(budget, maintenance, baseline, tuned, requests, months)) <= 1e-9 * size
    highest = roi_xl.breakeven_price(training, maintenance, baseline, requests, months)
    free = roi_xl.net_benefit(training, maintenance, baseline, 0, requests, months)
    if highest < 0:
        assert free < 0
    else:
        assert abs(roi_xl.net_benefit(training, maintenance, baseline, highest, requests, months)) <= 1e-9 * size


@given(inputs)
def test_the_verdict_agrees_with_the_numbers(values):
    verdict = roi_xl.verdict(*values)
    benefit, months = roi_xl.net_benefit(*values), roi_xl.breakeven_months(*values[:-1])
    if verdict == outcome.POSITIVE:
        assert benefit > 0
        assert months <= values[-1]
    elif verdict == outcome.TOO_SHORT:
        assert benefit < 0
        assert values[-1] < months < math.inf
    elif verdict == outcome.BREAKS_EVEN:
        assert abs(benefit) < 0.01
    elif verdict == outcome.NOT_COVERED:
        assert months == math.inf
    elif verdict == outcome.COSTS_MORE:
        assert values[3] > values[2]
    else:
        assert verdict == outcome.NOTHING
        assert roi_xl.investment(values[0], values[1], values[-1]) == 0


tokens = st.integers(0, 100_000)
token_price = amounts(0.001, 100)


@given(tokens, tokens, token_price, token_price, st.floats(0, 0.9), st.sampled_from([0.5, 2, 8]))
def test_cost_per_request_is_linear_in_prices(read, wrote, read_price, write_price, retries, factor):
    one = roi_xl.cost_per_request(read, wrote, read_price, write_price, retry_rate=retries)
    many = roi_xl.cost_per_request(read, wrote, read_price * factor, write_price * factor, retry_rate=retries)
    assert many == pytest.approx(one * factor, rel=1e-12)


@given(tokens, tokens, token_price, token_price)
def test_no_retries_no_change(read, wrote, read_price, write_price):
    plain = roi_xl.cost_per_request(read, wrote, read_price, write_price)
    assert roi_xl.cost_per_request(read, wrote, read_price, write_price, retry_rate=0) == plain
    assert roi_xl.cost_per_request(read, wrote, read_price, write_price, cached_share=0.7) == plain


@given(tokens, tokens, token_price, token_price, st.floats(0, 0.9), st.floats(0, 0.09))
def test_more_retries_never_cost_less(read, wrote, read_price, write_price, retries, more):
    few = roi_xl.cost_per_request(read, wrote, read_price, write_price, retry_rate=retries)
    assert roi_xl.cost_per_request(read, wrote, read_price, write_price, retry_rate=retries + more) >= few


BAD_ARGUMENTS = [
    ({"monthly_requests": -5}, "monthly_requests must be at least 0 requests/month, got -5"),
    ({"monthly_requests": math.nan}, "monthly_requests must be a finite number, got nan"),
    ({"months": math.inf}, "months must be a finite number, got inf"),
    ({"months": "12"}, "months must be a number or an array of numbers, got '12'"),
    ({"training_cost": None}, "training_cost must be a number or an array of numbers, got None"),
    ({"training_cost": [1, "x"]}, "training_cost must be a number or an array of numbers, got [1, 'x']"),
    ({"months": [12, -1]}, "months must be at least 0 months, got -1 (element 1)"),
    ({"months": np.float32(-1)}, "months must be at least 0 months, got -1"),
]


@pytest.mark.parametrize(("changed", "message"), BAD_ARGUMENTS)
def test_bad_arguments_get_a_clear_answer(changed, message):
    arguments = dict(zip((p.quantity.name for p in takes(CATALOG["ROI_PERCENT"])), REFERENCE, strict=True))
    with pytest.raises(RoiError) as caught:
        roi_xl.roi_percent(**{**arguments, **changed})
    assert str(caught.value) == message


def test_wrong_argument_names_and_counts_are_type_errors():
    with pytest.raises(TypeError, match="monthly_request"):
        roi_xl.request_savings(0.02, 0.01, monthly_request=5)
    with pytest.raises(TypeError, match="positional"):
        roi_xl.request_savings(0.02, 0.01, 5)
    with pytest.raises(TypeError, match="missing"):
        roi_xl.request_savings(0.02)


def test_shares_stay_below_their_bounds():
    with pytest.raises(RoiError, match="retry_rate must be at least 0 and below 1, got 1"):
        roi_xl.cost_per_request(1, 1, 1, 1, retry_rate=1)


@pytest.mark.parametrize(("name", "formula"), CATALOG.items())
def test_documentation_is_complete(name, formula):
    public = getattr(roi_xl, formula.__name__)
    assert 10 < len(summary(formula)) <= 80
    assert summary(formula).endswith(".")
    for part in ("Formula:", "Args:", "Returns:", "Raises:", "Example:", ">>> "):
        assert part in public.__doc__, f"{name} has no {part}"
    for parameter in takes(formula):
        assert f"    {parameter.quantity.name}: " in public.__doc__
    assert gives(formula).meaning
    assert list(inspect.signature(public).parameters) == [p.quantity.name for p in takes(formula)]


def test_arguments_always_come_in_the_same_order():
    order = [parameter.quantity.name for parameter in takes(CATALOG["ROI_PERCENT"])]
    core = set(order)
    for formula in CATALOG.values():
        names = [p.quantity.name for p in takes(formula) if p.quantity.name in core]
        assert names == sorted(names, key=order.index)
