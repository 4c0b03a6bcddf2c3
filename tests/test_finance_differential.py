"""Random finance formulas with blanks, texts, errors and dates: our functions, the engine, and LibreOffice.

In the gate the engine is asked, and whatever it is not known to differ in must come out alike. `make fuzz`
asks LibreOffice too: where it and the engine agree, ours must agree. A disagreement becomes a row of
`disagreements.csv` with Excel's answer and its source; then ours is mended, or the engine's list grows.
"""

import os

import pytest
from chances import chance_of
from openpyxl import Workbook
from test_differential import TABLE

from roi_xl.engines.libreoffice import OfficeBook, has_office
from roi_xl.errors import ExcelError
from roi_xl.excel.known import engine_differs
from roi_xl.excel.toolpak import TOOLPAK
from roi_xl.model import open_model
from roi_xl.xlsx.addresses import Address
from roi_xl.xlsx.package import read_package

ROUNDS = int(os.environ.get("ROI_XL_FUZZ", "300"))
AT_ONCE = 2_000
CLOSE = 1e-6
SAME = 1e-9
"""How close two answers are that agree against a third."""
UNREAD = {"2024-01-31", "5%"}
"""Texts that Excel reads as numbers, and others do not."""

READ_BY_FEW = {*UNREAD, "10"}
"""The same, of cells, with what only some programs read."""

ODD = [None, None, "abc", "", True, ExcelError.NA, *sorted(UNREAD), "10", -0.5, 0, 0.5, 1e6]
"""What stands where nobody means it."""

USUAL = {
    "rate": [0.05, 0.08 / 12, 0.12, 0.001, 0.35, 0, -0.02],
    "count": [12, 1, 5, 36, 360, 2.5, 7],
    "small": [1, 2, 3, 4, 2.5],
    "money": [1000, -1000, 250.5, -10000, 100, 95.04287, 0],
    "positive": [1000, 100, 95.04287, 103.2, 10_000],
    "day": [45000, 45322, 45350, 45657, 46022, 46234.75, 43889, 44561],
    "later": [46500, 46752, 47118, 48579, 49000],
    "basis": [0, 1, 2, 3, 4, 5],
    "frequency": [1, 2, 4, 3],
    "flag": [0, 1, 2, True, False],
}
FORMULAS = [
    "PMT rate count money", "PMT rate count money money flag", "PV rate count money money flag",
    "FV rate count money money flag", "NPER rate money money money flag", "RATE count money money",
    "IPMT rate small count money", "PPMT rate small count money money", "CUMIPMT rate count positive small count flag",
    "CUMPRINC rate count positive small count flag", "ISPMT rate small count money",
    "_xlfn.RRI count positive positive",
    "_xlfn.PDURATION rate positive positive", "EFFECT rate small", "NOMINAL rate small", "DOLLARDE money small",
    "DOLLARFR money small", "SLN positive positive count", "SYD positive positive count small",
    "DB positive positive count small", "DDB positive positive count small", "VDB positive positive count small count",
    "PRICE day later rate rate positive frequency basis", "YIELD day later rate positive positive frequency basis",
    "DURATION day later rate rate frequency basis", "MDURATION day later rate rate frequency basis",
    "DISC day later positive positive basis", "INTRATE day later positive positive basis",
    "RECEIVED day later positive rate basis", "PRICEDISC day later rate positive basis",
    "YIELDDISC day later positive positive basis", "PRICEMAT day later day rate rate basis",
    "YIELDMAT day later day rate positive basis", "ACCRINTM day later rate positive basis",
    "TBILLEQ day day rate", "TBILLPRICE day day rate", "TBILLYIELD day day positive",
    "COUPNUM day later frequency basis", "COUPPCD day later frequency basis", "COUPNCD day later frequency basis",
    "COUPDAYS day later frequency basis", "COUPDAYBS day later frequency basis",
    "COUPDAYSNC day later frequency basis", "YEARFRAC day later basis", "DAYS360 day later", "_xlfn.DAYS later day",
    "EDATE day small", "EOMONTH day small", "NETWORKDAYS day later", "WORKDAY day count", "AMORLINC positive day later "
    "positive small rate basis", "NPV rate money money money", "SUM money money money", "AVERAGE money rate count",
    "ROUND money small", "ROUNDUP money small", "MAX money money count", "MIN money rate", "PRODUCT rate money",
    "MOD money count", "INT money", "ABS money", "LN positive", "EXP rate", "SQRT positive",
]  # fmt: skip
KINDS = {name: kinds for name, *kinds in map(str.split, FORMULAS)}
FIRST_PLAIN_DAY = 61
OVER_RANGES = ["NPV(F{r},A{r}:E{r})", "IRR(A{r}:E{r})", "MIRR(A{r}:E{r},F{r},G{r})", "SUM(A{r}:E{r})",
               "AVERAGE(A{r}:E{r})", "STDEV(A{r}:E{r})", "MEDIAN(A{r}:E{r})", "FVSCHEDULE(F{r},A{r}:B{r})"]  # fmt: skip


