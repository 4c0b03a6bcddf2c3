"""The Checks sheet: do the sheets agree, and do the inputs make sense?"""

from collections.abc import Iterable

from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from roi_xl import quantities as q
from roi_xl.describe import gives, takes
from roi_xl.functions.outcome import HALF_A_CENT
from roi_xl.functions.returns import COSTS, RETURNS
from roi_xl.quantities import DISCOUNT_RATE, DISCOUNTED_PAYBACK, INPUTS, IRR, LEDGER_BENEFIT, NPV, PROGRAMME, Quantity
from roi_xl.template import style
from roi_xl.template.as_put_in import put_in_checks
from roi_xl.template.bridge import bridge_checks
from roi_xl.template.calendar_checks import calendar_checks
from roi_xl.template.cash_flow import below_differs, without_first, without_last
from roi_xl.template.full_checks import full_checks, numbers_in
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
from roi_xl.template.outputs import ALIKE, BELOW, SAME
from roi_xl.template.second_cash_flow import fill_second_way
from roi_xl.template.second_way import FIXED, MONTHS, NET, WORTH, column_checks
from roi_xl.template.sheet import finish, fit_height, flag_colours, head, header, name_cell, put
from roi_xl.template.summary import HEADLINES, KEY_ROW, SIMPLE_HEADLINES, SIMPLE_ROW, TILE_ROW, TILES, VALUE
from roi_xl.template.turning import turning_checks

HEADINGS = ("Check", "One way", "Another way", "Difference", "Passed")
PASSED = '"Yes"'
SHOWN = "[>=0.005]#,##0.00_);[<=-0.005](#,##0.00);0.00_)"


Check = tuple[str, str, str]
"""What a check says, and the two expressions that must agree."""

DIGITS = 4
"""Decimals of what must be 0: what rounding leaves of it differs from program to program."""


def closed_form_checks() -> list[Check]:
    """The results of the closed forms agree with one another."""
    return [
        ("Baseline cost less fine-tuned cost is the net benefit", "baseline_cost-fine_tuned_cost", "net_benefit"),
        (
            "ROI times investment is the net benefit",
            "IF(investment>0,return_on_investment*investment,net_benefit)",
            "net_benefit",
        ),
        (
            "Net savings until break-even repay the training cost, where there is a break-even",
            "IF(ISNA(breakeven_months),training_cost_used,breakeven_months*monthly_net_savings)",
            "training_cost_used",
        ),
        (
            "At the break-even volume the savings are the investment, where there is one",
            "IF(ISNA(breakeven_volume),investment,breakeven_volume*request_savings*months_used)",
            "investment",
        ),
        ("At the highest training cost the net benefit is 0", "max_training_cost-training_cost_used", "net_benefit"),
    ]


def ledger_checks() -> list[Check]:
    """The cash flow agrees with the closed forms where every month is alike, and with itself."""

    def last(column: str, row: int = LAST_MONTH_ROW) -> str:
        return absolute(CASH_FLOW, row, CF[column])

    def alike(ledger: str, closed: str) -> tuple[str, str]:
        return f"IF({ALIKE},{ledger},{closed})", closed

    monthly = f"(1+{DISCOUNT_RATE.name}_used)^(1/12)-1"
    npv_of_excel = f"NPV({monthly},{without_first(flow('net_cash_flow'))})-{last('training', FIRST_MONTH_ROW)}"
    costs = ",".join(flow(column) for column in ("fine_tuned_spend", "quality_adjustment", *COSTS))
    rate = f"(1+{IRR.name})^({flow('month')}/12)"
    worth_at_rate = f"IF(ISERROR({IRR.name}),0,ROUND(SUMPRODUCT({flow('net_cash_flow')}/{rate}),2))"
    return [
        ("The cash flow ends at the net benefit, if every month is alike", *alike(last("cumulative"), "net_benefit")),
        ("Its baseline cost is the baseline cost, if so", *alike(last("baseline_total"), "baseline_cost")),
        ("Its fine-tuned cost is the fine-tuned cost, if so", *alike(last("fine_tuned_total"), "fine_tuned_cost")),
        (
            "The cash flow is what is avoided less all costs",
            f"SUM({flow('avoided_cost')})-SUM({costs})",
            LEDGER_BENEFIT.name,
        ),
        ("The present value is that of Excel's NPV, training paid at once", npv_of_excel, NPV.name),
        ("The present value is 0 at the rate of return, to the cent", worth_at_rate, "0"),
        (
            "A discounted payback means a present value that is not negative",
            f"IF(ISNA({DISCOUNTED_PAYBACK.name}),0,1)",
            f"IF(AND({NPV.name}>-tolerance,MAX({flow('net_cash_flow')})>0),1,0)",
        ),
    ]


