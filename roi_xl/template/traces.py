"""The Traces sheet: what production says, how sure that is, and where it comes from."""

import datetime as dt
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from openpyxl.worksheet.worksheet import Worksheet

from roi_xl.observed.calls import DAYS_A_MONTH
from roi_xl.observed.moments import day_of
from roi_xl.observed.settling import next_step
from roi_xl.quantities import (
    BASELINE_COST_PER_REQUEST,
    FINE_TUNED_COST_PER_REQUEST,
    MONTHLY_REQUESTS,
    NET_BENEFIT,
    QUANTITIES,
)
from roi_xl.template import style
from roi_xl.template.layout import FIRST_ROW, HEADER_ROW, TRACES, absolute, local
from roi_xl.template.reading import files, rejects, report, statuses
from roi_xl.template.rhythm import cost_by_day, cost_by_hour, distribution, rhythm
from roi_xl.template.risk import PROBABILITY_LABEL, SHOWN_PROBABILITY
from roi_xl.template.sheet import finish, fit_height, head, header, new_page, put
from roi_xl.template.trace_columns import BASE, LABEL, LONGEST_NAME, NOTE, TUNED, UNIT, sides, text

if TYPE_CHECKING:
    from roi_xl.observed.findings import Observed
    from roi_xl.observed.sides import Side

PROBABILITY = "Probability that it pays back within the horizon"
MEASURED_DOUBT = (
    "Counts only what the traces leave open: both costs, both success rates and the traffic. "
    "A full workbook has a Risk sheet, which counts the ranges of all inputs."
)
ALL_DOUBT = "From the Risk sheet: the ranges of all inputs, with the intervals of the traces among them."
"""What the probability counts: in a workbook without a Risk sheet, and in one with it."""
WIDTHS = (40, 22, 22, 22, 70)
PER_REQUEST = "#,##0.000000"


@dataclass(frozen=True)
class Line:
    """One measure of both sides: a value or a formula over other lines, its unit, format, and what it means."""

    label: str
    value: Callable[[Any], Any] | str
    unit: str
    number_format: str
    note: str = ""
    look: Any = style.CALCULATION


LINES = (
    Line("Requests", lambda side: side.requests, "requests", "#,##0", "Calls with the same id are one request."),
    Line("of which with a known outcome", lambda side: side.judged, "requests", "#,##0", "Fewer only with --success."),
    Line("Successful requests", lambda side: side.successes, "requests", "#,##0", "At least one call succeeded."),
    Line("Calls", lambda side: side.calls, "calls", "#,##0", "Retries and fallbacks included."),
    Line(
        "Calls on another model",
        lambda side: side.fallbacks,
        "calls",
        "#,##0",
        "Fallbacks, charged to the request that they served.",
    ),
    Line("Input tokens", lambda side: side.input_tokens, "tokens", "#,##0"),
    Line("of which cached", lambda side: side.cached_tokens, "tokens", "#,##0"),
    Line("Output tokens", lambda side: side.output_tokens, "tokens", "#,##0"),
    Line(
        "Cost of all calls",
        lambda side: side.cost,
        "{currency}",
        "#,##0.00",
        "As the export says; where it has no cost, tokens by the Prices sheet.",
    ),
    Line("of which for failed calls", lambda side: side.failed_cost, "{currency}", "#,##0.00"),
    Line(
        "Input, not from the cache, by the book",
        "=({Input tokens}-{of which cached})*{price:input}/1000000",
        "{currency}",
        "#,##0.00",
        "At the model's own list price; batches and fallbacks cost otherwise.",
    ),
    Line(
        "Input from the cache, by the book",
        "={of which cached}*{price:cached}/1000000",
        "{currency}",
        "#,##0.00",
    ),
    Line("Output, by the book", "={Output tokens}*{price:output}/1000000", "{currency}", "#,##0.00"),
    Line("Success rate", "={Successful requests}/{of which with a known outcome}", "share", "0.0%"),
    Line("Calls per request", "={Calls}/{Requests}", "calls / request", "0.000"),
    Line("Input tokens per call", "={Input tokens}/{Calls}", "tokens / call", "#,##0"),
    Line("Output tokens per call", "={Output tokens}/{Calls}", "tokens / call", "#,##0"),
    Line(
        "Share of input from the cache",
        "=IF({Input tokens}=0,0,{of which cached}/{Input tokens})",
        "share",
        "0.0%",
    ),
    Line(
        "Cost per successful request",
        "={Cost of all calls}/{Requests}/{Success rate}",
        "{currency} / request",
        PER_REQUEST,
        "All calls, failed ones and fallbacks too, over the requests that succeeded.",
        style.RESULT,
    ),
    Line(
        "95% interval: from",
        lambda side: side.draws.interval[0],
        "{currency} / request",
        PER_REQUEST,
        "By 4,000 draws; below seven days with a stated prior.",
    ),
    Line("95% interval: to", lambda side: side.draws.interval[1], "{currency} / request", PER_REQUEST),
    Line(
        "Cost per request",
        "={Cost of all calls}/{Requests}",
        "{currency} / request",
        PER_REQUEST,
        "Over all requests. Inputs count them all, and the success rate is the share of them that succeeded.",
    ),
    Line(
        "Resampled units",
        lambda side: side.draws.clusters,
        "",
        "General",
        "Requests or whole days: whichever spreads wider.",
    ),
    Line(
        "Hosting per month",
        lambda side: side.hosting,
        "{currency} / month",
        "#,##0.00",
        "Hours times price by the price file; all requests of a month bear it.",
    ),
    Line("Days seen", lambda side: len(side.per_day), "days", "#,##0"),
    Line("Active users", lambda side: side.users or None, "users", "#,##0", "Where the export names users."),
    Line(
        "Requests per active user and day",
        '=IF(N({Active users})=0,"",{Requests}/{Active users}/{Days seen})',
        "requests / user / day",
        "0.00",
    ),
)
ROWS = {line.label: FIRST_ROW + 1 + place for place, line in enumerate(LINES)}
MODELS_ROW = FIRST_ROW
USED_ROW = FIRST_ROW + len(LINES) + 1
WINDOW_ROW = USED_ROW + 3
MONTHLY_ROW = WINDOW_ROW + 3
ANSWERS_ROW = MONTHLY_ROW + 2
WARNINGS_ROW = ANSWERS_ROW + 7


