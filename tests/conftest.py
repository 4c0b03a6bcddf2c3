"""What every test may use."""

import os
import shutil

import pytest
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
