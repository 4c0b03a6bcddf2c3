"""After a change, does a second evaluation agree with every value?

Where the engine is known to differ from Excel, our kernels evaluate the cell instead.
Where the two disagree unexpectedly, nothing is written.
"""

import contextlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import NoReturn

import numpy as np

from roi_xl.catalog import CATALOG
from roi_xl.engines.book import Book
from roi_xl.errors import EvaluationsDiffer, ExcelError, NotReproduced, NotSupported, NotVerified
from roi_xl.excel.known import engine_differs, may_be_far_off
from roi_xl.excel.values import TAGS, CannotVectorise
from roi_xl.formula.engine_words import is_lost
from roi_xl.formula.shapes import Form
from roi_xl.formula.tokens import Unreadable
from roi_xl.formula.tree import Binary, Cell, functions_in, walk
from roi_xl.recalc.blocking import Resized
from roi_xl.recalc.circles import CIRCLE, MOST_CIRCULAR, circle, in_circles
from roi_xl.recalc.compare import Difference
from roi_xl.recalc.dependents import dependents
from roi_xl.recalc.differing import Replay
from roi_xl.recalc.roots import Presence
from roi_xl.recalc.stored import by_sheet, on_stored
from roi_xl.recalc.taking_over import evaluated_again, spills
from roi_xl.recalc.touched import Moment, Reach, moment
from roi_xl.recalc.verify import CHANGES, SIZES, Verification, Verifier
from roi_xl.recalc.wording import OPEN
from roi_xl.xlsx.addresses import Address
from roi_xl.xlsx.sheet_cells import Value

MOST_ROUNDS = 20
READS_OPEN = "reads a cell without a value"
ONE_ONLY = "evaluated only once: the second evaluation does not reproduce the stored value either"

Cells = Mapping[str, Collection[Cell]]


