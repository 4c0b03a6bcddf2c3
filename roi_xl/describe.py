"""What does a function take and return?"""

import functools
import inspect
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, get_args, get_type_hints

from roi_xl.quantities import QUANTITIES, Kind, Quantity

PLAIN_TYPES: dict[Kind, Any] = {Kind.NUMBER: float, Kind.TEXT: str, Kind.RANGE: list}
REQUIRED = inspect.Parameter.empty
Formula = Callable[..., Any]


@dataclass(frozen=True)
class Parameter:
    """One argument: its quantity, and its default where it is optional."""

    quantity: Quantity
    default: Any = REQUIRED

    @property
    def optional(self) -> bool:
        """Whether it may be omitted."""
        return self.default is not REQUIRED

    def note(self) -> str:
        """The default, for the end of an argument's help."""
        return (
            ""
            if self.quantity.kind is not Kind.NUMBER or self.default in (REQUIRED, None)
            else f" {self.default:,} if left out."
        )


@functools.cache
def takes(formula: Formula) -> tuple[Parameter, ...]:
    """A formula's arguments, in order."""
    parameters = inspect.signature(formula).parameters.values()
    return tuple(Parameter(QUANTITIES[parameter.name], parameter.default) for parameter in parameters)


@functools.cache
def gives(formula: Formula) -> Quantity:
    """The quantity a formula computes."""
    (quantity,) = get_type_hints(formula, include_extras=True)["return"].__metadata__
    assert isinstance(quantity, Quantity)
    return quantity


def is_table(formula: Formula) -> bool:
    """Whether a formula returns rows, not one value."""
    return gives(formula).kind is Kind.RANGE


@functools.cache
def row_of(formula: Formula) -> Any:
    """The type of a table's rows: a named tuple, or `float` for a single column."""
    (row,) = get_args(get_type_hints(formula)["return"])
    return row


@functools.cache
def headings(formula: Formula) -> tuple[str, ...]:
    """The heading row that a cell shows above a table, from its row type; empty if it has none."""
    hints = get_type_hints(row_of(formula), include_extras=True).values()
    named = (hint.__metadata__[0] for hint in hints if hasattr(hint, "__metadata__"))
    return tuple(str(getattr(heading, "label", heading)) for heading in named)


def is_closed_form(formula: Formula) -> bool:
    """Whether a formula is a single expression: no table, no ledger, no lookup by text."""
    words = any(parameter.quantity.kind is Kind.TEXT for parameter in takes(formula))
    return not is_table(formula) and not words and not hasattr(formula, "by_month")


def signature(formula: Formula) -> inspect.Signature:
    """A formula's signature for Python users: `float` for a number, `list[...]` for a table."""
    taken = inspect.signature(formula).parameters
    known = {parameter.quantity.name: PLAIN_TYPES[parameter.quantity.kind] for parameter in takes(formula)}
    result = list[row_of(formula)] if is_table(formula) else PLAIN_TYPES[gives(formula).kind]  # type: ignore[misc]
    parameters = [parameter.replace(annotation=known[name]) for name, parameter in taken.items()]
    return inspect.Signature(parameters, return_annotation=result)


def summary(formula: Formula) -> str:
    """The first line of a formula's docstring, as a function wizard shows it."""
    return inspect.getdoc(formula).splitlines()[0]  # type: ignore[union-attr]


def manual(formula: Formula) -> str:
    """A formula's docstring with arguments and errors filled in from the vocabulary."""
    before, _, after = (inspect.getdoc(formula) or "").partition("Returns:")
    arguments = [f"    {taken.quantity.name}: {taken.quantity.help()}{taken.note()}" for taken in takes(formula)]
    raises = [
        "    OutOfBounds: an argument is outside its bounds (#NUM! in a cell).",
        "    NotANumber: an argument is not a number (#VALUE! in a cell).",
        "    WrongShape: arrays do not have the same shape, or columns the same rows.",
    ]
    lines = ["Args:", *arguments, "", "Returns:" + after.partition("\n\n")[0]]
    return before + "\n".join([*lines, "", "Raises:", *raises, "", after.partition("\n\n")[2]]).rstrip()


def without_underscores(name: str) -> str:
    """A name in camel case, for places where underscores are not allowed or the name is taken.

    >>> without_underscores("monthly_requests")
    'monthlyRequests'
    """
    return re.sub(r"_(\w)", lambda match: match[1].upper(), name)


def apply(formula: Formula, inputs: Mapping[str, Any]) -> Any:
    """The formula applied to the inputs it takes."""
    return formula(*(inputs[parameter.quantity.name] for parameter in takes(formula)))


def several(count: float, word: str) -> str:
    """So many of something, in whole numbers.

    >>> several(1, "request"), several(2_000.4, "request")
    ('1 request', '2,000 requests')
    """
    shown = f"{count:,.0f}"
    return f"{shown} {word}" if shown == "1" else f"{shown} {word}s"
