"""An agent's door, asked by the SDK's own client over stdin and stdout."""

import functools
import inspect
import io
import json
import os
import shutil
import sys
import time
from pathlib import Path

import anyio
import pytest
from mcp import Client, StdioServerParameters
from openpyxl import Workbook, load_workbook
from recalc_helpers import make, values

import roi_xl
from roi_xl.cli import cli, main
from roi_xl.errors import FileProblem, OutOfBounds, RoiError
from roi_xl.mcp import tools
from roi_xl.mcp.folder import Folder
from roi_xl.mcp.server import Problem, Workshop, answered, server_of
from roi_xl.quantities import MODEL_INPUTS, ROI_BASIS
from roi_xl.terminal import finite

TRACES = Path(__file__).parent / "traces"
POSITIVE = "Positive projected ROI: modeled savings recover the investment within the selected horizon."


@pytest.fixture(scope="module")
def case(tmp_path_factory):
    path = tmp_path_factory.mktemp("case") / "case.xlsx"
    tools.template(Folder.at(path.parent), path.name)
    return path


@pytest.fixture
def folder(tmp_path, case):
    shutil.copy(case, tmp_path / "case.xlsx")
    return Folder.at(tmp_path)


def talk(client_of, *questions):
    async def talked():
        async with Client(client_of) as client:
            return [await client.call_tool(name, given) for name, given in questions]

    return anyio.run(talked)


def over_stdio(folder, **environment):
    arguments = ["-m", "roi_xl", "mcp", "--folder", str(folder.root)]
    return StdioServerParameters(command=sys.executable, args=arguments, env={**os.environ, **environment})


def text(result):
    (content,) = result.content
    return content.text


# one conversation over stdin and stdout


@pytest.mark.slow
def test_an_agent_builds_a_case_and_works_with_it(folder):
    for name in ("openai-usage.csv", "openai-costs.csv"):
        shutil.copy(TRACES / name, folder.root / name)
    traces = {"files": ["openai-usage.csv", "openai-costs.csv"], "baseline": "gpt-5-mini", "fine_tuned": "gpt-4o-mini"}
    answers = talk(
        over_stdio(folder),
        ("calculate", {}),
        ("template", {"output": "mine.xlsx", "set": {"months": 24}, "currency": "EUR"}),
        ("show", {"file": "mine.xlsx"}),
        ("check", {"file": "mine.xlsx"}),
        ("recalculate", {"file": "mine.xlsx", "set": {"months": 12}, "output": "new.xlsx"}),
        ("sweep", {"file": "case.xlsx", "grid": {"months": [6, 12, 24]}, "read": ["net_benefit"], "output": "all.csv"}),
        ("sweep", {"file": "case.xlsx", "grid": {"months": [6, 12]}}),
        ("goal_seek", {"file": "case.xlsx", "goal": "net_benefit", "value": 0, "by": "monthly_requests"}),
        ("observe", traces),
    )
    assert not any(answer.is_error for answer in answers)
    calculated, template, shown, checked, recalculated, swept, everything, sought, observed = (
        a.structured_content for a in answers
    )
    assert calculated["outputs"]["net_benefit"] == 5_900
    assert calculated["outputs"]["return_on_investment"] == pytest.approx(1.5946, abs=5e-5)
    assert calculated["outputs"]["breakeven_months"] == pytest.approx(3.57, abs=5e-3)
    assert calculated["outputs"]["verdict"] == POSITIVE
    assert calculated["outputs"]["what_turns_it"].startswith("Fails if the baseline cost per request is about 0.015083")
    assert template == {"written": "mine.xlsx", "doubts": []}
    assert shown["inputs"]["months"] == {"value": 24, "cell": "Inputs!C12"}
    assert checked["trusted"]
    assert checked["verified"] == checked["formulas"] == checked["compared"] > 1_000
    assert recalculated["inputs"] == {"months": {"before": 24, "after": 12}}
    assert recalculated["outputs"]["net_benefit"] == {"before": 24 * 700 - 2_500, "after": pytest.approx(5_900)}
    assert recalculated["written"] == "new.xlsx"
    assert values(folder.root / "new.xlsx")["Outputs", "C17"] == pytest.approx(5_900)
    assert swept["outputs"]["net_benefit"]["p50"] == pytest.approx(5_900)
    assert (folder.root / "all.csv").read_text().splitlines()[1] == "6,1700,"
    assert everything["outputs"]["net_benefit"]["mean"] == pytest.approx((1_700 + 5_900) / 2)
    assert everything["outputs"]["net_benefit"]["numbers"] == 2
    assert everything["outputs"]["verdict"] == {
        **dict.fromkeys(("p10", "p50", "p90", "mean", "above_0")), "numbers": 0, "texts": {POSITIVE: 2}
    }  # fmt: skip
    assert sought["solutions"] == [pytest.approx(3_700 / 12 / 0.008)]
    assert observed["baseline"]["cost"] == 0.569788 + 0.3409 + 0.072054
    assert [file["name"] for file in observed["files"]] == traces["files"]
    assert observed["what_turns_it"].startswith(("Fails if ", "Pays if ", "No single change"))