def in_use(quantities: tuple[Quantity, ...]) -> str:
    """The cells of some inputs as the model uses them."""
    rows = [INPUT_ROWS[quantity] for quantity in quantities]
    return absolute(INPUT_SHEET, min(rows), IN_USED, max(rows))


def input_checks() -> list[Check]:
    """The inputs make sense."""
    six, special = in_use(INPUTS), in_use(PROGRAMME)
    lines = sum(1 + len(takes(block.formula)) for block in BLOCKS)
    built = absolute(INPUT_SHEET, min(BLOCK_ROWS.values()), IN_USED, LAST_INPUT_ROW)
    return [
        ("All six inputs are numbers within their bounds", f"COUNT({six})", f"ROWS({six})"),
        ("All inputs of the monthly model are numbers within their bounds", f"COUNT({special})", f"ROWS({special})"),
        ("All built-up values are numbers within their bounds", f"COUNT({built})", f"{lines}"),
        ("The horizon is a whole number of months", "months_used", "INT(months_used)"),
        (
            f"The horizon lies within the {MONTHS_SHOWN} months of the cash flow",
            "months_used",
            f"MAX(1,MIN({MONTHS_SHOWN},months_used))",
        ),
    ]


def result_checks() -> list[Check]:
    """The results are those of the inputs and of the cash flow, computed another way."""
    months, rate = used("months"), used(DISCOUNT_RATE.name)
    net = NET
    costs = f"{used('training_cost')}+SUMPRODUCT({FIXED})"
    closed = f"({used('baseline_cost_per_request')}-{used('fine_tuned_cost_per_request')})"
    monthly = f"({closed}*{used('monthly_requests')}-{used('monthly_maintenance')})"
    spent = f"SUMPRODUCT(({net}<0)*{net}/(1+{rate})^({MONTHS}/12))"
    gained = f"SUMPRODUCT(({net}>0)*{net}*(1+{rate})^(({months}-{MONTHS})/12))"
    lowest = f"-MIN(0,SMALL({flow('cumulative')},1))"
    return [
        ("Saving on a million requests, from the two costs", f"1000000*{q.REQUEST_SAVINGS.name}", f"1000000*{closed}"),
        ("Monthly net savings, from the inputs", q.MONTHLY_NET_SAVINGS.name, monthly),
        ("Yearly net savings, from the inputs", q.YEARLY_NET_SAVINGS.name, f"12*{monthly}"),
        ("Net benefit, from the inputs", q.NET_BENEFIT.name, f"{monthly}*{months}-{used('training_cost')}"),
        (
            "Investment, from the inputs",
            q.INVESTMENT.name,
            f"{used('training_cost')}+{used('monthly_maintenance')}*{months}",
        ),
        (
            "Break-even requests times the saving per request are the training cost, where they are reached",
            f"IF(ISNA({q.BREAKEVEN_REQUESTS.name}),0,{q.BREAKEVEN_REQUESTS.name}*{closed}-{used('training_cost')})",
            "0",
        ),
        (
            "Net break-even requests are those of the break-even month, where it is reached",
            f"IF(ISNA({q.BREAKEVEN_REQUESTS_NET.name}),0,{q.BREAKEVEN_REQUESTS_NET.name}-{q.BREAKEVEN_MONTHS.name}*"
            f"{used('monthly_requests')})",
            "0",
        ),
        (
            "At the break-even price the net benefit is 0, where there is one",
            f"IF(ISERROR({q.BREAKEVEN_PRICE.name}),0,(({used('baseline_cost_per_request')}-{q.BREAKEVEN_PRICE.name})*"
            f"{used('monthly_requests')}-{used('monthly_maintenance')})*{months}-{used('training_cost')})",
            "0",
        ),
        ("Net present value, from the inputs", NPV.name, f"SUMPRODUCT({WORTH})"),
        ("Net benefit from the cash flow, from the inputs", LEDGER_BENEFIT.name, f"SUMPRODUCT({net})"),
        (
            "ROI times all costs is the net benefit",
            f"IF(ISERROR({q.LEDGER_RETURN.name}),0,{q.LEDGER_RETURN.name}*({costs})-SUMPRODUCT({net}))",
            "0",
        ),
        *return_checks(),
        *turning_checks(),
        *calendar_checks(),
        (
            "At the modified rate of return, discounted costs grow to the reinvested gains",
            f"IF(ISERROR({q.MIRR.name}),0,{spent}*(1+{q.MIRR.name})^({months}/12)+{gained})",
            "0",
        ),
        (
            "The profitability index is the present value over the training cost, plus 1",
            f"IF(ISERROR({q.PROFITABILITY_INDEX.name}),0,({q.PROFITABILITY_INDEX.name}-1)*{used('training_cost')})",
            f"IF(ISERROR({q.PROFITABILITY_INDEX.name}),0,SUMPRODUCT({WORTH}))",
        ),
        ("Peak funding is the lowest cumulative cash flow", q.PEAK_FUNDING.name, lowest),
        (
            "The month of peak funding has it",
            f"IF({q.PEAK_FUNDING.name}=0,0,-SUMPRODUCT(({MONTHS}<={q.PEAK_MONTH.name})*{net}))",
            f"IF({q.PEAK_FUNDING.name}=0,0,{q.PEAK_FUNDING.name})",
        ),
        *(payback_check(*one) for one in ((q.PAYBACK.name, net), (DISCOUNTED_PAYBACK.name, WORTH))),
        ("The last months below 0 are the last ones", "+".join(f"ABS({one})" for one in last_months()), "0"),
    ]


