"""What is a call of each function that works?"""

from typing import Any

from roi_xl.catalog import CATALOG
from roi_xl.describe import takes

INPUTS = [2_500, 100, 0.02, 0.012, 100_000, 12]
LOW, HIGH = [2_000, 50, 0.015, 0.01, 50_000, 6], [4_000, 200, 0.02, 0.015, 150_000, 18]


def column(values: list[float]) -> list[list[float]]:
    """Values as the rows of a range of one column."""
    return [[value] for value in values]


OF_THEIR_OWN: dict[str, list[Any]] = {
    "ROI_COMPARE": [
        [["Prompt engineering", 500, 0, 0.018], ["Retrieval", 1_500, 250, 0.015], ["Fine-tune", 2_500, 100, 0.012]],
        0.02,
        100_000,
        12,
    ],
    "ROI_TORNADO": [column(INPUTS), column(LOW), column(HIGH)],
    "ROI_SWITCHING_VALUES": [column(INPUTS)],
    "ROI_MONTE_CARLO": [
        [
            ["training_cost", "PERT", 2_000, 2_500, 5_000],
            ["monthly_maintenance", "fixed", 100, None, None],
            ["baseline_cost_per_request", "fixed", 0.02, None, None],
            ["fine_tuned_cost_per_request", "uniform", 0.01, 0.016, None],
            ["monthly_requests", "normal", 100_000, 20_000, None],
            ["months", "fixed", 12, None, None],
        ],
        1_024,
    ],
    "ROI_MODEL_PRICE": ["gpt-4o-mini-2024-07-18", "training"],
    "ROI_TRAINING_COST": [400, 10, 6, 4, 8, 2, 70],
    "ROI_COST_PER_REQUEST": [4_000, 1_000, 2.5, 10],
    "ROI_MONTHLY_REQUESTS": [2_500, 2, 20],
}
"""Calls of the functions that take something else than the six inputs."""


def example(name: str) -> list[Any]:
    """The arguments of a call that works: single values, text, and ranges as rows.

    >>> example("ROI_REQUEST_SAVINGS")
    [0.02, 0.012]
    """
    if name in OF_THEIR_OWN:
        return OF_THEIR_OWN[name]
    return [taken.quantity.default for taken in takes(CATALOG[name]) if not taken.optional]
