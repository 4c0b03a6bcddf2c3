"""From traces to the answer: does fine-tuning pay back, and how sure is that?"""

import datetime as dt
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from roi_xl.checks import LIMITS, accept
from roi_xl.errors import FileProblem, NotSupported, OutOfBounds, UnknownName
from roi_xl.functions.price_file import OwnPrice, given, read_price_file
from roi_xl.functions.price_table import PRICED_IN
from roi_xl.observed import bootstrap, sources
from roi_xl.observed.bootstrap import Array
from roi_xl.observed.calls import DAYS_A_MONTH, Reading, compared
from roi_xl.observed.doubts import warnings_of
from roi_xl.observed.findings import Observed
from roi_xl.observed.groupings import GROUPINGS
from roi_xl.observed.layouts import SUCCESS
from roi_xl.observed.moments import MICROSECONDS
from roi_xl.observed.outcome import QUALITY, outcome, spread_of
from roi_xl.observed.requests import BASELINE, FINE_TUNED
from roi_xl.observed.rows import Rows, read_rows
from roi_xl.observed.sides import (
    CLASSES,
    LEAST_DAYS,
    Side,
    daily_rates,
    in_words,
    lengths_of,
    observed_days,
    side_of,
    whole_days,
)
from roi_xl.observed.sources import Found
from roi_xl.observed.statuses import unjudged
from roi_xl.observed.summary import clusters
from roi_xl.observed.traffic import Traffic, read_traffic
from roi_xl.observed.zones import offsets
from roi_xl.quantities import MODEL_INPUTS, reference_case

PASSES = 4
"""How often a file is gone through: its bytes, its rows, its ids, its sums."""

MEASURED = ("baseline_cost_per_request", "fine_tuned_cost_per_request", "monthly_requests")


@dataclass(frozen=True)
class Asked:
    """How a person wants the traces to be taken."""

    currency: str
    sampled: float
    reweight: bool
    seed: int
    monthly_requests: float | None = None
    failure_cost: float = 0


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
    success: str | None = None,
    group: str = "trace",
    monthly_requests: float | None = None,
    start: str | dt.datetime | None = None,
    prices: Mapping[str, tuple[float, float, float]] | None = None,
    price_file: str | Path | None = None,
    backend: str | None = None,
    strict: bool = False,
    rejects: str | Path | None = None,
    seed: int = 1,
    progress: Callable[..., None] = sources.no_progress,
) -> Observed:
    """Costs per request and per successful one from traces, and what follows for the business case.

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
        inputs: the other inputs of the case by their names, the examples if left out; and options,
            such as `failure_cost` and `discount_rate`, with which the answer is that of the cash flow.
        currency: the currency of all costs; a row of another one is not taken.
        time_zone: of times without an offset, such as Europe/Berlin; UTC if left out.
        sampled: the share of all traffic that the traces hold.
        reweight: compare at the baseline's mix of prompt lengths.
        success: what makes a call a success, such as `score>=0.7`; the words for its status if left out.
        group: how calls become requests: a `trace` succeeds if any of its calls does, that of an
            `agent` if its last call does; or each `call` is a request.
        monthly_requests: requests a month, failed ones too; from the traces if left out, which need a day for that.
        start: when the traces begin, where their times are seconds since then.
        prices: input, cached input and output for a million tokens, by model, where the book does not know them.
        price_file: a TOML file of such prices with their source and day, tiers, factors and hosting.
        backend: an engine that Ibis can connect to, by its address; DuckDB if left out.
        strict: refuse files with rows that cannot be read.
        rejects: a CSV file for those rows.
        seed: the same seed gives the same draws.
        progress: called with the bytes of files that are done, each of them PASSES times, and perhaps with their rows.

    Returns:
        What was observed; `inputs` of it are the six inputs of the case and the options given.

    Raises:
        RoiError: what is wrong, with the file and the row where that helps.
    """
    case = case_of(inputs or {})
    if not 0 < sampled <= 1:
        raise OutOfBounds(f"sampled must be above 0 and at most 1, got {sampled:g}")
    if group not in GROUPINGS:
        raise UnknownName(f"group must be one of {', '.join(GROUPINGS)}, got {group!r}")
    own = own_prices(prices or {}, price_file)
    if monthly_requests is not None:
        monthly_requests = accept(LIMITS["monthly_requests"], monthly_requests, None)
    asked = Asked(currency.upper(), sampled, reweight, seed, monthly_requests, case.pop("failure_cost"))
    reading = Reading(currency.upper(), tomorrow(), offsets(time_zone) if time_zone else (), success, moment(start))
    mapping = {**(mapping or {}), **({SUCCESS: compared(success)[0]} if success else {})}
    names = [files] if isinstance(files, str | Path) else list(files)
    with engine(backend) as connection:
        found = opened(connection, names, format, mapping, backend, progress)
        rows = read_rows(connection, found, reading, backend is None, group != "call", progress)
        if strict and rows.refused:
            first = rows.refused[0]
            raise NotSupported(f"{first.rows:,} rows cannot be read: {first.reason}, such as {first.examples[0]}")
        if rejects is not None:
            rows.write_rejects(Path(rejects))
        traffic = read_traffic(rows, baseline, fine_tuned, group, own)
        progress(sum(one.size for one in found))
    in_dollars(traffic, asked.currency)
    notes = tuple(unjudged(rows.statuses, success)) if success else ()
    return answered(replace(rows, notes=(*notes, *rows.notes)), traffic, case, asked)