class Witness:
    """The second evaluation of a workbook; after a change it looks only at the formulas that the change touches."""

    def __init__(self, book: Book, of_file: "Witness | None" = None) -> None:
        self.book = book
        self.of_file = of_file
        self.set_now: Mapping[Address, Value] = {}
        self.reach = Reach(book.formulas)
        self.found = Verification(sum(len(shape) for shapes in book.formulas.shapes.values() for shape in shapes))
        self.seen: Moment | None = None
        self.before = Verification()
        self.asked: set[Address] = set()
        self.left_open: dict[Address, str] = {}
        self.lost: list[Address] = []
        self.has_looked = False

    def as_it_stands(self, replay: Replay, trust_engine: bool) -> Verification:
        """The findings for the current values, and which cells stay without one; ours replace nothing."""
        self.look()
        self.left_open = {}
        self.leave_open(self.without_answer(replay, trust_engine), {})
        return self.found

    def look(self) -> Verification:
        """The findings for the current values."""
        self.has_looked = True
        verifier = Verifier(self.book.formulas, self.book.seen, set_now=self.set_now)
        now = moment(self.book.formulas, self.book.seen)
        shapes = list(self.reach.touched(self.seen, now))
        self.forget({id(shape) for _, shape in shapes})
        verifier.found, self.seen = self.found, now
        with verifier.within_limits():
            for sheet, shape in shapes:
                verifier.shape(sheet, shape, shape.places)
        self.lost = list(not_computed(self.book, verifier))
        return self.found

    def forget(self, shapes: set[int]) -> None:
        """Forget what was found for the formulas of some shapes."""
        for found in (self.found.different, self.found.unverified, self.found.sizes):
            for place in [place for place in found if id(self.book.formulas.shape(place)) in shapes]:
                del found[place]

    def verified(self, replay: Replay, changed: Mapping[Address, Value], trust_engine: bool) -> Verification:
        """Verify the current values; ours replace the engine where it is known to differ.

        Args:
            replay: what was found when the workbook was opened.
            changed: the inputs that were changed, with the values that the file has.
            trust_engine: take the engine's values where the two evaluations differ.

        Raises:
            Resized: dynamic arrays fill other cells than the workbook has for them.
            EvaluationsDiffer: the engine and our own functions do not agree.
        """
        wrong = self.settled(replay, changed)
        if changed:
            refuse_untracked(self.book, self.found.unverified)
        self.left_open = {}
        self.leave_open(self.without_answer(replay, trust_engine), {} if trust_engine else changed)
        if changed:
            refuse_lost(self.book, self.found.unverified.keys() - self.left_open.keys())
        wrong = {place: pair for place, pair in wrong.items() if place not in self.left_open}
        sizes = {place: pair for place, pair in wrong.items() if pair[0] == SIZES}
        refuse(self.book, self.found, sizes if trust_engine else wrong, self.on_file(wrong, changed))
        refuse_resized(self.book, self.found.unverified.keys() - replay.kept.keys() - self.left_open.keys())
        return self.found

    def without_answer(self, replay: Replay, trust_engine: bool) -> dict[Address, str]:
        """The cells without a stored value that nobody can evaluate, and why.

        That is what the engine cannot compute; and unless it is trusted, what only the engine gives though it is
        known to differ there.
        """
        unverified = self.found.unverified
        found = self.lost_themselves([place for place in self.lost if place not in replay.kept])
        if not trust_engine:
            doubtful = (place for place in unverified if is_doubtful(self.book, place, replay.unknown))
            found |= {place: unverified[place] for place in doubtful if unverified[place] != CHANGES}
        return found

    def lost_themselves(self, lost: Collection[Address]) -> dict[Address, str]:
        """Those of the cells that the engine cannot compute that do not just read others of them, and why."""
        own = lost if len(lost) > MOST_CIRCULAR else in_circles(self.book, lost)
        own = {*own, *(place for place in lost if self.book.value_or_problem(place) != CIRCLE)}
        rest = set(lost) - (dependents(self.book, self.reach, own) if own else set())
        among = Presence(lost)
        return {place: why_lost(self.book, place, among) for place in lost if place in own or place in rest}

    def leave_open(self, open_cells: Mapping[Address, str], changed: Mapping[Address, Value]) -> None:
        """Leave cells as they are in the file, with all that depend on them; refuse those that a change reaches."""
        if not open_cells:
            return
        reached = dependents(self.book, self.reach, changed) if changed else set()
        refuse_open(self.book, {place: why for place, why in open_cells.items() if place in reached}, {*self.lost})
        rest = dependents(self.book, self.reach, open_cells)
        self.left_open = {place: open_cells.get(place, READS_OPEN) for place in sorted(rest)}
        formulas = {place: f"{OPEN}{why}" for place, why in self.left_open.items() if self.book.formulas.shape(place)}
        self.found.unverified |= formulas
        for place in formulas:
            self.found.different.pop(place, None)

    def settled(self, replay: Replay, changed: Mapping[Address, Value]) -> dict[Address, tuple[Value, Value]]:
        """The cells that still differ once ours have replaced the engine where possible.

        Where the file's own values speak against ours, ours replace nothing.
        """
        left_out: set[Address] = {*replay.kept, *replay.rounded}
        for _ in range(MOST_ROUNDS):
            self.freshen(replay, changed)
            found = self.look()
            wrong = {place: pair for place, pair in found.different.items() if place not in left_out}
            disproved = self.on_file(wrong, changed).different
            ours = {place: pair for place, pair in wrong.items() if place not in disproved}
            if any(pair[0] == SIZES for pair in ours.values()):
                break  # first the arrays that fill other cells, with which the others may be right
            ours = {place: pair for place, pair in ours.items() if pair[1] is ExcelError.SPILL} or ours
            if not [place for place, pair in ours.items() if replaced(self.book, place, *pair)]:
                break
            self.book.evaluate()
        return wrong

    def freshen(self, replay: Replay, changed: Iterable[Address]) -> None:
        """Have the engine evaluate anew what it missed beside array formulas.

        That is what differs from the second evaluation; and what only the engine evaluates, in any case, but for
        chance and the clock, which it evaluates anew each time.
        """
        self.set_now = {place: self.book.value(place) for place in changed}
        seen: set[Address] = set()
        for _ in range(MOST_ROUNDS if self.book.formulas.extents else 0):
            found = self.look()
            alone = found.unverified.keys() - replay.volatile
            late = {*found.different, *alone}.difference(replay.kept, replay.rounded)
            late = {place for place in late if not spills(self.book, place)}
            if late == seen:
                break
            seen = late
            evaluated_again(self.book, late)

    def on_file(self, places: Iterable[Address], changed: Mapping[Address, Value]) -> Verification:
        """What our kernels find for some cells where every cell has the file's value; asked once for each cell."""
        if self.of_file is not None:
            return self.of_file.on_file(places, changed)
        new = {place for place in places if place not in self.asked}
        if new and self.book.stores_values:
            found = ours_on_stored(self.book, new, changed)
            self.before.different |= found.different
            self.before.unverified |= found.unverified
            self.asked |= new
        return self.before


