"""Which of the answers that Excel stored in function suites come out, function by function?

    python benchmarks/suites.py CLONES [--text TEXT]

CLONES holds clones of the repositories of SUITES as owner/name or owner+name/repo, bare or
not; their workbooks are read at the commit that is checked out. Every workbook is asked
twice: as it is, and with the stored values of its formulas taken out. A cell is right, or
named (its value cannot be told, is refused, or is kept as it was), or wrong.
With --text, the cells of paths that hold it are listed one by one.
"""

import argparse
import re
import signal
import subprocess
import sys
import tempfile
import zipfile
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

from fidelity import clone_of, reproduced, stored_values

from roi_xl.engines.embedded import finite
from roi_xl.errors import ExcelError, RoiError
from roi_xl.model import open_model
from roi_xl.xlsx.addresses import Address

SUITES = {
    "ironcalc/IronCalc": "xlsx/tests/calc_tests/",
    "apache/poi": "test-data/spreadsheet/",
}
SECONDS = 60
LARGEST = 2_000_000
FINANCE = frozenset(
    """
    ABS AND AVERAGE AVERAGEIF AVERAGEIFS CEILING CHOOSE CONCATENATE COUNT COUNTA COUNTIF COUNTIFS CUMIPMT CUMPRINC
    DATE DAY DAYS DB DDB EDATE EFFECT EOMONTH EXP FILTER FLOOR FORECAST FV HLOOKUP IF IFERROR IFNA IFS INDEX INT
    IPMT IRR ISERROR ISNUMBER LARGE LEFT LEN LET LN LOOKUP MATCH MAX MEDIAN MID MIN MIRR MOD MONTH MROUND NOMINAL
    NORM.DIST NORM.INV NORM.S.DIST NORM.S.INV NOT NPER NPV OFFSET OR PERCENTILE PMT POWER PPMT PRICE PRODUCT PV
    QUARTILE RANK RATE RIGHT ROUND ROUNDDOWN ROUNDUP ROW RRI SEQUENCE SLN SLOPE SMALL SORT SQRT STDEV STDEV.S
    SUBTOTAL SUM SUMIF SUMIFS SUMPRODUCT SWITCH SYD TEXT TRANSPOSE TREND UNIQUE VALUE VAR VDB VLOOKUP WEEKDAY
    WORKDAY XIRR XLOOKUP XMATCH XNPV YEAR YEARFRAC YIELD
    """.split()
)
"""Functions that finance models use."""
STORED_AS_VALUE = (ExcelError.CALC, ExcelError.SPILL)
"""Errors that Excel stores as #VALUE!, for programs that are older than they."""
STORED = re.compile(rb"(<f\b[^>]*(?:/>|>[^<]*</f>))<v[^>]*>[^<]*</v>")
Cell = tuple[str, int, int]


def suite_workbooks(clones: Path, target: Path) -> Iterator[Path]:
    """The workbooks of every suite, as files of a folder."""
    for repository, folder in SUITES.items():
        clone = clone_of(clones, repository)
        if clone is None:
            print(f"not cloned: git clone https://github.com/{repository}", file=sys.stderr)
            continue
        names = git(clone, "ls-tree", "-r", "-z", "--name-only", "HEAD", folder).decode().split("\0")
        for name in filter(lambda name: name.endswith((".xlsx", ".xlsm")), names):
            path = target / repository.partition("/")[0] / name.removeprefix(folder).replace("/", "@")
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(git(clone, "show", f"HEAD:{name}"))
            yield path


def git(clone: Path, *words: str) -> bytes:
    return subprocess.run(["git", "-C", str(clone), *words], check=True, capture_output=True).stdout


def without_stored(path: Path, target: Path) -> Path:
    """The workbook with no value stored beside a formula."""
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in source.namelist():
            data = source.read(name)
            archive.writestr(name, STORED.sub(rb"\1", data) if name.startswith("xl/worksheets/sheet") else data)
    return target


