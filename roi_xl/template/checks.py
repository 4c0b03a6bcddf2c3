"""The Checks sheet: do the sheets agree, and do the inputs make sense?"""

from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from roi_xl import quantities as q
from roi_xl.describe import takes
from roi_xl.functions.outcome import HALF_A_CENT
from roi_xl.functions.returns import COSTS
from roi_xl.quantities import DISCOUNT_RATE, INPUTS, IRR, LEDGER_BENEFIT, NPV, PROGRAM, Quantity
from roi_xl.template import style
from roi_xl.template.as_put_in import put_in_checks
from roi_xl.template.bridge import bridge_checks
from roi_xl.template.cash_flow import without_first, without_last
from roi_xl.template.check import ALL_AMOUNTS, AMOUNTS, ROUNDING, SHARE, TOLERANCE, Check, money, numbers
from roi_xl.template.full_checks import full_checks
from roi_xl.template.layout import (
    BLOCK_ROWS,
    BLOCKS,
    CASH_FLOW,
    CF,
    CH_DIFFERENCE,
    CH_LABEL,
    CH_LEFT,
    CH_PASSED,
    CH_RIGHT,
    CHECKS,
    FIRST_MONTH_ROW,
    FIRST_ROW,
    HEADER_ROW,
    IN_USED,
    INPUT_ROWS,
    INPUT_SHEET,
    LAST_INPUT_ROW,
    LAST_MONTH_ROW,
    MONTHS_SHOWN,
    OUT_FORMULA,
    OUT_LABEL,
    OUT_VALUE,
    OUTPUTS,
    POINT_ROW,
    PROFILE_RATES,
    PROFILE_ROW,
    SEARCH_ROW,
    SUMMARY,
    absolute,
    area,
    flow,
    local,
    used,
)
from roi_xl.template.result_checks import result_checks
from roi_xl.template.second_cash_flow import fill_second_way
from roi_xl.template.second_way import WORTH, column_checks
from roi_xl.template.sheet import finish, fit_height, flag_colors, head, header, name_cell, put
from roi_xl.template.summary import HEADLINES, KEY_ROW, SIMPLE_HEADLINES, SIMPLE_ROW, TILE_ROW, TILES, VALUE
from roi_xl.template.wording import ALIKE

HEADINGS = ("Check", "One way", "Another way", "Difference", "Passed")
PASSED = '"Yes"'
SHOWN = "[>=0.005]#,##0.00_);[<=-0.005](#,##0.00);0.00_)"


DIGITS = 4
"""Decimals of what must be 0: what rounding leaves of it differs from program to program."""


def closed_form_checks() -> list[Check]:
    """The results of the closed forms agree with one another."""
    return money(
        ("Baseline cost less fine-tuned cost equals net benefit", "baseline_cost-fine_tuned_cost", "net_benefit"),
        (
            "ROI times investment equals net benefit",
            "IF(investment>0,return_on_investment*investment,net_benefit)",
            "net_benefit",
        ),
        (
            "Net savings until break-even repay the training cost, if there is a break-even",
            "IF(ISNA(breakeven_months),training_cost_used,breakeven_months*monthly_net_savings)",
            "training_cost_used",
        ),
        (
            "At the break-even volume, savings equal the investment, if there is one",
            "IF(ISNA(breakeven_volume),investment,breakeven_volume*request_savings*months_used)",
            "investment",
        ),
        ("At the highest training cost, net benefit is 0", "max_training_cost-training_cost_used", "net_benefit"),
    )


def ledger_checks() -> list[Check]:
    """The cash flow agrees with the closed forms where every month is alike, and with itself."""

    def last(column: str, row: int = LAST_MONTH_ROW) -> str:
        return absolute(CASH_FLOW, row, CF[column])

    def alike(ledger: str, closed: str) -> tuple[str, str]:
        return f"IF({ALIKE},{ledger},{closed})", closed

    monthly = f"(1+{DISCOUNT_RATE.name}_used)^(1/12)-1"
    npv_of_excel = f"NPV({monthly},{without_first(flow('net_cash_flow'))})-{last('training', FIRST_MONTH_ROW)}"
    costs = ",".join(flow(column) for column in ("fine_tuned_spend", "quality_adjustment", *COSTS))
    net, rate = flow("net_cash_flow"), f"(1+{IRR.name})^({flow('month')}/12)"
    gained, spent = (f"IF(ISERROR({IRR.name}),0,SUMPRODUCT(({net}{sign}0)*{net}/{rate}))" for sign in (">", "<"))
    return money(
        ("Cash flow total equals net benefit, if every month is alike", *alike(last("cumulative"), "net_benefit")),
        (
            "Cash flow baseline cost equals baseline cost, if every month is alike",
            *alike(last("baseline_total"), "baseline_cost"),
        ),
        (
            "Cash flow fine-tuned cost equals fine-tuned cost, if every month is alike",
            *alike(last("fine_tuned_total"), "fine_tuned_cost"),
        ),
        (
            "Cash flow equals cost avoided less all costs",
            f"SUM({flow('avoided_cost')},{flow('migration')})-SUM({costs})",
            LEDGER_BENEFIT.name,
        ),
        ("Net present value equals Excel's NPV, training paid at once", npv_of_excel, NPV.name),
        ("At the internal rate of return, gains and costs have the same present value", gained, f"-{spent}"),
    )


