"""The command that turns traces into costs, and costs into the answer."""

import math
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import click

from roi_xl.cli.options import NUMBER, Whole, changes, json_option, refuse_overwriting, say_large_rates, set_option
from roi_xl.describe import several
from roi_xl.errors import ExcelError, RoiError
from roi_xl.observed.formats import NAMES
from roi_xl.observed.groupings import GROUPINGS
from roi_xl.quantities import NET_BENEFIT, QUANTITIES
from roi_xl.terminal import print_json, print_table, say, working
from roi_xl.text_numbers import typed

if TYPE_CHECKING:
    from roi_xl.observed.findings import Observed

PAYS_BACK = "It pays back within the horizon with a probability of {:.1%}, counting only the doubt in the traces."
IS_WORTH = "Net present value is above 0 with a probability of {:.1%}, counting only the doubt in the traces."
ALL_DOUBT = "Net present value is above 0 with a probability of {:.1%}, counting every range on the Risk sheet."
"""How sure the answer is: from the traces alone, and in a full workbook, whose page one shows it."""


@click.command()
@click.argument("files", nargs=-1, required=True)
@click.option("--baseline", required=True, metavar="MODEL", help="Today's model: a name, names, or a pattern.")
@click.option("--fine-tuned", required=True, metavar="MODEL", help="The model to replace it.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Write a workbook with a Traces sheet here.")
@click.option("--format", "format_", type=click.Choice(NAMES), help="Tool that wrote the files; recognized if omitted.")
@click.option(
    "--map", "mapping", multiple=True, metavar="FIELD=COLUMN", help="Where a field is; FIELD==TEXT is constant."
)
@set_option
@click.option("--currency", default="USD", show_default=True, help="The currency of all costs.")
@click.option("--time-zone", metavar="NAME", help="For times without an offset, such as Europe/Berlin; default UTC.")
@click.option("--start", metavar="TIME", help="Start of the traces, if their times are seconds since then.")
@click.option("--price", "prices", multiple=True, metavar="MODEL=IN/CACHED/OUT", help="Price per million tokens.")
@click.option("--prices", "price_file", type=click.Path(path_type=Path), metavar="FILE", help="A price file (TOML).")
@click.option("--sampled", type=NUMBER, default=1, show_default=True, help="Share of all traffic that the traces hold.")
@click.option("--success", metavar="COMPARISON", help="What makes a call a success, such as 'score>=0.7'.")
@click.option(
    "--group",
    type=click.Choice(GROUPINGS),
    default="trace",
    show_default=True,
    help="What a request is: a trace (any call succeeds), an agent's run (its last call does), or each call.",
)
@click.option("--monthly-requests", type=NUMBER, metavar="NUMBER", help="Requests a month, failed ones included.")
@click.option("--reweight", is_flag=True, help="Compare at the baseline's mix of prompt lengths.")
@click.option("--depth", type=click.Choice(["quick", "full"]), default="quick", show_default=True, help="Of -o.")
@click.option("--rejects", type=click.Path(path_type=Path), help="Write the rejected rows here, as .csv.")
@click.option("--strict", is_flag=True, help="Refuse files with rows that cannot be read.")
@click.option("--backend", metavar="URL", help="An engine that Ibis connects to; FILES are then its tables.")
@click.option("--seed", type=Whole(0), default=1, show_default=True, help="Random seed.")
@json_option
def observe(files: tuple[str, ...], output: Path | None, as_json: bool, **wanted: Any) -> int:
    """Take costs and traffic from FILES of production traces, and answer with them.

    FILES are CSV, JSON lines or Parquet, perhaps compressed; folders of them, patterns, or - for
    what is piped in. They are exported by Langfuse, Helicone,
    LiteLLM, OpenTelemetry, vLLM, OpenInference (Phoenix), LangSmith, Braintrust, Weave, Datadog,
    Portkey, OpenAI, OpenRouter, Anthropic, Bedrock, Vertex AI or Azure API Management, or a
    plain table. Retries, failed calls and fallbacks are charged to the request that they
    served. Tokens without a cost are priced by the book. If no call went to the fine-tuned
    model yet, the baseline's tokens are priced at its prices, and the result says so.
    """
    from roi_xl.observed.told import as_data
    from roi_xl.template.build import at_first, build_template
    from roi_xl.template.own import written_probability

    if output is not None and output.suffix.lower() != ".xlsx":
        raise RoiError(f"the workbook is an .xlsx file, got {output}")
    if wanted["backend"] is None:
        refuse_overwriting([*files, wanted["price_file"]], {"-o": output, "--rejects": wanted["rejects"]})
    inputs, depth = changes(wanted.pop("settings")), wanted.pop("depth")
    say_large_rates(inputs)
    wanted["mapping"] = dict(pairs_of(wanted["mapping"]))
    wanted["prices"] = dict(map(price_of, wanted["prices"]))
    wanted["format"] = wanted.pop("format_")
    wanted["inputs"] = {**at_first(depth if output else "quick", inputs), **inputs}
    found = measured(files, wanted)
    if output is not None:
        build_template(output, inputs, currency=found.currency, depth=depth, observed=found)
    simulated = None if output is None else written_probability(output)
    if as_json:
        print_json(as_data(found, simulated))
    else:
        print_observed(found, simulated)
    if output is not None:
        say(f"wrote {output}", err=as_json)
    return 0


def measured(files: Sequence[str], wanted: dict[str, Any]) -> "Observed":
    """What the files say, with what is piped in among them."""
    from roi_xl.observed.observe import PASSES
    from roi_xl.observed.observe import observe as look
    from roi_xl.observed.sources import expanded

    with piped_in(files) as names:
        size = 0 if wanted["backend"] else sum(path.stat().st_size for path in expanded(names))
        with working(f"reading traces, {size / 1e6:,.1f} MB", PASSES * size) as progress:
            found = look(names, **wanted, progress=progress)
        return without_folder(found, names, files)


