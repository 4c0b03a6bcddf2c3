"""What do the traces come to: requests, costs, days, classes; small tables of whole numbers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from roi_xl.observed.bootstrap import Array, Clusters
from roi_xl.observed.calls import PICO
from roi_xl.observed.requests import MICRO


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
