"""Do the days and the fiscal years of the cash flow follow from its start month?"""

from roi_xl.quantities import FISCAL_YEAR_START, MODEL_LIFE, START_MONTH, Quantity
from roi_xl.template.cash_flow import without_first, without_last
from roi_xl.template.check import Check, numbers
from roi_xl.template.choices import RETIREMENTS, first_retirement
from roi_xl.template.layout import (
    BUDGET_ROW,
    CASH_FLOW,
    CF,
    CHOICE_ROWS,
    FISCAL_YEARS,
    IN_BUILT,
    INPUT_SHEET,
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


def months_differ(quantity: Quantity) -> str:
    """How far the full months of a model are from the months that end by its last day."""
    life, last = absolute(INPUT_SHEET, CHOICE_ROWS[quantity], IN_BUILT), used(quantity.name)
    ended = f"SUMPRODUCT(({flow('month')}>0)*({flow('month_end')}<={last}))"
    return f"IF(ISNUMBER({life}),MAX(0,MIN({MONTHS_SHOWN},{life}))-{ended},COUNT({used(START_MONTH.name)},{last})=2)"


def calendar_checks() -> list[Check]:
    """Month ends, fiscal years and totals, each another way.

    A fiscal year begins where the months since the year 0, moved by what it is ahead, are whole
    years: each beginning adds 1 to all months from there on.
    """
    start, first = used(START_MONTH.name), used(FISCAL_YEAR_START.name)
    ends, years = flow("month_end"), flow("fiscal_year")
    lengths = f"({without_first(ends)}-{without_last(ends)})"
    first_end, last_end = (
        f"INDEX({ends},{place},1)-DATE(YEAR({start}),MONTH({start})+{place}-1,0)" for place in (1, COUNT)
    )
    days = f"SUMPRODUCT(({lengths}<28)+({lengths}>31))+ABS({first_end})+ABS({last_end})"
    before = f"(YEAR({start})*12+MONTH({start})-2+IF({first}>1,13-{first},0))"
    full_years = MONTHS_SHOWN // 12
    later = sum(COUNT - 12 * (year + 1) for year in range(full_years))
    fiscal = f"{COUNT}*INT({before}/12)+{full_years}*MOD({before},12)+{later}"
    last = BUDGET_ROW + FISCAL_YEARS
    listed = absolute(CASH_FLOW, BUDGET_ROW + 1, LABEL_COLUMN, last)
    at_end = f"INDEX({years},{used('months')}+1,1)"
    count = f"({at_end}-MIN({years})+1)"
    differences = absolute(CASH_FLOW, last + 2, CF[SUMMED[0]], last + 2, CF[SUMMED[-1]])
    return numbers(
        *(
            (f"“{quantity.label}”: full months agree with the month ends", f"1*{months_differ(quantity)}", "0")
            for quantity in RETIREMENTS
        ),
        (
            "Life of both models agrees with the month ends",
            f"IF(ISNUMBER({MODEL_LIFE.name}),MAX(0,MIN({MONTHS_SHOWN},{MODEL_LIFE.name}))"
            f"-SUMPRODUCT(({flow('month')}>0)*({ends}<={first_retirement()})),0)",
            "0",
        ),
        (
            "Each month ends on its last day",
            f'IF({start}="",SUM({ends}),{days})',
            "0",
        ),
        ("Fiscal years agree with the month ends", f"SUM({years})", f'IF({start}="",{BY_YEAR},{fiscal})'),
        ("Every fiscal year of the horizon is listed", f"SUM({listed})", f"{count}*({at_end}+MIN({years}))/2"),
        ("Fiscal years and their totals add up to the cash flow", f"SUM({differences})", "0"),
    )
