"""What does a spreadsheet that knows only JavaScript need: Excel without Python, Google Sheets, ONLYOFFICE?"""

import json
import struct
import uuid
import zlib
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit
from xml.sax.saxutils import escape

import roi_xl
from roi_xl.addins.calculator import page
from roi_xl.catalog import CATALOG
from roi_xl.describe import Formula, Parameter, gives, summary, takes
from roi_xl.errors import RoiError
from roi_xl.hosts.excel import argument_help
from roi_xl.hosts.javascript import CARRIED, LEFT_OUT, by_hand, library

LOCAL = "https://localhost:3000"
"""Where an add-in under development is served; Excel loads it over https only."""

HEAD = f"""// The ROI functions for {{program}}, written by roi-xl {roi_xl.__version__}. What is changed here is lost
// when it is written again. {LEFT_OUT} is left out: it needs Python.

"""
FUNCTION = """
/**
 * {summary}
 * @customfunction
{parameters}
 * @{returns} {{any[][]}} {result}
 */
function {name}({names}) {{
  return answer_("{name}", arguments);
}}
"""
OFFICE = "https://appsforoffice.microsoft.com/lib/1/hosted"
PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="UTF-8">
<title>ROI functions</title>
{scripts}
</head>
<body>
{body}
</body>
</html>
"""
FUNCTIONS_PAGE = PAGE.format(
    scripts=f'<script src="{OFFICE}/custom-functions-runtime.js"></script>\n<script src="functions.js"></script>',
    body="",
)
TASK_PANE = PAGE.format(
    scripts=f'<script src="{OFFICE}/office.js"></script>\n<script>Office.onReady();</script>',
    body="""<h1>ROI functions</h1>
