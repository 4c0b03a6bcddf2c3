"""Do public finance workbooks come out as Excel left them, also after a change and in a sweep?

    python benchmarks/models.py FOLDER [--clones] [--office]

FOLDER holds workbooks; with --clones, clones of the repositories in finance_models.csv as owner/name
or owner+name/repo, whose workbooks are read at the commits that stand there. Each is asked in a
process of its own, within a limit of time: what of it replays; what it becomes when the
three constants that reach most formulas grow by a tenth; and how much of a sweep of these
constants, with every formula as an output, is evaluated over arrays. With --office, LibreOffice
calculates each changed workbook, too, and every formula cell is compared.
What is not as it should be is listed workbook by workbook.
"""

import argparse
import multiprocessing
import signal
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from fidelity import cloned_models, in_libreoffice, stored_values, workbooks

from roi_xl.errors import NotReproduced, RoiError
from roi_xl.excel.values import NUMBER
from roi_xl.model import Model, open_model
from roi_xl.recalc.compare import agree
from roi_xl.recalc.report import findings
from roi_xl.recalc.verify import CHANGES
from roi_xl.sweeps.evaluate import Evaluator
from roi_xl.xlsx.addresses import Address

SECONDS = 120
"""Of a processor, for each question to a workbook."""

CHANGED, GROWTH, MOST_TRIED = 3, 1.1, 100
SCENARIOS = 6
CLOSE = 1e-9
Report = dict[str, Any]


# what is asked


def asked(path: Path, office: bool) -> Report:
    """What becomes of one workbook: counts by question, and what is to be told."""
    report: Report = {"path": path.name, "counts": Counter(workbooks=1), "told": []}
    signal.signal(signal.SIGPROF, lambda *_: (_ for _ in ()).throw(TimeoutError(f"more than {SECONDS} seconds")))
    inputs: list[Address] = []
    questions = (lambda: inputs.extend(replayed(path, report)), lambda: changed(path, inputs, office, report))
    for question in (*questions, lambda: swept(path, inputs, report)):
        signal.setitimer(signal.ITIMER_PROF, SECONDS)
        try:
            question()
        except (RoiError, TimeoutError) as problem:
            report["told"].append(str(problem))
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
    return report


def replayed(path: Path, report: Report) -> list[Address]:
    """Count what replays; return the constants to change."""
    start, counts = time.process_time(), report["counts"]
    try:
        model = open_model(path)
    except RoiError:
        counts["refused"] += 1
        raise
    found = findings(model)
    counts["milliseconds"] += round((time.process_time() - start) * 1_000)
    if not found["compared"]:
        counts["empty"] += 1
        return []
    unknown = [one for one in found["different"] if one["cause"].endswith("is unknown")]
    kept = len(found["different"]) - len(unknown)
    counts["partly" if kept else "unknown" if unknown else "fully"] += 1
    by_chance = found["not_verified"].pop(CHANGES, 0)
    counts.update(formulas=found["formulas"], verified=found["verified"], chance=by_chance)
    for cause, count in Counter(one["cause"] for one in found["different"]).items():
        report["told"].append(f"{count} kept: {cause}")
    report["told"] += [f"{count} not verified: {reason}" for reason, count in found["not_verified"].items()]
    return most_reaching(model)


def changed(path: Path, inputs: list[Address], office: bool, report: Report) -> None:
    """Count what becomes of the formulas when some constants grow by a tenth."""
    if not inputs:
        return
    counts = report["counts"]
    model = open_model(path, ignore_validation=True)
    counts["asked"] += 1
    try:
        model.calculate({str(place): number(model, place) * GROWTH for place in inputs})
    except RoiError as problem:
        counts["stopped" if isinstance(problem, NotReproduced) else "not calculated"] += 1
        raise
    counts["calculated"] += 1
    counts.update(new=model.changed[0], cells=model.changed[1])
    if office:
        with tempfile.TemporaryDirectory() as folder:
            target = Path(folder) / path.name
            model.save(target)
            compare_with_office(path, target, report)


def compare_with_office(original: Path, target: Path, report: Report) -> None:
    """Count the cells of a changed workbook where LibreOffice differs, though it gives what Excel stored before."""
    peek, before = in_libreoffice(target), None
    old, counts = stored_values(original)[0], report["counts"]
    for cell, value in stored_values(target)[0].items():
        counts["in both"] += 1
        if agree(value, peek(*cell), CLOSE):
            continue
        before = before or in_libreoffice(original)
        if agree(old.get(cell), before(*cell), CLOSE):
            counts["differ"] += 1
            report["told"].append(f"{Address(*cell)}: {value}, {peek(*cell)} in LibreOffice")
        else:
            counts["office"] += 1


def swept(path: Path, inputs: list[Address], report: Report) -> None:
    """Count the cells that a sweep evaluates over arrays, of all that vary."""
    if not inputs:
        return
    counts, model = report["counts"], open_model(path)
    outputs = formula_cells(model)
    counts["swept"] += 1
    evaluator = Evaluator.of(model, inputs, outputs)
    given = [np.linspace(2 - GROWTH, GROWTH, SCENARIOS) * number(model, place) for place in inputs]
    if evaluator.plan.whole:
        counts["whole"] += 1
        report["told"].append(f"swept by the engine: {evaluator.plan.whole}")
        return
    found = evaluator.columns(given)
    evaluator.check(given, found, list(map(str, outputs)))
    left = {step.place: step.why for step in evaluator.plan.left} | dict.fromkeys(evaluator.gave_up, "gave up")
    counts.update(vary=len(evaluator.plan.steps), left=len(left))
    report["told"] += [f"{count} swept one by one: {why}" for why, count in Counter(left.values()).items()]


