"""How fast is a sweep? Ratios, the ways side by side in one run.

A model of 240 formulas (a schedule of 60 months and its results), and the full template:
over arrays, by the engine scenario by scenario, by hand in NumPy, in one process and two.
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from openpyxl import Workbook
from openpyxl.workbook.defined_name import DefinedName

import roi_xl
from roi_xl.functions.distributions import distributed
from roi_xl.sweeps import run, scenarios
from roi_xl.sweeps.evaluate import Evaluator

INPUTS = {
    "training_cost": 2_500,
    "maintenance": 100,
    "baseline": 0.02,
    "tuned": 0.012,
    "requests": 100_000,
    "months": 12,
}
OUTPUTS = ["Out!A2", "Out!A3", "Out!A4", "Out!A5", "Out!A6"]
VARIED = ["requests", "training_cost", "maintenance"]
MANY, FEW = 1_000_000, 1_000
SESSION = Path(__file__).resolve().parent.parent / "tests" / "calc_session.py"


def model_240(path: Path) -> None:
    """Six inputs, a schedule of 60 months in four columns, and its results."""
    book = Workbook()
    sheet = book.active
    sheet.title = "Inputs"
    for row, (name, value) in enumerate(INPUTS.items(), start=1):
        sheet.cell(row, 1, name)
        sheet.cell(row, 2, value)
        book.defined_names[name] = DefinedName(name, attr_text=f"Inputs!$B${row}")
    out, schedule = book.create_sheet("Out"), book.create_sheet("Schedule")
    out["A1"], out["A2"] = "=baseline-tuned", "=A1*requests-maintenance"
    out["A3"] = "=IF(A2>0,training_cost/A2,NA())"
    out["A4"] = "=A2*months-training_cost"
    out["A5"] = "=A4/(training_cost+maintenance*months)"
    out["A6"] = "=SUM(Schedule!D1:D60)-training_cost"
    for month in range(1, 61):
        schedule.cell(month, 1, 1 if month == 1 else f"=A{month - 1}+1")
        schedule.cell(month, 2, f"=IF(A{month}<=months,Out!$A$2,0)")
        schedule.cell(month, 3, f"=SUM(B$1:B{month})-training_cost")
        schedule.cell(month, 4, f"=B{month}/(1.01^A{month})")
    book.save(path)


def by_hand(requests: np.ndarray, training: np.ndarray, maintenance: np.ndarray) -> list[np.ndarray]:
    """The same results as a person would write them in NumPy, chunk by chunk."""
    found = []
    for start in range(0, len(requests), 8_192):
        r, t, m = (column[start : start + 8_192] for column in (requests, training, maintenance))
        saved = (0.02 - 0.012) * r - m
        benefit = saved * 12 - t
        worth = np.zeros(len(r))
        for month in range(1, 61):
            worth += np.where(month <= 12, saved, 0) / 1.01**month
        with np.errstate(divide="ignore"):
            found.append([saved, np.where(saved > 0, t / saved, np.nan), benefit, benefit / (t + m * 12), worth - t])
    return [np.concatenate(parts) for parts in zip(*found, strict=True)]


def timed(function, *arguments):
    """The seconds of the fastest of three calls."""
    best = []
    for _ in range(3):
        started = time.perf_counter()
        function(*arguments)
        best.append(time.perf_counter() - started)
    return min(best)


def engine_rate(evaluator: Evaluator, given: list[np.ndarray], count: int) -> float:
    """Scenarios a second by the engine: inputs put, everything evaluated, outputs read."""
    started = time.perf_counter()
    for case in range(count):
        evaluator.scenario([column[case] for column in given])
    return count / (time.perf_counter() - started)


def quick_engine_rate(evaluator: Evaluator, given: list[np.ndarray], count: int) -> float:
    """The same with only the outputs evaluated, which is the engine's quickest way."""
    engine, plan = evaluator.model.book._engine, evaluator.plan
    started = time.perf_counter()
    for case in range(count):
        for place, column in zip(plan.inputs, given, strict=True):
            engine.set_value(place.sheet, place.row, place.column, float(column[case]))
        for place in plan.outputs:
            engine.evaluate_cell(place.sheet, place.row, place.column)
    return count / (time.perf_counter() - started)


def office_rate(evaluator: Evaluator, given: list[np.ndarray], count: int, path: Path) -> float:
    """Scenarios a second by LibreOffice over UNO; its outputs are those of the sweep."""
    step = {
        "sweep": str(path),
        "inputs": list(map(str, evaluator.plan.inputs)),
        "outputs": list(map(str, evaluator.plan.outputs)),
        "scenarios": [[float(column[case]) for column in given] for case in range(count)],
    }
    environment = {"PATH": "/usr/bin:/bin"}
    task = json.dumps({"steps": [step]})
    done = subprocess.run(
        ["/usr/bin/python3", str(SESSION)], input=task, capture_output=True, text=True, check=True, env=environment
    )
    found = json.loads(done.stdout)
    ours = [column.values for column in evaluator.columns([column[:count] for column in given])]
    np.testing.assert_allclose(np.array(found["values"], float), np.array(ours).T, rtol=1e-9)
    return count / found["seconds"]


