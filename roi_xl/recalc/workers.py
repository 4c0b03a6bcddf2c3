"""How do several workbooks go through a task at a time?"""

import os
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

Findings = Mapping[str, Any]


def of_each(task: Callable[[Path], Findings], paths: Sequence[Path]) -> Iterator[tuple[Path, Findings]]:
    """The findings of a task for each workbook, several at a time, in their order."""
    workers = min(len(paths), os.cpu_count() or 1)
    if workers < 2:
        yield from ((path, task(path)) for path in paths)
        return
    pool = ProcessPoolExecutor(workers, initializer=leave_interrupts_to_the_parent)
    try:
        yield from zip(paths, pool.map(task, paths), strict=True)
    finally:
        pool.shutdown(cancel_futures=True)


def leave_interrupts_to_the_parent() -> None:
    """Ctrl-C ends the command, not its helpers one by one."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
