"""What is to be evaluated, in which order?"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from roi_xl.excel.code import Code
from roi_xl.xlsx.addresses import Address
from roi_xl.xlsx.sheet_cells import Value


@dataclass(frozen=True)
class Step:
    """One varying cell: its slot, and its code, or why the engine must evaluate it and what it reads.

    The engine evaluates no cell of a data table.
    """

    place: Address
    slot: int
    code: Code | None
    why: str = ""
    reads: tuple[Address, ...] = ()
    of_table: bool = False


@dataclass(frozen=True)
class Stretch:
    """Cells evaluated one after the other; those of a circular reference round by round, from some values."""

    steps: tuple[Step, ...]
    start: tuple[Value, ...] = ()

    @property
    def circular(self) -> bool:
        """Whether the cells read each other."""
        return bool(self.start)


@dataclass(frozen=True)
class Plan:
    """Every varying cell, in dependency order."""

    inputs: tuple[Address, ...]
    outputs: tuple[Address, ...]
    stretches: tuple[Stretch, ...]
    slots: dict[Address, int]
    constants: dict[Address, Any]
    whole: str = ""

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """Every step, in order."""
        return tuple(step for stretch in self.stretches for step in stretch.steps)

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
        circular = sum(len(stretch.steps) for stretch in self.stretches if stretch.circular)
        if circular:
            yield f"{circular:,} cells of circular references are iterated over arrays"
        for step in self.left:
            yield f"{step.place} is evaluated by the engine, scenario by scenario: {step.why}"
        constant = [str(place) for place in self.outputs if place not in self.slots]
        if constant:
            yield f"no input reaches {', '.join(constant)}"
