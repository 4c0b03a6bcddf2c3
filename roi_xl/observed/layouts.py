"""Which tool wrote this export, and where does it keep what?"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from roi_xl.errors import RoiError, UnknownName
from roi_xl.observed.cost_names import hint, named_like_costs
from roi_xl.observed.formats import LAYOUTS, NAMES
from roi_xl.observed.places import Keys, Place, lacking, place_of
from roi_xl.observed.tool import Layout

FIELDS = (
    "time",
    "model",
    "input_tokens",
    "output_tokens",
    "total_tokens",
    "cached_tokens",
    "cost",
    "currency",
    "status",
    "request_id",
    "call_id",
    "user",
    "requests",
    "kind",
    "batch",
    "service_tier",
    "cache_written",
    "cache_written_1h",
    "asked",
    "fallbacks",
    "end",
)
"""What is known of a call, by its name; any may be missing but the time and the model."""

MONEY = ("cost",)
"""The fields of which less than all parts are nothing."""

CURRENCY = re.compile("(usd|eur|gbp)$", re.IGNORECASE)
SUCCESS = "success"
"""The field that a person's own comparison looks at."""

USAGE_KEYS = (
    "input",
    "input_cached_tokens",
    "input_cache_read",
    "cache_read_input_tokens",
    "cache_creation_input_tokens",
    "input_cache_creation",
    "input_audio_tokens",
    "output",
    "output_reasoning_tokens",
    "output_reasoning",
    "output_audio_tokens",
)
"""The keys of usage details that are known where an engine cannot list those of a column."""


@dataclass(frozen=True)
class Places:
    """Where one file keeps each field: the columns that it really has."""

    layout: Layout
    columns: Mapping[str, tuple[Place, ...]] = field(default_factory=dict)


def layout_of(columns: Sequence[str], name: str | None, mapping: Mapping[str, str], where: str, keys: Keys) -> Places:
    """Where a file keeps each field: by its columns or by the layout's name, and as a person maps them."""
    for known in mapping:
        if known not in (*FIELDS, SUCCESS):
            raise UnknownName(f"--map {known}: the fields are {', '.join(FIELDS)}")
        missing = lacking(mapping[known], columns, keys)
        if missing is not None:
            has = ", ".join(columns)[:200]
            raise UnknownName(f"--map {known}={mapping[known]}: there is no column {missing!r}, of {has}")
    layout = named(name) if name else recognized(columns, mapping, where)
    wanted = {**layout.places, **{key: (place,) for key, place in mapping.items()}}
    found = {key: present(places, columns, keys) for key, places in wanted.items()}
    found = {key: places if key in MONEY else without_needs(places) for key, places in found.items() if places}
    for key in layout.needs if not layout.is_bill else ("time", "cost"):
        if key not in found:
            raise RoiError(f"{where}: no column for {key}; --map {key}=COLUMN names it, of {', '.join(columns)[:200]}")
    if "currency" not in found and "cost" not in mapping and (named_so := currency_of(found.get("cost", ()))):
        found["currency"] = (Place(constant=named_so),)
        found["cost"] = tuple(place for place in found["cost"] if currency_of([place]) in (None, named_so))
    return Places(replace(layout, places=wanted), found)


def currency_of(costs: Sequence[Place]) -> str | None:
    """The currency that the name of a column of costs ends with.

    >>> currency_of([Place(("costUSD",))]), currency_of([Place(("cost",))])
    ('USD', None)
    """
    found = CURRENCY.search(costs[0].names[0]) if costs and costs[0].names else None
    return found[1].upper() if found else None


def named(name: str) -> Layout:
    """A layout by its name."""
    for layout in LAYOUTS:
        if layout.name == name:
            return layout
    raise UnknownName(f"the format must be one of {', '.join(NAMES)}, got {name!r}")


def recognized(columns: Sequence[str], mapping: Mapping[str, str], where: str) -> Layout:
    """The layout that the columns tell; a plain table where a person has mapped what it lacks."""
    for layout in LAYOUTS:
        if layout.fits(columns):
            return layout
    plain = named("plain")
    has_all = all(key in mapping or present(plain.places[key], columns, lambda column: ()) for key in plain.needs)
    if has_all and mapping:
        return plain
    costs = hint(named_like_costs(columns)) if has_all else ""
    known = f"the formats are {', '.join(NAMES)}; --format or --map tell others{costs}"
    raise RoiError(f"{where}: the columns match no known tool: {', '.join(columns)[:200]}; {known}")


def without_needs(places: Sequence[Place]) -> tuple[Place, ...]:
    """Places where a part that is empty is 0, as it is for counts, such as tokens from a cache."""
    return tuple(replace(place, needed=()) for place in places)


def present(texts: Sequence[str], columns: Sequence[str], keys: Keys) -> tuple[Place, ...]:
    """Those places that a file has, spelled as it spells them."""
    found = [place_of(text, columns, keys) for text in texts]
    return tuple(dict.fromkeys(place for place in found if place is not None))
