"""Small files that ask for much: refused, or answered, within bounded time and memory; by library calls, too."""

import os
import re
import signal
import subprocess
import sys
import time

import pytest
from openpyxl import Workbook
from recalc_helpers import SHEET, rewrite

from roi_xl import open_model
from roi_xl.errors import CannotVectorise, ExcelError, NotSupported
from roi_xl.excel.lifting import answer
from roi_xl.excel.operators import one_text
from roi_xl.recalc import workers
from roi_xl.xlsx.limits import budgeted

pytestmark = pytest.mark.slow

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


def long_joins(path):
    """A text of 60 million characters, made by one formula."""
    return workbook(path, {"A1": "a" * 30_000, "C3": f"=LEN({'&'.join(['A1'] * 2_000)})"})


def reduced(path):
    """A text that REDUCE doubles sixty times."""
    double = "_xlfn.REDUCE(A1,_xlfn.SEQUENCE(60),_xlfn.LAMBDA(_xlpm.a,_xlpm.b,_xlpm.a&_xlpm.a))"
    return workbook(path, {"A1": "ab", "C3": f"=LEN({double})"})


def named_over_and_over(formula, first, steps=40):
    """A formula that names a text or an array, several of it in one, and so on."""

    def over_and_over(path):
        names = [f"_xlpm.n0,{first}", *(f"_xlpm.n{n},{formula.format(n=f'_xlpm.n{n - 1}')}" for n in range(1, steps))]
        path = path.with_stem(f"{path.stem}-{len(formula)}")
        return workbook(path, {"A1": "a" * 30_000, "C3": f"=COUNTA(_xlfn.LET({','.join(names)},_xlpm.n{steps - 1}))"})

    return over_and_over


joined = named_over_and_over("{n}&{n}", "A1")
put_in = named_over_and_over("REPLACE({n},1,0,{n})", "A1")
stacked = named_over_and_over(f"_xlfn.VSTACK({','.join(['{n}'] * 100)})", "_xlfn.SEQUENCE(1000)", steps=3)
side_by_side = named_over_and_over(f"_xlfn.HSTACK({','.join(['{n}'] * 100)})", "_xlfn.SEQUENCE(1,1000)", steps=3)


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
    (long_joins, "#VALUE!"),
    (reduced, "#VALUE!|refused"),
    (joined, r"1\.0$"),
    (put_in, r"1\.0$"),
    (stacked, r"1\.0$|None$"),
    (side_by_side, r"1\.0$|None$"),
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


JOINED = [  # what LET joins, and its answer; the longest text of a cell is 32,767 characters
    ('LET(a,"x",b,a&a&1,b&b)', "xx1xx1"),
    ('LET(a,"x",a&1=a&"1")', True),
    ('LET(a,REPT("ab",16383),LEN(a&"c"))', 32_767),
    ('LET(a,REPT("ab",16383),a&"cd")', ExcelError.VALUE),
    ('LET(a,"abc",REPLACE(a,2,1,a))', "aabcc"),
    ("LET(a,SEQUENCE(2),SUM(VSTACK(a,a,7)))", 13),
    ("LET(a,SEQUENCE(2),SUM(HSTACK(a,a)))", 6),
    ("LET(a,SEQUENCE(2000),b,SEQUENCE(1,3000),c,a*b,SUM(VSTACK(c,c)))", ExcelError.VALUE),
]


@pytest.mark.parametrize(("formula", "answer"), JOINED)
def test_what_names_of_let_join_is_right_and_ends(tmp_path, formula, answer):
    stored = re.sub(r"\b([abc])(?=[,)&=*])", r"_xlpm.\1", formula)
    stored = re.sub(r"\b(LET|[VH]STACK|SEQUENCE)\(", r"_xlfn.\1(", stored)
    model = open_model(workbook(tmp_path / "m.xlsx", {"A1": 5, "C3": f"={stored}"}), trust_engine=True)
    assert model.book.value(model.find("Sheet!C3")) == answer


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


MANY = [[float(row)] for row in range(100_000)]
KERNELS = [
    (("VSTACK", [[1.0] * 16_000], [[1.0]] * 400), ExcelError.VALUE),
    (("FREQUENCY", MANY[:20_000], MANY[:20_000]), [[1.0]] * 20_000 + [[0.0]]),
    (("SUM", ("REPT", "a", 40_000.0)), ExcelError.VALUE),
]


@pytest.mark.parametrize(("call", "right"), KERNELS, ids=lambda value: str(value)[:20])
def test_functions_over_a_lot_answer_at_once(call, right):
    name, *arguments = [answer(*part) if isinstance(part, tuple) else part for part in call]
    start = time.monotonic()
    assert answer(name, *arguments) == right
    assert time.monotonic() - start < 10


def test_periods_without_end_are_left_to_the_engine():
    assert answer("VDB", 2_400.0, 300.0, 3_650.0, 0.0, 1.0) == pytest.approx(1.31506849315069)
    with pytest.raises(CannotVectorise, match="more than 100,000 periods"):
        answer("VDB", 1.0, 0.0, 1e9, 0.0, 1e9)


ENDLESS = [
    ("ROI_XL_MAX_SECONDS", "1", ("BINOM.DIST", MANY[90_000:99_000], 1e9, 0.5, True), "longer than 1 seconds"),
    ("ROI_XL_MAX_MEMORY_MIB", "60", ("REPT", [[f"{row:06}"] for row in range(50_000)], 5_000.0), "more than 60 MiB"),
]


@pytest.mark.parametrize(("name", "value", "call", "message"), ENDLESS)
def test_our_own_loops_stop_within_the_limits(monkeypatch, name, value, call, message):
    """Whole, the first would take ten minutes, the second 1.4 GiB."""
    monkeypatch.setenv(name, value)
    start = time.monotonic()
    with pytest.raises(NotSupported, match=f"it took {message}"), budgeted("it"):
        answer(*call)
    assert time.monotonic() - start < 20
    assert answer("REPT", "ab", 2.0) == "abab"  # and afterwards all is as before


def test_the_second_evaluation_is_within_the_limits(monkeypatch, tmp_path):
    path = workbook(tmp_path / "m.xlsx", {"A1": 5, "C3": "=SUMPRODUCT(BINOM.DIST(ROW(1:20000)+90000,1E9,0.5,TRUE))"})
    monkeypatch.setenv("ROI_XL_MAX_SECONDS", "1")
    with pytest.raises(NotSupported, match=r"m\.xlsx: .*took longer than 1 seconds"):
        open_model(path).calculate({"Sheet!A1": 6})


def test_a_text_ends_where_a_cell_ends():
    assert one_text("a" * 32_000, "b" * 767) == "a" * 32_000 + "b" * 767
    assert one_text("a" * 32_000, "b" * 768) is ExcelError.VALUE
