"""What does a model cost by a person's own price file?

A TOML file: `source` and `since` for all of it, and a table for each model or pattern.

    source = "Contract of 2026-10-01"
    since = 2026-10-01

    [models."our-deployment"]
    is = "gpt-4o"            # what it lacks is that model's list price
    input = 2.2              # dollars per million tokens
    batch = 0.5              # a factor to all of them
    windows = [{ utc = "16:30-00:30", days = "mon-fri", factor = 0.5 }]
    hosting = 1.7            # dollars per hour
"""

import datetime as dt
import fnmatch
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from roi_xl.errors import FileProblem, MissingFile
from roi_xl.functions import prices, rates
from roi_xl.functions.model_names import trained
from roi_xl.functions.price_table import Price
from roi_xl.functions.rates import KINDS, STANDARD, Rate
from roi_xl.functions.windows import Window, window_of

VERSION = re.compile(r"(-\d{4}-\d{2}-\d{2}|-\d{8}|@\d{8})$")
"""The day at the end of a dated version's name, which the name of the model means too."""

MOST = 1e6
"""The highest price, in dollars, and factor."""

FACTORS = ("batch", "priority", "flex", "fast")
HOURLY = ("hosting", "hours", "units", "training", "training_hour")
WORDS = {"is", "since", "source", "above", "windows", *KINDS, *FACTORS, *HOURLY}
HOURS_A_MONTH = 24 * 365.25 / 12


@dataclass(frozen=True)
class OwnPrice:
    """What a person's file, or --price, says of the models that a pattern means."""

    pattern: str
    source: str
    since: dt.date | None = None
    other_name: str | None = None
    amounts: Mapping[str, float] = field(default_factory=dict)
    tiers: Sequence[tuple[int, Mapping[str, float]]] = ()
    factors: Mapping[str, float] = field(default_factory=dict)
    hourly: Mapping[str, float] = field(default_factory=dict)
    windows: Sequence[tuple[Window, Mapping[str, float]]] = ()

    def means(self, model: str) -> bool:
        """Whether a model is meant."""
        name = model.casefold()
        names = {name, VERSION.sub("", name)}
        names |= {one.rpartition("/")[2] for one in names}
        return any(fnmatch.fnmatchcase(one, self.pattern) for one in names)

    def rates(self, model: str, on: dt.date | None) -> list[Rate]:
        """Its rates: the list prices of the model that it is, if it says so, with its own in their place."""
        listed = rates.rates_of(self.other_name, on) if self.other_name else []
        if not self.amounts and not self.tiers:
            listed = listed or rates.rates_of(model, on)
            own = [one for one in listed if one.processing == STANDARD]
        else:
            own = self.own_rates([one for one in listed if one.window is None])
        own = self.with_windows(own)
        ways = [
            self.rate(rates.scaled(one.amounts, dict.fromkeys(one.amounts, factor)), one.above, way)
            for way, factor in sorted(self.factors.items())
            for one in own
            if one.window is None
        ]
        return [*ways, *(one for one in listed if one.processing and not self.amounts), *own]

    def own_rates(self, listed: Sequence[Rate]) -> list[Rate]:
        """Its own amounts in the place of those that are listed, the longest prompts first."""
        rest = f"; what it lacks: {listed[0].source}" if listed else ""
        standard = {one.above: one.amounts for one in listed if one.processing == STANDARD} or {0: {}}
        if not self.tiers:
            return [self.rate({**amounts, **self.amounts}, above, rest=rest) for above, amounts in standard.items()]
        own = [self.rate({**standard[0], **self.amounts}, 0, rest=rest)]
        for above, more in sorted(self.tiers, key=lambda one: one[0]):
            own.insert(0, self.rate({**own[0].amounts, **more}, above, rest=rest))
        return own

    def with_windows(self, own: Sequence[Rate]) -> list[Rate]:
        """Its rates with those of its own hours before them; another file's hours hold where it has none."""
        if not self.windows:
            return list(own)
        plain = [one for one in own if one.window is None]
        at_hours = [
            Rate(one.above, STANDARD, changed(one.amounts, said), self.since, self.source, window)
            for window, said in self.windows
            for one in plain
        ]
        return [*at_hours, *plain]

    def rate(self, amounts: Mapping[str, float], above: int, way: str = STANDARD, rest: str = "") -> Rate:
        """One of its rates; input from the cache without a price of its own is charged as input."""
        whole = {"input": amounts["input"], "cached": amounts.get("cached", amounts["input"]), **amounts}
        return Rate(above, way, whole, self.since, self.source + rest)

    @property
    def monthly_hosting(self) -> float:
        """Hosting a month: hours times units times the price of an hour; every hour of the month if not said."""
        hours, units = self.hourly.get("hours", HOURS_A_MONTH), self.hourly.get("units", 1)
        return self.hourly.get("hosting", 0) * hours * units

    def listed(self, model: str) -> list[Price]:
        """Its prices by the hour and of training, as the Prices sheet has them."""
        return [
            Price(trained(model) if kind.startswith("training") else model, kind, amount, self.since, self.source)
            for kind, amount in self.hourly.items()
            if kind in prices.KINDS
        ]


