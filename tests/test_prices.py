"""Prices by the book and by our own table: which holds when, and what is said where there is none."""

import datetime as dt
import sys
from types import SimpleNamespace

import pytest

import roi_xl
from roi_xl.errors import NotInstalled, NotSupported, OutOfBounds, UnknownModel, UnknownName
from roi_xl.functions import price_table, prices

TUNED_41 = "ft:gpt-4.1-mini-2025-04-14:acme::a1"
BOOK = [
    ("gpt-4o-mini", "input", 0.15),
    ("gpt-4o-mini-2024-07-18", "output", 0.6),
    ("GPT-4o-mini", "cached", 0.075),
    ("openai/gpt-4o-mini", "input", 0.15),
    ("ft:gpt-4o-mini-2024-07-18:acme::a1", "input", 0.3),
    ("ft:gpt-4o-mini-2024-07-18:acme::a1", "cached", 0.15),
    (TUNED_41, "input", 0.8),
    (TUNED_41, "cached", 0.2),
    ("gpt-4.1", "training", 25),
    ("gpt-4.1-mini-2025-04-14", "training", 5),
]


@pytest.mark.parametrize(("model", "kind", "expected"), BOOK, ids=lambda value: str(value))
def test_a_price_is_that_of_the_book_or_of_our_table(model, kind, expected):
    assert roi_xl.model_price(model, kind) == expected
    price = roi_xl.price_of(model, kind)
    assert (price.model, price.kind, price.amount) == (model, kind, expected)
    assert price.source


def test_a_price_holds_from_its_day_on(monkeypatch):
    newer = price_table.Price("gpt-4.1", "training", 20, dt.date(2026, 1, 1), "a later page")
    monkeypatch.setattr(prices, "TABLE", (*price_table.TABLE, newer))
    assert roi_xl.model_price("gpt-4.1", "training") == 20
    assert roi_xl.model_price("gpt-4.1", "training", 46_022) == 25  # 2025-12-31
    assert roi_xl.model_price("gpt-4.1", "training", 46_023) == 20
    assert roi_xl.price_of("gpt-4.1", "training", dt.date(2025, 6, 1)).since == dt.date(2025, 4, 14)
    with pytest.raises(UnknownModel, match=r"no training price for 'gpt-4.1' on 2025-01-01"):
        roi_xl.price_of("gpt-4.1", "training", dt.date(2025, 1, 1))
    with pytest.raises(OutOfBounds):
        roi_xl.model_price("gpt-4.1", "training", -3)


def test_prices_of_the_book_change_on_their_days():
    name, row = next(
        (model.id, model.prices[-1])
        for provider in prices.book().providers
        for model in provider.models
        if provider.id == "openai"
        and isinstance(model.prices, list)
        and hasattr(model.prices[-1].constraint, "start_date")
    )
    since = row.constraint.start_date
    newest = roi_xl.price_of(name, "input")
    assert newest.since == since
    older = roi_xl.price_of(name, "input", since - dt.timedelta(days=1))
    assert older.since is None or older.since < since


def test_what_is_not_known_is_said_with_the_nearest_names():
    with pytest.raises(UnknownModel, match=r"did you mean gpt-4o-mini"):
        roi_xl.model_price("gpt-4o-minni", "input")
    with pytest.raises(UnknownModel, match="no hosting price"):
        roi_xl.model_price("gpt-4o", "hosting")
    with pytest.raises(
        UnknownName, match="kind must be one of input, output, cached, training, training_hour, hosting"
    ):
        roi_xl.model_price("gpt-4o", "price")


def test_without_the_book_our_own_table_still_answers(monkeypatch):
    def missing():
        raise NotInstalled("this price needs the public book")

    monkeypatch.setattr(prices, "book", missing)
    assert roi_xl.model_price(TUNED_41, "input") == 0.8
    with pytest.raises(NotInstalled):
        roi_xl.model_price("gpt-4o", "input")


def test_the_book_is_missing_where_its_package_is(monkeypatch):
    prices.book.cache_clear()
    monkeypatch.setitem(sys.modules, "genai_prices.data_snapshot", None)
    with pytest.raises(NotInstalled, match="needs the public price book"):
        prices.book()
    monkeypatch.undo()
    assert prices.book().providers


def test_a_day_may_be_a_date_or_a_number():
    assert prices.day_of(None) is None
    assert prices.day_of(dt.datetime(2026, 3, 1, 12)) == prices.day_of(dt.date(2026, 3, 1)) == dt.date(2026, 3, 1)
    assert prices.day_of(46_082.75) == dt.date(2026, 3, 1)
    with pytest.raises(OutOfBounds, match="date must be a day, got 0"):
        prices.day_of(0)


def test_prices_that_hold_at_hours_or_begin_later_are_passed_over():
    def row(constraint, amount):
        return SimpleNamespace(constraint=constraint, prices=SimpleNamespace(input_mtok=amount))

    later = SimpleNamespace(start_date=dt.date(2026, 6, 1))
    hours = SimpleNamespace(start_time=dt.time(1))
    model = SimpleNamespace(prices=[row(later, 2), row(hours, 9)])
    assert [since for since, _ in prices.valid(model, dt.date(2026, 7, 1))] == [dt.date(2026, 6, 1)]
    assert prices.valid(model, dt.date(2026, 5, 1)) == []


