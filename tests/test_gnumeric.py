"""Does a third spreadsheet program, Gnumeric, come to the values that the workbook stores?"""

import subprocess

import pytest
from openpyxl import load_workbook


def stored(path):
    book = load_workbook(path, data_only=True)
    return {(sheet.title, cell.coordinate): cell.value for sheet in book for row in sheet.iter_rows() for cell in row}


@pytest.mark.filterwarnings("ignore:Workbook contains no default style", "ignore:Print area cannot be set")
@pytest.mark.parametrize("depth", ["quick", "full"])
def test_gnumeric_calculates_the_same_values(ssconvert, tmp_path, templates, full_templates, depth):
    path, target = {"quick": templates, "full": full_templates}[depth]["native"], tmp_path / "theirs.xlsx"
    subprocess.run([ssconvert, "--recalc", path, target], check=True, capture_output=True, timeout=300)
    theirs = stored(target)
    for place, value in stored(path).items():
        if isinstance(value, int | float) and not isinstance(value, bool):
            assert theirs[place] == pytest.approx(value, rel=1e-9, abs=1e-9), place
        else:
            assert (theirs.get(place) or None) == (value or None), place
