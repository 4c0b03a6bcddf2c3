"""What do the traces come to: requests, costs, days, classes; small tables of whole numbers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from roi_xl.observed.bootstrap import Array, Clusters
from roi_xl.observed.calls import PICO
from roi_xl.observed.repeats import Keep
from roi_xl.observed.requests import KEYS, MICRO, MONEY, SUMMED, sums


@dataclass(frozen=True)
class Table:
    """Sums by some keys: one array for each column, in the order of the keys."""

    columns: Mapping[str, Array]

    def __len__(self) -> int:
        return len(self.columns["requests"])

    def __getitem__(self, name: str) -> Array:
        return self.columns[name]

    def where(self, mask: Array) -> "Table":
        """Those rows that a mask keeps."""
        return Table({name: values[mask] for name, values in self.columns.items()})

    def of_side(self, side: int) -> "Table":
        """The rows of one side."""
        return self.where(self["side"] == side)

    def cost(self) -> Array:
        """Money of every row."""
        return self["cost_micro"] / (PICO // MICRO) + self["cost_rest"] / PICO

    def total(self, name: str) -> int:
        """A column's sum, exactly."""
        return int(sum(self[name].tolist()))

    def total_cost(self, name: str = "cost") -> float:
        """All the money of a kind, summed up in whole numbers and rounded once."""
        return (self.total(f"{name}_micro") * MICRO + self.total(f"{name}_rest")) / PICO


def table_of(expression: Any, *by: str) -> Table:
    """An expression of sums, executed, in the order of its keys."""
    found = expression.order_by(list(by)).to_pyarrow()
    return Table({name: column_of(found.column(name)) for name in found.column_names})


def tables_of(requests: Any, keep: Keep, progress: Callable[[], None]) -> list[Table]:
    """The sums of requests by each of the keys: in one scan where the engine can, else of a copy."""
    backend = requests.get_backend()
    if backend.name == "duckdb":
        found = in_one_scan(backend, requests)
        progress()
    else:
        kept = keep("requests", requests)
        progress()
        found = [table_of(sums(kept, *by), *by) for by in KEYS]
    for _ in KEYS:
        progress()
    return found


def in_one_scan(backend: Any, requests: Any) -> list[Table]:
    """The same by sets of keys, which Ibis has no words for, in the engine's own."""
    plain = {name: f'sum("{name}")' for name in SUMMED}
    micro = {f"{name}_micro": f'sum("{name}" // {MICRO})' for name in MONEY}
    rest = {f"{name}_rest": f'sum("{name}" % {MICRO})' for name in MONEY}
    ends = {"first": "min(time)", "last": "max(time)"}
    columns = ", ".join(f"CAST({how} AS BIGINT) AS {name}" for name, how in (plain | micro | rest | ends).items())
    keys = list(dict.fromkeys(key for by in KEYS for key in by))
    named = ", ".join(f'"{key}"' for key in keys)
    sets = ", ".join("(" + ", ".join(f'"{key}"' for key in by) + ")" for by in KEYS)
    table = backend.raw_sql(
        f"SELECT {named}, grouping({named}) AS place, {columns} FROM ({backend.compile(requests)}) "
        f"GROUP BY GROUPING SETS ({sets}) ORDER BY ALL"
    ).to_arrow_table()
    places = np.array(table.column("place").to_pylist(), np.int64)
    found = []
    for by in KEYS:
        mine = table.filter(
            places == sum(2 ** (len(keys) - 1 - place) for place, key in enumerate(keys) if key not in by)
        )
        mine = mine.sort_by([(key, "ascending") for key in by])
        found.append(Table({name: column_of(mine.column(name)) for name in (*by, *plain, *micro, *rest, *ends)}))
    return found


def column_of(column: Any) -> Array:
    """A column of Arrow as an array; text stays text."""
    values = column.to_pylist()
    return np.array(values, object if values and isinstance(values[0], str) else np.int64)


def clusters(table: Table, by: str, classes: int) -> Clusters:
    """The requests of one side by a key and their class of length."""
    keys, places = np.unique(table[by].astype(str) if table[by].dtype == object else table[by], return_inverse=True)
    costs, successes = np.zeros((len(keys), classes)), np.zeros((len(keys), classes))
    np.add.at(costs, (places.reshape(-1), table["length_class"]), table.cost())
    np.add.at(successes, (places.reshape(-1), table["length_class"]), table["successes"])
    return Clusters(costs, successes)


def by_key(table: Table, by: str, column: str) -> dict[int, int]:
    """A column's sums by a key."""
    found: dict[int, int] = {}
    for key, value in zip(table[by].tolist(), table[column].tolist(), strict=True):
        found[key] = found.get(key, 0) + value
    return dict(sorted(found.items()))


def cost_by(table: Table, by: str) -> dict[int, float]:
    """The money by a key, summed up in whole numbers and rounded once."""
    whole: dict[int, int] = {}
    for key, micro, rest in zip(*(table[name].tolist() for name in (by, "cost_micro", "cost_rest")), strict=True):
        whole[key] = whole.get(key, 0) + micro * MICRO + rest
    return {key: amount / PICO for key, amount in sorted(whole.items())}
