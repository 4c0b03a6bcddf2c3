"""Where are the rows: files of many kinds, or tables of an engine?

Files are read by DuckDB, which streams them; every column as it is in Parquet, as text
from CSV and JSON. A row that is broken as a row is kept aside with its line.
"""

import csv
import glob
import gzip
import hashlib
import io
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from roi_xl.errors import FileProblem, MissingFile, NotInstalled, NotSupported, RoiError
from roi_xl.observed import csv_lines
from roi_xl.observed.json_files import columns_of, json_view, step, structure
from roi_xl.observed.layouts import USAGE_KEYS, Places, layout_of
from roi_xl.observed.places import INSIDE
from roi_xl.observed.sql import BUFFER, LONGEST_LINE, file_name, identifier, lines, quoted, rows_of

MEMORY = "450MB"
SETTINGS = (
    "autoinstall_known_extensions = false",
    "preserve_insertion_order = false",
    "disabled_optimizers = 'build_side_probe_side'",
)
"""Without the last, a join would hold all rows in memory to look for the few that share an id."""

CHUNK = 2**20
MOST_KEYS = 1_000
DELIMITERS = (",", "\t", ";")
COMPRESSED = (".gz", ".zst")
TEXT_KINDS = {".csv": "csv", ".tsv": "csv", ".jsonl": "json", ".ndjson": "json", ".json": "json"}
KINDS = (*TEXT_KINDS, ".parquet")
BYTE_ORDER_MARKS = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}


@dataclass(frozen=True)
class Bytes:
    """A file as bytes: its digest, whether there are quotes and texts of JSON in it, and whether it is cut off."""

    digest: str = ""
    has_quotes: bool = False
    has_json_texts: bool = False
    is_cut_off: bool = False


Broken = tuple[int | None, str, str]
"""A row that is broken as a row: its line, the reason, and how it begins."""


@dataclass(frozen=True)
class Found:
    """One file or table: where it keeps each field, its rows as a table, and its digest."""

    name: str
    places: Places
    table: Any
    digest: str = ""
    is_text: bool = False
    broken: tuple[Broken, ...] = ()
    read_as: str = ""
    size: int = 0


def connected(folder: Path, backend: str | None) -> Any:
    """The engine: DuckDB in a folder of its own, or the one that an address of Ibis names."""
    try:
        import ibis
    except ImportError:
        raise NotInstalled("traces need Ibis and DuckDB: pip install 'roi-xl[observe]'") from None
    if backend is not None:
        try:
            return ibis.connect(backend)
        except Exception as error:  # each engine has errors of its own
            raise NotSupported(f"{backend} cannot be connected to: {first_line(error)}") from None
    connection = ibis.duckdb.connect(str(folder / "observe.duckdb"), memory_limit=MEMORY, temp_directory=str(folder))
    for setting in SETTINGS:
        connection.raw_sql(f"SET {setting}")
    return connection


@contextmanager
def unmerged() -> Iterator[None]:
    """Statements step by step, as they were built: DuckDB merges steps itself, and Ibis takes long to."""
    import ibis

    before, ibis.options.sql.fuse_selects = ibis.options.sql.fuse_selects, False
    try:
        yield
    finally:
        ibis.options.sql.fuse_selects = before


def engine_errors() -> tuple[type[Exception], ...]:
    """What DuckDB raises: a disk that is full, memory that does not suffice."""
    import duckdb

    return (duckdb.Error,)


def first_line(error: BaseException) -> str:
    """What an engine says, in one line."""
    return (str(error).strip() or type(error).__name__).splitlines()[0]


def expanded(patterns: Sequence[str | Path]) -> list[Path]:
    """The files that names, folders and patterns stand for, each once, in order."""
    found: dict[Path, None] = {}
    for pattern in patterns:
        path = Path(pattern)
        if path.is_dir():
            matches = files_of(path)
        else:
            names = [pattern] if path.exists() else sorted(glob.glob(str(pattern), recursive=True))
            matches = [match for match in map(Path, names) if not match.is_dir()]
        if not matches:
            if path.is_dir():
                raise FileProblem(f"{pattern} holds no traces ({', '.join(KINDS)})")
            raise MissingFile(f"{pattern} matches no file")
        found |= dict.fromkeys(matches)
    return list(found)


def files_of(folder: Path) -> list[Path]:
    """The files of traces in a folder and the folders within it."""
    return sorted(path for path in folder.rglob("*") if path.is_file() and suffix_of(path) in KINDS)


def suffix_of(path: Path) -> str:
    """What a file's name ends with, compressed or not."""
    suffixes = [suffix.lower() for suffix in path.suffixes if suffix.lower() not in COMPRESSED]
    return suffixes[-1] if suffixes else ""


def no_progress(done: int, what: str = "") -> None:
    """What is called with the bytes that are done, and what they are of."""


def open_files(
    connection: Any,
    paths: Sequence[Path],
    name: str | None,
    mapping: Mapping[str, str],
    progress: Callable[..., None] = no_progress,
) -> list[Found]:
    """Every file as a table."""
    return [open_file(connection, place, path, name, mapping, progress) for place, path in enumerate(paths)]


