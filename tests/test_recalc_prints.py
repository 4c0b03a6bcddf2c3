"""What does recalc print: what changed most, and everything on request?"""

import json
import re

import pytest
from recalc_helpers import make

from roi_xl.cli import main


def test_recalc_prints_what_changed_most_and_everything_on_request(templates, capsys):
    change = ["recalc", str(templates["native"]), "--set", "monthly_requests=150000"]
    assert main(change) == 0
    out = capsys.readouterr().out
    changes = re.findall(r"[+-]([0-9,.]+)% │$", out, re.MULTILINE)
    assert len(changes) == 11  # and the sentence of what turns the answer
    assert changes == sorted(changes, key=lambda text: -float(text))
    assert re.search(r"net_benefit .* 5,900.00 .* 10,700.00 .* \+81.4%", out)
    assert len(re.findall("10,700.00", out)) == 1, "what has the same values is shown once"
    assert re.search(r"breakeven_months .* 3.57 .* 2.27", out)
    assert "rate_guess" not in out, "results come before helper cells"
    assert " investment " not in out
    assert re.search(r"^2[0-9] of [0-9]+ named outputs changed; --all lists every one$", out, re.MULTILINE)
    assert main([*change, "--all"]) == 0
    out = capsys.readouterr().out
    assert re.search(r"investment .* 3,700.00 .* 3,700.00", out)
    assert "--all" not in out


def test_cells_without_names_are_shown_where_they_changed_most(tmp_path, capsys):
    cells = {
        "A1": 4,
        "A2": "=A1*2",
        "A3": "=A2+92",
        "A4": '=IF(A1>5,"many","few")',
        "A5": "=A1-4",
        "B1": 7,
        "B2": "=B1",
    }
    path = make(tmp_path / "m.xlsx", cells, {"A2": 8, "A3": 100, "A4": "few", "A5": 0, "B2": 7})
    assert main(["recalc", str(path), "--set", "Sheet!A1=6"]) == 0
    out = capsys.readouterr().out
    shown = re.findall(r"^│ (Sheet![A-Z0-9]+) +│ +(\S+) │ +(\S+) │ +(\S*) *│$", out, re.MULTILINE)
    assert set(shown[:2]) == {("Sheet!A4", "few", "many", ""), ("Sheet!A5", "0", "2", "")}
    assert shown[2:] == [("Sheet!A2", "8", "12", "+50.0%"), ("Sheet!A3", "100", "104", "+4.0%")]
    assert "4 of 5 formula cells changed" in out
    assert main(["recalc", str(path), "--set", "Sheet!A1=6", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["cells"]["Sheet!A5"] == {"before": 0, "after": 2}


@pytest.mark.slow
def test_recalc_says_how_many_cells_changed(templates, capsys):
    change = ["recalc", str(templates["native"]), "--set", "monthly_requests=150000"]
    assert main(change) == 0
    assert re.search(r"^[0-9]+ of 2,[0-9]{3} formula cells changed$", capsys.readouterr().out, re.MULTILINE)
    assert main([*change, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["changed"] > 200
    assert main([*change[:3], "monthly_requests=100000", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["changed"] == 0
