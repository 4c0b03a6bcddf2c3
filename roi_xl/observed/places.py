"""Where does a field stand in a row: a column, a path within it, a sum of several, a constant?

`usage>input` is a key within a column of JSON text, `$.usage.input` a path that may begin
with a column, `a+b` a sum, `cost/100` a factor, `=gpt-4o` the same text in every row. A
column that is really called so comes first. `usage>*input*` stands for every key that fits.
A sum that lacks a part is not known, unless the part is marked as one that may be empty (`a+b?`).
"""

import fnmatch
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

INSIDE, CONSTANT, ROOT, MAY_BE_EMPTY = ">", "=", "$.", "?"
FACTOR = re.compile(r"(.+?) *([*/]) *([0-9.]+(?:e-?[0-9]+)?)")
Keys = Callable[[str], Sequence[str]]
"""The keys within a column of JSON text."""


@dataclass(frozen=True)
class Place:
    """Columns whose numbers are added up, times a factor; or a constant text.

    Of each set of columns that is needed a row has to have one, or it says nothing.
    """

    names: tuple[str, ...] = ()
    factor: float = 1
    constant: str | None = None
    needed: tuple[tuple[str, ...], ...] = ()

    @property
    def alone(self) -> str | None:
        """The one column that it is as it stands, if it is no more than that."""
        return self.names[0] if len(self.names) == 1 and self.factor == 1 else None


def place_of(text: str, columns: Sequence[str], keys: Keys) -> Place | None:
    """The place that a text means in a file with these columns; none where the file lacks it.

    >>> place_of("input + cached", ["input", "cached"], lambda column: ())
    Place(names=('input', 'cached'), factor=1, constant=None, needed=(('input',), ('cached',)))
    >>> place_of("(cost+tax?)/100", ["Cost", "Tax"], lambda column: ())
    Place(names=('Cost', 'Tax'), factor=0.01, constant=None, needed=(('Cost',),))
    """
    if text.startswith(CONSTANT):
        return Place(constant=text[len(CONSTANT) :])
    parts, factor = parsed(text, columns)
    found = {part: column_of(part, columns, keys) for part in parts}
    names = tuple(dict.fromkeys(name for some in found.values() for name in some))
    needed = tuple(some for part, some in found.items() if some and not is_optional(part, columns))
    return Place(names, factor, needed=needed if len(names) > 1 else ()) if names else None


def is_optional(part: str, columns: Sequence[str]) -> bool:
    """Whether a part of a sum is marked as one that may be empty; no column is really called so."""
    return part.endswith(MAY_BE_EMPTY) and part.casefold() not in {column.casefold() for column in columns}


def parsed(text: str, columns: Sequence[str]) -> tuple[list[str], float]:
    """The names that a text adds up, and its factor; a column of that very name stands for itself.

    >>> parsed("(in_cents + out_cents)/100", []), parsed("in_cents+out_cents/100", [])
    ((['in_cents', 'out_cents'], 0.01), (['in_cents', 'out_cents'], 0.01))
    """
    if text.casefold() in {column.casefold() for column in columns}:
        return [text], 1
    scaled = FACTOR.fullmatch(text)
    factor = scale(scaled[2], float(scaled[3])) if scaled else 1
    total = scaled[1] if scaled else text
    if scaled and total.startswith("(") and total.endswith(")"):
        total = total[1:-1]
    return [part.strip() for part in total.split("+")], factor


def scale(sign: str, number: float) -> float:
    """The factor that a sign and a number mean."""
    return number if sign == "*" else 1 / number if number else 0


def lacking(text: str, columns: Sequence[str], keys: Keys) -> str | None:
    """The first name of a text that a file does not have."""
    if text.startswith(CONSTANT):
        return None
    return next((part for part in parsed(text, columns)[0] if not column_of(part, columns, keys)), None)


def column_of(name: str, columns: Sequence[str], keys: Keys) -> tuple[str, ...]:
    """A name as the file spells it: a column, or `column>path` within one; every key that a pattern fits."""
    spelled = {column.casefold(): column for column in columns}
    name = name.removesuffix(MAY_BE_EMPTY) if is_optional(name, columns) else name
    name = name.removeprefix(ROOT)
    if name.casefold() in spelled:
        return (spelled[name.casefold()],)
    column, inside, path = name.partition(INSIDE)
    if not inside:
        column, path = longest_beginning(name, spelled)
    if column.casefold() not in spelled or not path:
        return ()
    column = spelled[column.casefold()]
    fits = [key for key in keys(column) if fnmatch.fnmatchcase(key, path)] if "*" in path else [path]
    return tuple(f"{column}{INSIDE}{key}" for key in fits)


def longest_beginning(name: str, spelled: dict[str, str]) -> tuple[str, str]:
    """A path as the longest column that it begins with, and the rest."""
    parts = name.split(".")
    for count in range(len(parts) - 1, 0, -1):
        column = ".".join(parts[:count])
        if column.casefold() in spelled:
            return column, ".".join(parts[count:])
    return "", ""
