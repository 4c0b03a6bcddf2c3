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
    "Google Sheets": ("test_javascript", "test_every_case_in_javascript[sheets "),
    "ONLYOFFICE": ("test_javascript", "test_every_case_in_javascript[onlyoffice "),
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


def runs() -> list[tuple[str, str, bool]]:
    """Every run of a case: its host, its function, whether it passed."""
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
                    found.append((host, function[0], not case.findall("failure") + case.findall("error")))
        return found


def main() -> int:
    """Write docs/matrix.md and print it; exit status 1 if a run failed."""
    everything = runs()
    passed = Counter((host, function) for host, function, well in everything if well)
    total = Counter((host, function) for host, function, _ in everything)
    lines = ["| function | " + " | ".join(HOSTS) + " |", "| --- |" + " --- |" * len(HOSTS)]
    for function in sorted({function for _, function, _ in everything}):
        counts = (f"{passed[host, function]} of {total[host, function]}" for host in HOSTS)
        lines.append(f"| `{function}` | " + " | ".join(counts) + " |")
    whole = (f"{sum(well for h, _, well in everything if h == host):,}" for host in HOSTS)
    lines.append("| all that pass | " + " | ".join(whole) + " |")
    text = HEAD + "\n".join(lines) + "\n"
    (ROOT / "docs" / "matrix.md").write_text(text)
    print(text)
    return int(any(not well for _, _, well in everything))


if __name__ == "__main__":
    sys.exit(main())
