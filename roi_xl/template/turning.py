"""What turns the answer? The closest change of one input, and of the baseline's price, in one sentence.

Each amount is scaled, or moved, until the net present value is 0. The yearly change of a price is
found by Newton's method on the logarithm of what the prices come to, which is convex and rising.
"""

from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from roi_xl import quantities as q
from roi_xl.functions import turning
from roi_xl.functions.turning import CANDIDATES, SHARE
from roi_xl.quantities import Quantity
from roi_xl.template import style
from roi_xl.template.check import Check, money, numbers
from roi_xl.template.layout import (
    NEWTON_ROW,
    NEWTON_STEPS,
    OUT_FORMULA,
    OUT_LABEL,
    OUT_MEANING,
    OUT_UNIT,
    OUT_VALUE,
    OUTPUTS,
    TURNING_ROW,
    TURNING_ROWS,
    absolute,
    flow,
    local,
    used,
)
from roi_xl.template.second_way import FIXED, MONTHS
from roi_xl.template.sheet import header, name_cell, put

NONE = "none"
DISTANCE, UNBOUNDED, UNLIKE = range(OUT_FORMULA + 1, OUT_FORMULA + 4)
CLOSEST_ROW = max(TURNING_ROWS.values()) + 1
"""The row that says the closest of the candidates."""

DISCOUNT = f"(1+{used('discount_rate')})^({flow('month')}/12)"
BASELINE, TUNED, LOST = "baseline_worth", "fine_tuned_worth", "quality_worth"
"""What the requests cost on the baseline, on the fine-tuned model, and by failing, in money of month 0."""

PARTS = {
    BASELINE: f"SUMPRODUCT({flow('avoided_cost')}/{DISCOUNT})",
    TUNED: f"SUMPRODUCT({flow('fine_tuned_spend')}/{DISCOUNT})",
    LOST: f"SUMPRODUCT({flow('quality_adjustment')}/{DISCOUNT})",
}
NPV = q.NPV.name
PRICE = q.BASELINE_PRICE_CHANGE


TURNS_AT: dict[Quantity, str] = {
    q.TRAINING_COST: f"{used('training_cost')}+{NPV}",
    q.BASELINE_COST_PER_REQUEST: f"{used('baseline_cost_per_request')}*({BASELINE}-{NPV})/{BASELINE}",
    q.FINE_TUNED_COST_PER_REQUEST: f"{used('fine_tuned_cost_per_request')}*({TUNED}+{NPV})/{TUNED}",
    q.MONTHLY_REQUESTS: f"{used('monthly_requests')}*(1-{NPV}/({BASELINE}-{TUNED}-{LOST}))",
    q.FINE_TUNED_SUCCESS_RATE: (
        f"{used('fine_tuned_success_rate')}-{NPV}"
        f"/({used('failure_cost')}*SUMPRODUCT({flow('moved_requests')}/{DISCOUNT}))"
    ),
}
"""Where each input turns the answer."""


def fill_turning(book: Workbook, sheet: Worksheet) -> None:
    """Write the candidates, the search for the price change, and the sentence."""
    headings = (
        "What would flip the answer",
        "Flips at",
        "Change",
        "In words",
        "Difference from a second computation",
        "Distance",
        "Flips at, ignoring bounds",
        "Differences between columns",
    )
    header(sheet, TURNING_ROW, headings, numeric=(OUT_VALUE,))
    for quantity in CANDIDATES:
        fill_candidate(sheet, quantity)
    sheet.row_dimensions[CLOSEST_ROW].height = 32
    put(sheet, CLOSEST_ROW, OUT_LABEL, "Closest of these")
    put(sheet, CLOSEST_ROW, OUT_MEANING, f"={closest()}", style.NOTE)
    fill_search(book, sheet)
    row = TURNING_ROWS[PRICE]
    put(sheet, row, OUT_LABEL, PRICE.label)
    put(sheet, row, OUT_VALUE, f"={price_change()}", style.RESULT, "0.00%", style.RIGHT)
    at = local(row, OUT_VALUE)
    way = f'IF({at}<0,"{turning.FALLS}","{turning.RISES}")&TEXT(ABS({at}),"{SHARE}")&"{turning.A_YEAR}"'
    end = f'IF(({at}<0)=({NPV}>0),"{turning.MORE}","{turning.LESS}")'
    put(sheet, row, OUT_MEANING, f'=IF(ISNUMBER({at}),"{turning.PRICE}"&{way}&{end},"")', style.NOTE)
    put(sheet, row, OUT_FORMULA, f"={price_again()}", style.CALCULATION, "0.00")


