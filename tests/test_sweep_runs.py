"""Sweeps of data frames, and what cannot be done over arrays; the tornado of any model."""

import dataclasses
import json

import numpy as np
import polars as pl
import pytest
from openpyxl import Workbook
from openpyxl.worksheet.formula import ArrayFormula
from recalc_helpers import make
from sweep_helpers import expected, made_frame, swept

import roi_xl
from roi_xl.cli import main
from roi_xl.engines.book import Book
from roi_xl.errors import EvaluationsDiffer, NotANumber, NotReproduced, NotSupported, RoiError, UnknownName, WrongShape
from roi_xl.sweeps import run
from roi_xl.sweeps.confirm import Confirmed
from roi_xl.sweeps.evaluate import Evaluator
from roi_xl.sweeps.swings import swings

READ = ["net_benefit", "payback", "verdict", "internal_rate_of_return"]


@pytest.fixture(scope="module")
def path(templates):
    return templates["native"]


@pytest.fixture(scope="module")
def model(path):
    return roi_xl.open_model(path)


@pytest.fixture
def frame():
    return made_frame()


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
    cells = {"A1": 2, "B1": "=_xlfn.ARRAYTOTEXT(A1)*1", "B2": '=TEXT(A1,"0.0")&A1', "B3": "=B1+A1", "B4": "=A1*3"}
    model = roi_xl.open_model(make(tmp_path / "m.xlsx", cells))
    found = model.sweep({"Sheet!A1": [1.0, 2.0, 3.0]}, ["Sheet!B2", "Sheet!B3", "Sheet!B4"])
    assert found["Sheet!B2"].tolist() == ["1.01", "2.02", "3.03"]
    for value, got in zip((1.0, 2.0, 3.0), found["Sheet!B3"], strict=True):
        model.calculate({"Sheet!A1": value})
        assert got == pytest.approx(model.value(model.find("Sheet!B3")))
    job = run.job_of(model, ["Sheet!A1"], ["Sheet!B3"])
    lines = list(run.evaluator_of(job).plan.lines())
    assert lines[0] == "2 cells vary, 1 of them over arrays"
    assert "Sheet!B1 is evaluated by the engine, scenario by scenario: ARRAYTOTEXT" in lines[1]


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
    roi_xl.open_model(tmp_path / "m.xlsx", trust_engine=True).save(tmp_path / "m.xlsx")
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


# questions


@pytest.mark.slow
def test_the_tornado_of_any_model(tmp_path, model, path, capsys):
    found = {swing.name: swing for swing in swings(model, "net_benefit", 0.1).swings}
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


ROUNDED = "note: months takes whole numbers only: 11 and 13 instead of 10.8 and 13.2\n"
STILL = "note: months is left out: it takes whole numbers only, so that 1% of it does not move it\n"
ASIDE = (
    "note: failure_cost is left out: it is 0\n"
    "note: start_month is left out: it holds no number\n"
    "note: engineering is left out: it does not move net_benefit\n"
)
ASKED = [
    ([], "10%", ROUNDED),
    (["months"], "25%", ""),
    (["months"], "1%", STILL + "note: no input moves net_benefit\n"),
    (["months", "training_cost"], "0.01", STILL),
    ([], "1%", STILL),
    (["failure_cost", "start_month", "engineering", "training_cost"], "1%", ASIDE),
]


@pytest.mark.parametrize(("inputs", "change", "said"), ASKED)
def test_what_the_tornado_rounds_or_leaves_out_is_said(path, inputs, change, said, capsys):
    named = ["--inputs", ",".join(inputs)] if inputs else []
    for how in ([], ["--json"]):
        assert main(["tornado", str(path), "net_benefit", "--change", change, *named, *how]) == 0
        assert capsys.readouterr().err == said


def test_the_old_spelling_still_answers_with_a_note(path, capsys):
    assert swept(path, "--tornado", "--read", "net_benefit", "--json") == 0
    told = capsys.readouterr()
    assert json.loads(told.out)["training_cost"][2] == pytest.approx(500)
    assert told.err.startswith("note: sweep --tornado has become tornado MODEL OUTPUT\n")
    assert swept(path, "--goal", "net_benefit=0", "--by", "monthly_requests") == 0
    told = capsys.readouterr()
    assert told.out.startswith("net_benefit is 0 where monthly_requests is 38,541.6666667\n")
    assert told.err == "note: sweep --goal has become goal-seek MODEL OUTPUT=VALUE --by NAME\n"
    assert swept(path, "--goal", "net_benefit=0") == 2
    assert "--goal needs --by NAME" in capsys.readouterr().err