def return_checks() -> list[Check]:
    """The other returns on investment times what they divide by, and the one that is chosen."""
    discounted, on_total = q.DISCOUNTED_RETURN.name, q.TOTAL_COST_RETURN.name
    spent = f"SUMPRODUCT(({FIXED})/(1+{used(DISCOUNT_RATE.name)})^({MONTHS}/12))+{used('training_cost')}"
    cost = f"(SUM({flow('fine_tuned_spend')},{flow('quality_adjustment')})+SUMPRODUCT({FIXED})+{used('training_cost')})"
    names = ",".join(gives(formula).name for formula in RETURNS.values())
    initials = "".join(basis[0] for basis in RETURNS)
    chosen = f'CHOOSE(FIND(LEFT({used(q.ROI_BASIS.name)},1),"{initials}"),{names})'

    def where(name: str, difference: str) -> str:
        return f"IF(ISERROR({name}),0,{difference})"

    return [
        (
            "Discounted ROI times the discounted costs is the net present value",
            where(discounted, f"{discounted}*({spent})-{NPV.name}"),
            "0",
        ),
        (
            "ROI on total cost times that cost is the net benefit",
            where(on_total, f"{on_total}*{cost}-{LEDGER_BENEFIT.name}"),
            "0",
        ),
        ("The ROI on page one is the one that is chosen", where(chosen, f"{q.CHOSEN_RETURN.name}-{chosen}"), "0"),
    ]


def last_months() -> list[str]:
    """How far the last month below 0 is from being that, plain and discounted."""
    columns = zip(BELOW, ("cumulative", "cumulative_discounted"), strict=True)
    return [below_differs(flow("month"), flow(column), name) for name, column in columns]


def payback_check(name: str, flows: str) -> Check:
    """At a payback, what has come together is 0."""
    whole, part = f"INT({name})", f"({name}-INT({name}))"
    before = f"SUMPRODUCT(({MONTHS}<={whole})*{flows})"
    following = f"SUMPRODUCT(({MONTHS}={whole}+1)*{flows})"
    label = f"At the {name.replace('_', ' ')} the cumulative cash flow is 0, where there is one"
    at = f"{before}+{part}*{following}"
    return label, f"IF(ISNA({name}),0,IF({name}=0,0,{at}))", "0"