def spread(model: roi_xl.Model, names: list[str], count: int) -> list[np.ndarray]:
    """The inputs within 30 % of their values."""
    generator = np.random.default_rng(1)
    return [model.value(model.find(name)) * generator.uniform(0.7, 1.3, count) for name in names]


def small(folder: Path) -> None:
    """The model of 240 formulas."""
    model_240(folder / "240.xlsx")
    model = roi_xl.open_model(folder / "240.xlsx")
    evaluator = Evaluator.of(model, [model.find(n) for n in VARIED], [model.find(n) for n in OUTPUTS])
    given = spread(model, VARIED, MANY)
    seconds = timed(evaluator.columns, given)
    hand = timed(by_hand, *given)
    quick, whole = quick_engine_rate(evaluator, given, FEW * 5), engine_rate(evaluator, given, FEW)
    print(f"240 formulas, a million scenarios: {seconds:.2f} s, {MANY / seconds:,.0f} a second")
    print(f"  {MANY / seconds / quick:,.0f} times the engine's quickest way ({quick:,.0f} a second)")
    print(f"  {MANY / seconds / whole:,.0f} times the engine evaluating all of it ({whole:,.0f} a second)")
    office = office_rate(evaluator, given, FEW, folder / "240.xlsx")
    print(f"  {MANY / seconds / office:,.0f} times LibreOffice over UNO ({office:,.0f} a second)")
    print(f"  {seconds / hand:.2f} times the time of the same by hand in NumPy ({hand:.2f} s)")


def full(folder: Path) -> None:
    """The full template, every sheet between three inputs and the overall flag."""
    roi_xl.build_template(folder / "full.xlsx", depth="full")
    model = roi_xl.open_model(folder / "full.xlsx")
    names = ["monthly_requests", "training_cost", "fine_tuned_cost_per_request"]
    outputs = ["net_present_value", "internal_rate_of_return", "payback", "model_checks"]
    evaluator = Evaluator.of(model, [model.find(n) for n in names], [model.find(n) for n in outputs])
    given = spread(model, names, 50_000)
    seconds = timed(evaluator.columns, given)
    quick, whole = quick_engine_rate(evaluator, given, 100), engine_rate(evaluator, given, 50)
    print(f"full template, {len(evaluator.plan.steps):,} cells that vary: {50_000 / seconds:,.0f} scenarios a second")
    print(f"  {50_000 / seconds / quick:,.0f} times the engine's quickest way ({quick:,.0f} a second)")
    print(f"  {50_000 / seconds / whole:,.0f} times the engine evaluating all of it ({whole:,.0f} a second)")


def two(folder: Path) -> None:
    """One process and two, on draws through the quick template up to its checks, after both have made their plans."""
    roi_xl.build_template(folder / "quick.xlsx")
    model = roi_xl.open_model(folder / "quick.xlsx")
    inputs = [
        distributed("monthly_requests", "PERT", [1e4, 1e5, 3e5]),
        distributed("training_cost", "PERT", [2e3, 3e3, 9e3]),
    ]
    given = scenarios.of_samples(inputs, 12 * scenarios.BATCH, 1, None)
    job = run.job_of(model, given.names, ["net_present_value", "model_checks"])
    rates = []
    for count in (1, 2):
        with run.processes(count) as executor:
            batches = run.swept(job, given, executor, ahead=count)
            for _ in range(2 * count):
                next(batches)
            started = time.perf_counter()
            rates.append(sum(len(found["errors"]) for _, found in batches) / (time.perf_counter() - started))
    print(f"two processes: {rates[1] / rates[0]:.2f} times one ({rates[0]:,.0f} and {rates[1]:,.0f} a second)")


def many(folder: Path, count: int) -> None:
    """Flat memory: many scenarios of a grid, summed up and not kept."""
    model = roi_xl.open_model(folder / "240.xlsx")
    given = scenarios.of_grid({"requests": np.linspace(5e4, 2e5, count // 1_000), "maintenance": np.arange(1_000.0)})
    job = run.job_of(model, given.names, OUTPUTS[1:4])
    started = time.perf_counter()
    done = sum(len(found["errors"]) for _, found in run.swept(job, given))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1_024
    print(f"{done:,} scenarios in {time.perf_counter() - started:,.0f} s, at most {peak:,.0f} MiB")


def main() -> None:
    """Print every ratio; a number of scenarios as argument adds the run for memory."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        small(folder)
        if len(sys.argv) > 1:
            many(folder, int(sys.argv[1]))
            return
        full(folder)
        two(folder)


if __name__ == "__main__":
    main()
