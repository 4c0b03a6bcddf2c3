"""Where do the results of a sweep go, batch by batch?

Each batch is a file in a folder beside the target until all are done; then they are joined
into one file. An interrupted sweep keeps its complete batches and can be resumed. A lock in
the folder makes sure that only one sweep uses it.
"""

import contextlib
import csv
import io
import itertools
import json
import os
import re
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np

from roi_xl.errors import FileProblem, RoiError
from roi_xl.sweeps.run import ERRORS, GAVE_UP
from roi_xl.sweeps.scenarios import Batch, arrow_parquet
from roi_xl.xlsx.atomic import beside_name, replacing
from roi_xl.xlsx.locks import is_still, lock

CSV, PARQUET = ".csv", ".parquet"
ABOUT, LOCK, NEW = "sweep.json", "lock", "new"
OWN = re.compile(r"[0-9]{8,}\.(csv|parquet)|sweep\.json|new")
RUN = ("=", "+", "-", "@", "\t", "\r")
"""First characters of text that a spreadsheet would run as a formula."""

MOST_TEXTS = 1_000
"""The different texts of an output that are counted."""

FIGURES = ("p10", "p50", "p90", "mean", "above_0")
"""The statistics of an output."""

Join = Callable[[Sequence[str], Sequence[Path], Path], None]
"""Makes one file of the batches: their columns, their files, the target."""


@dataclass
class Parts:
    """The batches of a sweep on their way to one file; other formats supply their own `join`."""

    target: Path
    columns: tuple[str, ...]
    joins: Mapping[str, Join]
    held: IO[bytes] | None = None

    @property
    def folder(self) -> Path:
        """The folder of batches until all are done."""
        target = Path(os.path.realpath(self.target))
        return target.with_name(f"{beside_name(target)}.sweep")

    @property
    def suffix(self) -> str:
        """The format of a batch: Parquet for Parquet, else CSV."""
        return PARQUET if self.target.suffix.lower() == PARQUET else CSV

    def part(self, number: int) -> Path:
        """The file of one batch."""
        return self.folder / f"{number:08d}{self.suffix}"

    def start(self, about: str, resume: bool) -> int:
        """Make the folder, or count the complete batches in it."""
        if self.target.suffix.lower() not in self.joins:
            raise RoiError(f"results can be written as {' or '.join(self.joins)}, got {self.target}")
        try:
            self.claim()
            return self.begun(about, resume)
        except BaseException as error:
            self.release()
            if isinstance(error, OSError) and not isinstance(error, FileProblem):
                raise FileProblem(f"{self.folder} cannot be written: {error.strerror}") from None
            raise

    def begun(self, about: str, resume: bool) -> int:
        """Resume with the complete batches, or start over."""
        if resume and (self.folder / ABOUT).exists():
            return self.complete(about)
        for path in self.own_files():
            path.unlink()
        (self.folder / NEW).write_text(json.dumps(about), "utf-8")
        os.replace(self.folder / NEW, self.folder / ABOUT)
        return 0

    def claim(self) -> None:
        """Lock the folder for this sweep, or refuse."""
        while True:
            self.folder.mkdir(parents=True, exist_ok=True)
            if not (self.folder / LOCK).exists() and any(self.folder.iterdir()):
                raise FileProblem(f"{self.folder} does not belong to a sweep: move it, or write elsewhere")
            self.held = (self.folder / LOCK).open("ab")
            if not lock(self.held):
                raise FileProblem(f"another sweep is writing {self.target}: wait for it, or write elsewhere")
            if is_still(self.held, self.folder / LOCK):
                return
            self.release()  # the sweep that had it has just ended

    def complete(self, about: str) -> int:
        """How many batches of this sweep are complete; another sweep's are refused."""
        with contextlib.suppress(ValueError):
            if json.loads((self.folder / ABOUT).read_text("utf-8")) == about:
                return next(number for number in itertools.count() if not self.part(number).exists())
        raise RoiError(f"{self.folder} belongs to another sweep; start over without resume=True")

    def own_files(self) -> Iterator[Path]:
        """What sweeps left in the folder, apart from the lock."""
        return (path for path in self.folder.iterdir() if OWN.fullmatch(path.name))

    def put(self, number: int, batch: Batch) -> None:
        """Write one batch, whole or not at all."""
        new = self.folder / NEW
        try:
            if self.suffix == CSV:
                write_csv(new, self.columns, batch)
            else:
                table = table_of(self.columns, batch)
                arrow_parquet().write_table(table, new, use_dictionary=texts_of(table.schema))
            os.replace(new, self.part(number))
        except OSError as error:
            new.unlink(missing_ok=True)
            raise FileProblem(f"{self.folder} cannot be written: {error.strerror or error}") from None

    def finish(self) -> None:
        """Make one file of all batches, and remove the folder if nothing else is in it."""
        parts = sorted(self.folder.glob(f"*{self.suffix}"))
        self.joins[self.target.suffix.lower()](self.columns, parts, self.target)
        for path in (*self.own_files(), self.folder / LOCK):
            path.unlink()
        self.release()
        with contextlib.suppress(OSError):
            self.folder.rmdir()

    def release(self) -> None:
        """Unlock the folder."""
        if self.held is not None:
            self.held.close()


def join_csv(columns: Sequence[str], parts: Sequence[Path], target: Path) -> None:
    """One CSV file of many."""
    with replacing(target) as file:
        file.write(head_of(columns))
        for part in parts:
            with part.open("rb") as rows:
                shutil.copyfileobj(rows, file)


