"""A workbook as a function: inputs in, outputs out, everything else as it was."""

import dataclasses
import difflib
import itertools
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from types import MappingProxyType
from typing import Any

from roi_xl.checks import LIMITS, check_number
from roi_xl.engines.book import Book
from roi_xl.engines.libreoffice import OfficeBook
from roi_xl.errors import NotANumber, NotReproduced, NotSupported, RoiError, UnknownName
from roi_xl.quantities import INPUTS
from roi_xl.recalc.accepted import Beside
from roi_xl.recalc.blocking import Resized, Size
from roi_xl.recalc.changed import changed_cells, changes
from roi_xl.recalc.compare import Difference, is_number
from roi_xl.recalc.differing import Replay
from roi_xl.recalc.given import Given, as_typed, doubt_of, refuse_what_no_cell_holds, taken, wants_number
from roi_xl.recalc.invalidate import settle
from roi_xl.recalc.replay import NO_DIFFERENCE
from roi_xl.recalc.settable import refuse_unsettable
from roi_xl.recalc.spills import refilled
from roi_xl.recalc.verify import Verification
from roi_xl.recalc.witness import Witness
from roi_xl.recalc.wording import EMBEDDED
from roi_xl.xlsx.addresses import Address, parse_address
from roi_xl.xlsx.formula_cells import put_values
from roi_xl.xlsx.package import Package, save_package
from roi_xl.xlsx.sheet_cells import Value, has_formula, stored_value
from roi_xl.xlsx.signatures import is_signed, unsigned
from roi_xl.xlsx.validation import Rule, Untold, refuse_invalid, rule_for

MOST_RESIZINGS = 10
"""How often dynamic arrays may find that they need other cells: one may read another."""

NOTHING_ELSE: Mapping[Address, Value] = MappingProxyType({})

VOCABULARY = {quantity.name for quantity in INPUTS}


