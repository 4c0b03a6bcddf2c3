"""The functions that go month by month as names: evaluated by an engine that knows nothing of us."""

import random
import re

import ironcalc
import openxml_audit
import pytest
from openpyxl import Workbook
from recalc_helpers import parts, rewrite

import roi_xl
from roi_xl.catalog import CATALOG
from roi_xl.cells import call
from roi_xl.cli import main
from roi_xl.errors import EXCEL_ERRORS
from roi_xl.formula.lambda_names import NAMED, text_of
from roi_xl.formula.stored_calls import with_room
from roi_xl.hosts.ledger_lambdas import ANSWERS
from roi_xl.xlsx.package import read_package

EVERYTHING = (2500, 100, 0.02, 0.012, 100000, 24, 0.1, 0.03, 6, 0.8, -0.2, -0.1, 150, 1000, 6, 0.95, 0.97, 0.004)
SINGLE = [name for name, formula in NAMED.items() if formula in ANSWERS and name != "ROI_CASHFLOW"]


def evaluated(path, formulas, cells=()):
    """A workbook with the names and some formulas, in IronCalc."""
    book = Workbook()
    for row, value in enumerate(cells, start=1):
        book.active.cell(row, 30).value = value
    for place, formula in formulas.items():
        book.active[place] = formula
    book.save(path)
    assert main(["add-functions", str(path), "--in-place"]) == 0
    model = ironcalc.load_from_xlsx(str(path), "en", "UTC", "en")
    model.evaluate()
    return model


def written(arguments):
    return ",".join(map(repr, arguments))


def test_the_names_are_the_ones_that_were_promised():
    assert {"ROI_CASHFLOW", *SINGLE} == {
        "ROI_CASHFLOW", "ROI_NPV", "ROI_IRR", "ROI_MIRR", "ROI_PAYBACK", "ROI_DISCOUNTED_PAYBACK",
        "ROI_PROFITABILITY_INDEX", "ROI_ON_INVESTMENT", "ROI_DISCOUNTED", "ROI_ON_TOTAL_COST",
    }  # fmt: skip
    assert all(len(text_of(formula)) < 8_192 for formula in NAMED.values())


def test_the_cash_flow_spills_as_in_python(tmp_path):
    model = evaluated(tmp_path / "m.xlsx", {"A1": f"=ROI_CASHFLOW({written(EVERYTHING)})"})
    for row, expected in enumerate(call(CATALOG["ROI_CASHFLOW"], list(EVERYTHING)), start=1):
        shown = [model.get_cell_value(0, row, column) for column in range(1, len(expected) + 1)]
        assert shown == list(expected) if row == 1 else shown == pytest.approx(list(expected), rel=1e-12, abs=1e-9)
    assert row == 26


@pytest.mark.parametrize("name", SINGLE)
def test_ranges_are_taken_element_by_element(tmp_path, name):
    volumes = [100_000, -5, "dear", None, 150_000]
    model = evaluated(tmp_path / "m.xlsx", {"A1": f"={name}(2500,100,0.02,0.012,AD1:AD5,12,0.1)"}, volumes)
    column = [[volume] for volume in volumes]
    expected = call(CATALOG[name], [2500, 100, 0.02, 0.012, column, 12, 0.1])
    for row, (value,) in enumerate(expected, start=1):
        got = model.get_cell_value(0, row, 1)
        assert (EXCEL_ERRORS.get(got) if isinstance(got, str) else pytest.approx(got, rel=1e-12)) == value


def test_a_table_of_ranges_is_refused(tmp_path):
    model = evaluated(tmp_path / "m.xlsx", {"A1": "=ROI_CASHFLOW(2500,100,0.02,0.012,AD1:AD2,12)"}, [1, 2])
    assert model.get_cell_value(0, 1, 1) == "#VALUE!"


def programs(count):
    """Business cases whose flows change their sign several times: with retraining, growth and decline."""
    draw = random.Random(7)
    for _ in range(count):
        yield (
            draw.uniform(0, 9_000), draw.choice([0, 100, 900]), 0.02, 0.012, 100_000, draw.choice([6, 12, 18.5, 36]),
            0.1, draw.choice([0, 0.05, -0.05]), draw.choice([0, 4]), 1, draw.choice([0, -0.4]), 0, 0,
            draw.choice([0, 800, 3_000, 9_000]), draw.choice([3, 6, 7.5]),
        )  # fmt: skip