@pytest.mark.slow
def test_a_server_that_waits_is_not_out_of_time(folder):
    async def waited():
        async with Client(over_stdio(folder, ROI_XL_MAX_SECONDS="4")) as client:
            await anyio.sleep(6)
            return (await client.list_tools()).tools

    found = anyio.run(waited)
    assert [tool.name for tool in found] == [tool.__name__ for tool in tools.TOOLS]
    assert all(tool.description and tool.output_schema for tool in found)
    calculate = found[0].input_schema["properties"]
    defaults = {quantity.name: quantity.default for quantity in MODEL_INPUTS} | {"roi": ROI_BASIS.options[0]}
    assert {name: about["default"] for name, about in calculate.items()} == defaults
    assert "USD" not in calculate["months"]["description"]
    assert {tool.name for tool in found if tool.annotations.read_only_hint} == {
        "calculate", "show", "check", "goal_seek"
    }  # fmt: skip


def test_the_command_ends_when_its_input_is_closed(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"")))
    assert main(["mcp", "--folder", str(tmp_path)]) == 0


def test_without_the_sdk_the_command_says_what_it_needs(tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "roi_xl.mcp.server", None)
    assert main(["mcp", "--folder", str(tmp_path)]) == 2
    assert capsys.readouterr().err == "roi-xl: the server for agents needs the MCP SDK: pip install 'roi-xl[mcp]'\n"


def test_a_folder_that_is_none_is_refused(tmp_path, capsys):
    assert main(["mcp", "--folder", str(tmp_path / "none")]) == 2
    assert capsys.readouterr().err == f"roi-xl: {tmp_path / 'none'} is not a folder\n"


# errors are text


BELOW = "must be a file in the folder that roi-xl serves, without .. or links"
RULE = "months must be a whole number from 1 to 60 by the data validation of Inputs!C12, got 4000"
NO_NUMBER = "Input should be a valid number, unable to parse string as a number"
PROBLEMS = (
    ("calculate", {"monthly_requests": -5}, "monthly_requests must be at least 0 requests/month, got -5"),
    ("calculate", {"monthly_request": 5}, "this tool has no argument monthly_request"),
    ("check", {}, "file is missing"),
    ("calculate", {"months": []}, "months: Input should be a valid number, got []"),
    ("show", {"file": "none.xlsx"}, "none.xlsx is not a file in the folder"),
    ("show", {"file": "../case.xlsx"}, f"'../case.xlsx' {BELOW}"),
    ("template", {"output": "case.xlsx"}, "case.xlsx exists; overwrite=true replaces it"),
    ("recalculate", {"set": {"months": "=1+1"}}, "months takes a value, not a formula, got '=1+1'"),
    ("recalculate", {"set": {"xyzzy": 5}}, "case.xlsx has no cell or name 'xyzzy'"),
    ("recalculate", {"set": {"months": 4000}}, f"{RULE}; ignore_validation=true sets it anyway"),
    ("sweep", {"grid": {"months": [4000]}}, f"{RULE}; ignore_validation=true sets it anyway"),
    (
        "calculate",
        {"discount_rate": "ten"},
        "discount_rate: Input should be a valid number, unable to parse string as a number, got 'ten'",
    ),
    ("calculate", {"discount_rate": -2}, "discount_rate must be at least -0.99 and at most 10 %/year, got -2"),
    ("goal_seek", {"goal": "net_benefit", "value": 0, "by": "months", "low": 1}, "low and high go together"),
    ("delete", {}, "Unknown tool: delete"),
)
NEEDS_FILE = ("recalculate", "goal_seek", "sweep")


