"""Values from a real LibreOffice, put in place by the same writer, chosen by the same referee."""

import json

import pytest
from recalc_helpers import SHEET, make, parts, rewrite, rich_workbook, values

import roi_xl
from roi_xl.cli import main
from roi_xl.engines import libreoffice
from roi_xl.errors import NotReproduced, NotSupported, RoiError

ENCODED = '=(LEN(_xlfn.ENCODEURL("a b"))-1)*A1-2'
"""LibreOffice has the function; the embedded engine has not, nor have we."""


@pytest.mark.slow
def test_libreoffice_gives_the_same_results(soffice, templates, tmp_path, capsys):
    target = tmp_path / "libreoffice.xlsx"
    change = ["--set", "monthly_requests=150000"]
    assert main(["recalc", str(templates["native"]), *change, "-o", str(target), "--engine", "libreoffice"]) == 0
    assert "values by LibreOffice" in capsys.readouterr().err
    assert main(["recalc", str(templates["native"]), *change, "-o", str(tmp_path / "embedded.xlsx")]) == 0
    theirs, ours = values(target), values(tmp_path / "embedded.xlsx")
    for place, value in ours.items():
        numeric = isinstance(value, int | float) and not isinstance(value, bool)
        assert theirs[place] == (pytest.approx(value, rel=1e-12, abs=1e-9) if numeric else value), place


@pytest.mark.slow
@pytest.mark.parametrize(("flavor", "error"), [("functions", "#NAME?"), ("lambda", "#VALUE!")])
def test_functions_of_whole_ledgers_are_not_known_to_a_libreoffice_without_the_extension(
    soffice, templates, capsys, flavor, error
):
    change = ["--set", "monthly_requests=150000", "--engine", "libreoffice"]
    assert main(["recalc", str(templates[flavor]), *change]) == 3
    assert f"ROI_NPV gives {error} (" in capsys.readouterr().err


def test_nothing_but_values_changes(soffice, tmp_path):
    path = tmp_path / "rich.xlsx"
    rich_workbook(path)
    model = roi_xl.open_model(path, engine="libreoffice")
    assert model.calculate({"volume": 2_000})["revenue"] == 500
    model.save(tmp_path / "new.xlsx")
    old, new = parts(path), parts(tmp_path / "new.xlsx")
    assert {name for name in old if old[name] != new[name]} == {SHEET, "xl/worksheets/sheet2.xml"}
    got = values(tmp_path / "new.xlsx")
    assert [got["My numbers", f"{column}6"] for column in "ABC"] == [2_000, 4_000, 6_000]
    assert got["My numbers", "A2"] == "small"


CHOICES = [
    ("the embedded engine reproduces it", {"A1": 2, "B1": "=A1*3"}, {"B1": 6}, "the embedded engine", 0),
    ("only LibreOffice knows the function", {"A1": 2, "B1": ENCODED}, {"B1": 6}, "LibreOffice", 0),
    ("neither reproduces it", {"A1": 2, "B1": "=A1*3"}, {"B1": 7}, "the embedded engine", 1),
]


@pytest.mark.parametrize(("why", "cells", "stored", "engine", "kept"), CHOICES)
def test_auto_takes_the_first_that_reproduces_the_file(soffice, tmp_path, why, cells, stored, engine, kept):
    path = make(tmp_path / "m.xlsx", cells, stored)
    model = roi_xl.open_model(path, engine="auto")
    assert (model.engine, len(model.differences)) == (engine, kept)


def test_the_output_says_which_engine(soffice, tmp_path, capsys):
    path = make(tmp_path / "m.xlsx", {"A1": 2, "B1": ENCODED}, {"B1": 6})
    assert main(["recalc", str(path), "--set", "Sheet!A1=3", "--in-place", "--engine", "auto", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["engine"] == "LibreOffice"
    assert values(path)["Sheet", "B1"] == 10


@pytest.mark.slow
def test_libreoffice_is_not_trusted_blindly(soffice, tmp_path):
    path = make(tmp_path / "m.xlsx", {"A1": 2, "B1": "=A1*3"}, {"B1": 7})
    model = roi_xl.open_model(path, engine="libreoffice")
    assert [(d.stored, d.got, d.formula) for d in model.differences] == [(7, 6, "A1*3")]
    with pytest.raises(NotReproduced):
        model.calculate({"Sheet!A1": 3})
    trusting = roi_xl.open_model(path, engine="libreoffice", trust_engine=True)
    trusting.calculate({"Sheet!A1": 3})
    assert trusting.value(trusting.find("Sheet!B1")) == 9


def test_cells_that_change_with_the_clock_are_left_out(soffice, tmp_path):
    path = make(tmp_path / "m.xlsx", {"A1": "=TODAY()", "A2": "=A1+1"}, {"A1": 40_000, "A2": 40_001})
    model = roi_xl.open_model(path, engine="libreoffice")
    assert model.differences == ()
    assert {str(place) for place in model.replay.volatile} == {"Sheet!A1", "Sheet!A2"}


def test_without_libreoffice_there_is_one_line(tmp_path, monkeypatch, capsys):
    path = make(tmp_path / "m.xlsx", {"A1": 2, "B1": ENCODED}, {"B1": 6})
    monkeypatch.setattr(libreoffice, "soffice_path", lambda: None)
    assert main(["recalc", str(path), "--engine", "libreoffice"]) == 2
    assert "LibreOffice is not installed: soffice is not on the PATH" in capsys.readouterr().err
    assert roi_xl.open_model(path, engine="auto").engine == "the embedded engine"


def test_data_tables_are_refused(tmp_path):
    path = make(tmp_path / "m.xlsx", {"B2": "=1+1"}, {"B2": 2})
    table = b'<f t="dataTable" ref="B2" dt2D="0" dtr="0" r1="A1"/>'
    rewrite(path, lambda p: {**p, SHEET: p[SHEET].replace(b"<f>1+1</f>", table)})
    with pytest.raises(NotSupported, match="data tables"):
        roi_xl.open_model(path, engine="libreoffice")


def test_what_takes_too_long_is_ended(tmp_path, monkeypatch):
    monkeypatch.setenv("ROI_XL_MAX_SECONDS", "1")
    with pytest.raises(RoiError, match="took longer"):
        libreoffice.run(["sleep", "60"], tmp_path)
