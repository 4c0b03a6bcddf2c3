"""Measure ratios: two ways to the same result, side by side in one run.

The two ways take turns, three times, each time in a process of its own; the fastest counts,
and so does the highest peak of memory. Times are processor seconds, of all threads and of
the programs that are started, so that other work on the machine counts little.
"""

import argparse
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

SCRIPT = Path(__file__).resolve()
ROWS = 100_000
ROUNDS = 3
REFERENCE = (2_500.0, 100.0, 0.02, 0.012, 100_000.0, 12.0)
NATIVE_ROI = "=(((C{r}-D{r})*E{r}-B{r})*F{r}-A{r})/(A{r}+B{r}*F{r})"
CALLED_ROI = "=ROI_PERCENT(A{r},B{r},C{r},D{r},E{r},F{r})"
FOUR_FORMULAS = (
    "=(C{r}-D{r})*E{r}-B{r}",
    "=G{r}*F{r}-A{r}",
    "=A{r}+B{r}*F{r}",
    "=IF(I{r}=0,NA(),H{r}/I{r})",
)


# the ways


def numpy_raw() -> Callable[[], object]:
    columns = random_columns(1_000_000)

    def run() -> object:
        t, m, b, c, r, n = columns
        return (((b - c) * r - m) * n - t) / (t + m * n)

    return run


def numpy_ours() -> Callable[[], object]:
    import roi_xl

    columns = random_columns(1_000_000)
    return lambda: roi_xl.roi_percent(*columns)


def random_columns(rows: int) -> list[object]:
    import numpy as np

    generator = np.random.default_rng(7)
    return [value * generator.uniform(0.5, 1.5, rows) for value in REFERENCE]


def scalar_calls() -> Callable[[], object]:
    import roi_xl

    def run() -> None:
        for _ in range(100_000):
            roi_xl.roi_percent(*REFERENCE)

    return run


def ours(book: str) -> Callable[[], object]:
    from roi_xl.model import open_model

    return lambda: open_model(book).save("ours.xlsx")


def replayed(book: str) -> Callable[[], object]:
    """The same with values in the file, which are compared first."""
    from roi_xl.model import open_model

    open_model(book).save("replayed.xlsx")
    return lambda: open_model("replayed.xlsx").save("replayed-again.xlsx")


def engine(book: str) -> Callable[[], object]:
    import formualizer

    return lambda: formualizer.recalculate_xlsx_file(book, "engine.xlsx")


def ironcalc(book: str) -> Callable[[], object]:
    import ironcalc

    def run() -> None:
        Path("ironcalc.xlsx").unlink(missing_ok=True)
        model = ironcalc.load_from_xlsx(book, "en", "UTC", "en")
        model.evaluate()
        model.save_to_xlsx("ironcalc.xlsx")

    return run


def libreoffice(book: str) -> Callable[[], object]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    profile = Path("profile").resolve().as_uri()
    command = ["soffice", "--headless", f"-env:UserInstallation={profile}", "--convert-to", "xlsx", "--outdir", "out"]
    environment = {**clean, "PATH": "/usr/bin:/bin"}
    return lambda: subprocess.run([*command, book], env=environment, check=True, capture_output=True)


def template() -> Callable[[], object]:
    import roi_xl

    return lambda: roi_xl.build_template("template.xlsx")


def bare_openpyxl() -> Callable[[], object]:
    """The same cells with the same styles, by a script that knows nothing else."""
    import openpyxl

    import roi_xl

    roi_xl.build_template("model.xlsx")
    source = openpyxl.load_workbook("model.xlsx")
    styles = source._named_styles
    cells = {
        sheet.title: [(c.row, c.column, c.value, c.style, c.number_format) for row in sheet.iter_rows() for c in row]
        for sheet in source
    }

    def run() -> None:
        book = openpyxl.Workbook()
        for style in styles:
            if style.name != "Normal":
                book.add_named_style(style)
        for title, content in cells.items():
            sheet = book.create_sheet(title)
            for row, column, value, style, number_format in content:
                cell = sheet.cell(row, column, value)
                cell.style, cell.number_format = style, number_format
        book.save("bare.xlsx")

    return run


