"""What `check` says of workbooks: links, formulas that nothing verifies, settings, stored values."""

import json
import re
import shutil

import pytest
from openpyxl import Workbook
from recalc_helpers import make, rewrite

from roi_xl.cli import main


@pytest.mark.slow
def test_many_workbooks_are_checked_in_their_order(templates, tmp_path, capsys):
    missing = tmp_path / "missing.xlsx"
    assert main(["check", str(templates["native"]), str(missing), str(templates["functions"]), "--json"]) == 1
    reports = json.loads(capsys.readouterr().out)
    assert list(reports) == [str(templates["native"]), str(missing), str(templates["functions"])]
    assert [len(report.get("different", [])) for report in reports.values()] == [0, 0, 0]
    assert reports[str(missing)] == {"refused": f"{missing} does not exist"}


def test_check_lists_external_links(templates, tmp_path, capsys):
    path = tmp_path / "m.xlsx"
    shutil.copy(templates["native"], path)
    rewrite(path, with_external_link)
    assert main(["check", str(path)]) == 0
    assert f"{path}: external link to file:///Budget.xlsx" in capsys.readouterr().out


RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def with_external_link(contents):
    """A workbook that refers to another one, as Excel writes it."""
    rels = "xl/_rels/workbook.xml.rels"
    link = f'<Relationship Id="rId99" Type="{RELATIONS}/externalLink" Target="externalLinks/externalLink1.xml"/>'
    kind = f'Type="{RELATIONS}/externalLinkPath" TargetMode="External"'
    target = f'<Relationship Id="rId1" {kind} Target="file:///Budget.xlsx"/>'
    package = "http://schemas.openxmlformats.org/package/2006/relationships"
    links = f'<Relationships xmlns="{package}">{target}</Relationships>'
    return {
        **contents,
        rels: contents[rels].replace(b"</Relationships>", link.encode() + b"</Relationships>"),
        "xl/externalLinks/externalLink1.xml": b"<externalLink/>",
        "xl/externalLinks/_rels/externalLink1.xml.rels": links.encode(),
    }


def test_check_says_how_many_formulas_are_verified_and_why_others_are_not(tmp_path, capsys):
    book = Workbook()
    book.active["A1"], book.active["A2"], book.active["A3"] = 1, "=SUBTOTAL(9,A1:A1)", "=ASC(A1)"
    book.save(tmp_path / "m.xlsx")
    assert main(["check", str(tmp_path / "m.xlsx")]) == 0
    out = capsys.readouterr().out
    assert "no stored values; 1 of 2 formulas verified by two evaluations" in out
    assert "1 by the engine alone: ASC, which is not known over arrays" in out


def test_settings_that_change_what_is_computed_are_named(tmp_path, capsys):
    path = make(tmp_path / "m.xlsx", {"A1": 1, "A2": "=A1/3"})

    def rounding(contents):
        book = contents["xl/workbook.xml"]
        return {**contents, "xl/workbook.xml": re.sub(rb"<calcPr[^>]*>", b'<calcPr fullPrecision="0"/>', book)}

    rewrite(path, rounding)
    assert main(["check", str(path)]) == 0
    assert "precision as displayed" in capsys.readouterr().out
    assert main(["recalc", str(path), "--set", "Sheet!A1=2"]) == 2
    assert "precision as displayed" in capsys.readouterr().err


def test_zeros_that_a_program_leaves_for_excel_are_no_stored_values(tmp_path, capsys):
    path = make(tmp_path / "m.xlsx", {"A1": 1, "A2": "=A1+2"}, {"A2": 0})
    assert main(["check", str(path)]) == 0
    assert "no stored values; 1 of 1 formulas verified by two evaluations" in capsys.readouterr().out
    rewrite(path, lambda c: {**c, "xl/workbook.xml": c["xl/workbook.xml"].replace(b' fullCalcOnLoad="1"', b"")})
    assert main(["check", str(path)]) == 1


UNPREFIXED = {
    "XLOOKUP(3,A1:A5,B1:B5)": ["XLOOKUP"],
    "xlookup(3,A1:A5,B1:B5)": ["XLOOKUP"],
    "IF(TRUE,1+STDEV.S(A1:A5),MAXIFS(B1:B5,A1:A5,1))": ["MAXIFS", "STDEV.S"],
    "SUM(FILTER(B1:B5,A1:A5>2))": ["FILTER"],
    "_xlfn.XLOOKUP(3,A1:A5,B1:B5)": [],
    "SUM(_xlfn._xlws.FILTER(B1:B5,A1:A5>2))": [],
    '"LET(x) and IFS("&A1': [],
    "'IFS('!A1": [],
    "NETWORKDAYS.INTL(A1,A2)+ISO.CEILING(A1)": [],
    "IFERROR(SUMIFS(B1:B5,A1:A5,1),0)": [],
}


@pytest.mark.parametrize("formula", UNPREFIXED)
def test_functions_that_excel_does_not_know_by_their_name_in_the_file_are_named(tmp_path, capsys, formula):
    """Excel has them under `_xlfn.` in a file; without it they are #NAME? there, whatever is stored."""
    book = Workbook()
    book.create_sheet("IFS(")
    for row in range(1, 6):
        book.active.append([row, row * 10])
    book.active["D1"] = book.active["D2"] = f"={formula}"
    book.save(tmp_path / "m.xlsx")
    status = main(["check", str(tmp_path / "m.xlsx"), "--json"])
    (report,) = json.loads(capsys.readouterr().out).values()
    assert report["unprefixed"] == {name: ["Sheet!D1", "Sheet!D2"] for name in UNPREFIXED[formula]}
    assert status == (1 if UNPREFIXED[formula] else 0)
    assert main(["recalc", str(tmp_path / "m.xlsx"), "--set", "Sheet!B1=7"]) == 0
    said = capsys.readouterr().err
    for name in UNPREFIXED[formula]:
        assert f"Excel shows #NAME? in 2 cells, first Sheet!D1: the file has {name} without the prefix _xlfn." in said
    assert UNPREFIXED[formula] or "#NAME?" not in said


def test_error_values_are_named_by_their_cells(tmp_path, capsys):
    cells = {"A1": 0, "B1": "=1/A1", "C1": "=NA()", "D1": "=A1+1"} | {f"E{row}": "=1/$A$1" for row in range(1, 6)}
    path = make(tmp_path / "m.xlsx", cells)
    assert main(["check", str(path)]) == 0
    shown = "Sheet!B1 #DIV/0!, Sheet!C1 #N/A, Sheet!E1 #DIV/0!, Sheet!E2 #DIV/0!, Sheet!E3 #DIV/0! and 2 more"
    assert f"error values: {shown}" in " ".join(capsys.readouterr().out.split())
    assert main(["check", str(path), "--json"]) == 0
    (report,) = json.loads(capsys.readouterr().out).values()
    assert (report["errors"], report["error_values"]["Sheet!C1"]) == (7, "#N/A")
