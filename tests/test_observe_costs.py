"""Which column is the cost, in which unit: said where names or amounts leave it open, never guessed in silence."""

import gzip
import io
import json
import sys
from types import SimpleNamespace

import pyarrow as pa
import pytest
from pyarrow import parquet
from trace_helpers import write_csv, write_lines

import roi_xl
from roi_xl.cli import main
from roi_xl.errors import FileProblem, RoiError

pytestmark = pytest.mark.slow

LARGE, SMALL = "gpt-4o", "ft:gpt-4o-mini-2024-07-18:a::b"


def calls(count=20, tokens=True, **amounts):
    """Calls of both models with these amounts."""
    counts = {"input_tokens": 1_000, "output_tokens": 100} if tokens else {}
    return [
        {"time": f"2026-09-{1 + place % 20:02d}T00:00:{place % 60:02d}Z", "model": (LARGE, SMALL)[place % 2], **counts}
        | amounts
        for place in range(count)
    ]


def observed(folder, rows, **mapping):
    found = roi_xl.observe(write_csv(folder / "t.csv", rows), LARGE, SMALL, mapping=mapping)
    assert found.baseline.cost_per_request == found.fine_tuned.cost_per_request or not mapping
    return found


def test_two_columns_of_costs_that_contradict_are_both_named(tmp_path):
    """What is taken and what the other comes to: 20 calls at 0.06 and at 0.02."""
    found = observed(tmp_path, calls(total_cost=0.06, cost_usd=0.02))
    assert found.baseline.cost_per_request == pytest.approx(0.06)
    (note,) = (note for note in found.warnings if "total_cost" in note)
    assert note == (
        "'total_cost' and 'cost_usd' differ in 20 of 20 rows (1.2 and 0.4 in all): total_cost is taken, "
        "--map cost=cost_usd takes the other"
    )
    rows = calls(total_cost=0.06, cost_usd=0.02)
    rows[:15] = [{**row, "cost_usd": ""} for row in rows[:15]]
    assert any("differ in 5 of 5 rows" in note for note in observed(tmp_path, rows).warnings)


@pytest.mark.parametrize("same", [{"cost_cents": 6}, {"cost_usd": 0.0602}, {"cost_usd": ""}])
def test_columns_that_agree_need_no_words(tmp_path, same):
    assert not [note for note in observed(tmp_path, calls(cost=0.06, **same)).warnings if "differ in" in note]


def test_a_cost_in_euros_is_not_taken_where_one_in_dollars_is_missing(tmp_path):
    rows = calls(cost_usd=0.02, cost_eur=0.5)
    rows[0]["cost_usd"] = ""
    found = observed(tmp_path, rows)
    assert found.baseline.cost == pytest.approx(9 * 0.02 + 1_000 * 2.5e-6 + 100 * 10e-6)


@pytest.mark.parametrize(
    ("amounts", "option"),
    [
        ({"cost_micros": 20_000}, "cost=cost_micros/1000000"),
        ({"cost_nanos": 20_000_000}, "cost=cost_nanos/1000000000"),
        ({"costMicroUSD": 20_000}, "cost=costMicroUSD/1000000"),
        ({"cost (cents)": 2}, "cost=cost (cents)/100"),
        ({"input_cost": 0.015, "output_cost": 0.005}, "cost=input_cost+output_cost"),
        ({"promptCostCents": 1.5, "completionCostCents": 0.5}, "cost=(promptCostCents+completionCostCents)/100"),
        ({"input_cost": 0.015, "output_cost": 0.005, "llm_total_charge": 0.02}, "cost=llm_total_charge"),
    ],
)
def test_the_hint_is_right_as_it_stands(tmp_path, amounts, option):
    """Each of them is 0.02 a call, once what the note says is done."""
    plain = observed(tmp_path, calls(**amounts))
    (note,) = (note for note in plain.warnings if "list prices" in note)
    assert f"--map {option}" in note.replace("'cost=", "cost=").replace("--map 'cost", "--map cost").rstrip("'")
    field, _, column = option.partition("=")
    found = observed(tmp_path, calls(**amounts), **{field: column})
    assert found.baseline.cost_per_request == pytest.approx(0.02)
    assert not [note for note in found.warnings if "as it stands" in note]


@pytest.mark.parametrize(
    ("column", "times"), [("cost_per_token", "1,000,000"), ("price per 1k tokens", "1,000"), ("usd_per_1M_tokens", "")]
)
def test_a_price_for_tokens_is_no_cost(tmp_path, column, times):
    (note,) = (note for note in observed(tmp_path, calls(**{column: 2})).warnings if "list prices" in note)
    assert f"{column!r} is a price: --price MODEL=IN/CACHED/OUT takes it" in note
    assert ("times" in note) == bool(times)
    assert times in note
    assert "--map" not in note