def in_use(quantities: tuple[Quantity, ...]) -> str:
    """The cells of some inputs as the model uses them."""
    rows = [INPUT_ROWS[quantity] for quantity in quantities]
    return absolute(INPUT_SHEET, min(rows), IN_USED, max(rows))


def input_checks() -> list[Check]:
    """The inputs make sense."""
    six, special = in_use(INPUTS), in_use(PROGRAM)
    lines = sum(1 + len(takes(block.formula)) for block in BLOCKS)
    built = absolute(INPUT_SHEET, min(BLOCK_ROWS.values()), IN_USED, LAST_INPUT_ROW)
    return numbers(
        ("All six inputs are numbers within their bounds", f"COUNT({six})", f"ROWS({six})"),
        ("All inputs of the monthly model are numbers within their bounds", f"COUNT({special})", f"ROWS({special})"),
        ("All built-up values are numbers within their bounds", f"COUNT({built})", f"{lines}"),
        ("The horizon is a whole number of months", "months_used", "INT(months_used)"),
        (
            f"The horizon lies within the {MONTHS_SHOWN} months of the cash flow",
            "months_used",
            f"MAX(1,MIN({MONTHS_SHOWN},months_used))",
        ),
    )


def shown_checks() -> list[Check]:
    """What is shown first is what was computed, and the decision is that of the inputs."""
    marked = absolute(CASH_FLOW, POINT_ROW, CF["month"])
    no_cost = f"AND({q.DECISION.name}={q.VERDICT.name},{used('training_cost')}+{used('monthly_maintenance')}=0)"
    said = (f'LEFT({q.DECISION.name},{len(word)})="{word}"' for word in ("Positive", "Worth"))
    paid_back = f"IF(ISNA({q.PAYBACK.name}),0"
    return [
        *numbers(
            ("Chart marks the payback", f"{paid_back},{marked}-{q.PAYBACK.name})", "0"),
            *(
                (
                    f"Summary shows the {label}",
                    "+".join(f"IFERROR(({cell}<>{one.name})*1,0)" for cell, one in cells),
                    "0",
                )
                for label, cells in shown_cells().items()
            ),
            (
                "Decision is yes exactly when net present value from the inputs is above 0",
                f"IF(OR({','.join(said)}),1,0)",
                f"IF({no_cost},0,IF(ROUND(SUMPRODUCT({WORTH}),2)>0,1,0))",
            ),
        ),
        *money(("Chart marks the point where both costs are equal", f"{paid_back},{point_cost()})", "0")),
    ]


def shown_cells() -> dict[str, list[tuple[str, Quantity]]]:
    """The cells of Summary with the result that each must show, in parts that a formula can hold."""

    def listed(row: int, quantities: tuple[Quantity, ...]) -> list[tuple[str, Quantity]]:
        return [(absolute(SUMMARY, row + place, VALUE), one) for place, one in enumerate(quantities, start=1)]

    tiles = [(absolute(SUMMARY, TILE_ROW + 1, column), one) for column, one, _ in TILES]
    results, half = listed(KEY_ROW, HEADLINES), len(HEADLINES) // 2
    return {
        "results in the tiles": tiles,
        "first results from the cash flow": results[:half],
        "other results from the cash flow": results[half:],
        "results if every month were alike": listed(SIMPLE_ROW, SIMPLE_HEADLINES),
    }


def point_cost() -> str:
    """The cost that the chart marks, less that of the fine-tuned way at the payback."""
    column, back = flow("fine_tuned_total"), q.PAYBACK.name
    at, after = (f"INDEX({column},MIN(INT({back})+{step},{MONTHS_SHOWN + 1}))" for step in (1, 2))
    marked = absolute(CASH_FLOW, POINT_ROW, CF["month"] + 1)
    return f"{marked}-IF({back}=0,{marked},{at}+({back}-INT({back}))*({after}-{at}))"


