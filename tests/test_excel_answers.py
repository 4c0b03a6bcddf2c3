"""Excel's answers in small workbooks: right, or named as what cannot be told; never wrong without a word."""

import pytest
from answer_workbooks import records, value_of, write
from formula_helpers import alike

import roi_xl
from roi_xl.errors import RoiError

RECORDS = records()
DISPUTED = {
    ("f022", "F12"): "workbooks that Excel saved count a text that says the number as not equal to it",
    ("f022", "F22"): "the source counts a blank cell as not blank",
    ("f110", "Z8"): "the rate does not bring the present value to 0",
    ("q03", "F5"): "a whole row meets the formula's column",
    ("v01", "B2"): "the workbook lacks the cell that is asked about",
    ("v01", "B4"): "the workbook lacks the cell that is asked about",
}
"""Answers that are left out, and why."""


def left_out(record, one):
    return (record["id"], one["cell"]) in DISPUTED


def wrong(record, model, key):
    """The cells that are neither right nor named."""
    found = []
    verification = model.verification or model.verify()
    for one in record["formulas"]:
        place = model.find(f"S!{one['cell']}")
        named = place in verification.unverified or place in model.replay.kept
        if one[key] is None or named or left_out(record, one):
            continue
        got = model.book.value_or_problem(place)
        if not alike(got, value_of(one[key])):
            found.append(f"{one['cell']} ={one['formula']} gives {got}, Excel {one[key]}")
    return found


def edited(record, model):
    """The cells that are wrong after the record's edits; none where the edits are refused."""
    if not record["edits"]:
        return []
    changes = {name if "!" in name else f"S!{name}": value_of(value) for name, value in record["edits"].items()}
    try:
        model.calculate(changes)
    except RoiError:
        return []
    return wrong(record, model, "after")


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record["id"])
def test_with_stored_values(tmp_path, record):
    model = roi_xl.open_model(write(record, tmp_path / "m.xlsx", stored=True))
    assert wrong(record, model, "value") == []
    assert edited(record, model) == []


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record["id"])
def test_without_stored_values(tmp_path, record):
    model = roi_xl.open_model(write(record, tmp_path / "m.xlsx", stored=False))
    try:
        model.calculate({})
    except RoiError:
        return
    assert wrong(record, model, "value") == []
    assert edited(record, model) == []


def test_most_answers_are_right_without_stored_values(tmp_path):
    right = total = 0
    for record in RECORDS:
        asked = [one for one in record["formulas"] if one["value"] is not None and not left_out(record, one)]
        total += len(asked)
        model = roi_xl.open_model(write(record, tmp_path / "m.xlsx", stored=False))
        try:
            model.calculate({})
        except RoiError:
            continue
        values = [(model.book.value_or_problem(model.find(f"S!{one['cell']}")), one["value"]) for one in asked]
        right += sum(alike(got, value_of(value)) for got, value in values)
    assert right >= 0.95 * total, f"{right} of {total}"
