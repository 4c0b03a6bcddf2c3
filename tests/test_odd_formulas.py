"""One formula that nobody can read, or that the engine has no answer for, beside a model that is sound.

B1 is A8+A3, B2 the odd formula, B3 reads it. A change that does not reach B2 goes through, whether the
file stores its value, which stays, or not, where it stays blank with all that reads it.
"""

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.formula import ArrayFormula
from openpyxl.worksheet.table import Table
from recalc_helpers import SHEET, parts, rewrite, with_stored

import roi_xl
from roi_xl.cli import main
from roi_xl.errors import ExcelError, NotReproduced, NotSupported, NotTaken, NotVerified, Status
from roi_xl.formula.lexical import areas_named
from roi_xl.formula.tokens import Unreadable
from roi_xl.recalc import dependents
from roi_xl.recalc.taking_over import evaluated_again
from roi_xl.xlsx.addresses import Address, column_letters

ODD = {
    "a function of somebody's add-in": "FOO(A2)",
    "a function inside IFERROR": "IFERROR(FOO(A2),1)",
    "a function newer than ours": "_xlfn.GROUPBY(A1:A3,A2:A3,_xleta.SUM)",
    "several ranges where one belongs": "SUMPRODUCT((A1:A3,A2:A6))",
    "a bracket too few": "SUM(A2",
    "two operators": "A2+*3",
    "nested too deeply": "ABS(" * 300 + "A2" + ")" * 300,
    "another workbook": "[1]Sheet1!A1+A2",
    "another workbook by its name": "'[other.xlsx]Sheet1'!A1+A2",
    "a sheet that is not there": "SUM(Sheet:Gone!A1)+A2",
    "a table that is not there": "Gone[amount]+A2",
    "a decimal comma of another country": "A2-(-4,3)",
    "a LAMBDA for a number": "A2*_xlfn.LAMBDA(_xlpm.x,_xlpm.x)",
    "a circular reference": "B2+A2",
}


def workbook(path, formula, stored):
    book = Workbook()
    sheet = book.active
    cells = {"A1": 3, "A2": 4, "A3": 2, "A8": 3, "B1": "=A8+A3", "B2": f"={formula}", "B3": "=B2+1"}
    for address, value in cells.items():
        sheet[address] = value
    book.save(path)
    for address, value in {"B1": 5, "B2": 7, "B3": 8}.items() if stored else ():
        rewrite(path, lambda contents, a=address, v=value: {**contents, SHEET: with_stored(contents[SHEET], a, v)})
    return path


@pytest.mark.parametrize("stored", [True, False], ids=["stored", "no values"])
@pytest.mark.parametrize("formula", ODD.values(), ids=ODD)
def test_one_odd_formula_stops_no_change_that_does_not_reach_it(tmp_path, capfd, formula, stored):
    path = workbook(tmp_path / "case.xlsx", formula, stored)
    model = roi_xl.open_model(path)
    model.calculate({"Sheet!A8": 5})
    model.save(tmp_path / "out.xlsx")
    sheet = load_workbook(tmp_path / "out.xlsx", data_only=True).active
    known = (7, 8) if stored else (None, None)
    assert [sheet[cell].value for cell in ("B1", "B2", "B3")] == [7, *known]
    named = (*(one.place for one in model.differences), *model.left_open, *model.verification.unverified)
    assert "B2" in {place.cell for place in named}
    with pytest.raises(NotReproduced, match="Sheet!B2"):
        roi_xl.open_model(path).calculate({"Sheet!A2": 5})
    assert capfd.readouterr().err == ""


def test_what_is_left_open_keeps_every_byte_and_is_named(tmp_path):
    path = workbook(tmp_path / "case.xlsx", "FOO(A2)", stored=False)
    model = roi_xl.open_model(path)
    model.calculate({"Sheet!A8": 5})
    model.save(tmp_path / "out.xlsx")
    before, after = parts(path)[SHEET], parts(tmp_path / "out.xlsx")[SHEET]
    for cell in (b"B2", b"B3"):
        assert cell_of(before, cell) == cell_of(after, cell)
    assert {str(place): why for place, why in model.left_open.items()} == {
        "Sheet!B2": "FOO, which is not known over arrays",
        "Sheet!B3": "reads a cell without a value",
    }
    assert model.changed == (1, 3)
    trusting = roi_xl.open_model(path, trust_engine=True)
    trusting.calculate({"Sheet!A2": 5})
    assert not trusting.left_open


def cell_of(sheet, cell):
    """A cell in a sheet's bytes."""
    start = sheet.index(b'r="%b"' % cell)
    return sheet[start : sheet.index(b"</c>", start)]


