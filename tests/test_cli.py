"""The command line: answers, tables, JSON, and one line for every mistake."""

import errno
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from openpyxl import Workbook
from recalc_helpers import tall_workbook, values

import roi_xl
from roi_xl.cli import main
from roi_xl.cli.options import in_options
from roi_xl.functions.turning import what_turns_it


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    """Run a command in an empty folder; gives exit status, output and errors."""
    monkeypatch.chdir(tmp_path)

    def ran(*arguments):
        status = main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return ran


@pytest.fixture
def case(run, templates):
    """The template, in the folder of the run."""
    return Path(shutil.copy(templates["native"], "case.xlsx"))


def answer(run, *arguments):
    status, out, err = run(*arguments)
    assert (status, err) == (0, "")
    return out


@pytest.mark.slow
def test_template_then_recalc_then_show(run):
    assert answer(run, "template", "case.xlsx") == "wrote case.xlsx\n"
    out = answer(run, "recalc", "case.xlsx", "--set", "monthly_requests=150_000", "-o", "more.xlsx")
    for line in (
        "monthly_requests",
        "100,000",
        "150,000",
        "5,900.00",
        "10,700.00",
        "159.46%",
        "289.19%",
        "wrote more.xlsx",
    ):
        assert line in out
    assert values("more.xlsx")["Outputs", "C17"] == pytest.approx(10_700)
    assert values("case.xlsx")["Outputs", "C17"] == pytest.approx(5_900)
    shown = answer(run, "show", "more.xlsx")
    for line in ("monthly_requests", "Inputs!C11", "net_benefit", "Outputs!C17", "10,700.00"):
        assert line in shown
    assert shown.startswith("Decision: Positive projected ROI")
    reference = {**roi_xl.quantities.reference_case(), "monthly_requests": 150_000}
    assert shown.splitlines()[1] == f"What would flip the answer: {what_turns_it(**reference)}"
    outputs = json.loads(answer(run, "show", "more.xlsx", "--json"))["outputs"]
    assert outputs["what_turns_it"]["value"] == what_turns_it(**reference)


def test_show_says_the_decision_first_and_the_simple_verdict_under_its_condition(run):
    changes = {"traffic_share": 0.3, "fine_tuned_success_rate": 0.97, "failure_cost": 0.1, "months": 24}
    settings = [part for name, value in changes.items() for part in ("--set", f"{name}={value}")]
    answer(run, "template", "case.xlsx", *settings, "--set", "discount_rate=0.1")
    first, *rest = answer(run, "show", "case.xlsx").splitlines()
    assert first.startswith("Decision: Not worth doing: net present value -1,411.77")
    simple = next(place for place, line in enumerate(rest) if "If every month were alike" in line)
    assert [place > simple for place, line in enumerate(rest) if "Positive projected ROI" in line] == [True]
    answer(run, "recalc", "case.xlsx", "--ignore-validation", "--set", "months=120", "--in-place")
    assert answer(run, "show", "case.xlsx").startswith("Model checks: REVIEW. Open Checks first.")


@pytest.mark.slow
def test_recalc_in_place_and_dry(run, case):
    before = case.read_bytes()
    answer(run, "recalc", "case.xlsx", "--set", "months=6")
    assert case.read_bytes() == before
    answer(run, "recalc", "case.xlsx", "--set", "months=6", "--in-place")
    assert values("case.xlsx")["Inputs", "C12"] == 6
    assert values("case.xlsx")["Outputs", "C17"] == pytest.approx(1_700)


@pytest.mark.slow
def test_json(run):
    answer(run, "template", "case.xlsx", "--currency", "EUR", "--formulas", "functions")
    data = json.loads(answer(run, "recalc", "case.xlsx", "--set", "monthly_maintenance=800", "--json"))
    assert data["inputs"] == {"monthly_maintenance": {"before": 100, "after": 800}}
    assert data["outputs"]["breakeven_months"] == {"before": pytest.approx(25 / 7), "after": "#N/A"}
    assert data["written"] is None
    shown = json.loads(answer(run, "show", "case.xlsx", "--json"))
    assert shown["inputs"]["months"] == {"value": 12, "cell": "Inputs!C12"}
    assert shown["outputs"]["net_benefit"] == {"value": pytest.approx(5_900), "cell": "Outputs!C17"}


