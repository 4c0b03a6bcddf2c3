"""What it is worth: published cases, laws, and closed forms."""

import math
from itertools import pairwise

import numpy as np
import numpy_financial as npf
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from table_cases import REALISTIC, REFERENCE, TWO_RATES

import roi_xl
from roi_xl.errors import OutOfBounds, WrongShape
from roi_xl.functions import value
from roi_xl.functions.roots import positive_roots

EXCEL = "Microsoft's documentation of Excel's "
NUMPY = "NumPy's documentation of irr (Gitman, Principles of Managerial Finance, Brief)"
ROSS = "Ross, Westerfield and Jordan, Fundamentals of Corporate Finance, "
CFA = "CFA level 1, multiple rates of return"
LEVEL = "shoppersshootout.info, payback period with discount rate, level inflows"
TRANSTUTORS = "transtutors.com 1309389, worked table of discounted payback"
SCRIBD = "scribd.com 237933121, Payback period and discounted payback"
JUSTAAA = "justaaa.com 30961, net cash flows 2010 to 2014"

PUBLISHED_RATES = [
    (EXCEL + "IRR, five years", [-70_000, 12_000, 15_000, 18_000, 21_000, 26_000], ["0.0866"]),
    (EXCEL + "IRR, four years", [-70_000, 12_000, 15_000, 18_000, 21_000], ["-0.0212"]),
    (EXCEL + "IRR, two years", [-70_000, 12_000, 15_000], ["-0.4435"]),
    (NUMPY, [-100, 39, 59, 55, 20], ["0.28095"]),
    (NUMPY, [-100, 0, 0, 74], ["-0.0955"]),
    (NUMPY, [-100, 100, 0, 7], ["0.06206"]),
    (CFA, [-2_000, 10_000, -10_000], ["0.38", "2.62"]),
    (
        ROSS + "four rates between 20% and 70%",
        [-252, 1_431, -3_035, 2_850, -1_000],
        ["0.2500", "0.3333", "0.4286", "0.6667"],
    ),
    ("answer.ya.guru, strip mine in thousands", [-39_800, 63_800, -12_800], ["-0.7649", "0.3679"]),
]
PUBLISHED_VALUES = [
    (EXCEL + "NPV, at the end of the first year", 0.10, [0, -10_000, 3_000, 4_200, 6_800], 1_188.44),
    (EXCEL + "NPV, investment at once", 0.08, [-40_000, 8_000, 9_200, 10_000, 12_000, 14_500], 1_922.06),
    (EXCEL + "NPV, a loss in year 6", 0.08, [-40_000, 8_000, 9_200, 10_000, 12_000, 14_500, -9_000], -3_749.47),
    (TRANSTUTORS, 0.10, [-200, 50, 60, 70, 200], 84.23),
    (LEVEL, 0.11, [-2_324_000] + [600_000] * 6, 214_323),
]
PUBLISHED_PAYBACKS = [
    (TRANSTUTORS, None, [-200, 50, 60, 70, 200], 3.10),
    (SCRIBD, None, [-800, 50, 400, 500, 500], 2.70),
    (SCRIBD + ", 10%", 0.10, [-800, 50, 400, 500, 500], 3 + 49 / 341),
    (LEVEL + ", 11%", 0.11, [-2_324_000] + [600_000] * 6, 5.33),
    (JUSTAAA, None, [-8_182_700, 2_219_900, 2_561_200, 3_457_600, 4_425_300], 3 - 56 / 3_457.6),
]
MIRR = [-120_000, 39_000, 30_000, 21_000, 37_000, 46_000]
PUBLISHED_MODIFIED = [
    (EXCEL + "MIRR, five years", 0.12, MIRR, 0.1261),
    (EXCEL + "MIRR, three years", 0.12, MIRR[:4], -0.0480),
    (EXCEL + "MIRR, 14%", 0.14, MIRR, 0.1348),
]


def of_a_year(rate):
    """The rate of one period as the yearly rate of a period that is a month."""
    return (1 + rate) ** 12 - 1


def of_a_period(rate):
    return (1 + rate) ** (1 / 12) - 1


def discounted(flows, rate):
    return [flow / (1 + (rate or 0)) ** period for period, flow in enumerate(flows)]


def sources(cases):
    return [case[0] for case in cases]


