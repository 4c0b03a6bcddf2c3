"""Sweeps as people run them: files, grids, draws, processes, a cluster, interruptions."""

import contextlib
import csv
import dataclasses
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import polars as pl
import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.formula import ArrayFormula
from pyarrow import parquet
from recalc_helpers import SHEET, make, parts, rewrite, values, with_stored
from test_cli import RELATIONS, with_external_link
from test_data_tables import DATA_TABLES, PRICE, with_data_table
from test_replay import INTEREST, iterating

import roi_xl
from roi_xl.cli import main
from roi_xl.engines.book import Book
from roi_xl.errors import EvaluationsDiffer, NotANumber, NotReproduced, NotSupported, RoiError, UnknownName, WrongShape
from roi_xl.sweeps import results, run, scenarios
from roi_xl.sweeps.confirm import Confirmed
from roi_xl.sweeps.evaluate import Evaluator
from roi_xl.sweeps.swings import swings

READ = ["net_benefit", "payback", "verdict", "internal_rate_of_return"]
DRAWS = """
correlations = [["monthly_requests", "training_cost", 0.3]]
[inputs]
monthly_requests = ["normal", 100000, 20000]
training_cost = ["PERT", 2000, 2500, 5000]
"""


@pytest.fixture(scope="module")
def path(templates):
    return templates["native"]


@pytest.fixture(scope="module")
def model(path):
    return roi_xl.open_model(path)


@pytest.fixture
def frame():
    generator = np.random.default_rng(3)
    return pd.DataFrame(
        {"monthly_requests": generator.uniform(1e4, 2e5, 500), "months": generator.integers(1, 36, 500).astype(float)}
    )


def expected(frame):
    """What the functions say of the same scenarios."""
    given = (2_500, 100, 0.02, 0.012, frame["monthly_requests"].to_numpy(), frame["months"].to_numpy())
    return roi_xl.net_benefit(*given), roi_xl.payback(*given), roi_xl.irr(*given)


# frames


@pytest.mark.slow
def test_a_model_over_a_frame_gives_what_the_functions_give(model, frame):
    found = model.sweep(frame, READ)
    benefit, back, rate = expected(frame)
    np.testing.assert_allclose(found["net_benefit"], benefit, rtol=1e-12, atol=1e-9)
    never = np.isinf(back)
    np.testing.assert_allclose(found["payback"][~never], back[~never])
    assert found["payback"][never].isna().all()
    assert (found["errors"][never].str.contains("payback: #N/A")).all()
    there = rate > -0.99
    np.testing.assert_allclose(found["internal_rate_of_return"][there], rate[there], rtol=1e-7)
    assert set(found["verdict"]) == {roi_xl.verdict(2_500, 100, 0.02, 0.012, r, m) for r, m in frame.to_numpy()}
    assert list(found.columns) == ["monthly_requests", "months", *READ, "errors"]


@pytest.mark.slow
def test_any_kind_of_frame_comes_back_as_it_came(model, frame):
    indexed = frame.set_index(frame.index * 7)
    assert model.sweep(indexed, ["net_benefit"]).index.equals(indexed.index)
    polars = model.sweep(pl.DataFrame(frame.to_dict("list")), ["net_benefit", "verdict"])
    assert isinstance(polars, pl.DataFrame)
    columns = model.sweep({name: frame[name].tolist() for name in frame}, ["net_benefit"])
    np.testing.assert_array_equal(columns["net_benefit"], polars["net_benefit"].to_numpy())


def test_without_a_list_every_named_output_is_read(model):
    found = model.sweep({"monthly_requests": [1e5]})
    assert set(model.outputs) < set(found)
    assert found["net_benefit"].tolist() == [5_900]
    assert found["model_checks"].tolist() == ["OK"]


def test_the_model_itself_stays_as_it_was(model, frame):
    before = dict(model.outputs)
    model.sweep(frame, ["net_benefit"])
    assert model.outputs == before


BAD_FRAMES = [
    ({"monthly_request": [1.0]}, UnknownName, "did you mean monthly_requests"),
    ({"net_benefit": [1.0]}, RoiError, "net_benefit is a formula"),
    ({"months": ["a"]}, NotANumber, "column months must hold numbers"),
    ({"months": [1.0, np.nan]}, NotANumber, "column months must hold finite numbers, got nan in row 2"),
    ({"months": [[1.0], [2.0]]}, WrongShape, "column months must be one column of numbers, got 2 dimensions"),
    ({"months": [1.0], "monthly_requests": [1.0, 2.0]}, WrongShape, "must have the same length"),
]


@pytest.mark.parametrize(("bad", "error", "message"), BAD_FRAMES, ids=[message for *_, message in BAD_FRAMES])
def test_bad_frames_are_refused(model, bad, error, message):
    with pytest.raises(error, match=message):
        model.sweep(bad, ["net_benefit"])


# what cannot be done over arrays


