"""What must a reader know before believing what traces say?"""

import math
from collections.abc import Iterator
from itertools import pairwise

from roi_xl.describe import several
from roi_xl.functions.shutdowns import shutdown_of
from roi_xl.observed import bootstrap
from roi_xl.observed.findings import Observed
from roi_xl.observed.moments import DAY, day_of
from roi_xl.observed.outliers import notes_of_outliers
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
            "no requests went to the fine-tuned model: its cost is the baseline's tokens at fine-tuned prices, "
            "assuming the same prompts, answers and failure rate"
        )
    for label, side in measured_sides(observed):
        yield from small_samples(label, side)
    yield from doubts_of_time(observed)
    yield from doubts_of_lengths(observed)
    yield from doubts_of_quality(observed)
    for label, side in measured_sides(observed):
        yield from notes_of_outliers(label, side)
    yield from shutdowns(observed)
    yield from observed.notes
    yield from doubts_of_rows(observed)


def measured_sides(observed: Observed) -> list[tuple[str, Side]]:
    """Both models with their names for a reader; the baseline alone if the other one is assumed."""
    both = [("baseline", observed.baseline), ("fine-tuned", observed.fine_tuned)]
    return both[:1] if observed.fine_tuned.assumed else both


def doubts_of_lengths(observed: Observed) -> Iterator[str]:
    """Prompts that are not as long on both sides."""
    if observed.unlikeness <= UNLIKE or observed.is_reweighted:
        return
    if math.isnan(observed.reweighted):
        yield "the two models share no prompt lengths, so their costs reflect different work"
        return
    yield (
        f"prompt lengths differ between the models ({observed.unlikeness:.0%} of the mix): at the baseline's mix, "
        f"the fine-tuned cost would be {observed.reweighted:.6g}; use --reweight to compare on that basis"
    )


def shutdowns(observed: Observed) -> Iterator[str]:
    """Models whose last day was announced, in one line, by that day."""
    models = sorted({*observed.baseline.models, *observed.fine_tuned.models})
    found = [(model, last) for model in models if (last := shutdown_of(model)) is not None]
    days = {last.on: " and ".join(model for model, other in found if other.on == last.on) for _, last in found}
    if found:
        retired = ", ".join(f"{named} on {day}" for day, named in sorted(days.items()))
        sources = "; ".join(dict.fromkeys(last.source for _, last in found))
        yield f"retired: {retired} ({sources}); savings end then"


def doubts_of_quality(observed: Observed) -> Iterator[str]:
    """Models that do not succeed as often, and requests that look like several."""
    difference, low, high = observed.success_difference
    if abs(difference) > NOTED_DIFFERENCE and not low <= 0 <= high:
        cost = observed.quality["failure_cost"]
        priced = f"a failure is priced at {cost:g}" if cost else "a failure has no price yet: --set failure_cost=COST"
        yield (
            f"the baseline succeeds on {observed.baseline.success_rate:.1%} of its requests, the fine-tuned model on "
            f"{observed.fine_tuned.success_rate:.1%} (baseline minus fine-tuned, 95% interval: {100 * low:.1f} to "
            f"{100 * high:.1f} percentage points); {priced}"
        )
    sides = [side for _, side in measured_sides(observed)]
    shared, steps = (sum(getattr(side, name) for side in sides) for name in ("shared", "steps"))
    if shared:
        yield (
            f"requests with successful calls to both models: {shared:,}; each is assigned to the model of its first "
            "call (--group call counts calls instead)"
        )
    if steps:
        yield (
            f"requests with more than one successful call: {steps:,}; if these are an agent's steps, use --group agent "
            "so that the last call decides"
        )


def doubts_of_time(observed: Observed) -> Iterator[str]:
    """A volume that a person gave, or one that few days say little of."""
    if observed.is_volume_given:
        yield f"the request volume is as given, with no range; the traces cover {in_words(observed.window_days)}"
    elif observed.window_days < bootstrap.FEWEST_DAYS - 1:
        yield (
            f"the traces cover only {in_words(observed.window_days)}: with fewer than seven, the day-to-day variation "
            f"in volume is assumed to be {bootstrap.DAYS_DIFFER_IN_VOLUME:.0%}"
        )
    gap = None if observed.is_volume_given else longest_gap(observed)
    if gap is not None:
        first, last = gap
        yield (
            f"no requests from {day_of(first * DAY)} to {day_of(last * DAY)}, {last - first + 1:,} of "
            f"{in_words(observed.window_days)}: if traces are missing for those days, monthly requests are understated"
        )


def longest_gap(observed: Observed) -> tuple[int, int] | None:
    """The first and the last day of the longest time without a request, if it is a large part of the time seen."""
    sides = [side for _, side in measured_sides(observed)]
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
        yield f"only {seen} for the {label} model: collect at least {FEW_REQUESTS} for a stable estimate"
    if len(side.per_day) < bootstrap.FEWEST_DAYS and days_of_last(sorted(side.per_day)) == 1:
        days = several(len(side.per_day), "day")
        yield f"the {label} model was observed on only {days}: collect a week or more to capture its weekly pattern"


def doubts_of_rows(observed: Observed) -> Iterator[str]:
    """A bill that says otherwise, rows that were not taken, rows that were there twice."""
    if observed.bill is not None:
        billed, priced = observed.bill
        if abs(billed - priced) > BILL_TOLERANCE * max(billed, priced):
            yield f"the bill shows {billed:,.2f} for the same days; the traces add up to {priced:,.2f}"
    rows, refused = sum(one.rows for one in observed.files), sum(one.rows for one in observed.rejects)
    seen: dict[str, str] = {}
    for one in observed.files:
        if one.digest and one.digest in seen:
            yield f"{one.name} is the same file as {seen[one.digest]} (SHA-256 {one.digest[:12]}…)"
        seen.setdefault(one.digest, one.name)
    if refused:
        verb = "was" if refused == 1 else "were"
        yield f"{refused:,} of {rows:,} rows {verb} rejected; the first reason: {observed.rejects[0].reason}"
    if observed.duplicates:
        yield f"duplicate rows: {observed.duplicates:,}; each call is counted once"
    if not observed.has_requests:
        yield (
            "the files do not say which calls belong to the same request, so a fallback counts toward its own model; "
            "use --map request_id=COLUMN if a column does"
        )