def open_file(
    connection: Any,
    place: int,
    path: Path,
    name: str | None,
    mapping: Mapping[str, str],
    progress: Callable[..., None] = no_progress,
) -> Found:
    """One file as a table of its columns; the table's `file` says where a row is from."""
    kind = kind_of(path)
    if path.stat().st_size == 0:
        raise FileProblem(f"{path} is empty")
    view, about = f"raw_{place}", bytes_of(path, progress)
    source, broken = path, [*cut_off(about)]
    try:
        if kind == "csv" and about.has_quotes and csv_lines.has_open_quotes(path, encoding_of(path)):
            source, lost = without_open_quotes(connection, place, path)
            broken += lost
        {"csv": csv_view, "json": json_view, "parquet": parquet_view}[kind](connection, view, source)
        if kind == "csv" and about.has_json_texts:
            view = without_quotes(connection, view)
        table = connection.table(view)
        columns = [column for column in table.columns if column not in ("file", "broken_line")]
        places = layout_of(columns, name, mapping, str(path), lambda column: keys_within(connection, view, column))
        table = with_insides(connection, view, places).mutate(file=as_text(str(path)))
    except RoiError:
        raise
    except Exception as error:  # DuckDB's own
        raise FileProblem(f"{path} cannot be read: {first_line(error)}") from None
    size, read_as = path.stat().st_size, str(source.resolve())
    return Found(str(path), places, table, about.digest, kind != "parquet", tuple(broken), read_as, size)


def cut_off(about: Bytes) -> Iterator[Broken]:
    """What there is to say of a file that ends in the middle."""
    if about.is_cut_off:
        yield None, "the compressed file is cut off: what comes after is missing", "its end"


def without_open_quotes(connection: Any, place: int, path: Path) -> tuple[Path, list[Broken]]:
    """A copy of a CSV file without the lines whose quotes never close, and those lines."""
    encoding = encoding_of(path)
    folder = Path(connection.raw_sql("SELECT current_setting('temp_directory')").fetchall()[0][0])
    copy = folder / f"{place}{path.name.lower().removesuffix('.gz')}"
    _, delimiter = head_of(connection, path, encoding)
    found = csv_lines.repaired(path, encoding, delimiter, copy)
    return copy, [(line, csv_lines.UNCLOSED, text) for line, text in found.broken]


def keys_within(connection: Any, view: str, column: str) -> list[str]:
    """The keys of the JSON objects in a column of text."""
    text = identifier(column)
    found = connection.raw_sql(
        f"SELECT DISTINCT unnest(json_keys({text})) AS key FROM {view} "
        f"WHERE CASE WHEN json_valid({text}) THEN json_type({text}) = 'OBJECT' END ORDER BY key LIMIT {MOST_KEYS}"
    )
    return [key for (key,) in found.fetchall()]


def with_insides(connection: Any, view: str, places: Places) -> Any:
    """The table, with a column for each key within JSON text that is asked for."""
    names = {name for found in places.columns.values() for place in found for name in place.names if INSIDE in name}
    if not names:
        return connection.table(view)
    connection.raw_sql(
        f"CREATE VIEW {view}_inside AS SELECT *, "
        + ", ".join(f"{inside(name)} AS {identifier(name)}" for name in sorted(names))
        + f" FROM {view}"
    )
    return connection.table(f"{view}_inside")


def inside(name: str) -> str:
    """The text at a key, or at a path, within a column of JSON text."""
    column, _, path = name.partition(INSIDE)
    ways = dict.fromkeys((step(path), step(*path.split("."))))
    text = identifier(column)
    found = ", ".join(f"json_extract_string({text}, {quoted(way)})" for way in ways)
    return f"CASE WHEN json_valid({text}) THEN coalesce({found}) END"


def open_tables(connection: Any, names: Sequence[str], name: str | None, mapping: Mapping[str, str]) -> list[Found]:
    """Every table of an engine; a name that ends in .parquet or .csv is a file that the engine reads itself."""
    found = []
    for table_name in names:
        try:
            if table_name.endswith((".parquet", ".csv")):
                reader = connection.read_parquet if table_name.endswith(".parquet") else connection.read_csv
                table = reader(table_name) if table_name.endswith(".parquet") else reader(table_name, header=True)
            else:
                table = connection.table(table_name)
        except Exception as error:  # each engine has errors of its own
            raise NotSupported(f"{table_name} cannot be read: {first_line(error)}") from None
        places = layout_of(table.columns, name, mapping, table_name, lambda column: USAGE_KEYS)
        found.append(Found(table_name, places, table.mutate(file=as_text(table_name))))
    return found


def as_text(text: str) -> Any:
    """A text as an expression."""
    import ibis

    return ibis.literal(text)


def kind_of(path: Path) -> str:
    """CSV, JSON or Parquet, by the file's name."""
    if not path.is_file():
        raise FileProblem(f"{path} is not a file")
    last = suffix_of(path)
    if last == ".parquet":
        return "parquet"
    if last not in TEXT_KINDS:
        raise FileProblem(
            f"{path}: traces are .csv, .tsv, .jsonl, .json or .parquet, optionally compressed as .gz or .zst"
        )
    return TEXT_KINDS[last]


