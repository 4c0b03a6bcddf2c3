"""Do the days and the fiscal years of the cash flow follow from its start month?"""

from roi_xl.quantities import FISCAL_YEAR_START, MODEL_LIFE, START_MONTH
from roi_xl.template.choices import first_retirement
from roi_xl.template.layout import (
    BUDGET_ROW,
    CASH_FLOW,
    CF,
    FISCAL_YEARS,
    LABEL_COLUMN,
    MONTHS_SHOWN,
    SUMMED,
    absolute,
    flow,
    used,
)

COUNT = MONTHS_SHOWN + 1
BY_YEAR = sum(max(1, -(-month // 12)) for month in range(COUNT))
"""The years since the training, added up over all months."""


def calendar_checks() -> list[tuple[str, str, str]]:
    """Month ends, fiscal years and totals, each another way."""
    start, first = used(START_MONTH.name), used(FISCAL_YEAR_START.name)
    ends, years = flow("month_end"), flow("fiscal_year")
    months = f"SUMPRODUCT(YEAR({ends})*12+MONTH({ends}))"
    wanted = f"{COUNT}*(YEAR({start})*12+MONTH({start})-1)+{sum(range(COUNT))}"
    fiscal = f"SUMPRODUCT(YEAR({ends})+(MONTH({ends})>={first})*({first}>1))"
    last = BUDGET_ROW + FISCAL_YEARS
    listed = absolute(CASH_FLOW, BUDGET_ROW + 1, LABEL_COLUMN, last)
    at_end = f"INDEX({years},{used('months')}+1,1)"
    count = f"({at_end}-MIN({years})+1)"
    sums = "+".join(f"ABS(SUM({years_of(name)})-SUM({flow(name)}))" for name in SUMMED)
    totals = "+".join(f"ABS({absolute(CASH_FLOW, last + 1, CF[name])}-SUM({flow(name)}))" for name in SUMMED)
    return [
        (
            "The life of both models is counted in month ends",
            f"IF(ISNUMBER({MODEL_LIFE.name}),MAX(0,MIN({MONTHS_SHOWN},{MODEL_LIFE.name}))"
            f"-SUMPRODUCT(({flow('month')}>0)*({ends}<={first_retirement()})),0)",
            "0",
        ),
        (
            "Each month ends on its last day",
            f'IF({start}="",SUM({ends}),SUMPRODUCT((DAY({ends}+1)<>1)*1)+ABS({months}-({wanted})))',
            "0",
        ),
        ("The fiscal years are those of the month ends", f"SUM({years})", f'IF({start}="",{BY_YEAR},{fiscal})'),
        ("The fiscal years of the horizon are listed", f"SUM({listed})", f"{count}*({at_end}+MIN({years}))/2"),
        ("The fiscal years add up to the cash flow", sums, "0"),
        ("The totals of the fiscal years are those of the cash flow", totals, "0"),
    ]


def years_of(name: str) -> str:
    """A column of the totals by fiscal year."""
    return absolute(CASH_FLOW, BUDGET_ROW + 1, CF[name], BUDGET_ROW + FISCAL_YEARS)
