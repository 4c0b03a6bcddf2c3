"""What is a message of the library in an agent's words?"""

import re
from collections.abc import Collection

OPTION = re.compile(r"(?<!\S)--([a-z]+(?:-[a-z]+)*)")
OTHERWISE = {"map": "mapping", "price": "prices", "prices": "price_file"}
"""Options of the command whose arguments here have other names."""

HINT = re.compile(r"(?:;|, or) [^;,]*\b(\w+)=True\b[^;,]*")


def in_arguments(text: str, arguments: Collection[str] | None = None) -> str:
    """A message in which options are called as the arguments are; a hint at one that a tool lacks is dropped.

    >>> in_arguments("no cost; --price MODEL=IN/CACHED/OUT gives one")
    'no cost; prices MODEL=IN/CACHED/OUT gives one'
    >>> in_arguments("months must be at most 60; ignore_validation=True sets it anyway", ["file"])
    'months must be at most 60'
    """
    known = HINT.sub(lambda found: found[0] if arguments is None or found[1] in arguments else "", text)
    named = OPTION.sub(lambda found: OTHERWISE.get(found[1], found[1].replace("-", "_")), known)
    return named.replace("=True", "=true")
