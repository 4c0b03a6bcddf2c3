"""What can a formula read at most that nobody can parse? Every cell, range and name that its words are."""

import contextlib
from collections.abc import Iterator

from roi_xl.formula.names import DYNAMIC, Names
from roi_xl.formula.parser import parse
from roi_xl.formula.tokens import Kind, Token, Unreadable, tokens
from roi_xl.formula.tree import Name
from roi_xl.xlsx.addresses import Address, Area

COMPUTED = {f"{name}(" for name in DYNAMIC}


def areas_named(formula: str, names: Names, here: Address) -> Iterator[Area]:
    """The areas that a formula's words name.

    Raises:
        Unreadable: it may read others: its words cannot be told apart, or one of them computes a range.
    """
    words = [token for token in tokens(formula) if token.kind is not Kind.SPACE]
    place = 0
    while place < len(words):
        if words[place].kind is Kind.CALL and words[place].text.upper() in COMPUTED:
            raise Unreadable("computes a range")
        if words[place].text == "#":
            raise Unreadable("reads a spilled range")
        end = end_of_reference(words, place)
        if end > place:
            yield from areas_of("".join(word.text for word in words[place:end]), names, here)
        place = max(end, place + 1)


def end_of_reference(words: list[Token], place: int) -> int:
    """Where a reference or a name ends that begins at a word; the word itself where none does."""
    first = place + (words[place].kind is Kind.SHEET)
    kinds = [word.kind for word in words[first : first + 3]]
    match kinds:
        case [Kind.CELL, _, Kind.CELL] if words[first + 1].text == ":":
            return first + 3
        case [Kind.NAME, Kind.STRUCTURE, *_]:
            return first + 2
        case [Kind.CELL | Kind.COLUMNS | Kind.ROWS | Kind.NAME | Kind.STRUCTURE, *_]:
            return first + 1
    return place


def areas_of(text: str, names: Names, here: Address) -> Iterator[Area]:
    """The areas of one reference, or of what a name stands for; nothing of a sheet or a table that is not there."""
    tree = parse(text, here.within)
    if isinstance(tree, Name) and names.is_defined(tree, here.sheet):
        yield from names.areas_behind(tree, here)
        return
    with contextlib.suppress(Unreadable):
        yield from names.areas(tree, here)
