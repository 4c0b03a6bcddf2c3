"""Numbers as people type them: 1,000, $5 and 10% at every option that takes a number."""

import json
from pathlib import Path

import pytest

from roi_xl.cli import main

TRACES = Path(__file__).parent / "traces"

SAME = [
    (["sweep", "--grid", "discount_rate=5%,10%"], ["sweep", "--grid", "discount_rate=0.05,0.1"]),
    (["sweep", "--grid", "discount_rate=5%:10%:2.5%"], ["sweep", "--grid", "discount_rate=0.05,0.075,0.1"]),
    (
        ["sweep", "--grid", "monthly_requests=50,000:100,000:25,000"],
        ["sweep", "--grid", "monthly_requests=50000,75_000,$100000"],
    ),
    (["sweep", "{folder}/typed.csv"], ["sweep", "--grid", "monthly_requests=50000,100000"]),
    (["tornado", "net_benefit", "--change", "20%"], ["tornado", "net_benefit", "--change", "0.2"]),
    (
        ["goal-seek", "net_benefit=5,900", "--by", "training_cost", "--between", "$1,000:5,000"],
        ["goal-seek", "net_benefit=5900", "--by", "training_cost", "--between", "1000:5000"],
    ),
    (
        ["goal-seek", "roi=150%", "--by", "baseline_cost_per_request", "--between", "1%:5%"],
        ["goal-seek", "roi=1.5", "--by", "baseline_cost_per_request", "--between", "0.01:0.05"],
    ),
]


@pytest.mark.parametrize(("typed", "plain"), SAME, ids=[" ".join(typed) for typed, _ in SAME])
def test_what_is_typed_means_the_number(templates, tmp_path, typed, plain, capsys):
    (tmp_path / "typed.csv").write_text('monthly_requests\n"50,000"\n$100_000\n')

    def told(arguments):
        command, *rest = (argument.format(folder=tmp_path) for argument in arguments)
        read = ["--read", "net_benefit,net_present_value"] if command == "sweep" else []
        assert main([command, str(templates["native"]), *rest, *read, "--json"]) == 0
        return json.loads(capsys.readouterr().out)

    assert told(typed) == told(plain)


REFUSED = [
    (["sweep", "--grid", "monthly_requests=100,000,200,000"], "so write 100_000 for 100,000, got"),
    (["sweep", "--grid", "months=Base,Low"], "NAME=VALUE,VALUE, with numbers only, got 'months=Base,Low'"),
    (["sweep", "--grid", "months=1:2"], "--grid takes NAME=LOW:HIGH:STEP"),
    (["sweep", "--grid", "months=inf"], "with numbers only, got 'months=inf'"),
    (["sweep", "--samples", "1.5"], "'1.5' is not a whole number"),
    (
        ["sweep", "{folder}/texts.csv"],
        "line 3: months must be a finite number, got 'Base'; a sweep changes numbers only",
    ),
    (["tornado", "net_benefit", "--change", "120%"], "1.2 is not in the range 0<x<=1"),
    (["tornado", "net_benefit", "--change", "much"], "'much' is not a number such as 1000, 1,000 or 10%"),
    (["goal-seek", "net_benefit=nan", "--by", "months"], "the goal must be OUTPUT=VALUE with a number"),
    (["goal-seek", "net_benefit=0", "--by", "months", "--between", "1:2:3"], "--between takes LOW:HIGH, got '1:2:3'"),
]


@pytest.mark.parametrize(("arguments", "message"), REFUSED, ids=[" ".join(arguments) for arguments, _ in REFUSED])
def test_what_is_no_number_is_one_line(templates, tmp_path, arguments, message, capsys):
    (tmp_path / "texts.csv").write_text("months\n1\nBase\n")
    command, *rest = (argument.format(folder=tmp_path) for argument in arguments)
    assert main([command, str(templates["native"]), *rest]) == 2
    said = capsys.readouterr().err
    assert message in said
    assert said.count("\n") == 1


def test_observe_takes_them_too(capsys):
    def told(*options):
        models = ["--baseline", "gpt-4o*", "--fine-tuned", "ft:*"]
        assert main(["observe", str(TRACES / "plain.csv"), *models, *options, "--json"]) == 0
        return json.loads(capsys.readouterr().out)

    typed = told(
        "--monthly-requests", "1,000,000", "--sampled", "50%", "--price", "gpt-4o=$2.5/1.25/10", "--seed", "1_0"
    )
    plain = told("--monthly-requests", "1000000", "--sampled", "0.5", "--price", "gpt-4o=2.5/1.25/10", "--seed", "10")
    assert typed == plain
    assert typed["inputs"]["monthly_requests"] == 1_000_000
