"""What do the functions mean that ask where a range is, or compute one?"""

import re
from collections.abc import Sequence
from typing import Any

from roi_xl.errors import ExcelError, NoAnswer
from roi_xl.excel.code import Code, Constant, Env
from roi_xl.excel.coercion import to_number, to_text, to_truth, to_whole
from roi_xl.excel.compiler import RANGES, Compiler, Scope, Special
from roi_xl.excel.lifting import first_cell
from roi_xl.excel.operators import BINARY
from roi_xl.excel.registry import ARRAY, ONE, RANGE, Wants
from roi_xl.excel.values import CannotVectorise, Grid, plain, size_of
from roi_xl.formula.parser import parse
from roi_xl.formula.tokens import Unreadable
from roi_xl.formula.tree import Call, Literal, Name, Node, Omitted, Reference
from roi_xl.xlsx.addresses import LAST_COLUMN, LAST_ROW, Address, Area, column_letters

# where a range is


def row(compiler: Compiler, node: Call, place: Wants, here: Address, scope: Scope) -> Code:
    """ROW: of the formula's own cell, or of a range (of every one of its rows, in an array formula)."""
    return position(compiler, node, place, here, scope, compiler.cells.rows(here), across=False)


def column(compiler: Compiler, node: Call, place: Wants, here: Address, scope: Scope) -> Code:
    """COLUMN: of the formula's own cell, or of a range (of every one of its columns, in an array formula)."""
    return position(compiler, node, place, here, scope, compiler.cells.columns(here), across=True)


def position(
    compiler: Compiler, node: Call, place: Wants, here: Address, scope: Scope, own: Any, *, across: bool
) -> Code:
    """The row or column of a reference."""
    if not node.arguments:
        return lambda env: own
    reference = reference_at(compiler, node.arguments[0], here, scope)
    if reference is not None and reference.last_sheet is None and (reference.is_cell or place is not ARRAY):
        corner = reference.first
        at, is_fixed = (corner.column, corner.column_fixed) if across else (corner.row, corner.row_fixed)
        return lambda env: float(at) if is_fixed else BINARY["+"](own, float(at))
    code = compiler.part(node.arguments[0], RANGE, here, scope)

    def found(env: Env) -> Any:
        _, top, left, bottom, right = area_of(code(env))
        if place is not ARRAY:
            return float(left if across else top)
        if across:
            return Grid([[float(number) for number in range(left, right + 1)]])
        return Grid([[float(number)] for number in range(top, bottom + 1)])

    return guarded(found)


def size(across: bool) -> Special:
    """ROWS or COLUMNS."""

    def special(compiler: Compiler, node: Call, place: Wants, here: Address, scope: Scope) -> Code:
        reference = reference_at(compiler, node.arguments[0], here, scope)
        if reference is not None and reference.moves_as_one:
            top, left, bottom, right = reference.corners(here.within)
            count = float(right - left + 1 if across else bottom - top + 1)
            return lambda env: count
        code = compiler.part(node.arguments[0], RANGE, here, scope)

        def counted(env: Env) -> Any:
            grid = code(env)
            if isinstance(grid, ExcelError) or not isinstance(grid, Grid):
                return grid if isinstance(grid, ExcelError) else 1.0
            if grid.area is not None:
                _, top, left, bottom, right = grid.area
                return float(right - left + 1 if across else bottom - top + 1)
            return float(len(grid.rows[0]) if across else len(grid.rows))

        return counted

    return special


def area_of(value: Any) -> Area:
    """Where a range is; what a function gave has lost its place."""
    if isinstance(value, Grid) and value.area is not None:
        return value.area
    if isinstance(value, ExcelError):
        raise NoAnswer(value)
    raise CannotVectorise("the place of a reference that is computed")


def guarded(code: Code) -> Code:
    """Code whose missing answers are errors."""

    def run(env: Env) -> Any:
        try:
            return code(env)
        except NoAnswer as none:
            return none.error

    return run


# ranges that are computed


