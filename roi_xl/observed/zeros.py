"""Is a cost of 0 for tokens a price, or does the tool that wrote it know none?

Langfuse, LiteLLM and Helicone write 0 where they have no price for a model, as they have none
for most fine-tuned ones. Where not one call of a model costs anything, its price is unknown
to them; where others of its calls do, a call without a cost was answered from a cache, or so.
"""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from roi_xl.errors import UnknownModel
from roi_xl.functions.price_file import OwnPrice
from roi_xl.observed.fields import literal
from roi_xl.observed.pricing import own_price, token_prices

Model = Mapping[str, Any]
"""What is known of one model's calls."""


def unknown_prices(seen: Sequence[Model], on: dt.date, own: Sequence[OwnPrice]) -> list[str]:
    """The models whose costs of 0 say that their price is unknown, if we have one."""
    return [one["model"] for one in seen if is_unknown(one, own) and has_price(one["model"], on, own)]


def is_unknown(one: Model, own: Sequence[OwnPrice]) -> bool:
    """Whether every call of a model costs 0, and its tool writes that for an unknown price or a person gives one."""
    told = one["free_by_tool"] == one["free"] or own_price(one["model"], own) is not None
    return bool(one["free"] and not one["paid"] and told)


def has_price(model: str, on: dt.date, own: Sequence[OwnPrice]) -> bool:
    """Whether the book or a person has a price for a model."""
    try:
        token_prices(model, on, own)
    except UnknownModel:
        return False
    return True


def without_zeros(calls: Any, models: Sequence[str]) -> Any:
    """Calls of which those of some models cost nothing that is known, instead of 0."""
    is_zero = calls.model.isin(list(models)) & (calls.cost == 0)
    return calls.mutate(cost=is_zero.ifelse(literal(None, "int64"), calls.cost))


def as_unpriced(seen: Sequence[Model], models: Sequence[str]) -> list[Model]:
    """What is known of the models, their costs of 0 as none."""
    return [
        {**one, "without_cost": one["without_cost"] + one["free"]} if one["model"] in models else one for one in seen
    ]


def notes_of_zeros(seen: Sequence[Model], needed: Sequence[str], unknown: Sequence[str]) -> Iterator[str]:
    """How many calls of a model cost 0 although they have tokens, and how that is taken."""
    for one in seen:
        if not one["free"] or one["model"] not in needed:
            continue
        head = f"{one['free']:,} of {one['calls']:,} calls of {one['model']} have tokens and a cost of 0"
        if one["model"] in unknown:
            yield f"{head}: taken for an unknown price, they are priced by their tokens"
        elif one["paid"]:
            yield f"{head}, which is taken as it is"
        else:
            yield f"{head}, which is taken as it is: --price {one['model']}=IN/CACHED/OUT prices their tokens"
