"""What varies between the changing inputs and the requested outputs, and in which order is it evaluated?"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from roi_xl.excel.code import Code
from roi_xl.xlsx.addresses import Address
from roi_xl.xlsx.sheet_cells import Value


@dataclass(frozen=True)
class Step:
    """One varying cell: its slot, and its code, or why the engine must evaluate it; and what it reads.

    The engine evaluates no cell of a data table.
    """

    place: Address
    slot: int
    code: Code | None
    why: str = ""
    read: Callable[[], tuple[Address, ...]] = tuple
    of_table: bool = False

    @property
    def reads(self) -> tuple[Address, ...]:
        """The varying cells that it reads."""
        return self.read()


@dataclass(frozen=True)
class Together:
    """Varying cells that are evaluated together: their number among all such, their steps, and their code."""

    number: int
    steps: tuple[Step, ...]
    code: Code


@dataclass(frozen=True)
class Circle:
    """Varying cells of a circular reference, evaluated round by round: their steps, and the values to start from."""

    steps: tuple[Step, ...]
    start: tuple[Value, ...]


Unit = Step | Together | Circle


@dataclass(frozen=True)
class Plan:
    """Every varying cell, in dependency order; some of them together."""

    inputs: tuple[Address, ...]
    outputs: tuple[Address, ...]
    units: tuple[Unit, ...]
    slots: dict[Address, int]
    constants: dict[Address, Any]
    whole: str = ""

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """The cells one by one."""
        units = ((unit,) if isinstance(unit, Step) else unit.steps for unit in self.units)
        return tuple(step for steps in units for step in steps)

    @cached_property
    def at_once(self) -> float:
        """How many cells are evaluated together on average, as a cell finds it."""
        sizes = [len(unit.steps) if isinstance(unit, Together) else 1 for unit in self.units]
        return sum(size * size for size in sizes) / max(sum(sizes), 1)

    @property
    def has_tables(self) -> bool:
        """Whether cells of data tables vary, which the engine leaves to the model."""
        return any(step.of_table for step in self.steps)

    @property
    def left(self) -> list[Step]:
        """The cells evaluated by the engine."""
        return [step for step in self.steps if step.code is None]

    @property
    def by_engine(self) -> bool:
        """Whether anything is evaluated scenario by scenario."""
        return bool(self.whole or self.left)

    def lines(self) -> Iterator[str]:
        """The plan as lines of text."""
        if self.whole:
            yield f"every scenario is evaluated by the engine: {self.whole}"
            return
        yield f"{len(self.steps):,} cells vary, {len(self.steps) - len(self.left):,} of them over arrays"
        circular = sum(len(unit.steps) for unit in self.units if isinstance(unit, Circle))
        if circular:
            yield f"{circular:,} cells of circular references are iterated over arrays"
        for step in self.left:
            yield f"{step.place} is evaluated by the engine, scenario by scenario: {step.why}"
        constant = [str(place) for place in self.outputs if place not in self.slots]
        if constant:
            yield f"no input reaches {', '.join(constant)}"
