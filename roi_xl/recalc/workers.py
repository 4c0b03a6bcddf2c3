"""How do several workbooks run through a task in parallel, whatever happens to one?

A workbook that crashes its process does not affect the others, and an interrupted user
learns the state of each workbook.
"""

import contextlib
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.connection import wait
from pathlib import Path
from typing import Any, NoReturn

from roi_xl.errors import Status, Stopped
from roi_xl.recalc.wording import Findings
from roi_xl.xlsx.atomic import WRITTEN

Task = Callable[[Path], Findings]
ENDED = (BrokenProcessPool, SystemExit)
"""What a task raises if its process died."""


def of_each(task: Task, paths: Sequence[Path]) -> Iterator[tuple[Path, Findings]]:
    """The findings of a task for each workbook, in order; several run in parallel."""
    if len(paths) < 2:
        yield from ((path, task(path)) for path in paths)
        return
    pool = ProcessPoolExecutor(min(len(paths), os.cpu_count() or 1), initializer=leave_interrupts_to_the_parent)
    stopped: KeyboardInterrupt | None = None
    try:
        futures = [pool.submit(begun, task, path) for path in paths]
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
    """The result for one workbook; if its process died, it runs once more in a process of its own."""
    with contextlib.suppress(*ENDED):
        return future.result()
    with ProcessPoolExecutor(1, initializer=leave_interrupts_to_the_parent) as pool:
        try:
            return pool.submit(begun, task, path).result()
        except ENDED:
            why = f"{path} cannot be evaluated: its process died, possibly out of memory (ROI_XL_MAX_MEMORY_MIB)"
            return {"refused": why, "status": Status.REFUSED}


def stop(futures: "Sequence[Future[Findings]]") -> None:
    """Start nothing new and stop what is running."""
    for future in futures:
        future.cancel()
    for process in multiprocessing.active_children():
        process.terminate()


def after_stop(path: Path, future: "Future[Findings]", stopped: KeyboardInterrupt) -> Findings:
    """The result for one workbook when everything was stopped."""
    with contextlib.suppress(CancelledError, KeyboardInterrupt, *ENDED):
        return future.result()
    why = stopped if isinstance(stopped, Stopped) else Stopped()
    return {"refused": f"{path} was not finished: {why}", "status": why.status}


def leave_interrupts_to_the_parent() -> None:
    """Ctrl-C stops the command, not each worker; workers stop when told to, or when the command is gone."""
    for name in ("SIGINT", "SIGHUP", "SIGALRM"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    signal.signal(signal.SIGTERM, end)
    threading.Thread(target=end_with_the_parent, daemon=True).start()


TOLD_TO_END: list[int] = []
"""The signal that told this process to end while it was about to say what it had written."""


def begun(task: Task, path: Path) -> Findings:
    """The result for one workbook, unless this process was told to end before."""
    if TOLD_TO_END:
        raise SystemExit(Status.TERMINATED)
    WRITTEN.clear()
    signal.signal(signal.SIGTERM, end_unless_written)
    return task(path)


def end_unless_written(number: int, frame: Any) -> None:
    """Clean up and exit; a process that has written its workbook says so first."""
    if not WRITTEN:
        raise SystemExit(Status.TERMINATED)
    TOLD_TO_END.append(number)


def end(number: int, frame: Any) -> NoReturn:
    """Clean up and exit."""
    raise SystemExit(Status.TERMINATED)


def end_with_the_parent() -> None:
    """Wait until the command ends, then exit."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(Status.TERMINATED)
