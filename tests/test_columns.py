"""Columns of data frames, in and out."""

import array
import datetime as dt
import re
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import polars as pl
import pytest

import roi_xl
from roi_xl.errors import NotANumber, OutOfBounds, WrongShape

REQUESTS = [10_000, 50_000, 100_000]
MONTHS = [float("inf"), 8.333333333, 3.571428571]
REST = (2_500, 100, 0.02, 0.012)


def test_pandas_columns_keep_their_rows():
    column = pd.Series(REQUESTS, index=["a", "b", "c"], name="requests")
    got = roi_xl.breakeven_months(*REST, column)
    assert isinstance(got, pd.Series)
    assert list(got.index) == ["a", "b", "c"]
    assert got.name == "breakeven_months"
    np.testing.assert_allclose(got, MONTHS)


def test_polars_columns_stay_polars():
    got = roi_xl.breakeven_months(*REST, monthly_requests=pl.Series("requests", REQUESTS))
    assert isinstance(got, pl.Series)
    assert got.name == "breakeven_months"
    np.testing.assert_allclose(got.to_numpy(), MONTHS)


def test_several_columns_of_one_frame():
    frame = pd.DataFrame({"cost": [0.02, 0.03], "tuned": [0.012, 0.01]}, index=[7, 9])
    got = roi_xl.request_savings(frame["cost"], frame["tuned"])
    assert dict(got) == {7: pytest.approx(0.008), 9: pytest.approx(0.02)}


def test_columns_of_different_rows_are_refused():
    with pytest.raises(WrongShape, match="different rows"):
        roi_xl.request_savings(pd.Series([1, 2]), pd.Series([1, 2], index=[1, 2]))


def test_texts_make_a_column_too():
    got = roi_xl.verdict(*REST, pd.Series(REQUESTS), 12)
    assert isinstance(got, pd.Series)
    assert got[2].startswith("Positive projected ROI")


def test_what_is_missing_or_out_of_bounds_is_named():
    with pytest.raises(OutOfBounds, match=r"monthly_requests .* \(element 1\)"):
        roi_xl.breakeven_months(*REST, pd.Series([1, -1]))
    with pytest.raises(OutOfBounds, match="nan"):
        roi_xl.breakeven_months(*REST, pd.Series([1, None]))


def test_numbers_and_arrays_stay_what_they_are():
    assert isinstance(roi_xl.request_savings(0.02, 0.012), float)
    assert isinstance(roi_xl.request_savings(np.array([0.02]), 0.012), np.ndarray)
    assert isinstance(roi_xl.request_savings(pd.Series([0.02, 0.03]).sum(), 0.012), float)


DAY = dt.date(2024, 1, 31)
ALL_NUMBERS = {
    "a list": [10_000, 50_000, 100_000],
    "a tuple": (10_000, 50_000, 100_000),
    "a range": range(10_000, 30_001, 10_000),
    "decimals": [Decimal(10_000), Fraction(50_000), 100_000],
    "whole numbers": np.array(REQUESTS),
    "half precision": np.array([16.0, 32.0, 64.0], dtype="float16"),
    "truths": [True, False, True],
    "an array of Python's": array.array("d", REQUESTS),
    "nothing masked": np.ma.masked_array(REQUESTS, mask=[0, 0, 0]),
    "nullable": pd.Series(REQUESTS, dtype="Int64"),
    "categories": pd.Series(pd.Categorical(REQUESTS)),
    "an index": pd.Index(REQUESTS),
    "polars": pl.Series(REQUESTS),
}
NOT_NUMBERS = {
    "text": "5",
    "texts": ["5"],
    "an array of texts": np.array(["5"]),
    "a column of texts": pd.Series(["5"]),
    "a column of strings": pd.Series(["5"], dtype="string"),
    "polars texts": pl.Series(["5"]),
    "numbers and text": [1, "5"],
    "bytes": b"5",
    "an array of bytes": np.array([b"5"]),
    "a buffer": bytearray(b"5"),
    "a view": memoryview(b"5"),
    "a date": DAY,
    "dates": [DAY],
    "dates as objects": np.array([DAY], dtype=object),
    "a moment": np.datetime64("2024-01-31"),
    "moments": np.array(["2024-01-31"], dtype="datetime64[ns]"),
    "a column of moments": pd.Series(pd.to_datetime(["2024-01-31"])),
    "moments with a zone": pd.Series(pd.to_datetime(["2024-01-31"], utc=True)),
    "polars dates": pl.Series([DAY]),
    "a span": np.timedelta64(2, "D"),
    "spans": pd.Series([pd.Timedelta(days=2)]),
    "a complex number": 1 + 2j,
    "complex numbers": np.array([1 + 2j]),
    "masked moments": np.ma.masked_array(np.array(["2024-01-31"], dtype="datetime64[D]"), mask=[1]),
    "a dictionary": {1: 2},
    "a set": {1, 2},
    "an iterator": iter([1, 2]),
    "ragged rows": [[1, 2], [3]],
    "missing": pd.NA,
    "nothing": None,
}
FRAMES = (pd.DataFrame({"a": [1, 2]}), pl.DataFrame({"a": [1, 2]}), pl.LazyFrame({"a": [1, 2]}))
NOT_IN_BOUNDS = {
    "too large": 10**400,
    "too small": -(10**400),
    "a list of too large": [1, 10**400],
    "masked": np.ma.masked_array([1.0, 2.0], mask=[0, 1]),
    "masked whole numbers": np.ma.masked_array([1, 2], mask=[0, 1]),
    "a blank": [1, None],
    "a nullable blank": pd.Series([1, None], dtype="Int64"),
    "a polars blank": pl.Series([1, None]),
    "no number": [1, float("nan")],
    "infinite": [1, float("inf")],
}


