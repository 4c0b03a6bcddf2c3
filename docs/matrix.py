"""Run the shared table of cases in every host, and write down how many of them pass where.

make matrix
"""

import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HOSTS = {
    "Python": ("test_functions", "test_every_numeric_case_in_python["),
    "cells": ("test_cells", "test_every_case_as_cells["),
    "xlwings": ("test_excel", "test_every_case_through_xlwings["),
    "LAMBDA names": ("test_lambdas", "test_every_case_through_the_names["),
    "headless": ("test_headless", "test_every_case_in_the_engine["),
    "Calc": ("test_calc", "test_every_case_in_calc["),
    "Lite": ("test_lite", "test_every_case_in_pyodide["),
    "Excel, JavaScript": ("test_javascript_page", "test_every_case_in_microsofts_runtime["),
    "Google Sheets": ("test_javascript", "test_every_case_in_javascript[sheets-"),
    "ONLYOFFICE": ("test_javascript", "test_every_case_in_javascript[onlyoffice-"),
    "calculator": ("test_javascript_page", "test_every_case_in_the_page["),
}
"""Each host's tests: their file, and how their names begin."""

HEAD = """# The shared table of cases in every host

`make matrix` wrote this: how many runs of the cases in `tests/cases.csv` pass, by function and host. Python
runs those whose arguments are plain numbers; xlwings runs each through the code that Excel calls; headless in
four spellings; Calc as single cells, columns, rows and blocks, without the cases that Calc decides before it
asks (see [Spreadsheet programs](hosts.md)); the LAMBDA names run in IronCalc, without the few that it decides in
its own way.
The JavaScript add-in for Excel runs beside Microsoft's own runtime of custom functions; the scripts of Google Sheets
and ONLYOFFICE in a stand-in for each, without the cases of empty text, for which both hand over a blank; the
calculator in Chromium, without the prices of models.

"""


def runs() -> list[tuple[str, str, int, int]]:
    """Every run of a function's cases: its host, its function, how many there are, and how many passed."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.xml")
        files = ["tests/test_functions.py", "tests/test_cells.py", "tests/hosts"]
        subprocess.run([sys.executable, "-m", "pytest", *files, f"--junitxml={report}"], cwd=ROOT, check=False)
        found = []
        for case in ElementTree.parse(report).iter("testcase"):
            place, name = case.get("classname", "").rpartition(".")[2], case.get("name", "")
            function = re.search(r"ROI_[A-Z_]+", name)
            for host, (file, test) in HOSTS.items():
                if place == file and name.startswith(test) and function:
                    counts = {one.get("name"): int(one.get("value", "0")) for one in case.iter("property")}
                    found.append((host, function[0], counts.get("cases", 1), counts.get("passed", 0)))
        return found


def main() -> int:
    """Write docs/matrix.md and print it; exit status 1 if a run failed."""
    everything = runs()
    passed: Counter[tuple[str, str]] = Counter()
    total: Counter[tuple[str, str]] = Counter()
    for host, function, cases, well in everything:
        total[host, function] += cases
        passed[host, function] += well
    lines = ["| function | " + " | ".join(HOSTS) + " |", "| --- |" + " --- |" * len(HOSTS)]
    for function in sorted({function for _, function in total}):
        counts = (f"{passed[host, function]} of {total[host, function]}" for host in HOSTS)
        lines.append(f"| `{function}` | " + " | ".join(counts) + " |")
    whole = (f"{sum(count for (h, _), count in passed.items() if h == host):,}" for host in HOSTS)
    lines.append("| all that pass | " + " | ".join(whole) + " |")
    text = HEAD + "\n".join(lines) + "\n"
    (ROOT / "docs" / "matrix.md").write_text(text)
    print(text)
    return int(passed != total)


if __name__ == "__main__":
    sys.exit(main())
