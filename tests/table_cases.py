"""Calls of the functions that give tables, for every host; what they give is tested in Python."""

REFERENCE = [2_500, 100, 0.02, 0.012, 100_000, 12]
REALISTIC = [2_500, 100, 0.02, 0.012, 100_000, 24, 0.1, 0.03, 6, 1, -0.2, -0.2, 0, 1_000, 6]
TWO_RATES = [4_500, 100, 0.02, 0.012, 100_000, 48, 0, 0, 0, 1, -0.2, 0]
OPTIONS = [
    ["Prompt work", 500, 0, 0.018, None, None, None],
    ["Retrieval", 1_500, 250, 0.015, 0.9, 0.97, None],
    ["Fine-tune small", 2_500, 100, 0.012, 1, 0.98, 800],
    ["Fine-tune large", 9_000, 150, 0.014, 1, 0.99, 3_000],
    ["Self-host", 40_000, 3_000, 0.002, 1, 0.95, 5_000],
]
LOW = [2_000, 50, 0.015, 0.010, 50_000, 6]
HIGH = [4_000, 200, 0.02, 0.015, 150_000, 18]
DISTRIBUTIONS = [
    ["training_cost", "PERT", 2_000, 2_500, 5_000],
    ["Monthly maintenance", "triangular", 50, 100, 300],
    ["baseline_cost_per_request", "lognormal", 0.02, 0.002, None],
    ["fine_tuned_cost_per_request", "uniform", 0.010, 0.016, None],
    ["monthly_requests", "normal", 100_000, 20_000, None],
    ["months", "fixed", 12, None, None],
]
CORRELATIONS = [
    [1, None, None, None, None, None],
    [0.5, 1, None, None, None, None],
    [0, 0, 1, None, None, None],
    [0, 0, 0.3, 1, None, None],
    [0, 0, 0, 0, 1, None],
    [0, 0, 0, 0, 0, 1],
]
CALLS = [
    ("ROI_REPORT", REFERENCE),
    ("ROI_CASHFLOW", REFERENCE),
    ("ROI_CASHFLOW", REALISTIC),
    ("ROI_IRR_ALL", REFERENCE),
    ("ROI_IRR_ALL", TWO_RATES),
    ("ROI_COMPARE", [OPTIONS, 0.02, 100_000, 24, 0.1, 0.01, 3, -0.2, -0.2, 6, 0.97, 0.01]),
    ("ROI_COMPARE", [[row[:4] for row in OPTIONS], 0.02, 100_000, 12]),
    ("ROI_TORNADO", [[REFERENCE], [LOW], [HIGH]]),
    ("ROI_TORNADO", [[[cell] for cell in REFERENCE], [[cell] for cell in LOW], [[cell] for cell in HIGH], "payback"]),
    ("ROI_SWITCHING_VALUES", [[REALISTIC]]),
    ("ROI_MONTE_CARLO", [DISTRIBUTIONS]),
    ("ROI_MONTE_CARLO", [DISTRIBUTIONS, 1_000, 7, CORRELATIONS]),
]
"""Function and arguments as cells: single values and ranges."""
