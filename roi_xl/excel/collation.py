"""How are texts sorted?"""

import unicodedata
from functools import lru_cache

ORDER = '0123456789 !"#$%&()*,./:;?@[\\]^_`{|}~+<=>'
"""What comes before the letters, in Excel's order (Microsoft: Default sort orders)."""

IGNORED = "-'"
"""What counts only where texts are otherwise the same."""

RANKS = str.maketrans({sign: chr(ord("!") + rank) for rank, sign in enumerate(ORDER)} | dict.fromkeys(IGNORED))
"""Each of them by a character that sorts so, before the letters."""


@lru_cache(maxsize=50_000)
def collated(text: str) -> str:
    """A sort key for text: digits, signs, letters, whatever their case; accents, hyphens and apostrophes come last.

    >>> sorted(["ac", "a_b", "co-op", "con", "a1", "a-b", "Ab"], key=collated)
    ['a1', 'a_b', 'Ab', 'a-b', 'ac', 'con', 'co-op']
    """
    plain = text.casefold()
    letters = plain if plain.isascii() else "".join(filter(is_no_accent, unicodedata.normalize("NFKD", plain)))
    key = letters.translate(RANKS)
    return key if letters == plain and len(key) == len(plain) else f"{key}\x00{unicodedata.normalize('NFKD', plain)}"


def is_no_accent(character: str) -> bool:
    """Whether a character stands by itself."""
    return not unicodedata.combining(character)
