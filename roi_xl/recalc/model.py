"""A workbook as a function: inputs in, outputs out, everything else as it was."""

import difflib
import os
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from roi_xl.checks import LIMITS, check_number
from roi_xl.errors import NotANumber, NotSupported, RoiError, UnknownName
from roi_xl.quantities import INPUTS
from roi_xl.recalc import engine
from roi_xl.recalc.addresses import Address, parse_address
from roi_xl.recalc.contents import read_contents
from roi_xl.recalc.package import Package, read_package, save_package
from roi_xl.recalc.writer import Value, has_formula, put_values, stored_value

VOCABULARY = {quantity.name for quantity in INPUTS}


class Model:
    """A loaded workbook: call it with other inputs, read its outputs, save it.

    Inputs are the names of cells that hold a value, outputs the names of cells that
    hold a formula; any other cell can be set as `Sheet!A1`.
    """

    def __init__(self, package: Package) -> None:
        self.package = package
        self.contents = read_contents(self.package)
        self._engine = engine.load(self.package, self.contents)
        self._readers = {sheet: engine.reader(self._engine, sheet) for sheet in self.contents.sheets}
        self._originals: dict[Address, Value] = {}
        self._changes: dict[Address, Value] = {}
        self._engine.evaluate_all()

    @property
    def inputs(self) -> dict[str, Value]:
        """Every named input with its value now."""
        return {name: self.value(place) for name, place in self.contents.names.items() if not self.is_formula(place)}

    @property
    def outputs(self) -> dict[str, Value]:
        """Every named output with its value now."""
        return {name: self.value(place) for name, place in self.contents.names.items() if self.is_formula(place)}

    @property
    def stored_outputs(self) -> dict[str, Value]:
        """Every named output with the value that the file stores; None where it stores none."""
        places = {name: place for name, place in self.contents.names.items() if self.is_formula(place)}
        return {name: stored_value(self._sheet(place), (place.row, place.column)) for name, place in places.items()}

    def value(self, place: Address) -> Value:
        """The value of a cell now."""
        return self._readers[place.sheet](place.row, place.column)

    def is_formula(self, place: Address) -> bool:
        """Whether a cell holds a formula."""
        return has_formula(self._sheet(place), (place.row, place.column))

    def find(self, name: str) -> Address:
        """The cell of a name or of an address such as `Inputs!C7`, in any letter case."""
        names = {known.casefold(): place for known, place in self.contents.names.items()}
        if name.casefold() in names:
            return names[name.casefold()]
        sheets = {sheet.casefold(): sheet for sheet in self.contents.sheets}
        place = parse_address(name)
        if place is not None and place.sheet.casefold() in sheets:
            return Address(sheets[place.sheet.casefold()], place.row, place.column)
        raise UnknownName(f"{name!r} is no name or cell of {self.package.path}{nearest(name, self.contents.names)}")

    def calculate(self, changes: Mapping[str, Value] | None = None, /, **named: Value) -> dict[str, Value]:
        """The named outputs with some inputs changed from what the file holds.

        Args:
            changes: values by name or by address, such as `{"Inputs!C7": 5}`.
            named: values by name.

        Returns:
            Every named output. Inputs that are not named have the file's own values.

        Raises:
            UnknownName: no such name or cell; the nearest names are given.
            NotANumber, OutOfBounds: the value does not fit the cell.
            NotSupported: a cell cannot be recalculated exactly.

        """
        wanted = {self.find(name): self._fitting(name, value) for name, value in {**(changes or {}), **named}.items()}
        for place, value in {**self._originals, **wanted}.items():
            self._originals.setdefault(place, self.value(place))
            self._engine.set_value(place.sheet, place.row, place.column, value)
        self._changes = wanted
        self._engine.evaluate_all()
        return self.outputs

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the workbook with the values of now; every other byte stays."""
        save_package(self.package, path, self.streams())

    def streams(self) -> dict[str, Iterable[bytes]]:
        """The sheets' bytes with the values of now in place, by part, made while they are read."""
        return {part: self._filled(sheet) for sheet, part in self.contents.sheets.items()}

    def _filled(self, sheet: str) -> Iterator[bytes]:
        part = self.package.parts[self.contents.sheets[sheet]]
        constants = {(place.row, place.column): value for place, value in self._changes.items() if place.sheet == sheet}
        try:
            yield from put_values(part, self._readers[sheet], constants)
        except NotSupported as problem:
            raise NotSupported(f"{self.package.path} ({sheet}): {problem}") from None

    def _fitting(self, name: str, value: Value) -> Value:
        """A value that its cell can take."""
        place = self.find(name)
        if self.is_formula(place):
            raise RoiError(f"{name} is a formula ({place}); only cells that hold a value can be set")
        held = self._originals.get(place, self.value(place))
        if is_number(held) and not is_number(value):
            raise NotANumber(f"{name} must be a number ({place} holds {held:g}), got {value!r}")
        if is_number(value) and name in VOCABULARY:
            check_number(LIMITS[name], value)  # type: ignore[arg-type]
        return value

    def _sheet(self, place: Address) -> bytes:
        return self.package.parts[self.contents.sheets[place.sheet]]


def open_model(path: str | os.PathLike[str]) -> Model:
    """Open an .xlsx or .xlsm workbook as a function of its inputs."""
    return Model(read_package(path))


def is_number(value: Any) -> bool:
    """Whether a cell value is a number, a boolean not being one."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def nearest(name: str, known: Mapping[str, Any]) -> str:
    """The names that someone may have meant, for the end of a message."""
    close = difflib.get_close_matches(name.casefold(), [other.casefold() for other in known], n=3, cutoff=0.5)
    found = [other for other in known if other.casefold() in close]
    return f"; did you mean {' or '.join(found)}?" if found else ""