@pytest.mark.parametrize("values", ALL_NUMBERS.values(), ids=ALL_NUMBERS)
def test_every_array_of_numbers_is_taken(values):
    got = np.asarray(roi_xl.baseline_cost(2.0, values, 1), dtype=float)
    np.testing.assert_allclose(got, [2.0 * float(value) for value in values])


@pytest.mark.parametrize("value", NOT_NUMBERS.values(), ids=NOT_NUMBERS)
def test_what_is_no_number_is_refused_by_its_name_in_one_line(value):
    with pytest.raises(NotANumber, match=r"^monthly_requests must be .*$") as refused:
        roi_xl.breakeven_months(*REST, value)
    assert "\n" not in str(refused.value)
    with pytest.raises(NotANumber, match="monthly_requests"):
        roi_xl.breakeven_months(*REST, monthly_requests=value)


@pytest.mark.parametrize("frame", FRAMES, ids=lambda frame: f"{type(frame).__module__}.{type(frame).__name__}")
def test_a_whole_data_frame_is_no_column(frame):
    with pytest.raises(WrongShape, match=r"^monthly_requests must be one column, got a data frame$"):
        roi_xl.breakeven_months(*REST, frame)


@pytest.mark.parametrize("value", NOT_IN_BOUNDS.values(), ids=NOT_IN_BOUNDS)
def test_what_is_too_large_or_missing_is_out_of_bounds(value):
    with pytest.raises(OutOfBounds, match=r"^monthly_requests must be .*$"):
        roi_xl.breakeven_months(*REST, value)


UNEQUAL = {
    "lists": ([1, 2], [1, 2, 3]),
    "a column and a list": (pd.Series([1, 2]), [1, 2, 3]),
    "polars columns": (pl.Series([1, 2]), pl.Series([1, 2, 3])),
    "a table and a list": (np.ones((2, 2)), [1, 2, 3]),
}


@pytest.mark.parametrize(("left", "right"), UNEQUAL.values(), ids=UNEQUAL)
def test_unequal_lengths_are_refused(left, right):
    with pytest.raises(WrongShape, match=r"baseline_cost_per_request 2.*fine_tuned_cost_per_request 3"):
        roi_xl.request_savings(left, right)


def test_a_column_that_meets_other_rows_becomes_an_array():
    assert roi_xl.request_savings(pl.Series([3.0, 4.0]), np.ones((2, 1))).tolist() == [[2, 3], [2, 3]]
    assert roi_xl.request_savings(pd.Series([3.0]), np.array([1.0, 2.0])).tolist() == [2, 1]


CALLS = [
    (lambda: roi_xl.npv(2_500, 100, 0.02, 0.012, 100_000, 12, discount=0.1), "npv() has no argument 'discount'"),
    (lambda: roi_xl.npv(2_500, 100, 0.02, 0.012, 100_000, mnths=12), "'mnths'; did you mean months?"),
    (lambda: roi_xl.npv(2_500, 100), "npv(): missing a required argument: 'baseline_cost_per_request'"),
    (lambda: roi_xl.request_savings(0.02, 0.012, 1), "request_savings(): too many positional arguments"),
    (lambda: roi_xl.request_savings(0.02, 0.012, baseline_cost_per_request=1), "multiple values for argument"),
]


@pytest.mark.parametrize(("call", "message"), CALLS, ids=[message for _, message in CALLS])
def test_arguments_that_a_function_does_not_take_are_named_by_its_own_name(call, message):
    with pytest.raises(TypeError, match=re.escape(message)):
        call()
