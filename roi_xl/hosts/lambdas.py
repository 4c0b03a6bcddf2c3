"""How is a function written as a formula, where our code does not run?

One expression for each function serves the template, headless recalculation, LibreOffice
and the names that make the functions work in Excel 365 without an add-in.
"""

from collections.abc import Sequence
from typing import Any

from roi_xl import symbols
from roi_xl.describe import Formula, Parameter, summary, takes, without_underscores
from roi_xl.functions.branch import choose
from roi_xl.symbols import Symbol

LONGEST_COMMENT = 255


def guarded_text(formula: Formula, names: Sequence[str]) -> str:
    """The expression of a closed form over named arguments, with its bounds.

    Optional arguments may be missing at the end and then have their default, as does a blank.

    >>> from roi_xl.functions.savings import request_savings
    >>> guarded_text(request_savings, ("a", "b"))
    'IF((a+0<0)+(b+0<0)>0,EXP(999),a-b)'
    >>> from roi_xl.functions.sources import monthly_requests
    >>> guarded_text(monthly_requests, ("a", "b"))
    'IF((a+0<0)+(b+0<0)>0,EXP(999),a*b*30)'
    """
    values: dict[Parameter, Any] = {parameter: parameter.default for parameter in takes(formula)}
    missing = {}
    for parameter, name in zip(takes(formula), names, strict=False):
        symbol = symbols.name(name)
        blank = symbols.call("ISBLANK", symbol)
        values[parameter] = choose(blank, parameter.default, symbol) if has_value(parameter) else symbol
        if parameter.default is None:
            missing[parameter] = blank
    return str(expression(formula, values, missing))


def has_value(parameter: Parameter) -> bool:
    """Whether an omitted argument has a default of its own; else another argument replaces it."""
    return parameter.optional and parameter.default is not None


def expression(formula: Formula, values: dict[Parameter, Any], missing: dict[Parameter, Symbol]) -> Symbol:
    """A formula with its bounds, in both variants where another argument may replace a missing one."""
    result: Symbol = formula(*values.values())
    bounds = {parameter.quantity: value for parameter, value in values.items() if isinstance(value, Symbol)}
    for parameter, condition in missing.items():
        result = choose(condition, formula(*{**values, parameter: None}.values()), result)
        bounds[parameter.quantity] = choose(condition, 0, values[parameter])
    return symbols.guarded(result, bounds)


def lambda_text(formula: Formula) -> str:
    """A function as the LAMBDA that Excel stores behind a name.

    Its parameters are spelled differently from the names of the template's cells.

    >>> from roi_xl.functions.savings import request_savings
    >>> lambda_text(request_savings)[:66]
    '_xlfn.LAMBDA(_xlpm.baselineCostPerRequest,_xlpm.fineTunedCostPerRe'
    """
    declared, bindings, missing = [], [], {}
    values: dict[Parameter, Any] = {}
    for parameter in takes(formula):
        name = parameter_name(parameter)
        symbol = values[parameter] = symbols.name(f"_xlpm.{name}")
        declared.append(f"{'_xlop' if parameter.optional else '_xlpm'}.{name}")
        if not parameter.optional:
            continue
        bound = symbols.name(f"_xlpm.{name}{'Used' if has_value(parameter) else 'Missing'}")
        omitted = f"IF(_xlfn.ISOMITTED({symbol}),TRUE,ISBLANK({symbol}))"
        if has_value(parameter):
            values[parameter] = bound
            bindings += [str(bound), f"IF({omitted},{parameter.default},{symbol})"]
        else:
            missing[parameter] = bound
            bindings += [str(bound), omitted]
    body = str(expression(formula, values, missing))
    let = f"_xlfn.LET({','.join(bindings)},{body})" if bindings else body
    return f"_xlfn.LAMBDA({','.join(declared)},{let})"


def parameter_name(parameter: Parameter) -> str:
    """The name of a LAMBDA's parameter; a single word gets an underscore so as not to clash with a cell name."""
    name = parameter.quantity.name
    return without_underscores(name) if "_" in name else f"{name}_"


def comment(formula: Formula) -> str:
    """The comment Excel shows while a name is typed."""
    return summary(formula)[:LONGEST_COMMENT]
