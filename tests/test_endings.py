"""How a command ends, and what it shows: values as they are, one line, a status of the table."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from recalc_helpers import make, parts, rewrite, tall_workbook, values

from roi_xl.cli import main
from roi_xl.cli.supervisor import supervised
from roi_xl.errors import Status
from roi_xl.terminal import visible

COMMAND = [sys.executable, "-m", "roi_xl"]
AS_IT_IS = ["Go [if legal agrees]", ":100:", "[/b]", "[bold]x[/bold]", "a\u0301 Größe 模型"]

pytestmark = pytest.mark.slow


@pytest.fixture
def case(templates, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shutil.copy(templates["native"], "case.xlsx")
    return Path("case.xlsx")


@pytest.mark.parametrize("text", AS_IT_IS)
def test_values_and_names_are_shown_as_they_are(case, text, capsys):
    assert main(["recalc", "case.xlsx", "--set", f"Guide!A40={text}"]) == 0
    assert text in capsys.readouterr().out
    path = Path(f"{text.replace('/', '-')}.xlsx")
    case.rename(path)
    assert main(["show", str(path)]) == 0
    assert path.name in capsys.readouterr().out


CONTROLS = [("\x1b[31m", "␛[31m"), ("a\nb", "a␊b"), ("\x7f", "␡"), ("\u202e", "\\u202e"), ("\ud83d", "\\ud83d")]


@pytest.mark.parametrize(("text", "shown"), CONTROLS)
def test_what_a_terminal_would_obey_is_made_visible(text, shown):
    assert visible(text) == shown


@pytest.mark.parametrize("stored", ["_x001B_[31m", "_xD83D_"])
def test_escapes_of_a_file_do_not_reach_the_terminal(tmp_path, stored):
    path = make(tmp_path / "m.xlsx", {"A1": "text", "B1": 1})
    rewrite(
        path, lambda p: {name: data.replace(b"<t>text</t>", f"<t>{stored}</t>".encode()) for name, data in p.items()}
    )
    for command in (["recalc", str(path), "--set", "Sheet!A1=x"], ["show", str(path)], ["check", str(path)]):
        done = subprocess.run([*COMMAND, *command], capture_output=True)
        assert done.returncode in (0, 2)
        assert b"\x1b" not in done.stdout + done.stderr
        assert b"Traceback" not in done.stderr


def test_numbers_that_json_does_not_have_are_null(case, capsys):
    assert main(["tornado", "case.xlsx", "payback", "--json"]) == 0
    assert [None, None] in [values[1:] for values in json.loads(capsys.readouterr().out).values()]


BAD_TOML = [
    ('correlations = 5\n[inputs]\nmonths = ["PERT", 1, 2, 4]\n', "correlations must be a list such as"),
    (f'[inputs]\nmonths = ["fixed", 1{"0" * 400}]\n', "months must be a list such as"),
    ("[inputs]\nmonths = [5, 1]\n", "months must be a list such as"),
]


@pytest.mark.parametrize(("text", "said"), BAD_TOML)
def test_distributions_that_are_none(case, text, said, capsys):
    Path("d.toml").write_text(text)
    assert main(["sweep", "case.xlsx", "--samples", "5", "--distributions", "d.toml"]) == 2
    assert said in capsys.readouterr().err


BAD_ARGUMENTS = [
    (["recalc", "case.xlsx", "--set", "Guide!A40=a\udcffb"], "takes text in UTF-8 without control characters"),
    (["recalc", "case.xlsx", "--set", "Guide!A40=a\x1bb"], "takes text in UTF-8 without control characters"),
    (["sweep", "case.xlsx", "--grid", "months=-1e308:1e308:1e307"], "must have at most 200,000,000 values"),
    (["sweep", "case.xlsx", "--grid", "months=0:1:1e-300"], "must have at most 200,000,000 values"),
    (["calc", "--months", "1" * 5_000 + "x"], "…"),
]


@pytest.mark.parametrize(("arguments", "said"), BAD_ARGUMENTS, ids=[said for _, said in BAD_ARGUMENTS])
def test_arguments_that_cannot_be_are_one_short_line(case, arguments, said, capsys):
    assert main(arguments) == 2
    message = capsys.readouterr().err
    assert said in message
    assert message.count("\n") == 1
    assert len(message) < 1_000


@pytest.mark.parametrize(
    "attributes", [b'iterateCount="many"', b'iterateDelta="x"', b'iterateCount="1%s"' % (b"0" * 5_000)]
)
def test_settings_that_are_no_numbers(case, attributes, capsys):
    rewrite(case, lambda p: {**p, "xl/workbook.xml": with_calculation(p["xl/workbook.xml"], attributes)})
    assert main(["check", "case.xlsx"]) == 1
    assert "is damaged" in " ".join(capsys.readouterr().out.split())


def with_calculation(data, attributes):
    return data.replace(b"<calcPr ", b'<calcPr iterate="1" %s ' % attributes)


def test_a_sheet_that_a_name_is_local_to_may_be_any_text(case):
    digits = b"1" * 5_000
    rewrite(
        case,
        lambda p: {
            **p,
            "xl/workbook.xml": p["xl/workbook.xml"].replace(
                b"<definedName ", b'<definedName localSheetId="%s" ' % digits, 1
            ),
        },
    )
    assert main(["show", "case.xlsx"]) == 0


def test_a_star_in_a_name_is_a_star(case):
    shutil.copy(case, "a*.xlsx")
    shutil.copy(case, "abc.xlsx")
    assert main(["recalc", "a*.xlsx", "--set", "months=24", "--in-place"]) == 0
    shutil.copy("a*.xlsx", "starred.xlsx")
    assert values("starred.xlsx")["Inputs", "C12"] == 24
    assert values("abc.xlsx")["Inputs", "C12"] == 12


def test_a_fault_is_one_line_with_the_file(case, monkeypatch, capsys):
    import roi_xl.model as loading

    class PanicException(BaseException):
        """As the engine's own."""

    def panics(path, **how):
        raise PanicException("index out of bounds\nnote: run with RUST_BACKTRACE=1")

    monkeypatch.setattr(loading, "open_model", panics)
    assert main(["show", "case.xlsx"]) == Status.FAULT
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "with case.xlsx (PanicException: index out of bounds); nothing was written" in said
    monkeypatch.setenv("ROI_XL_DEBUG", "1")
    assert main(["show", "case.xlsx"]) == Status.FAULT
    assert "Traceback" in capsys.readouterr().err