def not_computed(book: Book, verifier: Verifier) -> Iterator[Address]:
    """The cells that the engine cannot compute, and that have no stored value."""
    for name in book.contents.sheets:
        with contextlib.suppress(CannotVectorise):  # a sheet that is used to beyond what is held in memory
            lost = np.argwhere(verifier.sheet(name).tags == TAGS[ExcelError.GETTING_DATA])
            stored = book.formulas.sheets[name].stored if len(lost) else {}
            yield from (
                Address(name, row, column) for row, column in lost.tolist() if stored.get((row, column)) is None
            )


def why_lost(book: Book, place: Address, lost: Presence) -> str:
    """Why the engine cannot compute a cell: the path of a circle, or what it does not know."""
    return circle(book, place, lost) or str(book.value_or_problem(place))


def refuse_open(book: Book, alone: Mapping[Address, str], lost: set[Address]) -> None:
    """Refuse cells without a stored value that the engine cannot compute, or that only it gives unreliably."""
    doubtful = [
        Difference(place, book.formulas.text(place), None, book.value_or_problem(place), why)
        for place, why in sorted(alone.items())
    ]
    if not lost.isdisjoint(alone):
        raise NotReproduced(doubtful)
    if doubtful:
        raise NotVerified(doubtful)


def is_doubtful(book: Book, place: Address, unknown: Collection[str]) -> bool:
    """Whether a cell without a stored value has a formula that the engine does not know, or treats differently."""
    if is_stored(book, place):
        return False
    shape = book.formulas.shape(place)
    if is_unanswered(book, place, unknown) or shape is None or shape.tree is None:
        return True
    return functions_in(shape.tree).isdisjoint(CATALOG) and may_be_far_off(shape)


def is_stored(book: Book, place: Address) -> bool:
    """Whether the file has a value that speaks for a cell."""
    return book.stores_values and book.formulas.sheets[place.sheet].stored.get(place.within) is not None


def is_unanswered(book: Book, place: Address, unknown: Collection[str]) -> bool:
    """Whether nobody has an answer for the formula of a cell without a stored value.

    It cannot be read, the engine does not know a word of it, or it refers to a workbook that is not there. Ours may
    have taken the cell over, or be called in it.
    """
    shape = book.formulas.shape(place)
    if is_stored(book, place) or place in book.routed or place in book.pinned:
        return False
    if shape is None or shape.tree is None or book.peekers[place.sheet](*place.within) is ExcelError.NAME:
        return True
    if any(is_lost(part, book.formulas.names) for part in walk(shape.tree)):
        return True
    called = functions_in(shape.tree)
    return called.isdisjoint(CATALOG) and not called.isdisjoint(unknown)


def refuse_untracked(book: Book, unverified: Iterable[Address]) -> None:
    """Refuse, after a change, what only the engine knows where it loses sight of what it reads."""
    for place in unverified:
        if joins_computed(book, place):
            raise NotSupported(
                f"{book.package.path}: {place} ={book.formulas.text(place)} reads a range between computed references, "
                "which cannot be verified after a change"
            )


def refuse_lost(book: Book, unverified: Iterable[Address]) -> None:
    """Refuse, after a change, a cell that ours took from the engine and can no longer evaluate."""
    for place in unverified:
        if place in book.routed and book.peekers[place.sheet](*place.within) is ExcelError.CALC:
            raise NotSupported(
                f"{book.package.path}: {place} ={book.formulas.text(place)} cannot be evaluated for these values: "
                "the embedded engine is known to differ from Excel there, and our own function has no answer"
            )


def joins_computed(book: Book, place: Address) -> bool:
    """Whether a formula reads all that lies between two references, of which one is computed."""
    try:
        return any(isinstance(part, Binary) for part in book.formulas.computed_ranges(place))
    except Unreadable:
        return False


