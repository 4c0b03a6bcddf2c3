"""How does a new file replace an old one atomically?

The new file is written beside the target, under a name of its own, and moved over it when
it is complete. A crash at any moment leaves the old file or the new one, and at most a
`.part` file, which the next run that writes the same target removes.
"""

import contextlib
import errno
import hashlib
import os
import re
import secrets
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from roi_xl.errors import FileProblem, MissingFile
from roi_xl.xlsx.locks import is_still, lock, lock_soon

LONGEST_STEM = 200
"""The bytes of a target's name in its temporary files' names; a file name has room for 255."""

TOKEN = r"\.[0-9a-f]{16}\.part"
WRITTEN: list[Path] = []
"""The files this process has written, for the message after an interruption."""


@contextlib.contextmanager
def replacing(path: str | os.PathLike[str], *, was: str | None = None, backup: bool = False) -> Iterator[IO[bytes]]:
    """A new file that replaces `path` if the block succeeds, and only then.

    Args:
        path: the target; a link is followed.
        was: what the target must still hold, as `digest_of` tells it; anything if left out.
        backup: keep the old file beside it, as `NAME.bak`.

    Raises:
        FileProblem: the target cannot be written, or has changed.
    """
    target = Path(os.path.realpath(path))
    refuse_read_only(target)
    try:
        remove_leftovers(target)
        with fresh_beside(target) as file:
            beside = Path(file.name)
            yield file
            file.flush()
            keep_attributes(target, beside)
            os.fsync(file.fileno())
            if os.name == "nt":  # an open file cannot be moved there
                file.close()
            move_over(target, beside, was, backup)
    except FileProblem:
        raise
    except FileNotFoundError:
        raise MissingFile(f"{target.parent} does not exist") from None
    except OSError as error:
        raise FileProblem(f"{target} cannot be written: {error.strerror or error}") from error


def digest_of(data: bytes) -> str:
    """What tells the contents of a file from any other."""
    return hashlib.sha256(data).hexdigest()


def beside_name(target: Path) -> str:
    """The prefix of temporary files beside a target; short enough for every file system."""
    return f".{os.fsencode(target.name)[:LONGEST_STEM].decode('utf-8', 'ignore')}"


@contextlib.contextmanager
def fresh_beside(target: Path) -> Iterator[IO[bytes]]:
    """A new file beside the target, locked so that others see it is being written; gone when the block ends."""
    while True:
        path = target.with_name(f"{beside_name(target)}.{secrets.token_hex(8)}.part")
        try:
            with open(path, "x+b", opener=private) as file:
                lock_soon(file, path)
                if is_still(file, path):
                    yield file
                    return
        finally:
            path.unlink(missing_ok=True)


def remove_leftovers(target: Path) -> None:
    """Remove what killed processes left behind for this target."""
    pattern = re.compile(re.escape(beside_name(target)) + TOKEN)
    for name in os.listdir(target.parent):
        if pattern.fullmatch(name):
            with contextlib.suppress(OSError), target.with_name(name).open("rb") as file:
                if lock(file):
                    target.with_name(name).unlink()


def private(path: str, flags: int) -> int:
    """Open a file that only its owner may read until it has its target's permissions."""
    return os.open(path, flags, 0o600)


def refuse_read_only(target: Path) -> None:
    """Refuse to replace a read-only file."""
    if target.is_dir():
        raise FileProblem(f"{target} is a folder")
    if target.exists() and not target.stat().st_mode & stat.S_IWUSR:
        raise FileProblem(f"{target} is read-only")


def keep_attributes(target: Path, replacement: Path) -> None:
    """Give the new file the old one's owner, group, permissions and extended attributes, or a new file's usual ones."""
    if target.exists():
        keep_owner(target, replacement)
        shutil.copystat(target, replacement)
        os.utime(replacement)
        return
    umask = os.umask(0)
    os.umask(umask)
    replacement.chmod(0o666 & ~umask)


def keep_owner(target: Path, replacement: Path) -> None:
    """Give the new file the old one's owner and group, or refuse if that would lock someone out."""
    old, new = target.stat(), replacement.stat()
    if (old.st_uid, old.st_gid) == (new.st_uid, new.st_gid) or not hasattr(os, "chown"):
        return
    with contextlib.suppress(PermissionError, OSError):
        os.chown(replacement, old.st_uid, old.st_gid)
        return
    with contextlib.suppress(PermissionError, OSError):
        os.chown(replacement, -1, old.st_gid)
    owner, group, others = ((old.st_mode >> shift) & 0o7 for shift in (6, 3, 0))
    group_is_kept = replacement.stat().st_gid == old.st_gid
    left = group if group_is_kept else others
    if (old.st_uid != new.st_uid and owner & ~left & 0o6) or (not group_is_kept and group & ~others & 0o6):
        raise FileProblem(f"{target} would change owner or group and lock its users out: write to another file")


def move_over(target: Path, beside: Path, was: str | None, backup: bool) -> None:
    """Move the new file into place, unless the target has changed."""
    if os.name == "nt" or not target.exists():
        refuse_changed(target, was)
        finish_move(target, beside, backup)
        return
    with target.open("rb") as old:
        lock_soon(old, target)  # the second writer sees what the first did
        if was is not None and not is_still(old, target):
            raise changed(target)
        refuse_changed(target, was)
        finish_move(target, beside, backup)


def refuse_changed(target: Path, was: str | None) -> None:
    """Refuse to replace a file that someone has changed or removed since it was read."""
    if was is not None and (not target.exists() or digest_of(target.read_bytes()) != was):
        raise changed(target)


def changed(target: Path) -> FileProblem:
    """The error for a file that someone else has changed."""
    return FileProblem(f"{target} has changed since it was read; nothing was written, try again")


def finish_move(target: Path, beside: Path, backup: bool) -> None:
    """Keep the old file if asked, move the new one over it, and sync the folder against power loss."""
    if backup and target.exists():
        back_up(target)
    os.replace(beside, target)
    WRITTEN.append(target)
    with contextlib.suppress(OSError):  # not every system can open or sync a folder
        folder = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def back_up(target: Path) -> Path:
    """Keep a file as `.bak`, or with the first free number; no backup is ever overwritten."""
    number = 1
    while True:
        kept = target.with_name(f"{target.name}.bak{'' if number == 1 else number}")
        try:
            link_or_copy(target, kept)
            return kept
        except FileExistsError:
            number += 1


def link_or_copy(target: Path, kept: Path) -> None:
    """A hard link to a file, or a copy where the file system has no links."""
    try:
        os.link(target, kept)
    except FileExistsError:
        raise
    except OSError as error:
        if error.errno not in (errno.EPERM, errno.ENOTSUP, errno.ENOSYS, errno.EMLINK, errno.EACCES):
            raise
        with open(kept, "xb"):
            shutil.copy2(target, kept)


def other_names(path: Path) -> int:
    """How many other hard links a file has; they keep the old contents when it is replaced."""
    try:
        return path.stat().st_nlink - 1
    except OSError:
        return 0
