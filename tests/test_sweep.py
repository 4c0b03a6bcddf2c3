"""A workbook over many scenarios: every function against the engine, and every way to ask."""

import numpy as np
import pytest
from openpyxl import Workbook
from sweep_formulas import AS_EXCEL, CELLS, FORMULAS, LEFT_TO_THE_ENGINE

import roi_xl
from roi_xl.excel.values import Vector, plain
from roi_xl.sweeps.evaluate import Evaluator, agrees


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    book = Workbook()
    sheet = book.active
    for address, value in CELLS.items():
        sheet[address] = value
        if isinstance(value, str):
            sheet[address].data_type = "s"
    for row, amount in enumerate(("=-A4", "=A1*10", "=A5*10", "=C3", "=C4"), start=5):
        sheet[f"D{row}"] = amount
    sheet["H1"], sheet["H2"] = "=1/0", 4
    for row, (flow, day) in enumerate((("=-A4*2", 45_000), (40, 45_100), ("=A4", 45_420), ("=A4+A5", 45_800)), start=5):
        sheet[f"H{row}"], sheet[f"I{row}"] = flow, day
    for row in range(1, 6):
        sheet[f"E{row}"] = f'=IF(A{row}>4,"big",A{row})'
    for row, formula in enumerate(FORMULAS, start=1):
        sheet[f"F{row}"] = f"={formula}"
    target = tmp_path_factory.mktemp("sweep") / "functions.xlsx"
    book.save(target)
    roi_xl.open_model(target, trust_engine=True).save(target)  # without values what the engine alone gives is refused
    return target


@pytest.fixture(scope="module")
def model(path):
    return roi_xl.open_model(path)


def scenarios(count):
    """Numbers of every kind: whole, negative, nothing, equal to one another."""
    generator = np.random.default_rng(5)
    columns = [generator.uniform(-3, 12, count) for _ in range(5)]
    columns[0][::3] = np.round(columns[0][::3])
    columns[2][::2] = 0
    columns[3] = generator.uniform(1, 300, count)
    columns[4] = np.round(generator.uniform(1, 9, count))
    columns[0][:5] = columns[4][:5]
    columns[0][-1], columns[1][-1] = 3, -2.5
    return columns


CASES = 60


@pytest.fixture(scope="module")
def engine(path):
    """What the engine gives for every formula, scenario by scenario."""
    model = roi_xl.open_model(path)
    outputs = [model.find(f"Sheet!F{row}") for row in range(1, len(FORMULAS) + 1)]
    evaluator = Evaluator.of(model, [model.find(f"Sheet!A{number}") for number in range(1, 6)], outputs)
    return [evaluator.scenario(values) for values in zip(*scenarios(CASES), strict=True)]


@pytest.mark.parametrize("row", range(len(FORMULAS)), ids=lambda row: FORMULAS[row])
def test_every_function_gives_what_the_engine_gives(model, engine, row):
    inputs, place = [model.find(f"Sheet!A{number}") for number in range(1, 6)], model.find(f"Sheet!F{row + 1}")
    evaluator = Evaluator.of(model, inputs, [place])
    given = scenarios(CASES)
    (column,) = evaluator.columns(given)
    wanted = [values[row] for values in engine]
    if FORMULAS[row] in AS_EXCEL:
        evaluator.check(given, [column], ["F"])
        assert place in model.book.routed
        wanted = [evaluator.scenario(values)[0] for values in zip(*given, strict=True)]
    for case in range(CASES):
        got = plain(column, case) if isinstance(column, Vector) else column
        assert agrees(got, wanted[case]), ([values[case] for values in given], got, wanted[case])
    left = FORMULAS[row] == "A1:A5" or any(name in FORMULAS[row] for name in LEFT_TO_THE_ENGINE)
    assert bool(evaluator.plan.left or evaluator.plan.whole) <= left, list(evaluator.plan.lines())
