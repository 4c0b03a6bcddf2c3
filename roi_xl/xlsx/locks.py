"""Who else has this file open?

A lock is held by the operating system for as long as a process holds the file open, so that
a process that ends, however it ends, leaves none behind. Spreadsheet programs leave a small
file beside a workbook that they have open; it says whose it is.
"""

import os
import time
from pathlib import Path
from typing import IO

from roi_xl.errors import FileProblem

LONGEST_MARK = 4_096
PATIENCE, PAUSE = 30, 0.02
"""Seconds to wait for a lock, and between attempts."""


def lock(file: IO[bytes]) -> bool:
    """Lock a file until it is closed; return whether that worked."""
    try:
        import fcntl
    except ImportError:  # Windows does not let others replace or remove an open file
        return True
    try:
        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # a file system without locks
        return True
    return True


def lock_soon(file: IO[bytes], path: Path) -> None:
    """Lock a file that others hold only briefly."""
    last = time.monotonic() + PATIENCE
    while not lock(file):
        if time.monotonic() > last:
            raise FileProblem(f"{path} is locked by another program")
        time.sleep(PAUSE)


def is_still(file: IO[bytes], path: Path) -> bool:
    """Whether an open file still has this name."""
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except FileNotFoundError:
        return False


def refuse_open(path: Path) -> None:
    """Refuse a workbook that someone has open in a spreadsheet program."""
    marks = {f"~${path.name}": ("Excel", excel_user), f".~lock.{path.name}#": ("LibreOffice", office_user)}
    for name, (program, user_in) in marks.items():
        try:
            with (path.parent / name).open("rb") as file:
                who = user_in(file.read(LONGEST_MARK))
        except OSError:
            continue
        by = f" by {who}" if who else ""
        raise FileProblem(
            f"{path} is open in {program}{by} (there is {name}): close it there, or overwrite it with force=True"
        )


def excel_user(mark: bytes) -> str:
    """The user that Excel's mark names: a byte with the length, then the name.

    >>> excel_user(bytes([4]) + b"Anna" + b" " * 50)
    'Anna'
    """
    return mark[1 : 1 + mark[0]].decode("utf-8", "replace").strip() if mark else ""


def office_user(mark: bytes) -> str:
    """The user that LibreOffice's mark names: the first of its fields, or the second.

    >>> office_user(b",anna,desk,25.11.2026 18:00,file:///home/anna/.config;")
    'anna'
    """
    return next(filter(None, mark.decode("utf-8", "replace").split(",")[:2]), "").strip()
