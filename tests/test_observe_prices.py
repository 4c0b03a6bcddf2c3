"""Tokens without a cost: long prompts, the cache, batches, price files and hosting, against plain arithmetic."""

import datetime as dt
from types import SimpleNamespace

import openpyxl
import pytest
from trace_helpers import write_csv

import roi_xl
from roi_xl.cli import main
from roi_xl.errors import FileProblem, MissingFile, OutOfBounds, UnknownModel
from roi_xl.functions import shutdowns
from roi_xl.functions.price_file import read_price_file
from roi_xl.functions.rates import rates_of, ways_of

pytestmark = pytest.mark.slow

DAY = "2026-11-02T10:00:00Z"
HOURS = 24 * 365.25 / 12


def cost_of(tmp_path, model, *, given=None, **row):
    """What one call of a model comes to."""
    rows = [{"time": DAY, "model": one, **row} for one in (model, "gpt-4o-mini-x")]
    path = write_csv(tmp_path / "t.csv", [{**rows[0]}, {**rows[1]}])
    prices = {"gpt-4o-mini-x": (1, 1, 1)}
    return roi_xl.observe(path, model, "gpt-4o-mini-x", prices=prices, price_file=given, monthly_requests=1)


LONG = {"input_tokens": 200_001, "output_tokens": 1_000, "cached_tokens": 50_001}
TIERS = [
    # above 200,000 tokens of prompt every token costs more; up to there none does
    ("gemini-2.5-pro", LONG, (150_000 * 2.5 + 50_001 * 0.25 + 1_000 * 15) / 1e6),
    ("gemini-2.5-pro", {**LONG, "input_tokens": 200_000}, (149_999 * 1.25 + 50_001 * 0.125 + 1_000 * 10) / 1e6),
    ("claude-sonnet-4-5", LONG, (150_000 * 6 + 50_001 * 0.6 + 1_000 * 22.5) / 1e6),
    ("claude-sonnet-4-5-20250929", {**LONG, "input_tokens": 99_999}, (49_998 * 3 + 50_001 * 0.3 + 1_000 * 15) / 1e6),
]


@pytest.mark.parametrize(("model", "row", "expected"), TIERS)
def test_a_long_prompt_has_the_price_of_its_tier(tmp_path, model, row, expected):
    assert cost_of(tmp_path, model, **row).baseline.cost == pytest.approx(expected, rel=1e-12)


def test_writing_to_the_cache_has_its_own_price(tmp_path):
    """1,000 tokens: 100 from the cache, 300 written for five minutes, 200 for an hour, 400 plain; 50 of output."""
    row = {"input_tokens": 1_000, "cached_tokens": 100, "cache_written": 300, "cache_written_1h": 200}
    found = cost_of(tmp_path, "claude-sonnet-4-5", **row, output_tokens=50)
    expected = (400 * 3 + 100 * 0.3 + 300 * 3.75 + 200 * 6 + 50 * 15) / 1e6
    assert found.baseline.cost == pytest.approx(expected, rel=1e-12)
    # gpt-4o has no price for writing: those tokens are input
    plain = cost_of(tmp_path, "gpt-4o", **row, output_tokens=50)
    assert plain.baseline.cost == pytest.approx((900 * 2.5 + 100 * 1.25 + 50 * 10) / 1e6, rel=1e-12)


def test_more_from_and_into_the_cache_than_there_is_input_is_no_row(tmp_path):
    row = {"input_tokens": 1_000, "output_tokens": 1, "cached_tokens": 0}
    rows = [{"time": DAY, "model": "gpt-4o", **row, "cache_written": written} for written in (0, 1_001)]
    path = write_csv(tmp_path / "t.csv", rows)
    found = roi_xl.observe(path, "gpt-4o", "gpt-4o-mini", monthly_requests=1)
    assert [(one.reason, one.rows) for one in found.rejects] == [("more cached than input tokens", 1)]


WAYS = [
    ({"batch": "true"}, "gpt-4o", (1_000 * 1.25 + 100 * 5) / 1e6),
    ({"service_tier": "priority"}, "gpt-4o", (1_000 * 4.25 + 100 * 17) / 1e6),
    ({"service_tier": "Default"}, "gpt-4o", (1_000 * 2.5 + 100 * 10) / 1e6),
    ({"service_tier": "batch"}, "claude-sonnet-4-5", (1_000 * 1.5 + 100 * 7.5) / 1e6),
]


