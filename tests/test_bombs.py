"""Small files that ask for much: refused, or answered, within bounded time and memory; by library calls, too."""

import os
import re
import signal
import subprocess
import sys

import pytest
from openpyxl import Workbook
from recalc_helpers import SHEET, rewrite

from roi_xl.recalc import workers

ASK = """
import resource, sys
resource.setrlimit(resource.RLIMIT_AS, (2_500 * 2**20, 2_500 * 2**20))
import roi_xl
for path in sys.argv[1:]:
    try:
        model = roi_xl.open_model(path)
        model.calculate({})
        print(model.value(model.find("Sheet!C3")))
    except roi_xl.errors.RoiError as error:
        print("refused:", error)
"""


def workbook(path, cells, change=lambda contents: contents):
    book = Workbook()
    for address, value in cells.items():
        book.active[address] = value
    book.save(path)
    rewrite(path, change)
    return path


def in_sheet(old, new):
    return lambda contents: {**contents, SHEET: contents[SHEET].replace(old, new)}


def column_arrays(path):
    """24 array formulas that fill whole columns."""
    cells = b"".join(
        b'<c r="%c1"><f t="array" ref="%c1:%c1048576">A1*2</f></c>' % (letter, letter, letter)
        for letter in range(ord("B"), ord("Z"))
    )
    return workbook(path, {"A1": 1}, in_sheet(b"</row>", cells + b"</row>"))


def many_names(path):
    """A workbook part of some kilobytes that takes gigabytes as a tree."""
    names = b"<definedNames>" + b"<x/>" * 2_000_000 + b"</definedNames>"

    def change(contents):
        name = "xl/workbook.xml"
        return {**contents, name: contents[name].replace(b"<calcPr", names + b"<calcPr", 1)}

    return workbook(path, {"A1": 1, "C3": "=A1"}, change)


def wide_range(path):
    """One sum over a sheet that is used to its last cell."""
    last = b'<row r="1048576"><c r="XFD1048576"><v>5</v></c></row></sheetData>'
    return workbook(path, {"A1": 1, "C3": "=SUM(D4:XFD1048576)"}, in_sheet(b"</sheetData>", last))


def substitutes(path):
    """A text that each cell multiplies by thousands."""
    cells = {f"A{row}": f'=SUBSTITUTE(A{row - 1},"a",REPT("a",3000))' for row in range(2, 9)}
    return workbook(path, {"A1": "a" * 10, **cells, "C3": "=LEN(A8)"})


def doubling(path):
    """A text that each cell doubles."""
    cells = {f"A{row}": f"=A{row - 1}&A{row - 1}" for row in range(2, 60)}
    return workbook(path, {"A1": "a" * 10, **cells, "C3": "=LEN(A59)"})


def concatenated(path):
    cells = {f"A{row}": f"=CONCATENATE({','.join([f'A{row - 1}'] * 200)})" for row in range(2, 20)}
    return workbook(path, {"A1": "a" * 10, **cells, "C3": "=LEN(A19)"})


def outer_product(path):
    cells = {f"B{row}": 1 for row in range(1, 20_001)}
    return workbook(path, {**cells, "C3": "=SUMPRODUCT((B1:B20000=TRANSPOSE(B1:B20000))*1)"})


BOMBS = [
    (column_arrays, "refused: .*array formulas fill .* cells"),
    (many_names, "refused: .*workbook.xml holds too many elements"),
    (wide_range, r"refused: .*Sheet!C3 reads .* cells"),
    (substitutes, "#VALUE!"),
    (doubling, r"refused: .*took more than 200 MiB \(ROI_XL_MAX_MEMORY_MIB\)"),
    (concatenated, "#VALUE!"),
    (outer_product, "#NUM!|refused"),
]


@pytest.fixture(scope="module")
def answers(tmp_path_factory):
    """What library calls in one process, in 2.5 GiB of address space, answer to each of the bombs."""
    folder = tmp_path_factory.mktemp("bombs")
    paths = [str(bomb(folder / f"{bomb.__name__}.xlsx")) for bomb, _ in BOMBS]
    limits = {**os.environ, "ROI_XL_MAX_MEMORY_MIB": "200"}
    done = subprocess.run([sys.executable, "-c", ASK, *paths], capture_output=True, text=True, timeout=90, env=limits)
    assert done.returncode == 0, done.stderr[-500:]
    return done.stdout.splitlines()


@pytest.mark.parametrize(("number", "answer"), list(enumerate(answer for _, answer in BOMBS)))
def test_a_bomb_is_refused_or_answered(answers, number, answer):
    assert re.match(answer, answers[number]), answers[number]


def dies(path):
    """A task that ends its process over one workbook."""
    if path.name == "bomb.xlsx":
        os.kill(os.getpid(), signal.SIGKILL)
    return {"status": 0}


def test_a_worker_that_dies_takes_no_other_workbook_with_it(tmp_path):
    paths = [tmp_path / name for name in ("a.xlsx", "bomb.xlsx", "b.xlsx", "c.xlsx")]
    found = dict(workers.of_each(dies, paths))
    assert [found[path]["status"] for path in paths] == [0, 2, 0, 0]
    assert "its process died, possibly out of memory" in found[paths[1]]["refused"]