def test_a_cell_that_is_left_to_the_engine_is_right_and_named(tmp_path):
    cells = {"A1": 2, "B1": "=_xlfn.VALUETOTEXT(A1)*1", "B2": '=TEXT(A1,"0.0")&A1', "B3": "=B1+A1", "B4": "=A1*3"}
    model = roi_xl.open_model(make(tmp_path / "m.xlsx", cells))
    found = model.sweep({"Sheet!A1": [1.0, 2.0, 3.0]}, ["Sheet!B2", "Sheet!B3", "Sheet!B4"])
    assert found["Sheet!B2"].tolist() == ["1.01", "2.02", "3.03"]
    for value, got in zip((1.0, 2.0, 3.0), found["Sheet!B3"], strict=True):
        model.calculate({"Sheet!A1": value})
        assert got == pytest.approx(model.value(model.find("Sheet!B3")))
    job = run.job_of(model, ["Sheet!A1"], ["Sheet!B3"])
    lines = list(run.evaluator_of(job).plan.lines())
    assert lines[0] == "2 cells vary, 1 of them over arrays"
    assert "Sheet!B1 is evaluated by the engine, scenario by scenario: VALUETOTEXT" in lines[1]


def test_what_the_engine_gets_wrong_in_a_scenario_is_not_taken(tmp_path, monkeypatch):
    cells = {"A1": 2, "B1": 10, "B2": 30, "B3": 20, "C1": "=LARGE(B1:B3,A1)", "C2": "=A1*3"}
    model = roi_xl.open_model(make(tmp_path / "m.xlsx", cells))
    exact = model.sweep({"Sheet!A1": [1.0, 2.0, 3.0]}, ["Sheet!C1"])
    assert exact["Sheet!C1"].tolist() == [30, 20, 10]
    evaluator = Evaluator.of(model, [model.find("Sheet!A1")], [model.find("Sheet!C1")])
    monkeypatch.setattr(Book, "only", lambda book, place: 5.0)
    (column,) = evaluator.columns([np.array([1.0, 2.0, 3.0])])
    assert column.values.tolist() == [30, 20, 10]  # the engine is known to differ there
    with pytest.raises(EvaluationsDiffer, match="C2"):
        Confirmed.of(model.book, model.find("Sheet!C2"), [model.find("Sheet!A1")]).value()


WHOLE = [
    ("a computed place", {"A1": 2, "A2": 5, "B1": "=OFFSET(A1,A1-1,0)"}, "a range computed from varying cells"),
    ("a circle", {"A1": 2, "B1": "=B2+A1", "B2": "=IF(A1>100,B1,1)"}, "a circular reference"),
]


@pytest.mark.parametrize(("about", "cells", "why"), WHOLE, ids=[about for about, *_ in WHOLE])
def test_what_cannot_be_planned_goes_through_the_engine(tmp_path, about, cells, why):
    model = roi_xl.open_model(make(tmp_path / "m.xlsx", cells))
    evaluator = Evaluator.of(model, [model.find("Sheet!A1")], [model.find("Sheet!B1")])
    assert why in evaluator.plan.whole
    assert "every scenario is evaluated by the engine" in next(evaluator.plan.lines())
    (column,) = evaluator.columns([np.array([1.0, 2.0])])
    assert column.values.tolist() == [1, 5] if about == "a computed place" else [2, 3]


def planned(path, outputs):
    """A model, and the evaluator of some outputs for the input A1."""
    model = roi_xl.open_model(path)
    return model, Evaluator.of(model, [model.find("Sheet!A1")], [model.find(f"Sheet!{name}") for name in outputs])


def test_a_circle_that_the_file_allows_is_iterated_over_arrays(tmp_path):
    """Interest on the average debt: 0.1 x (debt + debt with interest) / 2, so debt x 0.1 / 0.95."""
    check = {"A5": "=A2-A1-A4", "A6": "=SUM(A1:A4)", "A7": '=IF(A4>15,"high","low")'}
    model, evaluator = planned(make(tmp_path / "m.xlsx", {**INTEREST, **check}, change=iterating), ["A4", "A6"])
    assert not evaluator.plan.by_engine
    assert "3 cells of circular references are iterated over arrays" in evaluator.plan.lines()
    debt = np.linspace(1.0, 1e9, 20_000)
    found = model.sweep({"Sheet!A1": debt}, ["Sheet!A4", "Sheet!A5", "Sheet!A6", "Sheet!A7"])
    interest = debt * 0.1 / 0.95
    np.testing.assert_allclose(found["Sheet!A4"], interest, rtol=1e-11)
    np.testing.assert_allclose(found["Sheet!A6"], debt + (debt + interest) + interest / 0.1 + interest, rtol=1e-11)
    assert np.abs(found["Sheet!A5"] / debt).max() < 1e-12
    assert [found["Sheet!A7"][place] for place in (0, -1)] == ["low", "high"]


def test_what_a_cell_in_a_circle_says_settles_too(tmp_path):
    cells = {"A1": 5, "B1": '=IF(B2="low",A1,A1/2)', "B2": '=IF(B1<8,"low","high")', "B3": "=B4+A1", "B4": "=AND(B3>8)"}
    path = make(tmp_path / "m.xlsx", cells, change=iterating)
    found = roi_xl.open_model(path).sweep({"Sheet!A1": [5.0, 7.0]}, ["Sheet!B1", "Sheet!B2"])
    assert (found["Sheet!B1"].tolist(), list(found["Sheet!B2"])) == ([5.0, 7.0], ["low", "low"])


