"""Two type checkers accept every right call of the public functions, and refuse every wrong one."""

import importlib.util
import inspect
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import roi_xl
from roi_xl.describe import headings, is_table

HERE = Path(__file__).resolve().parent
RIGHT, WRONG = HERE / "typed_api.py", HERE / "mistyped_api.py"
WRONG_LINES = {n for n, line in enumerate(WRONG.read_text("utf-8").splitlines(), start=1) if line.endswith("# wrong")}


def refused_by_mypy():
    """By the project's own settings, so that what the gate found out of `roi_xl` is not found out again."""
    done = run([sys.executable, "-m", "mypy", "--no-error-summary", "--hide-error-context", str(RIGHT), str(WRONG)])
    return {(name, int(line)) for name, line in re.findall(r"^.*?(\w+\.py):(\d+): error:", done, re.MULTILINE)}


def refused_by_pyright():
    done = run(
        [sys.executable, "-m", "pyright", "--outputjson", "--pythonpath", sys.executable, str(RIGHT), str(WRONG)]
    )
    return {
        (Path(found["file"]).name, found["range"]["start"]["line"] + 1)
        for found in json.loads(done)["generalDiagnostics"]
    }


def run(command):
    environment = {**os.environ, "PYTHONPATH": str(HERE.parent), "PYRIGHT_PYTHON_IGNORE_WARNINGS": "1"}
    return subprocess.run(command, capture_output=True, text=True, env=environment, cwd=HERE.parent).stdout


@pytest.mark.slow
@pytest.mark.parametrize("refused", [refused_by_mypy, refused_by_pyright])
def test_right_calls_are_accepted_and_wrong_ones_refused(refused):
    assert refused() == {(WRONG.name, line) for line in WRONG_LINES}


def test_the_stub_is_that_of_the_functions():
    spec = importlib.util.spec_from_file_location("stub", HERE.parent / "docs" / "stub.py")
    stub = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(stub)
    assert stub.STUB.read_text("utf-8") == stub.text(), "run `make generate`"


def test_public_names_are_there_and_named():
    assert dir(roi_xl) == sorted([*roi_xl.__all__, "__version__"])
    assert all(getattr(roi_xl, name) is not None for name in roi_xl.__all__)
    for name in ("Model", "RoiError", "OutOfBounds", "open_model", "observe", "build_template", "sweep", "npv"):
        assert name in roi_xl.__all__
    with pytest.raises(AttributeError, match="no attribute 'cash_flows'"):
        roi_xl.cash_flows  # noqa: B018


def test_a_signature_says_what_a_python_user_gets():
    assert str(inspect.signature(roi_xl.request_savings)) == (
        "(baseline_cost_per_request: float, fine_tuned_cost_per_request: float) -> float"
    )
    assert str(inspect.signature(roi_xl.npv)).endswith(" -> float")
    assert inspect.signature(roi_xl.verdict).return_annotation is str
    assert inspect.signature(roi_xl.cash_flow).return_annotation == list[roi_xl.CashFlowMonth]
    assert roi_xl.npv.__annotations__["return"] is float


def test_headings_are_those_of_the_rows():
    for formula in roi_xl.catalog.CATALOG.values():
        if is_table(formula):
            row = inspect.signature(roi_xl.FUNCTIONS[formula.__name__]).return_annotation.__args__[0]
            assert len(headings(formula)) in (0, len(getattr(row, "_fields", ())))
