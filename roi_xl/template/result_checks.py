"""Are the results those of the inputs and of the cash flow, computed another way?"""

from roi_xl import quantities as q
from roi_xl.describe import gives
from roi_xl.functions.outcome import HALF_A_CENT
from roi_xl.functions.returns import RETURNS
from roi_xl.quantities import DISCOUNT_RATE, DISCOUNTED_PAYBACK, LEDGER_BENEFIT, NPV
from roi_xl.template.calendar_checks import calendar_checks
from roi_xl.template.cash_flow import below_differs
from roi_xl.template.check import Check, Row, money, numbers
from roi_xl.template.layout import flow, used
from roi_xl.template.outputs import BELOW
from roi_xl.template.second_way import FIXED, MONTHS, NET, WORTH
from roi_xl.template.turning import turning_checks

SAVING = f"({used('baseline_cost_per_request')}-{used('fine_tuned_cost_per_request')})"
"""The saving per request from the inputs."""

MONTHLY = f"({SAVING}*{used('monthly_requests')}-{used('monthly_maintenance')})"
"""The net savings of a month from the inputs."""


def result_checks() -> list[Check]:
    """The results are those of the inputs and of the cash flow, computed another way."""
    return [
        *numbers(
            payback_exists_check(),
            (
                "Saving per million requests, recomputed from the two costs",
                f"1000000*{q.REQUEST_SAVINGS.name}",
                f"1000000*{SAVING}",
            ),
            net_breakeven_check(),
            chosen_return_check(),
            modified_return_check(),
            ("“Last month below 0” is the last such month", "+".join(f"ABS({one})" for one in last_months()), "0"),
        ),
        *alike_checks(),
        *monthly_checks(),
        *return_checks(),
        *turning_checks(),
        *calendar_checks(),
    ]


def payback_exists_check() -> Row:
    """The discounted cash flow is paid back exactly when it ends at 0 or above."""
    return (
        "A discounted payback exists exactly when net present value is not negative",
        f"IF(ISNA({DISCOUNTED_PAYBACK.name}),0,1)",
        f"IF(AND({NPV.name}>-{HALF_A_CENT},MAX({flow('net_cash_flow')})>0),1,0)",
    )


def net_breakeven_check() -> Row:
    """The requests until break-even are those of its months."""
    requests = q.BREAKEVEN_REQUESTS_NET.name
    return (
        "Net break-even requests match the break-even month, if it is reached",
        f"IF(ISNA({requests}),0,{requests})",
        f"IF(ISNA({requests}),0,{q.BREAKEVEN_MONTHS.name}*{used('monthly_requests')})",
    )


def modified_return_check() -> Row:
    """The modified rate of return from the two sums that it ties together, in millionths of its size."""
    months, rate, mirr = used("months"), used(DISCOUNT_RATE.name), q.MIRR.name
    spent = f"SUMPRODUCT(({NET}<0)*{NET}/(1+{rate})^({MONTHS}/12))"
    gained = f"SUMPRODUCT(({NET}>0)*{NET}*(1+{rate})^(({months}-{MONTHS})/12))"
    million = f"1000000/MAX(1,ABS({mirr}))"
    return (
        "Modified rate of return is that at which discounted costs grow to the reinvested gains",
        f"IF(ISERROR({mirr}),0,{million}*(EXP(LN(-{gained}/{spent})*12/{months})-1-{mirr}))",
        "0",
    )


def alike_checks() -> list[Check]:
    """The results if every month were alike, recomputed from the inputs."""
    months, training, maintenance = used("months"), used("training_cost"), used("monthly_maintenance")
    gross, price = q.BREAKEVEN_REQUESTS.name, q.BREAKEVEN_PRICE.name
    at_the_price = f"(({used('baseline_cost_per_request')}-{price})*{used('monthly_requests')}-{maintenance})"
    return money(
        ("Monthly net savings, recomputed from the inputs", q.MONTHLY_NET_SAVINGS.name, MONTHLY),
        ("Yearly net savings, recomputed from the inputs", q.YEARLY_NET_SAVINGS.name, f"12*{MONTHLY}"),
        ("Net benefit, recomputed from the inputs", q.NET_BENEFIT.name, f"{MONTHLY}*{months}-{training}"),
        ("Investment, recomputed from the inputs", q.INVESTMENT.name, f"{training}+{maintenance}*{months}"),
        (
            "Gross break-even requests times saving per request equals training cost, if reached",
            f"IF(ISNA({gross}),0,{gross}*{SAVING}-{training})",
            "0",
        ),
        (
            "At the break-even price, net benefit is 0, if there is one",
            f"IF(ISERROR({price}),0,{at_the_price}*{months}-{training})",
            "0",
        ),
    )