@pytest.mark.parametrize(
    "formula", ["=A1-B1", '=IF(B1="a","b"&A1,"a")', "=IF(B1=TRUE,FALSE,A1>0)", "=_xlfn.VALUETOTEXT(B1)&A1"]
)
def test_a_circle_that_does_not_settle_goes_through_the_engine(tmp_path, formula):
    path = make(tmp_path / "m.xlsx", {"A1": 4, "B1": formula}, change=iterating)
    _, evaluator = planned(path, ["B1"])
    with contextlib.suppress(RoiError):  # where the two evaluations disagree
        evaluator.columns([np.array([1.0, 2.0])])
    assert evaluator.plan.whole


def test_a_place_that_offset_only_counts_from_is_not_read(tmp_path):
    """The cell of a chosen case: it counts from itself, which is no circle."""
    cells = {
        "A1": 4,
        "D1": 2,
        "B1": "=OFFSET(B1,MATCH(D1,C2:C3,0),0)",
        "C2": 1,
        "C3": 2,
        "B2": "=A1*10",
        "B3": "=A1*20",
    }
    model, evaluator = planned(make(tmp_path / "m.xlsx", cells), ["B1"])
    assert not evaluator.plan.by_engine
    assert model.sweep({"Sheet!A1": [1.0, 2.0]}, ["Sheet!B1"])["Sheet!B1"].tolist() == [20, 40]


def test_a_range_that_is_called_like_a_function_is_not_what_a_call_reads(tmp_path):
    book = Workbook()
    book.active.append([31, "=MONTH(A1)", "=B1+1"])
    book.defined_names["MONTH"] = DefinedName("MONTH", attr_text="Sheet!$C$1")
    book.save(tmp_path / "m.xlsx")
    model, evaluator = planned(tmp_path / "m.xlsx", ["C1"])
    assert not evaluator.plan.by_engine
    assert model.sweep({"Sheet!A1": [31.0, 32.0]}, ["Sheet!C1"])["Sheet!C1"].tolist() == [2, 3]


def test_what_rounding_leaves_of_a_sum_is_no_difference(tmp_path):
    """The last balance of a loan: nothing but what rounding leaves, in one order of adding or another."""
    cells = {"A1": 250_000, "B1": "=A1", "C1": "=PMT(0.06/12,360,-A1)"}
    cells |= {f"B{row}": f"=B{row - 1}-(C$1-B{row - 1}*0.06/12)" for row in range(2, 362)}
    model = roi_xl.open_model(make(tmp_path / "m.xlsx", {**cells, "D1": "=B361*2"}))
    found = model.sweep({"Sheet!A1": np.linspace(1e5, 1e6, 50)}, ["Sheet!B361", "Sheet!D1"])
    assert np.abs(found["Sheet!B361"]).max() < 1e-5


def test_of_a_difference_only_a_residue_of_its_sum_is_rounding(tmp_path, monkeypatch):
    """The engine adds up in another order, which leaves something else; and what reads it follows."""
    path = make(tmp_path / "m.xlsx", {"A1": 123456.7, "A2": "=-A1", "B1": "=SUM(A1:A2)", "B2": "=B1*2"})
    _, evaluator = planned(path, ["B1", "B2"])
    given = [np.array([123456.7, 123456.8])]
    columns, engines = evaluator.columns(given), Evaluator.scenario

    def off_by(residue):
        def scenario(self, values, places=None):
            left = {"Sheet!B1": residue, "Sheet!B2": 2 * residue}
            wanted = self.plan.outputs if places is None else places
            return [value + left.get(str(p), 0) for p, value in zip(wanted, engines(self, values, places), strict=True)]

        return scenario

    monkeypatch.setattr(Evaluator, "scenario", off_by(1e-11))
    assert evaluator.check(given, columns, ["B1", "B2"]) == 2
    monkeypatch.setattr(Evaluator, "scenario", off_by(1e-3))
    with pytest.raises(NotSupported, match=r"Sheet!B1 is 0\.0 over arrays but 0\.001 in the engine"):
        evaluator.check(given, columns, ["B1", "B2"])


