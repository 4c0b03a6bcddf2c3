"""The referee: the file's own values decide, and nothing wrong is written silently."""

import json

import pytest
from openpyxl import Workbook
from openpyxl.worksheet.formula import ArrayFormula
from recalc_helpers import SHEET, make, rewrite, values, with_stored

import roi_xl
from roi_xl.cli import main
from roi_xl.errors import ExcelError, NotReproduced, NotSupported
from roi_xl.recalc.compare import agree, cause_of, is_residue
from roi_xl.xlsx.sheet_cells import put_constants

CHAIN = {"A1": 10, "A2": 5, "B1": "=A1*2", "B2": "=B1+1", "B3": "=A2*3", "B4": "=B2+B3"}


def test_a_workbook_that_agrees(tmp_path):
    model = roi_xl.open_model(make(tmp_path / "m.xlsx", CHAIN))
    assert (model.replay.compared, model.replay.missing, model.differences) == (4, 0, ())


def test_a_fresh_workbook_has_nothing_to_replay(tmp_path):
    book = Workbook()
    book.active["A1"] = "=1+1"
    book.save(tmp_path / "m.xlsx")
    model = roi_xl.open_model(tmp_path / "m.xlsx")
    assert (model.replay.compared, model.book.stores_values) == (0, False)


def test_only_the_root_of_a_difference_is_kept(tmp_path):
    path = make(tmp_path / "m.xlsx", CHAIN, {"B1": 100, "B2": 101, "B4": 116})
    model = roi_xl.open_model(path)
    assert [str(d.place) for d in model.differences] == ["Sheet!B1"]
    assert (model.differences[0].stored, model.differences[0].got) == (100, 20)
    model.calculate({"Sheet!A2": 6})
    model.save(path)
    got = values(path)
    assert [got["Sheet", cell] for cell in ("B1", "B2", "B3", "B4")] == [100, 101, 18, 119]


def test_a_change_that_reaches_a_kept_cell_is_refused(tmp_path):
    path = make(tmp_path / "m.xlsx", CHAIN, {"B1": 100, "B2": 101, "B4": 116})
    with pytest.raises(NotReproduced, match="reaches 1 cell that could not be reproduced, first Sheet!B1"):
        roi_xl.open_model(path).calculate({"Sheet!A1": 11})
    trusting = roi_xl.open_model(path, trust_engine=True)
    assert trusting.differences == ()
    trusting.calculate({"Sheet!A1": 11})
    assert trusting.value(trusting.find("Sheet!B4")) == 38


def test_functions_that_nobody_knows_serve_as_constants(tmp_path):
    cells = {"A1": 10, "A2": '=IFERROR(CIQ("NYSE:X",A1),0)', "A3": "=A2*2", "A4": 1, "A5": "=A3+A4"}
    path = make(tmp_path / "m.xlsx", cells, {"A2": 7.5, "A3": 15, "A5": 16})
    model = roi_xl.open_model(path)
    assert model.replay.unknown == {"CIQ"}
    assert [d.cause for d in model.differences] == ["CIQ is unknown"]
    model.calculate({"Sheet!A4": 5})
    assert model.value(model.find("Sheet!A5")) == 20
    with pytest.raises(NotReproduced, match="first Sheet!A2"):
        model.calculate({"Sheet!A1": 11})
    model = roi_xl.open_model(path, keep_unknown=True)
    model.calculate({"Sheet!A1": 11})
    assert model.value(model.find("Sheet!A3")) == 15
    with pytest.raises(NotSupported, match="calls unknown functions: CIQ"):
        roi_xl.open_model(path, strict=True)


STALE = {"A1": 40_000, "A2": 40_001, "A4": 0.5, "A5": 1.5}


def test_volatile_cells_are_left_out(tmp_path):
    path = make(
        tmp_path / "m.xlsx",
        {"A1": "=TODAY()", "A2": "=A1+1", "A3": "=1+1", "A4": "=RAND()", "A5": "=A4*RANDBETWEEN(1,6)"},
        STALE,
    )
    model = roi_xl.open_model(path)
    assert model.differences == ()
    assert {str(place) for place in model.replay.volatile} == {"Sheet!A1", "Sheet!A2", "Sheet!A4", "Sheet!A5"}
    model.save(path)
    written = values(path)
    assert written["Sheet", "A1"] > 40_000
    assert 0 <= written["Sheet", "A4"] < 1
    rolled = written["Sheet", "A5"] / written["Sheet", "A4"]
    assert rolled == pytest.approx(round(rolled))


