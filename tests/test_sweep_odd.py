"""Sweeps of circles, data tables, links and sums that leave nothing but rounding."""

import contextlib

import numpy as np
import pytest
from openpyxl import Workbook
from openpyxl.workbook.defined_name import DefinedName
from recalc_helpers import SHEET, iterating, make, rewrite, with_stored
from test_check import RELATIONS, with_external_link
from test_circles import INTEREST
from test_data_tables import DATA_TABLES, PRICE, with_data_table

import roi_xl
from roi_xl.errors import NotSupported, RoiError
from roi_xl.excel import conditional
from roi_xl.sweeps.evaluate import Evaluator


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
    "formula", ["=A1-B1", '=IF(B1="a","b"&A1,"a")', "=IF(B1=TRUE,FALSE,A1>0)", "=_xlfn.ARRAYTOTEXT(B1)&A1"]
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
    "=LEN(_xlfn.ARRAYTOTEXT(A2))*A1",
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


def test_whole_columns_are_looked_at_once_for_each_criterion(tmp_path, monkeypatch):
    book = Workbook()
    sheet = book.active
    sheet["D1"] = 1
    for row in range(1, 101):
        sheet[f"A{row}"], sheet[f"B{row}"], sheet[f"C{row}"] = row % 7, row, row % 7
        sheet[f"E{row}"] = f'=SUMIFS(B:B,A:A,C{row},B:B,">"&D$1)'
    sheet["B1"] = "=D1*1000"
    book.save(tmp_path / "m.xlsx")
    model = roi_xl.open_model(tmp_path / "m.xlsx")
    model.verify()
    looks = []
    usual = conditional.mask
    monkeypatch.setattr(conditional, "mask", lambda *given: looks.append(given) or usual(*given))
    names = [f"Sheet!E{row}" for row in range(1, 101)]
    values = [1.0, 30.0, 60.0]
    evaluator = Evaluator.of(model, [model.find("Sheet!D1")], [model.find(name) for name in names])
    found = evaluator.columns([np.array(values)])
    assert len(looks) == 7 + 3 * 100, "once for each key, and for each cell and scenario where the cells vary"
    for row, column in enumerate(found, start=1):
        for value, got in zip(values, column.values if hasattr(column, "values") else column, strict=True):
            amounts = {r: r if r > 1 else value * 1000 for r in range(1, 101)}
            assert got == sum(a for r, a in amounts.items() if r % 7 == row % 7 and a > value)
