"""Where does an output reach a goal? Crossings, touches, stretches and jumps, each with its answer by hand."""

import json
import math

import pytest
from recalc_helpers import make

import roi_xl
from roi_xl.cli import main
from roi_xl.errors import RoiError
from roi_xl.sweeps.goal import goal_seek
from roi_xl.sweeps.swings import swings

SOLVED = [
    "net_benefit is 0 where monthly_requests is 38,541.6666667",
    "searched monthly_requests from 0 to 1,000,000; --between searches elsewhere",
]


NOT_SOLVED = [
    "no monthly_requests found where net_benefit is -1e+09: nearest is -3,700 where monthly_requests is 0",
    "searched monthly_requests from 0 to 1,000,000; --between searches elsewhere",
]

SOUGHT = [
    ("(A1-2)^2", 0, (2,), ()),
    ("(A1-2)^2+100", 100, (2,), ()),
    ("(A1-2)*(A1-2.001)", 0, (2, 2.001), ()),
    ("ABS(A1-3)-0.0001", 0, (2.9999, 3.0001), ()),
    ("MAX(0,A1-4)", 0, (), ((0, 4),)),
    ("ROUND(A1,0)-7", 0, (), ((6.5, 7.5),)),
    ("MIN(MAX(A1-4,0),2)", 2, (), ((6, 30),)),
    ("EXP(A1*20)-1E80", 0, (math.log(1e80) / 20,), ()),
    ("SIGN(A1-7)*ABS(A1-7)^(1/3)", 0, (7,), ()),
    ("IF(A1<2,NA(),A1-2.5)", 0, (2.5,), ()),
    ("A1*0.008-0.003", 0, (0.375,), ()),
    ("1/(A1-4)", 0, (), ()),
    ("IF(A1<5.0011,-1,1)", 0, (), ()),
    ("(A1-2)^2+0.000001", 0, (), ()),
]
"""A formula of A1, which is 3 and so searched from 0 to 30; a goal; the solutions, and from where to where all are."""


@pytest.fixture(scope="module")
def sought(tmp_path_factory):
    cells = {f"B{row}": f"={formula}" for row, (formula, *_) in enumerate(SOUGHT, 1)}
    return roi_xl.open_model(make(tmp_path_factory.mktemp("goals") / "m.xlsx", {"A1": 3, **cells}))


@pytest.mark.parametrize("row", range(len(SOUGHT)), ids=[formula for formula, *_ in SOUGHT])
def test_goal_seek_finds_where_an_output_touches_stays_at_or_crosses_the_goal(sought, row):
    _, goal, solutions, stretches = SOUGHT[row]
    found = goal_seek(sought, f"Sheet!B{row + 1}", goal, "Sheet!A1")
    assert found.solutions == pytest.approx(solutions, rel=1e-8)
    assert [end for pair in found.stretches for end in pair] == pytest.approx(
        [end for pair in stretches for end in pair]
    )
    assert found.is_met == bool(solutions or stretches)


def test_goal_seek_finds_hundreds_of_solutions_at_once(tmp_path):
    model = roi_xl.open_model(make(tmp_path / "m.xlsx", {"A1": 3, "B1": "=SIN(A1)"}))
    found = goal_seek(model, "Sheet!B1", 0, "Sheet!A1", (1, 2000)).solutions
    assert found == pytest.approx([math.pi * n for n in range(1, 637)])


@pytest.mark.slow
def test_goal_seek_finds_every_solution_or_says_that_there_is_none(tmp_path, templates, capsys):
    path = templates["native"]
    model = roi_xl.open_model(make(tmp_path / "m.xlsx", {"A1": 1, "B1": "=(A1-2)*(A1-3)", "B2": "=1/(A1-4)"}))
    assert goal_seek(model, "Sheet!B1", 0, "Sheet!A1").solutions == pytest.approx((2, 3))
    assert goal_seek(model, "Sheet!B1", -1, "Sheet!A1").solutions == ()
    assert goal_seek(model, "Sheet!B2", 0, "Sheet!A1").solutions == ()
    assert goal_seek(model, "Sheet!B1", 0, "Sheet!A1", (2.5, 9)).solutions == pytest.approx((3,))
    assert main(["goal-seek", str(path), "net_benefit=0", "--by", "monthly_requests"]) == 0
    assert capsys.readouterr().out.splitlines() == SOLVED
    assert main(["goal-seek", str(path), "net_benefit=-1e9", "--by", "monthly_requests"]) == 1
    assert capsys.readouterr().out.splitlines() == NOT_SOLVED
    assert main(["goal-seek", str(tmp_path / "m.xlsx"), "Sheet!B1=0", "--by", "Sheet!A1"]) == 0
    assert "2 solutions; searched Sheet!A1 from 0 to 10; --between" in capsys.readouterr().out
    assert main(["goal-seek", str(path), "net_benefit=0", "--by", "months", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["solutions"], found["passes"], found["between"]) == ([], [[3, 4]], [1, 60])  # break-even at 3.57
    assert main(["goal-seek", str(path), "net_benefit=5900", "--by", "months"]) == 0
    assert capsys.readouterr().out.startswith("net_benefit is 5900 where months is 12\n")
    assert main(["goal-seek", str(path), "decision=0", "--by", "months"]) == 2
    assert "decision must give a number for some value of the input, got none" in capsys.readouterr().err
    model = roi_xl.open_model(make(tmp_path / "b.xlsx", {"A1": 0, "B1": 5, "C1": '=IF(A1=0,"",B1/A1)', "D1": "=B1/A1"}))
    assert goal_seek(model, "Sheet!C1", 5, "Sheet!A1").solutions == pytest.approx((1,))
    assert goal_seek(model, "Sheet!D1", 5, "Sheet!A1").solutions == pytest.approx((1,))
    with pytest.raises(RoiError, match="D1 must give a number for some value of the input, got none"):
        goal_seek(model, "Sheet!D1", 5, "Sheet!B1")
    with pytest.raises(RoiError, match="D1 must give a number for some value of the input, got none"):
        swings(model, "Sheet!D1", 0.1, ["Sheet!B1"])