Cells = Mapping[tuple[str, str], str]
"""The cells of list prices, by model and kind."""


def fill_traces(sheet: Worksheet, observed: "Observed", currency: str, prices: Cells, full: bool) -> None:
    """Write every section."""
    first, last = day_of(min(side.first for side in sides(observed))), last_day(observed)
    head(
        sheet,
        "Traces",
        f"What requests cost in production, {first} to {last} (UTC), in {currency}.",
        WIDTHS,
        tab="166534",
    )
    header(sheet, HEADER_ROW, ("Measured", "Baseline", "Fine-tuned", "Unit", "Note"), numeric=(BASE, TUNED))
    measured(sheet, observed, currency, prices)
    traffic(sheet, observed)
    answers(sheet, observed, currency)
    probability(sheet, observed, full)
    new_page(sheet, ANSWERS_ROW)
    row = warnings(sheet, observed)
    row = distribution(sheet, row, observed, currency)
    new_page(sheet, row)
    row = rhythm(sheet, row, observed)
    new_page(sheet, row)
    row = cost_by_day(sheet, row, observed, currency)
    row = cost_by_hour(sheet, row, observed, currency)
    new_page(sheet, row)
    row = report(sheet, row, observed)
    row = statuses(sheet, row, observed)
    row = files(sheet, row, observed)
    row = rejects(sheet, row, observed)
    finish(sheet, row - 2, NOTE)


def measured(sheet: Worksheet, observed: "Observed", currency: str, prices: Cells) -> None:
    """The measures of both sides, and which cost the model uses."""
    put(sheet, MODELS_ROW, LABEL, "Models")
    for column, side in zip((BASE, TUNED), sides(observed), strict=True):
        text(sheet, MODELS_ROW, column, ", ".join(side.models)[:LONGEST_NAME], alignment=style.RIGHT)
    fit_height(
        sheet,
        MODELS_ROW,
        [
            (column, ", ".join(side.models)[:LONGEST_NAME])
            for column, side in zip((BASE, TUNED), sides(observed), strict=True)
        ],
    )
    put(sheet, MODELS_ROW, UNIT, "", style.NOTE)
    assumed = "The fine-tuned side is assumed: no request went to it yet." if observed.fine_tuned.assumed else ""
    put(sheet, MODELS_ROW, NOTE, assumed, style.NOTE)
    for line in LINES:
        row = ROWS[line.label]
        put(sheet, row, LABEL, line.label, style.RESULT if line.look is style.RESULT else style.LABEL)
        for column, side in zip((BASE, TUNED), sides(observed), strict=True):
            put(sheet, row, column, cell_of(line, side, column, prices), line.look, line.number_format, style.RIGHT)
        put(sheet, row, UNIT, line.unit.format(currency=currency), style.NOTE)
        put(sheet, row, NOTE, line.note, style.NOTE)
    used_cost(sheet, observed, currency)


