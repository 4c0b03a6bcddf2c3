"""Resource limits: how much of the machine may one workbook use?

Every limit can be set by an environment variable, for a large trusted workbook or a small
machine.
"""

import os
from collections.abc import Callable
from pathlib import Path

from roi_xl.errors import RoiError

MIB = 1024**2
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
