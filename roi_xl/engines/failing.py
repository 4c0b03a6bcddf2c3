"""Which formulas make the engine fail? Asked once it has failed, by leaving out some of them."""

import contextlib
import os
import threading
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence

from roi_xl.engines import embedded
from roi_xl.errors import EngineFailed
from roi_xl.excel.known import may_be_far_off
from roi_xl.formula.formulas import Formulas
from roi_xl.formula.tree import functions_in
from roi_xl.xlsx.addresses import Address

MOST = 5
"""Formulas that are looked for; a workbook with more of them is refused."""

Cells = Sequence[Address]


def failing(formulas: Formulas) -> list[Address]:
    """The cells of the formulas without which the engine does not fail.

    Formulas of functions in which it is known to differ come first: one that they read would do as well.

    Raises:
        EngineFailed: it fails also without the formulas that call functions, or too many make it fail.
    """
    suspects = [
        (not may_be_far_off(shape), [Address(sheet, *cell) for cell in shape.cells])
        for sheet, shapes in formulas.shapes.items()
        for shape in shapes
        if shape.tree is not None and functions_in(shape.tree)
    ]
    each = [cells for _, cells in sorted(suspects, key=lambda suspect: suspect[0])]
    found: list[Cells] = []
    with unsaid():
        while fails(formulas, in_one(found)):
            if len(found) == MOST:
                raise EngineFailed(f"{formulas.package.path} cannot be evaluated: the engine fails in many formulas")
            found.append(first_of(formulas, each, in_one(found)))
    return in_one(found)


def in_one(cells: Iterable[Cells]) -> list[Address]:
    """The cells of several formulas."""
    return [place for each in cells for place in each]


def first_of(formulas: Formulas, each: Sequence[Cells], found: Cells) -> Cells:
    """The first formula that has to be left out, besides some cells, with all before it."""

    def is_enough(count: int) -> bool:
        return not fails(formulas, [*found, *in_one(each[:count])])

    count = bisect_left(range(1, len(each) + 1), True, key=is_enough)
    if count == len(each):
        raise EngineFailed(f"{formulas.package.path} cannot be evaluated: the engine fails, whatever is left out")
    return each[count]


def fails(formulas: Formulas, left_out: Cells) -> bool:
    """Whether the engine fails without some formulas; what else may go wrong is for whoever evaluates to say."""
    engine = embedded.load(formulas)
    embedded.leave_out(engine, left_out)
    try:
        with contextlib.suppress(Exception), embedded.limited(engine):
            engine.evaluate_all()
    except BaseException as error:
        if embedded.is_failure(error):
            return True
        raise
    return False


SAYING = threading.Lock()


@contextlib.contextmanager
def unsaid() -> Iterator[None]:
    """Within the block, whatever is written to the process's stderr is lost: the engine tells each failure there."""
    with SAYING:
        try:
            kept = os.dup(2)
        except OSError:  # nobody could read it
            yield
            return
        nowhere = os.open(os.devnull, os.O_WRONLY)
        try:
            os.dup2(nowhere, 2)
            yield
        finally:
            os.dup2(kept, 2)
            os.close(kept)
            os.close(nowhere)
