"""How do scenarios run through a model, in one process or many, batch by batch?

A task is a batch of inputs plus the workbook's bytes; a worker caches the plan for the next
task. So any executor of `concurrent.futures` works, on this machine or on a cluster.
"""

import functools
import gc
import hashlib
import multiprocessing
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from roi_xl.errors import NotANumber, NotInstalled, NotSupported, UnknownName, WrongShape
from roi_xl.excel.coercion import to_text
from roi_xl.excel.operators import values_of
from roi_xl.excel.values import Array, Column, behind, is_number
from roi_xl.formula.formulas import Formulas
from roi_xl.recalc.given import is_text_cell
from roi_xl.recalc.model import LoadedModel
from roi_xl.recalc.opening import open_package
from roi_xl.recalc.workers import leave_interrupts_to_the_parent
from roi_xl.sweeps.evaluate import Evaluator
from roi_xl.sweeps.scenarios import Batch, Scenarios, of_columns
from roi_xl.xlsx.addresses import Address
from roi_xl.xlsx.package import Package, package_of
from roi_xl.xlsx.validation import FormulaRule, Rule, refuse_invalid

ERRORS, GAVE_UP = "errors", "evaluated by the engine"
"""Extra columns of a batch: what is not a number and why; cells the engine had to evaluate."""

KEPT_PLANS = 4
PATIENCE = "10s"
"""How long a cluster may take to answer."""

AHEAD = 2
ONLY_LARGE = 10.0
"""A rate that is doubted in every cell where one may be."""


@dataclass(frozen=True)
class Job:
    """A workbook with its changing inputs, the numbers they accept, and its requested outputs.

    Within this process it holds the formulas as well, so that they need not be read again.
    """

    workbook: bytes
    path: str
    inputs: tuple[Address, ...]
    rules: tuple[Rule | None, ...]
    outputs: tuple[Address, ...]
    names: tuple[str, ...]
    texts: tuple[bool, ...]
    formulas: Formulas | None = field(default=None, compare=False, repr=False)

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "formulas": None}

    @property
    def package(self) -> Package:
        """The workbook's file."""
        return package_of(Path(self.path), self.workbook) if self.formulas is None else self.formulas.package

    @functools.cached_property
    def key(self) -> str:
        """A fingerprint of this job."""
        told = hashlib.sha256(self.workbook)
        told.update(repr((self.inputs, self.outputs)).encode())
        return told.hexdigest()


def job_of(model: LoadedModel, inputs: Sequence[str], outputs: Sequence[str]) -> Job:
    """The job of a model with some inputs and outputs."""
    places = [model.settable(name) for name in inputs]
    for name, place in zip(inputs, places, strict=True):
        if is_text_cell(model.book, place, model.value(place)):
            raise NotANumber(
                f"{name} is formatted as Text, so that what it holds is text; a sweep changes numbers only"
            )
    wanted = [model.find(name) for name in outputs]
    if not wanted:
        raise UnknownName("a sweep reads at least one output")
    texts = tuple(isinstance(model.value(place), str) for place in wanted)
    package = model.package
    rules = tuple(None if isinstance(rule, FormulaRule) else rule for rule in map(model.rule, places))
    known = model.book.formulas if model.book.package is package else None
    return Job(package.to_bytes(), str(package.path), tuple(places), rules, tuple(wanted), tuple(outputs), texts, known)


def doubts(model: LoadedModel, scenarios: Scenarios) -> list[str]:
    """What is said of rates of 100% or more among the first scenarios, in cells that show percentages."""
    if all(model.doubt(name, ONLY_LARGE) is None for name in scenarios.names):
        return []
    first: Any = next(scenarios.batches(), {})
    values = first if scenarios.values is None else scenarios.values(first)
    highest = {name: float(column.max()) for name, column in values.items() if len(column)}
    return [said for name, value in highest.items() if (said := model.doubt(name, value))]


class Local(threading.local):
    """The models and plans of a thread: an engine serves one thread at a time."""

    def __init__(self) -> None:
        self.evaluators: dict[str, Evaluator] = {}


LOCAL = Local()


def evaluator_of(job: Job) -> Evaluator:
    """The model and plan of a job in this thread, made once."""
    known = LOCAL.evaluators
    if job.key not in known:
        while len(known) >= KEPT_PLANS:
            known.pop(next(iter(known)))
        with uncollected():
            model = open_package(job.package, job.formulas)
            known[job.key] = Evaluator.of(model, job.inputs, job.outputs).without_the_rest()
    return known[job.key]


