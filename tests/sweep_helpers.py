"""Sweeps by the command, and what they write."""

import csv

import numpy as np
import pandas as pd

import roi_xl
from roi_xl.cli import main

DRAWS = """
correlations = [["monthly_requests", "training_cost", 0.3]]
[inputs]
monthly_requests = ["normal", 100000, 20000]
training_cost = ["PERT", 2000, 2500, 5000]
"""


def swept(path, *arguments):
    return main(["sweep", str(path), *map(str, arguments)])


def rows_of(path):
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def made_frame():
    """Five hundred scenarios of two inputs."""
    generator = np.random.default_rng(3)
    return pd.DataFrame(
        {"monthly_requests": generator.uniform(1e4, 2e5, 500), "months": generator.integers(1, 36, 500).astype(float)}
    )


def expected(frame):
    """What the functions say of the same scenarios."""
    given = (2_500, 100, 0.02, 0.012, frame["monthly_requests"].to_numpy(), frame["months"].to_numpy())
    return roi_xl.net_benefit(*given), roi_xl.payback(*given), roi_xl.irr(*given)
