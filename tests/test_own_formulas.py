"""Which formulas are no longer the template's own, whatever a workbook's inputs are."""

import json
import re

import pytest
from openpyxl import Workbook, load_workbook

import roi_xl
from roi_xl.cli import main
from roi_xl.engines import libreoffice
from roi_xl.template.formulas import FLAVORS
from roi_xl.template.own import differing


def kinds(path):
    return {one.place: one.kind for one in differing(path)}


@pytest.mark.parametrize("flavor", FLAVORS)
def test_an_untouched_workbook_is_the_templates_own(templates, flavor):
    assert differing(templates[flavor]) == []


@pytest.mark.slow
@pytest.mark.parametrize("how", [{"currency": "KRW"}, {"models": ("gpt-4o", "gpt-4o-mini")}], ids=["won", "prices"])
def test_inputs_make_no_difference(tmp_path, how):
    path = tmp_path / "own.xlsx"
    roi_xl.build_template(path, {"months": 24, "traffic_share": 0.3}, **how)
    model = roi_xl.open_model(path)
    model.calculate(months=36, training_cost=9)
    model.save(path)
    assert differing(path) == []


def test_a_full_workbook(full_templates, tmp_path):
    path = tmp_path / "full.xlsx"
    book = load_workbook(full_templates["native"])
    book["Cases"]["D50"] = 7
    del book["Risk"]
    book.save(path)
    assert kinds(path) == {
        "Cases!D50": "overwritten",
        "Risk": "missing",
        **dict.fromkeys(("risk_draws", "risk_probability", "risk_seed", "risk_state"), "missing"),
    }


@pytest.mark.slow
def test_what_became_of_each_formula_is_named(templates, tmp_path, capsys):
    path = tmp_path / "touched.xlsx"
    book = load_workbook(templates["native"])
    book["Cash flow"]["P20"] = -252714
    book["Outputs"]["C9"] = "=700"
    book["Summary"]["C14"] = None
    book["Summary"]["M1"], book["Summary"]["B6"] = book["Summary"]["B6"].value, "Positive projected ROI"
    book["Inputs"]["C7"] = 99
    book["Inputs"]["J40"] = "=1+1"
    del book.defined_names["payback"]
    book.save(path)
    assert kinds(path) == {
        "Summary!B6": "moved",
        "Summary!C14": "missing",
        "Outputs!C9": "changed",
        "'Cash flow'!P20": "overwritten",
        "payback": "missing",
    }
    assert main(["check", "--template", str(path)]) == 1
    said = capsys.readouterr().out
    assert "'Cash flow'!P20 overwritten (holds -252714.0): the template has =IF(B20>0," in said
    assert main(["check", "--template", str(path), "--json"]) == 1
    assert len(json.loads(capsys.readouterr().out)[str(path)]) == 5
    assert main(["check", "--template", str(templates["native"])]) == 0
    assert "as the template has it" in capsys.readouterr().out


def test_how_a_program_spells_a_formula_makes_no_difference(soffice, templates, tmp_path):
    assert differing(libreoffice.convert(templates["native"], "xlsx", tmp_path, recalculate=True)) == []


def test_another_workbook_is_refused(tmp_path, capsys):
    book = workbook_of_one_cell(tmp_path / "other.xlsx")
    assert main(["check", "--template", str(book)]) == 2
    assert "was not written by roi-xl template" in capsys.readouterr().err


def workbook_of_one_cell(path):
    book = Workbook()
    book.active["A1"] = "=1+1"
    book.save(path)
    return path


# length: a formula that a person cannot read is not checked by anyone

LONGEST = 400
CALL = re.compile(r"=(_xll\.)?ROI_\w+\([\w,]+\)")
"""One call of a function with the names of its inputs, for some all of them."""


def lengths_of(book):
    """The length of every formula, by sheet and address."""
    cells = (cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.data_type == "f")
    texts = {f"{cell.parent.title}!{cell.coordinate}": getattr(cell.value, "text", cell.value) for cell in cells}
    return {place: len(text) for place, text in texts.items() if not CALL.fullmatch(text)}


@pytest.mark.parametrize(
    ("fixture", "flavor"),
    [*(("templates", one) for one in FLAVORS), pytest.param("full_templates", "native", marks=pytest.mark.slow)],
)
def test_no_formula_is_longer_than_a_person_reads(fixture, flavor, request):
    book = load_workbook(request.getfixturevalue(fixture)[flavor])
    lengths = lengths_of(book)
    assert len(lengths) > 1_500
    assert {place for place, length in lengths.items() if length > LONGEST} == set()
