"""Which formula cells of a workbook differ from the values that the file stores for them?"""

import functools
from dataclasses import dataclass, field

import numpy as np

from roi_xl.engines import embedded
from roi_xl.engines.book import Book, Reads
from roi_xl.engines.libreoffice import OfficeBook
from roi_xl.errors import ExcelError, NotSupported
from roi_xl.excel.group import SheetValues
from roi_xl.excel.known import is_last_difference
from roi_xl.excel.values import Array, CannotVectorise
from roi_xl.formula.rewrite import functions_in_text
from roi_xl.recalc.compare import RELATIVE, Difference, agree, is_residue
from roi_xl.recalc.data_tables import DataTable
from roi_xl.recalc.sizes import Sizes
from roi_xl.recalc.snapshot import Snapshot
from roi_xl.recalc.stored import SETTLED_RELATIVE
from roi_xl.recalc.verify import Verification
from roi_xl.xlsx.addresses import Address
from roi_xl.xlsx.sheet_cells import Place, Value, arrays, decode, grammar_of, held_value, stored_formulas

SUMS = {b"SUM", b"SUMIF", b"SUMIFS", b"SUBTOTAL", b"ABS", b"ROUND", b"MIN", b"MAX", b"IF", b"NPV", b"AVERAGE"}
"""Functions whose results are of the same magnitude as what they read."""


@dataclass
class Replay:
    """The findings of a replay: how many cells were compared, which are kept, which are volatile.

    A workbook without stored values has nothing to replay.

    Of a kept cell it knows its formula in the engine, and what it reads; if any is kept, every value.
    """

    compared: int = 0
    missing: int = 0
    errors: dict[Address, ExcelError] = field(default_factory=dict)
    """The cells that store an error, as far as they are compared."""
    volatile: set[Address] = field(default_factory=set)
    kept: dict[Address, Difference] = field(default_factory=dict)
    rounded: set[Address] = field(default_factory=set)
    unknown: set[str] = field(default_factory=set)
    verification: Verification | None = None
    formulas: dict[Address, str] = field(default_factory=dict)
    reads: dict[Address, Reads] = field(default_factory=dict)
    before: Snapshot | None = None
    data_tables: list[DataTable] = field(default_factory=list)


def compare(book: Book | OfficeBook, result: Replay) -> dict[Address, Value]:
    """The stored value of every formula cell that differs from it."""
    result.compared = result.missing = 0
    result.errors = {}
    relative = RELATIVE if book.contents.iteration is None else SETTLED_RELATIVE
    different: dict[Address, Value] = {}
    sizes = Sizes(functools.partial(sheet_values, book))
    for name in book.contents.sheets:
        try:
            same, others = compared_in_columns(book, name)
        except NotSupported as problem:
            raise NotSupported(f"{book.package.path} ({name}): {problem}") from None
        result.compared += same
        result.errors |= {Address(name, *cell): it for _, cell, it in others if isinstance(it, ExcelError)}
        for formula, cell, stored in others:
            if stored is None:
                result.missing += 1
                continue
            result.compared += 1
            got = embedded.finite(book.peekers[name](*cell))
            if (got == stored and type(got) is type(stored)) or agree(stored, got, relative):
                continue
            place = Address(name, *formula)
            if (
                place not in result.kept
                and place not in result.rounded
                and not is_rounding(book, place, stored, got, sizes)
            ):
                different[place] = stored if cell == formula else stored_formulas(book.sheet(name))[formula]
    return different


def sheet_values(book: Book | OfficeBook, name: str) -> SheetValues:
    """The values of a sheet of a workbook in the embedded engine."""
    assert isinstance(book, Book)
    return SheetValues.of(book.seen(name))


def is_rounding(book: Book | OfficeBook, place: Address, stored: Value, got: Value, sizes: Sizes) -> bool:
    """Whether a difference is only what rounding leaves of the numbers that a sum reads; of LibreOffice unknown."""
    if isinstance(book, OfficeBook) or not isinstance(got, float) or not isinstance(stored, float):
        return False
    shape = book.formulas.shape(place)
    if stored == 0 and shape is not None and shape.tree is not None and is_last_difference(shape.tree):
        return False  # Excel rounds it to 0
    if not functions_in_text(book.formula(place).upper().encode()) <= SUMS:
        return False
    try:
        return is_residue(stored, got, sizes.all_in(book.reads(place).areas))
    except CannotVectorise:  # a sheet that is used to beyond what is held in memory
        return False


def compared_in_columns(book: Book | OfficeBook, name: str) -> tuple[int, list[tuple[Place, Place, Value]]]:
    """How many numbers are identical, and every other cell: its formula's cell, itself, its stored value."""
    sheet, cells = book.sheet(name), book.cells[name]
    formula_cell = grammar_of(sheet).formula_cell
    same = cells.numbers == numbers_now(book, name)
    filled = {member: place for place, members in arrays(sheet).items() for member in members}
    others: list[tuple[Place, Place, Value]] = []
    for place in np.flatnonzero(~same).tolist():
        cell, stored = (cells.rows[place], cells.columns[place]), None
        if cells.stored[place] or not cells.plain[place]:
            match = formula_cell.match(sheet, cells.starts[place])
            stored = decode(match[2], match[6]) if match else None
        others.append((filled.get(cell, cell), cell, stored))
    own = set(zip(cells.rows, cells.columns, strict=True)) if filled else set()
    members = [(place, cell, held_value(sheet, cell)) for cell, place in filled.items() if cell not in own]
    return int(same.sum()), others + members


def numbers_now(book: Book | OfficeBook, name: str) -> Array:
    """The numbers that a sheet's formula cells have now; not a number where they have anything else."""
    try:
        return book.numbers(name)
    except CannotVectorise:  # a sheet that is used to beyond what is held in memory
        values = map(book.peekers[name], book.cells[name].rows, book.cells[name].columns)
        return np.array([value if isinstance(value, int | float) else np.nan for value in values], float)
