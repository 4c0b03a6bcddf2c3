"""Where do the results of a sweep go, batch by batch?

Each batch is a file of its own in a folder beside the target until all are there; then
they become one file. So what is complete stays if a sweep is interrupted, and it can go on.
"""

import csv
import json
import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from roi_xl.errors import FileProblem, RoiError
from roi_xl.sweep.run import ERRORS
from roi_xl.sweep.scenarios import Batch, arrow_parquet
from roi_xl.xlsx.atomic import replacing

CSV, PARQUET = ".csv", ".parquet"
ABOUT = "sweep.json"
Join = Callable[[Sequence[str], Sequence[Path], Path], None]
"""Makes one file of the batches: their columns, their files, the target."""


@dataclass(frozen=True)
class Parts:
    """The batches of a sweep on their way to one file; a format that is not known here brings its own `join`."""

    target: Path
    columns: tuple[str, ...]
    joins: Mapping[str, Join]

    @property
    def folder(self) -> Path:
        """Where the batches are until all are there."""
        return self.target.with_name(f"{self.target.name}.parts")

    @property
    def suffix(self) -> str:
        """The format of a batch: Parquet for Parquet, else CSV."""
        return PARQUET if self.target.suffix.lower() == PARQUET else CSV

    def part(self, number: int) -> Path:
        """The file of one batch."""
        return self.folder / f"{number:08d}{self.suffix}"

    def start(self, about: str, resume: bool) -> int:
        """Make the folder, or find what is complete in it; how many batches that is."""
        if self.target.suffix.lower() not in self.joins:
            raise RoiError(f"results are written as {' or '.join(self.joins)}, got {self.target}")
        told = self.folder / ABOUT
        if resume and told.exists():
            if json.loads(told.read_text("utf-8")) != about:
                raise RoiError(f"{self.folder} is of another sweep; go on without --resume")
            number = 0
            while self.part(number).exists():
                number += 1
            return number
        try:
            shutil.rmtree(self.folder, ignore_errors=True)
            self.folder.mkdir(parents=True)
            told.write_text(json.dumps(about), "utf-8")
        except OSError as error:
            raise FileProblem(f"{self.folder} cannot be written: {error.strerror}") from None
        return 0

    def put(self, number: int, batch: Batch) -> None:
        """Write one batch, whole or not at all."""
        new = self.folder / "new"
        if self.suffix == CSV:
            write_csv(new, self.columns, batch)
        else:
            table = table_of(self.columns, batch)
            arrow_parquet().write_table(table, new, use_dictionary=texts_of(table.schema))
        os.replace(new, self.part(number))

    def finish(self) -> None:
        """Make one file of all batches, and remove the folder."""
        parts = sorted(self.folder.glob(f"*{self.suffix}"))
        self.joins[self.target.suffix.lower()](self.columns, parts, self.target)
        shutil.rmtree(self.folder)


def join_csv(columns: Sequence[str], parts: Sequence[Path], target: Path) -> None:
    """One CSV file of many."""
    with replacing(target) as file:
        file.write(head_of(columns))
        for part in parts:
            with part.open("rb") as rows:
                shutil.copyfileobj(rows, file)


def head_of(columns: Sequence[str]) -> bytes:
    """The first line of a CSV file."""
    return (",".join(f'"{name}"' if "," in name or '"' in name else name for name in columns) + "\r\n").encode()


def write_csv(path: Path, columns: Sequence[str], batch: Batch) -> None:
    """The rows of a batch; text that a spreadsheet would take for a formula is marked as text."""
    lists = [as_text(batch[name]) for name in columns]
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(zip(*lists, strict=True))


def as_text(values: Any) -> list[Any]:
    """A column for a CSV file: numbers with all their digits, nothing for what is none."""
    if values.dtype == object:
        return [f"'{value}" if value[:1] in ("=", "+", "-", "@") else value for value in values.tolist()]
    return ["" if value != value else repr(value).removesuffix(".0") for value in values.tolist()]


def table_of(columns: Sequence[str], batch: Batch) -> Any:
    """A batch as a table of Arrow."""
    import pyarrow

    return pyarrow.table(
        {
            name: pyarrow.array(batch[name].tolist(), pyarrow.string())
            if batch[name].dtype == object
            else pyarrow.array(batch[name], mask=np.isnan(batch[name]))
            for name in columns
        }
    )


def texts_of(schema: Any) -> list[str]:
    """The columns of text, the only ones whose values repeat enough for a dictionary."""
    return [field.name for field in schema if str(field.type) == "string"]


def join_parquet(_columns: Sequence[str], parts: Sequence[Path], target: Path) -> None:
    """One Parquet file of many, a group of rows each."""
    parquet = arrow_parquet()
    with replacing(target) as file:
        schema = parquet.read_schema(parts[0])
        writer = parquet.ParquetWriter(file, schema, use_dictionary=texts_of(schema))
        for part in parts:
            writer.write_table(parquet.read_table(part))
        writer.close()


JOINS: dict[str, Join] = {CSV: join_csv, PARQUET: join_parquet}
"""How batches become one file, by its suffix."""


@dataclass
class Summary:
    """What came of the outputs so far: of numbers the count, mean, least, most and a sample for percentiles."""

    names: tuple[str, ...]
    count: int = 0
    not_numbers: int = 0

    def __post_init__(self) -> None:
        self.samples: dict[str, list[Any]] = {name: [] for name in self.names}
        self.sums = dict.fromkeys(self.names, 0.0)
        self.numbers = dict.fromkeys(self.names, 0)
        self.positive = dict.fromkeys(self.names, 0)

    def add(self, batch: Batch) -> None:
        """Take one more batch in."""
        self.count += len(batch[ERRORS])
        self.not_numbers += int(np.count_nonzero(batch[ERRORS] != ""))
        for name in self.names:
            values = batch[name]
            if values.dtype == object:
                continue
            values = values[~np.isnan(values)]
            self.sums[name] += float(values.sum())
            self.numbers[name] += len(values)
            self.positive[name] += int((values > 0).sum())
            self.samples[name].append(values[:: max(1, self.count // 1_000_000)])

    def rows(self) -> dict[str, tuple[float, ...]]:
        """P10, P50, P90, mean and the share above 0 of each output with numbers."""
        found = {}
        for name in self.names:
            if self.numbers[name]:
                sample = np.concatenate(self.samples[name])
                middle = self.sums[name] / self.numbers[name]
                found[name] = (
                    *map(float, np.percentile(sample, (10, 50, 90))),
                    middle,
                    self.positive[name] / self.count,
                )
        return found
