"""Ten times the formulas take ten times the time, also where nothing in the file is right."""

import random
import sys
import time
from pathlib import Path

import pytest
from recalc_helpers import make, rewrite, values

import roi_xl
from roi_xl.excel.group import SheetValues
from roi_xl.excel.seen import Seen
from roi_xl.recalc.roots import Presence
from roi_xl.recalc.sizes import Sizes
from roi_xl.xlsx.addresses import Address
from roi_xl.xlsx.sheet_cells import find_cell

sys.path.append(str(Path(__file__).parents[1] / "benchmarks"))
import growth

CORNERS = [("S", 1, 1, 1_048_576, 16_384), ("S", 5, 5, 5, 5), ("S", 900, 2, 1_000, 40), ("T", 1, 1, 9, 9)]


@pytest.mark.parametrize("most", [20_000_000, 50])
def test_presence_counts_as_one_by_one(monkeypatch, most):
    monkeypatch.setattr("roi_xl.recalc.roots.MOST_COUNTED", most)
    chance = random.Random(1)
    places = {Address("S", chance.randint(1, 1_000), chance.randint(1, 40)) for _ in range(300)}
    places |= {Address("S", 1_048_576, 16_384), Address("S", 5, 5)}
    present = Presence(places)
    for sheet, top, left, bottom, right in CORNERS:
        found = [p for p in places if p.sheet == sheet and top <= p.row <= bottom and left <= p.column <= right]
        assert present.within((sheet, top, left, bottom, right)) == len(found)
        assert present.first_in([(sheet, top, left, bottom, right)]) == min(found, default=None)


def test_cells_in_the_two_far_corners_of_a_sheet_are_few():
    start = time.perf_counter()
    present = Presence([Address("S", 1, 16_384), Address("S", 1_048_576, 1)])
    assert present.within(CORNERS[0]) == 2
    assert time.perf_counter() - start < 1


@pytest.mark.parametrize("huge", [1.0, 1e300])
def test_sizes_are_those_of_a_sum_one_by_one(huge):
    rows = [[huge, -2.0, "text"], [3.0, None, True], [-4.5, 5.0, 6.0]]
    sizes = Sizes(lambda name: SheetValues.of(Seen.of([rows], (3, 3))))
    assert sizes.within(("S", 2, 1, 3, 3)) == 3 + 4.5 + 5 + 6
    assert sizes.all_in([("S", 2, 1, 2, 1), ("S", 1, 2, 9, 9)]) == 3 + 2 + 5 + 6
    assert sizes.within(("S", 4, 1, 9, 9)) == 0


def test_sizes_beyond_all_numbers_are_endless_without_a_word():
    rows = [[1e308], [1e308], [5.0], [1e308]]
    sizes = Sizes(lambda name: SheetValues.of(Seen.of([rows], (4, 1))))
    assert sizes.within(("S", 1, 1, 2, 1)) == float("inf")
    assert sizes.within(("S", 3, 1, 3, 1)) == 5


def test_a_cell_is_found_wherever_it_stands():
    cells = b'<row r="2"><c\n\tr="B2"><v>1</v></c></row><row r="1"><c s="1" r=\'AA1\'/><c r="B2"/></row>'
    sheet = b"<worksheet><sheetData>%b</sheetData></worksheet>" % cells
    assert find_cell(sheet, (2, 2))[4] == b"<v>1</v>"
    assert find_cell(sheet, (1, 27)) is not None
    assert find_cell(sheet, (1, 2)) is None


KINDS = [("stale-sums", 6_000), ("stale-steps", 6_000), ("stale-columns", 1_500), ("kept", 3_000), ("names", 5_000)]


@pytest.mark.parametrize(("kind", "size"), KINDS)
def test_stale_workbooks_are_linear(kind, size, tmp_path, monkeypatch):
    """Quadratic, each of these took from half a minute to some hours."""
    monkeypatch.chdir(tmp_path)
    _, rows, names, act = growth.KINDS[kind]
    growth.write(tmp_path / "m.xlsx", rows(size), names(size) if names else "")
    start = time.perf_counter()
    act(str(tmp_path / "m.xlsx"))
    assert time.perf_counter() - start < 20


def test_a_change_is_refused_where_a_kept_cell_reads_it(tmp_path):
    cells = {"A1": 1, "A2": 2, "B1": "=SUM(A$1:A$2)", "B2": "=SUM(C1:C9)", "C1": 5, "D1": "=A1*2"}
    path = make(tmp_path / "m.xlsx", cells, {"B2": 99})
    model = roi_xl.open_model(path)
    assert {str(difference.place) for difference in model.differences} == {"Sheet!B2"}
    model.calculate({"Sheet!A2": 10})
    assert model.value(model.find("Sheet!B1")) == 11
    with pytest.raises(roi_xl.errors.NotReproduced, match="1 cell"):
        model.calculate({"Sheet!C1": 6})


def test_a_tab_before_the_address_hides_no_formula(tmp_path):
    path = make(tmp_path / "m.xlsx", {"A1": 1, "B1": "=A1+1", "C1": '=A1&"x"'})
    tabs = {b'<c r="B1"': b'<c\n\tr="B1"', b'<c r="C1" t="str"': b'<c r="C1"\tt="str"', b'<c r="A1"': b'<c\tr="A1"'}

    def with_tabs(data):
        for old, new in tabs.items():
            assert old in data
            data = data.replace(old, new)
        return data

    rewrite(path, lambda p: {**p, "xl/worksheets/sheet1.xml": with_tabs(p["xl/worksheets/sheet1.xml"])})
    model = roi_xl.open_model(path)
    with pytest.raises(roi_xl.errors.RoiError, match="is a formula"):
        model.calculate({"Sheet!B1": 5})
    model.calculate({"Sheet!A1": 4})
    model.save(path)
    assert values(path) == {("Sheet", "A1"): 4, ("Sheet", "B1"): 5, ("Sheet", "C1"): "4x"}
