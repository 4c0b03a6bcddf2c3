"""What is a range of cells as a whole, and what goes with it?"""

from roi_xl.quantities.quantity import ANY, Between, Kind, Quantity
from roi_xl.quantities.units import COUNT, FRACTION_PER_YEAR, WORDS

CASH_FLOW = Quantity(
    "cash_flow", "Cash flow", WORDS, "Every month of the business case, with headings.", ANY, kind=Kind.RANGE
)
RATES = Quantity(
    "rates",
    "Rates of return",
    FRACTION_PER_YEAR,
    "Every internal rate of return.",
    ANY,
    may_have_no_solution=True,
    kind=Kind.RANGE,
)
OPTIONS = Quantity(
    "options",
    "Options",
    WORDS,
    "One row for each option: its name, one-time cost, monthly cost and cost per request; then, where they matter, "
    "its share of traffic, success rate and retraining cost.",
    kind=Kind.RANGE,
)
COMPARISON = Quantity(
    "comparison",
    "Comparison",
    WORDS,
    "Every option with its results, its rank and what dominates it.",
    ANY,
    may_be_never=True,
    kind=Kind.RANGE,
)
INPUT_RANGE = Quantity(
    "inputs",
    "Inputs",
    WORDS,
    "The inputs in their usual order, as a row or a column: the six, then options as in ROI_NPV.",
    kind=Kind.RANGE,
)
LOW = Quantity(
    "low", "Low", WORDS, "The low value of each input, in the same order; blank to leave it as it is.", kind=Kind.RANGE
)
HIGH = Quantity(
    "high",
    "High",
    WORDS,
    "The high value of each input, in the same order; blank to leave it as it is.",
    kind=Kind.RANGE,
)
MEASURE = Quantity(
    "measure",
    "Measure",
    WORDS,
    "Which result, by its name: npv, net_benefit, roi_percent, payback and so on; npv if left out.",
    kind=Kind.TEXT,
)
TORNADO = Quantity(
    "tornado",
    "Tornado",
    WORDS,
    "Every input's effect on a result, the largest first.",
    ANY,
    may_be_never=True,
    kind=Kind.RANGE,
)
SWITCHING = Quantity(
    "switching",
    "Switching values",
    WORDS,
    "Where the net present value turns zero.",
    ANY,
    may_be_never=True,
    kind=Kind.RANGE,
)
DISTRIBUTIONS = Quantity(
    "distributions",
    "Distributions",
    WORDS,
    "One row for each input: its name, a distribution, and two or three numbers: PERT or triangular with low, most "
    "likely and high; uniform with low and high; normal or lognormal with mean and standard deviation; fixed.",
    kind=Kind.RANGE,
)
DRAWS = Quantity("draws", "Draws", COUNT, "Number of cases drawn.", Between(16, 1_000_000), default=4_096)
SEED = Quantity("seed", "Seed", COUNT, "The same seed gives the same draws.", Between(0, 2**31 - 1), default=1)
CORRELATIONS = Quantity(
    "correlations",
    "Correlations",
    WORDS,
    "A square of correlations, its rows and columns in the order of the distributions; none if left out.",
    kind=Kind.RANGE,
)
RISK = Quantity("risk", "Risk", WORDS, "How sure the net present value is.", ANY, kind=Kind.RANGE)