def test_the_only_rate_is_found_also_where_the_flows_change_their_sign_often(tmp_path):
    cases = list(programs(40))
    formulas = {f"A{row}": f"=ROI_IRR({written(case)})" for row, case in enumerate(cases, start=1)}
    model = evaluated(tmp_path / "m.xlsx", formulas)
    found = 0
    for row, case in enumerate(cases, start=1):
        expected, got = call(CATALOG["ROI_IRR"], list(case)), model.get_cell_value(0, row, 1)
        assert got == (str(expected) if not isinstance(expected, float) else pytest.approx(expected, rel=1e-9)), case
        found += isinstance(expected, float)
    assert 10 < found < 40


# how Excel stores the cells


def sheet_of(path):
    return parts(path)["xl/worksheets/sheet1.xml"].decode()


def test_cells_that_call_a_name_are_stored_as_excel_stores_them(tmp_path):
    path = tmp_path / "m.xlsx"
    formulas = {
        "A1": f"=ROI_NPV({written(EVERYTHING)})", "B2": "=1+roi_percent(1,2,3,4,5,6)", "A3": "=SUM(1,2)",
        "A4": '="ROI_NPV("', "A5": "=MY_ROI_NPV(1)", "A6": "=ROI_MONTE_CARLO(1)",
    }  # fmt: skip
    evaluated(path, formulas)
    stored = re.findall(r'<c( cm="1"|) r="(\w+)"[^>]*><f', sheet_of(path))
    assert [place for mark, place in stored if mark] == ["A1", "B2"]
    assert len(stored) == len(formulas)
    assert '<f t="array" ref="A1">ROI_NPV(2500' in sheet_of(path)
    assert '<f t="array" ref="B2">1+roi_percent(' in sheet_of(path)
    findings = openxml_audit.OpenXmlValidator(max_errors=0).validate(str(path)).errors
    assert {(finding.part_uri, finding.node) for finding in findings} <= {("/xl/styles.xml", "color")}
    once = path.read_bytes()
    assert main(["add-functions", str(path), "--in-place"]) == 0
    assert path.read_bytes() == once


def test_our_own_recalculation_reads_such_cells(tmp_path):
    path = tmp_path / "m.xlsx"
    evaluated(path, {"A1": "=ROI_NPV(2500,100,0.02,0.012,AD1,12)", "A2": "=A1*2"}, [100_000])
    model = roi_xl.open_model(path)
    model.calculate({"Sheet!AD1": 150_000})
    assert model.value(model.find("Sheet!A2")) == pytest.approx(2 * 10_700)
    model.save(path)
    assert '<f t="array" ref="A1">ROI_NPV' in sheet_of(path)


METADATA = "xl/metadata.xml"


def test_metadata_that_is_there_is_used(tmp_path):
    path = tmp_path / "m.xlsx"
    evaluated(path, {"A1": "=ROI_NPV(1,2,3,4,5,6)"})
    book = parts(path)[METADATA].decode()
    other = '<metadataType name="XLRICHVALUE"/>'
    richer = book.replace("<metadataType ", f"{other}<metadataType ").replace(
        '<cellMetadata count="1"><bk><rc t="1"', '<cellMetadata count="2"><bk><rc t="1" v="0"/></bk><bk><rc t="2"'
    )
    bare = sheet_of(path).replace(' cm="1"', "").replace(' t="array" ref="A1"', "").encode()
    rewrite(path, lambda p: {**p, METADATA: richer.encode(), "xl/worksheets/sheet1.xml": bare})
    assert b' cm="2"' in with_room(read_package(path)).parts["xl/worksheets/sheet1.xml"]
    rewrite(path, lambda p: {**p, METADATA: richer.replace("XLDAPR", "OTHER").encode()})
    package = read_package(path)
    assert with_room(package) == package
    rewrite(path, lambda p: {name: data for name, data in p.items() if name != METADATA})
    package = read_package(path)
    assert with_room(package) == package
