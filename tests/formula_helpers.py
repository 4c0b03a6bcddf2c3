"""One formula, evaluated over plain cells by the functions of the registry."""

import csv
from pathlib import Path

import numpy as np

from roi_xl.errors import EXCEL_ERRORS, ExcelError
from roi_xl.excel.code import NOTHING
from roi_xl.excel.compiler import Compiler
from roi_xl.excel.special import SPECIAL
from roi_xl.excel.values import Grid, Vector, plain
from roi_xl.formula.names import Names
from roi_xl.formula.parser import parse
from roi_xl.sweeps.cells import SweptCells
from roi_xl.xlsx.addresses import Address, parse_address
from roi_xl.xlsx.workbook_part import DefinedName, WorkbookPart

HERE = Address("S", 50, 20)


def evaluated(formula, cells=None, here=HERE, array=None, names=()):
    """What a formula gives: a value, or a list of rows; in an ordinary cell, or (the default) as a dynamic array."""
    values = {Address("S", *parse_address(f"S!{cell}").within): value for cell, value in (cells or {}).items()}
    defined = tuple(DefinedName(name, None, text) for name, text in names)
    part = WorkbookPart("xl/workbook.xml", {"S": "s"}, (True,), {}, {}, {}, "1900", None, defined)
    known = Names(part, {}, {"S": max((place.row for place in values), default=1)})
    compiler = Compiler(known, SweptCells(known, {}, values.get), SPECIAL)
    place = "array" if array is None or array else "one"
    with np.errstate(all="ignore"):
        if place == "one":
            return settled(compiler.formula(parse(formula, here.within), here, False)(NOTHING))
        from roi_xl.excel.registry import ARRAY

        return settled(compiler.root(parse(formula, here.within), ARRAY, here)(NOTHING))


def settled(result):
    if isinstance(result, Grid):
        return [[settled(cell) for cell in row] for row in result.rows]
    if isinstance(result, Vector):
        return plain(result, 0)
    if isinstance(result, float) and not np.isfinite(result):
        return ExcelError.NUM
    return result


def answers(folder):
    """Every row of the tables in a folder: the file's name, the formula, and Excel's answer."""
    for path in sorted(Path(folder).glob("*.csv")):
        with path.open(newline="", encoding="utf-8") as file:
            for row in csv.DictReader(file):
                yield path.stem, row["formula"].removeprefix("="), answer_in(row["answer"])


def answer_in(text):
    """An answer as a table has it: a number, "a text", TRUE, an error, or {an,array;of,them}."""
    if text.startswith("{"):
        rows = settled(evaluated(text))
        return rows if len(rows) > 1 or len(rows[0]) > 1 else rows[0][0]
    if text.startswith('"'):
        return text[1:-1].replace('""', '"')
    if text in EXCEL_ERRORS:
        return EXCEL_ERRORS[text]
    return text == "TRUE" if text in ("TRUE", "FALSE") else float(text)


def alike(got, wanted, relative=1e-9):
    """Whether two answers are one; numbers to nine digits, as tables are printed."""
    if isinstance(wanted, list):
        return (
            isinstance(got, list)
            and len(got) == len(wanted)
            and all(len(a) == len(b) and all(map(alike, a, b)) for a, b in zip(got, wanted, strict=True))
        )
    if isinstance(got, list):
        return len(got) == len(got[0]) == 1 and alike(got[0][0], wanted)
    got = 0.0 if got is None else got
    if isinstance(wanted, bool) or isinstance(got, bool) or isinstance(wanted, str | ExcelError):
        return type(got) is type(wanted) and got == wanted
    return isinstance(got, int | float) and abs(got - wanted) <= relative * max(abs(got), abs(wanted))
