"""Hostile cells, traces and command lines: an answer or one clear line, never a fault."""

import os
from pathlib import Path

import pytest
from chances import chance_of, noted
from openpyxl import Workbook
from recalc_helpers import make

import roi_xl
from roi_xl.cli import main
from roi_xl.errors import Status

pytestmark = pytest.mark.slow

ROUNDS = int(os.environ.get("ROI_XL_FUZZ", "2000")) // 40
OPERANDS = (
    "A1 B2 $A$1 A:A 1:3 A1:B3 C9 S!A1 Nowhere!A1 A1:XFD1048576 1 0 -1 1E308 0.1 TRUE #N/A {1,2;3,4} none T[#All] A1#"
).split()
OPERANDS += ['"text"', '""', '"12%"', '"2027-01-31"', '"é"', "1/0", '"_x0000_"']
FUNCTIONS = (
    "SUM IF INDEX OFFSET INDIRECT VLOOKUP MATCH XLOOKUP FILTER SORT SEQUENCE LET LAMBDA TEXT REPT SUBSTITUTE DATE "
    "EDATE NPV IRR XIRR PMT SUMPRODUCT SUMIFS COUNTIF TRANSPOSE MMULT ROUND MOD TEXTJOIN UNIQUE TAKE VSTACK "
    "REDUCE CHOOSE ROI_PERCENT ROI_NPV NOSUCH IFERROR AGGREGATE SUBTOTAL"
).split()
VALUES = [0, 1, -1, 1e308, 5e-324, 2.5, True, "text", "", "=", "'", "é" * 300, "12%", "_x000A_", None]


def formula(chance, depth=0):
    """A random formula of Excel's words, of which many mean nothing."""
    kind = chance.random()
    if depth > 3 or kind < 0.3:
        return chance.choice(OPERANDS)
    if kind < 0.6:
        sign = chance.choice(["+", "-", "*", "/", "^", "&", "=", "<", ">=", ":", " ", ","])
        return f"({formula(chance, depth + 1)}{sign}{formula(chance, depth + 1)})"
    arguments = ",".join(formula(chance, depth + 1) for _ in range(chance.randint(0, 4)))
    return f"{chance.choice(FUNCTIONS)}({arguments})"


@pytest.mark.parametrize("batch", range(4))
def test_random_formulas_and_values(tmp_path, batch):
    path, target, wrong = tmp_path / "m.xlsx", tmp_path / "out.xlsx", []
    for number in range(ROUNDS // 4):
        chance = chance_of(batch, number)
        book = Workbook()
        book.active.title = "S"
        for _ in range(3):
            book.active.append([chance.choice(VALUES) for _ in range(3)])
        for row in range(1, 5):
            book.active.cell(row, 5).value = f"={formula(chance)}"
        book.save(path)
        with noted(wrong, batch, number):
            model = roi_xl.open_model(path)
            model.calculate({"S!A1": 5})
            model.save(target)
            roi_xl.open_model(target).calculate({"S!B2": 7})
    assert wrong == []


FIELDS = ["model", "prompt_tokens", "completion_tokens", "cost", "timestamp", "status", "request_id", "", "é", "a b"]
CELLS = ["gpt-4o", "100", "-5", "1e400", "nan", "", '"', "2026-01-01", "2026-13-45T99:00", "=1+1", "\x00", "é", "0x1F"]


def test_random_traces(tmp_path, capsys):
    path, wrong = tmp_path / "trace.csv", []
    for number in range(max(ROUNDS // 12, 4)):
        chance = chance_of(number)
        names = chance.sample(FIELDS, chance.randint(2, 7))
        rows = [[chance.choice(CELLS) for _ in range(chance.randint(0, 8))] for _ in range(chance.randint(0, 6))]
        text = "\n".join(chance.choice(",;\t").join(row) for row in [names, *rows])
        path.write_bytes(text.encode(errors="surrogateescape") + chance.choice([b"", b"\xff\xfe", b"\r\n", b'"']))
        given = ["observe", str(path), "--baseline", "gpt-4o", "--fine-tuned", "ft", "--map", "model=model"]
        with noted(wrong, number):
            assert main(given) in (0, 1, Status.REFUSED)
            assert "Traceback" not in capsys.readouterr().err
    assert wrong == []


WORDS = [
    "recalc",
    "show",
    "check",
    "sweep",
    "calc",
    "risk",
    "unlink",
    "--set",
    "--grid",
    "--samples",
    "--json",
    "--read",
]
WORDS += [
    "m.xlsx",
    "none.xlsx",
    ".",
    "S!A1=5",
    "S!B1=5",
    "S!A1=2027-01-31",
    "S!A1=12%",
    "S!A1=",
    "a=b=c",
    "-1",
    "1e999",
]
WORDS += [
    "S!A1=1:2:0",
    "S!A1=1:9:1",
    "total",
    "--engine",
    "embedded",
    "--months",
    "é",
    "\udcff",
    "",
    "--tornado",
    "--",
    "5",
]


def test_random_command_lines(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    make(Path("m.xlsx"), {"A1": 1, "B1": "=A1*2"})
    whole = Path("m.xlsx").read_bytes()
    wrong = []
    for number in range(ROUNDS):
        chance = chance_of(number)
        given = [chance.choice(WORDS[:7]), *(chance.choice(WORDS) for _ in range(chance.randint(0, 6)))]
        with noted(wrong, number, given):
            assert main(given) in (0, 1, Status.REFUSED, Status.NOT_REPRODUCED)
            assert "Traceback" not in capsys.readouterr().err
    assert wrong == []
    assert Path("m.xlsx").read_bytes() == whole
