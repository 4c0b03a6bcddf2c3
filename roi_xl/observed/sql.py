"""How do names, texts and files stand within a statement of DuckDB, and its functions within an expression?"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

LONGEST_LINE = 16 * 2**20


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


def is_duckdb(expression: Any) -> bool:
    """Whether an expression is for DuckDB, ours or a person's."""
    return bool(expression.get_backend().name == "duckdb")


def duckdb_function(name: str, takes: Sequence[Any], gives: Any) -> Any:
    """A function of DuckDB that Ibis has no word for, or a slower one."""
    import ibis

    def one(value: Any) -> Any: ...
    def two(value: Any, other: Any) -> Any: ...

    return ibis.udf.scalar.builtin(one if len(takes) == 1 else two, name=name, signature=(tuple(takes), gives))
