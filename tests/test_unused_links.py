"""Links to add-ins leave the file when nothing uses them, and every other link stays what it was."""

import posixpath
import re
import xml.etree.ElementTree as ElementTree
from html import unescape

import openxml_audit
import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.chart import BarChart, Reference
from openpyxl.formatting.rule import FormulaRule
from openpyxl.packaging.relationship import Relationship
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.workbook.external_link.external import (
    ExternalBook,
    ExternalDefinedName,
    ExternalLink,
    ExternalSheetNames,
)
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.table import Table, TableFormula
from package_mutations import SAME_MEANING
from recalc_helpers import parts, rewrite

from roi_xl.cli import main
from roi_xl.engines import libreoffice

ADDIN, BUDGET, RATES = "roi_xl.xlam", "Budget.xlsx", "Rates.xlsx"
CALLS = ("ROI_PERCENT", "ROI_NPV")


def link(target, names=()):
    """A link as Excel stores it: a file, its sheets, and the names that are used of it."""
    listed = [ExternalDefinedName(name=name) for name in names]
    book = ExternalBook(sheetNames=ExternalSheetNames(sheetName=["Sheet1", 'My "2" Sheet']), definedNames=listed)
    made = ExternalLink(externalBook=book)
    made.file_link = Relationship(type="externalLinkPath", Target=target, TargetMode="External", Id="rId1")
    made.externalBook.id = "rId1"
    return made


def made(path, order, cells, *, names=CALLS):
    """A workbook that links to files in some order; `{Budget.xlsx}` in a formula is its number."""
    numbers = {target: f"[{place}]" for place, target in enumerate(order, start=1)}
    book = Workbook()
    book._external_links = [link(target, names if target == ADDIN else ()) for target in order]
    for address, text in cells.items():
        book.active[address] = numbered(text, numbers)
    if BUDGET in order:
        sheet, budget = book.active, numbers[BUDGET]
        book.defined_names["budgeted"] = DefinedName("budgeted", attr_text=f"{budget}Sheet1!$A$1")
        sheet.conditional_formatting.add("A1", FormulaRule(formula=[f"A1>{budget}Sheet1!$A$1"]))
        sheet.add_data_validation(DataValidation(type="custom", formula1=f"A1<{budget}Sheet1!$A$1", sqref="A1"))
        chart = BarChart()
        chart.add_data(Reference(sheet, range_string="Sheet!$A$1:$A$2"))
        chart.series[0].val.numRef.f = f"{budget}Sheet1!$A$1:$A$2"
        sheet.add_chart(chart, "D4")
    book.save(path)


def numbered(text, numbers):
    """A formula with the numbers of files for their names."""
    return re.sub(r"\{([\w.]+)\}", lambda found: numbers[found[1]], text)


def targets(path):
    """The linked files, in the order in which formulas number them."""
    return [link.file_link.Target for link in load_workbook(path)._external_links]


def loose_ends(path):
    """All in a package that points to nothing, or to which nothing points: Excel would offer to repair it."""
    contents = parts(path)
    types = ElementTree.fromstring(contents["[Content_Types].xml"])
    declared = {item.get("PartName")[1:] for item in types if item.get("PartName")}
    defaults = {item.get("Extension") for item in types if item.get("Extension")}
    reached, found = {"[Content_Types].xml"}, [f"{part} is declared" for part in declared - set(contents)]
    for name in (name for name in contents if name.endswith(".rels")):
        owner = posixpath.join(posixpath.dirname(posixpath.dirname(name)), posixpath.basename(name)[: -len(".rels")])
        reached.add(name)
        found += [f"{name} belongs to nothing"] if owner and owner not in contents else []
        identifiers = set()
        for relation in ElementTree.fromstring(contents[name]):
            identifiers.add(relation.get("Id"))
            target = posixpath.join("/", posixpath.dirname(owner), relation.get("Target"))
            if relation.get("TargetMode") != "External":
                reached.add(posixpath.normpath(target)[1:])
        used = set(re.findall(rb"""\br:id=["']([^"']+)["']""", contents.get(owner, b"")))
        found += [f"{owner} uses {key}" for key in used if key.decode() not in identifiers]
    found += [f"{name} is not reached" for name in set(contents) - reached]
    found += [f"{name} is not there" for name in reached - set(contents)]
    found += [f"{name} has no type" for name in set(contents) - declared if name.rpartition(".")[2] not in defaults]
    if re.search(rb"<(\w+:)?externalReferences\b", contents["xl/workbook.xml"]):
        listed = re.search(rb"<(\w+:)?externalReference\s", contents["xl/workbook.xml"])
        found += [] if listed else ["an empty list of links"]
    return found


