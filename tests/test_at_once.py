"""What is read, or evaluated, many at a time is what it is one at a time."""

import numpy as np
import pytest
from openpyxl import Workbook

import roi_xl
from roi_xl.errors import ExcelError, NotSupported
from roi_xl.excel.operators import values_of
from roi_xl.excel.seen import Seen
from roi_xl.excel.values import BLANK, LOGICAL, NUMBER, TAGS, TEXT, TEXTS, CannotVectorise, Vector, plain, settled
from roi_xl.formula.shapes import Form, shapes_of
from roi_xl.sweeps import evaluate, iterate
from roi_xl.sweeps.evaluate import Evaluator
from roi_xl.sweeps.groups import in_groups
from roi_xl.sweeps.plan import Together
from roi_xl.sweeps.reads import MayVary, Part
from roi_xl.xlsx.addresses import Address, column_number
from roi_xl.xlsx.formula_cells import by_pattern, formula_cells
from roi_xl.xlsx.layout import Layout
from roi_xl.xlsx.sheet import COLUMN, Sheet
from roi_xl.xlsx.sheet_cells import last_row

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
CELLS = [
    '<c r="A1"><f>1+1</f><v>2</v></c>',
    '<c r="XFD1048576" s="3"><f>1+1</f><v>2</v></c>',
    '<c r="B2" s="1" t="str"><f>"a"</f><v>a</v></c>',
    '<c r="B2" t="b" s="1"><f>TRUE</f><v>1</v></c>',
    '<c s="1" r="B2"><f>1</f><v>1</v></c>',
    "<c r='B2'><f>1</f><v>1</v></c>",
    '<c r="b2"><f>1</f><v>1</v></c>',
    '<c r="B2" ><f>1</f><v>1</v></c>',
    '<c\tr="B2"><f>1</f><v>1</v></c>',
    '<c r="B2">\n<f>1</f><v>1</v></c>',
    '<c r="B2"><f>1</f>\n<v>1</v>\n</c>',
    '<c r="B2"><f>1</f ><v>1</v ></c>',
    '<c r="B2"><f>1</f></c>',
    '<c r="B2"><f>1</f><v/></c>',
    '<c r="B2"><f>1</f><v></v></c>',
    '<c r="B2"><f>1</f><v xml:space="preserve">1</v></c>',
    '<c r="B2"><f>1</f><is><t>x</t></is></c>',
    '<c r="B2"><f/><v>1</v></c>',
    '<c r="B2"><f></f><v>1</v></c>',
    '<c r="B2"><f t="shared" si="0"/><v>1</v></c>',
    '<c r="B2"><f t="shared" ref="B2:B3" si="0">A1&gt;2</f><v>1</v></c>',
    '<c r="B2"><f t="shared" si="0" /><v>1</v></c>',
    '<c r="B2"><f t="shared" si="0"></f><v>1</v></c>',
    '<c r="B2"><f t="shared" si="0"/>\n<v>1</v></c>',
    '<c r="B2"><f>A1>2/1</f><v>1</v></c>',
    '<c r="B2"><f ca="1">A1/>2</f><v>1</v></c>',
    '<c r="B2"><f t="array" ref="B2:C3">A1:B2*2</f><v>1</v></c>',
    '<c r="B2"><v>1</v></c>',
    '<c r="AAAA1"><f>1</f><v>1</v></c>',
    '<c r="A12345678"><f>1</f><v>1</v></c>',
    '<c r="A0"><f>1</f><v>1</v></c>',
    '<c r="B2" a=">"><f>1</f><v>1</v></c>',
    '<c r="B2"/><f>1</f>',
    "<c><f>1</f><v>1</v></c>",
    "<f>1</f>",
    '<c r="B2"><f',
    '<c r="B2"><f x="',
]
"""Cells as programs write them, and as no program should."""


def sheet_of(cells, opening="<row r='1'>"):
    return f'<worksheet xmlns="{MAIN}"><sheetData>{opening}{cells}</row></sheetData></worksheet>'.encode()


