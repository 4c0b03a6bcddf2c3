"""What a notebook shows of a model, and what a Python user asks of one."""

import re
import xml.etree.ElementTree as ET

import numpy as np
from openpyxl import Workbook
from openpyxl.workbook.defined_name import DefinedName
from recalc_helpers import make

import roi_xl
from roi_xl.recalc import model as loaded


def test_a_model_says_what_it_is(templates):
    model = roi_xl.open_model(templates["native"])
    assert re.fullmatch(r"<Model native\.xlsx: \d+ inputs, \d+ outputs>", repr(model))
    assert f"{len(model.inputs)} inputs" in repr(model)


def test_a_model_that_is_not_reproduced_says_so(tmp_path):
    path = make(tmp_path / "m.xlsx", {"A1": 1, "A2": "=A1*2"}, {"A2": 3})
    assert repr(roi_xl.open_model(path)) == "<Model m.xlsx: 0 inputs, 0 outputs, 1 cell kept as stored>"


def test_a_notebook_shows_a_table_in_which_nothing_is_markup(tmp_path):
    book = Workbook()
    sheet = book.active
    sheet.title = "R&D"
    sheet["A1"], sheet["A2"] = "<script>alert(1)</script>", "=1234.5*2"
    for name, cell in (("months", "A1"), ("net_benefit", "A2")):
        book.defined_names[name] = DefinedName(name, attr_text=f"'R&D'!${cell[0]}${cell[1]}")
    book.save(tmp_path / "m.xlsx")
    model = roi_xl.open_model(tmp_path / "m.xlsx")
    table = ET.fromstring(model._repr_html_())
    rows = [["".join(cell.itertext()) for cell in row] for row in table.findall("tr")]
    assert rows[1] == ["months", "<script>alert(1)</script>", "'R&D'!A1"]
    assert rows[3] == ["net_benefit", "2,469.00", "'R&D'!A2"]
    assert rows[0] == ["Input", "Value", "Cell"]
    assert table.find("caption").text.startswith("Model m.xlsx")


def test_a_workbook_is_swept_by_its_path_or_as_a_model(templates):
    scenarios = {"monthly_requests": np.array([50_000.0, 100_000.0, 150_000.0])}
    by_path = roi_xl.sweep(templates["native"], scenarios, ["net_benefit"])
    by_model = roi_xl.sweep(roi_xl.open_model(templates["native"]), scenarios, ["net_benefit"])
    expected = roi_xl.net_benefit(2_500, 100, 0.02, 0.012, scenarios["monthly_requests"], 12)
    np.testing.assert_allclose(by_path["net_benefit"], expected)
    np.testing.assert_allclose(by_model["net_benefit"], expected)


def test_what_changed_is_compared_once_for_each_calculation(templates, monkeypatch):
    model = roi_xl.open_model(templates["native"])
    counted = []

    really = loaded.changed_cells

    def changed_cells(book, but):
        counted.append(book)
        return really(book, but)

    monkeypatch.setattr(loaded, "changed_cells", changed_cells)
    assert model.changed[0] == 0
    model.calculate(monthly_requests=150_000)
    assert model.changed[0] == model.changed[0] > 200
    assert len(counted) == 2
    model.calculate()
    assert model.changed[0] == 0