# what is changed


def most_reaching(model: Model) -> list[Address]:
    """The constants that reach most formulas, each formula counted once."""
    reached = reach(model)
    chosen: list[Address] = []
    counted: set[Address] = set()
    for _ in range(CHANGED):
        best = max(reached, key=lambda place: len(reached[place] - counted), default=None)
        if best is None or not reached[best] - counted:
            break
        chosen.append(best)
        counted |= reached.pop(best)
    return chosen


def reach(model: Model) -> dict[Address, set[Address]]:
    """The formulas that constants reach, of the constants that most formulas read."""
    readers = Readers(model)
    constants = {place: len(readers.of(place)) for place in readers.constants()}
    tried = sorted((place for place, count in constants.items() if count), key=lambda place: -constants[place])
    return {place: readers.all_of(place) for place in tried[:MOST_TRIED] if is_settable(model, place)}


def is_settable(model: Model, place: Address) -> bool:
    """Whether a cell can be set."""
    try:
        return bool(model.settable(str(place)))
    except RoiError:
        return False


def number(model: Model, place: Address) -> float:
    """The number in a cell."""
    value = model.value(place)
    assert isinstance(value, float)
    return value


class Readers:
    """Who reads a cell: each area that formulas read is held once."""

    def __init__(self, model: Model) -> None:
        self.model = model
        found: dict[tuple[int, ...], list[Address]] = {}
        self.sheets = {name: number for number, name in enumerate(model.book.contents.sheets)}
        for place in formula_cells(model):
            for sheet, *corners in model.book.reads(place).areas:
                found.setdefault((self.sheets[sheet], *corners), []).append(place)
        self.areas = np.array(list(found), int).reshape(-1, 5).T
        self.formulas = list(found.values())

    def of(self, place: Address) -> list[int]:
        """The numbers of the areas that hold a cell."""
        sheet, top, left, bottom, right = self.areas
        rows = (top <= place.row) & (place.row <= bottom)
        columns = (left <= place.column) & (place.column <= right)
        return np.flatnonzero((sheet == self.sheets[place.sheet]) & rows & columns).tolist()

    def all_of(self, place: Address) -> set[Address]:
        """Every formula that reads a cell, itself or through others."""
        found: set[Address] = set()
        seen: set[int] = set()
        ahead = [place]
        while ahead:
            for area in self.of(ahead.pop()):
                if area not in seen:
                    seen.add(area)
                    new = set(self.formulas[area]) - found
                    found |= new
                    ahead += new
        return found

    def constants(self) -> Iterator[Address]:
        """The cells that hold an amount: a number other than zero that is no whole year or day."""
        book = self.model.book
        for sheet in book.contents.sheets:
            seen, filled = book.seen(sheet), book.formulas.sheets[sheet].anchors
            for row, column in np.argwhere((seen.tags == NUMBER) & (seen.values != 0)).tolist():
                place = Address(sheet, row, column)
                plain = place.within not in filled and book.formulas.shape(place) is None
                if plain and is_amount(float(seen.values[row, column])):
                    yield place


def formula_cells(model: Model) -> list[Address]:
    """Every cell that holds a formula."""
    return [Address(name, *cell) for name, cells in model.book.formulas.by_cell.items() for cell in cells]


def is_amount(value: float) -> bool:
    """Whether a number is neither a year nor a day."""
    return value != int(value) or not (1900 <= value <= 2100 or 30_000 < value < 60_000)


# the report


def print_report(reports: list[Report]) -> None:
    """The tables, and what is to be told."""
    total = sum((report["counts"] for report in reports), Counter())
    known = total["formulas"] - total["chance"]
    print("| workbooks | replay fully | but for unknown functions | some cells kept | refused | nothing stored |")
    print("| --- | --- | --- | --- | --- | --- |")
    print(row(total, "workbooks", "fully", "unknown", "partly", "refused", "empty"))
    print(f"\n{total['formulas']:,} formulas, {total['chance']:,} of them by chance or clock; of the other {known:,}")
    print(f"{total['verified']:,} verified twice ({total['verified'] / max(known, 1):.1%})", end="; ")
    print(f"{total['milliseconds'] / 1_000:.0f} s of a processor\n")
    print(
        "| changed | calculated | stopped | refused | formulas | new values | compared | differ | LibreOffice alone |"
    )
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    print(row(total, "asked", "calculated", "stopped", "not calculated", "cells", "new", "in both", "differ", "office"))
    print("\n| swept | by the engine | cells that vary | not over arrays |\n| --- | --- | --- | --- |")
    print(row(total, "swept", "whole", "vary", "left"))
    for report in reports:
        for line in report["told"]:
            print(f"{report['path']}: {line[:200]}")


def row(counts: Counter[str], *names: str) -> str:
    """Counts as a row of a table."""
    return "| " + " | ".join(f"{counts[name]:,}" for name in names) + " |"


def main() -> None:
    """Ask every workbook, and print the report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--clones", action="store_true", help="FOLDER holds clones of the finance models' repositories")
    parser.add_argument("--office", action="store_true", help="compare with LibreOffice after the change")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        paths = list(cloned_models(options.folder, Path(name))) if options.clones else workbooks(options.folder)
        with multiprocessing.get_context("fork").Pool(1, maxtasksperchild=1) as pool:
            print_report(pool.starmap(asked, [(path, options.office) for path in paths], chunksize=1))


if __name__ == "__main__":
    main()
