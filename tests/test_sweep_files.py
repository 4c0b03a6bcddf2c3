"""The files of sweeps: two at once, what is left by one that ended early, full disks, text for spreadsheets."""

import csv
import os
import resource
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from pyarrow import parquet as pq

from roi_xl.cli import main
from roi_xl.sweeps import results
from roi_xl.sweeps.results import JOINS, Parts

COMMAND = [sys.executable, "-m", "roi_xl"]


@pytest.fixture
def case(templates, tmp_path, monkeypatch):
    """A workbook in an empty folder."""
    monkeypatch.chdir(tmp_path)
    shutil.copy(templates["native"], "case.xlsx")
    return Path("case.xlsx")


def grid_of(requests, target="out.csv"):
    return ["sweep", "case.xlsx", "--grid", f"monthly_requests={requests}", "--read", "net_benefit", "-o", target]


def requests_in(target):
    with open(target, newline="", encoding="utf-8") as file:
        return [float(row["monthly_requests"]) for row in csv.DictReader(file)]


@pytest.mark.slow
def test_two_sweeps_to_one_target_never_mix_their_rows(case):
    """The second is refused as long as the first one runs; what is written is all of one of them."""
    runs = [
        subprocess.Popen([*COMMAND, *grid_of(grid)], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
        for grid in ("1:150000:1", "1000001:1150000:1")
    ]
    said = [run.communicate()[1] for run in runs]
    codes = [run.returncode for run in runs]
    assert sorted(codes) in ([0, 0], [0, 2])
    assert codes == [0, 0] or "another sweep is writing out.csv: wait for it" in said[codes.index(2)]
    rows = requests_in("out.csv")
    assert rows in ([*range(1, 150_001)], [*range(1_000_001, 1_150_001)])
    assert sorted(os.listdir()) == ["case.xlsx", "out.csv"]


def test_a_second_sweep_is_refused_in_one_line(case, capsys):
    first = Parts(Path("out.csv"), ("a",), JOINS)
    first.start("one", resume=False)
    for more in ([], ["--resume"]):
        assert main([*grid_of("1,2"), *more]) == 2
        assert capsys.readouterr().err == (
            "roi-xl: another sweep is writing out.csv: wait for it, or write elsewhere\n"
        )
    first.release()
    assert main(grid_of("1,2")) == 0


def test_a_sweep_that_has_just_ended_takes_its_folder_with_it(case, monkeypatch):
    """Between opening the lock and locking it, the other sweep may end: then there is a new folder."""
    real = results.lock

    def removed_first(file):
        monkeypatch.setattr(results, "lock", real)
        shutil.rmtree(Path(file.name).parent)
        return real(file)

    monkeypatch.setattr(results, "lock", removed_first)
    assert main(grid_of("1,2")) == 0
    assert requests_in("out.csv") == [1, 2]


@pytest.mark.parametrize("name", ["out.csv.parts", ".out.csv.sweep"])
def test_a_folder_of_the_users_is_left_alone(case, name, capsys):
    Path(name).mkdir()
    (Path(name) / "thesis.txt").write_text("years of work")
    status = main(grid_of("1,2"))
    assert (Path(name) / "thesis.txt").read_text() == "years of work"
    assert status == (2 if name.startswith(".") else 0)
    assert ("does not belong to a sweep" in capsys.readouterr().err) == name.startswith(".")


def test_what_others_put_into_the_folder_stays_there(case):
    parts = Parts(Path("out.csv"), ("a",), JOINS)
    parts.start("one", resume=False)
    parts.release()
    (parts.folder / "mine.txt").write_text("mine")
    assert main(grid_of("1,2")) == 0
    assert os.listdir(parts.folder) == ["mine.txt"]


def test_a_sweep_is_not_gone_on_with_if_what_it_was_is_unreadable(case, capsys):
    parts = Parts(Path("out.csv"), ("a",), JOINS)
    parts.start("one", resume=False)
    parts.release()
    (parts.folder / "sweep.json").write_text('"cut sh')
    assert main([*grid_of("1,2"), "--resume"]) == 2
    assert "belongs to another sweep; start over without --resume" in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_a_full_disk_in_a_sweep_is_one_line_and_resumable(case, suffix, tmp_path):
    command = [*COMMAND, *grid_of("1:200000:1", f"out.{suffix}")]
    size = 3_500_000 if suffix == "csv" else 1_300_000  # a batch fits, all of them do not
    full = subprocess.run(
        command,
        capture_output=True,
        text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size)),
    )
    assert full.returncode == 2
    assert full.stderr.count("\n") == 1
    assert "cannot be written: File too large" in full.stderr or "Errno 27" in full.stderr
    assert "are kept in" in full.stderr
    assert "--resume continues from there" in full.stderr
    assert not Path(f"out.{suffix}").exists()
    assert subprocess.run([*command, "--resume"], capture_output=True).returncode == 0
    rows = requests_in("out.csv") if suffix == "csv" else pq.read_table("out.parquet")["monthly_requests"].to_pylist()
    assert rows == [*range(1, 200_001)]


def test_text_that_a_spreadsheet_would_run_is_marked_and_unmarked(tmp_path):
    texts = ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1", "'=1+1", "'tis", "plain", "a=b", ""]
    batch = {"text": np.array(texts, object), 'head,"ing': np.arange(len(texts), dtype=float)}
    results.write_csv(tmp_path / "part.csv", tuple(batch), batch)
    results.join_csv(tuple(batch), [tmp_path / "part.csv"], tmp_path / "all.csv")
    with open(tmp_path / "all.csv", newline="", encoding="utf-8") as file:
        head, *rows = csv.reader(file)
    assert head == ["text", 'head,"ing']
    assert all(row[0][:1] not in ("=", "+", "-", "@", "\t", "\r") for row in rows)
    assert [results.unmarked(row[0]) for row in rows] == texts