def test_array_formulas(tmp_path):
    book = Workbook()
    book.active.append([1, 2, 3])
    book.active["A2"] = ArrayFormula("A2", "=SUM(A1:C1*A1:C1)")
    book.active["A3"] = ArrayFormula("A3:C3", "=A1:C1*2")
    book.active["A4"] = "=SUM(A3:C3)"
    book.active["A5"] = ArrayFormula("A5:D6", "=A1:C1+1")
    book.active["A7"] = ArrayFormula("A7:B7", "=A1*10")
    book.active["A8"] = "=SUM(B5:C6)+B7"
    book.active["A9"] = ArrayFormula("A9:C9", "=COS(A1:C1)+0*ASC(1)")
    book.active["A10"] = "=A9+B9"
    book.save(tmp_path / "m.xlsx")
    model = roi_xl.open_model(tmp_path / "m.xlsx")
    read = ["Sheet!A2", "Sheet!A4", "Sheet!A8", "Sheet!D6", "Sheet!A10"]
    found = model.sweep({"Sheet!A1": [1.0, 10.0]}, read)
    assert found["Sheet!A2"].tolist() == [14, 113]
    assert found["Sheet!A4"].tolist() == [12, 30]
    assert found["Sheet!A8"].tolist() == [2 * (3 + 4) + 10, 2 * (3 + 4) + 100]
    np.testing.assert_allclose(found["Sheet!A10"], np.cos([1, 10]) + np.cos(2))
    assert found["errors"].tolist() == ["Sheet!D6: #N/A"] * 2
    plan = Evaluator.of(model, [model.find("Sheet!A1")], [model.find(name) for name in read]).plan
    assert not plan.whole
    assert {str(step.place) for step in plan.left} == {"Sheet!A9", "Sheet!B9"}


def test_a_wrong_number_stops_the_run_and_names_the_cell(tmp_path, monkeypatch):
    from roi_xl.excel import compiler

    wrong = dataclasses.replace(compiler.FUNCTIONS["SQRT"], kernel=lambda column: 1.0)
    monkeypatch.setitem(compiler.FUNCTIONS, "SQRT", wrong)
    model = roi_xl.open_model(make(tmp_path / "m.xlsx", {"A1": 4, "B1": "=SQRT(A1)", "B2": "=B1+1"}))
    with pytest.raises(NotSupported, match=r"Sheet!B1 is 1\.0 over arrays but 3\.0 in the engine"):
        model.sweep({"Sheet!A1": [9.0]}, ["Sheet!B2"])


def test_a_cell_that_the_file_contradicts_is_not_swept(tmp_path):
    path = make(tmp_path / "m.xlsx", {"A1": 4, "B1": "=A1*2"}, {"B1": 9})
    model = roi_xl.open_model(path)
    with pytest.raises(NotReproduced):
        model.sweep({"Sheet!A1": [9.0]}, ["Sheet!B1"])


# files and the command


def swept(path, *arguments):
    return main(["sweep", str(path), *map(str, arguments)])


def rows_of(path):
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.mark.slow
def test_rows_of_a_file_to_a_file(path, tmp_path, frame, capsys):
    frame.to_csv(tmp_path / "in.csv", index=False)
    assert swept(path, tmp_path / "in.csv", "--read", "net_benefit,payback", "-o", tmp_path / "out.csv") == 0
    assert "500 scenarios" in capsys.readouterr().out
    rows = rows_of(tmp_path / "out.csv")
    benefit, *_ = expected(frame)
    np.testing.assert_allclose([float(row["net_benefit"]) for row in rows], benefit, rtol=1e-12, atol=1e-9)
    assert {row["payback"] for row in rows if row["errors"]} == {""}
    frame.to_parquet(tmp_path / "in.parquet", index=False)
    assert swept(path, tmp_path / "in.parquet", "--read", "net_benefit", "-o", tmp_path / "out.parquet") == 0
    table = parquet.read_table(tmp_path / "out.parquet").to_pandas()
    np.testing.assert_allclose(table["net_benefit"], benefit, rtol=1e-12, atol=1e-9)
    assert not (tmp_path / ".out.parquet.sweep").exists()


def test_a_grid_is_every_combination(path, tmp_path):
    grid = ["--grid", "monthly_requests=50_000:200_000:50_000", "--grid", "months=6,12"]
    assert swept(path, *grid, "--read", "net_benefit", "-o", tmp_path / "g.csv") == 0
    rows = rows_of(tmp_path / "g.csv")
    assert [(row["monthly_requests"], row["months"]) for row in rows[:3]] == [
        ("50000", "6"),
        ("50000", "12"),
        ("100000", "6"),
    ]
    assert len(rows) == 8
    assert rows[3]["net_benefit"] == "5900"


@pytest.mark.slow
def test_draws_are_repeatable_and_correlated(path, tmp_path, capsys):
    (tmp_path / "d.toml").write_text(DRAWS)
    draws = ["--samples", "4096", "--distributions", tmp_path / "d.toml", "--read", "net_benefit", "--json"]
    assert swept(path, *draws, "-o", tmp_path / "a.csv") == 0
    first = json.loads(capsys.readouterr().out)
    assert first["outputs"]["net_benefit"]["mean"] == pytest.approx(
        12 * 700 - (2_000 + 4 * 2_500 + 5_000) / 6, rel=1e-2
    )
    assert swept(path, *draws, "-o", tmp_path / "b.csv") == 0
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()
    drawn = pd.read_csv(tmp_path / "a.csv")
    assert drawn["monthly_requests"].corr(drawn["training_cost"]) == pytest.approx(0.3, abs=0.02)


def test_explain_says_what_is_done_how(path, capsys):
    assert swept(path, "--grid", "months=6,12", "--read", "net_benefit,request_savings", "--explain") == 0
    assert capsys.readouterr().out == "2 cells vary, 2 of them over arrays\nno input reaches Outputs!C8\n"


