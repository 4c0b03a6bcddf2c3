"""What do the ROI_ functions give, over columns of scenarios?"""

from collections.abc import Callable
from typing import Any

import numpy as np

from roi_xl import cells
from roi_xl.catalog import CATALOG
from roi_xl.checks import LIMITS
from roi_xl.describe import Formula, Parameter, gives, is_table, takes
from roi_xl.errors import ExcelError
from roi_xl.excel.registry import ONE, over_plain, register
from roi_xl.excel.values import TAGS, Column, Vector, first_error, from_plain, made, numbers
from roi_xl.quantities import Kind, Quantity

NUM, NA, DIV0 = TAGS[ExcelError.NUM], TAGS[ExcelError.NA], TAGS[ExcelError.DIV0]


def over_columns(formula: Formula) -> Callable[..., Column]:
    """A function of the catalog over columns, with the rules of cells."""
    parameters, result = takes(formula), gives(formula)

    def apply(*columns: Column) -> Column:
        if not any(isinstance(column, Vector) for column in columns):
            return cells.call(formula, cells.as_excel_reads(formula, columns))  # type: ignore[no-any-return]
        given: list[Any] = [*columns, *[None] * (len(parameters) - len(columns))]
        pairs = [argument(parameter, column) for parameter, column in zip(parameters, given, strict=True)]
        broken = [out_of_bounds(parameter, values) for parameter, (values, _) in zip(parameters, pairs, strict=True)]
        errors = first_error(*(error for _, error in pairs), *(np.where(bad, NUM, 0) for bad in broken))
        safe = [
            within(parameter, values, bad)
            for parameter, (values, _), bad in zip(parameters, pairs, broken, strict=True)
        ]
        return shown(result, formula(*safe), errors)

    return apply


def argument(parameter: Parameter, column: Column) -> tuple[Any, Any]:
    """One argument's numbers and errors; a blank optional one has its default."""
    if column is None and parameter.optional:
        return parameter.default, 0
    return numbers(column)


def out_of_bounds(parameter: Parameter, values: Any) -> Any:
    """Whether an argument breaks its bounds, scenario by scenario."""
    if values is parameter.default:
        return False
    limits = LIMITS[parameter.quantity.name]
    return (
        ~((limits.low <= values) & (values <= limits.high))
        if isinstance(values, np.ndarray)
        else not (limits.low <= values <= limits.high)
    )


def within(parameter: Parameter, values: Any, broken: Any) -> Any:
    """An argument with out-of-bounds values replaced by its lowest, so that the formula can run."""
    if not np.any(broken):
        return values
    return np.where(broken, max(LIMITS[parameter.quantity.name].low, 0.0), values)


def shown(quantity: Quantity, result: Any, errors: Any) -> Column:
    """A result as cells show it."""
    result = np.asarray(result)
    if result.dtype.kind == "U":
        texts = from_plain(result.tolist() if result.ndim else [str(result)])
        assert isinstance(texts, Vector)
        assert texts.tags is not None
        tags = np.where(errors == 0, texts.tags, errors) if isinstance(errors, np.ndarray) else texts.tags
        return Vector(np.broadcast_to(texts.values, tags.shape).astype(float), tags.astype(np.uint8))
    undefined = NUM if quantity.may_have_no_solution else DIV0
    odd = np.where(np.isnan(result), undefined, np.where(np.isinf(result), NA if quantity.may_be_never else NUM, 0))
    values = np.where(odd == 0, result, 0.0)
    return made(values, first_error(errors, odd if odd.any() else 0))


def one_by_one(formula: Formula) -> Callable[..., Column]:
    """A function of the catalog that looks a text up, scenario by scenario."""
    return over_plain(lambda *given: cells.call(formula, cells.as_excel_reads(formula, given)), errors=True)


def kernel(formula: Formula) -> Callable[..., Column]:
    """A function of the catalog over columns."""
    words = any(parameter.quantity.kind is Kind.TEXT for parameter in takes(formula))
    return one_by_one(formula) if words else over_columns(formula)


OURS = {name: kernel(formula) for name, formula in CATALOG.items() if not is_table(formula)}
"""Every function of the catalog that gives one value."""

for name, formula in CATALOG.items():
    if name in OURS:
        required = sum(not parameter.optional for parameter in takes(formula))
        register(name, OURS[name], ONE, least=required, most=len(takes(formula)))
