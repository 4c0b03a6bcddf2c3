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
    CHECKS,
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
    second,
    used,
)
from roi_xl.template.money import WHOLE
from roi_xl.template.money import in_words as amount_in_words
from roi_xl.template.second_way import FIXED, MIGRATION, MONTHS, SecondWay
from roi_xl.template.sheet import header, name_cell, put

NONE = "none"
IN_UNITS = "#,##0_);(#,##0)"
"""An amount of the search, whatever the scale of the workbook."""

POINTS = '+0.0%"-points";-0.0%"-points"'
DISTANCE, UNBOUNDED, UNLIKE = range(OUT_FORMULA + 1, OUT_FORMULA + 4)
CLOSEST_ROW = max(TURNING_ROWS.values()) + 1
"""The row that says the closest of the candidates."""

DISCOUNT = f"(1+{used('discount_rate')})^({flow('month')}/12)"
BASELINE, TUNED, LOST = "baseline_worth", "fine_tuned_worth", "quality_worth"
"""What the requests cost on the baseline, on the fine-tuned model, and by failing, in money of month 0."""

FAILURES, EACH = "request_failures", "request_worth"
"""What further failures cost by request, and what one request a month saves, in money of month 0."""

RAMP = f"MAX(1,{used('ramp_months')})"
MOVED_OF_EACH = (
    f"{flow('in_horizon')}*(1+{used('request_growth')})^({flow('month')}-1)*{used('traffic_share')}"
    f"*(({flow('month')}>={RAMP})+({flow('month')}<{RAMP})*{flow('month')}/{RAMP})"
)
SAVED_OF_EACH = f"({flow('baseline_price')}-{flow('fine_tuned_price')}-{FAILURES})"

PARTS = {
    BASELINE: f"SUMPRODUCT({flow('avoided_cost')}/{DISCOUNT})",
    TUNED: f"SUMPRODUCT({flow('fine_tuned_spend')}/{DISCOUNT})",
    LOST: f"SUMPRODUCT({flow('quality_adjustment')}/{DISCOUNT})",
    FAILURES: f"({used('baseline_success_rate')}-{used('fine_tuned_success_rate')})*{used('failure_cost')}",
    EACH: f"SUMPRODUCT({MOVED_OF_EACH}*{SAVED_OF_EACH}/{DISCOUNT})",
}
PARTS_ROW = NEWTON_ROW - len(PARTS) - 1
EACH_ROW = PARTS_ROW + list(PARTS).index(EACH)
AGAIN = {name: f"{CHECKS}!{second(name)}" for name in ("month", "within", "moved", "baseline", "fine_tuned")}
DISCOUNT_AGAIN = f"(1+{used('discount_rate')})^({AGAIN['month']}/12)"
"""Columns of the second cash flow, and its discounting."""

NPV = q.NPV.name
PRICE = q.BASELINE_PRICE_CHANGE


MOVED_WORTH = f"SUMPRODUCT({flow('moved_requests')}/{DISCOUNT}"
"""What the moved requests come to, discounted; a price that changes over time may follow."""


def changed(way: str) -> str:
    """What a price has become by each month."""
    return f"*(1+{used(f'{way}_price_change')})^(({flow('month')}-1)/12))"


TURNS_AT: dict[Quantity, str] = {
    q.TRAINING_COST: f"{used('training_cost')}+{NPV}",
    q.BASELINE_COST_PER_REQUEST: f"{used('baseline_cost_per_request')}-{NPV}/{MOVED_WORTH}{changed('baseline')}",
    q.FINE_TUNED_COST_PER_REQUEST: f"{used('fine_tuned_cost_per_request')}+{NPV}/{MOVED_WORTH}{changed('fine_tuned')}",
    q.MONTHLY_REQUESTS: f"{used('monthly_requests')}-{NPV}/{EACH}",
    q.FINE_TUNED_SUCCESS_RATE: f"{used('fine_tuned_success_rate')}-{NPV}/({used('failure_cost')}*{MOVED_WORTH}))",
}
"""Where each input turns the answer."""


def fill_turning(book: Workbook, sheet: Worksheet, currency: str) -> None:
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
        fill_candidate(sheet, quantity, currency)
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