def monthly_checks() -> list[Check]:
    """The results of the cash flow, recomputed from the inputs and from its columns."""
    training, ledger_return, index = used("training_cost"), q.LEDGER_RETURN.name, q.PROFITABILITY_INDEX.name
    costs = f"{training}+SUMPRODUCT({FIXED})"
    peak, lowest = q.PEAK_FUNDING.name, f"-MIN(0,SMALL({flow('cumulative')},1))"
    return money(
        ("Net present value, recomputed from the inputs", NPV.name, f"SUMPRODUCT({WORTH})"),
        ("Net benefit from the cash flow, recomputed from the inputs", LEDGER_BENEFIT.name, f"SUMPRODUCT({NET})"),
        (
            "ROI times all costs equals net benefit",
            f"IF(ISERROR({ledger_return}),0,{ledger_return}*({costs})-SUMPRODUCT({NET}))",
            "0",
        ),
        (
            "Profitability index equals net present value over training cost, plus 1",
            f"IF(ISERROR({index}),0,({index}-1)*{training})",
            f"IF(ISERROR({index}),0,SUMPRODUCT({WORTH}))",
        ),
        ("Peak funding is the low point of the cumulative cash flow", peak, lowest),
        (
            "Month of peak funding has that low point",
            f"IF({peak}=0,0,-SUMPRODUCT(({MONTHS}<={q.PEAK_MONTH.name})*{NET}))",
            f"IF({peak}=0,0,{peak})",
        ),
        *(payback_check(*one) for one in ((q.PAYBACK.name, NET), (DISCOUNTED_PAYBACK.name, WORTH))),
    )


def return_checks() -> list[Check]:
    """The other returns on investment times what they divide by."""
    discounted, on_total = q.DISCOUNTED_RETURN.name, q.TOTAL_COST_RETURN.name
    spent = f"SUMPRODUCT(({FIXED})/(1+{used(DISCOUNT_RATE.name)})^({MONTHS}/12))+{used('training_cost')}"
    cost = f"(SUM({flow('fine_tuned_spend')})+SUMPRODUCT({FIXED})+{used('training_cost')})"

    return money(
        (
            "Discounted ROI times discounted costs equals net present value",
            f"IF(ISERROR({discounted}),{NPV.name},{discounted}*({spent}))",
            NPV.name,
        ),
        (
            "ROI on total cost times total cost equals net benefit",
            f"IF(ISERROR({on_total}),{LEDGER_BENEFIT.name},{on_total}*{cost})",
            LEDGER_BENEFIT.name,
        ),
    )


def chosen_return_check() -> Row:
    """The return on page one is the one that is chosen."""
    names = ",".join(gives(formula).name for formula in RETURNS.values())
    initials = "".join(basis[0] for basis in RETURNS)
    chosen = f'CHOOSE(FIND(LEFT({used(q.ROI_BASIS.name)},1),"{initials}"),{names})'
    difference = f"IF(ISERROR({chosen}),0,{q.CHOSEN_RETURN.name}-{chosen})"
    return "ROI on page one is the one chosen on Inputs", difference, "0"


def last_months() -> list[str]:
    """How far the last month below 0 is from being that, plain and discounted."""
    columns = zip(BELOW, ("cumulative", "cumulative_discounted"), strict=True)
    return [below_differs(flow("month"), flow(column), name) for name, column in columns]


def payback_check(name: str, flows: str) -> Row:
    """At a payback, what has come together is 0."""
    whole, part = f"INT({name})", f"({name}-INT({name}))"
    before = f"SUMPRODUCT(({MONTHS}<={whole})*{flows})"
    following = f"SUMPRODUCT(({MONTHS}={whole}+1)*{flows})"
    label = f"At the {name.replace('_', ' ')} the cumulative cash flow is 0, if there is one"
    at = f"{before}+{part}*{following}"
    return label, f"IF(ISNA({name}),0,IF({name}=0,0,{at}))", "0"
