"""How does a function stand in a formula, where no code of ours runs?"""

from collections.abc import Sequence

from roi_xl import symbols
from roi_xl.describe import Formula, gives, takes
from roi_xl.quantities import REPORT


def is_closed_form(formula: Formula) -> bool:
    """Whether one expression says it all: no optional arguments, no table."""
    return gives(formula) is not REPORT and not any(parameter.optional for parameter in takes(formula))


def guarded_text(formula: Formula, names: Sequence[str]) -> str:
    """The expression of a closed form over named arguments, with its bounds.

    >>> from roi_xl.functions.savings import request_savings
    >>> guarded_text(request_savings, ("a", "b"))
    'IF((a+0<0)+(b+0<0)>0,SQRT(-1),a-b)'
    """
    quantities = [parameter.quantity for parameter in takes(formula)]
    arguments = [symbols.name(name) for name in names]
    return str(symbols.guarded(formula(*arguments), dict(zip(quantities, arguments, strict=True))))
