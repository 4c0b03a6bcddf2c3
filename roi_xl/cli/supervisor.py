"""How does a command end, whatever happens in it?

The command runs in a child process. The parent supervises it: it forwards signals, stops the
command when its time or memory runs out, and reports the outcome in one line, even if a
library crashes the whole process.
"""

import contextlib
import os
import select
import signal
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from roi_xl.errors import Status, Stopped
from roi_xl.xlsx.limits import MIB, PROCESSES, STEPS, limit, memory_of

TICK = 0.1
"""Seconds between two looks at the command."""

GRACE = 10
"""Seconds a terminated command gets to clean up."""

STOPS = ("SIGINT", "SIGTERM", "SIGHUP")


def supervised(command: Callable[[], int], complain: Callable[[str], int]) -> int:
    """Run a command within its limits of time and memory; return its exit status.

    Args:
        command: what to run; it returns its exit status.
        complain: says one line on stderr.
    """
    if not hasattr(os, "fork"):
        return command()
    seconds, memory = limit("ROI_XL_MAX_SECONDS"), limit("ROI_XL_MAX_MEMORY_MIB")
    heard, step = os.pipe()
    seen, life = os.pipe()
    stops = [getattr(signal, name) for name in STOPS]
    signal.pthread_sigmask(signal.SIG_BLOCK, stops)  # until there is someone to take them
    child = os.fork()
    if child == 0:
        os.close(heard)
        os.close(life)
        be_watched(seen, step, seconds)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, stops)
        return command()
    os.close(step)
    os.close(seen)
    watch = Watch(child, heard, seconds, memory * MIB)
    for number in stops:
        signal.signal(number, lambda number, frame: watch.tell(number))
    signal.pthread_sigmask(signal.SIG_UNBLOCK, stops)
    status, why = watch.to_the_end()
    if why:
        complain(why)
    return status


def be_watched(seen: int, step: int, seconds: int) -> None:
    """Report each step, stop when told to, and do not outlive the supervisor."""
    end_when_told(seconds)

    def say_step() -> None:
        with contextlib.suppress(OSError):
            os.write(step, b".")

    def end_with_parent() -> None:
        os.read(seen, 1)
        os.kill(os.getpid(), signal.SIGKILL)

    STEPS.append(say_step)
    threading.Thread(target=end_with_parent, daemon=True).start()


def end_when_told(seconds: int) -> None:
    """Clean up and exit at the first signal."""
    handlers: dict[str, Callable[[], Stopped]] = {
        "SIGINT": Stopped,
        "SIGTERM": lambda: Stopped("terminated (SIGTERM)", Status.TERMINATED),
        "SIGHUP": lambda: Stopped("the terminal is gone", Status.TERMINATED),
        "SIGALRM": lambda: Stopped(out_of_time(seconds), Status.REFUSED),
    }

    def stop(number: int, frame: Any) -> None:
        for name in handlers:
            signal.signal(getattr(signal, name), signal.SIG_IGN)  # once is enough; cleaning up goes on
        raise handlers[signal.Signals(number).name]()

    for name in handlers:
        signal.signal(getattr(signal, name), stop)


def out_of_time(seconds: int) -> str:
    """The message for a command that takes too long."""
    return f"it took longer than {seconds:,} seconds (ROI_XL_MAX_SECONDS)"


@dataclass
class Watch:
    """A supervised command: its process, the pipe for its steps, and its limits."""

    child: int
    heard: int
    seconds: float
    memory: int
    told: list[int] = field(default_factory=list)
    used: float = 0
    killed: tuple[int, str] | None = None

    def to_the_end(self) -> tuple[int, str]:
        """Wait for the end; return the exit status and a message."""
        while True:
            done, status = os.waitpid(self.child, os.WNOHANG)
            if done:
                return self.ending(os.waitstatus_to_exitcode(status))
            self.listen()
            self.check_time()
            self.check_memory()

    def tell(self, number: int) -> None:
        """Forward a signal; the second one kills everything at once."""
        if self.told:
            self.kill_all(Status.INTERRUPTED, "interrupted twice")
            return
        self.told.append(number)
        self.used = self.seconds - GRACE
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.child, number)

    def listen(self) -> None:
        """Wait a moment; each step resets the command's time. A suspended process uses none."""
        start = time.monotonic()
        if select.select([self.heard], [], [], TICK)[0]:
            if not os.read(self.heard, 4_096):
                time.sleep(TICK / 20)
            elif not self.told:
                self.used = 0
        self.used += min(time.monotonic() - start, 2 * TICK)

    def check_time(self) -> None:
        """Stop a command that takes too long, after giving it time to clean up."""
        if self.used < self.seconds:
            return
        if self.told:
            why = out_of_time(int(self.seconds)) if self.told[0] == signal.SIGALRM else "interrupted"
            self.kill_all(Status.REFUSED if self.told[0] == signal.SIGALRM else Status.INTERRUPTED, why)
            return
        self.tell(signal.SIGALRM)

    def check_memory(self) -> None:
        """Kill each process of the command that uses too much memory."""
        for process in tree(self.child):
            if memory_of(process) > self.memory:
                if process == self.child:
                    self.killed = (
                        Status.REFUSED,
                        f"it took more than {self.memory // MIB:,} MiB (ROI_XL_MAX_MEMORY_MIB)",
                    )
                kill(process)

    def kill_all(self, status: int, why: str) -> None:
        """Kill the command and everything it started."""
        self.killed = self.killed or (status, why)
        for process in reversed(list(tree(self.child))):
            kill(process)

    def ending(self, status: int) -> tuple[int, str]:
        """The exit status, and the message for a command that could not report it itself."""
        if status >= 0:
            return status, ""
        if self.killed:
            return self.killed[0], f"{self.killed[1]}; every file is as it was, or complete"
        if -status in self.told:  # it came while the command was ending by itself
            return 128 - status, ""
        name = signal.Signals(-status).name
        return Status.FAULT, f"ended by {name}, perhaps for lack of memory; every file is as it was, or complete"


def kill(process: int) -> None:
    """Kill a process."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(process, signal.SIGKILL)


def tree(process: int) -> Iterator[int]:
    """A process and its descendants, where the system reports them."""
    yield process
    with contextlib.suppress(OSError):
        for thread in (PROCESSES / str(process) / "task").iterdir():
            for child in (thread / "children").read_text().split():
                yield from tree(int(child))