def test_what_reads_chance_is_volatile_even_where_two_draws_give_the_same(tmp_path):
    book = Workbook()
    sheet = book.active
    for row in range(1, 9):
        sheet[f"A{row}"] = "=RAND()"
    sheet["C1"], sheet["C2"], sheet["C3"] = -1, 0.999999, 1
    sheet["D1"] = ArrayFormula("D1:D4", "=FREQUENCY(A1:A8,C1:C3)")
    sheet["E1"], sheet["E2"], sheet["F1"] = "=SUM(D2:D2)/8", "=E1*2", "=C1*3"
    book.save(tmp_path / "m.xlsx")
    stored = {f"A{row}": 0.5 for row in range(1, 8)} | {"A8": 0.9999995, "D1": 0, "E1": 0.875, "E2": 1.75, "F1": -4}

    def as_stored(found):
        sheet = found[SHEET]
        for address, value in stored.items():
            sheet = with_stored(sheet, address, value)
        for member, value in (("D2", 7), ("D3", 1), ("D4", 0)):
            sheet = put_constants(sheet, {(int(member[1:]), 4): float(value)})
        return found | {SHEET: sheet}

    rewrite(tmp_path / "m.xlsx", as_stored)
    model = roi_xl.open_model(tmp_path / "m.xlsx")
    assert [str(difference.place) for difference in model.differences] == ["Sheet!F1"], "which reads no chance"
    assert {"Sheet!D1", "Sheet!E1", "Sheet!E2"} <= {str(place) for place in model.replay.volatile}


def test_rounding_residues_are_forgiven(tmp_path):
    path = make(tmp_path / "m.xlsx", {"A1": 1_000.1, "A2": 900.2, "A3": "=A1-A2-99.9"}, {"A3": 0})
    assert roi_xl.open_model(path).differences == ()
    path = make(tmp_path / "n.xlsx", {"A1": 1_000.1, "A2": 900.2, "A3": "=A1-A2-99.9"}, {"A3": 0.001})
    assert len(roi_xl.open_model(path).differences) == 1


def test_what_excel_finds_by_trial_is_computed_anew_when_it_is_reached(tmp_path):
    cells = {"A1": -100, "A2": 60, "A3": 60, "A9": 1, "B1": "=IRR(A1:A3)", "B2": "=B1*1000", "B3": "=A9+1"}
    path = make(tmp_path / "m.xlsx", cells, {"B1": 0.1306623861, "B2": 130.6623861})
    model = roi_xl.open_model(path)
    assert model.differences == ()
    model.calculate({"Sheet!A9": 2})
    assert model.value(model.find("Sheet!B2")) == 130.6623861
    model.calculate({"Sheet!A3": 70})
    assert model.value(model.find("Sheet!B1")) == pytest.approx(0.1888194417)
    model.calculate({"Sheet!A9": 2})
    assert model.value(model.find("Sheet!B1")) == 0.1306623861


def test_what_is_no_finite_number_is_num(tmp_path, monkeypatch, capsys):
    path = make(tmp_path / "m.xlsx", {"A1": -3, "B1": "=FV(A1,-3.5,1)"})
    assert values(path)["Sheet", "B1"] == "#NUM!"
    model = roi_xl.open_model(path)
    assert model.differences == ()
    assert model.value(model.find("Sheet!B1")) is ExcelError.NUM
    rewrite(path, lambda p: {**p, SHEET: with_stored(p[SHEET], "B1", 5)})
    assert main(["check", str(path), "--json"]) == 1
    assert json.loads(capsys.readouterr().out)[str(path)]["different"][0]["replayed"] == "#NUM!"


def test_a_kept_array_keeps_its_members(tmp_path):
    array = ArrayFormula("B1:C1", "=A1*{1,2}")
    path = make(tmp_path / "m.xlsx", {"A1": 3, "A2": 4, "B1": array, "B2": "=B1+C1+A2"}, {"B1": 30, "B2": 40})
    model = roi_xl.open_model(path)
    assert [str(d.place) for d in model.differences] == ["Sheet!B1"]
    model.calculate({"Sheet!A2": 5})
    assert model.value(model.find("Sheet!B2")) == 41


def test_moving_references_count_as_reached(tmp_path):
    path = make(tmp_path / "m.xlsx", {"A1": 3, "A2": "=OFFSET(A1,0,0)", "A9": 1}, {"A2": 4})
    with pytest.raises(NotReproduced):
        roi_xl.open_model(path).calculate({"Sheet!A9": 2})


AGREEMENTS = [
    (1.0, 1.0 + 1e-13, True),
    (1.0, 1.0 + 1e-11, False),
    (0.0, 0.0, True),
    (None, "", True),
    ("", 0.0, True),
    ("a", "A", False),
    (True, 1.0, False),
    (False, None, False),
    (ExcelError.NA, ExcelError.NA, True),
    (ExcelError.NA, "#N/A", False),
]


@pytest.mark.parametrize(("stored", "got", "same"), AGREEMENTS)
def test_when_two_values_agree(stored, got, same):
    assert agree(stored, got) == same
    assert agree(got, stored) == same


