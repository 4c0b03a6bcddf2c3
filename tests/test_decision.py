"""The sentence on page one, from the cash flow: each answer that there is, with its numbers."""

import pytest

from roi_xl.functions.decision import decision, peak_funding, peak_month

SIX = (2_500, 100, 0.02, 0.012, 100_000, 12)
ANNUITY = sum(1.1 ** (-month / 12) for month in range(1, 13))
"""What one a month for a year is worth at 10%: 11.4005."""

SENTENCES = [
    (SIX, {"discount_rate": 0.1}, f"Worth doing: net present value {700 * ANNUITY - 2_500:,.2f}; pays back in 3.6 m"),
    ((7_200, *SIX[1:]), {"monthly_hosting": 100}, "Breaks even: net present value 0"),
    (
        (8_300, *SIX[1:]),
        {"discount_rate": 0.1},
        "Not worth doing: net present value -319.66; pays back in 11.9 months, too late for the discount rate.",
    ),
    (SIX, {"traffic_share": 0.3}, "Not worth doing: net present value -820.00; the costs are not recovered"),
    (SIX, {"ramp_months": 1}, "Positive projected ROI"),  # all of it moves in month 1, so that every month is alike
    (SIX, {"ramp_months": 2}, "Worth doing: net present value 5,500.00"),
    ((9_000, *SIX[1:]), {"monthly_hosting": 50}, "Not worth doing: net present value -1,200.00; the costs are not"),
]


@pytest.mark.parametrize(("six", "options", "beginning"), SENTENCES)
def test_the_decision_says_which_and_how_much(six, options, beginning):
    assert decision(*six, **options).startswith(beginning)


FUNDING = [
    (SIX, {}, 2_500, 0),
    (SIX, {"ramp_months": 12}, 2_500 + 100 - 800 / 12, 1),
    ((0, *SIX[1:]), {}, 0, 0),
]
"""A ramp of a year saves a twelfth of 800 in month 1, less than the maintenance of 100."""


@pytest.mark.parametrize(("six", "options", "funding", "month"), FUNDING)
def test_peak_funding_is_the_lowest_of_the_cash_flow(six, options, funding, month):
    assert peak_funding(*six, **options) == pytest.approx(funding)
    assert peak_month(*six, **options) == month
