"""The functions in LibreOffice Calc, as an extension that needs nothing else.

The extension holds the functions' own modules and a small component; the names, helps and
arguments come from the catalog. Its bytes are the same every time it is built.
"""

import contextlib
import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import IO
from xml.sax.saxutils import escape

import roi_xl
from roi_xl.catalog import CATALOG
from roi_xl.describe import Formula, Parameter, summary, takes, without_underscores
from roi_xl.engines.libreoffice import environment, find_soffice
from roi_xl.errors import NotInstalled, RoiError
from roi_xl.functions.prices import carried_text
from roi_xl.xlsx.atomic import replacing

IDENTIFIER = "org.roixl.functions"
SERVICE = "org.roixl.Functions"
FILE_NAME = "roi-xl.oxt"
DATE = (1980, 1, 1, 0, 0, 0)
MODULES = (
    "__init__", "errors", "columns", "describe", "checks", "symbols", "catalog", "days", "text_numbers",
    "cells",
)  # fmt: skip
FOLDERS = ("quantities", "functions")
COMPONENT = "calc.py"
SECONDS = 120
COMPLAINTS = {
    "lock file": "LibreOffice is running; close it and try again",
    "root": "it does not work for the user root; run it as the user who uses LibreOffice",
    "no such extension": "the extension is not installed",
}
"""What the extension manager says, and what it means."""


def build(path: Path) -> None:
    """Write the extension.

    >>> import pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp()) / FILE_NAME
    >>> build(path)
    >>> "pythonpath/roi_xl/cells.py" in zipfile.ZipFile(path).namelist()
    True
    """
    with replacing(path) as file:
        write(file)


def write(file: IO[bytes]) -> None:
    """The extension's bytes."""
    with zipfile.ZipFile(file, "w") as archive:
        for name, text in {**descriptions(), **dict(sources())}.items():
            archive.writestr(zipfile.ZipInfo(name, DATE), text)


def sources() -> Iterator[tuple[str, str]]:
    """The Python modules of the extension: the component, and the functions' own."""
    package = files("roi_xl")
    yield COMPONENT, (package / "hosts" / COMPONENT).read_text("utf-8")
    for module in MODULES:
        yield f"pythonpath/roi_xl/{module}.py", (package / f"{module}.py").read_text("utf-8")
    for folder in FOLDERS:
        for name in sorted(entry.name for entry in (package / folder).iterdir() if entry.name.endswith(".py")):
            yield f"pythonpath/roi_xl/{folder}/{name}", (package / folder / name).read_text("utf-8")
    with contextlib.suppress(NotInstalled):
        yield "pythonpath/roi_xl/functions/carried_book.py", carried_text()


def descriptions() -> dict[str, str]:
    """The parts that tell LibreOffice what the extension holds."""
    return {
        "META-INF/manifest.xml": MANIFEST,
        "description.txt": f"{roi_xl.__doc__ or ''}".strip() + "\n",
        "license.txt": license_text(),
        "description.xml": DESCRIPTION.format(identifier=IDENTIFIER, version=roi_xl.__version__),
        "functions.idl": interface(),
        "functions.components": COMPONENTS.format(service=SERVICE, component=COMPONENT),
        "CalcAddIns.xcu": configuration(),
    }


def license_text() -> str:
    """The project's license: in the package where it is installed, above it in its repository."""
    package = Path(str(files("roi_xl")))
    place = next(folder / "LICENSE" for folder in (package, package.parent) if (folder / "LICENSE").is_file())
    return place.read_text("utf-8")


def interface() -> str:
    """The functions as an interface, in UNO's own language: rows of cells as the result."""
    lines = [
        f"    sequence< sequence<any> > {name}({', '.join(map(in_argument, takes(formula)))});"
        for name, formula in CATALOG.items()
    ]
    return "\n".join(["module org { module roixl { interface XFunctions {", *lines, "}; }; };", ""])


def in_argument(parameter: Parameter) -> str:
    """One argument of the interface: Calc takes whatever is `any` for optional, and rows of cells for required."""
    kind = "any" if parameter.optional else "sequence< sequence<any> >"
    return f"[in] {kind} {without_underscores(parameter.quantity.name)}"


def configuration() -> str:
    """What the function wizard shows: names, helps, arguments."""
    functions = "".join(function_node(name, formula) for name, formula in CATALOG.items())
    return CONFIGURATION.format(service=SERVICE, functions=functions)


def function_node(name: str, formula: Formula) -> str:
    """One function for the wizard."""
    arguments = "".join(
        node(
            without_underscores(taken.quantity.name),
            shown("DisplayName", taken.quantity.name) + shown("Description", taken.quantity.help() + taken.note()),
        )
        for taken in takes(formula)
    )
    about = shown("DisplayName", name) + shown("Description", summary(formula))
    fixed = plain("Category", "Add-In") + shown("CompatibilityName", name)
    return node(name, about + fixed + f'<node oor:name="Parameters">{arguments}</node>')


