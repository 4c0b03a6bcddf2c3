"""What must a reader know before believing what traces say?"""

import math
from collections.abc import Iterator
from itertools import pairwise

from roi_xl.describe import several
from roi_xl.functions.shutdowns import shutdown_of
from roi_xl.observed import bootstrap
from roi_xl.observed.findings import Observed
from roi_xl.observed.moments import DAY, day_of
from roi_xl.observed.periods import days_of_last
from roi_xl.observed.sides import Side, in_words

FEW_REQUESTS = 400
GAP_DAYS, GAP_SHARE = 3, 0.25
UNLIKE = 0.1
BILL_TOLERANCE = 0.01
NOTED_DIFFERENCE = 0.005


def warnings_of(observed: Observed) -> Iterator[str]:
    """What a reader must know before believing the numbers."""
    if observed.fine_tuned.assumed:
        yield (
            "no request went to the fine-tuned model: its cost is the baseline's tokens at its prices, "
            "which supposes the same prompts, answers and failures"
        )
    yield from small_samples("baseline", observed.baseline)
    if not observed.fine_tuned.assumed:
        yield from small_samples("fine-tuned", observed.fine_tuned)
    yield from doubts_of_time(observed)
    yield from doubts_of_lengths(observed)
    yield from doubts_of_quality(observed)
    yield from shutdowns(observed)
    yield from observed.notes
    yield from doubts_of_rows(observed)


def doubts_of_lengths(observed: Observed) -> Iterator[str]:
    """Prompts that are not as long on both sides."""
    if observed.unlikeness <= UNLIKE or observed.is_reweighted:
        return
    if math.isnan(observed.reweighted):
        yield "no prompt lengths are common to both models: their costs are of different work"
        return
    yield (
        f"prompt lengths differ between the models ({observed.unlikeness:.0%} would have to change class): "
        f"at the baseline's mix the fine-tuned cost is {observed.reweighted:.6g}; --reweight compares so"
    )


def shutdowns(observed: Observed) -> Iterator[str]:
    """Models whose last day was announced."""
    for model in sorted({*observed.baseline.models, *observed.fine_tuned.models}):
        last = shutdown_of(model)
        if last is not None:
            yield f"{model} is shut down on {last.on} ({last.source}): savings end with it"


def doubts_of_quality(observed: Observed) -> Iterator[str]:
    """Models that do not succeed as often, and requests that look like several."""
    difference, low, high = observed.success_difference
    if abs(difference) > NOTED_DIFFERENCE and not low <= 0 <= high:
        cost = observed.quality["failure_cost"]
        priced = f"a failure is priced at {cost:g}" if cost else "failures cost nothing here: --set failure_cost=COST"
        yield (
            f"the baseline succeeds in {observed.baseline.success_rate:.1%} of its requests, the fine-tuned model in "
            f"{observed.fine_tuned.success_rate:.1%} (95% of the difference: {low:.1%} to {high:.1%}); {priced}"
        )
    sides = (observed.baseline, observed.fine_tuned)[: 1 if observed.fine_tuned.assumed else 2]
    shared, steps = (sum(getattr(side, name) for side in sides) for name in ("shared", "steps"))
    if shared:
        yield (
            f"requests with successful calls of both models: {shared:,}; each counts for the model of its first call "
            "(--group call counts calls)"
        )
    if steps:
        yield (
            f"requests with more than one successful call: {steps:,}; if they are steps of an agent, --group agent "
            "lets the last one decide"
        )


def doubts_of_time(observed: Observed) -> Iterator[str]:
    """A volume that a person gave, or one that few days say little of."""
    if observed.is_volume_given:
        yield f"the volume is as given, without a spread; the traces are of {in_words(observed.window_days)}"
    elif observed.window_days < bootstrap.FEWEST_DAYS - 1:
        yield (
            f"the traces are of {in_words(observed.window_days)}: below seven the spread of the volume is supposed, "
            f"{bootstrap.DAYS_DIFFER_IN_VOLUME:.0%} from day to day, until more days tell"
        )
    gap = None if observed.is_volume_given else longest_gap(observed)
    if gap is not None:
        first, last = gap
        yield (
            f"no request from {day_of(first * DAY)} to {day_of(last * DAY)}, {last - first + 1:,} of "
            f"{in_words(observed.window_days)}: if traces are missing there, requests a month are too few"
        )


def longest_gap(observed: Observed) -> tuple[int, int] | None:
    """The first and the last day of the longest time without a request, if it is a large part of the time seen."""
    sides = (observed.baseline, observed.fine_tuned)[: 1 if observed.fine_tuned.assumed else 2]
    days = sorted({day for side in sides for day in side.per_day})
    if days_of_last(days) > 1:
        return None
    gaps = [
        (last - first - 1, first + 1, last - 1)
        for first, last in pairwise(days)
        if any(side.first < (first + 1) * DAY and side.last >= last * DAY for side in sides)
    ]
    longest, first, last = max(gaps, default=(0, 0, 0))
    return (first, last) if longest >= GAP_DAYS and longest > GAP_SHARE * observed.window_days else None


def small_samples(label: str, side: Side) -> Iterator[str]:
    """Too few requests or days of one side."""
    if side.successes < FEW_REQUESTS:
        seen = several(side.successes, "successful request")
        yield f"only {seen} of the {label} model: at least {FEW_REQUESTS} say more"
    if len(side.per_day) < bootstrap.FEWEST_DAYS and days_of_last(sorted(side.per_day)) == 1:
        yield f"the {label} model was seen on {several(len(side.per_day), 'day')} only: a week or more shows its rhythm"


def doubts_of_rows(observed: Observed) -> Iterator[str]:
    """A bill that says otherwise, rows that were not taken, rows that were there twice."""
    if observed.bill is not None:
        billed, priced = observed.bill
        if abs(billed - priced) > BILL_TOLERANCE * max(billed, priced):
            yield f"the bill says {billed:,.2f} for the same days, the traces {priced:,.2f}"
    rows, refused = sum(one.rows for one in observed.files), sum(one.rows for one in observed.rejects)
    seen: dict[str, str] = {}
    for one in observed.files:
        if one.digest and one.digest in seen:
            yield f"{one.name} is the same file as {seen[one.digest]} (SHA-256 {one.digest[:12]}…)"
        seen.setdefault(one.digest, one.name)
    if refused:
        verb = "was" if refused == 1 else "were"
        yield f"{refused:,} of {rows:,} rows {verb} not taken: {observed.rejects[0].reason}, first of all"
    if observed.duplicates:
        yield f"rows that were there more than once: {observed.duplicates:,}; each call is counted once"
    if not observed.has_requests:
        yield (
            "the files do not say which calls belong to one request, so that a fallback counts for its own model: "
            "--map request_id=COLUMN names the column that does"
        )
