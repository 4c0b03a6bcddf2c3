"""What is chosen in the workbook, besides the inputs?"""

from roi_xl.quantities.quantity import ANY, Between, Kind, Quantity
from roi_xl.quantities.units import COUNT, DATE, WHOLE_MONTHS, WORDS

START_MONTH = Quantity(
    "start_month",
    "Start month",
    DATE,
    "Any day of month 1, the first with the fine-tuned model; training is paid in the month before. Blank: no dates.",
    Between(32, 2_958_465),
)
FISCAL_YEAR_START = Quantity(
    "fiscal_year_start",
    "Fiscal year begins in month",
    COUNT,
    "1 is January, 10 is October; totals by fiscal year are below the cash flow.",
    Between(1, 12),
    default=1,
)
BASELINE_RETIREMENT = Quantity(
    "baseline_retirement",
    "Baseline model retired on",
    DATE,
    "Last day on which the provider serves the baseline model, as it announced; blank: none is known.",
    Between(32, 2_958_465),
)
FINE_TUNED_RETIREMENT = Quantity(
    "fine_tuned_retirement",
    "Fine-tuned model retired on",
    DATE,
    "Last day on which the provider serves the fine-tuned model, which is retired with its base model; "
    "blank: none is known.",
    Between(32, 2_958_465),
)
AT_RETIREMENT = Quantity(
    "at_retirement",
    "When a model is retired",
    WORDS,
    "Flag a horizon beyond the life of a model on page one; end the cash flow there; or retrain the fine-tuned model "
    "and count the migration that the baseline would need.",
    ANY,
    kind=Kind.TEXT,
    options=("Flag it", "End the cash flow", "Retrain or migrate"),
)
MODEL_LIFE = Quantity(
    "model_life",
    "Life of both models",
    WHOLE_MONTHS,
    "Full months from the start month until the first model is retired; needs a start month.",
)
ROI_BASIS = Quantity(
    "roi_basis",
    "ROI is based on",
    WORDS,
    "Denominator of the ROI on page one: incremental investment, its present value (discounted), or total cost.",
    ANY,
    kind=Kind.TEXT,
    options=("Incremental investment", "Discounted", "Total cost"),
)

CHOICES = (
    ROI_BASIS,
    START_MONTH,
    FISCAL_YEAR_START,
    BASELINE_RETIREMENT,
    FINE_TUNED_RETIREMENT,
    AT_RETIREMENT,
)
"""What is chosen in the workbook, besides the inputs."""