def test_a_unit_that_is_mapped_without_its_factor_is_said(tmp_path):
    found = observed(tmp_path, calls(cost_micros=20_000), cost="cost_micros")
    assert found.baseline.cost_per_request == 20_000
    assert any("by its name 1,000,000 of it are one" in note and "cost_micros/1000000" in note for note in found.notes)


def test_a_table_of_models_and_costs_alone_is_read_once_its_cost_is_named(tmp_path):
    rows = calls(tokens=False, cost_micros=20_000)
    with pytest.raises(RoiError, match="if 'cost_micros' is their cost, --map cost=cost_micros/1000000"):
        observed(tmp_path, rows)
    assert observed(tmp_path, rows, cost="cost_micros/1000000").baseline.cost_per_request == pytest.approx(0.02)


# where rows come from, and what is said of several files


def test_what_is_piped_in_is_a_file_and_words_of_several_files_are_added_up(tmp_path, monkeypatch, capsys):
    rows = [{**row, "status": "ok" if place > 1 else "error"} for place, row in enumerate(calls(cost=0.02))]
    lines = "\n".join(map(json.dumps, rows[:10])).encode()
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(gzip.compress(lines))))
    other = str(write_csv(tmp_path / "b.csv", rows[10:]))
    assert main(["observe", "-", other, "--baseline", LARGE, "--fine-tuned", SMALL]) == 0
    told = capsys.readouterr().out
    assert "stdin.jsonl.gz" in told
    assert "Status taken for success: ok (18)\n" in told
    assert "Status taken for no success: error (2)\n" in told


def test_nothing_that_is_piped_in_is_said(monkeypatch, capsys):
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(b"")))
    assert main(["observe", "-", "--baseline", LARGE, "--fine-tuned", SMALL]) == 2
    assert "nothing is piped in" in capsys.readouterr().err


def test_a_folder_stands_for_the_traces_in_it(tmp_path):
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "empty").mkdir()
    rows = calls(cost=0.02)
    write_csv(tmp_path / "a" / "one.csv", rows[:10])
    write_csv(tmp_path / "a" / "b" / "two.csv", rows[10:])
    (tmp_path / "a" / "notes.txt").write_text("no traces")
    found = roi_xl.observe(tmp_path / "a", LARGE, SMALL)
    assert sum(file.taken for file in found.files) == 20
    with pytest.raises(FileProblem, match="holds no traces"):
        roi_xl.observe(tmp_path / "empty", LARGE, SMALL)


def test_a_model_that_is_misspelled_is_asked_for(tmp_path):
    with pytest.raises(RoiError, match=r"no call is of the baseline 'gpt4o'; did you mean gpt-4o\?"):
        roi_xl.observe(write_csv(tmp_path / "t.csv", calls(cost=0.02)), "gpt4o", SMALL)


# a sum that lacks a part


SUM = {"cost": "in_c+out_c"}
BOOK = 1_000 * 2.5e-6 + 100 * 10e-6


def in_parts(parts, **more):
    """20 calls at 0.02, in two columns; of some of the first model's one part is empty."""
    rows = calls(in_c=0.015, out_c=0.005, **more)
    for place, changed in parts.items():
        rows[place] |= changed
    return rows


@pytest.mark.parametrize("part", ["in_c", "out_c"])
def test_a_call_without_a_part_of_its_cost_has_no_known_cost(tmp_path, part):
    """Half of the baseline's calls: their tokens are priced by the book, and both is said."""
    rows = in_parts({place: {part: ""} for place in range(0, 10, 2)})
    found = roi_xl.observe(write_csv(tmp_path / "t.csv", rows), LARGE, SMALL, mapping=SUM)
    assert found.baseline.cost == pytest.approx(5 * 0.02 + 5 * BOOK)
    assert found.fine_tuned.cost == pytest.approx(10 * 0.02)
    assert "5 of 20 calls have no cost in the export" in " ".join(found.warnings)
    (note,) = (note for note in found.warnings if "only a part" in note)
    assert note == (
        f"5 of 20 rows have only a part of the cost 'in_c+out_c' (empty: {part!r} in 5), so that it is not known; "
        f"if empty means 0, end the part's name with ? in --map ({part}?)"
    )


def test_a_call_with_neither_all_of_its_cost_nor_tokens_is_rejected(tmp_path):
    rows = in_parts({0: {"out_c": ""}, 2: {"out_c": "x"}}, tokens=False)
    found = roi_xl.observe(write_csv(tmp_path / "t.csv", rows), LARGE, SMALL, mapping=SUM)
    assert found.baseline.requests == 8
    assert {one.reason: one.rows for one in found.rejects} == {
        "neither tokens nor a cost": 1,
        "cost is not a number": 1,
    }


