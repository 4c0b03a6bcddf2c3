"""The add-in for Excel: written, installed into a made-up profile, examined, taken out again."""

import importlib.metadata
import json
import os
import posixpath
import re
import xml.etree.ElementTree as ElementTree
import zipfile

import olefile
import openpyxl
import pytest
from oletools.olevba import VBA_Parser, decompress_stream
from recalc_helpers import parts

import roi_xl
from roi_xl.addins import excel
from roi_xl.catalog import CATALOG
from roi_xl.cli import main
from roi_xl.describe import summary, takes
from roi_xl.errors import FileProblem, RoiError


@pytest.fixture
def place(tmp_path):
    python = tmp_path / "venv" / "Scripts" / "pythonw.exe"
    python.parent.mkdir(parents=True)
    python.write_bytes(b"")
    return excel.Place(tmp_path / "Roaming", python)


@pytest.fixture
def installed(place):
    excel.install(place)
    return place


def dll(place, version=None):
    """xlwings' library, where xlwings looks for it."""
    name = f"xlwings64-{version or importlib.metadata.version('xlwings')}.dll"
    (place.interpreter.parent.parent / name).write_bytes(b"")


def modules(path):
    """The VBA of a file as a scanner reads it, by module."""
    parser = VBA_Parser(str(path))
    try:
        return {name.removesuffix(".bas").removesuffix(".cls"): code for _, _, name, code in parser.extract_macros()}
    finally:
        parser.close()


def test_the_project_has_our_name(installed):
    project = parts(installed.addin)["xl/vbaProject.bin"]
    with olefile.OleFileIO(project) as ole:
        about, records = ole.openstream("PROJECT").read(), ole.openstream("VBA/dir").read()
    assert b'Name="RoiXlAddIn"' in about
    plain = bytes(decompress_stream(bytearray(records)))
    assert b"\x04\x00\x0a\x00\x00\x00RoiXlAddIn" in plain
    assert b"VBAProject" not in about + plain


def test_the_vba_is_read_back_by_another_tool(installed):
    code = modules(installed.addin)
    assert {"roi_xl", "roi_xl_bridge", "roi_xl_start", "xlwings", "Dictionary", "ThisWorkbook"} <= set(code)
    for name, formula in CATALOG.items():
        assert f"Public Function {name}(" in code["roi_xl"]
        assert summary(formula) in code["roi_xl"]
    assert "Workbook_Open" in code["ThisWorkbook"]
    assert 'PROJECT_NAME As String = "roi_xl"' in code["xlwings"]


def test_excel_compiles_it_from_source(installed, tmp_path):
    project = tmp_path / "vbaProject.bin"
    project.write_bytes(parts(installed.addin)["xl/vbaProject.bin"])
    with olefile.OleFileIO(str(project)) as ole:
        assert ole.openstream("VBA/_VBA_PROJECT").read()[2:4] == b"\xff\xff"
        assert not [name for name in ole.listdir() if name[-1].startswith("__SRP")]


def test_the_settings_are_the_addins_own(installed):
    contents = parts(installed.addin)
    assert b'<sheet name="roi_xl.conf"' in contents["xl/workbook.xml"]
    rows = re.findall(r"<t>([^<]*)</t></is></c>", contents["xl/worksheets/sheet1.xml"].decode())
    assert rows[:2] == ["INTERPRETER_WIN", str(installed.interpreter)]
    assert "roi_xl.udfs" in rows
    assert "macroEnabled" in contents["[Content_Types].xml"].decode()


def test_title_and_author_are_ours(installed):
    contents = parts(installed.addin)
    assert b"<dc:title>roi-xl" in contents["docProps/core.xml"]
    assert b"<dc:creator>roi-xl</dc:creator><cp:lastModifiedBy>roi-xl<" in contents["docProps/core.xml"]


def test_the_same_every_time(place):
    assert excel.build(place.interpreter) == excel.build(place.interpreter)


def test_install_writes_three_files_and_nothing_else(installed):
    files = {str(path.relative_to(installed.appdata)) for path in installed.appdata.rglob("*") if path.is_file()}
    beside = {"roi-xl/roi_xl.bas", "roi-xl/roi_xl.intellisense.xml"}
    assert files == {"Microsoft/Excel/XLSTART/roi_xl.xlam", *beside}
    assert "Public Function ROI_PERCENT(" in installed.vba.read_text("ascii")
    excel.install(installed)
    assert excel.uninstall(installed) is True
    assert [path for path in installed.appdata.rglob("*") if path.is_file()] == []
    assert excel.uninstall(installed) is False


def test_what_is_not_ours_stays(place):
    place.start_up.mkdir(parents=True)
    place.addin.write_bytes(b"somebody else's")
    with pytest.raises(FileProblem, match="was not written by roi-xl"):
        excel.install(place)
    with pytest.raises(FileProblem, match="it stays"):
        excel.uninstall(place)
    assert place.addin.read_bytes() == b"somebody else's"


def test_excel_that_is_open_is_named(place, monkeypatch):
    def refuse(source, target):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(FileProblem, match="Excel is open"):
        excel.install(place)
    assert [path for path in place.appdata.rglob("*") if path.is_file()] == []


