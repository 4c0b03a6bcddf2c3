"""Sweeps in several processes and threads and on a cluster, and sweeps that are interrupted, come to the same."""

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from pyarrow import parquet
from recalc_helpers import make
from sweep_helpers import DRAWS, rows_of, swept

import roi_xl
from roi_xl.sweeps import results, run, scenarios


@pytest.fixture(scope="module")
def path(templates):
    return templates["native"]


@pytest.mark.slow
def test_processes_give_the_same(path, tmp_path, monkeypatch):
    (tmp_path / "d.toml").write_text(DRAWS)
    monkeypatch.setattr(scenarios, "BATCH", 10_000)
    draws = ["--samples", "40000", "--distributions", tmp_path / "d.toml", "--read", "net_benefit,verdict"]
    assert swept(path, *draws, "-o", tmp_path / "one.parquet") == 0
    assert swept(path, *draws, "-o", tmp_path / "two.parquet", "--processes", "2") == 0
    one, two = (parquet.read_table(tmp_path / f"{name}.parquet") for name in ("one", "two"))
    assert one.equals(two)
    assert one.num_rows == 40_000


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_a_cluster_whose_worker_dies_gives_the_same(path, tmp_path, monkeypatch):
    from distributed import LocalCluster

    monkeypatch.setattr(scenarios, "BATCH", 1_000)
    model = roi_xl.open_model(path)
    given = scenarios.of_columns({"monthly_requests": np.linspace(1e4, 2e5, 20_000)})
    job = run.job_of(model, given.names, ["net_benefit", "verdict"])
    alone = [found for _, found in run.swept(job, given)]
    with (
        LocalCluster(2, threads_per_worker=1, dashboard_address=None, silence_logs=50) as local,
        run.cluster(local.scheduler_address) as executor,
    ):
        pids = list(executor._client.run(os.getpid).values())
        together = []
        for _, found in run.swept(job, given, executor, ahead=6):
            together.append(found)
            if len(together) == 3:
                os.kill(pids[0], signal.SIGKILL)
    assert len(together) == len(alone) == 20
    for one, other in zip(alone, together, strict=True):
        np.testing.assert_array_equal(one["net_benefit"], other["net_benefit"])
        assert one["verdict"].tolist() == other["verdict"].tolist()


@pytest.mark.slow
def test_a_worker_of_four_threads_gives_the_same(tmp_path, monkeypatch):
    from distributed import LocalCluster

    monkeypatch.setattr(scenarios, "BATCH", 50)
    cells = {"A1": 4, "A2": 2, "B1": "=_xlfn.ARRAYTOTEXT(A1)+A2", "B2": '=TEXT(A1,"0.00")&REPT("x",A2)', "B3": "=B1*A2"}
    model = roi_xl.open_model(make(tmp_path / "m.xlsx", cells))
    given = scenarios.of_columns({"Sheet!A1": np.linspace(1, 9, 800), "Sheet!A2": np.tile([1.0, 2.0], 400)})
    job = run.job_of(model, given.names, ["Sheet!B1", "Sheet!B2", "Sheet!B3"])
    alone = [found for _, found in run.swept(job, given)]
    with (
        LocalCluster(1, threads_per_worker=4, dashboard_address=None, silence_logs=50) as local,
        run.cluster(local.scheduler_address) as executor,
    ):
        together = [found for _, found in run.swept(job, given, executor, ahead=8)]
    assert len(together) == len(alone) == 16
    for one, other in zip(alone, together, strict=True):
        for name in job.names:
            assert one[name].tolist() == other[name].tolist()


@pytest.mark.slow
def test_a_cluster_that_is_not_there(path, capsys, monkeypatch):
    monkeypatch.setattr(run, "PATIENCE", "1s")
    assert swept(path, "--grid", "months=6", "--read", "net_benefit", "--cluster", "tcp://127.0.0.1:9") == 2
    assert "the cluster at tcp://127.0.0.1:9 does not answer" in capsys.readouterr().err


