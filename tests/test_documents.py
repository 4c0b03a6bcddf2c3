"""What the documents say is so: every command, every example, every generated page and link."""

import ast
import os
import re
from pathlib import Path

import generate
import pytest
import sessions
from recalc_helpers import parts

import roi_xl
from roi_xl.catalog import CATALOG
from roi_xl.quantities import QUANTITIES

SIMULATED = r"xl/worksheets/sheet10\.xml|xl/charts/"
"""The Risk sheet and the charts: the last digits of a simulation depend on the version of SciPy."""

ROOT = sessions.ROOT
DOCUMENTS = sessions.documents()
CALL = re.compile(r"`(?:=(ROI_\w+)|roi_xl\.(\w+))\(([\d., _]+)\)`(?: gives | \| )(\d[\d.]*\d)")
SHOWN = re.compile(r"^```(console|python)$", re.MULTILINE)
WITH_EXAMPLES = [
    pytest.param(name, marks=[pytest.mark.slow] if "console" in SHOWN.findall(sessions.read(name)) else [])
    for name in DOCUMENTS
    if SHOWN.search(sessions.read(name))
]
LINK = re.compile(r"\]\((?!https?:|mailto:)([^)#\s]*)(?:#([^)\s]+))?\)")


@pytest.mark.skipif(os.name == "nt", reason="the documents show a POSIX shell")
@pytest.mark.parametrize("document", WITH_EXAMPLES)
def test_every_command_and_example_gives_what_the_document_says(document):
    text = sessions.read(document)
    assert sessions.in_a_folder(text, document) == text, "run `make generate` and look at what changed"


def test_every_call_in_a_sentence_or_a_table_gives_what_stands_beside_it():
    found = [match for name in DOCUMENTS for match in CALL.findall(sessions.read(name))]
    assert len(found) > 3
    for in_a_cell, in_python, arguments, shown in found:
        formula = CATALOG[in_a_cell] if in_a_cell else getattr(roi_xl, in_python)
        decimals = len(shown.partition(".")[2])
        assert round(formula(*ast.literal_eval(f"({arguments},)")), decimals) == float(shown), (formula, arguments)


def test_a_wrong_output_and_a_wrong_example_are_found(tmp_path):
    assert (
        sessions.ran("```console\n$ echo right\nwrong\n```\n", "page", tmp_path)
        == "```console\n$ echo right\nright\n```\n"
    )
    with pytest.raises(AssertionError, match="Got:\n    2"):
        sessions.ran("```python\n>>> 1 + 1\n3\n```\n", "page", tmp_path)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_make_target_and_link_exists(document):
    text = sessions.read(document)
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for target in re.findall(r"\bmake ([a-z]+)\b(?=`| {2,}|$)", text, flags=re.MULTILINE):
        assert re.search(rf"^{target}:", makefile, flags=re.MULTILINE), target
    for link, heading in LINK.findall(text):
        target = (ROOT / document).parent / link if link else ROOT / document
        assert target.exists(), link
        assert not heading or heading in headings(target), f"{link}#{heading}"


def headings(page):
    """The anchors that a page's headings have."""
    titles = re.findall(r"^#+ (.*)$", page.read_text("utf-8"), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.casefold()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("document", DOCUMENTS)
def test_generated_tables_are_up_to_date(document):
    text = sessions.read(document)
    assert generate.with_tables(text) == text, "run `make generate`"


def test_generated_pages_are_up_to_date_and_there_are_no_others():
    pages = generate.pages()
    assert {path for path, text in pages.items() if path.read_text("utf-8") != text} == set(), "run `make generate`"
    assert set((ROOT / "docs/functions").iterdir()) <= set(pages)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "kind"), generate.WORKBOOKS.items())
def test_workbooks_are_up_to_date(name, kind, templates, full_templates):
    formulas, depth = kind
    old, new = parts(ROOT / "workbook" / name), parts({"quick": templates, "full": full_templates}[depth][formulas])
    assert list(old) == list(new)
    drawn = {part for part in old if depth == "full" and re.search(SIMULATED, part)}
    assert {part for part in old if old[part] != new[part]} <= drawn, "run `make generate`"


def test_the_index_names_every_function():
    index = sessions.read("docs/functions/index.md")
    assert all(f"`{name}`" in index for name in CATALOG)


def test_the_readme_is_two_screens():
    assert len(sessions.read("README.md")) < 6_000


def test_the_version_stands_in_one_place():
    assert f"## {roi_xl.__version__}" in sessions.read("CHANGELOG.md")
    assert roi_xl.__version__ not in sessions.read("pyproject.toml").partition("[project.scripts]")[0]


def test_every_release_in_the_changelog_has_its_day():
    headings = re.findall(r"^## (.*)$", sessions.read("CHANGELOG.md"), flags=re.MULTILINE)
    assert all(re.fullmatch(r"Unreleased|\d+\.\d+\.\d+ \(\d{4}-\d\d-\d\d\)", heading) for heading in headings)


def test_types_are_shipped():
    assert Path(roi_xl.__file__).with_name("py.typed").exists()


def test_every_quantity_says_what_it_is():
    for quantity in QUANTITIES.values():
        assert quantity.meaning.endswith(".")
        assert quantity.label[0].isupper()
        assert repr(quantity) == quantity.name