class LoadedModel:
    """A loaded workbook: calculate it with other inputs, read its outputs, save it.

    Inputs are the names of cells that hold a value, outputs the names of cells that hold a
    formula; any other cell can be set as `Sheet!A1`. The values stored in the file are the
    reference: a cell that a replay does not reproduce keeps its stored value, and a change
    that reaches it is refused.
    """

    def __init__(
        self,
        book: Book | OfficeBook,
        replay: Replay,
        *,
        strict: bool = False,
        trust_engine: bool = False,
        keep_unknown: bool = False,
        ignore_validation: bool = False,
    ) -> None:
        self.book = book
        self.replay = replay
        self._originals: dict[Address, Value] = {}
        self._changes: dict[Address, Value] = {}
        self._table_values: dict[Address, Value] = {}
        self._changed: tuple[int, int] | None = None
        self._of_file: tuple[Book, Replay, dict[Address, Value], Witness | None] | None = None
        self._strict = strict
        self._keep_unknown = keep_unknown
        self._trust_engine = trust_engine
        self._ignore_validation = ignore_validation
        self.verification: Verification | None = None
        self.not_validated: dict[Address, str] = {}
        """The cells whose data validation could not be obeyed, and why."""
        self.doubts: dict[Address, str] = {}
        """The cells that were set to a rate of 100% or more, and what is said of it: 10 means 10%, as a rule."""
        if strict and replay.unknown:
            raise NotSupported(f"{book.package.path} calls unknown functions: {listed(replay.unknown)}")

    @property
    def differences(self) -> tuple[Difference, ...]:
        """The formula cells that keep their stored value because a replay does not reproduce it."""
        return tuple(difference for difference in self.replay.kept.values() if difference.cause not in NO_DIFFERENCE)

    @property
    def engine(self) -> str:
        """Where the values come from."""
        return "LibreOffice" if isinstance(self.book, OfficeBook) else EMBEDDED

    @property
    def package(self) -> Package:
        """The workbook as the file has it, whatever cells its dynamic arrays fill by now."""
        return (self.book if self._of_file is None else self._of_file[0]).package

    @property
    def is_signed(self) -> bool:
        """Whether the file has a digital signature, which saving takes off, as in Excel."""
        return is_signed(self.book.package)

    @property
    def names(self) -> dict[str, Address]:
        """The cell of every name."""
        return self.book.contents.names

    @property
    def inputs(self) -> dict[str, Value]:
        """Every named input with its current value."""
        return {name: self.value(place) for name, place in self.names.items() if not self.is_formula(place)}

    @property
    def outputs(self) -> dict[str, Value]:
        """Every named output with its current value."""
        return {name: self.value(place) for name, place in self.names.items() if self.is_formula(place)}

    @property
    def stored_outputs(self) -> dict[str, Value]:
        """Every named output with its stored value; None if the file stores none."""
        places = {name: place for name, place in self.names.items() if self.is_formula(place)}
        return {name: stored_value(self.book.sheet(place.sheet), place.within) for name, place in places.items()}

    def value(self, place: Address) -> Value:
        """The current value of a cell; of one that is left open what the file has for it, as a rule nothing."""
        sheet, is_formula = self.book.formulas.sheets[place.sheet], self.is_formula(place)
        if (is_formula or place.within in sheet.anchors) and place in self.left_open:
            return sheet.stored.get(place.within, None) if is_formula else sheet.held(place.within)
        return self.book.value(place)

    @property
    def left_open(self) -> Mapping[Address, str]:
        """The cells that stay without a value because nobody can evaluate them or what they read, and why."""
        if self._witness is None:
            return {}
        if not self._witness.has_looked and (self.replay.missing or not self.book.stores_values):
            self._witness.as_it_stands(self.replay, self._trust_engine)
        return self._witness.left_open

    def refuse_open(self, places: Iterable[Address]) -> None:
        """Refuse to read cells that are left without a value, by name."""
        left, text = self.left_open, self.book.formulas.text
        if found := [Difference(place, text(place), None, None, left[place]) for place in places if place in left]:
            raise NotReproduced(found)

    @property
    def changed(self) -> tuple[int, int]:
        """How many formula cells differ from their stored values, and how many there are."""
        if self._changed is None:
            self._changed = changed_cells(self.book, self.left_open)
        return self._changed

    def changes(self) -> Iterator[tuple[Address, Value, Value]]:
        """Every formula cell that differs from its stored value: its address, the stored and the current value."""
        return (change for change in changes(self.book) if change[0] not in self.left_open)

    def is_formula(self, place: Address) -> bool:
        """Whether a cell holds a formula."""
        return has_formula(self.book.sheet(place.sheet), place.within)

    @cached_property
    def _folded_names(self) -> dict[str, Address]:
        return {known.casefold(): place for known, place in self.names.items()}

    @cached_property
    def _folded_sheets(self) -> dict[str, str]:
        return {sheet.casefold(): sheet for sheet in self.book.contents.sheets}

    def find(self, name: str) -> Address:
        """The cell of a name or of an address such as `Inputs!C7`, ignoring case."""
        if name.casefold() in self._folded_names:
            return self._folded_names[name.casefold()]
        place = parse_address(name)
        if place is not None and place.sheet.casefold() in self._folded_sheets:
            return Address(self._folded_sheets[place.sheet.casefold()], place.row, place.column)
        if not self.book.contents.sheets:
            raise UnknownName(f"{self.book.package.path} has no cell {name!r}: it has no worksheet")
        sheet = str(Address(next(iter(self.book.contents.sheets)), 1, 1)).rpartition("!")[0]
        hint = f"; say {sheet}!{name}" if parse_address(f"A!{name}") else nearest(name, self.names)
        raise UnknownName(f"{self.book.package.path} has no cell or name {name!r}{hint}")

    def calculate(self, changes: Mapping[str, Value] | None = None, /, **named: Value) -> dict[str, Value]:
        """The named outputs with some inputs changed.

        Args:
            changes: values by name or by address, such as `{"Inputs!C7": 5}`; a day of `datetime` becomes
                its number in the workbook, and None clears the cell.
            named: values by name.

        Returns:
            Every named output. Inputs that are not mentioned keep the file's values.

        Raises:
            UnknownName: no such name or cell; the closest names are suggested.
            NotANumber, OutOfBounds: the value does not fit the cell, or its data validation.
            NotReproduced: the change reaches cells that could not be reproduced.
            NotSupported: a cell cannot be recalculated exactly.
        """
        if (changes or named) and not self.book.contents.settings.full_precision:
            raise NotSupported(
                f"{self.book.package.path} uses precision as displayed, which rounds every value "
                "to its displayed digits; that is not supported"
            )
        self._go_back()
        wanted = self._wanted(itertools.chain((changes or {}).items(), named.items()))
        for _ in range(MOST_RESIZINGS):
            try:
                return self._calculated(wanted)
            except Resized as resized:
                self._resize(resized.sizes)
        raise NotSupported(f"{self.book.package.path}: the sizes of its dynamic arrays do not settle")

    def _calculated(self, wanted: Mapping[Address, Value]) -> dict[str, Value]:
        """The named outputs with some cells set, which fit."""
        self._changed = None
        for place, value in {**self._originals, **wanted}.items():
            held = self.value(place)
            self._originals.setdefault(place, held)
            if value is not None or held is not None:  # a blank that is put in would block what spills
                self.book.put(place, value)
        self._changes = dict(wanted)
        self._evaluate()
        if wanted:
            self._table_values = settle(self.book, self.replay, self._originals, self._keep_unknown, self._evaluate)
        self.verification = self._witnessed()
        self._refuse_unverified()
        return self.outputs

    def _evaluate(self) -> None:
        """Evaluate what has changed, and what the engine misses of it."""
        self.book.evaluate()
        if self._witness is not None:
            self._witness.freshen(self.replay, self._originals)

    def _resize(self, sizes: Mapping[Address, Size]) -> None:
        """Go on with the workbook in which some dynamic arrays fill other cells."""
        assert isinstance(self.book, Book)
        if self._of_file is None:
            self._of_file = self.book, self.replay, self._originals, self._witness
        emptied = [place for place, value in self._changes.items() if value is None]
        self.book, self.replay = refilled(self.book, self.replay, sizes, emptied)
        self._originals = {}
        self.__dict__["_witness"] = Witness(self.book, self._of_file[3])

    def _go_back(self) -> None:
        """Go back to the workbook as the file has it, if dynamic arrays fill other cells by now."""
        if self._of_file is not None:
            digest = self.book.package.digest
            self.book, self.replay, self._originals, self.__dict__["_witness"] = self._of_file
            self.book.package = dataclasses.replace(self.book.package, digest=digest)
            self._of_file = None

    def _wanted(self, changes: Iterable[tuple[str, Value]]) -> dict[Address, Value]:
        """Values by cell, each checked against its cell."""
        wanted: dict[Address, Value] = {}
        self.doubts = {}
        for name, value in changes:
            place = self.find(name)
            if place in wanted:
                raise RoiError(f"{place} is set twice")
            wanted[place] = self._fitting(name, value, wanted)
        return wanted

    def _refuse_unverified(self) -> None:
        """In strict mode, refuse new values that only one evaluation can compute."""
        left = self.verification.unverified if self._strict and self.verification is not None else {}
        if left:
            place, reason = next(iter(left.items()))
            raise NotSupported(
                f"{self.book.package.path}: {len(left):,} new values have one evaluation only, first {place}, "
                f"which {reason}"
            )

    def verify(self) -> Verification | None:
        """A second evaluation of every formula on the current values; None with LibreOffice."""
        return None if self._witness is None else self._witness.as_it_stands(self.replay, self._trust_engine)

    @cached_property
    def _witness(self) -> Witness | None:
        return Witness(self.book) if isinstance(self.book, Book) else None

    def _witnessed(self) -> Verification | None:
        """The second evaluation of the new values; LibreOffice's values have none."""
        if self._witness is None:
            return None
        of_file = {} if self._of_file is None else self._of_file[2]
        return self._witness.verified(self.replay, {**self._originals, **of_file}, self._trust_engine)

    def settable(self, name: str) -> Address:
        """The cell of an input; formulas are refused."""
        place = self.find(name)
        refuse_unsettable(self.book, name, place)
        return place

    def save(self, path: str | os.PathLike[str], *, force: bool = False, backup: bool = False) -> None:
        """Write the workbook with the current values; every other byte stays.

        Args:
            path: where to write it; the file it was read from must be unchanged.
            force: overwrite a workbook that is open in a spreadsheet program.
            backup: keep the old file as `NAME.bak`.

        Raises:
            FileProblem: the target has another type, is open elsewhere, has changed since it
                was read, or cannot be written.
        """
        unsealed = unsigned(self.book.package)
        self.book.package = save_package(unsealed, path, self.streams(), force=force, backup=backup)

    def streams(self) -> dict[str, Iterable[bytes]]:
        """The sheets' bytes with the current values in place, by part, streamed."""
        return {part: self._filled(sheet) for sheet, part in self.book.contents.sheets.items()}

    def _filled(self, sheet: str) -> Iterator[bytes]:
        constants = {
            place.within: value
            for place, value in {**self._table_values, **self._changes}.items()
            if place.sheet == sheet and not self.is_formula(place)
        }
        value_at: Callable[[int, int], Value] = self.book.readers[sheet]
        if self.left_open:

            def value_at(row: int, column: int) -> Value:
                return self.value(Address(sheet, row, column))

        try:
            yield from put_values(self.book.sheet(sheet), self.book.cells[sheet], value_at, constants)
        except (NotSupported, ValueError) as problem:
            raise NotSupported(f"{self.book.package.path} ({sheet}): {problem}") from None

    def _fitting(self, name: str, value: Given, along: Mapping[Address, Value]) -> Value:
        """A value checked against its cell, as far as the others that are set with it are known."""
        place = self.settable(name)
        held = self._originals.get(place, self.value(place))
        if isinstance(value, str) and wants_number(held, self.rule(place, along) if held is None else None):
            value = as_typed(value)
        refuse_what_no_cell_holds(name, value)
        if said := self.doubt(name, value):
            self.doubts[place] = said
        value = taken(self.book, name, place, value, held)
        if is_number(held) and value is not None and not is_number(value):
            raise NotANumber(f"{name} must be a number ({place} holds {held:g}), got {value!r}")
        if is_number(value) and name in VOCABULARY:
            check_number(LIMITS[name], value)  # type: ignore[arg-type]
        if value is not None:
            self._validate(name, place, value, along)
        return value

    def _validate(self, name: str, place: Address, value: Value, along: Mapping[Address, Value]) -> None:
        """Refuse what a cell's data validation does not accept; note where that cannot be told."""
        rule = self.rule(place, along)
        try:
            if rule is not None:
                refuse_invalid(name, place, rule, value)
        except Untold as problem:
            self.not_validated[place] = str(problem)

    def doubt(self, name: str, value: object) -> str | None:
        """What is said of a number that makes an input a rate of 100% or more, if its cell shows percentages."""
        place = self.find(name)
        return doubt_of(self.book, name, place, value, self.rule)

    def rule(self, place: Address, along: Mapping[Address, Value] = NOTHING_ELSE) -> Rule | None:
        """What a cell's data validation accepts; None without one, if it is ignored, or if it cannot be told.

        Args:
            place: the cell.
            along: other cells that are set with it.
        """
        if self._ignore_validation:
            return None
        try:
            return rule_for(self.book.sheet(place.sheet), place.within, Beside(self.book, place, along))
        except Untold as problem:
            self.not_validated[place] = str(problem)
            return None


def listed(names: Iterable[str]) -> str:
    """Names in a sentence."""
    return ", ".join(sorted(names))


def nearest(name: str, known: Mapping[str, Any]) -> str:
    """The closest names, best first, for the end of a message."""
    folded = {other.casefold(): other for other in known}
    found = [folded[close] for close in difflib.get_close_matches(name.casefold(), folded, n=3, cutoff=0.5)]
    return f"; did you mean {' or '.join(found)}?" if found else ""