@pytest.mark.slow
def test_an_interrupted_sweep_goes_on_where_it_was(path, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(scenarios, "BATCH", 1_000)
    grid = ["--grid", "monthly_requests=1:10000:1", "--read", "net_benefit", "-o", str(tmp_path / "out.csv")]
    put, done = results.Parts.put, []

    def interrupted(self, number, batch):
        if number == 4 and not done:
            done.append(number)
            raise KeyboardInterrupt
        put(self, number, batch)

    monkeypatch.setattr(results.Parts, "put", interrupted)
    assert swept(path, *grid) == 130
    assert "4,000 scenarios are kept in" in (said := capsys.readouterr().err)
    assert "--resume continues from there" in said
    assert not (tmp_path / "out.csv").exists()
    assert swept(path, *grid, "--resume") == 0
    rows = rows_of(tmp_path / "out.csv")
    assert [float(row["monthly_requests"]) for row in rows] == list(range(1, 10_001))
    assert swept(path, *grid[:2], "--read", "payback", *grid[4:], "--resume") == 0


def test_other_scenarios_do_not_go_on_where_these_were(path, tmp_path, monkeypatch, capsys):
    """The folder of an interrupted sweep is of its own scenarios: the same file with other rows is another sweep."""
    monkeypatch.setattr(scenarios, "BATCH", 2)
    finish = results.Parts.finish
    monkeypatch.setattr(results.Parts, "finish", lambda self: None)
    (tmp_path / "in.csv").write_text("months\n6\n12\n24\n")
    command = [tmp_path / "in.csv", "--read", "net_benefit", "-o", tmp_path / "out.csv"]
    assert swept(path, *command) == 0
    monkeypatch.setattr(results.Parts, "finish", finish)
    (tmp_path / "in.csv").write_text("months\n7\n12\n24\n")
    assert swept(path, *command, "--resume") == 2
    assert "belongs to another sweep" in capsys.readouterr().err
    (tmp_path / "in.csv").write_text("months\n6\n12\n24\n")
    assert swept(path, *command, "--resume") == 0
    assert [row["months"] for row in rows_of(tmp_path / "out.csv")] == ["6", "12", "24"]


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_ctrl_c_in_the_midst_keeps_what_is_complete(path, tmp_path):
    target = tmp_path / "out.csv"
    command = [sys.executable, "-m", "roi_xl", "sweep", str(path), "--grid", "monthly_requests=1:90000000:1"]
    process = subprocess.Popen(
        [*command, "--read", "net_benefit", "-o", str(target)], stderr=subprocess.PIPE, text=True
    )
    folder = tmp_path / ".out.csv.sweep"
    for _ in range(600):
        if len(list(folder.glob("*.csv"))) > 1:
            break
        time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "--resume continues from there" in said
    assert len(list(folder.glob("*.csv"))) > 1
    assert not target.exists()


@pytest.mark.slow
@pytest.mark.parametrize("formula", ["=_xlfn.ARRAYTOTEXT(A1)+A2", "=SQRT(A1)*A2", "=OFFSET(A1,A2-1,0)"])
def test_threads_have_engines_of_their_own(tmp_path, formula):
    """An engine serves one thread at a time: cells that it evaluates, and checks, must not mix."""
    model = roi_xl.open_model(make(tmp_path / "m.xlsx", {"A1": 4, "A2": 2, "B1": formula}))
    given = {"Sheet!A1": np.linspace(1, 9, 800), "Sheet!A2": np.tile([1.0, 2.0], 400)}
    alone = model.sweep(given, ["Sheet!B1"])["Sheet!B1"]
    parts = 8
    with ThreadPoolExecutor(4) as pool:
        cases = [{name: values[part::parts] for name, values in given.items()} for part in range(parts)]
        found = list(pool.map(lambda case: model.sweep(case, ["Sheet!B1"])["Sheet!B1"], cases))
    for part in range(parts):
        np.testing.assert_array_equal(found[part], alone[part::parts])
    with ThreadPoolExecutor(2) as pool:
        np.testing.assert_array_equal(model.sweep(given, ["Sheet!B1"], executor=pool)["Sheet!B1"], alone)