def profile_checks() -> list[Check]:
    """The present value by discount rate, and where the rate of return is looked for, a second way."""
    first, last = PROFILE_ROW + 1, PROFILE_ROW + len(PROFILE_RATES)
    worth, again, rates = (absolute(OUTPUTS, first, column, last) for column in (OUT_VALUE, OUT_FORMULA, OUT_LABEL))
    before, after = without_last(again), without_first(again)
    low, high = (absolute(OUTPUTS, SEARCH_ROW + place, OUT_VALUE) for place in (1, 2))
    at_low, at_high = (f"(SUMIF({rates},{end},{again})<0)" for end in (low, high))
    return numbers(
        (
            "Present values by rate equal Excel's NPV",
            f"SUMPRODUCT((({worth}-{again})^2>1E-12*(1+{again}^2))*1)",
            "0",
        ),
        ("Number of rates of return is right", "rates_of_return", f"SUMPRODUCT(((({before}<0)-({after}<0))<>0)*1)"),
        (
            "Rate of return lies between its neighbors in the table, where the search starts",
            f"IF(rates_of_return=1,(COUNTIF({rates},{low})*COUNTIF({rates},{high})=0)+({at_low}={at_high}),0)"
            f"+(ABS(12*LN(1+rate_guess)-LN(1+IF({low}<0,({low}+{high})/2,{low})))>1E-6)",
            "0",
        ),
    )


def fill_checks(book: Workbook, sheet: Worksheet, full: bool) -> None:
    """Write the checks, their tolerance, and the one flag that every sheet repeats."""
    head(sheet, "Checks", "Every check must pass; the overall flag is on every sheet.", (70, 18, 18, 16, 12))
    header(sheet, HEADER_ROW, HEADINGS, numeric=(CH_LEFT, CH_RIGHT, CH_DIFFERENCE, CH_PASSED))
    checks = [closed_form_checks(), ledger_checks(), column_checks(), result_checks(), shown_checks(), profile_checks()]
    checks += [bridge_checks(), input_checks(), put_in_checks(), full_checks() if full else []]
    rows = [row for group in checks for row in group]
    for row, check in enumerate(rows, start=FIRST_ROW):
        fill_check(sheet, row, check)
    last = FIRST_ROW + len(rows) - 1
    summary(book, sheet, last + 2, area(FIRST_ROW, CH_PASSED, last, CH_PASSED))
    flag_colors(sheet, area(FIRST_ROW, CH_PASSED, last, CH_PASSED), PASSED)
    fill_second_way(sheet)
    sheet.page_setup.orientation = "portrait"
    sheet.print_title_rows = f"{HEADER_ROW}:{HEADER_ROW}"
    finish(sheet, last + 5, CH_PASSED)


def fill_check(sheet: Worksheet, row: int, check: Check) -> None:
    """One check: both ways, how far they are apart, and whether that passes."""
    left, gap = local(row, CH_LEFT), local(row, CH_DIFFERENCE)
    put(sheet, row, CH_LABEL, check.label)
    fit_height(sheet, row, [(CH_LABEL, check.label)])
    computed = f"ROUND({check.left},{DIGITS})" if check.right == "0" else check.left
    put(sheet, row, CH_LEFT, f"={computed}", style.CALCULATION, SHOWN)
    put(sheet, row, CH_RIGHT, f"={check.right}", style.CALCULATION, SHOWN)
    put(sheet, row, CH_DIFFERENCE, f"={left}-{local(row, CH_RIGHT)}", style.CALCULATION, SHOWN)
    passed = f'=IF(ISERROR({gap}),"No",IF(ABS({gap})<{check.allowed(left)},"Yes","No"))'
    put(sheet, row, CH_PASSED, passed, style.RESULT, alignment=style.RIGHT)


def summary(book: Workbook, sheet: Worksheet, row: int, passed: str) -> None:
    """The overall flag and the tolerance."""
    put(sheet, row, CH_LABEL, "All checks", style.RESULT, alignment=style.INDENTED)
    flag = f'=IF(COUNTIF({passed},"Yes")=ROWS({passed}),"OK","REVIEW")'
    put(sheet, row, CH_LEFT, flag, style.RESULT, alignment=style.RIGHT)
    name_cell(book, "model_checks", CHECKS, row, CH_LEFT)
    lines = (
        (TOLERANCE, "Tolerance: half a cent", HALF_A_CENT, style.INPUT, "0.000"),
        (ROUNDING, "Rounding allowance, as a share of large amounts", SHARE, style.INPUT, "0E+00"),
        (AMOUNTS, "Sum of all amounts of the cash flow", f"={ALL_AMOUNTS}", style.CALCULATION, SHOWN),
    )
    for at, (name, label, value, look, number_format) in enumerate(lines, start=row + 1):
        put(sheet, at, CH_LABEL, label)
        put(sheet, at, CH_LEFT, value, look, number_format, style.RIGHT)
        name_cell(book, name, CHECKS, at, CH_LEFT)
