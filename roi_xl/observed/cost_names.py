"""What do the names of columns say of costs: that they hold them, and in which unit?"""

import re
import shlex
from collections.abc import Sequence
from math import prod

LIKE_A_COST = re.compile("cost|spend|spent|charge|amount|usd|price", re.IGNORECASE)
WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+[a-z]*")
MONEY = r"(?:usd|eur|gbp|dollars?|euros?|pounds?|units?)?"
SMALLER = (
    (re.compile(rf"micros?{MONEY}(cents?)?"), 1_000_000),
    (re.compile(rf"nanos?{MONEY}(cents?)?"), 1_000_000_000),
    (re.compile(rf"millis?{MONEY}(cents?)?"), 1_000),
    (re.compile(r"(?:cost|usd|eur|micros?|nanos?|millis?)?cents?"), 100),
)
"""Words for parts of a currency, and how many of them are one."""

FOR_A_TOKEN = re.compile(r"per[ _-]?(1?k|1?m|thousand|million|1000|1000000)?[ _-]?tok", re.IGNORECASE)
TOKENS_OF = {"k": 1_000, "1k": 1_000, "thousand": 1_000, "1000": 1_000, "": 1}
SIDES = (frozenset({"input", "prompt"}), frozenset({"output", "completion"}))
"""How costs of a call's two parts are told, which are added up."""


def named_like_costs(columns: Sequence[str]) -> list[str]:
    """The columns that may hold costs, or prices, by their names."""
    return [name for name in columns if LIKE_A_COST.search(name)]


def words_of(name: str) -> list[str]:
    """The words of a column's name, in small letters.

    >>> words_of("costCents"), words_of("input_cost (micro-USD)")
    (['cost', 'cents'], ['input', 'cost', 'micro', 'usd'])
    """
    return [word.lower() for word in WORD.findall(name)]


def parts_of_one(name: str) -> int:
    """How many of what a column's name says are one of the currency.

    >>> [parts_of_one(name) for name in ("cost", "costCents", "cost_micros", "usd_nanos", "microcents", "percent_cost")]
    [1, 100, 1000000, 1000000000, 100000000, 1]
    """
    return prod(many for unit, many in SMALLER if any(unit.fullmatch(word) for word in words_of(name)))


def tokens_of_price(name: str) -> int:
    """For how many tokens a column gives a price, by its name; 0 where it is no price of tokens.

    >>> [tokens_of_price(name) for name in ("cost_per_token", "price_per_1k_tokens", "usd per million tokens", "cost")]
    [1, 1000, 1000000, 0]
    """
    found = FOR_A_TOKEN.search(name)
    return TOKENS_OF.get((found[1] or "").lower(), 1_000_000) if found else 0


def as_mapped(columns: Sequence[str]) -> str:
    """What --map takes for the costs in some columns: their sum, in one of the currency.

    >>> as_mapped(["cost_micros"]), as_mapped(["in_cents", "out_cents"])
    ('cost_micros/1000000', '(in_cents+out_cents)/100')
    """
    many = parts_of_one(columns[0])
    total = "+".join(columns)
    if many == 1:
        return total
    return f"({total})/{many}" if len(columns) > 1 else f"{total}/{many}"


def hint(columns: Sequence[str]) -> str:
    """How columns that may hold the cost are made so: one of all, or those of input and output; prices are none.

    >>> hint(["costCents", "region_charge"])
    "; if 'costCents' is their cost, --map cost=costCents/100"
    >>> hint(["input_cost", "output_cost"])
    "; if 'input_cost' and 'output_cost' are their cost, --map cost=input_cost+output_cost"
    >>> hint(["cost_per_token"])
    "; 'cost_per_token' is a price: --price MODEL=IN/CACHED/OUT takes it times 1,000,000, for a million tokens"
    """
    costs = [name for name in columns if not tokens_of_price(name)]
    chosen = both_sides(costs) or [name for name in costs if not any(is_of(name, side) for side in SIDES)][:1]
    chosen = chosen or costs[:1]
    if chosen:
        named = " and ".join(map(repr, chosen))
        verb = "is" if len(chosen) == 1 else "are"
        return f"; if {named} {verb} their cost, --map {shlex.quote(f'cost={as_mapped(chosen)}')}"
    if not columns:
        return ""
    times = 1_000_000 // tokens_of_price(columns[0])
    scaled = f" times {times:,}, for a million tokens" if times > 1 else ""
    return f"; {columns[0]!r} is a price: --price MODEL=IN/CACHED/OUT takes it{scaled}"


def is_of(name: str, side: frozenset[str]) -> bool:
    """Whether a column is of a call's input, or of its output."""
    return not side.isdisjoint(words_of(name))


def both_sides(costs: Sequence[str]) -> list[str]:
    """The columns of input and of output, if they are in the same unit and no other one may be of both."""
    if any(not any(is_of(name, side) for side in SIDES) and "total" in words_of(name) for name in costs):
        return []
    found = [next((name for name in costs if is_of(name, side)), "") for side in SIDES]
    return found if all(found) and len({parts_of_one(name) for name in found}) == 1 else []
