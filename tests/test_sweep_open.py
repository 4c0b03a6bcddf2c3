"""A sweep of a workbook without stored values takes no answer that a recalculation would refuse."""

import numpy as np
import pytest
from openpyxl import Workbook
from recalc_helpers import SHEET, make, rewrite
from test_placeholders import with_zeros

import roi_xl
from roi_xl.cli import main
from roi_xl.errors import NotReproduced, NotVerified
from roi_xl.sweeps.goal import goal_seek

CELLS = {"A1": 1, "A2": 2, "D1": "k", "E1": "v", "D2": "a", "E2": 5, "D3": "a", "E3": 6, "G1": "k", "G2": "a"}
NOBODYS = [  # what the engine is known to answer otherwise for some arguments, and ours does not for these
    'DAY(A1&"-May")',
    "DCOUNT(D1:E3,,G1:G2)*A1",
    "_xlfn.XLOOKUP(A1,{3,1,2},{30,10,20},,0,2)",
]


def unsaved(path, cells, zeros=False):
    """A workbook that no spreadsheet program has calculated."""
    book = Workbook()
    for address, value in {**CELLS, **cells}.items():
        book.active[address] = value
    book.save(path)
    if zeros:
        rewrite(path, lambda contents: {**contents, SHEET: with_zeros(contents[SHEET])})
    return path


@pytest.mark.parametrize("formula", NOBODYS)
@pytest.mark.parametrize("read", ["B1", "B2"], ids=["itself", "under IFERROR"])
def test_an_answer_that_only_the_engine_gives_is_refused_where_it_is_known_to_differ(tmp_path, formula, read):
    path = unsaved(tmp_path / "m.xlsx", {"B1": f"={formula}", "B2": "=IFERROR(B1,-1)", "C1": "=A1*2"})
    for refused in (
        lambda model: model.calculate({"Sheet!A1": 1}),
        lambda model: model.sweep({"Sheet!A1": [1.0, 2.0]}, [f"Sheet!{read}"]),
        lambda model: goal_seek(model, f"Sheet!{read}", -1, by="Sheet!A1"),
    ):
        with pytest.raises(NotVerified, match=r"Sheet!B1"):
            refused(roi_xl.open_model(path))
    found = roi_xl.open_model(path).sweep({"Sheet!A1": [1.0, 2.0]}, ["Sheet!C1"])
    assert found["Sheet!C1"].tolist() == [2, 4]


@pytest.mark.parametrize("zeros", [False, True], ids=["no values", "zeros"])
def test_what_no_input_reaches_is_refused_if_it_has_no_value_and_is_read(tmp_path, zeros):
    """B1 stands still; C1 hides what it is, D4 does not read it, and a computed range reads what it leads to."""
    cells = {
        "B1": "=_xlfn.XLOOKUP(1,{3,1,2},{30,10,20},,0,2)",
        "C1": "=A1*IFERROR(B1,-1)",
        "C2": "=SUM(OFFSET(A1,0,0,2,1))",
        "C3": "=SUM(OFFSET(A1,0,1,1,1))+A1",
        "C4": "=B1*2",
        "D4": "=A1*2",
    }
    model = roi_xl.open_model(unsaved(tmp_path / "m.xlsx", cells, zeros))
    for name in ("C1", "C3", "C4", "B1"):
        with pytest.raises(NotReproduced, match="Sheet!B1"):
            model.sweep({"Sheet!A1": [5.0, 6.0]}, [f"Sheet!{name}"])
    found = model.sweep({"Sheet!A1": [5.0, 6.0]}, ["Sheet!C2", "Sheet!D4"])
    assert [found[name].tolist() for name in ("Sheet!C2", "Sheet!D4")] == [[7, 8], [10, 12]]


@pytest.mark.parametrize("zeros", [False, True], ids=["no values", "zeros"])
def test_scenarios_one_by_one_refuse_an_output_without_a_value(tmp_path, zeros):
    """B1 and B2 are a circle; what reads them has no value, whichever way the scenarios go."""
    cells = {
        "B1": "=B2+A2",
        "B2": "=B1*2",
        "C1": "=IF(A2>0,B1,7)+A1",
        "C2": "=A1*2",
        "C3": "=SUM(N(OFFSET(A1,{0,1},0)))",
    }
    path = unsaved(tmp_path / "m.xlsx", cells, zeros)
    for name in ("C1", "B2"):
        with pytest.raises(NotReproduced, match="Sheet!"):
            roi_xl.open_model(path).sweep({"Sheet!A1": [5.0, 6.0]}, [f"Sheet!{name}"])
    found = roi_xl.open_model(path).sweep({"Sheet!A1": [5.0, 6.0]}, ["Sheet!C2"])
    assert found["Sheet!C2"].tolist() == [10, 12]


SHARED = {"A1": 1, "A2": 2, "A3": 3, "B1": "=SUM(A1:A3 A2:C2)", "C1": "=SUM(A1:A3 2:2)", "D1": "=A1 A2", "E1": "=B1+1"}


@pytest.mark.parametrize("stored", [False, True], ids=["no values", "values"])
def test_what_ranges_share_is_known_to_recalculations_and_sweeps(tmp_path, stored):
    path = tmp_path / "m.xlsx"
    if stored:
        make(path, SHARED, {"B1": 2, "C1": 2, "E1": 3})
    else:
        unsaved(path, SHARED)
    model = roi_xl.open_model(path)
    model.calculate({"Sheet!A2": 7})
    got = {cell: str(model.value(model.find(f"Sheet!{cell}"))) for cell in ("B1", "C1", "D1", "E1")}
    assert got == {"B1": "7.0", "C1": "7.0", "D1": "#NULL!", "E1": "8.0"}
    assert model.verification.verified == 4
    wanted = {"Sheet!B1": [7, 9], "Sheet!C1": [7, 9], "Sheet!E1": [8, 10]}
    found = roi_xl.open_model(path).sweep({"Sheet!A2": np.array([7.0, 9.0])}, list(wanted))
    assert {name: found[name].tolist() for name in wanted} == wanted
    assert main(["goal-seek", str(path), "Sheet!B1=9", "--by", "Sheet!A2"]) == 0