def bytes_of(path: Path, progress: Callable[..., None] = no_progress) -> Bytes:
    """A file as bytes, read once; what is compressed by gzip is read to its end."""
    digest, quotes, texts = hashlib.sha256(), False, False
    packed = path.suffix.lower() == ".gz"
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
            progress(len(chunk))
            if b'"' in chunk:
                quotes, texts = True, texts or b'"""' in chunk
    return Bytes(digest.hexdigest(), quotes or packed, texts or packed, packed and not ends(path))


def ends(path: Path) -> bool:
    """Whether a file that is compressed by gzip has its end."""
    try:
        with gzip.open(path) as file:
            while file.read(CHUNK):
                pass
    except EOFError:
        return False
    except (OSError, zlib.error):
        return True  # no gzip at all, which its reader says
    return True


def encoding_of(path: Path) -> str:
    """UTF-16 where its mark says so; else UTF-8, and a line that is not is kept aside."""
    with path.open("rb") as file:
        return BYTE_ORDER_MARKS.get(file.read(2), "utf-8")


def head_of(connection: Any, path: Path, encoding: str) -> tuple[str, str]:
    """The first line of a CSV file, and what delimits its cells."""
    found = connection.raw_sql(f"SELECT line FROM {lines(path, encoding)} LIMIT 1").fetchall()
    head = found[0][0].lstrip("\ufeff") if found and found[0][0] else ""
    return head, max(DELIMITERS, key=head.count)


def csv_view(connection: Any, view: str, path: Path) -> None:
    """A CSV file, all columns as text; rows that are broken go to the table of rejects."""
    encoding = encoding_of(path)
    head, delimiter = head_of(connection, path, encoding)
    names = next(csv.reader(io.StringIO(head), delimiter=delimiter), [])
    if not names or len({name.strip().casefold() for name in names}) != len(names):
        raise FileProblem(f"{path} must begin with a row of different column names, got {head[:80]!r}")
    columns = ", ".join(f"{quoted(name.strip() or f'column {place}')}: 'VARCHAR'" for place, name in enumerate(names))
    connection.raw_sql(
        f"CREATE VIEW {view} AS SELECT * FROM read_csv({file_name(path)}, header=true, "
        f"auto_detect=false, delim={quoted(delimiter)}, quote='\"', escape='\"', columns={{{columns}}}, "
        f"max_line_size={LONGEST_LINE}, buffer_size={BUFFER}, encoding={quoted(encoding)}, "
        "store_rejects=true, rejects_limit=0)"
    )


def without_quotes(connection: Any, view: str) -> str:
    """The same without the quotes of cells that are texts of JSON: Langfuse writes its times so."""
    connection.raw_sql(f"CREATE VIEW {view}_plain AS SELECT trim(COLUMNS(*), '\"') FROM {view}")
    return f"{view}_plain"


def parquet_view(connection: Any, view: str, path: Path) -> None:
    """A Parquet file, its columns as they are; the keys of maps and structs are columns of text."""
    source = f"SELECT * FROM read_parquet({file_name(path)})"
    described = connection.raw_sql(f"DESCRIBE {source}").fetchall()
    nested = [name for name, type_, *_ in described if type_.startswith(("STRUCT", "MAP")) or type_ == "JSON"]
    texts = ", ".join(f"CAST(to_json({identifier(name)}) AS VARCHAR) AS {identifier(name)}" for name in nested)
    source = f"SELECT * REPLACE ({texts}) FROM ({source})" if nested else source
    plain = {name.casefold() for name, *_ in described}
    columns: dict[str, str] = {}
    for name in nested:
        shape = structure(connection, source, identifier(name))
        columns |= columns_of(shape, identifier(name), (name,))
    more = "".join(f", {what} AS {identifier(name)}" for name, what in columns.items() if name.casefold() not in plain)
    connection.raw_sql(f"CREATE VIEW {view} AS SELECT *{more} FROM ({source})")


def broken_rows(connection: Any, found: Found) -> list[Broken]:
    """The rows of a text file that are broken as rows: line, reason, and how the row begins."""
    if "broken_line" in found.table.columns:
        lines_ = rows_of(found.table.filter(found.table.broken_line.notnull()).select("broken_line"))
        rows = [row["broken_line"] for row in lines_]
        return [*found.broken, *((None, "no JSON object", row) for row in sorted(rows))]
    rejects = connection.raw_sql(
        "SELECT line, min(error_type), min(left(csv_line, 200)), min(error_message) FROM reject_errors "
        f"JOIN reject_scans USING (scan_id, file_id) WHERE file_path = {quoted(found.read_as)} "
        "GROUP BY line ORDER BY line"
    ).fetchall()
    parsed = [(line, kind.lower().replace("_", " "), text or message) for line, kind, text, message in rejects]
    return [*found.broken, *parsed]