def found(read, sheet):
    """The formula cells of a sheet, or the refusal."""
    try:
        return read(sheet).all
    except NotSupported as problem:
        return str(problem)


@pytest.mark.parametrize("cell", CELLS)
def test_formula_cells_are_those_that_the_pattern_finds(cell):
    for sheet in (sheet_of(cell), sheet_of(CELLS[0] + cell + CELLS[1]), sheet_of(cell)[: -len("</worksheet>")]):
        assert found(formula_cells, sheet) == found(by_pattern, sheet)


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("opening", ['<row r="7" spans="1:3">', "<row r='7'>", '<row spans="1:3" r="7">', "<row>"])
def test_the_ends_of_a_sheet_are_those_that_the_patterns_find(cell, opening):
    data = sheet_of(CELLS[0] + cell, opening)
    ends = last_row(data), max(map(column_number, COLUMN.findall(data)))
    assert Layout(data).last() in (ends, None)
    assert Sheet("S", data).ends == ends


@pytest.mark.parametrize("text", [b"1_0", b"nan", b"1e999", b"ten"])
def test_a_number_that_is_none_is_refused_by_its_address(text):
    data = sheet_of('<c r="A1"><f>1</f><v>5</v></c><c r="B7"><f>1</f><v>TEXT</v></c>').replace(b"TEXT", text)
    with pytest.raises(NotSupported, match="B7 stores"):
        _ = formula_cells(data).numbers


def test_stored_numbers_are_those_of_plain_cells():
    stored = ["2.5", "-1e-3", "007", " 4 "]
    cells = "".join(f'<c r="A{row}"><f>1</f><v>{text}</v></c>' for row, text in enumerate(stored, 1))
    others = '<c r="A8" t="str"><f>1</f><v>5</v></c><c r="A9"><f>1</f></c>'
    numbers = formula_cells(sheet_of(cells + others)).numbers
    assert numbers[:4].tolist() == [2.5, -0.001, 7.0, 4.0]
    assert np.isnan(numbers[4:]).all()


def copies(rows, text, attributes=""):
    """A column of copies of one formula, with the texts of some rows instead."""
    return sheet_of(
        "".join(f'<c r="C{row}"><f{attributes.get(row, "")}>{text(row)}</f><v>1</v></c>' for row in rows)
        if attributes
        else "".join(f'<c r="C{row}"><f>{text(row)}</f><v>1</v></c>' for row in rows)
    )


@pytest.mark.parametrize(
    "odd",
    [{}, {90: "A90*3"}, {1_000: "A999*2+$B$1-B1003%"}, {r: f"B{r}" for r in range(200, 1_200, 70)}],
)
def test_long_columns_of_copies_have_the_shapes_of_their_texts(odd):
    def text(row):
        return odd.get(row, f"A{row}*2+$B$1-B{row + 4}%")

    shapes = shapes_of(Sheet("S", copies(range(1, 1_400), text)))
    assert sum(map(len, shapes)) == 1_399
    known = {row: number for number, shape in enumerate(shapes) for row, _ in shape.cells}
    usual = known[1]
    assert {row for row, number in known.items() if number != usual} == set(odd)
    assert list(shapes[usual].cells) == [(row, 3) for row in range(1, 1_400) if row not in odd]


def test_a_copy_with_attributes_within_a_long_column_is_read_by_itself():
    marked = {500: ' t="array" ref="C500:C500"'}
    shapes = shapes_of(Sheet("S", copies(range(1, 900), lambda row: f"A{row}*2", marked)))
    assert {shape.form: len(shape) for shape in shapes} == {Form.ORDINARY: 898, Form.ARRAY: 1}


