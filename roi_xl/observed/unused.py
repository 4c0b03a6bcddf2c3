"""What does a file say that is not used: ids of rows that are no one request, models, words for a batch?"""

from collections.abc import Iterator

from roi_xl.observed.calls import is_batch, is_no_batch
from roi_xl.observed.fields import number_of, text_of
from roi_xl.observed.layouts import named, present
from roi_xl.observed.sources import Found
from roi_xl.observed.sql import rows_of

LONGEST = 40


def notes_of_unused(found: Found) -> Iterator[str]:
    """All that a file says without being heard."""
    yield from notes_of_models(found)
    if {"requests", "request_id"} <= set(found.places.columns):
        yield from notes_of_bundles(found)
    if "batch" in found.places.columns:
        yield from notes_of_batches(found)


def given_model(found: Found) -> str | None:
    """The one model that a person gives to every row."""
    places = found.places.columns.get("model", ())
    return places[0].constant if places else None


def notes_of_models(found: Found) -> Iterator[str]:
    """A column of models where a person gives one model to every row."""
    constant = given_model(found)
    if constant is None:
        return
    own = present(named(found.places.layout.name).places["model"], found.table.columns, lambda column: ())
    if own:
        yield (
            f"--map model=={constant} gives every row of {found.name} that model: its column "
            f"{own[0].names[0]!r} is not read"
        )


def notes_of_bundles(found: Found) -> Iterator[str]:
    """Rows that stand for several requests and yet have a request's id."""
    table, places = found.table, found.places
    both = (number_of(table, places, "requests") > 1) & text_of(table, places, "request_id").notnull()
    (row,) = rows_of(table.agg(rows=both.sum()))
    if row["rows"]:
        yield (
            f"rows of {found.name} that have a request id and stand for more than one request: {row['rows']:,}; each "
            "counts as that many, and its id is not used (--map requests==1 goes by the id)"
        )


def notes_of_batches(found: Found) -> Iterator[str]:
    """Words in the column for batches that say neither yes nor no, of calls whose cost is not known."""
    table, places = found.table, found.places
    words = table.select(word=text_of(table, places, "batch").lower(), cost=number_of(table, places, "cost"))
    odd = words.filter(words.cost.isnull() & ~(is_batch(words.word) | is_no_batch(words.word)))
    (row,) = rows_of(odd.agg(rows=odd.count(), first=odd.word.min()))
    if row["rows"]:
        yield (
            f"rows of {found.name} that say of batch neither yes nor no, such as {row['first'][:LONGEST]!r}: "
            f"{row['rows']:,}; they are charged at the standard price"
        )
