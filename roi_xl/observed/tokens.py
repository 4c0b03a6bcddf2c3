"""Which of a call's tokens does an export leave out, and can the call still be priced?

Input and output cost differently. What is missing of them is the rest of their total, if that
is there. A call that succeeded has both: without one of them it has no price, unless it made
an embedding, which has no output, or its format leaves out what is 0.
"""

import operator
from functools import reduce
from typing import Any

from roi_xl.observed.fields import literal
from roi_xl.observed.layouts import Places

PARTS = ("input_tokens", "output_tokens")
REST = ("cached_tokens", "cache_written", "cache_written_1h")
EMBEDDINGS = "embed"
"""What the models' names have in common that give no output."""


def with_rest(fields: Any, places: Places) -> Any:
    """Fields whose input or output tokens are the rest of the total where only the other ones are given."""
    if "total_tokens" not in places.columns:
        return fields
    changed = {}
    for one, other in (PARTS, PARTS[::-1]):
        rest = fields.total_tokens_number.cast("float64") - fields[f"{other}_number"].cast("float64")
        is_rest = (~fields[f"{one}_given"] & (rest >= 0)).fill_null(False)
        changed[f"{one}_number"] = is_rest.ifelse(rest, fields[f"{one}_number"].cast("float64"))
        changed[f"{one}_given"] = is_rest | fields[f"{one}_given"]
    return fields.mutate(**changed)


def is_unmeasured(fields: Any) -> Any:
    """Whether a call has 0 of everything: a stream, as a rule, whose usage never came."""
    counts = [(fields[f"{name}_number"] == 0) | (~fields[f"{name}_given"] & (name in REST)) for name in (*PARTS, *REST)]
    is_free = ~fields.cost_given | (fields.cost_number == 0)
    return reduce(operator.and_, counts, is_free).fill_null(False)


def lacking(fields: Any, places: Places) -> Any:
    """What a call lacks that succeeded and has no cost of its own; nothing if nothing."""
    import ibis

    has_input, has_output = (fields[f"{name}_given"] for name in PARTS)
    may_omit = literal(True) if places.layout.omits_zeros else fields.model_text.lower().contains(EMBEDDINGS)
    tests = (
        (is_unmeasured(fields), "no tokens, and no cost: its usage was not recorded"),
        (fields.cost_given | (has_input & (has_output | may_omit.fill_null(False))), literal(None, "string")),
        (has_input, "no output_tokens, and no cost"),
        (has_output, "no input_tokens, and no cost"),
        (fields.total_tokens_given, "a total of tokens alone, and no cost"),
    )
    return ibis.cases(*tests, else_="neither tokens nor a cost")