def test_calc_takes_what_makes_one_month_unlike_another(run):
    wanted = ["--traffic-share", "0.3", "--fine-tuned-success-rate", "0.97", "--failure-cost", "0.1", "--months", "24"]
    said = answer(run, "calc", *wanted, "--discount-rate", "0.1")
    decision, simple = said.split("If every month were alike:")
    assert decision.startswith("Not worth doing: net present value -1,411.77; the costs are not recovered")
    assert "Net present value -1,411.77 currency" in " ".join(decision.split())
    assert "Positive projected ROI" in simple
    turns = decision.splitlines()[1]
    assert turns.startswith("Pays if the fine-tuned success rate is about 99.2% or more (now 97.0%, +2.2 points)")
    assert "Pays if" not in simple
    outputs = json.loads(answer(run, "calc", *wanted, "--discount-rate", "0.1", "--json"))["outputs"]
    assert outputs["net_present_value"] == pytest.approx(-1_411.77, abs=0.005)
    assert outputs["payback"] == "#N/A"
    assert outputs["what_turns_it"] == turns
    assert run("calc", "--traffic-share", "3")[2].startswith(
        "roi-xl: --traffic-share must be at least 0 and at most 1, got 3"
    )


def test_calc_answers_the_reference_case(run):
    out = answer(run, "calc")
    for text in ("159.46%", "5,900.00", "3.57", "312,500", "357,143", "24,000.00", "18,100.00", "3,700.00"):
        assert text in out
    assert roi_xl.verdict(2_500, 100, 0.02, 0.012, 100_000, 12) in out
    assert out.splitlines()[-1] == (
        "Fails if the baseline cost per request is about 0.015083 or less (now 0.0200, -24.6%), "
        "or if the baseline price falls 48.0% a year or more."
    )
    assert answer(run, "calc", "--months", "1201").splitlines()[-1].startswith("Positive projected ROI")


def test_calc_in_json_and_never(run):
    data = json.loads(answer(run, "calc", "--monthly-maintenance", "800", "--training-cost", "0", "--json"))
    assert data["inputs"]["monthly_maintenance"] == 800
    assert data["outputs"]["breakeven_months"] == "#N/A"
    data = json.loads(answer(run, "calc", "--training-cost", "0", "--monthly-maintenance", "0", "--json"))
    assert data["outputs"]["return_on_investment"] == "#DIV/0!"
    assert "#N/A" in answer(run, "calc", "--monthly-maintenance", "800")


@pytest.mark.slow
def test_any_cell_and_any_kind_of_value(run, case):
    out = answer(
        run, "recalc", "case.xlsx", "--set", "Inputs!E11=Built up", "--set", "active_users=5000", "-o", "b.xlsx"
    )
    assert "Built up" in out
    assert values("b.xlsx")["Inputs", "G11"] == 200_000
    status, _, err = run("recalc", "b.xlsx", "--set", "Inputs!I11=TRUE", "--in-place")
    assert (status, err.partition(":")[0]) == (0, "no named output changed")
    assert values("b.xlsx")["Inputs", "I11"] is True


@pytest.mark.slow
def test_a_change_that_a_switch_passes_over_is_said(run, case):
    answer(run, "recalc", "case.xlsx", "--set", "Inputs!E11=Built up", "--set", "active_users=2000", "--in-place")
    status, _, err = run("recalc", "case.xlsx", "--set", "monthly_requests=5")
    assert status == 0
    assert err.startswith("no named output changed")
    assert answer(run, "recalc", "case.xlsx", "--set", "active_users=2000")


def test_vba_modules(run):
    assert answer(run, "vba") == "wrote roi_xl.bas\nwrote roi_xl_bridge.bas\n"
    assert b'Attribute VB_Name = "roi_xl"\r\n' in Path("roi_xl.bas").read_bytes()