def offset(compiler: Compiler, node: Call, place: Wants, here: Address, scope: Scope) -> Code:
    """OFFSET: a range shifted by rows and columns, optionally resized; a negative size extends backward."""
    base = compiler.part(node.arguments[0], RANGE, here, scope)
    inner = ARRAY if place is ARRAY else ONE
    rest = [compiler.part(argument, inner, here, scope) for argument in node.arguments[1:]]
    is_given = [not isinstance(argument, Omitted) for argument in node.arguments[1:]]

    def found(env: Env) -> Any:
        sheet, top, left, bottom, right = area_of(base(env))
        given = [zero_if_blank(single(code(env))) if told else None for code, told in zip(rest, is_given, strict=True)]
        down, across, height, width = given + [None] * (4 - len(given))
        first = top + to_whole(down), left + to_whole(across)
        rows, columns = sized(first[0], height, bottom - top + 1), sized(first[1], width, right - left + 1)
        if rows[0] < 1 or columns[0] < 1 or rows[1] > LAST_ROW or columns[1] > LAST_COLUMN:
            raise NoAnswer(ExcelError.REF)
        return compiler.as_wanted((sheet, rows[0], columns[0], rows[1], columns[1]), place, env, here)

    return guarded(found)


def zero_if_blank(value: Any) -> Any:
    """A blank cell as the number that it is; only an argument that is left out has a default."""
    return 0.0 if value is None else value


def index(compiler: Compiler, node: Call, place: Wants, here: Address, scope: Scope) -> Code:
    """INDEX: where a range is wanted, the cells themselves; where one value is, that of the formula's row or column."""
    if len(node.arguments) == len(("reference", "row", "column", "area")):
        return index_of_area(compiler, node, place, here, scope)
    usual = compiler.registered(node, place, here, scope)
    if place is ARRAY or not isinstance(node.arguments[0], RANGES):
        return usual
    return if_wide(usual, cells_of_index(compiler, node, place, here, scope, usual), place)


def index_of_area(compiler: Compiler, node: Call, place: Wants, here: Address, scope: Scope) -> Code:
    """INDEX of one of several ranges."""
    ranges, *middle, last = node.arguments
    each = [
        index(compiler, Call("INDEX", (one, *middle)), place, here, scope) for one in compiler.each_range(ranges, here)
    ]
    area = compiler.part(last, ONE, here, scope)

    def found(env: Env) -> Any:
        number = 1 if (given := single(area(env))) is None else to_whole(given)
        if number < 1:
            raise NoAnswer(ExcelError.VALUE)
        if number > len(each):
            raise NoAnswer(ExcelError.REF)
        return each[number - 1](env)

    return guarded(found)


def if_wide(usual: Code, cells: Code, place: Wants) -> Code:
    """The usual code where one value is wanted, but for a result of several cells, where it matters where they are."""

    def found(env: Env) -> Any:
        value = usual(env)
        return cells(env) if isinstance(value, Grid) and value.size != (1, 1) else value

    return cells if place is RANGE else found


def values_alone(usual: Code, place: Wants, env: Env) -> Any:
    """What is in cells of which it varies where they are: enough where a range is wanted, not to choose one of them."""
    if place is not RANGE:
        raise CannotVectorise("one cell of a range whose place varies")
    return usual(env)


def cells_of_index(compiler: Compiler, node: Call, place: Wants, here: Address, scope: Scope, usual: Code) -> Code:
    """INDEX as the cells themselves."""
    base = compiler.part(node.arguments[0], RANGE, here, scope)
    rest = [compiler.part(argument, ONE, here, scope) for argument in node.arguments[1:]]

    def found(env: Env) -> Any:
        grid, given = base(env), [code(env) for code in rest]
        if not isinstance(grid, Grid) or grid.area is None:
            return usual(env)
        if any(map(size_of, given)):
            return values_alone(usual, place, env)
        return compiler.as_wanted(part_of(grid.area, [single(value) for value in given]), place, env, here)

    return guarded(found)


