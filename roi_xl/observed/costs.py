"""Which column of a file holds the costs, and does another one say otherwise?"""

import operator
import shlex
from collections.abc import Iterator
from functools import reduce

from roi_xl.observed.cost_names import as_mapped, named_like_costs, parts_of_one
from roi_xl.observed.fields import column_text, literal, place_number
from roi_xl.observed.places import Place
from roi_xl.observed.sources import Found
from roi_xl.observed.sql import rows_of

AGREE = 0.01
"""Two columns say the same cost if they differ by no more than this part of it."""


def like_costs(found: Found) -> list[str]:
    """The columns of a file that may hold costs by their names, where none is known for that."""
    return [] if "cost" in found.places.columns else named_like_costs(found.table.columns)


def notes_of_costs(found: Found) -> Iterator[str]:
    """What is said of columns of costs that do not agree, of a sum with empty parts, and of a unit in a name."""
    first, *others = found.places.columns.get("cost", ()) or (Place(constant=""),)
    for other in others:
        yield from disagreement(found, first, other)
    if first.needed:
        yield from empty_parts(found, first)
    if first.factor == 1 and len(first.names) == 1 and (many := parts_of_one(first.names[0])) > 1:
        name = first.names[0]
        yield (
            f"{name!r} is taken as it stands, as --map says: by its name {many:,} of it are one, which is "
            f"--map {shlex.quote(f'cost={as_mapped([name])}')}"
        )


def disagreement(found: Found, first: Place, other: Place) -> Iterator[str]:
    """In how many rows two columns of costs differ, what they come to, and which one is taken."""
    table = found.table
    rows = table.select(one=place_number(table, first), other=place_number(table, other))
    rows = rows.filter(rows.one.notnull() & rows.other.notnull())
    apart = (rows.one - rows.other).abs() > (rows.one.abs() * AGREE)
    (row,) = rows_of(
        rows.agg(
            rows=rows.count(),
            apart=apart.cast("int64").sum().fill_null(literal(0, "int64")),
            one=rows.one.sum(),
            other=rows.other.sum(),
        )
    )
    if row["apart"]:
        one, two = ("+".join(place.names) for place in (first, other))
        yield (
            f"{one!r} and {two!r} differ in {row['apart']:,} of {row['rows']:,} rows ({row['one']:,.6g} and "
            f"{row['other']:,.6g} in all): {one} is taken, --map cost={shlex.quote(two)} takes the other"
        )


def empty_parts(found: Found, sum_: Place) -> Iterator[str]:
    """In how many rows a part of a sum is empty although another one is not, so that the cost is not known."""
    table = found.table
    given = [reduce(operator.or_, (column_text(table, name).notnull() for name in some)) for some in sum_.needed]
    some_given, all_given = reduce(operator.or_, given), reduce(operator.and_, given)
    partly = {f"part {place}": (some_given & ~one).sum() for place, one in enumerate(given)}
    (row,) = rows_of(table.agg(rows=table.count(), lacking=(some_given & ~all_given).sum(), **partly))
    if not row["lacking"]:
        return
    empty = [(some[0], row[f"part {place}"]) for place, some in enumerate(sum_.needed) if row[f"part {place}"]]
    named = ", ".join(f"{name!r} in {rows:,}" for name, rows in empty)
    yield (
        f"{row['lacking']:,} of {row['rows']:,} rows have only a part of the cost {'+'.join(sum_.names)!r} (empty: "
        f"{named}), so that it is not known; if empty means 0, end the part's name with ? in --map ({empty[0][0]}?)"
    )
