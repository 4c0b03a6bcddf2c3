"""How does a column of a data frame stay a column?

Columns are recognized by their methods, so that neither pandas nor polars is required.
"""

from collections.abc import Iterable
from typing import Any

from roi_xl.errors import WrongShape


def column_of(values: Iterable[Any]) -> Any:
    """The first data frame column among the arguments, or None; all columns must have the same rows."""
    columns = [value for value in values if has_index(value) or hasattr(value, "to_arrow")]
    for other in columns[1:]:
        if has_index(other) and has_index(columns[0]) and not other.index.equals(columns[0].index):
            raise WrongShape("the columns have different rows: pass columns of one data frame, or align them first")
    return columns[0] if columns else None


def is_frame(value: Any) -> bool:
    """Whether a value is a whole data frame."""
    return (hasattr(value, "to_numpy") and len(getattr(value, "shape", (0,))) > 1) or hasattr(value, "collect_schema")


def has_index(column: Any) -> bool:
    """Whether a column has an index, as in pandas."""
    return hasattr(column, "index") and hasattr(column.index, "equals")


def like(column: Any, result: Any, name: str) -> Any:
    """A result as a column of the same kind and rows; a result of another length stays as it is."""
    if column is None or getattr(result, "shape", ()) != (len(column),):
        return result
    if has_index(column):
        return type(column)(result, index=column.index, name=name)
    return type(column)(name, result)