def test_a_part_that_may_be_empty_is_0(tmp_path):
    """By its mark, with a factor too; a column that is really called so is that column."""
    rows = in_parts({place: {"out_c": ""} for place in range(0, 20, 2)})
    how = {"cost": "(in_c + out_c?)*2"}
    found = roi_xl.observe(write_csv(tmp_path / "t.csv", rows), LARGE, SMALL, mapping=how)
    assert (found.baseline.cost, found.fine_tuned.cost) == (pytest.approx(10 * 0.03), pytest.approx(10 * 0.04))
    assert not [note for note in found.warnings if "only a part" in note or "no cost" in note]
    named = [{"cost?" if name == "out_c" else name: value for name, value in row.items()} for row in rows]
    how = {"cost": "in_c+cost?"}
    found = roi_xl.observe(write_csv(tmp_path / "u.csv", named), LARGE, SMALL, mapping=how)
    assert found.baseline.cost == pytest.approx(10 * BOOK)


def test_parts_within_a_column_are_as_needed_as_columns_and_typed_ones_as_text(tmp_path):
    """JSON lines and Parquet; a pattern is one part, of which any key will do."""
    rows = in_parts({0: {"out_c": None}, 2: {"in_c": None, "out_c": None}})
    inner = [{**row, "costs": {"in": row.pop("in_c"), "out": row.pop("out_c")}} for row in map(dict, rows)]
    for row in inner:
        row["costs"] = {key: value for key, value in row["costs"].items() if value is not None}
    parquet.write_table(pa.Table.from_pylist(rows), tmp_path / "t.parquet")
    for path, place in (
        (tmp_path / "t.parquet", "in_c+out_c"),
        (write_lines(tmp_path / "t.jsonl", inner), "costs.in+costs.out"),
    ):
        found = roi_xl.observe(path, LARGE, SMALL, mapping={"cost": place})
        assert found.baseline.cost == pytest.approx(8 * 0.02 + 2 * BOOK), path
        assert "1 of 20 rows have only a part" in " ".join(found.warnings)


def test_an_empty_part_of_tokens_is_0(tmp_path):
    """Cached tokens that are counted apart: most calls have none."""
    rows = [{**row, "cached": 500 if place < 2 else ""} for place, row in enumerate(calls(cost=0.02))]
    found = observed(tmp_path, rows, input_tokens="input_tokens+cached", cached_tokens="cached")
    assert found.baseline.input_tokens == 10 * 1_000 + 500
    assert not found.rejects


# a few calls that cost most


@pytest.mark.parametrize(("odd", "noted"), [(12, True), (1, True), (40, False)])
def test_a_few_requests_that_make_most_of_the_cost_are_noted(tmp_path, odd, noted):
    """600 calls of each model, of which some of the baseline's cost 10,000 times as much; 40 are not few."""
    rows = calls(1_200, cost=0.0035)
    rows[: 2 * odd : 2] = [{**row, "cost": 35.0} for row in rows[: 2 * odd : 2]]
    found = roi_xl.observe(write_csv(tmp_path / "t.csv", rows), LARGE, SMALL)
    notes = [note for note in found.warnings if "where a usual one costs" in note]
    assert bool(notes) == noted
    if odd == 12:
        assert notes == [
            "12 requests of 600 to the baseline model (2.00%) make 99.5% of its cost: 35 each, where a usual one "
            "costs 0.0035; if that is a mistake, the others cost 0.0035 each"
        ]
    if odd == 1:
        assert "1 request of 600 to the baseline model (0.17%) makes 94.3% of its cost" in notes[0]


@pytest.mark.parametrize(
    ("amounts", "noted"),
    [
        ([1.0] * 98 + [90.0] * 2, False),  # 90 times the usual cost is not 100
        ([1.0] * 98 + [10_000.0] * 2, True),  # agents' runs: dollars, not hundredths of cents
        ([0.0] * 70 + [0.01] * 28 + [0.2] * 2, False),  # what was free is not the usual cost
        ([0.0] * 100, False),
        ([0.01] * 96 + [1.0] * 2 + [40.0] * 2, True),
        ([0.01 * 1.09**place for place in range(100)], False),  # a long tail, without a gap
    ],
)
def test_costs_that_spread_are_not_a_few_odd_ones(tmp_path, amounts, noted):
    rows = calls(200, tokens=False)
    rows = [{**row, "cost": amounts[place // 2] if place % 2 else 0.01} for place, row in enumerate(rows)]
    found = roi_xl.observe(write_csv(tmp_path / "t.csv", rows), LARGE, SMALL)
    notes = [note for note in found.warnings if "where a usual one costs" in note]
    assert [("fine-tuned" in note) for note in notes] == [True] * noted
