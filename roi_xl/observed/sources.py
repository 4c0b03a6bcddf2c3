"""Where are the rows: files of many kinds, or tables of an engine?

Files are read by DuckDB, which streams them; every column as it is in Parquet, as text
from CSV and JSON. A row that is broken as a row is kept aside with its line.
"""

import csv
import glob
import hashlib
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from roi_xl.errors import FileProblem, NotInstalled, NotSupported
from roi_xl.observed.layouts import Places, layout_of

MEMORY = "1500MB"
LONGEST_LINE = 16 * 2**20
FIRST_ROWS = 200
DELIMITERS = (",", "\t", ";")
COMPRESSED = (".gz", ".zst")
TEXT_KINDS = {".csv": "csv", ".tsv": "csv", ".jsonl": "json", ".ndjson": "json", ".json": "json"}
BYTE_ORDER_MARKS = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}


@dataclass(frozen=True)
class Found:
    """One file or table: where it keeps each field, its rows as a table, and its digest."""

    name: str
    places: Places
    table: Any
    digest: str = ""
    is_text: bool = False


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
    for setting in ("autoinstall_known_extensions = false", "preserve_insertion_order = false"):
        connection.raw_sql(f"SET {setting}")
    return connection


def first_line(error: BaseException) -> str:
    """What an engine says, in one line."""
    return (str(error).strip() or type(error).__name__).splitlines()[0]


def expanded(patterns: Sequence[str | Path]) -> list[Path]:
    """The files that names and patterns stand for, each once, in order."""
    found: dict[Path, None] = {}
    for pattern in patterns:
        path = Path(pattern)
        matches = [path] if path.exists() else [Path(name) for name in sorted(glob.glob(str(pattern), recursive=True))]
        if not matches:
            raise FileProblem(f"{pattern} stands for no file")
        found |= dict.fromkeys(match for match in matches if not match.is_dir())
    return list(found)


def open_files(connection: Any, paths: Sequence[Path], name: str | None, mapping: Mapping[str, str]) -> list[Found]:
    """Every file as a table."""
    return [open_file(connection, place, path, name, mapping) for place, path in enumerate(paths)]


def open_file(connection: Any, place: int, path: Path, name: str | None, mapping: Mapping[str, str]) -> Found:
    """One file as a table of its columns; the table's `file` says where a row is from."""
    kind = kind_of(path)
    if path.stat().st_size == 0:
        raise FileProblem(f"{path} is empty")
    view = f"raw_{place}"
    try:
        {"csv": csv_view, "json": json_view, "parquet": parquet_view}[kind](connection, view, path)
        table = connection.table(view)
    except FileProblem:
        raise
    except Exception as error:  # DuckDB's own
        raise FileProblem(f"{path} cannot be read: {first_line(error)}") from None
    columns = [column for column in table.columns if column != "file"]
    return Found(str(path), layout_of(columns, name, mapping, str(path)), table, digest(path), kind != "parquet")


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
        places = layout_of(table.columns, name, mapping, table_name)
        found.append(Found(table_name, places, table.mutate(file=as_text(table_name))))
    return found


def as_text(text: str) -> Any:
    """A text as an expression."""
    import ibis

    return ibis.literal(text)


def kind_of(path: Path) -> str:
    """CSV, JSON or Parquet, by the file's name."""
    if not path.is_file():
        raise FileProblem(f"{path} is no file")
    suffixes = [suffix.lower() for suffix in path.suffixes if suffix.lower() not in COMPRESSED]
    last = suffixes[-1] if suffixes else ""
    if last == ".parquet":
        return "parquet"
    if last not in TEXT_KINDS:
        raise FileProblem(f"{path}: traces are .csv, .tsv, .jsonl, .json or .parquet, perhaps .gz or .zst")
    return TEXT_KINDS[last]


