"""What the documents say is so: every command, every example, every generated table."""

import doctest
import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from recalc_helpers import parts

import roi_xl
from roi_xl.catalog import CATALOG
from roi_xl.quantities import QUANTITIES

SIMULATED = r"xl/worksheets/sheet10\.xml|xl/charts/"
"""The Risk sheet and the charts: the last digits of a simulation depend on the version of SciPy."""

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = ["README.md", "CONTRIBUTING.md", "benchmarks/README.md", "workbook/README.md"]
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
pytestmark = pytest.mark.slow


def load(path):
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


generate = load(ROOT / "docs" / "generate.py")


def blocks(document, language):
    text = (ROOT / document).read_text("utf-8")
    return [block for found, block in BLOCK.findall(text) if found == language]


def sessions(document):
    """Every command after a `$` with the output that the document shows for it."""
    for block in blocks(document, "console"):
        for session in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, output = session.partition("\n")
            yield command, output


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_command_prints_what_the_document_says(document, tmp_path):
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    (tmp_path / "tests").symlink_to(ROOT / "tests")
    for command, output in sessions(document):
        done = subprocess.run(
            command,
            shell=True,
            cwd=tmp_path,
            env={**os.environ, "PATH": path},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert done.stdout == output, command


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_python_example_runs(document, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    text = "\n".join(blocks(document, "python"))
    example = doctest.DocTestParser().get_doctest(text, {"roi_xl": roi_xl}, document, document, 0)
    assert doctest.DocTestRunner().run(example).failed == 0


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_make_target_and_link_exists(document):
    text = (ROOT / document).read_text("utf-8")
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for target in re.findall(r"\bmake ([a-z]+)\b(?=`| {2,}|$)", text, flags=re.MULTILINE):
        assert re.search(rf"^{target}:", makefile, flags=re.MULTILINE), target
    for link in re.findall(r"\]\((?!https?:)([^)#]+)\)", text):
        assert ((ROOT / document).parent / link).exists(), link


def test_tables_in_the_readme_are_up_to_date():
    readme = (ROOT / "README.md").read_text("utf-8")
    assert generate.with_tables(readme) == readme, "run `make generate`"


@pytest.mark.parametrize(("name", "kind"), generate.WORKBOOKS.items())
def test_workbooks_are_up_to_date(name, kind, tmp_path):
    formulas, depth = kind
    roi_xl.build_template(tmp_path / name, formulas=formulas, depth=depth)
    old, new = parts(ROOT / "workbook" / name), parts(tmp_path / name)
    assert list(old) == list(new)
    drawn = {part for part in old if depth == "full" and re.search(SIMULATED, part)}
    assert {part for part in old if old[part] != new[part]} <= drawn, "run `make generate`"


def test_the_readme_names_every_function():
    readme = (ROOT / "README.md").read_text("utf-8")
    assert all(f"`{name}`" in readme for name in CATALOG)


def test_the_version_stands_in_one_place():
    changelog = (ROOT / "CHANGELOG.md").read_text("utf-8")
    assert f"## {roi_xl.__version__}" in changelog
    assert roi_xl.__version__ not in (ROOT / "pyproject.toml").read_text("utf-8").partition("[project.scripts]")[0]


def test_types_are_shipped():
    assert Path(roi_xl.__file__).with_name("py.typed").exists()


def test_every_quantity_says_what_it_is():
    for quantity in QUANTITIES.values():
        assert quantity.meaning.endswith(".")
        assert quantity.label[0].isupper()
        assert repr(quantity) == quantity.name
