"""How much of this machine may one workbook take?

Every limit can be set through an environment variable, for a workbook that is large and
trusted, or for a machine that is small.
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
"""Parts in the file, its size, the size of all parts unpacked, the memory of one process, and
the seconds of one evaluation, and of a command from one step to the next: a workbook of many,
a batch of scenarios."""

STEPS: list[Callable[[], None]] = []
"""Who wants to know that a command gets further."""


def get_further() -> None:
    """Say that a command has done one more of its steps, each of which has the whole time."""
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
    """A limit that is given in MiB."""
    return limit(name) * MIB


PROCESSES = Path("/proc")


def memory_of(process: int | str = "self") -> int:
    """The bytes of memory that a process has, where the system tells; else 0."""
    try:
        return int((PROCESSES / str(process) / "statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, IndexError):
        return 0
