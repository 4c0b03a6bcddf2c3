"""What the tests of the JavaScript need: node, packages of npm, drawn cases."""

import datetime as dt
import os
import random
import shutil
from pathlib import Path

import pytest

from roi_xl.errors import ExcelError

TESTS = Path(__file__).parent
NODE_MODULES = Path(os.environ.get("ROI_XL_NODE_MODULES", TESTS.parent / ".venv" / "node_modules"))
REFERENCE = [2_500.0, 100.0, 0.02, 0.012, 100_000.0, 12.0]


def node():
    """Node: needed in CI, elsewhere its tests are skipped without it."""
    found = shutil.which("node")
    if found is None and os.environ.get("CI"):
        pytest.fail("node is missing: `make test` installs it through apt")
    return found or pytest.skip("node is not installed")


def npm(module):
    """An npm package: needed in CI, elsewhere its tests are skipped without it."""
    found = NODE_MODULES / module
    if not found.exists() and os.environ.get("CI"):
        pytest.fail(f"{module} is missing: `make test` installs it into {NODE_MODULES}")
    return found if found.exists() else pytest.skip(f"{module} is not installed")


def programs(count):
    """Rows of inputs of the monthly model, drawn within their bounds and always the same."""
    draw = random.Random(20)
    for _ in range(count):
        usual = [draw.uniform(0, 2) * value for value in REFERENCE[:5]]
        shares = [draw.choice([0, draw.uniform(-0.5, 0.5)]) for _ in range(4)]
        yield [
            *usual,
            draw.choice([12, draw.uniform(0, 60)]),
            shares[0],
            shares[1] / 10,
            draw.choice([0, 3, 4.5]),
            draw.random(),
            *shares[2:],
            draw.choice([0, 80]),
            draw.choice([0, 900]),
            draw.choice([0, 1, 5, 6.5]),
            draw.random(),
            draw.random(),
            draw.choice([0, 0.05]),
            draw.choice([0, 0, 8, 20]),
            draw.choice([0, 0, 5, 30]),
            draw.choice([0, 700]),
        ]


def given(value):
    """An argument as calls.json writes it."""
    if isinstance(value, list | tuple):
        return [given(cell) for cell in value]
    if isinstance(value, dt.date):
        return {"date": [value.year, value.month, value.day]}
    return {"error": str(value)} if isinstance(value, ExcelError) else value
