"""Dynamic arrays whose results need other cells after a change.

Amounts 1 to 5 in B1:B5 with their names in A1:A5; FILTER in F1 takes those above D1 (2 in the
file), G1 sorts them, H1 doubles what G1 spills, L1 is a row; J1 to J4 read them.
"""

import re

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.formula import ArrayFormula
from openpyxl.worksheet.table import Table
from recalc_helpers import SHEET, parts, rewrite, values, with_stored

import roi_xl
from roi_xl.cli import main
from roi_xl.errors import ExcelError, NotReproduced, NotSupported
from roi_xl.recalc.blocking import is_blocked
from roi_xl.xlsx.addresses import LAST_COLUMN, LAST_ROW, Address
from roi_xl.xlsx.array_extents import resized

NAMES, AMOUNTS = "abcde", [1, 2, 3, 4, 5]
SPILLED = {
    "F1:F3": "=_xlfn._xlws.FILTER(A1:A5,B1:B5>D1)",
    "G1:G3": "=_xlfn._xlws.SORT(_xlfn._xlws.FILTER(B1:B5,B1:B5>D1),1,-1)",
    "H1:H3": "=_xlfn.ANCHORARRAY(G1)*2",
    "L1:N1": "=_xlfn.SEQUENCE(1,5-D1)",
}
READERS = {
    "J1": "=SUM(_xlfn.ANCHORARRAY(H1))",
    "J2": "=ROWS(_xlfn.ANCHORARRAY(F1))",
    "J3": "=SUM(G1:G20)",
    "J4": '=COUNTA(F1:F9)&_xlfn.TEXTJOIN("",TRUE,_xlfn.ANCHORARRAY(F1))',
}


def workbook(path, cells=(), table=None, merged=None, spilled=SPILLED):
    """The workbook with the values that Excel would store."""
    book = Workbook()
    sheet = book.active
    sheet.title = "S"
    for row, (name, amount) in enumerate(zip(NAMES, AMOUNTS, strict=True), start=1):
        sheet[f"A{row}"], sheet[f"B{row}"] = name, amount
    sheet["D1"] = 2
    for extent, formula in spilled.items():
        sheet[extent.partition(":")[0]] = ArrayFormula(extent, formula)
    for address, value in {**READERS, **dict(cells)}.items():
        sheet[address] = value
    if table:
        sheet.add_table(Table(displayName="Sales", ref=table))
    if merged:
        sheet.merge_cells(merged)
    book.save(path)
    rewrite(path, lambda p: {**p, SHEET: dynamic(p[SHEET])})
    model = roi_xl.open_model(path, trust_engine=True)
    model.calculate()
    model.save(path)
    return path


def dynamic(sheet):
    """A sheet whose array formulas take the room they need."""
    return re.sub(rb'<c r="(\w+)"([^>]*)>(?=<f t="array")', rb'<c r="\1"\2 cm="1">', sheet)


@pytest.fixture
def spills(tmp_path):
    return workbook(tmp_path / "m.xlsx")


def column(model, letter, count=6):
    """The first values of a column."""
    return [model.value(model.find(f"S!{letter}{row}")) for row in range(1, count + 1)]


def padded(values, count=6):
    """Values, and nothing below them."""
    return [*values, *[None] * (count - len(values))]


