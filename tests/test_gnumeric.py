"""Does a third spreadsheet program, Gnumeric, come to the values that the workbook stores?"""

import subprocess

import pytest
from openpyxl import load_workbook

import roi_xl


def stored(path):
    book = load_workbook(path, data_only=True)
    return {(sheet.title, cell.coordinate): cell.value for sheet in book for row in sheet.iter_rows() for cell in row}


@pytest.mark.filterwarnings("ignore:Workbook contains no default style", "ignore:Print area cannot be set")
@pytest.mark.parametrize("case", ["quick", "full", "loss"])
def test_gnumeric_calculates_the_same_values(ssconvert, tmp_path, templates, full_templates, case):
    path, target = {"full": full_templates}.get(case, templates)["native"], tmp_path / "theirs.xlsx"
    if case == "loss":  # there is no rate of return, which is an error in every program
        model = roi_xl.open_model(path)
        model.calculate(monthly_requests=0)
        path = tmp_path / "loss.xlsx"
        model.save(path)
    subprocess.run([ssconvert, "--recalc", path, target], check=True, capture_output=True, timeout=300)
    theirs = stored(target)
    for place, value in stored(path).items():
        if isinstance(value, int | float) and not isinstance(value, bool):
            assert theirs[place] == pytest.approx(value, rel=1e-9, abs=1e-9), place
        else:
            assert (theirs.get(place) or None) == (value or None), place