def test_every_row_of_our_table_has_its_day_and_its_source():
    for row in price_table.TABLE:
        assert row.kind in prices.KINDS
        assert row.amount > 0
        assert row.source
        assert row.since is not None
        assert row.since.year >= 2023


CARRIED = [
    ("gpt-4o-mini", "input", 0.15),
    ("openai/gpt-4o-mini", "output", 0.6),
    ("claude-sonnet-4-20250514-v1", "output", 15),
]


@pytest.mark.parametrize(("model", "kind", "expected"), CARRIED)
def test_the_book_that_is_carried_along_says_the_same(monkeypatch, model, kind, expected):
    carried = SimpleNamespace()
    exec(prices.carried_text(), carried.__dict__)
    monkeypatch.setattr(prices, "carried_book", lambda: carried)
    found = prices.book_price(model, kind, None)
    assert (found.amount, found.source) == (expected, prices.book_source())


def test_a_model_that_the_carried_book_does_not_know_has_no_price(monkeypatch):
    monkeypatch.setattr(prices, "carried_book", lambda: SimpleNamespace(NAMES={}, BEGINNINGS={}, SOURCE=""))
    assert prices.book_price("no-such-model", "input", None) is None


QUALIFIED = [
    ("azure/gpt-4o-mini", "gpt-4o-mini", "azure"),
    ("openrouter/openai/gpt-4o-mini", "openai/gpt-4o-mini", "openrouter"),
    ("vertex_ai/gemini-2.5-flash", "gemini-2.5-flash", "google"),
    ("projects/acme/locations/us-central1/publishers/google/models/gemini-2.5-flash", "gemini-2.5-flash", "google"),
    ("publishers/google/models/gemini-2.5-flash", "gemini-2.5-flash", "google"),
    ("meta.llama3-1-8b-instruct-v1:0", "meta.llama3-1-8b-instruct-v1:0", "aws"),
    ("bedrock/meta.llama3-1-8b-instruct-v1:0", "meta.llama3-1-8b-instruct-v1:0", "aws"),
    (
        "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.anthropic.claude-3-haiku-20240307-v1:0",
        "us.anthropic.claude-3-haiku-20240307-v1:0",
        "aws",
    ),
    (
        "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0",
        "amazon.nova-lite-v1:0",
        "aws",
    ),
]


@pytest.mark.parametrize(("name", "model", "provider"), QUALIFIED, ids=[row[0] for row in QUALIFIED])
def test_a_platforms_own_name_has_that_platforms_price(name, model, provider):
    row = prices.book().find_provider_model(model, None, provider, None)[1]
    listed = row.prices if not isinstance(row.prices, list) else prices.valid(row, dt.date.max)[0][1]
    expected = float(getattr(listed.input_mtok, "base", listed.input_mtok))
    assert roi_xl.model_price(name, "input") == expected > 0


NAMELESS = [
    "projects/acme/locations/us-central1/endpoints/8123",
    "arn:aws:bedrock:us-east-1:123456789012:custom-model-deployment/abc",
    "azure/support-deployment",
]


@pytest.mark.parametrize("name", NAMELESS)
def test_a_deployment_with_a_free_name_has_no_price(name):
    with pytest.raises(UnknownModel):
        roi_xl.model_price(name, "input")


UNTUNED = ["gpt-4o-mini-audio-preview", "gpt-4o-2024-05-13", "gpt-3.5-turbo-instruct", "gpt-4.1-mini-realtime"]


@pytest.mark.parametrize("name", UNTUNED)
def test_only_models_that_are_tuned_have_a_training_price(name):
    with pytest.raises(UnknownModel, match="no training price"):
        roi_xl.model_price(name, "training")


def test_reinforcement_fine_tuning_is_by_the_hour():
    assert roi_xl.model_price("o4-mini-2025-04-16", "training_hour") == 100
    assert roi_xl.model_price("openai/gpt-4.1-mini", "training") == 5
    with pytest.raises(UnknownModel):
        roi_xl.model_price("o4-mini", "training")


def test_the_nearest_names_are_other_texts():
    for name in ("azure/gpt-4o", "GPT-4.1", "gpt-4o", "o4-mini"):
        with pytest.raises(UnknownModel) as caught:
            roi_xl.model_price(name, "hosting")
        hint = str(caught.value).rpartition("did you mean ")[2].rstrip("?").split(" or ")
        assert name.casefold() not in [one.casefold() for one in hint]


def test_a_template_takes_no_prices_of_another_currency(tmp_path):
    models = ("gpt-4o", "ft:gpt-4o-mini-2024-07-18")
    with pytest.raises(NotSupported, match="prices of models are in USD, and the currency is EUR"):
        roi_xl.build_template(tmp_path / "t.xlsx", currency="EUR", models=models)
    assert not list(tmp_path.iterdir())