@pytest.mark.parametrize("limit", [0, 1, 2, 3, 4])
def test_a_result_takes_the_cells_that_it_needs(spills, tmp_path, limit):
    left = AMOUNTS[limit:]
    model = roi_xl.open_model(spills, strict=True)
    model.calculate({"S!D1": limit})
    assert column(model, "F") == padded(NAMES[limit:])
    assert column(model, "G") == padded(left[::-1])
    assert column(model, "H") == padded([2 * amount for amount in left[::-1]])
    row = [model.value(model.find(f"S!{letter}1")) for letter in "LMNOPQ"]
    assert row == padded(range(1, 6 - limit))
    assert column(model, "J", 4) == [2 * sum(left), len(left), sum(left), f"{len(left)}{NAMES[limit:]}"]
    assert (model.verification.verified, model.verification.different) == (8, {})
    model.save(tmp_path / "out.xlsx")
    sheet = load_workbook(tmp_path / "out.xlsx")["S"]
    extents = [sheet[cell].value.ref for cell in ("F1", "G1", "H1", "L1")]
    last = f":{{}}{5 - limit}" if limit < 4 else ""
    assert extents == [
        *(f"{c}1{last.format(c)}" for c in "FGH"),
        "L1" + (f":{'LMNOP'[4 - limit]}1" if limit < 4 else ""),
    ]
    assert [values(tmp_path / "out.xlsx").get(("S", f"F{row}")) for row in range(1, 7)] == padded(NAMES[limit:])
    again = roi_xl.open_model(tmp_path / "out.xlsx", strict=True)
    assert (again.differences, again.replay.missing) == ((), 0)
    again.calculate({"S!D1": 2})
    again.save(tmp_path / "back.xlsx")
    assert values(tmp_path / "back.xlsx") == {**dict.fromkeys(values(tmp_path / "back.xlsx")), **values(spills)}


def test_one_model_grows_shrinks_and_comes_back_to_the_bytes_of_the_file(spills, tmp_path):
    model = roi_xl.open_model(spills)
    for limit in (0, 4, 1, 2):
        outputs = [len(AMOUNTS[limit:]), sum(AMOUNTS[limit:])]
        model.calculate({"S!D1": limit})
        assert column(model, "J", 3)[1:] == outputs
    model.save(tmp_path / "same.xlsx")
    assert parts(tmp_path / "same.xlsx") == parts(spills)
    model.calculate({"S!D1": 0})
    model.save(spills)
    model.calculate({"S!D1": 4})
    model.save(spills)
    assert values(spills)["S", "F1"] == "e"
    model.calculate()
    model.save(spills)
    assert parts(spills) == parts(tmp_path / "same.xlsx")


def test_the_command_says_nothing_special(spills, capsys):
    assert main(["recalc", str(spills), "--set", "S!D1=0", "--in-place"]) == 0
    assert main(["check", str(spills)]) == 0
    assert "8 of 8 formulas verified" in capsys.readouterr().out


BLOCKS = {
    "a value": {"cells": {"F5": "in the way"}},
    "a formula": {"cells": {"F5": '=IF(D1>9,1,"")'}},
    "a member of another array": {"spilled": {**SPILLED, "F5:F6": "={1;2}"}},
    "a merged cell": {"merged": "E5:F5"},
}


@pytest.mark.parametrize("more", BLOCKS.values(), ids=BLOCKS)
def test_what_is_in_the_way_makes_it_spill_in_its_own_cell(tmp_path, more):
    path = workbook(tmp_path / "m.xlsx", **more)
    model = roi_xl.open_model(path)
    model.calculate({"S!D1": 0})
    assert column(model, "F", 4) == [ExcelError.SPILL, None, None, None]
    assert column(model, "G") == padded(AMOUNTS[::-1])
    assert column(model, "J", 3)[::2] == [30, 15]
    assert "cannot spill" in model.verification.unverified[model.find("S!J2")]
    model.save(path)
    assert load_workbook(path)["S"]["F1"].value.ref == "F1"
    again = roi_xl.open_model(path, strict=True)
    again.calculate({"S!D1": 2})
    assert column(again, "F", 4) == ["c", "d", "e", None]


def test_what_is_cleared_or_put_in_the_way_counts_at_once(tmp_path):
    path = workbook(tmp_path / "m.xlsx", {"F5": "in the way"})
    model = roi_xl.open_model(path)
    model.calculate({"S!D1": 0, "S!F5": None})
    assert column(model, "F") == padded(NAMES)
    model.calculate({"S!D1": 1, "S!F4": "here"})
    assert column(model, "F") == [ExcelError.SPILL, None, None, "here", "in the way", None]
    model.calculate({"S!D1": 1, "S!F4": None})
    assert column(model, "F") == ["b", "c", "d", "e", "in the way", None]


