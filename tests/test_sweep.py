"""A workbook over many scenarios: every function against the engine, and every way to ask."""

import numpy as np
import pytest
from openpyxl import Workbook

import roi_xl
from roi_xl.excel.values import Vector, plain
from roi_xl.sweeps.evaluate import Evaluator, agrees

CELLS = {
    "A1": 3.0,
    "A2": -2.5,
    "A3": 0.0,
    "A4": 120.0,
    "A5": 7.0,
    "B1": "red",
    "B2": "blue",
    "B3": None,
    "B4": True,
    "B5": "12",
    "C1": 10.0,
    "C2": 20.0,
    "C3": 30.0,
    "C4": 40.0,
    "C5": 50.0,
    "D1": 45_000.0,
}
"""A1 to A5 change from scenario to scenario."""

FORMULAS = [
    "RATE(60,-A4,5000)",
    "RATE(12+A5,-200,1500,A1,1)",
    "RATE(36,-A4,2000+A1*10,0,0,0.05)",
    "DDB(10000+A4,900,9,A5)",
    "DDB(10000,900+A4,10,A5,1.5)",
    "DDB(10000,900,5,A5)",
    "DB(10000+A4,900,9,A5)",
    "DB(10000,900+A4,8,A5,7)",
    "DB(10000,900,A5+1,A5,12)",
    "SYD(10000,900+A4,9,A5)",
    "YEARFRAC(D1,D1+INT(A4)*10)",
    "YEARFRAC(D1,D1+INT(A4)*10,2)",
    "YEARFRAC(D1+INT(A5),D1+INT(A4)*9+A5,3)",
    "YEARFRAC(D1+INT(A4),D1,4)",
    "WEEKDAY(D1+INT(A4))",
    "WEEKDAY(D1+INT(A4),2)",
    "WEEKDAY(D1+INT(A4),3)",
    "XIRR(H5:H8,I5:I8)",
    "XIRR(H5:H8,I5:I8,0.2)",
    "A1+A2*A4-A5/3",
    "A1/A3",
    "A3/A1",
    "A1^A3",
    "A2^0.5",
    "A3^0",
    "A3^-1",
    "-A1^2",
    "A1%",
    "50%*A4",
    'A1&"x"&A4',
    "B1&A3",
    "A1=A5",
    "A1>A2",
    "A1>=3",
    "A3<>0",
    'A1="red"',
    'B1="RED"',
    "B1>A1",
    "B4>B1",
    "B3=0",
    'B3=""',
    "A1+B4",
    "A1+B5",
    "A1+B1",
    "A1*1.1=3.3",
    "IF(A1>A5,A1,A5)",
    "IF(A3,1,2)",
    'IF(A3=0,"none",A1/A3)',
    'IF(A1>2,"big",A1)',
    "IF(A1>2,B3,A1)",
    "IF(A1>1000,1)",
    "IF(B1,1,2)",
    "IFERROR(A1/A3,-1)",
    'IFERROR(A4/A1,"bad")',
    "IFNA(MATCH(A1,C1:C5,0),0)",
    'IFS(A1>5,"a",A1>2,"b",TRUE,"c")',
    'SWITCH(ROUND(A1,0),1,"one",3,"three","many")',
    "CHOOSE(MIN(3,MAX(1,INT(A1))),C1,C2,C3)",
    "AND(A1>0,A4>0)",
    "OR(A1>5,A2>0,A3)",
    "NOT(A1>5)",
    "ISERROR(A1/A3)",
    "ISNA(MATCH(A1,C1:C5,0))",
    "ISNUMBER(A1/A3)",
    'ISTEXT(IF(A1>2,"x",1))',
    "NA()",
    "SUM(A1:A5)",
    "SUM(A1:C5)",
    'SUM(A1,B4,TRUE,"3")',
    "SUM(B1:B5)",
    "SUM(C1:C5)*A1",
    "SUM(A1:A3)+SUM(A1:A4)+SUM(A1:A5)",
    "SUM(A1:A5,A1/A3)",
    'SUM(IF(A1>2,"x",1),2)',
    "PRODUCT(A1:A5)",
    "PRODUCT(B1:B2,A1)",
    "SUMPRODUCT(A1:A5,C1:C5)",
    "SUMPRODUCT((A1:A5>2)*C1:C5)",
    "SUMPRODUCT((A1:A5>2)*(C1:C5<40)*A1:A5)",
    "SUMPRODUCT(A1:A5,B1:B5)",
    "AVERAGE(A1:A5)",
    "AVERAGE(B1:B2)",
    "MIN(A1:A5)",
    "MAX(A1:A5,C1)",
    "MIN(B1:B3)",
    "MAX(A1,0)",
    "COUNT(A1:B5)",
    "COUNTA(A1:B5)",
    "MEDIAN(A1:A5)",
    "STDEV(A1:A5)",
    "STDEV.P(A1:A5)",
    "VAR(A1:A5)",
    "PERCENTILE(A1:A5,0.3)",
    "LARGE(A1:A5,2)",
    "SMALL(A1:A5,2)",
    "RANK(A1,A1:A5)",
    "RANK(A1,A1:A5,1)",
    'COUNTIF(A1:A5,">2")',
    "COUNTIF(A1:A5,A1)",
    'COUNTIF(B1:B5,"r*")',
    'COUNTIFS(A1:A5,">0",C1:C5,"<=40")',
    'SUMIF(A1:A5,">0",C1:C5)',
    'SUMIF(A1:A5,"<>0")',
    'SUMIFS(C1:C5,A1:A5,">0",B1:B5,"red")',
    'AVERAGEIF(A1:A5,">0",C1:C5)',
    'SUMIF(A1:A5,">0",C1:C2)',
    "ROUND(A1/7,2)",
    "ROUND(A4*1.005,1)",
    "ROUND(A2,0)",
    "ROUND(A4,-1)",
    "ROUNDUP(A1/7,1)",
    "ROUNDDOWN(A2,0)",
    "TRUNC(A2*1.37,1)",
    "INT(A2)",
    "MOD(A4,A5)",
    "MOD(A2,A1)",
    "MOD(A1,A3)",
    "ABS(A2)",
    "SIGN(A2)",
    "SQRT(A1)",
    "SQRT(A2)",
    "EXP(A1/10)",
    "LN(A4)",
    "LN(A3)",
    "LOG10(A4)",
    "LOG(A4,2)",
    "POWER(A1,2)",
    "CEILING(A1,0.5)",
    "FLOOR(A4,7)",
    "INDEX(C1:C5,MIN(5,MAX(1,INT(A1))))",
    "INDEX(A1:C5,2,3)+A1",
    "MATCH(A4,C1:C5,1)",
    "MATCH(ROUND(A1,0)*10,C1:C5,0)",
    "VLOOKUP(ROUND(A1,0),A1:C5,3,FALSE)",
    "VLOOKUP(A4,C1:D5,1,TRUE)",
    "HLOOKUP(A1,A1:C5,2,FALSE)",
    'XLOOKUP(ROUND(A1,0)*10,C1:C5,A1:A5,"none")',
    "NPV(0.1,A1:A5)",
    "NPV(A1/100,C1:C5)",
    "IRR(A1:A5)",
    "IRR(D5:D9)",
    "MIRR(A1:A5,0.1,0.12)",
    "PMT(A1/1000,12,A4)",
    "PMT(0,12,A4)",
    "PV(A1/100,10,A4)",
    "FV(A1/100,10,-A4,A5)",
    "NPER(A1/1000,-A4,1000)",
    "SLN(A4,A5,3)",
    "IPMT(A1/1000,2,12,A4)",
    "PPMT(A1/1000,2,12,A4)",
    "DATE(2024,A1,A5)",
    "YEAR(D1+A4)",
    "MONTH(D1+A4)",
    "DAY(D1+A4)",
    "EDATE(D1,A1)",
    "EOMONTH(D1,A1)",
    "NORM.DIST(A1,3,2,TRUE)",
    "NORM.INV(0.3,A1,2)",
    "ROI_NET_BENEFIT(A4*10,A1,0.02,0.012,1000*A5,12)",
    "ROI_PERCENT(A1,A2,0.02,0.012,1000,12)",
    "ROI_BREAKEVEN_MONTHS(A4*10,A1*10,0.02,0.012,1000*A5)",
    "ROI_VERDICT(A4*10,A1,0.02,0.012,1000*A5,12)",
    "ROI_NPV(A4*10,A1,0.02,0.012,1000*A5,12,0.1,0.02)",
    "ROI_PAYBACK(A4,A1,0.02,0.012,10000*A5,12)",
    "ROI_IRR(A4*10,A1,0.02,0.012,10000*A5,12)",
    "ROI_COST_PER_REQUEST(A4*10,A5*10,2.5,10,,,0.1)",
    'TEXT(A1,"0.00")',
    "YEARFRAC(D1,D1+A4)",
    "RATE(12,-A4,1000)",
    "DB(1000,A4,5,1)",
    "SUM(OFFSET(A1,0,0,3,1))",
    "AVERAGE(B1:B2,A1)",
    "PRODUCT(F500:F501)",
    "PRODUCT(E1:E5)",
    "SUM(E1:E5)",
    "MIN(E1:E5)",
    "MAX(E1:E5)",
    "AVERAGE(E1:E5)",
    "COUNT(E1:E5)",
    'COUNTIF(E1:E5,"big")',
    'COUNTIF(E1:E5,">3")',
    'COUNTIF(E1:E5,"<>big")',
    'COUNTIF(B1:B5,"")',
    "COUNTIF(B1:B5,TRUE)",
    'COUNTIF(A1:A5,IF(A1>2,">1","<1"))',
    'SUMIF(E1:E5,"big",C1:C5)',
    "SUMIF(B1:B5,B1,A1:A5)",
    "MEDIAN(E1:E5)",
    "MEDIAN(B1:B2)",
    "STDEV(B1:C1)",
    "PERCENTILE(A1:A5,2)",
    "LARGE(A1:A5,9)",
    "SUMPRODUCT(A1:A5,C1:C2)",
    "SUMPRODUCT(E1:E5,C1:C5)",
    "AND(B1:B3,A1>0)",
    "OR(E1:E5)",
    "SUM(INDEX(A1:C5,0,1))",
    "INDEX(A1:C5,MIN(5,MAX(1,INT(A1))),1+(A1>2)*2)",
    "INDEX(C1:C5,9)",
    "MATCH(A4,{50,40,30},-1)",
    'MATCH("b*",B1:B2,0)',
    "MATCH(E1,B1:B2,0)",
    "VLOOKUP(A1,A1:C5,IF(A1>2,3,1),FALSE)",
    "XLOOKUP(A4,C1:C5,A1:A5,0,-1)",
    'XLOOKUP("blue",B1:B5,A1:A5)',
    "NPV(0.1,A1,A2:A5)",
    "IRR(A4:A5)",
    "XNPV(0.1,A1:A2,D1:D2)",
    "FVSCHEDULE(A4,A1:A2)",
    "EXP(A4*10)",
    "ISERR(A1/A3)",
    "ISNONTEXT(E1)",
    "ISLOGICAL(A1>2)",
    "ISBLANK(B3)",
    'IF(A1/A3>1,"x","y")',
    "IFERROR(E1/2,A1)",
    'E1&"!"',
    'E1="BIG"',
    "E1<E2",
    "E1>A1",
    'IF(E1="big",E2,E3)',
    "-E1",
    "E1%",
    "A1:A5",
    "XOR(A1>2,A2>2)",
    "DATE(1800,A1,1)",
    "YEAR(A4)",
    "NORM.DIST(A1,3,-2,TRUE)",
    "NORM.S.INV(A1/20)",
    "NORM.S.DIST(A1,FALSE)",
    "TRUE()",
    "PI()*A1",
    "CHOOSE(A1,C1,C2)",
    "IFS(A1>500,1)",
    "SWITCH(A1,1,2)",
    "NOT(B1)",
    "ROUND(A1,B1)",
    "ROWS(A1:A5)*A1",
    "COLUMNS(A1:C1)*A1",
    "RANK(99,A1:A5)",
    "ROI_TRAINING_COST(A4,A1,A2,A3,A5,1)",
    "ROI_PERCENT(0,0,0.02,A5/1000,1000,12)",
    "ROI_NET_BENEFIT(2500,100,0.02,0.012,100000,12)*A1",
    "SUM(A1:A5)+F600",
    "SUM(C:C)*A1",
    "C1:C400+A1",
    "A1*1E308*A4*1E300",
    "IF(A1*1E308*A4>1,1,2)",
    "IF(A1/A3,A1,2)",
    'IF(A1/A3,"x","y")',
    "IF(A1>2,A1>3,A2>1)",
    "IF(NA(),A1,2)",
    "MATCH(A1,A1:C5,0)",
    "MATCH(A1,C1:C5,IF(A1>2,0,1))",
    'DATE("x",1,A1)',
    "DATE(2000+A1/A3,1,1)",
    'NORM.DIST("x",A1,1,TRUE)',
    "SUM(A1,NA())",
    "SUM(A1:A3,H1)",
    "COUNTIF(H1:H2,A1)",
    "AND(H1,A1>1)",
    "AND(B1:B2)",
    "SUMPRODUCT(A1:A2,H1:H2)",
    "AVERAGE(H1:H2,A1)",
    "LN(A1/A3)",
    "NOT(A1/A3)",
    "MEDIAN(A1,H1)",
    "A1+H1",
    "A1&H1",
    "H1=A1",
    "IFERROR(H1,A1)",
    "MOD(A1/A3,2)",
    "IRR(H1:H2)",
    "MAX(A1/A3,1)",
    "SUM(A1:C5)",
    "INDEX(A1:C5,9,1+0*A1)",
    "VLOOKUP(99,A1:C5,2,FALSE)",
    'COUNTIFS(A1:A5,">0",C1:C2,">0")',
    'A1-"x"',
    '"3"*A1',
    '"5%"+A1',
    'SUM(IF(A1>3,"x",1),1)',
    "ROI_REPORT(A1,1,1,1,1,1)",
]
AS_EXCEL = {
    "A3^0": "0 ^ 0 is #NUM!",
    "A3^-1": "0 ^ -1 is #DIV/0!",
    'A1&"x"&A4': "a number in a text has 15 digits",
    "B1&A3": "a number in a text has 15 digits",
    'E1&"!"': "a number in a text has 15 digits",
    'COUNTIFS(A1:A5,">0",C1:C2,">0")': "ranges of different sizes are #VALUE!",
    "SUMPRODUCT(A1:A5,B1:B5)": "logical values and text in a range count as 0",
}
"""Formulas in which the engine differs from Excel, so that our own functions take its place."""

LEFT_TO_THE_ENGINE = (
    "A1:C5,0)",
    "IF(A1>2,0,1)",
    "ROI_REPORT",
    "C1:C400",
    "C1:C2,",
    "C1:C2)",
    "{",
    "TEXT(",
    "YEARFRAC(",
    "RATE(",
    "DB(",
    "OFFSET(",
    "VLOOKUP(A4,C1:D5",
    "HLOOKUP",
)


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
