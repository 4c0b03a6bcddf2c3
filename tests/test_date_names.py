"""TEXT with a language: the names of its months and days, or nobody's answer.

The names are those of Unicode's tables (CLDR) and of Windows where both agree; a real LibreOffice is asked for all.
"""

import datetime as dt

import pytest
from openpyxl import Workbook
from recalc_helpers import make

import roi_xl
from roi_xl.cli import main
from roi_xl.errors import CannotVectorise
from roi_xl.excel.date_names import LANGUAGES, NAMES, OTHERS
from roi_xl.excel.number_format import shown

DAY = 45292
"""Monday, January 1, 2024."""

ANSWERS = [
    (45536, "[$-407]mmmm yyyy", "September 2024"),
    (45658, "[$-407]mmmm yyyy", "Januar 2025"),
    (DAY, "[$-407]dddd, d. mmmm yyyy", "Montag, 1. Januar 2024"),
    (DAY, "[$-de-DE]ddd d. m.", "Mo 1. 1."),
    (DAY, "[$-C07]mmmm", "Jänner"),
    (DAY, "[$-de-AT]mmmm", "Jänner"),
    (DAY, "[$-1010407]mmmm", "Januar"),
    (DAY, "[$-40C]ddd d mmm yyyy", "lun. 1 janv. 2024"),
    (DAY + 213, "[$-fr-CA]d mmmm yyyy", "1 août 2024"),
    (DAY, '[$-C0A]d" de "mmmm" de "yyyy', "1 de enero de 2024"),
    (DAY, "[$-410]dddd d mmmm", "lunedì 1 gennaio"),
    (DAY, "[$-416]dddd, d mmmm", "segunda-feira, 1 janeiro"),
    (DAY, "[$-41F]ddd d mmm", "Pzt 1 Oca"),
    (DAY, "[$-413]mmmmm", "j"),
    (DAY, "[$-409]dddd, mmmm d, yyyy", "Monday, January 1, 2024"),
    (DAY, "[$-809]dd/mm/yyyy", "01/01/2024"),
    (DAY, "[$-0]mmm", "Jan"),
    (0.75, "[$-409]h:mm AM/PM", "6:00 PM"),
    (0.75, "[$-407]hh:mm", "18:00"),
    (DAY, "[$-405]d. m. yyyy", "1. 1. 2024"),
    (DAY, '[$-411]yyyy"年"m"月"d"日"', "2024年1月1日"),
    (1234.5, "[$-407]#,##0.00", "1,234.50"),
    (1234.5, "[$€-407] #,##0.00", "€ 1,234.50"),
]

NOBODY = [
    "[$-415]d mmmm yyyy",
    "[$-419]mmmm",
    "[$-40B]d mmmm",
    "[$-411]dddd",
    "[$-411]e",
    "[$-814]dddd",
    "[$-C0A]mmm",
    "[$-418]dddd",
    "[$-41E]yyyy",
    "[$-107041E]d mmmm yyyy",
    "[$-2010401]d/mm/yyyy",
    "[$-F800]dddd, mmmm dd, yyyy",
    "[$-F400]h:mm:ss",
    "[$-x-sysdate]dddd, mmmm dd, yyyy",
    "[$-407]h:mm AM/PM",
    "[$-407]mmm",
]


@pytest.mark.parametrize(("number", "number_format", "wanted"), ANSWERS)
def test_names_are_those_of_the_language(number, number_format, wanted):
    assert shown(number, number_format) == wanted


@pytest.mark.parametrize("number_format", NOBODY)
def test_what_nobody_knows_for_sure_is_not_guessed(number_format):
    with pytest.raises(CannotVectorise):
        shown(DAY, number_format)


def test_a_heading_in_german_follows_its_date(tmp_path):
    cells = {"A1": 45536, "B1": '=TEXT(A1,"[$-407]mmmm yyyy")', "C1": '=IF(B1="Januar 2025",1,0)'}
    path = make(tmp_path / "m.xlsx", cells)
    model = roi_xl.open_model(path)
    model.calculate({"Sheet!A1": 45658})
    assert [model.value(model.find(f"Sheet!{cell}")) for cell in ("B1", "C1")] == ["Januar 2025", 1]
    assert model.verification.verified == 2


def test_a_heading_in_polish_stops_what_reaches_it(tmp_path, capsys):
    book = Workbook()
    book.active["A1"], book.active["B1"] = 45536, '=TEXT(A1,"[$-415]mmmm yyyy")'
    book.save(tmp_path / "m.xlsx")
    assert main(["check", str(tmp_path / "m.xlsx")]) == 1
    assert "Sheet!B1 is left without a value" in capsys.readouterr().out
    assert main(["recalc", str(tmp_path / "m.xlsx"), "--set", "Sheet!A1=45658"]) == 3


@pytest.mark.slow
def test_a_real_libreoffice_has_the_same_names(tmp_path, soffice):
    """All but those that are not sure; LibreOffice has names of its own for none of these countries."""
    codes = {language: code | 0x400 for code, language in LANGUAGES.items()} | {"es": 0xC0A}
    codes |= {language: code for code, language in OTHERS.items() if language in NAMES}
    days = [dt.date(2024, month, 15) for month in range(1, 13)], [dt.date(2024, 9, day) for day in range(1, 8)]
    asked = []
    for language, names in NAMES.items():
        forms = {"mmmm": names.months, "mmm": names.short_months, "dddd": names.days, "ddd": names.short_days}
        for form, known in forms.items():
            if not known:
                continue
            code = f"[$-{codes[language]:X}]{form}"
            asked += [(day, code, name) for day, name in zip(days[form[0] == "d"], known, strict=True)]
    book = Workbook()
    for row, (day, number_format, _) in enumerate(asked, start=1):
        book.active.cell(row, 1).value = f'=TEXT(DATE({day.year},{day.month},{day.day}),"{number_format}")'
    book.save(tmp_path / "names.xlsx")
    model = roi_xl.open_model(tmp_path / "names.xlsx", engine="libreoffice")
    model.calculate()
    cells = [model.find(f"Sheet!A{row}") for row in range(1, len(asked) + 1)]
    assert [model.value(cell) for cell in cells] == [name for *_, name in asked]
