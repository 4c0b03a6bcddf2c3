"""Random formulas: over columns of scenarios, case by case, and by the form of plain values alone, one answer.

A disagreement becomes a row of `disagreements.csv`, with its right answer and its source.
"""

import csv
import json
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from chances import SEED
from formula_helpers import HERE, alike, answer_in, evaluated, settled
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from roi_xl.errors import CannotVectorise, ExcelError
from roi_xl.excel.code import Env
from roi_xl.excel.compiler import Compiler
from roi_xl.excel.library import FUNCTIONS
from roi_xl.excel.special import SPECIAL
from roi_xl.excel.values import Grid, Vector, from_plain, in_scenario
from roi_xl.formula.names import Names
from roi_xl.formula.parser import parse
from roi_xl.sweeps.cells import SweptCells
from roi_xl.xlsx.addresses import Address, parse_address
from roi_xl.xlsx.workbook_part import WorkbookPart

ROUNDS = int(os.environ.get("ROI_XL_FUZZ", "300"))
TABLE = Path(__file__).parent / "disagreements.csv"
FORMULAS = """
    ABS(A1) INT(A1) SIGN(A1) ROUND(A1,B1) ROUNDUP(A1,B1) MOD(A1,B1) A1+B1 A1-B1 A1*B1 A1/B1 A1&B1 A1=B1 A1<B1 A1>=B1
    IF(A1,B1,C1) IFERROR(A1,B1) AND(A1,B1) OR(A1,B1) XOR(A1,B1) AND(A1:C1) OR(A1:C1) NOT(A1) IFS(A1,1,B1,2) LEN(A1)
    LEFT(A1,2) UPPER(A1) TRIM(A1) VALUE(A1) EXACT(A1,B1) ISNUMBER(A1) ISTEXT(A1) ISBLANK(A1) ISERROR(A1) N(A1) T(A1)
    SUM(A1:C1) AVERAGE(A1:C1) COUNT(A1:C1) COUNTA(A1:C1) MAX(A1:C1) MIN(A1:C1) PRODUCT(A1:C1) COUNTBLANK(A1:C1)
    COUNTIF(A1:C1,A1) COUNTIF(A1:C1,"<>"&B1) COUNTIF(A:A,"<>"&B1) SUMIF(A1:C1,">"&B1) AVERAGEIF(A1:C1,"<>1")
    COUNTIFS(A1:C1,"<>5",A1:C1,B1) COUNTIFS(A:A,B1) MATCH(C1,A1:B1,0) XLOOKUP(C1,A1:B1,B1:C1,"none") INDEX(A1:C1,1,B1)
    VLOOKUP(C1,A1:B1,2,FALSE) HLOOKUP(C1,A1:B1,1,B1) YEAR(A1) MONTH(A1) DAY(A1) EOMONTH(A1,B1) EDATE(A1,B1)
    EFFECT(A1,B1) QUOTIENT(A1,B1) GCD(A1:B1) PMT(A1,B1,C1) PV(A1,B1,C1) NPV(A1,B1:C1) COMPLEX(A1,B1) IMABS(A1)
    IMSUM(A1,B1) BESSELI(A1,1) NORM.S.DIST(A1,TRUE) TEXT(A1,"General") TEXT(A1,"0.00") CHOOSE(A1,B1,C1) SMALL(A1:C1,B1)
""".split()
VALUES = st.one_of(
    st.sampled_from([None, True, False, "", "1", "abc", "TRUE", "2024-01-31", " 5 ", "3+4i", ExcelError.NA]),
    st.sampled_from([0.0, 1.0, -1.0, 2.0, 5.0, 45322.0, 0.1, -2.5, 1e-9, 123456.789]),
    st.floats(-1e6, 1e6).map(lambda x: round(x, 4)),
)
CELLS = ("A1", "B1", "C1")


def rows():
    """The cases of the table."""
    with TABLE.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            given_ = json.loads(row["cells"])
            cells = {name: float(v) if type(v) is int else v for name, v in given_.items()}
            yield row["formula"], cells, answer_in(row["answer"])