def test_a_package_with_loose_ends_is_told(tmp_path):
    made(tmp_path / "m.xlsx", [ADDIN], {})
    assert loose_ends(tmp_path / "m.xlsx") == []
    rewrite(tmp_path / "m.xlsx", lambda contents: {k: v for k, v in contents.items() if "externalLink1.xml" not in k})
    assert len(loose_ends(tmp_path / "m.xlsx")) == 2


def audited(path):
    """What a validator of the format finds."""
    return [finding.description for finding in openxml_audit.OpenXmlValidator(max_errors=0).validate(str(path)).errors]


COMMANDS = (["unlink"], ["add-functions"])


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_the_only_link_goes_with_all_that_belongs_to_it(tmp_path, command, capsys):
    source, target = tmp_path / "m.xlsx", tmp_path / "n.xlsx"
    made(source, [ADDIN], {"A1": "={roi_xl.xlam}!ROI_PERCENT(2500,100,0.02,0.012,100000,12)", "A2": '="{roi_xl.xlam}"'})
    assert targets(source) == [ADDIN]
    assert main([*command, str(source), "-o", str(target)]) == 0
    assert capsys.readouterr().out.endswith("; 1 call no longer points to an add-in; 1 link to it removed\n")
    contents = parts(target)
    assert not [name for name, data in contents.items() if b"externalLink" in data or "externalLink" in name]
    assert b"externalReference" not in contents["xl/workbook.xml"]
    assert loose_ends(target) == []
    assert audited(target) == audited(source)
    assert b"ROI_PERCENT(2500," in contents["xl/worksheets/sheet1.xml"]
    assert main(["check", str(target)]) == 0


FORMULAS = {
    "B1": "={Budget.xlsx}Sheet1!A1*2",
    "B2": "=SUM('{Budget.xlsx}My \"2\" Sheet'!A1:B2,{Budget.xlsx}Sheet1!$A$1:{Rates.xlsx}Sheet1!B2)",
    "B3": '="[2]Sheet1!A1 [3]"&{Rates.xlsx}!rate&"it\'s"',
    "B4": "={roi_xl.xlam}!ROI_NPV(1,{Budget.xlsx}!cost,2)",
    "B5": "=SUM(Table1[[1]:[2]],Table1[3])",
}
ORDERS = [(ADDIN, BUDGET, RATES), (BUDGET, ADDIN, RATES), (BUDGET, RATES, ADDIN), (RATES, BUDGET, ADDIN)]


@pytest.mark.parametrize("order", ORDERS, ids=" ".join)
def test_other_links_are_numbered_anew_wherever_they_are_used(tmp_path, order):
    made(tmp_path / "m.xlsx", order, FORMULAS)
    assert main(["unlink", str(tmp_path / "m.xlsx"), "--in-place"]) == 0
    left = [target for target in order if target != ADDIN]
    assert targets(tmp_path / "m.xlsx") == left
    numbers = {target: f"[{place}]" for place, target in enumerate(left, start=1)}
    book = load_workbook(tmp_path / "m.xlsx")
    got = {address: book.active[address].value for address in FORMULAS}
    wanted = {address: text.replace("{roi_xl.xlam}!", "") for address, text in FORMULAS.items()}
    assert got == {address: numbered(text, numbers) for address, text in wanted.items()}
    contents = parts(tmp_path / "m.xlsx")
    budget = f"{numbers[BUDGET]}Sheet1!$A$1".encode()
    assert contents["xl/worksheets/sheet1.xml"].count(budget) == 3
    assert contents["xl/workbook.xml"].count(budget) == 1
    assert budget in contents["xl/charts/chart1.xml"]
    assert loose_ends(tmp_path / "m.xlsx") == []


