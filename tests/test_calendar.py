"""The months of the cash flow in the calendar: month ends, fiscal years, and totals that a budget takes."""

import calendar
import datetime as dt

import pytest
from openpyxl import load_workbook

import roi_xl
from roi_xl.errors import NotANumber, OutOfBounds
from roi_xl.quantities import BASELINE_RETIREMENT, FINE_TUNED_RETIREMENT
from roi_xl.template import layout
from roi_xl.xlsx.addresses import Address

FIRST, LAST = layout.FIRST_MONTH_ROW, layout.LAST_MONTH_ROW
EPOCH = dt.date(1899, 12, 30)
STARTS = [
    (dt.date(2027, 3, 15), 10, 24, {2027: 700_000, 2028: 1_200_000, 2029: 500_000}),
    (dt.date(2028, 1, 1), 1, 12, {2027: 0, 2028: 1_200_000}),
    (dt.date(2027, 1, 31), 2, 60, {2027: 100_000, **dict.fromkeys(range(2028, 2032), 1_200_000), 2032: 1_100_000}),
    (None, 7, 13, {1: 1_200_000, 2: 100_000}),
]
"""The requests of each fiscal year, counted on the fingers; training is paid in the month before the start."""


@pytest.fixture(scope="module")
def model(templates):
    return roi_xl.open_model(templates["native"])


def column(model, name, rows):
    return [model.value(Address("Cash flow", row, layout.CF[name])) for row in rows]


@pytest.mark.parametrize(("start", "first", "months", "requests"), STARTS)
def test_totals_by_fiscal_year(model, start, first, months, requests):
    outputs = model.calculate({"start_month": start, "fiscal_year_start": first, "months": months})
    assert outputs["model_checks"] == "OK"
    rows = range(layout.BUDGET_ROW + 1, layout.BUDGET_ROW + layout.FISCAL_YEARS + 1)
    shown = zip(column(model, "month", rows), column(model, "requests", rows), strict=True)
    assert {year: number for year, number in shown if year not in ("", None)} == requests
    total = column(model, "net_cash_flow", [rows[-1] + 1])
    assert total == [pytest.approx(outputs["ledger_benefit"])]


def test_months_end_on_their_last_day(model):
    model.calculate({"start_month": dt.date(2027, 12, 31)})
    found = [EPOCH + dt.timedelta(days=int(day)) for day in column(model, "month_end", range(FIRST, LAST + 1))]
    wanted = [divmod(2027 * 12 + 11 + month - 1, 12) for month in range(61)]
    assert found == [dt.date(y, m + 1, calendar.monthrange(y, m + 1)[1]) for y, m in wanted]


def test_without_a_start_month_there_are_no_days(model):
    model.calculate()
    assert {value or "" for value in column(model, "month_end", range(FIRST, LAST + 1))} == {""}


def test_choices_are_given_to_the_template(tmp_path):
    given = {"start_month": dt.date(2027, 4, 1), "fiscal_year_start": 4, "roi_basis": "total cost"}
    roi_xl.build_template(tmp_path / "own.xlsx", given)
    model = roi_xl.open_model(tmp_path / "own.xlsx")
    assert model.value(model.find("Summary!F10")) == "ROI on total cost"
    assert model.value(model.find("Summary!F11")) == pytest.approx(5_900 / 18_100)
    assert column(model, "month_end", [FIRST]) == [(dt.date(2027, 3, 31) - EPOCH).days]
    assert model.calculate({"roi_basis": "Discounted", "discount_rate": 0.1})["roi"] == pytest.approx(
        1.505568, rel=1e-6
    )
    assert model.calculate({"roi_basis": None})["roi"] == pytest.approx(5_900 / 3_700)


REFUSED = [
    ({"roi_basis": "revenue"}, OutOfBounds, "roi_basis must be one of Incremental investment, Discounted, Total cost"),
    ({"start_month": "soon"}, NotANumber, "start_month must be a day such as 2027-01-01, got 'soon'"),
    ({"fiscal_year_start": "May"}, NotANumber, "fiscal_year_start must be a number, got 'May'"),
    ({"fiscal_year_start": 13}, OutOfBounds, "fiscal_year_start must be at least 1 and at most 12"),
    ({"fiscal_year_start": 2.5}, OutOfBounds, "fiscal_year_start must be a whole number, at least 1 and at most 12"),
]


@pytest.mark.parametrize(("given", "error", "message"), REFUSED)
def test_choices_that_are_none_are_refused(tmp_path, given, error, message):
    with pytest.raises(error, match=message):
        roi_xl.build_template(tmp_path / "x.xlsx", given)
    assert not (tmp_path / "x.xlsx").exists()


START, END = dt.date(2027, 1, 1), {"at_retirement": "End the cash flow"}
LIVES = [
    (
        {"fine_tuned_retirement": dt.date(2027, 9, 30)},
        9,
        12,
        "The horizon goes beyond month 9: the fine-tuned model is",
    ),
    ({"baseline_retirement": dt.date(2027, 9, 29)}, 8, 12, "The horizon goes beyond month 8: the baseline model is"),
    ({"fine_tuned_retirement": dt.date(2027, 12, 31)}, 12, 12, ""),
    ({"fine_tuned_retirement": dt.date(2027, 7, 1), **END}, 6, 6, "The cash flow ends with month 6: the fine-tuned mo"),
    ({"baseline_retirement": dt.date(2029, 7, 1), **END}, 30, 12, ""),
    (END, "", 12, ""),
]


