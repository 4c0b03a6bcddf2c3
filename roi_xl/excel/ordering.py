"""Which of two values comes first, and where is a value in a list?

Numbers come before texts, texts before truths. Numbers are compared by their first 15
digits, texts without letter case and with accents after their letters.
"""

from bisect import bisect_left
from collections.abc import Sequence
from itertools import pairwise

from roi_xl.errors import CannotVectorise, ExcelError
from roi_xl.excel.coercion import DIGITS
from roi_xl.excel.collation import collated
from roi_xl.excel.criteria import pattern_of
from roi_xl.xlsx.sheet_cells import Value

Key = tuple[int, float | str]
"""What a value is sorted by: its kind, and itself."""

NUMBER, TEXT, TRUTH, ERROR, NOTHING = range(5)
NUMBERED = (ExcelError.NULL, ExcelError.DIV0, ExcelError.VALUE, ExcelError.REF, ExcelError.NAME, ExcelError.NUM)
ERRORS = (*NUMBERED, *(error for error in ExcelError if error not in NUMBERED))
"""Errors as they are sorted, by their numbers."""


def key_of(value: Value) -> Key:
    """What a value is sorted by."""
    if value is None:
        return NOTHING, 0.0
    if isinstance(value, bool):
        return TRUTH, float(value)
    if isinstance(value, ExcelError):
        return ERROR, float(ERRORS.index(value))
    if isinstance(value, str):
        return TEXT, collated(value)
    return NUMBER, to_digits(float(value))


def to_digits(number: float) -> float:
    """A number with its first 15 digits."""
    if number == int(number) and abs(number) < 1e15:
        return number
    return float(f"{number:.{DIGITS}g}")


def first_same(wanted: Value, values: Sequence[Value], *, wild: bool = False, backwards: bool = False) -> int | None:
    """The place of a value in a list, perhaps of a text with wildcards; None where it is not there."""
    places = range(len(values) - 1, -1, -1) if backwards else range(len(values))
    if wild and isinstance(wanted, str) and any(sign in wanted for sign in "*?~"):
        pattern = pattern_of(wanted)
        return next((i for i in places if isinstance(values[i], str) and pattern.fullmatch(str(values[i]))), None)
    key = key_of(wanted)
    return next((i for i in places if key_of(values[i]) == key), None)


def nearest(wanted: Value, values: Sequence[Value], *, larger: bool, backwards: bool = False) -> int | None:
    """The place of a value, else of the next smaller or larger one of any kind, wherever it is in the list."""
    key = key_of(wanted)
    best: int | None = None
    places = range(len(values) - 1, -1, -1) if backwards else range(len(values))
    for place in places:
        other = key_of(values[place])
        if other[0] in (ERROR, NOTHING):
            continue
        if other == key:
            return place
        beyond = other > key if larger else other < key
        if beyond and (best is None or closer(other, key_of(values[best]), larger)):
            best = place
    return best


def closer(other: Key, best: Key, larger: bool) -> bool:
    """Whether a value is nearer than the best so far."""
    return other < best if larger else other > best


def in_order(wanted: Value, values: Sequence[Value], *, way: int, falling: bool = False) -> int | None:
    """The place of a value in a rising list, else of the next smaller (-1) or larger (1); blanks are passed over.

    Of the same values it is the first; in a falling list, which is searched from its end, the last.

    Raises:
        CannotVectorise: the list is not in order, so that it depends on how it is cut in halves.
    """
    places = [place for place, value in enumerate(values) if value is not None]
    places = places[::-1] if falling else places
    keys = [key_of(values[place]) for place in places]
    if any(one > other for one, other in pairwise(keys)) or (keys and keys[-1][0] == ERROR):
        raise CannotVectorise("a search by halving in a list that is not in order")
    key = key_of(wanted)
    found = bisect_left(keys, key)
    if found < len(keys) and keys[found] == key:
        return places[found]
    near = found - 1 if way < 0 else found
    return places[near] if way and 0 <= near < len(keys) else None


def searched(wanted: Value, values: Sequence[Value], *, falling: bool = False) -> int | None:
    """The place that halving finds: the last value that is not beyond the wanted one, if the list is sorted.

    It is found in a list that is not sorted too, just as Excel does; values of other kinds are passed over.
    """
    kind, key = key_of(wanted)
    low, high = -1, len(values)
    while high - low > 1:
        middle = place = low + (high - low) // 2
        while place < high and key_of(values[place])[0] != kind:
            place += 1
        if place == high:
            high = middle
            continue
        other = key_of(values[place])[1]
        if other == key:
            return last_of_run(values, place, high)
        if (other > key) != falling:  # type: ignore[operator]
            high = middle
        else:
            low = place
    return matching_before(values, low, kind)


def last_of_run(values: Sequence[Value], place: int, high: int) -> int:
    """The last of the same values from a place on."""
    key = key_of(values[place])
    while place + 1 < high and key_of(values[place + 1]) == key:
        place += 1
    return place


def matching_before(values: Sequence[Value], place: int, kind: int) -> int | None:
    """The last value of a kind up to a place."""
    while place >= 0 and key_of(values[place])[0] != kind:
        place -= 1
    return place if place >= 0 else None
