"""Does the workbook, evaluated unchanged, reproduce its stored values?

Cells that are not reproduced keep their stored value, as constants. Only
the roots are kept so: a cell that differs because it reads another is right again when
that one has its stored value.
"""

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Mapping
from itertools import islice

from roi_xl.catalog import CATALOG
from roi_xl.engines import embedded
from roi_xl.engines.book import Book
from roi_xl.engines.libreoffice import OfficeBook
from roi_xl.formula.formulas import Formulas
from roi_xl.formula.tree import functions_in
from roi_xl.recalc.circles import CIRCLE, circle, circles, in_circles, refuse_large_circles
from roi_xl.recalc.compare import Difference, agree, cause_of
from roi_xl.recalc.data_tables import DataTable, data_tables, results, stored_values
from roi_xl.recalc.differing import Replay, compare
from roi_xl.recalc.roots import Presence
from roi_xl.recalc.snapshot import Snapshot
from roi_xl.recalc.stored import by_sheet, on_stored, with_members
from roi_xl.recalc.taking_over import evaluated_again, put_right, spills, take_over
from roi_xl.recalc.verify import CHANGES, Verification, is_by_trial, why_not
from roi_xl.xlsx.addresses import Address
from roi_xl.xlsx.sheet_cells import (
    Value,
    arrays,
    held_value,
    stored_formulas,
    written_formula,
)

ANOTHER_DAY = dt.datetime(1999, 12, 30, 23, 59, tzinfo=dt.UTC)
ITERATED_RELATIVE = 1e-6
UNKNOWN = "is unknown"
"""The end of the cause for a cell whose function is unknown."""

LESS_EXACT = "found by iteration; the stored value is less exact"
FILE_PLACE = re.compile(r'(?<![\w.])(?:CELL\(\s*"filename"|INFO\()', re.IGNORECASE)
ELSEWHERE = "depends on the file's location"
NO_DIFFERENCE = {LESS_EXACT, ELSEWHERE}
"""Why a cell keeps its stored value although nothing is wrong."""

MAGNIFIED = 1e-8
"""How far rounding in a formula's precedents may move its result, relative to the result or 1."""

TABLE_RELATIVE = 1e-6
"""Data tables often end in rates found by iteration."""

MOST_TRIED = 100
MOST_ROUNDS = 20
"""How often roots are looked for: once those of a round are settled, others may show."""


def replay(book: Book, trust_engine: bool = False) -> Replay:
    """Compare every formula cell with its stored value, and keep what is not reproduced."""
    result = Replay()
    take_over(book)
    take_unknown(book, result)
    if not book.stores_values:
        return result
    different = compare(book, result)
    if different and book.contents.iteration is not None:
        start_from_stored(book, different)
        different = compare(book, result)
    if different and is_volatile(book.formulas):
        leave_out_volatile(book, result, different)
    changing = {place: stored for place, stored in different.items() if place in result.volatile}
    different = {place: stored for place, stored in different.items() if place not in result.volatile}
    if not trust_engine:
        different = settled(book, result, different, changing)
    keep(book, result, {} if trust_engine else different)
    compare_data_tables(book, result, trust_engine)
    result.before = Snapshot.of(book) if result.reads else None
    return result


def settled(
    book: Book, result: Replay, different: dict[Address, Value], changing: Mapping[Address, Value]
) -> dict[Address, Value]:
    """What still differs once the roots are kept, or evaluated by our kernels where those are right."""
    refuse_large_circles(book, different)
    stored = with_members(book, {**different, **changing})
    witness = on_stored(book, stored, by_sheet(different)) if different else None
    for _ in range(MOST_ROUNDS):
        if witness is not None and result.volatile:
            different = without_readers_of_volatile(book, result, witness, different)
        if not different or witness is None:
            break
        found = to_settle(book, witness, different)
        better = [place for place in found if is_better(book, witness, place)]
        right = {place for place in better if put_right(book, place, found[place])}
        rest = {place: stored for place, stored in found.items() if place not in right}
        result.rounded |= magnified(book, rest)
        keep(book, result, {place: stored for place, stored in rest.items() if place not in result.rounded})
        different = still_different(book, result)
        if right and book.formulas.extents:
            evaluated_again(book, (place for place in different if not spills(book, place)))
            different = still_different(book, result)
    return different


def without_readers_of_volatile(
    book: Book, result: Replay, witness: Verification, different: Mapping[Address, Value]
) -> dict[Address, Value]:
    """The differences but for those that come from reading what changes with the clock, which count as volatile.

    Ours give the stored value from the stored ones, so that what the cell reads is what differs; and the
    engine's value from those that there are now.
    """
    now = on_stored(book, {}, by_sheet(different))
    known = {*witness.different, *witness.unverified, *now.different, *now.unverified}
    left = dict(different)
    while True:
        changing = Presence(with_members(book, dict.fromkeys(result.volatile)))
        readers = {p for p in left if p not in known and changing.any_in(book.reads(p).areas, p)}
        if not readers:
            return left
        result.volatile |= readers
        left = {place: stored for place, stored in left.items() if place not in readers}