def fill_candidate(sheet: Worksheet, quantity: Quantity) -> None:
    """One input: where it turns the answer, how far that is, and whether the present value is 0 there."""
    row, now = TURNING_ROWS[quantity], used(quantity.name)
    at, distance = local(row, OUT_VALUE), local(row, OUT_UNIT)
    sheet.row_dimensions[row].height = 32
    put(sheet, row, OUT_LABEL, quantity.label)
    put(sheet, row, UNBOUNDED, f'=IFERROR({TURNS_AT[quantity]},"{NONE}")', style.CALCULATION, "General", style.RIGHT)
    put(sheet, row, OUT_VALUE, f"={in_bounds(quantity)}", style.RESULT, quantity.unit.number_format, style.RIGHT)
    change = f'=IFERROR(({at}-{now}){per(quantity)},"{NONE}")'
    put(sheet, row, OUT_UNIT, change, style.CALCULATION, "+0.0%;-0.0%;0.0%", style.RIGHT)
    away = f'=IF(ISNUMBER({distance}),ROUND(ABS({distance}),{turning.ALIKE}),"{NONE}")'
    put(sheet, row, DISTANCE, away, style.CALCULATION, "0.0%", style.RIGHT)
    put(sheet, row, OUT_MEANING, f'=IF(ISNUMBER({distance}),{in_words(quantity)},"")', style.NOTE)
    turns = local(row, UNBOUNDED)
    there = f"=IF(ISNUMBER({turns}),ROUND({worth_at(quantity, turns)},4),0)"
    put(sheet, row, OUT_FORMULA, there, style.CALCULATION, "0.00")
    put(sheet, row, UNLIKE, f"={inconsistent(quantity)}", style.CALCULATION, "0.00")


def per(quantity: Quantity) -> str:
    """What makes a difference a change: of an amount, the share of it now."""
    return "" if quantity.unit.percent else f"/{used(quantity.name)}"


def in_bounds(quantity: Quantity) -> str:
    """Where an input turns the answer, if that is above 0, within its bounds, and a change the right way."""
    turns, high = local(TURNING_ROWS[quantity], UNBOUNDED), quantity.bounds.high
    wrong_way = f"({turns}-{used(quantity.name)})*{NPV}*{CANDIDATES[quantity].worse}<=0"
    beyond = f"OR({turns}<=0,{turns}>{'1E300' if high is None else f'{high:g}'},{wrong_way})"
    return f'IF(ISNUMBER({turns}),IF({beyond},"{NONE}",{turns}),"{NONE}")'


def in_words(quantity: Quantity) -> str:
    """A candidate in words, as the functions say it."""
    row, now, one = TURNING_ROWS[quantity], used(quantity.name), CANDIDATES[quantity]
    at, distance = local(row, OUT_VALUE), local(row, OUT_UNIT)
    way = f'IF({at}<{now},"{turning.LESS}","{turning.MORE}")'
    there = f'" (now "&TEXT({now},"{one.shown}")&", "&TEXT({distance},"+{SHARE};-{SHARE}")&")"'
    return f'"{one.words}{turning.ABOUT}"&TEXT({at},"{one.shown}")&{way}&{there}'


def inconsistent(quantity: Quantity) -> str:
    """How far a candidate's columns are from one another; 0 if all is right."""
    row, now = TURNING_ROWS[quantity], used(quantity.name)
    at, distance, turns = (local(row, column) for column in (OUT_VALUE, OUT_UNIT, UNBOUNDED))
    again = f"ABS({distance})-{local(row, DISTANCE)}+{distance}-({at}-{now}){per(quantity)}"
    return f"IF(ISNUMBER({at}),({at}<>{turns})+IF(ISNUMBER({distance}),ROUND(ABS({again}),8),0),0)"