def cell_of(line: Line, side: "Side", column: int, prices: Cells) -> Any:
    """A line's value for one side, or its formula over the other lines and the list prices, if there are any."""
    if not isinstance(line.value, str):
        return line.value(side)
    formula = line.value
    for model, kind in prices:
        if model == side.models[0]:
            formula = formula.replace(f"{{price:{kind}}}", prices[model, kind])
    return None if "{price:" in formula else over_lines(formula, column)


def over_lines(formula: str, column: int) -> str:
    """A formula with the cells of the lines that it names."""
    for label, row in ROWS.items():
        formula = formula.replace("{" + label + "}", local(row, column))
    return formula


def used_cost(sheet: Worksheet, observed: "Observed", currency: str) -> None:
    """The costs that Inputs take: as they are, or at the baseline's mix of prompt lengths."""
    measured = [f"={local(ROWS['Cost per request'], column)}" for column in (BASE, TUNED)]
    note = "As measured."
    if observed.is_reweighted:
        measured[1] = f"={observed.fine_tuned.each.ratio!r}"
        note = "The fine-tuned cost at the baseline's mix of prompt lengths."
    put(sheet, USED_ROW, LABEL, "Cost per request, for Inputs", style.RESULT)
    for column, side, cost in zip((BASE, TUNED), sides(observed), measured, strict=True):
        hosted = f"+{local(ROWS['Hosting per month'], column)}/{local(MONTHLY_ROW, BASE)}" if side.hosting else ""
        value = (
            cost + hosted if hosted or not observed.is_reweighted or column == BASE else observed.fine_tuned.each.ratio
        )
        put(sheet, USED_ROW, column, value, style.RESULT, PER_REQUEST)
    put(sheet, USED_ROW, UNIT, f"{currency} / request", style.NOTE)
    put(sheet, USED_ROW, NOTE, note, style.NOTE)


def traffic(sheet: Worksheet, observed: "Observed") -> None:
    """How many requests a month has."""
    header(sheet, WINDOW_ROW - 1, ("Traffic", "Value", "", "Unit", "Note"), numeric=(BASE,))
    requests = local(ROWS["Requests"], BASE)
    if not observed.fine_tuned.assumed:
        requests = f"({requests}+{local(ROWS['Requests'], TUNED)})"
    window, sampled, days = (local(WINDOW_ROW + place, BASE) for place in range(3))
    monthly = f"={requests}/{window}*{days}/{sampled}"
    lines = (
        (
            "Window observed",
            observed.window_days,
            "days",
            "#,##0.00",
            "From the first to the last call of both models, or to the end of the last bucket; shared days count once.",
        ),
        ("Share of traffic in the traces", observed.sampled, "share", "0.0%", "1 unless --sampled says otherwise."),
        ("Days of a month", DAYS_A_MONTH, "days", "0.0000", "A twelfth of 365.25 days."),
        (
            "Requests per month",
            observed.monthly_requests if observed.is_volume_given else monthly,
            "requests / month",
            "#,##0",
            "As given." if observed.is_volume_given else "Of both models together, failed ones too.",
        ),
    )
    for row, (label, value, unit, number_format, note) in enumerate(lines, start=WINDOW_ROW):
        look = style.RESULT if row == MONTHLY_ROW else style.CALCULATION
        put(sheet, row, LABEL, label, style.RESULT if row == MONTHLY_ROW else style.LABEL)
        put(sheet, row, BASE, value, look, number_format)
        put(sheet, row, TUNED, None, style.LABEL)
        put(sheet, row, UNIT, unit, style.NOTE)
        put(sheet, row, NOTE, note, style.NOTE)