MISTAKES = [
    (("recalc", "nope.xlsx"), "nope.xlsx does not exist"),
    (
        ("recalc", "case.xlsx", "--set", "montly_requests=5"),
        "case.xlsx has no cell or name 'montly_requests'; did you mean monthly_requests",
    ),
    (("recalc", "case.xlsx", "--set", "monthly_requests=-5"), "must be at least 0 requests/month, got -5"),
    (
        ("recalc", "case.xlsx", "--set", "monthly_requests=many"),
        "must be a number (Inputs!C11 holds 100000), got 'many'",
    ),
    (("recalc", "case.xlsx", "--set", "monthly_requests=nan"), "takes a finite number, got 'nan'"),
    (("recalc", "case.xlsx", "--set", "monthly_requests"), "--set takes NAME=VALUE, got 'monthly_requests'"),
    (("recalc", "case.xlsx", "--set", "months==1+1"), "takes a value, not a formula, got '=1+1'"),
    (("recalc", "case.xlsx", "--set", "net_benefit=1"), "net_benefit is a formula (Outputs!C17)"),
    (("recalc", "case.xlsx", "-o", "a.xlsx", "--in-place"), "either -o or --in-place"),
    (("recalc", "case.xlsx", "-o", "no/where.xlsx"), "does not exist"),
    (("recalc", "text.xlsx"), "text.xlsx is not an .xlsx workbook"),
    (("show", "."), ". is a folder, not a workbook"),
    (("template", "case.xls"), "the template must be an .xlsx file, got case.xls"),
    (("template", "new.xlsx", "--set", "month=3"), "'month' is not an input of the template; did you mean months"),
    (("template", "new.xlsx", "--set", "months=99"), "months must be a whole number from 1 to 60"),
    (("template", "new.xlsx", "--set", "months=TRUE"), "months must be a number, got True"),
    (("template", "new.xlsx", "--formulas", "none"), "'none' is not one of 'native', 'functions'"),
    (("template", "new.xlsx", "--currency", "=A1"), ": --currency must be a code such as EUR, got '=A1'"),
    (("sweep", "case.xlsx", "--grid", "months=3:1:1"), ": --grid must rise from low to high"),
    (("sweep", "case.xlsx", "--grid", "months"), ": --grid takes NAME=LOW:HIGH:STEP"),
    (("sweep", "case.xlsx", "nope.csv"), "nope.csv does not exist"),
    (("calc", "--months", "soon"), "'soon' is not a number such as 1000, 1,000 or 10%"),
    (("calc", "--months", "inf"), "'inf' is not a number such as 1000, 1,000 or 10%"),
    (("calc", "--months", "-1"), ": --months must be at least 0 months, got -1"),
    (("frobnicate",), "No such command 'frobnicate'"),
    (("recalc",), "Missing argument 'MODEL"),
]


@pytest.mark.slow
@pytest.mark.parametrize(("arguments", "message"), MISTAKES, ids=[" ".join(arguments) for arguments, _ in MISTAKES])
def test_a_mistake_is_one_line_and_touches_nothing(run, case, tmp_path, arguments, message):
    (tmp_path / "text.xlsx").write_text("a,b\n1,2\n")
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    status, out, err = run(*arguments)
    assert (status, out) == (2, "")
    assert err.startswith("roi-xl: ")
    assert err.count("\n") == 1
    assert message in err
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_a_hint_names_the_option_and_is_left_out_where_there_is_none():
    from roi_xl.cli import models

    hint = "two evaluations of A1 disagree; trust_engine=True uses the engine's values"
    assert (
        in_options(hint, models.recalc)
        == "two evaluations of A1 disagree; --accept-differences uses the engine's values"
    )
    assert in_options(hint, models.show) == "two evaluations of A1 disagree"
    locked = "m.xlsx is open in LibreOffice: close it there, or overwrite it with force=True"
    assert (
        in_options(locked, models.recalc)
        == "m.xlsx is open in LibreOffice: close it there, or overwrite it with --force"
    )
    assert in_options(locked, models.show) == "m.xlsx is open in LibreOffice: close it there"
    assert in_options("months must be at least 0 months, got -1", models.recalc).startswith("months must")


def test_a_missing_file_is_a_file_not_found(tmp_path):
    for error in (roi_xl.errors.FileProblem, FileNotFoundError):
        with pytest.raises(error, match=r"nope\.xlsx does not exist") as caught:
            roi_xl.open_model(tmp_path / "nope.xlsx")
        assert caught.value.errno == errno.ENOENT
    with pytest.raises(FileNotFoundError, match="no does not exist"):
        roi_xl.build_template(tmp_path / "no" / "case.xlsx")


def test_help_and_version(run):
    assert "Usage: roi-xl" in answer(run, "--help")
    assert "at least 0" in answer(run, "calc", "--help")
    assert roi_xl.__version__ in answer(run, "--version")
    status, out, _ = run()
    assert status == 2
    assert "Commands:" in out


def test_a_model_without_names(run, tmp_path):

    book = Workbook()
    book.active["A1"], book.active["A2"] = 4, "=A1*2"
    book.save("plain.xlsx")
    assert "no named cells" in answer(run, "show", "plain.xlsx")
    _, _, err = run("recalc", "plain.xlsx", "--set", "Sheet!A1=5", "--in-place")
    assert err.startswith("no stored values; ")
    assert values("plain.xlsx")["Sheet", "A2"] == 10
    assert "–" in answer(run, "recalc", "plain.xlsx", "--set", "Sheet!A9=5")


