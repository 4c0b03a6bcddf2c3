"""How is a tree written as a formula?"""

from roi_xl.errors import ExcelError
from roi_xl.formula.tree import (
    POWERS,
    PREFIX,
    Array,
    Binary,
    Call,
    Cell,
    Corner,
    Literal,
    Name,
    Node,
    Reference,
    Structured,
    Unary,
    spine,
)
from roi_xl.xlsx.addresses import LAST_COLUMN, LAST_ROW, column_letters


def written(node: Node, here: Cell) -> str:
    """A formula's text, for the cell where it stands.

    >>> from roi_xl.formula.parser import parse
    >>> written(parse("SUM(B1:$C$2)%-'It''s'!A1", (1, 1)), (2, 1))
    "SUM(B2:$C$2)%-'It''s'!A2"
    """
    return text_of(node, here, 0)


def text_of(node: Node, here: Cell, power: int) -> str:
    """A part's text, in brackets where what stands around it holds tighter."""
    match node:
        case Binary():
            first, rest = spine(node)
            least = min(POWERS[sign] for sign, _ in rest)
            text = text_of(first, here, POWERS[rest[0][0]] - 1)
            done = POWERS[rest[0][0]]
            for sign, operand in rest:
                if POWERS[sign] > done:
                    text = f"({text})"
                done = POWERS[sign]
                text += sign + text_of(operand, here, POWERS[sign])
            return f"({text})" if least <= power or "," in (sign for sign, _ in rest) else text
        case Unary("%" | "#" as sign, operand):
            return text_of(operand, here, PREFIX) + sign
        case Unary(sign, operand):
            text = sign + text_of(operand, here, PREFIX - 1)
            return f"({text})" if power >= PREFIX else text
        case Call(name, arguments, function):
            head = name if function is None else text_of(function, here, 0)
            return f"{head}({','.join(text_of(argument, here, 0) for argument in arguments)})"
    return leaf_text(node, here)


def leaf_text(node: Node, here: Cell) -> str:
    """The text of what has no parts."""
    match node:
        case Literal(value):
            return literal_text(value)
        case Array(rows):
            return "{" + ";".join(",".join(map(literal_text, row)) for row in rows) + "}"
        case Reference():
            return reference_text(node, here)
        case Name(text, sheet):
            return sheet_text(sheet) + text
        case Structured(table, inside):
            return f"{table}[{inside}]"
    return ""


def literal_text(value: float | str | bool | ExcelError) -> str:
    """A literal as typed."""
    if isinstance(value, ExcelError):
        return value.value
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, str):
        doubled = value.replace('"', '""')
        return f'"{doubled}"'
    return repr(value).removesuffix(".0").upper()


def reference_text(node: Reference, here: Cell) -> str:
    """A reference as typed."""
    first, last = corner_text(node.first, here), corner_text(node.last, here)
    prefix = sheet_text(node.sheet, node.last_sheet)
    if node.is_cell:
        return prefix + first
    if (node.first.row, node.last.row) == (1, LAST_ROW) and node.first.row_fixed:
        first, last = (end.rstrip("0123456789").removesuffix("$") for end in (first, last))
    elif (node.first.column, node.last.column) == (1, LAST_COLUMN) and node.first.column_fixed:
        first, last = (end.lstrip("$").lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ") for end in (first, last))
    return f"{prefix}{first}:{last}"


def corner_text(corner: Corner, here: Cell) -> str:
    """A corner's address as typed."""
    row, column = corner.at(here)
    row, column = (row - 1) % LAST_ROW + 1, (column - 1) % LAST_COLUMN + 1
    return f"{'$' * corner.column_fixed}{column_letters(column)}{'$' * corner.row_fixed}{row}"


def sheet_text(sheet: str | None, last: str | None = None) -> str:
    """A sheet's name as it stands before an exclamation mark; in apostrophes unless it is plain and no address."""
    if sheet is None:
        return ""
    name = sheet if last is None else f"{sheet}:{last}"
    plain = all(part.isidentifier() and part.isascii() and not has_digits(part) for part in name.split(":"))
    doubled = name.replace("'", "''")
    return f"{name}!" if plain else f"'{doubled}'!"


def has_digits(text: str) -> bool:
    """Whether a text ends as an address does."""
    return text[-1:].isdigit()