@pytest.mark.parametrize(("source", "flows", "expected"), PUBLISHED_RATES, ids=sources(PUBLISHED_RATES))
def test_published_rates_of_return(source, flows, expected):
    got = [1 / factor - 1 for factor in reversed(positive_roots(flows))]
    assert got == [pytest.approx(float(rate), abs=0.6 * 10.0 ** -len(rate.partition(".")[2])) for rate in expected]


@pytest.mark.parametrize(("source", "rate", "flows", "expected"), PUBLISHED_VALUES, ids=sources(PUBLISHED_VALUES))
def test_published_present_values(source, rate, flows, expected):
    """The published flows as the ledger discounts them: the same factor in each period."""
    from roi_xl.functions.ledger import discounted as in_ledger

    got = sum(in_ledger(period, flow, of_a_year(rate)) for period, flow in enumerate(flows))
    assert got == pytest.approx(expected, abs=0.01 if abs(expected) < 10_000 else 20)


@pytest.mark.parametrize(("source", "rate", "flows", "expected"), PUBLISHED_PAYBACKS, ids=sources(PUBLISHED_PAYBACKS))
def test_published_paybacks(source, rate, flows, expected):
    assert value.recovered((1, flow) for flow in discounted(flows, rate)) == pytest.approx(expected, abs=0.006)


@pytest.mark.parametrize(("source", "rate", "flows", "expected"), PUBLISHED_MODIFIED, ids=sources(PUBLISHED_MODIFIED))
def test_published_modified_rates(source, rate, flows, expected):
    got = value.modified(flows, len(flows) - 1, of_a_year(rate))
    assert of_a_period(got) == pytest.approx(expected, abs=5e-5)


def test_level_inflows_through_the_functions_themselves():
    """The published level case as a program: six months that save 600,000 each."""
    arguments = (2_324_000, 0, 7, 1, 100_000, 6, of_a_year(0.11))
    assert roi_xl.npv(*arguments) == pytest.approx(214_323, abs=1)
    assert roi_xl.discounted_payback(*arguments) == pytest.approx(5.33, abs=0.005)
    assert roi_xl.payback(*arguments) == pytest.approx(2_324 / 600)


# laws


money = st.just(0.0) | st.floats(0.01, 1e6)
price = st.just(0.0) | st.floats(1e-4, 1)
six = st.tuples(money, money, price, price, st.just(0.0) | st.floats(1, 1e6), st.integers(0, 60))
options = st.tuples(
    st.floats(-0.5, 2),
    st.floats(-0.1, 0.1),
    st.integers(0, 24),
    st.floats(0, 1),
    st.floats(-0.5, 0.5),
    st.floats(-0.5, 0.5),
    money,
    money,
    st.integers(0, 24),
    st.floats(0, 1),
    st.floats(0, 1),
    price,
)


def flows_of(*arguments):
    return [month.net_cash_flow for month in roi_xl.cash_flow(*arguments)]


def size_of(*arguments):
    """The size of what is added up: what a rounding error is relative to."""
    return sum(abs(cell) for month in roi_xl.cash_flow(*arguments) for cell in month[6:14]) or 1


@given(six)
def test_with_nothing_special_the_ledger_is_the_closed_form(inputs):
    _, _, baseline, _, requests, months = inputs
    rows = roi_xl.cash_flow(*inputs)
    size = size_of(*inputs)
    avoided, net = sum(row.avoided_cost for row in rows), sum(row.net_cash_flow for row in rows)
    assert abs(avoided - roi_xl.baseline_cost(baseline, requests, months)) <= 1e-12 * size
    assert abs(net - roi_xl.net_benefit(*inputs)) <= 1e-12 * size
    assert abs(roi_xl.npv(*inputs) - roi_xl.net_benefit(*inputs)) <= 1e-12 * size


@given(six)
def test_with_nothing_special_the_payback_is_the_break_even(inputs):
    *five, months = inputs
    even, benefit = roi_xl.breakeven_months(*five), roi_xl.net_benefit(*inputs)
    assume(abs(benefit) > 0.01)
    assume(inputs[0] > 0.01)
    if even <= months:
        assert roi_xl.payback(*inputs) == pytest.approx(even, rel=1e-9)
    else:
        assert roi_xl.payback(*inputs) == math.inf


@given(six, options)
def test_present_value_agrees_with_numpy_financial(inputs, special):
    monthly = (1 + special[0]) ** (1 / 12) - 1
    wanted = npf.npv(monthly, flows_of(*inputs, *special))
    factor = max(1, (1 + special[0]) ** (-inputs[-1] / 12))
    assert abs(roi_xl.npv(*inputs, *special) - wanted) <= 1e-9 * size_of(*inputs, *special) * factor