def outcomes(path: Path, stored: dict[Cell, Any]) -> dict[Cell, tuple[str, Any]]:
    """What became of each cell: right, named, or wrong, with the value that came out."""
    try:
        model = open_model(path)
        verification = model.verification or model.verify()
    except RoiError as refusal:
        return dict.fromkeys(stored, ("named", refusal))
    refusal_ = None
    try:
        model.calculate({})
    except RoiError as problem:
        refusal_ = problem
    found = {}
    for cell, value in stored.items():
        place = Address(*cell)
        if reproduced(lambda s, r, c: finite(model.book.peekers[s](r, c)), cell, value):
            found[cell] = ("right", value)
            continue
        named = refusal_ or verification.unverified.get(place) or (place in model.replay.kept and "kept")
        named = named or model.left_open.get(place)
        got = model.book.value_or_problem(place)
        if value is ExcelError.VALUE and got in STORED_AS_VALUE:
            found[cell] = ("right", value)
            continue
        found[cell] = ("named" if named else "wrong", f"{got!r} ({named})" if named else got)
    return found


def asked(path: Path) -> list[tuple[Path, Cell, str, Any, tuple[str, Any], tuple[str, Any]]]:
    """Every formula cell of a workbook with its function, its value, and what became of it both ways.

    The time that counts is the processor's, so that a busy machine loses no workbook; one that is lost is told.
    """
    signal.signal(signal.SIGPROF, lambda *_: (_ for _ in ()).throw(TimeoutError()))
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    try:
        if path.stat().st_size > LARGEST:
            return []
        stored, volatile, functions = stored_values(path)
        stored = {cell: value for cell, value in stored.items() if cell not in volatile}
        kept = outcomes(path, stored)
        with tempfile.TemporaryDirectory() as folder:
            fresh = outcomes(without_stored(path, Path(folder) / path.name), stored)
        return [(path, cell, functions[cell], stored[cell], kept[cell], fresh[cell]) for cell in stored]
    except TimeoutError:
        print(f"{path.name} takes more than {SECONDS} seconds", file=sys.stderr)
    except (RoiError, ValueError, KeyError, zipfile.BadZipFile, OSError):
        pass  # not a workbook that can be read
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    return []


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("clones", type=Path)
    parser.add_argument("--text")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, ProcessPoolExecutor(2) as pool:
        paths = [p for p in suite_workbooks(options.clones, Path(name)) if not options.text or options.text in p.name]
        rows = [row for rows in pool.map(asked, paths) for row in rows]
    if options.text:
        for path, cell, function, value, *became in rows:
            for way, (what, got) in zip(("as it is", "fresh"), became, strict=True):
                if what != "right":
                    print(path.name, cell, function, f"{value!r}: {what} {way}: {str(got)[:160]}")
    print_suites(rows)
    print_functions(rows)


def print_suites(rows: list[Any]) -> None:
    """A row for each suite and way."""
    print("| suite | workbooks | cells | right | named | wrong |\n| --- | --- | --- | --- | --- | --- |")
    for suite in sorted({row[0].parent.name for row in rows}):
        for way, place in (("as it is", 4), ("without stored values", 5)):
            became = Counter(row[place][0] for row in rows if row[0].parent.name == suite)
            workbooks, cells = len({row[0] for row in rows if row[0].parent.name == suite}), became.total()
            shares = " | ".join(f"{became[what]:,}" for what in ("named", "wrong"))
            print(f"| {suite}, {way} | {workbooks} | {cells:,} | {became['right'] / cells:.1%} | {shares} |")


def print_functions(rows: list[Any]) -> None:
    """A row for each function that is below 98 %, those of finance models first."""
    print("\n| function | in finance | cells | right | named | wrong |\n| --- | --- | --- | --- | --- | --- |")
    functions = {row[2] for row in rows}
    for function in sorted(functions, key=lambda name: (name not in FINANCE, name)):
        became = Counter(row[5][0] for row in rows if row[2] == function)
        if became["right"] < 0.98 * became.total():
            shares = " | ".join(f"{became[what]:,}" for what in ("right", "named", "wrong"))
            print(f"| {function} | {'yes' if function in FINANCE else ''} | {became.total():,} | {shares} |")


if __name__ == "__main__":
    main()
