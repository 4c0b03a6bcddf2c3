"""What is piped in: a file like any other, once it is kept under a name that says what it is."""

import shutil
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from roi_xl.errors import FileProblem

PIPED, HEAD = "-", 4_096
GZIP, ZSTD, PARQUET = b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"PAR1"
WITH_GZIP_HEADER = 31


def suffix_of(head: bytes) -> str:
    r"""What a file is, by its first bytes; what zstd has compressed is taken for JSON lines.

    >>> suffix_of(b' {"a": 1}'), suffix_of(b"time,model\n"), suffix_of(b"PAR1")
    ('.jsonl', '.csv', '.parquet')
    """
    if head.startswith(GZIP):
        try:
            return suffix_of(zlib.decompressobj(WITH_GZIP_HEADER).decompress(head)) + ".gz"
        except zlib.error:
            return ".jsonl.gz"
    if head.startswith(ZSTD):
        return ".jsonl.zst"
    if head.startswith(PARQUET):
        return ".parquet"
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    return ".jsonl" if text[:1] in (b"{", b"[") else ".csv"


def with_piped(files: Sequence[str], stream: IO[bytes], folder: Path) -> list[str]:
    """The files, of which `-` is what is piped in, kept in a folder."""
    if PIPED not in files:
        return list(files)
    head = stream.read(HEAD)
    if not head:
        raise FileProblem("nothing is piped in")
    path = folder / f"stdin{suffix_of(head)}"
    with path.open("wb") as file:
        file.write(head)
        shutil.copyfileobj(stream, file)
    return [str(path) if name == PIPED else name for name in files]
