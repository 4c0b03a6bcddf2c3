"""What do the functions mean that leave cells out of a range: hidden rows, errors, other subtotals?"""

from collections.abc import Callable, Iterator, Sequence
from operator import attrgetter
from typing import Any, TypeAlias

from roi_xl.errors import ExcelError, NoAnswer
from roi_xl.excel.code import Code, Env
from roi_xl.excel.coercion import to_whole
from roi_xl.excel.compiler import Compiler, Scope
from roi_xl.excel.lifting import first_cell
from roi_xl.excel.places import guarded, single
from roi_xl.excel.registry import ARRAY, ONE, RANGE, REGISTRY, Wants
from roi_xl.excel.values import CannotVectorise, Grid, Vector
from roi_xl.formula.hidden import Hidden
from roi_xl.formula.tree import Call, Reference
from roi_xl.xlsx.addresses import Address

TOTALS = "AVERAGE COUNT COUNTA MAX MIN PRODUCT STDEV.S STDEV.P SUM VAR.S VARP MEDIAN MODE.SNGL".split()
WITH_K = "LARGE SMALL PERCENTILE.INC QUARTILE.INC PERCENTILE.EXC QUARTILE.EXC".split()
"""The functions of SUBTOTAL and AGGREGATE, by their numbers; the second ones take an array and a number."""

LAST_OF_SUBTOTAL, VISIBLE = 11, 100
RowsOf: TypeAlias = Callable[[Hidden], frozenset[int]]
hidden_rows: RowsOf = attrgetter("rows")
filtered_rows: RowsOf = attrgetter("filtered")


def no_rows(hidden: Hidden) -> frozenset[int]:
    """None of the hidden rows."""
    return frozenset()


def subtotal(compiler: Compiler, node: Call, place: Wants, here: Address, scope: Scope) -> Code:
    """SUBTOTAL: without other subtotals and filtered rows; from 101 on without any hidden row."""
    number = compiler.part(node.arguments[0], ONE, here, scope)
    codes = [compiler.part(argument, RANGE, here, scope) for argument in node.arguments[1:]]

    def run(env: Env) -> Any:
        kind = to_whole(single(number(env)))
        visible, kind = kind > VISIBLE, kind - VISIBLE * (kind > VISIBLE)
        if not 1 <= kind <= LAST_OF_SUBTOTAL:
            raise NoAnswer(ExcelError.VALUE)
        ranges = [there(code(env)) for code in codes]
        without = hidden_rows if visible else filtered_rows
        kept = [cell for one in ranges for cell in counted(compiler, one, without, nested=False)]
        return first_cell(REGISTRY[TOTALS[kind - 1]](Grid([kept or [None]])))

    return guarded(run)


def aggregate(compiler: Compiler, node: Call, place: Wants, here: Address, scope: Scope) -> Code:
    """AGGREGATE: without other subtotals (options 0 to 3), hidden rows (odd ones), errors (2, 3, 6, 7)."""
    number, option = (compiler.part(argument, ONE, here, scope) for argument in node.arguments[:2])
    wants = [RANGE if isinstance(argument, Reference) else ARRAY for argument in node.arguments[2:]]
    codes = [compiler.part(a, want, here, scope) for a, want in zip(node.arguments[2:], wants, strict=True)]

    def run(env: Env) -> Any:
        kind, way = to_whole(single(number(env))), to_whole(single(option(env)))
        if not 1 <= kind <= len(TOTALS) + len(WITH_K) or not 0 <= way <= 7:
            raise NoAnswer(ExcelError.VALUE)
        values = [code(env) for code in codes]
        ranges = [there(value) for value in values] if kind <= len(TOTALS) else values[:1]
        without = hidden_rows if way % 2 else no_rows
        kept = [c for v in ranges for c in counted(compiler, v, without, nested=way > 3)]
        kept = without_errors(kept) if way in (2, 3, 6, 7) else kept
        if kind <= len(TOTALS):
            return first_cell(REGISTRY[TOTALS[kind - 1]](Grid([kept or [None]])))
        return first_cell(REGISTRY[WITH_K[kind - len(TOTALS) - 1]](Grid([kept or [None]]), first_cell(values[1])))

    return guarded(run)


def there(value: Any) -> Any:
    """A range; what is none because its reference is wrong is the answer, and no error to be left out."""
    if isinstance(value, ExcelError):
        raise NoAnswer(value)
    return value


def counted(compiler: Compiler, value: Any, without: RowsOf, *, nested: bool) -> Iterator[Any]:
    """The cells of a range that count, without some of its sheet's hidden rows; of an array or a value all do."""
    if not isinstance(value, Grid):
        yield value
        return
    if value.area is None:
        yield from value.cells
        return
    sheet, top, left, _, _ = value.area
    rows = without(compiler.names.hidden.get(sheet, Hidden()))
    subtotals = frozenset() if nested else compiler.names.subtotals(sheet)
    for down, row in enumerate(value.rows):
        if top + down not in rows:
            yield from (c for across, c in enumerate(row) if (top + down, left + across) not in subtotals)


def without_errors(cells: Sequence[Any]) -> list[Any]:
    """Cells that are not errors."""
    if any(isinstance(cell, Vector) and cell.tags is not None for cell in cells):
        raise CannotVectorise("errors that come and go")
    return [cell for cell in cells if not isinstance(cell, ExcelError)]