SPACE = "{http://schemas.excel-dna.net/intellisense/1.0}"
CUSTOM_XML = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/customXml"


def test_intellisense_finds_every_function_and_argument_in_the_add_in(installed):
    contents = parts(installed.addin)
    relations = ElementTree.fromstring(contents["xl/_rels/workbook.xml.rels"])
    (item,) = [relation.get("Target") for relation in relations if relation.get("Type") == CUSTOM_XML]
    help_part = contents[posixpath.normpath(posixpath.join("xl", item))]
    assert installed.help.read_bytes() == help_part
    root = ElementTree.fromstring(help_part)
    assert root.tag == f"{SPACE}IntelliSense"
    functions = {node.get("Name"): node for node in root.find(f"{SPACE}FunctionInfo")}
    assert list(functions) == list(CATALOG)
    for name, node in functions.items():
        assert node.get("Description") == summary(CATALOG[name])
        shown = [argument.get("Name") for argument in node]
        wanted = [f"[{one.quantity.name}]" if one.optional else one.quantity.name for one in takes(CATALOG[name])]
        assert shown == wanted
        assert all(0 < len(argument.get("Description")) <= 255 for argument in node)
    assert b'"/customXml/itemProps1.xml"' in contents["[Content_Types].xml"]


def test_the_doctor_calls_every_function(monkeypatch):
    monkeypatch.setattr(excel.sys, "platform", "win32")
    monkeypatch.setattr(excel, "trial", lambda name: "")
    (well,) = excel.answers()
    assert (well.about, well.well) == (f"{len(CATALOG)} functions answer through xlwings' server", True)
    monkeypatch.setattr(excel, "trial", lambda name: "gives #NAME?" if name == "ROI_MONTE_CARLO" else "")
    (bad,) = excel.answers()
    assert (bad.about, bad.well) == ("ROI_MONTE_CARLO: gives #NAME?", False)


def wrong(place, workbook=None):
    """What the doctor finds wrong."""
    return [finding.about for finding in excel.examine(place, workbook) if not finding.well]


def test_the_doctor_finds_nothing_wrong_after_an_install(installed):
    dll(installed)
    assert wrong(installed) == []


def test_the_doctor_without_an_install(place):
    assert wrong(place)[0] == f"add-in at {place.addin}"


def test_the_doctor_finds_an_interpreter_that_has_moved(installed):
    dll(installed)
    installed.interpreter.unlink()
    assert wrong(installed) == [f"Python of the add-in: {installed.interpreter}"]


def test_the_doctor_finds_an_upgrade(installed, monkeypatch):
    dll(installed, "0.1")
    monkeypatch.setattr(excel, "settings", lambda interpreter: {"INTERPRETER_WIN": str(interpreter), "NEW": "1"})
    found = wrong(installed)
    assert found[0] == "add-in as this roi-xl and xlwings write it"
    assert found[1].startswith("xlwings64-")


def test_the_doctor_finds_a_second_copy(installed):
    dll(installed)
    copy = installed.appdata / "Microsoft" / "AddIns" / "roi-xl-old.xlam"
    copy.parent.mkdir(parents=True)
    copy.write_bytes(b"")
    assert wrong(installed) == [f"second copy: {copy}"]


def test_the_doctor_finds_names_of_the_same_functions(installed, tmp_path):
    dll(installed)
    roi_xl.build_template(tmp_path / "names.xlsx", formulas="lambda")
    assert wrong(installed, tmp_path / "names.xlsx") == ["names.xlsx has no names of the same functions"]
    openpyxl.Workbook().save(tmp_path / "plain.xlsx")
    assert wrong(installed, tmp_path / "plain.xlsx") == []


def test_the_commands(tmp_path, capsys):
    profile = ["--appdata", str(tmp_path / "Roaming")]
    assert main(["excel", "install", *profile]) == 0
    assert "start Excel and type =ROI_PERCENT(" in capsys.readouterr().out
    assert main(["excel", "doctor", *profile]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("ok   add-in at")
    assert any(line.startswith("BAD  xlwings64-") and "-> pip install" in line for line in lines)
    assert main(["excel", "uninstall", *profile]) == 0
    assert main(["excel", "uninstall", *profile]) == 0
    assert capsys.readouterr().out == "removed\nthere was nothing to remove\n"


def test_other_systems_are_told(monkeypatch, capsys):
    monkeypatch.setattr(excel.sys, "platform", "linux")
    assert main(["excel", "install"]) == 2
    assert "this add-in is for Excel on Windows" in capsys.readouterr().err


def test_another_xlwings_is_named(monkeypatch):
    monkeypatch.setattr(excel, "xlwings_file", lambda name: "nothing that is known")
    with pytest.raises(RoiError, match="has an add-in module that roi-xl does not know"):
        excel.xlwings_module()


def test_only_the_free_part_of_xlwings_is_used(installed):
    with zipfile.ZipFile(installed.addin) as archive:
        assert not [name for name in archive.namelist() if "pro" in name.casefold().split("/")]
    assert "LICENSE_KEY" not in json.dumps(excel.settings(installed.interpreter))