@pytest.mark.parametrize(("tool", "given", "answer"), PROBLEMS)
def test_a_problem_is_one_line_of_text(folder, tool, given, answer):
    class Here(Workshop):
        async def answer(self, question):
            return answered(question)

    given = {**given, "file": "case.xlsx"} if tool in NEEDS_FILE else given
    (result,) = talk(server_of(folder, Here()), (tool, given))
    assert result.is_error
    assert text(result) == answer


def test_a_change_that_reaches_what_is_not_reproduced_names_the_cells(folder):
    make(folder.root / "odd.xlsx", {"A1": 2, "A2": "=A1*3"}, stored={"A2": 7})
    found = answered(functools.partial(tools.recalculate, folder, "odd.xlsx", {"Sheet!A1": 5}))
    first, second = found.text.splitlines()
    assert first.startswith("the change reaches 1 cell that could not be reproduced, first Sheet!A2")
    assert "Sheet!A2 stored 7.0, replayed 6.0" in second
    checked = tools.check(folder, "odd.xlsx")
    assert (checked.trusted, checked.differences) == (False, 1)
    assert checked.different[0].model_dump(exclude={"cause"}) == {
        "cell": "Sheet!A2", "formula": "A1*3", "stored": 7, "replayed": 6
    }  # fmt: skip
    accepted = tools.recalculate(folder, "odd.xlsx", {"Sheet!A1": 5}, trust_engine=True)
    assert accepted.inputs["Sheet!A1"].after == 5


def test_a_fault_is_text_and_not_the_end(capsys):
    def panic():
        raise SystemError("broken")

    def hungry():
        raise MemoryError

    assert answered(panic) == Problem("a fault of roi-xl, not of yours (SystemError: broken)")
    assert "in panic" in capsys.readouterr().err
    assert answered(hungry) == Problem("not enough memory for this workbook")


@pytest.mark.slow
def test_a_question_that_takes_too_long_or_ends_its_process_costs_one_answer(monkeypatch):
    async def asked(workshop):
        with monkeypatch.context() as patch:
            patch.setenv("ROI_XL_MAX_SECONDS", "1")
            slow = await workshop.answer(functools.partial(time.sleep, 60))
        lost = await workshop.answer(functools.partial(os._exit, 3))
        with anyio.move_on_after(0.1):
            await workshop.answer(functools.partial(time.sleep, 60))
        return slow, lost, await workshop.answer(functools.partial(max, 1, 2))

    workshop = Workshop()
    start = time.monotonic()
    slow, lost, last = anyio.run(asked, workshop)
    workshop.end()
    assert slow == Problem("it took longer than 1 seconds (ROI_XL_MAX_SECONDS)")
    assert lost == Problem("the process ended, perhaps for lack of memory (ROI_XL_MAX_MEMORY_MIB)")
    assert last == 2
    assert time.monotonic() - start < 30


# only below the folder, and nothing that was not asked for


def test_nothing_outside_the_folder_can_be_named(tmp_path):
    inside, outside = tmp_path / "in", tmp_path / "out"
    for place in (inside, outside):
        place.mkdir()
        (place / "a.csv").write_text("months\n1\n")
    (inside / "sub").mkdir()
    (inside / "link.csv").symlink_to(outside / "a.csv")
    (inside / "own.csv").symlink_to(inside / "a.csv")
    (inside / "door").symlink_to(outside)
    folder = Folder.at(inside)
    assert folder.file("a.csv") == folder.file(str(inside / "a.csv")) == inside / "a.csv"
    assert folder.target("sub/b.csv", False, ".csv") == inside / "sub" / "b.csv"
    for name in (
        "../out/a.csv", "sub/../a.csv", "link.csv", "own.csv", "door/a.csv", str(outside / "a.csv"), "/etc/passwd",
        "", ".", "..", "a\0.csv", "~/a.csv", "none.csv", "sub",
    ):  # fmt: skip
        with pytest.raises(FileProblem):
            folder.file(name)
    for name in ("../b.csv", "door/b.csv", "link.csv", "none/b.csv", "a.csv", "b.txt", str(outside / "b.csv")):
        with pytest.raises(FileProblem):
            folder.target(name, False, ".csv")
    assert sorted(path.name for path in outside.iterdir()) == ["a.csv"]


@pytest.fixture
def small(tmp_path):
    make(tmp_path / "small.xlsx", {"A1": 2, "A2": "=A1*3"})
    return Folder.at(tmp_path)


