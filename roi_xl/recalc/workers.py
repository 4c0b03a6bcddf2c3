"""How do several workbooks go through a task at a time, come what may?

A workbook that ends its process does not take the others with it, and whoever is interrupted
hears of each workbook what became of it.
"""

import contextlib
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import CancelledError, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.connection import wait
from pathlib import Path
from typing import Any, NoReturn

from roi_xl.errors import Status, Stopped

Findings = Mapping[str, Any]
Task = Callable[[Path], Findings]
ENDED = (BrokenProcessPool, SystemExit)
"""What a task gives whose process ended before it."""


def of_each(task: Task, paths: Sequence[Path]) -> Iterator[tuple[Path, Findings]]:
    """The findings of a task for each workbook, several at a time, in their order."""
    if len(paths) < 2:
        yield from ((path, task(path)) for path in paths)
        return
    pool = ProcessPoolExecutor(min(len(paths), os.cpu_count() or 1), initializer=leave_interrupts_to_the_parent)
    stopped: KeyboardInterrupt | None = None
    try:
        futures = [pool.submit(task, path) for path in paths]
        for path, future in zip(paths, futures, strict=True):
            try:
                yield path, after_stop(path, future, stopped) if stopped else outcome(task, path, future)
            except KeyboardInterrupt as interrupt:
                stopped = interrupt
                stop(futures)
                yield path, after_stop(path, future, stopped)
    finally:
        pool.shutdown(cancel_futures=True)


def outcome(task: Task, path: Path, future: "Future[Findings]") -> Findings:
    """What came of one workbook; if the process that it was in ended, it has another one to itself."""
    with contextlib.suppress(*ENDED):
        return future.result()
    with ProcessPoolExecutor(1, initializer=leave_interrupts_to_the_parent) as pool:
        try:
            return pool.submit(task, path).result()
        except ENDED:
            why = f"{path} cannot be evaluated: the process ended, perhaps for lack of memory (ROI_XL_MAX_MEMORY_MIB)"
            return {"refused": why, "status": Status.REFUSED}


def stop(futures: "Sequence[Future[Findings]]") -> None:
    """Begin nothing more, and end what is under way."""
    for future in futures:
        future.cancel()
    for process in multiprocessing.active_children():
        process.terminate()


def after_stop(path: Path, future: "Future[Findings]", stopped: KeyboardInterrupt) -> Findings:
    """What came of one workbook when all were told to end."""
    with contextlib.suppress(CancelledError, KeyboardInterrupt, *ENDED):
        return future.result()
    why = stopped if isinstance(stopped, Stopped) else Stopped()
    return {"refused": f"{path} was not finished: {why}", "status": why.status}


def leave_interrupts_to_the_parent() -> None:
    """Ctrl-C ends the command, not its helpers one by one; they end when they are told to, or when it is gone."""
    for name in ("SIGINT", "SIGHUP", "SIGALRM"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    signal.signal(signal.SIGTERM, end)
    threading.Thread(target=end_with_the_parent, daemon=True).start()


def end(number: int, frame: Any) -> NoReturn:
    """Clean up, and end."""
    raise SystemExit(Status.TERMINATED)


def end_with_the_parent() -> None:
    """Wait for the end of the command, and end with it."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(Status.TERMINATED)
