"""How much of the workbooks that Excel made comes out as Excel left it?

    python benchmarks/fidelity.py FOLDER                    our own replay, by group of workbooks
    python benchmarks/fidelity.py --models CLONES           finance models, four engines side by side
    python benchmarks/fidelity.py --functions FOLDER        function by function, three engines

FOLDER holds workbooks; a group is a folder, or what stands before `@@` in a name. CLONES
holds git clones of the repositories in finance_models.csv, as owner/name or owner+name/repo,
whose workbooks are read at the commits that stand there. What is not cloned is named, and left out.
IronCalc is not asked function by function: some of the suites' workbooks keep it busy for hours.
"""

import argparse
import csv
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from pathlib import Path

from roi_xl.engines import libreoffice
from roi_xl.errors import RoiError
from roi_xl.model import open_model
from roi_xl.recalc.compare import RELATIVE, agree
from roi_xl.xlsx.package import read_package
from roi_xl.xlsx.sheet_cells import Value, stored_formulas, written_formula
from roi_xl.xlsx.workbook_part import read_workbook_part

HERE = Path(__file__).resolve().parent
SECONDS = 300
FUNCTION = re.compile(r"^[-+(]*(?:_xl\w+\.)*([A-Za-z][\w.]*)\(")
COUNTED = ("fully", "partly", "refused", "cells", "kept", "formulas", "verified")
LEAST_CELLS, MOST_MISSED = 3, 0.005
Stored = dict[tuple[str, int, int], Value]
Peek = Callable[[str, int, int], Value]


# the engines: how each gives the value of a cell


def engine_alone(path: Path) -> Peek:
    import formualizer

    from roi_xl.hosts.headless import from_engine

    book = formualizer.load_workbook(str(path))
    book.evaluate_all()
    return lambda sheet, row, column: from_engine(book.get_value(sheet, row, column))


def ours(path: Path) -> Peek:
    """Our values before anything is kept: what the replay compares."""
    model = open_model(path, trust_engine=True)
    return lambda sheet, row, column: model.book.peekers[sheet](row, column)


def in_libreoffice(path: Path) -> Peek:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        converted = read_package(libreoffice.convert(path, "xlsx", Path(folder), recalculate=True))
    values = libreoffice.read_values(converted)
    return lambda sheet, row, column: values[sheet].get((row, column))


def ironcalc(path: Path) -> Peek:
    import ironcalc as engine

    from roi_xl.errors import EXCEL_ERRORS

    model = engine.load_from_xlsx(str(path), "en", "UTC", "en")
    model.evaluate()
    numbers = {name: place for place, name in enumerate(sheet["name"] for sheet in model.get_worksheets_properties())}

    def peek(sheet: str, row: int, column: int) -> Value:
        value = model.get_cell_value(numbers[sheet], row, column)
        number = float(value) if isinstance(value, int) and not isinstance(value, bool) else value
        return EXCEL_ERRORS.get(number, number) if isinstance(number, str) else number

    return peek


ENGINES = {"the engine alone": engine_alone, "roi-xl": ours, "LibreOffice": in_libreoffice, "IronCalc": ironcalc}


# what a workbook stores, and what is left out


def stored_values(path: Path) -> tuple[Stored, set[tuple[str, int, int]], dict[tuple[str, int, int], str]]:
    """The stored value of every formula cell, the cells that change with the clock, and each cell's function."""
    package = read_package(path)
    contents = read_workbook_part(package)
    stored: Stored = {}
    functions = {}
    for sheet, part in contents.sheets.items():
        for (row, column), value in stored_formulas(package.parts[part]).items():
            if value is None:
                continue
            stored[sheet, row, column] = value
            found = FUNCTION.match(written_formula(package.parts[part], (row, column)))
            functions[sheet, row, column] = found[1].upper() if found else "no function"
    volatile = set()
    with suppress(RoiError):
        volatile = {(place.sheet, *place.within) for place in open_model(path).replay.volatile}
    return stored, volatile, functions


def compared(path: Path, engine: str) -> tuple[Counter[str], Counter[str]]:
    """One engine on one workbook: what became of it, and the cells missed by function."""
    try:
        stored, volatile, functions = stored_values(path)
    except (RoiError, ValueError):
        return Counter(), Counter()
    if not stored:
        return Counter(), Counter()
    start = time.perf_counter()
    try:
        peek = ENGINES[engine](path)
    except BaseException as error:  # an engine's own panics have no common class
        if isinstance(error, KeyboardInterrupt):
            raise
        return Counter(refused=1, cells=len(stored) - len(volatile)), Counter(functions.values())
    seconds = time.perf_counter() - start
    missed = [cell for cell, value in stored.items() if cell not in volatile and not reproduced(peek, cell, value)]
    cells = len(stored) - len(volatile)
    outcome = Counter({"partly" if missed else "fully": 1, "cells": cells, "same": cells - len(missed)})
    outcome["milliseconds"] = round(seconds * 1_000)
    return outcome, Counter(functions[cell] for cell in missed)


