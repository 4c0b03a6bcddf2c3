"""Which lines of a CSV file are one row, where a quote opens and does not close?

A reader of CSV takes everything up to the next quote for one cell, so that one stray quote
swallows what follows. Here a row that spans lines has to be a row in the end; else its
first line alone is given up, and the next line is a row again.
"""

import contextlib
import csv
import gzip
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

MOST_LINES, MOST_SWALLOWED = 2_000, 2
UNCLOSED = "a quote that opens and does not close"


@dataclass
class Repaired:
    """A copy of the rows, and the lines that are none: number and beginning."""

    path: Path
    broken: list[tuple[int, str]] = field(default_factory=list)


def opened(path: Path, encoding: str) -> IO[str]:
    """The text of a file, perhaps compressed; what is no text stays as it is."""
    how = {"encoding": encoding, "errors": "surrogateescape", "newline": "\n"}
    if path.suffix.lower() == ".gz":
        return io.TextIOWrapper(gzip.open(path), **how)  # type: ignore[arg-type]
    return path.open("r", **how)  # type: ignore[call-overload,no-any-return]


def to_the_end(file: IO[str]) -> Iterator[str]:
    """The lines of a file; one that is cut off ends where it is."""
    with contextlib.suppress(EOFError):
        yield from file


def has_open_quotes(path: Path, encoding: str) -> bool:
    """Whether any line has a quote without its partner."""
    with opened(path, encoding) as file:
        return any(line.count('"') % 2 for line in to_the_end(file) if '"' in line)


def repaired(path: Path, encoding: str, delimiter: str, target: Path) -> Repaired:
    """The rows of a file in a copy, one that spans lines only where it is a row."""
    found = Repaired(target)
    with (
        opened(path, encoding) as file,
        target.open("w", encoding=encoding, errors="surrogateescape", newline="") as to,
    ):
        lines = to_the_end(file)
        header = next(lines)
        to.write(header)
        width = len(cells(header, delimiter) or ())
        for number, row, whole in rows(lines, delimiter, width):
            if whole:
                to.write(row)
            else:
                found.broken.append((number, row.rstrip("\r\n")[:200]))
    return found


def rows(file: Iterator[str], delimiter: str, width: int) -> Iterator[tuple[int, str, bool]]:
    """Rows with the number of their first line, and whether their quotes close."""
    waiting: list[str] = []
    number = 2
    while True:
        line = waiting.pop(0) if waiting else next(file, "")
        if not line:
            return
        more = lines_more(line, file, waiting, delimiter, width) if line.count('"') % 2 else 0
        taken = max(more, 0)
        yield number, line + "".join(waiting[:taken]), more >= 0
        del waiting[:taken]
        number += 1 + taken


def lines_more(line: str, file: Iterator[str], waiting: list[str], delimiter: str, width: int) -> int:
    """How many further lines belong to a row that begins with an open quote; -1 where it never is a row."""
    swallowed = 0
    for place in range(MOST_LINES):
        if place == len(waiting):
            following = next(file, "")
            if not following:
                return -1
            waiting.append(following)
        if waiting[place].count('"') % 2:
            together = line + "".join(waiting[: place + 1])
            return place + 1 if swallowed <= MOST_SWALLOWED and len(cells(together, delimiter) or ()) == width else -1
        swallowed += len(cells(waiting[place], delimiter) or ()) == width
    return -1


def cells(row: str, delimiter: str) -> list[str] | None:
    """The cells of a row, or none where its quotes are not those of CSV."""
    try:
        found = list(csv.reader(io.StringIO(row, newline=""), delimiter=delimiter, strict=True))
    except csv.Error:
        return None
    return found[0] if len(found) == 1 else None
