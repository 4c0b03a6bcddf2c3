"""What can be done with a workbook: a function of its inputs, of one case or of many?"""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from typing import Any

from roi_xl.recalc.model import Engine, LoadedModel, open_as
from roi_xl.sweep.run import sweep


class Model(LoadedModel):
    """A loaded workbook: call it with other inputs, one case or many; read its outputs, save it.

    Inputs are the names of cells that hold a value, outputs the names of cells that hold
    a formula; any other cell can be set as `Sheet!A1`. Where the file stores values, they
    are the referee: a cell that a replay does not reproduce keeps its stored value, and a
    change that reaches it is refused.
    """

    def sweep(
        self,
        scenarios: Any,
        read: Sequence[str] | None = None,
        *,
        executor: Executor | None = None,
        progress: Callable[[int], None] = lambda done: None,
    ) -> Any:
        """The outputs of many scenarios at once.

        Only the cells between the inputs and the outputs are evaluated, over arrays. A sample
        of the scenarios, the first and the last among them, is evaluated by the engine as
        well, and a difference is refused.

        Args:
            scenarios: a data frame (pandas or polars) or a mapping of columns; each column is
                an input, by its name or as `Sheet!A1`, each row a scenario.
            read: the outputs, by their names or as `Sheet!A1`; every named one if left out.
            executor: an executor of `concurrent.futures` that computes; this process if none.
            progress: called with the number of scenarios after each batch.

        Returns:
            The same kind of frame with the inputs, the outputs, and a column `errors` that
            says which output is no number, and why; it is not a number there.

        Raises:
            UnknownName, NotANumber: a column is no input, or holds no numbers.
            OutOfBounds: the data validation of a cell does not accept a number.
            NotSupported: a sample differs from the engine.
        """
        return sweep(self, scenarios, read, executor, progress)


def open_model(
    path: str | os.PathLike[str],
    *,
    engine: Engine = "embedded",
    trust_engine: bool = False,
    strict: bool = False,
    keep_unknown: bool = False,
    ignore_validation: bool = False,
) -> Model:
    """Open an .xlsx or .xlsm workbook as a function of its inputs.

    Args:
        path: the file.
        engine: where values come from: the embedded engine, an installed LibreOffice, or
            `auto`, whichever of them first reproduces what the file stores.
        trust_engine: go on with the engine's own values where a replay differs from the file's.
        strict: refuse a workbook that calls functions which are not known, and values that
            only one of two evaluations can compute.
        keep_unknown: leave cells that call functions which are not known as they are stored,
            also where a change reaches them.
        ignore_validation: set numbers that the data validation of their cells does not accept.
    """
    return open_as(
        Model,
        path,
        engine,
        trust_engine=trust_engine,
        strict=strict,
        keep_unknown=keep_unknown,
        ignore_validation=ignore_validation,
    )