def worth_at(quantity: Quantity, at: str) -> str:
    """The net present value with an input at another value, from the columns of the cash flow."""
    now = used(quantity.name)
    moved = f"SUMPRODUCT({flow('moved_requests')}/{DISCOUNT}"
    further = {
        q.TRAINING_COST: f"{now}-{at}",
        q.BASELINE_COST_PER_REQUEST: (
            f"({at}-{now})*{moved}*(1+{used('baseline_price_change')})^({flow('month')}/12-1/12))"
        ),
        q.FINE_TUNED_COST_PER_REQUEST: (
            f"({now}-{at})*{moved}*(1+{used('fine_tuned_price_change')})^({flow('month')}/12-1/12))"
        ),
        q.MONTHLY_REQUESTS: (
            f"({at}/{now}-1)*SUMPRODUCT(({flow('avoided_cost')}-{flow('fine_tuned_spend')}-{flow('quality_adjustment')})"
            f"/{DISCOUNT})"
        ),
        q.FINE_TUNED_SUCCESS_RATE: f"({at}-{now})*{used('failure_cost')}*{moved})",
    }
    return f"{NPV}+{further[quantity]}"


# the yearly change of the baseline's price


def fill_search(book: Workbook, sheet: Worksheet) -> None:
    """What prices come to, and the steps towards the change at which they come to what they must."""
    parts = NEWTON_ROW - len(PARTS) - 1
    for row, (name, formula) in enumerate(PARTS.items(), start=parts):
        put(sheet, row, OUT_LABEL, WORDS[name])
        sheet.row_dimensions[row].height = 32
        put(sheet, row, OUT_VALUE, f"={formula}", style.CALCULATION, "#,##0.00_);(#,##0.00)")
        name_cell(book, name, OUTPUTS, row, OUT_VALUE)
    headings = ("Monthly price change (log)", "Requests cost", "Slope", "", "Second computation")
    header(sheet, NEWTON_ROW, headings, numeric=(OUT_VALUE, OUT_UNIT))
    first = NEWTON_ROW + 1
    for row in range(first, first + NEWTON_STEPS):
        at = local(row, OUT_LABEL)
        worth = f"{flow('avoided_cost')}/{DISCOUNT}*EXP({at})^({flow('month')}-1)"
        put(sheet, row, OUT_LABEL, 0 if row == first else f"={step(row - 1)}", style.CALCULATION, "0.000000")
        put(sheet, row, OUT_VALUE, f"=SUMPRODUCT({worth})", style.CALCULATION, "#,##0.00_);(#,##0.00)")
        put(sheet, row, OUT_UNIT, f"=SUMPRODUCT({worth}*({flow('month')}-1))", style.CALCULATION, "#,##0.00")
        put(sheet, row, OUT_FORMULA, f"={again(row)}", style.CALCULATION, "0.00")


WORDS = {
    BASELINE: "Baseline cost of the moved requests, discounted",
    TUNED: "Their fine-tuned cost, discounted",
    LOST: "Their quality adjustment, discounted",
}


def step(row: int) -> str:
    """The next logarithm of the price's monthly change: Newton's step, from -99% to 1,000% a year."""
    at, worth, slope = (local(row, column) for column in (OUT_LABEL, OUT_VALUE, OUT_UNIT))
    now = f"LN(1+{used(PRICE.name)})"
    moved = f"{at}-LN({worth}/({BASELINE}-{NPV}))*{worth}/{slope}"
    return f"IFERROR(MEDIAN((LN(0.01)-{now})/12,(LN(11)-{now})/12,{moved}),{at})"


