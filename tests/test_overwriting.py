"""Does any command write over what it reads?"""

import re
from pathlib import Path

import pytest
from openpyxl import Workbook

from roi_xl.cli import main

OVER_ITS_INPUT = [
    ["sweep", "m.xlsx", "--grid", "a=1,2", "-o", "m.xlsx"],
    ["sweep", "m.xlsx", "--grid", "a=1,2", "--risk", "./m.xlsx"],
    ["sweep", "m.xlsx", "rows.csv", "-o", "rows.csv"],
    ["sweep", "m.xlsx", "rows.csv", "-o", "linked.csv"],
    ["sweep", "m.xlsx", "rows.csv", "-o", "new.xlsx", "--risk", "new.xlsx"],
    ["observe", "rows.csv", "--baseline", "a", "--fine-tuned", "b", "--rejects", "rows.csv"],
    ["observe", "r*.csv", "--baseline", "a", "--fine-tuned", "b", "--rejects", "rows.csv"],
    ["observe", ".", "--baseline", "a", "--fine-tuned", "b", "-o", "m.xlsx"],
]


@pytest.mark.parametrize("arguments", OVER_ITS_INPUT, ids=" ".join)
def test_no_command_writes_over_what_it_reads(tmp_path, monkeypatch, capsys, arguments):
    monkeypatch.chdir(tmp_path)
    Workbook().save("m.xlsx")
    Path("rows.csv").write_text("a\n1\n")
    Path("linked.csv").symlink_to("rows.csv")
    before = {path: path.read_bytes() for path in Path().iterdir()}
    assert main(arguments) == 2
    assert re.search("which this command reads; write to another file|both name new.xlsx", capsys.readouterr().err)
    assert {path: path.read_bytes() for path in Path().iterdir()} == before
