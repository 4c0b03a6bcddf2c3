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
    """The exit statuses of the command: the one table."""

    DONE = 0, "done"
    FINDINGS = 1, "done, with findings, or without a solution"
    REFUSED = 2, "refused, with one line on stderr; nothing was written"
    NOT_REPRODUCED = 3, "the change reaches cells that could not be reproduced; nothing was written"
    FAULT = 70, "a bug in roi-xl or in a library it uses"
    NOT_SHOWN = 74, "done, but the output could not be written (for example, disk full)"
    INTERRUPTED = 130, "interrupted (Ctrl-C)"
    READER_GONE = 141, "done, but the reader of the output closed the pipe"
    TERMINATED = 143, "terminated (SIGTERM)"

    meaning: str

    def __new__(cls, value: int, meaning: str) -> "Status":
        """A status with its meaning."""
        status = int.__new__(cls, value)
        status._value_ = value
        status.meaning = meaning
        return status


class Stopped(KeyboardInterrupt):
    """The command was interrupted; the text says why."""

    def __init__(self, why: str = "interrupted", status: Status = Status.INTERRUPTED) -> None:
        super().__init__(why)
        self.status = status


class RoiError(Exception):
    """Anything a user can fix; the text is one line that says what and how."""

    cell = ExcelError.VALUE


class NotANumber(RoiError, TypeError):
    """An argument is not a number."""


class WrongShape(RoiError, ValueError):
    """Arrays, columns or ranges do not have the sizes that belong together."""


class OutOfBounds(RoiError, ValueError):
    """A number is outside its quantity's bounds."""

    cell = ExcelError.NUM


class PassedOn(RoiError):
    """An argument is an error value, which passes through unchanged."""

    def __init__(self, error: ExcelError) -> None:
        super().__init__(f"an argument is {error}")
        self.cell = error


class UnknownName(RoiError, KeyError):
    """There is no input, output or option with this name."""

    cell = ExcelError.NAME

    def __str__(self) -> str:
        return str(self.args[0])


class UnknownModel(UnknownName):
    """There is no price for this model."""

    cell = ExcelError.NA


class NotInstalled(RoiError):
    """A required package is not installed."""

    cell = ExcelError.NAME


class FileProblem(RoiError, OSError):
    """A file cannot be read, is of the wrong kind, or cannot be written."""


class MissingFile(FileProblem, FileNotFoundError):
    """A file or its folder does not exist."""

    errno = errno.ENOENT


class NotSupported(RoiError):
    """A workbook contains something that cannot be recalculated exactly."""


class NotTaken(NotSupported):
    """The engine does not take a formula, of a file or its own."""


class EngineFailed(NotSupported):
    """The engine failed in a way that it did not foresee, and is of no more use."""


class NotReproduced(RoiError):
    """Results depend on cells that a replay could not reproduce."""

    def __init__(self, differences: Sequence[Any]) -> None:
        super().__init__(f"{self.said(differences)}; trust_engine=True uses the engine's values")
        self.differences = differences

    @staticmethod
    def said(differences: Sequence[Any]) -> str:
        """What is wrong, and where first."""
        cells = "1 cell" if len(differences) == 1 else f"{len(differences):,} cells"
        return f"the change reaches {cells} that could not be reproduced, first {differences[0].place}"


class EvaluationsDiffer(NotReproduced):
    """The engine and the second evaluation disagree on a cell after a change."""

    @staticmethod
    def said(differences: Sequence[Any]) -> str:
        """Both values of the first cell."""
        first, more = differences[0], and_more(differences)
        return (
            f"two evaluations of {first.place} ={brief(first.formula)} disagree: the engine gives {brief(first.got)}, "
            f"the second {brief(first.stored)}{more}"
        )


class NotVerified(NotReproduced):
    """A value has one evaluation only, by an engine that is known to differ, and none is stored to compare it with."""

    @staticmethod
    def said(differences: Sequence[Any]) -> str:
        """The first cell, and why there is no second evaluation of it."""
        first, more = differences[0], and_more(differences)
        return (
            f"nothing verifies {first.place} ={brief(first.formula)}{more}: the file stores no value, "
            f"the second evaluation gives none ({first.cause}), and the engine is known to differ from Excel for such "
            "formulas"
        )


LONGEST_TOLD = 200
"""Characters of a value or a formula that a message holds."""


def brief(value: Any) -> str:
    """A value or a formula as a message has it: a long text without its middle.

    >>> brief("a" * 1_000) == "a" * 100 + "…" + "a" * 99
    True
    """
    text, half = str(value), LONGEST_TOLD // 2
    return text if len(text) <= LONGEST_TOLD else f"{text[:half]}…{text[1 - half :]}"


def and_more(differences: Sequence[Any]) -> str:
    """How many there are after the first."""
    return f", and {len(differences) - 1:,} more" if len(differences) > 1 else ""


class NoAnswer(Exception):
    """An Excel function has no value for these arguments."""

    def __init__(self, error: ExcelError = ExcelError.NUM) -> None:
        super().__init__(str(error))
        self.error = error


class CannotVectorise(Exception):
    """A call that our kernels cannot answer; its cell is left to the engine."""


NO_SENSE = ArithmeticError, AttributeError, LookupError, TypeError, ValueError
"""What a kernel raises for arguments that make no sense, such as a LAMBDA for a number."""
