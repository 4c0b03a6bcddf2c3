"""Which formulas of a workbook that was made from the template are no longer the template's own?

The template is written once more, in the workbook's depth and currency, and compared formula
by formula, as trees: how a program spells a formula does not matter, nor do the inputs.
"""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from roi_xl.errors import RoiError
from roi_xl.formula.formulas import Formulas, formulas_of
from roi_xl.formula.shapes import Shape
from roi_xl.model import open_model
from roi_xl.quantities import DECISION, EXAMPLE_CURRENCY, HORIZON
from roi_xl.template.build import Depth, Outside, filled_book, input_values, packed, with_its_functions
from roi_xl.template.formulas import FLAVORS
from roi_xl.template.formulas import Formulas as Flavor
from roi_xl.template.layout import (
    CASES,
    CASH_FLOW,
    CHECKS_FLAG,
    LABEL_COLUMN,
    MONTHS_SHOWN,
    PROBABILITY,
    SUBTITLE_ROW,
    SUMMARY,
    used,
)
from roi_xl.template.money import of_scale
from roi_xl.xlsx.addresses import Address
from roi_xl.xlsx.package import read_package
from roi_xl.xlsx.workbook_part import WorkbookPart, read_workbook_part

CURRENCY = re.compile(r"Amounts in ([^;]{1,20});")
SHOWN_MONTHS = re.compile(r"months_used=(\d{1,2})\b")
OWN_NAMES = {CHECKS_FLAG, DECISION.name, used(HORIZON.name)}
MISSING, OVERWRITTEN, CHANGED, MOVED = "missing", "overwritten", "changed", "moved"


@dataclass(frozen=True)
class Differing:
    """A formula of the template that the workbook does not have, what became of it, and what is there instead."""

    place: str
    kind: str
    holds: str
    template: str


@dataclass(frozen=True)
class Contents:
    """What is compared: the formulas and the names of a workbook."""

    part: WorkbookPart
    formulas: Formulas

    def text(self, place: Address) -> str:
        """The formula of a cell, or nothing."""
        return self.formulas.text(place)


def differing(path: str | os.PathLike[str]) -> list[Differing]:
    """Every formula and name of the template that a workbook made from it does not have as it was.

    Args:
        path: a workbook that `roi-xl template` wrote, whatever has been done to it since.

    Returns:
        One entry for each formula that is missing, was overwritten by a value, changed, or moved
        to another cell, in the order of the sheets; for a sheet that is gone, one for all of it.

    Raises:
        RoiError: the workbook was not made from the template.
    """
    package = read_package(path)
    part = read_workbook_part(package)
    if not part.names.keys() >= OWN_NAMES:
        raise RoiError(f"{package.path} was not written by roi-xl template: it has no name {DECISION.name}")
    mine = Contents(part, formulas_of(package, part))
    found = (list(compared(mine, template_of(mine, flavor))) for flavor in FLAVORS)
    return min(found, key=len)


def template_of(mine: Contents, flavor: Flavor) -> Contents:
    """The template in a workbook's depth, currency and first horizon."""
    subtitle = mine.text(Address(SUMMARY, SUBTITLE_ROW, LABEL_COLUMN))
    currency, scale = of_scale(match[1] if (match := CURRENCY.search(subtitle)) else EXAMPLE_CURRENCY)
    values = input_values({HORIZON.name: first_horizon(mine)})
    depth: Depth = "full" if CASES in mine.part.sheets else "quick"
    book = filled_book(values, currency, flavor, depth, Outside({}), scale)
    package = with_its_functions(packed(book, Path("template.xlsx")), flavor)
    part = read_workbook_part(package)
    return Contents(part, formulas_of(package, part))


def first_horizon(mine: Contents) -> int:
    """The horizon that the workbook was made with, which its notes compare with the one of now."""
    for sheet in (SUMMARY, CASH_FLOW):
        for shape in mine.formulas.shapes.get(sheet, []):
            match = SHOWN_MONTHS.search(shape.text)
            if match and 1 <= int(match[1]) <= MONTHS_SHOWN:
                return int(match[1])
    return int(HORIZON.default or 1)


def compared(mine: Contents, template: Contents) -> Iterator[Differing]:
    """Every formula, and every name, that differs."""
    for sheet in template.part.sheets:
        if sheet in mine.part.sheets:
            yield from of_sheet(mine, template, sheet)
        else:
            yield Differing(sheet, MISSING, "", f"a sheet with {len(template.formulas.by_cell[sheet]):,} formulas")
    for name, place in template.part.names.items():
        now = mine.part.names.get(name)
        if now != place:
            yield Differing(name, MISSING if now is None else MOVED, "" if now is None else str(now), str(place))


def of_sheet(mine: Contents, template: Contents, sheet: str) -> Iterator[Differing]:
    """The formulas of one sheet that differ."""
    there, wanted = mine.formulas.by_cell[sheet], template.formulas.by_cell[sheet]
    alike: dict[tuple[int, int], bool] = {}
    elsewhere = {mine.text(Address(sheet, *cell)) for cell in there.keys() - wanted.keys()}
    for cell, shape in sorted(wanted.items()):
        held, place = there.get(cell), Address(sheet, *cell)
        if held is not None and same(held, shape, alike):
            continue
        text = template.text(place)
        if held is not None:
            yield Differing(str(place), CHANGED, f"={mine.text(place)}", f"={text}")
        else:
            value = mine.formulas.sheets[sheet].held(cell)
            gone = MISSING if value is None else OVERWRITTEN
            yield Differing(str(place), MOVED if text in elsewhere else gone, shown(value), f"={text}")


def same(one: Shape, other: Shape, known: dict[tuple[int, int], bool]) -> bool:
    """Whether two formulas say the same of their cells; each pair is compared once."""
    pair = id(one), id(other)
    if pair not in known:
        known[pair] = one.tree == other.tree if one.tree is not None else one.text == other.text
    return known[pair] and one.form is other.form


def shown(value: object) -> str:
    """What a cell holds instead of its formula."""
    return "" if value is None else str(value)


def written_probability(path: Path | str) -> float | None:
    """The probability that a workbook's Risk sheet simulated; none without that sheet."""
    model = open_model(path)
    value = model.value(model.find(PROBABILITY)) if PROBABILITY in model.names else None
    return float(value) if isinstance(value, int | float) else None