def again(row: int) -> str:
    """How far a step is from the same, computed another way, as a share of what the requests cost."""
    at, worth, slope = (local(row, column) for column in (OUT_LABEL, OUT_VALUE, OUT_UNIT))
    prices = f"{flow('avoided_cost')}*10^({at}/LN(10)*({flow('month')}-1))/{DISCOUNT}"
    apart = f"ABS({worth}-SUMPRODUCT({prices}))+ABS({slope}+{worth}-SUMPRODUCT({prices},{flow('month')}))"
    return f"ROUND(({apart})/MAX(1,ABS({BASELINE})),9)"


def price_change() -> str:
    """The yearly change of the baseline's price at which the present value is 0; it moves the other way than that."""
    last = NEWTON_ROW + NEWTON_STEPS
    at, worth = local(last, OUT_LABEL), local(last, OUT_VALUE)
    now, needed = used(PRICE.name), f"({BASELINE}-{NPV})"
    missed = f"ABS({worth}-{needed})>1E-9*ABS({needed})"
    found = f'IF(OR({missed},{at}*{NPV}>=0),"{NONE}",(1+{now})*EXP(12*{at})-1)'
    return f'IFERROR({found},"{NONE}")'


def price_again() -> str:
    """The net present value at that change, from the requests; 0 if it is right."""
    at = local(TURNING_ROWS[PRICE], OUT_VALUE)
    cost = f"{flow('moved_requests')}*{used('baseline_cost_per_request')}*(1+{at})^(({flow('month')}-1)/12)"
    return f"IF(ISNUMBER({at}),ROUND((SUMPRODUCT({cost}/{DISCOUNT})-{BASELINE}+{NPV})/MAX(1,ABS({BASELINE})),6),0)"


# the sentence


def sentence() -> str:
    """The formula of the sentence on page one."""
    price, nearest = local(TURNING_ROWS[PRICE], OUT_MEANING), local(CLOSEST_ROW, OUT_MEANING)
    both = f'{nearest}&IF(OR({nearest}="",{price}=""),"","{turning.AND_IF}")&{price}'
    lead = f'IF({NPV}>0,"{turning.FAILS}","{turning.PAYS}")'
    said = f'IF({nearest}&{price}="","{turning.NOTHING}",{lead}&{both}&"{turning.STOP}")'
    return f'IF(ISERROR({NPV}),"",IF(ROUND({NPV},2)=0,"{turning.EDGE}",{said}))'


def closest() -> str:
    """The formula of the candidate that is the closest, in words."""
    rows = [TURNING_ROWS[quantity] for quantity in CANDIDATES]
    distances, words = (local_column(rows, column) for column in (DISTANCE, OUT_MEANING))
    return f'IF(COUNT({distances})=0,"",INDEX({words},MATCH(MIN({distances}),{distances},0),1))'


def local_column(rows: list[int], column: int) -> str:
    """The cells of the candidates in one column."""
    return f"{local(min(rows), column)}:{local(max(rows), column)}"


def turning_checks() -> list[Check]:
    """Where an input flips the answer, net present value is 0; each step of the search is right."""
    rows = [TURNING_ROWS[quantity] for quantity in CANDIDATES]
    worth, unlike = (absolute(OUTPUTS, min(rows), column, max(rows)) for column in (OUT_FORMULA, UNLIKE))
    steps = absolute(OUTPUTS, NEWTON_ROW + 1, OUT_FORMULA, NEWTON_ROW + NEWTON_STEPS)
    price = absolute(OUTPUTS, TURNING_ROWS[PRICE], OUT_FORMULA)
    costs = f"SUMPRODUCT(({FIXED})/(1+{used('discount_rate')})^({MONTHS}/12))+{used('training_cost')}"
    return [
        *money(
            ("Where an input flips the answer, net present value is 0", f"SQRT(SUMSQ({worth}))", "0"),
            (
                "Discounted costs by kind add up to net present value",
                f"{BASELINE}-{TUNED}-{LOST}-({costs})",
                NPV,
            ),
        ),
        *numbers(
            ("Inputs that flip the answer: values, changes and distances agree", f"SUM({unlike})", "0"),
            ("Search for the price change that flips the answer is right", f"1000000*SUM({steps})+ABS({price})", "0"),
        ),
    ]
