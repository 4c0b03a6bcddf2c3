"""The functions as JavaScript: every generated script under node, each in a stand-in for its program."""

import datetime as dt
import json
import re
import subprocess
import xml.etree.ElementTree as ElementTree

import pytest
from case_table import CASES, by_function
from javascript_helpers import REFERENCE, TESTS, given, node, npm, programs
from table_cases import CALLS as TABLES

from roi_xl import cells
from roi_xl.addins.javascript import icon, manifest, metadata
from roi_xl.catalog import CATALOG
from roi_xl.checks import LIMITS
from roi_xl.cli import main
from roi_xl.describe import takes
from roi_xl.errors import EXCEL_ERRORS, ExcelError, NotInstalled
from roi_xl.functions import prices
from roi_xl.functions.price_table import TABLE
from roi_xl.hosts.javascript import CARRIED, LEFT_OUT, price_book
from roi_xl.quantities import MODEL_INPUTS

pytestmark = [pytest.mark.node, pytest.mark.slow]

HOSTS = ("office", "sheets", "onlyoffice")
NOT_TAKEN_BACK = {ExcelError.REF, ExcelError.NAME, ExcelError.GETTING_DATA, ExcelError.SPILL, ExcelError.CALC}
"""Errors that Excel takes over from no custom function: it shows #VALUE!, and ours says which."""

ERROR = ExcelError.NA
CASE = [[value] for value in (*REFERENCE, 0.1, None, 3, 0.9)]
OPTIONS = [
    ["Prompt work", 500, 0, 0.018, None, None, None],
    ["Fine-tune", 2_500, 100, 0.012, 0.9, 0.99, 500],
    [None, None, None, None, None, None, ""],
    ["Both", 2_900, 100, 0.0118, 1, 0.97, None],
]
OTHERS = [
    ("ROI_NET_BENEFIT", [[[2_500], [0], [ERROR], [None], ["x"]], *REFERENCE[1:5], [[12, 24]]]),
    ("ROI_NET_BENEFIT", [[[2_500], [0]], *REFERENCE[1:5], [[12], [24], [36]]]),
    ("ROI_INVESTMENT", [[[5]], [[1, 2]], 1]),
    ("ROI_MONTHLY_REQUESTS", [2_500, 2]),
    ("ROI_COST_PER_REQUEST", [4_000, 1_000, 2.5, 10, 0.5, [[None], [1.25]]]),
    ("ROI_REPORT", REFERENCE),
    ("ROI_REPORT", [0, 0, 0.02, 0.03, 0, 12]),
    ("ROI_REPORT", [[[1], [2]], *REFERENCE[1:]]),
    ("ROI_REPORT", [*REFERENCE[:5], -1]),
    ("ROI_CASHFLOW", [*REFERENCE[:5], 12.5]),
    ("ROI_CASHFLOW", [*REFERENCE, 0.1, 0.02, 3, 0.8, -0.2, -0.1, 50, 700, 5, 0.97, 0.99, 0.5]),
    ("ROI_CASHFLOW", [*REFERENCE[:5], 1_200.5]),
    ("ROI_NPV", [*REFERENCE[:5], 1_200, 0, 10]),
    ("ROI_PAYBACK", [*REFERENCE[:5], 1_200, 0, 10]),
    ("ROI_IRR_ALL", REFERENCE),
    ("ROI_IRR_ALL", [0, 0, 0.02, 0.012, 100_000, 12]),
    ("ROI_IRR_ALL", [2_000, 0, 0.02, 0.012, 100_000, 13, 0, 0, 0, 1, 0, 0, 0, 9_800, 12]),
    ("ROI_COMPARE", [OPTIONS, 0.02, 100_000, 12]),
    ("ROI_COMPARE", [OPTIONS, 0.02, 100_000, 12, 0.1, 0.01, 3, -0.1, -0.2, 6, 0.95, 0.4]),
    ("ROI_COMPARE", [[[None, 1, 2, 0.01], [7.0, 2, 2, 0.01], [0.5, 3, 2, 0.01]], 0.02, 100_000, 12]),
    ("ROI_COMPARE", [[["one", 1, 2]], 0.02, 100_000, 12]),
    ("ROI_COMPARE", [[["one", 1, "2", 3]], 0.02, 100_000, 12]),
    ("ROI_COMPARE", [[["one", 1, 2, -3]], 0.02, 100_000, 12]),
    ("ROI_COMPARE", [[["one", 1, ERROR, 3]], 0.02, 100_000, 12]),
    ("ROI_TORNADO", [[REFERENCE], [[2_000, 50, 0.015, None, 50_000, 6]], [[4_000, 200, 0.02, None, 150_000, 18]]]),
    ("ROI_TORNADO", [CASE, [[2_000], [None], [0]], [[9_000], [None], [0.1]], "Payback"]),
    ("ROI_TORNADO", [CASE, [[1]], [[1], [2]]]),
    ("ROI_TORNADO", [CASE, [[1]], [[2]], "luck"]),
    ("ROI_TORNADO", [[REFERENCE[:5]], [[1]], [[2]]]),
    ("ROI_SWITCHING_VALUES", [[REFERENCE]]),
    ("ROI_SWITCHING_VALUES", [CASE]),
    ("ROI_SWITCHING_VALUES", [[[0, 0, 0.02, 0.02, 0, 12]]]),
    ("ROI_SWITCHING_VALUES", [[[*REFERENCE[:5], "12"]]]),
]
OTHERS += [call for call in TABLES if call[0] != LEFT_OUT]
"""Ranges and tables, which the shared table of cases does not have; Python gives the answers."""