def in_dollars(traffic: Traffic, currency: str) -> None:
    """Prices of tokens and hosting are in dollars, those of a person too: with them, all costs are.

    Raises:
        NotSupported: the costs of the export are in another currency.
    """
    if traffic.prices and currency != PRICED_IN:
        model = traffic.prices[0].model
        raise NotSupported(
            f"the price of {model} is in {PRICED_IN}, and the costs are in {currency}: leave --currency out, "
            "or give a column of costs for every call"
        )


def own_prices(prices: Mapping[str, tuple[float, float, float]], price_file: str | Path | None) -> list[OwnPrice]:
    """The prices of a person: given one by one, which come first, or in a file."""
    for amount in (amount for some in prices.values() for amount in some):
        accept(LIMITS["input_price"], amount, None)
    return [*(given(*one) for one in prices.items()), *(read_price_file(Path(price_file)) if price_file else ())]


@contextmanager
def engine(backend: str | None) -> Iterator[Any]:
    """The engine, and its folder for as long as it is needed."""
    with tempfile.TemporaryDirectory(prefix="roi-xl-") as folder:
        connection = sources.connected(Path(folder), backend)
        try:
            with sources.unmerged() if backend is None else nullcontext():
                yield connection
        except RuntimeError as error:
            if "interrupted" in str(error):  # what DuckDB makes of Ctrl-C
                raise KeyboardInterrupt from None
            raise
        except sources.engine_errors() as error:
            raise FileProblem(f"the traces cannot be read: {sources.first_line(error)}") from None
        finally:
            connection.disconnect()


def case_of(inputs: Mapping[str, float]) -> dict[str, float]:
    """The inputs of the case that traces do not measure, what a failure costs, and the options that are given."""
    named = {quantity.name for quantity in MODEL_INPUTS} - {*MEASURED, *QUALITY[:2]}
    for name in inputs:
        if name in (*MEASURED, *QUALITY[:2]):
            more = "; --monthly-requests takes another number" if name == "monthly_requests" else ""
            raise UnknownName(f"{name} is measured by the traces; it cannot be given as well{more}")
        if name not in named:
            raise UnknownName(f"{name!r} is not an input of observe; they are {', '.join(sorted(named))}")
    given = {name: accept(LIMITS[name], number, None) for name, number in inputs.items()}
    return {**reference_case(), "failure_cost": 0, **given}


def moment(start: str | dt.datetime | None) -> int | None:
    """A moment in microseconds since 1970; one without an offset is UTC."""
    if start is None:
        return None
    try:
        found = start if isinstance(start, dt.datetime) else dt.datetime.fromisoformat(start)
    except ValueError:
        raise UnknownName(f"--start takes a date and time such as 2026-09-01T00:00:00Z, got {start!r}") from None
    found = found if found.tzinfo else found.replace(tzinfo=dt.UTC)
    return int(found.timestamp()) * MICROSECONDS + found.microsecond


def tomorrow() -> int:
    """The latest time that a row may have, in microseconds: a day from now, for clocks that are ahead."""
    return int((dt.datetime.now(dt.UTC) + dt.timedelta(days=1)).timestamp()) * MICROSECONDS


def opened(
    connection: Any,
    names: Sequence[Any],
    format_: str | None,
    mapping: Mapping[str, str],
    backend: Any,
    progress: Callable[..., None],
) -> list[Found]:
    """The files, or the tables of another engine."""
    if backend is not None:
        return sources.open_tables(connection, [str(name) for name in names], format_, mapping)
    return sources.open_files(connection, sources.expanded(names), format_, mapping, progress)


@dataclass(frozen=True)
class Sides:
    """Both models: as they are, and the fine-tuned one at the mix of prompt lengths that is compared."""

    baseline: Side
    fine_tuned: Side
    used: Side
    reweighted: float
    unlikeness: float


