"""How does DuckDB sum up requests by several keys in one scan of them?

Ibis has no words for sets of keys. Classes are found by logarithms here, which takes a
third of the time of comparing with each of their ends, and comes to the same numbers.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from roi_xl.observed.calls import DAY, HOUR
from roi_xl.observed.requests import (
    BINS,
    GROUPS,
    KEYS,
    LEAST,
    LENGTHS,
    MICRO,
    MIXED,
    MONEY,
    SHORTEST,
    STEPS,
    SUMMED,
)

ROUNDING = 2e-14
"""More than a logarithm is rounded by, and less than the logarithms of neighbors differ up to the last end."""

GROUP = "+".join(["time", *(f"CAST({name} AS BIGINT) * {factor}" for name, factor in MIXED)])
CLASSES = {
    "side": "CAST(side AS UTINYINT)",
    "length_class": f"CAST(greatest(0, least({len(LENGTHS)}, floor(log2(long | 1)) - {SHORTEST - 1})) AS UTINYINT)",
    "group": f"CAST(({GROUP}) % {GROUPS} AS USMALLINT)",
    "day": f"CAST(hours // {DAY // HOUR} AS INTEGER)",
    "cost_class": "CAST(greatest(0, least({}, {} * (floor(size) - {}) + {})) AS UTINYINT)".format(
        len(BINS),
        len(STEPS),
        LEAST,
        " + ".join(f"CAST(size - floor(size) >= {math.log10(step)} AS TINYINT)" for step in STEPS),
    ),
    "hour": f"CAST(hours % {DAY // HOUR} AS UTINYINT)",
}
"""Every key of a request, `long` being its length and `size` the logarithm of its cost."""

MONEY_SUMS = {
    **{f"{name}_micro": f"sum({name}) // {MICRO}" for name in MONEY},
    **{f"{name}_rest": f"sum({name}) % {MICRO}" for name in MONEY},
}
ENDS = {"first": "min(time)", "last": "max(time)"}


def sums_by_keys(backend: Any, requests: Any) -> list[Mapping[str, Any]]:
    """The sums by each of the keys, as columns of Arrow in the order of the keys."""
    summed = [name for name in SUMMED if name in requests.columns]
    by = " // requests" if "requests" in summed else ""
    whole = ", ".join(f"CAST({name} AS BIGINT) AS {name}" for name in (*summed, *MONEY))
    sized = (
        f"SELECT side, time, CAST(time // {HOUR} AS INTEGER) AS hours, {whole}, CAST(length AS BIGINT){by} AS long, "
        f"log10(greatest(1, CAST(cost AS BIGINT){by})) + {ROUNDING} AS size FROM ({backend.compile(requests)})"
    )
    keyed = ", ".join([*(f'{how} AS "{name}"' for name, how in CLASSES.items()), "time", *summed, *MONEY])
    how = {"requests": "count(*)"} | {name: f"sum({name})" for name in summed} | MONEY_SUMS | ENDS
    columns = ", ".join(f"CAST({sum_} AS BIGINT) AS {name}" for name, sum_ in how.items())
    names = ", ".join(f'"{name}"' for name in CLASSES)
    sets = ", ".join("(" + ", ".join(f'"{key}"' for key in by) + ")" for by in KEYS)
    table = backend.raw_sql(
        f"SELECT {names}, grouping({names}) AS place, {columns} FROM (SELECT {keyed} FROM ({sized})) "
        f"GROUP BY GROUPING SETS ({sets})"
    ).to_arrow_table()
    return [of_set(table, by, list(how)) for by in KEYS]


def of_set(table: Any, by: Sequence[str], names: Sequence[str]) -> Mapping[str, Any]:
    """The rows of one set of keys, in their order."""
    import pyarrow.compute as pc

    place = sum(2 ** (len(CLASSES) - 1 - bit) for bit, key in enumerate(CLASSES) if key not in by)
    mine = table.filter(pc.equal(table["place"], place)).sort_by([(key, "ascending") for key in by])
    return {name: mine[name] for name in (*by, *names)}
