"""Which functions need more than the values of their arguments?"""

from roi_xl.excel import lambdas, places, subtotals
from roi_xl.excel.aggregates import total
from roi_xl.excel.code import Code, applied
from roi_xl.excel.compiler import Compiler, Scope, Special, wanted
from roi_xl.excel.each_range import for_each_range
from roi_xl.excel.registry import RANGE, REGISTRY, Wants
from roi_xl.excel.values import CannotVectorise
from roi_xl.formula.tree import Call, Reference
from roi_xl.xlsx.addresses import LAST_COLUMN, LAST_ROW, Address


def sum_(compiler: Compiler, node: Call, place: Wants, here: Address, scope: Scope) -> Code:
    """SUM: over one range there may be a quicker way."""
    if len(node.arguments) == 1 and isinstance(node.arguments[0], Reference):
        reference = compiler.names.reference(node.arguments[0], here)
        if reference is not None and reference.last_sheet is None:
            quick = compiler.cells.total(reference, here)
            if quick is not None:
                return quick
    arguments = compiler.spread(node.arguments, REGISTRY["SUM"], here)
    return applied(total, [compiler.part(a, wanted(RANGE, place, a), here, scope) for a in arguments])


def registered(compiler: Compiler, node: Call, place: Wants, here: Address, scope: Scope) -> Code:
    """A function that needs no more than values."""
    return compiler.registered(node, place, here, scope)


def of_one_size(compiler: Compiler, node: Call, place: Wants, here: Address, scope: Scope) -> Code:
    """SUMIF and AVERAGEIF: the values are as many as the cells that are tested, from the first one given on."""
    if len(node.arguments) == len(("range", "criterion", "values")):
        summed = None if scope else compiler.names.summed(node, here)
        if summed is not None:
            row, column = summed.last.at(here.within)
            if row > LAST_ROW or column > LAST_COLUMN:
                raise CannotVectorise("values that would end beyond the sheet")
            node = Call(node.name, (*node.arguments[:2], summed))
    return compiler.registered(node, place, here, scope)


OF_RANGES = "AVERAGEIF AVERAGEIFS COUNTBLANK COUNTIF COUNTIFS MAXIFS MINIFS N SUMIF SUMIFS T".split()
"""Functions that answer for every range of an array of ranges."""

SPECIAL: dict[str, Special] = {
    "ROW": places.row,
    "COLUMN": places.column,
    "ROWS": places.size(across=False),
    "COLUMNS": places.size(across=True),
    "OFFSET": places.offset,
    "INDEX": places.index,
    "IF": lambdas.by_omission(places.chosen),
    "CHOOSE": places.chosen,
    "XLOOKUP": places.looked_up,
    "INDIRECT": places.indirect,
    "ANCHORARRAY": places.anchor_array,
    "SINGLE": places.intersect,
    "ISREF": places.is_reference,
    "AREAS": places.areas,
    "FORMULATEXT": places.formula_text,
    "ISFORMULA": places.is_formula,
    "SUBTOTAL": for_each_range(subtotals.subtotal),
    **dict.fromkeys(OF_RANGES, for_each_range(registered)),
    **dict.fromkeys(("AVERAGEIF", "SUMIF"), for_each_range(of_one_size)),
    "AGGREGATE": subtotals.aggregate,
    "LET": lambdas.let,
    "LAMBDA": lambdas.lambda_,
    "LAMBDA call": lambdas.call_of,
    "ISOMITTED": lambdas.is_omitted,
    "MAP": lambdas.higher(lambdas.map_),
    "REDUCE": lambdas.higher(lambdas.reduce),
    "SCAN": lambdas.higher(lambdas.scan),
    "BYROW": lambdas.higher(lambdas.by_row),
    "BYCOL": lambdas.higher(lambdas.by_column),
    "MAKEARRAY": lambdas.higher(lambdas.make_array),
    "SUM": sum_,
}
"""Every such function by its name."""