def refuse_resized(book: Book, unverified: Iterable[Address]) -> None:
    """Refuse results that fill other cells than they did, where only the engine knows them."""
    for place in unverified:
        shape = book.formulas.shape(place)
        if shape is not None and shape.form is Form.DYNAMIC:
            top, left, bottom, right = shape.extents[place.within]
            rows = [[(row, column) for column in range(left, right + 1)] for row in range(top, bottom + 2)]
            columns = [[(row, column) for row in range(top, bottom + 1)] for column in range(left, right + 2)]
            if is_new(book, place.sheet, (*rows[-1], *columns[-1])):
                refuse_size(book, place, "more cells")
            if len(rows) * len(columns) > 4 and any(is_empty(book, place.sheet, last[-2]) for last in (rows, columns)):
                refuse_size(book, place, "fewer cells")


def is_new(book: Book, sheet: str, cells: Iterable[Cell]) -> bool:
    """Whether any of some cells has a value now that neither the file nor a formula of its own gives it."""
    value_at, held = book.peekers[sheet], book.formulas.sheets[sheet].held
    filled = [cell for cell in cells if value_at(*cell) is not None and held(cell) is None]
    return any(book.formulas.shape(Address(sheet, *cell)) is None for cell in filled)


def is_empty(book: Book, sheet: str, cells: Iterable[Cell]) -> bool:
    """Whether no cell has a value now."""
    return all(book.peekers[sheet](*cell) is None for cell in cells)


def refuse_size(book: Book, place: Address, now: str) -> NoReturn:
    """Refuse a result that needs other cells than the file has for it, which only a spreadsheet program can give."""
    top, left, bottom, right = book.formulas.extents[place]
    raise NotSupported(
        f"{book.package.path}: the formula of {place} now fills {now}, in the file {bottom - top + 1} × "
        f"{right - left + 1}; set this in a spreadsheet program"
    )


def replaced(book: Book, place: Address, engine: Value, ours: Value) -> bool:
    """Replace the engine by our kernels, or at least their values, where it is known to differ.

    It differs also where it does not know a name that ours do, and over texts: it reads fewer of them
    as numbers than Excel, and evaluates one of our functions as arithmetic on them.
    """
    if place in book.pinned or ours is ExcelError.SPILL:
        return book.pin(place, ours)
    known = engine is ExcelError.NAME or is_known(book, place) or takes_text(book, place, engine)
    if place in book.routed or not known:
        return False
    return book.route(place) or book.pin(place, ours)


def takes_text(book: Book, place: Address, engine: Value) -> bool:
    """Whether a formula that reads a text is #VALUE! in the engine, or calls one of our functions."""
    shape = book.formulas.shape(place)
    if shape is None or shape.tree is None:
        return False
    if engine is not ExcelError.VALUE and functions_in(shape.tree).isdisjoint(CATALOG):
        return False
    read = (book.grid(area).cells for area in book.formulas.areas(place))
    return any(isinstance(value, str) for cells in read for value in cells)


def refuse(
    book: Book,
    found: Verification,
    wrong: Mapping[Address, tuple[Value, Value]],
    before: Verification,
) -> None:
    """Refuse differences in cells whose stored value both evaluations had reproduced.

    Args:
        before: what our kernels found for these cells with the file's values.
    """
    doubtful = {place for place in wrong if place in before.different or place in before.unverified}
    for place in doubtful:
        del found.different[place]
        found.unverified[place] = ONE_ONLY
    rest = [place for place in wrong if place not in doubtful]
    if sizes := {place: found.sizes[place] for place in rest if wrong[place][0] == SIZES}:
        raise Resized(sizes)
    if rest:
        raise EvaluationsDiffer([described(book, place, *wrong[place]) for place in sorted(rest)])


def described(book: Book, place: Address, engine: Value, ours: Value) -> Difference:
    """A disagreement between the two evaluations."""
    return Difference(place, book.formulas.text(place), ours, engine, "the two evaluations disagree")


def ours_on_stored(book: Book, places: Collection[Address], changed: Mapping[Address, Value]) -> Verification:
    """What our kernels find for some cells where every cell has the value that the file stores."""
    stored: dict[Address, Value] = {}
    for sheet in book.contents.sheets:
        known = book.formulas.sheets[sheet]
        stored |= {Address(sheet, *cell): value for cell, value in known.stored.items()}
        stored |= {Address(sheet, *cell): known.held(cell) for cell in known.anchors}
    return on_stored(book, {**stored, **changed}, by_sheet(places))


def is_known(book: Book, place: Address) -> bool:
    """Whether the engine is known to differ from Excel for a cell's formula."""
    shape = book.formulas.shape(place)
    return shape is not None and engine_differs(shape)
