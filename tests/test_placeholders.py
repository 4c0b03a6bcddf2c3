"""A workbook whose formulas all store 0 for Excel to calculate is one without values, on every path."""

import json
import re

import pytest
from openpyxl import Workbook
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.formula import ArrayFormula
from recalc_helpers import SHEET, parts, rewrite, values

import roi_xl
from roi_xl.cli import main
from roi_xl.engines.libreoffice import OfficeBook
from roi_xl.xlsx.package import read_package

CELLS = {
    "A1": 2,
    "A2": 5,
    "B1": "=FOO(A1)",
    "C1": "=B1+A1*10",
    "D1": "=SUM(OFFSET(A1,0,0,2,1))",
    "E1": "=G1+A1",
    "F1": "=SUM(A1:E1)",
    "G1": "=E1*2",
    "H1": "=IF(A1>1,E1,7)+1",
    "I1": ArrayFormula("I1:I2", "=A1:A2*3"),
    "J1": "=I2+D1",
    "K1": '=IF(A1>1,"large","small")',
    "L1": "=A1=2",
    "M1": "=1/(A1-2)",
    "N1": "=A1-2",
}
OUTPUTS = {"total": "C1", "moved": "D1", "circle": "H1", "tripled": "J1", "size": "K1"}
RIGHT = {"D1": 9, "I1": 6, "I2": 21, "J1": 30, "K1": "large", "L1": True, "M1": "#DIV/0!", "N1": 0}
"""What Excel gives after A2 has become 7 where it knows all functions and there is no circle; the rest is open."""

OPEN = ["B1", "C1", "E1", "F1", "G1", "H1"]


def with_zeros(sheet):
    """What XlsxWriter writes: 0 in every formula cell, and in every other cell that an array fills."""
    sheet = re.sub(rb"(</f>)(?:<v ?/>|<v></v>)", rb"\1<v>0</v>", sheet)
    return b'<c r="I2"><v>0</v></c></row>'.join(sheet.rsplit(b"</row>", 1))


def with_empty_texts(sheet):
    """What XlsxWriter writes for formulas that are given the value ""."""
    return re.sub(rb"<c (r=\"[B-N]1\")( ?/?)>(<f.*?</f>)(?:<v ?/>|<v></v>)", rb'<c \1 t="str">\3<v></v>', sheet)


FORMS = {"nothing": lambda sheet: sheet, "zeros": with_zeros, "empty texts": with_empty_texts}


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """The same formulas without values, with zeros and with empty texts, each in a folder of its own."""
    folder = tmp_path_factory.mktemp("placeholders")
    book = Workbook()
    for address, value in CELLS.items():
        book.active[address] = value
    for name, cell in OUTPUTS.items():
        book.defined_names[name] = DefinedName(name, attr_text=f"Sheet!${cell[0]}$1")
    found = {}
    for form, change in FORMS.items():
        found[form] = folder / form / "m.xlsx"
        found[form].parent.mkdir()
        book.save(found[form])
        rewrite(found[form], lambda c, change=change: {**c, SHEET: change(c[SHEET])})
    return found


def test_the_files_hold_what_they_should(written):
    zeros = parts(written["zeros"])
    assert zeros[SHEET].count(b"<v>0</v>") == len(CELLS) - 2 + 1
    assert b"fullCalcOnLoad" in zeros["xl/workbook.xml"]
    assert parts(written["empty texts"])[SHEET].count(b't="str"') == len(CELLS) - 2


@pytest.mark.parametrize("form", FORMS)
def test_what_has_no_value_has_none_in_the_file_and_the_rest_is_right(form, written, tmp_path):
    model = roi_xl.open_model(written[form])
    outputs = model.calculate({"Sheet!A2": 7})
    assert outputs == {"total": None, "moved": 9, "circle": None, "tripled": 30, "size": "large"}
    model.save(tmp_path / "o.xlsx")
    kept = {cell: value for (_, cell), value in values(tmp_path / "o.xlsx").items() if cell not in ("A1", "A2")}
    assert {cell: value for cell, value in kept.items() if value is not None} == RIGHT
    assert sorted(place.cell for place in model.left_open) == OPEN


@pytest.mark.parametrize(
    "command",
    [
        ["check", "{}", "--json"],
        ["show", "{}", "--json"],
        ["recalc", "{}", "--set", "Sheet!A2=7", "--json"],
        ["recalc", "{}", "--set", "Sheet!A1=7"],
        ["sweep", "{}", "--grid", "Sheet!A2=1,2", "--read", "moved,tripled", "--json"],
        ["sweep", "{}", "--grid", "Sheet!A1=1,2", "--read", "total"],
    ],
    ids=lambda command: " ".join(command[:1] + command[3:4]),
)
def test_every_command_says_the_same_of_zeros_as_of_no_values(command, written, capsys):
    told = {}
    for form, path in written.items():
        status = main([part.format(path) for part in command])
        out, err = capsys.readouterr()
        told[form] = status, (out + err).replace(str(path), "FILE")
    assert told["zeros"] == told["empty texts"] == told["nothing"]


def test_a_circle_is_named_with_its_path_and_its_readers_are_not(written, capsys):
    assert main(["check", str(written["zeros"]), "--json"]) == 1
    (report,) = json.loads(capsys.readouterr().out).values()
    path = "circular reference: Sheet!E1 → Sheet!G1 → Sheet!E1"
    assert report["left_open"] == {
        "Sheet!B1": "FOO, which is not known over arrays",
        "Sheet!E1": path,
        "Sheet!G1": path,
    }
    assert (report["compared"], report["verified"]) == (0, 7)


def test_a_saved_workbook_with_cells_left_open_is_told_the_same_again(written, tmp_path, capsys):
    target = tmp_path / "o.xlsx"
    assert main(["recalc", str(written["zeros"]), "--set", "Sheet!A2=7", "-o", str(target)]) == 0
    capsys.readouterr()
    assert main(["check", str(target), "--json"]) == 1
    report = json.loads(capsys.readouterr().out)[str(target)]
    assert set(report["left_open"]) == {"Sheet!B1", "Sheet!E1", "Sheet!G1"}
    assert report["missing"] == len(OPEN)
    assert main(["show", str(target), "--json"]) == 0
    shown = {name: cell["value"] for name, cell in json.loads(capsys.readouterr().out)["outputs"].items()}
    assert shown == {"total": None, "moved": 9.0, "circle": None, "tripled": 30.0, "size": "large"}


def test_in_libreoffice_zeros_are_no_values_either(written, monkeypatch):
    monkeypatch.setattr(OfficeBook, "evaluate", lambda book: None)
    assert not OfficeBook(read_package(written["zeros"])).stores_values