@pytest.mark.parametrize(("way", "model", "expected"), WAYS)
def test_a_way_of_processing_has_the_models_own_price(tmp_path, way, model, expected):
    found = cost_of(tmp_path, model, input_tokens=1_000, output_tokens=100, cached_tokens=0, **way)
    assert found.baseline.cost == pytest.approx(expected, rel=1e-12)


IN_BATCH, BY_ITSELF = (1_000 * 1.25 + 100 * 5) / 1e6, (1_000 * 2.5 + 100 * 10) / 1e6


@pytest.mark.parametrize("word", ["true", "True", "1", "1.0", "YES", "y", "batch", "batch_67f0c2"])
def test_a_batch_is_told_by_any_word_for_yes_and_by_its_name(tmp_path, word):
    found = cost_of(tmp_path, "gpt-4o", input_tokens=1_000, output_tokens=100, cached_tokens=0, batch=word)
    assert found.baseline.cost == pytest.approx(IN_BATCH, rel=1e-12)
    assert "neither yes nor no" not in " ".join(found.warnings)


@pytest.mark.parametrize("word", ["false", "0", "No", "", "none", "default", "weekly"])
def test_a_word_that_is_no_yes_is_no_batch_and_said_if_it_is_no_no_either(tmp_path, word):
    found = cost_of(tmp_path, "gpt-4o", input_tokens=1_000, output_tokens=100, cached_tokens=0, batch=word)
    assert found.baseline.cost == pytest.approx(BY_ITSELF, rel=1e-12)
    said = [note for note in found.warnings if "neither yes nor no, such as 'weekly': 2;" in note]
    assert bool(said) == (word == "weekly")


def test_a_word_for_a_batch_is_not_asked_for_where_costs_are_known(tmp_path):
    tokens = {"input_tokens": 1_000, "output_tokens": 100, "cached_tokens": 0}
    found = cost_of(tmp_path, "gpt-4o", **tokens, cost=0.01, batch="weekly")
    assert found.baseline.cost == pytest.approx(0.01)
    assert "neither yes nor no" not in " ".join(found.warnings)


def test_a_way_that_a_model_has_no_price_for_is_said_and_charged_in_full(tmp_path):
    model = "ft:gpt-4.1-mini-2025-04-14:acme::a1"
    found = cost_of(tmp_path, model, input_tokens=1_000, output_tokens=100, cached_tokens=0, batch="1")
    assert found.baseline.cost == pytest.approx((1_000 * 0.8 + 100 * 3.2) / 1e6, rel=1e-12)
    assert f"1 rows of {model} are 'batch', for which it has no price" in " ".join(found.warnings)


def test_before_the_book_knew_a_way_its_first_factor_holds():
    """A batch costs half of what gpt-4o cost then."""
    then = {(one.above, one.processing): one.amounts for one in rates_of("gpt-4o", dt.date(2026, 1, 1))}
    assert then[0, "batch"]["input"] == then[0, ""]["input"] / 2


FILE = """
source = "Contract 17"
since = 2026-10-01

[models."our-large*"]
input = 2
output = 8
cache_write = 2.5
batch = 0.4
above = [{ tokens = 1000, input = 3 }, { tokens = 5000, output = 20 }]

[models."our-azure"]
is = "gpt-4o"
output = 9

[models."our-gpu"]
source = "GPU invoice"
input = 0
output = 0
hosting = 2.5
units = 2

[models."tuned"]
is = "gemini-2.5-pro"
training = 25
training_hour = 100
hosting = 1.7
hours = 100
"""

OWN = [
    ("our-large-2026-01-01", {"input_tokens": 1_000}, (1_000 * 2 + 10 * 8) / 1e6),
    ("our-large", {"input_tokens": 1_001}, (1_001 * 3 + 10 * 8) / 1e6),
    ("our-large", {"input_tokens": 5_001, "batch": 1}, (5_001 * 3 + 10 * 20) / 1e6 * 0.4),
    ("our-large", {"input_tokens": 900, "cache_written": 400}, (500 * 2 + 400 * 2.5 + 10 * 8) / 1e6),
    ("azure/our-azure", {"input_tokens": 1_000}, (1_000 * 2.5 + 10 * 9) / 1e6),
    ("tuned", {"input_tokens": 200_001}, (200_001 * 2.5 + 10 * 15) / 1e6),
    ("our-gpu", {"input_tokens": 1_000}, 0),
]


SOURCES = {
    "our-gpu": {"GPU invoice"},
    "azure/our-azure": {"Contract 17; what it lacks: genai-prices"},
    "tuned": {"genai-prices", "Contract 17"},
}


@pytest.fixture
def given(tmp_path):
    path = tmp_path / "prices.toml"
    path.write_text(FILE)
    return path


