"""Columns of data frames, in and out."""

import numpy as np
import pandas as pd
import polars as pl
import pytest

import roi_xl
from roi_xl.errors import NotANumber, OutOfBounds

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
    with pytest.raises(NotANumber, match="different rows"):
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
