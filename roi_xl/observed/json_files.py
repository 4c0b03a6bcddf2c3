"""What columns do JSON objects have, the last row's as well as the first's?

The keys are those of the whole file. Objects within objects are columns with dotted names;
those within `attributes` and `context` go by their own names too.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from roi_xl.errors import FileProblem
from roi_xl.observed.sql import LONGEST_LINE, file_name, identifier, lines, quoted

NESTED = ("attributes", "context")
"""Objects within a row whose keys count as columns."""

DEEPEST, MOST_COLUMNS = 5, 3_000
OTLP = (
    """CREATE OR REPLACE MACRO value_of(attribute) AS coalesce(
        json_extract_string(attribute, '$.value.stringValue'), json_extract_string(attribute, '$.value.intValue'),
        json_extract_string(attribute, '$.value.doubleValue'), json_extract_string(attribute, '$.value.boolValue'))""",
    """CREATE OR REPLACE MACRO attribute_of(span, name) AS value_of(list_filter(
        CAST(json_extract(span, '$.attributes') AS JSON[]), a -> json_extract_string(a, '$.key') = name)[1])""",
)
"""How a collector's own form keeps attributes: a list of keys with typed values."""

Columns = dict[str, str]
"""Columns by their names: how the text of each is had from a row."""


def json_view(connection: Any, view: str, path: Path) -> None:
    """A file of JSON objects, a line each or one list: their keys as columns of text."""
    source = json_source(path)
    shape = structure(connection, source, "good")
    if not isinstance(shape, dict) or not shape:
        raise FileProblem(f"{path} holds no JSON objects")
    if "resourceSpans" in shape:
        source, columns = spans(connection, source)
    elif is_report(shape):
        source, columns = buckets(connection, source)
    else:
        columns = columns_of(shape, "good")
    chosen = ", ".join(f"{what} AS {identifier(name)}" for name, what in columns.items())
    connection.raw_sql(f"CREATE VIEW {view} AS SELECT {chosen}, broken_line FROM ({source})")


def json_source(path: Path) -> str:
    """The objects of a file, and apart from them the lines that are none."""
    if starts_with_list(path):
        whole = f"read_json_objects({file_name(path)}, format='array', maximum_object_size={LONGEST_LINE})"
        objects = f"SELECT CAST(json AS VARCHAR) AS line FROM {whole}"
    elif is_one_object(path):
        whole = f"read_json_objects({file_name(path)}, format='unstructured', maximum_object_size={4 * LONGEST_LINE})"
        objects = f"SELECT CAST(json AS VARCHAR) AS line FROM {whole}"
    else:
        objects = f"SELECT line FROM {lines(path)} WHERE trim(line) <> ''"
    good = "CASE WHEN json_valid(line) THEN json_type(line) = 'OBJECT' ELSE false END"
    return (
        f"SELECT CASE WHEN {good} THEN line END AS good, CASE WHEN NOT {good} THEN left(line, 200) END AS broken_line "
        f"FROM ({objects})"
    )


def starts_with_list(path: Path) -> bool:
    """Whether a file is one list of objects; compressed ones are lines."""
    with path.open("rb") as file:
        return file.read(64).removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"[")


def is_one_object(path: Path) -> bool:
    """Whether a file's first line opens an object and does not close it."""
    with path.open("rb") as file:
        first = file.readline(1_024).removeprefix(b"\xef\xbb\xbf").strip()
    return first.startswith(b"{") and first.rstrip(b",") == b"{"


def structure(connection: Any, source: str, what: str) -> Any:
    """The keys of all rows together, as one object; a key that is not always an object is looked at again."""
    (found,) = connection.raw_sql(
        f"SELECT json_group_structure(CAST({what} AS JSON)) FROM ({source}) WHERE json_type({what}) = 'OBJECT'"
    ).fetchone()
    shape = json.loads(found) if found else {}
    for key in NESTED if isinstance(shape, dict) else ():
        if shape.get(key) == "JSON":
            shape[key] = structure(connection, source, f"json_extract({what}, {quoted(step(key))})")
    return shape


def step(*keys: str) -> str:
    """A path of JSON to a key within keys."""
    return "$" + "".join('."' + key.replace("\\", "\\\\").replace('"', '\\"') + '"' for key in keys)