def fill_candidate(sheet: Worksheet, quantity: Quantity, currency: str) -> None:
    """One input: where it turns the answer, how far that is, and whether the present value is 0 there."""
    row, now = TURNING_ROWS[quantity], used(quantity.name)
    at, distance = local(row, OUT_VALUE), local(row, OUT_UNIT)
    sheet.row_dimensions[row].height = 32
    put(sheet, row, OUT_LABEL, quantity.label)
    put(sheet, row, UNBOUNDED, f'=IFERROR({TURNS_AT[quantity]},"{NONE}")', style.CALCULATION, "General", style.RIGHT)
    number_format = WHOLE if quantity.unit.amount else quantity.unit.number_format
    put(sheet, row, OUT_VALUE, f"={in_bounds(quantity)}", style.RESULT, number_format, style.RIGHT)
    change = f'=IFERROR(({at}-{now}){per(quantity)},"{NONE}")'
    put(sheet, row, OUT_UNIT, change, style.CALCULATION, POINTS if is_share(quantity) else "+0.0%;-0.0%", style.RIGHT)
    far = f'IF(ISNUMBER({at}),{turning.FAR:.0E},"{NONE}")'
    away = f"=IF(ISNUMBER({distance}),ROUND(ABS({distance}),{turning.ALIKE}),{far})"
    put(sheet, row, DISTANCE, away, style.CALCULATION, '[>1000000]"far";0.0%', style.RIGHT)
    put(sheet, row, OUT_MEANING, f'=IF(ISNUMBER({at}),{in_words(quantity, currency)},"")', style.NOTE)
    turns = local(row, UNBOUNDED)
    there = f"=IF(ISNUMBER({turns}),ROUND({worth_at(quantity, turns)},4),0)"
    put(sheet, row, OUT_FORMULA, there, style.CALCULATION, "0.00")
    put(sheet, row, UNLIKE, f"={inconsistent(quantity)}", style.CALCULATION, "0.00")


def is_share(quantity: Quantity) -> bool:
    """Whether an input is a percentage, which changes by percentage points."""
    return quantity.unit.percent


def per(quantity: Quantity) -> str:
    """What makes a difference a change: of an amount, the share of it now."""
    return "" if is_share(quantity) else f"/{used(quantity.name)}"


def in_bounds(quantity: Quantity) -> str:
    """Where an input turns the answer, if that is above 0, within its bounds, and a change the right way."""
    turns, high, now = local(TURNING_ROWS[quantity], UNBOUNDED), quantity.bounds.high, used(quantity.name)
    wrong_way = f"({turns}-{now})*{NPV}*{CANDIDATES[quantity].worse}<=0"
    beyond = f"OR({turns}<={turning.RESIDUE:.0E}*{now},{turns}>{'1E300' if high is None else f'{high:g}'},{wrong_way})"
    return f'IF(ISNUMBER({turns}),IF({beyond},"{NONE}",{turns}),"{NONE}")'


def in_words(quantity: Quantity, currency: str) -> str:
    """A candidate in words, as the functions say it; an amount in the scale of the results."""
    row, now, one = TURNING_ROWS[quantity], used(quantity.name), CANDIDATES[quantity]
    at, distance = local(row, OUT_VALUE), local(row, OUT_UNIT)
    way = f'IF({at}<{now},"{turning.LESS}","{turning.MORE}")'
    number, shape = (f"100*{distance}", turning.TENTHS) if is_share(quantity) else (distance, SHARE)
    words = f'TEXT({number},"+{shape};-{shape}")' + (f'&"{turning.POINTS}"' if is_share(quantity) else "")
    shown = [
        amount_in_words(cell, currency, cents=False) if quantity.unit.amount else f'TEXT({cell},"{one.shown}")'
        for cell in (at, now)
    ]
    there = f'{shown[1]}&", "&{words}'
    there = there if is_share(quantity) else f'IF({now}=0,"{turning.FROM_NOTHING}",{there})'
    return f'"{one.words}{turning.ABOUT}"&{shown[0]}&{way}&"{turning.NOW}"&{there}&")"'


def inconsistent(quantity: Quantity) -> str:
    """How far a candidate's columns are from one another; 0 if all is right."""
    row, now = TURNING_ROWS[quantity], used(quantity.name)
    at, distance, turns = (local(row, column) for column in (OUT_VALUE, OUT_UNIT, UNBOUNDED))
    again = f"ABS({distance})-{local(row, DISTANCE)}+{distance}-({at}-{now}){per(quantity)}"
    far = f"({local(row, DISTANCE)}<>{turning.FAR:.0E})*1"
    return f"IF(ISNUMBER({at}),({at}<>{turns})+IF(ISNUMBER({distance}),ROUND(ABS({again}),8),{far}),0)"