WAYS: dict[str, Callable[..., Callable[[], object]]] = {
    way.__name__: way
    for way in (
        numpy_raw,
        numpy_ours,
        scalar_calls,
        ours,
        replayed,
        engine,
        ironcalc,
        libreoffice,
        template,
        bare_openpyxl,
    )
}


# the workbooks


def make_books() -> None:
    """100,000 rows of inputs with one native formula, one call, or four formulas each."""
    for name, formulas in (
        ("native.xlsx", (NATIVE_ROI,)),
        ("called.xlsx", (CALLED_ROI,)),
        ("four.xlsx", FOUR_FORMULAS),
    ):
        make_book(name, formulas)


def make_book(name: str, formulas: tuple[str, ...]) -> None:
    from openpyxl import Workbook

    random.seed(1)
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Data")
    for row in range(1, ROWS + 1):
        inputs = [round(value * random.uniform(0.5, 1.5), 4) for value in REFERENCE]
        sheet.append([*inputs, *(formula.format(r=row) for formula in formulas)])
    book.save(name)


# the measuring


Way = tuple[str, ...]
"""A way by its name, with its arguments."""

Measured = tuple[float, float]
"""Seconds and MiB."""


def side_by_side(*ways: Way) -> list[Measured]:
    """Seconds and MiB of each way: the fastest and the largest of some processes, which take turns."""
    rounds = [[run_once(*way) for way in ways] for _ in range(ROUNDS)]
    return [(min(seconds for seconds, _ in each), max(mib for _, mib in each)) for each in zip(*rounds, strict=True)]


def run_once(way: str, *arguments: str) -> Measured:
    command = [sys.executable, str(SCRIPT), "--way", way, *arguments]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    seconds, memory = done.stdout.split()
    return float(seconds), float(memory)


def print_way(way: str, arguments: list[str]) -> None:
    """Run one way in this process, warmed up where it is short, and print seconds and MiB."""
    run = WAYS[way](*arguments)
    repeats = 5 if way.startswith(("numpy", "template", "bare")) else 1
    seconds = []
    for _ in range(repeats):
        start = used()
        run()
        seconds.append(used() - start)
    who = resource.RUSAGE_CHILDREN if way == "libreoffice" else resource.RUSAGE_SELF
    print(min(seconds), resource.getrusage(who).ru_maxrss / 1024)


def used() -> float:
    """The processor seconds of this process and of those that it started and that have ended."""
    both = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in both)


def compare(what: str, limit: str, mine: Way, other: Way) -> Measured:
    """One line of the table; return what ours takes."""
    (ours_takes, memory), (other_takes, _) = side_by_side(mine, other)
    print(
        f"| {what} | {ours_takes:.2f} s | {other_takes:.2f} s | {ours_takes / other_takes:.2f} | {limit} |", flush=True
    )
    return ours_takes, memory


def main() -> None:
    make_books()
    called, native = ("ours", "called.xlsx"), ("ours", "four.xlsx")
    print("| measured | ours | the other | ratio | to reach |\n| --- | --- | --- | --- | --- |")
    compare("a million rows of roi_percent / raw NumPy", "at most 2", ("numpy_ours",), ("numpy_raw",))
    what = "100,000 ROI_PERCENT, file to file / the engine on native formulas"
    compare(what, "at most 1.5", called, ("engine", "native.xlsx"))
    _, memory = compare("400,000 formulas, file to file / IronCalc", "at most 0.75", native, ("ironcalc", "four.xlsx"))
    if shutil.which("soffice"):
        compare("100,000 ROI_PERCENT / LibreOffice", "at most 0.4", called, ("libreoffice", "native.xlsx"))
        compare("400,000 formulas / LibreOffice", "at most 0.5", native, ("libreoffice", "four.xlsx"))
    compare("400,000 formulas, replayed first / fresh", "at most 1.6", ("replayed", "four.xlsx"), native)
    compare("the template / a bare openpyxl script", "below 3", ("template",), ("bare_openpyxl",))
    ((scalar, _),) = side_by_side(("scalar_calls",))
    print(f"\nA scalar call: {scalar * 10:.2f} µs (to reach: at most 2).")
    print(f"Peak memory of 400,000 formulas: {memory:.0f} MiB (to reach: below 500).")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--way", nargs="+", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.way:
        print_way(options.way[0], options.way[1:])
    else:
        with tempfile.TemporaryDirectory() as folder:
            os.chdir(folder)
            main()