def head_of(columns: Sequence[str]) -> bytes:
    """The first line of a CSV file."""
    line = io.StringIO()
    csv.writer(line).writerow(columns)
    return line.getvalue().encode()


def write_csv(path: Path, columns: Sequence[str], batch: Batch) -> None:
    """The rows of a batch; text that looks like a formula is marked as text."""
    lists = [as_text(batch[name]) for name in columns]
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(zip(*lists, strict=True))


def as_text(values: Any) -> list[Any]:
    """A column for a CSV file: numbers in full precision, blanks for NaN."""
    if values.dtype == object:
        return [marked(value) if isinstance(value, str) else in_digits(value) for value in values.tolist()]
    return ["" if value != value else in_digits(value) for value in values.tolist()]


def in_digits(number: float) -> str:
    """A number in full precision."""
    return repr(number).removesuffix(".0")


def marked(text: str) -> str:
    """Text that looks like a formula, marked as text; also text that looks marked.

    >>> marked("=1+1"), marked("'=1+1"), marked("it's")
    ("'=1+1", "''=1+1", "it's")
    """
    return f"'{text}" if text.lstrip("'")[:1] in RUN else text


def unmarked(text: str) -> str:
    """What was marked.

    >>> unmarked("'=1+1"), unmarked("''=1+1"), unmarked("'tis")
    ('=1+1', "'=1+1", "'tis")
    """
    return text[1:] if text[:1] == "'" and text.lstrip("'")[:1] in RUN else text


def table_of(columns: Sequence[str], batch: Batch) -> Any:
    """A batch as an Arrow table."""
    import pyarrow

    def column(values: Any) -> Any:
        if values.dtype != object:
            return pyarrow.array(values, mask=np.isnan(values))
        return pyarrow.array([v if isinstance(v, str) else in_digits(v) for v in values.tolist()], pyarrow.string())

    return pyarrow.table({name: column(batch[name]) for name in columns})


def texts_of(schema: Any) -> list[str]:
    """The columns of text, the only ones whose values repeat enough for a dictionary."""
    return [field.name for field in schema if str(field.type) == "string"]


def join_parquet(_columns: Sequence[str], parts: Sequence[Path], target: Path) -> None:
    """One Parquet file of many, a group of rows each."""
    parquet = arrow_parquet()
    with replacing(target) as file:
        schema = parquet.read_schema(parts[0])
        with parquet.ParquetWriter(file, schema, use_dictionary=texts_of(schema)) as writer:
            for part in parts:
                writer.write_table(parquet.read_table(part))


JOINS: dict[str, Join] = {CSV: join_csv, PARQUET: join_parquet}
"""How batches become one file, by its suffix."""


@dataclass
class Summary:
    """Running statistics of the outputs: count, mean, extremes, and a sample for percentiles."""

    names: tuple[str, ...]
    count: int = 0
    not_numbers: int = 0

    def __post_init__(self) -> None:
        self.samples: dict[str, list[Any]] = {name: [] for name in self.names}
        self.sums = dict.fromkeys(self.names, 0.0)
        self.numbers = dict.fromkeys(self.names, 0)
        self.positive = dict.fromkeys(self.names, 0)
        self.texts: dict[str, Counter[str]] = {name: Counter() for name in self.names}
        self.gave_up: set[str] = set()

    def add(self, batch: Batch) -> None:
        """Add one batch."""
        self.count += len(batch[ERRORS])
        self.gave_up.update(batch.get(GAVE_UP, ()))
        self.not_numbers += int(np.count_nonzero(batch[ERRORS] != ""))
        for name in self.names:
            values = batch[name]
            if values.dtype == object:
                self.texts[name].update(value for value in values.tolist() if isinstance(value, str) and value)
                self.texts[name] = Counter(dict(self.texts[name].most_common(MOST_TEXTS)))
                values = np.array([value for value in values.tolist() if not isinstance(value, str)], float)
            values = values[~np.isnan(values)]
            self.sums[name] += float(values.sum())
            self.numbers[name] += len(values)
            self.positive[name] += int((values > 0).sum())
            self.samples[name].append(values[:: max(1, self.count // 1_000_000)])

    def rows(self) -> dict[str, tuple[float, ...]]:
        """P10, P50, P90, mean and the share above 0 of each output's numbers."""
        found = {}
        for name in self.names:
            if self.numbers[name]:
                sample = np.concatenate(self.samples[name])
                middle = self.sums[name] / self.numbers[name]
                found[name] = (
                    *map(float, np.percentile(sample, (10, 50, 90))),
                    middle,
                    self.positive[name] / self.numbers[name],
                )
        return found

    def as_data(self) -> dict[str, Any]:
        """The same as JSON data."""
        outputs: dict[str, Any] = {
            name: {**dict(zip(FIGURES, values, strict=True)), "numbers": self.numbers[name]}
            for name, values in self.rows().items()
        }
        for name, found in self.texts.items():
            if found:
                outputs.setdefault(name, {})["texts"] = dict(found.most_common())
        return {"scenarios": self.count, "with_errors": self.not_numbers, "outputs": outputs}


def gather(
    batches: Iterable[tuple[Batch, Batch]],
    summary: Summary,
    parts: Parts | None = None,
    start: int = 0,
    progress: Callable[[int], None] = lambda done: None,
) -> None:
    """Add every batch to the summary, and write it if there is a target."""
    for number, (inputs, found) in enumerate(batches, start):
        if parts:
            parts.put(number, {**inputs, **found})
        summary.add(found)
        progress(len(found[ERRORS]))
    if parts:
        parts.finish()
