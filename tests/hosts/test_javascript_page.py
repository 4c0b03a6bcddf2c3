"""The calculator, used as a person does, and Microsoft's runtime, in a real Chromium without a screen, started once."""

import json
import os
import re
import shutil
import subprocess

import pytest
from case_table import CASES, by_function, every_case
from javascript_helpers import TESTS, given, node, npm, programs

from roi_xl.addins.calculator import asset, page
from roi_xl.addins.javascript import office_script
from roi_xl.catalog import EXCEL_NAMES
from roi_xl.describe import apply, gives
from roi_xl.errors import EXCEL_ERRORS
from roi_xl.functions import decision, outcome, returns, value
from roi_xl.functions.outcome import COSTS_MORE, POSITIVE
from roi_xl.hosts.javascript import UNPRICED
from roi_xl.quantities import MODEL_INPUTS, PROGRAM

pytestmark = [pytest.mark.node, pytest.mark.slow]

USER = TESTS / "javascript_page.mjs"
ALIKE = [
    [2_500, 100, 0.02, 0.012, 100_000, 12],
    [2_500, 100, 0.02, 0.012, 100_000, 3],
    [8_400, 100, 0.02, 0.012, 100_000, 12],
    [0, 0, 0.02, 0.02, 0, 0],
]
USUAL = [quantity.default or 0 for quantity in PROGRAM]
USUAL_INPUTS = dict(zip([quantity.name for quantity in MODEL_INPUTS], [*ALIKE[0], *USUAL], strict=True))
ROWS = [*([*row, *USUAL] for row in ALIKE), *programs(80)]
ROWS += [[8_400, 100, 0.02, 0.012, 100_000, 12, *USUAL[:6], 0.0001, *USUAL[7:]]]
ROWS += [[5_500, 100, 0.02, 0.012, 100_000, 8, 0.1, *USUAL[1:]]]

PASTED = {
    "$1,250.50": (1250.5, None, None),
    "1,250.50": (1250.5, 1250.5, 12.505),
    "12%": (None, None, 0.12),
    "(12.5 %)": (None, None, -0.125),
    "US$ 2,000": (2000, None, None),
    "2,000 us$": (2000, None, None),
    "\N{EURO SIGN}5": (5, None, None),
    " $ (1,250.50) ": (-1250.5, None, None),
    "-$5": (-5, None, None),
    "\N{NO-BREAK SPACE}7\N{NARROW NO-BREAK SPACE}000": (7000, 7000, 70),
    "\N{MINUS SIGN}3": (-3, -3, -0.03),
    "1,25": (None, None, None),
    "1.250,50": (None, None, None),
    "2$3": (None, None, None),
    "$$2": (None, None, None),
    "%": (None, None, None),
    "Infinity": (None, None, None),
    "0x10": (None, None, None),
    "1.5k": (None, None, None),
}
"""What people paste, and what it is as an amount in US$, as a count and as a percentage."""

CARRIED_CASES = {case: place for place, case in enumerate(case for case in CASES if case.function in UNPRICED)}
"""All but the prices of models: the page has a field for what a request costs, and no table."""


def chromium():
    """Chromium: needed in CI, elsewhere its tests are skipped without it."""
    found = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    if found is None and os.environ.get("CI"):
        pytest.fail("Chromium is missing: `make test` installs it through apt")
    return found or pytest.skip("Chromium is not installed")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("page")


