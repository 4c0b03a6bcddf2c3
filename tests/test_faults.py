"""Bad luck at random moments: kills, interruptions, and disks that fill up."""

import os
import resource
import signal
import subprocess
import sys
import time

import pytest
from chances import chance_of
from openpyxl import Workbook
from openpyxl.workbook.defined_name import DefinedName

FAULTS = int(os.environ.get("ROI_XL_FAULTS", "12"))
COMMAND = [sys.executable, "-m", "roi_xl", "recalc", "case.xlsx", "--set", "monthly_requests=150000", "--in-place"]
KINDS = [signal.SIGKILL, signal.SIGKILL, signal.SIGTERM, signal.SIGINT, None]

pytestmark = pytest.mark.slow


def write_model(path):
    """A workbook that takes longer to write than to evaluate: a thousand formulas, all of which change."""
    book = Workbook()
    sheet = book.active
    sheet["A1"] = 100_000
    book.defined_names["monthly_requests"] = DefinedName("monthly_requests", attr_text="Sheet!$A$1")
    for row in range(2, 1_000):
        sheet[f"A{row}"] = f"=$A$1*{row}+1/3"
    book.save(path)


@pytest.fixture(scope="module")
def before_and_after(tmp_path_factory):
    """The file as it was, as it becomes, and how long that takes."""
    folder = tmp_path_factory.mktemp("whole")
    write_model(folder / "case.xlsx")
    before = (folder / "case.xlsx").read_bytes()
    start = time.monotonic()
    subprocess.run(COMMAND, cwd=folder, check=True, capture_output=True)
    return before, (folder / "case.xlsx").read_bytes(), time.monotonic() - start


@pytest.mark.parametrize("number", range(FAULTS))
def test_a_fault_at_any_moment_loses_nothing(before_and_after, tmp_path, number):
    """The file is as it was or complete; nothing hangs; what is left over, the next run removes."""
    before, after, seconds = before_and_after
    chance = chance_of(number)
    target, kind = tmp_path / "case.xlsx", KINDS[number % len(KINDS)]
    target.write_bytes(before)
    room = chance.randrange(len(before)) if kind is None else resource.RLIM_INFINITY
    process = subprocess.Popen(
        COMMAND,
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (room, room)),
    )
    if kind is not None:
        time.sleep(chance.uniform(0.7, 1.05) * seconds)
        process.send_signal(kind)
    _, said = process.communicate(timeout=60)  # until every process of the command has ended
    assert "Traceback" not in said or kind in (signal.SIGINT, signal.SIGTERM)  # Python itself was still starting
    assert target.read_bytes() in (before, after)
    if process.returncode == 0:
        assert target.read_bytes() == after
    if kind is None:
        assert process.returncode in (0, 2)
        assert os.listdir(tmp_path) == ["case.xlsx"]
    if os.listdir(tmp_path) != ["case.xlsx"]:  # otherwise the next run is the one that made `after`
        target.write_bytes(before)
        subprocess.run(COMMAND, cwd=tmp_path, check=True, capture_output=True)
        assert os.listdir(tmp_path) == ["case.xlsx"]
        assert target.read_bytes() == after