def changed(amounts: Mapping[str, float], said: Mapping[str, float]) -> dict[str, float]:
    """Prices at certain hours: the usual ones times a factor, or others in their place."""
    factor = said.get("factor", 1)
    own = {kind: amount for kind, amount in said.items() if kind in KINDS}
    return {**rates.scaled(amounts, dict.fromkeys(amounts, factor)), **own}


def given(model: str, amounts: Sequence[float]) -> OwnPrice:
    """Input, cached input and output, as --price gives them."""
    named = dict(zip(("input", "cached", "output"), amounts, strict=True))
    return OwnPrice(model.casefold(), "as given", amounts=named)


def read_price_file(path: Path) -> list[OwnPrice]:
    """The prices of a TOML file.

    Raises:
        FileProblem: it cannot be read, or says what cannot be; the message names the model and the word.
    """
    try:
        contents = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise MissingFile(f"{path} does not exist") from None
    except OSError as error:
        raise FileProblem(f"{path} cannot be read: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise FileProblem(f"{path} is not a TOML file: {error}") from None
    models = contents.get("models")
    if not isinstance(models, dict) or not all(isinstance(one, dict) for one in models.values()):
        raise FileProblem(f'{path} must have a table [models."NAME"] for each model, such as [models."gpt-4o*"]')
    shared: dict[str, Any] = {word: contents[word] for word in ("source", "since") if word in contents}
    return [own_price(f"{path}, {name!r}", name, {**shared, **one}) for name, one in models.items()]


def own_price(where: str, name: str, said: Mapping[str, Any]) -> OwnPrice:
    """One model's table."""
    unknown = sorted(set(said) - WORDS)
    if unknown:
        raise FileProblem(
            f"{where}: {unknown[0]!r} is not a key of a price file; the keys are {', '.join(sorted(WORDS))}"
        )
    source, since, other = (said.get(word) for word in ("source", "since", "is"))
    if not isinstance(source, str) or type(since) is not dt.date:
        raise FileProblem(
            f'{where}: a price needs its source and since, such as source = "Contract", since = 2026-10-01'
        )
    if other is not None and not isinstance(other, str):
        raise FileProblem(f"{where}: is must be the name of a model, got {other!r}")
    amounts = numbers(where, said, KINDS)
    if amounts and other is None and not {"input", "output"} <= set(amounts):
        raise FileProblem(f"{where}: token prices need input and output, or is = the model that has the others")
    factors, hourly = numbers(where, said, FACTORS), numbers(where, said, HOURLY)
    if (factors or said.get("above") or said.get("windows")) and not (amounts or other):
        raise FileProblem(f"{where}: factors, tiers and windows need input and output, or is = the model that has them")
    tiers, windows = tiers_of(where, said), windows_of(where, said)
    return OwnPrice(name.casefold(), source, since, other, amounts, tiers, factors, hourly, windows)


def tiers_of(where: str, said: Mapping[str, Any]) -> list[tuple[int, Mapping[str, float]]]:
    """The prices above lengths: `above = [{ tokens = 200000, input = 5, output = 15 }]`."""
    tiers = said.get("above", [])
    if not isinstance(tiers, list) or not all(isinstance(one, dict) for one in tiers):
        raise FileProblem(f"{where}: above must be a list such as [{{ tokens = 200000, input = 5, output = 15 }}]")
    found: list[tuple[int, Mapping[str, float]]] = []
    for one in tiers:
        tokens = numbers(f"{where}, above", one, ("tokens",)).get("tokens", 0)
        if tokens < 1 or set(one) - {"tokens", *KINDS}:
            raise FileProblem(f"{where}: above needs tokens of at least 1 and prices of {', '.join(KINDS)}, got {one}")
        found.append((int(tokens), numbers(f"{where}, above", one, KINDS)))
    return found


def windows_of(where: str, said: Mapping[str, Any]) -> list[tuple[Window, Mapping[str, float]]]:
    """The prices at hours of the day: `windows = [{ utc = "16:30-00:30", days = "mon-fri", factor = 0.5 }]`."""
    listed = said.get("windows", [])
    if not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
        raise FileProblem(f'{where}: windows must be a list such as [{{ utc = "16:30-00:30", factor = 0.5 }}]')
    found: list[tuple[Window, Mapping[str, float]]] = []
    for one in listed:
        window = window_of(str(one.get("utc", "")), str(one.get("days", "")))
        amounts = numbers(f"{where}, windows", one, ("factor", *KINDS))
        if window is None or not amounts or set(one) - {"utc", "days", "factor", *KINDS}:
            raise FileProblem(
                f'{where}: windows need utc such as "16:30-00:30", perhaps days such as "mon-fri", and a factor or '
                f"prices of {', '.join(KINDS)}, got {one}"
            )
        found.append((window, amounts))
    return found


def numbers(where: str, said: Mapping[str, Any], words: Sequence[str]) -> dict[str, float]:
    """Those words that are said, each a number from 0 to a million."""
    found = {word: said[word] for word in words if word in said}
    for word, value in found.items():
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= MOST:
            raise FileProblem(f"{where}: {word} must be a number from 0 to {MOST:,.0f}, got {value!r}")
    return found