<p>Type <code>=ROI_PERCENT(</code> in a cell; the formula bar explains each argument.</p>
<p><a href="calculator.html" target="_blank" rel="noopener">The calculator</a> needs no spreadsheet.</p>""",
)
MANIFEST = """<?xml version="1.0" encoding="UTF-8"?>
<OfficeApp xmlns="http://schemas.microsoft.com/office/appforoffice/1.1"
 xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
 xmlns:bt="http://schemas.microsoft.com/office/officeappbasictypes/1.0" xsi:type="TaskPaneApp">
  <Id>{identifier}</Id>
  <Version>{version}.0</Version>
  <ProviderName>roi-xl</ProviderName>
  <DefaultLocale>en-US</DefaultLocale>
  <DisplayName DefaultValue="ROI functions"/>
  <Description DefaultValue="{description}"/>
  <IconUrl DefaultValue="{url}/icon-32.png"/>
  <HighResolutionIconUrl DefaultValue="{url}/icon-64.png"/>
  <SupportUrl DefaultValue="{url}/calculator.html"/>
  <Hosts>
    <Host Name="Workbook"/>
  </Hosts>
  <Requirements>
    <Sets DefaultMinVersion="1.1">
      <Set Name="CustomFunctionsRuntime" MinVersion="1.2"/>
    </Sets>
  </Requirements>
  <DefaultSettings>
    <SourceLocation DefaultValue="{url}/taskpane.html"/>
  </DefaultSettings>
  <Permissions>Restricted</Permissions>
  <VersionOverrides xmlns="http://schemas.microsoft.com/office/taskpaneappversionoverrides"
   xsi:type="VersionOverridesV1_0">
    <Hosts>
      <Host xsi:type="Workbook">
        <AllFormFactors>
          <ExtensionPoint xsi:type="CustomFunctions">
            <Script>
              <SourceLocation resid="Functions.Script"/>
            </Script>
            <Page>
              <SourceLocation resid="Functions.Page"/>
            </Page>
            <Metadata>
              <SourceLocation resid="Functions.Metadata"/>
            </Metadata>
          </ExtensionPoint>
        </AllFormFactors>
      </Host>
    </Hosts>
    <Resources>
      <bt:Urls>
        <bt:Url id="Functions.Script" DefaultValue="{url}/functions.js"/>
        <bt:Url id="Functions.Page" DefaultValue="{url}/functions.html"/>
        <bt:Url id="Functions.Metadata" DefaultValue="{url}/functions.json"/>
      </bt:Urls>
    </Resources>
  </VersionOverrides>
</OfficeApp>
"""


def written_files(url: str = LOCAL) -> Iterator[tuple[str, bytes]]:
    """Every file by its name, for an Office add-in that is served at a URL and for the other programs."""
    address = checked_url(url)
    texts = {
        "functions.js": office_script(),
        "functions.json": json.dumps(metadata(), indent=2) + "\n",
        "functions.html": FUNCTIONS_PAGE,
        "taskpane.html": TASK_PANE,
        "calculator.html": page(),
        "manifest.xml": manifest(address),
        "Code.gs": sheets_script(),
        "onlyoffice.js": onlyoffice_macro(),
    }
    yield from ((name, text.encode()) for name, text in texts.items())
    yield from ((f"icon-{size}.png", icon(size)) for size in (32, 64))


def checked_url(url: str) -> str:
    """A URL that Excel loads an add-in from, without a slash at its end."""
    parts = urlsplit(url)
    if parts.scheme != "https" or not parts.hostname or parts.query or parts.fragment:
        raise RoiError(f"the URL must begin with https:// and name a folder, got {url}")
    return url.rstrip("/")


def functions(*ways: str) -> str:
    """The library, and how values cross into it and out of it."""
    return library(CARRIED) + "".join(map(by_hand, ways))


def declarations(returns: str = "returns") -> str:
    """Every function that a cell calls, with its help as JSDoc."""
    return "".join(declared(name, CATALOG[name], returns) for name in CARRIED)


def declared(name: str, formula: Formula, returns: str) -> str:
    """One function with its help; a name in brackets may be left out."""
    lines = [f" * @param {{any[][]}} {bracketed(taken)} {argument_help(taken)}" for taken in takes(formula)]
    return FUNCTION.format(
        name=name,
        summary=summary(formula),
        parameters="\n".join(lines),
        returns=returns,
        result=gives(formula).meaning,
        names=", ".join(taken.quantity.name for taken in takes(formula)),
    )


def bracketed(parameter: Parameter) -> str:
    """An argument's name as JSDoc writes it."""
    return f"[{parameter.quantity.name}]" if parameter.optional else parameter.quantity.name


def office_script() -> str:
    """The script of the Office add-in."""
    associated = "".join(f'CustomFunctions.associate("{name}", {name});\n' for name in CARRIED)
    return HEAD.format(program="Excel") + functions("office", "rows") + declarations() + "\n" + associated


def sheets_script() -> str:
    """The script of Google Sheets: paste it into Extensions, Apps Script."""
    return HEAD.format(program="Google Sheets") + functions("texts", "one_cell") + declarations("return")


def onlyoffice_macro() -> str:
    """The custom function of ONLYOFFICE: paste it into View, Macros, Custom functions."""
    added = "".join(f"Api.AddCustomFunction({name});\n" for name in CARRIED)
    body = functions("texts", "rows") + declarations() + "\n" + added
    return HEAD.format(program="ONLYOFFICE") + "(function () {\n" + body + "})();\n"


def metadata() -> dict[str, Any]:
    """What Excel lists of the functions, before it loads any script: errors are handed over, too."""
    return {"allowErrorForDataTypeAny": True, "functions": [described(name, CATALOG[name]) for name in CARRIED]}


def described(name: str, formula: Formula) -> dict[str, Any]:
    """One function for Excel's list."""
    return {
        "description": summary(formula),
        "id": name,
        "name": name,
        "parameters": [
            {
                "description": argument_help(taken),
                "dimensionality": "matrix",
                "name": taken.quantity.name,
                **({"optional": True} if taken.optional else {}),
                "type": "any",
            }
            for taken in takes(formula)
        ],
        "result": {"dimensionality": "matrix"},
    }


def manifest(url: str) -> str:
    """The add-in as Excel installs it: without a namespace, so that a function has its own name."""
    return MANIFEST.format(
        identifier=uuid.uuid5(uuid.NAMESPACE_URL, url),
        version=roi_xl.__version__,
        description=escape((roi_xl.__doc__ or "").strip().splitlines()[0], {'"': "&quot;"}),
        url=escape(url, {'"': "&quot;"}),
    )


BARS = ((1, 3), (3, 5), (5, 7))
"""The columns of the icon, in eighths: where each begins, and how high it is."""


def icon(size: int) -> bytes:
    """Three rising bars as a PNG."""
    rows = []
    for row in range(size):
        above = 8 - row * 8 // size
        filled = [
            any(start <= at * 8 // size < start + 1 and above <= high for start, high in BARS) for at in range(size)
        ]
        rows.append(b"\0" + bytes(filled))
    header = struct.pack(">IIBBBBB", size, size, 8, 3, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"PLTE", bytes.fromhex("1f3864ffffff")), (b"IDAT", zlib.compress(b"".join(rows), 9)))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(kind, data) for kind, data in (*chunks, (b"IEND", b"")))


def chunk(kind: bytes, data: bytes) -> bytes:
    """One part of a PNG."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