@pytest.mark.parametrize("most", [300, 20], ids=["cell by cell", "then all copies"])
def test_what_reads_an_open_cell_by_a_long_way_is_open_too(tmp_path, monkeypatch, most):
    """A chain of cells, and a range that is computed and leads to one of them; one that leads elsewhere is not."""
    monkeypatch.setattr(dependents, "MOST_ROUNDS", most)
    book = Workbook()
    sheet = book.active
    sheet["A1"], sheet["B1"], sheet["C1"] = 1, "=FOO(3)", "=A1*2"
    for row in range(2, 130):
        sheet[f"B{row}"] = f"=B{row - 1}+1"
        sheet[f"C{row}"] = f"=1+C{row - 1}"
    sheet["D1"], sheet["E1"] = "=SUM(OFFSET(A1,3,1))", "=SUM(OFFSET(A1,0,0))"
    book.save(tmp_path / "case.xlsx")
    model = roi_xl.open_model(tmp_path / "case.xlsx")
    model.calculate({"Sheet!A1": 2})
    assert {place.cell for place in model.left_open} == {"D1", *(f"B{row}" for row in range(1, 130))}
    assert model.value(model.find("Sheet!E1")) == 2
    assert model.value(model.find("Sheet!C129")) == 2 * 2 + 128


def test_a_circle_that_the_settings_do_not_allow_is_named_with_its_path_and_never_written(tmp_path, capsys):
    book = Workbook()
    sheet = book.active
    sheet["A1"], sheet["D1"] = 2, "=A1*2"
    sheet["B1"], sheet["C1"], sheet["E1"] = "=C1+A1", "=B1*2", "=IFERROR(B1,0)"
    book.save(tmp_path / "m.xlsx")
    path = "circular reference: Sheet!B1 → Sheet!C1 → Sheet!B1"
    assert main(["check", str(tmp_path / "m.xlsx")]) == Status.FINDINGS
    told = capsys.readouterr().out
    assert path in told
    assert "1 of 4 formulas verified" in told
    for target in ([], ["-o", str(tmp_path / "o.xlsx")]):
        change = ["recalc", str(tmp_path / "m.xlsx"), "--set", "Sheet!A1=3", *target]
        assert main(change) == Status.NOT_REPRODUCED
        assert path in capsys.readouterr().err
    assert not (tmp_path / "o.xlsx").exists()


def test_a_sweep_does_not_take_what_hides_an_unknown_function(tmp_path):
    path = workbook(tmp_path / "case.xlsx", "IFERROR(FOO(A2),1)", stored=False)
    assert roi_xl.open_model(path).sweep({"Sheet!A8": [1, 2]}, read=["Sheet!B1"])["Sheet!B1"].tolist() == [3, 4]
    for changed in ("Sheet!A2", "Sheet!A8"):
        with pytest.raises(NotVerified, match="Sheet!B2"):
            roi_xl.open_model(path).sweep({changed: [4, 5]}, read=["Sheet!B3"])


@pytest.fixture(scope="module")
def names(tmp_path_factory):
    """The names of a workbook with a table, and with names of cells, of a name, and of a computed range."""
    book = Workbook()
    sheet = book.active
    for row in (["Item", "Units"], [1, 2], [3, 4]):
        sheet.append(row)
    sheet.add_table(Table(displayName="Sales", ref="A1:B3"))
    for name, text in {"one": "Sheet!$D$4", "same": "one*2", "moved": "OFFSET(Sheet!$A$1,1,0)"}.items():
        book.defined_names[name] = DefinedName(name, attr_text=text)
    path = tmp_path_factory.mktemp("names") / "case.xlsx"
    book.save(path)
    return roi_xl.open_model(path).book.formulas.names


WORDS = {
    "A1+*B2:C3": ["A1:A1", "B2:C3"],
    "SUM(Sheet!D4": ["D4:D4"],
    "same+*B1": ["D4:D4", "B1:B1"],
    "Sales[Units]+*2": ["B2:B3"],
    "Gone!A1+*Gone[x]+nowhere": [],
    'A:A&*"B7"': ["A1:A3"],
}


@pytest.mark.parametrize(("formula", "areas"), WORDS.items())
def test_what_a_formula_reads_that_cannot_be_parsed_is_told_by_its_words(names, formula, areas):
    found = areas_named(formula, names, Address("Sheet", 9, 9))
    assert [
        f"{column_letters(left)}{top}:{column_letters(right)}{bottom}" for _, top, left, bottom, right in found
    ] == areas


@pytest.mark.parametrize("formula", ["OFFSET(A1,1,0)+*2", "A1#+*2", "moved+*2", 'A1&"open'])
def test_what_computes_a_range_may_read_anything(names, formula):
    with pytest.raises(Unreadable):
        list(areas_named(formula, names, Address("Sheet", 9, 9)))