@contextmanager
def uncollected() -> Iterator[None]:
    """No search for garbage meanwhile: models and plans are many small objects, and all stay."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


Values = Callable[[Any], Batch] | None


def computed(job: Job, names: Sequence[str], batch: Any, values: Values, check: bool) -> tuple[Batch | None, Batch]:
    """The inputs of one batch if they are made here, and its outputs.

    With a check, a sample of it is compared with the engine.
    """
    inputs = batch if values is None else values(batch)
    given = [inputs[name] for name in names]
    refuse_any_invalid(job, names, given)
    evaluator = evaluator_of(job)
    outputs = evaluator.columns(given)
    if check:
        evaluator.check(given, outputs, job.names)
    found = shown(job, outputs, len(given[0]))
    found[GAVE_UP] = np.array([str(place) for place in evaluator.gave_up], object)
    return None if values is None else inputs, found


def refuse_any_invalid(job: Job, names: Sequence[str], given: Sequence[Array]) -> None:
    """Refuse the first number of a batch that the data validation of its cell does not accept."""
    for name, place, rule, values in zip(names, job.inputs, job.rules, given, strict=True):
        if rule is not None:
            wrong = values[~rule.accepts(values)]
            for value in wrong[:1]:
                refuse_invalid(name, place, rule, float(value))


def shown(job: Job, outputs: Sequence[Column], count: int) -> Batch:
    """Outputs as columns: numbers, texts and numbers where the model has text now, and other values in words."""
    batch: Batch = {}
    problems = np.full(count, "", object)
    for name, column, is_text in zip(job.names, outputs, job.texts, strict=True):
        if is_number(column) and not is_text:
            batch[name] = np.broadcast_to(np.asarray(behind(column), float), count).copy()
            continue
        values, wanted = values_of(column, count), (str, int, float, type(None)) if is_text else (int, float)
        found = [value if isinstance(value, wanted) else np.nan for value in values]
        batch[name] = np.array(list(map(text_or_number, found)) if is_text else found, object if is_text else float)
        for place in (place for place, value in enumerate(values) if not isinstance(value, wanted)):
            problems[place] += f"{'; ' if problems[place] else ''}{name}: {values[place]}"
    batch[ERRORS] = problems
    return batch


def text_or_number(value: Any) -> str | float:
    """A value of a column of texts; a truth in words, nothing for a blank or an error."""
    if isinstance(value, float) and value == value:
        return value
    return "" if isinstance(value, float) else to_text(value)


def swept(
    job: Job, scenarios: Scenarios, executor: Executor | None = None, *, skip: int = 0, ahead: int = AHEAD
) -> Iterator[tuple[Batch, Batch]]:
    """Every batch with its outputs, in order; the first one is checked against the engine, and the last.

    Args:
        job: the workbook and its cells.
        scenarios: the inputs' values.
        executor: who computes; this process if there is none.
        skip: how many batches were computed before, and are passed over.
        ahead: how many batches run ahead.
    """
    names, values = scenarios.names, scenarios.values
    tasks = (
        (batch, (job, names, batch, values, number == 0 or last))
        for number, (batch, last) in enumerate(with_last(islice(scenarios.batches(), skip, None)))
    )
    if executor is None:
        for batch, task in tasks:
            inputs, found = computed(*task)
            yield inputs or batch, found
        return
    waiting: deque[tuple[Any, Future[tuple[Batch | None, Batch]]]] = deque()
    try:
        for batch, task in tasks:
            waiting.append((batch, executor.submit(computed, *task)))
            if len(waiting) > ahead:
                yield finished(*waiting.popleft())
        while waiting:
            yield finished(*waiting.popleft())
    except BrokenProcessPool:
        raise NotSupported("a worker of the sweep died, possibly out of memory") from None
    finally:
        for _, future in waiting:
            future.cancel()


def finished(batch: Any, future: "Future[tuple[Batch | None, Batch]]") -> tuple[Batch, Batch]:
    """The inputs and outputs of a batch that was computed elsewhere."""
    inputs, found = future.result()
    return inputs or batch, found


def with_last(batches: Iterator[Any]) -> Iterator[tuple[Any, bool]]:
    """Every batch, and whether it is the last."""
    held = next(batches, None)
    while held is not None:
        following = next(batches, None)
        yield held, following is None
        held = following


@contextmanager
def processes(count: int) -> Iterator[Executor | None]:
    """An executor of this many processes; none for one."""
    if count <= 1:
        yield None
        return
    spawn = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(count, mp_context=spawn, initializer=leave_interrupts_to_the_parent)
    try:
        yield pool
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


@contextmanager
def cluster(address: str) -> Iterator[Executor]:
    """The workers of a Dask cluster, as an executor."""
    try:
        from distributed import Client
    except ImportError:
        raise NotInstalled("a cluster needs Dask: pip install 'roi-xl[cluster]'") from None
    try:
        client: Any = Client(address, timeout=PATIENCE, set_as_default=False)  # type: ignore[no-untyped-call]
    except (OSError, ValueError, TimeoutError) as error:
        raise NotSupported(f"the cluster at {address} does not answer: {str(error).splitlines()[0]}") from None
    with client:
        yield client.get_executor(pure=False)


def sweep(
    model: LoadedModel,
    frame: Any,
    read: Sequence[str] | None = None,
    executor: Executor | None = None,
    progress: Callable[[int], None] = lambda done: None,
) -> Any:
    """A model over many scenarios; see `Model.sweep`."""
    outputs = list(model.outputs) if read is None else [read] if isinstance(read, str) else list(read)
    scenarios = of_columns({name: frame[name] for name in (frame.columns if hasattr(frame, "columns") else frame)})
    job = job_of(model, scenarios.names, outputs)
    parts: list[Batch] = []
    inputs: list[Batch] = []
    for batch, found in swept(job, scenarios, executor):
        inputs.append(batch)
        parts.append(found)
        progress(len(found[ERRORS]))
    if not parts:
        raise WrongShape("scenarios must have at least one row")
    columns = {name: np.concatenate([part[name] for part in inputs]) for name in scenarios.names}
    columns |= {name: np.concatenate([part[name] for part in parts]) for name in (*outputs, ERRORS)}
    return like_frame(frame, columns)


def like_frame(frame: Any, columns: dict[str, Array]) -> Any:
    """Columns as the kind of frame that the scenarios came in."""
    if hasattr(frame, "index") and hasattr(frame, "columns"):
        return type(frame)(columns, index=frame.index)
    if hasattr(frame, "columns"):
        lists = {name: values.tolist() if values.dtype == object else values for name, values in columns.items()}
        return type(frame)(lists)
    return columns