def still_different(book: Book, result: Replay) -> dict[Address, Value]:
    """What differs now, but for what changes with the clock."""
    book.evaluate()
    return {place: stored for place, stored in compare(book, result).items() if place not in result.volatile}


def to_settle(book: Book, witness: Verification, different: Mapping[Address, Value]) -> dict[Address, Value]:
    """The differences to settle next: where ours differ, too; else of array formulas; else the roots.

    What ours evaluate already, rightly from stored values, waits for what it reads.
    """
    known = witness.different.keys() | witness.unverified.keys()
    waits = {place for place in different if place in book.routed and place not in known}
    left = {place: stored for place, stored in different.items() if place not in waits} or dict(different)
    found = {place: stored for place, stored in left.items() if place in witness.different}
    found = found or {place: stored for place, stored in left.items() if book.formulas.is_array(place)}
    return found or {place: stored for place, stored in roots(book, different).items() if place in left} or left


def is_better(book: Book, witness: Verification, place: Address) -> bool:
    """Whether our kernels give a cell's stored value, and the engine one that is not just found by iteration, too."""
    verified = place not in witness.different and place not in witness.unverified
    replaced = place in book.routed or place in book.pinned or book.value_or_problem(place) == CIRCLE
    tried = is_found_by_trial(book.formulas, place) and isinstance(book.value_or_problem(place), float)
    return verified and not replaced and not tried


def start_from_stored(book: Book, different: Mapping[Address, Value]) -> None:
    """Iterate circular references from the stored values, as Excel does, not from zero."""
    formulas = {place: formula for place in different if (formula := book.formula(place))}
    for place in formulas:
        book.hold(place, different[place])
    book.evaluate()
    for place, formula in formulas.items():
        book.put_formula(place, formula)
    book.evaluate()


def replay_in_office(book: OfficeBook, trust_engine: bool = False) -> Replay:
    """Compare every formula cell with LibreOffice's value; any difference counts."""
    result = Replay()
    if not book.stores_values:
        return result
    different = compare(book, result)
    if different and is_volatile(book.formulas):
        leave_out_volatile(Book(book.package), result, different)
    for place, stored in different.items():
        if place not in result.volatile and not trust_engine:
            formula, got = written_formula(book.sheet(place.sheet), place.within), book.value(place)
            result.kept[place] = Difference(place, formula, stored, got, cause_of(formula, stored, got))
    return result


def is_volatile(formulas: Formulas) -> bool:
    """Whether any formula depends on the clock or on random numbers."""
    shapes = (shape for found in formulas.shapes.values() for shape in found)
    return any(why_not(shape.tree) == CHANGES for shape in shapes if shape.tree is not None)


def is_found_by_trial(formulas: Formulas, place: Address) -> bool:
    """Whether a cell's value is found by iteration."""
    shape = formulas.shape(place)
    return shape is not None and shape.tree is not None and is_by_trial(shape.tree)


def magnified(book: Book, places: Mapping[Address, Value]) -> set[Address]:
    """The cells whose difference comes from rounding in what they read; each is tried, so of many only the first."""
    small = ((place, stored) for place, stored in places.items() if is_small(book, place, stored))
    return {place for place, stored in islice(small, MOST_TRIED) if is_magnified(book, place, stored)}


def is_small(book: Book, place: Address, stored: Value) -> bool:
    """Whether a difference is one that rounding may have made, in a cell of its own."""
    got = book.value_or_problem(place)
    if (
        book.formulas.is_array(place)
        or not isinstance(stored, float)
        or not isinstance(got, float)
        or not book.reads(place).complete
    ):
        return False
    return abs(stored - got) <= MAGNIFIED * max(1, abs(stored))


def is_magnified(book: Book, place: Address, stored: Value) -> bool:
    """Whether a formula gives the stored value once it reads stored values."""
    with book.stored(book.reads(place)):
        return agree(stored, book.value_or_problem(place))


def keep(book: Book, result: Replay, places: Mapping[Address, Value], cause: str | None = None) -> None:
    """Give cells their stored value in the engine, where they serve as constants from now on."""
    circular = circles(book) if places and cause is None else Presence(())
    for place, stored in places.items():
        formula, got = book.formula(place), book.value_or_problem(place)
        why = cause or why_kept(book, place, stored, got, circular)
        written = book.formulas.text(place) or formula
        result.kept[place] = Difference(place, written, stored, got, why)
        result.formulas[place] = formula
        result.reads[place] = book.reads(place)
    for place in places:
        sheet = book.sheet(place.sheet)
        book.hold(place, stored_formulas(sheet)[place.within])
        for member in arrays(sheet).get(place.within, ()):
            book.put(Address(place.sheet, *member), held_value(sheet, member))
    if places:
        book.evaluate()


