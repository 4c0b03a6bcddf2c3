"""Resource limits: how much of the machine may one workbook use?

Every limit can be set by an environment variable, for a large trusted workbook or a small
machine.
"""

import contextlib
import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from roi_xl.errors import NotSupported, RoiError

MIB = 1024**2
LONGEST_TEXT = 32_767
"""Characters of a text in a cell."""

DEFAULTS = {
    "ROI_XL_MAX_PARTS": 20_000,
    "ROI_XL_MAX_MIB": 1_024,
    "ROI_XL_MAX_EXPANDED_MIB": 4_096,
    "ROI_XL_MAX_MEMORY_MIB": 4_096,
    "ROI_XL_MAX_SECONDS": 600,
}
"""The file's parts, its size, its unpacked size, the memory of one process, and the seconds of
one evaluation or of one step of a command (one of many workbooks, one batch of scenarios)."""

STEPS: list[Callable[[], None]] = []
"""Callbacks for each step a command completes."""


def get_further() -> None:
    """Report that a command has completed a step; each step has its own time limit."""
    for hear in STEPS:
        hear()


def limit(name: str) -> int:
    """A limit from the environment, or its default.

    >>> limit("ROI_XL_MAX_SECONDS")
    600
    """
    text = os.environ.get(name, str(DEFAULTS[name]))
    if not text.isascii() or not text.isdigit() or not int(text):
        raise RoiError(f"{name} must be a whole number above 0, got {text!r}")
    return int(text)


def limit_in_bytes(name: str) -> int:
    """A limit given in MiB, in bytes."""
    return limit(name) * MIB


PROCESSES = Path("/proc")


def memory_of(process: int | str = "self") -> int:
    """The bytes of memory that a process has, where the system tells; else 0."""
    try:
        return int((PROCESSES / str(process) / "statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, IndexError):
        return 0


MOMENT = 0.02
"""Seconds between two looks at the time and the memory that an evaluation takes."""


class OutOfBudget(Exception):
    """An evaluation takes more time or memory than it may; the text says which."""


class Budget:
    """Until when, and up to which memory of the process, an evaluation may go on."""

    def __init__(self) -> None:
        self.end = time.monotonic() + limit("ROI_XL_MAX_SECONDS")
        self.memory = memory_of() + limit_in_bytes("ROI_XL_MAX_MEMORY_MIB")
        self.next_look = 0.0

    def look(self) -> None:
        """Stop where the time or the memory is used up."""
        now = time.monotonic()
        if now > self.end:
            raise OutOfBudget(f"longer than {limit('ROI_XL_MAX_SECONDS'):,} seconds (ROI_XL_MAX_SECONDS)")
        if memory_of() > self.memory:
            raise OutOfBudget(f"more than {limit('ROI_XL_MAX_MEMORY_MIB'):,} MiB (ROI_XL_MAX_MEMORY_MIB)")
        self.next_look = now + MOMENT


class OfThread(threading.local):
    """The budget of the evaluation that a thread is at, if any."""

    budget: Budget | None = None


RUNNING = OfThread()


def go_on() -> None:
    """Called by loops of ours: stop where the evaluation has used up its time or memory."""
    budget = RUNNING.budget
    if budget is not None and time.monotonic() > budget.next_look:
        budget.look()


@contextlib.contextmanager
def budgeted(what: str) -> Iterator[Budget]:
    """Evaluate within the limits of time and memory; what is evaluated is for the message."""
    outer, RUNNING.budget = RUNNING.budget, Budget()
    try:
        yield RUNNING.budget
    except OutOfBudget as problem:
        raise NotSupported(f"{what} took {problem}") from None
    finally:
        RUNNING.budget = outer