@given(six, options)
def test_the_present_value_is_zero_at_every_rate_of_return(inputs, special):
    flows = flows_of(*inputs, *special)
    for factor in positive_roots(flows):
        assume(factor < 1e4)
        terms = [flow * factor**month for month, flow in enumerate(flows)]
        assert abs(sum(terms)) <= 1e-9 * sum(map(abs, terms))


@given(st.lists(st.floats(0.1, 1000), min_size=1, max_size=30), st.floats(1, 5000))
def test_a_single_change_of_sign_has_the_rate_of_numpy_financial(gains, cost):
    (rate,) = value.yearly([-cost, *gains])
    wanted = npf.irr([-cost, *gains])
    assume(wanted > -0.8)
    assert of_a_period(rate) == pytest.approx(wanted, rel=1e-6, abs=1e-9)


@given(st.lists(st.floats(0.2, 4), min_size=1, max_size=5, unique=True))
def test_every_root_is_found(roots):
    roots = sorted(roots)
    assume(all(b / a > 1.05 for a, b in pairwise(roots)))
    coefficients = np.polynomial.polynomial.polyfromroots(roots).tolist()
    assert positive_roots(coefficients) == pytest.approx(roots, rel=1e-6)


@given(six, options)
def test_discounted_payback_means_a_present_value_that_is_not_below_zero(inputs, special):
    worth = roi_xl.npv(*inputs, *special)
    assume(abs(worth) > 0.01)
    if roi_xl.discounted_payback(*inputs, *special) < math.inf:
        assert worth > 0
    else:
        assert worth < 0 or not any(flow > 0 for flow in flows_of(*inputs, *special))


@given(six, options, st.sampled_from([0.5, 2, 1024]))
def test_everything_in_another_currency(inputs, special, rate):
    training, maintenance, baseline, tuned, requests, months = inputs
    exchanged = (training * rate, maintenance * rate, baseline * rate, tuned * rate, requests, months)
    special_too = [*special]
    for place in (6, 7, 11):
        special_too[place] *= rate
    assert roi_xl.npv(*exchanged, *special_too) == pytest.approx(
        rate * roi_xl.npv(*inputs, *special), rel=1e-12, abs=1e-9
    )


@given(six, options)
def test_a_longer_ramp_never_brings_requests_forward(inputs, special):
    moved = [
        [month.moved_requests for month in roi_xl.cash_flow(*inputs, *special[:2], ramp, *special[3:])]
        for ramp in (special[2], special[2] + 3)
    ]
    assert all(late <= early for early, late in zip(*moved, strict=True))


def test_a_root_that_is_only_touched_is_found_once():
    assert positive_roots([1, -2, 1]) == [1]
    assert positive_roots([1, 1]) == []
    assert positive_roots([]) == []
    assert positive_roots([5e-324, -1.0, 5e-324]) == []


def test_two_rates_are_both_reported():
    rates = roi_xl.irr_all(*TWO_RATES)
    assert len(rates) == 2
    assert math.isnan(roi_xl.irr(*TWO_RATES))
    for rate in rates:
        assert roi_xl.npv(*TWO_RATES[:6], rate, *TWO_RATES[7:]) == pytest.approx(0, abs=1e-6)
    between = roi_xl.npv(*TWO_RATES[:6], sum(rates) / 2, *TWO_RATES[7:])
    beyond = roi_xl.npv(*TWO_RATES[:6], rates[1] + 1, *TWO_RATES[7:])
    assert between * beyond < 0


def test_a_rate_beyond_any_number_is_infinite():
    assert value.yearly([-1e-20, 1e20]) == (math.inf,)


def test_ledgers_have_an_end():
    with pytest.raises(OutOfBounds, match="months must be at most 1,200 for a cash flow by month, got 1e\\+06"):
        roi_xl.npv(2_500, 100, 0.02, 0.012, 100_000, 1_000_000)
    for function in (roi_xl.irr_all, roi_xl.cash_flow):
        with pytest.raises(WrongShape, match=f"{function.__name__} takes single numbers"):
            function(np.array([1.0, 2.0]), *REFERENCE[1:])
    with pytest.raises(WrongShape, match="cash_flow takes single numbers"):
        roi_xl.cash_flow(*REFERENCE, discount_rate=[0.1, 0.2])
    assert roi_xl.cash_flow(np.float64(2500), *REFERENCE[1:])[12].cumulative == 5_900