def shown_checks() -> list[Check]:
    """What is shown first is what was computed, and the decision is that of the inputs."""
    tiles = absolute(SUMMARY, TILE_ROW + 1, min(TILES)[0], TILE_ROW + 1, max(TILES)[0])
    tables = ((KEY_ROW, HEADLINES), (SIMPLE_ROW, SIMPLE_HEADLINES))
    listed = [absolute(SUMMARY, row + 1, VALUE, row + len(numbers)) for row, numbers in tables]
    marked = absolute(CASH_FLOW, POINT_ROW, CF["month"])
    no_cost = f"AND({SAME},{used('discount_rate')}=0,{used('training_cost')}+{used('monthly_maintenance')}=0)"
    said = (f'LEFT({q.DECISION.name},{len(word)})="{word}"' for word in ("Positive", "Worth"))
    return [
        (
            "The chart marks the payback, where both ways have cost the same",
            f"IF(ISNA({q.PAYBACK.name}),0,{marked}-{q.PAYBACK.name}+{point_cost()})",
            "0",
        ),
        ("The band of Summary shows the results", numbers_in(tiles), numbers_only([one for _, one, _ in TILES])),
        ("Its first table shows them", numbers_in(listed[0]), numbers_only(HEADLINES)),
        ("Its second table shows them", numbers_in(listed[1]), numbers_only(SIMPLE_HEADLINES)),
        (
            "The decision is yes if the net present value of the inputs is above 0",
            f"IF(OR({','.join(said)}),1,0)",
            f"IF({no_cost},0,IF(ROUND(SUMPRODUCT({WORTH}),2)>0,1,0))",
        ),
    ]


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
    return [
        (
            "The present values by rate are those of Excel's NPV",
            f"SUMPRODUCT((({worth}-{again})^2>1E-12*(1+{again}^2))*1)",
            "0",
        ),
        ("The rates of return are counted", "rates_of_return", f"SUMPRODUCT(((({before}<0)-({after}<0))<>0)*1)"),
        (
            "The rate of return lies between the two rates next to it, and is looked for from there",
            f"IF(rates_of_return=0,0,(COUNTIF({rates},{low})*COUNTIF({rates},{high})=0)+({at_low}={at_high}))"
            f"+(ABS(12*LN(1+rate_guess)-LN(1+IF({low}<0,({low}+{high})/2,{low})))>1E-6)",
            "0",
        ),
    ]


def numbers_only(quantities: Iterable[Quantity]) -> str:
    """The sum of some results, those that are errors left out."""
    return f"SUM({','.join(f'IFERROR({quantity.name},0)' for quantity in quantities)})"


def fill_checks(book: Workbook, sheet: Worksheet, full: bool) -> None:
    """Write the checks, their tolerance, and the one flag that every sheet repeats."""
    head(sheet, "Checks", "Every check must pass; the overall flag is on every sheet.", (70, 18, 18, 16, 12))
    header(sheet, HEADER_ROW, HEADINGS, numeric=(CH_LEFT, CH_RIGHT, CH_DIFFERENCE, CH_PASSED))
    checks = [closed_form_checks(), ledger_checks(), column_checks(), result_checks(), shown_checks(), profile_checks()]
    checks += [bridge_checks(), input_checks(), put_in_checks(), full_checks() if full else []]
    rows = [row for group in checks for row in group]
    for row, (label, left, right) in enumerate(rows, start=FIRST_ROW):
        put(sheet, row, CH_LABEL, label)
        fit_height(sheet, row, [(CH_LABEL, label)])
        computed = f"ROUND({left},{DIGITS})" if right == "0" else left
        put(sheet, row, CH_LEFT, f"={computed}", style.CALCULATION, SHOWN)
        put(sheet, row, CH_RIGHT, f"={right}", style.CALCULATION, SHOWN)
        difference = f"={local(row, CH_LEFT)}-{local(row, CH_RIGHT)}"
        put(sheet, row, CH_DIFFERENCE, difference, style.CALCULATION, SHOWN)
        gap = local(row, CH_DIFFERENCE)
        passed = f'=IF(ISERROR({gap}),"No",IF(ABS({gap})<tolerance,"Yes","No"))'
        put(sheet, row, CH_PASSED, passed, style.RESULT, alignment=style.RIGHT)
    last = FIRST_ROW + len(rows) - 1
    summary(book, sheet, last + 2, area(FIRST_ROW, CH_PASSED, last, CH_PASSED))
    flag_colours(sheet, area(FIRST_ROW, CH_PASSED, last, CH_PASSED), PASSED)
    fill_second_way(sheet)
    sheet.page_setup.orientation = "portrait"
    sheet.print_title_rows = f"{HEADER_ROW}:{HEADER_ROW}"
    finish(sheet, last + 3, CH_PASSED)


def summary(book: Workbook, sheet: Worksheet, row: int, passed: str) -> None:
    """The overall flag and the tolerance."""
    put(sheet, row, CH_LABEL, "All checks", style.RESULT, alignment=style.INDENTED)
    flag = f'=IF(COUNTIF({passed},"Yes")=ROWS({passed}),"OK","REVIEW")'
    put(sheet, row, CH_LEFT, flag, style.RESULT, alignment=style.RIGHT)
    name_cell(book, "model_checks", CHECKS, row, CH_LEFT)
    put(sheet, row + 1, CH_LABEL, "Tolerance: amounts are compared to half a cent")
    put(sheet, row + 1, CH_LEFT, HALF_A_CENT, style.INPUT, "0.000", style.RIGHT)
    name_cell(book, "tolerance", CHECKS, row + 1, CH_LEFT)
