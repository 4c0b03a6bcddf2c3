"""How does a new file take the place of an old one, whole at every moment?"""

import contextlib
import os
import secrets
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from roi_xl.errors import FileProblem


@contextlib.contextmanager
def replacing(path: str | os.PathLike[str]) -> Iterator[IO[bytes]]:
    """A new file that takes the place of `path` when the block ends well, and only then."""
    target = Path(os.path.realpath(path))
    refuse_read_only(target)
    beside = target.with_name(f".{target.name}.{secrets.token_hex(8)}.part")
    try:
        with open(beside, "xb", opener=private) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        keep_mode(target, str(beside))
        os.replace(beside, target)
    except FileNotFoundError:
        raise FileProblem(f"{target.parent} does not exist") from None
    except OSError as error:
        raise FileProblem(f"{target} cannot be written: {error.strerror or error}") from error
    finally:
        beside.unlink(missing_ok=True)


def private(path: str, flags: int) -> int:
    """Open a file that only its owner may read until it has its target's permissions."""
    return os.open(path, flags, 0o600)


def refuse_read_only(target: Path) -> None:
    """A file that its owner made read-only is not replaced behind their back."""
    if target.is_dir():
        raise FileProblem(f"{target} is a folder")
    if target.exists() and not target.stat().st_mode & stat.S_IWUSR:
        raise FileProblem(f"{target} is read-only")


def keep_mode(target: Path, replacement: str) -> None:
    """Give the new file the old one's permissions, or a new file's usual ones."""
    if target.exists():
        shutil.copymode(target, replacement)
        return
    umask = os.umask(0)
    os.umask(umask)
    os.chmod(replacement, 0o666 & ~umask)