def written(chance, row):
    """A formula of a row, and the values of the cells that it reads."""
    if chance.random() < 0.15:
        flows = [value(chance, "money") for _ in range(5)]
        return chance.choice(OVER_RANGES).format(r=row), [*flows, value(chance, "rate"), value(chance, "rate")]
    name, *kinds = chance.choice(FORMULAS).split()
    cells = ",".join(f"{column}{row}" for column in "ABCDEFG"[: len(kinds)])
    return f"{name}({cells})", [value(chance, kind) for kind in kinds]


def value(chance, kind):
    """A value of some kind, once in eight times an odd one."""
    return chance.choice(ODD if chance.random() < 0.125 else USUAL[kind])


def workbook(path, seed, count):
    """A formula in every row, with the values that it reads before it."""
    chance = chance_of(seed)
    book = Workbook()
    sheet = book.active
    for row in range(1, count + 1):
        formula, values = written(chance, row)
        for column, one in enumerate(values, start=1):
            if one is ExcelError.NA:
                sheet.cell(row, column).value, sheet.cell(row, column).data_type = str(one), "e"
            elif one is not None:
                sheet.cell(row, column).value = one
        sheet.cell(row, 8).value = f"={formula}"
    book.save(path)
    return path


def alike(one, other, close=CLOSE):
    """Whether two answers are one; which of two errors comes first is not asked, nor what is left near 0."""
    if isinstance(one, ExcelError) or isinstance(other, ExcelError):
        return isinstance(one, ExcelError) and isinstance(other, ExcelError)
    if isinstance(one, str) or isinstance(other, str):
        return one == other
    return abs((one or 0) - (other or 0)) <= close * max(abs(one or 0), abs(other or 0), close)


def read(model, place):
    """The values that a formula reads."""
    return [model.value(Address(place.sheet, place.row, column)) for column in range(1, 8)]


def told(model, place, engine, ours, *third):
    """A disagreement as a person reads it."""
    return f"={model.book.formulas.text(place)} of {read(model, place)}: ours {ours!r}, the engine {engine!r}", *third


def is_told(model, place):
    """Whether Excel's answer is known where others differ.

    Of texts, truths in the ToolPak's functions and first days; of a yield up to the only coupon left, which is
    below -1 by its formula, or over millennia; and of a depreciation from below the salvage value.
    """
    name, values = model.book.formulas.text(place).partition("(")[0], read(model, place)
    days = (one for one, kind in zip(values, KINDS.get(name, ()), strict=False) if kind in ("day", "later"))
    truths = name in TOOLPAK and any(isinstance(one, bool) for one in values)
    far = name == "YIELD" and (values[3] in (1000, 10_000) or 1e6 in values)
    spent = name == "DDB" and all(isinstance(one, float) for one in values[:2]) and values[0] < values[1]
    return truths or far or spent or not READ_BY_FEW.isdisjoint(values) or any(map(is_early, days))


def is_early(day):
    """Whether a day is one of those that Excel counts as no other program does, up to March 1, 1900; or none."""
    return day is None or (not isinstance(day, str | ExcelError) and day < FIRST_PLAIN_DAY)


@pytest.mark.parametrize("seed", range(max(1, ROUNDS // AT_ONCE)))
def test_our_functions_and_the_engine_give_one_answer(tmp_path, seed):
    model = open_model(workbook(tmp_path / "case.xlsx", seed, min(ROUNDS, AT_ONCE)), trust_engine=True)
    found = model.verify()
    surprising = {
        place: pair
        for place, pair in found.different.items()
        if not alike(*pair)
        and not engine_differs(model.book.formulas.shape(place))
        and UNREAD.isdisjoint(read(model, place))
    }
    assert [told(model, place, *pair) for place, pair in surprising.items()] == []
    assert found.verified > 0.9 * found.formulas


@pytest.mark.skipif(ROUNDS < AT_ONCE or not has_office(), reason="LibreOffice takes seconds: make fuzz")
@pytest.mark.parametrize("seed", range(max(1, ROUNDS // AT_ONCE)))
def test_where_the_engine_and_libreoffice_agree_ours_agrees(tmp_path, seed):
    path = workbook(tmp_path / "case.xlsx", seed, AT_ONCE)
    model, office = open_model(path, trust_engine=True), OfficeBook(read_package(path))
    against = [
        told(model, place, *pair, office.value(place))
        for place, pair in model.verify().different.items()
        if not alike(*pair) and alike(pair[0], office.value(place), SAME) and not is_told(model, place)
    ]
    assert against == [], TABLE
