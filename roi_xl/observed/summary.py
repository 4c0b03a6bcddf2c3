"""What do the traces come to: requests, costs, days, classes; small tables of whole numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from roi_xl.observed.bootstrap import Array, Clusters
from roi_xl.observed.calls import PICO
from roi_xl.observed.repeats import Keep
from roi_xl.observed.requests import KEYS, MICRO, MONEY, SUMMED, classified, sums


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


def tables_of(requests: Sequence[Any], keep: Keep) -> list[Table]:
    """The sums of requests by each of the keys, in the words of any engine."""
    found = [summed_apart(keep(f"requests_{place}", classified(table))) for place, table in enumerate(requests)]
    return [added(tables, by) for by, tables in zip(KEYS, zip(*found, strict=True), strict=True)]


def summed_apart(requests: Any) -> list[Table]:
    """The sums of one table."""
    tables = [sums(requests, *by).order_by(list(by)).to_pyarrow() for by in KEYS]
    return [table_of({name: table[name] for name in table.column_names}) for table in tables]


def table_of(columns: Mapping[str, Any]) -> Table:
    """Columns of Arrow as a table; each request is judged and has one call, and nothing of what is left out else."""
    found = {name: np.array(column.to_pylist(), np.int64) for name, column in columns.items()}
    nothing = np.zeros_like(found["requests"])
    return Table({**dict.fromkeys(SUMMED, nothing), "calls": found["requests"], "judged": found["requests"], **found})


ENDS = {"first": np.minimum, "last": np.maximum}


def added(tables: Sequence[Table], by: Sequence[str]) -> Table:
    """The sums of several tables together, in the order of their keys; of money the rest is less than a part."""
    found = {name: np.concatenate([table[name] for table in tables]) for name in tables[0].columns}
    order = np.lexsort([found[key] for key in reversed(by)])
    found = {name: values[order] for name, values in found.items()}
    is_new = np.any([np.diff(found[key]) != 0 for key in by], axis=0) if len(order) else np.empty(0, bool)
    starts = np.flatnonzero(np.append(True, is_new)) if len(order) else np.empty(0, int)
    found = {
        name: values[starts]
        if name in by
        else ENDS.get(name, np.add).reduceat(values, starts)
        if len(starts)
        else values
        for name, values in found.items()
    }
    for name in (name for name in MONEY if f"{name}_micro" in found):
        found[f"{name}_micro"] += found[f"{name}_rest"] // MICRO
        found[f"{name}_rest"] %= MICRO
    return Table(found)


def clusters(table: Table, by: str, classes: int, counted: str = "successes") -> Clusters:
    """The requests of one side by a key and their class of length."""
    keys, places = np.unique(table[by], return_inverse=True)
    costs, counts = np.zeros((len(keys), classes)), np.zeros((len(keys), classes))
    np.add.at(costs, (places.reshape(-1), table["length_class"]), table.cost())
    np.add.at(counts, (places.reshape(-1), table["length_class"]), table[counted])
    return Clusters(costs, counts)


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