@pytest.mark.parametrize(("formula", "cells", "answer"), list(rows()))
def test_a_disagreement_has_its_right_answer(formula, cells, answer):
    assert alike(evaluated(formula, cells), answer)
    both = over_columns(formula, [cells, {}])
    assert both is None or alike(both[0], answer)


def over_columns(formula, cases):
    """What a formula gives in each case, its cells being columns; None where it cannot be told."""
    names = sorted({name for cells in cases for name in cells} | {"A1"})
    places = [Address("S", *parse_address(f"S!{name}").within) for name in names]
    columns = [from_plain([cells.get(name) for cells in cases]) for name in names]
    part = WorkbookPart("xl/workbook.xml", {"S": "s"}, (True,), {}, {}, {}, "1900", None, ())
    known = Names(part, {}, {"S": max(place.row for place in places)})
    slots = {place: slot for slot, place in enumerate(places)}
    compiler = Compiler(known, SweptCells(known, slots, lambda place: None), SPECIAL)
    try:
        with np.errstate(all="ignore"):
            result = compiler.formula(parse(formula, HERE.within), HERE, False)(Env(columns))
    except CannotVectorise:
        return None
    return [settled(in_scenario(result, case) if isinstance(result, Vector | Grid) else result) for case in range(2)]


def alone(formula, cells):
    """What a formula gives in one case, in an ordinary cell; None where it cannot be told."""
    try:
        return (evaluated(formula, {**dict.fromkeys(CELLS), **cells}, array=False),)
    except CannotVectorise:
        return None


def plain_only(monkeypatch):
    """Leave each function that is written twice its form of plain values alone."""
    for name, entry in FUNCTIONS.items():
        if entry.fallback is not None:
            monkeypatch.setitem(FUNCTIONS, name, replace(entry, kernel=entry.fallback, kernel_takes=(0, None)))


def same(got, wanted):
    """Whether two answers are one; which of two errors comes first is not asked."""
    both = isinstance(got, ExcelError) and isinstance(wanted, ExcelError)
    return both or alike(got, 0.0 if wanted is None else wanted)


@seed(SEED)
@settings(max_examples=ROUNDS, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(formula=st.sampled_from(FORMULAS), cases=st.lists(st.tuples(VALUES, VALUES, VALUES), min_size=2, max_size=2))
def test_columns_cases_and_plain_values_give_one_answer(formula, cases):
    cells = [dict(zip(CELLS, case, strict=True)) for case in cases]
    single = [alone(formula, one) for one in cells]
    both = over_columns(formula, cells)
    with pytest.MonkeyPatch.context() as patch:
        plain_only(patch)
        plain = [alone(formula, one) for one in cells]
    for case, (one, by_plain) in enumerate(zip(single, plain, strict=True)):
        told = [by_plain, None if both is None else (both[case],)]
        for other in told:
            assert one is None or other is None or same(other[0], one[0]), (
                f"={formula} of {cells[case]}: {one[0]!r}, but {other[0]!r} (all cases: {cells})"
            )


@pytest.mark.parametrize(
    "formula",
    [
        "BESSELJ(8,1)",
        'IMPRODUCT(A1:B1,"i")',
        "XLOOKUP(C1,A1:B1,A1:B1,,-1)",
        "XLOOKUP(C1,A1:A2,A1:A2)",
        "XLOOKUP(2,{1,2,3},{10,20,30},,3)",
        "XMATCH(2,{3;1;2},0,2)",
        'VALUE("23£")',
        'TEXT(0.37,"# ???/?")',
        "DDB(100,10,10,0.5)",
        "DDB(10000,100,2.5,0.5)",
        "FLOOR(1.2,1,2)",
        "SUM(OFFSET(A1,0,0,1,-0.5))",
        "RATE(2.5,0,-1000)",
    ],
)
def test_what_excel_gives_is_not_known_and_nothing_is_guessed(formula):
    with pytest.raises(CannotVectorise):
        evaluated(formula, {"A1": 1.0, "A2": 0.0, "B1": None, "C1": None})