@pytest.mark.parametrize(("given", "life", "months", "said"), LIVES)
def test_a_horizon_beyond_the_life_of_a_model(model, given, life, months, said):
    outputs = model.calculate({"start_month": START, **given})
    assert outputs["model_checks"] == "OK"
    assert (outputs["model_life"] or "", outputs["months_used"]) == (life, months)
    assert outputs["ledger_benefit"] == pytest.approx(700 * months - 2_500)
    told = model.value(model.find("Summary!B9")) or ""
    assert told.startswith(said) if said else told == ""


def test_a_model_that_is_retired_before_it_starts_must_be_looked_at(model):
    outputs = model.calculate({"start_month": START, "fine_tuned_retirement": dt.date(2026, 12, 31), **END})
    assert (outputs["model_checks"], str(outputs["ledger_benefit"])) == ("REVIEW", "#NUM!")
    assert outputs["life_told"] == "No month is left: the fine-tuned model is retired on 2026-12-31. "


@pytest.mark.parametrize("depth", ["quick", "full"])
def test_no_workbook_is_made_of_a_model_that_is_retired_before_it_starts(tmp_path, depth):
    given = {"start_month": START, "baseline_retirement": dt.date(2027, 1, 30), **END}
    with pytest.raises(OutOfBounds) as refused:
        roi_xl.build_template(tmp_path / "gone.xlsx", given, depth=depth)
    assert str(refused.value) == (
        "baseline_retirement must leave a full month from start_month on with 'End the cash flow', "
        "got 2027-01-30 with start_month 2027-01-01"
    )


COUNTED = {"at_retirement": "Retrain or migrate", "retraining_cost": 900, "migration_cost": 1_500}
EVENTS = [
    (
        {"fine_tuned_retirement": dt.date(2027, 9, 30), "baseline_retirement": dt.date(2027, 7, 15), **COUNTED},
        8_400 - 2_500 - 900 + 1_500,
        "Model retrained in month 9: 900. Migration avoided in month 6: 1,500. ",
    ),
    (
        {"fine_tuned_retirement": dt.date(2027, 3, 31), **COUNTED, "retraining_cost": 0},
        8_400 - 2_500,
        "Model retrained in month 3: no cost. ",
    ),
    ({"baseline_retirement": dt.date(2027, 12, 31), **COUNTED}, 8_400 - 2_500, ""),
    ({**COUNTED, "baseline_life": 4}, 8_400 - 2_500 + 1_500, "Migration avoided in month 4: 1,500. "),
]
"""Days, what the case brings with them, worked out by hand, and what page one says."""


@pytest.mark.parametrize(("given", "benefit", "said"), EVENTS)
def test_at_retirement_a_model_is_retrained_and_a_migration_avoided(model, given, benefit, said):
    outputs = model.calculate({"start_month": START, **given})
    assert (outputs["model_checks"], outputs["ledger_benefit"]) == ("OK", pytest.approx(benefit))
    assert (model.value(model.find("Summary!B9")) or "") == said


def test_a_model_that_is_retired_before_it_starts_cannot_be_retrained(model):
    outputs = model.calculate({"start_month": START, "fine_tuned_retirement": dt.date(2026, 12, 31), **COUNTED})
    assert (outputs["model_checks"], str(outputs["ledger_benefit"])) == ("REVIEW", "#NUM!")


def test_a_retirement_asks_for_a_start_month(model):
    model.calculate({"fine_tuned_retirement": dt.date(2027, 9, 30)})
    assert model.value(model.find("Summary!B9")).startswith("Give a start month")


def test_announced_shutdowns_go_into_the_workbook_of_two_models(tmp_path):
    """Days that OpenAI has announced; a fine-tuned model goes with its base model. What a person says holds."""
    models = ("gpt-4o-2024-08-06", "ft:gpt-4.1-nano-2025-04-14:acme::x1")
    given = {"start_month": dt.date(2026, 10, 1)}
    roi_xl.build_template(tmp_path / "two.xlsx", given, models=models)
    cells = load_workbook(tmp_path / "two.xlsx")["Inputs"]
    rows = [layout.CHOICE_ROWS[one] for one in (BASELINE_RETIREMENT, FINE_TUNED_RETIREMENT)]
    assert [cells.cell(row, layout.IN_VALUE).value for row in rows] == [
        dt.datetime(2027, 1, 14),
        dt.datetime(2026, 10, 23),
    ]
    sources = [cells.cell(row, layout.IN_SOURCE).value for row in rows]
    assert [source.partition(": ")[0] for source in sources] == ["gpt-4o-2024-08-06", "gpt-4.1-nano-2025-04-14"]
    assert all("developers.openai.com" in source for source in sources)
    outputs = roi_xl.open_model(tmp_path / "two.xlsx").outputs
    assert (outputs["model_life"], outputs["model_checks"], outputs["months_used"]) == (0, "OK", 12)
    assert outputs["life_told"].startswith("No month is left: the fine-tuned model is retired on 2026-10-2")
    known = {**given, "fine_tuned_retirement": dt.date(2028, 1, 1)}
    roi_xl.build_template(tmp_path / "own.xlsx", known, models=("gpt-4o-mini", models[1]))
    again = load_workbook(tmp_path / "own.xlsx")["Inputs"]
    assert [again.cell(row, layout.IN_VALUE).value for row in rows] == [None, dt.datetime(2028, 1, 1)]
    assert [again.cell(row, layout.IN_SOURCE).value for row in rows] == [None, None]
