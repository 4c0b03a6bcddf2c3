"""What `check` says of workbooks: links, formulas that nothing verifies, settings, stored values."""

import json
import re
import shutil

import pytest
from openpyxl import Workbook
from recalc_helpers import SHEET, make, rewrite

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


ERRORS = {"A1": 0, "A2": "=1/A1", "A3": "=A2+1", "A4": "=NA()", "A5": "=A1+1", "A6": '="a"'}


@pytest.mark.parametrize("stored", [True, False])
def test_cells_with_error_values_are_named_whether_values_are_stored_or_not(tmp_path, capsys, stored):
    path = make(tmp_path / "m.xlsx", ERRORS)
    if not stored:
        rewrite(path, lambda parts: {**parts, SHEET: re.sub(b"</f><v>[^<]*</v>", b"</f>", parts[SHEET])})
    assert main(["check", str(path)]) == 0
    out = capsys.readouterr().out
    assert f"{path}: #DIV/0! (2): Sheet!A2, Sheet!A3" in out
    assert f"{path}: #N/A (1): Sheet!A4" in out
    assert main(["check", str(path), "--json"]) == 0
    report = json.loads(capsys.readouterr().out)[str(path)]
    assert report["compared"] == (5 if stored else 0)
    wanted = {"Sheet!A2": "#DIV/0!", "Sheet!A3": "#DIV/0!", "Sheet!A4": "#N/A"}
    assert (report["errors"], report["error_cells"]) == (3, wanted)


def test_of_many_cells_with_one_error_value_the_first_are_named(tmp_path, capsys):
    path = make(tmp_path / "m.xlsx", {f"A{row}": "=1/0" for row in range(1, 9)})
    assert main(["check", str(path)]) == 0
    assert "#DIV/0! (8): Sheet!A1, Sheet!A2, Sheet!A3, Sheet!A4, Sheet!A5 and 3 more" in capsys.readouterr().out


def test_the_ready_made_workbooks_only_errors_are_paybacks_that_never_come(capsys):
    assert main(["check", "workbook/fine-tuning-roi-full.xlsx"]) == 0
    assert "#N/A (2): Cases!D33, Cases!L33" in capsys.readouterr().out