def test_explain_says_how_fast_the_engine_will_be(tmp_path, capsys):
    make(tmp_path / "m.xlsx", {"A1": 2, "B1": "=OFFSET(A1,A1-A1,0)+1"})
    grid = ["--grid", "Sheet!A1=1:90000:1", "--read", "Sheet!B1"]
    assert swept(tmp_path / "m.xlsx", *grid, "--explain") == 0
    assert re.search(
        r"expected: about [\d,]+ a second, [\d,]+ (seconds|minutes) in one process", capsys.readouterr().out
    )
    assert swept(tmp_path / "m.xlsx", "--grid", "Sheet!A1=1,2", "--read", "Sheet!B1") == 0
    assert "the engine evaluates every scenario (about" in capsys.readouterr().err


def test_scenarios_as_a_workbook_that_holds_text_as_text(tmp_path, capsys):
    make(tmp_path / "m.xlsx", {"A1": 2, "B1": '="=A1*"&A1', "C1": "=1/(A1-3)"})
    arguments = ["--grid", "Sheet!A1=1,2,3", "--read", "Sheet!B1,Sheet!C1", "-o", tmp_path / "o.xlsx"]
    assert swept(tmp_path / "m.xlsx", *arguments) == 0
    first = (tmp_path / "o.xlsx").read_bytes()
    sheet = load_workbook(tmp_path / "o.xlsx").active
    assert [[cell.value for cell in row] for row in sheet.iter_rows()] == [
        ["Sheet!A1", "Sheet!B1", "Sheet!C1", "errors"],
        [1, "=A1*1", -0.5, None],
        [2, "=A1*2", -1, None],
        [3, "=A1*3", None, "Sheet!C1: #DIV/0!"],
    ]
    assert {sheet[f"B{row}"].data_type for row in (2, 3, 4)} == {"s"}
    assert swept(tmp_path / "m.xlsx", *arguments) == 0
    assert (tmp_path / "o.xlsx").read_bytes() == first
    many = ["--grid", "Sheet!A1=1:2000000:1", "--read", "Sheet!B1", "-o", tmp_path / "o.xlsx"]
    assert swept(tmp_path / "m.xlsx", *many) == 2
    assert "at most 1,048,575 scenarios, got 2,000,000" in capsys.readouterr().err


@pytest.mark.slow
def test_processes_give_the_same(path, tmp_path, monkeypatch):
    (tmp_path / "d.toml").write_text(DRAWS)
    draws = ["--samples", "300000", "--distributions", tmp_path / "d.toml", "--read", "net_benefit,verdict"]
    assert swept(path, *draws, "-o", tmp_path / "one.parquet") == 0
    assert swept(path, *draws, "-o", tmp_path / "two.parquet", "--processes", "2") == 0
    one, two = (parquet.read_table(tmp_path / f"{name}.parquet") for name in ("one", "two"))
    assert one.equals(two)
    assert one.num_rows == 300_000


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_a_cluster_whose_worker_dies_gives_the_same(path, tmp_path, monkeypatch):
    from distributed import LocalCluster

    monkeypatch.setattr(scenarios, "BATCH", 2_000)
    model = roi_xl.open_model(path)
    given = scenarios.of_columns({"monthly_requests": np.linspace(1e4, 2e5, 40_000)})
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
    cells = {"A1": 4, "A2": 2, "B1": "=_xlfn.VALUETOTEXT(A1)+A2", "B2": '=TEXT(A1,"0.00")&REPT("x",A2)', "B3": "=B1*A2"}
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


BAD_COMMANDS = [
    ([], "pass a file of scenarios, --grid, or --samples"),
    (["--grid", "months"], "--grid takes NAME=LOW:HIGH:STEP"),
    (["--grid", "months=9:1:1"], "must rise from low to high"),
    (["--grid", "months=1,x"], "--grid takes NAME=LOW:HIGH:STEP"),
    (["--grid", "month=1,2"], "has no cell or name 'month'; did you mean months"),
    (["--samples", "5"], "--samples needs --distributions FILE"),
    (["--samples", "5", "--distributions", "no.toml"], "no.toml does not exist"),
    (["no.csv"], "no.csv does not exist"),
    (["no.xls"], "scenarios must be a .csv or .parquet file"),
    (["no.parquet"], "no.parquet does not exist"),
    (["--grid", "months=1,2", "-o", "x.txt"], "results can be written as .csv or .parquet"),
]
BAD_QUESTIONS = [
    (["goal-seek", "net_benefit", "--by", "months"], "the goal must be OUTPUT=VALUE with a number, got 'net_benefit'"),
    (["goal-seek", "net_benefit=x", "--by", "months"], "the goal must be OUTPUT=VALUE with a number"),
    (["goal-seek", "net_benefit=0", "--by", "months", "--between", "5"], "--between takes LOW:HIGH, got '5'"),
    (["goal-seek", "net_benefit=0", "--by", "months", "--between", "5:1"], "--between must have its low end below"),
    (["goal-seek", "net_benefit=0"], "Missing option '--by'"),
    (["tornado", "net_benefits"], "did you mean net_benefit"),
    (["tornado", "net_benefit", "--inputs", "failure_cost"], "--inputs must name cells that hold numbers other than 0"),
]


