"""What does checking or recalculating several workbooks find?"""

import functools
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from roi_xl.errors import NotReproduced, RoiError, Status
from roi_xl.formula.unprefixed import unprefixed
from roi_xl.recalc.compare import Difference
from roi_xl.recalc.model import LoadedModel
from roi_xl.recalc.opening import open_as
from roi_xl.recalc.verify import Verification
from roi_xl.recalc.witness import READS_OPEN
from roi_xl.recalc.wording import Findings, plain
from roi_xl.recalc.workers import of_each
from roi_xl.xlsx.atomic import other_names

Pairs = Mapping[str, tuple[Any, Any]]
DOUBTED = "the second evaluation gives another value"


def check_all(paths: Sequence[Path]) -> Iterator[tuple[Path, Findings]]:
    """The findings of a check for each workbook, in order; several run in parallel."""
    return of_each(check, paths)


def recalculate_all(
    paths: Sequence[Path], changes: Mapping[str, Any], saving: Mapping[str, bool] | None, **how: Any
) -> Iterator[tuple[Path, Findings]]:
    """The outcome of recalculating each workbook, in order, in parallel; saved in place if `saving` is given."""
    return of_each(functools.partial(recalculate, changes=changes, saving=saving, how=how), paths)


def check(path: Path) -> Findings:
    """The findings for one workbook, or why it could not be read."""
    try:
        return examined(path)
    except RoiError as error:
        return {"refused": str(error)}


def examined(path: Path) -> Findings:
    """What a check of one workbook finds."""
    model = open_as(LoadedModel, path, "embedded")
    if not model.replay.compared:
        model.calculate({})
    return findings(model)


def is_clean(report: Findings) -> bool:
    """Whether every stored value was reproduced, and every formula has a value and names that Excel reads."""
    return not any(report.get(kind) for kind in ("different", "left_open", "unprefixed", "refused"))


def recalculate(
    path: Path, changes: Mapping[str, Any], saving: Mapping[str, bool] | None, how: Mapping[str, Any]
) -> Findings:
    """Recalculate one workbook with changed inputs: counts of changed cells, or why it was refused."""
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
    counts: dict[str, Any] = {"changed": changed, "formulas": formulas, "kept": len(model.differences)}
    counts["doubts"] = list(model.doubts.values())
    return {**counts, "written": saving is not None, "links": links, "status": Status.DONE}


def before_and_after(model: LoadedModel, changes: Mapping[str, Any]) -> tuple[Pairs, Pairs]:
    """Inputs and named outputs, before and after some changes."""
    before = {name: model.value(model.find(name)) for name in changes}
    after = model.calculate(changes)
    inputs = {name: (before[name], model.value(model.find(name))) for name in changes}
    return inputs, {name: (stored, after[name]) for name, stored in model.stored_outputs.items()}


def findings(model: LoadedModel) -> Findings:
    """The findings of a replay, ready for JSON."""
    verification = model.verification or model.verify()
    return {
        **({} if verification is None else verified(verification)),
        "compared": model.replay.compared,
        "missing": model.replay.missing,
        "volatile": len(model.replay.volatile),
        "errors": len(model.replay.errors),
        "error_values": {str(place): str(error) for place, error in model.replay.errors.items()},
        "unprefixed": {name: [*map(str, cells)] for name, cells in unprefixed(model.book.formulas).items()},
        "unknown_functions": sorted(model.replay.unknown),
        "settings": settings_of(model),
        "external_links": list(model.book.contents.external_links),
        "left_open": {str(place): why for place, why in model.left_open.items() if why != READS_OPEN},
        "not_validated": {str(place): why for place, why in model.not_validated.items()},
        "doubts": list(model.doubts.values()),
        "different": [described(difference) for difference in model.differences],
    }


def verified(verification: Verification) -> Findings:
    """How many formulas the second evaluation verified, and why not the others, ready for JSON."""
    reasons = dict(verification.reasons)
    if verification.different:
        reasons[DOUBTED] = len(verification.different)
    return {"formulas": verification.formulas, "verified": verification.verified, "not_verified": reasons}


def settings_of(model: LoadedModel) -> list[str]:
    """Workbook settings that affect results."""
    contents = model.book.contents
    told = {
        "precision as displayed: values are rounded as they are shown": not contents.settings.full_precision,
        "manual calculation: stored values may be out of date": not contents.settings.automatic,
        "iterative calculation: circular references are iterated": contents.iteration is not None,
        "arrays of random numbers keep the numbers of the file": bool(getattr(model.book, "held_random", ())),
        "dates count from 1904": contents.date_system == "1904",
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