def test_nothing_is_written_without_output(small):
    before = {path: path.read_bytes() for path in small.root.rglob("*")}
    tools.show(small, "small.xlsx")
    tools.check(small, "small.xlsx")
    changed = tools.recalculate(small, "small.xlsx", {"Sheet!A1": 5})
    assert (changed.changed, changed.written) == (1, None)
    assert (changed.cells["Sheet!A2"].before, changed.cells["Sheet!A2"].after) == (6, 15)
    found = tools.sweep(small, "small.xlsx", ["Sheet!A2"], grid={"Sheet!A1": [6.0, 8.0]})
    assert (found.outputs["Sheet!A2"].mean, found.written) == (21, None)
    assert tools.goal_seek(small, "small.xlsx", "Sheet!A2", 12, "Sheet!A1", 0.0, 10.0).solutions == [pytest.approx(4)]
    assert {path: path.read_bytes() for path in small.root.rglob("*")} == before


def test_an_output_replaces_a_file_only_where_it_is_said_so(small):
    before = (small.root / "small.xlsx").read_bytes()
    with pytest.raises(FileProblem, match="exists; overwrite=true replaces it"):
        tools.recalculate(small, "small.xlsx", {"Sheet!A1": 6}, "small.xlsx")
    assert (small.root / "small.xlsx").read_bytes() == before
    tools.recalculate(small, "small.xlsx", {"Sheet!A1": 6}, "small.xlsx", overwrite=True)
    assert values(small.root / "small.xlsx")["Sheet", "A2"] == 18


def test_scenarios_come_from_a_file_or_from_draws(small):
    (small.root / "rows.csv").write_text("Sheet!A1\n6\n8\n")
    (small.root / "risk.toml").write_text("[inputs]\n'Sheet!A1' = ['uniform', 10, 10.001]\n")
    rows = tools.sweep(small, "small.xlsx", ["Sheet!A2"], scenarios="rows.csv", output="all.csv")
    assert rows.outputs["Sheet!A2"].mean == 21
    assert (small.root / "all.csv").read_text().splitlines() == ["Sheet!A1,Sheet!A2,errors", "6,18,", "8,24,"]
    drawn = tools.sweep(small, "small.xlsx", ["Sheet!A2"], distributions="risk.toml", samples=16)
    assert drawn.outputs["Sheet!A2"].p50 == pytest.approx(30, rel=1e-3)
    assert drawn.scenarios == 16
    for wrong in ({}, {"samples": 5}, {"grid": {"Sheet!A1": [1.0]}, "scenarios": "rows.csv"}):
        with pytest.raises(RoiError, match="samples"):
            tools.sweep(small, "small.xlsx", ["Sheet!A2"], **wrong)


def test_what_belongs_together_must_come_together(folder):
    with pytest.raises(RoiError, match="baseline and fine_tuned go together"):
        tools.template(folder, "new.xlsx", baseline="gpt-4o")
    with pytest.raises(RoiError, match="format must be one of"):
        tools.observe(folder, ["a.csv"], "a", "b", format="word")


@pytest.mark.slow
def test_traces_become_a_workbook(folder):
    shutil.copy(TRACES / "plain.csv", folder.root / "plain.csv")
    found = tools.observe(folder, ["plain.csv"], "gpt-4o", "ft:*", output="costs.xlsx", set={"months": 6})
    told = tools.calculate(folder, **found.inputs).outputs
    assert told["net_benefit"] == pytest.approx(found.answers["net_benefit"][0])
    model = roi_xl.open_model(folder.root / "costs.xlsx")
    assert model.inputs["months"] == found.inputs["months"] == 6
    assert model.outputs["net_benefit"] == pytest.approx(found.answers["net_benefit"][0])
    assert found.written == "costs.xlsx"


@pytest.mark.parametrize("value", [float("inf"), float("nan")])
def test_no_cell_takes_a_number_that_is_not_finite(folder, value):
    with pytest.raises(OutOfBounds, match="months takes a finite number"):
        roi_xl.open_model(folder.root / "case.xlsx").calculate({"months": value})


def test_no_cell_takes_control_characters(folder):
    with pytest.raises(RoiError, match="takes text in UTF-8 without control characters"):
        roi_xl.open_model(folder.root / "case.xlsx").calculate({"Inputs!B3": "a\x01"})