def worth_at(quantity: Quantity, at: str) -> str:
    """The net present value with an input at another value, from the second cash flow."""
    now = used(quantity.name)

    def prices(way: str) -> str:
        return (
            f"SUMPRODUCT({AGAIN['moved']}*(1+{used(f'{way}_price_change')})^(({AGAIN['month']}-1)/12)/{DISCOUNT_AGAIN})"
        )

    further = {
        q.TRAINING_COST: f"{now}-{at}",
        q.BASELINE_COST_PER_REQUEST: f"({at}-{now})*{prices('baseline')}",
        q.FINE_TUNED_COST_PER_REQUEST: f"({now}-{at})*{prices('fine_tuned')}",
        q.MONTHLY_REQUESTS: f"({at}-{now})*{local(EACH_ROW, OUT_FORMULA)}",
        q.FINE_TUNED_SUCCESS_RATE: (
            f"({at}-{now})*{used('failure_cost')}*SUMPRODUCT({AGAIN['moved']}/{DISCOUNT_AGAIN})"
        ),
    }
    return f"{NPV}+{further[quantity]}"


def each_again() -> str:
    """What one request a month saves, from the second cash flow."""
    month = SecondWay(AGAIN["month"], used)
    saved = f"({AGAIN['baseline']}-{AGAIN['fine_tuned']}-{month.lost})"
    grown = f"(1+{used('request_growth')})^({AGAIN['month']}-1)"
    return f"SUMPRODUCT({AGAIN['within']}*{grown}*{month.share}*{saved}/{DISCOUNT_AGAIN})"


# the yearly change of the baseline's price


def fill_search(book: Workbook, sheet: Worksheet) -> None:
    """What prices come to, and the steps towards the change at which they come to what they must."""
    for row, (name, formula) in enumerate(PARTS.items(), start=PARTS_ROW):
        shown = q.CURRENCY_PER_REQUEST if name in (FAILURES, EACH) else q.CURRENCY
        put(sheet, row, OUT_LABEL, WORDS[name])
        sheet.row_dimensions[row].height = 32
        put(sheet, row, OUT_VALUE, f"={formula}", style.CALCULATION, shown.number_format)
        name_cell(book, name, OUTPUTS, row, OUT_VALUE)
    put(sheet, EACH_ROW, OUT_FORMULA, f"={each_again()}", style.CALCULATION, q.CURRENCY_PER_REQUEST.number_format)
    headings = ("Monthly price change (log)", "Requests cost", "Slope", "", "Second computation")
    header(sheet, NEWTON_ROW, headings, numeric=(OUT_VALUE, OUT_UNIT))
    first = NEWTON_ROW + 1
    for row in range(first, first + NEWTON_STEPS):
        at = local(row, OUT_LABEL)
        worth = f"{flow('avoided_cost')}/{DISCOUNT}*EXP({at})^({flow('month')}-1)"
        put(sheet, row, OUT_LABEL, 0 if row == first else f"={step(row - 1)}", style.CALCULATION, "0.000000")
        put(sheet, row, OUT_VALUE, f"=SUMPRODUCT({worth})", style.CALCULATION, IN_UNITS)
        put(sheet, row, OUT_UNIT, f"=SUMPRODUCT({worth}*({flow('month')}-1))", style.CALCULATION, IN_UNITS)
        put(sheet, row, OUT_FORMULA, f"={again(row)}", style.CALCULATION, "0.00")


WORDS = {
    BASELINE: "Baseline cost of the moved requests, discounted",
    TUNED: "Their fine-tuned cost, discounted",
    LOST: "Their quality adjustment, discounted",
    FAILURES: "Quality adjustment per request",
    EACH: "Net saving of one request a month, discounted",
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
    again = f"1000000*{absolute(OUTPUTS, EACH_ROW, OUT_FORMULA)}"
    costs = f"SUMPRODUCT(({FIXED}-{MIGRATION})/(1+{used('discount_rate')})^({MONTHS}/12))+{used('training_cost')}"
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
            ("Net saving of one request a month, times a million, from the second cash flow", f"1000000*{EACH}", again),
            ("Inputs that flip the answer: values, changes and distances agree", f"SUM({unlike})", "0"),
            ("Search for the price change that flips the answer is right", f"1000000*SUM({steps})+ABS({price})", "0"),
        ),
    ]
