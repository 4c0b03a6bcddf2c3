"""What is in the file, and how is it replaced?"""

import contextlib
import hashlib
import os
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from types import MappingProxyType
from typing import IO

from roi_xl.errors import FileProblem, MissingFile
from roi_xl.xlsx.atomic import digest_of, refuse_read_only, replacing
from roi_xl.xlsx.limits import limit, limit_in_bytes
from roi_xl.xlsx.locks import refuse_open

OLE_SIGNATURE = bytes.fromhex("D0CF11E0A1B11AE1")
ENCRYPTED_STREAM = "EncryptedPackage".encode("utf-16-le")
END_OF_DIRECTORY = b"PK\x05\x06"
LONGEST_ENTRY = 512
"""The average bytes allowed per directory entry of the archive; Excel's take about 70."""

COMPRESSION_LEVEL = 1
COMPRESSIONS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
"""The compression methods the standard allows; others may take gigabytes to read."""

ENCRYPTED = 1
"""The flag of an encrypted entry."""

DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, OSError)
"""The errors raised by a damaged archive."""

Streams = Mapping[str, Iterable[bytes]]
"""Parts that are streamed while they are written."""

CONTENT_TYPES = "[Content_Types].xml"
TYPES = {
    ".xlsm": b"application/vnd.ms-excel.sheet.macroEnabled.main+xml",
    ".xltm": b"application/vnd.ms-excel.template.macroEnabled.main+xml",
    ".xlam": b"application/vnd.ms-excel.addin.macroEnabled.main+xml",
    ".xltx": b"application/vnd.openxmlformats-officedocument.spreadsheetml.template.main+xml",
}
"""Workbook types by suffix; any other is an .xlsx file."""

NOTHING: Streams = MappingProxyType({})


@dataclass(frozen=True)
class Package:
    """The parts of a workbook file, in their order, with the bytes of each."""

    path: Path
    entries: tuple[zipfile.ZipInfo, ...]
    parts: Mapping[str, bytes]
    digest: str | None = None
    """A fingerprint of the file this was read from."""

    def with_parts(self, changed: Mapping[str, bytes]) -> "Package":
        """The same package with the bytes of some parts replaced."""
        return replace(self, parts={**self.parts, **changed})

    def to_bytes(self, compression: int | None = None) -> bytes:
        """The package as the bytes of a file; stored entries make it quick to read."""
        buffer = BytesIO()
        write_zip(self, buffer, compression)
        return buffer.getvalue()


def read_package(path: str | os.PathLike[str]) -> Package:
    """Read a workbook file, or say in one line why it is not one."""
    path = Path(path)
    data = read_bytes(path)
    return replace(package_of(path, data), digest=digest_of(data))


def package_of(path: Path, data: bytes) -> Package:
    """A workbook's bytes as a package; the path is only for messages."""
    refuse_other_formats(path, data)
    refuse_long_directories(path, data)
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            entries = tuple(archive.infolist())
            refuse_bombs(path, entries)
            refuse_other_compression(path, entries)
            parts = {entry.filename: unpacked(path, archive, entry) for entry in entries}
    except FileProblem:
        raise
    except DAMAGE:
        raise FileProblem(f"{path} is damaged or cut short: its list of parts cannot be read") from None
    return Package(path, entries, parts)


