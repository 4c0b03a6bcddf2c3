"""Measure growth: does ten times the work take ten times the time?

Each kind of workbook is made in several sizes and opened, or swept, in a process of its own
under a limit of time and memory. The last column is the exponent between the two largest
sizes that ended: 1 is linear, 2 is quadratic. Times are processor seconds, so that other
work on the machine counts little.
"""

import argparse
import contextlib
import math
import os
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

SCRIPT = Path(__file__).resolve()
SIZES = (10_000, 100_000)
SECONDS = 240
MIB = 3_072
SCENARIOS = 1_000
NAMES = 1_000
TABLE = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
PARTS = {
    "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
    '<Override PartName="/xl/worksheets/sheet1.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>',
    "_rels/.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="r" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" '
    'Target="xl/workbook.xml"/></Relationships>',
    "xl/_rels/workbook.xml.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="s" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" '
    'Target="worksheets/sheet1.xml"/></Relationships>',
}

Row = list[tuple[str, str, float | None]]
"""Cells of a row: column, formula or nothing, stored value."""


def write(path: Path, rows: Iterator[Row], names: str = "") -> None:
    """A workbook of one sheet, with the values that it is told to store."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, text in PARTS.items():
            archive.writestr(name, text)
        archive.writestr(
            "xl/workbook.xml",
            f'<workbook {TABLE} xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
            f'<sheets><sheet name="S" sheetId="1" r:id="s"/></sheets>'
            f"<definedNames>{names}</definedNames></workbook>",
        )
        with archive.open("xl/worksheets/sheet1.xml", "w") as sheet:
            sheet.write(f"<worksheet {TABLE}><sheetData>".encode())
            for number, row in enumerate(rows, 1):
                sheet.write(f'<row r="{number}">{"".join(cell(number, *one) for one in row)}</row>'.encode())
            sheet.write(b"</sheetData></worksheet>")


def cell(row: int, column: str, formula: str, value: float | None) -> str:
    """One cell."""
    text = f"<f>{formula}</f>" if formula else ""
    stored = "" if value is None else f"<v>{value!r}</v>"
    return f'<c r="{column}{row}">{text}{stored}</c>'


def name(name: str, text: str) -> str:
    """A defined name."""
    return f'<definedName name="{name}">{text}</definedName>'


# the kinds


def right_sums(count: int) -> Iterator[Row]:
    for row in range(1, count + 1):
        yield [("A", "", 1.0), ("B", f"SUM(A$1:A{row})", float(row))]


def stale_sums(count: int) -> Iterator[Row]:
    for row in range(1, count + 1):
        yield [("A", "", 1.0), ("B", f"SUM(A$1:A{row})", row + 0.5)]


def stale_steps(count: int) -> Iterator[Row]:
    yield [("A", "", 1.0), ("B", "A1", 9.0)]
    for row in range(2, count + 1):
        yield [("A", "", 1.0), ("B", f"B{row - 1}+A{row}", row + 0.5)]


def stale_sheet_sum(count: int) -> Iterator[Row]:
    yield [("A", "", 1.0), ("B", "A1*2", 2.0), ("D", "SUM(F:XFD)", 7.0), ("XFD", "", 1.0)]
    for row in range(2, count + 1):
        yield [("A", "", 1.0), ("B", f"A{row}*2", 2.0)]


def stale_whole_columns(count: int) -> Iterator[Row]:
    for row in range(1, count + 1):
        yield [
            ("A", "", 1.0),
            ("B", "", 2.0),
            ("D", f"A{row}*2", 2.0),
            ("E", f"SUM(A:B)+A{row}" if row % 10 else "", 7.0),
        ]


def many_kept(count: int) -> Iterator[Row]:
    for row in range(1, count + 1):
        yield [("A", "", 1.0), ("B", f"A{row}*2", 2.0 if row % 3 else 5.0), ("C", f"B{row}+1", 3.0 if row % 3 else 6.0)]


def named(count: int) -> Iterator[Row]:
    for row in range(1, count + 1):
        yield [("A", "", 1.0), ("B", f"A{row}*rate_{row % NAMES}", 2.0)]


def numbers(count: int) -> Iterator[Row]:
    for row in range(1, count + 1):
        yield [("A", "", 1.0), ("B", f"A{row}*2", 2.0)]


def chain(count: int) -> Iterator[Row]:
    yield [("A", "", 1.0), ("B", "A1*1.0001", 1.0001)]
    value = 1.0001
    for row in range(2, count + 1):
        value += 0.5
        yield [("B", f"B{row - 1}+0.5", value)]


def formula_names(count: int) -> str:
    return "".join(name(f"rate_{number}", f"SUM(S!$A${number + 1},1)") for number in range(NAMES))


def cell_names(count: int) -> str:
    places = ((number // 2 + 1, "AB"[number % 2]) for number in range(count))
    return "".join(name(f"item_{number}", f"S!${column}${row}") for number, (row, column) in enumerate(places))


def sums_of_a_ramp(count: int) -> Iterator[Row]:
    total = 0.0
    for row in range(1, count + 1):
        value = 1.0 + row
        total += value
        yield [
            ("A", "" if row == 1 else "A$1+" + str(row - 1), 2.0 if row == 1 else value),
            ("B", f"SUM(A$1:A{row})", total),
        ]


def ends(count: int) -> str:
    return name("start", "S!$A$1") + name("result", f"S!$B${count}")


def opened(path: str) -> None:
    from roi_xl.model import open_model

    model = open_model(path)
    model.save("saved.xlsx")


def changed(path: str) -> None:
    from roi_xl.model import open_model

    model = open_model(path)
    with contextlib.suppress(Exception):
        model.calculate({"S!A1": 2.0})


def shown(path: str) -> None:
    from roi_xl.cli import main

    main(["show", path])


def swept(path: str) -> None:
    import numpy as np

    from roi_xl.model import open_model

    model = open_model(path)
    assert model.sweep({"start": np.linspace(1, 2, SCENARIOS)}, read=["result"])


Kind = tuple[str, Callable[[int], Iterator[Row]], Callable[[int], str] | None, Callable[[str], None]]
KINDS: dict[str, Kind] = {
    "right-sums": ("running SUMs, right", right_sums, None, opened),
    "stale-sums": ("running SUMs, all stale", stale_sums, None, opened),
    "stale-steps": ("running totals, all stale", stale_steps, None, opened),
    "stale-sheet": ("one stale SUM(F:XFD)", stale_sheet_sum, None, opened),
    "stale-columns": ("SUM(A:B) of whole columns, all stale", stale_whole_columns, None, opened),
    "kept": ("a third of the formulas stale", many_kept, None, opened),
    "kept-changed": ("a third of the formulas stale, then a change", many_kept, None, changed),
    "names": ("1,000 formula names", named, formula_names, opened),
    "show": ("show, a name for each cell", numbers, cell_names, shown),
    "chain": ("a sweep of 1,000 scenarios over a chain", chain, ends, swept),
    "sums-swept": ("a sweep of 1,000 scenarios over running SUMs", sums_of_a_ramp, ends, swept),
    "change": ("a right workbook, then a change", numbers, None, changed),
}


def run_once(kind: str, path: str) -> float | None:
    """The processor seconds that a kind takes on a workbook, in a process of its own; None where it does not end."""
    command = [sys.executable, str(SCRIPT), "--run", kind, path]
    limits = f"ulimit -v {MIB * 1024}; exec " + " ".join(f"'{word}'" for word in command)
    with contextlib.suppress(subprocess.TimeoutExpired):
        done = subprocess.run(["bash", "-c", limits], capture_output=True, text=True, timeout=SECONDS)
        if done.returncode == 0:
            return float(done.stdout.split()[-1])
        print(done.stderr[-300:], file=sys.stderr)
    return None


def measure(kind: str, sizes: list[int]) -> None:
    """One line of the table."""
    what, rows, names, _ = KINDS[kind]
    found: list[float | None] = []
    for size in sizes:
        path = Path("book.xlsx")
        write(path, rows(size), names(size) if names else "")
        found.append(run_once(kind, str(path)) if not found or found[-1] is not None else None)
    done = [(size, seconds) for size, seconds in zip(sizes, found, strict=True) if seconds is not None]
    exponent = "–"
    if len(done) > 1:
        (small, quick), (large, slow) = done[-2:]
        exponent = f"{math.log(slow / quick) / math.log(large / small):.2f}"
    times = " | ".join("–" if seconds is None else f"{seconds:.1f} s" for seconds in found)
    print(f"| {what} | {times} | {exponent} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kinds", nargs="*", default=list(KINDS), help=f"which of {', '.join(KINDS)}")
    parser.add_argument("--sizes", type=int, nargs="+", default=list(SIZES))
    parser.add_argument("--run", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.run:
        kind, path = options.run
        import roi_xl.model  # noqa: F401  (its time is not counted)

        start = time.process_time()
        KINDS[kind][3](path)
        print(f"\n{time.process_time() - start}")
        return
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        print(f"| formulas | {' | '.join(f'{size:,}' for size in options.sizes)} | exponent |")
        print("| --- |" + " --- |" * (len(options.sizes) + 1))
        for kind in options.kinds:
            measure(kind, options.sizes)


if __name__ == "__main__":
    main()
