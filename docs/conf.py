"""How is the manual built? Sphinx with MyST (Markdown) and Furo: search, dark mode, nothing from the network.

A page that begins with `<!-- page: FILE -->` shows that file of the project, whose links, and
links to which, lead to pages of the site.
"""

import os
import re
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.util.logging import getLogger

import roi_xl

DOCS = Path(__file__).resolve().parent
PAGE = re.compile(r"<!-- page: (\S+) -->\n\nThe site shows .* here\.\n")
LOADED = re.compile(r"""<(?:script|img|iframe)[^>]*\bsrc="(?:https?:)?//|<link[^>]*\bhref="(?:https?:)?//""")
LINK = re.compile(r"(\]\()(?!https?:|mailto:|#)([^)#\s]+)")

project = "roi-xl"
author = "The roi-xl authors"
copyright = "2026, the roi-xl authors"  # noqa: A001
version = release = roi_xl.__version__

extensions = ["myst_parser"]
exclude_patterns = ["_build"]
suppress_warnings = ["misc.highlighting_failure"]  # examples may have a shell's or a spreadsheet's own words
myst_heading_anchors = 3

html_theme = "furo"
html_title = f"roi-xl {release}"
html_theme_options = {"navigation_with_keys": True}
html_copy_source = False
html_show_sphinx = False


def shown() -> dict[Path, Path]:
    """Each file of the project that a page shows, with the page."""
    pages = {page: PAGE.search(page.read_text("utf-8")) for page in DOCS.glob("*.md")}
    return {(DOCS / found[1]).resolve(): page for page, found in pages.items() if found}


def read(app: Sphinx, name: str, source: list[str]) -> None:
    """Put a file in its page's place, and let every link lead to a page of the site, or to a file."""
    outside = shown()
    folder = (DOCS / name).parent
    found = PAGE.search(source[0])
    if found:
        folder = (folder / found[1]).resolve().parent
        source[0] = PAGE.sub(lambda match: (DOCS / match[1]).read_text("utf-8"), source[0])

    def to_page(link: re.Match[str]) -> str:
        target = (folder / link[2]).resolve()
        return f"{link[1]}/{os.path.relpath(outside.get(target, target), DOCS)}"

    source[0] = LINK.sub(to_page, source[0])


def needs_no_network(app: Sphinx, error: Exception | None) -> None:
    """Warn of a page that loads something from elsewhere."""
    for page in [] if error else Path(app.outdir).rglob("*.html"):
        if LOADED.search(page.read_text("utf-8")):
            getLogger(__name__).warning("%s loads something from the network", page)


def setup(app: Sphinx) -> None:
    """Listen to what is read, and look at what was built."""
    app.connect("source-read", read)
    app.connect("build-finished", needs_no_network)