@pytest.mark.parametrize(("model", "row", "expected"), OWN)
def test_a_price_file_comes_before_the_book(tmp_path, given, model, row, expected):
    found = cost_of(tmp_path, model, given=given, cached_tokens=0, output_tokens=10, **row)
    assert found.baseline.cost == pytest.approx(expected, rel=1e-12)
    sources = {price.source.partition(" 0.")[0] for price in found.prices if price.model == model}
    assert sources == SOURCES.get(model, {"Contract 17"})


def test_hosting_by_the_hour_is_borne_by_the_requests(tmp_path, given, capsys):
    """Two GPUs at 2.50 an hour, all month, over 100,000 requests; the other model's tokens cost 0.0001 each."""
    rows = [
        {"time": DAY, "model": "gpt-4o", "input_tokens": 1_000, "cached_tokens": 0, "output_tokens": 10},
        {"time": DAY, "model": "our-gpu", "input_tokens": 1_000, "cached_tokens": 0, "output_tokens": 10},
    ]
    path = write_csv(tmp_path / "t.csv", rows)
    found = roi_xl.observe(path, "gpt-4o", "our-gpu", price_file=given, monthly_requests=100_000)
    hosting = 2.5 * 2 * HOURS
    assert found.fine_tuned.hosting == pytest.approx(3_652.5)
    assert found.inputs["fine_tuned_cost_per_request"] == pytest.approx(hosting / 100_000, rel=1e-12)
    assert found.inputs["baseline_cost_per_request"] == pytest.approx((1_000 * 2.5 + 10 * 10) / 1e6, rel=1e-12)
    saved = 100_000 * 0.0026 - hosting
    assert found.answers["net_benefit"][0] == pytest.approx(12 * (saved - 100) - 2_500, rel=1e-9)
    with pytest.raises(OutOfBounds, match="monthly_requests must be above 0"):
        roi_xl.observe(path, "gpt-4o", "our-gpu", price_file=given, monthly_requests=0)
    out = tmp_path / "o.xlsx"
    command = ["observe", str(path), "--baseline", "gpt-4o", "--fine-tuned", "our-gpu", "--monthly-requests", "100000"]
    assert main([*command, "--prices", str(given), "-o", str(out)]) == 0
    assert "3,652.50" in capsys.readouterr().out
    book = openpyxl.load_workbook(out, data_only=True)
    cells = {row[1].value: row[3].value for row in book["Traces"].iter_rows(max_col=4)}
    assert cells["Cost per request, for Inputs"] == pytest.approx(hosting / 100_000, rel=1e-9)


def test_training_of_a_price_file_is_on_the_prices_sheet(tmp_path, given):
    row = {"time": DAY, "input_tokens": 1_000, "cached_tokens": 0, "output_tokens": 10}
    path = write_csv(tmp_path / "t.csv", [{**row, "model": model} for model in ("gpt-4o", "tuned")])
    found = roi_xl.observe(path, "gpt-4o", "tuned", price_file=given, monthly_requests=1_000)
    listed = {(one.model, one.kind): (one.amount, one.source) for one in found.prices}
    assert listed["tuned", "training"] == (25, "Contract 17")
    assert listed["tuned", "training_hour"] == (100, "Contract 17")
    assert found.fine_tuned.hosting == pytest.approx(170)


def test_an_assumed_model_with_tiers_is_noted(tmp_path, given):
    rows = [{"time": DAY, "model": "gpt-4o", "input_tokens": 1_000, "cached_tokens": 0, "output_tokens": 10}]
    path = write_csv(tmp_path / "t.csv", rows)
    found = roi_xl.observe(path, "gpt-4o", "tuned", price_file=given, monthly_requests=1_000)
    assert found.fine_tuned.cost == pytest.approx((1_000 * 1.25 + 10 * 10) / 1e6, rel=1e-12)
    assert "tuned costs more for prompts above 200,000 tokens" in " ".join(found.warnings)


def test_a_model_without_a_price_is_never_free(tmp_path):
    rows = [{"time": DAY, "model": "azure/support", "input_tokens": 1_000, "output_tokens": 10}]
    with pytest.raises(UnknownModel, match=r"no input price for 'azure/support'.*--price or --prices FILE gives one"):
        roi_xl.observe(write_csv(tmp_path / "t.csv", rows), "azure/support", "gpt-4o", monthly_requests=1)


