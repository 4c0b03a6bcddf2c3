"""Which scenarios: rows of a file or a frame, a grid, or random draws?

Scenarios come in batches, so that a hundred million take no more memory than one batch. A
batch has one array of numbers for each input.
"""

import csv
import math
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np

from roi_xl.errors import (
    FileProblem,
    MissingFile,
    NotANumber,
    NotInstalled,
    OutOfBounds,
    RoiError,
    UnknownName,
    WrongShape,
)
from roi_xl.excel.values import Array
from roi_xl.functions.distributions import Uncertain, distributed, drawing
from roi_xl.text_numbers import typed

BATCH = 131_072
MOST, MOST_OF_AXIS = 10**12, 2 * 10**8
SHOWN = 80
THOUSANDS = re.compile("0[0-9]{2}")
"""What stands behind a comma between thousands, and is no number that anyone would write by itself."""

Batch = dict[str, Array]


@dataclass(frozen=True)
class Scenarios:
    """The inputs that change, how many scenarios there are, and their batches, which can be had again.

    A batch holds the inputs' values, or whatever `values` makes them of where the batch is computed.
    """

    names: tuple[str, ...]
    count: int | None
    batches: Callable[[], Iterator[Any]]
    values: Callable[[Any], Batch] | None = None


def of_columns(columns: Mapping[str, Any]) -> Scenarios:
    """Columns of numbers, such as a dictionary of arrays or a data frame."""
    arrays = {str(name): numbers(str(name), columns[name]) for name in columns}
    sizes = {len(array) for array in arrays.values()}
    if len(sizes) != 1:
        raise WrongShape(f"the columns of a sweep must have the same length, got {sorted(sizes)}")
    (count,) = sizes

    def batches() -> Iterator[Batch]:
        for start in range(0, count, BATCH):
            yield {name: array[start : start + BATCH] for name, array in arrays.items()}

    return Scenarios(tuple(arrays), count, batches)


def numbers(name: str, values: Any) -> Array:
    """A column as an array of finite numbers."""
    try:
        array = np.asarray(values.to_numpy() if hasattr(values, "to_numpy") else values, dtype=float)
    except (TypeError, ValueError):
        raise NotANumber(f"column {name} must hold numbers") from None
    if array.ndim != 1:
        raise WrongShape(f"column {name} must be one column of numbers, got {array.ndim} dimensions")
    wrong = np.flatnonzero(~np.isfinite(array))
    if wrong.size:
        raise NotANumber(f"column {name} must hold finite numbers, got {array[wrong[0]]} in row {wrong[0] + 1}")
    return array


def of_file(path: Path) -> Scenarios:
    """The rows of a CSV or Parquet file; the header names the inputs."""
    if path.suffix.lower() == ".parquet":
        return of_parquet(path)
    if path.suffix.lower() != ".csv":
        raise RoiError(f"scenarios must be a .csv or .parquet file, got {path}")
    with opened(path) as file:
        try:
            head = next(csv.reader(file), [])
        except (csv.Error, UnicodeDecodeError) as error:
            raise FileProblem(f"{path} is not a CSV file in UTF-8: {error}") from None
    names = tuple(name.strip() for name in head)
    if not names or len(set(names)) != len(names) or not all(names):
        raise FileProblem(f"{path} must begin with a row of distinct input names, got {', '.join(head)[:80]!r}")
    return Scenarios(names, None, lambda: csv_batches(path, names))


def opened(path: Path) -> Any:
    """A text file for reading."""
    try:
        return path.open(newline="", encoding="utf-8-sig")
    except OSError as error:
        raise unreadable(path, error) from None


def unreadable(path: Path, error: OSError) -> FileProblem:
    """Why a file cannot be read."""
    if isinstance(error, FileNotFoundError):
        return MissingFile(f"{path} does not exist")
    return FileProblem(f"{path} cannot be read: {error.strerror}")


