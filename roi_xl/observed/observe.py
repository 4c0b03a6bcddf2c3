"""From traces to the answer: does fine-tuning pay back, and how sure is that?"""

import datetime as dt
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from roi_xl.checks import checked
from roi_xl.describe import apply
from roi_xl.errors import NotSupported, OutOfBounds, UnknownName
from roi_xl.functions import breakeven, totals
from roi_xl.functions.price_table import Price
from roi_xl.observed import bootstrap, sources
from roi_xl.observed.bootstrap import Array, Draws
from roi_xl.observed.calls import DAY, DAYS_A_MONTH, MICROSECONDS, Reading
from roi_xl.observed.requests import BASELINE, FINE_TUNED, LENGTHS
from roi_xl.observed.rows import Reject, Rows, SourceFile, read_rows
from roi_xl.observed.sources import Found
from roi_xl.observed.summary import Table, by_key, clusters
from roi_xl.observed.traffic import Traffic, read_traffic
from roi_xl.observed.zones import offsets
from roi_xl.quantities import INPUTS, reference_case

FEW_REQUESTS = 400
UNLIKE = 0.1
BILL_TOLERANCE = 0.01
CLASSES = len(LENGTHS) + 1
MEASURED = ("baseline_cost_per_request", "fine_tuned_cost_per_request", "monthly_requests")
COUNTED = ("requests", "successes", "calls", "fallbacks", "input_tokens", "output_tokens", "cached_tokens")


@dataclass(frozen=True)
class Side:
    """What one model's requests came to."""

    models: tuple[str, ...]
    requests: int
    successes: int
    calls: int
    fallbacks: int
    input_tokens: int
    output_tokens: int
    cached_tokens: int
    cost: float
    failed_cost: float
    draws: Draws
    first: int
    last: int
    per_day: Mapping[int, int]
    by_cost: Mapping[int, int]
    users: int
    assumed: bool = False

    @property
    def cost_per_request(self) -> float:
        """Money for each successful request."""
        return self.draws.ratio

    @property
    def success_rate(self) -> float:
        """The share of requests that succeeded in the end."""
        return self.successes / self.requests


@dataclass(frozen=True)
class Asked:
    """How a person wants the traces to be taken."""

    currency: str
    sampled: float
    reweight: bool
    seed: int


@dataclass(frozen=True)
class Observed:
    """What the traces say, and what follows."""

    baseline: Side
    fine_tuned: Side
    files: tuple[SourceFile, ...]
    rejects: tuple[Reject, ...]
    prices: tuple[Price, ...]
    duplicates: int
    currency: str
    window_days: float
    monthly_requests: float
    sampled: float
    unlikeness: float
    reweighted: float
    is_reweighted: bool
    has_requests: bool
    bill: tuple[float, float] | None
    inputs: Mapping[str, float]
    answers: Mapping[str, tuple[float, float, float]]
    probability: float
    warnings: tuple[str, ...] = field(default=())


def observe(
    files: Sequence[str | Path] | str | Path,
    baseline: str,
    fine_tuned: str,
    *,
    format: str | None = None,  # noqa: A002
    mapping: Mapping[str, str] | None = None,
    inputs: Mapping[str, float] | None = None,
    currency: str = "USD",
    time_zone: str | None = None,
    sampled: float = 1,
    reweight: bool = False,
    backend: str | None = None,
    strict: bool = False,
    rejects: str | Path | None = None,
    seed: int = 1,
    progress: Callable[[], None] = lambda: None,
) -> Observed:
    """Costs per successful request from traces, and what follows for the business case.

    Retries, failed calls and fallbacks are charged to the request that they served. Costs
    are those of the export; where it has none, tokens are priced by the book (`price_of`).
    If no request went to the fine-tuned model yet, the baseline's tokens are priced at its
    prices, and the result says that this is assumed.

    Args:
        files: CSV, JSON lines or Parquet, names or patterns; with a backend, its tables.
        baseline: the model of today: a name, names with commas, or a pattern such as gpt-4o*.
        fine_tuned: the model that is to replace it.
        format: the tool that wrote the files; told by their columns if it is left out.
        mapping: columns by field, where they have other names; `=text` is the same in every row.
        inputs: the other inputs of the case by their names; the examples if left out.
        currency: the currency of all costs; a row of another one is not taken.
        time_zone: of times without an offset, such as Europe/Berlin; UTC if left out.
        sampled: the share of all traffic that the traces hold.
        reweight: compare at the baseline's mix of prompt lengths.
        backend: an engine that Ibis can connect to, by its address; DuckDB if left out.
        strict: refuse files with rows that cannot be read.
        rejects: a CSV file for those rows.
        seed: the same seed gives the same draws.
        progress: called after each step of several.

    Returns:
        What was observed; `inputs` of it are the six inputs of the case.

    Raises:
        RoiError: what is wrong, with the file and the row where that helps.
    """
    case = {**reference_case(), **(inputs or {})}
    for name in MEASURED:
        if name in (inputs or {}):
            raise UnknownName(f"{name} is measured by the traces; it cannot be given as well")
    for name in case:
        if name not in {quantity.name for quantity in INPUTS}:
            raise UnknownName(f"{name!r} is no input; they are {', '.join(quantity.name for quantity in INPUTS)}")
    if not 0 < sampled <= 1:
        raise OutOfBounds(f"sampled must be above 0 and at most 1, got {sampled:g}")
    asked = Asked(currency.upper(), sampled, reweight, seed)
    reading = Reading(currency.upper(), tomorrow(), offsets(time_zone) if time_zone else ())
    names = [files] if isinstance(files, str | Path) else list(files)
    with engine(backend) as connection:
        found = opened(connection, names, format, mapping or {}, backend)
        progress()
        rows = read_rows(connection, found, reading, ours=backend is None)
        if strict and rows.refused:
            first = rows.refused[0]
            raise NotSupported(f"{first.rows:,} rows cannot be read: {first.reason}, such as {first.examples[0]}")
        if rejects is not None:
            rows.write_rejects(Path(rejects))
        progress()
        traffic = read_traffic(rows, baseline, fine_tuned, progress)
    return answered(rows, traffic, case, asked)