def why_kept(book: Book, place: Address, stored: Value, got: Value, circular: Presence) -> str:
    """Why a cell keeps its stored value, as far as it can be told."""
    formula = book.formula(place)
    if is_found_by_trial(book.formulas, place) and agree(stored, got, ITERATED_RELATIVE):
        return LESS_EXACT
    if FILE_PLACE.search(formula):
        return ELSEWHERE
    if got == CIRCLE:
        return circle(book, place, circular) or CIRCLE
    return cause_of(book.formulas.text(place), stored, got)


def roots(book: Book, different: Mapping[Address, Value]) -> dict[Address, Value]:
    """The differences that no other difference explains; else those in a circle, or all of them if there is none."""
    places = Presence(with_members(book, different))
    found = {place: stored for place, stored in different.items() if not places.any_in(book.reads(place).areas, place)}
    return found or {place: different[place] for place in in_circles(book, different)} or dict(different)


def take_unknown(book: Book, result: Replay) -> None:
    """Evaluate calls of functions unknown to the engine by ours, or keep them: IFERROR would hide them."""
    ours = set(CATALOG)
    unknown: dict[Address, set[str]] = {}
    for sheet, shapes in book.formulas.shapes.items():
        for shape in shapes:
            called = functions_in(shape.tree) if shape.tree is not None else set()
            missing = embedded.unknown_functions(called) - ours
            if missing:
                unknown |= dict.fromkeys((Address(sheet, *cell) for cell in shape.cells), missing)
    left = {place: missing for place, missing in unknown.items() if not book.route(place)}
    if len(left) < len(unknown):
        book.evaluate()
    found: defaultdict[str, dict[Address, Value]] = defaultdict(dict)
    for place, missing in left.items():
        result.unknown |= missing
        stored = book.formulas.sheets[place.sheet].stored.get(place.within)
        if stored is not None:
            found[f"{', '.join(sorted(missing))} {UNKNOWN}"][place] = stored
    for cause, places in found.items():
        keep(book, result, places, cause)


def compare_data_tables(book: Book, result: Replay, trust_engine: bool) -> None:
    """Evaluate Excel's data tables, and keep those that are not reproduced."""
    for table in (table for sheet in book.contents.sheets for table in data_tables(book, sheet)):
        stored = stored_values(book, table)
        if not table.can_be_computed:
            keep_data_table(result, table, stored, stored, "data table, not recomputed")
            continue
        got = results(book, table)
        result.compared += len(got) - 1  # its first cell has been compared as a formula cell
        if trust_engine or all(agree(value, got[place], TABLE_RELATIVE) for place, value in stored.items()):
            result.data_tables.append(table)
        elif depends_on_chance(book, result, table, got):
            result.volatile.update(stored)
        else:
            keep_data_table(result, table, stored, got, "data table")


def depends_on_chance(book: Book, result: Replay, table: DataTable, got: Mapping[Address, Value]) -> bool:
    """Whether a data table depends on the clock or on random numbers, such as by the formulas at its edges."""
    if not is_volatile(book.formulas):
        return False
    if any(map(Presence(result.volatile).within, table.reads.areas)):
        return True
    with book.elsewhere(ANOTHER_DAY):
        return results(book, table) != got


def keep_data_table(
    result: Replay, table: DataTable, stored: Mapping[Address, Value], got: Mapping[Address, Value], cause: str
) -> None:
    """Keep a data table's stored values; the first cell that is not reproduced represents it."""
    different = (place for place, value in stored.items() if not agree(value, got[place], TABLE_RELATIVE))
    place = next(different, next(iter(stored)))
    result.kept[place] = Difference(place, "TABLE()", stored[place], got[place], cause)
    result.reads[place] = table.reads


def leave_out_volatile(book: Book, result: Replay, different: Mapping[Address, Value]) -> None:
    """Find volatile cells: evaluate at another moment and compare; of an array formula all cells that it fills."""
    before = {place: values_of(book, place) for place in different}
    with book.elsewhere(ANOTHER_DAY):
        result.volatile = {place for place, values in before.items() if values_of(book, place) != values}


def values_of(book: Book, place: Address) -> list[Value]:
    """The values of a formula's cell, and of every other cell that it fills."""
    members = sorted(book.formulas.sheets[place.sheet].arrays.get(place.within, ()))
    return [book.value_or_problem(Address(place.sheet, *cell)) for cell in (place.within, *members)]