BY_MONTH = [name for name, formula in CATALOG.items() if hasattr(formula, "by_month")]
DRAWN = [(name, row) for row in programs(20) for name in BY_MONTH]
DRAWN += [("ROI_SWITCHING_VALUES", [[row]]) for row in programs(3)]
MODELS = ["ft:gpt-4o-2024-08-06:acme::1", "GPT-4o", "openai/gpt-4o", "ft:gpt-3.5-turbo:x", "constructor", "", None]
MODELS += [row.model.rstrip("*") for row in TABLE]
PRICED = [("ROI_MODEL_PRICE", [model, kind]) for model in MODELS for kind in prices.KINDS]
PRICED += [("ROI_MODEL_PRICE", ["openai/gpt-4.1-mini", "training"]), ("ROI_MODEL_PRICE", ["o4-mini", "training_hour"])]
PRICED += [("ROI_MODEL_PRICE", ["gpt-4.1-mini", "training", day]) for day in (45_760, 45_761, 45_761.9, 2_958_465)]
PRICED += [("ROI_MODEL_PRICE", ["gpt-4.1-mini", "training", dt.date(2025, 4, day)]) for day in (13, 14)]
CALLS = [*((case.function, case.arguments) for case in CASES), *OTHERS, *DRAWN, *PRICED]


def shown(value):
    """A result as a cell shows it: an error is an object in Excel, elsewhere its text."""
    if isinstance(value, list):
        return [shown(cell) for cell in value]
    if isinstance(value, dict):
        return EXCEL_ERRORS[value.get("message") or value["error"]]
    return EXCEL_ERRORS.get(value, value) if isinstance(value, str) else value


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """What the command writes."""
    target = tmp_path_factory.mktemp("javascript")
    assert main(["js", "-o", str(target), "--url", "https://example.com/roi/"]) == 0
    return target