def digest(path: Path) -> str:
    """The SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def quoted(text: str | Path) -> str:
    """Text within a statement; a name stands for itself and is no pattern."""
    return "'" + str(text).replace("'", "''") + "'"


def file_name(path: Path) -> str:
    """A file for DuckDB, which would take some of its characters for a pattern."""
    plain = str(path.resolve())
    return quoted("".join(f"[{letter}]" if letter in "*?[" else letter for letter in plain))


def identifier(name: str) -> str:
    """A column's name within a statement."""
    return '"' + name.replace('"', '""') + '"'


def lines(path: Path, encoding: str = "utf-8") -> str:
    """Every line of a file as one column of text, with its number."""
    return (
        f"read_csv({file_name(path)}, header=false, auto_detect=false, delim='\x01', quote='', escape='', "
        f"columns={{'line': 'VARCHAR'}}, max_line_size={LONGEST_LINE}, encoding={quoted(encoding)}, "
        f"null_padding=false, ignore_errors=true, parallel=false)"
    )


def encoding_of(path: Path) -> str:
    """UTF-16 where its mark says so; else UTF-8, and a line that is not is kept aside."""
    with path.open("rb") as file:
        return BYTE_ORDER_MARKS.get(file.read(2), "utf-8")


def csv_view(connection: Any, view: str, path: Path) -> None:
    """A CSV file, all columns as text; rows that are broken go to the table of rejects."""
    encoding = encoding_of(path)
    found = connection.raw_sql(f"SELECT line FROM {lines(path, encoding)} LIMIT 1").fetchall()
    head = found[0][0].lstrip("\ufeff") if found and found[0][0] else ""
    delimiter = max(DELIMITERS, key=head.count)
    names = next(csv.reader(io.StringIO(head), delimiter=delimiter), [])
    if not names or len({name.strip().casefold() for name in names}) != len(names):
        raise FileProblem(f"{path} must begin with a row of different column names, got {head[:80]!r}")
    columns = ", ".join(f"{quoted(name.strip() or f'column {place}')}: 'VARCHAR'" for place, name in enumerate(names))
    connection.raw_sql(
        f"CREATE VIEW {view} AS SELECT *, {quoted(path)} AS file FROM read_csv({file_name(path)}, header=true, "
        f"auto_detect=false, delim={quoted(delimiter)}, quote='\"', escape='\"', columns={{{columns}}}, "
        f"max_line_size={LONGEST_LINE}, encoding={quoted(encoding)}, store_rejects=true, rejects_limit=0)"
    )


def parquet_view(connection: Any, view: str, path: Path) -> None:
    """A Parquet file, its columns as they are."""
    connection.raw_sql(f"CREATE VIEW {view} AS SELECT *, {quoted(path)} AS file FROM read_parquet({file_name(path)})")


NESTED = ("attributes", "context")
"""Objects within a row whose keys count as columns."""

OTLP = (
    """CREATE OR REPLACE MACRO value_of(attribute) AS coalesce(
        json_extract_string(attribute, '$.value.stringValue'), json_extract_string(attribute, '$.value.intValue'),
        json_extract_string(attribute, '$.value.doubleValue'), json_extract_string(attribute, '$.value.boolValue'))""",
    """CREATE OR REPLACE MACRO attribute_of(span, name) AS value_of(list_filter(
        CAST(json_extract(span, '$.attributes') AS JSON[]), a -> json_extract_string(a, '$.key') = name)[1])""",
)
"""How a collector's own form keeps attributes: a list of keys with typed values."""


