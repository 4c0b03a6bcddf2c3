"""Can others take the project up: its workflows, its hook, its lock and its metadata?"""

import re
import tomllib
from pathlib import Path

import pytest
import yaml

from roi_xl.cli import main

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
NAME = re.compile(r"[A-Za-z0-9._-]+")


def plain(requirement):
    """A requirement's name as package indexes compare it."""
    return re.sub(r"[-_.]+", "-", NAME.match(requirement)[0]).lower()


def read(path):
    return yaml.safe_load(path.read_text("utf-8"))


def hook():
    (only,) = read(ROOT / ".pre-commit-hooks.yaml")
    return only


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_workflows_run_targets_that_exist_with_no_more_rights_than_they_need(path):
    workflow, makefile = read(path), (ROOT / "Makefile").read_text("utf-8")
    assert workflow["permissions"] == {"contents": "read"}
    for job in workflow["jobs"].values():
        assert job["timeout-minutes"] <= 60
        for step in job["steps"]:
            assert len({"run", "uses"} & step.keys()) == 1
            target = re.match(r"make (\w+)", step.get("run", ""))
            assert not target or re.search(rf"^{target[1]}:", makefile, re.MULTILINE), step


def test_every_python_that_is_promised_is_tested_on_every_system():
    jobs = read(ROOT / ".github/workflows/test.yml")["jobs"]
    promised = [line.rpartition(" ")[2] for line in PROJECT["project"]["classifiers"] if ":: 3." in line]
    tested = jobs["gates"]["strategy"]["matrix"]["python"]
    assert tested == promised
    assert PROJECT["project"]["requires-python"] == f">={promised[0]}"
    assert jobs["elsewhere"]["strategy"]["matrix"]["python"] == [promised[0], promised[-1]]


def test_the_hook_takes_workbooks_and_runs(capsys):
    good = ROOT / "workbook/fine-tuning-roi.xlsx"
    assert re.search(hook()["files"], good.name)
    assert re.search(hook()["files"], "model.xlsm")
    assert not re.search(hook()["files"], "model.xlsx.bak")
    program, *arguments = hook()["entry"].split()
    assert program in PROJECT["project"]["scripts"]
    assert main([*arguments, str(good)]) == 0
    assert "formulas verified" in capsys.readouterr().out


def test_the_lock_holds_every_tool_and_names_no_host():
    lines = [line for line in (ROOT / "requirements-dev.txt").read_text("utf-8").splitlines() if line[0] not in " #"]
    assert all(re.fullmatch(r"[a-z0-9-]+==\S+( ; .*)?", line) for line in lines)
    locked = {plain(line) for line in lines}
    wanted = PROJECT["dependency-groups"]["dev"] + PROJECT["project"]["dependencies"]
    assert {plain(requirement) for requirement in wanted} <= locked, "run `make lock`"


def test_the_extra_all_is_all():
    extras = PROJECT["project"]["optional-dependencies"]
    (everything,) = extras["all"]
    assert sorted(extras.keys() - {"all"}) == re.search(r"\[(.*)\]", everything)[1].split(",")


def test_the_citation_and_the_issue_forms_have_what_github_wants():
    citation = read(ROOT / "CITATION.cff")
    assert citation["cff-version"] == "1.2.0"
    assert citation["license"] == PROJECT["project"]["license"]
    for form in (ROOT / ".github/ISSUE_TEMPLATE").glob("*.yml"):
        assert {"name", "description", "body"} <= read(form).keys()
        assert all({"type", "attributes"} <= part.keys() for part in read(form)["body"])
