"""What was measured becomes a workbook, by the command; and another engine measures the same."""

import json
import os
import subprocess
import sys

import pyarrow as pa
import pytest
from openpyxl import load_workbook
from pyarrow import parquet
from trace_helpers import GOOD, TRACES, TUNED, look, made_calls, plain, write_csv, write_format

import roi_xl
from roi_xl.cli import main
from roi_xl.quantities import QUANTITIES
from roi_xl.template import layout, risk, summary
from roi_xl.xlsx.addresses import Address

pytestmark = pytest.mark.slow


def observed(*arguments):
    return main(["observe", *map(str, arguments), "--baseline", "gpt-4o", "--fine-tuned", "ft:*"])


def test_the_workbook_takes_its_inputs_from_the_traces(tmp_path, capsys):
    path, book = write_format(tmp_path, "langfuse", made_calls(300, 3)), tmp_path / "case.xlsx"
    arguments = [path, "--sampled", "0.001", "--set", "training_cost=4000", "-o", book]
    assert observed(*arguments) == 0
    said = capsys.readouterr().out
    assert f"wrote {book}" in said
    found = roi_xl.observe(path, "gpt-4o", "ft:*", sampled=0.001, inputs={"training_cost": 4_000})
    model = roi_xl.open_model(book)
    for name in ("baseline_cost_per_request", "fine_tuned_cost_per_request", "monthly_requests"):
        assert model.value(model.find(f"{name}_used")) == pytest.approx(found.inputs[name], rel=1e-12)
    assert model.outputs["net_benefit"] == pytest.approx(found.answers["net_benefit"][0], rel=1e-9)
    assert model.outputs["what_turns_it"] == found.turns
    assert f"{found.turns}\n" in said
    assert model.outputs["model_checks"] == "OK"
    assert main(["check", str(book)]) == 0
    sheets = load_workbook(book)
    assert sheets.sheetnames[:4] == ["Summary", "Inputs", "Traces", "Prices"]
    cells = [cell for row in sheets["Inputs"].iter_rows() for cell in row if isinstance(cell.value, str)]
    assert sum(cell.value.startswith("=Traces!") for cell in cells) == 11
    assert sum(cell.value.startswith("=Prices!") for cell in cells) == 7
    assert sum(cell.value == "Traces sheet, to 2026-09-10" for cell in cells) == 11
    first = book.read_bytes()
    assert observed(*arguments) == 0
    assert book.read_bytes() == first


def test_nothing_in_a_trace_becomes_a_formula(tmp_path):
    evil = "=HYPERLINK(1)"
    rows = [{**GOOD, "model": evil}, {**GOOD, "model": "small", "request_id": "r2"}, {**GOOD, "time": "@SUM(1)"}]
    path = write_csv(tmp_path / "=evil.csv", rows)
    arguments = ["observe", str(path), "--baseline", evil, "--fine-tuned", "small", "--monthly-requests", "1000"]
    assert main([*arguments, "-o", str(tmp_path / "c.xlsx")]) == 0
    sheet = load_workbook(tmp_path / "c.xlsx")["Traces"]
    texts = {cell.value: cell.data_type for row in sheet.iter_rows() for cell in row if cell.value is not None}
    assert texts[evil] == "s"
    assert texts["=evil.csv"] == "s"
    assert any(str(text).startswith("time=@SUM(1)") for text in texts)


def test_the_workbook_says_when_lengths_were_matched_and_costs_assumed(tmp_path):
    assert observed(TRACES / "plain.csv", "--reweight", "-o", tmp_path / "r.xlsx") == 0
    fair = look(TRACES / "plain.csv", "gpt-4o", "ft:*", reweight=True)
    model = roi_xl.open_model(tmp_path / "r.xlsx")
    used = model.value(model.find("fine_tuned_cost_per_request_used"))
    assert used == pytest.approx(fair.fine_tuned.cost_per_request, rel=1e-12)
    azure = ["observe", str(TRACES / "azure.csv"), "--map", "model==gpt-4o", "--baseline", "gpt-4o"]
    azure += ["--fine-tuned", "gpt-4o-mini", "--monthly-requests", "1000"]
    assert main([*azure, "-o", str(tmp_path / "a.xlsx")]) == 0
    texts = [cell.value for row in load_workbook(tmp_path / "a.xlsx")["Traces"].iter_rows() for cell in row]
    assert "The fine-tuned side is assumed: no request went to it yet." in texts


OPTIONS = {"discount_rate": 0.1, "traffic_share": 0.3, "failure_cost": 0.001, "months": 24, "training_cost": 500}


def test_with_options_the_answer_is_that_of_the_cash_flow_everywhere(tmp_path, capsys):
    book, given = tmp_path / "case.xlsx", [f"--set={name}={value}" for name, value in OPTIONS.items()]
    arguments = [TRACES / "plain.csv", "--monthly-requests", 500_000, *given, "-o", book]
    assert observed(*arguments) == 0
    said = capsys.readouterr().out
    found = roi_xl.observe(TRACES / "plain.csv", "gpt-4o", "ft:*", monthly_requests=500_000, inputs=OPTIONS)
    case = {**found.inputs, **found.quality}
    assert {name: values[0] for name, values in found.answers.items()} == {
        "payback": roi_xl.payback(**case),
        "net_present_value": roi_xl.npv(**case),
        "ledger_return": roi_xl.roi_on_investment(**case),
    }
    assert f"{found.verdict}\n" in said
    shown = roi_xl.open_model(book).outputs
    assert shown["decision"] == found.verdict
    assert shown["what_turns_it"] == found.turns
    assert shown["net_present_value"] == pytest.approx(roi_xl.npv(**case), rel=1e-9)
    assert f"Net present value is above 0 with a probability of {found.probability:.1%}" in said
    assert load_workbook(book)["Traces"]["B47"].value == risk.PROBABILITY_LABEL