@pytest.fixture(scope="module")
def answers(folder):
    """What every script gives for every call, by the program that it is made for."""
    (folder / "calls.json").write_text(json.dumps(given(CALLS)))
    done = subprocess.run(
        [node(), str(TESTS / "javascript_cases.mjs"), str(folder)], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@by_function(case for case in CASES if "" not in case.arguments)
@pytest.mark.parametrize("host", HOSTS[1:])
def test_every_case_in_javascript(check, answers, cases, host):
    """Without the cases that Google Sheets and ONLYOFFICE decide before they ask: empty text is a blank there."""
    check(cases, lambda case: shown(answers[host][case.number]))


def alike(got, wanted):
    """The same rows, texts and errors, and the same numbers to eleven digits."""
    if isinstance(wanted, list):
        return len(got) == len(wanted) and all(map(alike, got, wanted))
    if isinstance(wanted, int | float):
        return isinstance(got, int | float) and got == pytest.approx(wanted, rel=1e-11, abs=1e-7)
    return got == wanted


def test_ranges_tables_and_drawn_cases_are_as_in_python(answers):
    for number, (name, arguments) in enumerate(CALLS[len(CASES) :], start=len(CASES)):
        wanted = cells.single(cells.call(CATALOG[name], arguments))
        for host in HOSTS:
            got = cells.single(shown(answers[host][number]))
            assert alike(got, wanted), f"{host}: {name}{arguments}: {got} for {wanted}"


def test_the_reference_case_comes_out_to_the_cent(answers):
    for host in HOSTS:
        report = dict(answers[host][CALLS.index(("ROI_REPORT", REFERENCE))])
        assert report["Net benefit"] == 5_900
        assert round(report["ROI"], 4) == 1.5946
        assert round(report["Break-even"], 2) == 3.57
        assert report["Verdict"].startswith("Positive projected ROI:")


def test_an_error_in_excel_is_one_that_excel_takes_back(answers):
    errors = [answer for answer in answers["office"] if isinstance(answer, dict)]
    assert {error["error"] for error in errors} <= {str(error) for error in set(ExcelError) - NOT_TAKEN_BACK}
    assert {error["message"] for error in errors if "message" in error} == {"#REF!", "#NAME?"}


def test_every_name_of_the_book_has_its_price(folder):
    """The book is carried whole: what the table holds is what Python answers, for every name in it."""
    script = (folder / "Code.gs").read_text()
    names = json.loads(re.search(r"^const NAMES = new Map\((.*)\);$", script, re.MULTILINE)[1])
    assert len(names) > 1_000
    for name, dated in names[::20]:
        for kind, amount in dated[0][1].items():
            assert prices.book_price(name, kind, None).amount == amount


def test_without_the_book_the_prices_of_our_own_remain(monkeypatch):
    def none():
        raise NotInstalled("no book")

    monkeypatch.setattr(prices, "book", none)
    text = "\n".join(price_book())
    assert "pip install 'roi-xl[prices]'" in text
    assert "const NAMES = new Map([]);" in text
    assert json.loads(re.search(r"^const PRICES = (.*);$", text, re.MULTILINE)[1])[0][:3] == [
        "gpt-3.5-turbo",
        "training",
        8,
    ]


def test_a_function_that_is_left_out_is_named(folder):
    assert set(CARRIED) == set(CATALOG) - {LEFT_OUT}
    for name in ("functions.js", "Code.gs", "onlyoffice.js"):
        text = (folder / name).read_text()
        assert f"{LEFT_OUT} is left out" in text
        assert LEFT_OUT not in text.replace(f"{LEFT_OUT} is left out", "")


@pytest.mark.parametrize(("name", "returns"), [("functions.js", "@returns"), ("Code.gs", "@return")])
def test_every_function_has_its_help(folder, name, returns):
    comments = re.findall(r"/\*\*\n(.*?)\*/\nfunction (\w+)\(", (folder / name).read_text(), re.DOTALL)
    assert [function for _, function in comments] == list(CARRIED)
    for text, function in comments:
        assert " * @customfunction\n" in text
        assert text.count("@param {any[][]} ") == len(takes(CATALOG[function]))
        assert f" * {returns} {{any[][]}} " in text


def test_microsofts_own_reader_of_scripts_finds_the_same_functions(folder):
    command = [node(), str(npm("custom-functions-metadata") / "cli.js"), "generate"]
    subprocess.run([*command, "functions.js", "found.json"], cwd=folder, check=True, capture_output=True)
    found = json.loads((folder / "found.json").read_text())
    written = json.loads((folder / "functions.json").read_text())
    assert written == metadata()
    assert found["functions"] == written["functions"]
    assert written["allowErrorForDataTypeAny"] is True


def test_microsofts_own_reader_of_manifests_takes_ours(folder):
    command = [node(), str(npm("office-addin-manifest") / "cli.js"), "info", "manifest.xml"]
    said = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout
    assert "Type: TaskPaneApp" in said
    assert "Source Location: https://example.com/roi/taskpane.html" in said


def test_the_manifest_names_what_is_there(folder):
    root = ElementTree.parse(folder / "manifest.xml")
    named = [node.get("DefaultValue") for node in root.iter() if "DefaultValue" in node.attrib]
    files = {value.removeprefix("https://example.com/roi/") for value in named if value.startswith("https:")}
    assert files == {
        "calculator.html",
        "taskpane.html",
        "functions.js",
        "functions.html",
        "functions.json",
        "icon-32.png",
        "icon-64.png",
    }
    assert all((folder / name).exists() for name in files)
    identifiers = {
        re.search("<Id>(.*)</Id>", manifest(url))[1] for url in ("https://example.com", "https://example.org")
    }
    assert len(identifiers) == 2


@pytest.mark.parametrize("url", ["http://example.com", "example.com", "https://", "https://a.example/?x=1"])
def test_a_url_that_excel_would_not_load_is_refused(tmp_path, capsys, url):
    assert main(["js", "-o", str(tmp_path), "--url", url]) == 2
    assert "must begin with https://" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_the_icon_is_a_picture(tmp_path):
    assert icon(32).startswith(b"\x89PNG")
    assert icon(32)[16:24] == bytes([0, 0, 0, 32] * 2)


def test_bounds_are_carried_to_the_last_digit(folder):
    text = re.search(r"^  retry_rate: (.*),$", (folder / "Code.gs").read_text(), re.MULTILINE)[1]
    assert json.loads(text)["high"] == LIMITS["retry_rate"].high < 1
    assert len(MODEL_INPUTS) == 21
