"""What came out of traces?"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from roi_xl.functions.decision import decision
from roi_xl.functions.price_table import Price
from roi_xl.functions.turning import what_turns_it
from roi_xl.observed.rows import Reject, SourceFile
from roi_xl.observed.sides import Side
from roi_xl.observed.statuses import Status
from roi_xl.quantities import NET_BENEFIT, NPV


@dataclass(frozen=True, repr=False)
class Observed:
    """What the traces say, and what follows."""

    baseline: Side
    fine_tuned: Side
    files: tuple[SourceFile, ...]
    rejects: tuple[Reject, ...]
    prices: tuple[Price, ...]
    statuses: tuple[Status, ...]
    currency: str
    window_days: float
    monthly_requests: float
    is_volume_given: bool
    sampled: float
    unlikeness: float
    reweighted: float
    is_reweighted: bool
    has_requests: bool
    bill: tuple[float, float] | None
    inputs: Mapping[str, float]
    quality: Mapping[str, float]
    success_difference: tuple[float, float, float]
    answers: Mapping[str, tuple[float, float, float]]
    ranges: Mapping[str, tuple[float, float]]
    probability: float
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = field(default=())

    def __repr__(self) -> str:
        """Both models, their costs per request, and the chance that it pays back."""
        sides = (f"{'+'.join(side.models)} {side.cost_per_request:.6g}" for side in (self.baseline, self.fine_tuned))
        return f"<Observed {' -> '.join(sides)} {self.currency}/request: pays back with {self.probability:.1%}>"

    @property
    def worth(self) -> tuple[float, float, float]:
        """What it brings, with its interval: the net benefit, or with options the net present value."""
        return self.answers.get(NPV.name) or self.answers[NET_BENEFIT.name]

    @property
    def verdict(self) -> str:
        """The answer in one sentence, from the measured inputs and success rates."""
        return str(decision(**self.inputs, **self.quality))

    @property
    def turns(self) -> str:
        """What turns the answer, with the measured inputs and success rates."""
        return str(what_turns_it(**self.inputs, **self.quality))

    @property
    def duplicates(self) -> int:
        """How many rows were there already."""
        return sum(one.duplicates for one in self.files)
