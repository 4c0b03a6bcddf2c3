"""What every test may use."""

import os
import shutil
import subprocess

import pytest
from calc_helpers import SYSTEM_PYTHON
from hypothesis import settings

import roi_xl
from roi_xl.template.build import FLAVOURS

settings.register_profile("repeatable", derandomize=True, deadline=None, max_examples=200)
settings.load_profile("repeatable")


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
def templates(tmp_path_factory):
    """The template in both flavours, by the name of the flavour."""
    folder = tmp_path_factory.mktemp("templates")
    paths = {flavour: folder / f"{flavour}.xlsx" for flavour in FLAVOURS}
    for flavour, path in paths.items():
        roi_xl.build_template(path, formulas=flavour)
    return paths


@pytest.fixture(scope="session")
def uno_python(soffice):
    """A Python that can talk to LibreOffice: needed in CI, elsewhere its tests are skipped without it."""
    found = subprocess.run([SYSTEM_PYTHON, "-c", "import uno"], capture_output=True, env={}).returncode == 0
    if not found and os.environ.get("CI"):
        pytest.fail("python3-uno is missing: `make test` installs it through apt")
    if not found:
        pytest.skip("python3-uno is not installed")