def chosen(compiler: Compiler, node: Call, place: Wants, here: Address, scope: Scope) -> Code:
    """IF and CHOOSE: where a range is wanted, the cells of the argument that they take, so that it is known where."""
    usual = compiler.registered(node, place, here, scope)
    if place is not RANGE or not any(isinstance(argument, RANGES) for argument in node.arguments[1:]):
        return usual
    selector = compiler.part(node.arguments[0], ONE, here, scope)
    choices = [compiler.part(argument, RANGE, here, scope) for argument in node.arguments[1:]]
    are_cells = not any(is_wide(reference_at(compiler, argument, here, scope)) for argument in node.arguments[1:])
    each = compiler.registered(node, ARRAY, here, scope)

    def found(env: Env) -> Any:
        selected = selector(env)
        if isinstance(selected, Grid) and selected.size != (1, 1):
            return each(env)
        if size_of(selected) and are_cells:
            return usual(env)
        given = single(selected)
        if isinstance(given, ExcelError):
            return given
        number = to_whole(given) if node.name == "CHOOSE" else 1 if to_truth(given) else 2
        return choices[number - 1](env) if 1 <= number <= len(choices) else usual(env)

    return guarded(found)


def reference_at(compiler: Compiler, node: Node, here: Address, scope: Scope) -> Reference | None:
    """The reference that a part of a formula is; None for anything else, a name of LET among it."""
    if isinstance(node, Name) and node.sheet is None and node.text.casefold() in scope:
        return None
    return compiler.names.reference(node, here)


def is_wide(reference: Reference | None) -> bool:
    """Whether a part of a formula is a reference to more than one cell."""
    return reference is not None and not reference.is_cell


def looked_up(compiler: Compiler, node: Call, place: Wants, here: Address, scope: Scope) -> Code:
    """XLOOKUP: where a range is wanted, the cells that it finds; where one value is, as INDEX does."""
    usual = compiler.registered(node, place, here, scope)
    if place is ARRAY or len(node.arguments) < 3 or not isinstance(node.arguments[2], RANGES):
        return usual
    return if_wide(usual, cells_looked_up(compiler, node, place, here, scope, usual), place)


def cells_looked_up(compiler: Compiler, node: Call, place: Wants, here: Address, scope: Scope, usual: Code) -> Code:
    """XLOOKUP as the cells that it finds."""
    value, keys, results, *rest = node.arguments
    where = compiler.registered(Call("XMATCH", (value, keys, *rest[1:])), ONE, here, scope)
    among, base = (compiler.part(part, RANGE, here, scope) for part in (keys, results))
    otherwise = compiler.part(rest[0], RANGE, here, scope) if rest and isinstance(rest[0], RANGES) else usual

    def found(env: Env) -> Any:
        if size_of(found_at := where(env)):
            return values_alone(usual, place, env)
        number = single(found_at)
        if isinstance(number, ExcelError):
            return otherwise(env) if number is ExcelError.NA else number
        keys_there = among(env)
        across = isinstance(keys_there, Grid) and keys_there.size[1] > 1
        return compiler.as_wanted(part_of(area_of(base(env)), [0, number] if across else [number, 0]), place, env, here)

    return guarded(found)


def part_of(area: Area, given: Sequence[Any]) -> Area:
    """A cell of an area by its row and column, a whole row or column for 0; of a single row the only number counts."""
    sheet, top, left, bottom, right = area
    numbers = [0 if value is None else to_whole(value) for value in given]
    down, across = numbers if len(numbers) == 2 else ((0, numbers[0]) if top == bottom else (numbers[0], 0))
    if min(down, across) < 0:
        raise NoAnswer(ExcelError.VALUE)
    if down > bottom - top + 1 or across > right - left + 1:
        raise NoAnswer(ExcelError.REF)
    rows = (top + down - 1,) * 2 if down else (top, bottom)
    columns = (left + across - 1,) * 2 if across else (left, right)
    return sheet, rows[0], columns[0], rows[1], columns[1]


def sized(start: int, size: Any, usual: int) -> tuple[int, int]:
    """The first and last of some rows or columns from a start on; a part of one counts as one."""
    number = usual if size is None else to_number(size)
    count = 1 if 0 < number < 1 else to_whole(number)
    if count == 0 and number:
        raise CannotVectorise("OFFSET by a negative part of a row or column")
    if count == 0:
        raise NoAnswer(ExcelError.REF)
    return (start, start + count - 1) if count > 0 else (start + count + 1, start)


def single(value: Any) -> Any:
    """A value that is the same for all; where it varies the range does too."""
    if isinstance(value, Grid) and (len(value.rows) > 1 or len(value.rows[0]) > 1):
        raise CannotVectorise("a range for each element of an array")
    value = first_cell(value)
    if size_of(value) == 1:
        return plain(value, 0)
    if size_of(value):
        raise CannotVectorise("a range that is computed from what varies")
    return value


