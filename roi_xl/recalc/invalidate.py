"""After a change, what can still be trusted, and what must be recomputed?

A kept cell is valid as long as nothing it reads has changed; data tables are re-evaluated.
"""

from collections.abc import Callable, Mapping

from roi_xl.engines.book import Book
from roi_xl.engines.libreoffice import OfficeBook
from roi_xl.errors import NotReproduced
from roi_xl.recalc.compare import Difference
from roi_xl.recalc.data_tables import results
from roi_xl.recalc.differing import Replay
from roi_xl.recalc.replay import LESS_EXACT, UNKNOWN
from roi_xl.recalc.roots import Presence
from roi_xl.xlsx.addresses import Address
from roi_xl.xlsx.sheet_cells import Value

MOST_TABLE_ROUNDS = 3


def settle(
    book: Book | OfficeBook,
    result: Replay,
    inputs: Mapping[Address, Value],
    keep_unknown: bool,
    evaluate: Callable[[], None],
) -> dict[Address, Value]:
    """After a change, refuse what it makes uncertain, and return the values of data tables."""
    if isinstance(book, OfficeBook):
        if result.kept:
            raise NotReproduced(list(result.kept.values()))
        return {}
    refuse_reached(book, result, inputs, keep_unknown, evaluate)
    return fill_data_tables(book, result, evaluate)


def refuse_reached(
    book: Book, result: Replay, inputs: Mapping[Address, Value], keep_unknown: bool, evaluate: Callable[[], None]
) -> None:
    """Refuse results that depend on kept cells whose own inputs have changed.

    A cell that was kept only because its stored value is less exact is recomputed.
    """
    if result.before is None:
        return
    changed = result.before.changed(book, inputs)
    for place, difference in result.kept.items():
        as_computed = difference.cause == LESS_EXACT and is_reached(changed, result, place)
        if as_computed:
            book.put_formula(place, result.formulas[place])
        elif difference.cause == LESS_EXACT:
            book.hold(place, difference.stored)
    evaluate()
    changed = result.before.changed(book, inputs)
    reached = [
        difference
        for place, difference in result.kept.items()
        if difference.cause != LESS_EXACT
        and is_reached(changed, result, place)
        and not (keep_unknown and is_unknown(difference))
    ]
    if reached:
        raise NotReproduced(reached)


def fill_data_tables(book: Book, result: Replay, evaluate: Callable[[], None]) -> dict[Address, Value]:
    """Evaluate every data table that a replay reproduced, and set its cells."""
    found: dict[Address, Value] = {}
    for _ in range(MOST_TABLE_ROUNDS):
        new = {place: value for table in result.data_tables for place, value in results(book, table, evaluate).items()}
        if new == found:
            break
        found = new
        for place, value in found.items():
            book.put(place, value)
        evaluate()
    return found


def is_reached(changed: Presence, result: Replay, place: Address) -> bool:
    """Whether a kept cell reads anything that has changed."""
    reads = result.reads[place]
    return not reads.complete or changed.any_in(reads.areas, place)


def is_unknown(difference: Difference) -> bool:
    """Whether a cell is kept because its function is unknown."""
    return difference.cause.endswith(UNKNOWN)
