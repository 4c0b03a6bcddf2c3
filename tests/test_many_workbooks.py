"""Many workbooks in one command."""

import json
import shutil

import pytest
from recalc_helpers import make

import roi_xl
from roi_xl.cli import main


@pytest.fixture(scope="module")
def path(templates):
    return templates["native"]


@pytest.mark.slow
def test_many_workbooks_are_recalculated_at_once(path, tmp_path, capsys):
    for name in ("a", "b"):
        shutil.copy(path, tmp_path / f"{name}.xlsx")
    (tmp_path / "c.xlsx").write_text("no workbook")
    pattern = str(tmp_path / "*.xlsx")
    assert main(["recalc", pattern, "--set", "monthly_requests=50000", "--in-place", "--json"]) == 2
    reports = json.loads(capsys.readouterr().out)
    assert [report["status"] for report in reports.values()] == [0, 0, 2]
    assert [roi_xl.open_model(tmp_path / f"{name}.xlsx").outputs["net_benefit"] for name in ("a", "b")] == [1_100] * 2
    assert (tmp_path / "c.xlsx").read_text() == "no workbook"
    assert main(["recalc", pattern, "--set", "months=24"]) == 2
    assert "c.xlsx is not an .xlsx workbook" in capsys.readouterr().err
    assert roi_xl.open_model(tmp_path / "a.xlsx").inputs["months"] == 12


def test_the_worst_of_many_workbooks_is_the_exit_status(tmp_path, capsys):
    good = make(tmp_path / "good.xlsx", {"A1": 4, "B1": "=A1*2"})
    bad = make(tmp_path / "bad.xlsx", {"A1": 4, "B1": "=A1*2"}, {"B1": 9})
    assert main(["recalc", str(good), str(bad), "--set", "Sheet!A1=5"]) == 3
    assert "the change reaches 1 cell that could not be reproduced" in capsys.readouterr().err
    assert main(["recalc", str(good), str(bad), "-o", "x.xlsx"]) == 2
    assert main(["recalc", str(tmp_path / "none*.xlsx")]) == 2
    assert "matches no file" in capsys.readouterr().err