def test_a_column_of_a_table_loses_the_link_too(tmp_path):
    call = "={roi_xl.xlam}!ROI_REQUEST_SAVINGS(Table1[[#This Row],[today]],{Budget.xlsx}Sheet1!A1)"
    made(tmp_path / "m.xlsx", [ADDIN, BUDGET], {"A1": "today", "B1": "saved", "A2": "=1", "B2": call})
    book = load_workbook(tmp_path / "m.xlsx")
    table = Table(displayName="Table1", ref="A1:B2")
    table._initialise_columns()
    for column, name in zip(table.tableColumns, ("today", "saved"), strict=True):
        column.name = name
    numbers = {ADDIN: "[1]", BUDGET: "[2]"}
    table.tableColumns[1].calculatedColumnFormula = TableFormula(attr_text=numbered(call, numbers)[1:])
    book.active.add_table(table)
    book.save(tmp_path / "m.xlsx")
    assert main(["unlink", str(tmp_path / "m.xlsx"), "--in-place"]) == 0
    bare = "ROI_REQUEST_SAVINGS(Table1[[#This Row],[today]],[1]Sheet1!A1)"
    contents = parts(tmp_path / "m.xlsx")
    assert f">{bare}</calculatedColumnFormula>".encode() in contents["xl/tables/table1.xml"]
    assert f"<f>{bare}</f>".encode() in contents["xl/worksheets/sheet1.xml"]
    assert targets(tmp_path / "m.xlsx") == [BUDGET]
    assert loose_ends(tmp_path / "m.xlsx") == []


@pytest.mark.parametrize("written", SAME_MEANING)
def test_other_ways_to_write_the_same_file_change_nothing(tmp_path, written):
    made(tmp_path / "m.xlsx", [ADDIN, BUDGET, RATES], FORMULAS)
    rewrite(tmp_path / "m.xlsx", lambda contents: {k: written(v) if "xml" in k else v for k, v in contents.items()})
    assert main(["unlink", str(tmp_path / "m.xlsx"), "--in-place"]) == 0
    assert targets(tmp_path / "m.xlsx") == [BUDGET, RATES]
    assert loose_ends(tmp_path / "m.xlsx") == []
    numbers = {BUDGET: "[1]", RATES: "[2]"}
    got = load_workbook(tmp_path / "m.xlsx").active
    assert [got[a].value for a in ("B1", "B2", "B3")] == [numbered(FORMULAS[a], numbers) for a in ("B1", "B2", "B3")]


KEPT = {
    "another function of the add-in": ({"A1": "={roi_xl.xlam}!ROI_NPV(1)", "A2": "={roi_xl.xlam}!OTHER(1)"}, None),
    "an unreadable formula": ({"A1": "={roi_xl.xlam}!ROI_NPV(1)", "A2": "={roi_xl.xlam}!X(]"}, None),
    "a button's macro": (
        {"A1": "={roi_xl.xlam}!ROI_NPV(1)"},
        ("xl/drawings/drawing1.xml", b"<graphicFrame", b'<graphicFrame macro="[1]!Start"'),
    ),
    "a button's macro in a later file": (
        {"A1": "={roi_xl.xlam}!ROI_NPV(1)"},
        ("xl/drawings/drawing1.xml", b"<graphicFrame", b'<graphicFrame macro="[2]!Start"'),
    ),
    "a part that is not declared": (
        {"A1": "={roi_xl.xlam}!ROI_NPV(1)"},
        ("[Content_Types].xml", b"/xl/externalLinks/externalLink1.xml", b"/xl/externalLinks/other.xml"),
    ),
    "a bracket as the number of a character": (
        {"A1": "={roi_xl.xlam}!ROI_NPV(1)", "A2": "={roi_xl.xlam}!OTHER(1)"},
        ("xl/worksheets/sheet1.xml", b"[1]!OTHER", b"&#x5B;1]!OTHER"),
    ),
    "a part in another encoding": (
        {"A1": "={roi_xl.xlam}!ROI_NPV(1)"},
        ("xl/theme/theme1.xml", b"<?xml", b"\xff<?xml"),
    ),
}


