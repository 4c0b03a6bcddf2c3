"""After a change: does a second evaluation agree with every value that is new?

Where the engine is known to answer otherwise than Excel, the cell is evaluated by our own
functions instead. Where the two disagree unexpectedly, nothing is written.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from roi_xl.engines.book import Book
from roi_xl.errors import EvaluationsDiffer
from roi_xl.excel.library import FUNCTIONS
from roi_xl.formula.shapes import Form, Shape
from roi_xl.formula.tree import Binary, Cell, functions_in, walk
from roi_xl.recalc.compare import Difference
from roi_xl.recalc.replay import Replay, changed_places, on_stored, tolerance
from roi_xl.recalc.verify import SIZES, Verification, Verifier
from roi_xl.xlsx.addresses import Address
from roi_xl.xlsx.sheet_cells import Value

MOST_ROUNDS = 20
ONE_ONLY = "evaluated one way only: the second does not give the stored value either"

Cells = Mapping[str, Collection[Cell]]


def witnessed(book: Book, replay: Replay, changed: Mapping[Address, Value], trust_engine: bool) -> Verification:
    """Verify every formula whose value is new; of a workbook that stores no values, every formula.

    Args:
        book: the workbook, evaluated.
        replay: what was found when it was opened.
        changed: the inputs that were changed, with the values that the file has.
        trust_engine: take the engine's values where the two evaluations differ.

    Raises:
        EvaluationsDiffer: the engine and our own functions do not agree.
    """
    settled: set[Address] = {*replay.kept, *replay.volatile, *replay.rounded}
    for _ in range(MOST_ROUNDS):
        only = by_sheet(changed_places(book)) if book.stores_values else None
        found = Verifier(book.formulas, book.block, tolerance(book)).verify(only)
        wrong = {place: pair for place, pair in found.different.items() if place not in settled}
        better = [place for place in wrong if engine_differs(book, place) and place not in book.routed]
        if not [place for place in better if book.route(place)]:
            break
        book.evaluate()
    refuse(book, found, {} if trust_engine else wrong, changed)
    return found


def refuse(
    book: Book,
    found: Verification,
    wrong: Mapping[Address, tuple[Value, Value]],
    changed: Mapping[Address, Value],
) -> None:
    """Refuse differences of cells of which both evaluations gave the stored value before."""
    doubtful = distrusted(book, wrong, changed) if wrong and book.stores_values else set()
    for place in doubtful:
        del found.different[place]
        found.unverified[place] = ONE_ONLY
    rest = [place for place in wrong if place not in doubtful]
    if rest:
        raise EvaluationsDiffer([described(book, place, *wrong[place]) for place in sorted(rest)])


def described(book: Book, place: Address, engine: Value, ours: Value) -> Difference:
    """A disagreement of the two evaluations."""
    if engine == SIZES:
        return Difference(place, book.formulas.text(place), engine, ours, f"the result is now {ours} cells")
    return Difference(place, book.formulas.text(place), ours, engine, "two evaluations differ")


def distrusted(book: Book, places: Iterable[Address], changed: Mapping[Address, Value]) -> set[Address]:
    """The cells of which our functions do not give the value that is stored, so that their word counts for nothing."""
    stored: dict[Address, Value] = {}
    for sheet in book.contents.sheets:
        held = book.formulas.sheets[sheet].stored
        stored |= {Address(sheet, *cell): value for cell, value in held.items()}
    before = on_stored(book, {**stored, **changed}, by_sheet(places))
    return {place for place in places if place in before.different or place in before.unverified}


def by_sheet(places: Iterable[Address]) -> dict[str, set[Cell]]:
    """Cells by their sheet."""
    found: defaultdict[str, set[Cell]] = defaultdict(set)
    for place in places:
        found[place.sheet].add(place.within)
    return found


def engine_differs(book: Book, place: Address) -> bool:
    """Whether the engine is known to answer otherwise than Excel for the formula of a cell."""
    shape = book.formulas.shape(place)
    return shape is not None and shape.tree is not None and known_to_differ(shape)


KNOWN_SIGNS = {"&", "^"}
"""Operators that the engine takes otherwise: a number in a text has 15 digits, and 0^0 is an error."""


def known_to_differ(shape: Shape) -> bool:
    """Whether a formula is of a kind that the engine is known to take otherwise.

    That is: functions that say so; arrays, which it often evaluates for their first element
    only; numbers in texts; a difference as the last operation, which Excel rounds to 0.
    """
    tree: Any = shape.tree
    if shape.form is not Form.ORDINARY or (isinstance(tree, Binary) and tree.sign in "+-"):
        return True
    if any(name in FUNCTIONS and FUNCTIONS[name].engine_differs for name in functions_in(tree)):
        return True
    return any(isinstance(part, Binary) and part.sign in KNOWN_SIGNS for part in walk(tree))
