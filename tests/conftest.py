"""What every test may use."""

import contextlib
import gc
import importlib
import os
import shutil
import subprocess
import sys
import types

import pytest
import windows
from calc_helpers import SYSTEM_PYTHON
from case_table import mistakes
from hypothesis import settings

import roi_xl
from roi_xl.cli import collect_seldom
from roi_xl.errors import ExcelError
from roi_xl.hosts.excel import ERROR_CODES, FIRST_CODE
from roi_xl.template.formulas import FLAVORS

settings.register_profile("repeatable", derandomize=True, deadline=None, max_examples=200)
settings.load_profile("repeatable")

PROGRAMS = {"soffice": "libreoffice", "ssconvert": "gnumeric", "uno_python": "libreoffice", "pyodide": "node"}
"""The mark of a test that uses a program, by the fixture that needs it."""

SLOW = {*PROGRAMS, "full_templates"}
"""What takes seconds to have."""


def pytest_collection_modifyitems(items):
    """Mark the tests that start another program, and what else is slow. The slowest comes first."""
    for item in items:
        fixtures = set(getattr(item, "fixturenames", ()))
        for fixture in PROGRAMS.keys() & fixtures:
            item.add_marker(PROGRAMS[fixture])
        if SLOW & fixtures:
            item.add_marker("slow")
    items.sort(key=lambda item: item.get_closest_marker("spark") is None)


def pytest_collection_finish():
    """Look for garbage as seldom as the command does: what was imported and collected stays to the end."""
    gc.collect()
    collect_seldom()


@pytest.fixture(scope="session")
def soffice():
    """LibreOffice: needed in CI, elsewhere its tests are skipped without it."""
    found = shutil.which("soffice") or shutil.which("libreoffice")
    if found is None and os.environ.get("CI"):
        pytest.fail("LibreOffice is missing: `make test` installs it through apt")
    if found is None:
        pytest.skip("LibreOffice is not installed")
    return found


@pytest.fixture(scope="session")
def ssconvert():
    """Gnumeric's converter: needed in CI, elsewhere its tests are skipped without it."""
    found = shutil.which("ssconvert")
    if found is None and os.environ.get("CI"):
        pytest.fail("Gnumeric is missing: `make test` installs it through apt")
    if found is None:
        pytest.skip("Gnumeric is not installed")
    return found


def shared(tmp_path_factory, name, fill):
    """A folder that the first process of a run to need it fills, and all of them read."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / name
    with folder.with_suffix(".lock").open("wb") as lock:
        wait_for(lock)
        if not folder.exists():
            made = tmp_path_factory.mktemp(name)
            fill(made)
            with contextlib.suppress(OSError):  # on Windows another process may have been faster
                made.rename(folder)
    return folder


def wait_for(lock):
    """Hold a lock until its file is closed, where there are such locks."""
    with contextlib.suppress(ImportError):
        import fcntl

        fcntl.flock(lock, fcntl.LOCK_EX)


def every_flavor(tmp_path_factory, depth):
    """The template in every flavor, by the name of the flavor."""

    def fill(folder):
        for flavor in FLAVORS:
            roi_xl.build_template(folder / f"{flavor}.xlsx", formulas=flavor, depth=depth)

    folder = shared(tmp_path_factory, f"templates-{depth}", fill)
    return {flavor: folder / f"{flavor}.xlsx" for flavor in FLAVORS}


@pytest.fixture(scope="session")
def templates(tmp_path_factory):
    """The template in every flavor."""
    return every_flavor(tmp_path_factory, "quick")


@pytest.fixture(scope="session")
def full_templates(tmp_path_factory):
    """The template in full depth, in every flavor."""
    return every_flavor(tmp_path_factory, "full")


@pytest.fixture(scope="session")
def full_template(full_templates):
    """The template in full depth, opened once."""
    return roi_xl.open_model(full_templates["native"])


@pytest.fixture(scope="session")
def uno_python(soffice):
    """A Python that can talk to LibreOffice: needed in CI, elsewhere its tests are skipped without it."""
    found = subprocess.run([SYSTEM_PYTHON, "-c", "import uno"], capture_output=True, env={}).returncode == 0
    if not found and os.environ.get("CI"):
        pytest.fail("python3-uno is missing: `make test` installs it through apt")
    if not found:
        pytest.skip("python3-uno is not installed")


@pytest.fixture
def check(record_property):
    """Check a host's answers to cases of the shared table; a failure names each that is wrong."""

    def checked(cases, answer):
        wrong = list(mistakes(cases, answer))
        record_property("cases", len(cases))
        record_property("passed", len(cases) - len(wrong))
        assert not wrong, "\n".join(wrong)

    return checked


@pytest.fixture(scope="module")
def udfs():
    with pytest.MonkeyPatch.context() as patch:
        machinery = windows.install(patch)
        for name in ("roi_xl.hosts.excel", "roi_xl.udfs"):
            patch.delitem(sys.modules, name, raising=False)
        module = importlib.import_module("roi_xl.udfs")
        yield types.SimpleNamespace(machinery=machinery, module=module)


@pytest.fixture(scope="module")
def call(udfs):
    """Call a function as Excel does: values as COM passes them, through xlwings' call_udf."""

    def called(name, *arguments):
        return udfs.machinery.call_udf("roi_xl.udfs", name, [as_com(argument) for argument in arguments])

    return called


def as_com(value):
    """A value as Excel passes it: errors as codes, whole ranges as tuples of tuples."""
    if isinstance(value, list):
        return tuple(tuple(as_com(cell) for cell in row) for row in value)
    if isinstance(value, ExcelError):
        return FIRST_CODE + ERROR_CODES[value]
    return value
