"""How far may a measured input be off? The ranges of an analysis, from what the traces say."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from roi_xl.quantities import QUANTITIES, Quantity
from roi_xl.template.scenarios import is_added

if TYPE_CHECKING:
    from roi_xl.observed.findings import Observed

Changes = Mapping[Quantity, tuple[float, float]]
"""By input, how far its tenth and its ninetieth percentile lie from its value, as a range states it."""

NONE_MEASURED: Changes = {}


def measured_changes(observed: "Observed | None") -> Changes:
    """The changes of every input that traces measured; one that a person stated has no range."""
    if observed is None:
        return NONE_MEASURED
    values = {**observed.inputs, **observed.quality}
    return {
        QUANTITIES[name]: change(QUANTITIES[name], values[name], ends)
        for name, ends in observed.ranges.items()
        if values[name]
    }


def change(quantity: Quantity, value: float, ends: tuple[float, float]) -> tuple[float, float]:
    """How far both ends lie from a value: as a difference, or as a share of it."""
    low, high = ends
    return (low - value, high - value) if is_added(quantity) else (low / value - 1, high / value - 1)