@pytest.mark.parametrize("why", KEPT)
def test_a_link_that_something_may_use_stays(tmp_path, why, capsys):
    cells, change = KEPT[why]
    made(tmp_path / "m.xlsx", [ADDIN, BUDGET], cells)
    if change:
        part, old, new = change
        rewrite(tmp_path / "m.xlsx", lambda contents: {**contents, part: contents[part].replace(old, new)})
        assert new in parts(tmp_path / "m.xlsx")[part]
    before = parts(tmp_path / "m.xlsx")
    assert main(["unlink", str(tmp_path / "m.xlsx"), "--in-place"]) == 0
    assert capsys.readouterr().out.endswith("; 1 call no longer points to an add-in\n")
    after = parts(tmp_path / "m.xlsx")
    assert {name for name in before if before[name] != after[name]} == {"xl/worksheets/sheet1.xml", "xl/workbook.xml"}


def test_a_link_left_behind_goes_and_one_of_another_maker_stays(tmp_path, capsys):
    made(tmp_path / "ours.xlsx", [ADDIN], {"A1": "=ROI_NPV(1)"})
    made(tmp_path / "theirs.xlsx", [ADDIN], {"A1": "=ROI_NPV(1)"}, names=("ROI_NPV", "THEIRS"))
    for name, left in (("ours.xlsx", []), ("theirs.xlsx", [ADDIN])):
        assert main(["unlink", str(tmp_path / name), "--in-place"]) == 0
        assert targets(tmp_path / name) == left
    assert "; 0 calls no longer point to an add-in; 1 link to it removed\n" in capsys.readouterr().out


@pytest.mark.parametrize("lost", ["externalLink1.xml", "[Content_Types].xml"])
def test_a_damaged_workbook_keeps_its_links(tmp_path, lost):
    made(tmp_path / "m.xlsx", [ADDIN], {"A1": "=ROI_NPV(1)"})
    rewrite(tmp_path / "m.xlsx", lambda contents: {k: v for k, v in contents.items() if lost not in k})
    before = parts(tmp_path / "m.xlsx")
    assert main(["unlink", str(tmp_path / "m.xlsx"), "--in-place"]) == 0
    assert parts(tmp_path / "m.xlsx") == before
    assert main(["add-functions", str(tmp_path / "m.xlsx"), "--in-place"]) == 0
    assert parts(tmp_path / "m.xlsx").keys() - before.keys() <= {"xl/metadata.xml"}


@pytest.mark.slow
def test_libreoffice_opens_what_is_left(soffice, tmp_path):
    made(tmp_path / "m.xlsx", [ADDIN, BUDGET], {**FORMULAS, "B2": "=1", "B3": "=2", "C1": "=B2+B3"})
    assert main(["unlink", str(tmp_path / "m.xlsx"), "--in-place"]) == 0
    opened = unescape(libreoffice.convert(tmp_path / "m.xlsx", "fods", tmp_path, recalculate=True).read_text())
    assert "Budget.xlsx'#$Sheet1.A1]*2" in opened
    assert ADDIN not in opened
    assert 'office:value="3"' in opened