@contextmanager
def engine(backend: str | None) -> Iterator[Any]:
    """The engine, and its folder for as long as it is needed."""
    with tempfile.TemporaryDirectory(prefix="roi-xl-") as folder:
        connection = sources.connected(Path(folder), backend)
        try:
            yield connection
        finally:
            connection.disconnect()


def tomorrow() -> int:
    """The latest time that a row may have, in microseconds: a day from now, for clocks that are ahead."""
    return int((dt.datetime.now(dt.UTC) + dt.timedelta(days=1)).timestamp()) * MICROSECONDS


def opened(
    connection: Any, names: Sequence[Any], format_: str | None, mapping: Mapping[str, str], backend: Any
) -> list[Found]:
    """The files, or the tables of another engine."""
    if backend is not None:
        return sources.open_tables(connection, [str(name) for name in names], format_, mapping)
    return sources.open_files(connection, sources.expanded(names), format_, mapping)


def answered(rows: Rows, traffic: Traffic, case: Mapping[str, float], asked: Asked) -> Observed:
    """The two sides with their draws, and what follows from them."""
    mix = lengths_of(traffic.by_group.of_side(BASELINE))
    plain = np.ones(1)
    baseline = side_of(traffic, BASELINE, plain, asked.seed)
    theirs = traffic.mirrored() if traffic.assumed else traffic
    tuned = side_of(theirs, FINE_TUNED, plain, asked.seed + 1)
    fair = clusters(theirs.by_group.of_side(FINE_TUNED), "group", CLASSES)
    reweighted = float(fair.ratio(mix, np.ones(len(fair))))
    days = observed_days(baseline, tuned)
    successes = baseline.successes + (0 if traffic.assumed else tuned.successes)
    monthly = successes / days * DAYS_A_MONTH / asked.sampled
    volumes = bootstrap.volume_draws(
        np.array(list(together(baseline, tuned, traffic.assumed).values()), float), monthly, asked.seed + 2
    )
    used = side_of(theirs, FINE_TUNED, mix, asked.seed + 1) if asked.reweight else tuned
    points = (baseline.cost_per_request, used.cost_per_request, monthly)
    inputs = {**case, **dict(zip(MEASURED, points, strict=True))}
    draws = (baseline.draws.values, used.draws.values, volumes)
    drawn: dict[str, Any] = {**inputs, **dict(zip(MEASURED, draws, strict=True))}
    answers = {name: spread_of(function(drawn), function(inputs)) for name, function in ANSWERS.items()}
    unlike = float(np.abs(mix - lengths_of(theirs.by_group.of_side(FINE_TUNED))).sum() / 2)
    observed = Observed(
        baseline=baseline,
        fine_tuned=used,
        files=rows.files,
        rejects=(*rows.refused, *traffic.unpriced),
        prices=traffic.prices,
        duplicates=rows.duplicates,
        currency=asked.currency,
        window_days=days,
        monthly_requests=monthly,
        sampled=asked.sampled,
        unlikeness=unlike,
        reweighted=reweighted,
        is_reweighted=asked.reweight,
        has_requests=rows.has_requests,
        bill=traffic.bill,
        inputs=inputs,
        answers=answers,
        probability=float(np.mean(ANSWERS["net_benefit"](drawn) >= 0)),
    )
    return replace(observed, warnings=tuple(warnings_of(observed)))