@pytest.mark.parametrize(("arguments", "message"), BAD_COMMANDS, ids=[message for _, message in BAD_COMMANDS])
def test_mistakes_are_one_line(path, arguments, message, capsys):
    assert swept(path, *arguments, "--read", "net_benefit") == 2
    said = capsys.readouterr().err
    assert message in said
    assert said.count("\n") == 1


@pytest.mark.parametrize(("arguments", "message"), BAD_QUESTIONS, ids=[message for _, message in BAD_QUESTIONS])
def test_mistaken_questions_are_one_line(path, arguments, message, capsys):
    command, *rest = arguments
    assert main([command, str(path), *rest]) == 2
    said = capsys.readouterr().err
    assert message in said
    assert said.count("\n") == 1


BAD_FILES = [
    ("a,a\n1,2\n", "must begin with a row of distinct input names"),
    ("", "must begin with a row of distinct input names"),
    ("months,monthly_requests\n1,2\n3\n", "line 3: 2 cells expected, got 1"),
    ("months\n1\nmany\n", "line 3: months must be a finite number, got 'many'"),
    ("months\n1\n=1+1\n", "got '=1+1'"),
    ("months\nnan\n", "got 'nan'"),
    ("months\n\xff\n", "line 2: months must be a finite number"),
]


@pytest.mark.parametrize(("text", "message"), BAD_FILES, ids=[message for _, message in BAD_FILES])
def test_bad_files_are_named_with_their_line(path, tmp_path, text, message, capsys):
    (tmp_path / "in.csv").write_text(text, "utf-8")
    assert swept(path, tmp_path / "in.csv", "--read", "net_benefit") == 2
    assert message in capsys.readouterr().err


def test_bytes_that_are_no_text(path, tmp_path, capsys):
    (tmp_path / "in.csv").write_bytes(b"months\n1\n\xff\xfe\n")
    assert swept(path, tmp_path / "in.csv", "--read", "net_benefit") == 2
    assert "is not a CSV file in UTF-8" in capsys.readouterr().err


BAD_TOML = [
    ("[inputs", "is not a TOML file"),
    ("x = 1", "must have a table [inputs]"),
    ('[inputs]\nmonths = ["gamma", 1]', "the distribution of months must be one of PERT"),
    ('correlations = [1]\n[inputs]\nmonths = ["fixed", 1]', "a correlation must be"),
    ('correlations = [["months", "x", 0.1]]\n[inputs]\nmonths = ["fixed", 1]', "correlations must name inputs"),
    ('correlations = [["a", "b", 2.0]]\n[inputs]\na = ["normal", 1, 1]\nb = ["normal", 1, 1]', "inconsistent"),
]


@pytest.mark.parametrize(("text", "message"), BAD_TOML, ids=[message for _, message in BAD_TOML])
def test_bad_distributions_are_refused(path, tmp_path, text, message, capsys):
    (tmp_path / "d.toml").write_text(text)
    assert swept(path, "--samples", "9", "--distributions", tmp_path / "d.toml", "--read", "net_benefit") == 2
    assert message in capsys.readouterr().err


def test_text_that_a_spreadsheet_would_run_is_marked(tmp_path):
    model = make(tmp_path / "m.xlsx", {"A1": 2, "B1": '="=1+"&A1'})
    assert swept(model, "--grid", "Sheet!A1=1,2", "--read", "Sheet!B1", "-o", tmp_path / "o.csv") == 0
    assert [row["Sheet!B1"] for row in rows_of(tmp_path / "o.csv")] == ["'=1+1", "'=1+2"]


# questions