def unpacked(path: Path, archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """The bytes of one part."""
    try:
        return archive.read(entry)
    except DAMAGE:
        why = "is encrypted" if entry.flag_bits & ENCRYPTED else "cannot be unpacked"
        raise FileProblem(f"{path} is damaged or cut short: its part {entry.filename} {why}") from None


def read_bytes(path: Path) -> bytes:
    """The bytes of a file within the size limit."""
    try:
        if path.stat().st_size > limit_in_bytes("ROI_XL_MAX_MIB"):
            raise FileProblem(f"{path} is larger than {limit('ROI_XL_MAX_MIB'):,} MiB (ROI_XL_MAX_MIB)")
        return path.read_bytes()
    except IsADirectoryError:
        raise FileProblem(f"{path} is a folder, not a workbook") from None
    except FileNotFoundError:
        raise MissingFile(f"{path} does not exist") from None
    except PermissionError:
        raise FileProblem(f"{path} cannot be read: permission denied") from None


def refuse_other_formats(path: Path, data: bytes) -> None:
    """Refuse files of other formats by name."""
    if data.startswith(OLE_SIGNATURE):
        if ENCRYPTED_STREAM in data:
            raise FileProblem(f"{path} is encrypted: remove the password first")
        raise FileProblem(f"{path} is an old .xls workbook: save it as .xlsx first")
    if not data.startswith(b"PK"):
        raise FileProblem(f"{path} is not an .xlsx workbook")


def refuse_long_directories(path: Path, data: bytes) -> None:
    """Refuse an archive of a million entries before its directory is read into memory."""
    end = data.rfind(END_OF_DIRECTORY, -(2**16 + 22) if len(data) > 2**16 + 22 else 0)
    size = int.from_bytes(data[end + 12 : end + 16], "little") if end >= 0 else 0
    most = limit("ROI_XL_MAX_PARTS")
    if size > most * LONGEST_ENTRY:
        raise FileProblem(f"{path} has too many parts; the limit is {most:,} (ROI_XL_MAX_PARTS)")


def refuse_bombs(path: Path, entries: tuple[zipfile.ZipInfo, ...]) -> None:
    """Refuse archives beyond the limits, whatever they claim."""
    most = limit("ROI_XL_MAX_PARTS")
    if len(entries) > most:
        raise FileProblem(f"{path} has {len(entries):,} parts; the limit is {most:,} (ROI_XL_MAX_PARTS)")
    if sum(entry.file_size for entry in entries) > limit_in_bytes("ROI_XL_MAX_EXPANDED_MIB"):
        most = limit("ROI_XL_MAX_EXPANDED_MIB")
        raise FileProblem(f"{path} expands to more than {most:,} MiB (ROI_XL_MAX_EXPANDED_MIB)")
    if len({entry.filename for entry in entries}) != len(entries):
        raise FileProblem(f"{path} is damaged: it holds the same part twice")


def refuse_other_compression(path: Path, entries: tuple[zipfile.ZipInfo, ...]) -> None:
    """Refuse what no spreadsheet program writes."""
    strange = [entry for entry in entries if entry.compress_type not in COMPRESSIONS]
    if strange:
        raise FileProblem(f"{path} is not an .xlsx workbook: {strange[0].filename} has an unsupported compression")


def write_zip(package: Package, target: IO[bytes], compression: int | None = None, streams: Streams = NOTHING) -> None:
    """Write the parts in order, each with its own name, date and compression."""
    with new_archive(target) as archive:
        for entry in package.entries:
            fresh = zipfile.ZipInfo(entry.filename, entry.date_time)
            fresh.external_attr, fresh.create_system = entry.external_attr, entry.create_system
            fresh.compress_type = entry.compress_type if compression is None else compression
            fresh.file_size = entry.file_size
            fresh._compresslevel = COMPRESSION_LEVEL  # type: ignore[attr-defined]
            with archive.open(fresh, "w") as file:
                for piece in streams.get(entry.filename) or (package.parts[entry.filename],):
                    file.write(piece)


@contextlib.contextmanager
def new_archive(target: IO[bytes]) -> Iterator[zipfile.ZipFile]:
    """An archive to write; if interrupted, it is left as it is for the caller to discard."""
    archive = zipfile.ZipFile(target, "w")
    try:
        yield archive
    except BaseException:
        archive.fp = None  # closing would fail on the half-written part
        raise
    archive.close()


def ahead(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The same pieces, each made while the one before is compressed (which frees the interpreter)."""
    iterator = iter(pieces)
    with ThreadPoolExecutor(1) as worker:
        pending = worker.submit(next, iterator, None)
        while (piece := pending.result()) is not None:
            pending = worker.submit(next, iterator, None)
            yield piece


def save_package(
    package: Package,
    path: str | os.PathLike[str],
    streams: Streams,
    *,
    force: bool = False,
    backup: bool = False,
) -> Package:
    """Write beside the target, then move over it: the target is whole at every moment.

    Args:
        package: the workbook.
        path: where it goes.
        streams: parts that are made while they are written.
        force: write over a workbook that is open in a spreadsheet program.
        backup: keep the old file beside the target, as `NAME.bak`.

    Returns:
        The package, updated to the file as it is now.

    Raises:
        FileProblem: the target is of another type, open elsewhere, cannot be written, or is
            the file that was read and has changed since.
    """
    path = Path(path)
    target = Path(os.path.realpath(path))
    is_source = package.digest is not None and is_same(path, package.path)
    refuse_read_only(target)
    if not is_source:
        refuse_other_type(package, path)
    if not force:
        refuse_open(target)
    with replacing(path, was=package.digest if is_source else None, backup=backup) as file:
        write_zip(package, file, streams={part: ahead(pieces) for part, pieces in streams.items()})
        file.seek(0)
        written = hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]
    return replace(package, digest=written) if is_source else package


def is_same(one: Path, other: Path) -> bool:
    """Whether two paths are the same file."""
    try:
        return one.samefile(other)
    except OSError:
        return os.path.realpath(one) == os.path.realpath(other)


def refuse_other_type(package: Package, path: Path) -> None:
    """Refuse to write a workbook under another type's suffix, which programs would not open."""
    declared = package.parts.get(CONTENT_TYPES, b"")
    suffix = next((suffix for suffix, kind in TYPES.items() if kind in declared), ".xlsx")
    if path.suffix.lower() != suffix:
        raise FileProblem(f"the workbook is an {suffix} file and must be saved as one, got {path}")


def before_end(data: bytes, element: bytes, added: bytes) -> bytes:
    """XML with something added at the end of its outermost element, in its own prefix."""
    end = re.search(rb"</((?:\w+:)?)%b\s*>\s*$" % element, data)
    if end is None:
        return data
    return data[: end.start()] + added.replace(b"<", b"<" + end[1], 1) + data[end.start() :]