def json_view(connection: Any, view: str, path: Path) -> None:
    """A file of JSON objects, a line each or one list: their keys as columns of text."""
    source = json_source(path)
    good = f"SELECT good FROM ({source}) WHERE good IS NOT NULL LIMIT {FIRST_ROWS}"
    first = [json.loads(row[0]) for row in connection.raw_sql(good).fetchall()]
    if not any(isinstance(row, dict) and row for row in first):
        raise FileProblem(f"{path} holds no JSON objects")
    if any("resourceSpans" in row for row in first):
        for macro in OTLP:
            connection.raw_sql(macro)
        source = (
            "SELECT unnest(CASE WHEN good IS NULL THEN [NULL] ELSE CAST(json_extract(good, "
            f"'$.resourceSpans[*].scopeSpans[*].spans[*]') AS JSON[]) END) AS good, broken_line FROM ({source})"
        )
        columns = otlp_columns(first)
    else:
        columns = keys_of(first)
    chosen = ", ".join(f"{what} AS {identifier(name)}" for name, what in columns.items())
    connection.raw_sql(f"CREATE VIEW {view} AS SELECT {chosen}, broken_line, {quoted(path)} AS file FROM ({source})")


def json_source(path: Path) -> str:
    """The objects of a file, and apart from them the lines that are none."""
    if starts_with_list(path):
        whole = f"read_json_objects({file_name(path)}, format='array', maximum_object_size={LONGEST_LINE})"
        return f"SELECT CAST(json AS VARCHAR) AS good, CAST(NULL AS VARCHAR) AS broken_line FROM {whole}"
    return (
        f"SELECT CASE WHEN json_valid(line) THEN line END AS good, CASE WHEN NOT json_valid(line) THEN left(line, 200) "
        f"END AS broken_line FROM {lines(path)} WHERE trim(line) <> ''"
    )


def starts_with_list(path: Path) -> bool:
    """Whether a file is one list of objects; compressed ones are lines."""
    with path.open("rb") as file:
        return file.read(64).removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"[")


def keys_of(rows: Sequence[Any]) -> dict[str, str]:
    """Every key of the first rows, with how its text is had."""
    paths: dict[str, str] = {}
    for row in rows:
        for key, value in row.items() if isinstance(row, dict) else ():
            inner = value if key in NESTED and isinstance(value, dict) else {}
            paths |= {name: f'$."{key}"."{name}"' for name in inner if '"' not in name}
            if not inner and '"' not in key:
                paths.setdefault(key, f'$."{key}"')
    return {name: f"json_extract_string(good, {quoted(path)})" for name, path in paths.items()}


def otlp_columns(rows: Sequence[Any]) -> dict[str, str]:
    """The columns of spans as a collector writes them: their ids, their time, and their attributes."""
    names = {
        attribute["key"]
        for row in rows
        for resource in row.get("resourceSpans", ())
        for scope in resource.get("scopeSpans", ())
        for span in scope.get("spans", ())
        for attribute in span.get("attributes", ())
    }
    columns = {name: f"attribute_of(good, {quoted(name)})" for name in sorted(names | {"error.type"})}
    failed = "CASE WHEN json_extract_string(good, '$.status.code') IN ('2', 'STATUS_CODE_ERROR') THEN 'error' END"
    columns["error.type"] = f"coalesce({columns['error.type']}, {failed})"
    spans = {name: f"json_extract_string(good, '$.{name}')" for name in ("traceId", "spanId", "startTimeUnixNano")}
    return spans | columns


def broken_rows(connection: Any, found: Found) -> list[tuple[int | None, str, str]]:
    """The rows of a text file that are broken as rows: line, reason, and how the row begins."""
    if "broken_line" in found.table.columns:
        rows = found.table.filter(found.table.broken_line.notnull()).broken_line.to_pyarrow().to_pylist()
        return [(None, "no JSON object", row) for row in sorted(rows)]
    rejects = connection.raw_sql(
        "SELECT line, min(error_type), min(left(csv_line, 200)), min(error_message) FROM reject_errors "
        f"JOIN reject_scans USING (scan_id, file_id) WHERE file_path = {quoted(Path(found.name).resolve())} "
        "GROUP BY line ORDER BY line"
    ).fetchall()
    return [(line, kind.lower().replace("_", " "), text or message) for line, kind, text, message in rejects]
