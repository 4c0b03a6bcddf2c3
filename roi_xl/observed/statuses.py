"""Which words for the status of a call mean that it succeeded?

Each word of a file is decided once, and shown with the decision. What is not known for a
success is none. Nothing at all is a success where a file only marks what went wrong.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from roi_xl.observed.tool import Layout

LEADING_CODE = re.compile(r"([1-5][0-9]{2})(?:[.]0+)?(?: .*)?")
DECIMALS = re.compile(r"\A([0-9]++)[.]0++\Z")
TAKEN_FOR = {True: "success", False: "no success", None: "neither"}


@dataclass(frozen=True)
class Status:
    """A word, in how many rows of which format it is, and whether it was taken for a success; or for neither."""

    word: str | None
    layout: str
    rows: int
    is_success: bool | None

    @property
    def taken_for(self) -> str:
        """How it was taken, in words."""
        return TAKEN_FOR[self.is_success]


def decided(words: Sequence[tuple[str | None, int]], layout: Layout, success: str | None) -> list[Status]:
    """Every word with the decision; with a comparison of a person's, what it holds for is a success."""
    if success is not None:
        return [Status(word, layout.name, rows, None if word is None else word == success) for word, rows in words]
    good: set[str | None] = {word for word, _ in words if word is not None and succeeds(word, layout)}
    if not good:
        good = {None}
    return [Status(word, layout.name, rows, word in good) for word, rows in words]


def succeeds(word: str, layout: Layout) -> bool:
    """Whether a word means success: one that is known, or an HTTP status from 200 to 299.

    >>> from roi_xl.observed.layouts import named
    >>> [succeeds(word, named("plain")) for word in ("ok", "200 OK", "429 Too Many Requests", "aborted")]
    [True, True, False, False]
    """
    if layout.any_status_fails:
        return False
    code = LEADING_CODE.fullmatch(word)
    if code:
        return code[1].startswith("2")
    return DECIMALS.sub(r"\1", word) in layout.successes


def unjudged(statuses: Sequence[Status], success: str) -> Iterator[str]:
    """A note where a person's comparison finds nothing to compare in some calls, which then say nothing of success."""
    silent = sum(status.rows for status in statuses if status.word is None)
    if silent:
        yield (
            f"{silent:,} of {sum(status.rows for status in statuses):,} calls have no value for {success}: they count "
            "in costs and volume, and not in the success rate"
        )