def indirect(compiler: Compiler, node: Call, place: Wants, here: Address, scope: Scope) -> Code:
    """INDIRECT: the range that a text names, in A1 or R1C1 style."""
    inner = ARRAY if place is ARRAY else ONE
    codes = [compiler.part(argument, inner, here, scope) for argument in node.arguments]

    def found(env: Env) -> Any:
        text, style = to_text(single(codes[0](env))), single(codes[1](env)) if codes[1:] else True
        if style is not None and not to_truth(style):
            text = from_r1c1(text, here)
        try:
            reference = compiler.names.reference(parse(text, here.within), here)
        except Unreadable:
            raise NoAnswer(ExcelError.REF) from None
        if reference is None or reference.last_sheet is not None:
            raise NoAnswer(ExcelError.REF)
        area = compiler.names.area(reference, here)
        return compiler.as_wanted(area, place, env, here)

    return guarded(found)


def from_r1c1(text: str, here: Address) -> str:
    """A reference in R1C1 style as one in A1 style.

    >>> from_r1c1("S!R2C3:R[1]C", Address("S", 4, 1))
    'S!C2:A5'
    """

    def cell(match: re.Match[str]) -> str:
        row = int(match[1]) if match[1] else here.row + int(match[2] or 0)
        column = int(match[3]) if match[3] else here.column + int(match[4] or 0)
        if not 1 <= row <= LAST_ROW or not 1 <= column <= LAST_COLUMN:
            raise NoAnswer(ExcelError.REF)
        return f"{column_letters(column)}{row}"

    sheet, mark, cells = text.rpartition("!")
    pattern = r"R(?:(\d+)|\[(-?\d+)\])?C(?:(\d+)|\[(-?\d+)\])?"
    parts = [re.fullmatch(pattern, part.strip(), re.IGNORECASE) for part in cells.split(":")]
    if not all(parts):
        raise NoAnswer(ExcelError.REF)
    return sheet + mark + ":".join(cell(part) for part in parts if part)


def anchor_array(compiler: Compiler, node: Call, place: Wants, here: Address, scope: Scope) -> Code:
    """ANCHORARRAY: what the file writes for A1#."""
    return compiler.spilled(node.arguments[0], place, here)


def intersect(compiler: Compiler, node: Call, place: Wants, here: Address, scope: Scope) -> Code:
    """SINGLE: what the file writes for @."""
    code = compiler.part(node.arguments[0], ONE, here, scope)

    def one(env: Env) -> Any:
        found = first_cell(code(env))
        return ExcelError.VALUE if callable(found) else found

    return one


def areas(compiler: Compiler, node: Call, place: Wants, here: Address, scope: Scope) -> Code:
    """AREAS: how many ranges a reference has."""
    ranges = compiler.each_range(node.arguments[0], here)
    if any(compiler.names.reference(one, here) is None for one in ranges):
        raise CannotVectorise("AREAS of a reference that is computed")
    return Constant(float(len(ranges)))


def cell_asked(compiler: Compiler, node: Call, here: Address) -> Address:
    """The first cell of the reference that a function asks about."""
    reference = compiler.names.reference(node.arguments[0], here)
    if reference is None or reference.last_sheet is not None:
        raise CannotVectorise(f"{node.name} of a reference that is computed")
    top, left, _, _ = reference.corners(here.within)
    return Address(str(reference.sheet), top, left)


def is_formula(compiler: Compiler, node: Call, place: Wants, here: Address, scope: Scope) -> Code:
    """ISFORMULA."""
    return Constant(bool(compiler.names.formula_at(cell_asked(compiler, node, here))))


def formula_text(compiler: Compiler, node: Call, place: Wants, here: Address, scope: Scope) -> Code:
    """FORMULATEXT: as it is written; #N/A where there is none."""
    text = compiler.names.formula_at(cell_asked(compiler, node, here))
    return Constant(text or ExcelError.NA)


def is_reference(compiler: Compiler, node: Call, place: Wants, here: Address, scope: Scope) -> Code:
    """ISREF."""
    if isinstance(node.arguments[0], Literal):
        return lambda env: False
    code = compiler.part(node.arguments[0], RANGE, here, scope)
    return lambda env: isinstance(found := code(env), Grid) and found.area is not None