def test_what_a_sheet_holds_is_what_the_engine_gives():
    lines = [[1.0, None, "a", True], [float("inf"), float("nan"), 3, ExcelError.NA], [None, 2.5, "", False]]
    for blocks, size in (([lines], (3, 4)), ([lines[:2], lines[2:]], (3, 4)), ([[*zip(*lines, strict=True)]], (4, 3))):
        seen = Seen.of(blocks, size)
        flat = seen if size == (3, 4) else Seen(seen.values.T, seen.tags.T, {})
        error = TAGS[ExcelError.NUM]
        assert flat.tags[1:, 1:].tolist() == [
            [NUMBER, BLANK, TEXT, LOGICAL],
            [error, error, NUMBER, TAGS[ExcelError.NA]],
            [BLANK, NUMBER, TEXT, LOGICAL],
        ]
        assert flat.values[1:, 1:].tolist() == [[1, 0, 0, 1], [0, 0, 3, 0], [0, 2.5, 0, 0]]
        assert sorted(seen.texts.values()) == ["", "a"]
    with pytest.raises(CannotVectorise, match="lies beyond"):
        Seen.of([], (1_048_576, 16_384))


def test_changes_are_seen_in_numbers_kinds_and_texts():
    before = Seen.of([[[1.0, "a", "b", None]]], (1, 4))
    after = Seen.of([[[1.0, "a", "c", 0.0]]], (1, 4))
    assert before.changed(after)[1].tolist() == [False, False, False, True, True]


# sweeps

FORMULAS = {
    "B": "A{r}*x+$F$1",
    "C": 'IF(B{r}>x*4,B{r}/(A{r}-3),D{r}&"!")',
    "E": "SUM(A$2:B{r})-SUM(B$2:B{r})",
    "G": "SUM(B$2:B{r})",
    "H": "SUM(B{r}:B{s})*2",
    "I": 'IF(D{r}="b",x,A{r}>4)',
    "J": "MAX(B$2:B$9)-A{r}",
    "K": "IF(r{r}>0,B{r})",
    "L": "UPPER(D{r})&x",
    "M": "SUM(K$2:K{r})",
    "N": "SUM(C$2:C{r})",
    "O": "ROW()*x",
    "P": "MATCH(x,A$2:A{s},1)",
    "Q": "LARGE(B$2:B$9,A{r}/A{r})",
    "R": "IF(r{r}=1,x,R{q}+B{r})",
}


@pytest.fixture(scope="module")
def swept(tmp_path_factory):
    """A workbook in which every formula stands in 300 rows, and one that adds everything up."""
    path = tmp_path_factory.mktemp("at-once") / "rows.xlsx"
    book = Workbook()
    sheet = book.active
    sheet["F1"], sheet["F2"], sheet["F3"] = 10.0, "b", None
    sheet["A1"] = 2.0
    book.defined_names["x"] = roi_name("x", "Sheet!$A$1")
    for row in range(2, 302):
        sheet.cell(row, 1, float(row % 7) if row % 11 else None)
        sheet.cell(row, 4, "ab"[row % 2])
        for column, formula in FORMULAS.items():
            text = formula.replace("r{r}", f"{row - 1}").format(r=row, s=row + 3, q=row - 1)
            sheet[f"{column}{row}"] = f"={text}"
    sheet["S1"] = "=" + "+".join(f"COUNTA({column}2:{column}301)" for column in FORMULAS)
    book.save(path)
    model = roi_xl.open_model(path)
    outputs = [Address("Sheet", row, ord(column) - 64) for row in range(2, 302) for column in FORMULAS]
    return Evaluator.of(model, [model.find("x")], [*outputs, model.find("Sheet!S1")])


def roi_name(name, text):
    from openpyxl.workbook.defined_name import DefinedName

    return DefinedName(name, attr_text=text)


def every_value(evaluator, units, given):
    """The values of all cells that vary, by the code of some units."""
    TEXTS.clear()
    plan = evaluator.plan
    alone = Evaluator(evaluator.model, type(plan)(plan.inputs, plan.outputs, units, plan.slots, plan.constants))
    with np.errstate(all="ignore"):
        env = alone.run([given])
    cells = {step.place: settled(env.cells[step.slot]) for step in plan.steps}
    assert not alone.gave_up
    return {
        (str(place), case): plain(cell, case) if isinstance(cell, Vector) else cell
        for place, cell in cells.items()
        for case in range(len(given))
    }