@contextmanager
def piped_in(files: Sequence[str]) -> Iterator[list[str]]:
    """The files, with what is piped in among them where `-` stands for it."""
    from roi_xl.observed.piped import with_piped

    with TemporaryDirectory(prefix="roi-xl-") as folder:
        yield with_piped(files, sys.stdin.buffer, Path(folder))


def without_folder(found: "Observed", names: Sequence[str], files: Sequence[str]) -> "Observed":
    """What was piped in goes by its name alone, as its folder is gone."""
    piped = set(names) - set(files)
    return replace(
        found,
        files=tuple(replace(one, name=Path(one.name).name) if one.name in piped else one for one in found.files),
    )


def pairs_of(texts: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """FIELD=COLUMN options as pairs."""
    for text in texts:
        name, equals, column = text.partition("=")
        if not equals or not name.strip() or not column:
            raise RoiError(f"--map takes FIELD=COLUMN, got {text!r}")
        yield name.strip(), column


def price_of(text: str) -> tuple[str, tuple[float, float, float]]:
    """A --price option: a model with its three prices."""
    model, _, amounts = text.rpartition("=")
    match [typed(amount) for amount in amounts.split("/")]:
        case [float(plain), float(cached), float(output)] if model:
            return model, (plain, cached, output)
    raise RoiError(f"--price takes MODEL=IN/CACHED/OUT, such as small=0.3/0.15/1.2, got {text!r}")


def print_observed(found: "Observed", simulated: float | None) -> None:
    """What was measured, what follows, and what to know about it."""
    from roi_xl.observed.settling import next_step
    from roi_xl.observed.told import FATES

    files = {
        short_name(one.name, found): [one.layout, *(f"{getattr(one, count):,}" for count in FATES)]
        for one in found.files
    }
    print_table("What was read", ("File", "Format", *(count.capitalize() for count in FATES)), files)
    for taken_for, words in statuses_of(found).items():
        say(f"Status taken for {taken_for}: {words}")
    sides = (found.baseline, found.fine_tuned)
    rows = {label: [measure(side) for side in sides] for label, measure in measures_of(sides).items()}
    print_table("Production traces", ("", "Baseline", "Fine-tuned"), rows)
    answers = {
        QUANTITIES[name].label: [shown(name, value) for value in values] for name, values in found.answers.items()
    }
    origin = "as given" if found.is_volume_given else f"from {found.window_days:,.1f} days"
    say(f"{several(found.monthly_requests, 'request')} a month, {origin}")
    if found.bill is not None:
        say("the bill for the same days: {:,.2f}; the traces: {:,.2f}".format(*found.bill))
    print_table("", ("With the other inputs as they are", "Value", "95% from", "95% to"), answers)
    measured = (PAYS_BACK if NET_BENEFIT.name in found.answers else IS_WORTH).format(found.probability)
    say(found.verdict)
    say(measured if simulated is None else ALL_DOUBT.format(simulated))
    say(found.turns)
    say(f"Next: {next_step(found)}.")
    for line in found.warnings:
        say(f"note: {line}", err=True)


def statuses_of(found: "Observed") -> dict[str, str]:
    """The most frequent words for a status with their rows, by how they were taken."""
    words: dict[str, list[str]] = {}
    for (word, taken_for), rows in words_of(found).most_common(MOST_STATUSES):
        words.setdefault(taken_for, []).append(f"{word or '(empty)'} ({rows:,})")
    return {taken_for: ", ".join(some) for taken_for, some in words.items()}


def words_of(found: "Observed") -> Counter[tuple[str | None, str]]:
    """Every word for a status with how it was taken, and in how many rows of all files."""
    words: Counter[tuple[str | None, str]] = Counter()
    for status in found.statuses:
        words[status.word, status.taken_for] += status.rows
    return words


def short_name(name: str, found: "Observed") -> str:
    """A file's name without its folder, where no other file has it."""
    short = Path(name).name
    return name if sum(Path(one.name).name == short for one in found.files) > 1 else short


MOST_STATUSES = 12
MEASURES: Mapping[str, Callable[[Any], str]] = {
    "Model": lambda side: side.models[0] if len(side.models) == 1 else f"{len(side.models)} models",
    "Requests": lambda side: f"{side.requests:,}",
    "Success rate (95% interval)": lambda side: (
        f"{side.success_rate:.1%} ({side.success_interval[0]:.1%} to {side.success_interval[1]:.1%})"
    ),
    "Calls per request": lambda side: f"{side.calls / side.requests:.3f}",
    "Cost of all calls": lambda side: f"{side.cost:,.2f}",
    "Cost per successful request": lambda side: f"{side.cost_per_request:.6f}",
    "95% interval": lambda side: "{:.6f} to {:.6f}".format(*side.draws.interval),
    "Cost per request, for Inputs": lambda side: f"{side.each.ratio:.6f}",
    "Hosting per month": lambda side: f"{side.hosting:,.2f}",
}
"""What is shown of each side."""


def measures_of(sides: Sequence[Any]) -> dict[str, Callable[[Any], str]]:
    """What there is to say: of failures and of hosting only where there are any."""
    is_said = {
        "Cost per request, for Inputs": any(side.each.ratio != side.draws.ratio for side in sides),
        "Hosting per month": any(side.hosting for side in sides),
    }
    return {label: measure for label, measure in MEASURES.items() if is_said.get(label, True)}


def shown(name: str, value: float) -> str:
    """A result as a person reads it."""
    if math.isnan(value):
        return str(ExcelError.DIV0)
    return "never" if math.isinf(value) else QUANTITIES[name].unit.shown(value)
