"""A formula in which the engine fails: it is found, named or evaluated by ours, and nobody sees the engine's words."""

import subprocess
import sys
from types import SimpleNamespace

import pytest
from openpyxl import Workbook, load_workbook
from recalc_helpers import SHEET, rewrite, with_stored

import roi_xl
from roi_xl.engines import failing
from roi_xl.errors import EngineFailed, NotReproduced
from roi_xl.xlsx.addresses import Address

FAILS = "TREND(A1,H99)"
"""The engine looks for the first value of a range beyond all cells."""

COMMAND = [sys.executable, "-m", "roi_xl"]


@pytest.fixture(autouse=True)
def quiet(capfd):
    """What the engine says is not for the reader of the test."""


def workbook(path, formula, stored=None):
    """A formula in B2 that makes the engine fail, one that reads it, and some that do not."""
    book = Workbook()
    cells = {"A1": 2, "A2": 5, "B1": "=SUM(A1:A2)", "B2": f"={formula}", "B3": "=B2+1", "B4": "=ROUND(B1,0)*2"}
    for address, value in cells.items():
        book.active[address] = value
    book.save(path)
    for address, value in (stored or {}).items():
        rewrite(path, lambda contents, a=address, v=value: {**contents, SHEET: with_stored(contents[SHEET], a, v)})
    return path


def shown(path):
    """The values of column B."""
    sheet = load_workbook(path, data_only=True).active
    return [sheet.cell(row, 2).value for row in range(1, 5)]


def test_ours_evaluate_it_where_they_can(tmp_path):
    model = roi_xl.open_model(workbook(tmp_path / "m.xlsx", f"IF(A2=5,{FAILS},1)*0+7"))
    assert [str(place) for place in model.book.failing] == ["Sheet!B2"]
    model.calculate({"Sheet!A2": 10})
    model.save(tmp_path / "out.xlsx")
    assert shown(tmp_path / "out.xlsx") == [12, 7, 8, 24]


def test_where_ours_cannot_it_is_named_and_kept(tmp_path):
    path = workbook(tmp_path / "m.xlsx", f"{FAILS}*0+BESSELJ(9,8)", {"B1": 7, "B2": 3, "B3": 4, "B4": 14})
    model = roi_xl.open_model(path)
    assert [str(difference.place) for difference in model.differences] == ["Sheet!B2"]
    model.calculate({"Sheet!A2": 10})
    model.save(tmp_path / "out.xlsx")
    assert shown(tmp_path / "out.xlsx") == [12, 3, 4, 24]
    with pytest.raises(NotReproduced, match="first Sheet!B2"):
        model.calculate({"Sheet!A1": 3})


def test_where_a_change_makes_it_fail_the_change_is_refused_and_no_value_is_given(tmp_path):
    model = roi_xl.open_model(workbook(tmp_path / "m.xlsx", f"IF(A2>5,{FAILS},1)"))
    assert model.value(model.find("Sheet!B3")) == 2
    for _ in range(2):
        with pytest.raises(EngineFailed, match=r"m.xlsx cannot be evaluated: the engine failed \("):
            model.calculate({"Sheet!A2": 10})
    with pytest.raises(EngineFailed):
        model.value(model.find("Sheet!B1"))


@pytest.mark.parametrize(
    ("formula", "arguments", "status", "said"),
    [
        (FAILS, ["check", "m.xlsx"], 0, ""),
        (
            f"IF(A2>5,{FAILS},1)",
            ["recalc", "m.xlsx", "--set", "Sheet!A2=10", "--in-place"],
            2,
            "m.xlsx cannot be evaluated: the engine failed (index out of bounds",
        ),
    ],
)
def test_the_command_says_one_line_of_its_own(tmp_path, formula, arguments, status, said):
    before = workbook(tmp_path / "m.xlsx", formula).read_bytes()
    done = subprocess.run([*COMMAND, *arguments], cwd=tmp_path, capture_output=True, text=True)
    assert (done.returncode, done.stderr.count("\n")) == (status, 1 if said else 0), done.stderr
    assert said in done.stderr
    assert "panicked" not in done.stderr
    assert (tmp_path / "m.xlsx").read_bytes() == before


def test_more_formulas_than_are_looked_for(tmp_path, monkeypatch):
    monkeypatch.setattr(failing, "MOST", 1)
    path = workbook(tmp_path / "m.xlsx", FAILS)
    assert [str(place) for place in roi_xl.open_model(path).book.failing] == ["Sheet!B2"]
    book = load_workbook(path)
    book.active["C7"] = "=GROWTH(A1,$H$99)"
    book.save(path)
    with pytest.raises(EngineFailed, match="the engine fails in many formulas"):
        roi_xl.open_model(path)


def test_an_engine_that_fails_whatever_is_left_out(tmp_path, monkeypatch):
    monkeypatch.setattr(failing, "fails", lambda formulas, left_out: True)
    with pytest.raises(EngineFailed, match="whatever is left out"):
        roi_xl.open_model(workbook(tmp_path / "m.xlsx", FAILS))


def test_whoever_stops_the_search_is_heard(tmp_path, monkeypatch):
    formulas = roi_xl.open_model(workbook(tmp_path / "m.xlsx", "A1*2")).book.formulas

    def stopped(engine):
        raise KeyboardInterrupt

    monkeypatch.setattr(failing.embedded, "limited", stopped)
    with pytest.raises(KeyboardInterrupt):
        failing.fails(formulas, [])


def test_where_there_is_no_stderr_nothing_has_to_be_unsaid(monkeypatch):
    def closed(number):
        raise OSError

    monkeypatch.setattr(failing, "os", SimpleNamespace(dup=closed))
    with failing.unsaid():
        pass


def test_a_formula_beyond_the_last_row_is_a_refusal(tmp_path):
    book = roi_xl.open_model(workbook(tmp_path / "m.xlsx", "A1*2")).book
    with pytest.raises(EngineFailed, match=r"m.xlsx cannot be evaluated: the engine failed \(Row"):
        book.formula(Address("Sheet", 1_048_577, 1))
