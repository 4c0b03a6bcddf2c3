"""What does a tool answer?"""

from typing import Annotated

from pydantic import BaseModel, Field

Cell = float | bool | str | None
"""What a cell shows: a number, a truth value, text (an error such as #N/A is text), or nothing."""


Doubts = Annotated[list[str], Field(description="Rates of 100% or more, where 10 was given for 10%, as a rule.")]


class Calculated(BaseModel):
    """A business case and its results; #N/A is never, #DIV/0! a return on nothing invested."""

    inputs: dict[str, float]
    outputs: dict[str, Cell]
    doubts: Doubts


class Placed(BaseModel):
    """A named cell: its value and its address."""

    value: Cell
    cell: str


class Shown(BaseModel):
    """The named inputs and outputs of a workbook."""

    inputs: dict[str, Placed]
    outputs: dict[str, Placed]


class Difference(BaseModel):
    """A formula cell whose stored value a replay of the workbook does not give."""

    cell: str
    formula: str | None
    stored: Cell
    replayed: Cell
    cause: str


class Checked(BaseModel):
    """Which numbers of a workbook can be trusted."""

    formulas: Annotated[int, Field(description="How many cells hold a formula.")]
    verified: Annotated[int, Field(description="How many of them two evaluations agree on.")]
    not_verified: Annotated[dict[str, int], Field(description="Why the others are not verified, with their number.")]
    compared: Annotated[int, Field(description="How many formula cells were compared with their stored value.")]
    missing: Annotated[int, Field(description="How many formula cells store no value.")]
    volatile: Annotated[int, Field(description="How many depend on the time or on chance.")]
    errors: Annotated[int, Field(description="How many hold an error value.")]
    unknown_functions: list[str]
    settings: Annotated[list[str], Field(description="Workbook settings that a reader should know about.")]
    external_links: list[str]
    different: Annotated[list[Difference], Field(description="Cells that a replay does not reproduce; the first ones.")]
    differences: Annotated[int, Field(description="How many there are.")]
    trusted: Annotated[bool, Field(description="Every formula is verified, every stored value reproduced.")]


class Change(BaseModel):
    """A value before and after."""

    before: Cell
    after: Cell


class Recalculated(Checked):
    """A workbook with other inputs. Cells under `different` keep their stored value."""

    inputs: dict[str, Change]
    outputs: Annotated[dict[str, Change], Field(description="Every named output.")]
    cells: Annotated[dict[str, Change], Field(description="What changed most, in a workbook without named outputs.")]
    changed: Annotated[int, Field(description="How many formula cells have another value.")]
    doubts: Doubts
    written: Annotated[str | None, Field(description="The file that was written, if one was asked for.")]
    engine: str


class Written(BaseModel):
    """A file that was written."""

    written: str
    doubts: Doubts


class Figures(BaseModel):
    """What came of one output: its numbers, and its texts."""

    p10: float | None = None
    p50: float | None = None
    p90: float | None = None
    mean: float | None = None
    above_0: Annotated[float | None, Field(description="The share of its numbers that are above 0.")] = None
    numbers: Annotated[int, Field(description="In how many scenarios it is a number.")] = 0
    texts: Annotated[dict[str, int], Field(description="Each text, and in how many scenarios.")] = {}


class Swept(BaseModel):
    """What came of many scenarios."""

    scenarios: int
    with_errors: Annotated[int, Field(description="How many have an output that is an error or not a number.")]
    outputs: dict[str, Figures]
    doubts: Doubts
    written: str | None


class Sought(BaseModel):
    """Where an output has the wanted value; several places, or none."""

    solutions: list[float]
    stretches: Annotated[list[tuple[float, float]], Field(description="Ranges in which every value does.")]
    passes: Annotated[
        list[tuple[float, float]], Field(description="Pairs of neighboring whole numbers between which it would.")
    ]
    between: Annotated[list[float], Field(description="The range that was searched.")]
    nearest: Annotated[float, Field(description="The value of the input at which the output comes closest.")]
    output_there: Annotated[float, Field(description="The output there.")]


class Side(BaseModel):
    """What one model's requests came to."""

    models: list[str]
    requests: int
    successes: int
    calls: int
    fallbacks: int
    cost: float
    cost_per_request: Annotated[float, Field(description="For each successful request.")]
    interval: Annotated[list[float], Field(description="Its 95% interval.")]
    assumed: Annotated[bool, Field(description="Priced from the other model's tokens, because it had no requests.")]


class TraceFile(BaseModel):
    """One file of traces."""

    name: str
    format: str
    rows: int
    taken: int
    rejected: int
    sha256: str


class Reject(BaseModel):
    """Rows that were not taken."""

    reason: str
    rows: int
    examples: list[str]


class Observed(BaseModel):
    """What traces say, and what follows."""

    baseline: Side
    fine_tuned: Side
    inputs: dict[str, float]
    answers: Annotated[dict[str, list[float | None]], Field(description="Value, 95% from, 95% to; null is never.")]
    probability: Annotated[
        float, Field(description="That it pays back within the horizon, counting only what the traces leave open.")
    ]
    risk_probability: Annotated[
        float | None, Field(description="That net present value is above 0, as a full workbook simulated it.")
    ]
    decision: Annotated[str, Field(description="The answer in one sentence.")]
    what_turns_it: Annotated[str, Field(description="The smallest change that flips the answer.")]
    files: list[TraceFile]
    rejects: list[Reject]
    duplicates: int
    bill: Annotated[list[float] | None, Field(description="The bill for the same days, and the traces.")]
    warnings: list[str]
    written: str | None