HEAD = 'source = "x"\nsince = 2026-01-01\n'
WRONG = [
    ("", "must have a table"),
    ("models = 3", "must have a table"),
    ("a = [", "is not a TOML file"),
    ("[models.a]\ninput = 1\noutput = 1", "needs its source and since"),
    (HEAD + '[models.a]\ninput = "1"\noutput = 1', "input must be a number from 0 to 1,000,000, got '1'"),
    (HEAD + "[models.a]\ninput = -1\noutput = 1", "got -1"),
    (HEAD + "[models.a]\ninput = nan\noutput = 1", "got nan"),
    (HEAD + "[models.a]\ninput = true\noutput = 1", "got True"),
    (HEAD + "[models.a]\ninput = 1", "need input and output, or is ="),
    (HEAD + "[models.a]\nbatch = 0.5", "factors, tiers and windows need"),
    (HEAD + "[models.a]\nis = 3", "is must be the name of a model, got 3"),
    (HEAD + "[models.a]\ninptu = 1", "'inptu' is not a key of a price file"),
    (HEAD + "[models.a]\ninput = 1\noutput = 1\nabove = 3", "above must be a list"),
    (HEAD + "[models.a]\ninput = 1\noutput = 1\nabove = [{ input = 3 }]", "above needs tokens of at least 1"),
    (HEAD + "[models.a]\ninput = 1\noutput = 1\nabove = [{ tokens = 9, x = 3 }]", "above needs tokens"),
    (HEAD + "[models.a]\ninput = 1\noutput = 1\nwindows = 3", "windows must be a list"),
    (HEAD + '[models.a]\nwindows = [{ utc = "01:00-02:00", factor = 2 }]', "factors, tiers and windows need"),
    *(
        (HEAD + f"[models.a]\ninput = 1\noutput = 1\nwindows = [{{ {said} }}]", "windows need utc such as")
        for said in (
            "factor = 2",
            'utc = "24:00-01:00", factor = 2',
            'utc = "01:00-02:00"',
            'utc = "01:00-02:00", days = "mon-x", factor = 2',
            'utc = "01:00-02:00", factor = 2, x = 1',
        )
    ),
]


@pytest.mark.parametrize(("text", "message"), WRONG)
def test_a_price_file_that_cannot_be_is_refused_by_its_word(tmp_path, text, message):
    path = tmp_path / "p.toml"
    path.write_text(text)
    with pytest.raises(FileProblem, match=message):
        read_price_file(path)


def test_a_price_file_that_is_not_there(tmp_path):
    with pytest.raises(MissingFile, match="does not exist"):
        read_price_file(tmp_path / "none.toml")
    with pytest.raises(FileProblem, match="cannot be read"):
        read_price_file(tmp_path)


def test_an_announced_shutdown_is_noted(tmp_path):
    row = {"time": DAY, "input_tokens": 1_000, "cached_tokens": 0, "output_tokens": 10, "cost": 0.1}
    tuned = "ft:gpt-4o-mini-2024-07-18:acme::a1"
    path = write_csv(tmp_path / "t.csv", [{**row, "model": model} for model in ("azure/gpt-4o-2024-08-06", tuned)])
    found = roi_xl.observe(path, "azure/gpt-4o*", "ft:*", monthly_requests=1_000)
    notes = [line for line in found.warnings if line.startswith("retired: ")]
    assert [line.partition(" (")[0] for line in notes] == [f"retired: {tuned} on 2027-01-14"]
    assert notes[0].endswith("; savings end then")


def test_every_announced_shutdown_names_its_source():
    assert len({row.model for row in shutdowns.TABLE}) == len(shutdowns.TABLE)
    for row in shutdowns.TABLE:
        assert "openai.com" in row.source
        assert dt.date(2026, 1, 1) < row.on < dt.date(2028, 1, 1)


def test_of_two_prices_for_a_way_the_one_of_the_day_holds():
    def variant(year, amount):
        since = SimpleNamespace(start_date=dt.date(year, 1, 1))
        return SimpleNamespace(when={"processing": "batch"}, constraint=since, prices=amount)

    model = SimpleNamespace(price_variants=[variant(2025, "older"), variant(2026, "newer")])
    days = {2024: "older", 2025: "older", 2026: "newer"}
    assert {year: ways_of(model, dt.date(year, 6, 1))["batch"] for year in days} == days
    assert ways_of(model, None) == {"batch": "newer"}


WINDOWS = """
source = "x"
since = 2026-01-01

[models."large"]
input = 1
output = 0
batch = 0.5
above = [{ tokens = 5000, input = 3 }]
windows = [
    { utc = "22:30-01:00", days = "fri-sat", factor = 4 },
    { utc = "06:00-10:00", days = "mon-fri", input = 2 },
]
"""


