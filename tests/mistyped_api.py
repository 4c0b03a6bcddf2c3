"""Wrong calls of the public functions: two type checkers must refuse every line that says so."""

import pandas as pd

import roi_xl

CASE = (2_500, 100, 0.02, 0.012, 100_000, 12)

roi_xl.net_benefit("oops", None, [], {}, object(), 12)  # wrong
roi_xl.net_benefit("2500", 100, 0.02, 0.012, 100_000, 12)  # wrong
roi_xl.net_benefit(2_500, 100, 0.02, 0.012, None, 12)  # wrong
roi_xl.net_benefit(2_500, 100, 0.02, 0.012, 100_000)  # wrong
roi_xl.net_benefit(2_500, 100, 0.02, 0.012, 100_000, month=12)  # wrong
roi_xl.net_benefit(2_500, 100, 0.02, 0.012, ["many"], 12)  # wrong
roi_xl.net_benefit(2_500, 100, 0.02, 0.012, pd.DataFrame(), 12)  # wrong
roi_xl.npv(*CASE, discount_rate="10%")  # wrong
roi_xl.verdict({})  # wrong
roi_xl.model_price(4, "training")  # wrong
roi_xl.cash_flow("oops", 100, 0.02, 0.012, 100_000, 12)  # wrong
roi_xl.cash_flow(*CASE)[0].cumulativ  # wrong
roi_xl.compare("oops", 0.02, 100_000, 12)  # wrong
roi_xl.tornado(CASE, "low", "high")  # wrong
roi_xl.cash_flows(*CASE)  # wrong
roi_xl.open_model(5)  # wrong