def answers(sheet: Worksheet, observed: "Observed", currency: str) -> None:
    """What follows, with its interval."""
    header(sheet, ANSWERS_ROW, ("When observed", "Value", "95% from", "95% to", "Note"), numeric=(BASE, TUNED, UNIT))
    note = "With the other inputs as of then; intervals from draws of both costs and of the traffic."
    for row, (name, numbers) in enumerate(observed.answers.items(), start=ANSWERS_ROW + 1):
        quantity = QUANTITIES[name]
        put(sheet, row, LABEL, f"{quantity.label} ({quantity.unit.named(currency).partition(',')[0]})")
        for column, number in zip((BASE, TUNED, UNIT), numbers, strict=True):
            put(sheet, row, column, shown_answer(number), style.CALCULATION, quantity.unit.number_format, style.RIGHT)
        put(sheet, row, NOTE, note, style.NOTE)
        note = ""


def probability(sheet: Worksheet, observed: "Observed", full: bool) -> None:
    """How sure the answer is: the one number of the workbook; and what to do next."""
    words = PROBABILITY if NET_BENEFIT.name in observed.answers else PROBABILITY_LABEL
    measured_alone = (words, observed.probability, MEASURED_DOUBT)
    label, value, note = (PROBABILITY_LABEL, SHOWN_PROBABILITY, ALL_DOUBT) if full else measured_alone
    row = ANSWERS_ROW + 1 + len(observed.answers)
    put(sheet, row, LABEL, label, style.RESULT, alignment=style.INDENTED)
    put(sheet, row, BASE, value, style.RESULT, "0.0%")
    put(sheet, row, NOTE, note, style.NOTE)
    fit_height(sheet, row, [(LABEL, label), (NOTE, note)])
    put(sheet, row + 1, LABEL, "What to do next")
    sheet.merge_cells(start_row=row + 1, start_column=BASE, end_row=row + 1, end_column=NOTE)
    text(sheet, row + 1, BASE, as_sentence(next_step(observed)) + ".")


def shown_answer(number: float) -> Any:
    """A result as the sheet shows it: words where there is no number."""
    if math.isnan(number):
        return "undefined"
    return "never" if math.isinf(number) else number


def as_sentence(line: str) -> str:
    """A line with a capital letter, unless it begins with the name of a model.

    >>> as_sentence("only 30 requests"), as_sentence("gpt-4o is shut down")
    ('Only 30 requests', 'gpt-4o is shut down')
    """
    return line[:1].upper() + line[1:] if line.partition(" ")[0].isalpha() else line


def warnings(sheet: Worksheet, observed: "Observed") -> int:
    """What to know before believing the numbers; the row after it."""
    header(sheet, WARNINGS_ROW, ("Before you rely on it", "", "", "", ""))
    lines = observed.warnings or ("No caveats: enough requests and days, comparable traffic, no rows lost.",)
    for row, line in enumerate(lines, start=WARNINGS_ROW + 1):
        sheet.merge_cells(start_row=row, start_column=LABEL, end_row=row, end_column=NOTE)
        text(sheet, row, LABEL, as_sentence(line) + ".")
        sheet.row_dimensions[row].height = 18 if len(line) < 150 else 32
    return WARNINGS_ROW + len(lines) + 2


def input_cells(observed: "Observed") -> dict[str, str]:
    """The cells of this sheet that feed Inputs, by the inputs' names."""
    costs = {
        BASELINE_COST_PER_REQUEST.name: absolute(TRACES, USED_ROW, BASE),
        FINE_TUNED_COST_PER_REQUEST.name: absolute(TRACES, USED_ROW, TUNED),
        MONTHLY_REQUESTS.name: absolute(TRACES, MONTHLY_ROW, BASE),
    }
    measures = {
        "success_rate": "Success rate",
        "input_tokens": "Input tokens per call",
        "output_tokens": "Output tokens per call",
        "cached_share": "Share of input from the cache",
    }
    blocks = {
        f"{prefix}_{name}": absolute(TRACES, ROWS[label], column)
        for prefix, column in (("baseline", BASE), ("fine_tuned", TUNED))
        for name, label in measures.items()
    }
    return costs | blocks


def source_of(observed: "Observed") -> str:
    """The words that name the source of an input."""
    return f"Traces sheet, to {last_day(observed)}"


def last_day(observed: "Observed") -> dt.date:
    """The last day of which there is any time: that of a bucket ends with it."""
    return day_of(max(side.last for side in sides(observed)) - 1)