def test_arrays_of_horizons_each_end_where_they_should():
    horizons = np.array([6.0, 12.0, 24.0])
    got = roi_xl.npv(*REALISTIC[:5], horizons, *REALISTIC[6:])
    assert got.tolist() == pytest.approx(
        [roi_xl.npv(*REALISTIC[:5], months, *REALISTIC[6:]) for months in horizons.tolist()]
    )


# options and inputs


def test_dominated_options_are_named():
    ways = [
        ("Cheap and poor", 500, 0, 0.015, 1, 0.90),
        ("Dear and good", 500, 0, 0.016, 1, 0.99),
        ("Worse than both", 500, 0, 0.017, 1, 0.85),
        ("The same", 500, 0, 0.016, 1, 0.99),
    ]
    rows = {row[0]: row for row in roi_xl.compare(ways, 0.02, 100_000, 12)}
    assert {name: row[-1] for name, row in rows.items()} == {
        "Cheap and poor": "–",
        "Dear and good": "–",
        "Worse than both": "Cheap and poor",
        "The same": "–",
    }
    assert [row[5] for row in rows.values()] == [1, 2, 4, 2]


def test_an_option_is_called_as_its_cell_shows_it():
    names = [row[0] for row in roi_xl.compare([(None, 1, 2, 0.01), (7.0, 1, 2, 0.01), (0.5, 1, 2, 0.01)], 0.02, 9, 12)]
    assert names == ["", "7", "0.5"]


def test_an_option_is_its_own_business_case():
    ((_, benefit, roi, back, worth, *_),) = roi_xl.compare([("Only", 2_500, 100, 0.012)], 0.02, 100_000, 12, 0.1)
    assert benefit == pytest.approx(roi_xl.net_benefit(*REFERENCE))
    assert roi == pytest.approx(roi_xl.roi_percent(*REFERENCE))
    assert back == pytest.approx(roi_xl.breakeven_months(*REFERENCE[:5]))
    assert worth == pytest.approx(roi_xl.npv(*REFERENCE, 0.1))


@pytest.mark.parametrize("inputs", [REFERENCE, REALISTIC])
def test_the_present_value_turns_at_every_switching_value(inputs):
    names = list(roi_xl.npv.__signature__.parameters)
    named = dict(zip(names, inputs, strict=False))
    by_label = {roi_xl.quantities.QUANTITIES[name].label: name for name in names}
    rows = roi_xl.switching_values(inputs)
    found = [row for row in rows if row[2] < math.inf]
    assert len(found) >= 6
    for label, now, turns in found:
        name = by_label[label]
        assert now == named.get(name, roi_xl.quantities.QUANTITIES[name].default)
        around = [
            roi_xl.npv(**{**named, name: turns + step})
            for step in (-1e-6 * (1 + turns), 0, 1e-6 * (1 + turns))
            if turns + step >= -0.99
        ]
        assert min(around) <= 1e-6 <= max(around) + 2e-6, label


def test_a_swing_to_never_comes_first():
    rows = roi_xl.tornado(REFERENCE, [None] * 4 + [10_000, 6], [None] * 4 + [None, 12], "breakeven_months")
    assert rows[0] == ("Monthly requests", math.inf, pytest.approx(3.5714286), math.inf)
    assert rows[1] == ("Horizon", pytest.approx(3.5714286), pytest.approx(3.5714286), 0)
    both = roi_xl.tornado(REFERENCE, [None] * 4 + [10_000], [None] * 4 + [11_000], "breakeven_months")
    assert both[0][1:] == (math.inf, math.inf, 0)


def test_a_hundred_years_are_the_longest_cash_flow():
    case = (0, 0, 0.02, 0.012, 1)
    assert len(roi_xl.cash_flow(*case, 1_200)) == 1_201
    with pytest.raises(OutOfBounds, match="months must be at most 1,200 for a cash flow by month, got 1201"):
        roi_xl.cash_flow(*case, 1_201)


@pytest.mark.parametrize(("training", "months"), [(5_399.95, 9.0000067), (5_399.955, math.inf)])
def test_what_is_missing_at_the_horizon_counts_from_half_a_cent_on(training, months):
    """Nine months save 33,333 * 0.018 * 9 = 5,399.946."""
    assert roi_xl.payback(training, 0, 0.029, 0.011, 33_333, 9) == pytest.approx(months, abs=1e-7)