def columns_of(shape: Mapping[str, Any], source: str, before: tuple[str, ...] = ()) -> Columns:
    """Every key with how its text is had: the upper ones first, and no more than a file of traces has."""
    found: Columns = {}
    for keys in sorted(paths_of(shape), key=len):
        text = f"json_extract_string({source}, {quoted(step(*keys))})"
        for name in names_of((*before, *keys)):
            found.setdefault(name, text)
    return dict(list(found.items())[:MOST_COLUMNS])


def paths_of(shape: Mapping[str, Any], before: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The paths to every key."""
    for key, inner in shape.items():
        yield (*before, key)
        if isinstance(inner, dict) and len(before) < DEEPEST:
            yield from paths_of(inner, (*before, key))


def names_of(keys: tuple[str, ...]) -> Iterator[str]:
    """The names of a column: with and without the object that it is in, if that is known to hold columns."""
    yield ".".join(keys)
    if len(keys) > 1 and keys[0] in NESTED:
        yield ".".join(keys[1:])


def spans(connection: Any, source: str) -> tuple[str, Columns]:
    """Spans as a collector writes them: their ids, their time, their attributes, and the service that they are of."""
    for macro in OTLP:
        connection.raw_sql(macro)
    listed = "CAST(json_extract(good, '$.scopeSpans[*].spans[*]') AS JSON[])"
    source = (
        f"SELECT unnest(CASE WHEN good IS NULL THEN [NULL] ELSE {listed} END) AS good, "
        f"json_extract(good, '$.resource') AS resource, broken_line FROM ({each_of(source, '$.resourceSpans[*]')})"
    )
    keys = connection.raw_sql(
        "SELECT DISTINCT json_extract_string(attribute, '$.key') AS key FROM (SELECT unnest(CAST("
        f"json_extract(good, '$.attributes') AS JSON[])) AS attribute FROM ({source}) "
        f"WHERE json_type(good, '$.attributes') = 'ARRAY') WHERE key IS NOT NULL ORDER BY key LIMIT {MOST_COLUMNS}"
    ).fetchall()
    columns = {name: f"attribute_of(good, {quoted(name)})" for (name,) in [*keys, ("error.type",)]}
    failed = "CASE WHEN json_extract_string(good, '$.status.code') IN ('2', 'STATUS_CODE_ERROR') THEN 'error' END"
    columns["error.type"] = f"coalesce({columns['error.type']}, {failed})"
    columns.setdefault("service.name", "attribute_of(resource, 'service.name')")
    names = ("traceId", "spanId", "parentSpanId", "name", "startTimeUnixNano")
    return source, {name: f"json_extract_string(good, '$.{name}')" for name in names} | columns


def each_of(source: str, path: str) -> str:
    """The objects at a path of every row, as rows; broken lines stay."""
    return (
        "SELECT unnest(CASE WHEN good IS NULL THEN [NULL] ELSE CAST(json_extract(good, "
        f"{quoted(path)}) AS JSON[]) END) AS good, broken_line FROM ({source})"
    )


def is_report(shape: Mapping[str, Any]) -> bool:
    """Whether a file is a page of a provider's usage or cost report: buckets of results."""
    data = shape.get("data")
    return isinstance(data, list) and bool(data) and isinstance(data[0], dict) and "results" in data[0]


def buckets(connection: Any, source: str) -> tuple[str, Columns]:
    """The results of every bucket, each with the bucket's times."""
    bucket = each_of(source, "$.data[*]")
    inner = (
        "SELECT unnest(CASE WHEN good IS NULL OR json_array_length(good, '$.results') = 0 THEN [NULL] "
        "ELSE CAST(json_extract(good, '$.results') AS JSON[]) END) AS result, good AS bucket, broken_line "
        f"FROM ({bucket})"
    )
    whole = f"SELECT coalesce(result, '{{}}') AS result, bucket, broken_line FROM ({inner})"
    columns = {
        name: f"json_extract_string(bucket, '$.{name}')"
        for name in ("start_time", "end_time", "starting_at", "ending_at")
    }
    return whole, columns_of(structure(connection, whole, "result"), "result") | columns
