"""Right calls of the public functions with their types; two type checkers read this, nothing runs it."""
# pyright: strict

from decimal import Decimal
from typing import Any, assert_type

import numpy as np
import pandas as pd
import polars as pl
from numpy.typing import NDArray

import roi_xl
from roi_xl import CashFlowMonth, Model, RoiError

CASE = (2_500, 100, 0.02, 0.012, 100_000, 12)
requests = np.array([10_000.0, 100_000.0])
frame = pd.DataFrame({"requests": [10_000, 100_000]})
columns = pl.DataFrame({"requests": [10_000, 100_000]})

assert_type(roi_xl.net_benefit(2_500, 100, 0.02, 0.012, 100_000, 12), float)
assert_type(roi_xl.net_benefit(2_500, 100, Decimal("0.02"), np.float64(0.012), np.int64(100_000), months=12), float)
assert_type(roi_xl.npv(*CASE, discount_rate=0.1), float)
assert_type(roi_xl.verdict(*CASE), str)
assert_type(roi_xl.model_price("gpt-4o-mini-2024-07-18", "training"), float)

assert_type(roi_xl.net_benefit(2_500, 100, 0.02, 0.012, requests, 12), NDArray[np.float64])
assert_type(roi_xl.net_benefit(2_500, 100, 0.02, 0.012, [10_000, 100_000], range(12)), NDArray[np.float64])
assert_type(roi_xl.npv(*CASE, discount_rate=[0.05, 0.1]), NDArray[np.float64])
assert_type(roi_xl.verdict(2_500, 100, 0.02, 0.012, requests, 12), NDArray[np.str_])

assert_type(roi_xl.net_benefit(2_500, 100, 0.02, 0.012, columns["requests"], 12), pl.Series)
assert_type(roi_xl.npv(2_500, 100, [0.02, 0.03], 0.012, columns["requests"], 12, discount_rate=0.1), pl.Series)
column: "pd.Series[int]" = frame["requests"]
assert_type(roi_xl.net_benefit(2_500, 100, 0.02, 0.012, column, 12), "pd.Series[int]")

assert_type(roi_xl.cash_flow(*CASE)[0], CashFlowMonth)
assert_type(roi_xl.cash_flow(*CASE)[0].cumulative, float)
assert_type(roi_xl.irr_all(*CASE), list[float])
assert_type(roi_xl.compare([("Fine-tune", 2_500, 100, 0.012)], 0.02, 100_000, 12)[0].rank, int)
assert_type(roi_xl.tornado(CASE, [2_000, None], [3_000, None], "payback")[0].swing, float)
assert_type(roi_xl.tornado(frame["requests"], requests, columns["requests"])[0].input, str)
assert_type(roi_xl.report(*CASE)[0].label, str)

model = roi_xl.open_model("case.xlsx")
assert_type(model, Model)
outputs: dict[str, Any] = model.calculate(monthly_requests=150_000)
try:
    model.save("case.xlsx", backup=True)
except RoiError as error:
    print(error.cell)