def test_nothing_is_left_of_a_result_that_is_empty(spills):
    model = roi_xl.open_model(spills)
    model.calculate({"S!D1": 9, "S!A1": "z"})
    assert column(model, "F", 3) == [ExcelError.CALC, None, None]
    assert model.value(model.find("S!J2")) == 1


def test_a_result_that_would_end_beyond_the_sheet_has_no_room(spills):
    formulas, anchor = roi_xl.open_model(spills).book.formulas, Address("S", 1, 6)
    sizes = {(LAST_ROW, 1): False, (LAST_ROW + 1, 1): True, (1, LAST_COLUMN - 5): True, (1, 1): False}
    assert {size: is_blocked(formulas, {}, anchor, size) for size in sizes} == sizes


def test_a_result_that_would_reach_into_a_table_is_refused(tmp_path):
    path = workbook(tmp_path / "m.xlsx", {"F5": "name", "F6": None}, table="F5:F6")
    with pytest.raises(NotSupported, match=r"the formula of S!F1 now fills"):
        roi_xl.open_model(path).calculate({"S!D1": 0})


def test_the_calculation_chain_and_a_rich_value_go_with_the_cells_that_are_left(spills, tmp_path):
    kind = b"http://schemas.openxmlformats.org/officeDocument/2006/relationships/calcChain"
    content = b"application/vnd.openxmlformats-officedocument.spreadsheetml.calcChain+xml"

    def chained(contents):
        relations, types = contents["xl/_rels/workbook.xml.rels"], contents["[Content_Types].xml"]
        relation = b'<Relationship Id="c" Type="%b" Target="calcChain.xml"/></Relationships>' % kind
        override = b'<Override PartName="/xl/calcChain.xml" ContentType="%b"/></Types>' % content
        return {
            **contents,
            SHEET: contents[SHEET].replace(b'<c r="F1"', b'<c r="F1" vm="1"'),
            "xl/calcChain.xml": b'<calcChain><c r="F1" i="1" a="1"/><c r="F2" a="1"/></calcChain>',
            "xl/_rels/workbook.xml.rels": relations.replace(b"</Relationships>", relation),
            "[Content_Types].xml": types.replace(b"</Types>", override),
        }

    before = parts(spills)
    rewrite(spills, chained)
    model = roi_xl.open_model(spills)
    model.calculate({"S!A3": "x"})
    model.save(tmp_path / "kept.xlsx")
    assert "xl/calcChain.xml" in parts(tmp_path / "kept.xlsx")
    model.calculate({"S!D1": 4})
    model.save(tmp_path / "out.xlsx")
    after = parts(tmp_path / "out.xlsx")
    assert set(after) == set(before)
    assert after["[Content_Types].xml"] == before["[Content_Types].xml"]
    assert after["xl/_rels/workbook.xml.rels"] == before["xl/_rels/workbook.xml.rels"]
    assert b"vm=" not in after[SHEET]


def test_cells_that_are_kept_stay_kept(tmp_path):
    path = workbook(tmp_path / "m.xlsx", {"P1": "=FOO(A1)", "P2": "=P1+1", "Q1": "=FOO(D1)"})
    for cell in ("P1", "Q1"):
        rewrite(path, lambda p, c=cell: {**p, SHEET: with_stored(p[SHEET], c, 41)})
    rewrite(path, lambda p: {**p, SHEET: with_stored(p[SHEET], "P2", 42)})
    model = roi_xl.open_model(path, keep_unknown=True)
    model.calculate({"S!D1": 0})
    assert column(model, "P", 2) == [41, 42]
    assert column(model, "F") == padded(NAMES)
    with pytest.raises(NotReproduced, match="first S!Q1"):
        roi_xl.open_model(path).calculate({"S!D1": 0})


def test_two_arrays_that_grow_to_where_they_meet_have_their_room(tmp_path):
    spilled = {
        **SPILLED,
        "F1:F2": "=_xlfn.SEQUENCE(D1)",
        "F5:F6": "=_xlfn.SEQUENCE(D1)",
        "E6": "=_xlfn.SEQUENCE(1,D1-1)",
    }
    model = roi_xl.open_model(workbook(tmp_path / "m.xlsx", spilled=spilled))
    model.calculate({"S!D1": 4})
    assert column(model, "F", 8) == [1, 2, 3, 4, 1, 2, 3, 4]


