"""Real workbooks, bent in their parts, from the command line: an answer or one line, never a changed file."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from openpyxl import Workbook
from openpyxl.styles import Font, NamedStyle
from openpyxl.worksheet.formula import ArrayFormula, DataTableFormula
from openpyxl.worksheet.table import Table
from package_mutations import SAME_MEANING
from recalc_helpers import SHEET, rewrite, rich_workbook, values, with_stored

import roi_xl

pytestmark = pytest.mark.slow

CASES = int(os.environ.get("ROI_XL_FUZZ_WORKBOOKS", "10"))
MODELS = os.environ.get("ROI_XL_FUZZ_MODELS", "")
"""A folder of workbooks to bend besides ours."""

DRIVER = Path(__file__).with_name("fuzz_workbooks.py")
AT_ONCE = 500


def model(path):
    """A workbook of a table, array formulas, a data table, dates, texts, errors and shared formulas."""
    book = Workbook()
    book.add_named_style(NamedStyle("Input", font=Font(color="0000FF")))
    sheet = book.active
    for row in (["month", "cost"], ["January", 3], ["February", 4.5], ["March", None]):
        sheet.append(row)
    sheet.add_table(Table(displayName="Costs", ref="A1:B4"))
    sheet["B2"].style = "Input"
    sheet["D1"], sheet["D2"], sheet["D3"] = "=SUM(Costs[cost])", '=IF(D1>5,"high","low")', "=1/0"
    sheet["E1"] = ArrayFormula("E1:E3", "=B2:B4*2")
    sheet["F1"], sheet["F2"], sheet["F3"] = "=B2*2", "=B3*2", "=B4*2"
    sheet["H1"], sheet["H2"], sheet["G2"] = "=B2+1", DataTableFormula("H2:H3", dt2D=False, dtr=False, r1="B2"), 7
    sheet["G3"], sheet["H3"], sheet["J1"] = 8, 9, '=TEXT(DATE(2027,1,31),"yyyy-mm-dd")&" "&D2'
    sheet.merge_cells("L1:M2")
    book.create_sheet("More & more")["A1"] = "=Sheet!D1*2"
    book.save(path)
    rewrite(path, lambda p: {**p, SHEET: shared(p[SHEET])})
    roi_xl.open_model(path, trust_engine=True).save(path)
    rewrite(path, lambda p: {**p, SHEET: with_stored(p[SHEET], "H2", 8)})
    return path


def shared(sheet):
    """The formulas of column F as one shared formula."""
    first = b'<f t="shared" ref="F1:F3" si="0">B2*2</f>'
    sheet = sheet.replace(b"<f>B2*2</f>", first)
    return sheet.replace(b"<f>B3*2</f>", b'<f t="shared" si="0"/>').replace(
        b"<f>B4*2</f>", b'<f t="shared" si="0"></f>'
    )


@pytest.fixture(scope="module")
def seeds(tmp_path_factory):
    folder = tmp_path_factory.mktemp("seeds")
    rich_workbook(folder / "rich.xlsx")
    roi_xl.open_model(folder / "rich.xlsx").save(folder / "rich.xlsx")
    return [
        folder / "rich.xlsx",
        model(folder / "model.xlsx"),
        *sorted(Path(MODELS).glob("*.xls[xm]") if MODELS else ()),
    ]


@pytest.mark.parametrize("first", range(0, CASES, AT_ONCE))
def test_bent_workbooks_get_an_answer_or_one_line(seeds, first):
    """Exit status, one line without foreign words, no control characters, no file changed, nothing left over."""
    command = [sys.executable, str(DRIVER), str(first), str(min(AT_ONCE, CASES - first)), *map(str, seeds)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    *wrong, counts = map(json.loads, done.stdout.splitlines())
    assert wrong == []
    assert set(counts["statuses"]) <= {"0", "1", "2", "3"}
    assert counts["slow"] == []


@pytest.mark.parametrize("rewritten", SAME_MEANING)
def test_xml_that_is_written_another_way_means_the_same(seeds, tmp_path, rewritten):
    path, found = seeds[1], []
    for name, change in (("one.xlsx", lambda data: data), ("other.xlsx", rewritten)):
        target = tmp_path / name
        target.write_bytes(path.read_bytes())
        rewrite(target, lambda p, c=change: {k: c(v) if k in (SHEET, "xl/workbook.xml") else v for k, v in p.items()})
        loaded = roi_xl.open_model(target, strict=True)
        assert loaded.differences == ()
        assert loaded.verify().unverified == {}
        loaded.calculate({"Sheet!B2": 10})
        loaded.save(target)
        found.append(values(target))
    assert found[0] == found[1]
    assert found[1]["Sheet", "F1"] == 20
    assert found[1]["Sheet", "E1"] == 20
    assert found[1]["Sheet", "H1"] == 11
    assert found[1]["Sheet", "D1"] == 14.5
    assert found[1]["More & more", "A1"] == 29