def test_cells_of_one_formula_are_together_what_they_are_alone(swept):
    given = np.array([2.0, -1.5, 0.0, 30.0])
    together = every_value(swept, swept.plan.units, given)
    alone = every_value(swept, swept.plan.steps, given)
    assert together.keys() == alone.keys()
    assert {
        place: (value, alone[place]) for place, value in together.items() if value != pytest.approx(alone[place])
    } == {}


def test_most_cells_of_one_formula_are_evaluated_together(swept):
    units = swept.plan.units
    columns = {unit.steps[0].place.cell[0] for unit in units if isinstance(unit, Together)}
    assert columns >= set("BCGHIJL")
    assert "R" not in columns  # each reads the one above
    assert max(len(unit.steps) for unit in units if isinstance(unit, Together)) == 128


def test_cells_together_are_what_the_engine_gives(swept):
    given = np.array([2.0, -1.5, 0.0, 30.0])
    columns = swept.columns([given])
    names = [str(place) for place in swept.plan.outputs]
    assert swept.check([given], columns, names) == 4


def test_scenarios_are_cut_into_smaller_pieces_where_many_cells_are_evaluated_together(swept, monkeypatch):
    assert evaluate.LEAST < swept.chunk_size < evaluate.CHUNK
    monkeypatch.setattr(evaluate, "LEAST", 3)
    given = [np.linspace(-3, 3, 5)]
    whole = swept.columns(given)
    monkeypatch.setattr(evaluate, "ELEMENTS", 1)
    assert swept.chunk_size == 3
    pieces = swept.columns(given)
    place = swept.plan.outputs.index(Address("Sheet", 7, 15))
    assert [plain(pieces[place], case) for case in range(5)] == [plain(whole[place], case) for case in range(5)]
    assert len({plain(pieces[place], case) for case in range(5)}) > 1


def test_of_many_scenarios_each_cell_is_evaluated_alone_and_gives_the_same(swept, monkeypatch):
    given = [np.linspace(-3, 3, 5)]
    together = [values_of(column, 5) for column in swept.columns(given)]
    monkeypatch.setattr(evaluate, "MANY", 5)
    monkeypatch.setattr(iterate, "run_together", None)  # nobody calls it
    assert [values_of(column, 5) for column in swept.columns(given)] == together


def test_groups_come_in_the_order_of_what_they_read():
    reads = {"a1": [], "a2": [], "b1": ["a1"], "b2": ["a2", "b1"], "c1": ["a1", "a2"], "c2": ["c0"]}
    groups = list(in_groups(list(reads), lambda node: node[0], reads.__getitem__))
    assert groups == [(True, ["a1", "a2"]), (False, ["b1", "b2"]), (True, ["c1", "c2"])]


def test_groups_of_a_long_chain_need_no_recursion():
    nodes = list(range(20_000, -1, -1))
    groups = list(in_groups(nodes, lambda node: node // 2, lambda node: [node + 1] if node < 20_000 else []))
    assert groups[0] == (True, [20_000])
    assert groups[1] == (False, [19_999, 19_998])
    assert len(groups) == 10_001


def test_a_long_part_of_a_column_is_read_as_its_last_cell_and_what_lies_above():
    cells = MayVary.of(Address("S", row, 2) for row in range(1, 200, 2))
    (part,) = cells.within(("S", 1, 1, 190, 5))
    assert part == Part("S", 2, 0, 94)
    assert cells.read_by(part) == [Part("S", 2, 0, 93), Address("S", 189, 2)]
    assert cells.read_by(Part("S", 2, 4, 5)) == [Address("S", 9, 2), Address("S", 11, 2)]
    assert list(cells.within(("S", 2, 2, 6, 2))) == [Address("S", 3, 2), Address("S", 5, 2)]
    assert list(cells.within(("S", 2, 2, 2, 2))) == []
    assert list(cells.within(("T", 1, 1, 9, 9))) == []
    assert len(list(cells.cells(part))) == 95
