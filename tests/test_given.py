"""What a cell makes of what it is given: percentages, texts in cells for text, days and numbers of any kind."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from openpyxl import Workbook
from recalc_helpers import values

import roi_xl
from roi_xl.cli import main
from roi_xl.errors import NotANumber, RoiError
from roi_xl.xlsx.cell_formats import formats_of

FORMATS = {
    "A": (0.1, "0.00%"),
    "B": (0.1, "0%"),
    "C": (0.1, '#,##0.0 %;[Red]"-"0.0%'),
    "D": (0.1, '0.0" % of all"'),
    "E": (0.1, "General"),
    "F": ("12", "@"),
    "G": (None, "@"),
    "H": (12, "@"),
    "I": ("12", "General"),
    "J": (46_000, "yyyy-mm-dd"),
}
"""A value for the first row of each column, and its number format; the second row tells what kind it is."""


@pytest.fixture
def book(tmp_path):
    """Cells of several formats, each with a formula that says whether it holds a number."""
    book = Workbook()
    sheet = book.active
    sheet.title = "S"
    for column, (value, shape) in FORMATS.items():
        sheet[f"{column}1"] = value
        sheet[f"{column}1"].number_format = shape
        sheet[f"{column}2"] = f"=ISNUMBER({column}1)"
    path = tmp_path / "m.xlsx"
    book.save(path)
    roi_xl.open_model(path).save(path)
    return path


DOUBTED = [
    ("A", "10", 10, "note: S!A1 10 is 1,000%; for 10% say 10%\n"),
    ("A", "1", 1, "note: S!A1 1 is 100%; for 1% say 1%\n"),
    ("B", "12.5", 12.5, "note: S!B1 12.5 is 1,250%; for 12.5% say 12.5%\n"),
    ("C", "1,000", 1000, "note: S!C1 1000 is 100,000%; for 1000% say 1000%\n"),
    ("A", "1000%", 10, ""),
    ("A", "10%", 0.1, ""),
    ("A", "0.99", 0.99, ""),
    ("A", "-5", -5, ""),
    ("D", "10", 10, ""),
    ("E", "10", 10, ""),
    ("Z", "10", 10, ""),
]


@pytest.mark.parametrize(("column", "typed", "held", "said"), DOUBTED)
def test_a_rate_of_all_and_more_is_doubted_where_its_cell_shows_percentages(book, column, typed, held, said, capsys):
    """Excel would take 10 for 10% there (Microsoft, "Format numbers as percentages"); here it is said what 10 is."""
    assert main(["recalc", str(book), "--set", f"S!{column}1={typed}", "--in-place"]) == 0
    assert capsys.readouterr().err == said
    assert values(book)["S", f"{column}1"] == held


def test_every_command_that_sets_says_it(templates, book, tmp_path, capsys):
    said = "note: discount_rate 10 is 1,000%; for 10% say 10%\n"
    model, new = str(templates["native"]), str(tmp_path / "new.xlsx")
    (tmp_path / "rates.csv").write_text("discount_rate\n0.1\n10\n")
    read = ["--read", "net_present_value"]
    for command in (
        ["template", new, "--set", "discount_rate=10"],
        ["recalc", model, "--set", "discount_rate=10", "--json"],
        ["sweep", model, "--grid", "discount_rate=5,10", *read],
        ["sweep", model, str(tmp_path / "rates.csv"), *read],
        ["goal-seek", model, "net_present_value=5000", "--by", "discount_rate", "--between", "0:10"],
    ):
        assert main(command) == 0
        assert capsys.readouterr().err == said
    assert main(["recalc", model, new, "--set", "discount_rate=10"]) == 0
    assert capsys.readouterr().err.count("discount_rate 10 is 1,000%; for 10% say 10%") == 2
    for command in (
        ["template", new, "--force", "--set", "discount_rate=1000%", "--set", "baseline_success_rate=1"],
        ["sweep", model, "--grid", "discount_rate=5%,10%", "--grid", "monthly_requests=10,20", *read],
        ["recalc", model, "--set", "baseline_success_rate=1"],
    ):
        assert main(command) == 0
        assert capsys.readouterr().err == ""


TEXTS = [
    ("F", "5", "5"),
    ("F", "007", "007"),
    ("F", "10%", "10%"),
    ("F", "2027-01-31", "2027-01-31"),
    ("F", "TRUE", "TRUE"),
    ("F", "#N/A", "#N/A"),
    ("G", "1,000", "1,000"),
    ("F", "", None),
    ("H", "5", 5),
    ("I", "5", 5),
]


@pytest.mark.parametrize(("column", "typed", "held"), TEXTS)
def test_what_is_typed_into_a_cell_for_text_is_text(book, column, typed, held):
    assert main(["recalc", str(book), "--set", f"S!{column}1={typed}", "--in-place"]) == 0
    found = values(book)
    assert (found.get(("S", f"{column}1")), found["S", f"{column}2"]) == (held, isinstance(held, int))


def test_python_gives_a_cell_for_text_the_same(book):
    model = roi_xl.open_model(book)
    for given, held in ((5, "5"), (0.1 + 0.2, "0.3"), (True, "TRUE"), (dt.date(2027, 1, 31), "2027-01-31")):
        model.calculate({"S!F1": given})
        assert model.value(model.find("S!F1")) == held
    with pytest.raises(NotANumber, match=r"S!F1 is formatted as Text, .*; a sweep changes numbers only"):
        model.sweep({"S!F1": [1, 2]}, ["S!F2"])


NUMBERS = [
    ("A", "10%", 0.1),
    ("E", "1,000", 1000),
    ("J", "2027-01-31", 46_418),
    ("J", "2027-01-31 12:00", 46_418.5),
    ("J", np.datetime64("2027-01-31"), 46_418),
    ("J", np.datetime64("2027-01-31T12:00:00.000000000"), 46_418.5),
    ("J", pd.Timestamp("2027-01-31"), 46_418),
]


@pytest.mark.parametrize(("column", "given", "held"), NUMBERS, ids=[repr(given) for _, given, _ in NUMBERS])
def test_a_text_or_a_day_for_a_number_is_the_number(book, column, given, held):
    model = roi_xl.open_model(book)
    model.calculate({f"S!{column}1": given})
    assert model.value(model.find(f"S!{column}1")) == held


def test_a_blank_that_takes_days_only_takes_a_text_for_one(templates):
    model = roi_xl.open_model(templates["native"])
    for day in ("2027-01-01", np.datetime64("2027-01-01"), dt.date(2027, 1, 1)):
        model.calculate(start_month=day)
        assert model.value(model.find("start_month")) == 46_388
    assert model.calculate(discount_rate="10%")["net_present_value"] == pytest.approx(5480.34, abs=0.005)


@pytest.mark.parametrize("given", [np.datetime64("NaT"), pd.NaT, "many", "nan"], ids=repr)
def test_what_is_no_number_and_no_day_is_refused(book, given):
    with pytest.raises(
        RoiError, match=r"S!J1 (takes a day, got NaT|must be a number .* got 'many'|takes a finite number)"
    ):
        roi_xl.open_model(book).calculate({"S!J1": given})


def test_a_text_behind_an_apostrophe_is_no_number(book, capsys):
    assert main(["recalc", str(book), "--set", "S!E1='5"]) == 2
    assert "S!E1 must be a number (S!E1 holds 0.1), got '5'" in capsys.readouterr().err


def test_formats_are_read_in_any_spelling():
    styles = (
        b'<x:styleSheet><x:numFmts><x:numFmt formatCode="0&quot;%&quot;" numFmtId="164"/>'
        b"<x:numFmt numFmtId='165' formatCode='0.0%'/><x:numFmt numFmtId=\"166\"/></x:numFmts>"
        b'<x:cellStyleXfs><x:xf numFmtId="9"/></x:cellStyleXfs><x:cellXfs count="6"><x:xf/><x:xf numFmtId="164">'
        b'<x:alignment/></x:xf><x:xf numFmtId="165"/><x:xf numFmtId="49"/><x:xf numFmtId="166"/></x:cellXfs>'
    )
    assert formats_of(styles) == ("General", '0"%"', "0.0%", "@", "General")
    assert formats_of(b"") == ()
