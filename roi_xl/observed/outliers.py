"""Do a few requests make most of a model's cost, so that they decide the answer?

Requests are counted by classes of their cost. Those of the classes that begin at FAR times the
usual cost (that of the class in the middle, of those that cost anything) are the odd ones.
"""

from collections.abc import Iterator

from roi_xl.describe import several
from roi_xl.observed.calls import PICO
from roi_xl.observed.requests import BINS
from roi_xl.observed.sides import Side

FAR, FEW, MOST = 100, 0.05, 0.5
"""How many times the usual cost is odd, which share of the requests are few, and which of the cost is most of it."""


def notes_of_outliers(label: str, side: Side) -> Iterator[str]:
    """What is said of a few requests of one side that make most of its cost."""
    usual = usual_cost(side)
    odd = [place for place in side.by_cost if place and BINS[place - 1] / PICO >= FAR * usual]
    count, cost = (sum(amounts[place] for place in odd) for amounts in (side.by_cost, side.cost_by_cost))
    if not odd or count > FEW * side.requests or cost <= MOST * side.cost:
        return
    verb = "makes" if count == 1 else "make"
    yield (
        f"{several(count, 'request')} of {side.requests:,} to the {label} model ({count / side.requests:.2%}) {verb} "
        f"{cost / side.cost:.1%} of its cost: {cost / count:.6g} each, where a usual one costs {usual:.6g}; if that "
        f"is a mistake, the others cost {(side.cost - cost) / (side.requests - count):.6g} each"
    )


def usual_cost(side: Side) -> float:
    """The mean cost of the class in which the median request is, of those that cost anything.

    Those below the first class, of which most cost nothing, are left out; 0 if there are no others.
    """
    some = {place: count for place, count in side.by_cost.items() if place}
    half = sum(some.values()) / 2
    so_far = 0
    for place, count in some.items():
        so_far += count
        if so_far >= half:
            return side.cost_by_cost[place] / count
    return 0
