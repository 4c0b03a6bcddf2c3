"""What can go wrong, and what does a cell show for it?

A message names what Python calls an argument; the command puts its option there.
"""

import errno
from collections.abc import Sequence
from enum import Enum, IntEnum
from typing import Any


class ExcelError(Enum):
    """An error value as a cell shows it."""

    NULL = "#NULL!"
    DIV0 = "#DIV/0!"
    VALUE = "#VALUE!"
    REF = "#REF!"
    NAME = "#NAME?"
    NUM = "#NUM!"
    NA = "#N/A"
    GETTING_DATA = "#GETTING_DATA"
    SPILL = "#SPILL!"
    CALC = "#CALC!"

    def __str__(self) -> str:
        return self.value


EXCEL_ERRORS = {error.value: error for error in ExcelError}
"""Every error by the text a cell shows."""


class Status(IntEnum):
    """How a command ends, as its exit status says."""

    DONE = 0, "done"
    FINDINGS = 1, "done, and there are findings, or no solution"
    REFUSED = 2, "refused, in one line on stderr; nothing was written"
    NOT_REPRODUCED = 3, "the change reaches cells that a replay does not reproduce; nothing was written"
    FAULT = 70, "a fault of roi-xl itself, or of a library that it uses"
    NOT_SHOWN = 74, "done, but the output could not be written, such as to a full disk"
    INTERRUPTED = 130, "interrupted (Ctrl-C)"
    READER_GONE = 141, "done, but whoever read the output left early"
    TERMINATED = 143, "told to end (SIGTERM)"

    meaning: str

    def __new__(cls, value: int, meaning: str) -> "Status":
        """A status with what it means."""
        status = int.__new__(cls, value)
        status._value_ = value
        status.meaning = meaning
        return status


class Stopped(KeyboardInterrupt):
    """The command was told to end; its text says why."""

    def __init__(self, why: str = "interrupted", status: Status = Status.INTERRUPTED) -> None:
        super().__init__(why)
        self.status = status


class RoiError(Exception):
    """Anything a person can mend; its text is one line that says what and how."""

    cell = ExcelError.VALUE


class NotANumber(RoiError, TypeError):
    """An argument is not a number."""


class WrongShape(RoiError, ValueError):
    """Arrays, columns or ranges do not have the sizes that belong together."""


class OutOfBounds(RoiError, ValueError):
    """A number lies outside what its quantity allows."""

    cell = ExcelError.NUM


class PassedOn(RoiError):
    """An argument is itself an error value, which the result shows unchanged."""

    def __init__(self, error: ExcelError) -> None:
        super().__init__(f"an argument is {error}")
        self.cell = error


class UnknownName(RoiError, KeyError):
    """No input, output or option has this name."""

    cell = ExcelError.NAME

    def __str__(self) -> str:
        return str(self.args[0])


class UnknownModel(UnknownName):
    """No price is known for this model."""

    cell = ExcelError.NA


class NotInstalled(RoiError):
    """A package that this needs is not installed here."""

    cell = ExcelError.NAME


class FileProblem(RoiError, OSError):
    """A file cannot be read, is not what it should be, or cannot be written."""


class MissingFile(FileProblem, FileNotFoundError):
    """A file or its folder does not exist."""

    errno = errno.ENOENT


class NotSupported(RoiError):
    """A workbook holds something that cannot be recalculated exactly."""


class NotReproduced(RoiError):
    """Results depend on cells that a replay of the workbook does not reproduce."""

    def __init__(self, differences: Sequence[Any]) -> None:
        super().__init__(
            f"the change reaches {len(differences):,} cells that a replay does not reproduce, first "
            f"{differences[0].place}; trust_engine=True uses the engine's values"
        )
        self.differences = differences


class EvaluationsDiffer(NotReproduced):
    """The engine and a second evaluation give different values for a cell after a change."""

    def __init__(self, differences: Sequence[Any]) -> None:
        first = differences[0]
        more = f", and {len(differences) - 1:,} more" if len(differences) > 1 else ""
        RoiError.__init__(
            self,
            f"two evaluations of {first.place} ={first.formula} differ: the engine gives {first.got}, "
            f"a second evaluation {first.stored}{more}; trust_engine=True uses the engine's values",
        )
        self.differences = differences


class NoAnswer(Exception):
    """One of Excel's functions has no value for its arguments."""

    def __init__(self, error: ExcelError = ExcelError.NUM) -> None:
        super().__init__(str(error))
        self.error = error


class CannotVectorise(Exception):
    """A call that our own functions give no answer to; its cell is left to the engine."""