def hourly_price(time):
    """What a token costs at a moment by WINDOWS, by the calendar."""
    minutes, day = time.hour * 60 + time.minute, time.weekday()
    if (day in (4, 5) and minutes >= 22 * 60 + 30) or (day in (5, 6) and minutes < 60):
        return 4
    return 2 if day < 5 and 6 * 60 <= minutes < 10 * 60 else 1


def test_at_other_hours_tokens_have_other_prices(tmp_path):
    """A call every half hour of nine days, and one microsecond before each; time zones count for what they are."""
    (tmp_path / "p.toml").write_text(WINDOWS)
    starts = [dt.datetime(2026, 10, 30) + dt.timedelta(minutes=30 * place) for place in range(9 * 48)]
    times = [time - dt.timedelta(microseconds=early) for time in starts for early in (0, 1)]
    row = {"input_tokens": 1_000, "output_tokens": 1, "cached_tokens": 0}
    rows = [{"time": f"{time.isoformat()}Z", "model": "large", **row, "cost": ""} for time in times]
    rows += [{**rows[0], "time": "2026-10-31T08:15:00+09:00"}, {**rows[0], "model": "small", "cost": 1}]
    found = roi_xl.observe(
        write_csv(tmp_path / "t.csv", rows), "large", "small", price_file=tmp_path / "p.toml", monthly_requests=1
    )
    expected = sum(map(hourly_price, [*times, dt.datetime(2026, 10, 30, 23, 15)])) * 1_000 / 1e6
    assert found.baseline.cost == pytest.approx(expected, rel=1e-12)
    listed = {price.kind: price.amount for price in found.prices}
    assert listed["input, 22:30-01:00 UTC fri,sat"] == 4
    assert listed["input, prompts above 5,000 tokens, 06:00-10:00 UTC mon,tue,wed,thu,fri"] == 2
    batch = [{**rows[0], "time": "2026-10-30T23:00:00Z", "batch": 1}, {**rows[-1], "batch": 0}]
    at_half = roi_xl.observe(
        write_csv(tmp_path / "b.csv", batch), "large", "small", price_file=tmp_path / "p.toml", monthly_requests=1
    )
    assert at_half.baseline.cost == pytest.approx(0.0005, rel=1e-12)


def test_the_books_hours_are_charged(tmp_path):
    """DeepSeek's off-peak discount of 2025, as the book has it: from 16:30 to 00:30 UTC at half the price and less."""
    row = {"model": "deepseek-chat", "input_tokens": 1_000, "output_tokens": 100, "cached_tokens": 200}
    times = ["2025-08-01T16:29:59Z", "2025-08-01T16:30:00Z", "2025-08-02T00:29:59Z", "2025-08-02T00:30:00Z"]
    rows = [{"time": time, **row, "cost": ""} for time in times] + [{"time": times[0], **row, "model": "m", "cost": 1}]
    found = roi_xl.observe(write_csv(tmp_path / "t.csv", rows), "deepseek-chat", "m", monthly_requests=1)
    full, less = ((800 * a + 200 * b + 100 * c) / 1e6 for a, b, c in ((0.27, 0.07, 1.1), (0.135, 0.035, 0.55)))
    assert found.baseline.cost == pytest.approx(2 * full + 2 * less, rel=1e-12)
    newer = {"deepseek-v4-flash": [dt.date(2026, 9, 20), 2], "gpt-4o": [None, 0]}
    for model, (on, count) in newer.items():
        assert len([rate for rate in rates_of(model, on) if rate.window]) == count


def test_what_cannot_be_priced_by_the_hour_is_noted(tmp_path):
    """Days of usage, and a model that no call was made to yet."""
    row = {"model": "deepseek-chat", "requests": 5, "input_tokens": 1_000, "output_tokens": 100, "cached_tokens": 0}
    rows = [{"time": f"2026-10-{day:02}", **row, "cost": ""} for day in (1, 2, 3)]
    path = write_csv(tmp_path / "t.csv", [*rows, {**rows[0], "model": "m", "cost": 1}])
    text = " ".join(roi_xl.observe(path, "deepseek-chat", "m").warnings)
    assert "deepseek-chat has other prices at other hours, and its rows are of whole hours or days" in text
    path = write_csv(tmp_path / "u.csv", [{**one, "model": "gpt-4o"} for one in rows])
    text = " ".join(roi_xl.observe(path, "gpt-4o", "deepseek-chat").warnings)
    assert "its assumed cost is at the price outside of them" in text