def test_memory_and_interruption_are_one_line_too(run, monkeypatch):
    import roi_xl.model as loading

    for error, message, expected in (
        (MemoryError(), "not enough memory", 2),
        (KeyboardInterrupt(), "interrupted", 130),
    ):

        def fail(path, error=error):
            raise error

        monkeypatch.setattr(loading, "open_model", fail)
        status, _, err = run("show", "case.xlsx")
        assert (status, err.count("\n")) == (expected, 1)
        assert message in err


@pytest.mark.slow
def test_quiet_in_a_pipe_and_no_traceback_on_ctrl_c(tmp_path):
    roi_xl.build_template(tmp_path / "case.xlsx")
    command = [sys.executable, "-m", "roi_xl", "recalc", "case.xlsx", "--json"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    assert json.loads(done.stdout)


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="signals are another thing on Windows")
def test_ctrl_c_in_the_middle_leaves_the_file_whole(tmp_path):
    path = tall_workbook(tmp_path / "large.xlsx")
    whole = path.read_bytes()
    command = [sys.executable, "-m", "roi_xl", "recalc", str(path), "--in-place"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 60
    while os.listdir(tmp_path) == ["large.xlsx"] and time.monotonic() < deadline:
        time.sleep(0.002)  # until the new file is being written beside the old one
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert err == "roi-xl: interrupted; nothing was written\n"
    assert path.read_bytes() == whole
    assert os.listdir(tmp_path) == ["large.xlsx"]


@pytest.mark.slow
def test_a_reader_that_has_seen_enough_is_no_mistake(tmp_path):
    command = f"{sys.executable} -m roi_xl lite | head -1"
    done = subprocess.run(["bash", "-c", f"set -o pipefail; {command}"], capture_output=True, text=True, cwd=tmp_path)
    assert done.stdout == "# main.py\n"
    assert done.stderr == ""
    assert done.returncode in (0, 141)


def test_the_shell_completes_commands_options_and_names(templates, tmp_path, capsys, monkeypatch):
    def completed(*words):
        monkeypatch.setenv("_ROI_XL_COMPLETE", "bash_complete")
        monkeypatch.setenv("COMP_WORDS", " ".join(["roi-xl", *words]))
        monkeypatch.setenv("COMP_CWORD", str(len(words)))
        assert roi_xl.cli.run() == 0
        return [line.partition(",")[2] for line in capsys.readouterr().out.splitlines() if line]

    assert completed("tor") == ["tornado"]
    assert completed("goal-seek", str(templates["native"]), "net_b") == ["net_benefit"]
    assert "monthly_requests" in completed("recalc", str(templates["native"]), "--set", "monthly_")
    assert completed("recalc", str(tmp_path / "nope.xlsx"), "--set", "monthly_") == []
    assert completed("recalc", "--acc") == ["--accept-differences"]
    for shell in ("bash", "zsh", "fish"):
        assert main(["completion", shell]) == 0
        assert "_ROI_XL_COMPLETE" in capsys.readouterr().out


def test_a_folder_to_write_to_is_made(run, tmp_path):
    for command, name in (("vba", "roi_xl.bas"), ("lite", "main.py")):
        answer(run, command, "-o", f"new/{command}")
        assert (tmp_path / "new" / command / name).is_file()
    (tmp_path / "file").write_text("")
    status, _, err = run("vba", "-o", "file")
    assert (status, err) == (2, "roi-xl: file cannot be made: File exists\n")


def test_calc_takes_numbers_as_people_type_them_and_doubts_a_rate_above_all(capsys):
    assert main(["calc", "--discount-rate", "10%", "--training-cost", "$2,500", "--json"]) == 0
    told = capsys.readouterr()
    assert json.loads(told.out)["outputs"]["net_present_value"] == pytest.approx(5480.34, abs=0.005)
    assert told.err == ""
    assert main(["calc", "--discount-rate", "10"]) == 0
    assert capsys.readouterr().err == "note: --discount-rate 10 is 1,000%; for 10% say 10%\n"
    assert main(["calc", "--training-cost", "-0"]) == 0
    assert "-0.00" not in capsys.readouterr().out


def test_a_template_replaces_no_workbook_unless_it_is_told_to(tmp_path, capsys):
    path = tmp_path / "case.xlsx"
    path.write_bytes(b"somebody's inputs")
    assert main(["template", str(path)]) == 2
    assert "exists, perhaps with inputs that someone typed in; --force replaces it" in capsys.readouterr().err
    assert path.read_bytes() == b"somebody's inputs"
    assert main(["template", str(path), "--force"]) == 0
    assert path.read_bytes() != b"somebody's inputs"


def test_the_command_starts_without_what_only_workbooks_need():
    heavy = "{'numpy', 'formualizer', 'openpyxl', 'multiprocessing'}"
    script = f"import roi_xl.cli, sys; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
