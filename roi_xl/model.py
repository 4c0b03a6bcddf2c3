"""What can be done with a workbook: a function of its inputs, of one case or of many?"""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from typing import Any

from roi_xl.notebook import as_html
from roi_xl.recalc.model import LoadedModel
from roi_xl.recalc.opening import Engine, open_as
from roi_xl.sweeps import run


class Model(LoadedModel):
    """A loaded workbook: call it with other inputs, one case or many; read its outputs, save it.

    Inputs are the names of cells that hold a value, outputs the names of cells that hold a
    formula; any other cell can be set as `Sheet!A1`. The values stored in the file are the
    reference: a cell that a replay does not reproduce keeps its stored value, and a change
    that reaches it is refused.
    """

    def __repr__(self) -> str:
        """The file, what it holds, and whether it was reproduced."""
        counts = f"{len(self.inputs):,} inputs, {len(self.outputs):,} outputs"
        count = len(self.differences)
        kept = f", {count:,} cell{'s' * (count > 1)} kept as stored" if count else ""
        return f"<Model {self.book.package.path.name}: {counts}{kept}>"

    def _repr_html_(self) -> str:
        """A table of the inputs and outputs, for notebooks."""
        return as_html(repr(self).strip("<>"), self.inputs, self.outputs, self.names)

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
        of the scenarios, including the first and the last, also runs through the engine; a
        difference is refused.

        Args:
            scenarios: a data frame (pandas or polars) or a mapping of columns; each column is
                an input, by its name or as `Sheet!A1`, each row a scenario.
            read: the outputs, by name or as `Sheet!A1`; every named one by default.
            executor: an executor of `concurrent.futures` to run in; this process by default.
            progress: called with the number of scenarios after each batch.

        Returns:
            The same kind of frame with the inputs, the outputs, and a column `errors` that
            says which outputs are not numbers, and why; those are NaN.

        Raises:
            UnknownName, NotANumber, WrongShape: a column is no input, or does not hold numbers.
            OutOfBounds: a cell's data validation rejects a number.
            NotSupported: a sample differs from the engine.
        """
        return run.sweep(self, scenarios, read, executor, progress)


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
            `auto`, the first of them that reproduces the stored values.
        trust_engine: use the engine's values where a replay differs from the file.
        strict: refuse workbooks that call unknown functions, and values that only one of the
            two evaluations can compute.
        keep_unknown: keep the stored values of cells that call unknown functions, even when a
            change reaches them.
        ignore_validation: set numbers that the data validation of their cells does not accept.

    Raises:
        MissingFile, FileProblem: the file does not exist, or is not a workbook.
        NotSupported: the workbook cannot be recalculated exactly.
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


def sweep(
    workbook: Model | str | os.PathLike[str],
    scenarios: Any,
    read: Sequence[str] | None = None,
    *,
    executor: Executor | None = None,
    progress: Callable[[int], None] = lambda done: None,
) -> Any:
    """The outputs of a workbook for many scenarios at once; see `Model.sweep`.

    Args:
        workbook: a model, or the path of a file to open as one.
        scenarios: a data frame or a mapping of columns, one scenario per row.
        read: the outputs, by name or as `Sheet!A1`; every named one by default.
        executor: an executor of `concurrent.futures` to run in; this process by default.
        progress: called with the number of scenarios after each batch.
    """
    model = workbook if isinstance(workbook, Model) else open_model(workbook)
    return model.sweep(scenarios, read, executor=executor, progress=progress)
