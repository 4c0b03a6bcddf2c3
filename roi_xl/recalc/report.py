"""What does a check of workbooks find, and what becomes of many that are recalculated?"""

import functools
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from roi_xl.errors import ExcelError, NotReproduced, RoiError, Status
from roi_xl.quantities import QUANTITIES
from roi_xl.recalc.compare import Difference
from roi_xl.recalc.model import LoadedModel, open_as
from roi_xl.recalc.verify import Verification
from roi_xl.recalc.workers import Findings, of_each
from roi_xl.xlsx.atomic import other_names
from roi_xl.xlsx.workbook_part import external_links

MOST_SHOWN = 5
GENERAL_FORMAT = "{:,.15g}"
Pairs = Mapping[str, tuple[Any, Any]]
DOUBTED = "a second evaluation gives another value"


def check_all(paths: Sequence[Path]) -> Iterator[tuple[Path, Findings]]:
    """What a check of each workbook finds, several at a time, in their order."""
    return of_each(check, paths)


def recalculate_all(
    paths: Sequence[Path], changes: Mapping[str, Any], saving: Mapping[str, bool] | None, **how: Any
) -> Iterator[tuple[Path, Findings]]:
    """What became of each workbook, several at a time, in their order; saved in place if it is said how."""
    return of_each(functools.partial(recalculate, changes=changes, saving=saving, how=how), paths)


def check(path: Path) -> Findings:
    """What a check of one workbook finds, or why it could not be read."""
    try:
        model = open_as(LoadedModel, path, "embedded")
        if not model.replay.compared:
            model.calculate({})
        return findings(model)
    except RoiError as error:
        return {"refused": str(error)}


def is_clean(report: Findings) -> bool:
    """Whether every value came out as the file stores it."""
    return not report.get("different") and "refused" not in report


def recalculate(
    path: Path, changes: Mapping[str, Any], saving: Mapping[str, bool] | None, how: Mapping[str, Any]
) -> Findings:
    """Recalculate one workbook with some inputs changed: how many cells have other values, or why it was refused."""
    try:
        model = open_as(LoadedModel, path, **how)
        model.calculate(changes)
        changed, formulas = model.changed
        links = other_names(path)
        if saving is not None:
            model.save(path, **saving)
    except RoiError as error:
        status = Status.NOT_REPRODUCED if isinstance(error, NotReproduced) else Status.REFUSED
        return {"refused": str(error), "status": status}
    counts = {"changed": changed, "formulas": formulas, "kept": len(model.differences)}
    return {**counts, "written": saving is not None, "links": links, "status": Status.DONE}


def before_and_after(model: LoadedModel, changes: Mapping[str, Any]) -> tuple[Pairs, Pairs]:
    """Inputs and named outputs, before and after some changes."""
    before = {name: model.value(model.find(name)) for name in changes}
    after = model.calculate(changes)
    inputs = {name: (before[name], model.value(model.find(name))) for name in changes}
    return inputs, {name: (stored, after[name]) for name, stored in model.stored_outputs.items()}


def findings(model: LoadedModel) -> Findings:
    """What a replay found, ready for JSON."""
    verification = model.verify()
    return {
        **({} if verification is None else verified(verification)),
        "compared": model.replay.compared,
        "missing": model.replay.missing,
        "volatile": len(model.replay.volatile),
        "errors": model.replay.errors,
        "unknown_functions": sorted(model.replay.unknown),
        "settings": settings_of(model),
        "external_links": external_links(model.book.package),
        "different": [described(difference) for difference in model.differences],
    }


def verified(verification: Verification) -> Findings:
    """How many formulas a second evaluation verified, and why not the others, ready for JSON."""
    reasons = dict(verification.reasons)
    if verification.different:
        reasons[DOUBTED] = len(verification.different)
    return {"formulas": verification.formulas, "verified": verification.verified, "not_verified": reasons}


def summed_up(report: Findings) -> str:
    """The first thing to say of a workbook: how many of its formulas two evaluations agree on."""
    formulas, found = report["formulas"], report["verified"]
    if not report["compared"]:
        return f"no stored values; {found:,} of {formulas:,} formulas verified twice"
    return f"{found:,} of {formulas:,} formulas verified"


def not_verified(report: Findings) -> Iterator[str]:
    """Why formulas could not be verified, line by line."""
    for reason, count in sorted(report.get("not_verified", {}).items(), key=lambda item: -item[1]):
        yield f"{count:,} by the engine only: {reason}"


def settings_of(model: LoadedModel) -> list[str]:
    """The settings of a workbook that its reader should know of."""
    contents = model.book.contents
    told = {
        "precision as displayed: what is computed is rounded as it is shown": not contents.settings.full_precision,
        "manual calculation: stored values may be those of other inputs": not contents.settings.automatic,
        "iteration: circular references are repeated": contents.iteration is not None,
        "dates begin in 1904": contents.date_system == "1904",
    }
    return [text for text, holds in told.items() if holds]


def described(difference: Difference) -> Findings:
    """A difference, ready for JSON."""
    return {
        "cell": str(difference.place),
        "formula": difference.formula,
        "stored": plain(difference.stored),
        "replayed": plain(difference.got),
        "cause": difference.cause,
    }


def plain(value: Any) -> Any:
    """A cell value as JSON has it: an error as its text."""
    return str(value) if isinstance(value, ExcelError) else value


def formatted(name: str, value: Any) -> str:
    """A value as a cell would show it; a name of the vocabulary has its own format."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return str(value).upper()
    if not isinstance(value, int | float):
        return str(value)
    quantity = QUANTITIES.get(name.removesuffix("_used"))
    return GENERAL_FORMAT.format(value) if quantity is None else quantity.unit.shown(value)


def by_cause(different: Sequence[Findings]) -> Iterator[str]:
    """One line for each cause, with its first cells."""
    causes: dict[str, list[Findings]] = {}
    for difference in different:
        causes.setdefault(difference["cause"], []).append(difference)
    for cause, cells in sorted(causes.items(), key=lambda item: -len(item[1])):
        first = "; ".join(f"{c['cell']} stored {c['stored']}, replayed {c['replayed']}" for c in cells[:MOST_SHOWN])
        more = f"; and {len(cells) - MOST_SHOWN:,} more" if len(cells) > MOST_SHOWN else ""
        yield f"{cause} ({len(cells):,}): {first}{more}"