def test_a_full_workbook_has_one_probability(tmp_path, capsys):
    book = tmp_path / "full.xlsx"
    options = ["--monthly-requests", 200_000, "--depth", "full", "--json", "-o", book]
    assert observed(TRACES / "plain.csv", *options) == 0
    told = json.loads(capsys.readouterr().out.partition("\nwrote")[0])
    model = roi_xl.open_model(book)
    simulated = model.value(model.find("risk_probability"))
    tile = Address("Summary", summary.TILE_ROW + 1, summary.PROBABILITY_COLUMN)
    assert 0.5 < simulated < 1
    assert {told["risk_probability"], model.value(tile), model.value(Address("Traces", 47, 3))} == {simulated}
    assert told["decision"] == model.outputs["decision"]
    assert told["what_turns_it"] == model.outputs["what_turns_it"]
    model.calculate(training_cost=9_999)
    assert model.value(Address("Traces", 47, 3)) == model.value(tile) == "Out of date"


def test_a_full_workbook_and_the_price_sheet_of_a_template(tmp_path):
    assert observed(TRACES / "plain.csv", "--depth", "full", "-o", tmp_path / "full.xlsx") == 0
    model = roi_xl.open_model(tmp_path / "full.xlsx")
    assert model.outputs["model_checks"] == "OK"
    said = {
        sheet: [cell.value for row in load_workbook(tmp_path / "full.xlsx")[sheet].iter_rows() for cell in row]
        for sheet in ("Summary", "Traces", "Risk")
    }
    assert summary.PROBABILITY_LABEL in said["Summary"]
    assert risk.DISCOUNTED in said["Risk"]
    found = roi_xl.observe(TRACES / "plain.csv", baseline="gpt-4o", fine_tuned="ft:*")
    for name in ("baseline_cost_per_request", "fine_tuned_cost_per_request", "monthly_requests"):
        row = layout.SE_ROWS[QUANTITIES[name]]
        ends = [model.value(Address("Sensitivity", row, column)) for column in (layout.SE_LOW, layout.SE_HIGH)]
        assert ends == [pytest.approx(end) for end in found.ranges[name]]
        low, middle, high = (model.value(Address("Risk", risk.ROWS[QUANTITIES[name]], at)) for at in range(3, 6))
        assert (low, high) == ("normal", pytest.approx((ends[1] - ends[0]) / 2.5631031310892))
        assert middle == pytest.approx(found.inputs[name])
    arguments = ["template", str(tmp_path / "t.xlsx"), "--baseline", "gpt-4o", "--fine-tuned", TUNED]
    assert main(arguments) == 0
    sheet = load_workbook(tmp_path / "t.xlsx", data_only=True)["Prices"]
    rows = [[cell.value for cell in row[1:4]] for row in sheet.iter_rows(min_row=7)]
    assert rows[:3] == [["gpt-4o", "input", 2.5], ["gpt-4o", "output", 10], ["gpt-4o", "cached input", 1.25]]
    assert ["gpt-4o-mini-2024-07-18", "training", 3] in rows
    assert main(arguments[:-2]) == 2
    assert main([*arguments[:-1], "no-such-model"]) == 2


def test_mistakes_of_the_command_are_one_line(tmp_path, capsys):
    for arguments, message in [
        ((TRACES / "plain.csv", "-o", tmp_path / "case.csv"), "the workbook is an .xlsx file"),
        ((TRACES / "plain.csv", "--map", "model"), "--map takes FIELD=COLUMN"),
        ((TRACES / "plain.csv", "--backend", "nothing://here"), "cannot be connected to"),
        ((tmp_path / "none.csv",), "matches no file"),
    ]:
        assert observed(*arguments) == 2
        err = capsys.readouterr().err
        assert message in err
        assert err.count("\n") == 1
        assert "Traceback" not in err


SMALL_SPARK = "spark.sql.shuffle.partitions=1&spark.sql.codegen.wholeStage=false&spark.sql.adaptive.enabled=false"
SHORT_LIVED = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Dspark.ui.enabled=false -Dspark.master=local[1]"
"""Settings of Spark and of Java for a few hundred rows: nothing is prepared that would pay off later."""


@pytest.mark.spark
def test_spark_gives_the_same_to_the_last_digit(tmp_path, capsys):
    rows = [plain(call) for call in made_calls(200, 12)]
    guards = [{**row, "model": "guard", "cost": "0.00100000"} for row in rows[::7]]
    parquet.write_table(pa.Table.from_pylist([*guards, *rows]), tmp_path / "t.parquet")
    command = ["observe", str(tmp_path / "t.parquet"), "--baseline", "gpt-4o", "--fine-tuned", "ft:*", "--json"]
    assert main(command) == 0
    ours = json.loads(capsys.readouterr().out)
    spark = [sys.executable, "-m", "roi_xl", *command, "--backend", f"pyspark://roi?{SMALL_SPARK}"]
    environment = {**os.environ, "JAVA_TOOL_OPTIONS": SHORT_LIVED}
    done = subprocess.run(spark, capture_output=True, text=True, check=True, cwd=tmp_path, env=environment)
    theirs = json.loads(done.stdout)
    for found in (ours, theirs):
        for file in found["files"]:
            file["sha256"] = ""
    assert ours == theirs
