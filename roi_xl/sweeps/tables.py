"""What does a cell of a data table hold where its workbook varies?

Its formula is evaluated once more, with the values along the table's edges as inputs.
"""

from collections.abc import Sequence

from roi_xl.excel.code import Code, Env
from roi_xl.excel.values import Column
from roi_xl.recalc.data_tables import DataTable
from roi_xl.sweeps.iterate import run_through
from roi_xl.sweeps.plan import Plan, Step
from roi_xl.xlsx.addresses import Address


def edges(table: DataTable, place: Address) -> dict[Address, Address]:
    """The cells along the edges of a data table whose values a cell of it takes, by the input cell that they go to."""
    top, left = Address(table.sheet, table.top - 1, place.column), Address(table.sheet, place.row, table.left - 1)
    pairs = ((table.row_input, top), (table.column_input, left))
    return {Address(table.sheet, *within): edge for within, edge in pairs if within}


def once_more(plan: Plan, given: Sequence[Code]) -> Code:
    """The code of a plan's output, with the codes of its inputs."""
    output = plan.outputs[0]

    def again(env: Env) -> Column:
        inner = Env([code(env) for code in given] + [None] * len(plan.steps), env.scenarios)
        run_through(plan, inner, lambda step: alone(step, inner))
        found: Column = inner.cells[plan.slots[output]] if output in plan.slots else plan.constants[output]
        return found

    return again


def alone(step: Step, env: Env) -> Column:
    """A cell by its code, which it has."""
    assert step.code is not None
    found: Column = step.code(env)
    return found