def csv_batches(path: Path, names: Sequence[str]) -> Iterator[Batch]:
    """The rows of a CSV file, in batches."""
    rows: list[list[str]] = []
    with opened(path) as file:
        reader = csv.reader(file)
        next(reader)
        try:
            for row in reader:
                if not row:
                    continue
                rows.append(row)
                if len(rows) == BATCH:
                    yield of_rows(path, names, rows, reader.line_num)
                    rows = []
        except (csv.Error, UnicodeDecodeError) as error:
            raise FileProblem(f"{path} is not a CSV file in UTF-8: {error}, near line {reader.line_num}") from None
        if rows:
            yield of_rows(path, names, rows, reader.line_num)


def of_rows(path: Path, names: Sequence[str], rows: Sequence[Sequence[str]], last_line: int) -> Batch:
    """Rows of text as columns of numbers; a bad cell is reported."""
    first = last_line - len(rows) + 1
    for place, row in enumerate(rows):
        if len(row) != len(names):
            raise FileProblem(f"{path}, line {first + place}: {len(names)} cells expected, got {len(row)}")
    batch = {}
    for place, name in enumerate(names):
        texts = [row[place] for row in rows]
        try:
            batch[name] = np.array(texts, dtype=float)
        except ValueError:
            batch[name] = np.array(list(map(typed_or_nan, texts)))
        wrong = np.flatnonzero(~np.isfinite(batch[name]))
        if wrong.size:
            where = f"{path}, line {first + wrong[0]}"
            raise NotANumber(
                f"{where}: {name} must be a finite number, got {texts[wrong[0]][:40]!r}; a sweep changes numbers only"
            )
    return batch


def typed_or_nan(text: str) -> float:
    """The number that a text is, as people type it; NaN if it is none."""
    number = typed(text)
    return math.nan if number is None else number


def of_parquet(path: Path) -> Scenarios:
    """The rows of a Parquet file."""
    parquet = arrow_parquet()
    try:
        file = parquet.ParquetFile(path)
    except FileNotFoundError as error:
        raise unreadable(path, error) from None
    except (OSError, ValueError) as error:
        raise FileProblem(f"{path} cannot be read: {str(error).splitlines()[0]}") from None
    names = tuple(file.schema_arrow.names)

    def batches() -> Iterator[Batch]:
        for table in tables_of(path):
            yield {name: numbers(name, table.column(place)) for place, name in enumerate(names)}

    return Scenarios(names, file.metadata.num_rows, batches)


def tables_of(path: Path) -> Iterator[Any]:
    """The rows of a Parquet file, in batches."""
    try:
        yield from arrow_parquet().ParquetFile(path).iter_batches(BATCH)
    except (OSError, ValueError) as error:
        raise FileProblem(f"{path} is damaged: {shortest(str(error))}") from None


def arrow_parquet() -> Any:
    """PyArrow's reader and writer of Parquet files, or a clear answer."""
    try:
        from pyarrow import parquet
    except ImportError:
        raise NotInstalled("Parquet files need PyArrow: pip install 'roi-xl[sweep]'") from None
    return parquet


def of_grid(axes: Mapping[str, Array]) -> Scenarios:
    """Every combination of the inputs' values; the last input changes fastest."""
    sizes = [len(values) for values in axes.values()]
    count = math.prod(sizes)
    if not 0 < count <= MOST:
        raise OutOfBounds(f"a grid must have 1 to {MOST:,} scenarios, got {count:,}")

    def batches() -> Iterator[Batch]:
        for start in range(0, count, BATCH):
            places = np.unravel_index(np.arange(start, min(start + BATCH, count)), sizes)
            yield {name: values[place] for (name, values), place in zip(axes.items(), places, strict=True)}

    return Scenarios(tuple(axes), count, batches)


