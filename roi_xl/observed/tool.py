"""What is known of one tool's export: how it is recognized, and where it keeps what?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

SUCCESSES = frozenset(
    "ok success succeeded successful complete completed done finished true yes 1 pass passed "
    "default debug warning unset status_code_ok status_code_unset stop end_turn tool_calls tool_use".split()
)
"""The words for a call that went well; every other word is none."""


@dataclass(frozen=True)
class Layout:
    """The columns of one tool's export: for each field the places where it may stand, the first one first."""

    name: str
    signatures: tuple[frozenset[str], ...]
    places: Mapping[str, tuple[str, ...]]
    successes: frozenset[str] = SUCCESSES
    kinds: frozenset[str] = frozenset()
    is_bill: bool = False
    needs: tuple[str, ...] = ("time", "model")
    any_status_fails: bool = False
    zero_is_unknown: bool = False
    omits_zeros: bool = False

    def fits(self, columns: Sequence[str]) -> bool:
        """Whether an export with these columns is of this tool."""
        known = {column.casefold() for column in columns}
        return any(signature <= known for signature in self.signatures)


def any_of(*signatures: str) -> tuple[frozenset[str], ...]:
    """Sets of columns, each enough to tell a tool by; names with blanks are parted by bars."""
    return tuple(frozenset(one.casefold().split("|" if "|" in one else None)) for one in signatures)