def test_a_long_stored_text_is_told_in_brief(tmp_path, capsys):
    path = make(tmp_path / "m.xlsx", {"A1": 2, "B1": '=A1&"x"'}, {"B1": "-" * 5_000})
    assert main(["recalc", str(path), "--set", "Sheet!A1=3", "--in-place"]) == Status.NOT_REPRODUCED
    said = capsys.readouterr().err
    assert max(map(len, said.splitlines())) < 500
    assert "…" in said
    assert "replayed 2x" in said


OUTPUTS = [("> /dev/full", 74), (">&-", 0), ("| head -0", 141), ("<&- >&- 2>&-", 0)]


@pytest.mark.parametrize(("where", "status"), OUTPUTS)
def test_an_output_that_is_full_or_closed_is_no_fault(case, where, status):
    command = f"{' '.join(COMMAND)} recalc case.xlsx --set months=24 --in-place {where}; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True)
    assert done.returncode in (status, 0 if status == 141 else status)
    assert "Traceback" not in done.stderr
    assert values(case)["Inputs", "C12"] == 24


# under watch


def in_a_process(code, **environment):
    """Code as a command under watch."""
    text = (
        "import os, sys, time, signal\nfrom roi_xl.cli import complain\nfrom roi_xl.cli.supervisor import supervised\n"
        "from roi_xl.cli import supervisor\nsupervisor.GRACE = 1\n"
        f"def command():\n    {code}\n    return 0\nsys.exit(supervised(command, complain))"
    )
    return subprocess.run(
        [sys.executable, "-c", text], capture_output=True, text=True, timeout=60, env={**os.environ, **environment}
    )


def test_an_abort_of_the_engine_is_one_line():
    done = in_a_process("os.abort()")
    assert (done.returncode, done.stderr.count("\n")) == (70, 1)
    assert "ended by SIGABRT" in done.stderr


def test_too_much_memory_is_one_line():
    done = in_a_process("x = bytearray(400 * 2**20); time.sleep(30)", ROI_XL_MAX_MEMORY_MIB="200")
    assert done.returncode == 2
    assert "it took more than 200 MiB (ROI_XL_MAX_MEMORY_MIB)" in done.stderr


def test_too_long_is_one_line_even_where_nothing_listens():
    code = "signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGALRM]); time.sleep(40)"
    done = in_a_process(code, ROI_XL_MAX_SECONDS="1")
    assert done.returncode == 2
    assert "it took longer than 1 seconds (ROI_XL_MAX_SECONDS)" in done.stderr


def test_the_time_covers_a_whole_command(case, tmp_path):
    whole, start = tall_workbook(tmp_path / "large.xlsx", 300_000).read_bytes(), time.monotonic()
    done = subprocess.run(
        [*COMMAND, "recalc", "large.xlsx", "--in-place"],
        capture_output=True,
        text=True,
        env={**os.environ, "ROI_XL_MAX_SECONDS": "1"},
    )
    assert time.monotonic() - start < 20
    assert done.returncode == 2
    assert "took longer than 1 seconds (ROI_XL_MAX_SECONDS)" in done.stderr
    assert done.stderr.count("\n") == 1
    assert Path("large.xlsx").read_bytes() == whole
    assert sorted(os.listdir()) == ["case.xlsx", "large.xlsx"]


def months_of(path):
    """The horizon that a template's workbook stores."""
    (found,) = re.findall(rb'<c r="C12"[^>]*><v>(\d+)</v>', parts(path)["xl/worksheets/sheet2.xml"])
    return int(found)


@pytest.mark.parametrize(("told", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_many_workbooks_say_which_were_written(templates, tmp_path, told, status):
    names = [f"{number}.xlsx" for number in range(12)]
    for name in names:
        shutil.copy(templates["native"], tmp_path / name)
    process = subprocess.Popen(
        [*COMMAND, "recalc", *names, "--set", "months=24", "--in-place"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 60
    while months_of(tmp_path / "1.xlsx") == 12 and time.monotonic() < deadline:
        time.sleep(0.02)
    process.send_signal(told)
    out, err = process.communicate(timeout=60)
    written = {name for name in names if months_of(tmp_path / name) == 24}
    refused = {line.split(" ")[0] for line in err.splitlines() if "was not finished" in line}
    assert process.returncode == status, err
    assert refused == set(names) - written
    assert refused
    assert written
    assert out.count("refused") == len(refused)
    assert sorted(os.listdir(tmp_path)) == sorted(names)


def test_without_forks_the_command_runs_here(monkeypatch):
    monkeypatch.delattr(os, "fork")
    assert supervised(lambda: 5, lambda message: 2) == 5
