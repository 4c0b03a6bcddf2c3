"""How does DuckDB sum up requests by several keys in one scan of them? Ibis has no words for sets of keys."""

from collections.abc import Mapping, Sequence
from typing import Any

from roi_xl.observed.requests import KEYS, MICRO, MONEY, SUMMED, classified

ALL_KEYS = tuple(dict.fromkeys(key for by in KEYS for key in by))
MONEY_SUMS = {
    **{f"{name}_micro": f"sum({name}) // {MICRO}" for name in MONEY},
    **{f"{name}_rest": f"sum({name}) % {MICRO}" for name in MONEY},
}
ENDS = {"first": "min(time)", "last": "max(time)"}


def sums_by_keys(backend: Any, requests: Any) -> list[Mapping[str, Any]]:
    """The sums by each of the keys, as columns of Arrow in the order of the keys."""
    summed = {name: f"sum({name})" for name in SUMMED if name in requests.columns}
    how = {"requests": "count(*)"} | summed | MONEY_SUMS | ENDS
    columns = ", ".join(f"CAST({sum_} AS BIGINT) AS {name}" for name, sum_ in how.items())
    names = listed(ALL_KEYS)
    table = backend.raw_sql(
        f"SELECT {names}, grouping({names}) AS place, {columns} FROM ({backend.compile(classified(requests))}) "
        f"GROUP BY GROUPING SETS ({', '.join(f'({listed(by)})' for by in KEYS)})"
    ).to_arrow_table()
    return [of_set(table, by, list(how)) for by in KEYS]


def listed(names: Sequence[str]) -> str:
    """Columns within a statement."""
    return ", ".join(f'"{name}"' for name in names)


def of_set(table: Any, by: Sequence[str], names: Sequence[str]) -> Mapping[str, Any]:
    """The rows of one set of keys, in their order; bits of their place say which keys they have not."""
    import pyarrow.compute as pc

    place = sum(2 ** (len(ALL_KEYS) - 1 - bit) for bit, key in enumerate(ALL_KEYS) if key not in by)
    mine = table.filter(pc.equal(table["place"], place)).sort_by([(key, "ascending") for key in by])
    return {name: mine[name] for name in (*by, *names)}