def test_an_array_that_is_kept_keeps_the_cells_that_it_fills(spills):
    """Of a function of somebody's add-in; one that spills, too."""

    def with_kept(sheet, spilling):
        kept = b'<c r="P1"%b><f t="array" ref="P1:P2">FOO(A1:A2)</f><v>41</v></c></row>' % spilling
        first, second = (sheet.index(b"</row>", sheet.index(b'<row r="%d"' % row)) for row in (1, 2))
        return sheet[:first] + kept + sheet[first + 6 : second] + b'<c r="P2"><v>42</v></c>' + sheet[second:]

    plain = parts(spills)[SHEET]
    for spilling in (b"", b' cm="1"'):
        rewrite(spills, lambda p, how=spilling: {**p, SHEET: with_kept(plain, how)})
        model = roi_xl.open_model(spills)
        model.calculate({"S!D1": 0})
        assert column(model, "P", 2) == [41, 42]
        assert column(model, "F") == padded(NAMES)


def test_what_would_make_two_arrays_overlap_is_refused(spills):
    book = roi_xl.open_model(spills).book
    sheet = book.sheet("S")
    with pytest.raises(NotSupported, match="two array formulas would fill the same cells"):
        resized(sheet, {(1, 6): (1, 6, 3, 7)})
    with pytest.raises(NotSupported, match="no formula in row 9, column 9"):
        resized(sheet, {(9, 9): (9, 9, 9, 9)})


READ = ["J1", "J2", "J3", "J4", "F1", "G3", "H1", "L1", "G4", "J9"]


@pytest.mark.parametrize("cell", READ)
def test_a_sweep_in_which_a_result_changes_its_size_is_refused(tmp_path, cell):
    path = workbook(tmp_path / "m.xlsx", cells={"J9": "=SUM(G5:G20)"})
    with pytest.raises(NotSupported, match=r"the formula of S![FGL]1 fills other cells for some of these inputs"):
        roi_xl.open_model(path).sweep({"S!D1": [2, 1, 3]}, read=[f"S!{cell}"])


@pytest.mark.parametrize("limit", [2, 2.5, 1])
def test_a_sweep_in_which_no_result_changes_its_size_is_right_or_refused(spills, limit):
    """FILTER and SORT fill other cells for a limit of 1 than in the file, SEQUENCE truncates."""
    model = roi_xl.open_model(spills)
    try:
        found = model.sweep({"S!D1": [limit, limit]}, read=["S!J1", "S!G2"])
    except NotSupported:
        assert limit == 1
    else:
        assert found["S!J1"].tolist() == [24, 24]
        assert found["S!G2"].tolist() == [4, 4]


def test_a_sum_of_what_changes_its_size_within_a_formula_is_right(tmp_path):
    formula = "=SUM(_xlfn._xlws.FILTER(B1:B5,B1:B5>D1))*2"
    path = workbook(tmp_path / "m.xlsx", cells={"P1": formula}, spilled={"L1:N1": "=_xlfn.SEQUENCE(1,3)"})
    found = roi_xl.open_model(path).sweep({"S!D1": [2, 1, 3, 4]}, read=["S!P1"])
    assert found["S!P1"].tolist() == [24, 28, 18, 10]


def test_what_only_the_engine_evaluates_is_not_swept_where_it_fills_several_cells(tmp_path):
    spilled = {"L1:N1": '=--_xlfn.TEXTSPLIT(_xlfn.ARRAYTOTEXT(D1)&" 3 4"," ")'}
    path = workbook(tmp_path / "m.xlsx", spilled=spilled, cells={"J5": "=SUM(L1:N1)"})
    with pytest.raises(NotSupported, match="the formula of S!L1 fills several cells, and cannot be swept: ARRAYTOTEXT"):
        roi_xl.open_model(path).sweep({"S!D1": [2, 1]}, read=["S!J5"])