def test_a_day_can_be_set_and_a_cell_cleared(tmp_path):
    book = Workbook()
    book.active["A1"], book.active["A2"], book.active["B1"], book.active["B2"] = 45_000, 5, "=A1+1", "=A2+1"
    book.save(tmp_path / "days.xlsx")
    found = tools.recalculate(
        Folder.at(tmp_path), "days.xlsx", {"Sheet!A1": "2024-01-15", "Sheet!A2": None}, "new.xlsx"
    )
    assert found.trusted
    model = roi_xl.open_model(tmp_path / "new.xlsx")
    assert [model.value(model.find(f"Sheet!B{row}")) for row in (1, 2)] == [45_307, 1]


def test_calculate_takes_what_makes_months_differ(capsys, folder):
    for changed in ({"discount_rate": 0.1}, {"fine_tuned_life": 6, "retraining_cost": 100}):
        found = tools.calculate(folder, **changed)
        options = [f"--{name.replace('_', '-')}={value}" for name, value in changed.items()]
        assert main(["calc", *options, "--json"]) == 0
        assert json.loads(capsys.readouterr().out) == finite(found.model_dump(exclude={"doubts"}))
        assert found.outputs["net_present_value"] is not None
    other = tools.calculate(folder, roi=ROI_BASIS.options[1])
    assert main(["calc", "--roi", ROI_BASIS.options[1], "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == finite(other.model_dump(exclude={"doubts"}))
    assert tools.calculate(folder, discount_rate=10.0).doubts == [DOUBT]


DOUBT = "discount_rate 10 is 1,000%; for 10% say 10%"


def test_percentages_are_taken_as_texts_and_doubted_without_their_sign(folder):
    class Here(Workshop):
        async def answer(self, question):
            return answered(question)

    def asked(tool, **given):
        (result,) = talk(server_of(folder, Here()), (tool, given))
        assert not result.is_error, text(result)
        return result.structured_content

    case = {"file": "case.xlsx"}
    rate = {"set": {"discount_rate": "10%"}}
    assert asked("calculate", discount_rate="10%")["outputs"]["net_present_value"] == pytest.approx(5480.34, abs=0.005)
    changed = asked("recalculate", **case, **rate)
    assert changed["outputs"]["net_present_value"]["after"] == pytest.approx(5480.34, abs=0.005)
    assert changed["doubts"] == []
    swept = asked("sweep", **case, grid={"discount_rate": ["10%"]}, read=["net_present_value"])
    assert swept["outputs"]["net_present_value"]["mean"] == pytest.approx(5480.34, abs=0.005)
    asked("template", output="ten.xlsx", protect=True, scale="thousands", **rate)
    assert values(folder.root / "ten.xlsx")["Inputs", "C15"] == 0.1
    assert load_workbook(folder.root / "ten.xlsx")["Outputs"].protection.sheet
    for tool, given in (
        ("recalculate", {**case, "set": {"discount_rate": 10}}),
        ("sweep", {**case, "grid": {"discount_rate": [0.1, 10]}, "read": ["net_present_value"]}),
        ("template", {"output": "ten.xlsx", "overwrite": True, "set": {"discount_rate": 10}}),
    ):
        assert asked(tool, **given)["doubts"] == [DOUBT]


def test_every_option_of_a_command_is_an_argument_of_its_tool():
    """But for what prints, what opens the network, and what has another form here."""
    here = {
        "files",
        "file",
        "models",
        "model",
        "output",
        "settings",
        "as_json",
        "force",
        "in_place",
        "backup",
        "engine",
    }
    elsewhere = {
        "calc": {"basis"},
        "template": set(),
        "recalc": {"everything"},
        "observe": {"format_", "backend"},
    }
    for name, others in elsewhere.items():
        tool = getattr(tools, {"calc": "calculate", "recalc": "recalculate"}.get(name, name))
        options = {option.name for option in cli.commands[name].params} - here - others
        assert options <= inspect.signature(tool).parameters.keys()


def test_observe_takes_every_option_and_speaks_of_arguments(folder):
    shutil.copy(TRACES / "plain.csv", folder.root / "plain.csv")
    how = {"prices": {"gpt-4o": (2.5, 1.25, 10)}, "success": "status==ok", "group": "call", "rejects": "bad.csv"}
    given = tools.observe(folder, ["plain.csv"], "gpt-4o", "ft:*", monthly_requests=1_000_000, sampled=0.5, **how)
    assert given.inputs["monthly_requests"] == 1_000_000
    assert (folder.root / "bad.csv").is_file()
    with pytest.raises(FileProblem, match=r"output must be \.csv, got plain.txt"):
        tools.observe(folder, ["plain.csv"], "gpt-4o", "ft:*", rejects="plain.txt")
    assert not any("--" in warning for warning in given.warnings)