@pytest.mark.parametrize("text", ["CHOOSECOLS(A1:A2)", "CHOOSEROWS(A1)", "SORTBY(A1:A2)"])
def test_a_function_with_too_few_arguments_is_left_to_the_engine_and_stops_nothing(tmp_path, text):
    book = Workbook()
    sheet = book.active
    sheet["A1"], sheet["A2"], sheet["B1"], sheet["C1"], sheet["A3"] = 1, 2, f"=_xlfn.{text}", "=A3*2", 3
    book.save(tmp_path / "m.xlsx")
    model = roi_xl.open_model(tmp_path / "m.xlsx")
    model.calculate({"Sheet!A3": 4})
    assert model.value(model.find("Sheet!C1")) == 8
    assert "B1" in {place.cell for place in (*model.left_open, *model.verification.unverified)}


def test_prices_of_models_go_down_a_column(tmp_path):
    """Each looked up by its own texts; numbers, and kinds that are none, are errors of their own cells."""
    wanted = [
        ("gpt-4o", "input", 2.5),
        ("gpt-4o-mini", "output", 0.6),
        ("gpt-4.1", "nonsense", ExcelError.NAME),
        (5, 7, ExcelError.NAME),
    ]
    book = Workbook()
    sheet = book.active
    for row, (model, kind, _) in enumerate(wanted, start=1):
        sheet.cell(row, 1).value, sheet.cell(row, 2).value = model, kind
        sheet.cell(row, 3).value = f"=ROI_MODEL_PRICE(A{row},B{row})"
    book.save(tmp_path / "m.xlsx")
    model = roi_xl.open_model(tmp_path / "m.xlsx")
    model.calculate({"Sheet!D1": 1})
    assert [model.value(model.find(f"Sheet!C{row}")) for row in range(1, 5)] == [price for *_, price in wanted]
    assert model.verification.verified == len(wanted)


@pytest.mark.parametrize("number_format", ["[$-411]mmmm", "[$-407]mmm", "[$-ja-JP]dddd", "[$-415]ddd", "[$-F800]yyyy"])
@pytest.mark.parametrize("stored", [True, False])
def test_names_in_a_language_that_is_not_known_are_nobodys(tmp_path, number_format, stored):
    """The engine would give them in English."""
    book = Workbook()
    sheet = book.active
    sheet["A1"], sheet["A2"], sheet["B1"], sheet["B2"] = 45536, 1, f'=TEXT(A1,"{number_format}")', '=B1&"x"'
    sheet["B3"] = "=A2*2"
    path = tmp_path / "m.xlsx"
    book.save(path)
    if stored:
        for cell, value in (("B1", "name"), ("B2", "namex"), ("B3", 2)):
            rewrite(path, lambda c, a=cell, v=value: {**c, SHEET: with_stored(c[SHEET], a, v)})
    model = roi_xl.open_model(path)
    model.calculate({"Sheet!A2": 5})
    kept = ["name", "namex"] if stored else [None, None]
    assert [model.value(model.find(f"Sheet!{cell}")) for cell in ("B1", "B2", "B3")] == [*kept, 10]
    with pytest.raises(NotReproduced, match="Sheet!B1"):
        roi_xl.open_model(path).calculate({"Sheet!A1": 45658})


def test_months_in_another_language_follow_a_change(tmp_path):
    """September is the same in German and English, January is not."""
    book = Workbook()
    book.active["A1"], book.active["B1"] = 45536, '=TEXT(A1,"[$-407]mmmm yyyy")'
    path = tmp_path / "m.xlsx"
    book.save(path)
    rewrite(path, lambda c: {**c, SHEET: with_stored(c[SHEET], "B1", "September 2024")})
    model = roi_xl.open_model(path)
    model.calculate({"Sheet!A1": 45658})
    assert model.value(model.find("Sheet!B1")) == "Januar 2025"
    assert not model.verification.unverified


@pytest.mark.parametrize("name", ["sheet1", "SHEET1", "Sheet1", "sheet2"])
@pytest.mark.parametrize("fresh", [True, False])
def test_a_sheet_may_be_named_like_the_engines_first_one(tmp_path, name, fresh):
    book = Workbook()
    sheet, other = book.active, book.create_sheet("other")
    sheet.title = name
    sheet["B1"], sheet["B2"], sheet["A1"], sheet["A2"] = 2, 3, "=B1*3", f"=B2*3+{name.lower()}!A1"
    other["A1"], other["A2"] = f"={name.upper()}!A1", f'=SUM(INDIRECT("{name}!A1:A2"))'
    book.save(tmp_path / "case.xlsx")
    if not fresh:
        first = roi_xl.open_model(tmp_path / "case.xlsx", strict=True)
        first.calculate()
        first.save(tmp_path / "case.xlsx")
    model = roi_xl.open_model(tmp_path / "case.xlsx", strict=True)
    model.calculate({f"{name}!B1": 10})
    model.save(tmp_path / "changed.xlsx")
    found = load_workbook(tmp_path / "changed.xlsx", data_only=True)
    assert [found[name]["A1"].value, found[name]["A2"].value] == [30, 39]
    assert [found["other"]["A1"].value, found["other"]["A2"].value] == [30, 69]
    swept = roi_xl.open_model(tmp_path / "case.xlsx").sweep({f"{name}!B1": [2, 10]}, read=["other!A1", "other!A2"])
    assert swept["other!A2"].tolist() == [21, 69]


