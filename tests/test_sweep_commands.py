"""Sweeps by the command: files, grids, draws, reports, and one line for every mistake."""

import json
import re

import numpy as np
import pandas as pd
import pytest
from openpyxl import Workbook, load_workbook
from pyarrow import parquet
from recalc_helpers import make, parts, values
from sweep_helpers import DRAWS, expected, made_frame, rows_of, swept

from roi_xl.cli import main


@pytest.fixture(scope="module")
def path(templates):
    return templates["native"]


@pytest.fixture
def frame():
    return made_frame()


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
    assert "Sheet!C1: statistics cover the 2 scenarios that give a number" in shown
    assert main(["sweep", str(path), "--grid", "Sheet!A1=1:4:1", *read, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)["outputs"]
    assert found["Sheet!B1"] == {
        "p10": 31, "p50": 35, "p90": 39, "mean": 35, "above_0": 1, "numbers": 2, "texts": {"never": 2}
    }  # fmt: skip
    assert (found["Sheet!C1"]["numbers"], found["Sheet!D1"]["numbers"]) == (2, 3)
    assert main(["sweep", str(path), "--grid", "Sheet!A1=1:4:1", *read, "-o", str(tmp_path / "o.parquet")]) == 0
    pandas = pytest.importorskip("pandas")
    assert pandas.read_parquet(tmp_path / "o.parquet")["Sheet!B1"].tolist() == ["never", "never", "30", "40"]