@pytest.mark.slow
def test_the_tornado_of_any_model(tmp_path, model, path, capsys):
    found = {swing.name: swing for swing in swings(model, "net_benefit", 0.1)}
    assert next(iter(found)) == "baseline_cost_per_request"
    assert found["training_cost"].low == pytest.approx(6_150)
    assert found["training_cost"].high == pytest.approx(5_650)
    assert not {"discount_rate", "traffic_share", "baseline_success_rate"} & found.keys()
    assert main(["tornado", str(path), "net_benefit"]) == 0
    assert "6,150" in capsys.readouterr().out
    assert main(["tornado", str(path), "net_benefit", "--inputs", "months,training_cost", "--json"]) == 0
    moved = json.loads(capsys.readouterr().out)
    assert moved["months"] == pytest.approx([5_200, 6_600, 1_400])
    assert moved["training_cost"] == pytest.approx([6_150, 5_650, 500])
    assert main(["tornado", str(path), "decision"]) == 2
    assert "decision must give a number" in capsys.readouterr().err
    assert main(["tornado", str(path), "net_benefit", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["training_cost"][2] == pytest.approx(500)
    bare = roi_xl.open_model(make(tmp_path / "m.xlsx", {"A1": 1, "B1": "=A1"}))
    with pytest.raises(RoiError, match="the workbook names none"):
        swings(bare, "Sheet!B1", 0.1)


def test_the_old_spelling_still_answers_with_a_note(path, capsys):
    assert swept(path, "--tornado", "--read", "net_benefit", "--json") == 0
    told = capsys.readouterr()
    assert json.loads(told.out)["training_cost"][2] == pytest.approx(500)
    assert told.err == "note: sweep --tornado has become tornado MODEL OUTPUT\n"
    assert swept(path, "--goal", "net_benefit=0", "--by", "monthly_requests") == 0
    told = capsys.readouterr()
    assert told.out.startswith("net_benefit is 0 where monthly_requests is 38,541.6666667\n")
    assert told.err == "note: sweep --goal has become goal-seek MODEL OUTPUT=VALUE --by NAME\n"
    assert swept(path, "--goal", "net_benefit=0") == 2
    assert "--goal needs --by NAME" in capsys.readouterr().err


def test_the_workbook_is_not_touched(path, tmp_path):
    before = parts(path)
    swept(path, "--grid", "months=6,12", "--read", "net_benefit", "-o", tmp_path / "o.csv")
    assert parts(path) == before


@pytest.mark.slow
def test_a_report_has_its_numbers_and_pictures(path, tmp_path, capsys):
    (tmp_path / "d.toml").write_text(DRAWS)
    draws = ["--samples", "5000", "--distributions", tmp_path / "d.toml", "--read", "net_benefit,payback,verdict"]
    assert swept(path, *draws, "--risk", tmp_path / "r.xlsx", "--json") == 0
    found = json.loads(capsys.readouterr().out)["outputs"]["net_benefit"]
    assert found.pop("numbers") == 5_000
    stored = values(tmp_path / "r.xlsx")
    rows = {value: cell for (_, cell), value in stored.items() if value in ("Net benefit", "Payback", "verdict")}
    row = rows["Net benefit"][1:]
    assert stored["Risk", f"C{row}"] == "USD"
    assert [stored["Risk", f"{column}{row}"] for column in "DEFGH"] == pytest.approx(list(found.values()))
    assert "verdict" not in rows
    assert sum("charts/chart" in name for name in parts(tmp_path / "r.xlsx")) == 4
    again = tmp_path / "again.xlsx"
    assert swept(path, *draws, "--risk", again) == 0
    assert again.read_bytes() == (tmp_path / "r.xlsx").read_bytes()
    assert swept(path, *draws, "--risk", tmp_path / "r.csv") == 2


# many workbooks


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


@pytest.mark.parametrize(("kind", "table", "cells", "stored"), DATA_TABLES)
def test_data_tables_are_evaluated_over_arrays(tmp_path, kind, table, cells, stored):
    """Price x volume - cost once more for each cell, with the values along the edges, of which one may vary."""
    varying_edge = {"two ways": "B11", "one row": "C8", "one column": "A11"}[kind]
    cells = {**PRICE, **cells, "F1": f"=SUM({','.join(stored)})", "F2": "=A1+A2+0"}
    path = with_data_table(tmp_path / "m.xlsx", table, cells, stored)
    rewrite(path, lambda p: {**p, SHEET: with_stored(p[SHEET], "F1", sum(stored.values()))})
    model = roi_xl.open_model(path)
    inputs = [f"Sheet!{name}" for name in ("A1", "A2", "A3", varying_edge)]
    read = [*(f"Sheet!{name}" for name in stored), "Sheet!F1"]
    evaluator = Evaluator.of(model, [model.find(name) for name in inputs], [model.find(name) for name in read])
    assert evaluator.plan.has_tables
    assert not evaluator.plan.by_engine
    draws = np.random.default_rng(4).uniform(1, 9, (4, 50))
    found = model.sweep(dict(zip(inputs, draws, strict=True)), read)
    for case in (0, 17, 49):
        model.calculate({name: float(column[case]) for name, column in zip(inputs, draws, strict=True)})
        assert [found[name][case] for name in read] == pytest.approx([model.value(model.find(name)) for name in read])


WITHOUT_FORM = [
    "=RAND()*A2",
    "=OFFSET(A1,A2-1,0)*A2",
    "=SUM(B10:B11)+A2",
    "=LEN(_xlfn.VALUETOTEXT(A2))*A1",
    '=IFERROR(VALUE("£"&A2),A1)',
]


@pytest.mark.parametrize("formula", WITHOUT_FORM)
def test_data_tables_without_a_form_over_arrays_go_through_the_engine(tmp_path, formula):
    _, table, cells, stored = DATA_TABLES[0]
    path = with_data_table(tmp_path / "m.xlsx", table, {**PRICE, **cells, "B9": formula}, stored)
    model = roi_xl.open_model(path, trust_engine=True)
    model.save(path)
    _, evaluator = planned(path, ["B11"])
    with contextlib.suppress(RoiError):  # where it is kept
        evaluator.columns([np.array([1.0, 2.0])])
    assert evaluator.plan.whole or evaluator.plan.constants


SPREADSHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
SEEN = '<sheetData sheetId="0"><row r="1"><cell r="A1"><v>7</v></cell></row></sheetData>'
RATES = (
    f'<externalLink xmlns="{SPREADSHEET}"><externalBook xmlns:r="{RELATIONS}" r:id="rId1"><sheetNames>'
    f'<sheetName val="Rates"/></sheetNames><sheetDataSet>{SEEN}</sheetDataSet></externalBook></externalLink>'
)


def with_rates(contents):
    """A workbook that links to a sheet Rates of another one, with the value that Excel last saw there."""
    contents, part = with_external_link(contents), "xl/externalLinks/externalLink1.xml"
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.externalLink+xml"
    known = f'<Override PartName="/{part}" ContentType="{kind}"/></Types>'.encode()
    reference = b'</sheets><externalReferences><externalReference r:id="rId99"/></externalReferences>'
    book = contents["xl/workbook.xml"].replace(b"<workbook ", f'<workbook xmlns:r="{RELATIONS}" '.encode())
    types = contents["[Content_Types].xml"].replace(b"</Types>", known)
    linked = {"xl/workbook.xml": book.replace(b"</sheets>", reference), "[Content_Types].xml": types}
    return {**contents, **linked, part: RATES.encode()}


def test_other_files_that_a_cell_links_to_do_not_vary(tmp_path):
    cells = {"A1": 4, "B1": "=A1*[1]Rates!A1", "B2": "=B1+1", "B3": "=[1]Rates!A1", "B4": "=B3*A1"}
    _, evaluator = planned(make(tmp_path / "m.xlsx", cells, change=with_rates), ["B2", "B4"])
    assert [str(step.place) for step in evaluator.plan.left] == ["Sheet!B1"]
    given = [np.array([1.0, 2.0])]
    found = evaluator.columns(given)
    assert [column.values.tolist() for column in found] == [[8, 15], [7, 14]]
    assert evaluator.check(given, found, ["Sheet!B2", "Sheet!B4"]) == 2
    both = make(tmp_path / "n.xlsx", {"A1": 1, "B1": "=OFFSET(A1,[1]Rates!A1-7,0)"}, change=with_rates)
    assert "not all known" in planned(both, ["B1"])[1].plan.whole


@pytest.mark.parametrize("formula", ["=_xlfn.VALUETOTEXT(A1)+A2", "=SQRT(A1)*A2", "=OFFSET(A1,A2-1,0)"])
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


def test_a_sheet_whose_name_has_a_comma(tmp_path, capsys):
    book = Workbook()
    book.active.title = "a,b"
    book.active["A1"], book.active["B1"] = 2, "=A1*3"
    book.save(tmp_path / "m.xlsx")
    assert swept(tmp_path / "m.xlsx", "--grid", "'a,b'!A1=1,2", "--read", "'a,b'!B1", "--json") == 0
    assert json.loads(capsys.readouterr().out)["outputs"]["'a,b'!B1"]["mean"] == 4.5
    assert swept(tmp_path / "m.xlsx", "--grid", "'a,b'!A1=1,2", "--read", "'a,b'!B1", "--json", "--explain") == 0
    assert json.loads(capsys.readouterr().out)["by_engine"] is False


def test_an_output_that_is_now_a_text_now_a_number(tmp_path, capsys):
    cells = {"A1": 1, "B1": '=IF(A1>2,A1*10,"never")', "C1": '=IF(A1>2,"late",A1*10)', "D1": "=1/(A1-1)"}
    path = make(tmp_path / "m.xlsx", cells)
    assert main(["recalc", str(path), "--in-place"]) == 0
    read = ["--read", "Sheet!B1,Sheet!C1,Sheet!D1"]
    assert main(["sweep", str(path), "--grid", "Sheet!A1=1:4:1", *read, "-o", str(tmp_path / "o.csv")]) == 0
    assert (tmp_path / "o.csv").read_text().splitlines() == [
        "Sheet!A1,Sheet!B1,Sheet!C1,Sheet!D1,errors",
        "1,never,10,,Sheet!D1: #DIV/0!",
        "2,never,20,1,",
        "3,30,,0.5,Sheet!C1: late",
        "4,40,,0.3333333333333333,Sheet!C1: late",
    ]
    shown = capsys.readouterr().out
    assert "Sheet!B1: never" in shown
    assert "Sheet!C1: the figures are of the 2 scenarios that give a number" in shown
    assert main(["sweep", str(path), "--grid", "Sheet!A1=1:4:1", *read, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)["outputs"]
    assert found["Sheet!B1"] == {
        "p10": 31, "p50": 35, "p90": 39, "mean": 35, "above_0": 1, "numbers": 2, "texts": {"never": 2}
    }  # fmt: skip
    assert (found["Sheet!C1"]["numbers"], found["Sheet!D1"]["numbers"]) == (2, 3)
    assert main(["sweep", str(path), "--grid", "Sheet!A1=1:4:1", *read, "-o", str(tmp_path / "o.parquet")]) == 0
    pandas = pytest.importorskip("pandas")
    assert pandas.read_parquet(tmp_path / "o.parquet")["Sheet!B1"].tolist() == ["never", "never", "30", "40"]