def sides_of(traffic: Traffic, asked: Asked) -> Sides:
    """The two sides with their draws."""
    mix, plain = lengths_of(traffic.by_group.of_side(BASELINE)), np.ones(1)
    theirs = traffic.mirrored() if traffic.assumed else traffic
    seed = asked.seed if traffic.assumed else asked.seed + 1  # an assumption is drawn together with what it is from
    by_length = theirs.by_group.of_side(FINE_TUNED)
    fair = clusters(by_length, "group", CLASSES)
    reweighted = float(fair.ratio(mix, np.ones(len(fair))))
    if asked.reweight and np.isnan(reweighted):
        raise NotSupported("no prompt lengths are common to both models: --reweight has nothing to compare")
    tuned = side_of(theirs, FINE_TUNED, plain, seed)
    return Sides(
        baseline=side_of(traffic, BASELINE, plain, asked.seed),
        fine_tuned=tuned,
        used=side_of(theirs, FINE_TUNED, mix, seed) if asked.reweight else tuned,
        reweighted=reweighted,
        unlikeness=float(np.abs(mix - lengths_of(by_length)).sum() / 2),
    )


@dataclass(frozen=True)
class Measures:
    """The inputs of the case that the traces measure: their values, and what was drawn of them."""

    costs: Mapping[str, float]
    drawn_costs: Mapping[str, Any]
    quality: Mapping[str, float]
    drawn_quality: Mapping[str, Any]


def measures_of(sides: Sides, monthly: float, volumes: Any, failure_cost: float) -> Measures:
    """Costs per request, requests a month and success rates."""
    both = sides.baseline, sides.used
    points = (*(hosted(side, side.each.ratio, monthly) for side in both), monthly)
    draws = (*(hosted(side, side.each.values, volumes) for side in both), volumes)
    return Measures(
        costs=dict(zip(MEASURED, points, strict=True)),
        drawn_costs=dict(zip(MEASURED, draws, strict=True)),
        quality=dict(zip(QUALITY, (*(side.success_rate for side in both), failure_cost), strict=True)),
        drawn_quality=dict(zip(QUALITY, (*(side.rates for side in both), failure_cost), strict=True)),
    )


def answered(rows: Rows, traffic: Traffic, case: Mapping[str, float], asked: Asked) -> Observed:
    """The two sides with their draws, and what follows from them."""
    sides = sides_of(traffic, asked)
    baseline, used = sides.baseline, sides.used
    days = observed_days(baseline, sides.fine_tuned)
    monthly, volumes = volume_of(baseline, sides.fine_tuned, days, traffic.assumed, asked)
    found = measures_of(sides, monthly, volumes, asked.failure_cost)
    inputs = {**case, **found.costs}
    answers, probability = outcome({**inputs, **found.quality}, {**inputs, **found.drawn_costs, **found.drawn_quality})
    observed = Observed(
        baseline=baseline,
        fine_tuned=used,
        files=rows.files,
        rejects=(*rows.refused, *traffic.unpriced),
        prices=traffic.prices,
        statuses=rows.statuses,
        currency=asked.currency,
        window_days=days,
        monthly_requests=monthly,
        is_volume_given=asked.monthly_requests is not None,
        sampled=asked.sampled,
        unlikeness=sides.unlikeness,
        reweighted=sides.reweighted,
        is_reweighted=asked.reweight,
        has_requests=rows.has_requests,
        bill=traffic.bill,
        inputs=inputs,
        quality=found.quality,
        success_difference=spread_of(baseline.rates - used.rates, baseline.success_rate - used.success_rate),
        answers=answers,
        notes=(*traffic.notes, *rows.notes),
        ranges={
            name: tenth_to_ninetieth(values) for name, values in {**found.drawn_costs, QUALITY[1]: used.rates}.items()
        },
        probability=probability,
    )
    return replace(observed, warnings=tuple(warnings_of(observed)))


def tenth_to_ninetieth(draws: Any) -> tuple[float, float]:
    """The tenth and the ninetieth percentile of what was drawn."""
    low, high = np.percentile(np.atleast_1d(draws), (10, 90))
    return float(low), float(high)


def volume_of(baseline: Side, tuned: Side, days: float, assumed: bool, asked: Asked) -> tuple[float, Array]:
    """Requests a month, failed ones too, and draws of them; as a person says, without a spread.

    Raises:
        NotSupported: the traces are of less than a day.
    """
    if asked.monthly_requests is not None:
        return asked.monthly_requests, np.full(bootstrap.DRAWS, asked.monthly_requests)
    if days < LEAST_DAYS:
        raise NotSupported(
            f"the traces are of {in_words(days)}, which do not tell a month: --monthly-requests says how many"
        )
    requests = baseline.requests + (0 if assumed else tuned.requests)
    monthly = requests / days * DAYS_A_MONTH / asked.sampled
    rates = daily_rates(baseline, tuned, assumed)
    return monthly, bootstrap.volume_draws(rates, monthly, asked.seed + 2, whole_days(days))


def hosted(side: Side, cost: Any, monthly: Any) -> Any:
    """A cost per request with its share of the hosting, which is the same however many requests there are.

    Raises:
        OutOfBounds: there are no requests that could bear it.
    """
    if side.hosting and not np.all(monthly > 0):
        raise OutOfBounds("monthly_requests must be above 0 where a price file has hosting")
    return cost + side.hosting / monthly if side.hosting else cost
