"""How do names, texts and files stand within a statement of DuckDB, and its functions within an expression?"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

LONGEST_LINE = 16 * 2**20
BUFFER = 2 * LONGEST_LINE
"""What is read of a text file at once; left to DuckDB, it is 16 times the longest line."""

BATCH = 1_000_000


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
        f"columns={{'line': 'VARCHAR'}}, max_line_size={LONGEST_LINE}, buffer_size={BUFFER}, "
        f"encoding={quoted(encoding)}, null_padding=false, ignore_errors=true, parallel=false)"
    )


def is_duckdb(expression: Any) -> bool:
    """Whether an expression is for DuckDB, ours or a person's."""
    return bool(expression.get_backend().name == "duckdb")


def rows_of(expression: Any) -> list[dict[str, Any]]:
    """The rows of an expression; of DuckDB without what Ibis would import for other forms of them."""
    if not is_duckdb(expression):
        found: list[dict[str, Any]] = expression.to_pyarrow().to_pylist()
        return found
    return [row for batch in batches_of(expression) for row in batch.to_pylist()]


def batches_of(expression: Any, rows: int = BATCH) -> Iterator[Any]:
    """The rows of an expression as a stream of Arrow."""
    if not is_duckdb(expression):
        yield from expression.to_pyarrow_batches()
        return
    backend = expression.get_backend()
    yield from backend.raw_sql(backend.compile(expression)).to_arrow_reader(rows)


def kept_in_file(expression: Any, name: str) -> Any:
    """The rows of an expression, in a file of Parquet in our engine's folder, which takes no memory."""
    backend = expression.get_backend()
    ((folder,),) = backend.raw_sql("SELECT current_setting('temp_directory')").fetchall()
    path = Path(folder) / f"{name}.parquet"
    backend.raw_sql(f"COPY ({backend.compile(expression)}) TO {quoted(path)} (FORMAT parquet)")
    backend.raw_sql(f"CREATE VIEW {identifier(name)} AS SELECT * FROM read_parquet({file_name(path)})")
    return backend.table(name)


def counted(table: Any) -> int:
    """How many rows a table has."""
    return int(rows_of(table.agg(rows=table.count()))[0]["rows"])


def duckdb_function(name: str, takes: Sequence[Any], gives: Any) -> Any:
    """A function of DuckDB that Ibis has no word for, or a slower one."""
    import ibis

    def one(value: Any) -> Any: ...
    def two(value: Any, other: Any) -> Any: ...

    return ibis.udf.scalar.builtin(one if len(takes) == 1 else two, name=name, signature=(tuple(takes), gives))