@pytest.fixture(scope="module")
def seen(folder):
    """What the page shows at each step."""
    (folder / "calculator.html").write_text(page(), encoding="utf-8")
    (folder / "rows.json").write_text(json.dumps(ROWS))
    (folder / "pasted.json").write_text(json.dumps(list(PASTED)))
    (folder / "functions.js").write_text(office_script(), encoding="utf-8")
    for name, cases in (("page", CARRIED_CASES), ("office", CASES)):
        (folder / f"{name}.json").write_text(json.dumps([[case.function, given(case.arguments)] for case in cases]))
    packages = (npm("playwright-core"), chromium(), npm("@microsoft/office-js"))
    command = [node(), str(USER), *map(str, packages), str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@by_function(CARRIED_CASES)
def test_every_case_in_the_page(check, seen, cases):
    def shown(case):
        answer = seen["cases"][CARRIED_CASES[case]]
        return EXCEL_ERRORS.get(answer, answer) if isinstance(answer, str) else answer

    check(cases, shown)


@every_case
def test_every_case_in_microsofts_runtime(check, seen, cases):
    """Excel takes results as JSON: an error is an object, whose message says which where Excel knows none."""

    def shown(case):
        ((answer,),) = seen["office"][case.number]
        if isinstance(answer, dict):
            assert answer["valueType"] == "CustomFunctionError"
            answer = EXCEL_ERRORS[answer.get("message") or answer["basicValue"]]
        return answer

    check(cases, shown)


def test_it_shows_the_reference_case_at_once(seen):
    first = seen["first"]
    assert first["sentence"] == POSITIVE
    results = first["results"]
    assert (results["ROI_PERCENT"], results["ROI_ON_INVESTMENT"]) == ("159.46%", "159.46%")
    assert (results["ROI_BREAKEVEN_MONTHS"], results["ROI_PAYBACK"]) == ("3.57", "3.57")
    assert (results["ROI_NET_BENEFIT"], results["ROI_NPV"]) == ("5,900.00", "5,900.00")
    assert first["fields"]["monthly_requests"] == "100,000"
    assert first["chart"] == "From -2,500.00 in month 0 to 5,900.00 in month 12. Payback after 3.6 months."
    assert (first["curves"], first["months"], first["options"], first["problems"]) == (1, 13, False, [])


def test_a_number_is_shown_as_the_terminal_and_the_workbook_show_it(seen):
    results = seen["first"]["results"]
    for formula in (*outcome.RESULTS[:-1], *returns.RETURNS.values(), value.npv, value.irr, value.mirr, value.payback):
        answer = apply(formula, USUAL_INPUTS)
        assert results[EXCEL_NAMES[formula]] == gives(formula).unit.shown(answer), formula
    assert results["ROI_BREAKEVEN_PRICE"] == "0.01691667"
    assert results["ROI_IRR"] == ">1,000%"


def test_results_follow_what_is_typed_on_the_keyboard_alone(seen):
    assert seen["skip"]["focus"] == ""
    typed = seen["typed"]
    assert typed["focus"] == "monthly_requests"
    assert typed["results"]["ROI_NET_BENEFIT"] == "10,700.00"
    assert seen["wrong"]["hash"] == "#monthly_requests=150000"


def test_a_wrong_number_is_named_and_nothing_is_shown(seen):
    for name, problem in (
        ("wrong", "Horizon must be at least 0."),
        ("noNumber", "Horizon must be a number, such as 12."),
    ):
        step = seen[name]
        assert (step["problems"], step["invalid"], step["sentence"]) == ([problem], ["months"], problem)
        assert set(step["results"].values()) == {"–"}
        assert step["chart"] is None


def test_the_options_count_and_a_link_carries_all(seen):
    step = seen["options"]
    inputs = {**USUAL_INPUTS, "monthly_requests": 150_000, "months": 24.5, "discount_rate": 0.125}
    inputs |= {"retraining_cost": 900, "retraining_interval": 6}
    assert step["sentence"] == decision.decision(**inputs)
    assert step["sentence"].startswith("Worth doing: ")
    assert step["results"]["ROI_NPV"] == f"{value.npv(**inputs):,.2f}"
    assert (step["results"]["ROI_IRR"], value.irr(**inputs) > 10) == (">1,000%", True)
    assert (step["curves"], step["months"]) == (2, 26)
    assert {"EUR", "EUR / month"} <= set(step["units"])
    linked = seen["linked"]
    assert (linked["sentence"], linked["results"], linked["options"]) == (step["sentence"], step["results"], True)
    assert linked["fields"] == {**step["fields"], "discount_rate": "12.5"}


def test_the_buttons_copy_the_link_and_print(seen):
    said, link = seen["copied"]
    assert said == "Link copied."
    assert link.endswith(f"calculator.html{seen['options']['hash']}")
    assert seen["printed"] == "printed"


def test_what_is_no_number_is_said_in_words_without_a_unit(seen):
    results = seen["never"]["results"]
    assert seen["never"]["sentence"] == COSTS_MORE
    assert (results["ROI_PAYBACK"], results["ROI_BREAKEVEN_MONTHS"]) == ("not reached", "not reached")
    assert (results["ROI_IRR"], results["ROI_MIRR"]) == ("none, or more than one", "undefined")
    assert results["ROI_NPV"] == "\N{MINUS SIGN}15,700.00"
    assert seen["never"]["chart"].endswith("It is not paid back after month 0.")
    assert "not reached" in seen["tiles"]
    assert "months" not in seen["tiles"]


def test_what_people_paste_is_the_number_that_they_see(seen):
    for (text, wanted), got in zip(PASTED.items(), seen["pasted"], strict=True):
        assert [None if answer == "NaN" else float(answer) for answer in got] == list(wanted), text
    assert seen["digitsOfACurrency"]["results"]["peak_funding"] == "2,500.00"


def test_a_blank_is_named_and_a_tile_has_no_cents_of_millions(seen):
    assert seen["blank"]["problems"][:1] == ["Training cost is blank: it must be a number, such as 2,500."]
    assert "4,796,300 US$" in " ".join(seen["largeTiles"].split())
    assert "2,500.00 US$" in " ".join(seen["largeTiles"].split())


def test_a_blank_option_is_as_usual(seen):
    step = seen["blankOptions"]
    assert (step["problems"], step["results"]) == ([], seen["first"]["results"])
    assert (step["fields"]["traffic_share"], step["fields"]["discount_rate"]) == ("100", "0")


def test_start_over_is_as_at_first(seen):
    for key in ("sentence", "results", "fields", "chart"):
        assert seen["reset"][key] == seen["first"][key]


def test_a_link_can_do_no_harm(seen):
    step = seen["badLink"]
    assert step["fields"]["months"] == "12"
    assert step["problems"] == ["Training cost must be at least 0."]
    assert step["fields"]["currency"] == "<img src"
    assert seen["tooLarge"]["sentence"] == "These inputs come to numbers that are too large."
    assert seen["noise"] == []


def test_every_decision_is_as_in_python(seen):
    for row, (sentence, *numbers) in zip(ROWS, seen["decisions"], strict=True):
        assert sentence == decision.decision(*row), row
        wanted = [measure(*row) for measure in (decision.peak_funding, decision.peak_month)]
        wanted += [value.ledger_benefit(value.Program(*row)), returns.roi_on_investment(*row)]
        for got, number in zip(numbers, wanted, strict=True):
            assert got == (pytest.approx(number, rel=1e-11, abs=1e-7) if number == number else "#DIV/0!"), row
    starts = {sentence.partition(":")[0] for sentence, *_ in seen["decisions"]}
    assert {"Worth doing", "Not worth doing", "Breaks even", "Nothing to recover"} <= starts


def test_a_screen_reader_is_told_everything(seen):
    assert all(labels == 1 for labels, _ in seen["labels"])
    assert [name for _, name in seen["labels"]][:6] == [quantity.name for quantity in MODEL_INPUTS[:6]]
    assert len(seen["labels"]) == len(MODEL_INPUTS) + 1
    assert len(seen["ids"]) == len(set(seen["ids"]))
    spoken = seen["spoken"]
    assert 'textbox "Training cost USD": 2,500' in spoken
    assert f'img "Cumulative net cash flow by month {seen["first"]["chart"]}"' in spoken
    assert f'heading "{POSITIVE}" [level=2]' in spoken
    assert 'row "Break-even 3.57 months"' in spoken


def luminance(color):
    parts = [int(color[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@pytest.mark.parametrize("theme", [0, 1, 2], ids=["light", "dark", "printed"])
def test_text_stands_out_from_what_it_stands_on(theme):
    """A contrast of at least 4.5, as the Web Content Accessibility Guidelines want it at level AA."""
    found = re.findall(r":root \{(.*?)\}", asset("calculator.css"), re.DOTALL)[theme]
    colors = dict(re.findall(r"--([\w-]+): (#\w{6})", found))
    texts = [name for name in ("ink", "head", "quiet", "bad") if name in colors]
    pairs = [(text, ground) for text in texts for ground in ("paper", "result")]
    for text, ground in [*pairs, ("entry-ink", "entry")]:
        light, dark = sorted((luminance(colors[text]), luminance(colors[ground])), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 4.5, (text, ground)


def test_it_fits_a_phone_a_dark_room_and_a_sheet_of_paper(seen, folder):
    assert seen["dark"] == "rgb(20, 24, 31)"
    assert seen["phone"]["overflow"] <= 0
    printed = subprocess.run(
        ["pdftotext", "-layout", str(folder / "printed.pdf"), "-"], capture_output=True, text=True, check=True
    ).stdout
    assert printed.count("\f") == 1
    assert "Horizon months" in printed
    assert "159.46%" in printed
    assert "Copy link" not in printed


def test_the_page_beside_the_workbooks_is_this_one():
    committed = TESTS.parent / "workbook" / "calculator.html"
    assert committed.read_text("utf-8") == page(), "run `make generate`"


def test_nothing_of_it_comes_from_elsewhere():
    text = page()
    assert "default-src 'none'" in text
    assert not re.findall(r"""(?:src|href)=["'](?!data:|#)""", text)