def test_a_name_of_the_workbook_itself_where_the_sheet_has_one_of_its_own(tmp_path):
    book = Workbook()
    sheet, other = book.active, book.create_sheet("other")
    book.defined_names["rate"] = DefinedName("rate", attr_text="Sheet!$B$1")
    other.defined_names["rate"] = DefinedName("rate", attr_text="Sheet!$B$2")
    sheet["B1"], sheet["B2"], other["A1"], other["A2"] = 2, 3, "=[0]!rate*10", "=rate*10"
    book.save(tmp_path / "case.xlsx")
    model = roi_xl.open_model(tmp_path / "case.xlsx", strict=True)
    model.calculate({"Sheet!B1": 5})
    assert [model.value(model.find(f"other!A{row}")) for row in (1, 2)] == [50, 30]


@pytest.mark.parametrize("text", ["_xlfn.LAMBDA(_xlpm.x,_xlpm.x+1)", "_xlfn.LAMBDA(x)"])
@pytest.mark.parametrize("array", [True, False])
def test_a_function_that_is_not_called_is_calc_in_its_cell(tmp_path, text, array):
    book = Workbook()
    sheet = book.active
    sheet["A1"], sheet["C1"] = 1, "=A1*2"
    sheet["B1"] = ArrayFormula("B1", f"={text}") if array else f"={text}"
    book.save(tmp_path / "m.xlsx")
    model = roi_xl.open_model(tmp_path / "m.xlsx")
    model.calculate({"Sheet!A1": 4})
    assert [model.value(model.find(f"Sheet!{cell}")) for cell in ("B1", "C1")] == [ExcelError.CALC, 8]


def test_a_kept_text_with_half_of_a_character_is_kept_as_it_is(tmp_path):
    book = Workbook()
    for address, value in {"A1": "a", "A2": 2, "B1": '=A1&"x"', "C1": "=LEN(B1)", "D1": "=A2*2"}.items():
        book.active[address] = value
    book.save(tmp_path / "m.xlsx")
    stored = {b'&amp;"x"</f><v />': b'&amp;"x"</f><v>a_xD83D_</v>', b"LEN(B1)</f><v />": b"LEN(B1)</f><v>2</v>"}
    stored |= {b"A2*2</f><v />": b"A2*2</f><v>4</v>", b'<c r="B1">': b'<c r="B1" t="str">'}

    def change(contents):
        for old, new in stored.items():
            old = old if old in contents[SHEET] else old.replace(b"<v />", b"<v></v>")
            assert old in contents[SHEET], old
            contents[SHEET] = contents[SHEET].replace(old, new)
        return contents

    rewrite(tmp_path / "m.xlsx", change)
    model = roi_xl.open_model(tmp_path / "m.xlsx")
    model.calculate({"Sheet!A2": 5})
    model.save(tmp_path / "o.xlsx")
    assert model.value(model.find("Sheet!D1")) == 10
    assert Address("Sheet", 1, 2) in model.replay.kept
    assert b"<v>a_xD83D_</v>" in parts(tmp_path / "o.xlsx")[SHEET]


def test_a_formula_that_the_engine_does_not_take_back_is_named(tmp_path):
    book = Workbook()
    book.active["A1"], book.active["B1"] = 1, "=A1*2"
    book.save(tmp_path / "m.xlsx")
    model = roi_xl.open_model(tmp_path / "m.xlsx")
    with pytest.raises(NotSupported, match="cannot take the formula of Sheet!B1"):
        model.book.put_formula(Address("Sheet", 1, 2), "[9]S!A1")


def test_a_cell_that_reads_itself_is_not_put_anew(tmp_path):
    """The engine takes it from a file only; what stands beside it is evaluated all the same."""
    book = Workbook()
    book.active["A1"], book.active["B1"], book.active["C1"] = 2, "=B1*0.5+A1", "=A1*3"
    book.save(tmp_path / "m.xlsx")
    model = roi_xl.open_model(tmp_path / "m.xlsx")
    own, beside = Address("Sheet", 1, 2), Address("Sheet", 1, 3)
    with pytest.raises(NotTaken):
        model.book.put_formula(own, "B1*0.5+A1")
    model.book.put(Address("Sheet", 1, 1), 5)
    evaluated_again(model.book, [own, beside])
    assert model.book.value(beside) == 15