def side_of(traffic: Traffic, side: int, mix: Array, seed: int) -> Side:
    """One side of the traffic, with draws of its cost for a mix of lengths."""
    groups, days = traffic.by_group.of_side(side), traffic.by_day.of_side(side)
    if not groups.total("successes"):
        names = ", ".join(traffic.models[side])
        raise NotSupported(f"of {groups.total('requests'):,} requests that began with {names} none succeeded")
    drawn_from = [clusters(groups, "group", CLASSES), clusters(days, "day", CLASSES)]
    if len(mix) == 1:
        drawn_from = [one.together for one in drawn_from]
    return Side(
        models=traffic.models[side],
        **{name: groups.total(name) for name in COUNTED},
        cost=groups.total_cost(),
        failed_cost=groups.total("failed_cost_micro") / 1e6,
        draws=bootstrap.ratio_draws(drawn_from[0], drawn_from[1], mix, seed),
        first=int(groups["first"].min()),
        last=int(groups["last"].max()),
        per_day=by_key(days, "day", "successes"),
        by_cost=by_key(traffic.by_cost.of_side(side), "cost_class", "requests"),
        users=traffic.users[side],
        assumed=traffic.assumed and side == FINE_TUNED,
    )


def lengths_of(groups: Table) -> Array:
    """The share of successful requests in each class of prompt length."""
    counts = np.bincount(groups["length_class"], weights=groups["successes"], minlength=CLASSES)
    shares: Array = counts / max(1, counts.sum())
    return shares


def observed_days(*sides: Side) -> float:
    """How many days the traces are of: the spans of both sides, days that they share counted once."""
    spans = sorted((side.first, side.last) for side in sides)
    (first, last), (other_first, other_last) = spans
    span = max(last, other_last) - first if other_first <= last else (last - first) + (other_last - other_first)
    return max(span / DAY, 1 / 24)


def together(baseline: Side, tuned: Side, assumed: bool) -> dict[int, int]:
    """Successful requests of each whole day, of both sides; the first and the last day are parts."""
    found = dict(baseline.per_day)
    for day, count in () if assumed else tuned.per_day.items():
        found[day] = found.get(day, 0) + count
    days = sorted(found)
    return {day: found[day] for day in (days[1:-1] if len(days) > 3 else days)}


def spread_of(draws: Any, point: float) -> tuple[float, float, float]:
    """A result with the ends of its 95 % interval; what never happens is infinite."""
    low, high = np.percentile(draws, bootstrap.ENDS, method="nearest")
    return float(point), float(low), float(high)


ANSWERS: dict[str, Callable[[Mapping[str, Any]], Any]] = {
    "breakeven_months": lambda case: apply(checked(breakeven.breakeven_months), case),
    "net_benefit": lambda case: apply(checked(totals.net_benefit), case),
    "return_on_investment": lambda case: apply(checked(totals.roi_percent), case),
}
"""What follows from the six inputs, numbers or draws."""


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
    if observed.unlikeness > UNLIKE and not observed.is_reweighted:
        yield (
            f"prompt lengths differ between the models ({observed.unlikeness:.0%} would have to change class): "
            f"at the baseline's mix the fine-tuned cost is {observed.reweighted:.6g}; --reweight compares so"
        )
    yield from doubts_of_rows(observed)


def small_samples(label: str, side: Side) -> Iterator[str]:
    """Too few requests or days of one side."""
    if side.successes < FEW_REQUESTS:
        yield f"only {side.successes:,} successful requests of the {label} model: at least {FEW_REQUESTS} say more"
    if len(side.per_day) < bootstrap.FEWEST_DAYS:
        days = "one day" if len(side.per_day) == 1 else f"{len(side.per_day)} days"
        yield f"the {label} model was seen on {days} only: a week or more shows its rhythm"


def doubts_of_rows(observed: Observed) -> Iterator[str]:
    """A bill that says otherwise, rows that were not taken, rows that were there twice."""
    if observed.bill is not None:
        billed, priced = observed.bill
        if abs(billed - priced) > BILL_TOLERANCE * max(billed, priced):
            yield f"the bill says {billed:,.2f} for the same days, the traces {priced:,.2f}"
    taken, refused = sum(one.taken for one in observed.files), sum(one.rows for one in observed.rejects)
    if refused:
        yield f"{refused:,} of {taken + refused:,} rows were not taken: {observed.rejects[0].reason}, first of all"
    if observed.duplicates:
        yield f"rows that were there more than once: {observed.duplicates:,}; each call is counted once"
    if not observed.has_requests:
        yield (
            "the files do not say which calls belong to one request, so that a fallback counts for its own model: "
            "--map request_id=COLUMN names the column that does"
        )
