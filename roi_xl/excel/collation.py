"""How are texts sorted?"""

import unicodedata
from functools import lru_cache


@lru_cache(maxsize=50_000)
def collated(text: str) -> str:
    """A sort key for text: case-insensitive, with accents compared last."""
    if text.isascii():
        return text.casefold()
    plain = unicodedata.normalize("NFKD", text.casefold())
    letters = "".join(c for c in plain if not unicodedata.combining(c))
    return letters if letters == plain else f"{letters}\x00{plain}"