def axis(text: str) -> tuple[str, Array]:
    """One axis of a grid: NAME=LOW:HIGH:STEP or NAME=VALUE,VALUE,…

    >>> axis("months=6,12,24")
    ('months', array([ 6., 12., 24.]))
    >>> axis("requests=50_000:200_000:50_000")
    ('requests', array([ 50000., 100000., 150000., 200000.]))
    >>> axis("share=0.1:0.3:0.1")[1].tolist()
    [0.1, 0.2, 0.3]
    >>> axis("rate=5%,10%"), axis("requests=1,000:3,000:1,000")[1].tolist()
    (('rate', array([0.05, 0.1 ])), [1000.0, 2000.0, 3000.0])
    """
    name, equals, values = text.partition("=")
    parts = values.split(":" if ":" in values else ",")
    given = list(map(typed_or_nan, parts))
    if not equals or not name.strip() or not all(map(math.isfinite, given)) or (":" in values and len(parts) != 3):
        raise RoiError(f"grid takes NAME=LOW:HIGH:STEP or NAME=VALUE,VALUE, with numbers only, got {shortest(text)!r}")
    if ":" not in values:
        if any(map(THOUSANDS.fullmatch, parts[1:])):
            raise RoiError(f"grid separates values by commas, so write 100_000 for 100,000, got {shortest(text)!r}")
        return name.strip(), np.array(given)
    low, high, step = given
    if step <= 0 or high < low:
        raise RoiError(f"grid must rise from low to high by a step above 0, got {name}={shortest(values)}")
    steps = (high - low) / step
    if not steps < MOST_OF_AXIS:
        raise OutOfBounds(f"grid must have at most {MOST_OF_AXIS:,} values of an input, got {name}={shortest(values)}")
    decimals = max(-int(Decimal(repr(number)).as_tuple().exponent) for number in (low, step))
    return name.strip(), np.round(low + step * np.arange(math.floor(steps + 1e-9) + 1), max(decimals, 0))


def shortest(text: str) -> str:
    """Text cut to a length fit for a message."""
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"


def of_samples(inputs: Sequence[Uncertain], count: int, seed: int, correlations: Array | None) -> Scenarios:
    """Draws of the inputs from a scrambled Sobol sequence."""

    def batches() -> Iterator[Array]:
        points, _ = drawing(inputs, seed, correlations, plain=False)
        for start in range(0, count, BATCH):
            yield points(min(BATCH, count - start))

    _, cases = drawing(inputs, seed, correlations, plain=False)
    return Scenarios(tuple(one.name for one in inputs), count, batches, cases)


def read_distributions(path: Path) -> tuple[list[Uncertain], Array | None]:
    """The distributions of a TOML file: `NAME = ["PERT", 1, 2, 4]` each under [inputs]; pairs under correlations."""
    try:
        with path.open("rb") as file:
            contents = tomllib.load(file)
    except OSError as error:
        raise unreadable(path, error) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise FileProblem(f"{path} is not a TOML file: {error}") from None
    rows = contents.get("inputs")
    if not isinstance(rows, dict) or not all(isinstance(row, list) and row for row in rows.values()):
        raise FileProblem(f'{path} must have a table [inputs] with lines such as volume = ["PERT", 1, 2, 4]')
    inputs = [distribution_of(path, name, row) for name, row in rows.items()]
    return inputs, square_of(contents.get("correlations", []), [one.name for one in inputs], path)


def distribution_of(path: Path, name: str, row: Sequence[Any]) -> Uncertain:
    """One line of the table of inputs."""
    kind, *rest = row
    numbers = [typed_or_nan(str(number)) for number in rest]
    if not isinstance(kind, str) or not all(map(math.isfinite, numbers)):
        raise FileProblem(f'{path}: {name} must be a list such as ["PERT", 1, 2, 4], got {shortest(str(row))}')
    return distributed(name, kind, numbers)


def square_of(pairs: Any, names: Sequence[str], path: Path) -> Array | None:
    """Correlated pairs of inputs as a matrix; None without any."""
    square = np.eye(len(names))
    if not isinstance(pairs, list):
        raise FileProblem(
            f'{path}: correlations must be a list such as [["one", "other", 0.5]], got {shortest(str(pairs))}'
        )
    for pair in pairs:
        if not isinstance(pair, list) or len(pair) != 3 or not isinstance(pair[2], int | float):
            raise FileProblem(f'{path}: a correlation must be ["one", "other", 0.5], got {shortest(str(pair))}')
        one, other, correlation = pair
        if one not in names or other not in names:
            raise UnknownName(f"{path}: correlations must name inputs of the file, got {one!r} and {other!r}")
        square[names.index(one), names.index(other)] = square[names.index(other), names.index(one)] = correlation
    if not pairs:
        return None
    if np.abs(square).max() > 1 or np.linalg.eigvalsh(square).min() <= 0:
        raise OutOfBounds(f"{path}: the correlations are inconsistent or outside -1 to 1")
    return square
