"""How does a number format show a number as a fraction?

The format has digits for the numerator before the slash and for the denominator behind it, and
perhaps digits of a whole number further to the left; between these may stand any literals.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from roi_xl.errors import CannotVectorise
from roi_xl.excel.format_sections import Part, Section
from roi_xl.excel.placed_digits import laid_out

ALMOST_NONE = 5e-8
"""What is left of a number where its continued fraction ends."""

UNKNOWN = "a number format of a fraction with other characters"

Parts = tuple[Part, ...]


@dataclass(frozen=True)
class Form:
    """The pieces of a format, from left to right; without a whole number, the numerator's head comes first."""

    whole: Parts
    gap: Parts
    top: Parts
    slash: Parts
    bottom: Parts
    tail: Parts

    @property
    def given(self) -> int:
        """The denominator that the format gives; 0 if it gives none."""
        text = written(self.bottom)
        return int(text) if text.isdigit() and text.strip("0") else 0


def as_fraction(section: Section, size: float) -> str:
    """A number as a fraction, perhaps with a whole number before it.

    Raises:
        CannotVectorise: anything else stands in the format; how Excel lays it out is not known.
    """
    form = form_of(section.parts)
    whole, top, bottom = parts_of(size, form)
    behind = shown(form.slash) + denominator(form, bottom) + shown(form.tail)
    if not form.whole:
        return shown(form.gap) + digits(form.top, top) + behind
    if not top and "0" not in written(form.top):
        left_out = (*form.gap, *form.top, *form.slash, *form.bottom)
        room = blank(left_out) if "?" in written((*form.whole, *left_out)) else ""
        return digits(form.whole, whole) + room + shown(form.tail)
    return before(form, whole, top) + digits(form.top, top) + behind


def before(form: Form, whole: int, top: int) -> str:
    """What stands before a numerator: a whole number of 0 leaves blanks, or with # nothing."""
    kinds = written(form.whole)
    if whole or "0" in kinds or ("?" in kinds and not top):
        return digits(form.whole, whole) + shown(form.gap)
    keeps_room = "?" in kinds + written(form.top)
    return laid_out(Section(form.whole), len(form.whole), "", "") + (blank(form.gap) if keeps_room else "")


def parts_of(size: float, form: Form) -> tuple[int, int, int]:
    """The whole number, the numerator and the denominator."""
    whole = math.floor(size) if form.whole else 0
    part = size - whole
    if form.given:
        top, bottom = math.floor(part * form.given + 0.5), form.given
    else:
        top, bottom = nearest(part, len(form.bottom), len(form.top))
    return (whole + 1, 0, bottom) if form.whole and top == bottom else (whole, top, bottom)


def nearest(part: float, width: int, above: int) -> tuple[int, int]:
    """A fraction near a number whose denominator has some digits.

    Raises:
        CannotVectorise: the numerator has more room, and it matters whether the denominator may have as much.
    """
    found = near(part, 10**width - 1)
    if above > width and near(part, 10**above - 1) != found:
        raise CannotVectorise("a number format of a fraction with more digits above than below")
    return found


def near(part: float, limit: int) -> tuple[int, int]:
    """A fraction near a part of 1: the last step of its continued fraction, in doubles, whose denominator has room.

    >>> near(0.456, 99), near(0.456, 9), near(1.3 - 1, 9)
    ((26, 57), (1, 2), (1, 3))
    """
    before, last, left = (1, 0), (0, 1), part
    while left >= ALMOST_NONE:
        steps = math.floor(1 / left)
        before, last = last, (steps * last[0] + before[0], steps * last[1] + before[1])
        if last[1] > limit:
            return before
        left = 1 / left - steps
    return last


# the pieces


def form_of(parts: Parts) -> Form:
    """The pieces of a format."""
    slash = next(i for i, part in enumerate(parts) if part.kind == "/")
    end = last_digit(parts, slash) + 1
    start = end
    while start and parts[start - 1].kind == "digit":
        start -= 1
    first = next((i for i in range(slash + 1, len(parts)) if is_digit(parts[i])), len(parts))
    last = first
    while last < len(parts) and is_digit(parts[last]):
        last += 1
    last_whole = last_digit(parts, start)
    head = parts[: last_whole + 1]
    form = Form(head, parts[len(head) : start], parts[start:end], parts[end:first], parts[first:last], parts[last:])
    return known(form)


def known(form: Form) -> Form:
    """A form whose pieces are all of a known meaning."""
    others = {part.kind for part in (*form.whole, *form.gap, *form.slash, *form.tail)}
    below = set(written(form.bottom))
    is_whole = form.given or below == {"?"} or (below and below <= set("0#"))
    if others - {"literal", "digit", ",", "/"} or has_digits(form.tail) or not form.top or not is_whole:
        raise CannotVectorise(UNKNOWN)
    return form


def last_digit(parts: Parts, end: int) -> int:
    """The place of the last digit before a place; -1 if there is none."""
    return max((i for i in range(end) if parts[i].kind == "digit"), default=-1)


def is_digit(part: Part) -> bool:
    """Whether a piece is a digit of a denominator, which may be a given one."""
    return part.kind == "digit" or (part.kind == "literal" and part.text in tuple("123456789"))


def has_digits(parts: Sequence[Part]) -> bool:
    """Whether there are places for digits."""
    return any(part.kind == "digit" for part in parts)


def written(parts: Sequence[Part]) -> str:
    """The digits of some pieces as the format has them."""
    return "".join(part.text for part in parts if is_digit(part))


def shown(parts: Sequence[Part]) -> str:
    """Literals as they are."""
    return "".join(part.text for part in parts)


def blank(parts: Sequence[Part]) -> str:
    """Blanks as wide as some pieces."""
    return " " * len(shown(parts))


def digits(parts: Parts, number: int) -> str:
    """A whole number in the places of a format."""
    return laid_out(Section(parts), len(parts), str(number), "")


def denominator(form: Form, number: int) -> str:
    """A denominator, which stands at the left of its room."""
    if form.given:
        return shown(form.bottom)
    return str(number).ljust(len(form.bottom)) if "?" in written(form.bottom) else digits(form.bottom, number)