def node(name: str, inside: str) -> str:
    """A node of the configuration."""
    return f'<node oor:name="{name}" oor:op="replace">{inside}</node>'


def shown(name: str, text: str) -> str:
    """A text of the configuration that a person reads."""
    return f'<prop oor:name="{name}" oor:type="xs:string"><value xml:lang="en">{escape(text)}</value></prop>'


def plain(name: str, text: str) -> str:
    """A text of the configuration that a program reads."""
    return f'<prop oor:name="{name}" oor:type="xs:string"><value>{escape(text)}</value></prop>'


MANIFEST = """<?xml version="1.0" encoding="UTF-8"?>
<manifest:manifest xmlns:manifest="http://openoffice.org/2001/manifest">
<manifest:file-entry manifest:full-path="functions.idl"
 manifest:media-type="application/vnd.sun.star.uno-typelibrary;type=RDB"/>
<manifest:file-entry manifest:full-path="functions.components"
 manifest:media-type="application/vnd.sun.star.uno-components"/>
<manifest:file-entry manifest:full-path="CalcAddIns.xcu"
 manifest:media-type="application/vnd.sun.star.configuration-data"/>
</manifest:manifest>
"""
DESCRIPTION = """<?xml version="1.0" encoding="UTF-8"?>
<description xmlns="http://openoffice.org/extensions/description/2006" xmlns:xlink="http://www.w3.org/1999/xlink">
<identifier value="{identifier}"/>
<version value="{version}"/>
<dependencies><lo:LibreOffice-minimal-version value="7.4" d:name="LibreOffice 7.4"
 xmlns:lo="http://libreoffice.org/extensions/description/2011"
 xmlns:d="http://openoffice.org/extensions/description/2006"/></dependencies>
<registration><simple-license accept-by="admin" default-license-id="license" suppress-on-update="true">
<license-text xlink:href="license.txt" lang="en" license-id="license"/></simple-license></registration>
<publisher><name lang="en">roi-xl</name></publisher>
<display-name><name lang="en">roi-xl: does fine-tuning pay for itself?</name></display-name>
<extension-description><src lang="en" xlink:href="description.txt"/></extension-description>
</description>
"""
COMPONENTS = """<?xml version="1.0" encoding="UTF-8"?>
<components xmlns="http://openoffice.org/2010/uno-components">
<component loader="com.sun.star.loader.Python" uri="{component}">
<implementation name="{service}"><service name="{service}"/></implementation>
</component>
</components>
"""
CONFIGURATION = """<?xml version="1.0" encoding="UTF-8"?>
<oor:component-data xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema"
 oor:name="CalcAddIns" oor:package="org.openoffice.Office">
<node oor:name="AddInInfo"><node oor:name="{service}" oor:op="replace"><node oor:name="AddInFunctions">
{functions}
</node></node></node>
</oor:component-data>
"""


# into and out of the user's LibreOffice


def install(path: Path, profile: Path | None = None) -> None:
    """Put the extension into the user's LibreOffice."""
    manage("add", "--force", "--suppress-license", str(path), profile=profile)


def remove(profile: Path | None = None) -> None:
    """Take the extension out of the user's LibreOffice."""
    manage("remove", IDENTIFIER, profile=profile)


def manage(*arguments: str, profile: Path | None = None) -> None:
    """Run LibreOffice's own extension manager."""
    where = [f"-env:UserInstallation={profile.as_uri()}"] if profile else []
    done = subprocess.run(
        [extension_manager(), *arguments, *where],
        env=environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=SECONDS,
    )
    if done.returncode:
        raise RoiError(f"LibreOffice's extension manager says: {complaint(done.stdout + done.stderr)}")


def extension_manager() -> str:
    """The program `unopkg` beside the LibreOffice program."""
    folder = Path(os.path.realpath(find_soffice())).parent
    name = "unopkg.com" if sys.platform == "win32" else "unopkg"
    found = next((folder / place for place in (name, f"../MacOS/{name}") if (folder / place).exists()), None)
    if found is None:
        raise RoiError(f"LibreOffice's extension manager is missing: there is no {name} in {folder}")
    return str(found)


def complaint(output: str) -> str:
    """Why the extension manager failed, in one line."""
    known = (meaning for sign, meaning in COMPLAINTS.items() if sign in output.casefold())
    lines = [line.strip().removeprefix("ERROR: ") for line in output.splitlines() if line.strip()]
    return next(known, lines[0] if lines else "nothing")