def reproduced(peek: Peek, cell: tuple[str, int, int], stored: Value) -> bool:
    """Whether an engine gives what the file stores, to nine digits and forgiving residues near zero."""
    try:
        got = peek(*cell)
    except BaseException:
        return False
    if isinstance(stored, float) and isinstance(got, float) and abs(stored - got) < RELATIVE * 1e6:
        return True
    return agree(stored, got, 1e-9)


# the reports


def side_by_side(paths: list[Path], by_function: bool) -> None:
    """A row for each engine; or one for each function that some engine misses."""
    functions = Counter(f for path in paths for f in functions_of(path)) if by_function else Counter()
    missed: dict[str, Counter[str]] = {}
    engines = [engine for engine in ENGINES if engine != "IronCalc" or not by_function]
    print("| engine | replays fully | partly | refused | same cells | seconds |\n| --- | --- | --- | --- | --- | --- |")
    for engine in engines:
        total, missed[engine] = Counter(), Counter()
        with ProcessPoolExecutor(2) as pool:
            for outcome, by in pool.map(compared, paths, [engine] * len(paths)):
                total += outcome
                missed[engine] += by
        same = f"{total['same']:,} of {total['cells']:,}"
        row = (total["fully"], total["partly"], total["refused"], same, round(total["milliseconds"] / 1_000))
        print(f"| {engine} | " + " | ".join(map(str, row)) + " |", flush=True)
    if by_function:
        print_functions(functions, missed)


def functions_of(path: Path) -> list[str]:
    """The function of every formula cell that stores a value."""
    try:
        return list(stored_values(path)[2].values())
    except (RoiError, ValueError):
        return []


def print_functions(functions: Counter[str], missed: dict[str, Counter[str]]) -> None:
    """The functions that our replay misses at times, with the share that each engine gives as Excel does."""
    print("\n| function | cells | " + " | ".join(missed) + " |\n| --- | --- |" + " --- |" * len(missed))
    for function, cells in sorted(functions.items()):
        if cells >= LEAST_CELLS and missed["roi-xl"][function] > MOST_MISSED * cells:
            shares = (f"{1 - missed[engine][function] / cells:.0%}" for engine in missed)
            print(f"| {function} | {cells:,} | " + " | ".join(shares) + " |")


def clone_of(clones: Path, repository: str) -> Path | None:
    """The clone of a repository, as owner/name or owner+name/repo, bare or not."""
    return next(filter(Path.exists, (clones / repository, clones / repository.replace("/", "+") / "repo")), None)


def cloned_models(clones: Path, target: Path) -> Iterator[Path]:
    """The workbooks of the index, each at its commit, as files of a folder."""
    with (HERE / "finance_models.csv").open(newline="") as file:
        for number, row in enumerate(csv.DictReader(file)):
            clone = clone_of(clones, row["repository"])
            if clone is None:
                print(f"not cloned: git clone https://github.com/{row['repository']}", file=sys.stderr)
                continue
            shown = subprocess.run(
                ["git", "-C", str(clone), "show", f"{row['commit']}:{row['path']}"], check=True, capture_output=True
            )
            path = target / f"{number:03}{Path(row['path']).suffix}"
            path.write_bytes(shown.stdout)
            yield path


def by_group(folder: Path) -> None:
    """A row for each group of workbooks."""
    groups: defaultdict[str, Counter[str]] = defaultdict(Counter)
    start = time.perf_counter()
    for path in workbooks(folder):
        group = path.name.partition("@@")[0] if "@@" in path.name else str(path.parent.relative_to(folder))
        groups[group] += replayed(path)
    print("| workbooks from | replay fully | some cells kept | refused | cells | kept | formulas | verified twice |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for group, counts in sorted(groups.items()):
        if counts["fully"] + counts["partly"]:
            row = (counts[name] for name in COUNTED)
            print(f"| {group} | " + " | ".join(f"{count:,}" for count in row) + " |")
    print(f"\n{sum(groups.values(), Counter())} in {time.perf_counter() - start:.0f} s")


def replayed(path: Path) -> Counter[str]:
    """What became of one workbook in our replay."""
    try:
        model = open_model(path)
    except RoiError:
        return Counter(refused=1)
    if not model.replay.compared:
        return Counter(empty=1)
    causes = Counter(
        "unknown" if difference.cause.endswith("is not known") else "kept" for difference in model.differences
    )
    outcome = "partly" if causes["kept"] else "with unknown functions" if causes["unknown"] else "fully"
    verification = model.verify()
    twice = {"formulas": verification.formulas, "verified": verification.verified} if verification else {}
    return Counter({outcome: 1, "cells": model.replay.compared, **twice}) + causes


def workbooks(folder: Path) -> list[Path]:
    """Every workbook below a folder."""
    return sorted(folder.rglob("*.xls[xm]"))


def main() -> None:
    """Print what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--models", action="store_true", help="FOLDER holds clones of the finance models' repositories")
    parser.add_argument("--functions", action="store_true", help="report function by function")
    options = parser.parse_args()
    if options.models:
        with tempfile.TemporaryDirectory() as name:
            paths = list(cloned_models(options.folder, Path(name)))
            by_group(Path(name))
            side_by_side(paths, by_function=False)
    elif options.functions:
        side_by_side(workbooks(options.folder), by_function=True)
    else:
        by_group(options.folder)


if __name__ == "__main__":
    main()