def test_residues_are_small_against_what_is_summed():
    assert is_residue(0.0, 1e-10, 1_000.0)
    assert not is_residue(0.0, 2e-9, 1_000.0)
    assert not is_residue(0.0, 1e-10, 0.0)


CAUSES = [
    ("SUM(A1:A3)", 1.0, 2.0, "SUM"),
    ("A1+A2", 1.0, 2.0, "arithmetic"),
    ('"IF("&A1', "x", "y", "arithmetic"),
    ("'My (old) sheet'!A1*2", 1.0, 2.0, "arithmetic"),
    ("_xlfn._xlws.SORT(A1:A3)", 1.0, ExcelError.SPILL, "SORT gives #SPILL!"),
    ("VLOOKUP(1,A:B,2)", ExcelError.NA, ExcelError.REF, "VLOOKUP"),
]


@pytest.mark.parametrize(("formula", "stored", "got", "cause"), CAUSES)
def test_differences_are_grouped_by_cause(formula, stored, got, cause):
    assert cause_of(formula, stored, got) == cause


def test_check_is_fit_for_a_ci_job(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    make(tmp_path / "good.xlsx", CHAIN)
    make(tmp_path / "bad.xlsx", {**CHAIN, "C1": '=CIQ("x")'}, {"B1": 100, "B2": 101, "B4": 116, "C1": 3})
    assert main(["check", "good.xlsx"]) == 0
    assert "good.xlsx" in capsys.readouterr().out
    assert main(["check", "good.xlsx", "bad.xlsx", "none.xlsx"]) == 1
    out = capsys.readouterr().out
    assert "bad.xlsx: arithmetic (1): Sheet!B1 stored 100.0, replayed 20.0" in out
    assert "none.xlsx does not exist" in out.replace("\n", " ")
    assert main(["check", "bad.xlsx", "--json"]) == 1
    report = json.loads(capsys.readouterr().out)["bad.xlsx"]
    assert report["unknown_functions"] == ["CIQ"]
    assert {d["cell"] for d in report["different"]} == {"Sheet!B1", "Sheet!C1"}


def test_recalc_says_what_it_keeps_and_refuses_with_its_own_status(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    make(tmp_path / "m.xlsx", CHAIN, {"B1": 100, "B2": 101, "B4": 116})
    before = (tmp_path / "m.xlsx").read_bytes()
    assert main(["recalc", "m.xlsx", "--set", "Sheet!A2=6", "-o", "out.xlsx"]) == 0
    assert "kept as stored: arithmetic (1): Sheet!B1" in capsys.readouterr().err
    assert main(["recalc", "m.xlsx", "--set", "Sheet!A1=6", "--in-place"]) == 3
    err = capsys.readouterr().err
    assert err.startswith("roi-xl: the change reaches 1 cell that could not be reproduced, first Sheet!B1")
    assert (tmp_path / "m.xlsx").read_bytes() == before
    assert main(["recalc", "m.xlsx", "--set", "Sheet!A1=6", "--in-place", "--accept-differences"]) == 0
    assert values("m.xlsx")["Sheet", "B1"] == 12


def test_rounding_that_a_formula_magnifies_is_no_difference(tmp_path):
    cells = {"A1": 0.1, "A2": "=A1*3", "A3": "=A2-0.3", "A4": "=A3*7"}
    path = make(tmp_path / "m.xlsx", cells, {"A2": 0.3, "A3": 0, "A4": 0})
    assert roi_xl.open_model(path).differences == ()
    path = make(tmp_path / "n.xlsx", cells, {"A2": 0.3, "A3": 0, "A4": 1e-3})
    assert [str(d.place) for d in roi_xl.open_model(path).differences] == ["Sheet!A4"]


def test_where_the_file_lies_is_no_difference(tmp_path):
    cells = {"A1": '=CELL("filename",B1)', "A2": "=LEN(A1)", "A3": 1, "A4": "=A3+1"}
    path = make(tmp_path / "m.xlsx", cells, {"A1": "C:\\[model.xlsx]Sheet", "A2": 20})
    model = roi_xl.open_model(path)
    assert model.differences == ()
    model.calculate({"Sheet!A3": 2})
    assert model.value(model.find("Sheet!A2")) == 20


def test_a_blank_among_cells_of_one_shape_is_blank(tmp_path):
    cells = {"A2": 5, "B1": "=IF(ISBLANK(A1),1,A1)", "B2": "=IF(ISBLANK(A2),1,A2)", "C1": "=ISBLANK(A1)"}
    model = roi_xl.open_model(make(tmp_path / "m.xlsx", cells))
    verification = model.verify()
    assert (verification.verified, verification.different, verification.unverified) == (3, {}, {})
    assert [model.value(model.find(f"Sheet!{cell}")) for cell in ("B1", "B2", "C1")] == [1, 5, True]
